//! Texts: escapes, interpolations, the common indentation of several lines.

use super::{Build, is_reported};
use crate::ast::{Expr, ExprKind, Name, TextPart};
use crate::diagnostics::report;
use crate::source::Span;
use crate::syntax::grammar::{Node, Nodes, Rule};

/// A part of a text as it is written.
enum Piece<'i> {
    /// Letters, and where they begin in the parsed text.
    Letters(&'i str, usize),
    Value(Expr),
}

impl Build<'_> {
    /// `"…"` or `"""…"""`
    pub(super) fn text(&mut self, node: Node) -> Expr {
        let span = self.span(&node);
        let long = node.as_str().starts_with("\"\"\"");
        let mut pieces = self.pieces(node, if long { 3 } else { 1 });
        if long {
            unindent(&mut pieces);
        }
        let mut parts: Vec<TextPart> = Vec::new();
        for piece in pieces {
            match piece {
                Piece::Value(value) => parts.push(TextPart::Expr(value)),
                Piece::Letters(letters, at) => {
                    let read = self.unescape(letters, at);
                    match parts.last_mut() {
                        _ if read.is_empty() => {}
                        Some(TextPart::Literal(before)) => before.push_str(&read),
                        _ => parts.push(TextPart::Literal(read)),
                    }
                }
            }
        }
        Expr { kind: ExprKind::Text(parts), span }
    }

    /// A text that may hold no value, such as a path or a title: the text without its quotes.
    pub(super) fn plain_text(&mut self, node: Node) -> Name {
        let expr = self.text(node);
        let mut text = String::new();
        if let ExprKind::Text(parts) = expr.kind {
            for part in parts {
                match part {
                    TextPart::Literal(letters) => text.push_str(&letters),
                    TextPart::Expr(value) => self.say(
                        report::bad_syntax(value.span, "this text holds no value")
                            .help("Write it out: it is read before anything has a value."),
                    ),
                }
            }
        }
        Name { text, span: expr.span }
    }

    /// `r"…"`, `r#"…"#`
    pub(super) fn raw_text(&self, node: &Node) -> Expr {
        let span = self.span(node);
        let written = self.text_of(span);
        let hashes = written[1..].bytes().take_while(|byte| *byte == b'#').count();
        let text = &written[2 + hashes..written.len() - 1 - hashes];
        Expr { kind: ExprKind::RawText(text.to_string()), span }
    }

    fn pieces<'i>(&mut self, node: Node<'i>, quotes: usize) -> Vec<Piece<'i>> {
        let (input, whole) = (node.get_input(), node.as_span());
        let mut from = whole.start() + quotes;
        let mut height = 0;
        let mut pieces = Vec::new();
        for inner in Nodes::of(node).filter(|inner| inner.as_rule() == Rule::interpolation) {
            let place = inner.as_span();
            pieces.push(Piece::Letters(&input[from..place.start()], from));
            from = place.end();
            pieces.push(Piece::Value(self.interpolation(inner)));
            height = height.max(self.height);
        }
        pieces.push(Piece::Letters(&input[from..whole.end() - quotes], from));
        self.height = height + 1;
        pieces
    }

    fn interpolation(&mut self, node: Node) -> Expr {
        let (span, silent, before) = (self.span(&node), is_reported(&node), self.diagnostics.len());
        let mut nodes = Nodes::of(node);
        let value = match nodes.accept(Rule::expr) {
            Some(expr) => self.expr(expr),
            None => {
                if !silent && nodes.peek().is_none() {
                    self.say(
                        report::bad_syntax(span, "`\\(` holds no value")
                            .help("For the letters themselves write `\\\\(`."),
                    );
                }
                self.height = 1;
                self.error(span)
            }
        };
        self.junk(&mut nodes, before, "the value");
        value
    }

    /// Letters with their escapes replaced.
    fn unescape(&mut self, letters: &str, at: usize) -> String {
        let mut read = String::with_capacity(letters.len());
        let mut rest = letters;
        while let Some(next) = rest.find(['\\', '\r']) {
            read.push_str(&rest[..next]);
            let here = at + (letters.len() - rest.len()) + next;
            rest = &rest[next..];
            if let Some(after) = rest.strip_prefix('\r') {
                rest = after;
                if !rest.starts_with('\n') {
                    read.push('\r');
                }
                continue;
            }
            rest = self.escape(&rest[1..], here, &mut read);
        }
        read.push_str(rest);
        read
    }

    /// What follows a backslash at `at`; gives what follows the escape.
    fn escape<'t>(&mut self, after: &'t str, at: usize, read: &mut String) -> &'t str {
        let Some(letter) = after.chars().next() else { return after };
        let rest = &after[letter.len_utf8()..];
        match letter {
            'n' => read.push('\n'),
            't' => read.push('\t'),
            '\\' | '"' => read.push(letter),
            'u' => return self.code_point(rest, at, read),
            _ => {
                let span = self.span_between(at, at + 1 + letter.len_utf8());
                let shown: String = letter.escape_debug().collect();
                self.bad_escape(span, format!("`\\{shown}` is no escape"));
                read.push(letter);
            }
        }
        rest
    }

    /// `\u{1F600}`
    fn code_point<'t>(&mut self, after: &'t str, at: usize, read: &mut String) -> &'t str {
        let digits = after.strip_prefix('{').and_then(|rest| rest.split_once('}'));
        let found = digits.and_then(|(digits, rest)| {
            let code = u32::from_str_radix(digits, 16).ok().filter(|_| !digits.starts_with('+'))?;
            Some((char::from_u32(code)?, rest))
        });
        match found {
            Some((letter, rest)) => {
                read.push(letter);
                rest
            }
            None => {
                let span = self.span_between(at, at + 2);
                self.bad_escape(span, "`\\u` names no letter".to_string());
                after
            }
        }
    }

    fn bad_escape(&mut self, span: Span, message: String) {
        self.say(report::bad_escape(span, message).help(
            "The escapes are `\\n`, `\\t`, `\\\\`, `\\\"`, `\\u{…}` and `\\(value)`; a raw text, `r\"…\"`, has none.",
        ));
    }
}

