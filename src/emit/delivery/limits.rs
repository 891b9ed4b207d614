//! What no host can do of an edge, and what a host says of a secret that it does not keep.

use super::{Delivery, Task};
use crate::diagnostics::{Diagnostic, report};

impl Delivery<'_> {
    /// What `host` cannot do, whatever is paid for it.
    pub(crate) fn refused_by(&self, host: &str) -> Vec<Diagnostic> {
        let mut found = Vec::new();
        for way in &self.ways {
            for operation in &way.late {
                let to = &way.edge.to;
                let message = format!("{host} cannot stop for a person once the deployment to `{to}` has begun");
                let note = "A job that waits for a person is a job of its own, and a rollback from there would have to wait for a person too.";
                let help = "ask before `deploy`, or make an edge of its own of what comes after";
                found.push(report::host_cannot(operation.span, message).note(note).help(help));
            }
            for operation in way.works().flat_map(|work| &work.idle) {
                let message = format!("{host} has nothing to run for «{}»", operation.title);
                found.push(report::host_cannot(operation.span, message));
            }
        }
        found
    }

    /// The name of a team on a host; without one, what is wrong.
    pub(crate) fn team(
        &self,
        name: &str,
        host: (&str, &str),
        span: crate::source::Span,
    ) -> Result<String, Box<Diagnostic>> {
        let team = self.plan.delivery.teams.iter().find(|team| team.name == name);
        let (key, title) = host;
        team.and_then(|team| team.hosts.get(key)).cloned().ok_or_else(|| {
            let message = format!("team `{name}` has no name on {title}, so nobody can be asked there");
            let help = format!("say what it is called there: `team {name} {{ {key}: \"…\" }}`");
            Box::new(report::host_cannot(span, message).help(help))
        })
    }
}

/// The secrets of some tasks that neither a host keeps nor a manager of secrets.
pub(crate) fn unknown_secrets(tasks: &[Task], host: &str) -> Vec<Diagnostic> {
    let secrets = tasks.iter().flat_map(|task| &task.secrets);
    secrets
        .filter(|secret| secret.host_name().is_none() && secret.manager().is_none())
        .map(|secret| {
            let (name, home) = (secret.name, &secret.home.form);
            let message = format!("{host} cannot hand the secret `{name}` to a job, because its home is `{home}`");
            let help = format!(
                "let the host keep it: `secret {name} = host_secret(\"NAME\")`, or a manager of secrets: `vault`, `google_secret`, \
                 `aws_secret`, `azure_secret`"
            );
            report::host_cannot(secret.span(), message).help(help)
        })
        .collect()
}
