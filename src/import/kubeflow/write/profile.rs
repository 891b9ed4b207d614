//! What the cluster is told of a step: a compute profile that the environment binds, and at the call what only a run knows.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::call::{Settings, duration};
use super::value::Place;
use super::{Binding, Writer};
use crate::emit::kubeflow::model::*;
use crate::import::kubeflow::cluster::json;
use crate::import::kubeflow::flow::Call;
use crate::import::kubeflow::lang;

/// What is told of one executor.
pub(super) struct Told<'a> {
    pub(super) label: &'a str,
    pub(super) resources: Option<&'a ResourceSpec>,
    /// Where it is one of the run.
    pub(super) image: Option<&'a str>,
    pub(super) executor: Option<KubernetesExecutor>,
}

/// A field of a profile.
struct Field {
    name: &'static str,
    text: String,
    /// Whether it has a value of the run.
    dynamic: bool,
}

/// What is written of a configuration, and whether values of the run stand in it.
struct Values<'v> {
    /// Texts of values of the run, by their way; none: where only constants are wanted, and these are told apart.
    of: &'v dyn Fn(&str) -> Option<String>,
    dynamic: bool,
    imports: Vec<(&'static str, &'static str)>,
}

impl Values<'_> {
    fn form(&mut self, name: &'static str) -> &'static str {
        self.imports.push(("kubernetes", name));
        name
    }

    /// A parameter's value.
    fn value(&mut self, parameter: Option<&TaskInputParameter>, way: &str) -> String {
        let Some(parameter) = parameter else { return "\"\"".to_owned() };
        if let Some(constant) = parameter.runtime_value.as_ref().and_then(|value| value.constant.as_ref()) {
            return lang::value(constant, false, &mut |letters| lang::text(letters));
        }
        self.dynamic = true;
        (self.of)(way).unwrap_or_else(|| "none".to_owned())
    }
}

