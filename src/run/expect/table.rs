//! What is expected of data, measured on the rows that an environment binds.
//!
//! In: a checked project and one of its environments. Out: each `expectation` decided, with the value under each part. What is
//! measured is gathered in one pass over the rows, however many there are. It reads files alone.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use rust_decimal::Decimal;

use super::{Decided, Expectation, draw};
use crate::check::eval::Evaluator;
use crate::check::privacy::TAINTS;
use crate::model::{Expr, ExprKind, FormValue, Model, Type, Value};
use crate::plan::{self, Column, Contract};
use crate::resolve::DeclId;
use crate::run::data;

/// An expectation of data in an environment.
#[derive(Clone, Debug, PartialEq)]
pub struct Looked {
    /// Its name.
    pub expectation: String,
    /// The data that it speaks of.
    pub table: String,
    /// What was found of each `assert`, or why nothing was looked at.
    pub found: Result<Vec<Expectation>, String>,
}

impl Looked {
    /// The asserts that do not hold.
    pub fn broken(&self) -> impl Iterator<Item = &Expectation> {
        self.found.iter().flatten().filter(|one| one.decided == Decided::NotMet)
    }

    /// The asserts of which nothing can be said.
    pub fn undecided(&self) -> impl Iterator<Item = &Expectation> {
        self.found.iter().flatten().filter(|one| one.decided == Decided::NoData)
    }
}

/// Looks at what an environment binds: every expectation of a table of which `wanted` holds, by the arguments of its binding.
pub fn looked_at(model: &Model, environment: &str, folder: &Path, wanted: &dyn Fn(&FormValue) -> bool) -> Vec<Looked> {
    let Some((place, bound)) = model.concrete_environments().find(|(place, _)| model.name(*place) == environment)
    else {
        return Vec::new();
    };
    let mut all = Vec::new();
    for (decl, expectation) in &model.expectations {
        let Some(table) = expectation.data else { continue };
        let Some((Value::Form(source), _)) = bound.bindings.get(&table) else { continue };
        if !wanted(source) {
            continue;
        }
        let asserts: Vec<(&Expr, &str)> =
            expectation.asserts.iter().map(|(expr, text)| (expr, text.as_str())).collect();
        all.push(Looked {
            expectation: model.name(*decl).to_owned(),
            table: model.name(table).to_owned(),
            found: Table { model, place, table, source, folder }.decide(&asserts),
        });
    }
    all
}

/// A table in an environment.
struct Table<'a> {
    model: &'a Model,
    place: DeclId,
    table: DeclId,
    source: &'a FormValue,
    folder: &'a Path,
}

impl<'a> Table<'a> {
    fn decide(&self, asserts: &[(&Expr, &str)]) -> Result<Vec<Expectation>, String> {
        let contract = self.contract().ok_or("its schema is not known")?;
        let is_private = |column: &&Column| column.field.marks.iter().any(|mark| TAINTS.contains(&mark.as_str()));
        let private = contract.columns.iter().filter(is_private).map(|column| column.field.name.clone());
        let mut measures = Measures { private: private.collect(), ..Measures::default() };
        asserts.iter().for_each(|(expr, _)| measures.find(self.model, expr));
        self.measure(&contract, &mut measures)?;
        Ok(asserts.iter().map(|(expr, text)| self.expectation(expr, text, &measures)).collect())
    }

    fn contract(&self) -> Option<Contract> {
        match self.model.needs.get(&self.table)?.ty.required() {
            Type::Table(Some(schema)) => plan::contract(self.model, *schema),
            _ => None,
        }
    }

    /// One pass over the rows.
    fn measure(&self, contract: &Contract, measures: &mut Measures) -> Result<(), String> {
        let argument = |name: &str| self.source.arguments.get(name);
        let Some(path) = argument("path").and_then(Value::as_text) else {
            return Err(format!("rows of `{}` are not read from here", self.source.name));
        };
        let most = argument("rows").and_then(Value::as_int).and_then(|most| u64::try_from(most).ok());
        let names: Vec<&str> = contract.columns.iter().map(|column| column.field.name.as_str()).collect();
        let hidden = self.masked(&names);
        let mut each = |values: &mut [Value]| {
            hidden.iter().for_each(|at| values[*at] = Value::None);
            let row = names.iter().copied().zip(values.iter());
            measures.see(self.model, self.place, &row.collect());
        };
        data::walk(contract, &self.folder.join(path), most, &mut each).map_err(|why| format!("`{path}`: {why}"))
    }

    /// The columns that are delivered empty, by their places.
    fn masked(&self, names: &[&str]) -> Vec<usize> {
        let masked = self.source.arguments.get("masked").and_then(Value::as_list).unwrap_or_default();
        let column = |value: &Value| match value {
            Value::Column(_, name) => names.iter().position(|other| other == name),
            _ => None,
        };
        masked.iter().filter_map(column).collect()
    }

