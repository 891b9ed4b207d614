//! Secrets that managers of secrets keep: a step reads one, and the steps that need it get its output.
//!
//! In: the secrets of a job's tasks. Out: a step each, which runs a script that is written beside the workflow. It refuses to know
//! what a secret is for.

use indexmap::IndexMap;

use super::model::{Scope, Step, Workflow, expression, literal};
use crate::emit::delivery::{Delivery, Secret, Task, managed};
use crate::emit::secret_manager::SecretManager;
use crate::text::shell::{Command, Statement, Word, script as shell_script};
use crate::text::yaml::Commented;

/// What marks the step that reads a secret.
const PREFIX: &str = "secret-";

/// The script that reads one.
pub(super) fn script(project: &str) -> String {
    format!(".github/mlp/{project}-read-secret.sh")
}

/// A step for each secret of some tasks that a manager of secrets keeps.
pub(super) fn read<'t, 'p: 't>(
    delivery: &Delivery,
    tasks: impl IntoIterator<Item = &'t Task<'p>>,
    condition: Option<String>,
) -> Vec<Step> {
    let secrets = managed(tasks).into_values();
    secrets.map(|secret| Step { condition: condition.clone(), ..step(delivery, &secret) }).collect()
}

/// The expression for a secret that was read.
pub(super) fn output_of(secret: &Secret) -> String {
    format!("steps.{PREFIX}{}.outputs.value", secret.id())
}

/// Whether some of these steps read a secret.
pub(super) fn is_among(steps: &[Step]) -> bool {
    steps.iter().any(|step| step.id.as_ref().is_some_and(|id| id.starts_with(PREFIX)))
}

/// Whether a workflow reads a secret.
pub(super) fn is_read(workflow: &Workflow) -> bool {
    workflow.jobs.values().any(|job| is_among(&job.0.steps))
}

/// What a job may do, and where it reads secrets, prove whose it is.
pub(super) fn permissions(mut all: IndexMap<&'static str, Scope>, reads: bool) -> IndexMap<&'static str, Scope> {
    if reads && !all.contains_key("id-token") {
        let why = Commented("write".to_owned(), "prove who asks to whoever keeps the secrets".to_owned());
        all.insert("id-token", Scope::Why(why));
    }
    all
}

fn step(delivery: &Delivery, secret: &Secret) -> Step {
    let manager = secret.manager().expect("a secret that is read has a manager");
    let file = delivery.seen_from_project(&script(&delivery.project));
    let words = std::iter::once(file).chain(manager.command()).map(Word::Text);
    let mut env = IndexMap::from([("SECRET".to_owned(), literal(secret.name))]);
    env.extend(manager.key().map(|key| ("KEY".to_owned(), literal(key))));
    env.extend(variables(&manager).iter().map(|name| ((*name).to_owned(), expression(&format!("vars.{name}")))));
    Step {
        name: format!("Read the secret {}", literal(secret.name)),
        id: Some(format!("{PREFIX}{}", secret.id())),
        timeout_minutes: Some(5),
        env,
        run: Some(shell_script(&[Statement::Run(Command::new(words))])),
        ..Step::default()
    }
}

/// Variables of the repository or of its environment that say as whom a secret is read.
fn variables(manager: &SecretManager) -> &'static [&'static str] {
    match manager {
        SecretManager::Vault { .. } => &["VAULT_ADDR", "VAULT_NAMESPACE", "VAULT_AUTH_PATH", "VAULT_AUTH_ROLE"],
        SecretManager::Google { .. } => &["GCP_WORKLOAD_IDENTITY_PROVIDER", "GCP_SERVICE_ACCOUNT"],
        SecretManager::Aws { region: Some(_), .. } => &["AWS_ROLE_ARN"],
        SecretManager::Aws { region: None, .. } => &["AWS_REGION", "AWS_ROLE_ARN"],
        SecretManager::Azure { .. } => &["AZURE_CLIENT_ID", "AZURE_TENANT_ID"],
    }
}