impl<'a> Writer<'a, '_> {
    /// What is constant of it: a profile of the environment, secrets, a timeout.
    pub(super) fn constant_told(&mut self, told: &Told<'a>) -> BTreeMap<&'static str, String> {
        let mut found = BTreeMap::new();
        let mut imports = Vec::new();
        let fields = self.fields(told, &|_| None, &mut imports);
        let constant: Vec<&Field> = fields.iter().filter(|field| !field.dynamic).collect();
        if let Some(executor) = &told.executor {
            if executor.active_deadline_seconds.0 > 0 {
                found.insert("timeout", duration(executor.active_deadline_seconds.0 as f64));
            }
            if !self.plain_secrets.contains(told.label)
                && let Some(text) = self.portable_secrets(executor)
            {
                found.insert("secrets", text);
            }
        }
        if !constant.is_empty() {
            let text = record(&constant);
            let name = match self.profiles.get(&text) {
                Some(name) => name.clone(),
                None => {
                    let base = lang::snake(told.label.strip_prefix("exec-").unwrap_or(told.label));
                    let name = self.shared_name(&[format!("{base}_pod")]);
                    self.profiles.insert(text.clone(), name.clone());
                    self.bindings.push(Binding { keyword: "compute", name: name.clone(), value: text, imports });
                    name
                }
            };
            found.insert("compute", name);
        }
        found
    }

    /// A name that neither the file nor the environment has yet.
    pub(super) fn shared_name(&mut self, wanted: &[String]) -> String {
        loop {
            let name = self.free(wanted);
            if self.shared.names.insert(name.clone()) {
                return name;
            }
        }
    }

    /// What only a run knows of it goes into the call's `with`.
    pub(super) fn dynamic_told(&mut self, place: Place<'_, 'a>, call: &Call<'a>, told: &Told<'a>, own: &mut Settings) {
        if let Some(image) = told.image {
            let text = self.call_text(place, call, image);
            own.fields.insert("image", bare(text));
        }
        let ways: BTreeMap<String, String> =
            call.cluster.iter().map(|(way, value)| (way.join("."), self.reference(place, value))).collect();
        let texts = self.resource_texts(place, call, told);
        let lookup = |way: &str| ways.get(way).or_else(|| texts.get(way)).cloned();
        let mut imports = Vec::new();
        let fields = self.fields(told, &lookup, &mut imports);
        let dynamic: Vec<&Field> = fields.iter().filter(|field| field.dynamic).collect();
        if dynamic.is_empty() {
            return;
        }
        for (module, name) in imports {
            let written = dynamic.iter().any(|field| field.text.contains(&format!("{name}(")));
            if written {
                self.library(module, name);
            }
        }
        let text = record(&dynamic);
        let text = match own.fields.get("compute") {
            Some(profile) => format!("{{ ..{profile}, {}", text.trim_start_matches("{ ")),
            None => text,
        };
        own.fields.insert("compute", text);
    }

    /// Resources that are values of the run, by their fields.
    fn resource_texts(&mut self, place: Place<'_, 'a>, call: &Call<'a>, told: &Told<'a>) -> BTreeMap<String, String> {
        let Some(resources) = told.resources else { return BTreeMap::new() };
        let accelerator = resources.accelerator.clone().unwrap_or_default();
        let all = [
            ("cpu", resources.resource_cpu_limit.clone()),
            ("cpu_request", resources.resource_cpu_request.clone()),
            ("memory", resources.resource_memory_limit.clone()),
            ("memory_request", resources.resource_memory_request.clone()),
            ("accelerator", accelerator.resource_type),
            ("gpu", accelerator.resource_count),
        ];
        let dynamic = all.into_iter().filter(|(_, text)| text.contains("{{$"));
        dynamic.map(|(field, text)| (field.to_owned(), bare(self.call_text(place, call, &text)))).collect()
    }

    /// Secrets that need nothing but a name and keys are the step's own.
    fn portable_secrets(&mut self, executor: &KubernetesExecutor) -> Option<String> {
        if !portable(executor) {
            return None;
        }
        let mut entries = Vec::new();
        for one in &executor.secret_as_env {
            let name = one.secret_name_parameter.as_ref()?.runtime_value.as_ref()?.constant.as_ref()?.as_str()?;
            for pair in &one.key_to_env {
                let optional = if one.optional == Some(true) { ", optional: true" } else { "" };
                let value = format!(
                    "kubernetes_secret(name: {}, key: {}{optional})",
                    lang::text(name),
                    lang::text(&pair.secret_key)
                );
                let known = self.bindings.iter().find(|binding| binding.keyword == "secret" && binding.value == value);
                let bound = match known {
                    Some(binding) => binding.name.clone(),
                    None => {
                        let wanted = lang::snake(&format!("{name}_{}", pair.secret_key)).to_lowercase();
                        let bound = self.shared_name(&[wanted]);
                        let imports = vec![("environment", "kubernetes_secret")];
                        self.bindings.push(Binding { keyword: "secret", name: bound.clone(), value, imports });
                        bound
                    }
                };
                entries.push(format!("{}: {bound}", lang::key(&pair.env_var)));
            }
        }
        (!entries.is_empty()).then(|| format!("{{ {} }}", entries.join(", ")))
    }

    /// Every field of a profile.
    fn fields(
        &mut self,
        told: &Told<'a>,
        of: &dyn Fn(&str) -> Option<String>,
        imports: &mut Vec<(&'static str, &'static str)>,
    ) -> Vec<Field> {
        let mut fields = Vec::new();
        if let Some(resources) = told.resources {
            resource_fields(resources, of, &mut fields);
        }
        let Some(executor) = &told.executor else { return fields };
        let portable = !self.plain_secrets.contains(told.label) && portable(executor);
        let mut add = |name: &'static str, write: &mut dyn FnMut(&mut Values) -> Option<String>| {
            let mut values = Values { of, dynamic: false, imports: Vec::new() };
            if let Some(text) = write(&mut values) {
                fields.push(Field { name, text, dynamic: values.dynamic });
                imports.append(&mut values.imports);
            }
        };
        add("node_selector", &mut |_| texts(&executor.node_selector.labels));
        if executor.node_selector.node_selector_json.is_some() {
            add("node_selector_json", &mut |values| {
                Some(values.value(executor.node_selector.node_selector_json.as_ref(), "nodeSelector.nodeSelectorJson"))
            });
        }
        add("node_affinity", &mut |values| {
            list(executor.node_affinity.iter().enumerate().map(|(at, one)| affinity(at, one, values)))
        });
        add("tolerations", &mut |values| {
            list(executor.tolerations.iter().enumerate().map(|(at, one)| toleration(at, one, values)))
        });
        add("labels", &mut |_| texts(&executor.pod_metadata.labels));
        add("annotations", &mut |_| texts(&executor.pod_metadata.annotations));
        add("pull_secrets", &mut |values| {
            list(executor.image_pull_secret.iter().enumerate().map(|(at, one)| {
                values.value(one.secret_name_parameter.as_ref(), &format!("imagePullSecret.{at}.secretNameParameter"))
            }))
        });
        add("pull_policy", &mut |_| policy(&executor.image_pull_policy));
        add("security", &mut |_| executor.security_context.as_ref().and_then(security));
        add("volumes", &mut |values| list(volumes(executor, values)));
        add("variables", &mut |values| list(variables(executor, portable, values)));
        let mut problems = Vec::new();
        add("init", &mut |values| {
            list(executor.init_containers.iter().map(|one| container(&json(one), values, &mut problems)))
        });
        if !executor.pod_affinity.is_empty() {
            problems.push("`podAffinity`, which Kubeflow's server ignores, stands there".to_owned());
        }
        if executor.enabled_shared_memory.is_some() {
            problems.push("`enabledSharedMemory`, which Kubeflow's server ignores, stands there".to_owned());
        }
        for problem in problems {
            self.problem(format!("platforms.kubernetes.deploymentSpec.executors.{}", told.label), problem);
        }
        fields
    }
}

