//! Whether a space stands between two parts of a line.
//!
//! In: what stands before and what follows. Out: yes or no. It refuses to know lines and columns.

use super::tree::Part;
use crate::syntax::{KEYWORDS, Token, TokenKind};

/// The end of a line that is being written, as far as the next space depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Last {
    /// The line, or what stands in brackets, begins here.
    Nothing,
    /// A keyword or an operator: what follows is a value of its own.
    Operator,
    /// A word that begins a statement in some places, and is a name in others.
    Statement,
    /// A sign before a value that belongs to it: `-`, `..` before a value, `@`.
    Prefix,
    /// What a value or a name ends with.
    Operand,
    /// `.`, `..` and `..=` between values.
    Joint,
    /// `<` of a type.
    Angle,
}

/// What is left behind by a part, after what was there before; `first` says that it begins what stands in braces.
pub(super) fn after(last: Last, part: &Part, first: bool) -> Last {
    match part {
        Part::Bracket(_) => Last::Operand,
        Part::Comment(_) => Last::Nothing,
        Part::Angle(token) if token.text == "<" => Last::Angle,
        Part::Angle(_) => Last::Operand,
        Part::Token(token) => match token.kind {
            TokenKind::Sign => after_sign(last, token.text),
            TokenKind::Word if is_operator(last, token, first) => Last::Operator,
            TokenKind::Word if first && KEYWORDS.edge_statements.contains(&token.text) => Last::Statement,
            _ => Last::Operand,
        },
    }
}

fn after_sign(last: Last, sign: &str) -> Last {
    match sign {
        "." => Last::Joint,
        ".." | "..=" if last == Last::Operand => Last::Joint,
        "-" | ".." | "!" if last != Last::Operand => Last::Prefix,
        "?" => Last::Operand,
        _ => Last::Operator,
    }
}

/// Whether a word is one that a value follows.
fn is_operator(last: Last, word: &Token, first: bool) -> bool {
    let text = word.text;
    if last == Last::Joint {
        return false;
    }
    let reserved = KEYWORDS.reserved.contains(&text) && !KEYWORDS.constants.contains(&text);
    let operator = KEYWORDS.operators.contains(&text) && (last == Last::Operand || text == "not");
    let statement = first && (KEYWORDS.propositions.contains(&text) || KEYWORDS.statements.contains(&text));
    reserved || operator || statement
}

/// Whether a space stands before a part.
pub(super) fn before(last: Last, part: &Part) -> bool {
    if matches!(last, Last::Nothing | Last::Prefix | Last::Joint | Last::Angle) {
        return false;
    }
    match part {
        Part::Bracket(bracket) => match bracket.open {
            "{" => true,
            "[" => matches!(last, Last::Operator | Last::Statement),
            _ => last == Last::Operator || last == Last::Statement && !bracket.tight,
        },
        Part::Comment(_) => true,
        Part::Angle(_) => false,
        Part::Token(token) if token.kind == TokenKind::Sign => match token.text {
            "," | ":" | "?" | "." => false,
            ".." | "..=" => last != Last::Operand,
            _ => true,
        },
        Part::Token(_) => true,
    }
}
