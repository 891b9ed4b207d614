//! A pipeline in one environment as a picture: its tasks, the blocks around them, and the data that flows.

use std::collections::BTreeMap;

use serde_json::Value;

use super::picture::{Block, Input, Kind, Line, Link, Node, Picture, Sign};
use crate::plan::{
    Arm, Branch, Expr, ExprKind, Group, Loop, Node as Planned, Output, Parameter, Pipeline, Plan, Run, Task, Try,
    duration_text, size_text, value_text,
};

/// A picture a pipeline and environment, in the plan's order.
pub fn pipelines(plan: &Plan) -> Vec<Picture> {
    plan.pipelines.iter().map(pipeline).collect()
}

/// A pipeline in one environment.
pub fn pipeline(pipeline: &Pipeline) -> Picture {
    let mut about: Vec<String> = pipeline.description.iter().cloned().collect();
    about.extend(pipeline.parameters.iter().map(parameter));
    if let Some(schedule) = &pipeline.schedule {
        about.push(format!("Runs by itself: {}", form_text(&schedule.every)));
    }
    let (mut block, _) = Builder::default().block(&pipeline.body, &[]);
    results(&mut block, pipeline);
    Picture {
        name: format!("{}-{}", pipeline.name, pipeline.environment),
        title: pipeline.name.clone(),
        variant: Some(pipeline.environment.clone()),
        about,
        block,
        last: pipeline.finally.as_deref().map(|last| Builder::default().last(last).0),
    }
}

fn parameter(parameter: &Parameter) -> String {
    let bounds: Vec<&str> = parameter.predicates.iter().map(|predicate| predicate.text.as_str()).collect();
    let bounds = if bounds.is_empty() { String::new() } else { format!(" where {}", bounds.join(" and ")) };
    let default = parameter.default.as_ref().map(|value| format!(" = {}", value_text(&parameter.ty, value)));
    format!("{}: {}{bounds}{}", parameter.name, parameter.ty, default.unwrap_or_default())
}

/// A form as a person would write it: its first argument by its place, the others that say something by their names.
pub fn form_text(form: &crate::plan::Form) -> String {
    called(&form.form, form.arguments.iter())
}

fn called<'a>(name: &str, arguments: impl Iterator<Item = (&'a String, &'a Value)>) -> String {
    let said =
        arguments.filter(|(_, value)| !value.is_null() && value.as_array().is_none_or(|items| !items.is_empty()));
    let said = said.enumerate().map(|(at, (name, value))| match at {
        0 => plain(value),
        _ => format!("{name}: {}", plain(value)),
    });
    let said: Vec<String> = said.collect();
    if said.is_empty() { name.to_owned() } else { format!("{name}({})", said.join(", ")) }
}

/// A value without quotes.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(" "),
        Value::Object(entries) => match (entries.get("form"), entries.get("arguments"), entries.get("secret")) {
            (Some(Value::String(form)), Some(Value::Object(arguments)), _) => called(form, arguments.iter()),
            (_, _, Some(Value::String(secret))) => secret.clone(),
            _ => value.to_string(),
        },
        other => other.to_string(),
    }
}

/// The box for what the pipeline gives.
fn results(block: &mut Block, pipeline: &Pipeline) {
    if pipeline.outputs.is_empty() {
        return;
    }
    let ids: BTreeMap<&str, usize> = pipeline.body.iter().enumerate().map(|(at, node)| (node.id(), at)).collect();
    let inputs = pipeline.outputs.iter().map(|output| input(&output.name, &output.value, false)).collect();
    let to = block.add(Node { kind: Kind::Result, title: "return".to_owned(), inputs, ..Node::default() });
    for (at, output) in pipeline.outputs.iter().enumerate() {
        for source in sources(&output.value, false) {
            let Source::Output { node, name } = source else { continue };
            if let Some(&from) = ids.get(node.as_str()) {
                let output = output_index(&block.nodes[from], &name);
                block.link(Link { from, output, to, input: Some(at), waits: false });
            }
        }
    }
}

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Source {
    Output {
        node: String,
        name: String,
    },
    /// A parameter of the nested pipeline around.
    Parameter {
        name: String,
    },
}

