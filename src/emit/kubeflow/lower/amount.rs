//! What a container may use: constants for servers of every version, and amounts that are known only at run time.

use serde_json::Value;

use super::scope::{Source, give};
use super::{Feature, Lowering, cannot, is_value_of_run};
use crate::emit::kubeflow::model::*;
use crate::emit::kubeflow::name::channel;
use crate::emit::kubernetes;
use crate::plan::{Expr, Resources, Type};

/// Amounts by the plan's name, and the input of its own that a task is given with a value of the run.
const INPUTS: &[(&str, &str)] = &[
    ("cpu", "cpu_limit"),
    ("cpu_request", "cpu_request"),
    ("memory", "memory_limit"),
    ("memory_request", "memory_request"),
    ("gpu", "accelerator_count"),
    ("accelerator", "accelerator_type"),
];

impl Lowering<'_> {
    /// What a container may use; the task is given the values of the run that stand there.
    pub(super) fn amounts(&mut self, asked: &Resources, task: &mut TaskSpec) -> Option<ResourceSpec> {
        let mut found = ResourceSpec::default();
        let accelerator_of_run = ["gpu", "accelerator"].iter().any(|name| asked.run_time.contains_key(*name));
        let strings = self.server.has_twins() || (accelerator_of_run && self.server.has(Feature::ResourceStrings));
        let text = |amount: String| if strings { amount } else { String::new() };
        let constant = |name: &str| !asked.run_time.contains_key(name);
        if let Some(cpu) = asked.cpu.filter(|_| constant("cpu")) {
            found.cpu_limit = cpu;
            found.resource_cpu_limit = text(kubernetes::cores(cpu));
        }
        if let Some(cpu) = asked.cpu_request.filter(|_| constant("cpu_request")) {
            found.cpu_request = cpu;
            found.resource_cpu_request = text(kubernetes::cores(cpu));
        }
        if let Some(bytes) = asked.memory.filter(|_| constant("memory")) {
            found.memory_limit = bytes as f64 / 1e9;
            found.resource_memory_limit = text(kubernetes::bytes(bytes));
        }
        if let Some(bytes) = asked.memory_request.filter(|_| constant("memory_request")) {
            found.memory_request = bytes as f64 / 1e9;
            found.resource_memory_request = text(kubernetes::bytes(bytes));
        }
        let of_run = asked.run_time.contains_key("gpu");
        if asked.gpu > 0 || of_run {
            let kind = asked.accelerator.clone().unwrap_or_else(|| "nvidia.com/gpu".to_owned());
            let mut accelerator = Accelerator::default();
            if !of_run {
                accelerator.count = Int64(i64::from(asked.gpu));
                accelerator.resource_count = text(asked.gpu.to_string());
            }
            if constant("accelerator") {
                accelerator.resource_type = text(kind.clone());
                accelerator.r#type = kind;
            }
            found.accelerator = Some(accelerator);
        }
        for (name, input) in INPUTS {
            if let Some(value) = asked.run_time.get(*name)
                && let Some(placeholder) = self.amount_of_run(value, asked, input, task)
            {
                let accelerator = |found: &mut ResourceSpec| found.accelerator.get_or_insert_default().clone();
                match *name {
                    "cpu" => found.resource_cpu_limit = placeholder,
                    "cpu_request" => found.resource_cpu_request = placeholder,
                    "memory" => found.resource_memory_limit = placeholder,
                    "memory_request" => found.resource_memory_request = placeholder,
                    "gpu" => {
                        found.accelerator =
                            Some(Accelerator { resource_count: placeholder, ..accelerator(&mut found) });
                    }
                    _ => {
                        found.accelerator = Some(Accelerator { resource_type: placeholder, ..accelerator(&mut found) })
                    }
                }
            }
        }
        if found.accelerator.is_some() && asked.gpu == 0 && !of_run {
            let message = "an accelerator is named here, and none is asked for";
            self.diagnostics.push(cannot(asked.span, message).help("Say how many: gpu: 1."));
        }
        (found != ResourceSpec::default()).then_some(found)
    }

    /// An amount that is a value of the run: Kubeflow writes it where its sign stands. The task is given the value by the name
    /// that the sign has, and the sign by a name of its own, as the SDK does.
    fn amount_of_run(&mut self, value: &Expr, asked: &Resources, input: &str, task: &mut TaskSpec) -> Option<String> {
        if !self.ask(Feature::ResourceStrings, asked.span) {
            return None;
        }
        let value = self.expanded(value);
        if let Some(constant) = value.as_literal() {
            return Some(constant.as_str().map_or_else(|| constant.to_string(), str::to_owned));
        }
        if !is_value_of_run(&value) {
            let message = "Kubeflow takes one value of the run as an amount, and this is put together";
            self.diagnostics
                .push(cannot(asked.span, message).help("Let a step put it together, and give what it makes."));
            return None;
        }
        let source = self.source(&value)?;
        let name = match &source {
            Source::Output { task, key } => channel(&format!("{task}-{key}")),
            Source::Input { name, .. } => channel(name),
        };
        give(task, &name, &Type::Json, &source);
        let sign = format!("{{{{$.inputs.parameters['{name}']}}}}");
        task.inputs.parameters.insert(input.to_owned(), TaskInputParameter::constant(Value::from(sign.as_str())));
        Some(sign)
    }
}
