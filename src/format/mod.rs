//! The one way to lay out a file.
//!
//! In: a file and what parsing it gave. Out: its text in the house style, or nothing where the file could not be read.
//! It works on tokens, so that no word, text or comment can be lost; the syntax tree tells it where items begin and which
//! `<` opens the arguments of a type. It refuses to know what a name means, and it never changes what the text means.
//!
//! The author decides where lines break: what stands in brackets stays on one line, or on several, as it was written.
//! A line that would be too long is broken at its outermost brackets. Entries that follow each other are aligned.

mod angles;
mod layout;
mod rows;
mod spacing;
#[cfg(test)]
mod tests;
mod tree;

use crate::source::SourceFile;
use crate::syntax::{Parsed, Token, TokenKind, tokens};

/// How long a line may be before it is broken at its brackets.
const LONGEST: usize = 150;

/// The file's text in the house style; nothing if it has faults that make this unsafe.
pub fn format(file: &SourceFile, parsed: &Parsed) -> Option<String> {
    if !parsed.diagnostics.is_empty() {
        return None;
    }
    let angles = angles::angles(&file.text, &parsed.file);
    let tokens = split(tokens(&file.text), &angles);
    let starts = starts(&tokens, parsed);
    let elements = tree::items(&tokens, &starts, &angles);
    Some(layout::file(&elements))
}

/// Where items begin, their documentation left out.
fn starts(tokens: &[Token], parsed: &Parsed) -> Vec<usize> {
    let mut words = tokens.iter().filter(|token| token.kind != TokenKind::Comment).map(|token| token.start).peekable();
    let mut starts = Vec::new();
    for item in &parsed.file.items {
        let start = item.span.start as usize;
        while words.next_if(|word| *word < start).is_some() {}
        starts.extend(words.peek());
    }
    starts
}

/// Tokens in which a `>` that ends the arguments of a type is no part of a `>=`.
fn split<'a>(tokens: Vec<Token<'a>>, angles: &[usize]) -> Vec<Token<'a>> {
    let mut all = Vec::with_capacity(tokens.len());
    for token in tokens {
        if token.text == ">=" && angles.binary_search(&token.start).is_ok() {
            all.push(Token { text: ">", ..token });
            all.push(Token { text: "=", start: token.start + 1, newlines: 0, ..token });
        } else {
            all.push(token);
        }
    }
    all
}
