//! PyYAML, which reads YAML 1.1, reads what is written as what was meant.

use std::fs;
use std::path::Path;
use std::process::Command;

use mlp::text::yaml;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

use super::setup;

const HOSTILE: &[&str] = &[
    "",
    " ",
    "on",
    "no",
    "Yes",
    "y",
    "N",
    "null",
    "Null",
    "~",
    "1_000",
    "0x10",
    "0o17",
    "017",
    "0b1",
    "1e3",
    "1.5",
    ".5",
    "5.",
    "1e",
    "12:30:45",
    "1:20",
    "190:20:30.15",
    "2026-08-01",
    "2026-08-01T10:00:00Z",
    "2026-8-1 1:2:3",
    ".inf",
    "-.INF",
    ".nan",
    "NaN",
    "true",
    "FALSE",
    "=",
    "<<",
    "-",
    "- a",
    "---",
    "--- a",
    "...",
    "?",
    "? a",
    ":",
    "a: b",
    "a:",
    ":a",
    "a #b",
    "#a",
    "a#b",
    "&a",
    "*a",
    "!a",
    "|",
    ">",
    "%a",
    "@a",
    "`a`",
    "'a'",
    "\"a\"",
    "[a]",
    "{a}",
    "a, b",
    ", a",
    "[",
    "]",
    "{{$}}",
    "{{$.inputs['a']}}",
    " a",
    "a ",
    "\ta",
    "a\t",
    "a\tb",
    "\n",
    "\n\n",
    "a\n",
    "\na",
    "a\n\n",
    "a\nb",
    " a\nb",
    "  a\n b\n",
    "a \nb",
    "a\n ",
    "a\n\n\nb",
    "\n a",
    "a\r\nb",
    "a\rb",
    "\r",
    "#a\nb",
    "- a\n- b\n",
    "---\na\n",
    "...\na",
    "a\n---\nb",
    "\ta\nb",
    "a\n\tb",
    "a\n\t",
    "é",
    "日本",
    "🎉",
    "🎉\n🎉\n",
    "\u{85}",
    "a\u{85}b",
    "\u{2028}",
    "a\u{2029}b\nc",
    "\u{feff}",
    "\u{feff}a",
    "a\u{feff}b\nc",
    "\u{a0}",
    "a\u{a0}",
    "\u{0}",
    "\u{7}",
    "\u{1b}[31m",
    "\u{7f}",
    "\u{9f}",
    "\u{fffe}",
    "\u{ffff}",
    "\\",
    "\\n",
    "\\\nb",
    "it's",
    "say \"it's\"",
    "a: |\n  b",
    "$(A) $$ ${B}",
    "%YAML 1.1\n---\n",
    "key: value\n# comment\n",
    "!!python/object:os.system",
    "1,000",
    "+1",
    "-1",
    "+.5",
    "0",
    "00",
    "08",
];

/// Every text as a value, a key, an item, at several depths, and long ones.
#[test]
fn hostile_texts_are_read_back() {
    let mut documents: Vec<Value> = Vec::new();
    for text in HOSTILE {
        documents.push(json!(text));
        documents
            .push(json!({*text: text, "list": [text, [text], {"deep": {"deeper": text, "after": 1}}], "next": text}));
    }
    let long = "a long line, with words and `signs` # that folds: ".repeat(400);
    for text in
        [long.as_str(), long.trim_end(), &long.replace(' ', ""), &format!("{long}\n{long}\n"), &format!(" {long}")]
    {
        documents.push(json!({"long": text, "list": [text], text: 1}));
    }
    documents.push(json!({"numbers": [0, -1, 1.0, 1e16, 1.5e300, 5e-324, 9007199254740991i64, 0.1, -0.0, 1e6]}));
    documents.push(json!({"empty": [{}, [], "", null], "bool": [true, false]}));
    read_back(&documents);
}

#[test]
fn any_text_is_read_back() {
    let mut runner = TestRunner::new_with_rng(
        Config::default(),
        proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha),
    );
    let text = prop_oneof![any::<String>(), "[ \\t\\n:#'\"\\-?|>a0&*!{}\\[\\],]{0,12}", "[0-9_:.eExXob+-]{1,8}"];
    let texts = proptest::collection::vec(text, 1..6);
    let mut documents = Vec::new();
    for _ in 0..500 {
        let texts = texts.new_tree(&mut runner).expect("a strategy gives values").current();
        let pairs: serde_json::Map<String, Value> =
            texts.iter().map(|one| (one.clone(), json!([one, {"a": one}]))).collect();
        documents.push(json!({"list": texts, "map": pairs}));
    }
    read_back(&documents);
}

/// A comment holds anything and stays a comment.
#[test]
fn comments_stay_comments() {
    for text in HOSTILE {
        let written = yaml::write_with_header(text, &json!({"a": 1}));
        let [read] = read(&[written]).try_into().expect("one text, one document");
        assert_eq!(read, json!({"a": 1}), "{text:?}");
    }
}

fn read_back(documents: &[Value]) {
    let texts: Vec<String> = documents.iter().map(yaml::write).collect();
    for ((document, text), found) in documents.iter().zip(&texts).zip(read(&texts)) {
        assert_eq!(*document, found, "{text}");
    }
}

fn read(texts: &[String]) -> Vec<Value> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("yaml");
    fs::create_dir_all(&folder).expect("a folder can be made");
    let file = tempfile::NamedTempFile::new_in(folder).expect("a file can be made");
    fs::write(file.path(), serde_json::to_string(texts).expect("texts are JSON")).expect("the file can be written");
    let load = "import json, sys, yaml\n\
        texts = json.load(open(sys.argv[1], encoding='utf-8'))\n\
        found = [yaml.load(text, Loader=yaml.SafeLoader) for text in texts]\n\
        assert [yaml.load(text, Loader=yaml.CSafeLoader) for text in texts] == found\n\
        print(json.dumps(found))";
    let mut python = Command::new(setup::python("kfp"));
    let found = setup::run(python.args(["-c", load]).arg(file.path())).unwrap_or_else(|why| panic!("{why}"));
    serde_json::from_str(&found).expect("what was read is JSON")
}
