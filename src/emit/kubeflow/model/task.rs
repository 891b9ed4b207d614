//! Tasks: components that are called, with where their inputs come from.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::messages;

messages! {
    /// Tasks and what they give together.
    DagSpec {
        outputs: DagOutputs,
        tasks: BTreeMap<String, TaskSpec>,
    }

    /// What a DAG gives.
    DagOutputs {
        artifacts: BTreeMap<String, DagOutputArtifact>,
        parameters: BTreeMap<String, DagOutputParameter>,
    }

    /// An artifact of whichever of these ran.
    DagOutputArtifact {
        artifact_selectors: Vec<ArtifactSelector>,
    }

    /// An artifact of a task.
    ArtifactSelector {
        output_artifact_key: String,
        producer_subtask: String,
    }

    /// A value of a task, or of whichever of several ran.
    DagOutputParameter {
        value_from_oneof: Option<ParameterSelectors>,
        value_from_parameter: Option<ParameterSelector>,
    }

    /// Values of which one will be there.
    ParameterSelectors {
        parameter_selectors: Vec<ParameterSelector>,
    }

    /// A value of a task.
    ParameterSelector {
        output_parameter_key: String,
        producer_subtask: String,
    }

    /// A component that is called.
    TaskSpec {
        artifact_iterator: Option<ArtifactIterator>,
        caching_options: Option<CachingOptions>,
        component_ref: ComponentRef,
        dependent_tasks: Vec<String>,
        inputs: TaskInputs,
        iterator_policy: Option<IteratorPolicy>,
        parameter_iterator: Option<ParameterIterator>,
        retry_policy: Option<RetryPolicy>,
        task_info: TaskInfo,
        trigger_policy: Option<TriggerPolicy>,
    }

    /// The component.
    ComponentRef {
        name: String,
    }

    /// What people see of a task.
    TaskInfo {
        name: String,
    }

    /// Whether an earlier result may stand for it.
    CachingOptions {
        cache_key: String,
        enable_cache: bool,
    }

    /// How many iterations at once.
    IteratorPolicy {
        parallelism_limit: i32,
    }

    /// Once for every value of a list.
    ParameterIterator {
        item_input: String,
        items: ParameterItems,
    }

    /// The list.
    ParameterItems {
        input_parameter: String,
        raw: String,
    }

    /// Once for every artifact of a list.
    ArtifactIterator {
        item_input: String,
        items: ArtifactItems,
    }

    /// The list.
    ArtifactItems {
        input_artifact: String,
    }

    /// What happens when it failed.
    RetryPolicy {
        backoff_duration: String,
        backoff_factor: f64,
        backoff_max_duration: String,
        max_retry_count: i32,
    }

    /// When it runs.
    TriggerPolicy {
        condition: String,
        strategy: Strategy,
    }

    /// Where its inputs come from.
    TaskInputs {
        artifacts: BTreeMap<String, TaskInputArtifact>,
        parameters: BTreeMap<String, TaskInputParameter>,
    }

    /// Where an artifact comes from: one of these.
    TaskInputArtifact {
        component_input_artifact: String,
        task_output_artifact: Option<TaskOutputArtifact>,
    }

    /// An artifact of a task beside.
    TaskOutputArtifact {
        output_artifact_key: String,
        producer_task: String,
    }

    /// Where a value comes from: one of these, and what is taken of it.
    TaskInputParameter {
        component_input_parameter: String,
        parameter_expression_selector: String,
        runtime_value: Option<RuntimeValue>,
        task_final_status: Option<ProducerTask>,
        task_output_parameter: Option<TaskOutputParameter>,
    }

    /// A value of a task beside.
    TaskOutputParameter {
        output_parameter_key: String,
        producer_task: String,
    }

    /// A task beside.
    ProducerTask {
        producer_task: String,
    }

    /// A constant, or a parameter of the component.
    RuntimeValue {
        constant: Option<Value>,
        constant_value: Option<Value>,
        runtime_parameter: String,
    }
}

impl TaskInputParameter {
    /// A constant.
    pub(crate) fn constant(value: Value) -> Self {
        let runtime_value = Some(RuntimeValue { constant: Some(value), ..Default::default() });
        Self { runtime_value, ..Default::default() }
    }
}

/// When a task runs, seen from those before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Strategy {
    #[default]
    TriggerStrategyUnspecified,
    AllUpstreamTasksSucceeded,
    AllUpstreamTasksCompleted,
}
