//! Statements as text: indentation, and the blank lines that the formatter wants.

use super::expression::{self, Place, STEP, flat};
use super::string;
use super::{Expression, Function, Import, Module, Parameter, Statement};

/// Collects lines.
#[derive(Default)]
pub(super) struct Writer {
    out: String,
}

impl Writer {
    /// A module's text.
    pub(super) fn module(module: &Module) -> String {
        let mut writer = Writer::default();
        for line in &module.header {
            writer.comment(line, 0);
        }
        if let Some(text) = &module.docstring {
            writer.blank(usize::from(!writer.out.is_empty()));
            writer.docstring(text, 0);
        }
        if !writer.out.is_empty() && !module.body.is_empty() {
            writer.blank(if needs_two(&module.body) { 2 } else { 1 });
        }
        writer.block(&module.body, 0);
        writer.out
    }

    fn block(&mut self, body: &[Statement], indent: usize) {
        for (at, statement) in body.iter().enumerate() {
            if at > 0 {
                self.blank(blank_lines(&body[at - 1], &body[at..], indent));
            }
            self.statement(statement, indent);
        }
    }

    /// What stands below `with`, `if` or `for`: a function there is set apart.
    fn suite(&mut self, body: &[Statement], indent: usize) {
        self.blank(usize::from(matches!(body.first(), Some(Statement::Function(_)))));
        self.block(body, indent);
    }

    fn statement(&mut self, statement: &Statement, indent: usize) {
        match statement {
            Statement::Comment(text) => self.comment(text, indent),
            Statement::Imports(imports) => imports.iter().for_each(|import| self.import(import, indent)),
            Statement::Assign { target, value } => self.expression(&format!("{target} = "), value, "", indent),
            Statement::Expression(value) => self.expression("", value, "", indent),
            Statement::Noted(statement, note) => self.noted(statement, note, indent),
            Statement::Return(value) => self.expression("return ", value, "", indent),
            Statement::Raise(value) => self.expression("raise ", value, "", indent),
            Statement::With { context, name, body } => {
                let name = name.as_ref().map_or(String::new(), |name| format!(" as {name}"));
                self.expression("with ", context, &format!("{name}:"), indent);
                self.suite(body, indent + STEP);
            }
            Statement::Function(function) => self.function(function, indent),
            Statement::If(arms) => {
                for (at, (condition, body)) in arms.iter().enumerate() {
                    match condition {
                        Some(it) => self.expression(if at == 0 { "if " } else { "elif " }, it, ":", indent),
                        None => self.line("else:", indent),
                    }
                    self.suite(body, indent + STEP);
                }
            }
            Statement::For { name, items, body } => {
                self.expression(&format!("for {name} in "), items, ":", indent);
                self.suite(body, indent + STEP);
            }
        }
    }

    fn noted(&mut self, statement: &Statement, note: &str, indent: usize) {
        let mut writer = Writer::default();
        writer.statement(statement, indent);
        self.out += &writer.out.replacen('\n', &format!("  # {note}\n"), 1);
    }

    fn function(&mut self, function: &Function, indent: usize) {
        for decorator in &function.decorators {
            self.expression("@", decorator, "", indent);
        }
        let parameters: Vec<String> = function.parameters.iter().map(parameter).collect();
        let returns = function.returns.as_ref().map_or(String::new(), |it| format!(" -> {}", flat(it)));
        let head = format!("def {}(", function.name);
        let whole = format!("{head}{}){returns}:", parameters.join(", "));
        if indent + string::width(&whole) <= 88 || parameters.is_empty() {
            self.line(&whole, indent);
        } else {
            self.line(&head, indent);
            parameters.iter().for_each(|parameter| self.line(&format!("{parameter},"), indent + STEP));
            self.line(&format!("){returns}:"), indent);
        }
        if let Some(text) = &function.docstring {
            self.docstring(text, indent + STEP);
        }
        let begins_with_function = matches!(function.body.first(), Some(Statement::Function(_)));
        self.blank(usize::from(function.docstring.is_some() && begins_with_function));
        self.block(&function.body, indent + STEP);
    }

    fn expression(&mut self, before: &str, value: &Expression, after: &str, indent: usize) {
        let place = Place { indent, column: indent + string::width(before), tail: string::width(after) };
        let text = expression::top(value, place);
        self.line(&format!("{before}{text}{after}"), indent);
    }

    fn import(&mut self, import: &Import, indent: usize) {
        if import.names.is_empty() {
            return self.line(&format!("import {}", import.module), indent);
        }
        let whole = format!("from {} import {}", import.module, import.names.join(", "));
        if indent + whole.len() <= 88 {
            return self.line(&whole, indent);
        }
        self.line(&format!("from {} import (", import.module), indent);
        import.names.iter().for_each(|name| self.line(&format!("{name},"), indent + STEP));
        self.line(")", indent);
    }

    fn comment(&mut self, text: &str, indent: usize) {
        for line in string::prose(text).lines() {
            self.line(format!("# {line}").trim_end(), indent);
        }
    }

    fn docstring(&mut self, text: &str, indent: usize) {
        let text = string::prose(text);
        let lines: Vec<&str> = text.trim().lines().map(str::trim_end).collect();
        match lines.as_slice() {
            [] => {}
            [only] => self.line(&format!("\"\"\"{only}\"\"\""), indent),
            [first, rest @ ..] => {
                self.line(&format!("\"\"\"{first}"), indent);
                rest.iter().for_each(|line| self.line(line, if line.is_empty() { 0 } else { indent }));
                self.line("\"\"\"", indent);
            }
        }
    }

    fn line(&mut self, text: &str, indent: usize) {
        self.out += &" ".repeat(indent);
        self.out += text;
        self.out.push('\n');
    }

    fn blank(&mut self, lines: usize) {
        self.out += &"\n".repeat(lines);
    }
}

fn parameter(parameter: &Parameter) -> String {
    let Parameter { name, annotation, default } = parameter;
    match (annotation, default) {
        (None, None) => name.clone(),
        (Some(annotation), None) => format!("{name}: {}", flat(annotation)),
        (None, Some(default)) => format!("{name}={}", flat(default)),
        (Some(annotation), Some(default)) => format!("{name}: {} = {}", flat(annotation), flat(default)),
    }
}

/// How many blank lines stand between a statement and those that follow it.
fn blank_lines(before: &Statement, rest: &[Statement], indent: usize) -> usize {
    let after = &rest[0];
    if matches!(before, Statement::Comment(_)) {
        return 0;
    }
    let around_function = matches!(before, Statement::Function(_)) || needs_two(rest);
    match (indent, around_function) {
        (0, true) => 2,
        (_, true) => 1,
        _ => usize::from(stands_apart(before, indent) || stands_apart(after, indent)),
    }
}

/// Whether a function follows, its comment included.
fn needs_two(rest: &[Statement]) -> bool {
    let first = rest.iter().find(|statement| !matches!(statement, Statement::Comment(_)));
    matches!(first, Some(Statement::Function(_)))
}

/// Whether blank lines set a statement apart: it takes several lines, or begins a thought.
fn stands_apart(statement: &Statement, indent: usize) -> bool {
    match statement {
        Statement::Imports(_) | Statement::Comment(_) | Statement::With { .. } | Statement::Function(_) => true,
        Statement::Return(_) | Statement::Raise(_) | Statement::For { .. } | Statement::If(_) => false,
        Statement::Assign { .. } | Statement::Expression(_) | Statement::Noted(..) => {
            let mut writer = Writer::default();
            writer.statement(statement, indent);
            writer.out.lines().count() > 1
        }
    }
}
