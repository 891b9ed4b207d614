//! Tokens as a tree: brackets with their elements, items with their parts.
//!
//! In: a file's tokens. Out: its [`Element`]s: items, entries, arguments, and the comments between them. It refuses to
//! know how wide anything is.

use crate::syntax::{Token, TokenKind};

/// What stands on lines of its own, or between commas.
#[derive(Debug, Default)]
pub(super) struct Element<'a> {
    /// Its parts in order; empty for comments that stand alone.
    pub parts: Vec<Part<'a>>,
    /// Comments and documentation on lines of their own before it.
    pub before: Vec<Remark<'a>>,
    /// A comment behind it on its last line.
    pub after: Option<&'a str>,
    /// Whether an empty line stands before it (after the comments before it).
    pub blank: bool,
}

/// A comment on a line of its own.
#[derive(Debug)]
pub(super) struct Remark<'a> {
    pub text: &'a str,
    /// Whether an empty line stands before it.
    pub blank: bool,
}

/// A part of an element.
#[derive(Debug)]
pub(super) enum Part<'a> {
    /// A word, number, text, mark or sign.
    Token(Token<'a>),
    /// `<` or `>` of a type.
    Angle(Token<'a>),
    Bracket(Bracket<'a>),
    /// A comment in the middle: what follows stands on the next line.
    Comment(&'a str),
}

/// Brackets and what stands in them.
#[derive(Debug)]
pub(super) struct Bracket<'a> {
    pub open: &'a str,
    pub elements: Vec<Element<'a>>,
    /// Whether the author put what stands in it on several lines.
    pub broken: bool,
    /// A comment behind the opening bracket on its line.
    pub after_open: Option<&'a str>,
    /// Whether a comma stands before the closing bracket.
    pub trailing_comma: bool,
    /// Whether the opening bracket follows the token before it without a space.
    pub tight: bool,
}

impl Bracket<'_> {
    /// The closing bracket.
    pub(super) fn close(&self) -> &'static str {
        match self.open {
            "(" => ")",
            "[" => "]",
            _ => "}",
        }
    }
}

/// A file's items and the comments around them.
pub(super) fn items<'a>(tokens: &[Token<'a>], starts: &[usize], angles: &[usize]) -> Vec<Element<'a>> {
    let mut reader = Reader { tokens, at: 0, angles };
    let mut list = List::default();
    let place = Place::Items(starts);
    while let Some(token) = reader.peek() {
        if place.begins(&token) {
            list.finish();
        }
        list.part(&mut reader, token, place);
    }
    list.end()
}

/// Where elements stand, which decides where one ends.
#[derive(Clone, Copy)]
enum Place<'t> {
    /// In a file; with where its items begin, their documentation included.
    Items(&'t [usize]),
    /// In braces: at a newline or a comma.
    Braces,
    /// In parentheses or square brackets: at a comma.
    Round,
}

impl Place<'_> {
    /// Whether a token, which is no comment, begins an element by itself.
    fn begins(self, token: &Token) -> bool {
        match self {
            _ if token.kind == TokenKind::Comment => false,
            // `abstract`, or the keyword: in the first column only an item's first word can be one.
            Place::Items(starts) => starts.binary_search(&token.start).is_ok(),
            Place::Braces => token.newlines > 0 && !continues(token),
            Place::Round => false,
        }
    }

    /// Whether the element before a comment ends, given what follows the comments.
    fn ends(self, next: Option<&Token>) -> bool {
        let Some(next) = next else { return true };
        match self {
            Place::Items(_) => self.begins(next),
            _ => next.kind == TokenKind::Close || next.text == "," || matches!(self, Place::Braces) && !continues(next),
        }
    }
}

struct Reader<'a, 't> {
    tokens: &'t [Token<'a>],
    at: usize,
    angles: &'t [usize],
}

impl<'a> Reader<'a, '_> {
    fn peek(&self) -> Option<Token<'a>> {
        self.tokens.get(self.at).copied()
    }

    fn bracket(&mut self, open: Token<'a>, tight: bool) -> Bracket<'a> {
        let place = if open.text == "{" { Place::Braces } else { Place::Round };
        let mut list = List::default();
        let (mut after_open, mut broken, mut comma) = (None, false, false);
        while let Some(token) = self.peek() {
            broken |= token.newlines > 0 && !continues(&token);
            if token.kind == TokenKind::Close {
                self.at += 1;
                break;
            }
            if token.kind == TokenKind::Comment {
                broken = true;
                if token.newlines == 0 && list.is_new() {
                    after_open = Some(token.text);
                    self.at += 1;
                    continue;
                }
            }
            if token.text == "," {
                list.finish();
                comma = true;
                self.at += 1;
                continue;
            }
            if place.begins(&token) {
                list.finish();
            }
            comma &= token.kind == TokenKind::Comment;
            list.part(self, token, place);
        }
        Bracket { open: open.text, elements: list.end(), broken, after_open, trailing_comma: comma, tight }
    }
}

/// Whether a line that begins so belongs to the line before it.
fn continues(token: &Token) -> bool {
    token.kind == TokenKind::Word && token.text == "else"
}

/// Elements while they are gathered.
#[derive(Default)]
struct List<'a> {
    done: Vec<Element<'a>>,
    present: Element<'a>,
}

impl<'a> List<'a> {
    fn is_new(&self) -> bool {
        self.done.is_empty() && self.present.parts.is_empty() && self.present.before.is_empty()
    }

    fn finish(&mut self) {
        if !self.present.parts.is_empty() {
            self.done.push(std::mem::take(&mut self.present));
        }
    }

    /// Takes a token, and with an opening bracket all that stands in it.
    fn part(&mut self, reader: &mut Reader<'a, '_>, token: Token<'a>, place: Place) {
        reader.at += 1;
        if token.kind == TokenKind::Comment {
            return self.comment(reader, token, place);
        }
        if self.present.parts.is_empty() {
            self.present.blank = token.newlines > 1;
        }
        let part = match token.kind {
            TokenKind::Open => {
                let tight = reader.at > 1 && {
                    let before = reader.tokens[reader.at - 2];
                    before.start + before.text.len() == token.start
                };
                Part::Bracket(reader.bracket(token, tight))
            }
            _ if reader.angles.binary_search(&token.start).is_ok() => Part::Angle(token),
            _ => Part::Token(token),
        };
        self.present.parts.push(part);
    }

    fn comment(&mut self, reader: &Reader<'a, '_>, token: Token<'a>, place: Place) {
        let trailing = token.newlines == 0;
        let next = reader.tokens[reader.at..].iter().find(|token| token.kind != TokenKind::Comment);
        if !self.present.parts.is_empty() {
            let comma = next.is_some_and(|next| next.text == ",") && matches!(place, Place::Round);
            match place.ends(next) {
                true if (trailing || comma) && self.present.after.is_none() => {
                    self.present.after = Some(token.text);
                    return;
                }
                true => self.finish(),
                false => {
                    self.present.parts.push(Part::Comment(token.text));
                    return;
                }
            }
        }
        match self.done.last_mut() {
            Some(last) if trailing && last.after.is_none() && self.present.before.is_empty() => {
                last.after = Some(token.text);
            }
            _ => self.present.before.push(Remark { text: token.text, blank: token.newlines > 1 }),
        }
    }

    fn end(mut self) -> Vec<Element<'a>> {
        if !self.present.parts.is_empty() || !self.present.before.is_empty() {
            self.done.push(self.present);
        }
        self.done
    }
}
