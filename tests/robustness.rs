//! Whatever a file holds, `mlp check` answers: within two seconds, by a diagnostic or by success, never by a panic.
//!
//! In: files that nobody should write. Out: how the program takes them. `MLP_PROGRAM` names another program than the one
//! that cargo built for the tests; that one is not optimised, and is given more time.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

const PROJECT: &str = "project example { language: 1 }\n";

/// What the program says of a folder.
struct Answer {
    status: i32,
    text: String,
}

/// Checks a folder with these files.
fn check(files: &[(&str, &[u8])]) -> Answer {
    let folder = tempfile::tempdir().expect("a folder for the project");
    for (path, bytes) in files {
        let place = folder.path().join(path);
        fs::create_dir_all(place.parent().expect("a file is in a folder")).expect("the folder can be made");
        fs::write(place, bytes).expect("the file can be written");
    }
    check_folder(folder.path())
}

fn check_folder(folder: &Path) -> Answer {
    let named = std::env::var_os("MLP_PROGRAM");
    let limit = if named.is_none() && cfg!(debug_assertions) { 30 } else { 2 };
    let program = named.map_or_else(|| PathBuf::from(env!("CARGO_BIN_EXE_mlp")), PathBuf::from);
    let begun = Instant::now();
    let output = Command::new(program).args(["check", "--format", "short"]).arg(folder).output().expect("mlp runs");
    let took = begun.elapsed();
    assert!(took < Duration::from_secs(limit), "it took {took:?}");
    answer(&output)
}

fn answer(output: &Output) -> Answer {
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let start: String = text.chars().take(2000).collect();
    assert!(!text.contains("panicked at"), "{start}");
    let status = output.status.code().unwrap_or_else(|| panic!("it was killed: {}\n{start}", output.status));
    assert!((0..=3).contains(&status), "it ended with {status}\n{start}");
    assert_eq!(status == 0, !text.contains("error"), "status and report disagree\n{start}");
    Answer { status, text }
}

impl Answer {
    #[track_caller]
    fn is_fine(&self) {
        assert_eq!(self.status, 0, "{}", self.text);
    }

    /// Says so at a place, or in words where there is no place.
    #[track_caller]
    fn says(&self, words: &str) {
        assert!(self.status != 0 && self.text.contains(words), "`{words}` is not in:\n{}", self.text);
        assert!(self.text.lines().count() < 200, "so many lines help nobody: {}", self.text.lines().count());
    }
}

#[test]
fn an_empty_file() {
    check(&[("main.mlp", PROJECT.as_bytes()), ("empty.mlp", b"")]).is_fine();
    check(&[("main.mlp", b"")]);
}

#[test]
fn a_folder_without_main() {
    check(&[("steps.mlp", PROJECT.as_bytes())]).says("main.mlp");
    check(&[]).says("main.mlp");
}

#[test]
fn no_folder_at_all() {
    let folder = tempfile::tempdir().expect("a folder");
    check_folder(&folder.path().join("nowhere")).says("nowhere");
}

#[test]
fn a_binary_file() {
    let bytes: Vec<u8> = (0..20_000u32).map(|number| (number.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    check(&[("main.mlp", PROJECT.as_bytes()), ("binary.mlp", &bytes)]).says("binary.mlp");
    check(&[("main.mlp", b"\xff\xfep\0r\0o\0")]).says("main.mlp:1:1");
    check(&[("main.mlp", &[0; 5000])]);
}

#[test]
fn a_missing_import() {
    let text = format!("import \"nowhere.mlp\" {{ one }}\n{PROJECT}");
    check(&[("main.mlp", text.as_bytes())]).says("nowhere.mlp");
}

#[test]
fn windows_line_ends_and_a_byte_order_mark() {
    let text = format!("\u{feff}// One.\n\n{PROJECT}\nlet folds: int = \"five\"\n");
    let unix = check(&[("main.mlp", text.as_bytes())]);
    let windows = check(&[("main.mlp", text.replace('\n', "\r\n").as_bytes())]);
    unix.says("main.mlp:5:");
    windows.says("main.mlp:5:");
}

#[test]
fn nested_brackets() {
    for (open, close) in [("[", "]"), ("(", ")")] {
        for depth in [20, 200, 5000] {
            let text = format!("{PROJECT}\nlet deep = {}1{}\n", open.repeat(depth), close.repeat(depth));
            let answer = check(&[("main.mlp", text.as_bytes())]);
            assert!(depth > 20 || answer.status == 0, "{}", answer.text);
        }
    }
    let text = format!("{PROJECT}\npipeline deep() {{\n{}{}}}\n", "if true {\n".repeat(500), "}\n".repeat(500));
    check(&[("main.mlp", text.as_bytes())]);
    let text = format!("{PROJECT}\nlet deep = {}1\n", "not -".repeat(20_000));
    check(&[("main.mlp", text.as_bytes())]);
    let text = format!("{PROJECT}\nlet long = 1{}\n", " + 1".repeat(20_000));
    check(&[("main.mlp", text.as_bytes())]);
    let text = format!("{PROJECT}\nlet text = {}1{}\n", "\"\\(".repeat(300), ")\"".repeat(300));
    check(&[("main.mlp", text.as_bytes())]);
}

#[test]
fn a_long_text() {
    let text = format!("{PROJECT}\nlet long = \"{}\"\n", "all work ".repeat(10 * 1024 * 1024 / 9));
    check(&[("main.mlp", text.as_bytes())]).is_fine();
    let text = format!("{PROJECT}\nlet long = \"{}\n", "all work ".repeat(10 * 1024 * 1024 / 9));
    check(&[("main.mlp", text.as_bytes())]).says("main.mlp:3:12");
}

#[test]
fn many_open_brackets() {
    let brackets = "(".repeat(100_000);
    check(&[("main.mlp", brackets.as_bytes())]).says("main.mlp:1:");
    check(&[("main.mlp", format!("{PROJECT}\nlet x = {brackets}\n").as_bytes())]).says("main.mlp:3:");
    check(&[("main.mlp", format!("{PROJECT}\nlet x = {}\n", ")".repeat(100_000)).as_bytes())]).says("main.mlp:3:");
    check(&[("main.mlp", format!("{PROJECT}\nlet x = {}\n", "([{".repeat(30_000)).as_bytes())]).says("main.mlp:3:");
}

#[test]
fn many_lines_that_mean_nothing() {
    check(&[("main.mlp", "what\n".repeat(50_000).as_bytes())]);
    check(&[("main.mlp", format!("{PROJECT}{}", "step\n".repeat(20_000)).as_bytes())]);
    check(&[("main.mlp", format!("{PROJECT}{}", "let x = \n".repeat(10_000)).as_bytes())]);
    check(&[("main.mlp", format!("{PROJECT}\n{}", "/// and on\n".repeat(100_000)).as_bytes())]);
}
