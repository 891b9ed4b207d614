//! Steps: their inputs, outputs and fields, and what they start.

use indexmap::IndexMap;

use super::checker::{Checker, Scope};
use super::fields::{Owner, Read};
use super::tools::Tool;
use super::words::is_variable_name;
use crate::ast::{self, ItemKind};
use crate::diagnostics::report;
use crate::model::{Expr, ExprKind, Field, Fields, Place, Run, Step, Type, Value};
use crate::resolve::DeclId;
use crate::source::Span;

impl Checker<'_> {
    /// The inputs and outputs of a step, worked out when it is first named.
    pub(super) fn step_signature(&mut self, decl: DeclId) -> (Vec<Field>, Vec<Field>) {
        if let Some(step) = self.model.steps.get(&decl) {
            return (step.inputs.clone(), step.outputs.clone());
        }
        let item = self.item(decl);
        let ItemKind::Step(written) = &item.kind else { return Default::default() };
        let file = self.file_of(decl);
        let inputs = self.parameters(file, &written.inputs);
        let outputs = self.parameters(file, &written.outputs);
        self.check_output_types(&outputs, &written.outputs);
        self.check_input_types(&inputs, &written.inputs);
        let step = Step {
            inputs: inputs.clone(),
            outputs: outputs.clone(),
            fields: IndexMap::new(),
            said: Vec::new(),
            run: Run::Unknown,
            tool_files: Vec::new(),
        };
        self.model.steps.insert(decl, step);
        (inputs, outputs)
    }

    fn check_output_types(&mut self, outputs: &[Field], written: &[ast::Parameter]) {
        for (output, written) in outputs.iter().zip(written) {
            let wrong = match output.ty.required() {
                Type::Secret => Some("a secret"),
                Type::Table(_) => Some("a table"),
                Type::Kind(_) | Type::Reference(_) | Type::RunStatus | Type::TaskConfig | Type::Condition => {
                    Some("this")
                }
                _ => None,
            };
            if let Some(noun) = wrong {
                let message = format!("a step cannot give {noun}");
                self.report(report::wrong_output_type(written.ty.span, message).help("it gives values and artifacts"));
            }
            if let Some(default) = &written.default {
                self.report(report::output_with_default(default.span, "an output has no default"));
            }
        }
    }

    fn check_input_types(&mut self, inputs: &[Field], written: &[ast::Parameter]) {
        for (input, written) in inputs.iter().zip(written) {
            let help = match input.ty.required() {
                Type::Secret => "give it by `secrets: { NAME: the_secret }`: a secret is no argument",
                Type::Kind(_) | Type::Reference(_) | Type::Condition => "it takes values, artifacts and tables",
                _ => continue,
            };
            let message = format!("a step cannot take a `{}`", self.show(&input.ty));
            self.report(report::wrong_input_type(written.ty.span, message).help(help));
        }
    }

    /// What a step, pipeline or verification gives.
    pub(super) fn outputs_of(&mut self, decl: DeclId) -> Vec<Field> {
        match &self.item(decl).kind {
            ItemKind::Step(_) => self.step_signature(decl).1,
            ItemKind::Pipeline(_) => self.pipeline_signature(decl).1,
            ItemKind::Verification(written) => match self.model.verifications.get(&decl) {
                Some(found) => found.outputs.clone(),
                None => self.parameters(self.file_of(decl), &written.outputs),
            },
            _ => Vec::new(),
        }
    }

    pub(super) fn check_step(&mut self, decl: DeclId) {
        let item = self.item(decl);
        let ItemKind::Step(written) = &item.kind else { return };
        let (inputs, outputs) = self.step_signature(decl);
        let file = self.file_of(decl);
        let defaults = self.step_defaults(decl);
        let Some(of) = self.item_struct("Step") else { return };
        let mut scope = Scope::new(file);
        scope.command = Some(decl);
        scope.module = Some("command");
        for (input, written) in inputs.iter().zip(&written.inputs) {
            let kind = ExprKind::Place(Place::Input, input.name.clone());
            scope.bind(&written.name, input.ty.clone(), kind, None);
        }
        let title = format!("step `{}`", written.name.text);
        let owner =
            Owner { title, span: written.name.span, of, entries: &written.entries, others: &[], complete: true };
        let mut read = self.read_fields(&mut scope, &owner);
        let own: Vec<String> = read.said.keys().cloned().collect();
        merge_defaults(&mut read, &defaults);
        for (name, value) in &read.fields {
            if !matches!(name.as_str(), "run" | "env")
                && !matches!(value.kind, ExprKind::Error)
                && let Some(part) = value.run_time_part()
            {
                self.report(
                    report::known_only_at_run_time(part.span, format!("`{name}` is decided when compiling"))
                        .help("a constant or a `var` can stand here; what is known when the step runs cannot"),
                );
            }
        }
        self.check_step_values(&read, &own, &outputs, written);
        let run = read.fields.shift_remove("run");
        let tool_files = run.as_ref().map(|run| self.tool_files(run)).unwrap_or_default();
        let run = match run {
            Some(run) => self.step_run(decl, &run, &read.fields, &inputs, &outputs),
            None => Run::Unknown,
        };
        match run {
            Run::Claim { .. } => self.check_claims_fields(&read, &own),
            Run::Approval { .. } => self.check_approvals_fields(&read, &own),
            _ => {}
        }
        let said = read.said.keys().cloned().collect();
        self.model.steps.insert(decl, Step { inputs, outputs, fields: read.fields, said, run, tool_files });
    }

    /// The fields of `defaults step` in the step's file.
    fn step_defaults(&mut self, decl: DeclId) -> Read {
        let file = self.file_of(decl);
        let found: Vec<std::sync::Arc<ast::Item>> = self
            .model
            .names
            .nameless()
            .filter(|(other, item)| *other == file && matches!(item.kind, ItemKind::Defaults(_)))
            .map(|(_, item)| item.clone())
            .collect();
        let Some(item) = found.first() else { return Read::default() };
        let ItemKind::Defaults(written) = &item.kind else { return Read::default() };
        let Some(of) = self.item_struct("StepDefaults") else { return Read::default() };
        let before = self.diagnostics.len();
        let mut scope = Scope::new(file);
        let title = "`defaults step`".to_owned();
        let owner =
            Owner { title, span: written.name.span, of, entries: &written.entries, others: &[], complete: false };
        let read = self.read_fields(&mut scope, &owner);
        // Reported once, where the defaults are checked by themselves.
        self.diagnostics.truncate(before);
        read
    }

    pub(super) fn check_defaults(&mut self, file: crate::source::FileId, written: &ast::Fields) {
        if written.name.text != "step" {
            let message = format!("there are no defaults for `{}`", written.name.text);
            self.report(report::unknown_defaults(written.name.span, message).help("write `defaults step { … }`"));
            return;
        }
        let Some(of) = self.item_struct("StepDefaults") else { return };
        let mut scope = Scope::new(file);
        let title = "`defaults step`".to_owned();
        let owner =
            Owner { title, span: written.name.span, of, entries: &written.entries, others: &[], complete: false };
        self.read_fields(&mut scope, &owner);
    }

    fn check_step_values(&mut self, read: &Read, own: &[String], outputs: &[Field], written: &ast::Step) {
        let value = |name: &str| match read.fields.get(name).map(|value| &value.kind) {
            Some(ExprKind::Value(value)) => Some(value.clone()),
            _ => None,
        };
        let external = matches!(value("effects"), Some(Value::Variant(text)) if text == "external");
        let says = |name: &str| own.iter().any(|field| field == name);
        if external && says("retry") {
            let span = read.said.get("retry").copied().unwrap_or(written.name.span);
            let effects = read.said.get("effects").copied().unwrap_or(written.name.span);
            self.report(
                report::retry_of_effect(span, "a retry would change the world outside a second time")
                    .label(effects, "this step changes the world outside the run")
                    .help(
                        "leave `retry` out; if a second time does no harm, say so with the call: `with { retry: … }`",
                    ),
            );
        }
        if external && matches!(value("cache"), Some(Value::Variant(text)) if text == "on") {
            let span = read.said.get("cache").copied().unwrap_or(written.name.span);
            self.report(
                report::retry_of_effect(span, "a cached result would leave the world outside unchanged")
                    .help("leave `cache: on` out of a step with `effects: external`"),
            );
        }
        if let Some(env) = read.fields.get("env") {
            self.check_variables(env);
            self.check_variable_values(env);
        }
        if let Some(secrets) = read.fields.get("secrets") {
            self.check_variables(secrets);
        }
        if let (Some(stub), Some(ExprKind::Record(parts))) =
            (read.said.get("stub"), read.fields.get("stub").map(|stub| &stub.kind))
        {
            for part in parts {
                if let crate::model::RecordPart::Field(name, _) = part
                    && !outputs.iter().any(|output| output.name == *name)
                {
                    let message = format!("the step has no output `{name}` that a stub could give");
                    self.report(report::unknown_part(*stub, message));
                }
            }
        }
    }

    /// Names of environment variables.
    pub(super) fn check_variables(&mut self, record: &Expr) {
        let ExprKind::Record(parts) = &record.kind else { return };
        for part in parts {
            let crate::model::RecordPart::Field(name, value) = part else { continue };
            if !is_variable_name(name) {
                let message = format!("`{name}` is no name of an environment variable");
                self.report(
                    report::bad_variable_name(value.span, message)
                        .help("letters, digits, `_`, `-` and `.`, no digit first"),
                );
            }
        }
    }

    fn step_run(&mut self, decl: DeclId, run: &Expr, fields: &Fields, inputs: &[Field], outputs: &[Field]) -> Run {
        let ExprKind::Form(form, arguments) = &run.kind else {
            if !run.ty.is_unknown() {
                self.report(
                    report::unknown_run(run.span, "what a step starts is written out")
                        .help("`python(\"file.py\", \"function\")`, `command(\"tool\", …)` or `importer(\"gs://…\")`"),
                );
            }
            return Run::Unknown;
        };
        let arguments: IndexMap<&str, &Expr> = arguments.iter().map(|(name, value)| (name.as_str(), value)).collect();
        match self.name(*form).as_str() {
            "python" => {
                let text = |name: &str| match arguments.get(name).map(|value| &value.kind) {
                    Some(ExprKind::Value(Value::Text(text))) => Some(text.clone()),
                    _ => None,
                };
                let (Some(file), Some(function)) = (text("file"), text("function")) else { return Run::Unknown };
                let at = arguments.get("file").map_or(run.span, |value| value.span);
                let name_at = arguments.get("function").map_or(run.span, |value| value.span);
                self.python_run(decl, (&file, at), (&function, name_at), inputs, outputs)
            }
            "command" => {
                let listed = |name: &str| match arguments.get(name).map(|value| &value.kind) {
                    Some(ExprKind::List(words)) => words.clone(),
                    _ => Vec::new(),
                };
                let (words, args) = (listed("words"), listed("args"));
                let all: Vec<Expr> = words.iter().chain(&args).cloned().collect();
                self.check_words(&all, fields, run.span, inputs, outputs);
                Run::Command(words, args)
            }
            name @ ("create_claim" | "delete_claim") => {
                let delete = name == "delete_claim";
                self.check_claim(run.span, delete, inputs, outputs);
                Run::Claim { delete }
            }
            "approval" => self.approval_run(run, outputs),
            "importer" => self.importer_run(&arguments, run.span, inputs, outputs),
            name if self.model.names.decl(*form).module == Some("tools") => {
                let Value::Form(value) = self.constant(run) else { return Run::Unknown };
                let tool = Tool { arguments: &value.arguments, span: run.span, inputs, outputs };
                self.tool_run(name, &tool).unwrap_or(Run::Unknown)
            }
            _ => self.form_run(run),
        }
    }

    /// The words of a command: there is a program, every input is known to fit, every output is written.
    fn check_words(&mut self, words: &[Expr], fields: &Fields, span: Span, inputs: &[Field], outputs: &[Field]) {
        let env = fields.get("env");
        if words.is_empty() && !self.has_its_own_program(fields.get("image")) {
            self.report(
                report::empty_command(span, "a command needs a program")
                    .help("`command(\"tool\", …)`; the program of an image from elsewhere is started by `command()`"),
            );
            return;
        }
        let mut named = Vec::new();
        let mut told_all = false;
        for word in words.iter().chain(env) {
            word.walk(&mut |part| match &part.kind {
                ExprKind::Place(place, name) => named.push((*place, name.clone())),
                // The orchestrator tells the program of every input and output, or takes every output from one file.
                ExprKind::Context(name, _) => told_all |= matches!(name.as_str(), "executor_input" | "output_file"),
                _ => {}
            });
            if let ExprKind::Value(Value::Text(text)) = &word.kind {
                self.warn_of_credentials(text, word.span);
            }
        }
        if !told_all {
            self.check_named(&named, span, inputs, outputs);
        }
    }

    /// Every output is written, and every input used.
    fn check_named(&mut self, named: &[(Place, String)], span: Span, inputs: &[Field], outputs: &[Field]) {
        for output in outputs.iter().filter(|output| !output.has_mark("implicit")) {
            use Place::{Output, OutputPath, OutputUri};
            let is_written = named
                .iter()
                .any(|(place, name)| matches!(place, Output | OutputPath | OutputUri) && *name == output.name);
            if !is_written {
                let message = format!("nothing writes the output `{}`", output.name);
                let out = if inputs.iter().any(|input| input.name == output.name) { "out." } else { "" };
                self.report(
                    report::output_never_written(output.span, message)
                        .label(span, "this command does not name where it is to be written")
                        .help(format!("give the program its path: `{out}{0}.path`; where it knows it by itself, say so: `{0}: … @implicit`", output.name)),
                );
            }
        }
        for input in inputs {
            if !named.iter().any(|(_, name)| *name == input.name) {
                let message = format!("the command does not use the input `{}`", input.name);
                self.report(report::unused_input(input.span, message).label(span, "this command"));
            }
        }
    }

    /// An image from elsewhere starts a program of its own.
    fn has_its_own_program(&self, image: Option<&Expr>) -> bool {
        let Some(ExprKind::Value(Value::Reference(image))) = image.map(|image| &image.kind) else { return false };
        self.model.builds.get(image).is_some_and(|build| build.reference().is_some())
    }

    /// A text that looks like a credential is better a secret.
    pub(super) fn warn_of_credentials(&mut self, text: &str, span: Span) {
        const SIGNS: &[&str] =
            &["AKIA", "ghp_", "github_pat_", "glpat-", "xoxb-", "xoxp-", "-----BEGIN", "AIza", "sk_live_"];
        if SIGNS.iter().any(|sign| text.contains(sign)) {
            self.report(
                report::looks_like_credential(span, "this looks like a credential")
                    .help("declare a `secret`, and say in each environment where it is kept"),
            );
        }
    }
}

fn merge_defaults(read: &mut Read, defaults: &Read) {
    for (name, span) in &defaults.said {
        if !read.said.contains_key(name)
            && let Some(value) = defaults.fields.get(name)
        {
            read.fields.insert(name.clone(), value.clone());
            read.said.insert(name.clone(), *span);
        }
    }
}
