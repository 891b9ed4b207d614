//! What policies ask of: environments, steps as they run in them, and every way from CI to an environment.

use std::cell::RefCell;

use super::arithmetic;
use super::eval::{Evaluator, World};
use super::{cost, longest, privacy};
use crate::model::{Edge, EdgeStatementKind, Model, Value};
use crate::resolve::DeclId;
use crate::source::Span;

/// The most ways that are looked at: a graph with more is not decided.
const MOST_PATHS: usize = 10_000;

/// A way from CI to an environment: its edges in order (promotion, edge).
#[derive(Clone, Debug, PartialEq)]
struct Path {
    to: DeclId,
    edges: Vec<(usize, usize)>,
}

/// A project that can be asked.
pub(super) struct Project<'a> {
    pub(super) model: &'a Model,
    paths: RefCell<Vec<Path>>,
}

impl<'a> Project<'a> {
    pub(super) fn new(model: &'a Model) -> Self {
        Self { model, paths: RefCell::new(Vec::new()) }
    }

    pub(super) fn text(&self, span: Span) -> String {
        self.model.sources.text(span).split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// A value as a person reads it.
    pub(super) fn describe(&self, value: &Value) -> String {
        match value {
            Value::Reference(decl) => format!("`{}`", self.model.name(*decl)),
            Value::Path(at) => {
                let paths = self.paths.borrow();
                let Some(path) = paths.get(*at) else { return "a path".into() };
                let mut names = vec!["ci".to_owned()];
                for (promotion, edge) in &path.edges {
                    names.push(self.model.name(self.model.promotions[*promotion].edges[*edge].to).to_owned());
                }
                format!("the path `{}`", names.join(" -> "))
            }
            Value::Record(fields) if fields.contains_key("__step") => {
                let text = |name: &str| fields.get(name).and_then(Value::as_text).unwrap_or_default().to_owned();
                format!("step `{}` in `{}`", text("__step"), text("__environment"))
            }
            Value::Unknown => "not known".into(),
            other => arithmetic::written(other),
        }
    }

    /// Why a question has no answer.
    pub(super) fn unanswered(&self, of: &Value, question: &str, argument: &Value) -> Option<(Span, String)> {
        let (Value::Reference(pipeline), Value::Reference(environment)) = (of, argument) else { return None };
        match question {
            "cost" => cost::of_run(self.model, *environment, *pipeline).err().map(|why| (why.span, why.reason)),
            "longest" => {
                let span = longest::of_pipeline(self.model, *environment, *pipeline).unbounded?;
                Some((span, "nothing bounds how long this takes".into()))
            }
            _ => None,
        }
    }

    /// Where a value comes from, to point at.
    pub(super) fn places(&self, value: &Value) -> Vec<(Span, String)> {
        match value {
            Value::Reference(decl) => vec![(self.model.span(*decl), "this one".into())],
            Value::Path(at) => {
                let paths = self.paths.borrow();
                let Some(path) = paths.get(*at) else { return Vec::new() };
                let edges = path.edges.iter().map(|(promotion, edge)| &self.model.promotions[*promotion].edges[*edge]);
                edges.map(|edge| (edge.span, self.edge_label(edge))).collect()
            }
            Value::Record(fields) => match fields.get("__decl") {
                Some(Value::Reference(decl)) => vec![(self.model.span(*decl), "declared here".into())],
                _ => Vec::new(),
            },
            _ => Vec::new(),
        }
    }

    fn edge_label(&self, edge: &Edge) -> String {
        match approvals(edge) {
            0 => "this edge asks nobody".into(),
            1 => "this edge asks one person".into(),
            count => format!("this edge asks {count} people"),
        }
    }

    fn edges_of(&self, path: &Path) -> Vec<&'a Edge> {
        path.edges.iter().map(|(promotion, edge)| &self.model.promotions[*promotion].edges[*edge]).collect()
    }

    /// Every way to an environment; the edges of a join are those of all its ways.
    fn paths_to(&self, to: DeclId) -> Vec<Value> {
        let mut found = Vec::new();
        for promotion in 0..self.model.promotions.len() {
            for edges in self.ways(promotion, to, &mut Vec::new()) {
                found.push(Path { to, edges });
            }
        }
        let mut paths = self.paths.borrow_mut();
        let first = paths.len();
        paths.extend(found);
        (first..paths.len()).map(Value::Path).collect()
    }

    fn ways(&self, promotion: usize, to: DeclId, on_way: &mut Vec<DeclId>) -> Vec<Vec<(usize, usize)>> {
        if on_way.contains(&to) {
            return Vec::new();
        }
        on_way.push(to);
        let mut all = Vec::new();
        for (at, edge) in self.model.promotions[promotion].edges.iter().enumerate() {
            if edge.to != to {
                continue;
            }
            let mut heads: Vec<Vec<(usize, usize)>> = vec![Vec::new()];
            for from in &edge.from {
                let ways = self.ways(promotion, *from, on_way);
                heads = heads
                    .iter()
                    .flat_map(|head| ways.iter().map(move |way| [head.as_slice(), way].concat()))
                    .take(MOST_PATHS)
                    .collect();
            }
            all.extend(heads.into_iter().map(|mut head| {
                head.push((promotion, at));
                let mut seen = Vec::new();
                head.retain(|edge| {
                    !seen.contains(edge) && {
                        seen.push(*edge);
                        true
                    }
                });
                head
            }));
            all.truncate(MOST_PATHS);
        }
        on_way.pop();
        all
    }

