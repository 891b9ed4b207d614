//! What a step's machine and pod may be: quantities, names that the cluster takes, values that do not contradict each other,
//! and what a call lays over its step's profile.

use indexmap::IndexMap;

use super::checker::{Checker, Expected, Scope};
use super::eval::Evaluator;
use super::words::is_variable_name;
use super::{arithmetic, quantity};
use crate::ast;
use crate::diagnostics::report;
use crate::model::{Expr, ExprKind, FormValue, RecordPart, Type, Value};
use crate::resolve::DeclId;
use crate::source::Span;

/// A constant and where it stands.
type Said<'a> = IndexMap<&'a str, (Value, Span)>;

impl Checker<'_> {
    /// Where the library says `@dynamic`: a quantity may be a text, and a value of the run need not be of the very type.
    pub(super) fn hold_dynamic(&mut self, found: &Expr, expected: &Expected) -> Option<Expr> {
        let wanted = expected.ty.required();
        let at_run_time = found.run_time_part().is_some();
        match (wanted, found.ty.unrefined()) {
            (Type::Float | Type::Size | Type::Int, Type::String) if at_run_time => Some(found.clone()),
            (Type::Float | Type::Size, Type::Int | Type::Float | Type::Size) if at_run_time => Some(found.clone()),
            (Type::Map(_), Type::Map(_) | Type::Struct(_) | Type::Json) if at_run_time => Some(found.clone()),
            (Type::Float | Type::Size, Type::String) => {
                let ExprKind::Value(Value::Text(text)) = &found.kind else { return None };
                let value = match wanted {
                    Type::Size => quantity::bytes(text).map(Value::Size),
                    _ => quantity::cores(text).map(Value::Float),
                };
                Some(match value {
                    Ok(value) => {
                        let found = Expr::constant(wanted.clone(), value, found.span);
                        self.hold_against_predicates(&found, expected);
                        found
                    }
                    Err(why) => {
                        let message = format!("`{text}` is no quantity of this kind");
                        self.report(report::bad_quantity(found.span, message).note(why));
                        Expr::error(found.span)
                    }
                })
            }
            _ => None,
        }
    }

    /// `with { compute: { … } }`: what is said there, and no more, is laid over the step's profile.
    pub(super) fn call_compute(&mut self, scope: &mut Scope, written: &ast::Expr) -> Option<Expr> {
        let ast::ExprKind::Record(entries) = &written.kind else { return None };
        let decl = self.core("Compute")?;
        let parts = self.struct_parts(scope, decl, entries);
        self.check_compute(&parts, false);
        let found = Expr { ty: Type::Struct(decl), kind: ExprKind::Record(parts), span: written.span };
        self.only_dynamic(&found, false);
        Some(found)
    }

    /// Values of the run stand where the library says so, and there each by itself.
    fn only_dynamic(&mut self, expr: &Expr, allowed: bool) {
        let Some(part) = expr.run_time_part() else { return };
        let marked = |marks: &[String]| marks.iter().any(|mark| mark == "dynamic");
        match (&expr.kind, expr.ty.required()) {
            (ExprKind::Record(parts), Type::Struct(decl)) => {
                let fields = self.model.structs.get(decl).map(|found| found.fields.clone()).unwrap_or_default();
                for part in parts {
                    match part {
                        RecordPart::Field(name, value) => {
                            let field = fields.iter().find(|field| field.name == *name);
                            self.only_dynamic(value, field.is_some_and(|field| marked(&field.marks)));
                        }
                        RecordPart::Spread(value) | RecordPart::Keyed(_, value) => self.only_dynamic(value, false),
                    }
                }
            }
            (ExprKind::Form(decl, arguments), _) => {
                let parameters = self.form(*decl).map(|form| form.parameters.clone()).unwrap_or_default();
                for (name, value) in arguments {
                    let parameter = parameters.iter().find(|parameter| parameter.name == *name);
                    // JSON of the run is one value, whatever is in it.
                    let whole = |one: &crate::model::Field| marked(&one.marks) && *one.ty.required() == Type::Json;
                    if !parameter.is_some_and(whole) || value.run_time_part().is_some_and(|part| part.span != value.span) {
                        self.only_dynamic(value, parameter.is_some_and(|parameter| marked(&parameter.marks)));
                    }
                }
            }
            (ExprKind::List(items), _) => items.iter().for_each(|item| self.only_dynamic(item, allowed)),
            (_, Type::List(_)) => {
                self.report(
                    report::known_only_at_run_time(part.span, "how many there are is decided when compiling")
                        .help("write the list out: each of its items may be known only when the pipeline runs"),
                );
            }
            _ if allowed => self.check_run_time(expr),
            _ => self.report(
                report::known_only_at_run_time(part.span, "this is decided when compiling")
                    .help("quantities, names of secrets and claims, node selectors and what is given as JSON may be values of the run"),
            ),
        }
    }

    /// A profile that is written out: whole, or what a call lays over another.
    pub(super) fn check_compute(&mut self, parts: &[RecordPart], whole: bool) {
        let mut said: Said<'_> = IndexMap::new();
        let mut at_run_time: Vec<&str> = Vec::new();
        for part in parts {
            let RecordPart::Field(name, value) = part else { return };
            if matches!(value.kind, ExprKind::Value(Value::None)) {
                continue;
            }
            if value.run_time_part().is_some() {
                at_run_time.push(name);
            } else if let Ok(found) = Evaluator::new(&self.model).evaluate(value) {
                said.insert(name, (found, value.span));
            }
        }
        for (asked, most) in [("cpu_request", "cpu"), ("memory_request", "memory")] {
            self.request_within(&said, asked, most);
        }
        if whole && let Some((_, span)) = said.get("accelerator") {
            let count = said.get("gpu").map(|(value, _)| value.clone());
            if matches!(count, None | Some(Value::Int(0))) && !at_run_time.contains(&"gpu") {
                self.report(
                    report::accelerator_without_count(*span, "an accelerator is named, and none is asked for")
                        .help("say how many: `gpu: 1`, or leave `accelerator` out"),
                );
            }
        }
        for (field, is_label) in [("labels", true), ("annotations", false), ("node_selector", true)] {
            if let Some((Value::Record(entries), span)) = said.get(field) {
                self.check_labels(entries, *span, is_label);
            }
        }
        if let Some((security, span)) = said.get("security") {
            let as_root = security.field("user").and_then(Value::as_int) == Some(0);
            if as_root && security.field("non_root").and_then(Value::as_bool) == Some(true) {
                self.report(
                    report::root_and_not_root(*span, "user 0 is the superuser, which `non_root` forbids")
                        .help("name another user, or leave `non_root` out"),
                );
            }
        }
        self.check_volumes(&said, whole && !at_run_time.contains(&"volumes"));
        self.check_pod_variables(&said);
    }

    fn request_within(&mut self, said: &Said<'_>, asked: &str, most: &str) {
        let (Some((request, span)), Some((limit, at))) = (said.get(asked), said.get(most)) else { return };
        let number = |value: &Value| match value {
            Value::Size(bytes) => Some(*bytes as f64),
            other => other.as_float(),
        };
        if let (Some(more), Some(less)) = (number(request), number(limit))
            && more > less
        {
            let shown = |value: &Value| match value {
                Value::Float(cores) => cores.to_string(),
                other => arithmetic::written(other),
            };
            let (request, limit) = (shown(request), shown(limit));
            let message = format!("{request} is kept for it, more than the {limit} that it may use");
            self.report(
                report::request_above_limit(*span, message)
                    .label(*at, format!("`{most}` is the most that it may use"))
                    .help(format!("ask for no more than `{most}`, or leave `{asked}` out")),
            );
        }
    }

    /// A profile with what a call lays over it: where both are written out for themselves, each has been checked.
    pub(super) fn check_laid(&mut self, compute: &Value, span: Span, environment: DeclId) {
        let number = |name: &str| match compute.field(name)? {
            Value::Size(bytes) => Some(*bytes as f64),
            other => other.as_float(),
        };
        let place = self.name(environment);
        for (asked, most) in [("cpu_request", "cpu"), ("memory_request", "memory")] {
            if number(asked).zip(number(most)).is_some_and(|(more, less)| more > less) {
                let message = format!("in environment `{place}` `{asked}` is more than `{most}`");
                let help = format!("let `{asked}` be no more than `{most}`: say both where one is said again");
                self.report(report::request_above_limit(span, message).help(help));
            }
        }
        let names = |field: &str| {
            let forms = compute.field(field).and_then(Value::as_list).unwrap_or_default().iter();
            forms.filter_map(Value::as_form).collect::<Vec<_>>()
        };
        if matches!(compute.field("volumes"), Some(Value::Unknown)) {
            return;
        }
        let volumes: Vec<&str> =
            names("volumes").iter().filter_map(|volume| volume.arguments.get("name")?.as_text()).collect();
        let mut missing = Vec::new();
        for container in names("init") {
            let Some(Value::Record(mounts)) = container.arguments.get("mounts") else { continue };
            let unknown = mounts.values().filter_map(Value::as_text).find(|volume| !volumes.contains(volume));
            missing.extend(unknown.map(|volume| (volume.to_owned(), container.span)));
        }
        for (volume, at) in missing {
            let message =
                format!("in environment `{place}` a container of the profile mounts `{volume}`, which is then gone");
            let help = "what is said here replaces the profile's: say its volumes here too, or `init: []`";
            self.report(report::bad_container(span, message).label(at, "mounted here").help(help));
        }
    }

    fn check_labels(&mut self, entries: &IndexMap<String, Value>, span: Span, is_label: bool) {
        for (key, value) in entries {
            let text = value.as_text().unwrap_or_default();
            let fault = match (is_label_key(key), is_label && !is_label_value(text)) {
                (false, _) => format!("`{key}` is no name that Kubernetes takes for a label or an annotation"),
                (true, true) => format!("`{text}` is no value that Kubernetes takes for the label `{key}`"),
                _ => continue,
            };
            self.report(report::bad_label(span, fault).help(
                "up to 63 letters, digits, `-`, `_` and `.`, a letter or digit first and last; before a name a domain and `/` may stand",
            ));
        }
    }

    /// Volumes, and the containers that mount them before the step runs.
    fn check_volumes(&mut self, said: &Said<'_>, whole: bool) {
        let mut mounted: Vec<(String, Span)> = Vec::new();
        let mut names: Vec<&str> = Vec::new();
        for volume in forms(said, "volumes") {
            names.extend(volume.arguments.get("name").and_then(Value::as_text));
            for field in ["labels", "annotations"] {
                if let Some(Value::Record(entries)) = volume.arguments.get(field) {
                    self.check_labels(entries, volume.span, field == "labels");
                }
            }
            let Some(at) = volume.arguments.get("at").and_then(Value::as_text) else { continue };
            self.check_mount(at, volume.span, &mut mounted);
            let own = volume.arguments.get("name").and_then(Value::as_text).unwrap_or_default();
            if matches!(volume.name.as_str(), "scratch" | "empty_dir") && !is_dns_label(own) {
                self.report(bad_name(volume.span, "a volume", own));
            }
        }
        let mut known: Vec<(&str, Span)> = Vec::new();
        for container in forms(said, "init") {
            let name = container.arguments.get("name").and_then(Value::as_text).unwrap_or_default();
            if !is_dns_label(name) {
                self.report(bad_name(container.span, "a container", name));
            }
            if let Some((_, first)) = known.iter().find(|(known, _)| *known == name) {
                let message = format!("two containers are called `{name}`");
                self.report(report::said_twice(container.span, message).label(*first, "the first one"));
            }
            known.push((name, container.span));
            self.check_container(container, whole.then_some(&names));
        }
    }

    fn check_mount(&mut self, at: &str, span: Span, mounted: &mut Vec<(String, Span)>) {
        let path = at.trim_end_matches('/').to_owned();
        if !at.starts_with('/') || at.contains(':') {
            let message = format!("`{at}` is no place in a container");
            self.report(report::mounted_twice(span, message).help("write a whole path: `at: \"/data\"`"));
        } else if let Some((_, first)) = mounted.iter().find(|(known, _)| *known == path) {
            let message = format!("two volumes are seen at `{at}`");
            self.report(
                report::mounted_twice(span, message)
                    .label(*first, "the first one")
                    .help("let each be seen at a path of its own"),
            );
        }
        mounted.push((path, span));
    }

    fn check_container(&mut self, container: &FormValue, volumes: Option<&Vec<&str>>) {
        let record = |name: &str| match container.arguments.get(name) {
            Some(Value::Record(entries)) => entries.clone(),
            _ => IndexMap::new(),
        };
        for variable in record("env").keys() {
            self.check_variable(variable, container.span);
        }
        let mut mounted = Vec::new();
        for (at, volume) in record("mounts") {
            self.check_mount(&at, container.span, &mut mounted);
            let volume = volume.as_text().unwrap_or_default();
            if volumes.is_some_and(|known| !known.contains(&volume)) {
                let message = format!("the container mounts `{volume}`, and the pod has no such volume");
                let help = format!("give the pod one: `volumes: [empty_dir(\"{volume}\", at: \"{at}\")]`");
                self.report(report::bad_container(container.span, message).help(help));
            }
        }
        let (limits, requests) = (record("limits"), record("requests"));
        for (name, value) in limits.iter().chain(&requests) {
            let text = value.as_text().unwrap_or_default();
            if quantity::number(text).is_none() {
                let message = format!("`{text}` is no quantity of `{name}`");
                self.report(report::bad_quantity(container.span, message).help("such as \"500m\", \"2\", \"1Gi\""));
            }
        }
        for (name, request) in &requests {
            let number = |value: &Value| quantity::number(value.as_text()?);
            if let Some((more, less)) = number(request).zip(limits.get(name).and_then(number))
                && more > less
            {
                let message = format!("more {name} is kept for the container than it may use");
                self.report(report::request_above_limit(container.span, message));
            }
        }
    }

    fn check_pod_variables(&mut self, said: &Said<'_>) {
        let mut known: Vec<(String, Span)> = Vec::new();
        for source in forms(said, "variables") {
            let names: Vec<String> = match (source.arguments.get("keys"), source.arguments.get("variable")) {
                (Some(Value::Record(keys)), _) => keys.keys().cloned().collect(),
                (_, Some(Value::Text(name))) => vec![name.clone()],
                _ => Vec::new(),
            };
            for name in names {
                self.check_variable(&name, source.span);
                if let Some((_, first)) = known.iter().find(|(known, _)| *known == name) {
                    let message = format!("the variable `{name}` is filled twice");
                    self.report(report::said_twice(source.span, message).label(*first, "filled first here"));
                }
                known.push((name, source.span));
            }
        }
    }

    fn check_variable(&mut self, name: &str, span: Span) {
        if !is_variable_name(name) {
            let message = format!("`{name}` is no name of an environment variable");
            self.report(
                report::bad_variable_name(span, message).help("letters, digits, `_`, `-` and `.`, no digit first"),
            );
        }
    }

    /// A toleration's parts fit each other.
    pub(super) fn check_toleration(&mut self, arguments: &IndexMap<String, Expr>) {
        let constant = |name: &str| match arguments.get(name).map(|value| (&value.kind, value.span)) {
            Some((ExprKind::Value(value), span)) if *value != Value::None => Some((value, span)),
            _ => None,
        };
        let text = |name: &str| constant(name).and_then(|(value, _)| value.as_text());
        let exists = text("operator") == Some("exists");
        let place = |name: &str| constant(name).map(|(_, span)| span);
        let fault = if let (true, Some(span)) = (exists, place("value").filter(|_| text("value") != Some(""))) {
            let help = "leave `value` out, or write `operator: equal`";
            Some((span, "`exists` asks for no value, and one is given", help))
        } else if let (Some(span), true) = (place("seconds"), text("effect") != Some("no_execute")) {
            let help = "write `effect: no_execute`, or leave `seconds` out";
            Some((
                span,
                "only a taint that is `no_execute` sends pods away, so only there can one stay for a while",
                help,
            ))
        } else if text("key").is_none_or(str::is_empty) && arguments.get("key").is_some_and(is_known) && !exists {
            let span = arguments.get("key").map_or(Span::default(), |key| key.span);
            Some((
                span,
                "a toleration without a key matches every taint, and says so by `exists`",
                "write `operator: exists`, or name the key",
            ))
        } else {
            None
        };
        if let Some((span, message, help)) = fault {
            self.report(report::bad_toleration(span, message).help(help));
        }
    }
}

