//! Rows as Parquet: what the file's schema says of a column, then its values, a row group after the other.
//!
//! In: a file that begins as Parquet. Out: what does not hold, in the order of the rows. Of the file no more is read than the
//! columns of the contract, and no more is held than a page of each.

mod caught;
mod fit;
mod kind;
mod leaf;
mod meaning;
mod rows;
mod shape;
mod walk;

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use caught::caught;
use parquet::basic::Compression;
use parquet::errors::{ParquetError, Result};
use parquet::file::reader::{FileReader, SerializedFileReader};
use rows::Rows;
use shape::Shape;
pub(super) use walk::walk;

use super::faults::{Faults, Place};
use super::{Found, cell, header};
use crate::plan::{Column, Contract};

/// How a file begins, and how it ends.
pub(super) const MAGIC: &[u8] = b"PAR1";

/// A column of the contract in the file.
struct Held<'c> {
    column: &'c Column,
    shape: Shape,
    /// What it holds in place of its type.
    misfit: Option<&'static str>,
    /// Whether that was told: that every further value is wrong too is no news.
    told: bool,
}

pub(super) fn check(contract: &Contract, mut file: File) -> io::Result<Found> {
    let mut faults = Faults::default();
    if !is_whole(&mut file)? {
        faults.whole(|| "it begins as Parquet and does not end as Parquet: it was cut off".to_owned());
    } else {
        match caught(|| read(contract, file, &mut faults)) {
            Ok(None) => {}
            Ok(Some(why)) => return Ok(Found::Unreadable(why)),
            Err(panic) => faults.whole(|| format!("it is damaged: {panic}")),
        }
    }
    Ok(faults.told().map_or(Found::Holds, Found::Broken))
}

/// Whether the end is there too: what was cut off has lost its schema, which comes last.
fn is_whole(file: &mut File) -> io::Result<bool> {
    let least = 2 * MAGIC.len() as u64 + 4;
    if file.metadata()?.len() < least {
        return Ok(false);
    }
    let mut end = [0; MAGIC.len()];
    file.seek(SeekFrom::End(-(MAGIC.len() as i64)))?;
    file.read_exact(&mut end)?;
    Ok(end == MAGIC)
}

/// Holds all rows against the contract; why that cannot be done, if it cannot.
fn read(contract: &Contract, file: File, faults: &mut Faults) -> Option<String> {
    let reader = match SerializedFileReader::new(file) {
        Ok(reader) => reader,
        Err(error) => {
            faults.whole(|| format!("its footer cannot be read: {}", why(error)));
            return None;
        }
    };
    let schema = reader.metadata().file_metadata().schema();
    let names: Vec<_> = schema.get_fields().iter().map(|column| column.name()).collect();
    let columns = header::columns(contract, "schema", &names, faults)?;
    let mut shapes: Vec<_> = Shape::of(schema).into_iter().map(Some).collect();
    let held = columns.into_iter().filter_map(|(at, column)| {
        let shape = shapes.get_mut(at)?.take()?;
        Some(Held { column, misfit: fit::misfit(&column.field.ty, &shape), shape, told: false })
    });
    let mut held: Vec<_> = held.collect();
    let shapes: Vec<_> = held.iter().map(|held| &held.shape).collect();
    if let Some(why) = shut(&shapes, &reader) {
        return Some(why);
    }
    let mut row = 0;
    for group in 0..reader.num_row_groups() {
        if let Err(error) = rows(&mut held, &reader, group, &mut row, faults) {
            let place = Place { row: row + 1, line: None };
            faults.row(place, &format!("it cannot be read, nor what comes after it: {}", why(error)));
            break;
        }
    }
    None
}

/// Why a column that is wanted is kept from whoever reads it, if one is.
fn shut(shapes: &[&Shape], reader: &SerializedFileReader<File>) -> Option<String> {
    let leaves = || shapes.iter().flat_map(|shape| shape.leaves());
    let groups = reader.metadata().row_groups().iter();
    let mut columns = groups.flat_map(|group| leaves().filter_map(|(at, _)| group.columns().get(at)));
    columns.find_map(|column| match (column.crypto_metadata(), column.compression()) {
        (Some(_), _) => Some("it is Parquet of which a column is encrypted, and no key is known".to_owned()),
        (None, Compression::BROTLI(_)) => {
            Some("it is Parquet that is compressed by Brotli, which is not read".to_owned())
        }
        (None, Compression::LZO) => Some("it is Parquet that is compressed by LZO, which is not read".to_owned()),
        _ => None,
    })
}

fn rows(
    held: &mut [Held],
    reader: &SerializedFileReader<File>,
    group: usize,
    row: &mut u64,
    faults: &mut Faults,
) -> Result<()> {
    let group = reader.get_row_group(group)?;
    let mut rows = Rows::open(&*group, held.iter().map(|held| &held.shape))?;
    for _ in 0..group.metadata().num_rows() {
        if held.iter().all(|held| held.told) {
            break;
        }
        let place = Place { row: *row + 1, line: None };
        for held in held.iter_mut().filter(|held| !held.told) {
            held.check(&mut rows, place, faults)?;
        }
        *row += 1;
    }
    Ok(())
}

impl Held<'_> {
    /// Holds the next value against the column.
    fn check(&mut self, rows: &mut Rows, place: Place, faults: &mut Faults) -> Result<()> {
        let (name, ty) = (&self.column.field.name, &self.column.field.ty);
        if let Some(holds) = self.misfit
            && !rows.is_null(&self.shape)?
        {
            self.told = true;
            faults.whole(|| format!("column {name}: it holds {holds}, and a `{ty}` is wanted"));
            return Ok(());
        }
        let found = match rows.next(&self.shape)? {
            Ok(value) => cell::value(self.column, &value),
            Err(wrong) => Some(wrong.to_owned()),
        };
        if let Some(what) = found {
            faults.value(place, name, &what);
        }
        Ok(())
    }
}

fn why(error: ParquetError) -> String {
    match error {
        ParquetError::General(why) | ParquetError::NYI(why) | ParquetError::EOF(why) => why,
        error => error.to_string(),
    }
}

#[cfg(test)]
mod tests;
