//! YAML: a typed document to text that YAML 1.1 readers (PyYAML) and YAML 1.2 readers take for the same.
//!
//! In: anything that serialises. Out: text with `\n`, long lines whole, multi-line texts as literal blocks, keys in the
//! order in which they are serialised. It refuses to know what a document means.

mod style;

use serde::Serialize;
use serde_saphyr::SerializerOptions;

/// A scalar with a comment after it on its line: `uses: actions/checkout@0123 # v6`.
pub use serde_saphyr::Commented;

/// A list in brackets on one line: `[main, test]`.
pub use serde_saphyr::FlowSeq;

/// A value with an empty line after it.
pub use serde_saphyr::SpaceAfter;

/// The text of a document.
pub fn write<T: Serialize + ?Sized>(document: &T) -> String {
    serde_saphyr::to_string_with_options(&style::Styled(document), options())
        .expect("a target's document holds only what YAML can say: text, numbers, lists and maps with text as keys")
}

/// The text of a document under a comment: each line of `header` becomes one of the comment.
pub fn write_with_header<T: Serialize + ?Sized>(header: &str, document: &T) -> String {
    comment(header) + &write(document)
}

/// Texts of documents as one stream, a `---` between each two.
pub fn stream(documents: &[String]) -> String {
    documents.join("---\n")
}

/// Lines as comments.
pub fn comment(text: &str) -> String {
    text.lines().map(|line| format!("# {}", printable(line)).trim_end().to_owned() + "\n").collect()
}

/// What YAML lets stand in a comment: a comment has no escapes, so what ends a line or is no character at all is a space.
fn printable(line: &str) -> String {
    let blank = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}');
    line.chars().map(|c| if blank(c) { ' ' } else { c }).collect()
}

/// Never folded: a folded line loses its spaces at the fold in some readers, and a diff of it says little.
fn options() -> SerializerOptions {
    serde_saphyr::ser_options! {
        folded_wrap_chars: usize::MAX,
        min_fold_chars: 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn words_that_yaml_1_1_takes_for_something_else_are_quoted() {
        let text = write(&json!({"on": "no", "a": "1_000", "b": "12:30:45", "c": "~", "d": "0x10", "e": "2026-08-01"}));
        assert_eq!(text, "\"on\": \"no\"\na: \"1_000\"\nb: \"12:30:45\"\nc: \"~\"\nd: \"0x10\"\ne: \"2026-08-01\"\n");
    }

    #[test]
    fn lines_are_a_literal_block_and_never_folded() {
        assert_eq!(write(&json!({"run": "set -e\ngo\n"})), "run: |\n  set -e\n  go\n");
        let long = "word ".repeat(2_000).trim_end().to_owned();
        assert_eq!(write(&json!({"run": long})), format!("run: {long}\n"));
    }

    #[test]
    fn quotes_hold_without_escapes_where_they_can() {
        let text = write(&json!({"a": "{\"b\": \"c\"}", "d": "say \"hi\"", "e": "[\"\\n'\"]", "f": "\tg\nh"}));
        assert_eq!(text, "a: '{\"b\": \"c\"}'\nd: say \"hi\"\ne: '[\"\\n''\"]'\nf: \"\\tg\\nh\"\n");
    }

    #[test]
    fn comments_stand_above_and_beside() {
        #[derive(Serialize)]
        struct Step {
            uses: Commented<String>,
        }
        let step = Step { uses: Commented("a/b@0123".into(), "v1".into()) };
        assert_eq!(write_with_header("Made.\n\nRead.", &step), "# Made.\n#\n# Read.\nuses: a/b@0123 # v1\n");
    }

    #[test]
    fn documents_are_parted() {
        assert_eq!(stream(&[write(&json!({"a": 1})), write(&json!([1.0]))]), "a: 1\n---\n- 1.0\n");
    }
}
