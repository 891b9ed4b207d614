//! What a command is made of: its words and arguments, and what only its container or its orchestrator knows.

use indexmap::IndexMap;

use super::checker::{Checker, Expected, Scope};
use crate::ast::{self, Argument};
use crate::diagnostics::report;
use crate::model::{Expr, ExprKind, Place, Type, Value};
use crate::resolve::DeclId;
use crate::source::Span;

impl Checker<'_> {
    /// `command(word, …, args: [word, …])`: the words, and the arguments.
    pub(super) fn words(&mut self, scope: &mut Scope, arguments: &[Argument]) -> IndexMap<String, Expr> {
        let mut words = Vec::new();
        let mut args: Option<Expr> = None;
        for argument in arguments {
            match &argument.name {
                Some(name) if name.text == "args" => {
                    if let Some(first) = &args {
                        let first = first.span;
                        self.report(
                            report::said_twice(name.span, "`args` is given twice").label(first, "given first here"),
                        );
                    }
                    args = Some(self.word_list(scope, &argument.value));
                    continue;
                }
                Some(name) => self.report(
                    report::unknown_argument(name.span, "the words of a command have no names")
                        .help("write each word as a text: `command(\"tool\", \"--flag\", value)`; its arguments may stand in `args: […]`"),
                ),
                None => {}
            }
            let word = self.infer(scope, &argument.value, None);
            words.push(self.word(word));
        }
        let span = arguments.first().map_or(Span::default(), |argument| argument.value.span);
        let listed =
            |words: Vec<Expr>| Expr { ty: Type::List(Box::new(Type::String)), kind: ExprKind::List(words), span };
        let args = args.unwrap_or_else(|| listed(Vec::new()));
        IndexMap::from([("words".to_owned(), listed(words)), ("args".to_owned(), args)])
    }

    /// A list that is written out, each item a word.
    fn word_list(&mut self, scope: &mut Scope, written: &ast::Expr) -> Expr {
        let ast::ExprKind::List(items) = &written.kind else {
            let wanted = Type::List(Box::new(Type::String));
            let found = self.expr(scope, written, &Expected::of(&wanted));
            if let Some(part) = found.run_time_part() {
                self.report(
                    report::bad_word(part.span, "how many arguments there are is known when compiling")
                        .help("write them out, `args: [\"--name\", name]`; a list as one argument stands in `[ ]`"),
                );
                return Expr::error(written.span);
            }
            let items = match self.constant(&found) {
                Value::List(items) => items,
                _ => Vec::new(),
            };
            let word = |item: Value| Expr::constant(Type::String, item, written.span);
            return Expr { kind: ExprKind::List(items.into_iter().map(word).collect()), ..found };
        };
        let mut words = Vec::new();
        for item in items {
            let word = self.infer(scope, item, None);
            words.push(self.word(word));
        }
        let ty = Type::List(Box::new(Type::String));
        Expr { ty, kind: ExprKind::List(words), span: written.span }
    }

    fn word(&mut self, word: Expr) -> Expr {
        let whole = match word.ty.required() {
            Type::List(of) => (**of).clone(),
            other => other.clone(),
        };
        match whole {
            Type::Secret => {
                self.report(
                    report::secret_in_text(word.span, "a secret cannot be an argument of a command")
                        .note("arguments are seen in logs and in the cluster")
                        .help("give it by `secrets: { NAME: the_secret }`, and let the program read the variable"),
                );
                Expr::error(word.span)
            }
            Type::Kind(kind) if !self.is_word(kind) => {
                let message = format!("a `{}` cannot be an argument of a command", self.show(&word.ty));
                self.report(report::not_text_form(word.span, message));
                Expr::error(word.span)
            }
            _ => self.as_it_is(word),
        }
    }

    /// What is known only when the step runs stands in a command as it is: nobody is there to compute with it.
    fn as_it_is(&mut self, word: Expr) -> Expr {
        let Some(part) = computed_part(&word) else { return word };
        let span = part.span;
        self.report(
            report::bad_word(span, "a command takes an input as it is, and this is computed of one")
                .note("nobody is there to compute before the program is started")
                .help("give the program the whole input, or let a step make the value and take that as an input"),
        );
        Expr::error(word.span)
    }

    /// Values of environment variables: each is a word.
    pub(super) fn check_variable_values(&mut self, env: &Expr) {
        let ExprKind::Record(parts) = &env.kind else { return };
        for part in parts.clone() {
            let crate::model::RecordPart::Field(_, value) = part else { continue };
            self.as_it_is(value);
        }
    }

    /// Whether a kind is that of a command's parts.
    pub(super) fn is_word(&self, kind: DeclId) -> bool {
        self.model.names.in_module("command", "Word") == Some(kind)
    }

    /// `concat([…])` holds no lists; `if_present(…)` speaks of an input.
    pub(super) fn check_word_form(&mut self, form: &str, given: &IndexMap<String, Expr>, span: Span) {
        if form == "concat" {
            let parts = given.get("parts").map(|parts| parts.kind.clone());
            let Some(ExprKind::List(parts)) = parts else {
                self.report(
                    report::bad_word(span, "what is put together is known when compiling")
                        .help("write the parts out: `concat([first, \"+\", second])`"),
                );
                return;
            };
            parts.into_iter().for_each(|part| self.check_part(part));
            return;
        }
        let Some(input) = given.get("input") else { return };
        if !matches!(input.kind, ExprKind::Place(Place::Input, _) | ExprKind::Error) {
            self.report(
                report::bad_word(input.span, "only of an input can it be asked whether it is given")
                    .here("this is no input of the step")
                    .help("name the input alone: `if_present(extra, then: [\"--extra\", extra])`"),
            );
        }
        for name in ["then", "otherwise"] {
            match given.get(name) {
                Some(Expr { kind: ExprKind::List(words), .. }) => {
                    words.clone().into_iter().for_each(|word| {
                        self.word(word);
                    });
                }
                Some(word) if word.ty != Type::None => {
                    self.word(word.clone());
                }
                _ => {}
            }
        }
    }

    /// A part of a word: one text, not several words.
    fn check_part(&mut self, part: Expr) {
        if let ExprKind::Form(_, given) = &part.kind {
            let several = given.iter().find(|(name, value)| {
                matches!(name.as_str(), "then" | "otherwise") && matches!(value.kind, ExprKind::List(_))
            });
            if let Some((_, list)) = several {
                self.report(
                    report::bad_word(list.span, "inside one word there is no list of words")
                        .help("write it as one text: `then: \"--extra=\\(extra)\"`"),
                );
            }
        }
        self.word(part);
    }

    /// What a function of the library stands for that nobody computes here: a value that the container or the orchestrator has when
    /// a step starts, or the text of a file.
    pub(super) fn answered_when_it_runs(
        &mut self,
        function: DeclId,
        arguments: &[Expr],
        ty: &Type,
        span: Span,
    ) -> Option<Expr> {
        let module = self.model.names.decl(function).module?;
        if module == "run" {
            return Some(self.context(self.name(function), arguments, ty, span));
        }
        let place = match (module, self.name(function).as_str()) {
            ("core", "file") => return Some(self.file_text(arguments.first()?, ty, span)),
            ("command", "variable") => Place::Variable,
            ("command", "verbatim") => Place::Verbatim,
            _ => return None,
        };
        let Some(Value::Text(text)) = arguments.first().map(|argument| self.constant(argument)) else {
            return Some(Expr::error(span));
        };
        if place == Place::Variable && !is_variable_name(&text) {
            let message = format!("`{text}` is no name of an environment variable");
            self.report(
                report::bad_variable_name(span, message).help("letters, digits, `_`, `-` and `.`, no digit first"),
            );
            return Some(Expr::error(span));
        }
        Some(Expr { ty: ty.clone(), kind: ExprKind::Place(place, text), span })
    }

    /// `file("…")`: what a file of the project holds.
    fn file_text(&mut self, path: &Expr, ty: &Type, span: Span) -> Expr {
        let Value::Text(named) = self.constant(path) else { return Expr::error(span) };
        let bytes = crate::source::normal_path(&named).and_then(|path| self.project.read(&path));
        let problem = match bytes.map(String::from_utf8) {
            Some(Ok(text)) => return Expr::constant(ty.clone(), Value::Text(text), span),
            Some(Err(_)) => format!("`{named}` is no text"),
            None => format!("there is no file `{named}` in the project"),
        };
        self.report(report::missing_code(path.span, problem).help("a path is relative to the project's folder"));
        Expr::error(span)
    }

    /// `run_id()`, `placeholder("…")`
    fn context(&mut self, name: String, arguments: &[Expr], ty: &Type, span: Span) -> Expr {
        let mut sign = None;
        if let Some(argument) = arguments.first() {
            let Value::Text(text) = self.constant(argument) else { return Expr::error(span) };
            if text.is_empty() || text.contains(['{', '}', '\n']) {
                let message = format!("`{text}` is no sign of an orchestrator");
                self.report(
                    report::bad_word(argument.span, message)
                        .help("write what stands between its braces: `placeholder(\"$.pipeline_root\")`"),
                );
                return Expr::error(span);
            }
            sign = Some(text);
        }
        Expr { ty: ty.clone(), kind: ExprKind::Context(name, sign), span }
    }
}

/// What Kubernetes takes for the name of an environment variable.
pub(super) fn is_variable_name(text: &str) -> bool {
    let first = |c: char| c.is_ascii_alphabetic() || matches!(c, '_' | '.');
    text.starts_with(first) && text.chars().all(|c| first(c) || c.is_ascii_digit() || c == '-')
}

/// The first part that is computed of something known only when the step runs.
fn computed_part(word: &Expr) -> Option<&Expr> {
    match &word.kind {
        ExprKind::Place(..) | ExprKind::Form(..) | ExprKind::Context(..) => None,
        ExprKind::Index(of, key) if is_metadata(of) && key.run_time_part().is_none() => None,
        ExprKind::Text(parts) => parts.iter().find_map(computed_part),
        _ => word.run_time_part().is_some().then_some(word),
    }
}

fn is_metadata(of: &Expr) -> bool {
    matches!(of.kind, ExprKind::Place(Place::InputMetadata | Place::OutputMetadata, _))
}
