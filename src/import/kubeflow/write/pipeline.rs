//! Pipelines: parameters, statements, what they give.

use std::collections::BTreeMap;

use super::Writer;
use super::names::names;
use super::profile::volume_size;
use super::value::{Place, flat};
use crate::emit::kubeflow::model::*;
use crate::import::kubeflow::catalog::{Callee, PipelineId};
use crate::import::kubeflow::flow::{Flow, Items, Kind, NodeId, Value};
use crate::import::kubeflow::lang;
use crate::import::kubeflow::types::Port;

impl<'a> Writer<'a, '_> {
    /// A pipeline as an item.
    pub(super) fn pipeline(&mut self, id: PipelineId) -> String {
        let pipeline = &self.read.catalog.pipelines[id];
        let flow: &'a Flow<'a> = &self.read.flows[pipeline.flow];
        let own = Callee::Pipeline(id);
        let path = self.path(own);
        let names = names(flow, self.read.catalog);
        let place = Place { flow, names: &names };
        let mut text = String::new();
        let info = &self.read.spec.pipeline_info;
        if flow.component.is_none() {
            match lang::docs(&info.description, "") {
                Some(docs) => text.push_str(&docs),
                None => self.problem("pipelineInfo.description", "the description has signs that no comment can hold"),
            }
        }
        let inputs = self.inputs(own, &flow.interface.input_definitions, &path);
        let outputs = self.outputs(own, &flow.interface.output_definitions, &path);
        text.push_str(&format!("pipeline {}({inputs})", lang::name(&pipeline.name)));
        if !outputs.is_empty() {
            text.push_str(&format!(" -> ({outputs})"));
        }
        if flow.component.is_none() {
            let with = self.root_with(&pipeline.name);
            if !with.is_empty() {
                text.push_str(&format!(" with {{ {} }}", with.join(", ")));
            }
        }
        text.push_str(" {\n");
        let mut statements = Statements { after: moved(flow), text: String::new() };
        self.block(place, &flow.body, &mut statements);
        text.push_str(&statements.text);
        if !flow.outputs.is_empty() {
            let mut given = Vec::new();
            for (name, value) in &flow.outputs {
                let mut text = self.reference(place, value);
                if flow.interface.output_definitions.artifacts.contains_key(*name) {
                    text = flat(text, place, value);
                }
                if self.types.is_collected(pipeline.flow, own, flow, self.read.catalog, name, value) {
                    text = format!("collected({text})");
                }
                given.push(format!("{}: {text}", lang::name(name)));
            }
            text.push_str(&format!("\nreturn ({})\n", given.join(", ")));
        }
        text.push_str("}\n");
        text
    }

    fn root_with(&mut self, name: &str) -> Vec<String> {
        let info = &self.read.spec.pipeline_info;
        let mut with = Vec::new();
        if crate::emit::kubeflow::mangled(name) != info.name {
            with.push(format!("name: {}", lang::text(&info.name)));
        }
        if !info.display_name.is_empty() {
            with.push(format!("display_name: {}", lang::text(&info.display_name)));
        }
        if let Some(workspace) = &self.read.platform.pipeline_config.workspace {
            let mut fields = vec![format!("size: {}", volume_size(&workspace.size))];
            let patch = workspace.kubernetes.as_ref().map(|one| one.pvc_spec_patch.clone()).unwrap_or_default();
            let mut rest = Vec::new();
            for (key, value) in &patch {
                match (key.as_str(), value.as_str(), value.as_array()) {
                    ("storageClassName", Some(class), _) => {
                        fields.push(format!("storage_class: {}", lang::text(class)))
                    }
                    ("accessModes", _, Some(modes)) => {
                        let modes: Vec<String> =
                            modes.iter().filter_map(|mode| mode.as_str()).map(lang::text).collect();
                        fields.push(format!("access_modes: [{}]", modes.join(", ")));
                    }
                    _ => rest.push(format!(
                        "{}: {}",
                        lang::key(key),
                        lang::value(value, false, &mut |letters| lang::text(letters))
                    )),
                }
            }
            if !rest.is_empty() {
                fields.push(format!("patch: {{ {} }}", rest.join(", ")));
            }
            with.push(format!("workspace: {{ {} }}", fields.join(", ")));
        }
        with
    }

    /// Inputs of a step or pipeline: what must be given first.
    pub(super) fn inputs(&mut self, callee: Callee, inputs: &InputDefinitions, path: &str) -> String {
        let is_importer = matches!(callee, Callee::Step(id) if self.read.catalog.steps[id].executor.importer.is_some());
        let mut wanted = Vec::new();
        let mut optional = Vec::new();
        for (name, one) in &inputs.artifacts {
            let kind = self.artifact(&one.artifact_type, &format!("{path}.inputDefinitions.artifacts.{name}"));
            let kind = if one.is_artifact_list { format!("list<{kind}>") } else { kind };
            let mark = if one.is_optional { "?" } else { "" };
            let text = format!("{}: {kind}{mark}", lang::name(&self.input_name(callee, name)));
            let text = self.documented(&one.description, text, &format!("{path}.inputDefinitions.artifacts.{name}"));
            if one.is_optional { optional.push(text) } else { wanted.push(text) }
        }
        let mut parameters: Vec<_> = inputs.parameters.iter().collect();
        if is_importer {
            parameters.sort_by_key(|(name, _)| (name.len(), name.as_str()));
        }
        for (name, one) in parameters {
            if self.is_hidden(callee, name) {
                continue;
            }
            let path = format!("{path}.inputDefinitions.parameters.{name}");
            let Some(ty) = self.types.port(&Port::Input(callee, name.clone())) else { continue };
            let mut kind = self.kind(ty, name);
            if !one.literals.is_empty() {
                let literals: Vec<String> = one.literals.iter().map(|literal| self.default(literal, ty)).collect();
                kind.push_str(&format!(" where it in [{}]", literals.join(", ")));
            }
            let is_status = matches!(one.parameter_type, ParameterType::TaskFinalStatus | ParameterType::TaskConfig);
            let tail = match &one.default_value {
                Some(default) => {
                    let mark = if one.is_optional { "" } else { " @expected" };
                    format!("{mark} = {}", self.default(default, ty))
                }
                None if one.is_optional && !is_status => "?".to_owned(),
                None => String::new(),
            };
            let kind = match tail.as_str() {
                "?" if kind.contains(" where ") => kind.replacen(" where ", "? where ", 1),
                _ => format!("{kind}{tail}"),
            };
            let text = format!("{}: {kind}", lang::name(&self.input_name(callee, name)));
            let text = self.documented(&one.description, text, &path);
            if one.is_optional || one.default_value.is_some() { optional.push(text) } else { wanted.push(text) }
        }
        wanted.append(&mut optional);
        joined(&wanted)
    }

    /// Outputs of a step or pipeline.
    pub(super) fn outputs(&mut self, callee: Callee, outputs: &OutputDefinitions, path: &str) -> String {
        let mut all = Vec::new();
        for (name, one) in &outputs.artifacts {
            let path = format!("{path}.outputDefinitions.artifacts.{name}");
            if !one.metadata.is_empty() {
                self.problem(&path, "an output artifact declares metadata, which Kubeflow's server does not read");
            }
            let kind = self.artifact(&one.artifact_type, &path);
            let kind = if one.is_artifact_list { format!("list<{kind}>") } else { kind };
            let mark = self.implicit(callee, name);
            all.push(self.documented(&one.description, format!("{}: {kind}{mark}", lang::name(name)), &path));
        }
        for (name, one) in &outputs.parameters {
            let path = format!("{path}.outputDefinitions.parameters.{name}");
            let Some(ty) = self.types.port(&Port::Output(callee, name.clone())) else { continue };
            let kind = self.kind(ty, name);
            let mark = self.implicit(callee, name);
            all.push(self.documented(&one.description, format!("{}: {kind}{mark}", lang::name(name)), &path));
        }
        joined(&all)
    }

    /// The mark of an output that no word of its container's command names.
    fn implicit(&self, callee: Callee, name: &str) -> &'static str {
        let Callee::Step(id) = callee else { return "" };
        let Some(container) = &self.read.catalog.steps[id].executor.container else { return "" };
        if container.image.starts_with("argostub/") {
            return "";
        }
        let named = [
            "{{$}}".to_owned(),
            "{{$.outputs.output_file}}".to_owned(),
            format!("{{{{$.outputs.parameters['{name}']"),
            format!("{{{{$.outputs.artifacts['{name}']"),
        ];
        let mut words = container.command.iter().chain(&container.args);
        if words.any(|word| named.iter().any(|one| word.contains(one))) { "" } else { " @implicit" }
    }

    fn documented(&mut self, description: &str, text: String, path: &str) -> String {
        match lang::docs(description, "") {
            Some(docs) => format!("{docs}{text}"),
            None => {
                self.problem(path, "the description has signs that no comment can hold");
                text
            }
        }
    }

    fn block(&mut self, place: Place<'_, 'a>, body: &[NodeId], statements: &mut Statements) {
        for id in body {
            self.statement(place, *id, statements);
        }
    }

    fn statement(&mut self, place: Place<'_, 'a>, id: NodeId, statements: &mut Statements) {
        let node = &place.flow.nodes[id];
        let before = place.names.written(id).map(|name| format!("{} = ", lang::name(name))).unwrap_or_default();
        match &node.kind {
            Kind::Call(call) => {
                let after = statements.after.remove(&id).unwrap_or_default();
                let text = self.call(place, id, call, false, &after);
                statements.text.push_str(&format!("{before}{text}\n"));
            }
            Kind::If { condition, body } => {
                let condition = self.condition(place, condition);
                statements.text.push_str(&format!("\n{before}if {condition} {{\n"));
                self.block(place, body, statements);
                self.gives(place, id, id, statements);
                statements.text.push_str("}\n\n");
            }
            Kind::Branches { arms } => self.branches(place, id, arms, &before, statements),
            Kind::Arm { .. } => {}
            Kind::For { items, parallel, body } => {
                let list = match items {
                    Items::Constant(list) => lang::value(list, false, &mut |letters| lang::text(letters)),
                    Items::Of(value) => self.reference(place, value),
                };
                let limit =
                    parallel.filter(|limit| *limit > 0).map(|limit| format!(" parallel: {limit}")).unwrap_or_default();
                let item = lang::name(place.names.item(id));
                statements.text.push_str(&format!("\n{before}for {item} in {list}{limit} {{\n"));
                self.block(place, body, statements);
                self.gives(place, id, id, statements);
                statements.text.push_str("}\n\n");
            }
            Kind::Try { body, exit } => {
                if !before.is_empty() {
                    self.problem(
                        node.key,
                        "something takes a value of what stands in an exit handler, or waits for it",
                    );
                }
                statements.text.push_str("\ntry {\n");
                self.block(place, body, statements);
                statements.text.push('}');
                let Some(exit) = exit else {
                    self.problem(node.key, "nothing follows an exit handler");
                    return statements.text.push('\n');
                };
                let Some(call) = place.flow.nodes[*exit].call() else { return };
                let asks = call.inputs.values().any(|value| *value == Value::Status(id));
                let status = if asks { format!(" {}", lang::name(place.names.item(id))) } else { String::new() };
                let after = place.flow.nodes[*exit].after.clone();
                let text = self.call(place, *exit, call, true, &after);
                let name =
                    place.names.written(*exit).map(|name| format!("{} = ", lang::name(name))).unwrap_or_default();
                statements.text.push_str(&format!(" finally{status} {{\n{name}{text}\n}}\n\n"));
            }
        }
    }

    fn branches(
        &mut self,
        place: Place<'_, 'a>,
        id: NodeId,
        arms: &[NodeId],
        before: &str,
        statements: &mut Statements,
    ) {
        statements.text.push_str(&format!("\n{before}"));
        for (at, arm) in arms.iter().enumerate() {
            let Kind::Arm { condition, body } = &place.flow.nodes[*arm].kind else { continue };
            if at > 0 {
                statements.text.push_str(" else ");
            }
            if let Some(condition) = condition {
                let condition = self.condition(place, condition);
                statements.text.push_str(&format!("if {condition} "));
            }
            statements.text.push_str("{\n");
            self.block(place, body, statements);
            self.gives(place, id, *arm, statements);
            statements.text.push('}');
        }
        statements.text.push_str("\n\n");
    }

    /// What a block yields; of an arm, what its branches do.
    fn gives(&mut self, place: Place<'_, 'a>, id: NodeId, block: NodeId, statements: &mut Statements) {
        let node = &place.flow.nodes[id];
        let mut given = Vec::new();
        for (key, sources) in &node.yields {
            let source = if id == block {
                sources.first().cloned()
            } else {
                let of_arm = sources.iter().find_map(|source| match source {
                    Value::Output { node, key } if *node == block => Some(*key),
                    _ => None,
                });
                of_arm.and_then(|key| place.flow.nodes[block].yields.get(key)?.first().cloned())
            };
            match source {
                Some(source) => given.push((place.names.field(id, key).to_owned(), self.reference(place, &source))),
                None => self.problem(place.flow.nodes[block].key, format!("a branch gives nothing for `{key}`")),
            }
        }
        match given.as_slice() {
            [] => {}
            [(_, value)] if node.yields.len() == 1 => statements.text.push_str(&format!("yield {value}\n")),
            all => {
                let all: Vec<String> =
                    all.iter().map(|(name, value)| format!("{}: {value}", lang::name(name))).collect();
                statements.text.push_str(&format!("yield ({})\n", all.join(", ")));
            }
        }
    }
}

