//! A function's signature.

use std::collections::BTreeSet;

use ruff_python_ast::statement_visitor::{StatementVisitor, walk_stmt};
use ruff_python_ast::{Expr, Stmt, StmtFunctionDef};
use ruff_text_size::Ranged;

use super::returns::{Returns, returns};
use super::{Problem, Range, parse, range};
use crate::diagnostics::did_you_mean;

/// What a function takes and gives, as far as its text tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// Where its name stands after `def`.
    pub name_span: Range,
    /// Every parameter that has a name, in the order of the text; `*args` and `**kwargs` are not among them.
    pub parameters: Vec<Parameter>,
    /// `**kwargs`: any argument by name is taken.
    pub accepts_any_keyword: bool,
    /// What it gives.
    pub returns: Returns,
    /// `async def`
    pub is_async: bool,
    /// Whether it yields instead of returning.
    pub is_generator: bool,
    /// Its decorators as written, without the `@`. A decorated function may take and give something else.
    pub decorated: Vec<String>,
}

impl Signature {
    /// The names that cannot be given by name (those before `/`), in order.
    pub fn positional_only(&self) -> impl Iterator<Item = &str> {
        let only = self.parameters.iter().filter(|parameter| parameter.kind == ParameterKind::PositionalOnly);
        only.map(|parameter| parameter.name.as_str())
    }

    /// The parameter of that name.
    pub fn parameter(&self, name: &str) -> Option<&Parameter> {
        self.parameters.iter().find(|parameter| parameter.name == name)
    }
}

/// A parameter of a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// Its annotation as written.
    pub annotation: Option<String>,
    /// Whether it may be left out.
    pub has_default: bool,
    /// How it can be given.
    pub kind: ParameterKind,
    /// From its name to the end of its annotation.
    pub span: Range,
}

/// How a parameter can be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParameterKind {
    /// By its place alone: it stands before `/`.
    PositionalOnly,
    /// By its place or its name.
    Either,
    /// By its name alone: it stands after `*`.
    KeywordOnly,
}

/// The signature of the function that importing the file binds to that name.
pub fn signature(source: &str, function: &str) -> Result<Signature, Problem> {
    let module = parse(source)?;
    let mut found = Bindings { name: function, ..Bindings::default() };
    found.visit_body(&module.body);
    match found.last {
        Some(Binding::Function(def)) => Ok(describe(def, source, &module.body)),
        Some(Binding::Other(what, span)) => Err(Problem::NotAFunction { what, span }),
        None => {
            let functions = top_level_functions(&module.body);
            let similar = did_you_mean(function, functions.iter().map(String::as_str)).map(str::to_owned);
            Err(Problem::NoFunction { similar, functions, nested: nested(&module.body, function) })
        }
    }
}

/// The functions that importing the file defines, each once, in the order of the text.
pub fn functions(source: &str) -> Result<Vec<String>, Problem> {
    parse(source).map(|module| top_level_functions(&module.body))
}

/// The names that the source assigns on its own level.
pub fn assigned(source: &str) -> Result<BTreeSet<String>, Problem> {
    let module = parse(source)?;
    let targets = module.body.iter().flat_map(|statement| match statement {
        Stmt::Assign(assign) => assign.targets.iter().collect(),
        Stmt::AnnAssign(assign) => vec![&*assign.target],
        _ => Vec::new(),
    });
    Ok(targets.filter_map(|target| Some(target.as_name_expr()?.id.to_string())).collect())
}

