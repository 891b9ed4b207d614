//! Types of values.

use super::{Expr, Model};
use crate::resolve::DeclId;
use crate::source::Span;

/// A type. [`Type::Unknown`] absorbs: whatever is made of it is fine, since its fault has been reported.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum Type {
    /// Of something that is wrong already.
    #[default]
    Unknown,
    /// In the library: any type.
    Any,
    /// Of `none`.
    None,
    /// `bool`
    Bool,
    /// `int`
    Int,
    /// `float`
    Float,
    /// `string`
    String,
    /// `duration`
    Duration,
    /// `size`
    Size,
    /// `percent`
    Percent,
    /// `money`
    Money,
    /// `timestamp`
    Timestamp,
    /// `cron`
    Cron,
    /// `uri`
    Uri,
    /// `json`
    Json,
    /// `list<T>`
    List(Box<Type>),
    /// `map<T>`
    Map(Box<Type>),
    /// `T?`
    Optional(Box<Type>),
    /// `T where …`; predicates by their place in [`Model::predicates`].
    Refined {
        /// What is narrowed.
        base: Box<Type>,
        /// By what, all of them.
        predicates: Vec<PredicateId>,
        /// The `type` that names it.
        alias: Option<DeclId>,
    },
    /// A `struct`.
    Struct(DeclId),
    /// An `enum`.
    Enum(DeclId),
    /// Values that a kind's forms make.
    Kind(DeclId),
    /// An artifact; schemas as they are claimed, none where nothing is.
    Artifact {
        /// The artifact type.
        decl: DeclId,
        /// Schemas, in the order of the type parameters; or empty.
        schemas: Vec<DeclId>,
    },
    /// `Table<S>`
    Table(Option<DeclId>),
    /// Named values together: the outputs of a step, what a block yields.
    Record(Vec<(String, Type)>),
    /// A range of numbers or quantities: the right side of `in`.
    Range(Box<Type>),
    /// `secret`
    Secret,
    /// `RunStatus`
    RunStatus,
    /// How a task was set up, for a step that starts others.
    TaskConfig,
    /// `Condition`: a comparison that is decided at a gate.
    Condition,
    /// A reference to something that the project declares.
    Reference(Reference),
    /// In a test: a run of a pipeline.
    RunOf(DeclId),
}

/// What a reference is to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reference {
    /// `Column`
    Column,
    /// `Mark`
    Mark,
    /// `Environment`
    Environment,
    /// `Pipeline`
    Pipeline,
    /// `Step`
    Step,
    /// `Image`
    Image,
    /// `Package`
    Package,
    /// `Service`
    Service,
    /// `Verification`
    Verification,
    /// `Team`
    Team,
    /// `Path`
    Path,
    /// A schema by its name, as `Aspirate` in `Aspirate.patient`.
    Schema,
}

impl Reference {
    /// The type's name in the language, and every such type.
    pub const ALL: [(&'static str, Reference); 11] = [
        ("Column", Reference::Column),
        ("Mark", Reference::Mark),
        ("Environment", Reference::Environment),
        ("Pipeline", Reference::Pipeline),
        ("Step", Reference::Step),
        ("Image", Reference::Image),
        ("Package", Reference::Package),
        ("Service", Reference::Service),
        ("Verification", Reference::Verification),
        ("Team", Reference::Team),
        ("Path", Reference::Path),
    ];
}

/// A predicate, by its place in [`Model::predicates`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PredicateId(pub u32);

/// The condition of a refined type.
#[derive(Clone, Debug, PartialEq)]
pub struct Predicate {
    /// As written.
    pub text: String,
    /// The condition; the value is [`super::ExprKind::It`].
    pub condition: Expr,
    /// Where it is written.
    pub span: Span,
}

/// The members of a `schema` or a `struct`.
#[derive(Clone, Debug, PartialEq)]
pub struct Struct {
    /// Whether it is a `schema`.
    pub is_schema: bool,
    /// In the order of the text.
    pub fields: Vec<Field>,
}

/// A field, column, parameter or output.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// Its documentation.
    pub docs: Option<String>,
    /// Its type.
    pub ty: Type,
    /// Marks, without `@`.
    pub marks: Vec<String>,
    /// What holds where it is left out.
    pub default: Option<Expr>,
    /// Where its name stands.
    pub span: Span,
}

