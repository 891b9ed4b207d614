//! Calls: arguments held against parameters, functions, forms and structs.

use indexmap::IndexMap;

use super::checker::{Checker, Expected, Scope};
use crate::ast::{self, Argument, ItemKind};
use crate::diagnostics::{did_you_mean, report};
use crate::model::{Expr, ExprKind, Field, RecordPart, Reference, Type};
use crate::resolve::DeclId;
use crate::source::Span;

/// What is called, for messages.
pub(super) struct Callee<'a> {
    pub(super) name: &'a str,
    pub(super) decl: DeclId,
    /// How many arguments may stand without a name.
    pub(super) positional: usize,
    /// Whether what is left out is an error.
    pub(super) complete: bool,
}

impl Checker<'_> {
    pub(super) fn call_expr(
        &mut self,
        scope: &mut Scope,
        callee: &ast::Expr,
        arguments: &[Argument],
        expected: Option<&Expected>,
        span: Span,
    ) -> Expr {
        let _ = expected;
        match &callee.kind {
            ast::ExprKind::Field { of, name } => self.ask(scope, of, name, arguments, span),
            ast::ExprKind::Name(name) => {
                if scope.peek(&name.text).is_some() {
                    let message = format!("`{}` is a value, and cannot be called", name.text);
                    self.report(report::not_callable(callee.span, message));
                    return Expr::error(span);
                }
                let Some(decl) = self.lookup(scope, name) else {
                    self.unknown_name(scope, name);
                    self.look_at(scope, arguments);
                    return Expr::error(span);
                };
                self.call_decl(scope, decl, arguments, span)
            }
            ast::ExprKind::Error => Expr::error(span),
            _ => {
                self.report(report::not_callable(callee.span, "this cannot be called"));
                Expr::error(span)
            }
        }
    }

    fn call_decl(&mut self, scope: &mut Scope, decl: DeclId, arguments: &[Argument], span: Span) -> Expr {
        match &self.item(decl).kind {
            ItemKind::Fn(_) => self.function_call(scope, decl, arguments, span),
            ItemKind::Form(_) => self.form_expr(scope, decl, arguments, span),
            ItemKind::Struct(_) => {
                let fields = self.model.structs.get(&decl).map(|found| found.fields.clone()).unwrap_or_default();
                let name = self.name(decl);
                let callee = Callee { name: &name, decl, positional: 1, complete: true };
                let arguments = self.arguments(scope, &callee, &fields, arguments, span);
                let parts = arguments.into_iter().map(|(name, value)| RecordPart::Field(name, value)).collect();
                Expr { ty: Type::Struct(decl), kind: ExprKind::Record(parts), span }
            }
            ItemKind::Step(_) | ItemKind::Pipeline(_) => {
                let message = format!("`{}` is called in a statement of its own", self.name(decl));
                self.look_at(scope, arguments);
                self.report(
                    report::call_inside_expression(span, message)
                        .help(format!("bind it first: `result = {}(…)`, then name the result here", self.name(decl))),
                );
                Expr::error(span)
            }
            other => {
                let message = format!("`{}` is a {}, and cannot be called", self.name(decl), other.keyword());
                let declared = self.model.span(decl);
                self.look_at(scope, arguments);
                self.report(report::not_callable(span, message).label(declared, "declared here"));
                Expr::error(span)
            }
        }
    }

    /// Looks at arguments of something unknown, so that faults inside them are still found.
    pub(super) fn look_at(&mut self, scope: &mut Scope, arguments: &[Argument]) {
        for argument in arguments {
            // A bare name may be a parameter's: nothing can be said of it.
            if argument.name.is_some() || !matches!(argument.value.kind, ast::ExprKind::Name(_)) {
                self.infer(scope, &argument.value, None);
            } else if let ast::ExprKind::Name(name) = &argument.value.kind {
                scope.touch(&name.text);
            }
        }
    }

    pub(super) fn function_call(
        &mut self,
        scope: &mut Scope,
        decl: DeclId,
        arguments: &[Argument],
        span: Span,
    ) -> Expr {
        let Some(function) = self.function(decl) else { return Expr::error(span) };
        let name = self.name(decl);
        let callee = Callee { name: &name, decl, positional: 1, complete: true };
        let given = self.arguments(scope, &callee, &function.parameters, arguments, span);
        let ordered = function.parameters.iter().map(|parameter| {
            let found = given.get(&parameter.name).cloned();
            found.unwrap_or_else(|| Expr::error(span))
        });
        let ordered: Vec<Expr> = ordered.collect();
        if function.body.is_none()
            && let Some(found) = self.answered_when_it_runs(decl, &ordered, &function.result, span)
        {
            return found;
        }
        if let ([Expr { kind: ExprKind::Value(crate::model::Value::Text(path)), span: at, .. }], true) =
            (ordered.as_slice(), self.core("file") == Some(decl))
        {
            return match self.text_of_file(path, *at) {
                Some(text) => Expr::constant(Type::String, crate::model::Value::Text(text), span),
                None => Expr::error(span),
            };
        }
        let ty = match ordered.as_slice() {
            [one] if self.core("collected") == Some(decl) => Type::List(Box::new(one.ty.clone())),
            [one] if self.core("flat") == Some(decl) => return self.flat(one.clone(), decl, span),
            _ => function.result.clone(),
        };
        Expr { ty, kind: ExprKind::Call(decl, ordered), span }
    }

    fn flat(&mut self, lists: Expr, function: DeclId, span: Span) -> Expr {
        let ty = match lists.ty.unrefined() {
            Type::List(inner) if matches!(inner.unrefined(), Type::List(_)) && inner.is_artifact() => (**inner).clone(),
            Type::Unknown => return Expr::error(span),
            other => {
                let message = format!("`flat` takes lists of artifacts in a list, not a `{}`", self.show(other));
                self.report(
                    report::type_mismatch(lists.span, message)
                        .help("values that loops inside loops give are lists in a list; a step can take them so"),
                );
                return Expr::error(span);
            }
        };
        Expr { ty, kind: ExprKind::Call(function, vec![lists]), span }
    }

    pub(super) fn form_expr(&mut self, scope: &mut Scope, decl: DeclId, arguments: &[Argument], span: Span) -> Expr {
        let Some(form) = self.form(decl) else { return Expr::error(span) };
        let name = self.name(decl);
        let is_run = self.core("Run") == Some(form.kind);
        let positional = if is_run { usize::MAX } else { 1 };
        let callee = Callee { name: &name, decl, positional, complete: true };
        let given = if is_run && name == "command" {
            self.words(scope, arguments)
        } else {
            self.arguments(scope, &callee, &form.parameters, arguments, span)
        };
        super::advice_forms::check(self, &name, &given);
        if self.is_word(form.kind) {
            self.check_word_form(&name, &given, span);
        }
        let given = given.into_iter().collect();
        Expr { ty: Type::Kind(form.kind), kind: ExprKind::Form(decl, given), span }
    }

    /// Arguments held against parameters: what is given or, where the parameter has one, its default; in the order of the parameters.
    pub(super) fn arguments(
        &mut self,
        scope: &mut Scope,
        callee: &Callee<'_>,
        parameters: &[Field],
        arguments: &[Argument],
        span: Span,
    ) -> IndexMap<String, Expr> {
        let mut given: IndexMap<String, (Expr, Span)> = IndexMap::new();
        let mut unnamed = 0;
        let mut all_placed = true;
        for argument in arguments {
            if self.reports_unknown_argument(scope, callee, parameters, argument) {
                all_placed = false;
                continue;
            }
            let Some((parameter, at)) = self.parameter_of(callee, parameters, argument, &mut unnamed) else {
                self.infer_quietly(scope, argument);
                all_placed = false;
                continue;
            };
            if let Some((_, first)) = given.get(&parameter.name) {
                let message = format!("`{}` is given twice", parameter.name);
                let first = *first;
                self.report(report::said_twice(at, message).label(first, "given first here"));
                continue;
            }
            let why = format!(
                "`{}` of `{}` is {}",
                parameter.name,
                callee.name,
                super::expr::with_article(&self.show(&parameter.ty))
            );
            let may_be_absent = !callee.complete && parameter.default.is_some() && self.fills_in_defaults(callee.decl);
            let named = matches!(argument.value.kind, ast::ExprKind::Name(_) | ast::ExprKind::Field { .. });
            let ty = if may_be_absent && named { parameter.ty.clone().optional() } else { parameter.ty.clone() };
            let expected = Expected::because(&ty, parameter.span, why).marked(&parameter.marks);
            let value = self.expr(scope, &argument.value, &expected);
            given.insert(parameter.name.clone(), (value, at));
        }
        let mut missing = Vec::new();
        let mut complete = IndexMap::new();
        for parameter in parameters {
            if let Some((value, _)) = given.shift_remove(&parameter.name) {
                complete.insert(parameter.name.clone(), value);
            } else if let Some(default) = &parameter.default {
                if callee.complete {
                    complete.insert(parameter.name.clone(), default.clone());
                }
            } else if matches!(parameter.ty.unrefined(), Type::Optional(_) | Type::TaskConfig) {
                if callee.complete {
                    let none = Expr::constant(Type::None, crate::model::Value::None, span);
                    complete.insert(parameter.name.clone(), none);
                }
            } else {
                missing.push(parameter);
            }
        }
        if all_placed {
            self.report_missing(callee, &missing, span);
        }
        complete
    }

    /// Whether the orchestrator itself fills in the default of an input whose value is absent: where no runner of ours starts the step.
    fn fills_in_defaults(&self, decl: DeclId) -> bool {
        let item = self.item(decl);
        let ast::ItemKind::Step(step) = &item.kind else { return matches!(item.kind, ast::ItemKind::Pipeline(_)) };
        let run = step.entries.iter().find_map(|entry| match entry {
            ast::Entry::Field { name, value, .. } if name.text == "run" => Some(&value.kind),
            _ => None,
        });
        match run {
            Some(ast::ExprKind::Call { callee, .. }) => {
                !matches!(&callee.kind, ast::ExprKind::Name(name) if name.text == "python")
            }
            _ => false,
        }
    }

    /// A bare name that is neither a parameter's nor anything else's is a slip of the pen.
    fn reports_unknown_argument(
        &mut self,
        scope: &mut Scope,
        callee: &Callee<'_>,
        parameters: &[Field],
        argument: &Argument,
    ) -> bool {
        let (None, ast::ExprKind::Name(name)) = (&argument.name, &argument.value.kind) else { return false };
        let known = parameters.iter().any(|parameter| parameter.name == name.text)
            || scope.peek(&name.text).is_some()
            || self.lookup(scope, name).is_some();
        if known || callee.positional > 0 {
            return false;
        }
        self.unknown_name(scope, name);
        true
    }

    fn report_missing(&mut self, callee: &Callee<'_>, missing: &[&Field], span: Span) {
        if missing.is_empty() {
            return;
        }
        let names: Vec<String> = missing.iter().map(|field| format!("`{}`", field.name)).collect();
        let message = format!("`{}` is called without {}", callee.name, names.join(" and "));
        let mut diagnostic = report::missing_argument(span, message);
        for field in missing {
            diagnostic = diagnostic.label(field.span, format!("`{}` is declared here, and has no default", field.name));
        }
        let example: Vec<String> = missing.iter().map(|field| format!("{}: …", field.name)).collect();
        self.report(diagnostic.help(format!("add `{}`", example.join(", "))));
    }

    /// The parameter that an argument is for, and where to point.
    fn parameter_of<'p>(
        &mut self,
        callee: &Callee<'_>,
        parameters: &'p [Field],
        argument: &Argument,
        unnamed: &mut usize,
    ) -> Option<(&'p Field, Span)> {
        let named = |name: &str| parameters.iter().find(|parameter| parameter.name == name);
        if let Some(name) = &argument.name {
            if let Some(parameter) = named(&name.text) {
                self.used_field(name, parameter);
                return Some((parameter, name.span));
            }
            let message = format!("`{}` has no parameter `{}`", callee.name, name.text);
            let mut diagnostic = report::unknown_argument(name.span, message)
                .label(self.model.span(callee.decl), format!("`{}` is declared here", callee.name));
            let known: Vec<&str> = parameters.iter().map(|parameter| parameter.name.as_str()).collect();
            if let Some(near) = did_you_mean(&name.text, known.iter().copied()) {
                diagnostic = diagnostic.fix("rename it", name.span, near);
            }
            let list: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
            self.report(match list.is_empty() {
                true => diagnostic.help("it has none"),
                false => diagnostic.help(format!("it has {}", list.join(", "))),
            });
            return None;
        }
        let at = argument.value.span;
        if let ast::ExprKind::Name(name) = &argument.value.kind
            && let Some(parameter) = named(&name.text)
        {
            return Some((parameter, at));
        }
        *unnamed += 1;
        if *unnamed <= callee.positional
            && let Some(parameter) = parameters.get(*unnamed - 1)
        {
            return Some((parameter, at));
        }
        let message = match parameters.len() {
            0 => format!("`{}` takes no argument", callee.name),
            _ if callee.positional == 0 => format!("`{}` takes its arguments by name", callee.name),
            _ => format!("`{}` takes no further argument without a name", callee.name),
        };
        let mut diagnostic = report::unnamed_argument(at, message)
            .label(self.model.span(callee.decl), format!("`{}` is declared here", callee.name));
        let list: Vec<String> = parameters.iter().map(|parameter| format!("`{}:`", parameter.name)).collect();
        if !list.is_empty() {
            diagnostic = diagnostic.help(format!("say which it is: {}", list.join(", ")));
        }
        self.report(diagnostic);
        None
    }

    fn infer_quietly(&mut self, scope: &mut Scope, argument: &Argument) {
        if let ast::ExprKind::Name(name) = &argument.value.kind {
            scope.touch(&name.text);
        } else {
            self.infer(scope, &argument.value, None);
        }
    }

    /// `{ cpu: 1, ..base.limits }` where a struct is wanted.
    pub(super) fn struct_literal(
        &mut self,
        scope: &mut Scope,
        decl: DeclId,
        entries: &[ast::RecordEntry],
        span: Span,
    ) -> Expr {
        let parts = self.struct_parts(scope, decl, entries);
        let found = self.complete_struct(decl, parts, span);
        if self.core("Compute") == Some(decl)
            && let ExprKind::Record(parts) = &found.kind
        {
            self.check_compute(parts, true);
        }
        found
    }

    /// What is said in a record where a struct is wanted, and no more.
    pub(super) fn struct_parts(
        &mut self,
        scope: &mut Scope,
        decl: DeclId,
        entries: &[ast::RecordEntry],
    ) -> Vec<RecordPart> {
        let fields = self.model.structs.get(&decl).map(|found| found.fields.clone()).unwrap_or_default();
        let name = self.name(decl);
        let mut known = Vec::new();
        for entry in entries {
            if let ast::RecordEntry::Keyed { key, .. } = entry {
                let message = format!("a field of `{name}` has a name, and this is made of values");
                self.report(
                    report::unknown_part(key.span, message).help("only a map has keys that are made of values"),
                );
                continue;
            }
            if let ast::RecordEntry::Field { name: field, .. } = entry {
                let Some(known) = fields.iter().find(|known| known.name == field.text) else {
                    let names = self.columns(decl);
                    self.no_such_part(&format!("`{name}`"), field, &names, Some(decl));
                    continue;
                };
                self.used_field(field, known);
            }
            known.push(entry.clone());
        }
        let wanted = |field: &str| {
            let found = fields.iter().find(|known| known.name == field)?;
            let why = format!("`{}` of `{name}` is declared here", found.name);
            Some(Expected::because(&found.ty, found.span, why).marked(&found.marks))
        };
        let parts = self.record_parts(scope, &known, wanted);
        for part in &parts {
            if let RecordPart::Spread(value) = part {
                let of = value.ty.required().clone();
                if !value.ty.is_unknown() && of != Type::Struct(decl) {
                    let message = format!("only a `{name}` can be spread into a `{name}`, not a `{}`", self.show(&of));
                    self.report(report::type_mismatch(value.span, message));
                }
            }
        }
        parts
    }

    /// The record with what is left out.
    fn complete_struct(&mut self, decl: DeclId, mut parts: Vec<RecordPart>, span: Span) -> Expr {
        let fields = self.model.structs.get(&decl).map(|found| found.fields.clone()).unwrap_or_default();
        let name = self.name(decl);
        let spread = parts.iter().any(|part| matches!(part, RecordPart::Spread(_)));
        let said =
            |field: &Field| parts.iter().any(|part| matches!(part, RecordPart::Field(name, _) if *name == field.name));
        let unsaid: Vec<&Field> = fields.iter().filter(|field| !said(field)).collect();
        if spread {
            return Expr { ty: Type::Struct(decl), kind: ExprKind::Record(parts), span };
        }
        let missing: Vec<&Field> = unsaid.iter().copied().filter(|field| !field.may_be_left_out()).collect();
        if !missing.is_empty() {
            let names: Vec<String> = missing.iter().map(|field| format!("`{}`", field.name)).collect();
            let message = format!("`{name}` lacks {}", names.join(" and "));
            let mut diagnostic = report::missing_field(span, message);
            for field in &missing {
                diagnostic = diagnostic.label(field.span, "declared here, and has no default");
            }
            self.report(diagnostic);
        }
        let defaults: Vec<RecordPart> = unsaid
            .into_iter()
            .map(|field| {
                let none = || Expr::constant(Type::None, crate::model::Value::None, span);
                RecordPart::Field(field.name.clone(), field.default.clone().unwrap_or_else(none))
            })
            .collect();
        parts.extend(defaults);
        Expr { ty: Type::Struct(decl), kind: ExprKind::Record(parts), span }
    }

    /// `path.verifies(x)`, `place.sees(@pii)`, `run.started(step)`
    fn ask(&mut self, scope: &mut Scope, of: &ast::Expr, name: &ast::Name, arguments: &[Argument], span: Span) -> Expr {
        let of = self.infer(scope, of, None);
        if of.ty.is_unknown() {
            self.look_at(scope, arguments);
            return Expr::error(span);
        }
        let (asked, result) = match (of.ty.unrefined(), name.text.as_str()) {
            (Type::Reference(Reference::Path), "verifies") => (Type::Reference(Reference::Verification), Type::Bool),
            (Type::Reference(Reference::Path), "passes") => (Type::Reference(Reference::Environment), Type::Bool),
            (Type::Reference(Reference::Environment), "sees") => (Type::Reference(Reference::Mark), Type::Bool),
            (Type::Reference(Reference::Pipeline), "cost") => (Type::Reference(Reference::Environment), Type::Money),
            (Type::Reference(Reference::Pipeline), "longest") => {
                (Type::Reference(Reference::Environment), Type::Duration)
            }
            (Type::RunOf(_), "started") => (Type::Reference(Reference::Step), Type::Bool),
            (other, _) => {
                let message = format!("a `{}` cannot be asked `{}(…)`", self.show(other), name.text);
                self.report(
                    report::unknown_part(name.span, message).help(
                        "a path: `verifies(…)`, `passes(…)`; an environment: `sees(@mark)`; a pipeline: `cost(place)`, `longest(place)`; a run: `started(step)`",
                    ),
                );
                self.look_at(scope, arguments);
                return Expr::error(span);
            }
        };
        let [argument] = arguments else {
            let message = format!("`{}` takes one argument, not {}", name.text, arguments.len());
            self.report(report::missing_argument(span, message));
            return Expr::error(span);
        };
        let argument = self.expr(scope, &argument.value, &Expected::of(&asked));
        Expr { ty: result, kind: ExprKind::Ask(Box::new(of), name.text.clone(), vec![argument]), span }
    }

    /// A call as it is to be written.
    pub(super) fn signature(&mut self, decl: DeclId) -> String {
        let item = self.item(decl);
        let parameters = match &item.kind {
            ItemKind::Fn(function) => &function.parameters,
            ItemKind::Form(form) => &form.parameters,
            _ => return self.name(decl),
        };
        let list: Vec<String> = parameters
            .iter()
            .map(|parameter| format!("{}: {}", parameter.name.text, self.text(parameter.ty.span)))
            .collect();
        format!("{}({})", self.name(decl), list.join(", "))
    }
}
