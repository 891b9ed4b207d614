//! Which `<` and `>` stand around the arguments of a type, and so are no comparison.
//!
//! In: a file's syntax tree. Out: the byte offsets of those signs, in order. It refuses to know how they are laid out.

use crate::ast::{File, Item, ItemKind, Parameter, TypeExpr, TypeKind};

/// The offsets of every `<` and `>` of a type.
pub(super) fn angles(text: &str, file: &File) -> Vec<usize> {
    let mut found = Angles { text, offsets: Vec::new() };
    file.items.iter().for_each(|item| found.item(item));
    found.offsets.sort_unstable();
    found.offsets
}

struct Angles<'a> {
    text: &'a str,
    offsets: Vec<usize>,
}

impl Angles<'_> {
    fn item(&mut self, item: &Item) {
        match &item.kind {
            ItemKind::Schema(item) | ItemKind::Struct(item) => self.parameters(&item.columns),
            ItemKind::Artifact(item) => {
                item.extends.iter().for_each(|ty| self.ty(ty));
                if let Some(last) = item.parameters.last() {
                    self.around(item.name.span.end as usize, last.span.end as usize);
                }
            }
            ItemKind::Type(item) => item.ty.iter().for_each(|ty| self.ty(ty)),
            ItemKind::Let(item) => item.ty.iter().for_each(|ty| self.ty(ty)),
            ItemKind::Need(item) => item.ty.iter().for_each(|ty| self.ty(ty)),
            ItemKind::Fn(item) => {
                self.parameters(&item.parameters);
                self.ty(&item.result);
            }
            ItemKind::Form(item) => self.parameters(&item.parameters),
            ItemKind::Service(item) => {
                self.parameters(&item.parameters);
                self.parameters(&item.outputs);
            }
            ItemKind::Step(item) => {
                self.parameters(&item.inputs);
                self.parameters(&item.outputs);
            }
            ItemKind::Pipeline(item) => {
                self.parameters(&item.parameters);
                self.parameters(&item.outputs);
            }
            ItemKind::Verification(item) => self.parameters(&item.outputs),
            ItemKind::Procedure(item) => self.parameters(&item.parameters),
            _ => {}
        }
    }

    fn parameters(&mut self, parameters: &[Parameter]) {
        parameters.iter().for_each(|parameter| self.ty(&parameter.ty));
    }

    fn ty(&mut self, ty: &TypeExpr) {
        match &ty.kind {
            TypeKind::Named { name, arguments } => {
                arguments.iter().for_each(|ty| self.ty(ty));
                if let Some(last) = arguments.last() {
                    self.around(name.span.end as usize, last.span.end as usize);
                }
            }
            TypeKind::Optional(ty) => self.ty(ty),
            TypeKind::Refined { base, .. } => self.ty(base),
            TypeKind::Error => {}
        }
    }

    /// The `<` after `before` and the `>` after `last`.
    fn around(&mut self, before: usize, last: usize) {
        let open = self.text[before..].find('<').map(|at| before + at);
        let close = self.text[last..].find('>').map(|at| last + at);
        self.offsets.extend(open);
        self.offsets.extend(close);
    }
}