fn is_known(expr: &Expr) -> bool {
    matches!(expr.kind, ExprKind::Value(_))
}

fn forms<'a>(said: &'a Said<'_>, field: &str) -> impl Iterator<Item = &'a FormValue> {
    let listed = said.get(field).and_then(|(value, _)| value.as_list()).unwrap_or_default();
    listed.iter().filter_map(Value::as_form)
}

fn bad_name(span: Span, noun: &str, name: &str) -> crate::diagnostics::Diagnostic {
    let message = format!("`{name}` is no name that {noun} can have");
    report::bad_container(span, message)
        .help("up to 63 small letters, digits and `-`, a letter or digit first and last")
}

/// `app`, `example.org/app`
fn is_label_key(key: &str) -> bool {
    let (prefix, name) = key.rsplit_once('/').map_or((None, key), |(prefix, name)| (Some(prefix), name));
    let good = |prefix: &str| prefix.len() <= 253 && prefix.split('.').all(is_dns_label);
    !name.is_empty() && is_label_value(name) && prefix.is_none_or(good)
}

fn is_label_value(value: &str) -> bool {
    let end = |letter: Option<char>| letter.is_none_or(|letter| letter.is_ascii_alphanumeric());
    value.len() <= 63
        && end(value.chars().next())
        && end(value.chars().last())
        && value.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.'))
}

fn is_dns_label(name: &str) -> bool {
    let plain = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit();
    !name.is_empty()
        && name.len() <= 63
        && name.starts_with(plain)
        && name.ends_with(plain)
        && name.chars().all(|letter| plain(letter) || letter == '-')
}
