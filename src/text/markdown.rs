//! Markdown: text that stays text, whatever it holds. It alone escapes it.

/// Text in a line.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '|' | '~' | '&' => escaped.extend(['\\', letter]),
            control if control.is_control() => escaped.push(' '),
            other => escaped.push(other),
        }
    }
    match marker(&escaped) {
        Some(at) => {
            escaped.insert(at, '\\');
            escaped
        }
        None => escaped,
    }
}

/// Where a line that begins so would be read as a list or a rule.
fn marker(line: &str) -> Option<usize> {
    if line.starts_with(['-', '+', '=']) {
        return Some(0);
    }
    let digits = line.find(|letter: char| !letter.is_ascii_digit())?;
    (digits > 0 && line[digits..].starts_with(['.', ')'])).then_some(digits)
}

/// Code in a line; `|` is escaped where it stands in a table.
pub fn code(text: &str, in_table: bool) -> String {
    let text: String = text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    let text = if in_table { text.replace('|', "\\|") } else { text };
    let longest = text.split(|letter| letter != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let padded = text.starts_with('`') || text.ends_with('`') || text.trim().is_empty();
    if padded { format!("{fence} {text} {fence}") } else { format!("{fence}{text}{fence}") }
}

/// The address of a link.
pub fn address(path: &str) -> String {
    let mut address = String::with_capacity(path.len());
    for letter in path.chars() {
        match letter {
            ' ' | '(' | ')' | '<' | '>' | '"' | '\\' | '%' => address.push_str(&format!("%{:02X}", u32::from(letter))),
            other => address.push(other),
        }
    }
    address
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_stays_text() {
        assert_eq!(escape("a_b *c* <d> [e] | `f`"), r"a\_b \*c\* \<d\> \[e\] \| \`f\`");
        assert_eq!([escape("- x"), escape("1. x"), escape("1.5 x"), escape("+")].join(" "), r"\- x 1\. x 1\.5 x \+");
        assert_eq!(code("a`b", false), "``a`b``");
        assert_eq!(code("`a|b", true), "`` `a\\|b ``");
        assert_eq!(address("a b(c)"), "a%20b%28c%29");
    }
}