    /// Every step that runs in some environment, with its fields' values there.
    fn steps(&self) -> Vec<Value> {
        let mut found = Vec::new();
        for (decl, step) in &self.model.steps {
            for (environment, _) in self.model.concrete_environments() {
                if !runs_in(self.model, *decl, environment) {
                    continue;
                }
                let mut fields: indexmap::IndexMap<String, Value> = indexmap::IndexMap::new();
                for (name, expr) in &step.fields {
                    let value = Evaluator::new(self.model).in_environment(environment).evaluate(expr);
                    fields.insert(name.clone(), value.unwrap_or_default());
                }
                let defaults = self.model.environments[&environment].field("defaults").cloned();
                for name in ["timeout", "compute", "retry"] {
                    let said = fields.get(name).is_some_and(|value| *value != Value::None);
                    if !said {
                        let default = defaults.as_ref().and_then(|defaults| defaults.field(name)).cloned();
                        fields.insert(name.into(), default.unwrap_or(Value::None));
                    }
                }
                fields.insert("name".into(), Value::Text(self.model.name(*decl).to_owned()));
                fields.insert("__step".into(), Value::Text(self.model.name(*decl).to_owned()));
                fields.insert("__environment".into(), Value::Text(self.model.name(environment).to_owned()));
                fields.insert("__decl".into(), Value::Reference(*decl));
                found.push(Value::Record(fields));
            }
        }
        found
    }
}

/// Whether a step is called by a pipeline that an environment builds.
pub(super) fn runs_in(model: &Model, step: DeclId, environment: DeclId) -> bool {
    let pipelines = &model.environments[&environment].pipelines;
    pipelines.iter().any(|pipeline| super::whole::calls_of(model, *pipeline).iter().any(|call| call.callee == step))
}

/// How many distinct people an edge asks.
pub(super) fn approvals(edge: &Edge) -> i64 {
    let counts = edge.statements.iter().map(|statement| match &statement.kind {
        EdgeStatementKind::Approve(count, _) => i64::from(*count),
        _ => 0,
    });
    counts.sum()
}

impl World for Project<'_> {
    fn part(&self, of: &Value, name: &str) -> Option<Value> {
        let Value::Path(at) = of else { return None };
        let path = self.paths.borrow().get(*at)?.clone();
        let edges = self.edges_of(&path);
        Some(match name {
            // People are told apart within one edge only: over several, the same one may say yes each time.
            "approvals" => Value::Int(edges.iter().map(|edge| approvals(edge)).max().unwrap_or(0)),
            "rolls_back" => {
                Value::Bool(edges.iter().filter(|edge| edge.to == path.to).all(|edge| edge.on_failure.rollback))
            }
            "starts_by_hand" => Value::Bool(edges.iter().any(|edge| {
                edge.statements.iter().any(|statement| matches!(statement.kind, EdgeStatementKind::StartManual))
            })),
            "soaks" => {
                let soaks = edges.iter().flat_map(|edge| &edge.statements).map(|statement| match &statement.kind {
                    EdgeStatementKind::Soak(milliseconds) => *milliseconds,
                    _ => 0,
                });
                Value::Duration(soaks.sum())
            }
            "environments" => Value::List(edges.iter().map(|edge| Value::Reference(edge.to)).collect()),
            _ => return None,
        })
    }

    fn ask(&self, of: &Value, question: &str, argument: &Value) -> Option<Value> {
        match (of, question, argument) {
            (Value::Path(at), "verifies", Value::Reference(verification)) => {
                let path = self.paths.borrow().get(*at)?.clone();
                let mut statements = self.edges_of(&path).into_iter().flat_map(|edge| &edge.statements);
                Some(Value::Bool(statements.any(|statement| {
                    matches!(&statement.kind, EdgeStatementKind::Verify(list) if list.contains(verification))
                })))
            }
            (Value::Path(at), "passes", Value::Reference(environment)) => {
                let path = self.paths.borrow().get(*at)?.clone();
                Some(Value::Bool(self.edges_of(&path).iter().any(|edge| edge.to == *environment)))
            }
            (Value::Reference(environment), "sees", Value::Mark(mark)) => {
                let environment = self.model.environments.get(environment)?;
                let mut bindings = environment.bindings.iter();
                Some(Value::Bool(bindings.any(|(need, (value, _))| {
                    privacy::delivered(self.model, *need, value).iter().any(|(_, marks)| marks.contains(mark))
                })))
            }
            (Value::Reference(pipeline), "cost", Value::Reference(environment)) => {
                cost::of_run(self.model, *environment, *pipeline).ok()
            }
            (Value::Reference(pipeline), "longest", Value::Reference(environment)) => {
                let longest = longest::of_pipeline(self.model, *environment, *pipeline);
                let bounded = longest.unbounded.is_none();
                bounded.then(|| Value::Duration((longest.seconds * 1000.0).round() as i64))
            }
            _ => None,
        }
    }

    fn call(&self, function: &str, arguments: &[Value]) -> Option<Value> {
        let references = |decls: Vec<DeclId>| Value::List(decls.into_iter().map(Value::Reference).collect());
        Some(match (function, arguments) {
            ("environments", []) => references(self.model.concrete_environments().map(|(decl, _)| decl).collect()),
            ("pipelines", []) => references(self.model.pipelines.keys().copied().collect()),
            ("steps", []) => Value::List(self.steps()),
            ("paths", [Value::Reference(to)]) => Value::List(self.paths_to(*to)),
            _ => return None,
        })
    }
}