fn describe(def: &StmtFunctionDef, source: &str, module: &[Stmt]) -> Signature {
    let parameters = &def.parameters;
    let named = [
        (&parameters.posonlyargs, ParameterKind::PositionalOnly),
        (&parameters.args, ParameterKind::Either),
        (&parameters.kwonlyargs, ParameterKind::KeywordOnly),
    ];
    let named = named.into_iter().flat_map(|(list, kind)| list.iter().map(move |parameter| (parameter, kind)));
    Signature {
        name_span: range(&def.name),
        parameters: named
            .map(|(with_default, kind)| Parameter {
                name: with_default.parameter.name.to_string(),
                annotation: with_default.parameter.annotation.as_deref().map(|it| annotation_text(it, source)),
                has_default: with_default.default.is_some(),
                kind,
                span: range(&with_default.parameter),
            })
            .collect(),
        accepts_any_keyword: parameters.kwarg.is_some(),
        returns: returns(def, source, module),
        is_async: def.is_async,
        is_generator: super::returns::is_generator(def),
        decorated: def.decorator_list.iter().map(|it| source[it.expression.range()].to_owned()).collect(),
    }
}

/// An annotation as written; a forward reference without its quotes.
pub(super) fn annotation_text(annotation: &Expr, source: &str) -> String {
    match annotation {
        Expr::StringLiteral(text) => text.value.to_str().to_owned(),
        other => source[other.range()].to_owned(),
    }
}

#[derive(Default)]
struct Bindings<'a> {
    name: &'a str,
    last: Option<Binding<'a>>,
}

enum Binding<'a> {
    Function(&'a StmtFunctionDef),
    Other(&'static str, Range),
}

impl<'a> Bindings<'a> {
    fn other(&mut self, what: &'static str, span: Range) {
        self.last = Some(Binding::Other(what, span));
    }

    fn assigned(&mut self, target: &'a Expr) {
        match target {
            Expr::Name(name) if name.id.as_str() == self.name => self.other("a variable", range(name)),
            Expr::Tuple(tuple) => tuple.elts.iter().for_each(|target| self.assigned(target)),
            _ => {}
        }
    }
}

impl<'a> StatementVisitor<'a> for Bindings<'a> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::FunctionDef(def) if def.name.as_str() == self.name => self.last = Some(Binding::Function(def)),
            Stmt::ClassDef(class) if class.name.as_str() == self.name => self.other("a class", range(&class.name)),
            Stmt::FunctionDef(_) | Stmt::ClassDef(_) => {}
            Stmt::Assign(assign) => assign.targets.iter().for_each(|target| self.assigned(target)),
            Stmt::AnnAssign(assign) if assign.value.is_some() => self.assigned(&assign.target),
            Stmt::Import(import) => import.names.iter().for_each(|alias| self.imported(alias)),
            Stmt::ImportFrom(import) => import.names.iter().for_each(|alias| self.imported(alias)),
            other => walk_stmt(self, other),
        }
    }
}

impl Bindings<'_> {
    fn imported(&mut self, alias: &ruff_python_ast::Alias) {
        let bound = alias.asname.as_ref().unwrap_or(&alias.name);
        if bound.as_str() == self.name {
            self.other("imported", range(alias));
        }
    }
}

fn top_level_functions(module: &[Stmt]) -> Vec<String> {
    struct Names(Vec<String>);
    impl<'a> StatementVisitor<'a> for Names {
        fn visit_stmt(&mut self, stmt: &'a Stmt) {
            match stmt {
                Stmt::FunctionDef(def) if !self.0.iter().any(|name| name == def.name.as_str()) => {
                    self.0.push(def.name.to_string());
                }
                Stmt::FunctionDef(_) | Stmt::ClassDef(_) => {}
                other => walk_stmt(self, other),
            }
        }
    }
    let mut names = Names(Vec::new());
    names.visit_body(module);
    names.0
}

fn nested(module: &[Stmt], function: &str) -> Option<Range> {
    struct Search<'a>(&'a str, Option<Range>);
    impl<'a> StatementVisitor<'a> for Search<'_> {
        fn visit_stmt(&mut self, stmt: &'a Stmt) {
            if let Stmt::FunctionDef(def) = stmt
                && def.name.as_str() == self.0
            {
                self.1.get_or_insert(range(&def.name));
            }
            walk_stmt(self, stmt);
        }
    }
    let mut search = Search(function, None);
    search.visit_body(module);
    search.1
}
