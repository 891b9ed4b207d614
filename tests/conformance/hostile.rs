//! Whatever a text holds, it reaches every output as that very text, and runs nothing.
//!
//! In: `hostile/main.mlp`, where `«name»` stands for a text, in every place that takes any. Out: what `hostile/read.py` finds of them in
//! what was written, read as its readers would, and what shells make of the scripts. Terraform hands its values on itself.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

use super::setup;
use crate::cli::{folder, mlp, write};
use crate::project::{Project, repository};

/// How many projects full of other texts are tried.
const PROJECTS: usize = 30;

/// What means something to somebody on the way.
const PIECES: &[&str] = &[
    "'",
    "\"",
    "\\",
    "\\n",
    "`touch PWNED`",
    "$(touch PWNED)",
    "${{ secrets.X }}",
    "${{",
    "}}",
    "$$",
    "$HOME",
    "${HOME}",
    "$(BANNER)",
    "$$(TOKEN)",
    "{{ ds }}",
    "{{",
    "{% raw %}",
    "{%",
    "{#",
    "#}",
    "#{y}",
    "%{ if true }",
    "${z}",
    "%%{",
    "&",
    "*x",
    "!tag",
    "|",
    ">",
    "<",
    "<script>alert(1)</script>",
    "<!--",
    "]]>",
    "&amp;",
    "%",
    "@",
    "~",
    "null",
    "true",
    "0x1",
    "1e3",
    ": ",
    " #c",
    "- ",
    "? ",
    ", ",
    "[",
    "]",
    "{",
    "}",
    "::error::x",
    "##[group]",
    "%0A",
    "; touch PWNED",
    "&& touch PWNED",
    "é",
    "🎉",
    "日本",
    "\u{202e}",
    "\u{2066}",
    "\u{2028}",
    "\u{85}",
    "\u{a0}",
    "\u{feff}",
    " ",
    "  ",
    "word",
];

/// Pieces that may not stand in a line.
const OF_LINES: &[&str] = &["\n", "\n\n", "\t", "\n- a: b\n", "\n---\n", "\nEOF\n"];

fn text(pieces: Vec<&'static str>) -> impl Strategy<Value = String> {
    proptest::collection::vec(proptest::sample::select(pieces), 0..14).prop_map(|pieces| pieces.concat())
}

/// Names of the places, in the order of the file.
fn places(template: &str) -> Vec<String> {
    let mut names: Vec<String> =
        template.split('«').skip(1).filter_map(|rest| rest.split_once('»')).map(|(name, _)| name.to_owned()).collect();
    names.sort();
    names.dedup();
    names
}

/// The text as it stands at its place in the source.
fn written(name: &str, text: &str) -> String {
    let marked = format!("M_{name}<{text}>{name}_M");
    if name.starts_with("doc_") {
        return marked;
    }
    let marked = if name.starts_with("shell_") { marked.replace('\'', "'\\''") } else { marked };
    let escape = |letter: char| match letter {
        '\\' => "\\\\".to_owned(),
        '"' => "\\\"".to_owned(),
        '\n' => "\\n".to_owned(),
        '\t' => "\\t".to_owned(),
        plain => plain.to_string(),
    };
    marked.chars().map(escape).collect()
}

fn texts(names: &[String], runner: &mut TestRunner) -> BTreeMap<String, String> {
    let lines = [PIECES, OF_LINES].concat();
    let mut one = |name: &String| {
        let of_line = name.starts_with("doc_") || name.starts_with("channel");
        let strategy = text(if of_line { PIECES.to_vec() } else { lines.clone() });
        let text = strategy.new_tree(runner).expect("a text can be made").current();
        // Kubeflow has no way to say this as a text, and that is an error at its line.
        (name.clone(), text.replace("{{$", "{{ $"))
    };
    names.iter().map(&mut one).collect()
}

fn project(template: &str, texts: &BTreeMap<String, String>, place: &Path) {
    let main = texts
        .iter()
        .fold(template.to_owned(), |main, (name, text)| main.replace(&format!("«{name}»"), &written(name, text)));
    for (path, bytes) in &Project::read(&repository("tests/conformance/hostile"), &["main.mlp", "read.py"]).files {
        write(place, path, bytes);
    }
    write(place, "main.mlp", main);
}

/// What Terraform hands on of an environment's values.
fn through_terraform(out: &Path, environment: &str) -> Value {
    let folder = out.join("terraform");
    let run = |words: &[&str]| {
        let mut terraform = Command::new(setup::terraform());
        terraform.arg(format!("-chdir={}", folder.display())).args(words).env_remove("TF_CLI_CONFIG_FILE");
        setup::run(&mut terraform).unwrap_or_else(|why| panic!("{why}"))
    };
    run(&["apply", "-auto-approve", "-input=false", &format!("-var-file={environment}.tfvars.json")]);
    serde_json::from_str(&run(&["output", "-json"])).expect("outputs are JSON")
}

