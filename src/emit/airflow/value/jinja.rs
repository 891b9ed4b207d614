//! Values as Jinja: for the words of a pod's command.

use serde_json::Value as Json;

use super::{JSON_TEXT, Kind, Source, Value};
use crate::emit::airflow::store::Store;
use crate::emit::airflow::version::Version;
use crate::plan::{Operator, Type};
use crate::text::jinja::{Expression, Template};
use crate::text::json::inert;
use crate::text::python;

/// Who reads the values.
#[derive(Clone, Copy)]
pub(in crate::emit::airflow) struct Render<'a> {
    /// Where artifacts are.
    pub(in crate::emit::airflow) store: &'a Store,
    /// Whose words it is written in.
    pub(in crate::emit::airflow) version: Version,
    /// Whether the reader runs once a turn of a loop.
    pub(in crate::emit::airflow) in_turn: bool,
}

/// The value as JSON.
pub(in crate::emit::airflow) fn json_template(value: &Value, render: Render) -> Template {
    match &value.kind {
        Kind::Json(json) => Template::default().json(&inert(json)),
        Kind::Artifact(source, name) => {
            let (path, uri) = (render.store.path(source, name), render.store.uri(source, name));
            let path = Template::text_only(r#"{"path": ""#).then(path);
            path.text(r#"", "#).cut().text(r#""uri": ""#).then(uri).text(r#""}"#)
        }
        Kind::List(items) => {
            let items = items.iter().map(|item| json_template(item, render));
            bracketed("[", items, "]")
        }
        Kind::Record(entries) => {
            let entries = entries.iter().map(|(key, entry)| {
                Template::text_only(format!("{}: ", Json::from(key.as_str()))).then(json_template(entry, render))
            });
            bracketed("{", entries, "}")
        }
        _ => push(Template::default(), expression(value, render).filter("tojson"), &value.ty),
    }
}

/// Templates with commas between, each a chunk of its own.
pub(in crate::emit::airflow) fn bracketed(open: &str, items: impl Iterator<Item = Template>, close: &str) -> Template {
    let mut template = Template::text_only(open);
    for (at, item) in items.enumerate() {
        template = if at > 0 { template.text(", ").cut() } else { template };
        template = template.then(item);
    }
    template.text(close)
}

/// The value as text.
pub(in crate::emit::airflow) fn text_template(value: &Value, render: Render) -> Template {
    match &value.kind {
        Kind::Json(Json::String(text)) if reads_as_itself(value.ty.required()) => Template::text_only(text),
        Kind::Json(Json::Null) => Template::default(),
        Kind::Json(json) => Template::text_only(json.to_string()),
        Kind::Text(parts) => {
            parts.iter().fold(Template::default(), |template, part| template.then(text_template(part, render)))
        }
        _ => push(Template::default(), text_expression(value, render), &value.ty),
    }
}

fn push(template: Template, value: Expression, ty: &Type) -> Template {
    if holds_text(ty) { template.value(value) } else { template.plain(value) }
}

fn holds_text(ty: &Type) -> bool {
    match ty {
        Type::Bool | Type::Int | Type::Float | Type::Percent | Type::Duration | Type::Size => false,
        Type::List { of } | Type::Optional { of } => holds_text(of),
        _ => true,
    }
}

/// Whether a value's text is the value itself, not its JSON.
pub(super) fn reads_as_itself(ty: &Type) -> bool {
    matches!(ty, Type::String | Type::Uri | Type::Timestamp | Type::Cron | Type::Enum { .. })
}

fn text_expression(value: &Value, render: Render) -> Expression {
    let inner = expression(value, render);
    match &value.ty {
        Type::Optional { of } => {
            let given = text_expression(&Value { ty: (**of).clone(), kind: value.kind.clone() }, render);
            conditional(Expression::string(""), Expression::IsNone(Box::new(inner)), given)
        }
        ty if reads_as_itself(ty) => inner,
        Type::Int | Type::Size => inner,
        Type::Float | Type::Percent | Type::Duration => inner.filter("float"),
        Type::Bool => conditional(Expression::string("true"), inner, Expression::string("false")),
        _ => Expression::Call(Box::new(Expression::name(JSON_TEXT)), vec![inner], Vec::new()),
    }
}

fn conditional(then: Expression, condition: Expression, otherwise: Expression) -> Expression {
    Expression::Conditional(Box::new(then), Box::new(condition), Box::new(otherwise))
}

/// The value as an expression.
pub(in crate::emit::airflow) fn expression(value: &Value, render: Render) -> Expression {
    let inner = |value: &Value| expression(value, render);
    match &value.kind {
        Kind::Json(json) => Expression::Json(json.clone()),
        Kind::Parameter(name) => Expression::name("params").at(Expression::string(name)),
        Kind::Pulled(source, name) => pull(source, render).at(Expression::string(name)),
        Kind::Artifact(source, name) => Expression::Dict(vec![
            ("path".to_owned(), render.store.path_parts(source, name).jinja()),
            ("uri".to_owned(), render.store.uri_parts(source, name).jinja()),
        ]),
        Kind::Item(items) => inner(items).at(map_index()),
        Kind::Status => {
            Expression::Call(Box::new(Expression::name("run_status")), vec![Expression::name("ti")], Vec::new())
        }
        Kind::Known(known) => known.jinja(render.version),
        Kind::Field(of, name) => inner(of).at(key(&of.ty, name)),
        Kind::Length(of) => inner(of).filter("length"),
        Kind::Text(parts) => Expression::Concat(parts.iter().map(|part| text_expression(part, render)).collect()),
        Kind::List(items) => Expression::List(items.iter().map(inner).collect()),
        Kind::Record(entries) => {
            Expression::Dict(entries.iter().map(|(name, entry)| (name.clone(), inner(entry))).collect())
        }
        Kind::Not(operand) => Expression::Not(Box::new(inner(operand))),
        Kind::Binary(Operator::Coalesce, left, right) => {
            conditional(inner(right), Expression::IsNone(Box::new(inner(left))), inner(left))
        }
        Kind::Binary(operator, left, right) => {
            Expression::Binary(self::operator(*operator), Box::new(inner(left)), Box::new(inner(right)))
        }
    }
}

fn pull(source: &Source, render: Render) -> Expression {
    let mut keywords = vec![("task_ids".to_owned(), Expression::string(&source.task_id))];
    let index = match (source.in_turn, render.in_turn) {
        (true, _) => Some(map_index()),
        (false, true) => Some(Expression::Json((-1).into())),
        (false, false) => None,
    };
    keywords.extend(index.map(|index| ("map_indexes".to_owned(), index)));
    Expression::Call(Box::new(Expression::name("ti").dot("xcom_pull")), Vec::new(), keywords)
}

fn map_index() -> Expression {
    Expression::name("ti").dot("map_index")
}

fn key(ty: &Type, name: &str) -> Expression {
    match (ty.required(), name.parse::<i64>()) {
        (Type::List { .. }, Ok(index)) => Expression::Json(index.into()),
        _ => Expression::string(name),
    }
}

/// The operator's sign; what is a function elsewhere has been refused before.
pub(in crate::emit::airflow) fn operator(operator: Operator) -> python::Operator {
    match operator {
        Operator::Or => python::Operator::Or,
        Operator::And => python::Operator::And,
        Operator::Equal | Operator::Matches | Operator::Coalesce => python::Operator::Equal,
        Operator::NotEqual => python::Operator::NotEqual,
        Operator::Less => python::Operator::Less,
        Operator::LessOrEqual => python::Operator::LessOrEqual,
        Operator::Greater => python::Operator::Greater,
        Operator::GreaterOrEqual => python::Operator::GreaterOrEqual,
        Operator::In => python::Operator::In,
        Operator::Add => python::Operator::Add,
        Operator::Subtract => python::Operator::Subtract,
        Operator::Multiply => python::Operator::Multiply,
        Operator::Divide => python::Operator::Divide,
    }
}

/// The path or the address of an artifact.
pub(in crate::emit::airflow) fn place_template(value: &Value, which: &'static str, render: Render) -> Template {
    match (&value.kind, which) {
        (Kind::Artifact(source, name), "path") => render.store.path(source, name),
        (Kind::Artifact(source, name), _) => render.store.uri(source, name),
        _ => Template::default().plain(expression(value, render).at(Expression::string(which))),
    }
}
