//! Pictures as one page that stands alone: a heading a pipeline, a tab an environment.

use super::picture::Picture;
use super::style;
use super::svg::element;
use crate::text::markup::{Element, Markup};

/// The page.
pub fn html(title: &str, pictures: &[Picture]) -> String {
    let sections = sections(pictures);
    let links = sections
        .iter()
        .enumerate()
        .map(|(at, section)| Element::new("a").with("href", format!("#section-{at}")).text(&section[0].title));
    let head = Element::new("head")
        .child(Element::new("meta").with("charset", "utf-8"))
        .child(Element::new("meta").with("name", "viewport").with("content", "width=device-width, initial-scale=1"))
        .child(Element::new("title").text(title))
        .child(Element::new("style").child(Markup::Raw(style::PICTURE)).child(Markup::Raw(style::PAGE)));
    let body = Element::new("body")
        .child(Element::new("header").child(Element::new("h1").text(title)))
        .child(Element::new("nav").children(links))
        .child(
            Element::new("main").children(sections.iter().enumerate().map(|(at, section)| self::section(at, section))),
        );
    Element::new("html").with("lang", "en").child(head).child(body).html()
}

/// Pictures with the same title together, in the order of the first of each.
fn sections(pictures: &[Picture]) -> Vec<Vec<&Picture>> {
    let mut sections: Vec<Vec<&Picture>> = Vec::new();
    for picture in pictures {
        match sections.iter_mut().find(|section| section[0].title == picture.title) {
            Some(section) => section.push(picture),
            None => sections.push(vec![picture]),
        }
    }
    sections
}

fn section(at: usize, pictures: &[&Picture]) -> Element {
    let mut section = Element::new("section")
        .with("id", format!("section-{at}"))
        .child(Element::new("h2").text(&pictures[0].title))
        .on_own_line();
    for about in &pictures[0].about {
        section = section.child(Element::new("p").with("class", "muted").text(about));
    }
    let shown = |variant: usize| format!("section-{at}-{variant}");
    let mut tabs = Element::new("div").with("class", "tabs");
    let mut rules = String::new();
    for (variant, picture) in pictures.iter().enumerate().filter(|(_, picture)| picture.variant.is_some()) {
        let mut choice = Element::new("input")
            .with("type", "radio")
            .with("class", "choice")
            .with("name", format!("choice-{at}"))
            .with("id", format!("{}-choice", shown(variant)));
        if variant == 0 {
            choice = choice.with("checked", "");
        }
        let name = picture.variant.clone().unwrap_or_default();
        let label = Element::new("label").with("for", format!("{}-choice", shown(variant))).text(name);
        tabs = tabs.child(choice).child(label);
        let id = shown(variant);
        rules.push_str(&format!("section:has(#{id}-choice:checked) #{id}{{display:block}}"));
        rules.push_str(&format!("#{id}-choice:checked+label{{background:#0969da;border-color:#0969da;color:#fff}}"));
    }
    let fit = Element::new("label").with("class", "fit");
    let fit = fit.child(Element::new("input").with("type", "checkbox")).text(" fit to the window");
    section = section.child(tabs.child(fit)).child(Element::new("style").text(rules));
    section.children(pictures.iter().enumerate().map(|(variant, picture)| {
        let class = if picture.variant.is_some() { "frame variant" } else { "frame" };
        Element::new("div").with("class", class).with("id", shown(variant)).child(element(picture, false))
    }))
}
