//! The pod that a task runs in: where it may run, what it mounts, which variables the cluster fills.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Expr;
use crate::source::Span;

/// What only a cluster knows of; what may be a value of the run is an [`Expr`]. Words of the library's enums are as they
/// stand there: `no_execute`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Pod {
    /// Node labels that it must run on, as one JSON object.
    pub node_selector: Option<Expr>,
    /// What must and should hold of its node.
    pub node_affinity: Vec<NodeRule>,
    /// Taints that do not keep it away.
    pub tolerations: Vec<Toleration>,
    /// Its labels.
    pub labels: IndexMap<String, String>,
    /// Its annotations.
    pub annotations: IndexMap<String, String>,
    /// Secrets that its image is pulled with.
    pub pull_secrets: Vec<Expr>,
    /// When its image is pulled: `always`, `if_not_present`, `never`.
    pub pull_policy: Option<String>,
    /// As whom its program runs.
    pub security: Option<Security>,
    /// What it mounts.
    pub volumes: Vec<Volume>,
    /// Variables that the cluster fills.
    pub variables: Vec<PodVariable>,
    /// Containers that run before the task's.
    pub init: Vec<InitContainer>,
}

impl Pod {
    /// Everything in it that may be a value of the run.
    pub fn values(&self) -> Vec<&Expr> {
        let mut found: Vec<&Expr> = self.node_selector.iter().chain(&self.pull_secrets).collect();
        found.extend(self.node_affinity.iter().filter_map(|rule| match rule {
            NodeRule::Json { value, .. } => Some(value),
            NodeRule::Terms { .. } => None,
        }));
        found.extend(self.tolerations.iter().filter_map(|one| match one {
            Toleration::Json { value, .. } => Some(value),
            Toleration::Taint { .. } => None,
        }));
        found.extend(self.volumes.iter().filter_map(|volume| match &volume.of {
            VolumeKind::Secret { name, .. } | VolumeKind::Config { name, .. } | VolumeKind::Claim { name, .. } => {
                Some(name)
            }
            VolumeKind::Scratch { .. } | VolumeKind::EmptyDir { .. } => None,
        }));
        found.extend(self.variables.iter().filter_map(|variable| match &variable.from {
            VariableSource::Secret { name, .. } | VariableSource::Config { name, .. } => Some(name),
            VariableSource::Field { .. } => None,
        }));
        found
    }
}

/// A rule for the node.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "rule", rename_all = "snake_case")]
pub enum NodeRule {
    /// All of these hold: they must, or with a weight they should.
    Terms {
        /// Of labels.
        labels: Vec<NodeMatch>,
        /// Of fields.
        fields: Vec<NodeMatch>,
        /// From 1 to 100.
        weight: Option<u32>,
        /// Where it is written.
        #[serde(skip)]
        span: Span,
    },
    /// As Kubernetes has node affinity.
    Json {
        /// An object.
        value: Expr,
        /// Where it is written.
        #[serde(skip)]
        span: Span,
    },
}

/// What must hold of a label or a field of a node.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct NodeMatch {
    /// Its name.
    pub key: String,
    /// What is asked of it.
    pub operator: MatchOperator,
    /// What it is compared with.
    pub values: Vec<String>,
}

/// What is asked of a label or a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MatchOperator {
    /// It is one of the values.
    In,
    /// It is none of them.
    NotIn,
    /// It is there.
    Exists,
    /// It is not there.
    Absent,
    /// It is a number above the value.
    Above,
    /// It is a number below the value.
    Below,
}

/// A taint that does not keep a pod away.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "toleration", rename_all = "snake_case")]
pub enum Toleration {
    /// Of this shape; what is none matches any.
    Taint {
        /// Its key.
        key: Option<String>,
        /// `equal`, `exists`
        operator: Option<String>,
        /// Its value.
        value: Option<String>,
        /// `no_schedule`, `prefer_no_schedule`, `no_execute`
        effect: Option<String>,
        /// How long a pod stays that runs already.
        seconds: Option<i64>,
        /// Where it is written.
        #[serde(skip)]
        span: Span,
    },
    /// As Kubernetes has it.
    Json {
        /// An object, or a list of them.
        value: Expr,
        /// Where it is written.
        #[serde(skip)]
        span: Span,
    },
}

