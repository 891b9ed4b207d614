//! A task's pod as Kubeflow's platform has it, and the values of the run in it.

use serde_json::Value;

use super::scope::{Source, wait};
use super::{Feature, Lowering, cannot, is_value_of_run};
use crate::emit::kubeflow::model::*;
use crate::emit::kubernetes;
use crate::plan::{self, Expr, NodeMatch, NodeRule, Pod, PodVariable, Task, VariableSource, Volume, VolumeKind};
use crate::source::Span;

impl Lowering<'_> {
    pub(super) fn pod(&mut self, pod: &Pod, node: &Task, task: &mut TaskSpec, executor: &mut KubernetesExecutor) {
        let span = node.resources.span;
        if let Some(selector) = &pod.node_selector
            && self.ask(Feature::NodeSelectorJson, span)
        {
            executor.node_selector.node_selector_json = self.given(selector, task, span);
        }
        if !pod.node_affinity.is_empty() && self.ask(Feature::NodeAffinity, span) {
            for rule in &pod.node_affinity {
                let term = self.node_rule(rule, task);
                executor.node_affinity.push(term);
            }
        }
        if !pod.tolerations.is_empty() && self.ask(Feature::Tolerations, span) {
            for toleration in &pod.tolerations {
                let toleration = self.toleration(toleration, task);
                executor.tolerations.push(toleration);
            }
        }
        if !(pod.labels.is_empty() && pod.annotations.is_empty()) && self.ask(Feature::PodMetadata, span) {
            executor.pod_metadata = metadata(&pod.labels, &pod.annotations);
        }
        if !pod.pull_secrets.is_empty() && self.ask(Feature::PullSecret, span) {
            for secret in &pod.pull_secrets {
                let (secret_name, secret_name_parameter) = self.named(secret, task, span);
                executor.image_pull_secret.push(ImagePullSecret { secret_name, secret_name_parameter });
            }
        }
        if let Some(policy) = &pod.pull_policy
            && self.ask(Feature::PullPolicy, span)
        {
            executor.image_pull_policy = kubernetes::word(policy);
        }
        if let Some(security) = &pod.security
            && self.ask(Feature::SecurityContext, span)
        {
            executor.security_context = Some(SecurityContext {
                run_as_group: security.group.map(Int64),
                run_as_non_root: security.non_root,
                run_as_user: security.user.map(Int64),
            });
        }
        pod.volumes.iter().for_each(|volume| self.volume(volume, task, executor));
        pod.variables.iter().for_each(|variable| self.pod_variable(variable, task, executor));
        if !pod.init.is_empty() && self.ask(Feature::InitContainers, pod.init[0].span) {
            self.mounted(pod);
            executor.init_containers = pod.init.iter().map(|container| self.init_container(container)).collect();
        }
    }

    /// A constant, or a value of the run, where the platform takes either.
    fn given(&mut self, value: &Expr, task: &mut TaskSpec, span: Span) -> Option<TaskInputParameter> {
        let value = self.expanded(value);
        if let Some(constant) = value.as_literal() {
            return Some(TaskInputParameter::constant(constant.clone()));
        }
        if !is_value_of_run(&value) || matches!(value.kind, plan::ExprKind::Status) {
            let message = "Kubeflow takes a constant here or one value of the run as it is, and this is put together";
            self.diagnostics.push(cannot(span, message).help("Let a step put it together, and give what it makes."));
            return None;
        }
        let source = self.source(&value)?;
        if let Source::Output { task: producer, .. } = &source {
            wait(task, producer);
        }
        Some(source.parameter())
    }

    /// A name twice: as older servers read it, where it is a constant, and as newer ones do.
    fn named(&mut self, name: &Expr, task: &mut TaskSpec, span: Span) -> (String, Option<TaskInputParameter>) {
        let constant = self.expanded(name).as_literal().and_then(Value::as_str).map(str::to_owned);
        let known = match constant {
            Some(_) => self.server.has_twins(),
            None => self.ask(Feature::NameParameter, span),
        };
        let parameter = if known { self.given(name, task, span) } else { None };
        (constant.unwrap_or_default(), parameter)
    }

    fn node_rule(&mut self, rule: &NodeRule, task: &mut TaskSpec) -> NodeAffinityTerm {
        match rule {
            NodeRule::Terms { labels, fields, weight, .. } => NodeAffinityTerm {
                match_expressions: labels.iter().map(requirement).collect(),
                match_fields: fields.iter().map(requirement).collect(),
                node_affinity_json: None,
                weight: weight.map(f64::from),
            },
            NodeRule::Json { value, span } => {
                let known = self.ask(Feature::NodeAffinityJson, *span);
                let node_affinity_json = if known { self.given(value, task, *span) } else { None };
                NodeAffinityTerm { node_affinity_json, ..Default::default() }
            }
        }
    }

    fn toleration(&mut self, toleration: &plan::Toleration, task: &mut TaskSpec) -> Toleration {
        match toleration {
            plan::Toleration::Taint { key, operator, value, effect, seconds, .. } => Toleration {
                effect: effect.as_deref().map(kubernetes::word).unwrap_or_default(),
                key: key.clone().unwrap_or_default(),
                operator: operator.as_deref().map(kubernetes::word).unwrap_or_default(),
                toleration_json: None,
                toleration_seconds: seconds.map(Int64),
                value: value.clone().unwrap_or_default(),
            },
            plan::Toleration::Json { value, span } => {
                let known = self.ask(Feature::TolerationJson, *span);
                let toleration_json = if known { self.given(value, task, *span) } else { None };
                Toleration { toleration_json, ..Default::default() }
            }
        }
    }

    fn volume(&mut self, volume: &Volume, task: &mut TaskSpec, executor: &mut KubernetesExecutor) {
        let (mount_path, span) = (volume.at.clone(), volume.span);
        match &volume.of {
            VolumeKind::Secret { name, optional } => {
                if self.ask(Feature::SecretFiles, span) {
                    let optional = (*optional && self.ask(Feature::OptionalFiles, span)).then_some(true);
                    let (secret_name, secret_name_parameter) = self.named(name, task, span);
                    let found = SecretAsVolume { mount_path, optional, secret_name, secret_name_parameter };
                    executor.secret_as_volume.push(found);
                }
            }
            VolumeKind::Config { name, optional } => {
                if self.ask(Feature::ConfigFiles, span) {
                    let optional = optional.then_some(true);
                    let (config_map_name, config_map_name_parameter) = self.named(name, task, span);
                    let found = ConfigMapAsVolume { config_map_name, config_map_name_parameter, mount_path, optional };
                    executor.config_map_as_volume.push(found);
                }
            }
            VolumeKind::Claim { name, sub_path } => {
                if self.ask(Feature::ClaimedVolume, span) {
                    let sub_path = sub_path.clone().filter(|path| !path.is_empty());
                    let sub_path = sub_path.filter(|_| self.ask(Feature::SubPath, span)).unwrap_or_default();
                    let mount = self.claim(name, task, span);
                    executor.pvc_mount.push(PvcMount { mount_path, sub_path, ..mount });
                }
            }
            VolumeKind::Scratch { name, size, access_modes, storage_class, labels, annotations } => {
                if self.ask(Feature::ScratchVolume, span) {
                    executor.generic_ephemeral_volume.push(GenericEphemeralVolume {
                        access_modes: access_modes.clone(),
                        default_storage_class: storage_class.is_none(),
                        metadata: metadata(labels, annotations),
                        mount_path,
                        size: kubernetes::bytes(*size),
                        storage_class_name: storage_class.clone().unwrap_or_default(),
                        volume_name: name.clone(),
                    });
                }
            }
            VolumeKind::EmptyDir { name, medium, size } => {
                if self.ask(Feature::EmptyDir, span) {
                    executor.empty_dir_mounts.push(EmptyDirMount {
                        medium: medium.as_deref().map(kubernetes::word),
                        mount_path,
                        size_limit: size.map(kubernetes::bytes),
                        volume_name: name.clone(),
                    });
                }
            }
        }
    }

    /// A claim by its name, as servers of every version read it.
    fn claim(&mut self, name: &Expr, task: &mut TaskSpec, span: Span) -> PvcMount {
        let Some(given) = self.given(name, task, span) else { return PvcMount::default() };
        let constant = given.runtime_value.as_ref().and_then(|value| value.constant.as_ref()?.as_str());
        let newer = self.server.has_twins() || (constant.is_none() && self.server.has(Feature::NameParameter));
        PvcMount {
            component_input_parameter: given.component_input_parameter.clone(),
            constant: constant.unwrap_or_default().to_owned(),
            task_output_parameter: given.task_output_parameter.clone(),
            pvc_name_parameter: newer.then_some(given),
            ..Default::default()
        }
    }

    fn pod_variable(&mut self, variable: &PodVariable, task: &mut TaskSpec, executor: &mut KubernetesExecutor) {
        let span = variable.span;
        match &variable.from {
            VariableSource::Secret { name, keys, optional } => {
                if self.ask(Feature::SecretVariables, span) {
                    let pair = |(variable, key): (&String, &String)| SecretKeyToEnv {
                        env_var: variable.clone(),
                        secret_key: key.clone(),
                    };
                    let optional = (*optional && self.ask(Feature::OptionalVariables, span)).then_some(true);
                    let (secret_name, secret_name_parameter) = self.named(name, task, span);
                    let key_to_env = keys.iter().map(pair).collect();
                    let found = SecretAsEnv { key_to_env, optional, secret_name, secret_name_parameter };
                    executor.secret_as_env.push(found);
                }
            }
            VariableSource::Config { name, keys, optional } => {
                if self.ask(Feature::ConfigVariables, span) {
                    let pair = |(variable, key): (&String, &String)| ConfigMapKeyToEnv {
                        config_map_key: key.clone(),
                        env_var: variable.clone(),
                    };
                    let optional = (*optional && self.ask(Feature::OptionalVariables, span)).then_some(true);
                    let (config_map_name, config_map_name_parameter) = self.named(name, task, span);
                    let key_to_env = keys.iter().map(pair).collect();
                    let found = ConfigMapAsEnv { config_map_name, config_map_name_parameter, key_to_env, optional };
                    executor.config_map_as_env.push(found);
                }
            }
            VariableSource::Field { variable, path } => {
                if self.ask(Feature::FieldVariables, span) {
                    executor
                        .field_path_as_env
                        .push(FieldPathAsEnv { field_path: path.clone(), name: variable.clone() });
                }
            }
        }
    }

    /// Containers mount what the pod has, once a call has said its part.
    fn mounted(&mut self, pod: &Pod) {
        let names: Vec<&str> = pod.volumes.iter().filter_map(volume_name).collect();
        for container in &pod.init {
            for volume in container.mounts.values().filter(|volume| !names.contains(&volume.as_str())) {
                let message =
                    format!("the container `{}` mounts `{volume}`, and the pod has no such volume", container.name);
                let help = "What a call says of volumes replaces the profile's: say them there too, or `init: []`.";
                self.diagnostics.push(cannot(container.span, message).help(help));
            }
        }
    }

    fn init_container(&mut self, container: &plan::InitContainer) -> InitContainer {
        if container.name == "kfp-launcher" {
            let message = "Kubeflow starts a container `kfp-launcher` of its own in every pod";
            self.diagnostics.push(cannot(container.span, message).help("Give this one another name."));
        }
        let owned = |entries: &indexmap::IndexMap<String, String>| {
            entries.iter().map(|(key, value)| (key.clone(), value.clone())).collect()
        };
        let resources = ResourceRequirements { limits: owned(&container.limits), requests: owned(&container.requests) };
        let variable = |(name, value): (&String, &String)| EnvVar { name: name.clone(), value: value.clone() };
        let mount =
            |(path, volume): (&String, &String)| VolumeMount { mount_path: path.clone(), volume_name: volume.clone() };
        InitContainer {
            args: container.args.clone(),
            command: container.command.clone(),
            env: container.env.iter().map(variable).collect(),
            image: container.image.clone(),
            name: container.name.clone(),
            resources: (resources != ResourceRequirements::default()).then_some(resources),
            restart_policy: if container.sidecar { "Always".to_owned() } else { String::new() },
            volume_mounts: container.mounts.iter().map(mount).collect(),
        }
    }
}

fn volume_name(volume: &Volume) -> Option<&str> {
    match &volume.of {
        VolumeKind::Secret { name, .. } | VolumeKind::Config { name, .. } | VolumeKind::Claim { name, .. } => {
            name.as_literal().and_then(Value::as_str)
        }
        VolumeKind::Scratch { name, .. } | VolumeKind::EmptyDir { name, .. } => Some(name),
    }
}

fn requirement(of: &NodeMatch) -> SelectorRequirement {
    let operator = kubernetes::operator(of.operator).to_owned();
    SelectorRequirement { key: of.key.clone(), operator, values: of.values.clone() }
}

fn metadata(
    labels: &indexmap::IndexMap<String, String>,
    annotations: &indexmap::IndexMap<String, String>,
) -> PodMetadata {
    let owned = |entries: &indexmap::IndexMap<String, String>| {
        entries.iter().map(|(key, value)| (key.clone(), value.clone())).collect()
    };
    PodMetadata { annotations: owned(annotations), labels: owned(labels) }
}
