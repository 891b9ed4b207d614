//! Types as Kubeflow has them.

use serde_json::Value;

use crate::emit::kubeflow::model::{ArtifactType, InputArtifact, InputDefinitions, InputParameter, ParameterType};
use crate::plan::Type;

/// What a value is on Kubeflow.
pub(super) fn parameter_type(ty: &Type) -> ParameterType {
    match ty {
        Type::Bool => ParameterType::Boolean,
        Type::Int | Type::Size => ParameterType::NumberInteger,
        Type::Float | Type::Percent | Type::Duration => ParameterType::NumberDouble,
        Type::String | Type::Uri | Type::Timestamp | Type::Cron | Type::Enum { .. } => ParameterType::String,
        Type::List { .. } => ParameterType::List,
        Type::Money | Type::Json | Type::Map { .. } | Type::Struct { .. } | Type::Table { .. } => ParameterType::Struct,
        Type::Optional { of } => parameter_type(of),
        Type::RunStatus => ParameterType::TaskFinalStatus,
        Type::TaskConfig => ParameterType::TaskConfig,
        Type::Artifact { .. } => ParameterType::Unspecified,
    }
}

/// What an artifact is on Kubeflow, and whether there are many.
pub(super) fn artifact_type(ty: &Type) -> Option<(ArtifactType, bool)> {
    match ty {
        Type::Artifact { schema: Some(schema), .. } => {
            Some((ArtifactType { instance_schema: schema.clone(), ..Default::default() }, false))
        }
        Type::Artifact { title, version, .. } => {
            let (schema_title, schema_version) = (title.clone(), version.clone());
            Some((ArtifactType { schema_title, schema_version, ..Default::default() }, false))
        }
        Type::List { of } => artifact_type(of).map(|(ty, _)| (ty, true)),
        Type::Optional { of } => artifact_type(of),
        _ => None,
    }
}

/// Declares an input of a component.
pub(super) fn declare(inputs: &mut InputDefinitions, name: &str, ty: &Type) {
    let is_optional = matches!(ty, Type::Optional { .. } | Type::RunStatus | Type::TaskConfig);
    match artifact_type(ty) {
        Some((artifact_type, is_artifact_list)) => {
            let input = InputArtifact { artifact_type, is_artifact_list, is_optional, ..Default::default() };
            inputs.artifacts.insert(name.to_owned(), input);
        }
        None => {
            let input = InputParameter { is_optional, parameter_type: parameter_type(ty), ..Default::default() };
            inputs.parameters.insert(name.to_owned(), input);
        }
    }
}

/// JSON has one kind of value that may be a list or a struct: what a constant is decides.
pub(super) fn constant_type(ty: &Type, value: &Value) -> ParameterType {
    match (ty.required(), value) {
        (Type::Json, Value::Array(_)) => ParameterType::List,
        (Type::Json, Value::String(_)) => ParameterType::String,
        (Type::Json, Value::Bool(_)) => ParameterType::Boolean,
        (Type::Json, Value::Number(_)) => ParameterType::NumberDouble,
        _ => parameter_type(ty),
    }
}
