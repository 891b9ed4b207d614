//! What the nodes of a flow are called.
//!
//! In: a flow. Out: for each node the name that its value is bound to, if it needs one, and what items and fields are called. A task's
//! key comes back to the letter from the name, so a name that is taken gets an underscore, which the key loses again.

use std::collections::{BTreeMap, BTreeSet};

use super::kinds::singular;
use crate::import::kubeflow::catalog::Catalog;
use crate::import::kubeflow::flow::{Flow, Items, Kind, NodeId, Value};
use crate::import::kubeflow::lang;

/// Words that begin a statement, so that no name may.
const STATEMENTS: [&str; 6] = ["for", "if", "yield", "return", "finally", "try"];

/// The names of a flow.
#[derive(Debug, Default)]
pub(super) struct Names {
    bindings: BTreeMap<NodeId, String>,
    /// Whether the name is written, or comes of itself.
    written: BTreeSet<NodeId>,
    items: BTreeMap<NodeId, String>,
    fields: BTreeMap<(NodeId, String), String>,
}

impl Names {
    /// What a node is called.
    pub(super) fn binding(&self, id: NodeId) -> &str {
        self.bindings.get(&id).map_or("_", String::as_str)
    }

    /// The name that stands before its statement, if one does.
    pub(super) fn written(&self, id: NodeId) -> Option<&str> {
        self.written.contains(&id).then(|| self.binding(id))
    }

    /// What a loop's item, or how a `try` ended, is called.
    pub(super) fn item(&self, id: NodeId) -> &str {
        self.items.get(&id).map_or("item", String::as_str)
    }

    /// What an output of a block is called.
    pub(super) fn field(&self, id: NodeId, key: &str) -> &str {
        self.fields.get(&(id, key.to_owned())).map_or("value", String::as_str)
    }
}

/// Names everything in a flow.
pub(super) fn names(flow: &Flow, catalog: &Catalog) -> Names {
    let mut namer = Namer {
        flow,
        catalog,
        names: Names::default(),
        taken: BTreeSet::new(),
        ids: BTreeSet::new(),
        used: used(flow),
        items: items(flow),
    };
    let inputs = &flow.interface.input_definitions;
    namer.taken.extend(inputs.parameters.keys().chain(inputs.artifacts.keys()).cloned());
    namer.calls(&flow.body);
    namer.blocks(&flow.body);
    namer.names
}

/// Nodes that something takes a value of, or waits for.
fn used(flow: &Flow) -> BTreeSet<NodeId> {
    let mut used = BTreeSet::new();
    values(flow, &mut |value| used.extend(value.producer()));
    used.extend(flow.nodes.iter().enumerate().filter(|(_, node)| node.awaited).map(|(id, _)| id));
    used
}

/// Loops whose items something takes.
fn items(flow: &Flow) -> BTreeSet<NodeId> {
    let mut items = BTreeSet::new();
    values(flow, &mut |value| {
        let of = match value {
            Value::Select { of, .. } => of,
            other => other,
        };
        if let Value::Item(id) = of {
            items.insert(*id);
        }
    });
    items
}

/// Every value that something takes.
fn values<'a>(flow: &Flow<'a>, mut note: &mut dyn FnMut(&Value<'a>)) {
    for node in &flow.nodes {
        if let Some(call) = node.call() {
            call.inputs.values().chain(call.channels.values()).for_each(&mut note);
            call.cluster.iter().for_each(|(_, value)| note(value));
        }
        match &node.kind {
            Kind::If { condition, .. } | Kind::Arm { condition: Some(condition), .. } => condition.walk(&mut note),
            Kind::For { items: Items::Of(value), .. } => note(value),
            _ => {}
        }
        node.yields.values().flatten().for_each(&mut note);
    }
    flow.outputs.values().for_each(&mut note);
}

struct Namer<'n, 'a> {
    flow: &'n Flow<'a>,
    catalog: &'n Catalog<'a>,
    names: Names,
    taken: BTreeSet<String>,
    /// What tasks are called that get their names of themselves.
    ids: BTreeSet<String>,
    used: BTreeSet<NodeId>,
    /// Loops whose items something takes.
    items: BTreeSet<NodeId>,
}

impl Namer<'_, '_> {
    /// Names calls in the order of the text.
    fn calls(&mut self, body: &[NodeId]) {
        for id in body {
            let node = &self.flow.nodes[*id];
            match &node.kind {
                Kind::Call(_) => self.call(*id),
                Kind::Try { body, exit } => {
                    self.calls(body);
                    if let Some(exit) = exit {
                        self.call(*exit);
                    }
                }
                _ => self.calls(node.children()),
            }
        }
    }

    fn call(&mut self, id: NodeId) {
        let node = &self.flow.nodes[id];
        let Some(call) = node.call() else { return };
        let callee = self.catalog.callee(call).map_or("", |callee| self.catalog.name(callee));
        if !self.used.contains(&id) {
            let own = self.own_id(callee);
            if mangled(&own) == node.key {
                self.ids.insert(own.clone());
                self.names.bindings.insert(id, own);
                return;
            }
        }
        let mut name = lang::snake(node.key);
        if mangled(&name) != node.key {
            name = node.key.to_owned();
        } else if !self.used.contains(&id) {
            // Nobody takes it: the name is there for the key alone.
            name.insert(0, '_');
        }
        while self.taken.contains(&name) || STATEMENTS.contains(&name.as_str()) {
            name.push('_');
        }
        self.taken.insert(name.clone());
        self.ids.insert(name.clone());
        self.names.bindings.insert(id, name);
        self.names.written.insert(id);
    }

