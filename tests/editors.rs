//! The editors' files: their words are the compiler's, and the editors show what they should.
//!
//! In: `editors/` and the built program. Out: a failure with the editor's own words, or with the word that is missing.
//! It refuses to know how an editor draws.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use mlp::syntax::{KEYWORDS, Keywords};

use crate::conformance::setup::{debian, debian_command, npm_packages, run};

/// One list of words among all.
type List = fn(&Keywords) -> &'static [&'static str];

/// The lists of words that a grammar colours, each by the name that it has there.
const LISTS: &[(&str, List)] = &[
    ("items", |words| words.items),
    ("modifiers", |words| words.modifiers),
    ("clauses", |words| words.clauses),
    ("bindings", |words| words.bindings),
    ("sections", |words| words.sections),
    ("reactions", |words| words.reactions),
    ("statements", |words| words.statements),
    ("edge_statements", |words| words.edge_statements),
    ("propositions", |words| words.propositions),
    ("operators", |words| words.operators),
    ("constants", |words| words.constants),
];

/// A rule of the TextMate grammar for each list.
const RULES: &[(&str, &str)] = &[("items", "item_plain"), ("modifiers", "item_modifiers")];

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(repository().join(path)).unwrap_or_else(|why| panic!("{path}: {why}"))
}

#[test]
fn textmate_colours_the_words_of_the_compiler() {
    let grammar: serde_json::Value =
        serde_json::from_str(&read("editors/vscode/syntaxes/mlp.tmLanguage.json")).unwrap();
    for (list, words) in LISTS {
        let rule = RULES.iter().find(|(of, _)| of == list).map_or(*list, |(_, rule)| *rule);
        let pattern = grammar["repository"][rule].to_string();
        let wanted = words(&KEYWORDS).join("|");
        let found = pattern.split(|letter: char| !matches!(letter, 'a'..='z' | '_' | '|')).any(|run| run == wanted);
        assert!(found, "the rule `{rule}` of the TextMate grammar colours other words than `{wanted}`");
    }
}

#[test]
fn vim_colours_the_words_of_the_compiler() {
    let syntax = read("editors/vim/syntax/mlp.vim");
    for (list, words) in LISTS {
        let start = format!("let s:{list} = split('");
        let line = syntax.lines().find_map(|line| line.strip_prefix(&start)?.strip_suffix("')"));
        let line = line.unwrap_or_else(|| panic!("editors/vim/syntax/mlp.vim has no line `{start}…')`"));
        let found: Vec<&str> = line.split(' ').collect();
        assert_eq!(found, words(&KEYWORDS), "s:{list} of editors/vim/syntax/mlp.vim");
    }
}

#[test]
fn vscode_extension_passes_its_tests() {
    let (package, lock) = (read("editors/vscode/package.json"), read("editors/vscode/package-lock.json"));
    let root = npm_packages("vscode", "editors/vscode", &package, &lock);
    copy(&repository().join("editors/vscode"), &root.join("editors/vscode"));
    copy(&repository().join("examples/tumour"), &root.join("examples/tumour"));
    let mut npm = Command::new("npm");
    npm.args(["test", "--loglevel=error"]).current_dir(root.join("editors/vscode"));
    run(&mut npm).unwrap_or_else(|why| panic!("{why}"));
}

fn copy(from: &Path, to: &Path) {
    let _ = fs::remove_dir_all(to.join("tests"));
    fs::create_dir_all(to).expect("a folder below target");
    for entry in fs::read_dir(from).expect("a folder of the repository").filter_map(Result::ok) {
        let (path, name) = (entry.path(), entry.file_name());
        if path.is_file() {
            fs::copy(&path, to.join(&name)).expect("a copy below target");
        } else if name != "node_modules" && name != ".mlp" {
            copy(&path, &to.join(&name));
        }
    }
}

#[test]
fn neovim_colours_and_indents_the_example() {
    neovim("colours", &[("MLP_EXAMPLE", repository().join("examples/tumour"))]);
}

#[test]
fn neovim_shows_a_diagnostic() {
    let project = tempfile::tempdir().expect("a folder for a project");
    let folder = project.path().canonicalize().expect("the folder has a path");
    let main = "project broken { language: 1 }\n\nschema S { a: int }\n\nstep s(rows: Datset<S>) {\n  run: command(\"true\")\n}\n";
    fs::write(folder.join("main.mlp"), main).expect("a file of the project");
    let expected = PathBuf::from("MLP0202 5:14");
    let program = PathBuf::from(env!("CARGO_BIN_EXE_mlp"));
    neovim("diagnostics", &[("MLP_PROJECT", folder), ("MLP_PROGRAM", program), ("MLP_EXPECTED", expected)]);
}

/// Runs a script of `tests/editors/` in Neovim, with the files of `editors/vim` and no other.
fn neovim(script: &str, environment: &[(&str, PathBuf)]) {
    let state = tempfile::tempdir().expect("a folder for Neovim");
    let scripts = repository().join("tests/editors");
    let mut command = debian_command(&["neovim"], "nvim");
    command.env("VIMRUNTIME", debian(&["neovim"]).join("usr/share/nvim/runtime"));
    for variable in ["XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"] {
        command.env(variable, state.path());
    }
    command.envs(environment.iter().map(|(name, value)| (name, value)));
    command.args(["--headless", "--clean", "-n", "-i", "NONE"]);
    command.arg("--cmd").arg(format!("set runtimepath^={}", repository().join("editors/vim").display()));
    command.arg("--cmd").arg(format!("lua package.path = '{}/?.lua;' .. package.path", scripts.display()));
    command.arg("-c").arg(format!("luafile {}", scripts.join(script).with_extension("lua").display()));
    run(&mut command).unwrap_or_else(|why| panic!("{why}"));
}
