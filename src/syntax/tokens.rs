//! A file's tokens, for what looks at the text more than at its meaning: the formatter, an editor's colours.
//!
//! In: a text. Out: its words, numbers, texts, signs, brackets and comments, none left out, each with the number of line
//! ends before it. It refuses to know the grammar, and it takes any text: what is no token of the language is a sign.

/// A token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token<'a> {
    /// What it is.
    pub kind: TokenKind,
    /// Its letters.
    pub text: &'a str,
    /// Where it begins.
    pub start: usize,
    /// How many line ends stand between it and the token before it.
    pub newlines: usize,
}

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// A name or a keyword.
    Word,
    /// A number with its unit.
    Number,
    /// `"…"`, `"""…"""`, `r"…"`, with what is interpolated.
    Text,
    /// `@pii`
    Mark,
    /// `(`, `[`, `{`
    Open,
    /// `)`, `]`, `}`
    Close,
    /// An operator or another sign.
    Sign,
    /// `// …`, `/// …`
    Comment,
}

/// A comment without the white space behind it. What documents keeps its spaces and tabs, for it travels to the letter.
pub(super) fn comment(line: &str) -> &str {
    let documents = line.starts_with("///") && !line.starts_with("////");
    if documents { line.trim_end_matches(['\r', '\n']) } else { line.trim_end() }
}

/// Signs of more than one letter, the longest first.
const SIGNS: [&str; 11] = ["..=", "..", "->", "==", "!=", "<=", ">=", "??", "&&", "||", "=>"];

/// A text's tokens.
pub fn tokens(text: &str) -> Vec<Token<'_>> {
    let bytes = text.as_bytes();
    let (mut tokens, mut at, mut newlines) = (Vec::new(), 0, 0);
    while let Some(&byte) = bytes.get(at) {
        if byte.is_ascii_whitespace() {
            newlines += usize::from(byte == b'\n');
            at += 1;
            continue;
        }
        let (kind, end) = token(text, at, byte);
        tokens.push(Token { kind, text: &text[at..end], start: at, newlines });
        (at, newlines) = (end, 0);
    }
    tokens
}

fn token(text: &str, at: usize, byte: u8) -> (TokenKind, usize) {
    let rest = &text[at..];
    match byte {
        b'"' => (TokenKind::Text, at + text_length(rest)),
        b'r' if raw_length(rest).is_some() => (TokenKind::Text, at + raw_length(rest).unwrap_or(1)),
        b'/' if rest.starts_with("//") => (TokenKind::Comment, at + comment(rest.lines().next().unwrap_or(rest)).len()),
        b'0'..=b'9' => (TokenKind::Number, at + number_length(rest)),
        b'(' | b'[' | b'{' => (TokenKind::Open, at + 1),
        b')' | b']' | b'}' => (TokenKind::Close, at + 1),
        b'@' => (TokenKind::Mark, at + 1 + word_length(&rest[1..])),
        b'`' if quoted_length(rest).is_some() => (TokenKind::Word, at + quoted_length(rest).unwrap_or(1)),
        _ if word_length(rest) > 0 => (TokenKind::Word, at + word_length(rest)),
        _ => {
            let sign = SIGNS.iter().find(|sign| rest.starts_with(**sign)).map(|sign| sign.len());
            (TokenKind::Sign, at + sign.unwrap_or_else(|| rest.chars().next().map_or(1, char::len_utf8)))
        }
    }
}

fn word_length(rest: &str) -> usize {
    rest.bytes().take_while(|byte| super::heads::is_letter(*byte)).count()
}

/// The length of a name in backquotes.
fn quoted_length(rest: &str) -> Option<usize> {
    let inside =
        rest[1..].bytes().take_while(|byte| super::heads::is_letter(*byte) || matches!(byte, b'-' | b'.')).count();
    (inside > 0 && rest.as_bytes().get(1 + inside) == Some(&b'`')).then_some(inside + 2)
}

fn number_length(rest: &str) -> usize {
    let bytes = rest.as_bytes();
    let mut end = 0;
    while let Some(&byte) = bytes.get(end) {
        let next = bytes.get(end + 1);
        let in_number = match byte {
            b'.' => next.is_some_and(u8::is_ascii_digit),
            b'+' | b'-' => bytes[end - 1].eq_ignore_ascii_case(&b'e') && next.is_some_and(u8::is_ascii_digit),
            b'%' => true,
            _ => super::heads::is_letter(byte),
        };
        if !in_number {
            break;
        }
        end += 1;
        if byte == b'%' {
            break;
        }
    }
    end
}

fn raw_length(rest: &str) -> Option<usize> {
    let hashes = rest[1..].bytes().take_while(|byte| *byte == b'#').count();
    let opened = rest.get(1 + hashes..)?.strip_prefix('"')?;
    let closing = format!("\"{}", "#".repeat(hashes));
    let length = opened.find(&closing)?;
    Some(2 + hashes + length + closing.len())
}

/// The length of the text at the beginning of `rest`, with everything that it interpolates.
fn text_length(rest: &str) -> usize {
    let bytes = rest.as_bytes();
    // Each open text by its quotes, and how many parentheses are open in what it interpolates.
    let mut open: Vec<(bool, usize)> = Vec::new();
    let mut at = 0;
    let mut inside = false;
    while let Some(&byte) = bytes.get(at) {
        let long = bytes[at..].starts_with(b"\"\"\"");
        match (byte, inside) {
            (b'"', false) => {
                open.push((long, 0));
                (at, inside) = (at + if long { 3 } else { 1 }, true);
            }
            (b'"', true) => {
                let ends = open.last().is_some_and(|(quotes, _)| !quotes || long);
                if ends {
                    at += if open.pop().is_some_and(|(quotes, _)| quotes) { 3 } else { 1 };
                    inside = false;
                    if open.is_empty() {
                        return at;
                    }
                } else {
                    at += 1;
                }
            }
            (b'\\', true) if bytes.get(at + 1) == Some(&b'(') => (at, inside) = (at + 2, false),
            (b'\\', true) => at += 1 + rest[at + 1..].chars().next().map_or(0, char::len_utf8),
            (_, true) => at += 1,
            (b'r', false) if raw_length(&rest[at..]).is_some() => at += raw_length(&rest[at..]).unwrap_or(1),
            (b'(', false) => {
                open.iter_mut().last().into_iter().for_each(|(_, depth)| *depth += 1);
                at += 1;
            }
            (b')', false) => {
                match open.last_mut() {
                    Some((_, depth)) if *depth > 0 => *depth -= 1,
                    _ => inside = true,
                }
                at += 1;
            }
            (_, false) => at += 1,
        }
    }
    rest.len()
}
