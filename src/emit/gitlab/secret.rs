//! Secrets that managers of secrets keep, by GitLab's own `secrets`: the runner reads them before the job begins, and masks them.
//!
//! In: the secrets of a job's tasks. Out: keys of the job, and what GitLab cannot do of it. It refuses to know what a secret is for.

use std::collections::BTreeSet;

use super::lower::Lowering;
use super::model::{Engine, IdToken, Job, JobSecret, Keeper, Variable};
use crate::diagnostics::{Diagnostic, report};
use crate::emit::delivery::{Secret, Task, managed, unknown_secrets};
use crate::emit::secret_manager::SecretManager;

/// Google's word for whom a token is meant for, of variables that GitLab's own documentation names.
const GOOGLE: &str = "https://iam.googleapis.com/projects/${GCP_PROJECT_NUMBER}/locations/global/workloadIdentityPools/\
                      ${GCP_WORKLOAD_IDENTITY_FEDERATION_POOL_ID}/providers/${GCP_WORKLOAD_IDENTITY_FEDERATION_PROVIDER_ID}";

/// The variable that a secret is given to a job in.
pub(super) fn variable(secret: &Secret) -> String {
    match secret.host_name() {
        Some(name) => name.to_owned(),
        None => format!("MLP_SECRET_{}", secret.id().replace('-', "_").to_ascii_uppercase()),
    }
}

/// The job, given what its tasks need of managers of secrets.
pub(super) fn given<'t, 'p: 't>(mut job: Job, tasks: impl IntoIterator<Item = &'t Task<'p>>) -> Job {
    for secret in managed(tasks).values() {
        let manager = secret.manager().expect("only secrets with a manager are managed");
        let (token, audience) = token(&manager);
        job.id_tokens.insert(token, IdToken { aud: audience.to_owned() });
        if let SecretManager::Azure { vault, .. } = manager {
            let address = Variable::exact(&format!("https://{vault}.vault.azure.net"));
            job.variables.insert("AZURE_KEY_VAULT_SERVER_URL".to_owned(), address);
        }
        let keeper = keeper(&manager);
        job.secrets.insert(variable(secret), JobSecret { keeper, token: format!("${token}"), file: false });
    }
    job
}

/// What cannot be given to one job of all that it needs: two secrets in one variable, or from two of Azure's key vaults.
pub(super) fn clashing<'t, 'p: 't>(tasks: impl IntoIterator<Item = &'t Task<'p>>) -> Vec<Diagnostic> {
    let (mut variables, mut azure, mut found) = (BTreeSet::new(), None, Vec::new());
    for secret in managed(tasks).values() {
        if !variables.insert(variable(secret)) {
            let (name, variable) = (secret.name, variable(secret));
            let message = format!("another secret of the job is given to it in the variable of `{name}`, {variable}");
            found.push(report::host_cannot(secret.span(), message).help("give one of them another name"));
        }
        if let Some(SecretManager::Azure { vault, .. }) = secret.manager()
            && *azure.get_or_insert(vault) != vault
        {
            let message = "GitLab reads the secrets of a job from one of Azure's key vaults";
            let help = "keep what one job needs in one key vault, or in another home";
            found.push(report::host_cannot(secret.span(), message).help(help));
        }
    }
    found
}

/// The short-lived token of the job, and for whom it is meant.
fn token(manager: &SecretManager) -> (&'static str, &'static str) {
    match manager {
        SecretManager::Vault { .. } => ("VAULT_ID_TOKEN", "$VAULT_SERVER_URL"),
        SecretManager::Google { .. } => ("GCP_ID_TOKEN", GOOGLE),
        SecretManager::Aws { .. } => ("AWS_ID_TOKEN", "sts.amazonaws.com"),
        SecretManager::Azure { .. } => ("AZURE_ID_TOKEN", "api://AzureADTokenExchange"),
    }
}

fn keeper(manager: &SecretManager) -> Keeper {
    match manager {
        SecretManager::Vault { path, key, mount } => Keeper::Vault {
            engine: Engine { name: "kv-v2", path: (*mount).to_owned() },
            path: (*path).to_owned(),
            field: (*key).to_owned(),
        },
        SecretManager::Google { project, name, version } => Keeper::GcpSecretManager {
            name: format!("projects/{project}/secrets/{name}"),
            version: (*version).to_owned(),
        },
        SecretManager::Aws { name, key, region } => Keeper::AwsSecretsManager {
            secret_id: (*name).to_owned(),
            field: key.map(str::to_owned),
            region: region.map(str::to_owned),
        },
        SecretManager::Azure { name, .. } => Keeper::AzureKeyVault { name: (*name).to_owned() },
    }
}

impl Lowering<'_> {
    /// The secrets of a job's tasks that GitLab neither keeps nor reads.
    pub(super) fn refused_secrets(&self, tasks: &[Task]) -> Vec<Diagnostic> {
        let mut found = unknown_secrets(tasks, "GitLab");
        for secret in managed(tasks).values() {
            if self.host.is_free() {
                let (name, home) = (secret.name, &secret.home.form);
                let message = format!("GitLab does not read the secret `{name}` from `{home}` under the plan `free`");
                let help = format!(
                    "pay for `premium` and say so, or let GitLab keep it: `secret {name} = host_secret(\"NAME\")`"
                );
                found.push(report::host_plan_limit(secret.span(), message).help(help));
            }
        }
        found
    }
}
