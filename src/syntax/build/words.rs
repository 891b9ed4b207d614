//! What is said of what the catch-all rules matched: rules never reach a user, words do.

use super::Build;
use crate::diagnostics::{Diagnostic, did_you_mean, report};
use crate::source::Span;
use crate::syntax::grammar::{Node, Rule};
use crate::syntax::keywords::KEYWORDS;

/// What a rule is called by people.
pub(super) fn name_of(rule: Rule) -> &'static str {
    match rule {
        Rule::word => "a name",
        Rule::expr | Rule::head => "a value",
        Rule::type_expr | Rule::plain_type | Rule::type_argument => "a type",
        Rule::text => "a text in double quotes",
        Rule::entries => "`{` and its fields",
        Rule::columns => "`{` and its columns",
        Rule::variants => "`{` and its variants",
        Rule::block => "`{` and what is to be done",
        Rule::propositions => "`{` and what must hold",
        Rule::edges => "`{` and the edges",
        Rule::edge_block => "`{` and what is to be done",
        Rule::import_names => "`{` and the names that are imported",
        Rule::parameters => "`(` and its parameters",
        Rule::reactions => "`{` and what is to be done",
        Rule::in_word => "`in`",
        Rule::of_word => "`of`",
        Rule::on_word => "`on`",
        Rule::arrow => "`->`",
        Rule::colon => "`:`",
        Rule::equals => "`=`",
        Rule::mark => "a mark such as `@pii`",
        _ => "something else",
    }
}

impl Build<'_> {
    /// Says that something is missing at a place.
    pub(super) fn missing(&mut self, rule: Rule, at: Span, of: &str) {
        let what = name_of(rule);
        let diagnostic = report::bad_syntax(at, format!("{what} is missing {of}"));
        self.say(diagnostic);
    }

    /// What to say of something that nothing expected; `after` names what stands before it.
    pub(super) fn unexpected(&self, node: &Node, after: &str) -> Diagnostic {
        let span = self.first_word(self.span(node));
        let found = self.text_of(span);
        let place = if after.is_empty() { String::new() } else { format!(" after {after}") };
        let plain = report::bad_syntax(span, format!("`{found}` was not expected{place}"));
        match found {
            "=" => report::bad_syntax(span, "`=` compares nothing").help("Did you mean `==`?").fix(
                "write `==`",
                span,
                "==",
            ),
            "!" => plain.help("Write `not` before what is to be negated."),
            _ => match self.quantity(span, found) {
                Some(diagnostic) => diagnostic,
                None if KEYWORDS.items.contains(&found) => plain.help("An item begins in the first column."),
                None => plain,
            },
        }
    }

    /// `30 min`: a number and a unit with a space between.
    fn quantity(&self, unit: Span, word: &str) -> Option<Diagnostic> {
        let before = &self.source[..unit.start as usize];
        let number = before.trim_end_matches([' ', '\t']);
        let space = Span { start: number.len() as u32, end: unit.start, ..unit };
        let written = number.rsplit(|letter: char| !letter.is_ascii_digit() && !"._".contains(letter)).next()?;
        let is_unit = word == "%" || word.chars().all(char::is_alphabetic);
        if written.is_empty()
            || !written.starts_with(|letter: char| letter.is_ascii_digit())
            || !is_unit
            || space.start == space.end
        {
            return None;
        }
        let span = Span { start: (number.len() - written.len()) as u32, ..unit };
        Some(report::bad_syntax(span, format!("a quantity is written without a space: `{written}{word}`")).fix(
            format!("write `{written}{word}`"),
            space,
            "",
        ))
    }

    /// The first word or sign of a stretch.
    pub(super) fn first_word(&self, span: Span) -> Span {
        let text = self.text_of(span);
        let letters = text.chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').map(char::len_utf8);
        let length = match letters.sum() {
            0 => match text.char_indices().nth(1) {
                Some((length, _)) => length + usize::from(text.starts_with("->") || text.starts_with("=>")),
                None => text.len(),
            },
            length => length,
        };
        Span { end: span.start + length as u32, ..span }
    }

    /// What of these a word was probably meant to be, as a help and a fix.
    pub(super) fn suggest(&self, diagnostic: Diagnostic, word: &str, span: Span, of: &[&'static str]) -> Diagnostic {
        match did_you_mean(word, of.iter().copied()) {
            Some(meant) => {
                diagnostic.help(format!("Did you mean `{meant}`?")).fix(format!("write `{meant}`"), span, meant)
            }
            None => diagnostic,
        }
    }
}
