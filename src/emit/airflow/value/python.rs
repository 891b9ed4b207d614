//! Values as Python: for the functions that choose an arm, list items and collect what turns yield.

use std::collections::BTreeSet;

use super::jinja::{operator, reads_as_itself};
use super::{JSON_TEXT, Kind, Source, Value};
use crate::emit::airflow::store::Store;
use crate::emit::airflow::version::Version;
use crate::plan::{Operator, Type};
use crate::text::python::{Expression, Operator as Sign, Statement};

/// What a function binds before it speaks of values, gathered while its expressions are made.
pub(in crate::emit::airflow) struct Locals<'a> {
    store: &'a Store,
    version: Version,
    reader: Reader,
    pulled: Vec<(Source, String)>,
    context: BTreeSet<&'static str>,
}

/// Which turns a function sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::emit::airflow) enum Reader {
    /// It stands in no loop.
    Outside,
    /// It runs once a turn.
    InTurn,
    /// It goes through the turns, each by its number `turn`.
    EveryTurn,
}

/// Names that a function has from elsewhere.
const TAKEN: &[&str] = &[
    "params",
    "run_id",
    "dag_run",
    "ti",
    "turn",
    "turns",
    "range",
    "len",
    "str",
    "float",
    "re",
    "json",
    "json_text",
    "arm",
];

impl<'a> Locals<'a> {
    pub(in crate::emit::airflow) fn new(store: &'a Store, version: Version, reader: Reader) -> Self {
        Self { store, version, reader, pulled: Vec::new(), context: BTreeSet::new() }
    }

