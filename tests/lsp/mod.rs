//! The language server, driven as an editor drives it: the built program, its real protocol, unsaved texts.

mod client;

use std::fs;

use client::{Client, uri};
use serde_json::json;

const STEPS: &str = r#"/// Reads the rows.
step load(limit: int) -> (rows: Dataset) {
  run: command("load", "\(limit)", rows.path)
}
"#;

const MAIN: &str = r#"import "steps.mlp" { load }

project example { language: 1 }

/// How many rows are enough.
let enough = 10

pipeline reading() -> (rows: Dataset) {
  rows = load(limit: enough)
  return (rows: rows)
}
"#;

/// A project on disk and an editor that has opened its main file.
fn opened(main: &str) -> (tempfile::TempDir, Client) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("steps.mlp"), STEPS).unwrap();
    fs::write(folder.path().join("main.mlp"), main).unwrap();
    let mut client = Client::start(folder.path());
    client.open("main.mlp", main);
    (folder, client)
}

#[test]
fn what_is_wrong_follows_the_text() {
    let (_folder, mut client) = opened(MAIN);
    let broken = MAIN.replace("load(limit: enough)", "load(limit: enough");
    client.change("main.mlp", &broken);
    let wrong = client.diagnostics("main.mlp", |wrong| wrong.iter().any(|one| one["code"] == "MLP0101"));
    let bracket = wrong.iter().find(|one| one["code"] == "MLP0101").unwrap();
    assert_eq!(bracket["range"]["start"], json!({ "line": 8, "character": 13 }));
    assert_eq!(bracket["source"], "mlp");
    client.change("main.mlp", MAIN);
    client.diagnostics("main.mlp", |wrong| wrong.iter().all(|one| one["code"] != "MLP0101"));
}

#[test]
fn an_edit_in_one_file_is_seen_in_the_other() {
    let (_folder, mut client) = opened(MAIN);
    client.open("steps.mlp", &STEPS.replace("step load", "step lead"));
    let wrong = client.diagnostics("main.mlp", |wrong| wrong.iter().any(|one| one["range"]["start"]["line"] == 0));
    assert!(wrong.iter().any(|one| one["message"].as_str().unwrap().contains("`load`")), "{wrong:?}");
    client.close("steps.mlp");
    client.diagnostics("main.mlp", |wrong| !wrong.iter().any(|one| one["range"]["start"]["line"] == 0));
}

#[test]
fn edits_come_in_pieces_and_in_utf16() {
    let (_folder, mut client) = opened("/// 𝛼β\nlet a = (1\n");
    client.edit("main.mlp", (0, 4, 0, 6), "𝛽𝛽");
    client.edit("main.mlp", (1, 10, 1, 10), ")");
    client.diagnostics("main.mlp", |wrong| wrong.iter().all(|one| one["code"] != "MLP0101"));
    client.edit("main.mlp", (0, 8, 0, 8), "\nlet b = (2");
    let wrong = client.diagnostics("main.mlp", |wrong| wrong.iter().any(|one| one["code"] == "MLP0101"));
    assert!(wrong.iter().any(|one| one["range"]["start"] == json!({ "line": 1, "character": 8 })), "{wrong:?}");
}

#[test]
fn hover_shows_the_declaration() {
    let (_folder, mut client) = opened(MAIN);
    let hover = client.at("textDocument/hover", "main.mlp", MAIN.find("load }").unwrap());
    let text = hover["contents"]["value"].as_str().unwrap();
    assert!(text.contains("step load(limit: int) -> (rows: Dataset)"), "{text}");
    assert!(text.contains("Reads the rows.") && text.contains("*from `steps.mlp`*"), "{text}");
    assert!(!text.contains("run:"), "{text}");
    assert!(client.at("textDocument/hover", "main.mlp", MAIN.find("\n\n").unwrap() + 1).is_null());
}

#[test]
fn fields_and_parameters_are_known_too() {
    let (_folder, mut client) = opened(MAIN);
    client.open("steps.mlp", STEPS);
    let field = client.at("textDocument/hover", "steps.mlp", STEPS.find("run:").unwrap());
    let text = field["contents"]["value"].as_str().unwrap();
    assert!(text.contains("run: Run") && text.contains("What is started."), "{text}");
    let parameter = MAIN.find("limit:").unwrap();
    let text = client.at("textDocument/hover", "main.mlp", parameter)["contents"]["value"].to_string();
    assert!(text.contains("limit: int"), "{text}");
    let place = client.at("textDocument/definition", "main.mlp", parameter);
    assert_eq!(place["range"]["start"], json!({ "line": 1, "character": 10 }));
}

