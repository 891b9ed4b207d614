//! `mlp check`: which files, which form, which exit status; and whatever text there may be.

use std::time::{Duration, Instant};

use serde_json::Value;

use super::{folder, mlp, write};

const PROJECT: &str = "project example { language: 1 }\n";

fn diagnostics(text: &str) -> Vec<Value> {
    let report: Value = serde_json::from_str(text).unwrap();
    report["diagnostics"].as_array().unwrap().clone()
}

/// `(code, file, line, column)` of every error.
fn places(text: &str) -> Vec<(String, String, u64, u64)> {
    let place = |one: &Value| {
        let text = |field: &str| one[field].as_str().unwrap_or_default().to_owned();
        (text("code"), text("file"), one["line"].as_u64().unwrap_or(0), one["column"].as_u64().unwrap_or(0))
    };
    diagnostics(text).iter().filter(|one| one["severity"] == "error").map(place).collect()
}

#[test]
fn a_project_is_every_file_below_its_folder() {
    let folder = folder(&[
        ("main.mlp", PROJECT),
        ("a/b/c.mlp", "let a = (1\n"),
        ("target/x.mlp", "let a = (1\n"),
        ("node_modules/x.mlp", "let a = (1\n"),
        (".hidden/x.mlp", "let a = (1\n"),
        ("notes.txt", "let a = (1\n"),
    ]);
    let here = folder.path();
    let place = |path: &str| vec![("MLP0101".to_owned(), path.to_owned(), 1, 9)];
    assert_eq!(places(&mlp(here, &["check", "--format", "json"]).ends(1).out), place("a/b/c.mlp"));
    assert_eq!(places(&mlp(&here.join("a"), &["check", "--format", "json"]).ends(1).out), place("a/b/c.mlp"));
    let above = here.parent().unwrap();
    let name = here.file_name().unwrap().to_str().unwrap();
    let ran = mlp(above, &["check", name, "--format", "json"]).ends(1);
    assert_eq!(places(&ran.out), place(&format!("{name}/a/b/c.mlp")));
    let whole = here.to_str().unwrap();
    assert_eq!(places(&mlp(&here.join("a"), &["check", whole, "--format", "json"]).ends(1).out), place("a/b/c.mlp"));
}

#[test]
fn one_file_is_checked_with_what_it_imports() {
    let folder = folder(&[
        ("main.mlp", "let a = (1\n"),
        ("one.mlp", "import \"deep/two.mlp\" { two }\n\nlet one = two + 1\n"),
        ("deep/two.mlp", "import \"../three.mlp\" { three }\n\nlet two = three + 1\n"),
        ("three.mlp", "let three = \n"),
    ]);
    let found = places(&mlp(folder.path(), &["check", "one.mlp", "--format", "json"]).ends(1).out);
    assert!(!found.is_empty() && found.iter().all(|(_, file, _, _)| file == "three.mlp"), "{found:?}");
    write(folder.path(), "three.mlp", "let three = 3\n");
    mlp(folder.path(), &["check", "one.mlp"]).ends(0);
    mlp(&folder.path().join("deep"), &["check", "two.mlp"]).ends(0);
}

