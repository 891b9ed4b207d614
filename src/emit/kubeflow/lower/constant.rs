//! Constants with values of the run in their texts: Kubeflow itself puts them together, where no runner does.
//!
//! A value stands in the text as a sign of an input of the task, its channel, which no component declares.

use serde_json::{Map, Value};

use super::scope::{Source, give};
use super::{Lowering, cannot, is_whole};
use crate::diagnostics::report;
use crate::emit::kubeflow::model::*;
use crate::emit::kubeflow::name::channel;
use crate::emit::kubeflow::sign;
use crate::emit::step::leaves;
use crate::plan::{Expr, ExprKind, Node, Run, Type};
use crate::source::Span;

impl Lowering<'_> {
    /// The constant, and the channels that it needs; none where Kubeflow cannot put it together.
    pub(super) fn put_together(&mut self, value: &Expr, span: Span) -> Option<Value> {
        match &value.kind {
            ExprKind::Literal { value } => {
                self.constant(value, span);
                Some(value.clone())
            }
            ExprKind::Text { parts } => {
                let parts: Option<Vec<String>> = parts.iter().map(|part| self.text_of(part, span)).collect();
                Some(parts?.concat().into())
            }
            ExprKind::List { items } => items.iter().map(|item| self.put_together(item, span)).collect(),
            ExprKind::Record { entries } => {
                let entry = |(key, entry): (&String, &Expr)| Some((key.clone(), self.put_together(entry, span)?));
                let entries: Option<Map<String, Value>> = entries.iter().map(entry).collect();
                entries.map(Value::Object)
            }
            ExprKind::Keyed { entries } => {
                let mut made = Map::new();
                for entry in entries {
                    let Value::String(key) = self.put_together(&entry.key, span)? else { return None };
                    made.insert(key, self.put_together(&entry.value, span)?);
                }
                Some(Value::Object(made))
            }
            ExprKind::Context { .. } => self.text_of(value, span).map(Value::from),
            _ if is_whole(value) && is_text(&value.ty) => self.text_of(value, span).map(Value::from),
            _ if is_whole(value) => {
                let message = "inside a constant Kubeflow writes a value as text, and this is none";
                let help = "Write it as a text, \"\\(value)\", or let a Python step make the whole.";
                self.diagnostics.push(cannot(span, message).help(help));
                Some(Value::Null)
            }
            _ => None,
        }
    }

    /// A part of a text.
    fn text_of(&mut self, part: &Expr, span: Span) -> Option<String> {
        match &part.kind {
            ExprKind::Literal { value: Value::String(text) } => {
                self.constant(&Value::from(text.as_str()), span);
                Some(text.clone())
            }
            ExprKind::Literal { value } => Some(value.to_string()),
            ExprKind::Context { name, sign } => Some(sign::write(name, sign.as_deref())),
            _ if is_whole(part) => self.sign_of(part, span),
            _ => None,
        }
    }

    /// The sign of a value of the run, which the task is given by a channel.
    pub(super) fn sign_of(&mut self, leaf: &Expr, span: Span) -> Option<String> {
        if matches!(leaf.ty.required(), Type::Float | Type::Percent | Type::Duration) {
            let message = "Kubeflow may write this number otherwise than a Python step does";
            self.diagnostics.push(
                report::kubeflow_writes_number(span, message)
                    .note("A number with a fraction has no one form as text: `1.0` may come out as `1`.")
                    .help("Give the number as an argument of its own, or let a step make the text."),
            );
        }
        let source = self.source(leaf)?;
        let name = self.channel_name(leaf)?;
        self.channels.insert(name.clone(), (leaf.ty.clone(), source));
        Some(format!("{{{{$.inputs.parameters['{name}']}}}}"))
    }

    /// What a value is called where it is a task's input beside those of its step.
    fn channel_name(&self, leaf: &Expr) -> Option<String> {
        match &leaf.kind {
            ExprKind::Field { of, name } => Some(format!("{}-subvar-{name}", self.channel_name(of)?)),
            _ => self.channel_of(self.scopes.len() - 1, leaf).map(|name| channel(&name)),
        }
    }

    /// Gives the task the channels that its constants and its container speak of.
    pub(super) fn give_channels(&mut self, task: &mut TaskSpec) {
        let channels: Vec<(String, (Type, Source))> = std::mem::take(&mut self.channels).into_iter().collect();
        for (name, (ty, source)) in channels {
            give(task, &name, &ty, &source);
        }
    }
}

/// Whether Kubeflow can put it together: what is not constant in it is text.
pub(super) fn can_be_put_together(value: &Expr) -> bool {
    match &value.kind {
        ExprKind::Literal { .. } | ExprKind::Context { .. } => true,
        ExprKind::Text { parts } => {
            let part = |part: &Expr| {
                matches!(part.kind, ExprKind::Literal { .. } | ExprKind::Context { .. }) || is_whole(part)
            };
            parts.iter().all(part)
        }
        ExprKind::List { items } => items.iter().all(can_be_put_together),
        ExprKind::Record { entries } => entries.values().all(can_be_put_together),
        _ => is_whole(value) && is_text(&value.ty),
    }
}

/// Whether anything in a nested pipeline makes the value itself, of its parts: a runner, or a condition.
pub(super) fn is_made_inside(body: &[Node], parameter: &str) -> bool {
    let named = |expr: &Expr| matches!(&expr.kind, ExprKind::Parameter { name } if name == parameter);
    let of = |expr: &Expr| leaves(expr, &named).iter().any(named);
    body.iter().any(|node| match node {
        Node::Task(task) => {
            matches!(task.run, Run::Python { .. }) && task.inputs.values().any(|input| of(&input.value))
        }
        Node::Loop(node) => of(&node.items) || is_made_inside(&node.body, parameter),
        Node::Branch(node) => {
            node.arms.iter().any(|arm| arm.condition.as_ref().is_some_and(of) || is_made_inside(&arm.body, parameter))
        }
        Node::Try(node) => {
            is_made_inside(&node.body, parameter) || is_made_inside(std::slice::from_ref(&node.last), parameter)
        }
        Node::Group(node) => {
            node.arguments.iter().any(|(inner, argument)| of(argument) && is_made_inside(&node.body, inner))
        }
    })
}

fn is_text(ty: &Type) -> bool {
    matches!(ty.required(), Type::String | Type::Uri | Type::Timestamp | Type::Cron | Type::Enum { .. })
}
