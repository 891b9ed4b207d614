//! Steps that several jobs share, and a task as a step.

use indexmap::IndexMap;
use serde_json::json;

use super::model::{Step, expression, literal};
use super::pins::pinned;
use super::secret;
use crate::emit::delivery::{Delivery, Given, Run, Task, minutes};
use crate::plan::{Action, HostValue};
use crate::text::shell::{Command, Statement, Word, script};

/// The folder of measurements and the file of images, on a machine of GitHub's.
pub(super) const FOLDER: &str = ".mlp/delivery";

/// Checks the source out, without leaving the token behind.
pub(super) fn checkout() -> Step {
    Step {
        name: "Check out source".to_owned(),
        uses: Some(pinned("actions/checkout")),
        with: IndexMap::from([("persist-credentials", json!(false))]),
        ..Step::default()
    }
}

/// Whether they have the source, so that there is a folder of the project.
pub(super) fn has_source(steps: &[Step]) -> bool {
    steps.first().is_some_and(|step| step.name == checkout().name)
}

/// The same with all its history: an older version never goes over a newer one.
pub(super) fn checkout_with_history() -> Step {
    let mut step = checkout();
    step.with.insert("fetch-depth", json!(0));
    step
}

/// Python and what the lock file lists.
pub(super) fn python(delivery: &Delivery) -> Vec<Step> {
    let Some(python) = delivery.python() else { return Vec::new() };
    let install = Command::new(["python", "-m", "pip", "install", "--require-hashes", "--requirement", python.lock]);
    vec![
        Step {
            name: "Set up Python".to_owned(),
            uses: Some(pinned("actions/setup-python")),
            with: IndexMap::from([("python-version", json!(literal(python.version)))]),
            ..Step::default()
        },
        Step {
            name: "Install dependencies".to_owned(),
            timeout_minutes: Some(15),
            run: Some(script(&[Statement::Run(install)])),
            ..Step::default()
        },
    ]
}

/// Puts `mlp` on the machine.
pub(super) fn install(delivery: &Delivery) -> Option<Step> {
    let step = Step { name: "Install mlp".to_owned(), timeout_minutes: Some(15), ..Step::default() };
    delivery.install().map(|lines| authors(step, lines))
}

/// Keeps a file or folder with the run; `otherwise` says what happens where there is none: `error` or `ignore`.
pub(super) fn keep(name: &str, artifact: &str, path: &str, days: u32, otherwise: &str) -> Step {
    Step {
        name: name.to_owned(),
        condition: Some(expression("!cancelled()")),
        uses: Some(pinned("actions/upload-artifact")),
        with: IndexMap::from([
            ("name", json!(artifact)),
            ("path", json!(literal(path))),
            ("if-no-files-found", json!(otherwise)),
            ("retention-days", json!(days)),
        ]),
        ..Step::default()
    }
}

/// A task; `live` is the step of its job that reads the version that is live.
pub(super) fn task(task: &Task, live: Option<&str>) -> Step {
    let mut step = Step {
        name: literal(&task.title),
        id: Some(task.id.clone()),
        timeout_minutes: Some(minutes(task.timeout)),
        env: task.env.iter().map(|(name, given)| (name.clone(), given_value(given, live))).collect(),
        ..Step::default()
    };
    for secret in &task.secrets {
        let value = match secret.host_name() {
            Some(name) => format!("secrets.{name}"),
            None => secret::output_of(secret),
        };
        step.env.insert(secret.variable.to_owned(), expression(&value));
    }
    match &task.run {
        Run::Author(lines) => return authors(step, lines),
        Run::Program(command) if is_live_version(task) => {
            let version = Statement::Assign("version".to_owned(), Word::Output(Box::new(command.clone())));
            step.run = Some(script(&[version, output("version", Word::variable("version"))]));
        }
        Run::Program(command) => step.run = Some(script(&[Statement::Run(command.clone())])),
    }
    step
}

/// Gives later steps and jobs a value.
pub(super) fn output(name: &str, value: Word) -> Statement {
    let print = Command::new(["printf".to_owned(), format!("{name}=%s\\n")].map(Word::Text)).arg(value);
    Statement::Run(print.append_to(Word::variable("GITHUB_OUTPUT")))
}

/// A step that runs an author's own lines, to the letter: GitHub would read an expression in a script before any shell
/// does, so lines with one come by the environment.
pub(super) fn authors(mut step: Step, lines: &str) -> Step {
    if lines.contains("${{") {
        step.env.insert("SCRIPT".to_owned(), literal(lines));
        let run = Command::new(["bash", "-eo", "pipefail", "-c"]).arg(Word::variable("SCRIPT"));
        step.run = Some(script(&[Statement::Run(run)]));
    } else {
        step.run = Some(script(&[Statement::Author(lines.to_owned())]));
    }
    step
}

/// Whether a task is what reads the version that is live.
pub(super) fn is_live_version(task: &Task) -> bool {
    matches!(task.operation.map(|operation| &operation.action), Some(Action::LiveVersion))
}

fn given_value(given: &Given, live: Option<&str>) -> String {
    match given {
        Given::Text(text) => literal(text),
        Given::Host(value) => host_value(*value, live),
        Given::Measured(file) => format!("{}/values/{}", folder(), literal(file)),
    }
}

/// What GitHub knows, as an expression.
pub(super) fn host_value(value: HostValue, live: Option<&str>) -> String {
    match value {
        HostValue::Version => expression("github.sha"),
        HostValue::PreviousVersion => {
            live.map_or_else(String::new, |step| expression(&format!("steps.{step}.outputs.version")))
        }
        HostValue::ImagesFile => format!("{}/images.json", folder()),
        HostValue::ValuesFolder => format!("{}/values", folder()),
        HostValue::RunUrl => {
            ["server_url", "repository"].map(|field| expression(&format!("github.{field}"))).join("/")
                + "/actions/runs/"
                + &expression("github.run_id")
        }
        HostValue::Actor => expression("github.actor"),
    }
}

fn folder() -> String {
    format!("{}/{FOLDER}", expression("github.workspace"))
}