/// What a block needs from outside: the value, or to wait for the node alone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Need {
    Value(Source),
    After(String),
}

fn sources(expr: &Expr, in_group: bool) -> Vec<Source> {
    let mut found = Vec::new();
    collect(expr, in_group, &mut found);
    found
}

fn collect(expr: &Expr, in_group: bool, found: &mut Vec<Source>) {
    match &expr.kind {
        ExprKind::Output { node, name } => found.push(Source::Output { node: node.clone(), name: name.clone() }),
        ExprKind::Parameter { name } if in_group => found.push(Source::Parameter { name: name.clone() }),
        ExprKind::Field { of, .. } | ExprKind::Length { of } => collect(of, in_group, found),
        ExprKind::Not { operand } => collect(operand, in_group, found),
        ExprKind::Text { parts } => parts.iter().for_each(|part| collect(part, in_group, found)),
        ExprKind::List { items } => items.iter().for_each(|item| collect(item, in_group, found)),
        ExprKind::Record { entries } => entries.values().for_each(|entry| collect(entry, in_group, found)),
        ExprKind::Binary { left, right, .. } => {
            [left, right].into_iter().for_each(|side| collect(side, in_group, found))
        }
        ExprKind::Between { operand, low, high, .. } => {
            [operand, low, high].into_iter().for_each(|part| collect(part, in_group, found));
        }
        _ => {}
    }
}

fn input(name: &str, value: &Expr, in_group: bool) -> Input {
    let linked = !sources(value, in_group).is_empty();
    let plain = matches!(value.kind, ExprKind::Output { .. } | ExprKind::List { .. });
    let text = (!(linked && plain)).then(|| value.to_string()).filter(|text| text != name);
    Input { name: name.to_owned(), value: text }
}

fn output_index(node: &Node, name: &str) -> Option<usize> {
    node.outputs.iter().position(|output| output == name)
}

/// The needs of a box that stands for a node: which of its ports (or it itself) asks for what.
type Asked = Vec<(Need, Option<usize>)>;

#[derive(Clone, Default)]
struct Builder {
    /// The names of the items of the loops around, by the loops' ids.
    items: BTreeMap<String, String>,
    in_group: bool,
}

impl Builder {
    /// A block that gives `outputs`, and what it needs from outside in the order of its entries.
    fn block(&self, nodes: &[Planned], outputs: &[Output]) -> (Block, Vec<Need>) {
        let mut block = Block::default();
        let ids: BTreeMap<&str, usize> = nodes.iter().enumerate().map(|(at, node)| (node.id(), at)).collect();
        let mut asked = Vec::new();
        for (at, node) in nodes.iter().enumerate() {
            let (shown, asks) = self.node(node);
            block.add(shown);
            let after = node.after().iter().map(|id| (Need::After(id.clone()), None));
            asked.extend(asks.into_iter().chain(after).map(|(need, port)| (need, at, port)));
        }
        for output in outputs {
            let exit = block.add(Node { kind: Kind::Exit, title: output.name.clone(), ..Node::default() });
            let needs =
                sources(&output.value, self.in_group).into_iter().map(|source| (Need::Value(source), exit, None));
            asked.extend(needs);
        }
        let mut entries: Vec<(Need, usize)> = Vec::new();
        for (need, to, input) in asked {
            let (from, output, waits) = match local(&need, &ids, &block) {
                Some(found) => found,
                None => (self.entry(&need, &mut block, &mut entries), None, matches!(need, Need::After(_))),
            };
            block.link(Link { from, output, to, input, waits });
        }
        (block, entries.into_iter().map(|(need, _)| need).collect())
    }

