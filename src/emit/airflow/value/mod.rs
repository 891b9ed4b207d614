//! What a task is given when it runs, in Airflow's terms: parameters, pulled XComs, addresses of artifacts.
//!
//! In: an expression of the plan and where it stands ([`Sites`]). Out: a [`Value`], which [`python`] and [`jinja`] write.
//! It refuses to know which task asks for it.

mod context;
mod jinja;
mod python;
mod sites;

pub(super) use context::Known;
pub(super) use jinja::operator as comparison;
pub(super) use jinja::{Render, bracketed, json_template, place_template, text_template};
pub(super) use python::{Locals, Reader};
pub(super) use sites::{Scope, Sites, task_id};

use serde_json::Value as Json;

use crate::plan::{Expr, ExprKind, Node, Operator, Type};

/// The function of a DAG file that writes a value as the runner writes it into text.
pub(super) const JSON_TEXT: &str = "json_text";

/// A value and its type.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Value {
    pub(super) ty: Type,
    pub(super) kind: Kind,
}

/// What a value is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    /// A constant.
    Json(Json),
    /// A parameter of the run.
    Parameter(String),
    /// What a task has pushed under a name.
    Pulled(Source, String),
    /// Where a task keeps an artifact.
    Artifact(Source, String),
    /// The turn's item of a list.
    Item(Box<Value>),
    /// How the run ended.
    Status,
    /// What Airflow knows of the run.
    Known(Known),
    /// An entry of a struct, map or list.
    Field(Box<Value>, String),
    /// How many.
    Length(Box<Value>),
    /// Texts put together.
    Text(Vec<Value>),
    /// A list.
    List(Vec<Value>),
    /// An object.
    Record(Vec<(String, Value)>),
    /// Denied.
    Not(Box<Value>),
    /// Compared, joined.
    Binary(Operator, Box<Value>, Box<Value>),
}

/// The task that something comes from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Source {
    /// The node's id in the plan.
    pub(super) node: String,
    /// The task's id, those of its groups before it.
    pub(super) task_id: String,
    /// Whether it runs once a turn of a loop.
    pub(super) in_turn: bool,
}

impl Value {
    /// The value of an expression that stands there.
    pub(super) fn of(expr: &Expr, scope: &Scope, sites: &Sites) -> Self {
        Self::of_resolved(&sites.resolve(expr, scope), sites)
    }

    /// The value of an expression that speaks of no nested pipeline.
    pub(super) fn of_resolved(expr: &Expr, sites: &Sites) -> Self {
        let inner = |expr: &Expr| Box::new(Value::of_resolved(expr, sites));
        let kind = match &expr.kind {
            ExprKind::Literal { value } => Kind::Json(value.clone()),
            ExprKind::Parameter { name } => Kind::Parameter(name.clone()),
            ExprKind::Output { node, name } => {
                let made_by_task = matches!(sites.site(node).node, Node::Task(_));
                let artifact = made_by_task && expr.ty.is_artifact();
                (if artifact { Kind::Artifact } else { Kind::Pulled })(sites.source(node), name.clone())
            }
            ExprKind::Item { of } => match sites.site(of).node {
                Node::Loop(node) => Kind::Item(Box::new(Value::of(&node.items, &sites.site(of).scope, sites))),
                _ => panic!("the plan speaks of the items of {of}, which is no loop"),
            },
            ExprKind::Status => Kind::Status,
            ExprKind::Context { name, .. } => Known::of(name).map_or(Kind::Json(serde_json::Value::Null), Kind::Known),
            // Refused where it is written.
            ExprKind::Keyed { .. } => Kind::Json(serde_json::Value::Null),
            ExprKind::It | ExprKind::Measure { .. } => unreachable!("a gate's value stands in no pipeline"),
            ExprKind::Field { of, name } => Kind::Field(inner(of), name.clone()),
            ExprKind::Length { of } => Kind::Length(inner(of)),
            ExprKind::Text { parts } => Kind::Text(parts.iter().map(|part| *inner(part)).collect()),
            ExprKind::List { items } => Kind::List(items.iter().map(|item| *inner(item)).collect()),
            ExprKind::Record { entries } => {
                Kind::Record(entries.iter().map(|(name, entry)| (name.clone(), *inner(entry))).collect())
            }
            ExprKind::Not { operand } => Kind::Not(inner(operand)),
            ExprKind::Binary { operator, left, right } => Kind::Binary(*operator, inner(left), inner(right)),
            ExprKind::Between { operand, low, high, inclusive } => {
                let below = if *inclusive { Operator::LessOrEqual } else { Operator::Less };
                let from = boolean(Kind::Binary(Operator::GreaterOrEqual, inner(operand), inner(low)));
                let to = boolean(Kind::Binary(below, inner(operand), inner(high)));
                Kind::Binary(Operator::And, Box::new(from), Box::new(to))
            }
        };
        Value { ty: expr.ty.clone(), kind }
    }

    /// What it pulls from other tasks: the task and the name.
    pub(super) fn pulls(&self) -> Vec<(&Source, &str)> {
        let mut found = Vec::new();
        self.visit(&mut |value| {
            if let Kind::Pulled(source, name) = &value.kind {
                found.push((source, name.as_str()));
            }
        });
        found
    }

    /// Every value in it, itself first.
    pub(super) fn visit<'a>(&'a self, see: &mut impl FnMut(&'a Value)) {
        see(self);
        match &self.kind {
            Kind::Item(of) | Kind::Field(of, _) | Kind::Length(of) | Kind::Not(of) => of.visit(see),
            Kind::Text(parts) | Kind::List(parts) => parts.iter().for_each(|part| part.visit(see)),
            Kind::Record(entries) => entries.iter().for_each(|(_, entry)| entry.visit(see)),
            Kind::Binary(_, left, right) => {
                left.visit(see);
                right.visit(see);
            }
            Kind::Json(_)
            | Kind::Parameter(_)
            | Kind::Pulled(..)
            | Kind::Artifact(..)
            | Kind::Status
            | Kind::Known(_) => {}
        }
    }
}

fn boolean(kind: Kind) -> Value {
    Value { ty: Type::Bool, kind }
}
