//! The text of a query, as BigQuery reads it.

use std::collections::BTreeSet;

/// The parameters that a query asks for by `@NAME`, in small letters, as they are compared; not those in texts and comments.
/// <https://cloud.google.com/bigquery/docs/reference/standard-sql/lexical>
pub(super) fn named_in(sql: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut rest = sql;
    while let Some(first) = rest.chars().next() {
        let line = || rest.find('\n').unwrap_or(rest.len());
        let skipped = match first {
            '\'' | '"' | '`' => length_of_text(rest, first),
            '#' => line(),
            '-' if rest.starts_with("--") => line(),
            '/' if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |end| end + 2),
            // A variable of the system.
            '@' if rest.starts_with("@@") => 2 + length_of_name(&rest[2..]),
            '@' => {
                let end = 1 + length_of_name(&rest[1..]);
                found.extend((end > 1).then(|| rest[1..end].to_lowercase()));
                end
            }
            other => other.len_utf8(),
        };
        rest = &rest[skipped.max(1)..];
    }
    found
}

/// How long a text is that begins here, its quotes included: one of three quotes ends with three, and `\` takes the letter after it along.
fn length_of_text(sql: &str, quote: char) -> usize {
    let three: String = std::iter::repeat_n(quote, 3).collect();
    let end = if sql.starts_with(&three) { three } else { quote.to_string() };
    let mut at = end.len();
    while let Some(letter) = sql[at..].chars().next() {
        if sql[at..].starts_with(&end) {
            return at + end.len();
        }
        at += letter.len_utf8();
        if letter == '\\' {
            at += sql[at..].chars().next().map_or(0, char::len_utf8);
        }
    }
    sql.len()
}

fn length_of_name(text: &str) -> usize {
    text.find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_').unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_asks_for_what_stands_outside_of_quotes_and_comments() {
        let sql = "SELECT '@a', `@b`, @C, @@system.x -- @d\n# @e\n/* @f */ FROM t WHERE x > @from_day AND y = \"@g\"";
        assert_eq!(named_in(sql), BTreeSet::from(["c".to_owned(), "from_day".to_owned()]));
        let escaped = r#"SELECT 'it\'s @no', @x, 'b', """a " @neither""", ``` ' @nor```, @y, '', @z"#;
        assert_eq!(named_in(escaped), BTreeSet::from(["x", "y", "z"].map(str::to_owned)));
        assert_eq!(named_in("'"), BTreeSet::new());
        assert_eq!(named_in("@"), BTreeSet::new());
        assert_eq!(named_in("é @é"), BTreeSet::new());
    }
}
