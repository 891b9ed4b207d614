//! What a compute profile says of a pod, as arguments of its operator.
//!
//! In: the plan's [`crate::plan::Pod`], which [`super::super::check`] has found constant. Out: arguments by name. What every pod of the DAG
//! has stands in its `default_args`; an argument of a pod's own replaces that, so it is said again.

use indexmap::IndexMap;
use serde_json::{Value as Json, json};

use super::super::kubernetes::pod_name;
use super::super::model::{PodArguments, PodDefaults};
use super::super::mounted;
use crate::emit::kubernetes;
use crate::plan::{
    Expr, InitContainer, NodeMatch, NodeRule, Pod, Task, Toleration, VariableSource, Volume, VolumeKind,
};
use crate::text::python::Expression;

/// A value of Kubernetes' model: what is absent is left out.
fn model(name: &str, parts: Vec<(&str, Option<Expression>)>) -> Expression {
    let whole = Expression::name(format!("k8s.{name}"));
    parts.into_iter().fold(whole, |whole, (name, part)| match part {
        Some(part) => whole.with(name, part),
        None => whole,
    })
}

fn text(value: &str) -> Option<Expression> {
    Some(Expression::text(value))
}

fn texts(values: &[String]) -> Option<Expression> {
    (!values.is_empty()).then(|| Expression::List(values.iter().map(Expression::text).collect()))
}

fn dict(entries: &IndexMap<String, String>) -> Option<Expression> {
    let pairs = entries.iter().map(|(key, value)| (Expression::text(key), Expression::text(value)));
    (!entries.is_empty()).then(|| Expression::Dict(pairs.collect()))
}

fn constant(name: &Expr) -> &str {
    name.as_literal().and_then(Json::as_str).unwrap_or_default()
}

/// What a task's pod is asked beside what every task has.
pub(super) fn arguments(task: &Task, defaults: &PodDefaults) -> PodArguments {
    let mut found = PodArguments::default();
    for (variable, source) in &task.secrets {
        let argument = |name: &str| source.home.arguments.get(name);
        if argument("optional") == Some(&json!(true)) {
            let part = |name: &str| argument(name).and_then(Json::as_str).unwrap_or_default();
            found.variables.push(from_key(variable, "secret", part("name"), part("key"), true));
        }
    }
    let Some(pod) = &task.resources.pod else { return found };
    for variable in &pod.variables {
        variables(&variable.from, &mut found.variables);
    }
    let mut say = |name: &'static str, value: Option<Expression>| {
        found.others.extend(value.map(|value| (name, value)));
    };
    say("affinity", affinity(&pod.node_affinity).map(|value| Expression::json(&value)));
    say("tolerations", tolerations(&pod.tolerations));
    say("labels", with_defaults(&defaults.labels, &pod.labels));
    let annotations: Vec<_> = mounted::annotations(defaults).into_iter().collect();
    say("annotations", with_defaults(&annotations, &pod.annotations));
    let pulled = |name: &Expr| model("V1LocalObjectReference", vec![("name", text(constant(name)))]);
    let secrets = (!pod.pull_secrets.is_empty()).then(|| pod.pull_secrets.iter().map(pulled).collect());
    say("image_pull_secrets", secrets.map(Expression::List));
    say("image_pull_policy", pod.pull_policy.as_deref().map(|policy| Expression::text(kubernetes::word(policy))));
    say("container_security_context", security(pod));
    if !pod.volumes.is_empty() {
        let (own, mounts) = mounted::artifacts(defaults);
        say("volumes", Some(Expression::List(own.into_iter().chain(distinct(&pod.volumes)).collect())));
        say("volume_mounts", Some(Expression::List(mounts.into_iter().chain(pod.volumes.iter().map(mount)).collect())));
    }
    let init = (!pod.init.is_empty()).then(|| pod.init.iter().map(|container| init(container, pod)).collect());
    say("init_containers", init.map(Expression::List));
    found
}

fn with_defaults(defaults: &[(String, String)], own: &IndexMap<String, String>) -> Option<Expression> {
    let mut all: IndexMap<String, String> = defaults.iter().cloned().collect();
    all.extend(own.iter().map(|(key, value)| (key.clone(), value.clone())));
    if own.is_empty() { None } else { dict(&all) }
}

fn requirement(of: &NodeMatch) -> Json {
    match of.values.is_empty() {
        true => json!({ "key": of.key, "operator": kubernetes::operator(of.operator) }),
        false => json!({ "key": of.key, "operator": kubernetes::operator(of.operator), "values": of.values }),
    }
}

