//! What a function gives, as far as its annotation, the classes of its file and its `return`s tell.

use ruff_python_ast::statement_visitor::{StatementVisitor, walk_stmt};
use ruff_python_ast::visitor::{Visitor, walk_expr};
use ruff_python_ast::{Expr, ExprCall, Stmt, StmtClassDef, StmtFunctionDef};

use super::signature::annotation_text;
use super::{Range, range};

/// What a function gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Returns {
    /// Its annotation as written; a forward reference without its quotes.
    pub annotation: Option<String>,
    /// Where the annotation stands; without one, where the first `return` with a value stands.
    pub span: Option<Range>,
    /// Where the fields are known from.
    pub from: ReturnsFrom,
    /// The names that it gives, in order; empty where they cannot be told.
    pub fields: Vec<ReturnField>,
}

/// How it is known what a function gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReturnsFrom {
    /// It cannot be told by names: one value, or whatever the annotation says.
    Unknown,
    /// No `return` has a value (and nothing is annotated but `None`).
    Nothing,
    /// A `NamedTuple` or `namedtuple` of this file.
    NamedTuple,
    /// A `TypedDict` of this file.
    TypedDict,
    /// A dataclass of this file.
    Dataclass,
    /// Every `return` gives a dict literal, all with the same keys.
    DictLiteral,
}

/// A named part of what a function gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReturnField {
    /// Its name.
    pub name: String,
    /// Its annotation as written, where it has one.
    pub annotation: Option<String>,
}

pub(super) fn returns(def: &StmtFunctionDef, source: &str, module: &[Stmt]) -> Returns {
    let classes = Classes { module, source };
    let annotation = def.returns.as_deref().map(|it| annotation_text(it, source));
    let values = returned(def);
    let span = def.returns.as_deref().map(range).or_else(|| values.iter().flatten().next().map(|value| range(*value)));
    let named = annotation.as_deref().map(|text| text.trim()).and_then(|name| classes.fields(name, 0));
    let (from, fields) = match (named, annotation.as_deref()) {
        (Some(known), _) => known,
        (None, Some("None")) => (ReturnsFrom::Nothing, Vec::new()),
        (None, None) if values.iter().all(Option::is_none) && !is_generator(def) => (ReturnsFrom::Nothing, Vec::new()),
        _ => from_body(&values, &classes),
    };
    Returns { annotation, span, from, fields }
}

/// Whether the function's own body yields.
pub(super) fn is_generator(def: &StmtFunctionDef) -> bool {
    struct Yields(bool);
    impl<'a> Visitor<'a> for Yields {
        fn visit_stmt(&mut self, stmt: &'a Stmt) {
            if !matches!(stmt, Stmt::FunctionDef(_) | Stmt::ClassDef(_)) {
                ruff_python_ast::visitor::walk_stmt(self, stmt);
            }
        }
        fn visit_expr(&mut self, expr: &'a Expr) {
            match expr {
                Expr::Yield(_) | Expr::YieldFrom(_) => self.0 = true,
                Expr::Lambda(_) => {}
                other => walk_expr(self, other),
            }
        }
    }
    let mut yields = Yields(false);
    yields.visit_body(&def.body);
    yields.0
}

/// The value of every `return` of the function's own body; none where it returns without one.
fn returned(def: &StmtFunctionDef) -> Vec<Option<&Expr>> {
    struct Found<'a>(Vec<Option<&'a Expr>>);
    impl<'a> StatementVisitor<'a> for Found<'a> {
        fn visit_stmt(&mut self, stmt: &'a Stmt) {
            match stmt {
                Stmt::Return(it) => self.0.push(it.value.as_deref().filter(|value| !value.is_none_literal_expr())),
                Stmt::FunctionDef(_) | Stmt::ClassDef(_) => {}
                other => walk_stmt(self, other),
            }
        }
    }
    let mut found = Found(Vec::new());
    found.visit_body(&def.body);
    found.0
}

type Known = (ReturnsFrom, Vec<ReturnField>);

const UNKNOWN: Known = (ReturnsFrom::Unknown, Vec::new());

fn from_body(values: &[Option<&Expr>], classes: &Classes) -> Known {
    let mut known = values.iter().map(|value| value.and_then(|value| literal_fields(value, classes)));
    let Some(Some(first)) = known.next() else { return UNKNOWN };
    let names = |fields: &[ReturnField]| {
        let mut names: Vec<String> = fields.iter().map(|field| field.name.clone()).collect();
        names.sort();
        names
    };
    let same = known.all(|other| other.is_some_and(|other| other.0 == first.0 && names(&other.1) == names(&first.1)));
    if same { first } else { UNKNOWN }
}

