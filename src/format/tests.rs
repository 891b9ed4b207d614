//! The north star is laid out as it is; whatever is laid out keeps its meaning, and stays so when it is laid out again.

use proptest::prelude::*;

use super::format;
use crate::ast::Item;
use crate::source::{FileId, SourceFile, Span};
use crate::syntax::{TokenKind, each_span, parse, tokens};

fn formatted(text: &str) -> Option<String> {
    let file = SourceFile::new(FileId(0), "main.mlp", text);
    format(&file, &parse(&file))
}

const NORTH_STAR: [&str; 6] = [
    include_str!("../../tests/cases/north_star/delivery.mlp"),
    include_str!("../../tests/cases/north_star/environments.mlp"),
    include_str!("../../tests/cases/north_star/main.mlp"),
    include_str!("../../tests/cases/north_star/pipelines.mlp"),
    include_str!("../../tests/cases/north_star/steps.mlp"),
    include_str!("../../tests/cases/north_star/tests.mlp"),
];

#[test]
fn the_north_star_stays_as_it_is() {
    for text in NORTH_STAR {
        let after = formatted(text).expect("it has no faults");
        assert!(text == after, "{}", difference(text, &after));
    }
}

#[test]
fn what_documents_keeps_the_spaces_at_its_end() {
    let text = "/// One line.  \n///\n///   \n/// Another.\t\nlet x = 1 // said behind\n";
    assert_eq!(formatted(&text.replace("behind\n", "behind  \n")).as_deref(), Some(text));
    let item = &parse(&SourceFile::new(FileId(0), "main.mlp", text.replace('\n', "\r\n"))).file.items[0];
    assert_eq!(item.docs.as_deref(), Some("One line.  \n\n  \nAnother.\t"));
}

/// The items of a text without their places.
fn meaning(text: &str) -> Option<Vec<Item>> {
    let file = SourceFile::new(FileId(0), "main.mlp", text);
    let parsed = parse(&file);
    let erased = |item: std::sync::Arc<Item>| {
        let mut item = std::sync::Arc::unwrap_or_clone(item);
        each_span(&mut item, &mut |span| *span = Span::default());
        item
    };
    parsed.diagnostics.is_empty().then(|| parsed.file.items.into_iter().map(erased).collect())
}

fn difference(before: &str, after: &str) -> String {
    similar::TextDiff::from_lines(before, after).unified_diff().to_string()
}

/// Lays a text out twice and compares.
fn check(text: &str) {
    let Some(once) = formatted(text) else { return };
    assert!(meaning(text) == meaning(&once), "the meaning changed:\n{}", difference(text, &once));
    let twice = formatted(&once).expect("what is laid out can be laid out again");
    assert!(once == twice, "the second time it changed:\n{}", difference(&once, &twice));
    let remarks = |text: &str| {
        let mut remarks: Vec<String> = tokens(text)
            .iter()
            .filter(|token| token.kind == TokenKind::Comment)
            .map(|token| token.text.to_string())
            .collect();
        remarks.sort();
        remarks
    };
    assert!(remarks(text) == remarks(&once), "comments changed:\n{}", difference(text, &once));
}

#[test]
fn the_standard_library_keeps_its_meaning() {
    for file in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/stdlib")).expect("stdlib/ is there") {
        check(&std::fs::read_to_string(file.expect("an entry").path()).expect("text"));
    }
}

