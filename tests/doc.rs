//! The documentation of every example: whole, linked, and the same every time.

use std::collections::BTreeMap;

use mlp::doc::{Format, files, pages};

use crate::project::{Project, folders, repository};

fn documented(example: &str, format: Format) -> BTreeMap<String, String> {
    let checked = Project::read(&repository("examples").join(example), &[]).check();
    let plan = mlp::plan::lower(&checked.model, &Default::default());
    files(&pages(&checked.model, &plan), format)
}

/// What stands between `begin` and `end`, each time.
fn between<'a>(text: &'a str, begin: &'a str, end: char) -> impl Iterator<Item = &'a str> {
    text.split(begin).skip(1).filter_map(move |rest| rest.split(end).next())
}

/// The file and the anchor that a link on a page leads to.
fn target(page: &str, link: &str) -> (String, Option<String>) {
    let (path, anchor) = link.split_once('#').map_or((link, None), |(path, anchor)| (path, Some(anchor.to_owned())));
    let mut parts: Vec<&str> = page.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        match part {
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    (parts.join("/"), anchor)
}

#[test]
fn every_link_leads_to_a_page_and_a_heading() {
    for example in folders("examples") {
        for format in [Format::Html, Format::Markdown] {
            let files = documented(&example, format);
            let (ways, end, id) = match format {
                Format::Html => ("href=\"", '"', " id=\""),
                Format::Markdown => ("](", ')', "<a id=\""),
            };
            for (page, text) in files.iter().filter(|(path, _)| !path.ends_with(".svg")) {
                for way in between(text, ways, end) {
                    let (path, anchor) = target(page, way);
                    let there = files.get(&path).unwrap_or_else(|| panic!("{example}, {page}: {way} leads nowhere"));
                    if let Some(anchor) = anchor {
                        assert!(
                            between(there, id, '"').any(|id| id == anchor),
                            "{example}, {page}: {way} has no heading"
                        );
                    }
                }
            }
        }
    }
}

#[test]
fn pages_are_whole_and_the_same_every_time() {
    for example in folders("examples") {
        for format in [Format::Html, Format::Markdown] {
            let once = documented(&example, format);
            assert_eq!(once, documented(&example, format));
            let (index, begin) = match format {
                Format::Html => ("index.html", "<!DOCTYPE html>\n<html lang=\"en\">"),
                Format::Markdown => ("index.md", "# "),
            };
            assert!(once[index].starts_with(begin));
            assert!(once.values().all(|text| !text.contains("<script") && !text.contains("src=\"http")));
        }
    }
}

#[test]
fn what_is_declared_is_described() {
    let files = documented("tumour", Format::Markdown);
    let has = |path: &str, text: &str| assert!(files[path].contains(text), "{path} has no {text}:\n{}", files[path]);
    has("index.md", "[`training`](pipelines/training.md)");
    has("pipelines/training.md", "`penalties`");
    has("pipelines/training.md", "![training](../pictures/training-production.svg)");
    has("steps.md", "Fits a logistic regression.");
    has("types.md", "`@pii`");
    has("environments/production.md", "`cron(0 2 * * *, timezone: Europe/Berlin)`");
    has("needs.md", "[`Table<Aspirate>`](types.md#Aspirate)");
    has("delivery.md", "### <a id=\"two_people_before_production\"></a>");
}
