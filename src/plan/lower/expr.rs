//! Expressions: constants are computed, what is left is what a target must say.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value as Json, json};

use super::Lower;
use crate::ast::{BinaryOperator, UnaryOperator};
use crate::check::eval::Evaluator;
use crate::model::{self, ExprKind as Of, NodeId, RecordPart, Value};
use crate::plan::{Expr, ExprKind, KeyedEntry, Operator, Type};
use crate::resolve::DeclId;

/// The nodes of one pipeline (each inlining of a nested one has its own): ids, and the output of those that have one.
#[derive(Default)]
pub(super) struct Frame {
    pub(super) ids: BTreeMap<NodeId, String>,
    pub(super) single: BTreeMap<NodeId, String>,
    /// Names of its calls so far.
    pub(super) names: BTreeSet<String>,
    /// Names that calls in it are bound to: no other call takes them.
    bound: BTreeSet<String>,
}

impl Frame {
    pub(super) fn of(pipeline: &model::Pipeline) -> Self {
        let bound = pipeline.calls().into_iter().filter_map(|call| call.binding.clone()).collect();
        Self { bound, ..Self::default() }
    }

    /// A name of what is no call, that nothing else of the pipeline has.
    pub(super) fn free(&mut self, wanted: &str) -> String {
        let numbered = (2..).map(|count| format!("{wanted}_{count}"));
        let free = |name: &String| !self.names.contains(name) && !self.bound.contains(name);
        let name = std::iter::once(wanted.to_owned()).chain(numbered).find(free).expect("numbers do not end");
        self.names.insert(name.clone());
        name
    }

    /// A name of a call that no other call of the pipeline has.
    pub(super) fn name(&mut self, call: &model::Call, step: &str) -> String {
        let wanted = call.binding.as_deref().unwrap_or(step);
        let numbered = (2..).map(|count| format!("{wanted}_{count}"));
        let free = |name: &String| {
            !self.names.contains(name) && (call.binding.as_ref() == Some(name) || !self.bound.contains(name))
        };
        let name = std::iter::once(wanted.to_owned()).chain(numbered).find(free).expect("numbers do not end");
        self.names.insert(name.clone());
        name
    }
}

/// Where an expression stands.
pub(super) struct Context<'a> {
    pub(super) lower: &'a Lower<'a>,
    pub(super) place: Option<DeclId>,
    pub(super) frame: Option<&'a Frame>,
}