#[test]
fn the_authors_lines_are_kept() {
    let cases = [
        ("let x=[1,2 , 3,]", "let x = [1, 2, 3]\n"),
        ("let x = [ 1,\n2]", "let x = [\n  1,\n  2,\n]\n"),
        ("let x = (a\n and b)", "let x = (\n  a and b\n)\n"),
        ("let x = (a,)", "let x = (a,)\n"),
        ("let x = -1- -2", "let x = -1 - -2\n"),
        ("let x = not(a)and b", "let x = not (a) and b\n"),
        ("let x = [for y in xs where y>1:y*2]", "let x = [for y in xs where y > 1: y * 2]\n"),
        ("let x = {..a , b:1}", "let x = { ..a, b: 1 }\n"),
        ("let x = a . b ( c )[ 0 ]", "let x = a.b(c)[0]\n"),
        ("let x={}", "let x = {}\n"),
        ("let x = 1..=3", "let x = 1..=3\n"),
        ("let x: list<int>=[1]", "let x: list<int> = [1]\n"),
        ("fn f( a:int ?=3 ,b : map< list<int>>)->int=a??b", "fn f(a: int? = 3, b: map<list<int>>) -> int = a ?? b\n"),
        ("image i {a:1,bb:2\n}", "image i {\n  a:  1\n  bb: 2\n}\n"),
        (
            "image i { // why\n  a: 1 // one\n\n\n  // two\n  b: 2\n  // end\n}",
            "image i { // why\n  a: 1 // one\n\n  // two\n  b: 2\n  // end\n}\n",
        ),
        ("\n\n// top\n\nlet x = 1\n\n\n\nlet y = 2\n// end", "// top\n\nlet x = 1\n\nlet y = 2\n// end\n"),
        ("let x = 1\nstep s() {\n  run: a()\n}\nlet y = 2\n", "let x = 1\n\nstep s() {\n  run: a()\n}\n\nlet y = 2\n"),
        (
            "let x = f(\n  // one\n  a, // two\n  b // three\n  // four\n)",
            "let x = f(\n  // one\n  a, // two\n  b, // three\n  // four\n)\n",
        ),
        (
            "pipeline p()\n-> (a: int)\n{\n  if a {\n    b()\n  }\n  else {\n    c()\n  }\n}",
            "pipeline p() -> (a: int) {\n  if a {\n    b()\n  } else {\n    c()\n  }\n}\n",
        ),
        ("let x = 1\r\nlet y = \"\"\"\r\n  a\r\n  \"\"\"\r\n", "let x = 1\n\nlet y = \"\"\"\n  a\n  \"\"\"\n"),
        ("", ""),
        ("// only\n", "// only\n"),
    ];
    for (text, expected) in cases {
        assert_eq!(formatted(text).as_deref(), Some(expected), "{text}");
        check(text);
    }
}

#[test]
fn a_long_line_is_broken_at_its_brackets() {
    let long = format!("let x = f(a: [{}], b: 2)\n", "1234567890, ".repeat(12).trim_end_matches(", "));
    let text = formatted(&long).expect("it has no faults");
    assert!(text.starts_with("let x = f(\n  a: [\n") || text.starts_with("let x = f(\n  a: [1234567890,"), "{text}");
    check(&long);
}

#[test]
fn a_file_with_faults_is_left() {
    assert_eq!(formatted("let x = (1"), None);
}

/// North-star text with its white space changed, comments put in, and pieces removed or doubled.
fn changed() -> impl Strategy<Value = String> {
    let edit = (
        0usize..10_000,
        0usize..3,
        prop_oneof![
            Just(" "),
            Just("\n"),
            Just("  "),
            Just(" // note\n"),
            Just("\n// alone\n"),
            Just("\n\n"),
            Just(", "),
            Just(",\n"),
            Just("\n/// said\n"),
            Just("(a)"),
            Just("(\na\n)"),
            Just("[1,\n 2]"),
            Just("{ a: 1\n b: 2 }"),
            Just("-"),
            Just(""),
            Just("\t"),
        ],
    );
    (0..NORTH_STAR.len(), proptest::collection::vec(edit, 1..5)).prop_map(|(which, edits)| {
        let mut text = NORTH_STAR[which].to_string();
        for (at, length, new) in edits {
            // White space is where most edits leave a file that can be read.
            let from =
                text[at % text.len()..].find([' ', '\n', ',', '(', '[']).map_or(0, |next| at % text.len() + next);
            let end = (from + length.min(1)).min(text.len());
            if text.is_char_boundary(from) && text.is_char_boundary(end) {
                text.replace_range(from..end, new);
            }
        }
        text
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_change_keeps_its_meaning(text in changed()) {
        check(&text);
    }
}
