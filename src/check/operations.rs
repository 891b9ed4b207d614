//! The project's own commands in an environment: those that belong together, and the secrets that they are given.

use indexmap::IndexMap;

use super::checker::Checker;
use crate::diagnostics::report;
use crate::model::Value;
use crate::resolve::DeclId;

/// What one of them did, no other way knows of.
const TOGETHER: [&str; 3] = ["live_version", "deploy", "rollback"];

impl Checker<'_> {
    pub(super) fn check_operations(&mut self, environment: DeclId) {
        let found = &self.model.environments[&environment];
        let Some(Value::Record(said)) = found.field("operations").cloned() else { return };
        let at = found.said.get("operations").copied().unwrap_or(self.model.span(environment));
        let given: IndexMap<String, Value> =
            said.into_iter().filter(|(_, value)| !matches!(value, Value::None)).collect();
        let (own, missing): (Vec<&str>, Vec<&str>) = TOGETHER.iter().partition(|name| given.contains_key(**name));
        if let (Some(first), false) = (own.first(), missing.is_empty()) {
            let message = format!("`{first}` is a command of the project's own, and {} is not", listed(&missing));
            self.report(
                report::lone_operation(at, message)
                    .note("`live_version`, `deploy` and `rollback` go by what each of them did, which the orchestrator does not know")
                    .help(format!("give {} too", listed(&missing))),
            );
        }
        self.check_own_serving(environment, given.contains_key("traffic"));
        let bindings = self.model.environments[&environment].bindings.clone();
        let mut named: IndexMap<String, DeclId> = IndexMap::new();
        for operation in given.values() {
            let Some(Value::Record(secrets)) = operation.field("secrets") else { continue };
            for (variable, secret) in secrets {
                if !is_free(variable) {
                    let message = format!("an operation cannot be given a secret as `{variable}`");
                    self.report(
                        report::variable_taken(at, message)
                            .help("name it by capital letters, digits and `_`, and not `MLP_…`, `PATH` or another name that shells go by"),
                    );
                }
                if let Value::Reference(secret) = secret {
                    let first = *named.entry(variable.clone()).or_insert(*secret);
                    if first != *secret {
                        let (one, other) = (self.name(first), self.name(*secret));
                        let message =
                            format!("`{variable}` is the secret `{one}` to one command and `{other}` to another");
                        self.report(
                            report::variable_taken(at, message).help("a job of CI has both: give them different names"),
                        );
                    }
                    self.check_reader(&bindings, *secret, at, "ci", "CI");
                }
            }
        }
    }
}

impl Checker<'_> {
    /// What is served by the project's own needs the command that gives traffic.
    fn check_own_serving(&mut self, environment: DeclId, has_traffic: bool) {
        let bindings = self.model.environments[&environment].bindings.clone();
        let own =
            bindings.iter().find(|(_, (value, _))| value.as_form().is_some_and(|form| form.name == "own_serving"));
        if let Some((service, (_, span))) = own.filter(|_| !has_traffic) {
            let message = format!("nothing gives `{}` traffic here", self.name(*service));
            self.report(
                report::lone_operation(*span, message)
                    .help("add `operations: { traffic: { run: \"…\" } }` to the environment"),
            );
        }
    }
}

fn listed(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    quoted.join(" and ")
}

/// Whether a variable of that name means nothing to `mlp`, to a host of CI or to a shell.
fn is_free(name: &str) -> bool {
    let shells = ["PATH", "HOME", "IFS", "ENV", "SHELLOPTS", "BASH_ENV", "PWD", "LD_PRELOAD", "LD_LIBRARY_PATH"];
    let steps = ["VALUES", "IMAGES", "VERSION", "PREVIOUS_VERSION", "RUN_URL", "ACTOR", "REASON"];
    let programs = ["GH_TOKEN", "NODE_OPTIONS", "PYTHONPATH", "PYTHONSTARTUP", "KUBECONFIG", "AIRFLOW_HOME", "CI"];
    let hosts = ["MLP_", "GITHUB_", "RUNNER_", "ACTIONS_", "CI_", "GITLAB_"];
    let letters = |one: char| one.is_ascii_uppercase() || one.is_ascii_digit() || one == '_';
    name.starts_with(|first: char| first.is_ascii_uppercase() || first == '_')
        && name.chars().all(letters)
        && ![&shells[..], &steps, &programs].concat().contains(&name)
        && !hosts.iter().any(|prefix| name.starts_with(prefix))
}