/// As whom a program runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Security {
    /// The user's number.
    pub user: Option<i64>,
    /// The group's number.
    pub group: Option<i64>,
    /// Whether it must not be the superuser.
    pub non_root: Option<bool>,
}

/// What a pod mounts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Volume {
    /// Where.
    pub at: String,
    /// What.
    #[serde(flatten)]
    pub of: VolumeKind,
    /// Where it is written.
    #[serde(skip)]
    pub span: Span,
}

/// What is mounted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "volume", rename_all = "snake_case")]
pub enum VolumeKind {
    /// A secret as files.
    Secret {
        /// The secret.
        name: Expr,
        /// Whether the pod starts without it.
        optional: bool,
    },
    /// A config map as files.
    Config {
        /// The config map.
        name: Expr,
        /// Whether the pod starts without it.
        optional: bool,
    },
    /// A volume that was claimed.
    Claim {
        /// The claim.
        name: Expr,
        /// The folder in it.
        sub_path: Option<String>,
    },
    /// A volume that is claimed for the pod.
    Scratch {
        /// The volume's name in the pod.
        name: String,
        /// Bytes.
        size: i64,
        /// `ReadWriteOnce` …
        access_modes: Vec<String>,
        /// What it is made of; none: what the cluster is set to.
        storage_class: Option<String>,
        /// Labels of the claim.
        labels: IndexMap<String, String>,
        /// Annotations of the claim.
        annotations: IndexMap<String, String>,
    },
    /// An empty folder.
    EmptyDir {
        /// The volume's name in the pod.
        name: String,
        /// `memory`, `huge_pages`; none: the node's disk.
        medium: Option<String>,
        /// Bytes at most.
        size: Option<i64>,
    },
}

/// Variables that the cluster fills.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PodVariable {
    /// From what.
    #[serde(flatten)]
    pub from: VariableSource,
    /// Where it is written.
    #[serde(skip)]
    pub span: Span,
}

/// What variables are filled from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "from", rename_all = "snake_case")]
pub enum VariableSource {
    /// Keys of a secret.
    Secret {
        /// The secret.
        name: Expr,
        /// Variable and key.
        keys: IndexMap<String, String>,
        /// Whether the pod starts without it.
        optional: bool,
    },
    /// Keys of a config map.
    Config {
        /// The config map.
        name: Expr,
        /// Variable and key.
        keys: IndexMap<String, String>,
        /// Whether the pod starts without it.
        optional: bool,
    },
    /// A field of the pod.
    Field {
        /// The variable.
        variable: String,
        /// `metadata.name`
        path: String,
    },
}

/// A container that runs before the task's, or beside it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct InitContainer {
    /// Its name.
    pub name: String,
    /// Its image.
    pub image: String,
    /// The program, in place of the image's own.
    pub command: Vec<String>,
    /// Its arguments.
    pub args: Vec<String>,
    /// Environment variables.
    pub env: IndexMap<String, String>,
    /// Path and volume.
    pub mounts: IndexMap<String, String>,
    /// Whether it goes on running beside the task.
    pub sidecar: bool,
    /// What it may use, as Kubernetes writes it.
    pub limits: IndexMap<String, String>,
    /// What is kept for it, as Kubernetes writes it.
    pub requests: IndexMap<String, String>,
    /// Where it is written.
    #[serde(skip)]
    pub span: Span,
}

/// How long runs are kept once they have ended, in seconds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct KeepRuns {
    /// However they ended.
    pub completed: Option<f64>,
    /// Those that succeeded.
    pub succeeded: Option<f64>,
    /// Those that failed.
    pub failed: Option<f64>,
    /// Where it is said.
    #[serde(skip)]
    pub span: Span,
}
