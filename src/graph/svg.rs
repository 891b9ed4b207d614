//! A picture as SVG that stands alone: no font, script or file beside it; colours follow the reader's light or dark.

use super::layout::{PORT, Path, Placed, PortText, Scene, Shape, scene};
use super::measure::{BODY, Face, HEADING, SMALL, TITLE};
use super::picture::{Kind, Line, Picture};
use super::style;
use crate::plan::percent_text;
use crate::text::markup::{Element, Markup};

/// Around the whole picture.
const MARGIN: f64 = 28.0;
/// Where text begins in a box.
const INSET: f64 = 12.0;
/// Up to which the sentences below the title are wide, where the picture is narrower.
const ABOUT: f64 = 560.0;

/// The picture as a file.
pub fn svg(picture: &Picture) -> String {
    element(picture, true).xml()
}

/// The picture as an element, with its style sheet and title or without.
pub(crate) fn element(picture: &Picture, alone: bool) -> Element {
    let main = scene(&picture.block);
    let block = super::picture::Block { nodes: picture.last.iter().cloned().collect(), links: Vec::new() };
    let last = scene(&block);
    let drawn = main.width.max(last.width);
    let (heading, top) = if alone { heading(picture, drawn.max(ABOUT)) } else { (Vec::new(), MARGIN) };
    let below = top + main.height + if main.height > 0.0 && last.height > 0.0 { 26.0 } else { 0.0 };
    let title = full_title(picture);
    let texts = heading
        .iter()
        .map(|(_, face, text)| face.width(text))
        .fold(HEADING.width(&title) * f64::from(u8::from(alone)), f64::max);
    let (width, height) = ((drawn.max(texts) + 2.0 * MARGIN).ceil(), (below + last.height + MARGIN).ceil());
    let mut svg = Element::new("svg")
        .with("xmlns", "http://www.w3.org/2000/svg")
        .with("width", width)
        .with("height", height)
        .with("viewBox", format!("0 0 {width} {height}"))
        .with("role", "img")
        .with("aria-label", &title);
    if alone {
        svg = svg
            .child(Element::new("title").text(&title))
            .child(Element::new("style").child(Markup::Raw(style::PICTURE)));
    }
    svg = svg.child(Element::new("rect").with("class", "page").with("width", width).with("height", height));
    svg = svg.children(heading.into_iter().map(|(y, face, text)| line(MARGIN, y, face, "", &text)));
    let group =
        |x: f64, y: f64, scene: &Scene| self::group(scene).with("transform", format!("translate({} {})", n(x), n(y)));
    svg.child(group(MARGIN, top, &main)).child(group(MARGIN, below, &last))
}

/// `training in production`
pub(super) fn full_title(picture: &Picture) -> String {
    match &picture.variant {
        Some(variant) => format!("{} in {variant}", picture.title),
        None => picture.title.clone(),
    }
}

/// Lines of text with their heights, and where what follows begins.
fn heading(picture: &Picture, width: f64) -> (Vec<(f64, Face, String)>, f64) {
    let mut y = MARGIN + HEADING.size;
    let mut lines = Vec::new();
    for text in HEADING.wrap(&full_title(picture), width.max(400.0), 3) {
        lines.push((y, HEADING, text));
        y += HEADING.leading();
    }
    for about in &picture.about {
        for text in BODY.wrap(about, width, 8) {
            lines.push((y, BODY, text));
            y += BODY.leading();
        }
    }
    (lines, y + 10.0)
}

fn group(scene: &Scene) -> Element {
    let paths = scene.paths.iter().map(wire);
    let boxes = scene.boxes.iter().map(placed);
    Element::new("g").children(paths).children(boxes)
}

fn placed(placed: &Placed) -> Element {
    let (node, shape) = (placed.node, &placed.shape);
    let mut group =
        Element::new("g").with("transform", format!("translate({} {})", n(placed.x), n(placed.y))).on_own_line();
    if let Some(tooltip) = &node.tooltip {
        group = group.child(Element::new("title").text(tooltip));
    }
    match node.kind {
        Kind::Entry => border(group, shape, 0.0, "start"),
        Kind::Exit => border(group, shape, placed.width, "end"),
        _ => inside(frame(group, placed), placed),
    }
}

/// A name at the border of the box around: a dot on the border, the text within.
fn border(group: Element, shape: &Shape, x: f64, anchor: &'static str) -> Element {
    let text = shape.title.first().map_or("", String::as_str);
    let inward = if anchor == "start" { 8.0 } else { -8.0 };
    let label = self::line(x + inward, PORT / 2.0 + 4.0, SMALL, "muted", text).with("text-anchor", anchor);
    group.child(dot(x, PORT / 2.0)).child(label)
}

fn frame(group: Element, placed: &Placed) -> Element {
    let (node, shape) = (placed.node, &placed.shape);
    let around = node.inner.is_some();
    let dashed = if node.dashed { " dashed" } else { "" };
    let class = if around { format!("box around {}{dashed}", style::class(node.kind)) } else { format!("box{dashed}") };
    let rect = |x: f64, width: f64| {
        Element::new("rect").with("x", n(x)).with("width", n(width)).with("height", n(shape.height))
    };
    let group = group.child(rect(0.0, placed.width).with("rx", 8).with("class", class));
    if around {
        return group;
    }
    let path =
        format!("M8 0H5V{h}H8A8 8 0 0 1 0 {low}V8A8 8 0 0 1 8 0Z", h = n(shape.height), low = n(shape.height - 8.0));
    group.child(Element::new("path").with("d", path).with("class", format!("accent {}", style::class(node.kind))))
}

