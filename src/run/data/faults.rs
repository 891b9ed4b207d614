//! What is wrong with rows: the first few in words, the rest as a number.

use std::fmt;

/// How many are told in words.
const TOLD: usize = 5;

/// Faults, in the order of the rows.
#[derive(Debug, Default)]
pub(super) struct Faults {
    told: Vec<String>,
    count: u64,
}

/// Where a row is: which it is, and the line of a text that it begins on, both from 1.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) row: u64,
    pub(super) line: Option<u64>,
}

impl fmt::Display for Place {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(to, "row {} (line {line})", self.row),
            None => write!(to, "row {}", self.row),
        }
    }
}

impl Faults {
    /// Something about the whole file.
    pub(super) fn whole(&mut self, what: impl FnOnce() -> String) {
        self.count += 1;
        if self.told.len() < TOLD {
            self.told.push(what());
        }
    }

    /// Something about a row.
    pub(super) fn row(&mut self, place: Place, what: &str) {
        self.whole(|| format!("{place}: {what}"));
    }

    /// Something about a value.
    pub(super) fn value(&mut self, place: Place, column: &str, what: &str) {
        self.whole(|| format!("{place}, column {column}: {what}"));
    }

    /// All of it, unless there is nothing.
    pub(super) fn told(self) -> Option<String> {
        let more = self.count - self.told.len() as u64;
        let mut text = match self.count {
            0 => return None,
            1 => "1 fault".to_owned(),
            count => format!("{count} faults"),
        };
        self.told.iter().for_each(|one| text.push_str(&format!("\n    {one}")));
        if more > 0 {
            text.push_str(&format!("\n    and {more} more"));
        }
        Some(text)
    }
}