/// Whether its secrets come back if each variable names its secret.
fn portable(executor: &KubernetesExecutor) -> bool {
    let mut names = Vec::new();
    executor.secret_as_env.iter().all(|one| {
        let constant = one.secret_name_parameter.as_ref().and_then(|name| name.runtime_value.as_ref());
        let name = constant.and_then(|value| value.constant.as_ref()).and_then(Json::as_str);
        let fresh = name.is_some_and(|name| !names.contains(&name));
        names.extend(name);
        fresh && !one.key_to_env.is_empty()
    })
}

/// `"\(x)"` as `x`: where a value of the run may stand alone.
fn bare(text: String) -> String {
    let inner = text.strip_prefix("\"\\(").and_then(|rest| rest.strip_suffix(")\""));
    match inner {
        Some(inner) if !inner.contains(['"', '(']) => inner.to_owned(),
        _ => text,
    }
}

fn record(fields: &[&Field]) -> String {
    let fields: Vec<String> = fields.iter().map(|field| format!("{}: {}", field.name, field.text)).collect();
    format!("{{ {} }}", fields.join(", "))
}

fn list(items: impl IntoIterator<Item = String>) -> Option<String> {
    let items: Vec<String> = items.into_iter().collect();
    (!items.is_empty()).then(|| format!("[{}]", items.join(", ")))
}

/// A map of texts.
fn texts(map: &BTreeMap<String, String>) -> Option<String> {
    let entries: Vec<String> =
        map.iter().map(|(key, text)| format!("{}: {}", lang::key(key), lang::text(text))).collect();
    (!entries.is_empty()).then(|| format!("{{ {} }}", entries.join(", ")))
}

fn resource_fields(resources: &ResourceSpec, of: &dyn Fn(&str) -> Option<String>, fields: &mut Vec<Field>) {
    let mut add = |name: &'static str, text: &str, old: f64, memory: bool| {
        if text.contains("{{$") {
            fields.push(Field { name, text: of(name).unwrap_or_else(|| "none".to_owned()), dynamic: true });
        } else if !text.is_empty() {
            let text = if memory { size(text) } else { cores(text) };
            fields.push(Field { name, text, dynamic: false });
        } else if old != 0.0 {
            let text = if memory { bytes((old * 1e9).round() as i64) } else { cores(&format!("{old}")) };
            fields.push(Field { name, text, dynamic: false });
        }
    };
    add("cpu", &resources.resource_cpu_limit, resources.cpu_limit, false);
    add("cpu_request", &resources.resource_cpu_request, resources.cpu_request, false);
    add("memory", &resources.resource_memory_limit, resources.memory_limit, true);
    add("memory_request", &resources.resource_memory_request, resources.memory_request, true);
    let Some(accelerator) = &resources.accelerator else { return };
    let count = match accelerator.resource_count.as_str() {
        "" => accelerator.count.0.to_string(),
        text => text.to_owned(),
    };
    let kind = if accelerator.resource_type.is_empty() { &accelerator.r#type } else { &accelerator.resource_type };
    for (name, text, number) in [("gpu", count.as_str(), true), ("accelerator", kind.as_str(), false)] {
        if text.contains("{{$") {
            fields.push(Field { name, text: of(name).unwrap_or_else(|| "none".to_owned()), dynamic: true });
        } else if number && text.parse::<u32>().is_ok() {
            fields.push(Field { name, text: text.to_owned(), dynamic: false });
        } else if !(text.is_empty() || name == "accelerator" && text == "nvidia.com/gpu") {
            fields.push(Field { name, text: lang::text(text), dynamic: false });
        }
    }
}

