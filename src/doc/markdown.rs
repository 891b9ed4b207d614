//! Pages as Markdown, with their pictures as SVG files beside them.

use std::collections::BTreeMap;

use super::page::{Block, Inline, Link, Page};
use crate::graph::{Picture, svg};
use crate::text::markdown::{address, code, escape};

pub(super) fn files(pages: &[Page]) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    for page in pages {
        let mut text = format!("# {}\n", escape(&page.title));
        for block in &page.blocks {
            text.push('\n');
            text.push_str(&self::block(block, &page.path));
            if let Block::Picture(picture) = block {
                files.insert(place(picture), svg(picture));
            }
        }
        files.insert(format!("{}.md", page.path), text);
    }
    files
}

fn place(picture: &Picture) -> String {
    format!("pictures/{}.svg", picture.name)
}

fn block(block: &Block, from: &str) -> String {
    match block {
        Block::Heading(level, anchor, heading) => {
            format!("{} <a id=\"{anchor}\"></a>{}\n", "#".repeat(usize::from(*level)), line(heading, from, false))
        }
        Block::Paragraph(paragraph) => line(paragraph, from, false) + "\n",
        Block::List(items) => items.iter().map(|item| format!("- {}\n", line(item, from, false))).collect(),
        Block::Ordered(items) => {
            let items = items.iter().enumerate();
            items.map(|(at, item)| format!("{}. {}\n", at + 1, line(item, from, false))).collect()
        }
        Block::Table(head, rows) => table(head, rows, from),
        Block::Picture(picture) => {
            let way = address(&(up(from) + &place(picture)));
            format!("![{}]({way})\n", escape(&picture.title))
        }
    }
}

fn table(head: &[&str], rows: &[Vec<Vec<Inline>>], from: &str) -> String {
    let row = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let mut text = row(head.iter().map(|name| escape(name)).collect());
    text.push_str(&row(head.iter().map(|_| "---".to_owned()).collect()));
    rows.iter().for_each(|cells| text.push_str(&row(cells.iter().map(|cell| line(cell, from, true)).collect())));
    text
}

fn line(parts: &[Inline], from: &str, in_table: bool) -> String {
    let part = |part: &Inline| match part {
        Inline::Text(text) => escape(text),
        Inline::Code(text) => code(text, in_table),
        Inline::Link(Link { page, anchor, text, code: is_code }) => {
            let text = if *is_code { code(text, in_table) } else { escape(text) };
            let anchor = anchor.as_ref().map(|anchor| format!("#{anchor}")).unwrap_or_default();
            format!("[{text}]({}{anchor})", address(&format!("{}{page}.md", up(from))))
        }
    };
    parts.iter().map(part).collect()
}

/// The way from a page to the folder of all.
fn up(from: &str) -> String {
    "../".repeat(from.matches('/').count())
}
