//! Values as text: names, parts, constants with values in them.

use serde_json::Value as Json;

use super::Writer;
use super::names::Names;
use crate::import::kubeflow::flow::{Call, Flow, Kind, NodeId, Part, Step, Value, pieces, quoted};
use crate::import::kubeflow::lang;
use crate::import::kubeflow::types::Ty;

/// What the orchestrator answers when it runs, and what the library calls it.
const CONTEXTS: [(&str, &str); 11] = [
    ("", "executor_input"),
    (".pipeline_job_uuid", "run_id"),
    (".pipeline_job_name", "run_name"),
    (".pipeline_job_resource_name", "run_resource"),
    (".pipeline_root", "run_root"),
    (".pipeline_task_name", "task_name"),
    (".pipeline_task_uuid", "task_id"),
    (".pipeline_job_create_time_utc", "created_at"),
    (".pipeline_job_schedule_time_utc", "scheduled_at"),
    (".workspace_path", "workspace_path"),
    (".outputs.output_file", "output_file"),
];

/// A placeholder as a call of the library, which is noted.
pub(super) fn context(placeholder: &str, used: &mut Vec<&'static str>) -> String {
    match CONTEXTS.iter().find(|(sign, _)| *sign == placeholder) {
        Some((_, name)) => {
            used.push(name);
            format!("{name}()")
        }
        None => {
            used.push("placeholder");
            format!("placeholder({})", lang::text(&format!("${placeholder}")))
        }
    }
}

/// A text in which nothing but the orchestrator's own answers stand.
pub(super) fn with_contexts(letters: &str, used: &mut Vec<&'static str>) -> String {
    rich(letters, &mut |placeholder| Inside::Whole(context(placeholder, used)))
}

/// What stands in a text.
pub(super) enum Inside {
    /// An expression that may stand alone where it is the whole text.
    Whole(String),
    /// An expression that means something else alone.
    Within(String),
}

/// A text with values in it.
pub(super) fn rich(letters: &str, of: &mut dyn FnMut(&str) -> Inside) -> String {
    rich_with(letters, &lang::escaped, of)
}

/// The same, with letters between quotes written by `quoted`.
pub(super) fn rich_with(letters: &str, quoted: &dyn Fn(&str) -> String, of: &mut dyn FnMut(&str) -> Inside) -> String {
    let parts = pieces(letters);
    match parts.as_slice() {
        [] => return "\"\"".to_owned(),
        [Part::Letters(letters)] if quoted(letters) == lang::escaped(letters) => return lang::text(letters),
        [Part::Placeholder(one)] => {
            return match of(one) {
                Inside::Whole(text) => text,
                Inside::Within(text) => format!("\"\\({text})\""),
            };
        }
        _ => {}
    }
    let mut text = String::from("\"");
    for part in parts {
        match part {
            Part::Letters(letters) => text.push_str(&quoted(letters)),
            Part::Placeholder(one) => match of(one) {
                Inside::Whole(inner) | Inside::Within(inner) => text.push_str(&format!("\\({inner})")),
            },
        }
    }
    text.push('"');
    text
}

/// A way into a value.
pub(super) fn selected(of: String, path: &[Step]) -> String {
    path.iter().fold(of, |of, step| match step {
        Step::Key(key) if lang::name(key) == *key => format!("{of}.{key}"),
        Step::Key(key) => format!("{of}[\"{}\"]", lang::escaped(key)),
        Step::Index(index) => format!("{of}[{index}]"),
    })
}

/// Where a value stands.
#[derive(Clone, Copy)]
pub(super) struct Place<'p, 'a> {
    pub(super) flow: &'p Flow<'a>,
    pub(super) names: &'p Names,
}

/// Artifacts of loops inside loops as the one list that a task takes.
pub(super) fn flat(text: String, place: Place<'_, '_>, value: &Value) -> String {
    let depth = layers(place.flow, value);
    (1..depth).fold(text, |text, _| format!("flat({text})"))
}

/// How many loops an artifact comes out of.
fn layers(flow: &Flow, value: &Value) -> usize {
    let Value::Output { node, key } = value else { return 0 };
    let node = &flow.nodes[*node];
    let inside = node.yields.get(key).and_then(|sources| sources.first()).map_or(0, |source| layers(flow, source));
    match &node.kind {
        Kind::For { .. } => inside + 1,
        Kind::Call(call) => {
            usize::from(call.spec.output_definitions.artifacts.get(*key).is_some_and(|one| one.is_artifact_list))
        }
        _ => inside,
    }
}

impl<'a> Writer<'a, '_> {
    /// A value that is no constant.
    pub(super) fn reference(&mut self, place: Place<'_, 'a>, value: &Value) -> String {
        match value {
            Value::Input(name) => lang::name(name),
            Value::Item(id) => lang::name(place.names.item(*id)),
            Value::Status(id) => lang::name(place.names.item(*id)),
            Value::Select { of, path } => selected(self.reference(place, of), path),
            Value::Output { node, key } => self.output(place, *node, key),
            Value::Constant(constant) => lang::value(constant, false, &mut |letters| lang::text(letters)),
        }
    }

    fn output(&mut self, place: Place<'_, 'a>, id: NodeId, key: &str) -> String {
        let node = &place.flow.nodes[id];
        let name = lang::name(place.names.binding(id));
        match &node.kind {
            Kind::Call(call) => {
                let outputs = &call.spec.output_definitions;
                let single = outputs.parameters.len() + outputs.artifacts.len() == 1;
                if single { name } else { format!("{name}.{}", lang::name(key)) }
            }
            _ if node.yields.len() == 1 => name,
            _ => format!("{name}.{}", lang::name(place.names.field(id, key))),
        }
    }

    /// What an input of this type is given; values in its texts come from the call's channels.
    pub(super) fn argument(&mut self, place: Place<'_, 'a>, call: &Call<'a>, value: &Value, ty: Option<Ty>) -> String {
        match value {
            Value::Constant(constant) => {
                let fraction = ty.is_some_and(|ty| self.fraction(ty));
                self.constant(place, call, constant, fraction)
            }
            other => self.reference(place, other),
        }
    }

    pub(super) fn constant(
        &mut self,
        place: Place<'_, 'a>,
        call: &Call<'a>,
        constant: &Json,
        fraction: bool,
    ) -> String {
        lang::value(constant, fraction, &mut |letters| self.call_text(place, call, letters))
    }

    /// A text of a call: its channels and the orchestrator's answers may stand in it.
    pub(super) fn call_text(&mut self, place: Place<'_, 'a>, call: &Call<'a>, letters: &str) -> String {
        let mut used = Vec::new();
        let text = rich(letters, &mut |placeholder| {
            let channel = quoted(placeholder, ".inputs.parameters").filter(|(_, rest)| rest.is_empty());
            if let Some((name, _)) = channel {
                return match call.channels.get(name).or_else(|| call.inputs.get(name)).cloned() {
                    Some(value) => Inside::Within(self.reference(place, &value)),
                    None => {
                        self.problem(call.component, format!("a text speaks of `{name}`, which the task is not given"));
                        Inside::Within("none".to_owned())
                    }
                };
            }
            Inside::Whole(context(placeholder, &mut used))
        });
        for name in used {
            self.library("run", name);
        }
        text
    }
}
