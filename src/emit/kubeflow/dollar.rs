//! `$` in a command: Kubernetes replaces `$(NAME)` by a variable and makes `$$` one `$` before the container sees it.
//!
//! In: letters as the container must see them. Out: letters as Kubernetes must be given them, and the way back. A `$(…)` that names
//! no variable stays as it is, as Kubernetes leaves it, so that a shell's own `$(dirname "$1")` is not spoilt.

/// A part of a word as Kubernetes is given it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Letters, as the container sees them.
    Text(String),
    /// `$(NAME)`
    Variable(String),
    /// Letters that nobody would write so: a `$$` of which Kubernetes makes one.
    Verbatim(String),
}

/// The letters, written so that the container sees them.
pub fn write(text: &str) -> String {
    let mut written = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        written.push_str(&rest[..at]);
        let (sign, after) = sign(&rest[at..]);
        match sign {
            Sign::Dollars => written.push_str("$$$$"),
            Sign::Variable(name) => written.push_str(&format!("$$({name})")),
            Sign::Letters(letters) => written.push_str(letters),
        }
        rest = after;
    }
    written + rest
}

/// What is written, as the pieces that [`write()`] makes it of.
pub fn read(written: &str) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut text = String::new();
    let mut rest = written;
    while let Some(at) = rest.find('$') {
        text.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some(after) = rest.strip_prefix("$$$$") {
            text.push_str("$$");
            rest = after;
            continue;
        }
        if let Some((Sign::Variable(name), after)) =
            rest.strip_prefix('$').filter(|_| rest.starts_with("$$(")).map(sign)
        {
            text.push_str(&format!("$({name})"));
            rest = after;
            continue;
        }
        let (sign, after) = sign(rest);
        let piece = match sign {
            Sign::Dollars => Piece::Verbatim("$$".to_owned()),
            Sign::Variable(name) => Piece::Variable(name.to_owned()),
            Sign::Letters(letters) => {
                text.push_str(letters);
                rest = after;
                continue;
            }
        };
        if !text.is_empty() {
            pieces.push(Piece::Text(std::mem::take(&mut text)));
        }
        pieces.push(piece);
        rest = after;
    }
    text.push_str(rest);
    if !text.is_empty() {
        pieces.push(Piece::Text(text));
    }
    if rewritten(&pieces) == written { pieces } else { vec![Piece::Verbatim(written.to_owned())] }
}

fn rewritten(pieces: &[Piece]) -> String {
    let one = |piece: &Piece| match piece {
        Piece::Text(text) => write(text),
        Piece::Variable(name) => format!("$({name})"),
        Piece::Verbatim(text) => text.clone(),
    };
    pieces.iter().map(one).collect()
}

enum Sign<'a> {
    Dollars,
    Variable(&'a str),
    Letters(&'a str),
}

/// What begins with a `$`, as Kubernetes reads it, and what stands after it.
fn sign(text: &str) -> (Sign<'_>, &str) {
    if let Some(after) = text.strip_prefix("$$") {
        return (Sign::Dollars, after);
    }
    if let Some(inside) = text.strip_prefix("$(")
        && let Some(end) = inside.find(')')
    {
        let (name, after) = (&inside[..end], &inside[end + 1..]);
        let sign = if is_name(name) { Sign::Variable(name) } else { Sign::Letters(&text[..end + 3]) };
        return (sign, after);
    }
    let end = text.char_indices().nth(2).map_or(text.len(), |(at, _)| at);
    (Sign::Letters(&text[..end]), &text[end..])
}

fn is_name(text: &str) -> bool {
    let first = |c: char| c.is_ascii_alphabetic() || matches!(c, '_' | '.');
    text.starts_with(first) && text.chars().all(|c| first(c) || c.is_ascii_digit() || c == '-')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What Kubernetes makes of it (`third_party/forked/golang/expansion`), variables shown as `<NAME>`.
    fn seen(written: &str) -> String {
        let mut seen = String::new();
        let mut rest = written;
        while let Some(at) = rest.find('$') {
            seen.push_str(&rest[..at]);
            let tail = &rest[at + 1..];
            if let Some(after) = tail.strip_prefix('$') {
                seen.push('$');
                rest = after;
            } else if let Some(inside) = tail.strip_prefix('(') {
                match inside.find(')') {
                    Some(end) if is_name(&inside[..end]) => {
                        seen.push_str(&format!("<{}>", &inside[..end]));
                        rest = &inside[end + 1..];
                    }
                    Some(end) => {
                        seen.push_str(&rest[at..at + end + 3]);
                        rest = &inside[end + 1..];
                    }
                    None => {
                        seen.push_str("$(");
                        rest = inside;
                    }
                }
            } else {
                seen.push('$');
                match tail.chars().next() {
                    Some(c) => {
                        seen.push(c);
                        rest = &tail[c.len_utf8()..];
                    }
                    None => rest = tail,
                }
            }
        }
        seen + rest
    }

    #[test]
    fn a_shell_keeps_its_own() {
        assert_eq!(write(r#"mkdir $(dirname "$1") $HOME $(HOME) $$"#), r#"mkdir $(dirname "$1") $HOME $$(HOME) $$$$"#);
        let pieces = read("$(HOME)/$$(HOME) $$");
        let wanted = [Piece::Variable("HOME".into()), Piece::Text("/$(HOME) ".into()), Piece::Verbatim("$$".into())];
        assert_eq!(pieces, wanted);
    }

    proptest! {
        #[test]
        fn the_container_sees_what_was_meant(text in r"[$()Ab' é]{0,12}") {
            prop_assert_eq!(seen(&write(&text)), text);
        }

        #[test]
        fn what_is_read_is_written_again(text in r"[$()Ab' é]{0,12}") {
            prop_assert_eq!(rewritten(&read(&text)), text);
        }
    }
}