/// Removes the first line if it is blank, the last if it is, and the indentation that all others share.
fn unindent(pieces: &mut Vec<Piece>) {
    let shared = indentation(pieces);
    let last = pieces.len() - 1;
    let mut line_start = false;
    let mut lines: Vec<Piece> = Vec::new();
    for (index, piece) in std::mem::take(pieces).into_iter().enumerate() {
        let Piece::Letters(mut letters, mut at) = piece else {
            line_start = false;
            lines.push(piece);
            continue;
        };
        if index == 0
            && let Some(rest) = after_blank_line(letters)
        {
            at += letters.len() - rest.len();
            (letters, line_start) = (rest, true);
        }
        if index == last
            && let Some(newline) = letters.rfind('\n').filter(|at| letters[*at..].trim().is_empty())
        {
            letters = letters[..newline].strip_suffix('\r').unwrap_or(&letters[..newline]);
        } else if index == last && line_start && letters.trim().is_empty() {
            letters = "";
        }
        for line in letters.split_inclusive('\n') {
            let blank = line.len() - line.trim_start_matches([' ', '\t']).len();
            let cut = if line_start { blank.min(shared) } else { 0 };
            lines.push(Piece::Letters(&line[cut..], at + cut));
            at += line.len();
            line_start = line.ends_with('\n');
        }
    }
    *pieces = lines;
}

fn after_blank_line(letters: &str) -> Option<&str> {
    let (line, rest) = letters.split_once('\n')?;
    line.trim().is_empty().then_some(rest)
}

/// How far every line that is not blank is indented at least; what stands beside the opening quotes does not count.
fn indentation(pieces: &[Piece]) -> usize {
    let mut least = usize::MAX;
    for (index, piece) in pieces.iter().enumerate() {
        let Piece::Letters(letters, _) = piece else { continue };
        let ends_line = index + 1 == pieces.len();
        let mut lines = letters.split('\n').skip(1).peekable();
        while let Some(line) = lines.next() {
            let blank = line.len() - line.trim_start_matches([' ', '\t']).len();
            let is_blank = line.trim().is_empty() && (lines.peek().is_some() || ends_line);
            if !is_blank {
                least = least.min(blank);
            }
        }
    }
    if least == usize::MAX { 0 } else { least }
}
