//! The document as YAML, under a comment that says what it is and takes.

use serde_json::Value;

use super::lower::Document;
use super::model::{InputParameter, ParameterType, PipelineSpec};
use crate::emit::header;
use crate::plan::{Pipeline, Plan};
use crate::text::{json, yaml};

/// The file's text: one document, or two where the cluster must know of something.
pub(super) fn write(plan: &Plan, pipeline: &Pipeline, document: &Document) -> String {
    let comment = format!("{}\n{}", header(plan, &pipeline.source), summary(&document.spec));
    let mut documents = vec![yaml::write_with_header(&comment, &document.spec)];
    documents.extend(document.platform.as_ref().map(yaml::write));
    yaml::stream(&documents)
}

/// What the SDK writes above a pipeline, and shows of it.
fn summary(spec: &PipelineSpec) -> String {
    let mut lines = vec!["PIPELINE DEFINITION".to_owned(), format!("Name: {}", spec.pipeline_info.name)];
    if !spec.pipeline_info.description.is_empty() {
        let text: Vec<&str> = spec.pipeline_info.description.lines().collect();
        lines.push(format!("Description: {}", text.join("\n             ")));
    }
    let (inputs, outputs) = (&spec.root.input_definitions, &spec.root.output_definitions);
    let mut given: Vec<String> = inputs.parameters.iter().map(|(name, one)| parameter(name, one)).collect();
    given.extend(inputs.artifacts.iter().map(|(name, one)| line(name, &one.artifact_type.schema_title)));
    let mut made: Vec<String> =
        outputs.parameters.iter().map(|(name, one)| line(name, called(one.parameter_type))).collect();
    made.extend(outputs.artifacts.iter().map(|(name, one)| line(name, &one.artifact_type.schema_title)));
    for (title, mut entries) in [("Inputs:", given), ("Outputs:", made)] {
        if !entries.is_empty() {
            entries.sort();
            lines.push(title.to_owned());
            lines.extend(entries);
        }
    }
    lines.join("\n")
}

fn line(name: &str, kind: &str) -> String {
    format!("   {name}: {kind}")
}

fn parameter(name: &str, one: &InputParameter) -> String {
    let default = one.default_value.as_ref().map(|value| format!(" [Default: {}]", shown(value)));
    line(name, called(one.parameter_type)) + &default.unwrap_or_default()
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => format!("'{text}'"),
        other => json::spaced(other),
    }
}

fn called(kind: ParameterType) -> &'static str {
    match kind {
        ParameterType::NumberDouble => "float",
        ParameterType::NumberInteger => "int",
        ParameterType::Boolean => "bool",
        ParameterType::List => "list",
        ParameterType::Struct => "dict",
        ParameterType::TaskFinalStatus => "PipelineTaskFinalStatus",
        ParameterType::TaskConfig => "TaskConfig",
        ParameterType::String | ParameterType::Unspecified => "str",
    }
}
