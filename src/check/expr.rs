//! Expressions: names bound, types found, what is wanted held against what is given.

use super::checker::{Checker, Expected, Scope};
use super::literal;
use crate::ast::{self, ExprKind as Written, TextPart, UnaryOperator};
use crate::diagnostics::{Diagnostic, report};
use crate::model::{Expr, ExprKind, RecordPart, Type, Value};
use crate::source::Span;

impl Checker<'_> {
    /// An expression of which something is wanted: what it gives is held against that.
    pub(super) fn expr(&mut self, scope: &mut Scope, written: &ast::Expr, expected: &Expected) -> Expr {
        let found = self.infer(scope, written, Some(expected));
        self.hold_against(found, expected)
    }

    /// An expression that must be true or false.
    pub(super) fn condition(&mut self, scope: &mut Scope, written: &ast::Expr) -> Expr {
        self.expr(scope, written, &Expected::of(&Type::Bool))
    }

    /// An expression of any type; what is expected only helps to understand it.
    pub(super) fn infer(&mut self, scope: &mut Scope, written: &ast::Expr, expected: Option<&Expected>) -> Expr {
        let span = written.span;
        match &written.kind {
            Written::Error => Expr::error(span),
            Written::None => Expr::constant(Type::None, Value::None, span),
            Written::Bool(value) => Expr::constant(Type::Bool, Value::Bool(*value), span),
            Written::Int(text) => self.int(text, expected, span),
            Written::Float(text) => self.literal(literal::float(text, span).map(|value| (Type::Float, value)), span),
            Written::Quantity { number, unit } => self.literal(literal::quantity(number, unit, span), span),
            Written::RawText(text) => self.constant_text(text, expected, span),
            Written::Text(parts) => self.text_expr(scope, parts, expected, span),
            Written::Mark(name) => self.mark(scope, name, span),
            Written::Name(name) => self.name_expr(scope, name, expected),
            Written::Field { of, name } => self.field_expr(scope, of, name, expected, span),
            Written::Index { of, index } => self.index_expr(scope, of, index, span),
            Written::Call { callee, arguments } => self.call_expr(scope, callee, arguments, expected, span),
            Written::With { call, .. } => {
                self.report(
                    report::with_outside_call(span, "`with { … }` says what holds for a call of a step or pipeline")
                        .help("write it right after such a call, in a statement of its own"),
                );
                self.infer(scope, call, None);
                Expr::error(span)
            }
            Written::List(items) => self.list(scope, items, expected, span),
            Written::Comprehension { name, source, condition, value } => {
                self.comprehension(scope, (name, source, condition.as_deref(), value), expected, span)
            }
            Written::Record(entries) => self.record(scope, entries, expected, span),
            Written::Unary { operator, operand } => self.unary(scope, *operator, operand, span),
            Written::Binary { operator, operator_span, left, right } => {
                self.binary(scope, (*operator, *operator_span), left, right, expected, span)
            }
            Written::Range { low, high, inclusive } => {
                let low = self.infer(scope, low, None);
                let high = self.infer(scope, high, Some(&Expected::of(&low.ty)));
                let of = self.comparable(&low, &high, span).unwrap_or_default();
                let kind = ExprKind::Range(Box::new(low), Box::new(high), *inclusive);
                Expr { ty: Type::Range(Box::new(of)), kind, span }
            }
            Written::If(branches) => self.if_value(scope, branches, expected, span),
            Written::For(_) => {
                self.report(
                    report::for_outside_pipeline(span, "`for` with a block stands in a pipeline alone")
                        .help("when compiling, list it: `[for x in xs: value]`"),
                );
                Expr::error(span)
            }
        }
    }

    fn literal(&mut self, found: Result<(Type, Value), Box<Diagnostic>>, span: Span) -> Expr {
        match found {
            Ok((ty, value)) => Expr::constant(ty, value, span),
            Err(diagnostic) => {
                self.report(*diagnostic);
                Expr::error(span)
            }
        }
    }

    fn int(&mut self, text: &str, expected: Option<&Expected>, span: Span) -> Expr {
        if expected.is_some_and(|expected| *expected.ty.required() == Type::Float) {
            return self.literal(literal::float(text, span).map(|value| (Type::Float, value)), span);
        }
        self.literal(literal::int(text, span).map(|value| (Type::Int, value)), span)
    }

    fn constant_text(&mut self, text: &str, expected: Option<&Expected>, span: Span) -> Expr {
        let ty = match expected.map(|expected| expected.ty.required()) {
            Some(ty @ (Type::Uri | Type::Cron | Type::Timestamp)) => {
                if let Err(diagnostic) = super::formats::check(ty, text, span) {
                    self.report(*diagnostic);
                }
                ty.clone()
            }
            _ => Type::String,
        };
        Expr::constant(ty, Value::Text(text.to_owned()), span)
    }

    fn text_expr(&mut self, scope: &mut Scope, parts: &[TextPart], expected: Option<&Expected>, span: Span) -> Expr {
        if parts.iter().all(|part| matches!(part, TextPart::Literal(_))) {
            let literal = |part: &TextPart| match part {
                TextPart::Literal(text) => text.clone(),
                TextPart::Expr(_) => String::new(),
            };
            return self.constant_text(&parts.iter().map(literal).collect::<String>(), expected, span);
        }
        let parts = parts
            .iter()
            .map(|part| match part {
                TextPart::Literal(text) => Expr::constant(Type::String, Value::Text(text.clone()), span),
                TextPart::Expr(written) => {
                    let found = self.infer(scope, written, None);
                    self.must_be_text(found)
                }
            })
            .collect();
        Expr { ty: Type::String, kind: ExprKind::Text(parts), span }
    }

    /// What stands inside a text must have a text form: a secret and a file have none.
    fn must_be_text(&mut self, found: Expr) -> Expr {
        match found.ty.required() {
            Type::Secret => {
                let mut diagnostic = report::secret_in_text(found.span, "a secret cannot stand in a text")
                    .here("this is a secret")
                    .note("a text is emitted, logged and shown; a secret is only referred to")
                    .help(
                        "give it to the step by `secrets: { NAME: the_secret }`, and let the program read the variable",
                    );
                if let ExprKind::Decl(decl) = found.kind {
                    diagnostic = diagnostic.label(self.model.span(decl), "declared as a secret here");
                }
                self.report(diagnostic);
                Expr::error(found.span)
            }
            Type::Artifact { .. } => {
                self.report(
                    report::artifact_in_text(found.span, "an artifact cannot stand in a text")
                        .help("write its `path` or `uri`: `\\(model.path)`"),
                );
                Expr::error(found.span)
            }
            Type::Kind(_)
            | Type::Reference(_)
            | Type::Record(_)
            | Type::RunStatus
            | Type::Table(_)
            | Type::Range(_) => {
                let message = format!("a `{}` cannot stand in a text", self.show(&found.ty));
                self.report(report::not_text_form(found.span, message));
                Expr::error(found.span)
            }
            _ => found,
        }
    }

    fn mark(&mut self, scope: &Scope, name: &ast::Name, span: Span) -> Expr {
        self.known_mark(scope, name);
        let ty = Type::Reference(crate::model::Reference::Mark);
        Expr::constant(ty, Value::Mark(name.text.clone()), span)
    }

    /// Reports a mark that nothing declares.
    pub(super) fn known_mark(&mut self, scope: &Scope, name: &ast::Name) {
        let decl = self.model.names.lookup(scope.file, &name.text);
        let decl = decl.filter(|decl| matches!(self.item(*decl).kind, ast::ItemKind::Mark(_)));
        // Marks are one family over all files: a schema may be read where its marks are not imported.
        let anywhere = || {
            let mut all = self.model.names.decls();
            all.find(|(_, decl)| decl.name.text == name.text && matches!(decl.item.kind, ast::ItemKind::Mark(_)))
        };
        let decl = decl.or_else(|| anywhere().map(|(id, _)| id));
        if let Some(decl) = decl {
            self.used(name.span, decl);
            return;
        }
        let marks = self.model.names.decls().filter(|(_, decl)| matches!(decl.item.kind, ast::ItemKind::Mark(_)));
        let known: Vec<String> = marks.map(|(_, decl)| decl.name.text.clone()).collect();
        let near = crate::diagnostics::did_you_mean(&name.text, known.iter().map(String::as_str));
        let mut diagnostic = report::unknown_mark(name.span, format!("there is no mark `@{}`", name.text));
        diagnostic = match near {
            Some(near) => diagnostic.help(format!("did you mean `@{near}`?")),
            None => diagnostic.help(format!("declare it: `mark @{}`", name.text)),
        };
        self.report(diagnostic);
    }

    fn list(&mut self, scope: &mut Scope, items: &[ast::Expr], expected: Option<&Expected>, span: Span) -> Expr {
        let wanted = expected.and_then(|expected| match expected.ty.required() {
            Type::List(item) => Some(expected.with(item)),
            // Inside JSON every item is JSON by itself.
            Type::Json => Some(expected.with(&Type::Json)),
            _ => None,
        });
        if let Some(wanted) = wanted {
            let items = items.iter().map(|item| self.expr(scope, item, &wanted)).collect();
            return Expr { ty: Type::List(Box::new(wanted.ty)), kind: ExprKind::List(items), span };
        }
        let items: Vec<Expr> = items.iter().map(|item| self.infer(scope, item, None)).collect();
        let mut of = items.first().map_or(Type::Any, |first| first.ty.clone());
        for item in items.iter().skip(1) {
            let word = |ty: &Type| matches!(ty, Type::Kind(kind) if self.is_word(*kind));
            if word(&of) || word(&item.ty) {
                // Words of a command: texts and what is put together of them.
                of = if word(&of) { of } else { item.ty.clone() };
                continue;
            }
            match self.join(&of, &item.ty) {
                Some(joined) => of = joined,
                None => {
                    let message =
                        format!("a list holds one type: `{}` is no `{}`", self.show(&item.ty), self.show(&of));
                    let first = items[0].span;
                    self.report(
                        report::mixed_list(item.span, message)
                            .label(first, format!("the first is `{}`", self.show(&of))),
                    );
                    break;
                }
            }
        }
        Expr { ty: Type::List(Box::new(of)), kind: ExprKind::List(items), span }
    }

    fn comprehension(
        &mut self,
        scope: &mut Scope,
        (name, source, condition, value): (&ast::Name, &ast::Expr, Option<&ast::Expr>, &ast::Expr),
        expected: Option<&Expected>,
        span: Span,
    ) -> Expr {
        let source = self.infer(scope, source, None);
        let of = self.item_type(&source);
        if let Some(part) = source.run_time_part() {
            self.report(
                report::known_only_at_run_time(part.span, "this list is known only when the pipeline runs")
                    .help("`[for …]` is done when compiling; in a pipeline write a `for … { yield … }`"),
            );
        }
        scope.push();
        scope.bind(name, of, ExprKind::Local(name.text.clone()), None);
        let condition = condition.map(|condition| Box::new(self.condition(scope, condition)));
        let wanted = expected.and_then(|expected| match expected.ty.required() {
            Type::List(item) => Some(expected.with(item)),
            _ => None,
        });
        let value = match &wanted {
            Some(wanted) => self.expr(scope, value, wanted),
            None => self.infer(scope, value, None),
        };
        scope.pop(span);
        let ty = Type::List(Box::new(value.ty.clone()));
        let (source, value) = (Box::new(source), Box::new(value));
        let kind = ExprKind::Comprehension { name: name.text.clone(), source, condition, value };
        Expr { ty, kind, span }
    }

    /// The type of the items of a list (or a whole range); what cannot be gone through is reported.
    pub(super) fn item_type(&mut self, source: &Expr) -> Type {
        match source.ty.required() {
            Type::List(item) => (**item).clone(),
            Type::Range(of) if **of == Type::Int => Type::Int,
            Type::Unknown | Type::Any => Type::Unknown,
            other => {
                let message = format!("only a list can be gone through, not a `{}`", self.show(other));
                self.report(report::not_a_list(source.span, message));
                Type::Unknown
            }
        }
    }

    fn unary(&mut self, scope: &mut Scope, operator: UnaryOperator, operand: &ast::Expr, span: Span) -> Expr {
        if operator == UnaryOperator::Not {
            let operand = self.condition(scope, operand);
            return Expr { ty: Type::Bool, kind: ExprKind::Unary(operator, Box::new(operand)), span };
        }
        let operand = self.infer(scope, operand, None);
        let negatable = matches!(
            operand.ty.unrefined(),
            Type::Int | Type::Float | Type::Duration | Type::Percent | Type::Money | Type::Unknown | Type::Any
        );
        if !negatable {
            let message = format!("a `{}` cannot be negated", self.show(&operand.ty));
            self.report(report::operator_does_not_fit(span, message));
            return Expr::error(span);
        }
        let ty = operand.ty.unrefined().clone();
        let found = Expr { ty, kind: ExprKind::Unary(operator, Box::new(operand)), span };
        match &found.parts()[0].kind {
            // `-1` is a literal to whoever reads it.
            ExprKind::Value(_) => {
                let value = self.constant(&found);
                Expr::constant(found.ty, value, span)
            }
            _ => found,
        }
    }

    fn index_expr(&mut self, scope: &mut Scope, of: &ast::Expr, index: &ast::Expr, span: Span) -> Expr {
        let of = self.infer(scope, of, None);
        let (ty, wanted) = match of.ty.unrefined() {
            Type::List(item) => ((**item).clone(), Type::Int),
            Type::Map(item) => ((**item).clone(), Type::String),
            Type::Json => (Type::Json, Type::Any),
            Type::Unknown | Type::Any => (Type::Unknown, Type::Any),
            other => {
                let message = format!("a `{}` has no entries to pick by `[ ]`", self.show(other));
                self.report(report::operator_does_not_fit(span, message));
                return Expr::error(span);
            }
        };
        let index = self.expr(scope, index, &Expected::of(&wanted));
        Expr { ty, kind: ExprKind::Index(Box::new(of), Box::new(index)), span }
    }

    fn if_value(&mut self, scope: &mut Scope, written: &ast::If, expected: Option<&Expected>, span: Span) -> Expr {
        let mut arms = Vec::new();
        for (condition, block) in &written.branches {
            let condition = self.condition(scope, condition);
            if let Some(part) = condition.run_time_part() {
                self.report(
                    report::known_only_at_run_time(part.span, "this is known only when the pipeline runs")
                        .help("in a pipeline, let an `if` with `yield` be a statement's value"),
                );
            }
            arms.push((condition, self.block_value(scope, block, expected)));
        }
        let Some(otherwise) = &written.otherwise else {
            self.report(
                report::if_without_else(span, "an `if` that is a value needs an `else`").help("add `else { … }`"),
            );
            return Expr::error(span);
        };
        let otherwise = self.block_value(scope, otherwise, expected);
        let mut ty = otherwise.ty.clone();
        for (_, value) in &arms {
            match self.join(&ty, &value.ty) {
                Some(joined) => ty = joined,
                None => {
                    let message = format!(
                        "the blocks of this `if` give different types: `{}` and `{}`",
                        self.show(&value.ty),
                        self.show(&ty)
                    );
                    self.report(
                        report::branches_differ(value.span, message).label(otherwise.span, "the `else` gives this"),
                    );
                    return Expr::error(span);
                }
            }
        }
        Expr { ty, kind: ExprKind::If(arms, Box::new(otherwise)), span }
    }

    /// The one expression of a block that is not a pipeline's.
    fn block_value(&mut self, scope: &mut Scope, block: &ast::Block, expected: Option<&Expected>) -> Expr {
        let [statement] = block.statements.as_slice() else {
            self.report(report::block_is_not_a_value(block.span, "this block must hold one expression, its value"));
            return Expr::error(block.span);
        };
        match &statement.kind {
            ast::StatementKind::Expr(value) | ast::StatementKind::Yield(value) => match expected {
                Some(expected) => self.expr(scope, value, expected),
                None => self.infer(scope, value, None),
            },
            ast::StatementKind::Error => Expr::error(statement.span),
            _ => {
                self.report(report::block_is_not_a_value(
                    statement.span,
                    "this block must hold one expression, its value",
                ));
                Expr::error(statement.span)
            }
        }
    }

    fn record(
        &mut self,
        scope: &mut Scope,
        entries: &[ast::RecordEntry],
        expected: Option<&Expected>,
        span: Span,
    ) -> Expr {
        match expected.map(|expected| expected.ty.required().clone()) {
            Some(Type::Struct(decl)) => self.struct_literal(scope, decl, entries, span),
            Some(Type::Json) => {
                let of = expected.map(|expected| expected.with(&Type::Json));
                let parts = self.record_parts(scope, entries, |_| of.clone());
                Expr { ty: Type::Map(Box::new(Type::Json)), kind: ExprKind::Record(parts), span }
            }
            Some(Type::Map(of)) => {
                let of = expected.map(|expected| expected.with(&of)).unwrap_or(Expected::of(&of));
                let parts = self.record_parts(scope, entries, |_| Some(of.clone()));
                Expr { ty: Type::Map(Box::new(of.ty)), kind: ExprKind::Record(parts), span }
            }
            _ => {
                let parts = self.record_parts(scope, entries, |_| None);
                let fields = parts.iter().filter_map(|part| match part {
                    RecordPart::Field(name, value) => Some((name.clone(), value.ty.clone())),
                    RecordPart::Spread(_) | RecordPart::Keyed(..) => None,
                });
                if parts.iter().any(|part| matches!(part, RecordPart::Keyed(..))) {
                    return Expr { ty: Type::Map(Box::new(Type::Json)), kind: ExprKind::Record(parts), span };
                }
                let mut fields: Vec<(String, Type)> = fields.collect();
                for part in &parts {
                    if let RecordPart::Spread(Expr { ty: Type::Record(spread), .. }) = part {
                        let new = spread.iter().filter(|(name, _)| !fields.iter().any(|(own, _)| own == name));
                        let new: Vec<_> = new.cloned().collect();
                        fields.extend(new);
                    }
                }
                Expr { ty: Type::Record(fields), kind: ExprKind::Record(parts), span }
            }
        }
    }

    /// The entries of a record, each held against what is wanted of its name.
    pub(super) fn record_parts(
        &mut self,
        scope: &mut Scope,
        entries: &[ast::RecordEntry],
        wanted: impl Fn(&str) -> Option<Expected>,
    ) -> Vec<RecordPart> {
        let mut seen: Vec<&ast::Name> = Vec::new();
        let mut parts = Vec::new();
        for entry in entries {
            match entry {
                ast::RecordEntry::Spread(value) => parts.push(RecordPart::Spread(self.infer(scope, value, None))),
                ast::RecordEntry::Keyed { key, value } => {
                    let key = self.expr(scope, key, &Expected::of(&Type::String));
                    let value = match wanted("") {
                        Some(expected) => self.expr(scope, value, &expected),
                        None => self.infer(scope, value, None),
                    };
                    parts.push(RecordPart::Keyed(key, value));
                }
                ast::RecordEntry::Field { name, value } => {
                    if let Some(first) = seen.iter().find(|first| first.text == name.text) {
                        let message = format!("`{}` is said twice", name.text);
                        let first = first.span;
                        self.report(report::said_twice(name.span, message).label(first, "said first here"));
                        continue;
                    }
                    seen.push(name);
                    let value = match wanted(&name.text) {
                        Some(expected) => self.expr(scope, value, &expected),
                        None => self.infer(scope, value, None),
                    };
                    parts.push(RecordPart::Field(name.text.clone(), value));
                }
            }
        }
        parts
    }

    /// Holds a found expression against what is wanted; a misfit is reported once and becomes an error that absorbs.
    pub(super) fn hold_against(&mut self, found: Expr, expected: &Expected) -> Expr {
        if expected.dynamic
            && let Some(found) = self.hold_dynamic(&found, expected)
        {
            return found;
        }
        if !self.fits(&found.ty, &expected.ty) {
            let diagnostic = self.misfit(&found, expected);
            self.report(diagnostic);
            return Expr::error(found.span);
        }
        let found = match (expected.ty.required(), found.ty.required()) {
            (Type::Float, Type::Int) => self.as_whole_float(found),
            (Type::Condition, Type::Bool) => {
                self.check_gate_time(&found);
                let value = Value::Condition(Box::new(found.clone()));
                return Expr::constant(Type::Condition, value, found.span);
            }
            _ => found,
        };
        self.hold_against_predicates(&found, expected);
        found
    }

    fn as_whole_float(&mut self, mut found: Expr) -> Expr {
        if let ExprKind::Value(Value::Int(value)) = found.kind {
            found.kind = ExprKind::Value(Value::Float(value as f64));
        }
        if matches!(found.ty, Type::Int) {
            found.ty = Type::Float;
        }
        found
    }

    fn misfit(&self, found: &Expr, expected: &Expected) -> Diagnostic {
        let (given, wanted) = (self.show(&found.ty), self.show(expected.ty.required()));
        let message = format!("{} is wanted here, not {}", with_article(&wanted), with_article(&given));
        let mut diagnostic =
            report::type_mismatch(found.span, message).here(format!("this is {}", with_article(&given)));
        if let Some((span, text)) = &expected.why {
            diagnostic = diagnostic.label(*span, text.clone());
        }
        if let Some(help) = super::advice::for_misfit(self, &found.ty, &expected.ty) {
            diagnostic = diagnostic.help(help);
        }
        diagnostic
    }
}

/// `an int`, `a Model`
pub(super) fn with_article(noun: &str) -> String {
    let vowel = noun.starts_with(['a', 'e', 'i', 'o', 'A', 'E', 'I', 'O']);
    match noun {
        "none" => "`none`".into(),
        "uri" => "a `uri`".into(),
        _ if vowel => format!("an `{noun}`"),
        _ => format!("a `{noun}`"),
    }
}