    /// The name that a call has if it is bound to none.
    fn own_id(&self, callee: &str) -> String {
        let mut id = callee.to_owned();
        let mut count = 2;
        while self.ids.contains(&id) {
            id = format!("{callee}_{count}");
            count += 1;
        }
        id
    }

    fn blocks(&mut self, body: &[NodeId]) {
        for id in body {
            let node = &self.flow.nodes[*id];
            let mut own = None;
            match &node.kind {
                Kind::Call(_) => continue,
                Kind::For { items, .. } => {
                    let wanted = match items {
                        Items::Of(value) => called(value),
                        Items::Constant(_) => None,
                    };
                    let wanted = wanted.as_deref().unwrap_or("item");
                    let unused = if self.items.contains(id) { "" } else { "_" };
                    own = Some(self.inside(&format!("{unused}{wanted}")));
                }
                Kind::Try { exit: Some(_), .. } => own = Some(self.inside("status")),
                _ => {}
            }
            if let Some(name) = &own {
                self.names.items.insert(*id, name.clone());
            }
            self.blocks(node.children());
            // Beside this block the name is free again.
            if let Some(name) = own {
                self.taken.remove(&name);
            }
            self.gives(*id);
        }
    }

    fn inside(&mut self, wanted: &str) -> String {
        let mut name = wanted.to_owned();
        let mut count = 2;
        while self.taken.contains(&name) || STATEMENTS.contains(&name.as_str()) {
            name = format!("{wanted}_{count}");
            count += 1;
        }
        self.taken.insert(name.clone());
        name
    }

    /// What a block gives, and what it is called itself.
    fn gives(&mut self, id: NodeId) {
        let node = &self.flow.nodes[id];
        if matches!(node.kind, Kind::Arm { .. }) {
            return;
        }
        let mut fields: BTreeSet<String> = BTreeSet::new();
        let mut first = None;
        for (key, sources) in &node.yields {
            let wanted = sources.first().map_or_else(|| "value".to_owned(), |value| self.of(value));
            let mut field = wanted.clone();
            let mut count = 2;
            while !fields.insert(field.clone()) {
                field = format!("{wanted}_{count}");
                count += 1;
            }
            first.get_or_insert_with(|| wanted.clone());
            self.names.fields.insert((id, (*key).to_owned()), field);
        }
        if node.yields.is_empty() && !node.awaited {
            return;
        }
        let wanted = match (&node.kind, first) {
            (Kind::For { .. }, Some(one)) if node.yields.len() == 1 => plural(&one),
            (Kind::For { .. }, Some(_)) => "results".to_owned(),
            (_, Some(one)) if node.yields.len() == 1 && !matches!(node.kind, Kind::Branches { .. }) => {
                format!("{one}_if_run")
            }
            (_, Some(_)) => "chosen".to_owned(),
            (Kind::For { .. }, None) => "loop".to_owned(),
            (Kind::Try { .. }, None) => "attempt".to_owned(),
            (_, None) => "branch".to_owned(),
        };
        let name = self.inside(&wanted);
        self.names.bindings.insert(id, name);
        self.names.written.insert(id);
    }

    /// What a value is best called in a group of values.
    fn of(&self, value: &Value) -> String {
        match value {
            Value::Output { node, key } => {
                let producer = &self.flow.nodes[*node];
                match producer.call() {
                    Some(call) => {
                        let outputs = &call.spec.output_definitions;
                        if outputs.parameters.len() + outputs.artifacts.len() == 1 {
                            self.names.binding(*node).trim_end_matches('_').to_owned()
                        } else {
                            lang::snake(key)
                        }
                    }
                    None if producer.yields.len() == 1 => self.names.binding(*node).to_owned(),
                    None => match &producer.kind {
                        Kind::Arm { .. } => producer
                            .yields
                            .get(key)
                            .and_then(|all| all.first())
                            .map_or_else(|| "value".to_owned(), |one| self.of(one)),
                        _ => self.names.field(*node, key).to_owned(),
                    },
                }
            }
            Value::Input(name) => (*name).to_owned(),
            _ => "value".to_owned(),
        }
    }
}

/// What an item of a list is called, by the list's name.
fn called(list: &Value) -> Option<String> {
    let name = match list {
        Value::Input(name) => *name,
        _ => return None,
    };
    let one = singular(&lang::snake(name));
    (one != name && lang::is_word(&one)).then_some(one)
}

fn plural(name: &str) -> String {
    match name {
        _ if name.ends_with('s') => format!("all_{name}"),
        _ if name.ends_with(|c: char| c.is_ascii_digit()) => format!("all_{name}"),
        _ => format!("{name}s"),
    }
}

/// As Kubeflow makes a key of a name.
fn mangled(name: &str) -> String {
    crate::emit::kubeflow::mangled(name)
}
