//! Computes constants: expressions of which everything is known when compiling.
//!
//! Always ends: functions cannot recurse, and the work of one constant is bounded.

use std::cell::Cell;

use indexmap::IndexMap;

use super::arithmetic;
use crate::ast::{BinaryOperator as Op, NeedKind, UnaryOperator};
use crate::diagnostics::{Diagnostic, report};
use crate::model::{Expr, ExprKind, FormValue, Model, RecordPart, Type, Value};
use crate::resolve::DeclId;
use crate::source::Span;

/// How many expressions one constant may take to compute.
const WORK: u32 = 1_000_000;

/// Why a constant could not be computed.
pub(crate) enum Fault {
    /// It is known only when a pipeline runs, or at a gate.
    RunTime(Span),
    /// The work was too much.
    TooMuch(Span),
    /// A number left its bounds, or something was divided by zero.
    Arithmetic(Span, String),
    /// An index or key that a list or map does not have.
    Missing(Span, String),
}

impl Fault {
    pub(crate) fn into_diagnostic(self) -> Diagnostic {
        match self {
            Fault::RunTime(span) => report::known_only_at_run_time(span, "this is known only when the pipeline runs")
                .help("a constant is wanted here: a literal, a `let`, a `var`"),
            Fault::TooMuch(span) => report::too_much_work(span, "this takes too long to compute")
                .note("one constant may take a million operations"),
            Fault::Arithmetic(span, message) => report::arithmetic_fault(span, message),
            Fault::Missing(span, message) => report::no_such_entry(span, message),
        }
    }
}

/// What answers questions about environments, steps and paths: policies have one, constants do not.
pub(crate) trait World {
    /// A part of a reference: `place.tier`, `path.approvals`.
    fn part(&self, of: &Value, name: &str) -> Option<Value>;
    /// A question to a reference: `path.verifies(x)`.
    fn ask(&self, of: &Value, question: &str, argument: &Value) -> Option<Value>;
    /// A function that the compiler knows: `environments()`, `paths(to)`.
    fn call(&self, function: &str, arguments: &[Value]) -> Option<Value>;
}

/// What is known from elsewhere of an expression.
type Known<'a> = &'a dyn Fn(&Expr) -> Option<Value>;

/// Computes constants, in an environment or in none.
pub(crate) struct Evaluator<'a> {
    model: &'a Model,
    environment: Option<DeclId>,
    world: Option<&'a dyn World>,
    known: Option<Known<'a>>,
    locals: Vec<(String, Value)>,
    it: Option<Value>,
    work: Cell<u32>,
}

/// A property of what a form made: as the form says, which may go by its arguments.
pub(crate) fn property(model: &Model, of: &FormValue, name: &str) -> Value {
    let Some(said) = model.forms.get(&of.form).and_then(|form| form.properties.get(name)) else {
        return Value::Unknown;
    };
    let locals = of.arguments.iter();
    let evaluator = Evaluator::new(model);
    let mut evaluator = locals.fold(evaluator, |evaluator, (name, value)| evaluator.with_local(name, value.clone()));
    evaluator.evaluate(said).unwrap_or_default()
}

impl<'a> Evaluator<'a> {
    pub(crate) fn new(model: &'a Model) -> Self {
        Self { model, environment: None, world: None, known: None, locals: Vec::new(), it: None, work: Cell::new(WORK) }
    }

    /// With an environment's values of needs.
    pub(crate) fn in_environment(mut self, environment: DeclId) -> Self {
        self.environment = Some(environment);
        self
    }

    pub(crate) fn with_world(mut self, world: &'a dyn World) -> Self {
        self.world = Some(world);
        self
    }

    /// With expressions of which the value is known from elsewhere.
    pub(crate) fn with_known(mut self, known: Known<'a>) -> Self {
        self.known = Some(known);
        self
    }

    pub(crate) fn with_local(mut self, name: &str, value: Value) -> Self {
        self.locals.push((name.to_owned(), value));
        self
    }

    pub(crate) fn with_it(mut self, value: Value) -> Self {
        self.it = Some(value);
        self
    }