/// Statements as they are written.
struct Statements {
    /// What calls wait for, those of the blocks around them included.
    after: BTreeMap<NodeId, Vec<NodeId>>,
    text: String,
}

/// What nodes wait for, that of a block moved to the first call inside it.
fn moved(flow: &Flow) -> BTreeMap<NodeId, Vec<NodeId>> {
    let mut after: BTreeMap<NodeId, Vec<NodeId>> = BTreeMap::new();
    for (id, node) in flow.nodes.iter().enumerate() {
        if node.after.is_empty() {
            continue;
        }
        let call = first_call(flow, id).unwrap_or(id);
        let all = after.entry(call).or_default();
        for other in &node.after {
            if !all.contains(other) {
                all.push(*other);
            }
        }
    }
    after
}

fn first_call(flow: &Flow, id: NodeId) -> Option<NodeId> {
    match &flow.nodes[id].kind {
        Kind::Call(_) => Some(id),
        _ => flow.nodes[id].children().iter().find_map(|child| first_call(flow, *child)),
    }
}

/// Parameters in a row, or each on its own lines where one is documented.
fn joined(all: &[String]) -> String {
    if all.iter().any(|one| one.contains('\n')) {
        return format!("\n{},\n", all.join(",\n"));
    }
    all.join(", ")
}