/// Node affinity as Kubernetes has it.
fn affinity(rules: &[NodeRule]) -> Option<Json> {
    let (mut required, mut preferred) = (Vec::new(), Vec::new());
    for rule in rules {
        match rule {
            NodeRule::Terms { labels, fields, weight, .. } => {
                let mut term = serde_json::Map::new();
                for (name, all) in [("matchExpressions", labels), ("matchFields", fields)] {
                    if !all.is_empty() {
                        term.insert(name.to_owned(), all.iter().map(requirement).collect());
                    }
                }
                match weight {
                    Some(weight) => preferred.push(json!({ "weight": weight, "preference": term })),
                    None => required.push(Json::Object(term)),
                }
            }
            NodeRule::Json { value, .. } => {
                let value = value.as_literal().cloned().unwrap_or_default();
                let listed = |at: &Json| at.as_array().cloned().unwrap_or_default();
                required.extend(listed(&value["requiredDuringSchedulingIgnoredDuringExecution"]["nodeSelectorTerms"]));
                preferred.extend(listed(&value["preferredDuringSchedulingIgnoredDuringExecution"]));
            }
        }
    }
    let mut node = serde_json::Map::new();
    if !required.is_empty() {
        let terms = json!({ "nodeSelectorTerms": required });
        node.insert("requiredDuringSchedulingIgnoredDuringExecution".to_owned(), terms);
    }
    if !preferred.is_empty() {
        node.insert("preferredDuringSchedulingIgnoredDuringExecution".to_owned(), Json::Array(preferred));
    }
    (!node.is_empty()).then(|| json!({ "nodeAffinity": node }))
}

fn tolerations(all: &[Toleration]) -> Option<Expression> {
    let mut found = Vec::new();
    for one in all {
        match one {
            Toleration::Taint { key, operator, value, effect, seconds, .. } => {
                let word = |text: &Option<String>| text.as_deref().map(|text| Expression::text(kubernetes::word(text)));
                let parts = vec![
                    ("key", key.as_deref().and_then(text)),
                    ("operator", word(operator)),
                    ("value", value.as_deref().and_then(text)),
                    ("effect", word(effect)),
                    ("toleration_seconds", seconds.map(Expression::int)),
                ];
                found.push(model("V1Toleration", parts));
            }
            Toleration::Json { value, .. } => match value.as_literal() {
                Some(Json::Array(items)) => found.extend(items.iter().map(Expression::json)),
                Some(one) => found.push(Expression::json(one)),
                None => {}
            },
        }
    }
    (!found.is_empty()).then_some(Expression::List(found))
}

fn security(pod: &Pod) -> Option<Expression> {
    let security = pod.security.as_ref()?;
    let parts = vec![
        ("run_as_user", security.user.map(Expression::int)),
        ("run_as_group", security.group.map(Expression::int)),
        ("run_as_non_root", security.non_root.map(Expression::Bool)),
    ];
    Some(model("V1SecurityContext", parts))
}

/// What a volume is called in its pod.
fn name(volume: &Volume) -> String {
    match &volume.of {
        VolumeKind::Secret { name, .. } => pod_name(&format!("secret-{}", constant(name))),
        VolumeKind::Config { name, .. } => pod_name(&format!("config-{}", constant(name))),
        VolumeKind::Claim { name, .. } => pod_name(&format!("claim-{}", constant(name))),
        VolumeKind::Scratch { name, .. } | VolumeKind::EmptyDir { name, .. } => pod_name(&format!("own-{name}")),
    }
}

/// What the project calls it.
fn said(volume: &Volume) -> &str {
    match &volume.of {
        VolumeKind::Secret { name, .. } | VolumeKind::Config { name, .. } | VolumeKind::Claim { name, .. } => {
            constant(name)
        }
        VolumeKind::Scratch { name, .. } | VolumeKind::EmptyDir { name, .. } => name,
    }
}

/// Every volume once, however often it is seen.
fn distinct(all: &[Volume]) -> Vec<Expression> {
    let mut found: IndexMap<String, Expression> = IndexMap::new();
    for volume in all {
        found.entry(name(volume)).or_insert_with(|| self::volume(volume));
    }
    found.into_values().collect()
}