/// `8`, `0.5`, or as Kubernetes writes it.
fn cores(text: &str) -> String {
    let plain =
        !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit() || b == b'.') && text.parse::<f64>().is_ok();
    if plain { text.to_owned() } else { lang::text(text) }
}

/// `16GiB`, or as Kubernetes writes it.
fn size(text: &str) -> String {
    let end = text.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let unit = match unit {
        "" => "B",
        "K" | "k" => "KB",
        "M" => "MB",
        "G" => "GB",
        "T" => "TB",
        "Ki" => "KiB",
        "Mi" => "MiB",
        "Gi" => "GiB",
        "Ti" => "TiB",
        _ => return lang::text(text),
    };
    if number.parse::<f64>().is_ok() { format!("{number}{unit}") } else { lang::text(text) }
}

fn bytes(count: i64) -> String {
    for (unit, size) in
        [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("GB", 1_000_000_000), ("MB", 1_000_000), ("KB", 1000)]
    {
        if count % size == 0 {
            return format!("{}{unit}", count / size);
        }
    }
    format!("{count}B")
}

fn policy(text: &str) -> Option<String> {
    Some(match text {
        "" => return None,
        "Always" => "always".to_owned(),
        "Never" => "never".to_owned(),
        "IfNotPresent" => "if_not_present".to_owned(),
        other => lang::text(other),
    })
}

fn security(context: &SecurityContext) -> Option<String> {
    let mut fields = Vec::new();
    fields.extend(context.run_as_user.map(|user| format!("user: {}", user.0)));
    fields.extend(context.run_as_group.map(|group| format!("group: {}", group.0)));
    fields.extend(context.run_as_non_root.map(|non_root| format!("non_root: {non_root}")));
    (!fields.is_empty()).then(|| format!("{{ {} }}", fields.join(", ")))
}

fn matches(all: &[SelectorRequirement], values: &mut Values) -> String {
    let one = |requirement: &SelectorRequirement, values: &mut Values| {
        let key = lang::text(&requirement.key);
        let texts: Vec<String> = requirement.values.iter().map(|value| lang::text(value)).collect();
        let (name, rest) = match requirement.operator.as_str() {
            "In" => ("label_in", format!(", [{}]", texts.join(", "))),
            "NotIn" => ("label_not_in", format!(", [{}]", texts.join(", "))),
            "Exists" => ("label_exists", String::new()),
            "DoesNotExist" => ("label_absent", String::new()),
            "Gt" => ("label_above", format!(", {}", requirement.values.join(", "))),
            "Lt" => ("label_below", format!(", {}", requirement.values.join(", "))),
            other => return lang::text(other),
        };
        let named = match name {
            "label_in" | "label_not_in" => rest.replacen(", ", ", values: ", 1),
            "label_above" | "label_below" => rest.replacen(", ", ", number: ", 1),
            _ => rest,
        };
        format!("{}({key}{named})", values.form(name))
    };
    let texts: Vec<String> = all.iter().map(|requirement| one(requirement, values)).collect();
    format!("[{}]", texts.join(", "))
}

fn affinity(at: usize, term: &NodeAffinityTerm, values: &mut Values) -> String {
    if term.node_affinity_json.is_some() {
        let value = values.value(term.node_affinity_json.as_ref(), &format!("nodeAffinity.{at}.nodeAffinityJson"));
        return format!("{}({value})", values.form("affinity_json"));
    }
    let mut arguments = Vec::new();
    if !term.match_expressions.is_empty() {
        arguments.push(format!("labels: {}", matches(&term.match_expressions, values)));
    }
    if !term.match_fields.is_empty() {
        arguments.push(format!("fields: {}", matches(&term.match_fields, values)));
    }
    let form = match term.weight {
        Some(weight) => {
            arguments.push(format!("weight: {weight}"));
            "prefer"
        }
        None => "require",
    };
    format!("{}({})", values.form(form), arguments.join(", "))
}

