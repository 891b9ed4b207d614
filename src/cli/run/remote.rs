//! A pipeline that runs where it is deployed: it is started there and waited for.

use std::path::Path;
use std::time::Duration;

use indexmap::IndexMap;
use serde_json::{Value as Json, json};

use super::Arguments;
use crate::cli::{Console, Status, operate};
use crate::operate::Deadline;
use crate::operate::measured;
use crate::operate::orchestrator::connect;
use crate::plan::{Environment, Pipeline, Plan, Type};
use crate::run;
use crate::run::report::shown;

/// Seconds that a run has where its environment says no deadline.
const USUALLY: f64 = 7200.0;

pub(super) fn start(
    arguments: &Arguments,
    (plan, folder): (&Plan, &Path),
    (pipeline, environment): (&Pipeline, &Environment),
    console: &Console,
) -> Status {
    if let Err(faults) = run::parameters(pipeline, &arguments.set) {
        faults.iter().for_each(|fault| console.fail(fault));
        return Status::Usage;
    }
    let given = given(pipeline, &arguments.set);
    let seconds = arguments.timeout.map(|seconds| seconds as f64).or(pipeline.timeout).unwrap_or(USUALLY);
    let deadline = Deadline::after(Duration::from_secs_f64(seconds));
    let ran = connect(plan, environment, folder, &deadline).and_then(|there| there.run(pipeline, &given, &deadline));
    let ran = match ran {
        Ok(ran) => ran,
        Err(failure) => return operate::failed(&failure, console),
    };
    console.say(&format!("run {} succeeded: {}\n", ran.run, ran.address));
    let Some(outputs) = ran.outputs else {
        if !pipeline.outputs.is_empty() {
            console.say("its outputs are not told by the orchestrator: a gate that speaks of them has no data\n");
        }
        return Status::Fine;
    };
    console.print(&listed(pipeline, &outputs, folder));
    match &arguments.outputs {
        None => Status::Fine,
        Some(place) => match measured::merge(place, &environment.name, &pipeline.name, &outputs) {
            Ok(()) => Status::Fine,
            Err(fault) => {
                console.fail(fault);
                Status::Unreadable
            }
        },
    }
}

/// The parameters that were given; the others are the deployed version's own defaults.
fn given(pipeline: &Pipeline, set: &[String]) -> IndexMap<String, Json> {
    let all = run::parameters(pipeline, set).unwrap_or_default();
    let names: Vec<&str> = set.iter().filter_map(|one| one.split_once('=')).map(|(name, _)| name).collect();
    all.into_iter().filter(|(name, _)| names.contains(&name.as_str())).collect()
}

fn listed(pipeline: &Pipeline, outputs: &IndexMap<String, Json>, folder: &Path) -> String {
    let line = |output: &crate::plan::Output| {
        let value = outputs.get(&output.name)?;
        let text = match (&output.value.ty, value) {
            (Type::Artifact { .. }, Json::String(address)) => address.clone(),
            (ty, value) => shown(ty, value, folder),
        };
        Some(format!("  {}  {text}\n", output.name))
    };
    pipeline.outputs.iter().filter_map(line).collect()
}

/// What a run on this machine gave, as measurements: of an artifact its address.
pub(super) fn measured(outputs: &run::flow::Values) -> IndexMap<String, Json> {
    let plain = |value: &Json| match value.get("uri") {
        Some(uri) if value.get("path").is_some() => json!(uri),
        _ => value.clone(),
    };
    outputs.iter().map(|(name, value)| (name.clone(), plain(value))).collect()
}
