//! What has happened in a run, a line of JSON each, from which it can be gone on with.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::cache::Given;
use super::flow::{Ending, Values};

/// A line of the journal.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Line {
    /// The run began, or was gone on with.
    Began {
        /// The run.
        run: String,
        /// Its pipeline.
        pipeline: String,
        /// Its environment.
        environment: String,
        /// Every parameter.
        parameters: Values,
        /// When, in UTC.
        at: String,
    },
    /// A task ended.
    Ended {
        /// Its name in the run.
        task: String,
        /// Which attempt.
        attempt: u32,
        /// What it was found by.
        key: String,
        /// Seconds.
        seconds: f64,
        /// What it gave; none: it failed.
        given: Option<Given>,
        /// Why it failed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        why: Option<String>,
    },
    /// The run ended.
    Over {
        /// How.
        ending: Ending,
        /// What it gives.
        outputs: Values,
    },
}

/// The journal of a run that goes on; nobody else writes to it.
pub(super) struct Journal {
    file: File,
}

impl Journal {
    /// Opens it, and keeps others from it; an error of the kind `WouldBlock`: another process goes on with this run.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let mut file = File::options().create(true).append(true).read(true).open(path)?;
        file.try_lock().map_err(io::Error::from)?;
        // A process that was killed may have left half a line.
        if !fs::read(path)?.ends_with(b"\n") && file.metadata()?.len() > 0 {
            file.write_all(b"\n")?;
        }
        Ok(Self { file })
    }

    /// Adds a line.
    pub(super) fn add(&mut self, line: &Line) -> io::Result<()> {
        let mut text = serde_json::to_vec(line)?;
        text.push(b'\n');
        self.file.write_all(&text)
    }
}

/// What an earlier part of a run has left.
#[derive(Clone, Debug, Default)]
pub struct Earlier {
    /// Its pipeline and its environment.
    pub of: Option<(String, String)>,
    /// Every parameter.
    pub parameters: Values,
    /// When it began.
    pub at: String,
    /// What tasks gave, and what they were found by.
    pub given: BTreeMap<String, (String, Given)>,
    /// The attempts that each task has had.
    pub attempts: BTreeMap<String, u32>,
    /// How it ended, if it did.
    pub ending: Option<Ending>,
}

impl Earlier {
    /// Reads a journal; half a line is none.
    pub fn read(path: &Path) -> io::Result<Self> {
        let mut earlier = Self::default();
        let text = fs::read(path)?;
        for line in text.split(|byte| *byte == b'\n') {
            match serde_json::from_slice(line) {
                Ok(Line::Began { pipeline, environment, parameters, at, .. }) => {
                    earlier.of = Some((pipeline, environment));
                    earlier.parameters = parameters;
                    earlier.ending = None;
                    if earlier.at.is_empty() {
                        earlier.at = at;
                    }
                }
                Ok(Line::Ended { task, attempt, key, given, .. }) => {
                    let next = earlier.attempts.entry(task.clone()).or_default();
                    *next = (*next).max(attempt + 1);
                    if let Some(given) = given {
                        earlier.given.insert(task, (key, given));
                    }
                }
                Ok(Line::Over { ending, .. }) => earlier.ending = Some(ending),
                Err(_) => {}
            }
        }
        Ok(earlier)
    }
}
