//! Pages as HTML: every page alone is whole, its pictures and its style within it.

use std::collections::BTreeMap;

use super::page::{Block, Inline, Link, Page};
use crate::graph::{STYLE, element};
use crate::text::markdown::address;
use crate::text::markup::{Element, Markup};

const PAGE: &str = "
:root{color-scheme:light dark}
*{box-sizing:border-box}
body{margin:0;display:flex;font:15px/1.55 system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif;color:#1f2328;background:#ffffff}
nav{flex:none;width:230px;min-height:100vh;padding:26px 12px 26px 26px;border-right:1px solid #d1d9e0;font-size:14px}
nav ul{list-style:none;margin:2px 0 14px;padding:0}
nav li{overflow-wrap:anywhere}
nav strong{font-size:12px;color:#59636e}
nav a[aria-current]{font-weight:600;color:inherit}
main{flex:1;min-width:0;padding:22px 40px 60px}
h1{font-size:26px;margin:0 0 10px}
h2{font-size:19px;margin:34px 0 8px}
h3{font-size:16px;margin:22px 0 6px}
h1,h2,h3{overflow-wrap:anywhere}
p,ul,ol{max-width:86ch}
main p{margin:8px 0}
a{color:#0969da;text-decoration:none}
a:hover{text-decoration:underline}
code{font:13px/1.4 ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace;overflow-wrap:break-word}
.table{overflow-x:auto}
table{border-collapse:collapse;margin:10px 0}
th,td{text-align:left;vertical-align:top;padding:5px 14px 5px 0;border-bottom:1px solid #d1d9e0}
th{font-size:12px;color:#59636e;font-weight:600;white-space:nowrap}
th:empty{display:none}
.frame{overflow:auto;border:1px solid #d1d9e0;border-radius:8px;max-height:88vh;margin:10px 0}
.frame svg{display:block}
@media (max-width:760px){body{display:block}nav{width:auto;min-height:0;border:0;padding-bottom:0}main{padding:16px 20px 40px}}
@media (prefers-color-scheme:dark){
body{color:#e6edf3;background:#0d1117}
a{color:#4493f8}
nav,.frame,th,td{border-color:#3d444d}
th,nav strong{color:#9198a1}
}
@media print{nav{display:none}.frame{max-height:none;overflow:visible}.frame svg{width:100%;height:auto}}
";

pub(super) fn files(pages: &[Page]) -> BTreeMap<String, String> {
    pages.iter().map(|page| (format!("{}.html", page.path), self::page(page, pages))).collect()
}

fn page(page: &Page, pages: &[Page]) -> String {
    let project = pages.first().map_or("", |index| index.title.as_str());
    let title = if page.path == "index" { page.title.clone() } else { format!("{} · {project}", page.title) };
    let has_picture = page.blocks.iter().any(|block| matches!(block, Block::Picture(_)));
    let mut style = Element::new("style").child(Markup::Raw(PAGE));
    if has_picture {
        style = style.child(Markup::Raw(STYLE));
    }
    let head = Element::new("head")
        .child(Element::new("meta").with("charset", "utf-8"))
        .child(Element::new("meta").with("name", "viewport").with("content", "width=device-width, initial-scale=1"))
        .child(Element::new("title").text(title))
        .child(style);
    let main = Element::new("main")
        .child(Element::new("h1").text(&page.title))
        .children(page.blocks.iter().map(|block| self::block(block, &page.path)));
    let body = Element::new("body").child(navigation(page, pages)).child(main);
    Element::new("html").with("lang", "en").child(head).child(body).html()
}

/// Every page: those without a group first and last, the others below their group's name.
fn navigation(here: &Page, pages: &[Page]) -> Element {
    let mut nav = Element::new("nav");
    let mut rest = pages;
    while let Some(first) = rest.first() {
        let count = rest.iter().take_while(|page| page.group == first.group).count();
        if let Some(group) = first.group {
            nav = nav.child(Element::new("strong").text(group));
        }
        let entries = rest[..count].iter().map(|page| {
            let mut way = Element::new("a").with("href", href(&here.path, &page.path, None)).text(&page.title);
            if page.path == here.path {
                way = way.with("aria-current", "page");
            }
            Element::new("li").child(way).on_own_line()
        });
        nav = nav.child(Element::new("ul").children(entries));
        rest = &rest[count..];
    }
    nav
}

fn block(block: &Block, from: &str) -> Element {
    let item = |item: &Vec<Inline>| Element::new("li").children(line(item, from)).on_own_line();
    let element = match block {
        Block::Heading(level, anchor, heading) => {
            Element::new(if *level == 2 { "h2" } else { "h3" }).with("id", anchor).children(line(heading, from))
        }
        Block::Paragraph(paragraph) => Element::new("p").children(line(paragraph, from)),
        Block::List(items) => Element::new("ul").children(items.iter().map(item)),
        Block::Ordered(items) => Element::new("ol").children(items.iter().map(item)),
        Block::Table(head, rows) => table(head, rows, from),
        Block::Picture(picture) => Element::new("div").with("class", "frame").child(element(picture, false)),
    };
    element.on_own_line()
}

fn table(head: &[&str], rows: &[Vec<Vec<Inline>>], from: &str) -> Element {
    let row = |cells: &Vec<Vec<Inline>>| {
        Element::new("tr")
            .children(cells.iter().map(|cell| Element::new("td").children(line(cell, from))))
            .on_own_line()
    };
    let names = head.iter().map(|name| {
        Element::new("th")
            .children(Some(name.trim()).filter(|name| !name.is_empty()).map(|name| Markup::Text(name.to_owned())))
    });
    let table = Element::new("table")
        .child(Element::new("thead").child(Element::new("tr").children(names)))
        .child(Element::new("tbody").children(rows.iter().map(row)));
    Element::new("div").with("class", "table").child(table)
}

fn line(parts: &[Inline], from: &str) -> Vec<Markup> {
    let part = |part: &Inline| match part {
        Inline::Text(text) => Markup::Text(text.clone()),
        Inline::Code(text) => Element::new("code").text(text).into(),
        Inline::Link(Link { page, anchor, text, code }) => {
            let way = Element::new("a").with("href", href(from, page, anchor.as_deref()));
            if *code { way.child(Element::new("code").text(text)) } else { way.text(text) }.into()
        }
    };
    parts.iter().map(part).collect()
}

fn href(from: &str, page: &str, anchor: Option<&str>) -> String {
    let anchor = anchor.map(|anchor| format!("#{anchor}")).unwrap_or_default();
    format!("{}{}.html{anchor}", "../".repeat(from.matches('/').count()), address(page))
}
