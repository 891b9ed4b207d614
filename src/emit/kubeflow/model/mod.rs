//! A compiled pipeline as Kubeflow has it: `PipelineSpec` (schema 2.1.0) and the second document for Kubernetes.
//!
//! One type a message of `pipeline_spec.proto` and `kubernetes_executor_config.proto`, fields in the order of the alphabet, as
//! they are written; what is left out has the message's default. It refuses to know what a pipeline means.

mod executor;
mod kubernetes;
mod number;
mod task;

pub(crate) use executor::*;
pub(crate) use kubernetes::*;
pub(crate) use number::*;
pub(crate) use task::*;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Messages as proto3's JSON has them: names in camelCase, a field with its default left out, no other field known.
macro_rules! messages {
    ($($(#[$of:meta])* $name:ident { $($(#[$at:meta])* $field:ident: $ty:ty,)* })*) => { $(
        $(#[$of])*
        #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
        #[serde(default, rename_all = "camelCase", deny_unknown_fields)]
        pub(crate) struct $name {
            $($(#[$at])* #[serde(skip_serializing_if = "crate::emit::kubeflow::model::is_default")] pub(crate) $field: $ty,)*
        }
    )* };
}
pub(crate) use messages;

/// Whether a field is left out.
pub(crate) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

messages! {
    /// A compiled pipeline.
    PipelineSpec {
        components: BTreeMap<String, ComponentSpec>,
        default_pipeline_root: String,
        deployment_spec: DeploymentSpec,
        pipeline_info: PipelineInfo,
        root: ComponentSpec,
        schema_version: String,
        sdk_version: String,
    }

    /// What people see of it.
    PipelineInfo {
        description: String,
        display_name: String,
        name: String,
    }

    /// A thing with inputs and outputs: a container, or tasks inside.
    ComponentSpec {
        dag: Option<DagSpec>,
        executor_label: String,
        input_definitions: InputDefinitions,
        output_definitions: OutputDefinitions,
        single_platform_specs: Vec<Value>,
        task_config_passthroughs: Vec<TaskConfigPassthrough>,
    }

    /// A setting of a task that its component takes as an input.
    TaskConfigPassthrough {
        apply_to_task: bool,
        field: String,
    }

    /// What a component is given.
    InputDefinitions {
        artifacts: BTreeMap<String, InputArtifact>,
        parameters: BTreeMap<String, InputParameter>,
    }

    /// What a component gives.
    OutputDefinitions {
        artifacts: BTreeMap<String, OutputArtifact>,
        parameters: BTreeMap<String, OutputParameter>,
    }

    /// An artifact that a component is given.
    InputArtifact {
        artifact_type: ArtifactType,
        description: String,
        is_artifact_list: bool,
        is_optional: bool,
    }

    /// An artifact that a component gives.
    OutputArtifact {
        artifact_type: ArtifactType,
        description: String,
        is_artifact_list: bool,
        metadata: BTreeMap<String, Value>,
    }

    /// What an artifact is.
    ArtifactType {
        instance_schema: String,
        schema_title: String,
        schema_uri: String,
        schema_version: String,
    }

    /// A value that a component is given.
    InputParameter {
        default_value: Option<Value>,
        description: String,
        is_optional: bool,
        literals: Vec<Value>,
        parameter_type: ParameterType,
    }

    /// A value that a component gives.
    OutputParameter {
        description: String,
        parameter_type: ParameterType,
    }
}

/// What a value is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum ParameterType {
    #[default]
    #[serde(rename = "PARAMETER_TYPE_ENUM_UNSPECIFIED")]
    Unspecified,
    NumberDouble,
    NumberInteger,
    String,
    Boolean,
    List,
    Struct,
    TaskFinalStatus,
    TaskConfig,
}
