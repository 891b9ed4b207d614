//! What a job's shell runs: tasks in order, each with its own time; on a failure back to the version that was live, and
//! a word to whoever is told.

use super::secret;
use crate::emit::delivery::{Delivery, Given, Run, Task, authors_shell, seconds};
use crate::plan::{Action, HostValue};
use crate::text::shell::{Command, Statement, Word, script};

/// The folder of measurements and the file of images, in the project's folder.
pub(super) const FOLDER: &str = ".mlp/delivery";

const VENV: &str = ".mlp/venv";

/// The variable that says whether the deployment has begun.
const DEPLOYING: &str = "deploying";

/// The file that is there from the deployment's begin until it has succeeded or the way back was tried: it holds the version
/// that was live. It is the job's own: another job's may lie in the same folder.
fn undone() -> Word {
    Word::Joined(vec![Word::variable("CI_PROJECT_DIR"), "/.mlp/deploying-".into(), Word::variable("CI_JOB_ID")])
}

fn forget_undone() -> Statement {
    Statement::Run(Command::new(["rm", "-f"]).arg(undone()))
}

/// One entry of a job's `script`.
pub(super) fn entry(statements: &[Statement]) -> String {
    let text = script(statements);
    match text.trim_end_matches('\n') {
        line if line.contains('\n') => text,
        line => line.to_owned(),
    }
}

/// Python of the version that is asked for, and what the lock file lists.
pub(super) fn python(delivery: &Delivery) -> Vec<String> {
    let Some(python) = delivery.python() else { return Vec::new() };
    let folder = |end: &str| Word::Joined(vec![Word::variable("CI_PROJECT_DIR"), Word::Text(format!("/{VENV}{end}"))]);
    let path = Word::Joined(vec![folder("/bin"), ":".into(), Word::variable("PATH")]);
    let made =
        Command::new([format!("python{}", python.version)].map(Word::Text)).arg("-m").arg("venv").arg(folder(""));
    let install = Command::new(["python", "-m", "pip", "install", "--require-hashes", "--requirement", python.lock]);
    [Statement::Run(made), Statement::Assign("PATH".to_owned(), path), Statement::Run(install)]
        .map(|statement| entry(&[statement]))
        .into()
}

/// Goes into the project's folder, where the repository holds other projects too.
pub(super) fn enter(delivery: &Delivery) -> Option<String> {
    let folder = format!("/{}", delivery.folder()?);
    let folder = Word::Joined(vec![Word::variable("CI_PROJECT_DIR"), Word::Text(folder)]);
    let then = vec![Statement::Run(Command::new(["exit", "1"]))];
    Some(entry(&[Statement::If { test: Command::new(["cd"]).arg(folder), not: true, then }]))
}

/// Puts `mlp` on the machine.
pub(super) fn install(delivery: &Delivery) -> Option<String> {
    delivery.install().map(|lines| entry(&[Statement::Author(lines.to_owned())]))
}

/// What is done where anything after it fails: what undoes the deployment, if it has begun, and a word to whoever is told. A job that is cancelled fails.
pub(super) fn on_failure(undo: &[Task], notices: &[Task]) -> Option<String> {
    if undo.is_empty() && notices.is_empty() {
        return None;
    }
    let mut then = Vec::new();
    if !undo.is_empty() {
        let test = Command::new([Word::text("["), "-n".into(), Word::variable(DEPLOYING), "]".into()]);
        let undone = undo.iter().map(attempt).chain([forget_undone()]).collect();
        then.push(Statement::If { test, not: false, then: undone });
    }
    then.extend(notices.iter().map(attempt));
    let failed = Command::new([Word::text("["), Word::variable("status"), "-ne".into(), "0".into(), "]".into()]);
    let finish = Statement::Function {
        name: "finish".to_owned(),
        body: vec![
            Statement::Assign("status".to_owned(), Word::Status),
            Statement::Run(Command::new(["trap", "-", "EXIT", "TERM", "INT", "HUP"])),
            Statement::If { test: failed, not: false, then },
            Statement::Run(Command::new(["exit"]).arg(Word::variable("status"))),
        ],
    };
    let mut statements = Vec::new();
    if !undo.is_empty() {
        statements.push(Statement::Assign(DEPLOYING.to_owned(), Word::text("")));
    }
    statements.push(finish);
    statements.push(Statement::Run(Command::new(["trap", "finish", "EXIT"])));
    statements.push(Statement::Run(Command::new(["trap", "exit 143", "TERM", "INT", "HUP"])));
    Some(entry(&statements))
}

