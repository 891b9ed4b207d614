//! What a run comes to, from the plan's JSON alone: which steps run, fail or are not reached, and what the pipeline returns.
//!
//! In: a pipeline of `mlp plan --json` and its parameters. Out: [`Came`]. It refuses to know how `mlp run` does it: a block is
//! gone through from its first node to its last, for the plan's order is one that works.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::expression::{Seen, is_true, value};
use super::meaning;

/// What became of a run.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Came {
    pub(super) ending: String,
    pub(super) outputs: Value,
    /// How each task ended, by its name in the run; a block that is not begun has one too.
    pub(super) tasks: BTreeMap<String, String>,
    /// What the steps wrote down, sorted.
    pub(super) told: Vec<String>,
}

/// What a node gives; none: it failed, or something before it did.
type Given = Option<Map<String, Value>>;

#[derive(Default)]
struct Run {
    came: Came,
    /// How often a step was called with the same.
    called: BTreeMap<String, usize>,
}

pub(super) fn came(pipeline: &Value, parameters: Map<String, Value>) -> Came {
    let mut run = Run::default();
    let mut seen = Seen { parameters, ..Seen::default() };
    let outputs = run.block(&pipeline["body"], &pipeline["outputs"], &mut seen);
    let mut succeeded = outputs.is_some();
    if !pipeline["finally"].is_null() {
        succeeded &= run.last(&pipeline["finally"], &seen, succeeded);
    }
    run.came.ending = if succeeded { "succeeded" } else { "failed" }.to_owned();
    run.came.outputs = json!(outputs.filter(|_| succeeded).unwrap_or_default());
    run.came.told.sort();
    run.came
}

impl Run {
    /// Every node of a block that can be reached, and what the block gives at its end.
    fn block(&mut self, nodes: &Value, outputs: &Value, seen: &mut Seen) -> Given {
        let nodes = nodes.as_array().expect("a block is a list");
        let mut whole = true;
        for node in nodes {
            let mut awaited = BTreeSet::new();
            awaits(node, &mut awaited);
            let lost = nodes.iter().filter(|other| awaited.contains(id(other))).any(|other| seen.is_lost(id(other)));
            let given = if lost && node["tolerates_failure"] != true {
                self.end(&seen.name(id(node)), "not_run");
                None
            } else {
                self.node(node, seen, lost)
            };
            whole &= given.is_some();
            seen.bound.insert(id(node).to_owned(), given);
        }
        if !whole {
            return None;
        }
        let outputs = outputs.as_array().into_iter().flatten();
        outputs.map(|one| Some((text(&one["name"]).to_owned(), value(&one["value"], seen)?))).collect()
    }

    fn node(&mut self, node: &Value, seen: &Seen, lost: bool) -> Given {
        match text(&node["node"]) {
            "task" => self.task(node, seen, lost),
            "loop" => self.turns(node, seen),
            "branch" => self.branch(node, seen),
            "group" => self.group(node, seen),
            "try" => {
                let succeeded = self.block(&node["body"], &Value::Null, &mut seen.clone()).is_some();
                (self.last(&node["last"], seen, succeeded) && succeeded).then(Map::new)
            }
            other => panic!("no node is a {other}"),
        }
    }

    /// What runs whatever happened, and whether it succeeded.
    fn last(&mut self, node: &Value, seen: &Seen, succeeded: bool) -> bool {
        let status = json!({"state": if succeeded { "SUCCEEDED" } else { "FAILED" }});
        self.node(node, &Seen { status, ..seen.clone() }, false).is_some()
    }

    fn turns(&mut self, node: &Value, seen: &Seen) -> Given {
        let mut lists: Map<String, Value> =
            list(&node["yields"]).map(|one| (text(&one["name"]).to_owned(), json!([]))).collect();
        let mut whole = true;
        for (number, item) in value(&node["items"], seen)?.as_array()?.iter().enumerate() {
            let mut inside = seen.clone();
            inside.items.insert(id(node).to_owned(), item.clone());
            inside.turns.push(number.to_string());
            match self.block(&node["body"], &node["yields"], &mut inside) {
                Some(given) => given.into_iter().for_each(|(name, one)| lists[&name].as_array_mut().unwrap().push(one)),
                None => whole = false,
            }
        }
        whole.then_some(lists)
    }

    fn branch(&mut self, node: &Value, seen: &Seen) -> Given {
        for arm in list(&node["arms"]) {
            if arm["condition"].is_null() || is_true(&value(&arm["condition"], seen)?) {
                return self.block(&arm["body"], &arm["yields"], &mut seen.clone());
            }
        }
        Some(Map::new())
    }

