//! Types, parameters and columns.

use super::{Build, is_reported};
use crate::ast::{Name, Parameter, TypeExpr, TypeKind};
use crate::diagnostics::report;
use crate::source::Span;
use crate::syntax::grammar::{Node, Nodes, Rule};

/// How deep types may stand in each other.
const DEEPEST: usize = 64;

impl Build<'_> {
    /// `type_expr`
    pub(super) fn type_expr(&mut self, node: Node) -> TypeExpr {
        let (span, before) = (self.span(&node), self.diagnostics.len());
        let mut nodes = Nodes::of(node);
        let base = match nodes.accept(Rule::plain_type) {
            Some(plain) => self.plain_type(plain, 0),
            None => TypeExpr { kind: TypeKind::Error, span },
        };
        let Some(keyword) = nodes.accept(Rule::where_word) else { return base };
        let place = self.span(&keyword);
        let predicate = self.wanted_expr(&mut nodes, Rule::expr, place, before, "after `where`", &mut 0);
        let span = span.to(predicate.span);
        TypeExpr { kind: TypeKind::Refined { base: Box::new(base), predicate: Box::new(predicate) }, span }
    }

    fn plain_type(&mut self, node: Node, depth: usize) -> TypeExpr {
        let whole = self.span(&node);
        if depth > DEEPEST {
            self.say(report::too_deep(whole, "this type is nested too deeply").help("Give its parts names by `type`."));
            return TypeExpr { kind: TypeKind::Error, span: whole };
        }
        let mut nodes = Nodes::of(node);
        let name = self.wanted_name(&mut nodes, whole, "here");
        let mut span = name.span;
        let mut arguments = Vec::new();
        if let Some(list) = nodes.accept(Rule::type_arguments) {
            span = span.to(self.span(&list));
            arguments = self.type_arguments(list, depth);
        }
        let mut ty = TypeExpr { kind: TypeKind::Named { name, arguments }, span };
        for (count, sign) in nodes.filter(|node| node.as_rule() == Rule::optional).enumerate() {
            let sign = self.span(&sign);
            if count > 0 {
                self.say(report::bad_syntax(sign, "one `?` makes a type optional").fix("remove it", sign, ""));
                continue;
            }
            let span = ty.span.to(sign);
            ty = TypeExpr { kind: TypeKind::Optional(Box::new(ty)), span };
        }
        ty
    }

    fn type_arguments(&mut self, node: Node, depth: usize) -> Vec<TypeExpr> {
        let span = self.span(&node);
        let before = self.diagnostics.len();
        let closed = node.as_str().trim_end().ends_with('>');
        let mut arguments = Vec::new();
        for inner in Nodes::of(node) {
            match inner.as_rule() {
                Rule::type_argument => arguments.push(self.type_argument(inner, depth)),
                _ => self.other(&inner),
            }
        }
        if !closed && self.diagnostics.len() == before {
            self.say(
                report::bad_syntax(Span { end: span.start + 1, ..span }, "`<` is never closed")
                    .help("Close it with `>`."),
            );
        }
        arguments
    }

    fn type_argument(&mut self, node: Node, depth: usize) -> TypeExpr {
        let (span, before) = (self.span(&node), self.diagnostics.len());
        let mut nodes = Nodes::of(node);
        let ty = match nodes.accept(Rule::plain_type) {
            Some(plain) => self.plain_type(plain, depth + 1),
            None => TypeExpr { kind: TypeKind::Error, span },
        };
        if let Some(junk) = nodes.accept(Rule::type_junk)
            && self.diagnostics.len() == before
            && !is_reported(&junk)
        {
            let place = self.first_word(self.span(&junk));
            self.say(match self.text_of(place) {
                "where" => report::refinement_in_argument(place, "`where` does not stand inside `< >`")
                    .help("Give the narrowed type a name by `type` and write that name here."),
                found => report::bad_syntax(place, format!("`{found}` was not expected inside `< >`")),
            });
        }
        ty
    }

    /// `parameters` or `columns`
    pub(super) fn parameters(&mut self, node: Node) -> Vec<Parameter> {
        let mut parameters = Vec::new();
        let mut nodes = Nodes::of(node);
        while let Some(inner) = nodes.next() {
            match inner.as_rule() {
                Rule::parameter => parameters.extend(self.parameter(inner, &mut nodes)),
                _ => self.other(&inner),
            }
        }
        parameters
    }

    fn parameter(&mut self, node: Node, after: &mut Nodes) -> Option<Parameter> {
        let (span, before) = (self.span(&node), self.diagnostics.len());
        let docs = self.docs(span.start);
        let mut nodes = Nodes::of(node);
        let word = nodes.accept(Rule::word)?;
        let name = self.name(&word);
        let silent = after.peek_node().is_some_and(is_reported);
        let ty = self.parameter_type(&mut nodes, &name, before, silent);
        let mut marks = self.marks(&mut nodes);
        let default = nodes.accept(Rule::equals).map(|sign| {
            let place = self.span(&sign);
            self.wanted_expr(&mut nodes, Rule::expr, place, before, "after `=`", &mut 0)
        });
        marks.extend(self.marks(&mut nodes));
        self.junk(after, before, "");
        let ty = ty.unwrap_or(TypeExpr { kind: TypeKind::Error, span: name.span.at_end() });
        Some(Parameter { docs, name, ty, marks, default, span })
    }

    fn parameter_type(&mut self, nodes: &mut Nodes, name: &Name, before: usize, silent: bool) -> Option<TypeExpr> {
        let Some(colon) = nodes.accept(Rule::colon) else {
            if self.diagnostics.len() == before && !silent {
                self.say(
                    report::bad_syntax(name.span, format!("the type of `{}` is missing", name.text))
                        .help(format!("Write `{}: ` and its type.", name.text)),
                );
            }
            return None;
        };
        if let Some(ty) = nodes.accept(Rule::type_expr) {
            return Some(self.type_expr(ty));
        }
        if self.diagnostics.len() == before && !silent {
            self.missing(Rule::type_expr, self.span(&colon), &format!("after `{}:`", name.text));
        }
        None
    }

    fn marks(&mut self, nodes: &mut Nodes) -> Vec<Name> {
        let mut marks = Vec::new();
        while let Some(mark) = nodes.accept(Rule::mark) {
            marks.push(self.mark(&mark));
        }
        marks
    }
}
