//! Tests of the whole stage.

use proptest::prelude::*;

use super::{Cache, KEYWORDS, Parsed, parse, parse_cached};
use crate::source::{FileId, SourceFile};

fn file(text: &str) -> SourceFile {
    SourceFile::new(FileId(0), "main.mlp", text)
}

/// The places and messages of what is wrong in a text.
fn faults(text: &str) -> Vec<String> {
    let file = file(text);
    let place = |diagnostic: &crate::diagnostics::Diagnostic| {
        diagnostic.span().map_or(0, |span| file.position(span.start).line)
    };
    parse(&file)
        .diagnostics
        .iter()
        .map(|diagnostic| format!("{} {} {}", place(diagnostic), diagnostic.code.slug(), diagnostic.message))
        .collect()
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
fn the_north_star_has_no_faults() {
    for text in NORTH_STAR {
        assert_eq!(faults(text), Vec::<String>::new());
    }
}

/// Every item's keyword and name.
fn items(text: &str) -> Vec<String> {
    let parsed = parse(&file(text));
    let describe = |item: &std::sync::Arc<crate::ast::Item>| {
        let name = item.kind.declared_name().map_or("", |name| &name.text);
        format!("{} {name}", item.kind.keyword())
    };
    parsed.file.items.iter().map(describe).collect()
}

#[test]
fn a_lost_bracket_or_quote_costs_no_other_item() {
    let (mut tried, mut lost, mut many) = (0, 0, 0);
    for text in NORTH_STAR {
        let whole = items(text);
        for (at, letter) in text.char_indices().filter(|(_, letter)| "(){}[]\"".contains(*letter)) {
            let broken = format!("{}{}", &text[..at], &text[at + letter.len_utf8()..]);
            let left = items(&broken);
            let missing = whole.iter().filter(|item| !left.contains(item)).count();
            tried += 1;
            lost += usize::from(missing > 1);
            let found = faults(&broken);
            let in_text = text[..at].rsplit('\n').next().is_some_and(|line| line.contains("matches r\""));
            assert!(in_text || !found.is_empty(), "nothing is said of a lost {letter} at {at}:\n{broken}");
            if found.len() > 1 {
                many += 1;
            }
        }
    }
    assert!(tried > 500 && lost == 0, "{lost} of {tried} deletions lost other items");
    assert!(many * 50 < tried, "{many} of {tried} deletions are reported more than once");
}

#[test]
fn five_faults_in_five_items_are_five_diagnostics() {
    let text = "step a() -> (x: int) {\n  run: python(\"a.py\", \"a\"\n  timeout: 30min\n}\n\n\
                schema S {\n  a: int\n  b int\n}\n\n\
                let x = \n\n\
                image i {\n  context \"images\"\n}\n\n\
                pipeline p() {\n  a: b()\n}\n";
    let expected = [
        "2 unclosed_bracket `(` is never closed",
        "8 bad_syntax the type of `b` is missing",
        "11 bad_syntax a value is missing after `=`",
        "14 bad_syntax a colon is missing after `context`",
        "18 bad_syntax `=` gives the new name `a` its value, not `:`",
    ];
    assert_eq!(faults(text), expected);
    assert_eq!(items(text), ["step a", "schema S", "let x", "image i", "pipeline p"]);
}

#[test]
fn each_common_mistake_has_words_of_its_own() {
    let cases = [
        ("image i {\n  timeout 30min\n}", "2 bad_syntax a colon is missing after `timeout`"),
        ("image i {\n  timeout = 30min\n}", "2 bad_syntax `:` gives the field `timeout` its value, not `=`"),
        ("let x: 3", "1 bad_syntax a type is expected after `:`, not `3`"),
        ("let x = \"abc", "1 unclosed_text this text is never closed"),
        ("image i {\n  timeout:\n}", "2 bad_syntax a value is missing after `:`"),
        ("ci {\n  chek unit { run: \"a\" }\n}", "2 bad_syntax `chek` begins no entry of this kind"),
        ("pipelin p() {\n  a()\n}", "1 not_an_item `pipelin` begins no item"),
        ("hello world", "1 not_an_item `hello` begins no item"),
        ("policy p {\n  assert a && b\n}", "2 bad_syntax `&&` is written `and`"),
        ("policy p {\n  assert a || b\n}", "2 bad_syntax `||` is written `or`"),
        ("policy p {\n  assert !a\n}", "2 bad_syntax `!` is written `not`"),
        ("policy p {\n  assert a = b\n}", "2 bad_syntax `=` compares nothing"),
        ("let x = 'a(b'", "1 bad_syntax a text stands in double quotes"),
        ("# hello\nlet x = 1", "1 bad_syntax a comment begins with `//`, not with `#`"),
        ("let x = 1;\nlet y = 2", "1 bad_syntax `;` ends nothing here"),
        ("let x = \"a\\qb\"", "1 bad_escape `\\q` is no escape"),
        ("let x = 1.", "1 bad_syntax `1.` wants a digit on both sides of its point"),
        ("let x = .5", "1 bad_syntax `.5` wants a digit on both sides of its point"),
        ("let x = 30 min", "1 bad_syntax a quantity is written without a space: `30min`"),
        ("image i {\n  timeout: 5 %\n}", "2 bad_syntax a quantity is written without a space: `5%`"),
        ("step a(x: int {\n  run: c()\n}", "1 unclosed_bracket `(` is never closed"),
        ("step a(x: int) {\n  run: c())\n}", "2 unopened_bracket `)` closes nothing"),
        ("type a = list<int where it > 0>", "1 refinement_in_argument `where` does not stand inside `< >`"),
        (
            "promotion of p {\n  ci -> test {\n    requir a > 1\n  }\n}",
            "3 bad_syntax `requir` begins nothing that can stand here",
        ),
        ("let x = [1,, 2]", "1 bad_syntax nothing stands before this comma"),
        ("let x = f(a: )", "1 bad_syntax a value is missing after `:`"),
        ("let x = 1 +", "1 bad_syntax a value is missing after `+`"),
        ("let where = 1", "1 bad_syntax `where` is a word of the language and can name nothing"),
        ("let x = a.", "1 bad_syntax a name is missing after the dot"),
        ("  step x() {}", "1 not_an_item `step` begins no item"),
    ];
    for (text, expected) in cases {
        assert_eq!(faults(text), [expected], "{text}");
    }
}

#[test]
fn odd_files_are_met_without_a_panic() {
    assert!(faults("").is_empty());
    assert!(faults("\u{feff}let x = 1\r\nlet y = 2\r\n").is_empty());
    assert!(faults(&format!("let x = {}1{}", "(".repeat(200), ")".repeat(200))).is_empty());
    assert!(faults(&format!("let x = {}1{}", "[".repeat(200), "]".repeat(200))).is_empty());
    assert!(faults("let λ = 1\nlet größe = λ").is_empty());
    assert_eq!(faults(&"(".repeat(100_000)).len(), 1);
    assert_eq!(faults(&format!("let x = {}", "(".repeat(100_000))).len(), 1);
    assert_eq!(faults(&format!("let x = {}1", "not ".repeat(100_000))).len(), 1);
    assert_eq!(faults(&format!("let x = {}1", "- ".repeat(100_000))).len(), 1);
    assert_eq!(faults(&format!("let x = 1{}", " + 1".repeat(100_000))).len(), 1);
    assert_eq!(faults(&format!("let x = a{}", ".b".repeat(100_000))).len(), 1);
    assert_eq!(faults(&format!("let x = a{}", " == not a".repeat(100_000))).len(), 1);
    assert_eq!(faults(&format!("type x = {}", "list<".repeat(100_000))).len(), 1);
    assert!(faults(&format!("let x = \"{}\"", "a".repeat(10_000_000))).is_empty());
    assert!(!faults("policy p {\n  assert a(λ").is_empty());
    assert!(!faults("import std.x { a\n\"{").is_empty());
    let noise: String = (0u8..=127).cycle().take(20_000).map(char::from).collect();
    assert!(!faults(&noise).is_empty());
}

/// North-star text with pieces removed, doubled or replaced.
fn mutated() -> impl Strategy<Value = String> {
    let edit = (0usize..10_000, 0usize..12, "[ -~\\n\"(){}\\[\\]λ]{0,6}");
    (0..NORTH_STAR.len(), proptest::collection::vec(edit, 1..6)).prop_map(|(which, edits)| {
        let mut text = NORTH_STAR[which].to_string();
        for (at, length, new) in edits {
            let boundary = |mut at: usize| {
                while !text.is_char_boundary(at) {
                    at -= 1;
                }
                at
            };
            let start = boundary(at % (text.len() + 1));
            let end = boundary((start + length).min(text.len())).max(start);
            text.replace_range(start..end, &new);
        }
        text
    })
}

fn same(cached: &Parsed, fresh: &Parsed) -> bool {
    cached.file == fresh.file && cached.trivia == fresh.trivia && cached.diagnostics == fresh.diagnostics
}

#[test]
fn only_the_item_that_changed_is_read_again() {
    let text = NORTH_STAR[4];
    let mut cache = Cache::default();
    let before = parse_cached(&file(text), &mut cache);
    assert_eq!(cache.items_read(), before.file.items.len());
    parse_cached(&file(text), &mut cache);
    assert_eq!(cache.items_read(), 0);
    let edited = text.replace("timeout: 30min", "timeout: 3h");
    let after = parse_cached(&file(&edited), &mut cache);
    assert_eq!(cache.items_read(), 1);
    assert!(same(&after, &parse(&file(&edited))));
    let kept = before.file.items.iter().zip(&after.file.items).filter(|(a, b)| std::sync::Arc::ptr_eq(a, b)).count();
    assert!(kept > 8, "the items before the edit are the same in memory, {kept} of them");
    let moved = format!("// a line\n\n{edited}\nlet x = \"\\q\"\nlet x = \"\\q\"\n");
    let after = parse_cached(&file(&moved), &mut cache);
    assert_eq!(cache.items_read(), 1);
    assert!(same(&after, &parse(&file(&moved))));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn what_is_kept_is_what_would_be_read(texts in proptest::collection::vec(mutated(), 1..4)) {
        let mut cache = Cache::default();
        for text in texts {
            let cached = parse_cached(&file(&text), &mut cache);
            prop_assert!(same(&cached, &parse(&file(&text))));
        }
    }

    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,200}|[ -~\\n\\t\\r]{0,200}|[a-c\"\\\\(){}\\[\\]\\n/#;'r=:. ]{0,200}") {
        parse(&file(&text));
    }

    #[test]
    fn no_edit_makes_it_panic(text in mutated()) {
        let file = file(&text);
        for diagnostic in parse(&file).diagnostics {
            let span = diagnostic.span().expect("a fault in a file has a place");
            prop_assert!(span.start <= span.end && span.end as usize <= text.len());
            prop_assert!(text.is_char_boundary(span.start as usize) && text.is_char_boundary(span.end as usize));
        }
    }
}

#[test]
fn every_keyword_of_an_item_begins_one() {
    for keyword in KEYWORDS.items {
        let parsed = parse(&file(&format!("{keyword} x")));
        let found: Vec<_> = parsed.file.items.iter().map(|item| item.kind.keyword()).collect();
        assert_eq!(found, [*keyword]);
    }
}

#[test]
fn every_reserved_word_names_nothing() {
    for word in KEYWORDS.reserved.iter().filter(|word| **word != "it") {
        assert!(!faults(&format!("let {word} = 1")).is_empty(), "{word}");
    }
    for word in KEYWORDS.items.iter().chain(KEYWORDS.edge_statements).chain(KEYWORDS.sections) {
        assert!(
            faults(&format!("let {word} = 1\nimage i {{\n  {word}: {word}.{word}({word}: {word})\n}}")).is_empty(),
            "{word}"
        );
    }
}