fn inside(mut group: Element, placed: &Placed) -> Element {
    let (node, shape) = (placed.node, &placed.shape);
    let mut y = 9.0;
    for (lines, face, class) in [(&shape.title, TITLE, ""), (&shape.details, SMALL, "muted")] {
        for text in lines {
            group = group.child(line(INSET, y + face.size, face, class, text));
            y += face.leading();
        }
    }
    if let Some((x, y, scene)) = &shape.inner {
        let inner = self::group(scene).with("transform", format!("translate({} {})", n(*x), n(*y)));
        return group.child(self::stretched(inner, scene, placed.width - x));
    }
    for (told, (y, texts)) in node.lines.iter().zip(&shape.lines) {
        group = group.children(told_line(told, *y, texts));
    }
    if !shape.inputs.is_empty() || !shape.outputs.is_empty() {
        let first = shape.inputs_y.first().or(shape.outputs_y.first()).map_or(0.0, |first| first - PORT / 2.0 - 2.0);
        let rule = Element::new("path").with("d", format!("M5.5 {y}H{w}", y = n(first), w = n(placed.width)));
        group = group.child(rule.with("class", "rule"));
    }
    let inputs = shape.inputs.iter().zip(&shape.inputs_y).map(|(text, y)| port(text, INSET, *y, "start"));
    let outputs = shape.outputs.iter().zip(&shape.outputs_y).map(|(text, y)| {
        Element::new("g").child(port(text, placed.width - INSET, *y, "end")).child(dot(placed.width, *y))
    });
    group.children(inputs).children(outputs)
}

/// A box around others may be wider than they are: what leaves it goes on to its border.
fn stretched(inner: Element, scene: &Scene, width: f64) -> Element {
    let short =
        scene.boxes.iter().filter(|placed| placed.node.kind == Kind::Exit && placed.x + placed.width + 0.5 < width);
    inner.children(short.map(|placed| {
        let y = n(placed.y + PORT / 2.0);
        Element::new("path")
            .with("class", "wire")
            .with("d", format!("M{} {y}H{}", n(placed.x + placed.width), n(width)))
    }))
}

fn told_line(told: &Line, y: f64, texts: &[String]) -> Vec<Element> {
    let (class, strokes) = style::sign(told.sign);
    let sign = Element::new("path")
        .with("class", format!("sign {class}"))
        .with("d", strokes)
        .with("transform", format!("translate({} {})", n(INSET + 1.0), n(y + 1.0)));
    let mut drawn = vec![sign];
    let mut y = y;
    for text in texts {
        drawn.push(line(INSET + 20.0, y + 11.0, BODY, "", text));
        y += BODY.leading();
    }
    for (at, weight) in told.weights.iter().enumerate() {
        let (x, height) = (INSET + 20.0 + 42.0 * at as f64, (18.0 * weight).clamp(1.5, 18.0));
        let bar = Element::new("rect").with("class", "bar").with("rx", 1.5).with("x", n(x)).with("width", 9);
        drawn.push(bar.with("y", n(y + 22.0 - height)).with("height", n(height)));
        drawn.push(line(x + 12.0, y + 22.0, SMALL, "muted", &percent_text(*weight)));
    }
    drawn
}

fn port(text: &PortText, x: f64, y: f64, anchor: &'static str) -> Element {
    let mut element = Element::new("text").with("class", "small").with("x", n(x)).with("y", n(y + 4.0));
    if anchor != "start" {
        element = element.with("text-anchor", anchor);
    }
    if let Some(whole) = &text.whole {
        element = element.child(Element::new("title").text(whole));
    }
    element = element.text(&text.name);
    match &text.value {
        Some(value) => element.child(Element::new("tspan").with("class", "value").with("dx", 7).text(value)),
        None => element,
    }
}

fn line(x: f64, y: f64, face: Face, class: &str, text: &str) -> Element {
    let named = match face {
        HEADING => "heading",
        TITLE => "title",
        BODY => "body",
        _ => "small",
    };
    let class = if class.is_empty() { named.to_owned() } else { format!("{named} {class}") };
    Element::new("text").with("class", class).with("x", n(x)).with("y", n(y)).text(text)
}

fn dot(x: f64, y: f64) -> Element {
    Element::new("circle").with("class", "dot").with("cx", n(x)).with("cy", n(y)).with("r", 2.6)
}

fn wire(path: &Path) -> Element {
    let mut d = String::new();
    let mut points = path.points.iter();
    if let Some((x, y)) = points.next() {
        d.push_str(&format!("M{} {}", n(*x), n(*y)));
    }
    let rest: Vec<_> = points.copied().collect();
    for (at, (x, y)) in rest.iter().enumerate() {
        if at % 2 == 0 {
            d.push_str(&format!("H{}", n(*x)));
            continue;
        }
        let (before_x, before_y) = rest[at - 1];
        let middle = n((before_x + x) / 2.0);
        d.push_str(&format!("C{middle} {} {middle} {} {} {}", n(before_y), n(*y), n(*x), n(*y)));
    }
    let class = if path.waits { "wire waits" } else { "wire" };
    let wire = Element::new("path").with("class", class).with("d", d);
    let group = Element::new("g").child(wire).on_own_line();
    match path.points.last() {
        Some((x, y)) if path.head => {
            let head = format!("M{} {}l-7 -3.8v7.6Z", n(*x), n(*y));
            group.child(Element::new("path").with("class", "head").with("d", head))
        }
        _ => group,
    }
}

/// A coordinate, to a tenth.
fn n(value: f64) -> String {
    let rounded = (value * 10.0).round() / 10.0;
    format!("{}", if rounded == 0.0 { 0.0 } else { rounded })
}
