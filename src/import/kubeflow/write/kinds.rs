//! Types as text, with the structs and artifact types that they need.

use serde_json::Value as Json;

use super::Writer;
use crate::emit::kubeflow::model::*;
use crate::import::kubeflow::catalog::Callee;
use crate::import::kubeflow::flow::{Kind, Value};
use crate::import::kubeflow::lang;
use crate::import::kubeflow::types::{Port, Slot, Ty};
use crate::python;

/// The library's own artifact types.
const KNOWN: [(&str, &str); 8] = [
    ("system.Artifact", "Artifact"),
    ("system.Dataset", "Dataset"),
    ("system.Model", "Model"),
    ("system.Metrics", "Metrics"),
    ("system.ClassificationMetrics", "ClassificationMetrics"),
    ("system.SlicedClassificationMetrics", "SlicedClassificationMetrics"),
    ("system.HTML", "Html"),
    ("system.Markdown", "Markdown"),
];

impl Writer<'_, '_> {
    /// A type as text; what it is called if it becomes a struct.
    pub(super) fn kind(&mut self, ty: Ty, called: &str) -> String {
        let ty = self.types.find(ty);
        match self.types.slot(ty).clone() {
            Slot::Bool => "bool".to_owned(),
            Slot::Int | Slot::Number => "int".to_owned(),
            Slot::Float => "float".to_owned(),
            Slot::Text => "string".to_owned(),
            Slot::Status => "RunStatus".to_owned(),
            Slot::Config => "TaskConfig".to_owned(),
            Slot::Unknown | Slot::Json | Slot::Is(_) => "json".to_owned(),
            Slot::List(item) => format!("list<{}>", self.kind(item, &singular(called))),
            Slot::Optional(of) => format!("{}?", self.kind(of, called)),
            Slot::Record(record) if record.taken => {
                if let Some((name, _)) = self.structs.get(&ty) {
                    return name.clone();
                }
                let name = self.free(&[lang::pascal(called), format!("{}Fields", lang::pascal(called))]);
                self.structs.insert(ty, (name.clone(), String::new()));
                let fields: Vec<String> = record
                    .fields
                    .iter()
                    .map(|(field, of)| {
                        format!("  {}: {}\n", lang::name(field), self.kind(*of, &format!("{called}_{field}")))
                    })
                    .collect();
                let text = format!("struct {name} {{\n{}}}\n", fields.concat());
                self.structs.insert(ty, (name.clone(), text));
                name
            }
            Slot::Record(_) => "map<json>".to_owned(),
        }
    }

    /// Whether numbers of it are written with a point.
    pub(super) fn fraction(&self, ty: Ty) -> bool {
        match self.types.slot(ty) {
            Slot::Float => true,
            Slot::List(item) | Slot::Optional(item) => self.fraction(*item),
            _ => false,
        }
    }

    /// An artifact type as text.
    pub(super) fn artifact(&mut self, of: &ArtifactType, path: &str) -> String {
        if of.schema_title.is_empty() && of.instance_schema.is_empty() {
            self.problem(path, "an artifact has neither a title nor a schema");
            return "Artifact".to_owned();
        }
        if of.schema_title.is_empty() {
            return self.schema(&of.instance_schema);
        }
        if of.schema_version == "0.0.1"
            && let Some((_, name)) = KNOWN.iter().find(|(title, _)| *title == of.schema_title)
        {
            return (*name).to_owned();
        }
        let id = format!("{} {}", of.schema_title, of.schema_version);
        if let Some((name, _)) = self.artifacts.get(&id) {
            return name.clone();
        }
        let last = of.schema_title.rsplit('.').next().unwrap_or_default();
        let plain = lang::pascal(last);
        let taken = KNOWN.iter().any(|(_, name)| *name == plain);
        let wanted =
            if taken { vec![lang::pascal(&of.schema_title)] } else { vec![plain, lang::pascal(&of.schema_title)] };
        let name = self.free(&wanted);
        self.artifacts.insert(id.clone(), (name.clone(), String::new()));
        let parent = match self.parents.get(&of.schema_title).cloned() {
            Some(parent) => {
                let (title, version) = parent.split_once(' ').unwrap_or((&parent, "0.0.1"));
                let of = ArtifactType {
                    schema_title: title.to_owned(),
                    schema_version: version.to_owned(),
                    ..ArtifactType::default()
                };
                self.artifact(&of, path)
            }
            None => "Artifact".to_owned(),
        };
        let version = match of.schema_version.as_str() {
            "0.0.1" => String::new(),
            other => format!(", version: {}", lang::text(other)),
        };
        let text = format!("artifact {name} extends {parent} {{ title: {}{version} }}\n", lang::text(&of.schema_title));
        self.artifacts.insert(id, (name.clone(), text));
        name
    }

