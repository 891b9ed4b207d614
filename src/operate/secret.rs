//! A secret that `mlp` itself needs: from the variable that CI gives it in, or from where it is kept.

use std::process::Command;
use std::time::Duration;

use super::secrecy::Secret;
use super::{Deadline, Done, Failure, program};
use crate::emit::secret_manager::SecretManager;
use crate::plan::Form;

/// How long a manager of secrets may take for one.
pub const AT_MOST: Duration = Duration::from_secs(60);

/// A secret: `variable` where it is set, else whatever its home says. `what` is what it is, for a person.
pub fn read(variable: &str, what: &str, home: Option<&Form>, deadline: &Deadline) -> Done<Secret> {
    let own = home.filter(|home| home.form == "environment_variable");
    let own = own.and_then(|home| home.arguments.get("name")?.as_str());
    let set = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    if let Some(value) = set(variable).or_else(|| own.and_then(set)) {
        return Ok(Secret::new(value));
    }
    match home.and_then(SecretManager::of) {
        Some(manager) => fetch(&manager, deadline).map_err(|why| why.while_doing(&format!("{what} cannot be read"))),
        None => Err(Failure::new(format!("{what} is not here: set {}", own.unwrap_or(variable)))),
    }
}

/// A secret by the command line of whoever keeps it, which must be logged in.
pub fn fetch(manager: &SecretManager, deadline: &Deadline) -> Done<Secret> {
    let words = manager.command();
    let mut command = Command::new(&words[0]);
    command.args(&words[1..]).env("AWS_PAGER", "");
    let own = Deadline::after(AT_MOST);
    let shorter = if deadline.left() < own.left() { *deadline } else { own };
    let printed = program::run_unwritten(command, &shorter)?;
    manager.value(&printed).map(Secret::new).ok_or_else(|| {
        let sought = manager.key().map_or_else(String::new, |key| format!(" under the key `{key}`"));
        Failure::new(format!("`{}` gave nothing{sought}", words.join(" ")))
    })
}
