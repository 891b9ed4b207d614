//! Names that a host takes: ASCII letters, digits, `_` and `-`, each once.

use std::collections::BTreeSet;

/// Names that are taken.
#[derive(Default)]
pub(crate) struct Names(BTreeSet<String>);

impl Names {
    /// With some that are taken already.
    pub(crate) fn with<'a>(taken: impl IntoIterator<Item = &'a str>) -> Self {
        Self(taken.into_iter().map(str::to_owned).collect())
    }

    /// The name nearest to `text` that is free: it is taken from now on.
    pub(crate) fn claim(&mut self, text: &str) -> String {
        let wanted = plain(text);
        let mut name = wanted.clone();
        let mut number = 2;
        while !self.0.insert(name.clone()) {
            name = format!("{wanted}-{number}");
            number += 1;
        }
        name
    }

    /// The same in the letters of an environment variable.
    pub(crate) fn claim_variable(&mut self, text: &str) -> String {
        let wanted = plain(text).replace('-', "_").to_ascii_uppercase();
        let mut name = wanted.clone();
        let mut number = 2;
        while !self.0.insert(name.clone()) {
            name = format!("{wanted}_{number}");
            number += 1;
        }
        name
    }
}

/// `text` with every letter that a host refuses replaced; two texts may become one, which [`Names`] parts again.
fn plain(text: &str) -> String {
    let mut name = String::new();
    for letter in text.chars() {
        match letter {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '_' | '-' => name.push(letter),
            letter if letter.is_ascii() => name.push('-'),
            letter => name.push_str(&format!("u{:x}", u32::from(letter))),
        }
    }
    if !name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_') {
        name.insert(0, '_');
    }
    name
}

/// The first line of a documentation, without its full stop: a job's or step's name.
pub(crate) fn title_line(documentation: &str) -> String {
    let line = documentation.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or("");
    line.strip_suffix('.').unwrap_or(line).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_ascii_and_stands_once() {
        let mut names = Names::with(["build"]);
        assert_eq!(names.claim("build"), "build-2");
        assert_eq!(names.claim("check-α"), "check-u3b1");
        assert_eq!(names.claim("a b"), "a-b");
        assert_eq!(names.claim("a.b"), "a-b-2");
        assert_eq!(names.claim("5"), "_5");
        assert_eq!(names.claim_variable("VALUES_a-b"), "VALUES_A_B");
    }
}
