//! Types and predicates as a target needs them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A type with its refinements taken away.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Type {
    /// JSON `true`, `false`
    Bool,
    /// A JSON number, whole, within ±(2⁵³−1).
    Int,
    /// A JSON number.
    Float,
    /// A JSON number, 0.25.
    Percent,
    /// A JSON number: seconds.
    Duration,
    /// A JSON number: whole bytes.
    Size,
    /// A JSON string.
    String,
    /// A JSON string that is an address.
    Uri,
    /// A JSON string, RFC 3339 in UTC.
    Timestamp,
    /// A JSON string in the five fields of cron.
    Cron,
    /// A JSON string, one of the variants.
    Enum {
        /// The enum.
        name: String,
        /// Its variants.
        variants: Vec<String>,
    },
    /// A JSON object `{"amount": "5", "currency": "USD"}`.
    Money,
    /// Any JSON.
    Json,
    /// A JSON array.
    List {
        /// Of what.
        of: Box<Type>,
    },
    /// A JSON object with any keys.
    Map {
        /// Of what.
        of: Box<Type>,
    },
    /// A JSON object with these keys.
    Struct {
        /// The struct.
        name: String,
        /// Its fields.
        fields: Vec<Field>,
    },
    /// The type or JSON `null`.
    Optional {
        /// Of what.
        of: Box<Type>,
    },
    /// A file or folder with a URI and metadata.
    Artifact {
        /// The artifact type's name in the project: `Dataset`.
        name: String,
        /// Its schema title: `system.Dataset`, `acme.Embeddings`; empty where it has a schema of its own.
        title: String,
        /// What it is like, in YAML, in place of a title.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        schema: Option<String>,
        /// Its schema version: `0.0.1`.
        version: String,
        /// The schemas that it was claimed to have, in the order of its type parameters.
        schemas: Vec<String>,
    },
    /// Rows somewhere: passed to a step as a JSON object `{"kind": …, "schema": …, "columns": […], …}`.
    Table {
        /// Its schema.
        schema: String,
        /// Its columns.
        columns: Vec<Field>,
    },
    /// How a run ended, for the task of `finally`: a JSON object
    /// `{"state": "SUCCEEDED"|"FAILED"|"CANCELLED", "error": text or null, "pipeline": name, "run": id}`.
    RunStatus,
    /// How a task was set up, as the orchestrator has it: given by the orchestrator alone, to a task whose [`crate::plan::Task::task_config`]
    /// is not empty.
    TaskConfig,
}

impl Type {
    /// Whether it is an artifact or a list of artifacts (optional or not): then it is passed as files, not as a value.
    pub fn is_artifact(&self) -> bool {
        match self {
            Type::Artifact { .. } => true,
            Type::List { of } | Type::Optional { of } => of.is_artifact(),
            _ => false,
        }
    }

    /// The type without its outermost `?`.
    pub fn required(&self) -> &Type {
        match self {
            Type::Optional { of } => of,
            other => other,
        }
    }
}

/// A named part of a struct, a table, a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// Its documentation.
    pub description: Option<String>,
    /// Its type.
    #[serde(rename = "type")]
    pub ty: Type,
    /// Marks, without `@`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub marks: Vec<String>,
    /// Whether whoever fills it may leave it out.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub optional: bool,
}

/// One condition on a value, in a form that every target can say and a person can read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Predicate {
    /// As it was written: `it > 0`.
    pub text: String,
    /// Whether it holds; the value is [`crate::plan::ExprKind::It`].
    pub condition: super::Expr,
}

/// A condition on a part of a value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct InnerPredicate {
    /// The way to the part, from outside inwards; never empty.
    pub path: Vec<Part>,
    /// What must hold of it.
    pub predicate: Predicate,
}

/// A step on the way to a part of a value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "part", rename_all = "snake_case")]
pub enum Part {
    /// Every item of a list, every entry of a map.
    Each,
    /// A field of a struct.
    Field {
        /// Its name.
        name: String,
    },
}