    fn group(&mut self, node: &Value, seen: &Seen) -> Given {
        let mut parameters = Map::new();
        for parameter in list(&node["parameters"]) {
            let name = text(&parameter["name"]);
            let argument = node["arguments"].get(name);
            let given = argument.map_or(Some(parameter["default"].clone()), |argument| value(argument, seen))?;
            if !fits(parameter, &given) {
                return None;
            }
            parameters.insert(name.to_owned(), given);
        }
        let mut given = None;
        for _ in 0..=times(node) {
            let prefix = format!("{}{}.", seen.prefix, id(node));
            let mut inside = Seen { parameters: parameters.clone(), prefix, bound: BTreeMap::new(), ..seen.clone() };
            given = given.or_else(|| self.block(&node["body"], &node["outputs"], &mut inside));
        }
        given
    }

    fn task(&mut self, task: &Value, seen: &Seen, lost: bool) -> Given {
        let name = seen.name(id(task));
        let Some(inputs) = self.inputs(task, seen, lost) else {
            self.end(&name, "failed");
            return None;
        };
        if task["recorded"] == true {
            self.end(&name, "recorded");
            return task["stub"].as_object().cloned();
        }
        if task["run"]["run"] == "gate" {
            let is_met = inputs.values().all(is_true);
            self.end(&name, if is_met { "succeeded" } else { "failed" });
            return is_met.then(Map::new);
        }
        let given = (0..=times(task)).find_map(|_| self.call(text(&task["step"]), &inputs));
        self.end(&name, if given.is_some() { "succeeded" } else { "failed" });
        given.map(|given| given.as_object().cloned().expect("outputs have names"))
    }

    /// What a task is given; none where its runner refuses it.
    fn inputs(&self, task: &Value, seen: &Seen, lost: bool) -> Option<Map<String, Value>> {
        let mut inputs = Map::new();
        for (name, input) in task["inputs"].as_object().into_iter().flatten() {
            let is_told = input["type"]["kind"] == "run_status" && input["given"] == false;
            let status = || json!({"state": if lost { "FAILED" } else { "SUCCEEDED" }});
            let given = if is_told { status() } else { value(&input["value"], seen).unwrap_or_default() };
            if !fits(input, &given) {
                return None;
            }
            inputs.insert(name.clone(), given);
        }
        Some(inputs)
    }

    fn call(&mut self, step: &str, inputs: &Map<String, Value>) -> Option<Value> {
        let told = meaning::told(step, inputs).map(|told| told.to_string());
        let called = self.called.entry(format!("{step} {inputs:?}")).or_default();
        *called += 1;
        self.came.told.extend(told);
        meaning::step(step, inputs, *called == 1)
    }

    fn end(&mut self, name: &str, how: &str) {
        self.came.tasks.insert(name.to_owned(), how.to_owned());
    }
}

/// Whether a value may be given there: of all types only what may be absent is `none`, and its predicates hold.
fn fits(place: &Value, given: &Value) -> bool {
    if given.is_null() {
        return ["optional", "json"].contains(&text(&place["type"]["kind"])) || place["run"] == "gate";
    }
    let holds = |predicate: &Value| {
        let it = Seen { it: given.clone(), ..Seen::default() };
        value(&predicate["condition"], &it).is_some_and(|held| is_true(&held))
    };
    list(&place["predicates"]).all(holds)
}

/// The nodes that something in a node speaks of. A nested pipeline sees its arguments alone.
fn awaits<'p>(part: &'p Value, found: &mut BTreeSet<&'p str>) {
    match part {
        Value::Array(items) => items.iter().for_each(|item| awaits(item, found)),
        Value::Object(fields) if part["node"] == "group" => {
            ["arguments", "after"].iter().for_each(|name| awaits_field(name, &fields[*name], found));
        }
        Value::Object(fields) => {
            found.extend((part["is"] == "output").then(|| text(&part["node"])));
            fields.iter().for_each(|(name, field)| awaits_field(name, field, found));
        }
        _ => {}
    }
}

fn awaits_field<'p>(name: &str, field: &'p Value, found: &mut BTreeSet<&'p str>) {
    if name == "after" {
        found.extend(list(field).map(text));
    }
    awaits(field, found);
}

fn times(node: &Value) -> u64 {
    node["retry"]["times"].as_u64().unwrap_or_default()
}

fn id(node: &Value) -> &str {
    text(&node["id"])
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}