    /// The entry for what comes from outside, made where there is none yet.
    fn entry(&self, need: &Need, block: &mut Block, entries: &mut Vec<(Need, usize)>) -> usize {
        if let Some((_, entry)) = entries.iter().find(|(known, _)| known == need) {
            return *entry;
        }
        let title = match need {
            Need::Value(Source::Output { node, name }) if name == "value" => node.clone(),
            Need::Value(Source::Output { node, name }) => format!("{node}.{name}"),
            Need::Value(Source::Parameter { name }) => name.clone(),
            Need::After(id) => format!("after {id}"),
        };
        let entry = block.add(Node { kind: Kind::Entry, title, ..Node::default() });
        entries.push((need.clone(), entry));
        entry
    }

    fn node(&self, node: &Planned) -> (Node, Asked) {
        match node {
            Planned::Task(task) => (self.task(task), self.task_asks(task)),
            Planned::Loop(node) => self.loop_box(node),
            Planned::Branch(node) => self.branch(node),
            Planned::Group(node) => self.group(node),
            Planned::Try(node) => self.attempt(node),
        }
    }

    /// The box of what runs whatever happened.
    fn last(&self, node: &Planned) -> (Node, Asked) {
        let (shown, asks) = self.node(node);
        let inner = Block { nodes: vec![shown], links: Vec::new() };
        let title = "finally, whatever happened".to_owned();
        (Node { kind: Kind::Finally, title, inner: Some(inner), ..Node::default() }, asks)
    }

    fn attempt(&self, node: &Try) -> (Node, Asked) {
        let (mut block, needs) = self.block(&node.body, &[]);
        let (last, asks) = self.last(&node.last);
        block.add(last);
        let shown = Node { kind: Kind::Branch, title: "try".to_owned(), ..container(block) };
        (shown, ports(needs).chain(asks.into_iter().map(|(need, _)| (need, None))).collect())
    }

    fn task(&self, task: &Task) -> Node {
        let is_gate = matches!(task.run, Run::Gate { .. });
        let mut details = Vec::new();
        if task.step != task.id && !is_gate {
            details.push(task.step.clone());
        }
        let facts = if is_gate { Vec::new() } else { facts(task) };
        if !facts.is_empty() {
            details.push(facts.join(" · "));
        }
        let mut lines = Vec::new();
        if let Run::Gate { text } = &task.run {
            lines.push(Line { sign: Sign::Gate, text: text.clone(), weights: Vec::new() });
        } else if let Run::Approval { team, .. } = &task.run {
            lines.push(Line { sign: Sign::Person, text: format!("1 of {team}"), weights: Vec::new() });
        } else if task.recorded {
            lines.push(fact("recorded, not started"));
        } else if task.external {
            lines.push(fact("changes the world outside"));
        }
        Node {
            kind: match task.run {
                Run::Python { .. } | Run::Gate { .. } => Kind::Task,
                Run::Command { .. } | Run::Claim { .. } | Run::Form { .. } | Run::Approval { .. } => Kind::Command,
                Run::Importer { .. } => Kind::Import,
            },
            title: task.id.clone(),
            details,
            tooltip: Some(tooltip(task)),
            lines,
            inputs: task.inputs.iter().map(|(name, given)| self.input(name, &given.value)).collect(),
            outputs: task.outputs.iter().map(|output| output.name.clone()).collect(),
            inner: None,
            dashed: task.recorded,
        }
    }

    fn task_asks(&self, task: &Task) -> Asked {
        let inputs = task.inputs.values().enumerate();
        let mut asks = inputs.flat_map(|(at, given)| self.needs(&given.value, Some(at))).collect::<Asked>();
        if let Run::Importer { uri, .. } = &task.run {
            asks.extend(self.needs(uri, None));
        }
        asks
    }

    fn needs(&self, expr: &Expr, port: Option<usize>) -> Asked {
        sources(expr, self.in_group).into_iter().map(|source| (Need::Value(source), port)).collect()
    }