/// The fields of `{"a": …}`, `dict(a=…)` or `Result(…)`.
fn literal_fields(value: &Expr, classes: &Classes) -> Option<Known> {
    let field = |name: &str| ReturnField { name: name.to_owned(), annotation: None };
    match value {
        Expr::Dict(dict) => {
            let keys = dict.items.iter().map(|item| match item.key.as_ref()? {
                Expr::StringLiteral(key) => Some(field(key.value.to_str())),
                _ => None,
            });
            Some((ReturnsFrom::DictLiteral, keys.collect::<Option<_>>()?))
        }
        Expr::Call(call) => match dotted(&call.func)?.as_str() {
            "dict" if call.arguments.args.is_empty() => {
                let keys = call.arguments.keywords.iter().map(|it| it.arg.as_ref().map(|name| field(name.as_str())));
                Some((ReturnsFrom::DictLiteral, keys.collect::<Option<_>>()?))
            }
            class => classes.fields(class, 0),
        },
        _ => None,
    }
}

/// The classes that the file defines at its top.
struct Classes<'a> {
    module: &'a [Stmt],
    source: &'a str,
}

impl Classes<'_> {
    /// The fields of a record class of that name, its ancestors' first.
    fn fields(&self, name: &str, depth: usize) -> Option<Known> {
        if depth > 16 {
            return None;
        }
        self.module.iter().rev().find_map(|stmt| match stmt {
            Stmt::ClassDef(class) if class.name.as_str() == name => self.of_class(class, depth),
            Stmt::Assign(assign) => match (assign.targets.as_slice(), &*assign.value) {
                ([Expr::Name(target)], Expr::Call(call)) if target.id.as_str() == name => self.of_call(call),
                _ => None,
            },
            _ => None,
        })
    }

    fn of_class(&self, class: &StmtClassDef, depth: usize) -> Option<Known> {
        let bases = class.arguments.iter().flat_map(|arguments| arguments.args.iter()).filter_map(dotted);
        let mut from = class.decorator_list.iter().any(is_dataclass).then_some(ReturnsFrom::Dataclass);
        let mut fields = Vec::new();
        for base in bases {
            match base.rsplit('.').next() {
                Some("NamedTuple") => from = Some(ReturnsFrom::NamedTuple),
                Some("TypedDict") => from = Some(ReturnsFrom::TypedDict),
                _ => {
                    let (kind, inherited) = self.fields(&base, depth + 1)?;
                    from = from.or(Some(kind));
                    fields.extend(inherited);
                }
            }
        }
        let from = from?;
        for stmt in &class.body {
            if let Stmt::AnnAssign(field) = stmt
                && let Expr::Name(name) = &*field.target
                && let text = annotation_text(&field.annotation, self.source)
                && !text.contains("ClassVar")
            {
                fields.retain(|inherited: &ReturnField| inherited.name != name.id.as_str());
                fields.push(ReturnField { name: name.id.to_string(), annotation: Some(text) });
            }
        }
        Some((from, fields))
    }

    /// `NamedTuple("R", [("a", int)])`, `namedtuple("R", "a b")`, `TypedDict("R", {"a": int})`
    fn of_call(&self, call: &ExprCall) -> Option<Known> {
        let callee = dotted(&call.func)?;
        let fields = call.arguments.args.get(1)?;
        match (callee.rsplit('.').next()?, fields) {
            ("NamedTuple", Expr::List(pairs)) => {
                let fields = pairs.elts.iter().map(|pair| match pair {
                    Expr::Tuple(pair) => self.field(pair.elts.first()?, pair.elts.get(1)),
                    _ => None,
                });
                Some((ReturnsFrom::NamedTuple, fields.collect::<Option<_>>()?))
            }
            ("namedtuple", Expr::List(names)) => {
                let fields = names.elts.iter().map(|name| self.field(name, None));
                Some((ReturnsFrom::NamedTuple, fields.collect::<Option<_>>()?))
            }
            ("namedtuple", Expr::StringLiteral(names)) => {
                let names = names.value.to_str().split([',', ' ']).filter(|name| !name.is_empty());
                let fields = names.map(|name| ReturnField { name: name.to_owned(), annotation: None });
                Some((ReturnsFrom::NamedTuple, fields.collect()))
            }
            ("TypedDict", Expr::Dict(dict)) => {
                let fields = dict.items.iter().map(|item| self.field(item.key.as_ref()?, Some(&item.value)));
                Some((ReturnsFrom::TypedDict, fields.collect::<Option<_>>()?))
            }
            _ => None,
        }
    }

    fn field(&self, name: &Expr, annotation: Option<&Expr>) -> Option<ReturnField> {
        let Expr::StringLiteral(name) = name else { return None };
        let annotation = annotation.map(|it| annotation_text(it, self.source));
        Some(ReturnField { name: name.value.to_str().to_owned(), annotation })
    }
}

fn is_dataclass(decorator: &ruff_python_ast::Decorator) -> bool {
    let callee = match &decorator.expression {
        Expr::Call(call) => &*call.func,
        other => other,
    };
    dotted(callee).is_some_and(|name| name.rsplit('.').next() == Some("dataclass"))
}

/// `a.b.c`, where the expression is names and dots alone.
pub(super) fn dotted(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Name(name) => Some(name.id.to_string()),
        Expr::Attribute(attribute) => Some(format!("{}.{}", dotted(&attribute.value)?, attribute.attr)),
        _ => None,
    }
}