fn volume(volume: &Volume) -> Expression {
    let flag = |optional: bool| optional.then_some(Expression::Bool(true));
    let (kind, source) = match &volume.of {
        VolumeKind::Secret { name, optional } => {
            let parts = vec![("secret_name", text(constant(name))), ("optional", flag(*optional))];
            ("secret", model("V1SecretVolumeSource", parts))
        }
        VolumeKind::Config { name, optional } => {
            let parts = vec![("name", text(constant(name))), ("optional", flag(*optional))];
            ("config_map", model("V1ConfigMapVolumeSource", parts))
        }
        VolumeKind::Claim { name, .. } => {
            let parts = vec![("claim_name", text(constant(name)))];
            ("persistent_volume_claim", model("V1PersistentVolumeClaimVolumeSource", parts))
        }
        VolumeKind::Scratch { size, access_modes, storage_class, labels, annotations, .. } => {
            let storage =
                Expression::Dict(vec![(Expression::text("storage"), Expression::text(kubernetes::bytes(*size)))]);
            let resources = model("V1VolumeResourceRequirements", vec![("requests", Some(storage))]);
            let parts = vec![
                ("access_modes", texts(access_modes)),
                ("storage_class_name", storage_class.as_deref().and_then(text)),
                ("resources", Some(resources)),
            ];
            let metadata = vec![("labels", dict(labels)), ("annotations", dict(annotations))];
            let metadata = metadata.iter().any(|(_, part)| part.is_some()).then(|| model("V1ObjectMeta", metadata));
            let spec = model("V1PersistentVolumeClaimSpec", parts);
            let template = vec![("metadata", metadata), ("spec", Some(spec))];
            let template = model("V1PersistentVolumeClaimTemplate", template);
            ("ephemeral", model("V1EphemeralVolumeSource", vec![("volume_claim_template", Some(template))]))
        }
        VolumeKind::EmptyDir { medium, size, .. } => {
            let parts = vec![
                ("medium", medium.as_deref().map(|medium| Expression::text(kubernetes::word(medium)))),
                ("size_limit", size.map(|size| Expression::text(kubernetes::bytes(size)))),
            ];
            ("empty_dir", model("V1EmptyDirVolumeSource", parts))
        }
    };
    model("V1Volume", vec![("name", text(&name(volume))), (kind, Some(source))])
}

fn mount(volume: &Volume) -> Expression {
    let sub_path = match &volume.of {
        VolumeKind::Claim { sub_path, .. } => sub_path.as_deref().and_then(text),
        _ => None,
    };
    let parts = vec![("name", text(&name(volume))), ("mount_path", text(&volume.at)), ("sub_path", sub_path)];
    model("V1VolumeMount", parts)
}

fn from_key(variable: &str, kind: &str, name: &str, key: &str, optional: bool) -> (String, Expression) {
    let (selector, reference) = match kind {
        "secret" => ("V1SecretKeySelector", "secret_key_ref"),
        _ => ("V1ConfigMapKeySelector", "config_map_key_ref"),
    };
    let parts =
        vec![("name", text(name)), ("key", text(key)), ("optional", optional.then_some(Expression::Bool(true)))];
    let source = model("V1EnvVarSource", vec![(reference, Some(model(selector, parts)))]);
    (variable.to_owned(), source)
}

fn variables(source: &VariableSource, found: &mut Vec<(String, Expression)>) {
    match source {
        VariableSource::Secret { name, keys, optional } => {
            found.extend(keys.iter().map(|(it, key)| from_key(it, "secret", constant(name), key, *optional)));
        }
        VariableSource::Config { name, keys, optional } => {
            found.extend(keys.iter().map(|(it, key)| from_key(it, "config", constant(name), key, *optional)));
        }
        VariableSource::Field { variable, path } => {
            let field = model("V1ObjectFieldSelector", vec![("field_path", text(path))]);
            found.push((variable.clone(), model("V1EnvVarSource", vec![("field_ref", Some(field))])));
        }
    }
}

fn init(container: &InitContainer, pod: &Pod) -> Expression {
    let variable =
        |(name, value): (&String, &String)| model("V1EnvVar", vec![("name", text(name)), ("value", text(value))]);
    let env = (!container.env.is_empty()).then(|| Expression::List(container.env.iter().map(variable).collect()));
    let mounted = |(path, volume): (&String, &String)| {
        let of = pod.volumes.iter().find(|of| said(of) == volume);
        let name = of.map_or_else(|| volume.clone(), name);
        model("V1VolumeMount", vec![("name", text(&name)), ("mount_path", text(path))])
    };
    let mounts = (!container.mounts.is_empty()).then(|| container.mounts.iter().map(mounted).collect());
    let amounts = vec![("limits", dict(&container.limits)), ("requests", dict(&container.requests))];
    let resources = amounts.iter().any(|(_, part)| part.is_some()).then(|| model("V1ResourceRequirements", amounts));
    let parts = vec![
        ("name", text(&container.name)),
        ("image", text(&container.image)),
        ("command", texts(&container.command)),
        ("args", texts(&container.args)),
        ("env", env),
        ("volume_mounts", mounts.map(Expression::List)),
        ("resources", resources),
        ("restart_policy", container.sidecar.then(|| Expression::text("Always"))),
    ];
    model("V1Container", parts)
}
