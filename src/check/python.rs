//! A step against its code: the function is read, not run.

use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::checker::Checker;
use super::eval::property;
use crate::diagnostics::{Diagnostic, did_you_mean, report};
use crate::model::{Field, Run, Type, Value};
use crate::python::{self, ParameterKind, Problem, PythonType, ReturnsFrom, Signature};
use crate::resolve::DeclId;
use crate::source::{FileId, Span};

/// A Python file that a step names.
struct Source {
    text: Arc<str>,
    file: FileId,
}

impl Source {
    fn span(&self, (start, end): python::Range) -> Span {
        Span::new(self.file, start, end)
    }
}

impl Checker<'_> {
    pub(super) fn python_run(
        &mut self,
        step: DeclId,
        (file, file_at): (&str, Span),
        (function, function_at): (&str, Span),
        inputs: &[Field],
        outputs: &[Field],
    ) -> Run {
        let Some((path, source)) = self.source_of(file, file_at) else { return Run::Unknown };
        let run = Run::Python {
            file: path.clone(),
            function: function.to_owned(),
            sha256: format!("{:x}", Sha256::digest(source.text.as_bytes())),
            imports: self.imported(&path),
        };
        match python::signature(&source.text, function) {
            Ok(signature) => self.check_signature(step, function_at, &source, &signature, inputs, outputs),
            Err(problem) => {
                let diagnostic = self.python_problem(problem, &path, function, function_at, &source);
                self.report(diagnostic);
            }
        }
        run
    }

    /// A form of the library that is started, with the file that it names, where it names one.
    pub(super) fn form_run(&mut self, run: &crate::model::Expr) -> Run {
        if let Some(part) = run.run_time_part() {
            self.report(
                report::known_only_at_run_time(part.span, "what a step starts is decided when compiling")
                    .help("a constant or a `var` can stand here"),
            );
            return Run::Unknown;
        }
        let Value::Form(value) = self.constant(run) else { return Run::Unknown };
        if property(&self.model, &value, "reads_function").as_bool() != Some(true) {
            return Run::Form(value, None);
        }
        let crate::model::ExprKind::Form(_, arguments) = &run.kind else { return Run::Unknown };
        let argument = |name: &str| {
            let found = arguments.iter().find(|(known, _)| known == name).map(|(_, argument)| argument.span);
            Some((value.arguments.get(name)?.as_text()?.to_owned(), found.unwrap_or(run.span)))
        };
        let (Some((file, file_at)), Some((function, function_at))) = (argument("file"), argument("function")) else {
            return Run::Unknown;
        };
        let Some((path, source)) = self.source_of(&file, file_at) else { return Run::Unknown };
        if let Err(problem) = python::signature(&source.text, &function) {
            let diagnostic = self.python_problem(problem, &path, &function, function_at, &source);
            self.report(diagnostic);
        }
        Run::Form(value, Some(crate::model::SourceFile { path, text: source.text }))
    }

    /// A Python file of the project, and its path.
    fn source_of(&mut self, file: &str, at: Span) -> Option<(String, Source)> {
        let path = crate::source::normal_path(file);
        let source = path.as_deref().and_then(|path| self.python_source(path));
        if path.is_none() || source.is_none() {
            self.report(
                report::missing_code(at, format!("there is no file `{file}` in the project"))
                    .help("a path is relative to the project's folder"),
            );
        }
        Some((path?, source?))
    }

    /// `file("…")`: the text of a file of the project.
    pub(super) fn text_of_file(&mut self, file: &str, at: Span) -> Option<String> {
        self.source_of(file, at).map(|(_, source)| source.text.to_string())
    }

    fn python_source(&mut self, path: &str) -> Option<Source> {
        if !self.python.contains_key(path) {
            let bytes = self.project.read(path);
            let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok()).map(Arc::from);
            self.python.insert(path.to_owned(), text);
        }
        let text = self.python.get(path).cloned().flatten()?;
        let file = match self.model.sources.find(path) {
            Some(file) => file,
            None => self.model.sources.add(path, text.clone()),
        };
        let text = self.model.sources.file(file).text.clone();
        Some(Source { text, file })
    }

    /// A source or notebook of the project, and every file of the project that it imports; sorted.
    pub(super) fn imported(&self, path: &str) -> Vec<String> {
        let read = |path: &str| self.project.read(path).and_then(|bytes| String::from_utf8(bytes).ok());
        python::imported_files(path, &read)
    }

    fn python_problem(&self, problem: Problem, path: &str, function: &str, at: Span, source: &Source) -> Diagnostic {
        match problem {
            Problem::Syntax { message, span } => {
                report::code_is_broken(source.span(span), format!("`{path}` is no Python: {message}"))
                    .label(at, "a step runs it")
            }
            Problem::NoFunction { similar, functions, nested } => {
                let message = format!("`{path}` has no function `{function}`");
                let mut diagnostic = report::missing_function(at, message);
                if let Some(nested) = nested {
                    diagnostic = diagnostic.label(
                        source.span(nested),
                        "this one stands inside something else, where nobody can import it",
                    );
                }
                match (similar, functions.is_empty()) {
                    (Some(near), _) => diagnostic.help(format!("did you mean `{near}`?")),
                    (None, true) => diagnostic.help(format!("write `def {function}(…):` there")),
                    (None, false) => {
                        let list: Vec<String> = functions.iter().map(|name| format!("`{name}`")).collect();
                        diagnostic.help(format!("it has {}", list.join(", ")))
                    }
                }
            }
            Problem::NotAFunction { what, span } => {
                let message = format!("`{function}` of `{path}` is {what}, no function that is defined there");
                report::missing_function(at, message)
                    .label(source.span(span), "here")
                    .help(format!("write a `def {function}(…):` that calls it"))
            }
        }
    }

    fn check_signature(
        &mut self,
        step: DeclId,
        at: Span,
        source: &Source,
        signature: &Signature,
        inputs: &[Field],
        outputs: &[Field],
    ) {
        let def = source.span(signature.name_span);
        if !signature.decorated.is_empty() {
            return;
        }
        if signature.is_async || signature.is_generator {
            let noun = if signature.is_async { "`async`" } else { "a generator" };
            self.report(
                report::wrong_kind_of_function(at, format!("the function is {noun}: calling it does not run it"))
                    .label(def, "defined here"),
            );
            return;
        }
        let wanted = arguments(inputs, outputs);
        for (name, field, is_output) in &wanted {
            self.check_parameter(step, source, signature, name, field, *is_output);
        }
        for parameter in &signature.parameters {
            let given = wanted.iter().any(|(name, ..)| *name == parameter.name);
            if given || parameter.has_default {
                continue;
            }
            let message = format!("nothing gives the function's parameter `{}`", parameter.name);
            let step_at = self.model.span(step);
            let mut diagnostic = report::extra_code_parameter(source.span(parameter.span), message)
                .label(step_at, format!("step `{}` has no such input or output artifact", self.name(step)));
            if let Some(near) = did_you_mean(&parameter.name, wanted.iter().map(|(name, ..)| name.as_str())) {
                diagnostic = diagnostic.help(format!("did you mean `{near}`?"));
            } else {
                diagnostic = diagnostic.help("add it to the step, or give it a default in the function");
            }
            self.report(diagnostic);
        }
        self.check_returns(step, source, signature, outputs);
    }

    fn check_parameter(
        &mut self,
        step: DeclId,
        source: &Source,
        signature: &Signature,
        name: &str,
        field: &Field,
        is_output: bool,
    ) {
        let def = source.span(signature.name_span);
        let noun = if is_output { "the path of output" } else { "input" };
        let Some(parameter) = signature.parameter(name) else {
            if signature.accepts_any_keyword {
                return;
            }
            let message = format!("the function does not take {noun} `{}` of step `{}`", field.name, self.name(step));
            let help = match is_output {
                true => format!("add a parameter `{name}`: the path that the artifact is to be written to"),
                false => format!("add a parameter `{name}` to the function, or remove the input"),
            };
            let near = did_you_mean(name, signature.parameters.iter().map(|parameter| parameter.name.as_str()));
            let help = near.map(|near| format!("did you mean the function's `{near}`?")).unwrap_or(help);
            self.report(
                report::missing_code_parameter(field.span, message)
                    .here("declared here")
                    .label(def, format!("the function has no parameter `{name}`"))
                    .help(help),
            );
            return;
        };
        let span = source.span(parameter.span);
        if parameter.kind == ParameterKind::PositionalOnly {
            self.report(
                report::missing_code_parameter(field.span, format!("`{name}` cannot be given by name"))
                    .label(span, "it stands before `/`")
                    .help("remove the `/`: the runner gives every argument by name"),
            );
            return;
        }
        let given = if is_output { PythonType::Path } else { python_type(&field.ty) };
        let Some(annotation) = &parameter.annotation else { return };
        if python::parameter_mismatch(annotation, &given) {
            let declared = self.show(&field.ty);
            let message = format!("the function's `{name}` is annotated `{annotation}`, which a `{declared}` is not");
            self.report(
                report::code_type_mismatch(span, message)
                    .label(field.span, format!("declared as a `{declared}` here"))
                    .note(format!("in Python a `{declared}` is {}", in_python(&given))),
            );
        }
    }

    fn check_dict(&mut self, at: Span, output: &Field) {
        if python::return_mismatch("dict", &python_type(&output.ty)) {
            let declared = self.show(&output.ty);
            let message = format!("the function gives a dict, but the step's `{}` is a `{declared}`", output.name);
            self.report(
                report::code_type_mismatch(at, message)
                    .label(output.span, "declared here")
                    .help("return the value itself: only several outputs are returned by name"),
            );
        }
    }

    fn check_returns(&mut self, step: DeclId, source: &Source, signature: &Signature, outputs: &[Field]) {
        let values: Vec<&Field> = outputs.iter().filter(|output| !output.ty.is_artifact()).collect();
        let returns = &signature.returns;
        let at = returns.span.map_or(source.span(signature.name_span), |span| source.span(span));
        let step_at = self.model.span(step);
        match (values.as_slice(), &returns.annotation) {
            ([], _) => {}
            // The runner takes what is returned for one output as its value, a dict too.
            ([one], _) if matches!(returns.from, ReturnsFrom::DictLiteral | ReturnsFrom::TypedDict) => {
                self.check_dict(at, one);
            }
            ([one], Some(annotation))
                if returns.fields.is_empty() && python::return_mismatch(annotation, &python_type(&one.ty)) =>
            {
                let declared = self.show(&one.ty);
                let message =
                    format!("the function gives `{annotation}`, but the step's `{}` is a `{declared}`", one.name);
                self.report(report::code_type_mismatch(at, message).label(one.span, "declared here"));
            }
            ([_], Some(_)) if returns.fields.is_empty() => {}
            (many, _)
                if !returns.fields.is_empty() && (many.len() > 1 || !matches!(returns.from, ReturnsFrom::Unknown)) =>
            {
                for value in many {
                    let found = returns.fields.iter().find(|field| field.name == value.name);
                    let Some(found) = found else {
                        let message = format!("the function gives no `{}`", value.name);
                        self.report(
                            report::missing_code_output(at, message).label(value.span, "the step declares this output"),
                        );
                        continue;
                    };
                    if let Some(annotation) = &found.annotation
                        && python::return_mismatch(annotation, &python_type(&value.ty))
                    {
                        let declared = self.show(&value.ty);
                        let message =
                            format!("the function gives `{}` as `{annotation}`, not as a `{declared}`", value.name);
                        self.report(report::code_type_mismatch(at, message).label(value.span, "declared here"));
                    }
                }
            }
            (many, Some(annotation)) => {
                let any = PythonType::Dict(Box::new(PythonType::Any));
                if python::return_mismatch(annotation, &any) && !annotation.to_lowercase().contains("tuple") {
                    let names: Vec<String> = many.iter().map(|value| format!("`{}`", value.name)).collect();
                    let message = format!("the function gives `{annotation}`, but the step has several output values");
                    self.report(
                        report::missing_code_output(at, message)
                            .label(step_at, format!("it declares {}", names.join(" and ")))
                            .help("return them by name: a dict, a NamedTuple or a dataclass"),
                    );
                }
            }
            _ => {}
        }
    }
}

