//! A due task as a job: what is started, with which inputs and environment variables.

use super::execute::Request;
use super::flow::{At, Due, Flow, Values};
use super::task::{Job, Program, Start};
use super::word::{self, Filling, text_of};
use crate::emit::step;
use crate::machine::process::Stop;
use crate::machine::secrecy::Secret;
use crate::plan::{Expr, Run, SecretSource, Task};
use indexmap::IndexMap;

/// What is started for a task.
pub(super) fn job<'p>(due: &Due<'p>, flow: &Flow<'p>, request: &Request<'p>, stop: &Stop) -> Result<Job, String> {
    let task = due.task;
    let first = request.earlier.attempts.get(&due.name).copied().unwrap_or_default();
    Ok(Job {
        name: due.name.clone(),
        start: started(due, flow, request)?,
        env: environment(due, flow, request)?,
        outputs: task.outputs.clone(),
        timeout: task.timeout,
        retry: task.retry.clone(),
        stops: stop.asked() + 1,
        first,
        check_data: request.check_data && !task.recorded,
    })
}

fn started<'p>(due: &Due<'p>, flow: &Flow<'p>, request: &Request<'p>) -> Result<Start, String> {
    let task = due.task;
    let step = || step::describe(task, &request.pipeline.name, &due.delivery);
    let python = || request.python.clone();
    match &task.run {
        Run::Python { .. } | Run::Gate { .. } => {
            Ok(Start::Runner { python: python(), step: step(), inputs: due.inputs.clone() })
        }
        Run::Command { words, args } => {
            let value = |expr: &Expr| flow.value(due.at, expr);
            let words = words.iter().chain(args).map(|word| word::settled(word, &value)).collect::<Result<_, _>>()?;
            let program = Program { words, inputs: whole_inputs(due.at, task, flow)? };
            match task.recorded {
                true => Ok(Start::Would { python: python(), step: step(), program }),
                false => Ok(Start::Program(program)),
            }
        }
        Run::Importer { uri, metadata, .. } => {
            let inputs = whole_inputs(due.at, task, flow)?;
            let of = |expr: &Expr| flow.value_with(due.at, expr, &inputs);
            Ok(Start::Found { uri: text_of(&of(uri)?), metadata: of(metadata)? })
        }
        Run::Approval { question, .. } => Ok(Start::Asked { question: question.clone() }),
        Run::Claim { .. } | Run::Form { .. } => Err("only a cluster can start it".to_owned()),
    }
}

/// Every input with its value, put together where the runner does not.
fn whole_inputs(at: At, task: &Task, flow: &Flow) -> Result<Values, String> {
    let whole = |(name, input): (&String, &crate::plan::Input)| {
        let value = flow.value(at, &input.value).map_err(|why| format!("input {name}: {why}"))?;
        Ok((name.clone(), value))
    };
    task.inputs.iter().map(whole).collect()
}

fn environment(due: &Due, flow: &Flow, request: &Request) -> Result<Vec<(String, String)>, String> {
    let inputs = Values::new();
    let outputs = IndexMap::new();
    let filling = Filling { inputs: &inputs, outputs: &outputs };
    let value = |expr: &Expr| flow.value(due.at, expr);
    let said = due.task.env.iter().map(|(name, said)| Ok((name.clone(), filling.word(&word::settled(said, &value)?)?)));
    let mut found = said.collect::<Result<Vec<_>, String>>()?;
    for (variable, source) in &due.task.secrets {
        found.push((variable.clone(), secret(source, &request.secrets)?));
    }
    Ok(found)
}

/// A secret of this machine, or one that was read before the run began.
fn secret(source: &SecretSource, read: &IndexMap<String, Secret>) -> Result<String, String> {
    if let Some(secret) = read.get(&source.secret) {
        return Ok(secret.reveal().to_owned());
    }
    let name =
        variable_of(source).ok_or_else(|| format!("the secret {} is not kept on this machine", source.secret))?;
    std::env::var(name).map_err(|_| format!("the secret {} is not there: set the variable {name}", source.secret))
}

/// The variable of this machine that keeps a secret.
pub(super) fn variable_of(source: &SecretSource) -> Option<&str> {
    (source.home.form == "environment_variable").then(|| source.home.arguments.get("name")?.as_str())?
}
