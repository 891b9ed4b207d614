//! Where the protection of environments is written, and the step that holds the live rules against it.

use indexmap::IndexMap;

use super::model::{Step, expression};
use crate::emit::delivery::Delivery;
use crate::text::shell::{Command, Statement, Word, script as shell_script};

/// The file with the rules.
pub(super) fn file(project: &str) -> String {
    format!(".github/mlp/{project}-protection.json")
}

/// A script beside it: `apply` or `check`.
pub(super) fn script(project: &str, verb: &str) -> String {
    format!(".github/mlp/{project}-{verb}-protection.sh")
}

/// Refuses to go on where the live rules of some environments are weaker than the project's.
pub(super) fn check(delivery: &Delivery, environments: &[String]) -> Step {
    let files = [script(&delivery.project, "check"), file(&delivery.project)];
    let command = Command::new(files.map(|file| Word::Text(delivery.seen_from_project(&file))));
    let command = environments.iter().fold(command, |command, name| command.arg(name.as_str()));
    Step {
        name: "Refuse to go on if the rules of the repository are weaker than the project's".to_owned(),
        timeout_minutes: Some(5),
        env: IndexMap::from([
            ("GH_TOKEN".to_owned(), expression("github.token")),
            ("REPOSITORY".to_owned(), expression("github.repository")),
            ("RUN_ID".to_owned(), expression("github.run_id")),
        ]),
        run: Some(shell_script(&[Statement::Run(command)])),
        ..Step::default()
    }
}