#[test]
fn five_mistakes_are_five_diagnostics() {
    let text = "\
project example { language: 1 }

let a = (1

let b = \"open

let c = nowhere

let d: duration = 16GiB

struct S {
  field: nothing
}
";
    let folder = folder(&[("main.mlp", text)]);
    let found = places(&mlp(folder.path(), &["check", "--format", "json"]).ends(1).out);
    let lines: Vec<u64> = found.iter().map(|(_, _, line, _)| *line).collect();
    assert_eq!(lines, [3, 5, 7, 9, 12], "{found:?}");
}

#[test]
fn whatever_the_text_there_is_an_answer() {
    let greek = format!("{PROJECT}\n/// Γειά.\nlet όνομα = 1\n");
    let nested = format!("{PROJECT}\nlet a = {}1{}\n", "[".repeat(200), "]".repeat(200));
    let long = format!("{PROJECT}\nlet a = \"{}\"\n", "x".repeat(10_000_000));
    let (binary, marked) =
        ([&[0xffu8, 0x00, 0x9f][..]; 100].concat(), [&[0xefu8, 0xbb, 0xbf], PROJECT.as_bytes()].concat());
    let windows = PROJECT.replace('\n', "\r\n") + "\r\nlet a = 1\r\n";
    let texts: Vec<(&str, Vec<u8>, Option<i32>)> = vec![
        ("empty", Vec::new(), None),
        ("binary", binary, Some(1)),
        ("Windows line ends", windows.into(), Some(0)),
        ("a byte-order mark", marked, Some(0)),
        ("Greek", greek.into(), Some(0)),
        ("200 brackets", nested.into(), Some(0)),
        ("a long text", long.into(), Some(0)),
        ("100,000 brackets", "(".repeat(100_000).into(), Some(1)),
        ("a missing import", format!("{PROJECT}\nimport \"nowhere.mlp\" {{ a }}\n").into(), Some(1)),
    ];
    for (name, text, status) in texts {
        let folder = folder(&[]);
        write(folder.path(), "main.mlp", text);
        let begun = Instant::now();
        let ran = mlp(folder.path(), &["check"]);
        // Only what would never end takes a minute, on however busy a machine.
        assert!(begun.elapsed() < Duration::from_secs(60), "{name} takes {:?}", begun.elapsed());
        assert!(
            matches!(ran.status, 0 | 1) && status.is_none_or(|status| ran.status == status),
            "{name}:\n{}",
            ran.out
        );
    }
}

#[test]
fn imports_may_go_in_a_circle() {
    let folder = folder(&[
        ("main.mlp", &format!("import \"b.mlp\" {{ b }}\n\n{PROJECT}\nlet a = 1\nlet c = b\n")),
        ("b.mlp", "import \"main.mlp\" { a }\n\nlet b = a\n"),
    ]);
    mlp(folder.path(), &["check"]).ends(0);
    write(folder.path(), "b.mlp", "import \"main.mlp\" { c }\n\nlet b = c\n");
    assert_eq!(places(&mlp(folder.path(), &["check", "--format", "json"]).ends(1).out).len(), 1);
}

#[test]
fn a_folder_without_a_project_is_no_project() {
    let folder = folder(&[("other.mlp", "let a = 1\n")]);
    let found = places(&mlp(folder.path(), &["check", ".", "--format", "json"]).ends(1).out);
    assert_eq!(found, [("MLP1001".to_owned(), String::new(), 0, 0)]);
    let ran = mlp(folder.path(), &["check", "nowhere", "--format", "short"]).ends(3);
    assert!(ran.out.contains("MLP1002") && ran.out.contains("`nowhere`"), "{}", ran.out);
}

#[test]
fn the_place_of_bytes_that_are_no_text_is_told() {
    let folder = folder(&[("main.mlp", PROJECT)]);
    write(folder.path(), "other.mlp", b"let a = 1\nlet \xe9 = 2\n");
    let found = places(&mlp(folder.path(), &["check", "--format", "json"]).ends(1).out);
    assert_eq!(found, [("MLP0106".to_owned(), "other.mlp".to_owned(), 2, 5)]);
}

#[test]
fn every_form_says_the_same() {
    let folder = folder(&[("main.mlp", &format!("{PROJECT}\n/// 𝛼\nfn α() -> int = \"𝛼\" + (1\r\n"))]);
    let text = |format: &str| mlp(folder.path(), &["check", "--format", format]).ends(1).out;
    let (code, file, line, column) = places(&text("json")).remove(0);
    let at = format!("{file}:{line}:{column}");
    assert!(text("short").contains(&format!("{at}: error[{code}]: ")));
    assert!(text("human").contains(&at) && text("human").contains(&code));
    assert!(text("narrated").contains(&format!("In {file}, line {line}, column {column}:")));
    assert!(text("github").contains(&format!("::error file={file},line={line},")));
    assert!(text("github").contains(&format!("col={column},")));
    let sarif: Value = serde_json::from_str(&text("sarif")).unwrap();
    let mut results = sarif["runs"][0]["results"].as_array().unwrap().iter();
    let result = results.find(|one| one["ruleId"] == code).unwrap();
    let region = &result["locations"][0]["physicalLocation"]["region"];
    assert_eq!((region["startLine"].as_u64(), region["startColumn"].as_u64()), (Some(line), Some(column)));
}

#[test]
fn json_has_the_documented_fields() {
    let folder = folder(&[("main.mlp", "let a = (1\n")]);
    let found = diagnostics(&mlp(folder.path(), &["check", "main.mlp", "--format", "json"]).ends(1).out);
    let fields: Vec<&String> = found[0].as_object().unwrap().keys().collect();
    let documented = [
        "code",
        "slug",
        "severity",
        "message",
        "file",
        "line",
        "column",
        "endLine",
        "endColumn",
        "labels",
        "notes",
        "help",
        "fixes",
    ];
    assert_eq!(fields, documented);
}

#[test]
fn colour_is_for_terminals_and_for_those_who_ask() {
    let folder = folder(&[("main.mlp", "let a = (1\n")]);
    assert!(!mlp(folder.path(), &["check"]).ends(1).out.contains('\u{1b}'));
    assert!(mlp(folder.path(), &["check", "--color", "always"]).ends(1).out.contains('\u{1b}'));
    assert!(!mlp(folder.path(), &["check", "--color", "never"]).ends(1).out.contains('\u{1b}'));
}

#[test]
fn what_is_not_understood_ends_with_two() {
    let folder = folder(&[("main.mlp", PROJECT)]);
    for arguments in
        [&["chekc"][..], &["check", "--format", "xml"], &["explain", "MLP9999"], &["check", "--deny", "all"]]
    {
        let ran = mlp(folder.path(), arguments).ends(2);
        assert!(!ran.err.is_empty());
    }
    assert!(mlp(folder.path(), &["explain", "unknown_nam"]).ends(2).err.contains("did you mean `unknown_name`?"));
}

#[test]
fn help_and_pages_are_printed() {
    let folder = folder(&[]);
    assert!(mlp(folder.path(), &["--help"]).ends(0).out.contains("Exit status"));
    assert!(mlp(folder.path(), &["help", "check"]).ends(0).out.contains("Examples:"));
    assert!(mlp(folder.path(), &["--version"]).ends(0).out.starts_with("mlp "));
    assert!(mlp(folder.path(), &["explain", "mlp1008"]).ends(0).out.contains("## Mended"));
    let listed = mlp(folder.path(), &["explain"]).ends(0).out;
    assert!(listed.lines().count() > 20 && listed.contains("MLP0201 unknown_name"));
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        assert!(mlp(folder.path(), &["completions", shell]).ends(0).out.contains("check"));
    }
}

#[test]
fn every_command_is_in_the_documentation() {
    let folder = folder(&[]);
    let help = mlp(folder.path(), &["--help"]).ends(0).out;
    let listed = help.lines().skip_while(|line| !line.starts_with("Commands:")).skip(1);
    let commands = listed.take_while(|line| !line.is_empty()).filter_map(|line| line.split_whitespace().next());
    let page = std::fs::read_to_string(crate::project::repository("docs/command-line.md")).unwrap();
    for command in commands.filter(|command| *command != "help") {
        assert!(
            page.contains(&format!("\n## mlp {command}\n")),
            "docs/command-line.md does not tell of `mlp {command}`"
        );
    }
}