impl Field {
    /// Whether it may be left out.
    pub fn has_mark(&self, name: &str) -> bool {
        self.marks.iter().any(|mark| mark == name)
    }

    /// Whether whoever fills it may leave it out.
    pub fn may_be_left_out(&self) -> bool {
        self.default.is_some() || matches!(self.ty.unrefined(), Type::Optional(_) | Type::TaskConfig)
    }
}

impl Struct {
    /// The field of that name.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }
}

impl Type {
    /// The type without refinements around it.
    pub fn unrefined(&self) -> &Type {
        match self {
            Type::Refined { base, .. } => base.unrefined(),
            other => other,
        }
    }

    /// The type without `?` and refinements around it.
    pub fn required(&self) -> &Type {
        match self.unrefined() {
            Type::Optional(inner) => inner.required(),
            other => other,
        }
    }

    /// Whether its values are files: an artifact or a list of them.
    pub fn is_artifact(&self) -> bool {
        match self.required() {
            Type::Artifact { .. } => true,
            Type::List(item) => item.is_artifact(),
            _ => false,
        }
    }

    /// Whether it is of something that is wrong already.
    pub fn is_unknown(&self) -> bool {
        matches!(self.unrefined(), Type::Unknown | Type::Any)
    }

    /// Whether its values are numbers or quantities, which compare by size.
    pub fn is_ordered(&self) -> bool {
        matches!(
            self.unrefined(),
            Type::Int | Type::Float | Type::Duration | Type::Size | Type::Percent | Type::Money | Type::Timestamp
        )
    }

    /// `T?`, once.
    pub fn optional(self) -> Type {
        match self.unrefined() {
            Type::Optional(_) | Type::Unknown => self,
            _ => Type::Optional(Box::new(self)),
        }
    }

    /// As it is written in the language.
    pub fn display(&self, model: &Model) -> String {
        match self {
            Type::Unknown => "?".into(),
            Type::Any => "any".into(),
            Type::None => "none".into(),
            Type::Bool => "bool".into(),
            Type::Int => "int".into(),
            Type::Float => "float".into(),
            Type::String => "string".into(),
            Type::Duration => "duration".into(),
            Type::Size => "size".into(),
            Type::Percent => "percent".into(),
            Type::Money => "money".into(),
            Type::Timestamp => "timestamp".into(),
            Type::Cron => "cron".into(),
            Type::Uri => "uri".into(),
            Type::Json => "json".into(),
            Type::List(item) => format!("list<{}>", item.display(model)),
            Type::Map(item) => format!("map<{}>", item.display(model)),
            Type::Optional(inner) => format!("{}?", inner.display(model)),
            Type::Refined { alias: Some(alias), .. } => model.name(*alias).into(),
            Type::Refined { base, predicates, .. } => {
                let texts: Vec<&str> =
                    predicates.iter().map(|id| model.predicates[id.0 as usize].text.as_str()).collect();
                format!("{} where {}", base.display(model), texts.join(" and "))
            }
            Type::Struct(decl) | Type::Enum(decl) | Type::Kind(decl) => model.name(*decl).into(),
            Type::Artifact { decl, schemas } if schemas.is_empty() => model.name(*decl).into(),
            Type::Artifact { decl, schemas } => {
                let schemas: Vec<&str> = schemas.iter().map(|schema| model.name(*schema)).collect();
                format!("{}<{}>", model.name(*decl), schemas.join(", "))
            }
            Type::Table(None) => "Table".into(),
            Type::Table(Some(schema)) => format!("Table<{}>", model.name(*schema)),
            Type::Record(fields) => {
                let fields: Vec<String> =
                    fields.iter().map(|(name, ty)| format!("{name}: {}", ty.display(model))).collect();
                format!("({})", fields.join(", "))
            }
            Type::Range(of) => format!("range of {}", of.display(model)),
            Type::Secret => "secret".into(),
            Type::RunStatus => "RunStatus".into(),
            Type::TaskConfig => "TaskConfig".into(),
            Type::Condition => "Condition".into(),
            Type::Reference(Reference::Schema) => "schema".into(),
            Type::Reference(reference) => {
                let known = Reference::ALL.iter().find(|(_, known)| known == reference);
                known.map_or("reference", |(name, _)| name).into()
            }
            Type::RunOf(pipeline) => format!("run of {}", model.name(*pipeline)),
        }
    }
}
