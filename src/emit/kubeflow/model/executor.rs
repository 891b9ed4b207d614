//! Executors: what is started for a component.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{ArtifactType, Int64, RuntimeValue, messages};

messages! {
    /// Every executor by its label.
    DeploymentSpec {
        executors: BTreeMap<String, ExecutorSpec>,
    }

    /// One of these.
    ExecutorSpec {
        container: Option<ContainerSpec>,
        custom_job: Option<Value>,
        importer: Option<ImporterSpec>,
        resolver: Option<Value>,
    }

    /// A container.
    ContainerSpec {
        args: Vec<String>,
        command: Vec<String>,
        env: Vec<EnvVar>,
        image: String,
        lifecycle: Option<Lifecycle>,
        resources: Option<ResourceSpec>,
    }

    /// An environment variable.
    EnvVar {
        name: String,
        value: String,
    }

    /// What runs beside a container.
    Lifecycle {
        pre_cache_check: Option<Exec>,
    }

    /// A program with its arguments.
    Exec {
        args: Vec<String>,
        command: Vec<String>,
    }

    /// What a container may use; the numbers (cores, and memory in 10⁹ bytes) are for servers before 2.3.
    ResourceSpec {
        accelerator: Option<Accelerator>,
        cpu_limit: f64,
        cpu_request: f64,
        memory_limit: f64,
        memory_request: f64,
        resource_cpu_limit: String,
        resource_cpu_request: String,
        resource_memory_limit: String,
        resource_memory_request: String,
    }

    /// Accelerators; `count` and `type` are for servers before 2.3.
    Accelerator {
        count: Int64,
        resource_count: String,
        resource_type: String,
        r#type: String,
    }

    /// An artifact that exists already.
    ImporterSpec {
        artifact_uri: RuntimeValue,
        download_to_workspace: bool,
        metadata: BTreeMap<String, Value>,
        reimport: bool,
        type_schema: ArtifactType,
    }
}