impl Context<'_> {
    pub(super) fn expr(&self, expr: &model::Expr) -> Expr {
        let ty = self.lower.ty(&expr.ty);
        if let Some(value) = self.constant(expr) {
            return Expr::literal(ty.clone(), self.lower.json_as(&value, &ty));
        }
        let kind = match &expr.kind {
            Of::It => return self.lower.it(ty),
            Of::Decl(decl) => return self.decl(*decl, ty),
            Of::Value(value) => ExprKind::Literal { value: self.lower.json_as(value, &ty) },
            Of::Parameter(name) => ExprKind::Parameter { name: name.clone() },
            Of::Node(id) => return self.node(*id, ty),
            Of::Item(id) => ExprKind::Item { of: self.id(*id) },
            Of::Status => ExprKind::Status,
            Of::Context(name, sign) => ExprKind::Context { name: name.clone(), sign: sign.clone() },
            Of::Measure(decl, name) => ExprKind::Measure { of: self.lower.name(*decl), name: name.clone() },
            Of::Field(of, name) => match &of.kind {
                Of::Node(id) if matches!(of.ty, model::Type::Record(_)) => {
                    ExprKind::Output { node: self.id(*id), name: name.clone() }
                }
                _ => ExprKind::Field { of: self.boxed(of), name: name.clone() },
            },
            Of::Index(of, index) => {
                let name = match self.constant(index) {
                    Some(Value::Int(at)) => at.to_string(),
                    Some(Value::Text(key)) => key,
                    _ => String::new(),
                };
                ExprKind::Field { of: self.boxed(of), name }
            }
            Of::Length(of) => ExprKind::Length { of: self.boxed(of) },
            Of::List(items) => ExprKind::List { items: items.iter().map(|item| self.expr(item)).collect() },
            Of::Record(parts) => self.record(parts),
            Of::Text(parts) => ExprKind::Text { parts: parts.iter().map(|part| self.expr(part)).collect() },
            Of::Unary(UnaryOperator::Not, of) => ExprKind::Not { operand: self.boxed(of) },
            Of::Unary(UnaryOperator::Negate, of) => ExprKind::Binary {
                operator: Operator::Subtract,
                left: Box::new(Expr::literal(ty.clone(), self.lower.json_as(&Value::Int(0), &ty))),
                right: self.boxed(of),
            },
            Of::Binary(BinaryOperator::In, left, right) => match self.range(right) {
                Some((low, high, inclusive)) => {
                    ExprKind::Between { operand: self.boxed(left), low: Box::new(low), high: Box::new(high), inclusive }
                }
                None => ExprKind::Binary { operator: Operator::In, left: self.boxed(left), right: self.boxed(right) },
            },
            Of::Binary(operator, left, right) => {
                ExprKind::Binary { operator: operator_of(*operator), left: self.boxed(left), right: self.boxed(right) }
            }
            Of::Call(_, arguments) if is_passed_on(expr) => self.expr(&arguments[0]).kind,
            Of::Place(model::Place::Input, name) => ExprKind::Parameter { name: name.clone() },
            // A clean model leaves none of these for run time.
            Of::Local(_)
            | Of::Place(..)
            | Of::Call(..)
            | Of::Ask(..)
            | Of::Form(..)
            | Of::Comprehension { .. }
            | Of::Range(..)
            | Of::If(..)
            | Of::Error => ExprKind::Literal { value: Json::Null },
        };
        Expr { ty, kind }
    }

    fn record(&self, parts: &[RecordPart]) -> ExprKind {
        let text = |text: String| Expr::literal(Type::String, text.into());
        let entry = |part: &RecordPart| match part {
            RecordPart::Field(name, value) => Some(KeyedEntry { key: text(name.clone()), value: self.expr(value) }),
            RecordPart::Keyed(key, value) => Some(KeyedEntry { key: self.expr(key), value: self.expr(value) }),
            RecordPart::Spread(_) => None,
        };
        let entries: Vec<KeyedEntry> = parts.iter().filter_map(entry).collect();
        let named = |entry: &KeyedEntry| Some((entry.key.as_literal()?.as_str()?.to_owned(), entry.value.clone()));
        match entries.iter().map(named).collect::<Option<_>>() {
            Some(entries) => ExprKind::Record { entries },
            None => ExprKind::Keyed { entries },
        }
    }

    fn boxed(&self, expr: &model::Expr) -> Box<Expr> {
        Box::new(self.expr(expr))
    }

    fn id(&self, id: NodeId) -> String {
        self.frame.and_then(|frame| frame.ids.get(&id).cloned()).unwrap_or_default()
    }

    fn node(&self, id: NodeId, ty: Type) -> Expr {
        let node = self.id(id);
        if let Some(name) = self.frame.and_then(|frame| frame.single.get(&id)) {
            return Expr { ty, kind: ExprKind::Output { node, name: name.clone() } };
        }
        let Type::Struct { fields, .. } = &ty else { return Expr::literal(ty, Json::Null) };
        let entries = fields.iter().map(|field| {
            let kind = ExprKind::Output { node: node.clone(), name: field.name.clone() };
            (field.name.clone(), Expr { ty: field.ty.clone(), kind })
        });
        let kind = ExprKind::Record { entries: entries.collect() };
        Expr { ty, kind }
    }

    /// Something that the project declares: data is where its rows are.
    fn decl(&self, decl: DeclId, ty: Type) -> Expr {
        let binding = self.place.and_then(|place| self.lower.model.environments[&place].bindings.get(&decl));
        let form = self.lower.form_of(binding.map(|(value, _)| value));
        let (Some(form), Type::Table { schema, columns }) = (form, &ty) else {
            return Expr::literal(ty, json!({ "name": self.lower.name(decl) }));
        };
        let mut table = serde_json::Map::new();
        table.insert("kind".into(), json!(form.form));
        table.extend(form.arguments);
        table.insert("schema".into(), json!(schema));
        let columns = columns.iter().map(|column| json!({ "name": column.name, "type": word(&column.ty) }));
        table.insert("columns".into(), columns.collect());
        Expr::literal(ty, Json::Object(table))
    }

    /// The value, where everything in it is known; what `it` is part of never is.
    fn constant(&self, expr: &model::Expr) -> Option<Value> {
        if expr.run_time_part().is_some() || matches!(expr.kind, Of::Form(..)) {
            return None;
        }
        if is_open(expr, &mut Vec::new()) {
            return None;
        }
        let mut evaluator = Evaluator::new(self.lower.model);
        if let Some(place) = self.place {
            evaluator = evaluator.in_environment(place);
        }
        evaluator.evaluate(expr).ok().filter(|value| !matches!(value, Value::Unknown | Value::Reference(_)))
    }

    fn range(&self, expr: &model::Expr) -> Option<(Expr, Expr, bool)> {
        match &expr.kind {
            Of::Range(low, high, inclusive) => Some((self.expr(low), self.expr(high), *inclusive)),
            _ => None,
        }
    }
}

