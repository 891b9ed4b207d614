//! The names by which a DAG file speaks of its tasks: no keyword, none twice, none that the file has from elsewhere.

use std::collections::{BTreeMap, BTreeSet};

use super::super::value::Sites;
use crate::plan::{Node, Pipeline};
use crate::text::python::identifier;

/// What a DAG file imports and defines, and what its functions take.
const TAKEN: &[&str] = &[
    "ApprovalOperator",
    "Asset",
    "BaseHook",
    "CODE",
    "Connection",
    "CronTriggerTimetable",
    "DAG",
    "Dataset",
    "EmptyOperator",
    "KubernetesPodOperator",
    "Param",
    "PythonOperator",
    "RUNNER",
    "Request",
    "RuntimeError",
    "Secret",
    "SubprocessHook",
    "TaskGroup",
    "TemporaryDirectory",
    "TriggerRule",
    "annotations",
    "chain",
    "dag",
    "datetime",
    "json",
    "json_text",
    "k8s",
    "len",
    "os",
    "params",
    "range",
    "re",
    "run_id",
    "run_status",
    "run_step",
    "str",
    "task",
    "task_group",
    "ti",
    "timedelta",
    "timezone",
    "turn",
    "turns",
    "urlopen",
    "float",
];

/// The keys of what comes with a node: tasks, and the functions that they run.
fn companions(node: &Node) -> Vec<String> {
    let with = |suffixes: &[&str]| suffixes.iter().map(|suffix| format!("{}-{suffix}", node.id())).collect();
    match node {
        Node::Task(_) | Node::Try(_) => Vec::new(),
        Node::Group(_) => with(&["done"]),
        Node::Loop(_) => with(&["items", "list", "each", "yields", "collect", "done"]),
        Node::Branch(branch) => {
            let mut keys: Vec<String> = with(&["choice", "choose", "join"]);
            let gates = (1..=branch.arms.len()).flat_map(|arm| [format!("arm-{arm}"), format!("enter-{arm}")]);
            keys.extend(gates.map(|suffix| format!("{}-{suffix}", branch.id)));
            keys
        }
    }
}

/// The key of the whole pipeline.
pub(super) const WHOLE: &str = "the whole";

/// The key and the id of the task that says that the pipeline has finished.
pub(super) const FINISHED: &str = "run-finished";

/// A name for every key.
#[derive(Debug, Default)]
pub(super) struct Names {
    names: BTreeMap<String, String>,
    taken: BTreeSet<String>,
}

impl Names {
    /// Names for the nodes of a pipeline: their own first, then those of the tasks that come with them.
    pub(super) fn of(pipeline: &Pipeline, sites: &Sites) -> Self {
        let mut names = Self { names: BTreeMap::new(), taken: TAKEN.iter().map(|name| (*name).to_owned()).collect() };
        let tasks = sites.iter().map(|site| site.node.id()).chain(pipeline.finally.iter().map(|last| last.id()));
        tasks.for_each(|id| names.add(id));
        for site in sites.iter() {
            companions(site.node).iter().for_each(|key| names.add(key));
        }
        ["run-outputs", "run-end", "run-give", FINISHED].into_iter().for_each(|key| names.add(key));
        names.add_as(WHOLE, &pipeline.name);
        names
    }

    /// The name for that key.
    pub(super) fn name(&self, key: &str) -> String {
        self.names.get(key).unwrap_or_else(|| panic!("no name was given to {key}")).clone()
    }

    /// The id of a task that comes with a node, by its key: with `_` for `-` where no other task is called so.
    pub(super) fn task_id(&self, key: &str) -> String {
        let name = self.name(key);
        if name == identifier(key) { name } else { key.to_owned() }
    }

    fn add(&mut self, key: &str) {
        self.add_as(key, key);
    }

    fn add_as(&mut self, key: &str, like: &str) {
        let base = identifier(like);
        let mut name = base.clone();
        let mut number = 2;
        while self.taken.contains(&name) {
            name = format!("{base}_{number}");
            number += 1;
        }
        self.taken.insert(name.clone());
        self.names.insert(key.to_owned(), name);
    }
}