    /// An artifact type that is told by its schema.
    fn schema(&mut self, schema: &str) -> String {
        if let Some((name, _)) = self.artifacts.get(schema) {
            return name.clone();
        }
        let title = schema.lines().find_map(|line| line.strip_prefix("title:")).unwrap_or("Custom");
        let last = title.trim().rsplit('.').next().unwrap_or_default();
        let name = self.free(&[lang::pascal(last), format!("{}Artifact", lang::pascal(last))]);
        let text = format!("artifact {name} extends Artifact {{ schema: {} }}\n", lang::text(schema));
        self.artifacts.insert(schema.to_owned(), (name.clone(), text));
        name
    }

    /// An artifact type of somebody's own extends what it is given for.
    pub(super) fn find_parents(&mut self) {
        let catalog = self.read.catalog;
        let mut pairs = Vec::new();
        for pipeline in &catalog.pipelines {
            let flow = &self.read.flows[pipeline.flow];
            for call in flow.nodes.iter().filter_map(|node| node.call()) {
                for (name, value) in &call.inputs {
                    if let Some(wanted) = call.spec.input_definitions.artifacts.get(*name)
                        && let Some(given) = self.artifact_of(value, pipeline.flow)
                    {
                        pairs.push((given, wanted.artifact_type.clone()));
                    }
                }
            }
            for (name, value) in &flow.outputs {
                if let Some(wanted) = flow.interface.output_definitions.artifacts.get(*name)
                    && let Some(given) = self.artifact_of(value, pipeline.flow)
                {
                    pairs.push((given, wanted.artifact_type.clone()));
                }
            }
        }
        for (given, wanted) in pairs {
            let own = !KNOWN.iter().any(|(title, _)| *title == given.schema_title);
            if own && given.schema_title != wanted.schema_title && wanted.schema_title != "system.Artifact" {
                let parent = format!("{} {}", wanted.schema_title, wanted.schema_version);
                let back =
                    self.parents.get(&wanted.schema_title).is_some_and(|one| one.starts_with(&given.schema_title));
                if !back {
                    self.parents.entry(given.schema_title).or_insert(parent);
                }
            }
        }
    }

    /// What kind of artifact a value is.
    pub(super) fn artifact_of(&self, value: &Value, at: usize) -> Option<ArtifactType> {
        let flow = &self.read.flows[at];
        match value {
            Value::Input(name) => Some(flow.interface.input_definitions.artifacts.get(*name)?.artifact_type.clone()),
            Value::Output { node, key } => match &flow.nodes[*node].kind {
                Kind::Call(call) => Some(call.spec.output_definitions.artifacts.get(*key)?.artifact_type.clone()),
                _ => self.artifact_of(flow.nodes[*node].yields.get(key)?.first()?, at),
            },
            _ => None,
        }
    }

    /// What a Python function says of lists that nothing else tells of.
    pub(super) fn hints(&mut self) {
        for (id, step) in self.read.catalog.steps.iter().enumerate() {
            let container = step.executor.container.as_ref();
            let Some(source) = container.and_then(|container| super::run::source(&container.command)) else { continue };
            let function = container.and_then(|container| super::run::function(&container.args)).unwrap_or_default();
            let Ok(signature) = python::signature(source, function) else { continue };
            for parameter in &signature.parameters {
                let Some(annotation) = &parameter.annotation else { continue };
                let port = Port::Input(Callee::Step(id), parameter.name.clone());
                let Some(ty) = self.types.port(&port) else { continue };
                if let (Slot::List(item), Some(slot)) = (self.types.slot(ty).clone(), item_of(annotation)) {
                    self.types.hint(item, slot);
                }
            }
        }
    }

    /// The default of an input as text.
    pub(super) fn default(&mut self, value: &Json, ty: Ty) -> String {
        let fraction = self.fraction(ty);
        let mut contexts = Vec::new();
        let text = lang::value(value, fraction, &mut |letters| super::value::with_contexts(letters, &mut contexts));
        for name in contexts {
            self.library("run", name);
        }
        text
    }
}

/// What a list's items are by its Python annotation.
fn item_of(annotation: &str) -> Option<Slot> {
    let inner = annotation.trim().split_once('[')?.1.strip_suffix(']')?.trim();
    Some(match inner {
        "int" => Slot::Int,
        "float" => Slot::Float,
        "str" => Slot::Text,
        "bool" => Slot::Bool,
        _ => return None,
    })
}

/// `texts` as `text`; else the name itself.
pub(super) fn singular(name: &str) -> String {
    match name.strip_suffix("ies") {
        Some(short) if short.len() > 1 => format!("{short}y"),
        _ => match name.strip_suffix('s') {
            Some(short) if short.len() > 1 && !short.ends_with('s') => short.to_owned(),
            _ => name.to_owned(),
        },
    }
}
