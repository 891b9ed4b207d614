//! Mermaid's flowcharts: labels that its parser takes for text, whatever they hold.

/// A label in quotes: what means something to Mermaid, Markdown or HTML is written as an entity.
pub fn label(lines: &[String]) -> String {
    let lines: Vec<String> = lines.iter().map(|line| escape(line)).collect();
    format!("\"{}\"", lines.join("<br/>"))
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '"' | '#' | '&' | '<' | '>' | '`' | '\\' | '*' | '_' | '~' | '$' | '%' | ';' | '{' | '}' | '[' | ']'
            | '(' | ')' | '|' => {
                escaped.push_str(&format!("#{};", u32::from(letter)));
            }
            control if control.is_control() => escaped.push(' '),
            other => escaped.push(other),
        }
    }
    // A number and a full stop at the beginning would be a list.
    match escaped.find(|letter: char| !letter.is_ascii_digit()) {
        Some(at) if at > 0 && escaped[at..].starts_with('.') => escaped.replacen('.', "#46;", 1),
        _ => escaped,
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_means_something_is_an_entity() {
        let label = super::label(&["a \"b\" #c".to_owned(), "1. <d>\n`e`".to_owned()]);
        assert_eq!(label, "\"a #34;b#34; #35;c<br/>1#46; #60;d#62; #96;e#96;\"");
    }
}
