//! Rows in a file, or in a folder of files, against the schema that they are claimed to have: CSV, JSON lines and Parquet, row by row, however
//! large the file.
//!
//! In: what the plan says of the columns, and a file. Out: that everything holds, the first rows where it does not, or why the
//! file cannot be read as rows. It refuses to know which step wrote it, and decides no condition itself: [`crate::gate`] does.

mod cell;
mod commas;
mod faults;
mod header;
mod lines;
mod parquet;
mod parts;
mod walk;

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

use faults::Faults;
use parts::parts;
pub(super) use walk::walk;

use crate::plan::Contract;

/// How much of a file is looked at, at once.
const BLOCK: usize = 1 << 16;

/// What came of it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// Every row is as it should be.
    Holds,
    /// Nobody can say, and why.
    Unreadable(String),
    /// How many faults there are, and the first few.
    Broken(String),
}

/// How rows are written as text.
enum Format {
    Commas,
    Lines,
}

/// Holds every row of a file against its contract; of a folder those of each file, up to the first that breaks it.
pub(super) fn check(contract: &Contract, path: &Path) -> io::Result<Found> {
    let files = match parts(path)? {
        Ok(files) => files,
        Err(why) => return Ok(Found::Unreadable(why)),
    };
    for file in files {
        let of = |told: String| match file.file_name().filter(|_| file != path) {
            Some(name) => format!("{}: {told}", name.display()),
            None => told,
        };
        match checked(contract, &file)? {
            Found::Holds => {}
            Found::Unreadable(why) => return Ok(Found::Unreadable(of(why))),
            Found::Broken(faults) => return Ok(Found::Broken(of(faults))),
        }
    }
    Ok(Found::Holds)
}

fn checked(contract: &Contract, path: &Path) -> io::Result<Found> {
    let mut input = BufReader::with_capacity(BLOCK, File::open(path)?);
    if input.fill_buf()?.starts_with(parquet::MAGIC) {
        return parquet::check(contract, input.into_inner());
    }
    rows(contract, input)
}

/// Rows as text.
fn rows(contract: &Contract, mut input: impl BufRead) -> io::Result<Found> {
    if input.fill_buf()?.starts_with(b"\xef\xbb\xbf") {
        input.consume(3);
    }
    let mut faults = Faults::default();
    match format(input.fill_buf()?) {
        Err(why) => return Ok(Found::Unreadable(why.to_owned())),
        Ok(Format::Commas) => commas::check(contract, input, &mut faults)?,
        Ok(Format::Lines) => lines::check(contract, input, &mut faults)?,
    }
    Ok(faults.told().map_or(Found::Holds, Found::Broken))
}

/// How rows are written as text, by how the file begins: its name says nothing, for an output is called as the step calls it.
fn format(head: &[u8]) -> Result<Format, &'static str> {
    let begins = |length: usize| &head[..head.len().min(length)];
    let is_control = |byte: &u8| *byte < b' ' && !byte.is_ascii_whitespace();
    if head.starts_with(b"PARE") {
        return Err("it is Parquet whose footer is encrypted, and no key is known");
    }
    // Archives, pickles and arrays begin with bytes that no text begins with.
    if begins(4).iter().any(is_control) || begins(16).contains(&0) || matches!(begins(1), [0x80..=0xc1 | 0xf5..]) {
        return Err("it is no text and no Parquet, and only CSV, JSON lines and Parquet are read");
    }
    match head.iter().find(|byte| !byte.is_ascii_whitespace()) {
        Some(b'{') => Ok(Format::Lines),
        Some(b'[') => Err("it is one JSON array, and JSON is read as one object a line"),
        _ => Ok(Format::Commas),
    }
}

#[cfg(test)]
mod tests;
