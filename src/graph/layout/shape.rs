//! A box's own size, with its text broken into lines and its ports in their places.

use super::{Scene, scene};
use crate::graph::measure::{BODY, Face, SMALL, TITLE};
use crate::graph::picture::{Block, Kind, Line, Node};

/// From a port to the next.
pub(in crate::graph) const PORT: f64 = 19.0;
const PADDING: f64 = 12.0;
const WIDEST: f64 = 250.0;
const NARROWEST: f64 = 96.0;
const BETWEEN_PORTS: f64 = 28.0;
const SIGN: f64 = 20.0;
/// Around what stands in a box.
const MARGIN: f64 = 16.0;
const BARS: f64 = 30.0;

/// A box without a place.
#[derive(Debug)]
pub(in crate::graph) struct Shape<'a> {
    pub(in crate::graph) width: f64,
    pub(in crate::graph) height: f64,
    pub(in crate::graph) title: Vec<String>,
    pub(in crate::graph) details: Vec<String>,
    /// Each line's own lines, and where it begins.
    pub(in crate::graph) lines: Vec<(f64, Vec<String>)>,
    pub(in crate::graph) inputs: Vec<PortText>,
    pub(in crate::graph) outputs: Vec<PortText>,
    pub(in crate::graph) inputs_y: Vec<f64>,
    pub(in crate::graph) outputs_y: Vec<f64>,
    /// Where an arrow to the box itself ends.
    pub(in crate::graph) middle: f64,
    /// What stands in it, and where that begins.
    pub(in crate::graph) inner: Option<(f64, f64, Scene<'a>)>,
}

/// What stands at a port.
#[derive(Debug)]
pub(in crate::graph) struct PortText {
    pub(in crate::graph) name: String,
    pub(in crate::graph) value: Option<String>,
    /// The whole text, where it is cut.
    pub(in crate::graph) whole: Option<String>,
}

pub(super) fn shape(node: &Node) -> Shape<'_> {
    match node.kind {
        Kind::Entry | Kind::Exit => border(node),
        _ => match &node.inner {
            Some(inner) => around(node, inner),
            None => plain(node),
        },
    }
}

/// A name at the border of the box around.
fn border(node: &Node) -> Shape<'_> {
    let title = vec![SMALL.cut(&node.title, WIDEST)];
    let width = SMALL.widest(&title) + 16.0;
    let mut shape = empty(width, PORT);
    shape.title = title;
    shape.middle = PORT / 2.0;
    shape
}

fn plain(node: &Node) -> Shape<'_> {
    let (mut shape, header) = header(node, WIDEST);
    let mut y = header;
    for line in &node.lines {
        let lines = BODY.wrap(&line.text, WIDEST - SIGN, 6);
        shape.width = shape.width.max(BODY.widest(&lines) + SIGN + 2.0 * PADDING);
        let height = lines.len() as f64 * BODY.leading() + bars(line) + 7.0;
        shape.width = shape.width.max(line.weights.len() as f64 * 42.0 + SIGN + 2.0 * PADDING);
        shape.lines.push((y, lines));
        y += height;
    }
    shape.inputs = node.inputs.iter().map(|input| port_text(&input.name, input.value.as_deref())).collect();
    shape.outputs = node.outputs.iter().map(|output| port_text(output, None)).collect();
    let rows = shape.inputs.len().max(shape.outputs.len());
    let widths = (0..rows).map(|row| {
        let (left, right) =
            (shape.inputs.get(row).map_or(0.0, port_width), shape.outputs.get(row).map_or(0.0, port_width));
        left + right + if left > 0.0 && right > 0.0 { BETWEEN_PORTS } else { 0.0 }
    });
    shape.width = widths.map(|width| width + 2.0 * PADDING).fold(shape.width, f64::max).max(NARROWEST).ceil();
    let at = |row: usize| y + PORT * row as f64 + PORT / 2.0 + 2.0;
    shape.inputs_y = (0..shape.inputs.len()).map(at).collect();
    shape.outputs_y = (0..shape.outputs.len()).map(at).collect();
    shape.height = y + if rows > 0 { PORT * rows as f64 + 6.0 } else { 0.0 };
    shape
}

/// How high the bars of a line are.
fn bars(line: &Line) -> f64 {
    if line.weights.is_empty() { 0.0 } else { BARS }
}

fn around<'a>(node: &'a Node, inner: &'a Block) -> Shape<'a> {
    let scene = scene(inner);
    let (mut shape, top) = header(node, (scene.width + 2.0 * MARGIN).max(WIDEST));
    let opens = inner.nodes.iter().any(|node| node.kind == Kind::Entry);
    let closes = inner.nodes.iter().any(|node| node.kind == Kind::Exit);
    let left = if opens { 0.0 } else { MARGIN };
    let free = scene.width + left + if closes { 0.0 } else { MARGIN };
    shape.width = shape.width.max(free).max(NARROWEST).ceil();
    let y = top + 6.0;
    shape.height = y + scene.height + MARGIN;
    let ports = |kind: Kind| {
        let ports = scene.boxes.iter().filter(|placed| placed.node.kind == kind);
        ports.map(|placed| y + placed.y + PORT / 2.0).collect()
    };
    (shape.inputs_y, shape.outputs_y) = (ports(Kind::Entry), ports(Kind::Exit));
    shape.inner = Some((left, y, scene));
    shape
}

/// Title and details; and where what follows begins.
fn header(node: &Node, widest: f64) -> (Shape<'static>, f64) {
    let title = TITLE.wrap(&node.title, widest, 4);
    let details: Vec<String> = node.details.iter().flat_map(|detail| SMALL.wrap(detail, widest, 3)).collect();
    let width = TITLE.widest(&title).max(SMALL.widest(&details)) + 2.0 * PADDING + 4.0;
    let text = height(TITLE, &title) + height(SMALL, &details);
    let mut shape = empty(width.max(NARROWEST).ceil(), text + 18.0);
    shape.middle = 9.0 + TITLE.leading() / 2.0;
    (shape.title, shape.details) = (title, details);
    (shape, text + 18.0)
}

fn height(face: Face, lines: &[String]) -> f64 {
    face.leading() * lines.len() as f64
}

fn empty(width: f64, height: f64) -> Shape<'static> {
    Shape {
        width,
        height,
        title: Vec::new(),
        details: Vec::new(),
        lines: Vec::new(),
        inputs: Vec::new(),
        outputs: Vec::new(),
        inputs_y: Vec::new(),
        outputs_y: Vec::new(),
        middle: height / 2.0,
        inner: None,
    }
}

fn port_text(name: &str, value: Option<&str>) -> PortText {
    let (short, short_value) = (SMALL.cut(name, 180.0), value.map(|value| SMALL.cut(value, 150.0)));
    let whole = match value {
        Some(value) => format!("{name}: {value}"),
        None => name.to_owned(),
    };
    let cut = short != name || short_value.as_deref() != value;
    PortText { name: short, value: short_value, whole: cut.then_some(whole) }
}

fn port_width(text: &PortText) -> f64 {
    SMALL.width(&text.name) + text.value.as_ref().map_or(0.0, |value| 8.0 + SMALL.width(value))
}