    pub(crate) fn evaluate(&mut self, expr: &Expr) -> Result<Value, Fault> {
        let left = self.work.get();
        if left == 0 {
            return Err(Fault::TooMuch(expr.span));
        }
        self.work.set(left - 1);
        if let Some(value) = self.known.and_then(|known| known(expr)) {
            return Ok(value);
        }
        match &expr.kind {
            ExprKind::Value(value) => Ok(value.clone()),
            ExprKind::Decl(decl) => self.decl(*decl),
            ExprKind::Local(name) => {
                let found = self.locals.iter().rev().find(|(local, _)| local == name);
                Ok(found.map(|(_, value)| value.clone()).unwrap_or_default())
            }
            ExprKind::It => Ok(self.it.clone().unwrap_or_default()),
            ExprKind::Parameter(_)
            | ExprKind::Node(_)
            | ExprKind::Item(_)
            | ExprKind::Status
            | ExprKind::Context(..)
            | ExprKind::Place(..)
            | ExprKind::Measure(..) => Err(Fault::RunTime(expr.span)),
            ExprKind::Field(of, name) => {
                let of = self.evaluate(of)?;
                Ok(self.part(&of, name))
            }
            ExprKind::Index(of, index) => self.index(of, index, expr.span),
            ExprKind::Length(of) => Ok(length(&self.evaluate(of)?)),
            ExprKind::Call(decl, arguments) => self.call(*decl, arguments, expr.span),
            ExprKind::Ask(of, question, arguments) => {
                let of = self.evaluate(of)?;
                let argument = arguments.first().map(|argument| self.evaluate(argument)).transpose()?;
                let answer = self.world.and_then(|world| world.ask(&of, question, &argument.unwrap_or_default()));
                Ok(answer.unwrap_or_default())
            }
            ExprKind::Form(decl, arguments) => {
                let arguments = arguments
                    .iter()
                    .map(|(name, value)| Ok((name.clone(), self.evaluate(value)?)))
                    .collect::<Result<_, Fault>>()?;
                let name = self.model.name(*decl).to_owned();
                Ok(Value::Form(Box::new(FormValue { form: *decl, name, arguments, span: expr.span })))
            }
            ExprKind::List(items) => {
                Ok(Value::List(items.iter().map(|item| self.evaluate(item)).collect::<Result<_, _>>()?))
            }
            ExprKind::Record(parts) => self.record(parts, &expr.ty),
            ExprKind::Comprehension { name, source, condition, value } => {
                self.comprehension(name, source, condition.as_deref(), value)
            }
            ExprKind::Text(parts) => {
                let mut text = String::new();
                for part in parts {
                    match arithmetic::show(&self.evaluate(part)?) {
                        Some(shown) => text.push_str(&shown),
                        None => return Ok(Value::Unknown),
                    }
                }
                Ok(Value::Text(text))
            }
            ExprKind::Unary(UnaryOperator::Not, of) => match self.evaluate(of)? {
                Value::Bool(value) => Ok(Value::Bool(!value)),
                _ => Ok(Value::Unknown),
            },
            ExprKind::Unary(UnaryOperator::Negate, of) => {
                let value = self.evaluate(of)?;
                arithmetic::negate(value).map_err(|message| Fault::Arithmetic(expr.span, message))
            }
            ExprKind::Binary(operator, left, right) => self.binary(*operator, left, right, expr.span),
            ExprKind::Range(low, high, inclusive) => {
                let (low, high) = (self.evaluate(low)?, self.evaluate(high)?);
                Ok(Value::Range(Box::new(low), Box::new(high), *inclusive))
            }
            ExprKind::If(arms, otherwise) => {
                for (condition, value) in arms {
                    match self.evaluate(condition)? {
                        Value::Bool(true) => return self.evaluate(value),
                        Value::Bool(false) => {}
                        _ => return Ok(Value::Unknown),
                    }
                }
                self.evaluate(otherwise)
            }
            ExprKind::Error => Ok(Value::Unknown),
        }
    }

    fn decl(&mut self, decl: DeclId) -> Result<Value, Fault> {
        if let Some(constant) = self.model.constants.get(&decl) {
            let value = constant.value.clone();
            return self.evaluate(&value);
        }
        let Some(need) = self.model.needs.get(&decl) else { return Ok(Value::Reference(decl)) };
        let bound = self.environment.and_then(|environment| self.model.environments.get(&environment));
        let bound = bound.and_then(|environment| environment.bindings.get(&decl));
        match (need.kind, bound) {
            (NeedKind::Var | NeedKind::Compute, Some((value, _))) => Ok(value.clone()),
            (NeedKind::Var, None) if self.environment.is_some() => match need.default.clone() {
                Some(default) => self.evaluate(&default),
                None => Ok(Value::Unknown),
            },
            (NeedKind::Var, None) => Ok(Value::Unknown),
            _ => Ok(Value::Reference(decl)),
        }
    }

    fn part(&self, of: &Value, name: &str) -> Value {
        if let Some(value) = of.field(name) {
            return value.clone();
        }
        if let Some(answer) = self.world.and_then(|world| world.part(of, name)) {
            return answer;
        }
        match of {
            Value::Record(_) => Value::None,
            Value::Reference(decl) if name == "name" => Value::Text(self.model.name(*decl).to_owned()),
            Value::Reference(decl) => {
                let environment = self.model.environments.get(decl).map(|found| found.fields.get(name));
                let service = || self.model.services.get(decl).and_then(|found| found.fields.get(name));
                match environment {
                    Some(value) => value.cloned().unwrap_or(Value::None),
                    None => match service().map(|expr| &expr.kind) {
                        Some(ExprKind::Value(value)) => value.clone(),
                        _ => Value::Unknown,
                    },
                }
            }
            _ => Value::Unknown,
        }
    }