#[test]
fn definitions_lead_to_other_files_and_into_the_library() {
    let (folder, mut client) = opened(MAIN);
    let place = client.at("textDocument/definition", "main.mlp", MAIN.find("load }").unwrap() + 2);
    assert_eq!(place["uri"], uri(&folder.path().join("steps.mlp")));
    assert_eq!(place["range"]["start"], json!({ "line": 1, "character": 5 }));
    let place = client.at("textDocument/definition", "main.mlp", MAIN.find("steps.mlp").unwrap());
    assert_eq!(place["uri"], uri(&folder.path().join("steps.mlp")));
    let library = "import std.schedule { cron }\n";
    client.change("main.mlp", library);
    let place = client.at("textDocument/definition", "main.mlp", library.find("cron").unwrap());
    let path = place["uri"].as_str().unwrap().trim_start_matches("file://");
    assert!(fs::read_to_string(path).unwrap().contains("form cron"));
}

#[test]
fn the_outline_holds_what_is_in_items() {
    let (_folder, mut client) = opened(MAIN);
    let symbols = client.ask("textDocument/documentSymbol", json!({ "textDocument": client.document("main.mlp") }));
    let names: Vec<_> = symbols.as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["example", "enough", "reading"]);
    assert_eq!(symbols[2]["children"][0]["name"], "rows");
    client.change("main.mlp", &format!("{MAIN}\nstep broken( {{\n\nlet last = 1\n"));
    let symbols = client.ask("textDocument/documentSymbol", json!({ "textDocument": client.document("main.mlp") }));
    assert!(symbols.as_array().unwrap().iter().any(|one| one["name"] == "last"), "{symbols}");
}

#[test]
fn formatting_is_that_of_the_command() {
    let untidy = MAIN.replace("let enough = 10", "let   enough=10").replace("  return", "      return");
    let (folder, mut client) = opened(&untidy);
    let options = json!({ "tabSize": 2, "insertSpaces": true });
    let asked = json!({ "textDocument": client.document("main.mlp"), "options": options });
    let edits = client.ask("textDocument/formatting", asked);
    let tidy = client::edited(&untidy, &edits);
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_mlp"))
        .args(["fmt", "main.mlp"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(tidy, fs::read_to_string(folder.path().join("main.mlp")).unwrap());
}

#[test]
fn the_same_is_wrong_as_for_the_command() {
    let wrong = MAIN.replace("load }", "lode }").replace("return (rows: rows)", "return (rows: nothing)");
    let (folder, mut client) = opened(&wrong);
    let told = client.diagnostics("main.mlp", |wrong| !wrong.is_empty());
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_mlp"))
        .args(["check", "--format", "json"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    let checked: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let said = |one: &serde_json::Value| (one["code"].to_string(), one["line"].as_u64().unwrap() - 1);
    let here = checked["diagnostics"].as_array().unwrap().iter().filter(|one| one["file"] == "main.mlp");
    let mut expected: Vec<_> = here.map(said).collect();
    let mut found: Vec<_> =
        told.iter().map(|one| (one["code"].to_string(), one["range"]["start"]["line"].as_u64().unwrap())).collect();
    expected.sort();
    found.sort();
    assert_eq!(found, expected);
}

#[test]
fn nonsense_is_answered_and_survived() {
    let (_folder, mut client) = opened(MAIN);
    let error = client.ask_for_error("textDocument/unheardOf", json!({}));
    assert_eq!(error["code"], -32601);
    let error = client.ask_for_error("textDocument/hover", json!({ "position": 1 }));
    assert_eq!(error["code"], -32602);
    let elsewhere =
        json!({ "textDocument": { "uri": "untitled:Untitled-1" }, "position": { "line": 0, "character": 0 } });
    assert!(client.ask("textDocument/hover", elsewhere).is_null());
    client.change("main.mlp", &"(".repeat(5_000));
    client.diagnostics("main.mlp", |wrong| !wrong.is_empty());
    client.stop();
}