    fn expectation(&self, expr: &Expr, text: &str, measures: &Measures) -> Expectation {
        let known = |part: &Expr| measures.of(self.model, part);
        let value = |part: &Expr| {
            let value = Evaluator::new(self.model).in_environment(self.place).with_known(&known).evaluate(part).ok()?;
            (value != Value::Unknown).then_some(value)
        };
        let decided = match value(expr) {
            Some(Value::Bool(true)) => Decided::Met,
            Some(Value::Bool(false)) => Decided::NotMet,
            _ => Decided::NoData,
        };
        let whole = |part: &Expr| asked(self.model, part).is_some();
        let hidden = |part: &Expr| measures.hides(self.model, part);
        let drawing = draw::draw(self.model.sources.text(expr.span), expr, &value, &whole, &hidden);
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        Expectation { text, decided, drawing, turn: None }
    }
}

/// What is measured, by its text: two asserts that ask for the same share it.
#[derive(Default)]
struct Measures {
    /// Columns of which no value is shown.
    private: BTreeSet<String>,
    all: BTreeMap<String, Measure>,
}

struct Measure {
    function: String,
    argument: Option<Expr>,
    rows: u64,
    met: u64,
    /// The numbers: how many, their sum, the smallest and the largest.
    numbers: (u64, f64, f64, f64),
}

impl Measures {
    fn find(&mut self, model: &Model, expr: &Expr) {
        expr.walk(&mut |part| {
            let Some((function, argument)) = asked(model, part) else { return };
            let measure = Measure {
                function: function.to_owned(),
                argument: argument.cloned(),
                rows: 0,
                met: 0,
                numbers: (0, 0.0, f64::INFINITY, f64::NEG_INFINITY),
            };
            self.all.entry(model.sources.text(part.span).to_owned()).or_insert(measure);
        });
    }

    fn see(&mut self, model: &Model, place: DeclId, row: &BTreeMap<&str, &Value>) {
        for measure in self.all.values_mut() {
            measure.rows += 1;
            let Some(argument) = &measure.argument else { continue };
            let mut evaluator = Evaluator::new(model).in_environment(place);
            for (name, value) in row {
                evaluator = evaluator.with_local(name, (*value).clone());
            }
            match evaluator.evaluate(argument) {
                Ok(Value::Bool(true)) if measure.function == "share" => measure.met += 1,
                Ok(value) => measure.numbers = with(measure.numbers, super::value::number(&value)),
                Err(_) => {}
            }
        }
    }

    /// Whether a part would show a value of a private column: its smallest, its largest, the mean of one row. A share shows none.
    fn hides(&self, model: &Model, part: &Expr) -> bool {
        let mut shows = false;
        part.walk(&mut |inner| {
            let Some((function, Some(argument))) = asked(model, inner) else { return };
            argument.walk(&mut |leaf| {
                let named = matches!(&leaf.kind, ExprKind::Local(name) if self.private.contains(name));
                shows |= named && function != "share";
            });
        });
        shows && part.ty != Type::Bool
    }

    /// The value of a part that is a measure.
    fn of(&self, model: &Model, part: &Expr) -> Option<Value> {
        asked(model, part)?;
        self.all.get(model.sources.text(part.span)).map(Measure::value)
    }
}

/// A number more.
fn with((count, sum, least, most): (u64, f64, f64, f64), number: Option<f64>) -> (u64, f64, f64, f64) {
    match number {
        Some(number) => (count + 1, sum + number, least.min(number), most.max(number)),
        None => (count, sum, least, most),
    }
}

impl Measure {
    /// What came of it; unknown where there were no rows, or nothing to compare with.
    fn value(&self) -> Value {
        let (count, sum, least, most) = self.numbers;
        match self.function.as_str() {
            "rows" => Value::Int(i64::try_from(self.rows).unwrap_or(i64::MAX)),
            "share" if self.rows > 0 => Value::Percent(share(self.met, self.rows)),
            "minimum" if count > 0 => Value::Float(least),
            "maximum" if count > 0 => Value::Float(most),
            "mean" if count > 0 => Value::Float(sum / count as f64),
            _ => Value::Unknown,
        }
    }
}

/// A share as percentages are kept: 50 is 50%.
fn share(met: u64, rows: u64) -> Decimal {
    (Decimal::from(met) * Decimal::ONE_HUNDRED / Decimal::from(rows)).round_dp(12)
}

/// A question to the data: the library's function, and what it is about.
fn asked<'e>(model: &'e Model, expr: &'e Expr) -> Option<(&'e str, Option<&'e Expr>)> {
    let ExprKind::Call(decl, arguments) = &expr.kind else { return None };
    let is_measure = model.names.decl(*decl).module == Some("expectation");
    is_measure.then(|| (model.name(*decl), arguments.first()))
}
