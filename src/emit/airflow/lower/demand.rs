//! Which outputs are read by something on Airflow's side: only those are pushed as XComs.
//!
//! A loop's yields and a branch's outputs are read only where somebody asks for them, so it goes from the askers back.

use std::collections::BTreeSet;

use super::super::value::{Scope, Sites, Value};
use crate::plan::{Expr, Node, Output, Pipeline, Run};

/// Ids of nodes and names of their outputs that are pulled.
#[derive(Debug, Default)]
pub(super) struct Demand {
    pulled: BTreeSet<(String, String)>,
}

impl Demand {
    /// What is read in a pipeline.
    pub(super) fn of(pipeline: &Pipeline, sites: &Sites) -> Self {
        let mut demand = Demand::default();
        let top = Scope::default();
        pipeline.outputs.iter().for_each(|output| demand.ask(&output.value, &top, sites));
        for site in sites.iter() {
            match site.node {
                Node::Task(task) => {
                    task.inputs.values().for_each(|input| demand.ask(&input.value, &site.scope, sites));
                    if let Run::Importer { uri, .. } = &task.run {
                        demand.ask(uri, &site.scope, sites);
                    }
                }
                Node::Loop(node) => demand.ask(&node.items, &site.scope, sites),
                Node::Branch(node) => {
                    let conditions = node.arms.iter().filter_map(|arm| arm.condition.as_ref());
                    conditions.for_each(|condition| demand.ask(condition, &site.scope, sites));
                }
                Node::Group(_) | Node::Try(_) => {}
            }
        }
        demand
    }

    /// Whether anything of that node is pulled.
    pub(super) fn any(&self, node: &str) -> bool {
        self.pulled.iter().any(|(id, _)| id == node)
    }

    /// Whether that output of that node is pulled.
    pub(super) fn wants(&self, node: &str, output: &str) -> bool {
        self.pulled.contains(&(node.to_owned(), output.to_owned()))
    }

    fn ask(&mut self, expr: &Expr, scope: &Scope, sites: &Sites) {
        let value = Value::of(expr, scope, sites);
        for (source, name) in value.pulls() {
            let asked = (source.node.clone(), name.to_owned());
            if self.pulled.contains(&asked) {
                continue;
            }
            self.pulled.insert(asked);
            let site = sites.site(&source.node);
            match site.node {
                Node::Loop(node) => self.ask_yield(&node.yields, name, &site.scope.turn_of(node), sites),
                Node::Branch(node) => {
                    node.arms.iter().for_each(|arm| self.ask_yield(&arm.yields, name, &site.scope, sites));
                }
                _ => {}
            }
        }
    }

    fn ask_yield(&mut self, yields: &[Output], name: &str, scope: &Scope, sites: &Sites) {
        yields.iter().filter(|output| output.name == name).for_each(|output| self.ask(&output.value, scope, sites));
    }
}
