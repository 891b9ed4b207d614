//! What the project expects of data, for those who are about to use it: `mlp run` on this machine, and `mlp preflight`.

use std::path::Path;

use super::Status;
use super::machine::Refused;
use super::plan::Ready;
use crate::compile::Checked;
use crate::model::{FormValue, Value};
use crate::plan::{Expr, Pipeline, Type};
use crate::run::expect::{Looked, looked_at};

/// What is expected of everything that an environment binds.
pub(super) fn of_environment(checked: &Checked, environment: &str, folder: &Path) -> Vec<Looked> {
    looked_at(&checked.model, environment, folder, &|_| true)
}

/// Whether the data that a pipeline reads is as it is expected to be, else nothing runs; what nobody can say is said.
pub(super) fn meets(ready: &Ready, pipeline: &Pipeline, say: &mut dyn FnMut(&str)) -> Result<(), Refused> {
    let looked = of_pipeline(&ready.checked, pipeline, &ready.folder);
    looked.iter().flat_map(unsaid).for_each(|line| say(&line));
    let broken = looked.iter().filter(|one| one.broken().next().is_some());
    let fault = |one: &Looked| {
        let (expectation, table) = (&one.expectation, &one.table);
        format!("`{expectation}` does not hold of {table}, so nothing was run:\n{}", self::broken(one).concat())
    };
    let faults: Vec<String> = broken.map(fault).collect();
    if faults.is_empty() { Ok(()) } else { Err((Status::Failed, faults)) }
}

/// What is expected of the data that a pipeline reads.
fn of_pipeline(checked: &Checked, pipeline: &Pipeline, folder: &Path) -> Vec<Looked> {
    let tasks = pipeline.tasks();
    let inputs = tasks.iter().flat_map(|task| task.inputs.values());
    let paths: Vec<&str> = inputs.filter_map(|input| path(&input.value)).collect();
    let is_read = |source: &FormValue| {
        source.arguments.get("path").and_then(Value::as_text).is_some_and(|path| paths.contains(&path))
    };
    looked_at(&checked.model, &pipeline.environment, folder, &is_read)
}

fn path(value: &Expr) -> Option<&str> {
    let is_table = matches!(value.ty.required(), Type::Table { .. });
    value.as_literal().filter(|_| is_table)?.get("path")?.as_str()
}

/// What does not hold, a paragraph each: the condition with the value under each part.
pub(super) fn broken(looked: &Looked) -> Vec<String> {
    looked.broken().map(|one| indented(&one.drawing)).collect()
}

/// What could not be said, a line each.
pub(super) fn unsaid(looked: &Looked) -> Vec<String> {
    let Looked { expectation, table, found } = looked;
    if let Err(why) = found {
        return vec![format!("`{expectation}` of {table} was not looked at: {why}")];
    }
    looked
        .undecided()
        .map(|one| format!("`{expectation}` of {table}: nothing is known to decide `{}`", one.text))
        .collect()
}

fn indented(text: &str) -> String {
    text.trim_end().lines().map(|line| format!("    {line}\n")).collect()
}
