//! A picture as a Mermaid flowchart.

use std::fmt::Write;

use super::measure::SMALL;
use super::picture::{Block, Input, Kind, Link, Node, Picture};
use super::svg::full_title;
use crate::plan::percent_text;
use crate::text::mermaid::label;

/// The flowchart's text.
pub fn mermaid(picture: &Picture) -> String {
    let mut chart = Chart { text: "flowchart LR\n".to_owned(), arrows: Vec::new(), next: 0 };
    let title = chart.id();
    let heading: Vec<String> = std::iter::once(full_title(picture)).chain(picture.about.iter().cloned()).collect();
    let _ = writeln!(chart.text, "  {title}[{}]:::title", label(&heading));
    chart.block(&picture.block, 1);
    if let Some(last) = &picture.last {
        chart.node(last, 1);
    }
    for arrow in &chart.arrows {
        let _ = writeln!(chart.text, "  {arrow}");
    }
    chart.text.push_str("  classDef title fill:none,stroke:none,text-align:left\n");
    chart.text.push_str("  classDef port fill:none,stroke:none\n");
    chart.text.push_str("  classDef recorded stroke-dasharray:5 4\n");
    chart.text
}

struct Chart {
    text: String,
    arrows: Vec<String>,
    next: usize,
}

/// What an arrow can be tied to.
struct Shown {
    id: String,
    /// The nodes that stand for entries and exits, where it is a box around others.
    entries: Vec<String>,
    exits: Vec<String>,
}

impl Chart {
    fn id(&mut self) -> String {
        self.next += 1;
        format!("n{}", self.next)
    }

    fn block(&mut self, block: &Block, depth: usize) -> Vec<Shown> {
        let shown: Vec<Shown> = block.nodes.iter().map(|node| self.node(node, depth)).collect();
        for link in &block.links {
            self.arrow(block, &shown, link);
        }
        shown
    }

    fn arrow(&mut self, block: &Block, shown: &[Shown], link: &Link) {
        let from_port = link.output.and_then(|output| shown[link.from].exits.get(output));
        let to_port = link.input.and_then(|input| shown[link.to].entries.get(input));
        let (from, to) = (from_port.unwrap_or(&shown[link.from].id), to_port.unwrap_or(&shown[link.to].id));
        let name = link.output.and_then(|output| block.nodes[link.from].outputs.get(output));
        let sign = if link.waits { "-.->" } else { "-->" };
        let arrow = match name.filter(|_| from_port.is_none()) {
            Some(name) => format!("{from} {sign}|{}| {to}", label(std::slice::from_ref(name))),
            None => format!("{from} {sign} {to}"),
        };
        self.arrows.push(arrow);
    }

    fn node(&mut self, node: &Node, depth: usize) -> Shown {
        let (id, indent) = (self.id(), "  ".repeat(depth));
        let mut shown = Shown { id: id.clone(), entries: Vec::new(), exits: Vec::new() };
        let text = label(&texts(node));
        if let Some(inner) = &node.inner {
            let _ = writeln!(self.text, "{indent}subgraph {id}[{text}]");
            let boxes = self.block(inner, depth + 1);
            let of = |kind: Kind| {
                let pairs = inner.nodes.iter().zip(&boxes).filter(move |(node, _)| node.kind == kind);
                pairs.map(|(_, shown)| shown.id.clone()).collect()
            };
            (shown.entries, shown.exits) = (of(Kind::Entry), of(Kind::Exit));
            if inner.nodes.is_empty() {
                let nothing = self.id();
                let _ = writeln!(self.text, "{indent}  {nothing}[\" \"]:::port");
            }
            let _ = writeln!(self.text, "{indent}end");
            return shown;
        }
        let (open, close) = match node.kind {
            Kind::Entry | Kind::Exit => ("([", "])"),
            Kind::Result => ("[[", "]]"),
            Kind::Edge => ("{{", "}}"),
            Kind::Command | Kind::Import => ("[/", "/]"),
            Kind::Ci | Kind::Environment | Kind::Production => ("(", ")"),
            _ => ("[", "]"),
        };
        let class = match node.kind {
            Kind::Entry | Kind::Exit => ":::port",
            _ if node.dashed => ":::recorded",
            _ => "",
        };
        let _ = writeln!(self.text, "{indent}{id}{open}{text}{close}{class}");
        shown
    }
}

fn texts(node: &Node) -> Vec<String> {
    let mut texts = vec![if node.title.is_empty() { " ".to_owned() } else { node.title.clone() }];
    texts.extend(node.details.iter().cloned());
    for line in &node.lines {
        let weights: Vec<String> = line.weights.iter().copied().map(percent_text).collect();
        texts.push(match weights.is_empty() {
            true => line.text.clone(),
            false => format!("{} ({})", line.text, weights.join(" → ")),
        });
    }
    if node.inner.is_none() {
        texts.extend(node.inputs.iter().filter_map(given));
    }
    texts
}

fn given(input: &Input) -> Option<String> {
    let value = input.value.as_ref()?;
    Some(format!("{}: {}", input.name, SMALL.cut(value, 220.0)))
}
