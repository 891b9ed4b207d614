//! Tests of the whole stage.

use super::parse;
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