    fn loop_box(&self, node: &Loop) -> (Node, Asked) {
        let mut inner = self.clone();
        inner.items.insert(node.id.clone(), node.item.clone());
        let (block, needs) = inner.block(&node.body, &node.yields);
        let at_once = node.parallel.map(|count| format!("{count} at a time"));
        let shown = Node {
            kind: Kind::Loop,
            title: format!("for {} in {}", node.item, self.text(&node.items)),
            details: named(&node.id, "for_").into_iter().chain(at_once).collect(),
            ..container(block)
        };
        let asks = self.needs(&node.items, None).into_iter().chain(ports(needs)).collect();
        (shown, asks)
    }

    fn branch(&self, node: &Branch) -> (Node, Asked) {
        if let [only] = node.arms.as_slice() {
            let (block, needs) = self.block(&only.body, &only.yields);
            let title =
                only.condition.as_ref().map_or("else".to_owned(), |condition| format!("if {}", self.text(condition)));
            let details = named(&node.id, "if_").into_iter().collect();
            let shown = Node { kind: Kind::Branch, title, details, ..container(block) };
            let condition = only.condition.iter().flat_map(|condition| self.needs(condition, None));
            return (shown, condition.chain(ports(needs)).collect());
        }
        let mut block = Block::default();
        let mut entries: Vec<(Need, usize)> = Vec::new();
        let arms: Vec<Asked> = node.arms.iter().enumerate().map(|(at, arm)| self.arm(arm, at, &mut block)).collect();
        for (at, output) in node.outputs.iter().enumerate() {
            let exit = block.add(Node { kind: Kind::Exit, title: output.name.clone(), ..Node::default() });
            for arm in 0..node.arms.len() {
                block.link(Link { from: arm, output: Some(at), to: exit, input: None, waits: false });
            }
        }
        for (arm, asks) in arms.into_iter().enumerate() {
            for (need, input) in asks {
                let from = self.entry(&need, &mut block, &mut entries);
                block.link(Link { from, output: None, to: arm, input, waits: matches!(need, Need::After(_)) });
            }
        }
        let title = named(&node.id, "if_").unwrap_or_else(|| "one of these".to_owned());
        let details = vec!["the first that holds".to_owned()];
        let shown = Node { kind: Kind::Branch, title, details, ..container(block) };
        (shown, ports(entries.into_iter().map(|(need, _)| need).collect()).collect())
    }

    fn arm(&self, arm: &Arm, at: usize, into: &mut Block) -> Asked {
        let (block, needs) = self.block(&arm.body, &arm.yields);
        let title = match &arm.condition {
            Some(condition) if at == 0 => format!("if {}", self.text(condition)),
            Some(condition) => format!("else if {}", self.text(condition)),
            None => "else".to_owned(),
        };
        into.add(Node { kind: Kind::Arm, title, ..container(block) });
        let condition = arm.condition.iter().flat_map(|condition| self.needs(condition, None));
        condition.chain(ports(needs)).collect()
    }

    fn group(&self, node: &Group) -> (Node, Asked) {
        let inner = Builder { items: BTreeMap::new(), in_group: true };
        let (block, needs) = inner.block(&node.body, &node.outputs);
        let mut details: Vec<String> =
            (node.pipeline != node.id).then(|| format!("pipeline {}", node.pipeline)).into_iter().collect();
        let constants = node.arguments.iter().filter(|(_, value)| sources(value, self.in_group).is_empty());
        let told = constants.map(|(name, value)| (name, self.text(value))).filter(|(name, text)| *name != text);
        let constants: Vec<String> = told.map(|(name, text)| format!("{name}: {text}")).collect();
        if !constants.is_empty() {
            details.push(constants.join(" · "));
        }
        let mut asks = Vec::new();
        for (port, need) in needs.into_iter().enumerate() {
            let Need::Value(Source::Parameter { name }) = need else { continue };
            asks.extend(node.arguments.get(&name).into_iter().flat_map(|value| self.needs(value, Some(port))));
        }
        (
            Node {
                kind: Kind::Group,
                title: node.id.clone(),
                details,
                tooltip: node.description.clone(),
                ..container(block)
            },
            asks,
        )
    }

