//! The text as the grammar sees it.
//!
//! In: stretches of the source, one after the other, and where white space was between them. Out: a text with white space
//! only where two tokens would otherwise become one, and for each of its bytes its place in the source. It refuses to know
//! what a token means.

use super::heads::is_letter;

/// Stands in the prepared text where something has been reported.
pub(super) const REPORTED: u8 = 1;

/// Stands in the prepared text where a raw text begins, and where it ends.
pub(super) const RAW: u8 = 2;

/// A text that is being prepared.
#[derive(Debug, Default)]
pub(super) struct Prepared {
    text: Vec<u8>,
    places: Vec<u32>,
    gap: bool,
}

impl Prepared {
    /// With room for as many bytes.
    pub(super) fn with_capacity(bytes: usize) -> Self {
        Self { text: Vec::with_capacity(bytes), places: Vec::with_capacity(bytes), gap: false }
    }

    /// How long it is so far.
    pub(super) fn len(&self) -> usize {
        self.text.len()
    }

    /// White space or a comment stands here.
    pub(super) fn gap(&mut self) {
        self.gap = true;
    }

    /// What follows is not read together with what is there.
    pub(super) fn cut(&mut self) {
        self.gap = false;
    }

    /// Adds what stands in the source from `at` on.
    pub(super) fn put(&mut self, letters: &[u8], at: usize) {
        if self.gap && self.text.last().is_some_and(|last| must_part(*last, letters)) {
            self.text.push(b' ');
            self.places.push(at.saturating_sub(1) as u32);
        }
        self.gap = false;
        if letters == b"}" && self.text.last() == Some(&b'\n') {
            self.text.pop();
            self.places.pop();
        }
        self.text.extend_from_slice(letters);
        self.places.extend(at as u32..(at + letters.len()) as u32);
    }

    /// Adds a raw text that stands in the source from `at` up to `end`: what it holds is nothing to the grammar.
    pub(super) fn raw(&mut self, at: usize, end: usize) {
        self.put(&[RAW], at);
        self.text.push(RAW);
        self.places.push((end - 1) as u32);
    }

    /// Adds a newline that parts what stands in braces.
    pub(super) fn newline(&mut self, at: usize) {
        self.gap = false;
        if !matches!(self.text.last(), Some(b'\n' | b'{') | None) {
            self.text.push(b'\n');
            self.places.push(at as u32);
        }
    }

    /// Replaces all from `from` on, which stood in the source at `at`, by one byte that says that it has been reported.
    pub(super) fn report(&mut self, from: usize, at: usize) {
        self.text.truncate(from);
        self.places.truncate(from);
        self.text.push(REPORTED);
        self.places.push(at as u32);
    }

    /// The text, and where each of its bytes stands in the source.
    pub(super) fn finish(self) -> (String, Vec<u32>) {
        (String::from_utf8(self.text).expect("only whole tokens are put together"), self.places)
    }
}

/// Whether letters would be read as one token with the byte before them, or be taken for what they are not.
fn must_part(last: u8, letters: &[u8]) -> bool {
    let Some(&next) = letters.first() else { return false };
    match next {
        b'%' => is_letter(last),
        b'"' => last == b'"',
        b'.' => last == b'.' || last.is_ascii_digit(),
        b'=' => matches!(last, b'=' | b'<' | b'>' | b'!' | b'.'),
        b'>' => matches!(last, b'-' | b'='),
        b'?' | b'&' | b'|' => last == next,
        b'0'..=b'9' => last == b'.' || is_letter(last),
        _ => is_letter(next) && is_letter(last),
    }
}
