//! Declarations that others are made of: structs, schemas, enums, artifacts, constants, functions, forms, needs.

use indexmap::IndexMap;

use super::checker::{Checker, Expected, Scope};
use super::fields::Owner;
use crate::ast::{self, Entry, ItemKind};
use crate::diagnostics::{Diagnostic, report};
use crate::model::{Artifact, Constant, Enum, Expr, ExprKind, Field, Form, Function, Need, Struct, Type, Value};
use crate::resolve::DeclId;
use crate::source::FileId;

/// How many declarations may wait for one another: each is a call within a call.
const DEEPEST: usize = 200;

impl Checker<'_> {
    /// Begins to work out a declaration; false where it goes in a circle, which is then reported.
    pub(super) fn enter(&mut self, decl: DeclId) -> bool {
        let Some(at) = self.in_progress.iter().position(|other| *other == decl) else {
            if self.in_progress.len() >= DEEPEST {
                let message = format!("`{}` is reached by way of {DEEPEST} other declarations", self.name(decl));
                let diagnostic = report::too_deep(self.model.span(decl), message)
                    .label(self.model.span(self.in_progress[0]), "beginning here")
                    .help("declare what others are made of before them");
                self.report(diagnostic);
                return false;
            }
            self.in_progress.push(decl);
            return true;
        };
        let circle = self.in_progress[at..].to_vec();
        if !self.settled.contains(&decl) {
            let diagnostic = self.circle(&circle);
            self.report(diagnostic);
        }
        self.settled.extend(circle);
        false
    }

    pub(super) fn leave(&mut self, decl: DeclId) {
        self.in_progress.retain(|other| *other != decl);
    }

    /// What goes in a circle, each with where it is declared.
    pub(super) fn circle(&self, circle: &[DeclId]) -> Diagnostic {
        let names: Vec<&str> = circle.iter().map(|decl| self.model.name(*decl)).collect();
        let first = circle[0];
        let way = [names.as_slice(), &names[..1]].concat().join("` -> `");
        let message = format!("`{}` is declared in terms of itself: `{way}`", names[0]);
        let mut diagnostic = report::goes_in_a_circle(self.model.span(first), message).here("it begins and ends here");
        for decl in &circle[1..] {
            diagnostic = diagnostic.label(self.model.span(*decl), format!("by way of `{}`", self.model.name(*decl)));
        }
        diagnostic.help("let one of them be said without the others")
    }

    /// Structs, schemas, enums and artifacts of all files: nothing else can be typed before.
    pub(super) fn declare_types(&mut self) {
        let all: Vec<DeclId> = self.model.names.decls().map(|(id, _)| id).collect();
        for decl in &all {
            let item = self.item(*decl);
            match &item.kind {
                ItemKind::Enum(item) => {
                    let variants = self.variants(item);
                    self.model.enums.insert(*decl, Enum { variants });
                }
                ItemKind::Artifact(item) => self.declare_artifact(*decl, item),
                ItemKind::Schema(item) | ItemKind::Struct(item) => {
                    let is_schema = matches!(self.item(*decl).kind, ItemKind::Schema(_));
                    let fields = self.parameters_without_defaults(self.file_of(*decl), &item.columns);
                    self.model.structs.insert(*decl, Struct { is_schema, fields });
                }
                _ => {}
            }
        }
        for decl in &all {
            let item = self.item(*decl);
            match &item.kind {
                ItemKind::Schema(item) | ItemKind::Struct(item) => {
                    let fields = self.defaults(self.file_of(*decl), &item.columns, *decl);
                    if let Some(found) = self.model.structs.get_mut(decl) {
                        found.fields = fields;
                    }
                    self.check_schema(*decl, &item.columns);
                }
                ItemKind::Type(_) => {
                    self.alias(*decl);
                }
                _ => {}
            }
        }
        for decl in &all {
            if let ItemKind::Artifact(item) = &self.item(*decl).kind {
                self.finish_artifact(*decl, item);
            }
        }
    }

    fn check_schema(&mut self, decl: DeclId, columns: &[ast::Parameter]) {
        let is_schema = self.model.structs.get(&decl).is_some_and(|found| found.is_schema);
        for column in columns {
            let scope = Scope::new(self.file_of(decl));
            column.marks.iter().for_each(|mark| self.known_mark(&scope, mark));
            let ty = self
                .model
                .structs
                .get(&decl)
                .and_then(|found| found.field(&column.name.text))
                .map(|field| field.ty.clone());
            let bad = ty.filter(|ty| {
                matches!(
                    ty.required(),
                    Type::Artifact { .. }
                        | Type::Table(_)
                        | Type::Secret
                        | Type::Kind(_)
                        | Type::Reference(_)
                        | Type::RunStatus
                        | Type::TaskConfig
                )
            });
            if let (true, Some(ty)) = (is_schema, bad) {
                let message = format!("a column holds values, not a `{}`", self.show(&ty));
                self.report(report::not_a_column_type(column.ty.span, message));
            }
        }
    }

    fn variants(&mut self, item: &ast::Enum) -> Vec<(Option<String>, String)> {
        let mut seen: Vec<&ast::Name> = Vec::new();
        for (_, name) in &item.variants {
            if let Some(first) = seen.iter().find(|first| first.text == name.text) {
                let message = format!("`{}` is said twice", name.text);
                let first = first.span;
                self.report(report::said_twice(name.span, message).label(first, "said first here"));
            } else {
                seen.push(name);
            }
        }
        item.variants.iter().map(|(docs, name)| (docs.clone(), name.text.clone())).collect()
    }

    /// Parameters, outputs or columns with their types; defaults come once every struct is known.
    pub(super) fn parameters_without_defaults(&mut self, file: FileId, written: &[ast::Parameter]) -> Vec<Field> {
        let mut fields: Vec<Field> = Vec::new();
        for parameter in written {
            let name = &parameter.name;
            if let Some(first) = fields.iter().find(|field| field.name == name.text) {
                let message = format!("`{}` is declared twice", name.text);
                let first = first.span;
                self.report(report::declared_twice(name.span, message).label(first, "declared first here"));
                continue;
            }
            let ty = self.type_of(file, &parameter.ty);
            fields.push(Field {
                name: name.text.clone(),
                docs: parameter.docs.clone(),
                ty,
                marks: parameter.marks.iter().map(|mark| mark.text.clone()).collect(),
                default: None,
                span: name.span,
            });
        }
        fields
    }

    fn defaults(&mut self, file: FileId, written: &[ast::Parameter], decl: DeclId) -> Vec<Field> {
        let mut fields = self.model.structs.get(&decl).map(|found| found.fields.clone()).unwrap_or_default();
        self.add_defaults(file, written, &mut fields);
        fields
    }

    fn add_defaults(&mut self, file: FileId, written: &[ast::Parameter], fields: &mut [Field]) {
        for parameter in written {
            let (Some(default), Some(field)) =
                (&parameter.default, fields.iter_mut().find(|field| field.span == parameter.name.span))
            else {
                continue;
            };
            let why = format!("`{}` is {}", field.name, super::expr::with_article(&self.show(&field.ty)));
            let expected = Expected::because(&field.ty, parameter.ty.span, why);
            let mut scope = Scope::new(file);
            let default = self.expr(&mut scope, default, &expected);
            if default.run_time_part().is_none() {
                self.constant(&default);
            }
            field.default = Some(default);
        }
    }

    /// Parameters with types and defaults.
    pub(super) fn parameters(&mut self, file: FileId, written: &[ast::Parameter]) -> Vec<Field> {
        let mut fields = self.parameters_without_defaults(file, written);
        let scope = Scope::new(file);
        written.iter().flat_map(|parameter| &parameter.marks).for_each(|mark| self.known_mark(&scope, mark));
        self.add_defaults(file, written, &mut fields);
        fields
    }

    fn declare_artifact(&mut self, decl: DeclId, item: &ast::Artifact) {
        let parent = item.extends.as_ref().and_then(|written| match &written.kind {
            ast::TypeKind::Named { name, .. } => {
                let found = self.model.names.lookup(self.file_of(decl), &name.text)?;
                matches!(self.item(found).kind, ItemKind::Artifact(_)).then_some(found)
            }
            _ => None,
        });
        let artifact = Artifact {
            parameters: item.parameters.len(),
            parent,
            title: String::new(),
            schema: None,
            version: "0.0.1".into(),
        };
        self.model.artifacts.insert(decl, artifact);
    }

    fn finish_artifact(&mut self, decl: DeclId, item: &ast::Artifact) {
        let file = self.file_of(decl);
        if let Some(written) = &item.extends {
            let without_arguments = ast::TypeExpr {
                kind: match &written.kind {
                    ast::TypeKind::Named { name, .. } => {
                        ast::TypeKind::Named { name: name.clone(), arguments: Vec::new() }
                    }
                    other => other.clone(),
                },
                span: written.span,
            };
            let ty = self.type_of(file, &without_arguments);
            if !matches!(ty, Type::Artifact { .. } | Type::Unknown) {
                let message = format!("an artifact extends an artifact, not a `{}`", self.show(&ty));
                self.report(report::not_a_type(written.span, message));
            }
        } else if self.core("Artifact") != Some(decl) {
            self.report(
                report::missing_extends(item.name.span, format!("artifact `{}` extends nothing", item.name.text))
                    .help("say what it is a kind of: `extends Dataset`, `extends Model`, or just `extends Artifact`"),
            );
        }
        self.check_artifact_circle(decl);
        let Some(of) = self.item_struct("Artifact") else { return };
        let mut scope = Scope::new(file);
        let title = format!("artifact `{}`", item.name.text);
        let owner = Owner { title, span: item.name.span, of, entries: &item.entries, others: &[], complete: true };
        let read = self.read_fields(&mut scope, &owner);
        let values = self.values(&read.fields);
        if let Some(artifact) = self.model.artifacts.get_mut(&decl) {
            let text = |name: &str| values.get(name).and_then(Value::as_text).unwrap_or_default().to_owned();
            artifact.title = text("title");
            artifact.version = text("version");
            artifact.schema = Some(text("schema")).filter(|schema| !schema.is_empty());
        }
        if read.said.contains_key("title") == read.said.contains_key("schema") {
            let message = format!("artifact `{}` has a title or a schema, one of them", item.name.text);
            self.report(report::bad_artifact_title(item.name.span, message).help(
                "a title names what is known elsewhere, `title: \"acme.Embeddings\"`; a schema says what it is like",
            ));
        }
        let title = self.model.artifacts[&decl].title.clone();
        let good = title.split_once('.').is_some_and(|(space, name)| !space.is_empty() && !name.is_empty());
        if !good && read.said.contains_key("title") {
            let message = format!("`{title}` is no artifact's title");
            self.report(
                report::bad_artifact_title(read.said["title"], message).help("it has two parts: `acme.Embeddings`"),
            );
        }
    }

    fn check_artifact_circle(&mut self, decl: DeclId) {
        let mut way = vec![decl];
        while let Some(parent) = self.model.artifacts.get(way.last().unwrap_or(&decl)).and_then(|found| found.parent) {
            if parent == decl {
                let diagnostic = self.circle(&way);
                if self.settled.insert(decl) {
                    way.iter().for_each(|other| {
                        self.settled.insert(*other);
                    });
                    self.report(diagnostic);
                }
                return;
            }
            if way.contains(&parent) {
                return;
            }
            way.push(parent);
        }
    }

    /// The type of a `let`; its value is checked on the way.
    pub(super) fn let_type(&mut self, decl: DeclId) -> Type {
        if let Some(constant) = self.model.constants.get(&decl) {
            return constant.ty.clone();
        }
        if !self.enter(decl) {
            return Type::Unknown;
        }
        let item = self.item(decl);
        let file = self.file_of(decl);
        let constant = match &item.kind {
            ItemKind::Let(item) => {
                let mut scope = Scope::new(file);
                let value = match &item.ty {
                    Some(written) => {
                        let ty = self.type_of(file, written);
                        let why = format!(
                            "`{}` is declared as {}",
                            item.name.text,
                            super::expr::with_article(&self.show(&ty))
                        );
                        let value = self.expr(&mut scope, &item.value, &Expected::because(&ty, written.span, why));
                        crate::model::Expr { ty, ..value }
                    }
                    None => self.infer(&mut scope, &item.value, None),
                };
                Constant { ty: value.ty.clone(), value }
            }
            _ => Constant { ty: Type::Unknown, value: crate::model::Expr::error(item.span) },
        };
        self.leave(decl);
        let constant = match self.settled.contains(&decl) {
            true => Constant { ty: Type::Unknown, value: crate::model::Expr::error(constant.value.span) },
            false => constant,
        };
        let (ty, span) = (constant.ty.clone(), constant.value.span);
        self.model.constants.insert(decl, constant.clone());
        let value = self.constant(&constant.value);
        if is_settled(&value) {
            // Computed once, however often and from however far it is named.
            let value = crate::model::Expr::constant(ty.clone(), value, span);
            self.model.constants.insert(decl, Constant { ty: ty.clone(), value });
        }
        ty
    }

    /// A function, worked out when it is first named.
    pub(super) fn function(&mut self, decl: DeclId) -> Option<Function> {
        if let Some(function) = self.model.functions.get(&decl) {
            return Some(function.clone());
        }
        if !self.enter(decl) {
            return None;
        }
        let item = self.item(decl);
        let ItemKind::Fn(written) = &item.kind else { return None };
        let file = self.file_of(decl);
        let parameters = self.parameters(file, &written.parameters);
        let result = self.type_of(file, &written.result);
        let mut scope = Scope::new(file);
        for (parameter, written) in parameters.iter().zip(&written.parameters) {
            let local = ExprKind::Local(parameter.name.clone());
            scope.bind(&written.name, parameter.ty.clone(), local, Some("parameter"));
        }
        let why = format!("`{}` gives {}", written.name.text, super::expr::with_article(&self.show(&result)));
        let body = written
            .body
            .as_ref()
            .map(|body| self.expr(&mut scope, body, &Expected::because(&result, written.result.span, why)));
        let unused = scope.pop(item.span);
        if let Some(part) = body.as_ref().and_then(crate::model::Expr::run_time_part) {
            self.report(
                report::known_only_at_run_time(part.span, "a function is computed when compiling")
                    .help("name this where it is wanted: in a command, in an argument of a call"),
            );
        }
        if body.is_some() {
            self.report_unused(unused);
        }
        self.leave(decl);
        let body = body.filter(|_| !self.settled.contains(&decl));
        let function = Function { parameters, result, body };
        self.model.functions.insert(decl, function.clone());
        Some(function)
    }

    /// A form, worked out when it is first named.
    pub(super) fn form(&mut self, decl: DeclId) -> Option<Form> {
        if let Some(form) = self.model.forms.get(&decl) {
            return Some(form.clone());
        }
        let item = self.item(decl);
        let ItemKind::Form(written) = &item.kind else { return None };
        let file = self.file_of(decl);
        let parameters = self.parameters(file, &written.parameters);
        let scope = Scope::new(file);
        let kind = self.lookup(&scope, &written.kind);
        let kind = kind.filter(|kind| matches!(self.item(*kind).kind, ItemKind::Kind(_)));
        let Some(kind) = kind else {
            let message = format!("there is no kind `{}` here", written.kind.text);
            self.report(report::unknown_type(written.kind.span, message).help("a form makes values of a `kind`"));
            return None;
        };
        let properties = self.form_properties(decl, written, kind, &parameters);
        let form = Form { parameters, kind, properties };
        self.model.forms.insert(decl, form.clone());
        Some(form)
    }

    /// What is so of what a form makes, held against the struct `KINDProperties` of the kind's module.
    fn form_properties(
        &mut self,
        decl: DeclId,
        written: &ast::Form,
        kind: DeclId,
        parameters: &[Field],
    ) -> IndexMap<String, Expr> {
        let file = self.file_of(kind);
        let of = self.model.names.lookup(file, &format!("{}Properties", self.model.name(kind)));
        let Some(of) = of else {
            let first = written.entries.iter().find_map(|entry| match entry {
                Entry::Field { name, .. } => Some(name.span),
                _ => None,
            });
            if let Some(span) = first {
                let message = format!("a `{}` has no properties", self.name(kind));
                self.report(report::unknown_field(span, message));
            }
            return IndexMap::new();
        };
        let mut scope = Scope::new(self.file_of(decl));
        for (parameter, written) in parameters.iter().zip(&written.parameters) {
            let local = ExprKind::Local(parameter.name.clone());
            scope.bind(&written.name, parameter.ty.clone(), local, None);
        }
        let title = format!("form `{}`", written.name.text);
        let owner =
            Owner { title, span: written.name.span, of, entries: &written.entries, others: &[], complete: true };
        self.read_fields(&mut scope, &owner).fields
    }

    /// A `data`, `secret`, `compute` or `var` at the top of a file.
    pub(super) fn declare_need(&mut self, decl: DeclId, written: &ast::Need) {
        let file = self.file_of(decl);
        let ty = self.need_type(decl, written.kind);
        let wrong = match written.kind {
            ast::NeedKind::Data => !matches!(ty, Type::Table(_) | Type::Unknown),
            ast::NeedKind::Var => matches!(
                ty.required(),
                Type::Artifact { .. }
                    | Type::Table(_)
                    | Type::Secret
                    | Type::Kind(_)
                    | Type::Reference(_)
                    | Type::RunStatus
                    | Type::Any
                    | Type::Condition
            ),
            ast::NeedKind::Secret | ast::NeedKind::Compute => false,
        };
        if let (true, Some(at)) = (wrong, &written.ty) {
            let (message, help) = match written.kind {
                ast::NeedKind::Data => ("data is a `Table`", "write `Table<YourSchema>`"),
                _ => (
                    "a `var` holds a value",
                    "write `string`, `int`, a struct …; a table is declared with `data`, a secret with `secret`",
                ),
            };
            self.report(report::wrong_need_type(at.span, message).help(help));
        }
        let default = written.default.as_ref().map(|default| {
            let mut scope = Scope::new(file);
            let why = format!("`{}` is {}", written.name.text, super::expr::with_article(&self.show(&ty)));
            let at = written.ty.as_ref().map_or(written.name.span, |ty| ty.span);
            let value = self.expr(&mut scope, default, &Expected::because(&ty, at, why));
            self.constant(&value);
            value
        });
        self.model.needs.insert(decl, Need { kind: written.kind, ty, default });
    }
}

/// Whether a value is the same in every environment.
fn is_settled(value: &Value) -> bool {
    match value {
        Value::Unknown | Value::Reference(_) | Value::Condition(_) => false,
        Value::List(items) => items.iter().all(is_settled),
        Value::Record(fields) => fields.values().all(is_settled),
        Value::Form(form) => form.arguments.values().all(is_settled),
        Value::Range(low, high, _) => is_settled(low) && is_settled(high),
        _ => true,
    }
}
