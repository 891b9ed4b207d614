//! Steps that a tool of the library runs: each becomes the command that starts the tool, and is held against the file that it runs.
//!
//! In: `notebook(…)`, `spark(…)`, `ray(…)`, `query(…)`, `mlflow_register(…)` and what the step takes and gives. Out: words, as a person
//! would have written them by `command(…)`, so that nothing after the checks learns of the tools. A file here is a tool.

mod notebook;
mod program;
mod query;
mod ray;
mod register;
mod spark;
mod sql;

use indexmap::IndexMap;

use super::checker::Checker;
use crate::diagnostics::report;
use crate::model::{Expr, ExprKind, Field, Place, Run, Type, Value};
use crate::source::{Span, normal_path};

/// The step, and where its tool is named.
pub(super) struct Tool<'a> {
    pub(super) arguments: &'a IndexMap<String, Value>,
    pub(super) span: Span,
    pub(super) inputs: &'a [Field],
    pub(super) outputs: &'a [Field],
}

impl Tool<'_> {
    fn text(&self, name: &str) -> Option<&str> {
        self.arguments.get(name).and_then(Value::as_text)
    }

    /// The file that it runs, as the project names it.
    fn file(&self) -> &str {
        self.text("file").unwrap_or_default()
    }

    /// What an output is called where an input may have its name.
    fn told(&self, output: &Field) -> String {
        let is_taken = self.inputs.iter().any(|input| input.name == output.name);
        if is_taken { format!("out_{}", output.name) } else { output.name.clone() }
    }
}

fn word(text: &str) -> Expr {
    Expr::constant(Type::String, Value::Text(text.to_owned()), Span::default())
}

fn place(place: Place, field: &Field, ty: Type) -> Expr {
    Expr { ty, kind: ExprKind::Place(place, field.name.clone()), span: field.span }
}

/// An input's value, as a part of a word.
fn value(input: &Field) -> Expr {
    place(Place::Input, input, input.ty.clone())
}

/// An input as a part of a word: its text, of an artifact its path.
fn given(input: &Field) -> Expr {
    if input.ty.is_artifact() { place(Place::InputPath, input, Type::String) } else { value(input) }
}

/// Where an output is to be written.
fn written(output: &Field) -> Expr {
    place(Place::OutputPath, output, Type::String)
}

fn joined(parts: Vec<Expr>) -> Expr {
    let span = parts.iter().map(|part| part.span).find(|span| *span != Span::default()).unwrap_or_default();
    Expr { ty: Type::String, kind: ExprKind::Text(parts), span }
}

impl Checker<'_> {
    /// The command of a step that a tool runs; none where the form is no tool of the library, or nothing can be started.
    pub(super) fn tool_run(&mut self, name: &str, tool: &Tool) -> Option<Run> {
        let words = match name {
            "notebook" => self.notebook(tool)?,
            "spark" => self.spark(tool)?,
            "ray" => self.ray(tool)?,
            "query" => self.query(tool)?,
            "mlflow_register" => self.register(tool)?,
            _ => return None,
        };
        for input in tool.inputs.iter().filter(|input| input.ty.is_artifact()) {
            if matches!(input.ty.required(), Type::List(_)) {
                let message =
                    format!("`{name}` is given an artifact as its path, and `{}` is a list of them", input.name);
                self.report(
                    report::tool_mismatch(input.span, message).help("let a step put them together as one artifact"),
                );
            }
        }
        Some(Run::Command(words, Vec::new()))
    }

    /// The files of the project that a tool runs where its step runs: the one that it is told, and those that this one imports.
    pub(super) fn tool_files(&mut self, run: &Expr) -> Vec<String> {
        let ExprKind::Form(form, _) = &run.kind else { return Vec::new() };
        let is_tool = self.model.names.decl(*form).module == Some("tools");
        if !is_tool || !["notebook", "spark", "ray"].contains(&self.name(*form).as_str()) {
            return Vec::new();
        }
        let Value::Form(value) = self.constant(run) else { return Vec::new() };
        let file = value.arguments.get("file").and_then(Value::as_text).and_then(normal_path);
        file.map(|file| self.imported(&file)).unwrap_or_default()
    }

    /// The text of the file that the tool runs.
    fn file_of_tool(&mut self, tool: &Tool) -> Option<String> {
        self.text_of_file(tool.file(), tool.span)
    }

    /// Words that speak of an input. One that may be absent takes its words along, and others stand there then.
    fn if_given(&self, input: &Field, words: Vec<Expr>, otherwise: Option<Expr>) -> Vec<Expr> {
        let form = self.model.names.in_module("command", "if_present");
        let (true, Some(form)) = (matches!(input.ty.unrefined(), Type::Optional(_)), form) else { return words };
        let span = input.span;
        let then = Expr { ty: Type::List(Box::new(Type::String)), kind: ExprKind::List(words), span };
        let otherwise = otherwise.unwrap_or_else(|| Expr::constant(Type::None, Value::None, span));
        let asked = [("input", value(input)), ("then", then), ("otherwise", otherwise)];
        let asked = asked.map(|(name, value)| (name.to_owned(), value)).into();
        vec![Expr { ty: Type::String, kind: ExprKind::Form(form, asked), span }]
    }
}
