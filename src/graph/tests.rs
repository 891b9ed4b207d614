//! What a reader would notice broken in a drawing, looked for in every sample.

use indexmap::IndexMap;
use serde_json::json;

use super::layout::{Path, Scene, scene};
use super::measure::{BODY, SMALL, TITLE};
use super::picture::Kind;
use super::{Picture, html, mermaid, pictures, svg};
use crate::plan::*;

mod samples;

use samples::*;

/// Every rule of a drawing that a reader would notice broken.
fn well_drawn(picture: &Picture) {
    let main = scene(&picture.block);
    inspect(&main, &picture.name);
    let text = svg(picture);
    assert!(text.starts_with("<svg xmlns") && text.ends_with("</svg>\n"));
    balanced(&text);
}

fn inspect(scene: &Scene, name: &str) {
    for (index, one) in scene.boxes.iter().enumerate() {
        assert!(one.x >= -0.01 && one.y >= -0.01, "{name}: {} lies outside", one.node.title);
        assert!(one.x + one.width <= scene.width + 0.01 && one.y + one.shape.height <= scene.height + 0.01, "{name}");
        for other in &scene.boxes[index + 1..] {
            let apart = one.x + one.width <= other.x
                || other.x + other.width <= one.x
                || one.y + one.shape.height <= other.y + 0.01
                || other.y + other.shape.height <= one.y + 0.01;
            assert!(apart, "{name}: {} and {} overlap", one.node.title, other.node.title);
        }
        assert!(one.width + 0.01 >= one.shape.width, "{name}: {} is squeezed", one.node.title);
        texts_fit(one, name);
        if let Some((x, y, inner)) = &one.shape.inner {
            assert!(x + inner.width <= one.width + 0.01 && y + inner.height <= one.shape.height, "{name}");
            inspect(inner, name);
        }
    }
    scene.paths.iter().for_each(|path| crosses_no_box(path, scene, name));
}

fn texts_fit(one: &super::layout::Placed, name: &str) {
    let shape = &one.shape;
    let room = |inset: f64| one.width - inset;
    let title = if matches!(one.node.kind, Kind::Entry | Kind::Exit) { SMALL } else { TITLE };
    assert!(title.widest(&shape.title) <= room(8.0), "{name}: {:?} overflows", shape.title);
    assert!(SMALL.widest(&shape.details) <= room(12.0), "{name}: {:?} overflows", shape.details);
    for (_, lines) in &shape.lines {
        assert!(BODY.widest(lines) <= room(32.0), "{name}: {lines:?} overflow");
    }
    for row in 0..shape.inputs.len().max(shape.outputs.len()) {
        let width = |ports: &[super::layout::PortText]| {
            ports.get(row).map_or(0.0, |port| {
                SMALL.width(&port.name) + port.value.as_ref().map_or(0.0, |value| 7.0 + SMALL.width(value))
            })
        };
        if one.node.inner.is_none() {
            assert!(
                width(&shape.inputs) + width(&shape.outputs) <= room(24.0) + 0.5,
                "{name}: ports of {}",
                one.node.title
            );
        }
    }
}

/// Straight parts of a wire stay clear of boxes; its curves lie between layers, where none are.
fn crosses_no_box(path: &Path, scene: &Scene, name: &str) {
    for pair in path.points.chunks(2) {
        let [(x0, y0), (x1, _)] = pair else { continue };
        for one in &scene.boxes {
            let within = one.y + 0.5 < *y0 && *y0 < one.y + one.shape.height - 0.5;
            let passes = x0.min(*x1) + 0.5 < one.x + one.width - 0.5 && one.x + 0.5 < x0.max(*x1) - 0.5;
            assert!(!(within && passes), "{name}: a wire crosses {}", one.node.title);
        }
    }
}

/// Every tag that is opened is closed, in order.
fn balanced(text: &str) {
    let mut open = Vec::new();
    for tag in text.split('<').skip(1) {
        let tag = tag.split('>').next().unwrap();
        match tag.strip_prefix('/') {
            Some(name) => assert_eq!(open.pop(), Some(name)),
            None if tag.ends_with('/') => {}
            None => open.push(tag.split(' ').next().unwrap()),
        }
    }
    assert_eq!(open, Vec::<&str>::new());
}

#[test]
fn the_tumour_project_is_well_drawn() {
    let plan = tumour();
    let pictures = pictures(&plan);
    assert_eq!(
        pictures.iter().map(|picture| picture.name.as_str()).collect::<Vec<_>>(),
        ["promotion", "training-production"]
    );
    pictures.iter().for_each(well_drawn);
    let training = svg(&pictures[1]);
    for text in [
        "for penalty in penalties",
        "2 at a time",
        "if report.auc >= 0.95",
        "finally, whatever happened",
        "best.best",
        "3 more tries",
    ] {
        assert!(training.contains(&crate::text::markup::escape(text)), "{text}");
    }
    let promotion = svg(&pictures[0]);
    for text in ["2 of clinical_safety approve", "a person starts it", "25%", "on failure: roll back", "verify smoke"] {
        assert!(promotion.contains(text), "{text}");
    }
}

#[test]
fn odd_pipelines_are_well_drawn() {
    for odd in [wide(40), chain(30), nested(6), odd_names(), arms(), group()] {
        let plan = with(vec![odd]);
        pictures(&plan).iter().for_each(well_drawn);
    }
}

#[test]
fn pictures_are_the_same_every_time() {
    let plan = with(vec![wide(12), nested(3), arms()]);
    let once: Vec<String> = pictures(&plan).iter().map(svg).collect();
    assert_eq!(once, pictures(&plan).iter().map(svg).collect::<Vec<_>>());
    assert_eq!(html("x", &pictures(&plan)), html("x", &pictures(&plan)));
}

#[test]
fn a_page_holds_every_picture() {
    let plan = with(vec![wide(3), odd_names()]);
    let page = html("A & B", &pictures(&plan));
    assert!(page.starts_with("<!DOCTYPE html>\n<html lang=\"en\">") && page.contains("<title>A &amp; B</title>"));
    assert_eq!(page.matches("<svg ").count(), 2);
    assert!(
        !page.contains("http://")
            || page.matches("http://").count() == page.matches("http://www.w3.org/2000/svg").count()
    );
    let empty = html("nothing", &[]);
    assert!(empty.contains("<h1>nothing</h1>"));
}

#[test]
fn a_flowchart_has_a_line_a_box_and_an_arrow() {
    let plan = with(vec![arms()]);
    let chart = mermaid(&pictures(&plan)[0]);
    assert!(chart.starts_with("flowchart LR\n"));
    assert_eq!(chart.matches("subgraph").count(), chart.lines().filter(|line| line.trim() == "end").count());
    assert!(chart.contains("-->|\"rows\"|") && chart.contains("else"));
}

#[test]
fn three_thousand_steps_are_drawn_in_time() {
    let began = std::time::Instant::now();
    let plan = with(vec![chain(3_000)]);
    assert!(svg(&pictures(&plan)[0]).len() > 100_000);
    assert!(began.elapsed().as_secs() < 20);
}