#[test]
fn hostile_texts_arrive_as_they_are_and_run_nothing() {
    let template = fs::read_to_string(repository("tests/conformance/hostile/main.mlp")).expect("it is there");
    let names = places(&template);
    let config = Config { failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(
        config,
        proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha),
    );
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for _ in 0..PROJECTS {
        let texts = texts(&names, &mut runner);
        let place = folder(&[]);
        project(&template, &texts, place.path());
        mlp(place.path(), &["build", "--out", "out"]).ends(0);
        mlp(place.path(), &["doc", "--out", "out/doc"]).ends(0);
        mlp(place.path(), &["graph", "--out", "out/graph.svg"]).ends(0);
        let out = place.path().join("out");
        write(&out, "outputs.json", through_terraform(&out, "production").to_string());
        fs::remove_file(out.join("terraform/terraform.tfstate")).expect("Terraform keeps a state");
        write(place.path(), "texts.json", json!(texts).to_string());
        let told = read(&out, &place.path().join("texts.json"));
        let wrong = told["wrong"].as_array().expect("a list");
        assert!(wrong.is_empty(), "{}\nwere meant to be\n{:#}", told["wrong"], json!(texts));
        for (name, files) in told["found"].as_object().expect("by name") {
            let files = files.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned);
            found.entry(name.clone()).or_default().extend(files);
        }
    }
    for (name, files) in NOWHERE_ELSE {
        for file in *files {
            let all = found.get(*name).map(Vec::as_slice).unwrap_or_default();
            assert!(all.iter().any(|one| one == file), "«{name}» was not found in {file}, but in {all:?}");
        }
    }
    let lost: Vec<&String> = names.iter().filter(|name| !found.contains_key(*name) && *name != "doc_secret").collect();
    assert!(lost.is_empty(), "{lost:?} were found nowhere");
}

/// Where some of them must be found, so that a reader that finds nothing is noticed.
const NOWHERE_ELSE: &[(&str, &[&str])] = &[
    ("argument", &["kubeflow/test/training.yaml", "airflow/production/training.py", "plan.json"]),
    ("channel", &["github script", "gitlab script"]),
    ("command_word", &["kubeflow/test/training.yaml", "airflow/production/training.py"]),
    ("compared", &["kubeflow/test/training.yaml", "airflow/production/training.py"]),
    ("doc_alert", &["prometheus/production.rules.yml", "terraform/production.tfvars.json", "outputs.json"]),
    ("doc_check", &[".github/workflows/hostile.yml"]),
    ("doc_environment", &["doc/delivery.html"]),
    ("env_value", &["kubeflow/test/training.yaml", "airflow/production/training.py", "doc/steps.html"]),
    ("owner", &["airflow/production/training.py", "prometheus/test.rules.yml"]),
    ("run_argument", &["github script", "gitlab script"]),
    ("shell_check", &["github script", "gitlab script"]),
    ("shell_notice", &["github script"]),
    ("shell_verification", &["github script", "gitlab script"]),
    ("var_production", &["terraform/production.tfvars.json", "outputs.json", "doc/environments/production.html"]),
];

fn read(out: &Path, texts: &PathBuf) -> Value {
    let mut python = Command::new(setup::python("airflow"));
    python.arg(repository("tests/conformance/hostile/read.py")).arg(out).arg(texts);
    let said = setup::run(&mut python).unwrap_or_else(|why| panic!("{why}"));
    serde_json::from_str(&said).unwrap_or_else(|why| panic!("{why}: {said}"))
}

/// What GitHub reads as commands of a log is not broken out of by a message.
#[test]
fn a_message_of_a_diagnostic_is_one_command_for_github() {
    let main = "import std.notify { slack }\n\nproject p { language: 1 }\n\nsecret token\n\n\
                ci { on failure { notify slack(channel: \"a\\n::set-output name=x::y\\r::error::z %0A\", token: token) } }\n";
    let place = folder(&[("main.mlp", main)]);
    let said = mlp(place.path(), &["check", "--format", "github"]).ends(1).out;
    assert!(said.contains("set-output"), "{said}");
    for line in said.split(['\n', '\r']).filter(|line| !line.is_empty()) {
        assert!(
            ["::error ", "::warning ", "::notice "].iter().any(|head| line.starts_with(head)),
            "{line:?} of {said}"
        );
    }
}