    /// What the function takes of Airflow's context, sorted.
    pub(in crate::emit::airflow) fn context(&self) -> Vec<&'static str> {
        self.context.iter().copied().collect()
    }

    /// Says that the function takes that, too.
    pub(in crate::emit::airflow) fn needs(&mut self, name: &'static str) {
        self.context.insert(name);
    }

    /// The bindings that stand before the expressions.
    pub(in crate::emit::airflow) fn bindings(&self) -> Vec<Statement> {
        let (mut outside, inside) = self.bindings_by_turn();
        outside.extend(inside);
        outside
    }

    /// The bindings of what runs once, and of what runs once a turn.
    pub(in crate::emit::airflow) fn bindings_by_turn(&self) -> (Vec<Statement>, Vec<Statement>) {
        let bind = |(source, name): &(Source, String)| {
            let binding = Statement::Assign { target: name.clone(), value: self.pull(source) };
            (source.in_turn, binding)
        };
        let (inside, outside): (Vec<_>, Vec<_>) = self.pulled.iter().map(bind).partition(|(in_turn, _)| *in_turn);
        let statements = |bindings: Vec<(bool, Statement)>| bindings.into_iter().map(|(_, it)| it).collect();
        (statements(outside), statements(inside))
    }

    /// The value as an expression.
    pub(in crate::emit::airflow) fn expression(&mut self, value: &Value) -> Expression {
        match &value.kind {
            Kind::Json(json) => Expression::json(json),
            Kind::Parameter(name) => {
                self.needs("params");
                Expression::name("params").key(name)
            }
            Kind::Pulled(source, name) => self.pulled(source).key(name),
            Kind::Artifact(source, name) => {
                let turn = self.turn(source.in_turn);
                self.needs("run_id");
                let path = self.store.path_parts(source, name).python(&turn);
                let uri = self.store.uri_parts(source, name).python(&turn);
                Expression::Dict(vec![(Expression::text("path"), path), (Expression::text("uri"), uri)])
            }
            Kind::Item(items) => {
                let turn = self.turn(true);
                self.expression(items).at(turn)
            }
            Kind::Status => unreachable!("the run's status is given to a pod alone"),
            Kind::Known(known) => {
                let (found, needed) = known.python(self.version);
                self.needs(needed);
                found
            }
            Kind::Field(of, name) => {
                let of_list = matches!(of.ty.required(), Type::List { .. });
                let index = name.parse().ok().filter(|_| of_list).map(|index: i64| Expression::int(index));
                self.expression(of).at(index.unwrap_or_else(|| Expression::text(name)))
            }
            Kind::Length(of) => Expression::name("len").call([self.expression(of)]),
            Kind::Text(parts) => {
                let mut parts = parts.iter().map(|part| self.text(part)).collect::<Vec<_>>().into_iter();
                let first = parts.next().unwrap_or_else(|| Expression::text(""));
                parts.fold(first, |text, part| text.then(Sign::Add, part))
            }
            Kind::List(items) => Expression::List(items.iter().map(|item| self.expression(item)).collect()),
            Kind::Record(entries) => Expression::Dict(
                entries.iter().map(|(name, entry)| (Expression::text(name), self.expression(entry))).collect(),
            ),
            Kind::Not(operand) => Expression::Not(Box::new(self.expression(operand))),
            Kind::Binary(operator, left, right) => self.binary(*operator, left, right),
        }
    }

    /// The value as whoever started the run sees it: an artifact is its address.
    pub(in crate::emit::airflow) fn outcome(&mut self, value: &Value) -> Expression {
        match (&value.ty, &value.kind) {
            (Type::Artifact { .. }, Kind::Artifact(source, name)) => {
                let turn = self.turn(source.in_turn);
                self.needs("run_id");
                self.store.uri_parts(source, name).python(&turn)
            }
            (Type::Artifact { .. }, _) => self.expression(value).key("uri"),
            (Type::List { of }, _) if of.is_artifact() => Expression::Comprehension {
                key: None,
                element: Box::new(Expression::name("artifact").key("uri")),
                name: "artifact".to_owned(),
                items: Box::new(self.expression(value)),
                condition: None,
            },
            _ => self.expression(value),
        }
    }

    fn binary(&mut self, operator: Operator, left: &Value, right: &Value) -> Expression {
        let none = |value: &Value| matches!(value.kind, Kind::Json(serde_json::Value::Null));
        let (a, b) = (self.expression(left), self.expression(right));
        match operator {
            Operator::Coalesce => Expression::Conditional {
                condition: Box::new(a.clone().then(Sign::IsNot, Expression::None)),
                then: Box::new(a),
                otherwise: Box::new(b),
            },
            Operator::Matches => Expression::name("re.fullmatch").call([b, a]).then(Sign::IsNot, Expression::None),
            Operator::Equal if none(right) => a.then(Sign::Is, b),
            Operator::NotEqual if none(right) => a.then(Sign::IsNot, b),
            _ => a.then(self::operator(operator), b),
        }
    }

    fn text(&mut self, value: &Value) -> Expression {
        let inner = self.expression(value);
        match &value.ty {
            Type::Optional { of } => {
                let given = self.text(&Value { ty: (**of).clone(), kind: value.kind.clone() });
                Expression::Conditional {
                    condition: Box::new(inner.then(Sign::Is, Expression::None)),
                    then: Box::new(Expression::text("")),
                    otherwise: Box::new(given),
                }
            }
            ty if reads_as_itself(ty) => inner,
            Type::Bool => Expression::Conditional {
                condition: Box::new(inner),
                then: Box::new(Expression::text("true")),
                otherwise: Box::new(Expression::text("false")),
            },
            Type::Int | Type::Size => Expression::name("str").call([inner]),
            Type::Float | Type::Percent | Type::Duration => {
                Expression::name("str").call([Expression::name("float").call([inner])])
            }
            _ => Expression::name(JSON_TEXT).call([inner]),
        }
    }

    fn turn(&mut self, in_turn: bool) -> Expression {
        match self.reader {
            Reader::InTurn if in_turn => {
                self.needs("ti");
                Expression::name("ti").dot("map_index")
            }
            _ => Expression::name("turn"),
        }
    }

    fn pulled(&mut self, source: &Source) -> Expression {
        self.needs("ti");
        let known = self.pulled.iter().find(|(other, _)| other == source).map(|(_, name)| name.clone());
        let name = known.unwrap_or_else(|| {
            let name = self.fresh(&source.node);
            self.pulled.push((source.clone(), name.clone()));
            name
        });
        let whole = Expression::name(name);
        if source.in_turn && self.reader == Reader::EveryTurn { whole.at(Expression::name("turn")) } else { whole }
    }

    fn fresh(&self, node: &str) -> String {
        let mut name = crate::text::python::identifier(node);
        while TAKEN.contains(&name.as_str()) || self.pulled.iter().any(|(_, other)| *other == name) {
            name.push('_');
        }
        name
    }

    fn pull(&self, source: &Source) -> Expression {
        let call = Expression::name("ti.xcom_pull").with("task_ids", Expression::text(&source.task_id));
        match (source.in_turn, self.reader) {
            (true, Reader::EveryTurn) => Expression::Comprehension {
                key: None,
                element: Box::new(call.with("map_indexes", Expression::name("turn"))),
                name: "turn".to_owned(),
                items: Box::new(Expression::name("turns")),
                condition: None,
            },
            (true, _) => call.with("map_indexes", Expression::name("ti").dot("map_index")),
            (false, Reader::InTurn) => call.with("map_indexes", Expression::int(-1)),
            (false, _) => call,
        }
    }
}