/// The way back, in a shell of its own, where the job's was killed before it could take it.
pub(super) fn afterwards(undo: &[Task]) -> Option<String> {
    if undo.is_empty() {
        return None;
    }
    let read = Word::Output(Box::new(Command::new(["cat"]).arg(undone())));
    let known = Statement::Assign("PREVIOUS_VERSION".to_owned(), read);
    let then = std::iter::once(known).chain(undo.iter().map(attempt)).collect();
    let test = Command::new(["[", "-e"]).arg(undone()).arg("]");
    Some(entry(&[Statement::If { test, not: false, then }]))
}

/// Tasks one after another, each a line of the log.
pub(super) fn tasks(tasks: &[Task], is_undone: bool) -> Vec<String> {
    let is_asked = |task: &Task| task.env.iter().any(|(_, given)| *given == Given::Host(HostValue::PreviousVersion));
    let remembered = is_undone || tasks.iter().any(is_asked);
    let mut lines = Vec::new();
    for task in tasks {
        if is_undone && is_deploy(task) {
            let kept = Command::new(["printf", "%s\\n"]).arg(Word::variable("PREVIOUS_VERSION")).into_file(undone());
            lines.push(entry(&[Statement::Assign(DEPLOYING.to_owned(), "yes".into()), Statement::Run(kept)]));
        }
        let command = bounded(task);
        lines.push(entry(&[if remembered && is_live_version(task) {
            Statement::Assign("PREVIOUS_VERSION".to_owned(), Word::Output(Box::new(command)))
        } else {
            Statement::Run(command)
        }]));
    }
    if is_undone && tasks.iter().any(is_deploy) {
        lines.push(entry(&[forget_undone()]));
    }
    lines
}

/// Tells of a failure that has happened elsewhere: everybody is told, also where telling another fails.
pub(super) fn tell(notices: &[Task]) -> String {
    if let [notice] = notices {
        return entry(&[Statement::Run(bounded(notice))]);
    }
    let failed = || vec![Statement::Assign("status".to_owned(), "1".into())];
    let mut statements = vec![Statement::Assign("status".to_owned(), "0".into())];
    statements.extend(notices.iter().map(|notice| Statement::If { test: bounded(notice), not: true, then: failed() }));
    statements.push(Statement::Run(Command::new(["exit"]).arg(Word::variable("status"))));
    entry(&statements)
}

fn attempt(task: &Task) -> Statement {
    let message = format!("this failed too: {}", task.title);
    let then = vec![Statement::Run(Command::new(["echo".to_owned(), message].map(Word::Text)).to_errors())];
    Statement::If { test: bounded(task), not: true, then }
}

/// A task's command, with what it is given and the time that it has.
fn bounded(task: &Task) -> Command {
    let mut command = Command::new(["timeout".to_owned(), seconds(task.timeout)].map(Word::Text));
    for (name, given) in &task.env {
        match given {
            Given::Host(value) if value.variable() == name => {}
            Given::Host(value) => command = command.env(name, Word::variable(value.variable())),
            Given::Text(text) => command = command.env(name, Word::text(text)),
            Given::Measured(file) => {
                let path = Word::Joined(vec![Word::variable("VALUES"), Word::Text(format!("/{file}"))]);
                command = command.env(name, path);
            }
        }
    }
    for secret in &task.secrets {
        let name = secret::variable(secret);
        if name != secret.variable {
            command = command.env(secret.variable, Word::variable(name));
        }
    }
    let run = match &task.run {
        Run::Program(program) => program.clone(),
        Run::Author(lines) => authors_shell(lines),
    };
    command.words.extend(run.words);
    command
}

fn is_live_version(task: &Task) -> bool {
    matches!(task.operation.map(|operation| &operation.action), Some(Action::LiveVersion))
}

/// Whether a task is the deployment.
pub(super) fn is_deploy(task: &Task) -> bool {
    matches!(task.operation.map(|operation| &operation.action), Some(Action::Deploy))
}
