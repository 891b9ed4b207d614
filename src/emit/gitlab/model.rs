//! `.gitlab-ci.yml`, and the protection of environments, as plain types.

use indexmap::IndexMap;
use serde::Serialize;

use crate::text::yaml::{FlowSeq, SpaceAfter};

/// The whole file. Jobs stand beside the other keys.
#[derive(Debug, Serialize)]
pub(super) struct Pipeline {
    pub(super) workflow: SpaceAfter<Workflow>,
    pub(super) stages: SpaceAfter<FlowSeq<Vec<String>>>,
    pub(super) default: SpaceAfter<Defaults>,
    pub(super) variables: SpaceAfter<IndexMap<String, Variable>>,
    #[serde(flatten)]
    pub(super) jobs: IndexMap<String, SpaceAfter<Job>>,
}

/// When there is a pipeline at all.
#[derive(Debug, Serialize)]
pub(super) struct Workflow {
    pub(super) name: String,
    pub(super) auto_cancel: AutoCancel,
    pub(super) rules: Vec<Rule>,
}

/// What a newer commit ends.
#[derive(Debug, Serialize)]
pub(super) struct AutoCancel {
    pub(super) on_new_commit: &'static str,
}

/// What holds for every job that does not say otherwise.
#[derive(Debug, Serialize)]
pub(super) struct Defaults {
    pub(super) image: String,
    pub(super) interruptible: bool,
    pub(super) timeout: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) before_script: Vec<String>,
}

/// `.gitlab/mlp/NAME.trigger.yml`: the job of the repository's own pipeline that starts this project's.
#[derive(Debug, Serialize)]
pub(super) struct Start {
    pub(super) trigger: Trigger,
    pub(super) rules: Vec<Rule>,
}

/// The pipeline that is started.
#[derive(Debug, Serialize)]
pub(super) struct Trigger {
    /// Its file.
    pub(super) include: String,
    /// Always `depend`: the job ends as the pipeline does.
    pub(super) strategy: &'static str,
}

/// The value of a variable.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(super) enum Variable {
    /// Other variables in it are put in.
    Expanded(String),
    /// Letters as they are.
    Exact {
        /// The letters.
        value: String,
        /// Always `false`.
        expand: bool,
    },
}

/// A job.
#[derive(Debug, Default, Serialize)]
pub(super) struct Job {
    pub(super) stage: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) needs: Option<FlowSeq<Vec<String>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) image: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) services: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) interruptible: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) timeout: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) resource_group: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) manual_confirmation: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) environment: Option<Environment>,
    /// What the project adds of the host's own.
    #[serde(flatten)]
    pub(super) raw: IndexMap<String, serde_json::Value>,
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub(super) id_tokens: IndexMap<&'static str, IdToken>,
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub(super) secrets: IndexMap<String, JobSecret>,
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub(super) variables: IndexMap<String, Variable>,
    pub(super) script: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) after_script: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) artifacts: Option<Artifacts>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) retry: Option<Retry>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) rules: Vec<Rule>,
}

/// When a job runs.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Rule {
    #[serde(rename = "if", skip_serializing_if = "Option::is_none")]
    pub(super) condition: Option<String>,
    /// Patterns of paths of which one has changed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) changes: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) when: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) start_in: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) allow_failure: Option<bool>,
}

/// The environment that a job deploys to.
#[derive(Debug, Serialize)]
pub(super) struct Environment {
    pub(super) name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) url: Option<String>,
    pub(super) deployment_tier: &'static str,
}

/// A short-lived token of GitLab's.
#[derive(Debug, Serialize)]
pub(super) struct IdToken {
    pub(super) aud: String,
}

/// A secret that the runner reads before the job begins.
#[derive(Debug, Serialize)]
pub(super) struct JobSecret {
    #[serde(flatten)]
    pub(super) keeper: Keeper,
    /// The token that says who asks.
    pub(super) token: String,
    /// Always `false`: the variable is the secret, not the path of a file.
    pub(super) file: bool,
}

/// Who keeps a secret.
#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Keeper {
    /// HashiCorp's Vault.
    Vault {
        /// The engine.
        engine: Engine,
        /// Where the secret lies in it.
        path: String,
        /// Which of its values.
        field: String,
    },
    /// Google's Secret Manager.
    GcpSecretManager {
        /// `projects/PROJECT/secrets/NAME`
        name: String,
        /// A number, an alias or `latest`.
        version: String,
    },
    /// Azure's Key Vault.
    AzureKeyVault {
        /// Its name.
        name: String,
    },
    /// AWS Secrets Manager.
    AwsSecretsManager {
        /// Its name or its ARN.
        secret_id: String,
        /// The key of an object.
        #[serde(skip_serializing_if = "Option::is_none")]
        field: Option<String>,
        /// Where it is.
        #[serde(skip_serializing_if = "Option::is_none")]
        region: Option<String>,
    },
}

/// An engine of Vault's.
#[derive(Debug, Serialize)]
pub(super) struct Engine {
    /// Always `kv-v2`.
    pub(super) name: &'static str,
    /// Where it is mounted.
    pub(super) path: String,
}

/// What is kept of a job.
#[derive(Debug, Default, Serialize)]
pub(super) struct Artifacts {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) when: Option<&'static str>,
    pub(super) expire_in: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) paths: Option<FlowSeq<Vec<String>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reports: Option<Reports>,
}

/// What GitLab reads of it.
#[derive(Debug, Default, Serialize)]
pub(super) struct Reports {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) junit: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) dotenv: Option<String>,
}

/// When a job is tried again.
#[derive(Debug, Serialize)]
pub(super) struct Retry {
    pub(super) max: u32,
    pub(super) when: FlowSeq<Vec<&'static str>>,
}

/// `.gitlab/mlp/NAME-protection.json`: what the live rules of the project's environments must be.
#[derive(Debug, Serialize)]
pub(super) struct Protection {
    /// What made it.
    pub(super) generated: String,
    /// `group/project`
    pub(super) project: String,
    /// In the order in which a change meets them.
    pub(super) environments: Vec<ProtectedEnvironment>,
}

/// The rules of one environment.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct ProtectedEnvironment {
    /// Its name on GitLab.
    pub(super) name: String,
    /// The groups whose members may start a deployment. Empty: maintainers.
    pub(super) starters: Vec<String>,
    /// How many people of which group say yes.
    pub(super) approvals: Vec<Approval>,
    /// Whether, after a failure, nothing goes there until a person opens it.
    pub(super) hold: bool,
}

/// People of one group who say yes.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Approval {
    /// `group/subgroup`
    pub(super) group: String,
    /// How many, each once.
    pub(super) required: u32,
}

impl Variable {
    /// Letters as they are.
    pub(super) fn exact(text: &str) -> Self {
        if text.contains('$') {
            Variable::Exact { value: text.to_owned(), expand: false }
        } else {
            Variable::Expanded(text.to_owned())
        }
    }
}
