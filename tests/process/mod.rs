//! The page of the whole process: it lists every box and bullet of what the process is, and each of its links leads to what it says.
//!
//! In: `boxes.txt`, a line each: `#` a heading, `box` of a drawing, `note` and `part` titles, `point` a bullet. It is held against the
//! text that it was taken from where that lies beside the project.

use std::fs;
use std::path::Path;

use crate::project::repository;

const PAGE: &str = "docs/process.md";

/// A row of the page.
struct Row {
    name: String,
    what: String,
    links: String,
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|why| panic!("{}: {why}", path.display()))
}

fn boxes() -> Vec<(String, String)> {
    let lines = include_str!("boxes.txt").lines();
    lines.filter_map(|line| line.split_once(' ')).map(|(kind, text)| (kind.to_owned(), text.to_owned())).collect()
}

fn row(line: &str) -> Option<Row> {
    let inner = line.strip_prefix("| ")?.strip_suffix(" |")?;
    let cells: Vec<&str> = inner.split(" | ").map(str::trim).collect();
    let [name, what, links] = cells.as_slice() else { panic!("a row has three cells: {line}") };
    let name = name.trim_matches('*').to_owned();
    Some(Row { name, what: (*what).to_owned(), links: (*links).to_owned() })
}

/// Headings (as rows without cells) and rows, in order; heads of tables left out.
fn rows(page: &str) -> Vec<Row> {
    let heading = |line: &str| {
        let name = line.strip_prefix("## ").or(line.strip_prefix("# "))?;
        Some(Row { name: name.to_owned(), what: String::new(), links: String::new() })
    };
    let all = page.lines().filter_map(|line| heading(line).or_else(|| row(line)));
    all.filter(|row| row.name != "in the process" && !row.name.starts_with("---")).collect()
}

#[test]
fn every_box_has_its_row() {
    let page = read(&repository(PAGE));
    let rows = rows(&page.replace("|---|---|---|", ""));
    let mut found = rows.iter();
    assert!(found.next().is_some_and(|title| title.name == "The whole process"));
    for (kind, text) in boxes().iter().skip(1) {
        let row = found.next().unwrap_or_else(|| panic!("{PAGE} ends before `{text}`"));
        assert_eq!(&row.name, text, "the next row of {PAGE}");
        let says = !row.what.is_empty() && row.links.contains("](");
        assert!(says || ["#", "note", "part"].contains(&kind.as_str()), "`{text}` has no construct or no example");
    }
    assert!(found.next().is_none(), "{PAGE} has more rows than the process");
}

/// GitHub's anchor of a heading.
fn anchor(heading: &str) -> String {
    let kept = heading.trim_start_matches('#').trim().to_lowercase();
    let kept = kept.chars().filter(|letter| letter.is_alphanumeric() || matches!(letter, ' ' | '-' | '_'));
    kept.map(|letter| if letter == ' ' { '-' } else { letter }).collect()
}

/// Links of a text: where to, and what stands right behind them as `: ` and code.
fn links(text: &str) -> Vec<(String, Option<String>)> {
    let parts = text.split("](").skip(1).filter_map(|rest| rest.split_once(')'));
    let quoted = |after: &str| Some(after.strip_prefix(": `")?.split_once('`')?.0.to_owned());
    parts.map(|(target, after)| (target.to_owned(), quoted(after))).collect()
}

#[test]
fn every_link_leads_to_what_it_says() {
    let page = read(&repository(PAGE));
    let mut wrong = Vec::new();
    let mut quotes = 0;
    for (target, quoted) in page.lines().flat_map(links) {
        let (file, heading) = target.split_once('#').unwrap_or((&target, ""));
        let path = repository("docs").join(file);
        let Ok(text) = fs::read_to_string(&path) else {
            wrong.push(format!("{target}: there is no such file"));
            continue;
        };
        let mut headings = text.lines().filter(|line| line.starts_with('#'));
        if !heading.is_empty() && !headings.any(|line| anchor(line) == heading) {
            wrong.push(format!("{target}: there is no such heading"));
        }
        if let Some(quoted) = quoted {
            quotes += 1;
            if !text.contains(&quoted) {
                wrong.push(format!("{target}: `{quoted}` does not stand there"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(quotes > 100, "the examples are quoted: {quotes}");
}

/// A row of the example's own list names the line, and what stands there.
#[test]
fn the_examples_own_list_is_true() {
    let folder = repository("examples/process");
    let mut wrong = Vec::new();
    let page = read(&folder.join("README.md"));
    for line in page.lines().filter(|line| line.contains("#L")) {
        let row = row(line).unwrap_or_else(|| panic!("a row: {line}"));
        let (target, _) = links(&row.what).remove(0);
        let (file, number) = target.split_once("#L").unwrap_or_else(|| panic!("a line: {line}"));
        let number: usize = number.parse().unwrap_or_else(|_| panic!("a line: {line}"));
        let quoted = row.links.trim_matches('`');
        let text = read(&folder.join(file));
        if !text.lines().nth(number - 1).is_some_and(|line| line.contains(quoted)) {
            let at = text.lines().position(|line| line.contains(quoted)).map(|at| at + 1);
            wrong.push(format!("{file}:{number} is not `{quoted}`, which is in line {at:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_list_is_whole() {
    let origin = repository("../shared/seed/training-operationalization.md");
    let Ok(text) = fs::read_to_string(origin) else { return };
    let found: Vec<String> = taken_from(&text);
    let listed: Vec<String> = boxes().into_iter().map(|(kind, text)| format!("{kind} {text}")).collect();
    assert_eq!(found, listed);
}

/// Every heading, box, title and bullet of the text.
fn taken_from(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut fence: Option<bool> = None;
    let mut drawn: Vec<String> = Vec::new();
    for line in text.lines() {
        if line.starts_with("```") {
            fence = line.starts_with("```{").then(|| line.contains("{mermaid}"));
            drawn.clear();
        } else if fence == Some(true) {
            found.extend(nodes(line, &mut drawn).into_iter().map(|label| format!("box {label}")));
        } else if fence.is_none() {
            found.extend(said(line));
        }
    }
    found
}

/// The labels of the nodes that a line of a drawing is the first to name.
fn nodes(line: &str, drawn: &mut Vec<String>) -> Vec<String> {
    let node = regex::Regex::new(r"\b([A-Z])(?:\[([^\]]+)\]|\{([^}]+)\})").expect("a pattern");
    let mut labels = Vec::new();
    for found in node.captures_iter(line) {
        if !drawn.contains(&found[1].to_owned()) {
            drawn.push(found[1].to_owned());
            labels.extend(found.get(2).or(found.get(3)).map(|label| label.as_str().to_owned()));
        }
    }
    labels
}

fn said(line: &str) -> Option<String> {
    let heading = line.trim_start_matches('#');
    if heading.len() < line.len() {
        return Some(format!("# {}", heading.trim()));
    }
    if let Some((_, title)) = line.strip_prefix("::::{").and_then(|rest| rest.split_once("} ")) {
        return Some(format!("note {title}"));
    }
    if let Some(part) = line.strip_prefix("**").and_then(|rest| rest.strip_suffix(":**")) {
        return Some(format!("part {part}"));
    }
    line.strip_prefix("- ").map(|point| format!("point {}", point.replace("**", "")))
}