    fn index(&mut self, of: &Expr, index: &Expr, span: Span) -> Result<Value, Fault> {
        match (self.evaluate(of)?, self.evaluate(index)?) {
            (Value::List(items), Value::Int(at)) => {
                let found = usize::try_from(at).ok().and_then(|at| items.get(at).cloned());
                found.ok_or_else(|| Fault::Missing(span, format!("a list of {} has no item {at}", items.len())))
            }
            (Value::Record(fields), Value::Text(key)) => {
                let found = fields.get(&key).cloned();
                found.ok_or_else(|| Fault::Missing(span, format!("the map has no entry `{key}`")))
            }
            _ => Ok(Value::Unknown),
        }
    }

    fn call(&mut self, decl: DeclId, arguments: &[Expr], span: Span) -> Result<Value, Fault> {
        let arguments = arguments.iter().map(|argument| self.evaluate(argument)).collect::<Result<Vec<_>, _>>()?;
        let Some(function) = self.model.functions.get(&decl) else { return Ok(Value::Unknown) };
        let Some(body) = &function.body else {
            return self.known_function(self.model.name(decl), &arguments, span);
        };
        let names = function.parameters.iter().map(|parameter| parameter.name.clone());
        let outer = std::mem::replace(&mut self.locals, names.zip(arguments).collect());
        let value = self.evaluate(body);
        self.locals = outer;
        value
    }

    fn known_function(&self, name: &str, arguments: &[Value], span: Span) -> Result<Value, Fault> {
        if let Some(answer) = self.world.and_then(|world| world.call(name, arguments)) {
            return Ok(answer);
        }
        match (name, arguments) {
            ("ratio", [Value::Percent(value)]) => {
                arithmetic::ratio(*value).map_err(|message| Fault::Arithmetic(span, message))
            }
            _ => Ok(Value::Unknown),
        }
    }

    fn record(&mut self, parts: &[RecordPart], ty: &Type) -> Result<Value, Fault> {
        let mut fields = IndexMap::new();
        for part in parts {
            if let RecordPart::Spread(value) = part
                && let Value::Record(spread) = self.evaluate(value)?
            {
                fields.extend(spread);
            }
        }
        for part in parts {
            match part {
                RecordPart::Field(name, value) => drop(fields.insert(name.clone(), self.evaluate(value)?)),
                RecordPart::Keyed(key, value) => {
                    if let Value::Text(key) = self.evaluate(key)? {
                        fields.insert(key, self.evaluate(value)?);
                    }
                }
                RecordPart::Spread(_) => {}
            }
        }
        let Type::Struct(decl) = ty.required() else { return Ok(Value::Record(fields)) };
        // In the order of the declaration, whatever the order of the text.
        let Some(known) = self.model.structs.get(decl) else { return Ok(Value::Record(fields)) };
        let mut ordered = IndexMap::new();
        for field in &known.fields {
            let value = match (fields.shift_remove(&field.name), &field.default) {
                (Some(value), _) => value,
                (None, Some(default)) => self.evaluate(&default.clone())?,
                (None, None) => Value::None,
            };
            ordered.insert(field.name.clone(), value);
        }
        Ok(Value::Record(ordered))
    }

    fn comprehension(
        &mut self,
        name: &str,
        source: &Expr,
        condition: Option<&Expr>,
        value: &Expr,
    ) -> Result<Value, Fault> {
        let items = match self.evaluate(source)? {
            Value::List(items) => items,
            Value::Range(low, high, inclusive) => {
                let (Some(low), Some(high)) = (low.as_int(), high.as_int()) else { return Ok(Value::Unknown) };
                let end = if inclusive { high.saturating_add(1) } else { high };
                if end.saturating_sub(low) > i64::from(self.work.get()) {
                    return Err(Fault::TooMuch(source.span));
                }
                (low..end).map(Value::Int).collect()
            }
            _ => return Ok(Value::Unknown),
        };
        let mut values = Vec::new();
        for item in items {
            self.locals.push((name.to_owned(), item));
            let wanted = match condition {
                Some(condition) => self.evaluate(condition),
                None => Ok(Value::Bool(true)),
            };
            let found = match wanted {
                Ok(Value::Bool(true)) => self.evaluate(value).map(Some),
                Ok(_) => Ok(None),
                Err(fault) => Err(fault),
            };
            self.locals.pop();
            values.extend(found?);
        }
        Ok(Value::List(values))
    }

    fn binary(&mut self, operator: Op, left: &Expr, right: &Expr, span: Span) -> Result<Value, Fault> {
        let first = self.evaluate(left)?;
        match (operator, &first) {
            (Op::And, Value::Bool(false)) | (Op::Or, Value::Bool(true)) => return Ok(first),
            (Op::Coalesce, Value::None) => return self.evaluate(right),
            (Op::Coalesce, _) => return Ok(first),
            _ => {}
        }
        let second = self.evaluate(right)?;
        arithmetic::apply(operator, &first, &second).map_err(|message| Fault::Arithmetic(span, message))
    }
}

/// How many characters, items or entries.
pub(crate) fn length(value: &Value) -> Value {
    match value {
        Value::Text(text) => Value::Int(text.chars().count() as i64),
        Value::List(items) => Value::Int(items.len() as i64),
        Value::Record(fields) => Value::Int(fields.len() as i64),
        _ => Value::Unknown,
    }
}
