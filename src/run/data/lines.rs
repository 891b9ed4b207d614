//! Rows as JSON lines: an object a line, from a column's name to its value.

use std::io::{self, BufRead, Read};

use serde_json::Value as Json;

use super::cell;
use super::faults::{Faults, Place};
use crate::plan::Contract;

/// How long a line may be: what is longer is no row, and must not fill the memory.
const LONGEST: u64 = 1 << 26;

pub(super) fn check(contract: &Contract, mut input: impl BufRead, faults: &mut Faults) -> io::Result<()> {
    let (mut row, mut lines) = (0, 0);
    let mut line = Vec::new();
    loop {
        line.clear();
        if input.by_ref().take(LONGEST).read_until(b'\n', &mut line)? == 0 {
            return Ok(());
        }
        lines += 1;
        if line.trim_ascii().is_empty() {
            continue;
        }
        row += 1;
        let place = Place { row, line: Some(lines) };
        if line.len() as u64 == LONGEST && !line.ends_with(b"\n") {
            faults.row(place, "it is longer than 64 MiB, and nothing after it is read");
            return Ok(());
        }
        object(contract, place, &line, faults);
    }
}

fn object(contract: &Contract, place: Place, line: &[u8], faults: &mut Faults) {
    let fields = match serde_json::from_slice(line.trim_ascii()) {
        Ok(Json::Object(fields)) => fields,
        Ok(_) => return faults.row(place, "it is no JSON object"),
        Err(error) => return faults.row(place, &format!("it is no JSON, at column {} of it", error.column())),
    };
    for column in &contract.columns {
        let name = &column.field.name;
        let found = match fields.get(name) {
            Some(value) => cell::value(column, value),
            None if column.field.optional => None,
            None => Some("it is not there".to_owned()),
        };
        if let Some(what) = found {
            faults.value(place, name, &what);
        }
    }
}
