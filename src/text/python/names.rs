//! The names that statements speak of.

use std::collections::BTreeSet;

use super::{Expression, FormatPart, Statement};

impl Statement {
    /// Every name that is read in these statements; of a dotted one its first part; what a function binds
    /// for itself is not among them.
    pub fn names(body: &[Statement]) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        body.iter().for_each(|statement| of_statement(statement, &mut names));
        names
    }
}

fn of_statement(statement: &Statement, names: &mut BTreeSet<String>) {
    let mut block = |body: &[Statement]| names.extend(Statement::names(body));
    match statement {
        Statement::Comment(_) | Statement::Imports(_) => {}
        Statement::Noted(statement, _) => of_statement(statement, names),
        Statement::Assign { value, .. }
        | Statement::Expression(value)
        | Statement::Return(value)
        | Statement::Raise(value) => of(value, names),
        Statement::With { context, body, .. } => {
            block(body);
            of(context, names);
        }
        Statement::For { items, body, .. } => {
            block(body);
            of(items, names);
        }
        Statement::Function(function) => {
            let mut inner = Statement::names(&function.body);
            function.body.iter().filter_map(bound).for_each(|name| {
                inner.remove(name);
            });
            function.parameters.iter().for_each(|parameter| {
                inner.remove(&parameter.name);
            });
            names.extend(inner);
            function.decorators.iter().chain(&function.returns).for_each(|it| of(it, names));
            let parts = function.parameters.iter().flat_map(|it| it.annotation.iter().chain(&it.default));
            parts.for_each(|it| of(it, names));
        }
        Statement::If(arms) => {
            arms.iter().for_each(|(_, body)| names.extend(Statement::names(body)));
            arms.iter().filter_map(|(condition, _)| condition.as_ref()).for_each(|it| of(it, names));
        }
    }
}

/// The name that a statement binds.
fn bound(statement: &Statement) -> Option<&str> {
    match statement {
        Statement::Assign { target, .. } => Some(target),
        Statement::Noted(statement, _) => bound(statement),
        Statement::Function(function) => Some(&function.name),
        _ => None,
    }
}

fn of(expression: &Expression, names: &mut BTreeSet<String>) {
    match expression {
        Expression::Name(name) => {
            names.insert(name.split('.').next().unwrap_or_default().to_owned());
        }
        Expression::None | Expression::Bool(_) | Expression::Number(_) | Expression::Text(_) | Expression::Block(_) => {
        }
        Expression::Format(parts) => parts.iter().for_each(|part| {
            if let FormatPart::Value(value) = part {
                of(value, names);
            }
        }),
        Expression::Attribute(inner, _) | Expression::Not(inner) => of(inner, names),
        Expression::Index(a, b) => [a, b].into_iter().for_each(|it| of(it, names)),
        Expression::Call(call) => {
            of(&call.function, names);
            call.arguments.iter().chain(call.keywords.iter().map(|(_, it)| it)).for_each(|it| of(it, names));
        }
        Expression::List(items) | Expression::Tuple(items) | Expression::Chain { operands: items, .. } => {
            items.iter().for_each(|it| of(it, names));
        }
        Expression::Dict(entries) => entries.iter().for_each(|(key, value)| {
            of(key, names);
            of(value, names);
        }),
        Expression::Conditional { condition, then, otherwise } => {
            [condition, then, otherwise].into_iter().for_each(|it| of(it, names));
        }
        Expression::Comprehension { key, element, items, condition, .. } => {
            key.iter().for_each(|it| of(it, names));
            of(element, names);
            of(items, names);
            condition.iter().for_each(|it| of(it, names));
        }
    }
}
