//! The model: the typed project as its author declared it.
//!
//! In: nothing; `check` builds it. Out: plain data for the plan and for the editor.
//! Names are bound, types known, fields typed and their defaults filled in; constants are computed where they do not
//! depend on an environment. It refuses to know how it was written and what any target says.
//! Tables are by [`DeclId`], in the order of files and text.

mod expr;
mod items;
mod pipeline;
mod types;
mod value;

pub use expr::*;
pub use items::*;
pub use pipeline::*;
pub use types::*;
pub use value::*;

use indexmap::IndexMap;

use crate::resolve::{DeclId, Names};
use crate::source::{SourceMap, Span};

/// A project, checked as far as it could be.
#[derive(Clone, Debug, Default)]
pub struct Model {
    /// Every declaration.
    pub names: Names,
    /// The text that it came from.
    pub sources: SourceMap,
    /// `project`
    pub project: Option<Project>,
    /// `schema`, `struct`: their members.
    pub structs: IndexMap<DeclId, Struct>,
    /// `enum`
    pub enums: IndexMap<DeclId, Enum>,
    /// `artifact`
    pub artifacts: IndexMap<DeclId, Artifact>,
    /// `type`: what it stands for.
    pub aliases: IndexMap<DeclId, Type>,
    /// `let`
    pub constants: IndexMap<DeclId, Constant>,
    /// `fn`
    pub functions: IndexMap<DeclId, Function>,
    /// `form`
    pub forms: IndexMap<DeclId, Form>,
    /// Predicates of refined types.
    pub predicates: Vec<Predicate>,
    /// `data`, `secret`, `compute`, `var`
    pub needs: IndexMap<DeclId, Need>,
    /// `service`
    pub services: IndexMap<DeclId, Service>,
    /// `image`, `package`
    pub builds: IndexMap<DeclId, Build>,
    /// `step`
    pub steps: IndexMap<DeclId, Step>,
    /// `pipeline`
    pub pipelines: IndexMap<DeclId, Pipeline>,
    /// `expectation`
    pub expectations: IndexMap<DeclId, Expectation>,
    /// `environment`, abstract ones included, with everything that it inherits.
    pub environments: IndexMap<DeclId, Environment>,
    /// `ci`
    pub ci: Option<Ci>,
    /// `verification`
    pub verifications: IndexMap<DeclId, Verification>,
    /// `team`
    pub teams: IndexMap<DeclId, Team>,
    /// `promotion`
    pub promotions: Vec<Promotion>,
    /// What policies assert, as it was written, each after what it is asserted for.
    pub policies: IndexMap<DeclId, Vec<String>>,
    /// `test`
    pub tests: Vec<Test>,
    /// Every use of a declaration, in the order in which they were found.
    pub uses: Vec<Use>,
    /// What a name inside an item is (a parameter, a binding): where it stands, its type, where it is bound.
    pub locals: Vec<LocalUse>,
}

/// A name that stands for a declaration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Use {
    /// Where the name stands.
    pub span: Span,
    /// What it stands for.
    pub decl: DeclId,
}

/// A name that stands for something inside an item.
#[derive(Clone, Debug, PartialEq)]
pub struct LocalUse {
    /// Where the name stands.
    pub span: Span,
    /// Where it is bound.
    pub bound: Span,
    /// The name.
    pub name: String,
    /// Its type.
    pub ty: Type,
}

impl Model {
    /// The name of a declaration.
    pub fn name(&self, decl: DeclId) -> &str {
        &self.names.decl(decl).name.text
    }

    /// The documentation of a declaration.
    pub fn docs(&self, decl: DeclId) -> Option<&str> {
        self.names.decl(decl).item.docs.as_deref()
    }

    /// Where a declaration's name stands.
    pub fn span(&self, decl: DeclId) -> Span {
        self.names.decl(decl).name.span
    }

    /// The path of the file that a span lies in.
    pub fn path(&self, span: Span) -> &str {
        &self.sources.file(span.file).path
    }

    /// Environments that are not abstract.
    pub fn concrete_environments(&self) -> impl Iterator<Item = (DeclId, &Environment)> {
        self.environments
            .iter()
            .filter(|(_, environment)| !environment.is_abstract)
            .map(|(id, environment)| (*id, environment))
    }
}
