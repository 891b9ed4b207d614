//! Every row of a file as values, for whoever measures them.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use serde_json::Value as Json;

use super::cell;
use super::{BLOCK, Format, format, parquet, parts::parts};
use crate::model::Value;
use crate::plan::Contract;

/// Shows every row of a file of CSV, JSON lines or Parquet, or of a folder of such files, at most so many: a value for each column of the contract, `None` where there is
/// none, unknown where it is none of the column's type. The error says why the file cannot be read as rows.
pub(in crate::run) fn walk(
    contract: &Contract,
    path: &Path,
    most: Option<u64>,
    see: &mut dyn FnMut(&mut [Value]),
) -> Result<(), String> {
    let files = parts(path).map_err(said)??;
    let mut left = usize::try_from(most.unwrap_or(u64::MAX)).unwrap_or(usize::MAX);
    for file in files {
        let mut seen = 0;
        let mut count = |row: &mut [Value]| {
            seen += 1;
            see(row);
        };
        walked(contract, &file, left, &mut count)?;
        left = left.saturating_sub(seen);
    }
    Ok(())
}

fn said(error: std::io::Error) -> String {
    format!("it cannot be read: {error}")
}

fn walked(contract: &Contract, path: &Path, most: usize, see: &mut dyn FnMut(&mut [Value])) -> Result<(), String> {
    let mut input = BufReader::with_capacity(BLOCK, File::open(path).map_err(said)?);
    if input.fill_buf().map_err(said)?.starts_with(parquet::MAGIC) {
        return parquet::walk(contract, input.into_inner(), most, see);
    }
    if input.fill_buf().map_err(said)?.starts_with(b"\xef\xbb\xbf") {
        input.consume(3);
    }
    match format(input.fill_buf().map_err(said)?)? {
        Format::Commas => commas(contract, input, most, see).map_err(|error| format!("it cannot be read: {error}")),
        Format::Lines => lines(contract, input, most, see),
    }
}

fn commas(
    contract: &Contract,
    input: impl BufRead,
    most: usize,
    see: &mut dyn FnMut(&mut [Value]),
) -> Result<(), csv::Error> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(input);
    let header = reader.byte_headers()?.clone();
    let place = |name: &str| header.iter().position(|other| other == name.as_bytes());
    let places: Vec<Option<usize>> = contract.columns.iter().map(|column| place(&column.field.name)).collect();
    for record in reader.byte_records().take(most) {
        let record = record?;
        let value = |(column, place): (_, &Option<usize>)| {
            let Some(bytes) = place.and_then(|at| record.get(at)) else { return Value::None };
            std::str::from_utf8(bytes).map_or(Value::Unknown, |text| cell::of_text(column, text))
        };
        see(&mut contract.columns.iter().zip(&places).map(value).collect::<Vec<_>>());
    }
    Ok(())
}

fn lines(
    contract: &Contract,
    input: impl BufRead,
    most: usize,
    see: &mut dyn FnMut(&mut [Value]),
) -> Result<(), String> {
    let is_row = |line: &Result<String, _>| line.as_ref().map_or(true, |line| !line.trim().is_empty());
    for (at, line) in input.lines().filter(is_row).take(most).enumerate() {
        let line = line.map_err(|error| format!("row {} cannot be read: {error}", at + 1))?;
        let row: serde_json::Map<String, Json> =
            serde_json::from_str(&line).map_err(|_| format!("row {} is no JSON object", at + 1))?;
        let value = |column: &crate::plan::Column| {
            row.get(&column.field.name).map_or(Value::None, |json| cell::of_json(column, json))
        };
        see(&mut contract.columns.iter().map(value).collect::<Vec<_>>());
    }
    Ok(())
}
