//! What a step starts.

use std::collections::BTreeSet;

use super::Writer;
use crate::emit::kubeflow::model::*;
use crate::emit::kubeflow::startup::{self, Hosts, Order, Program, Sdk};
use crate::import::kubeflow::catalog::{Callee, StepId, free};
use crate::import::kubeflow::flow::{Value, quoted};
use crate::import::kubeflow::lang;

/// A text of this many lines goes into a file of its own.
const LINES: usize = 3;

/// The function that the SDK starts.
pub(super) fn function(args: &[String]) -> Option<&str> {
    let at = args.iter().position(|arg| arg == "--function_to_execute")?;
    args.get(at + 1).map(String::as_str)
}

/// The Python source that a command holds.
pub(super) fn source(command: &[String]) -> Option<&str> {
    command.last().map(String::as_str).filter(|last| last.contains("\ndef ") || last.contains("\nasync def "))
}

/// Whether it claims or gives up a volume.
pub(super) fn is_claim(container: &ContainerSpec) -> bool {
    matches!(container.image.as_str(), "argostub/createpvc" | "argostub/deletepvc")
        && container.command.is_empty()
        && container.args.is_empty()
}

impl<'a> Writer<'a, '_> {
    /// The form that a step starts.
    pub(super) fn run(&mut self, id: StepId, path: &str) -> String {
        let executor: &'a ExecutorSpec = self.read.catalog.steps[id].executor;
        if let Some(importer) = &executor.importer {
            return self.importer(id, importer);
        }
        let Some(container) = &executor.container else {
            self.problem(
                path,
                "the executor is a `customJob` or a `resolver`, which Kubeflow's own server does not carry out",
            );
            return "command()".to_owned();
        };
        if container.lifecycle.is_some() {
            self.problem(path, "the container has a `lifecycle`, which Kubeflow's own server does not carry out");
        }
        match container.image.as_str() {
            "argostub/createpvc" if is_claim(container) => {
                return self.library("kubernetes", "create_claim").to_owned() + "()";
            }
            "argostub/deletepvc" if is_claim(container) => {
                return self.library("kubernetes", "delete_claim").to_owned() + "()";
            }
            _ => {}
        }
        if let Some(text) = self.function_run(container) {
            return text;
        }
        self.command(id, container)
    }

    /// A component of the SDK, if its command is the SDK's to the letter.
    fn function_run(&mut self, container: &'a ContainerSpec) -> Option<String> {
        let function = function(&container.args)?;
        if container.args != startup::arguments(function) {
            return None;
        }
        if let Some(program) = startup::parse_containerized(&container.command) {
            let form = self.library("kubeflow", "kfp_component");
            let program = if program == Program::Components { ", program: components" } else { "" };
            return Some(format!("{form}({}{program})", lang::text(function)));
        }
        let told = startup::parse(&container.command)?;
        let form = self.library("kubeflow", "kfp_function");
        let path = self.file(function, "py", &told.source);
        let mut text = format!("{form}({}, function: {}", lang::text(&path), lang::text(function));
        let texts = |all: &[String]| all.iter().map(|one| lang::text(one)).collect::<Vec<_>>().join(", ");
        match &told.sdk {
            Sdk::None => {}
            Sdk::Version(version) => text.push_str(&format!(", sdk: {}", lang::text(version))),
            Sdk::From(words) => text.push_str(&format!(", sdk_from: [{}]", texts(words))),
        }
        for (name, all) in [
            ("packages", Some(&told.packages)),
            ("index_urls", Some(&told.index_urls)),
            ("trusted_hosts", told.trusted_hosts.as_ref()),
        ] {
            if let Some(all) = all.filter(|all| !all.is_empty() || name == "trusted_hosts") {
                text.push_str(&format!(", {name}: [{}]", texts(all)));
            }
        }
        if told.venv {
            text.push_str(", venv: true");
        }
        match told.order {
            None => {}
            Some(Order::Together) => text.push_str(", order: together"),
            Some(Order::SdkFirst) => text.push_str(", order: sdk_first"),
            Some(Order::PackagesFirst) => text.push_str(", order: packages_first"),
        }
        match told.hosts {
            None => {}
            Some(Hosts::Beside) => text.push_str(", hosts: beside"),
            Some(Hosts::After) => text.push_str(", hosts: after"),
        }
        match told.program {
            None => {}
            Some(Program::Components) => text.push_str(", program: components"),
            Some(Program::Dsl) => text.push_str(", program: dsl"),
        }
        text.push(')');
        Some(text)
    }

    fn command(&mut self, id: StepId, container: &'a ContainerSpec) -> String {
        let command: Vec<String> = container.command.iter().map(|word| self.word(id, word)).collect();
        let args: Vec<String> = container.args.iter().map(|word| self.word(id, word)).collect();
        let mut parts = command;
        if !args.is_empty() {
            parts.push(format!("args: [{}]", args.join(", ")));
        }
        format!("command({})", parts.join(", "))
    }

    /// A long text without values in it goes into a file; gives the file's path.
    pub(super) fn long_text(&mut self, id: StepId, text: &str) -> Option<String> {
        if text.matches('\n').count() < LINES || text.contains("{{$") {
            return None;
        }
        let python = text.contains("\ndef ") || text.contains("import ") || text.contains("print(");
        Some(self.file(&self.read.catalog.steps[id].name.clone(), if python { "py" } else { "sh" }, text))
    }

    /// A file beside the others, its name free.
    pub(super) fn file(&mut self, name: &str, extension: &str, text: &str) -> String {
        let mut path = format!("components/{name}.{extension}");
        let mut count = 2;
        while self.shared.files.get(&path).is_some_and(|known| known != text) {
            path = format!("components/{name}_{count}.{extension}");
            count += 1;
        }
        self.shared.files.insert(path.clone(), text.to_owned());
        path
    }

    fn importer(&mut self, id: StepId, importer: &'a ImporterSpec) -> String {
        let uri = match importer.artifact_uri.constant.as_ref().or(importer.artifact_uri.constant_value.as_ref()) {
            Some(constant) => lang::text(constant.as_str().unwrap_or_default()),
            None => lang::name(&importer.artifact_uri.runtime_parameter),
        };
        let mut arguments = vec![uri];
        if !importer.metadata.is_empty() {
            let metadata = serde_json::to_value(&importer.metadata).unwrap_or_default();
            let text = self.metadata(id, &metadata);
            arguments.push(format!("metadata: {text}"));
        }
        if importer.reimport {
            arguments.push("reimport: true".to_owned());
        }
        if importer.download_to_workspace {
            arguments.push("download_to_workspace: true".to_owned());
        }
        format!("importer({})", arguments.join(", "))
    }

    /// Metadata: values may stand in its texts and its keys.
    fn metadata(&mut self, id: StepId, value: &serde_json::Value) -> String {
        match value {
            serde_json::Value::Object(entries) => {
                let entries: Vec<String> = entries
                    .iter()
                    .map(|(key, inner)| {
                        let name = if key.contains("{{$") { self.word(id, key) } else { lang::key(key) };
                        let name = if name.starts_with('"') || !key.contains("{{$") {
                            name
                        } else {
                            format!("\"\\({name})\"")
                        };
                        format!("{name}: {}", self.metadata(id, inner))
                    })
                    .collect();
                format!("{{ {} }}", entries.join(", "))
            }
            serde_json::Value::Array(items) => {
                let items: Vec<String> = items.iter().map(|item| self.metadata(id, item)).collect();
                format!("[{}]", items.join(", "))
            }
            serde_json::Value::String(letters) => self.word(id, letters),
            other => lang::value(other, false, &mut |letters| lang::text(letters)),
        }
    }

    /// What an input is called: those of an importer have names of the SDK's, and get that of what is given for them.
    pub(super) fn input_name(&self, callee: Callee, name: &str) -> String {
        match callee {
            Callee::Step(id) => {
                self.importer_names.get(&(id, name.to_owned())).cloned().unwrap_or_else(|| name.to_owned())
            }
            Callee::Pipeline(_) => name.to_owned(),
        }
    }

    /// Names the inputs of importers by what the first call gives.
    pub(super) fn name_importers(&mut self) {
        let catalog = self.read.catalog;
        for flow in catalog.pipelines.iter().map(|pipeline| &self.read.flows[pipeline.flow]) {
            for call in flow.nodes.iter().filter_map(|node| node.call()) {
                let Some(Callee::Step(id)) = catalog.callee(call) else { continue };
                let inputs = &catalog.steps[id].interface.input_definitions.parameters;
                let named = self.importer_names.keys().any(|(of, _)| *of == id);
                if catalog.steps[id].executor.importer.is_none() || named {
                    continue;
                }
                let mut taken: BTreeSet<String> = BTreeSet::from(["uri".to_owned(), "artifact".to_owned()]);
                for name in inputs.keys().filter(|name| is_metadata(name)) {
                    let wanted = call.inputs.get(name.as_str()).and_then(|value| match value {
                        Value::Input(input) => Some(lang::snake(input)),
                        Value::Output { node, key } => {
                            let producer = &flow.nodes[*node];
                            let outputs = producer.call().map(|call| &call.spec.output_definitions);
                            let single =
                                outputs.is_some_and(|outputs| outputs.parameters.len() + outputs.artifacts.len() == 1);
                            Some(lang::snake(if single { producer.key } else { key }))
                        }
                        _ => None,
                    });
                    let wanted = [wanted.unwrap_or_else(|| lang::snake(name)), lang::snake(name)];
                    let own = free(&wanted, &mut taken);
                    self.importer_names.insert((id, name.clone()), own);
                }
            }
        }
    }

    /// Whether an input is declared of itself: an importer's address that is constant.
    pub(super) fn is_hidden(&self, callee: Callee, name: &str) -> bool {
        let Callee::Step(id) = callee else { return false };
        let importer = self.read.catalog.steps[id].executor.importer.as_ref();
        name == "uri" && importer.is_some_and(|importer| importer.artifact_uri.runtime_parameter.is_empty())
    }

    /// A placeholder of a step's own inputs and outputs as an expression; none: another one.
    pub(super) fn place(&mut self, id: StepId, placeholder: &str) -> Option<(String, bool)> {
        let step = &self.read.catalog.steps[id];
        let (inputs, outputs) = (&step.interface.input_definitions, &step.interface.output_definitions);
        let callee = Callee::Step(id);
        // What may be absent stands in a command only where it is asked for; elsewhere by the orchestrator's own name for it.
        let absent = |name: &str, optional: bool| optional && self.present.as_deref() != Some(name);
        if let Some((name, "")) = quoted(placeholder, ".inputs.parameters") {
            let one = inputs.parameters.get(name)?;
            let told = matches!(one.parameter_type, ParameterType::TaskFinalStatus | ParameterType::TaskConfig);
            if !told && absent(name, one.is_optional && one.default_value.is_none()) {
                return None;
            }
            let bare = [ParameterType::String, ParameterType::TaskFinalStatus];
            let bare = inputs.parameters.get(name).map(|one| bare.contains(&one.parameter_type))?;
            return Some((lang::name(&self.input_name(callee, name)), bare));
        }
        if let Some((name, rest)) = quoted(placeholder, ".inputs.artifacts") {
            if absent(name, inputs.artifacts.get(name)?.is_optional) {
                return None;
            }
            return Some((format!("{}{}", lang::name(name), part(rest)?), true));
        }
        let out = |name: &str| {
            let both = name == "out" || inputs.artifacts.contains_key(name) || inputs.parameters.contains_key(name);
            if both { format!("out.{}", lang::name(name)) } else { lang::name(name) }
        };
        if let Some((name, ".output_file")) = quoted(placeholder, ".outputs.parameters") {
            outputs.parameters.get(name)?;
            return Some((format!("{}.path", out(name)), true));
        }
        if let Some((name, rest)) = quoted(placeholder, ".outputs.artifacts") {
            outputs.artifacts.get(name)?;
            return Some((format!("{}{}", out(name), part(rest)?), true));
        }
        None
    }
}

/// Whether the SDK called an importer's input so.
fn is_metadata(name: &str) -> bool {
    name == "metadata" || name.strip_prefix("metadata-").is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_digit()))
}

/// What is taken of an artifact.
fn part(rest: &str) -> Option<String> {
    match rest {
        "" => Some(String::new()),
        ".path" | ".uri" | ".metadata" => Some(rest.to_owned()),
        _ => {
            let (key, rest) = quoted(rest, ".metadata")?;
            rest.is_empty().then(|| format!(".metadata[{}]", lang::text(key)))
        }
    }
}