    fn input(&self, name: &str, value: &Expr) -> Input {
        let shown = input(name, value, self.in_group);
        Input { value: shown.value.map(|_| self.text(value)).filter(|text| text != name), ..shown }
    }

    /// An expression, with loop items by their names.
    fn text(&self, expr: &Expr) -> String {
        match &expr.kind {
            ExprKind::Item { of } => self.items.get(of).unwrap_or(of).clone(),
            ExprKind::Field { of, name } if matches!(of.kind, ExprKind::Item { .. }) => {
                format!("{}.{name}", self.text(of))
            }
            _ => expr.to_string(),
        }
    }
}

/// Where a need is met within the block: the box, its output, and whether it is order alone.
fn local(need: &Need, ids: &BTreeMap<&str, usize>, block: &Block) -> Option<(usize, Option<usize>, bool)> {
    match need {
        Need::Value(Source::Output { node, name }) => {
            let from = *ids.get(node.as_str())?;
            Some((from, output_index(&block.nodes[from], name), false))
        }
        Need::Value(Source::Parameter { .. }) => None,
        Need::After(id) => Some((*ids.get(id.as_str())?, None, true)),
    }
}

/// Each need at its own entry.
fn ports(needs: Vec<Need>) -> impl Iterator<Item = (Need, Option<usize>)> {
    needs.into_iter().enumerate().map(|(at, need)| (need, Some(at)))
}

/// A box around a block: its ports are the block's entries and exits.
fn container(block: Block) -> Node {
    let titles = |kind: Kind| block.nodes.iter().filter(move |node| node.kind == kind).map(|node| node.title.clone());
    let inputs = titles(Kind::Entry).map(|name| Input { name, value: None }).collect();
    let outputs = titles(Kind::Exit).collect();
    Node { inputs, outputs, inner: Some(block), ..Node::default() }
}

/// The name that an author gave to a block; none where the plan made one up.
fn named(id: &str, made_up: &str) -> Option<String> {
    (!id.starts_with(made_up)).then(|| id.to_owned())
}

fn facts(task: &Task) -> Vec<String> {
    let resources = &task.resources;
    let mut facts: Vec<String> = Vec::new();
    facts.extend(resources.cpu.map(|cores| format!("{cores} CPU")));
    facts.extend(resources.memory.map(size_text));
    facts.extend((resources.gpu > 0).then(|| format!("{} GPU", resources.gpu)));
    facts.extend(task.timeout.map(|seconds| format!("at most {}", duration_text(seconds))));
    facts
        .extend(task.retry.as_ref().filter(|retry| retry.times > 0).map(|retry| format!("{} more tries", retry.times)));
    facts
}

fn tooltip(task: &Task) -> String {
    let run = match &task.run {
        Run::Python { file, function, .. } => format!("{function} in {file}"),
        Run::Command { .. } => "a command".to_owned(),
        Run::Gate { text } => format!("a gate: {text}"),
        Run::Claim { delete: false } => "the claim of a volume".to_owned(),
        Run::Claim { delete: true } => "the end of a claim".to_owned(),
        Run::Form { form, .. } => format!("`{}`", form.form),
        Run::Approval { team, question, .. } => format!("asks {team}: {question}"),
        Run::Importer { uri, .. } => format!("imports {uri}"),
    };
    let what = task.description.clone().unwrap_or_else(|| format!("Step {}.", task.step));
    let image = task.image.as_ref().map(|image| format!("\nImage {image}")).unwrap_or_default();
    format!("{what}\nRuns {run}, declared in {}.{image}", task.source)
}

fn fact(text: &str) -> Line {
    Line { sign: Sign::Fact, text: text.to_owned(), weights: Vec::new() }
}