fn toleration(at: usize, one: &Toleration, values: &mut Values) -> String {
    if one.toleration_json.is_some() {
        let value = values.value(one.toleration_json.as_ref(), &format!("tolerations.{at}.tolerationJson"));
        return format!("{}({value})", values.form("toleration_json"));
    }
    let mut arguments = Vec::new();
    if !one.key.is_empty() {
        arguments.push(format!("key: {}", lang::text(&one.key)));
    }
    match one.operator.as_str() {
        "" => {}
        "Equal" => arguments.push("operator: equal".to_owned()),
        "Exists" => arguments.push("operator: exists".to_owned()),
        other => arguments.push(format!("operator: {}", lang::text(other))),
    }
    if !one.value.is_empty() {
        arguments.push(format!("value: {}", lang::text(&one.value)));
    }
    match one.effect.as_str() {
        "" => {}
        "NoSchedule" => arguments.push("effect: no_schedule".to_owned()),
        "PreferNoSchedule" => arguments.push("effect: prefer_no_schedule".to_owned()),
        "NoExecute" => arguments.push("effect: no_execute".to_owned()),
        other => arguments.push(format!("effect: {}", lang::text(other))),
    }
    arguments.extend(one.toleration_seconds.map(|seconds| format!("seconds: {}", seconds.0)));
    format!("{}({})", values.form("toleration"), arguments.join(", "))
}

fn modes(modes: &[String]) -> String {
    let modes: Vec<String> = modes.iter().map(|mode| lang::text(mode)).collect();
    format!("[{}]", modes.join(", "))
}

/// As [`size()`], for the fields of volumes.
pub(super) fn volume_size(text: &str) -> String {
    size(text)
}

fn volumes(executor: &KubernetesExecutor, values: &mut Values) -> Vec<String> {
    let mut all = Vec::new();
    let optional = |optional: Option<bool>| if optional == Some(true) { ", optional: true" } else { "" };
    for (at, one) in executor.secret_as_volume.iter().enumerate() {
        let name =
            values.value(one.secret_name_parameter.as_ref(), &format!("secretAsVolume.{at}.secretNameParameter"));
        let form = values.form("secret_files");
        all.push(format!("{form}({name}, at: {}{})", lang::text(&one.mount_path), optional(one.optional)));
    }
    for (at, one) in executor.config_map_as_volume.iter().enumerate() {
        let name = values
            .value(one.config_map_name_parameter.as_ref(), &format!("configMapAsVolume.{at}.configMapNameParameter"));
        let form = values.form("config_files");
        all.push(format!("{form}({name}, at: {}{})", lang::text(&one.mount_path), optional(one.optional)));
    }
    for (at, one) in executor.pvc_mount.iter().enumerate() {
        let name = values.value(one.pvc_name_parameter.as_ref(), &format!("pvcMount.{at}.pvcNameParameter"));
        let sub =
            if one.sub_path.is_empty() { String::new() } else { format!(", sub_path: {}", lang::text(&one.sub_path)) };
        all.push(format!("{}({name}, at: {}{sub})", values.form("claim"), lang::text(&one.mount_path)));
    }
    for one in &executor.generic_ephemeral_volume {
        let mut arguments = vec![
            format!("name: {}", lang::text(&one.volume_name)),
            format!("at: {}", lang::text(&one.mount_path)),
            format!("size: {}", size(&one.size)),
        ];
        if one.access_modes != ["ReadWriteOnce"] {
            arguments.push(format!("access_modes: {}", modes(&one.access_modes)));
        }
        if !one.storage_class_name.is_empty() {
            arguments.push(format!("storage_class: {}", lang::text(&one.storage_class_name)));
        }
        arguments.extend(texts(&one.metadata.labels).map(|text| format!("labels: {text}")));
        arguments.extend(texts(&one.metadata.annotations).map(|text| format!("annotations: {text}")));
        all.push(format!("{}({})", values.form("scratch"), arguments.join(", ")));
    }
    for one in &executor.empty_dir_mounts {
        let mut arguments =
            vec![format!("name: {}", lang::text(&one.volume_name)), format!("at: {}", lang::text(&one.mount_path))];
        match one.medium.as_deref() {
            None | Some("") => {}
            Some("Memory") => arguments.push("medium: memory".to_owned()),
            Some("HugePages") => arguments.push("medium: huge_pages".to_owned()),
            Some(other) => arguments.push(format!("medium: {}", lang::text(other))),
        }
        arguments.extend(
            one.size_limit.as_deref().filter(|text| !text.is_empty()).map(|text| format!("size: {}", size(text))),
        );
        all.push(format!("{}({})", values.form("empty_dir"), arguments.join(", ")));
    }
    all
}

