//! What is written about the code agrees with the code.

use std::path::Path;

use super::{exists, folders, none, repository};

fn text(path: &str) -> String {
    repository().into_iter().find(|file| file.path == path).map(|file| file.text).unwrap_or_default()
}

#[test]
fn the_map_names_every_folder() {
    let map = text("ARCHITECTURE.md");
    let mut wrong = Vec::new();
    for folder in folders("src") {
        if !map.contains(&format!("`src/{folder}/`")) {
            wrong.push(format!("ARCHITECTURE.md does not name `src/{folder}/`"));
        }
    }
    let named = map.split('`').filter(|part| part.starts_with("src/") && part.ends_with('/'));
    wrong.extend(
        named
            .filter(|folder| !exists(folder))
            .map(|folder| format!("ARCHITECTURE.md names {folder}, which is not there")),
    );
    none(wrong, "The map is read before the code: keep it true.");
}

#[test]
fn every_page_is_listed() {
    let list = text("docs/README.md");
    let pages = repository().into_iter().map(|file| file.path).filter(|path| path.ends_with(".md"));
    let pages =
        pages.filter_map(|path| path.strip_prefix("docs/").map(str::to_owned)).filter(|page| page != "README.md");
    let missing = pages.filter(|page| !list.contains(&format!("({page})"))).collect();
    none(missing, "docs/README.md lists every page below docs/, each with a link and a line.");
}

#[test]
fn every_link_leads_somewhere() {
    let mut wrong = Vec::new();
    for file in repository().iter().filter(|file| file.has_extension(&["md"]) && !file.path.starts_with("tests/cases/"))
    {
        let folder = Path::new(&file.path).parent().unwrap_or(Path::new(""));
        for link in links(&file.text) {
            let target = link.split('#').next().unwrap_or("");
            let away = target.is_empty() || target.contains("://") || target.starts_with("mailto:");
            if !away && !exists(&folder.join(target).display().to_string()) {
                wrong.push(format!("{}: ({link})", file.path));
            }
        }
    }
    none(wrong, "A link is relative to the page that it stands on, and its file is in the repository.");
}

/// The targets of Markdown links outside fenced code.
fn links(text: &str) -> Vec<String> {
    let mut fenced = false;
    let lines = text.lines().filter(|line| {
        fenced ^= line.trim_start().starts_with("```");
        !fenced
    });
    let parts =
        lines.flat_map(|line| line.split("](").skip(1).filter_map(|rest| rest.split_once(')')).collect::<Vec<_>>());
    parts.map(|(target, _)| target.to_owned()).collect()
}
