//! `mlp graph` and `mlp doc` on the examples.

use std::fs;

use super::{folder, mlp};
use crate::project::repository;

fn example(name: &str) -> String {
    repository("examples").join(name).display().to_string()
}

#[test]
fn pictures_are_listed_printed_and_written() {
    let here = folder(&[]);
    let tumour = example("tumour");
    let list = mlp(here.path(), &["graph", &tumour, "--list"]).ends(0).out;
    assert!(list.starts_with("promotion\n") && list.contains("training-production\n"), "{list}");

    let one = mlp(here.path(), &["graph", &tumour, "--as", "mermaid", "--only", "promotion"]).ends(0).out;
    assert!(one.starts_with("flowchart LR\n"), "{one}");

    mlp(here.path(), &["graph", &tumour, "--as", "svg", "--out", "pictures"]).ends(0);
    let svg = fs::read_to_string(here.path().join("pictures/training-production.svg")).unwrap();
    assert!(svg.starts_with("<svg "), "{svg}");

    let written = mlp(here.path(), &["graph", &tumour, "--out", "new/graph.html"]).ends(0).out;
    assert_eq!(written.trim().replace('\\', "/"), "new/graph.html");
    let page = fs::read_to_string(here.path().join("new/graph.html")).unwrap();
    assert_eq!(page, mlp(here.path(), &["graph", &tumour]).ends(0).out);
}

#[test]
fn what_cannot_be_drawn_is_said() {
    let here = folder(&[]);
    let tumour = example("tumour");
    let several = mlp(here.path(), &["graph", &tumour, "--as", "svg"]).ends(2).err;
    assert!(several.contains("--only") && several.contains("training-production"), "{several}");
    let unknown = mlp(here.path(), &["graph", &tumour, "--only", "promotoin"]).ends(2).err;
    assert!(unknown.contains("did you mean `promotion`?"), "{unknown}");
    let missing = mlp(here.path(), &["graph"]).ends(1).err;
    assert!(missing.contains("main.mlp"), "{missing}");
    fs::write(here.path().join("file"), "").unwrap();
    let unwritable = mlp(here.path(), &["graph", &tumour, "--out", "file/graph.html"]).ends(3).err;
    assert!(unwritable.contains("cannot be written"), "{unwritable}");
    let broken = folder(&[("main.mlp", "project p { language: 1 }\nlet a = b\n")]);
    let wrong = mlp(broken.path(), &["graph"]).ends(1).err;
    assert!(wrong.contains("MLP0201"), "{wrong}");
}

#[test]
fn documentation_is_written() {
    let here = folder(&[]);
    for (format, index) in [("html", "site/index.html"), ("markdown", "site/index.md")] {
        let said = mlp(here.path(), &["doc", &example("tumour"), "--as", format, "--out", "site"]).ends(0).out;
        assert!(said.replace('\\', "/").contains(index), "{said}");
        assert!(fs::read_to_string(here.path().join(index)).unwrap().contains("tumour"));
    }
    assert!(here.path().join("site/pictures/promotion.svg").is_file());
    mlp(here.path(), &["doc", &example("tumour")]).ends(2);
}
