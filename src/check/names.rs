//! What a name or a part of something means in an expression.

use super::checker::{Checker, Expected, Scope};
use crate::ast::{self, ItemKind, NeedKind};
use crate::diagnostics::{did_you_mean, report};
use crate::model::{Expr, ExprKind, Place, Reference, Type, Value};
use crate::resolve::DeclId;
use crate::source::Span;

/// How many faults are told with what was probably meant: looking for that takes time in proportion to all names in view.
const ENOUGH: usize = 500;

impl Checker<'_> {
    pub(super) fn name_expr(&mut self, scope: &mut Scope, name: &ast::Name, expected: Option<&Expected>) -> Expr {
        // Where an enum is wanted, a bare name that is its variant is that, whatever else it may be called elsewhere.
        let wanted = match expected.map(|expected| expected.ty.required()) {
            Some(Type::Enum(decl)) => Some(*decl),
            _ => None,
        };
        if let Some(decl) = wanted.filter(|decl| self.has_variant(*decl, &name.text) || !self.is_bound(scope, name)) {
            return self.variant(decl, name);
        }
        if let Some(local) = scope.find(&name.text) {
            local.used = true;
            let local = local.clone();
            self.used_local(name.span, &local);
            if matches!(local.expr.kind, ExprKind::Node(_)) && local.expr.ty == Type::Record(Vec::new()) {
                let message = format!("`{}` gives nothing that could be used here", name.text);
                self.report(
                    report::loop_without_yield(name.span, message)
                        .label(local.bound, "bound here")
                        .help("let its block end with `yield …`, or give the step an output; it can be waited for: `with { after: [name] }`"),
                );
                return Expr::error(name.span);
            }
            return Expr { span: name.span, ..local.expr };
        }
        match self.lookup(scope, name) {
            Some(decl) => self.decl_expr(scope, decl, name.span),
            None => {
                self.unknown_name(scope, name);
                Expr::error(name.span)
            }
        }
    }

    fn has_variant(&self, decl: DeclId, name: &str) -> bool {
        self.model.enums.get(&decl).is_some_and(|found| found.variants.iter().any(|(_, variant)| variant == name))
    }

    /// Whether a name means something of its own here.
    fn is_bound(&self, scope: &Scope, name: &ast::Name) -> bool {
        scope.peek(&name.text).is_some() || self.model.names.lookup(scope.file, &name.text).is_some()
    }

    fn variant(&mut self, decl: DeclId, name: &ast::Name) -> Expr {
        let variants: Vec<String> = match self.model.enums.get(&decl) {
            Some(known) => known.variants.iter().map(|(_, variant)| variant.clone()).collect(),
            None => return Expr::error(name.span),
        };
        if variants.contains(&name.text) {
            self.used(name.span, decl);
            return Expr::constant(Type::Enum(decl), Value::Variant(name.text.clone()), name.span);
        }
        let message = format!("`{}` has no variant `{}`", self.name(decl), name.text);
        let mut diagnostic = report::unknown_variant(name.span, message);
        if let Some(near) = did_you_mean(&name.text, variants.iter().map(String::as_str)) {
            diagnostic = diagnostic.fix("rename it", name.span, near);
        }
        let list: Vec<String> = variants.iter().map(|variant| format!("`{variant}`")).collect();
        self.report(diagnostic.help(format!("it is one of {}", list.join(", "))));
        Expr::error(name.span)
    }

    pub(super) fn unknown_name(&mut self, scope: &Scope, name: &ast::Name) {
        if let Some((_, bound)) = scope.unmade.iter().find(|(unmade, _)| *unmade == name.text) {
            let message = format!("`{}` may not have come to be when `finally` runs", name.text);
            self.report(
                report::used_outside_block(name.span, message)
                    .here("used here, whatever happened before")
                    .label(*bound, "made here, if nothing fails before")
                    .help("`finally` sees the pipeline's parameters, the items of loops around and the status"),
            );
            return;
        }
        if let Some((bound, block)) = scope.ended(&name.text) {
            let message = format!("`{}` is seen only inside the block that makes it", name.text);
            self.report(
                report::used_outside_block(name.span, message)
                    .here("used here, outside of it")
                    .label(bound, "made here")
                    .label(block.at_start(), "inside the block that begins here")
                    .help(format!(
                        "the block may not have run, or more than once: let it `yield {}` and bind what it gives to a name",
                        name.text
                    )),
            );
            return;
        }
        if let Some(bound) = scope.upcoming(&name.text) {
            let message = format!("`{}` is used before it is made", name.text);
            self.report(
                report::used_before_made(name.span, message)
                    .here("used here")
                    .label(bound, "made only here")
                    .note("calls that take each other's outputs would wait for each other forever")
                    .help("let what makes it stand first; if that needs what is made here, it is a circle: take one of the two uses away"),
            );
            return;
        }
        if self.model.names.is_lost(scope.file, &name.text) || self.is_misread(name.span) || self.may_be_left_out() {
            return;
        }
        let mut diagnostic = report::unknown_name(name.span, format!("`{}` is not declared here", name.text));
        if self.diagnostics.len() > ENOUGH {
            return self.report(diagnostic);
        }
        let visible = self.model.names.visible(scope.file);
        let candidates = scope.names().into_iter().chain(visible);
        if let Some(near) = did_you_mean(&name.text, candidates) {
            diagnostic = diagnostic.help(format!("did you mean `{near}`?")).fix("rename it", name.span, near);
        } else if let Some(help) = self.where_to_import(scope.file, &name.text) {
            diagnostic = diagnostic.help(help);
        }
        self.report(diagnostic);
    }

    /// A declaration where a value is wanted.
    pub(super) fn decl_expr(&mut self, scope: &mut Scope, decl: DeclId, span: Span) -> Expr {
        let item = self.item(decl);
        let reference = |reference| Expr::constant(Type::Reference(reference), Value::Reference(decl), span);
        match &item.kind {
            ItemKind::Let(_) => {
                let ty = self.let_type(decl);
                if self.in_progress.contains(&decl) || ty == Type::Unknown {
                    return Expr::error(span);
                }
                Expr { ty, kind: ExprKind::Decl(decl), span }
            }
            ItemKind::Need(need) => {
                let ty = self.need_type(decl, need.kind);
                Expr { ty, kind: ExprKind::Decl(decl), span }
            }
            ItemKind::Image(_) => reference(Reference::Image),
            ItemKind::Package(_) => reference(Reference::Package),
            ItemKind::Team(_) => reference(Reference::Team),
            ItemKind::Service(_) => reference(Reference::Service),
            ItemKind::Verification(_) => reference(Reference::Verification),
            ItemKind::Step(_) => reference(Reference::Step),
            ItemKind::Pipeline(_) => reference(Reference::Pipeline),
            ItemKind::Environment(_) => reference(Reference::Environment),
            ItemKind::Schema(_) => reference(Reference::Schema),
            ItemKind::Form(form) if form.parameters.iter().all(|parameter| self.is_optional(parameter)) => {
                self.form_expr(scope, decl, &[], span)
            }
            ItemKind::Fn(function) if function.parameters.is_empty() => self.function_call(scope, decl, &[], span),
            ItemKind::Form(_) | ItemKind::Fn(_) => {
                let message = format!("`{}` wants arguments", self.name(decl));
                let declared = self.model.span(decl);
                let signature = self.signature(decl);
                self.report(
                    report::call_wanted(span, message)
                        .label(declared, "declared here")
                        .help(format!("write `{signature}`")),
                );
                Expr::error(span)
            }
            other => {
                let message = format!("`{}` is a {}, no value", self.name(decl), other.keyword());
                let declared = self.model.span(decl);
                self.report(report::not_a_value(span, message).label(declared, "declared here"));
                Expr::error(span)
            }
        }
    }

    fn is_optional(&self, parameter: &ast::Parameter) -> bool {
        parameter.default.is_some() || matches!(parameter.ty.kind, ast::TypeKind::Optional(_))
    }

    /// The type of what an environment supplies.
    pub(super) fn need_type(&mut self, decl: DeclId, kind: NeedKind) -> Type {
        match kind {
            NeedKind::Secret => Type::Secret,
            NeedKind::Compute => self.core("Compute").map_or(Type::Unknown, Type::Struct),
            NeedKind::Data | NeedKind::Var => {
                let item = self.item(decl);
                match &item.kind {
                    ItemKind::Need(ast::Need { ty: Some(written), .. }) => match self.model.needs.get(&decl) {
                        Some(need) => need.ty.clone(),
                        None => self.type_of(self.file_of(decl), written),
                    },
                    _ => Type::Unknown,
                }
            }
        }
    }

    pub(super) fn field_expr(
        &mut self,
        scope: &mut Scope,
        of: &ast::Expr,
        name: &ast::Name,
        expected: Option<&Expected>,
        span: Span,
    ) -> Expr {
        if let Some(found) = self.qualified(scope, of, name, span) {
            return found;
        }
        if let Some(found) = self.output_place(scope, of, name, span) {
            return found;
        }
        let _ = expected;
        let of = self.infer(scope, of, None);
        if of.ty.is_unknown() {
            return Expr { ty: Type::Unknown, kind: ExprKind::Error, span };
        }
        self.part(scope, of, name, span)
    }

    /// `Tier.staging`, `Aspirate.patient`
    fn qualified(&mut self, scope: &mut Scope, of: &ast::Expr, name: &ast::Name, span: Span) -> Option<Expr> {
        let ast::ExprKind::Name(owner) = &of.kind else { return None };
        if scope.peek(&owner.text).is_some() {
            return None;
        }
        let decl = self.model.names.lookup(scope.file, &owner.text)?;
        match &self.item(decl).kind {
            ItemKind::Enum(_) => {
                self.used(owner.span, decl);
                let found = self.variant(decl, name);
                Some(Expr { span, ..found })
            }
            ItemKind::Schema(_) => {
                self.used(owner.span, decl);
                let columns: Vec<String> = self.columns(decl);
                if columns.contains(&name.text) {
                    let ty = Type::Reference(Reference::Column);
                    return Some(Expr::constant(ty, Value::Column(decl, name.text.clone()), span));
                }
                self.no_such_part(&format!("schema `{}`", owner.text), name, &columns, Some(decl));
                Some(Expr::error(span))
            }
            _ => None,
        }
    }

    pub(super) fn columns(&self, decl: DeclId) -> Vec<String> {
        let fields = self.model.structs.get(&decl).map(|found| found.fields.iter());
        fields.into_iter().flatten().map(|field| field.name.clone()).collect()
    }

    /// In a step's command: `model.path`, `out.model.path`.
    fn output_place(&mut self, scope: &mut Scope, of: &ast::Expr, name: &ast::Name, span: Span) -> Option<Expr> {
        let step = scope.command?;
        let (inputs, outputs) = self.step_signature(step);
        let is_output = |wanted: &str| outputs.iter().any(|output| output.name == wanted);
        if is_name(of, "out") && is_output(&name.text) && !inputs.iter().any(|input| input.name == "out") {
            return self.whole_output(name, &outputs, span);
        }
        if !matches!(name.text.as_str(), "path" | "uri" | "metadata") {
            let ast::ExprKind::Name(owner) = &of.kind else { return None };
            let input = inputs.iter().any(|input| input.name == owner.text);
            if input || !is_output(&owner.text) || scope.peek(&owner.text).is_some() {
                return None;
            }
            let known = ["path", "uri", "metadata"].map(str::to_owned);
            self.no_such_part(&format!("the output `{}`", owner.text), name, &known, None);
            return Some(Expr::error(span));
        }
        let place = |input: bool| match (input, name.text.as_str()) {
            (true, "path") => Place::InputPath,
            (true, "uri") => Place::InputUri,
            (true, _) => Place::InputMetadata,
            (false, "path") => Place::OutputPath,
            (false, "uri") => Place::OutputUri,
            (false, _) => Place::OutputMetadata,
        };
        let (owner, place) = match &of.kind {
            ast::ExprKind::Field { of, name: output } if is_name(of, "out") => {
                let known: Vec<String> = outputs.iter().map(|output| output.name.clone()).collect();
                if !known.contains(&output.text) {
                    self.no_such_part("the step's outputs", output, &known, None);
                    return Some(Expr::error(span));
                }
                (output, place(false))
            }
            ast::ExprKind::Name(owner) => {
                let input = inputs.iter().find(|input| input.name == owner.text);
                match input {
                    Some(input) if input.ty.is_artifact() => {
                        scope.touch(&owner.text);
                        (owner, place(true))
                    }
                    Some(_) => return None,
                    None => {
                        let output = outputs.iter().find(|output| output.name == owner.text)?;
                        if name.text != "path" && !output.ty.is_artifact() {
                            return None;
                        }
                        (owner, place(false))
                    }
                }
            }
            _ => return None,
        };
        let ty = if name.text == "metadata" { Type::Json } else { Type::String };
        Some(Expr { ty, kind: ExprKind::Place(place, owner.text.clone()), span })
    }

    /// `out.model`, without `path` or `uri`: what is known of it.
    fn whole_output(&mut self, name: &ast::Name, outputs: &[crate::model::Field], span: Span) -> Option<Expr> {
        let output = outputs.iter().find(|output| output.name == name.text)?;
        if !output.ty.is_artifact() {
            let message = format!("`{}` is no artifact: nothing is known of it before it is written", name.text);
            self.report(
                report::bad_word(span, message).help(format!("the file to write it to is `{}.path`", name.text)),
            );
            return Some(Expr::error(span));
        }
        Some(Expr { ty: output.ty.clone(), kind: ExprKind::Place(Place::Output, name.text.clone()), span })
    }

    /// A part of a value.
    fn part(&mut self, scope: &mut Scope, of: Expr, name: &ast::Name, span: Span) -> Expr {
        let field = |ty: Type, of: Expr| Expr { ty, kind: ExprKind::Field(Box::new(of), name.text.clone()), span };
        match of.ty.unrefined().clone() {
            Type::String | Type::List(_) | Type::Map(_) if name.text == "length" => {
                Expr { ty: Type::Int, kind: ExprKind::Length(Box::new(of)), span }
            }
            Type::Record(fields) => match fields.iter().find(|(field, _)| *field == name.text) {
                Some((_, ty)) => {
                    self.used_part(name, ty);
                    field(ty.clone(), of)
                }
                None => {
                    let known: Vec<String> = fields.iter().map(|(field, _)| field.clone()).collect();
                    self.no_such_part("it", name, &known, None);
                    Expr::error(span)
                }
            },
            Type::Struct(decl) => self.struct_part(decl, of, name, span),
            Type::Map(item) => field((*item).clone().optional(), of),
            Type::Json => field(Type::Json, of),
            Type::Optional(_) => {
                self.report(
                    report::may_be_none(of.span, format!("this may be `none`, which has no `{}`", name.text))
                        .help("ask `if … != none` first, or give another value for that with `??`"),
                );
                Expr::error(span)
            }
            Type::Reference(reference) => self.reference_part(scope, reference, of, name, span),
            Type::RunOf(pipeline) => self.run_part(pipeline, of, name, span),
            Type::RunStatus if matches!(name.text.as_str(), "state" | "error" | "pipeline" | "run") => {
                field(Type::String, of)
            }
            other => {
                let message = format!("a `{}` has no `{}`", self.show(&other), name.text);
                let mut diagnostic = report::unknown_part(name.span, message);
                if of.ty.is_artifact() {
                    diagnostic =
                        diagnostic.help("an artifact's `path` and `uri` are known inside a step's command alone");
                }
                self.report(diagnostic);
                Expr::error(span)
            }
        }
    }

    fn struct_part(&mut self, decl: DeclId, of: Expr, name: &ast::Name, span: Span) -> Expr {
        let field = self.model.structs.get(&decl).and_then(|found| found.field(&name.text)).cloned();
        match field {
            Some(field) => {
                self.used_field(name, &field);
                Expr { ty: field.ty, kind: ExprKind::Field(Box::new(of), name.text.clone()), span }
            }
            None => {
                let known = self.columns(decl);
                self.no_such_part(&format!("`{}`", self.name(decl)), name, &known, Some(decl));
                Expr::error(span)
            }
        }
    }

    fn reference_part(
        &mut self,
        scope: &mut Scope,
        reference: Reference,
        of: Expr,
        name: &ast::Name,
        span: Span,
    ) -> Expr {
        let item = match reference {
            Reference::Environment => "Environment",
            Reference::Step => "Step",
            Reference::Service => "Service",
            Reference::Image => "Image",
            Reference::Pipeline | Reference::Verification => return self.measure(scope, reference, of, name, span),
            Reference::Path => {
                let ty = match name.text.as_str() {
                    "approvals" => Type::Int,
                    "rolls_back" | "starts_by_hand" => Type::Bool,
                    "soaks" => Type::Duration,
                    "environments" => Type::List(Box::new(Type::Reference(Reference::Environment))),
                    _ => {
                        let known = ["approvals", "rolls_back", "starts_by_hand", "soaks", "environments", "verifies"];
                        self.no_such_part("a path", name, &known.map(String::from), None);
                        return Expr::error(span);
                    }
                };
                return Expr { ty, kind: ExprKind::Field(Box::new(of), name.text.clone()), span };
            }
            _ => {
                let message = format!("a `{}` has no `{}`", self.show(&of.ty), name.text);
                self.report(report::unknown_part(name.span, message));
                return Expr::error(span);
            }
        };
        if name.text == "name" {
            return Expr { ty: Type::String, kind: ExprKind::Field(Box::new(of), name.text.clone()), span };
        }
        let Some(decl) = self.item_struct(item) else { return Expr::error(span) };
        let is_said = match (&reference, &of.kind) {
            (Reference::Service, ExprKind::Value(Value::Reference(service))) => {
                self.model.services.get(service).is_some_and(|found| found.fields.contains_key(&name.text))
            }
            // In a policy, a step that does not say it is one of which nothing can be shown.
            (reference, _) => *reference == Reference::Step,
        };
        let found = self.struct_part(decl, of, name, span);
        match is_said {
            true => Expr { ty: found.ty.required().clone(), ..found },
            false => found,
        }
    }

    /// What a run of a pipeline gave, or a verification measured.
    fn measure(&mut self, scope: &mut Scope, reference: Reference, of: Expr, name: &ast::Name, span: Span) -> Expr {
        let ExprKind::Value(Value::Reference(decl)) = of.kind else {
            if name.text == "name" {
                return Expr { ty: Type::String, kind: ExprKind::Field(Box::new(of), name.text.clone()), span };
            }
            return Expr::error(span);
        };
        let outputs = self.outputs_of(decl);
        let mut known: Vec<(String, Type)> =
            outputs.iter().map(|field| (field.name.clone(), field.ty.clone())).collect();
        if reference == Reference::Pipeline {
            known.push(("duration".into(), Type::Duration));
        }
        if reference == Reference::Pipeline && scope.alert {
            let seen = self.item_struct("Watched").and_then(|decl| self.model.structs.get(&decl));
            known.extend(
                seen.into_iter().flat_map(|seen| &seen.fields).map(|seen| (seen.name.clone(), seen.ty.clone())),
            );
        }
        if !scope.gate {
            let message = format!("what `{}` gives is known only once it has run", self.name(decl));
            self.report(
                report::measured_only_at_gate(span, message)
                    .help("only a `require`, a `watch` or an `alert` can speak of it"),
            );
            return Expr::error(span);
        }
        if let Some(output) = outputs.iter().find(|output| output.name == name.text) {
            self.used_field(name, output);
        }
        let Some((_, ty)) = known.iter().find(|(known, _)| *known == name.text) else {
            let noun = if reference == Reference::Pipeline { "pipeline" } else { "verification" };
            let message = format!("{noun} `{}` gives no `{}`", self.name(decl), name.text);
            let mut diagnostic = report::unknown_measure(name.span, message)
                .here("nothing of this name is measured")
                .label(self.model.span(decl), format!("the {noun} is declared here"));
            let names: Vec<&str> = known.iter().map(|(name, _)| name.as_str()).collect();
            if let Some(near) = did_you_mean(&name.text, names.iter().copied()) {
                diagnostic = diagnostic.fix("rename it", name.span, near);
            }
            let list: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
            self.report(match list.is_empty() {
                true => diagnostic.help(format!(
                    "it gives nothing: declare an output, `{noun} {} -> ({}: float)`",
                    self.name(decl),
                    name.text
                )),
                false => diagnostic.help(format!("it gives {}", list.join(", "))),
            });
            return Expr::error(span);
        };
        let ty = match ty.unrefined() {
            Type::Optional(inner) if scope.is_measured(&format!("{}.{}", self.text(of.span), name.text)) => {
                inner.unrefined()
            }
            other => other,
        };
        Expr { ty: ty.clone(), kind: ExprKind::Measure(decl, name.text.clone()), span }
    }

    pub(super) fn no_such_part(&mut self, owner: &str, name: &ast::Name, known: &[String], decl: Option<DeclId>) {
        let mut diagnostic = report::unknown_part(name.span, format!("{owner} has no `{}`", name.text));
        if let Some(decl) = decl {
            diagnostic = diagnostic.label(self.model.span(decl), "declared here");
        }
        if let Some(near) = did_you_mean(&name.text, known.iter().map(String::as_str)) {
            diagnostic = diagnostic.fix("rename it", name.span, near);
        }
        let list: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
        if !list.is_empty() {
            diagnostic = diagnostic.help(format!("it has {}", list.join(", ")));
        }
        self.report(diagnostic);
    }
}

fn is_name(expr: &ast::Expr, text: &str) -> bool {
    matches!(&expr.kind, ast::ExprKind::Name(name) if name.text == text)
}