/// What the runner gives the function by name: inputs, and the paths of output artifacts (`out_NAME` where an input has that name).
fn arguments<'a>(inputs: &'a [Field], outputs: &'a [Field]) -> Vec<(String, &'a Field, bool)> {
    let given = inputs.iter().map(|input| (input.name.clone(), input, false));
    let written = outputs.iter().filter(|output| output.ty.is_artifact()).map(|output| {
        let taken = inputs.iter().any(|input| input.name == output.name);
        let name = if taken { format!("out_{}", output.name) } else { output.name.clone() };
        (name, output, true)
    });
    given.chain(written).collect()
}

/// A type as a Python function sees its values.
fn python_type(ty: &Type) -> PythonType {
    match ty.unrefined() {
        Type::Bool => PythonType::Bool,
        Type::Int | Type::Size => PythonType::Int,
        Type::Float | Type::Percent | Type::Duration => PythonType::Float,
        Type::String | Type::Uri | Type::Cron | Type::Enum(_) => PythonType::Str,
        Type::Timestamp => PythonType::Datetime,
        Type::Money => PythonType::Money,
        Type::List(item) => PythonType::List(Box::new(python_type(item))),
        Type::Map(item) => PythonType::Dict(Box::new(python_type(item))),
        Type::Struct(_) | Type::Table(_) | Type::Record(_) | Type::RunStatus | Type::TaskConfig => {
            PythonType::Dict(Box::new(PythonType::Any))
        }
        Type::Optional(inner) => PythonType::Optional(Box::new(python_type(inner))),
        Type::Artifact { .. } => PythonType::Path,
        _ => PythonType::Any,
    }
}

fn in_python(ty: &PythonType) -> String {
    match ty {
        PythonType::Bool => "a `bool`".into(),
        PythonType::Int => "an `int`".into(),
        PythonType::Float => "a `float`".into(),
        PythonType::Str => "a `str`".into(),
        PythonType::Path => "a path, a `str`".into(),
        PythonType::Datetime => "a `datetime` in UTC".into(),
        PythonType::Money => "a named tuple of `Decimal` and currency".into(),
        PythonType::List(_) => "a `list`".into(),
        PythonType::Dict(_) => "a `dict`".into(),
        PythonType::Optional(inner) => format!("{} or `None`", in_python(inner)),
        PythonType::Any => "anything".into(),
    }
}
