//! Rows as CSV: a header with the columns' names, then a row after the other; a quoted value may go over lines.

use std::io::{self, Read};

use csv::{ByteRecord, ReaderBuilder};

use super::faults::{Faults, Place};
use super::{cell, header};
use crate::plan::Contract;

pub(super) fn check(contract: &Contract, input: impl Read, faults: &mut Faults) -> io::Result<()> {
    // A row that is too short is one fault of many, not the end.
    let mut reader = ReaderBuilder::new().has_headers(false).flexible(true).from_reader(input);
    let mut record = ByteRecord::new();
    if !reader.read_byte_record(&mut record)? {
        faults.whole(|| "it is empty: not even a header with the columns' names is there".to_owned());
        return Ok(());
    }
    let width = record.len();
    let names: Vec<_> = record.iter().map(String::from_utf8_lossy).collect();
    let Some(columns) = header::columns(contract, "header", &names, faults) else { return Ok(()) };
    let mut row = 0;
    while reader.read_byte_record(&mut record)? {
        row += 1;
        let place = Place { row, line: record.position().map(csv::Position::line) };
        if record.len() != width {
            faults.row(place, &format!("it has {} values, and the header {width} columns", record.len()));
            continue;
        }
        for (at, column) in &columns {
            let found = match std::str::from_utf8(&record[*at]) {
                Ok(text) => cell::text(column, text),
                Err(_) => Some("its bytes are no UTF-8".to_owned()),
            };
            if let Some(what) = found {
                faults.value(place, &column.field.name, &what);
            }
        }
    }
    Ok(())
}