/// Whether it speaks of `it`, or of a name that nothing inside it binds.
fn is_open<'e>(expr: &'e model::Expr, bound: &mut Vec<&'e str>) -> bool {
    match &expr.kind {
        Of::It => true,
        Of::Local(name) => !bound.contains(&name.as_str()),
        Of::Comprehension { name, source, condition, value } => {
            let open = is_open(source, bound);
            bound.push(name);
            let open = open || condition.iter().map(|part| &**part).chain([&**value]).any(|part| is_open(part, bound));
            bound.pop();
            open
        }
        _ => expr.parts().into_iter().any(|part| is_open(part, bound)),
    }
}

/// Whether a value of the run is given as it is, of another type: `collected`, `flat`. No other function is left for run time.
fn is_passed_on(expr: &model::Expr) -> bool {
    matches!(&expr.kind, Of::Call(_, arguments) if arguments.len() == 1) && expr.run_time_part().is_some()
}

/// Whether a value of the run is declared as a list of such and given as it is.
pub(super) fn is_collected(expr: &model::Expr) -> bool {
    let Of::Call(_, arguments) = &expr.kind else { return false };
    let one_of =
        |list: &model::Type| matches!(list, model::Type::List(of) if arguments.iter().any(|one| **of == one.ty));
    is_passed_on(expr) && one_of(&expr.ty)
}

/// A column's type in a word.
fn word(ty: &Type) -> String {
    match ty {
        Type::Optional { of } => format!("{}?", word(of)),
        Type::Enum { .. } => "string".into(),
        Type::Struct { .. } => "struct".into(),
        Type::List { of } => format!("list<{}>", word(of)),
        Type::Map { of } => format!("map<{}>", word(of)),
        other => match serde_json::to_value(other) {
            Ok(Json::Object(fields)) => fields.get("kind").and_then(Json::as_str).unwrap_or("json").to_owned(),
            _ => "json".into(),
        },
    }
}

fn operator_of(operator: BinaryOperator) -> Operator {
    match operator {
        BinaryOperator::Or => Operator::Or,
        BinaryOperator::And => Operator::And,
        BinaryOperator::Equal => Operator::Equal,
        BinaryOperator::NotEqual => Operator::NotEqual,
        BinaryOperator::Less => Operator::Less,
        BinaryOperator::LessOrEqual => Operator::LessOrEqual,
        BinaryOperator::Greater => Operator::Greater,
        BinaryOperator::GreaterOrEqual => Operator::GreaterOrEqual,
        BinaryOperator::In => Operator::In,
        BinaryOperator::Matches => Operator::Matches,
        BinaryOperator::Coalesce => Operator::Coalesce,
        BinaryOperator::Add => Operator::Add,
        BinaryOperator::Subtract => Operator::Subtract,
        BinaryOperator::Multiply => Operator::Multiply,
        BinaryOperator::Divide => Operator::Divide,
    }
}