fn variables(executor: &KubernetesExecutor, portable: bool, values: &mut Values) -> Vec<String> {
    let mut all = Vec::new();
    let optional = |optional: Option<bool>| if optional == Some(true) { ", optional: true" } else { "" };
    if !portable {
        for (at, one) in executor.secret_as_env.iter().enumerate() {
            let name =
                values.value(one.secret_name_parameter.as_ref(), &format!("secretAsEnv.{at}.secretNameParameter"));
            let keys = one
                .key_to_env
                .iter()
                .map(|pair| format!("{}: {}", lang::key(&pair.env_var), lang::text(&pair.secret_key)));
            let keys: Vec<String> = keys.collect();
            let form = values.form("secret_env");
            all.push(format!("{form}({name}, keys: {{ {} }}{})", keys.join(", "), optional(one.optional)));
        }
    }
    for (at, one) in executor.config_map_as_env.iter().enumerate() {
        let name = values
            .value(one.config_map_name_parameter.as_ref(), &format!("configMapAsEnv.{at}.configMapNameParameter"));
        let keys = one
            .key_to_env
            .iter()
            .map(|pair| format!("{}: {}", lang::key(&pair.env_var), lang::text(&pair.config_map_key)));
        let keys: Vec<String> = keys.collect();
        let form = values.form("config_env");
        all.push(format!("{form}({name}, keys: {{ {} }}{})", keys.join(", "), optional(one.optional)));
    }
    for one in &executor.field_path_as_env {
        all.push(format!(
            "{}({}, path: {})",
            values.form("field_env"),
            lang::text(&one.name),
            lang::text(&one.field_path)
        ));
    }
    all
}

/// A container that runs before the step's own.
fn container(of: &Json, values: &mut Values, problems: &mut Vec<String>) -> String {
    let plain = &mut |letters: &str| lang::text(letters);
    let mut arguments = Vec::new();
    for (key, value) in of.as_object().into_iter().flatten() {
        let text = lang::value(value, false, plain);
        match key.as_str() {
            "name" | "image" | "command" | "args" => arguments.push(format!("{key}: {text}")),
            "env" | "volumeMounts" => {
                let (name, from, to) =
                    if key == "env" { ("env", "name", "value") } else { ("mounts", "mountPath", "volumeName") };
                let from = if key == "env" { from } else { "mountPath" };
                let pairs = value.as_array().into_iter().flatten().map(|pair| {
                    let of = |part: &str| pair.get(part).and_then(Json::as_str).unwrap_or_default().to_owned();
                    format!("{}: {}", lang::key(&of(from)), lang::text(&of(to)))
                });
                let pairs: Vec<String> = pairs.collect();
                arguments.push(format!("{name}: {{ {} }}", pairs.join(", ")));
            }
            "restartPolicy" if value == "Always" => arguments.push("sidecar: true".to_owned()),
            "resources" => {
                for (key, value) in value.as_object().into_iter().flatten() {
                    arguments.push(format!("{}: {}", lang::key(key), lang::value(value, false, plain)));
                }
            }
            other => problems.push(format!("an init container has `{other}`")),
        }
    }
    let place = |argument: &String| {
        let order = ["name", "image", "command", "args", "env", "mounts", "sidecar", "limits", "requests"];
        order.iter().position(|name| argument.starts_with(&format!("{name}:"))).unwrap_or(order.len())
    };
    arguments.sort_by_key(place);
    format!("{}({})", values.form("container"), arguments.join(", "))
}
