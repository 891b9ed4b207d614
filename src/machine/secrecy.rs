//! Secrets on their way to a server or a process: they are in no text that a person reads.

use std::fmt;

/// A secret's value; it shows itself to nobody.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Holds a value.
    pub fn new(value: impl Into<String>) -> Self {
        Secret(value.into())
    }

    /// The value, for whoever it is sent to.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// A text without the value, and without any line of it: a key of many lines is often cut at one.
    pub fn mask(&self, text: &str) -> String {
        let whole = if self.0.len() < 4 { text.to_owned() } else { text.replace(&self.0, "***") };
        let lines = self.0.lines().map(str::trim).filter(|line| line.len() >= 8);
        lines.fold(whole, |text, line| text.replace(line, "***"))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}
