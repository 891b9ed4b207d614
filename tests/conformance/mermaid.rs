//! Mermaid itself reads every picture that is drawn for it.

use std::fs;
use std::path::Path;
use std::process::Command;

use mlp::graph::{mermaid, pictures};

use super::setup;
use crate::project::{Project, folders, repository};

/// What Mermaid says of the flowcharts in a folder, or why it refuses one.
fn parsed(folder: &Path) -> Result<String, String> {
    let script = setup::node_modules().with_file_name("parse-flowcharts.mjs");
    fs::write(&script, include_str!("mermaid/parse.mjs")).expect("a file can be written below target");
    setup::run(Command::new("node").arg(script).arg(folder))
}

#[test]
fn every_picture_is_a_flowchart() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut count = 0;
    for example in folders("examples") {
        let checked = Project::read(&repository("examples").join(&example), &[]).check();
        for picture in pictures(&mlp::plan::lower(&checked.model, &Default::default())) {
            let file = folder.path().join(format!("{example}-{}.mmd", picture.name));
            fs::write(file, mermaid(&picture)).expect("a file can be written");
            count += 1;
        }
    }
    let read = parsed(folder.path()).unwrap_or_else(|why| panic!("{why}"));
    assert_eq!(read.lines().filter(|line| line.ends_with("flowchart-v2")).count(), count, "{read}");
}

#[test]
fn odd_labels_are_read() {
    use mlp::text::mermaid::label;
    let odd = [
        "\"",
        "#quot;",
        "`code`",
        "<b>&</b>",
        "end",
        "a\nb",
        "1. x",
        "%%{init}%%",
        "-->|x|",
        "[(x)]",
        "\\",
        "🎯 größe",
        ":::x",
        "$$x$$",
    ];
    let labels = odd.iter().enumerate().map(|(at, text)| {
        let text = label(&[(*text).to_owned()]);
        format!("  subgraph s{at}[{text}]\n  n{at}[{text}]\n  end\n  n{at} -->|{text}| m{at}[/{text}/]\n")
    });
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("odd.mmd"), format!("flowchart LR\n{}", labels.collect::<String>())).expect("a file");
    parsed(folder.path()).unwrap_or_else(|why| panic!("{why}"));
    fs::write(folder.path().join("wrong.mmd"), "flowchart LR\n  a[(b]\n").expect("a file");
    parsed(folder.path()).expect_err("an unquoted label is refused");
}
