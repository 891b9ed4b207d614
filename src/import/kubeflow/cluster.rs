//! What the cluster is told of executors, in the form that new servers read.
//!
//! In: the platform document. Out: each executor's configuration as JSON, names that older servers read replaced by newer ones.
//! It refuses to know where a value comes from.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::emit::kubeflow::model::*;

/// Every executor's configuration by its label.
pub(super) fn told(platform: &KubernetesSpec) -> BTreeMap<String, Json> {
    let executors = platform.deployment_spec.executors.iter();
    executors.map(|(label, executor)| (label.clone(), json(&modern(executor)))).collect()
}

/// A message as JSON.
pub(super) fn json<T: serde::Serialize>(message: &T) -> Json {
    serde_json::to_value(message).unwrap_or_default()
}

/// Each secret, config map and claim by its parameter alone.
pub(super) fn modern(executor: &KubernetesExecutor) -> KubernetesExecutor {
    let mut executor = executor.clone();
    for one in &mut executor.secret_as_env {
        modern_name(&mut one.secret_name, &mut one.secret_name_parameter);
    }
    for one in &mut executor.secret_as_volume {
        modern_name(&mut one.secret_name, &mut one.secret_name_parameter);
    }
    for one in &mut executor.config_map_as_env {
        modern_name(&mut one.config_map_name, &mut one.config_map_name_parameter);
    }
    for one in &mut executor.config_map_as_volume {
        modern_name(&mut one.config_map_name, &mut one.config_map_name_parameter);
    }
    for one in &mut executor.image_pull_secret {
        modern_name(&mut one.secret_name, &mut one.secret_name_parameter);
    }
    for one in &mut executor.pvc_mount {
        modern_name(&mut one.constant, &mut one.pvc_name_parameter);
        let input = std::mem::take(&mut one.component_input_parameter);
        let output = one.task_output_parameter.take();
        if one.pvc_name_parameter.is_none() {
            one.pvc_name_parameter = Some(TaskInputParameter {
                component_input_parameter: input,
                task_output_parameter: output,
                ..TaskInputParameter::default()
            });
        }
    }
    executor
}

fn modern_name(plain: &mut String, parameter: &mut Option<TaskInputParameter>) {
    let plain = std::mem::take(plain);
    if parameter.is_none() && !plain.is_empty() {
        *parameter = Some(TaskInputParameter::constant(plain.into()));
    }
}
