//! Whether an annotation can hold a value. What is not known never mismatches.

use ruff_python_ast::{Expr, Operator};

use super::returns::dotted;

/// Bytes of an annotation that is still looked into: each `|` is a level of its tree.
const LONGEST: usize = 1_000;

/// A value as a Python function sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PythonType {
    /// `bool`
    Bool,
    /// `int`
    Int,
    /// `float`
    Float,
    /// `str`
    Str,
    /// A file's or folder's path: `str`, `pathlib.Path`, `os.PathLike`.
    Path,
    /// `datetime.datetime`
    Datetime,
    /// An amount and a currency: `decimal.Decimal` or a record of it.
    Money,
    /// `list[T]`
    List(Box<PythonType>),
    /// `dict[str, T]`, or with keys of several types: `dict`, a `TypedDict`, a dataclass.
    Dict(Box<PythonType>),
    /// `T | None`
    Optional(Box<PythonType>),
    /// Anything.
    Any,
}

/// Whether a parameter with that annotation surely cannot take such a value.
pub fn parameter_mismatch(annotation: &str, given: &PythonType) -> bool {
    !read(annotation).takes(given)
}

/// Whether a function with that annotation surely does not give such a value.
pub fn return_mismatch(annotation: &str, wanted: &PythonType) -> bool {
    !read(annotation).gives(wanted)
}

/// What is understood of an annotation.
enum Known {
    Bool,
    Int,
    Float,
    Str,
    Bytes,
    None,
    Path,
    Datetime,
    Decimal,
    /// A list or anything that a list is.
    Sequence(Box<Known>),
    /// A tuple or a set: no list.
    OtherCollection,
    /// A dict or anything that a dict is.
    Mapping(Box<Known>),
    Union(Vec<Known>),
    Unknown,
}

impl Known {
    fn takes(&self, given: &PythonType) -> bool {
        match (self, given) {
            (Known::Unknown, _) | (_, PythonType::Any) => true,
            (Known::Union(any), PythonType::Optional(of)) => {
                any.iter().any(|one| one.takes(of)) && any.iter().any(|one| matches!(one, Known::None | Known::Unknown))
            }
            (Known::Union(any), given) => any.iter().any(|one| one.takes(given)),
            (Known::None, given) => matches!(given, PythonType::Optional(_)),
            (_, PythonType::Optional(_)) => false,
            (known, given) => known.fits(given, Known::takes, true),
        }
    }

    fn gives(&self, wanted: &PythonType) -> bool {
        match (self, wanted) {
            (Known::Unknown, _) | (_, PythonType::Any) => true,
            (Known::None, PythonType::Optional(_)) => true,
            (Known::Union(any), PythonType::Optional(_)) => any.iter().all(|one| one.gives(wanted)),
            (Known::Union(any), wanted) => any.iter().any(|one| one.gives(wanted)),
            (known, PythonType::Optional(of)) => known.gives(of),
            (known, wanted) => known.fits(wanted, Known::gives, false),
        }
    }

    /// One type against one type; an int stands where a float does, on the side that takes it.
    fn fits(&self, value: &PythonType, inner: fn(&Known, &PythonType) -> bool, taking: bool) -> bool {
        match (self, value) {
            (Known::Bool, PythonType::Bool)
            | (Known::Int, PythonType::Int)
            | (Known::Float, PythonType::Float)
            | (Known::Str, PythonType::Str | PythonType::Path | PythonType::Datetime)
            | (Known::Path, PythonType::Path)
            | (Known::Datetime, PythonType::Datetime)
            | (Known::Decimal | Known::Mapping(_), PythonType::Money) => true,
            (Known::Float, PythonType::Int) | (Known::Int, PythonType::Bool) | (Known::Float, PythonType::Bool) => {
                taking
            }
            (Known::Int, PythonType::Float) => !taking,
            (Known::Sequence(known), PythonType::List(value)) => inner(known, value),
            (Known::Mapping(known), PythonType::Dict(value)) => inner(known, value),
            _ => false,
        }
    }
}

fn read(annotation: &str) -> Known {
    if annotation.len() > LONGEST || super::depth::too_deep(annotation) {
        return Known::Unknown;
    }
    match ruff_python_parser::parse_expression(annotation.trim()) {
        Ok(parsed) => known(parsed.expr()),
        Err(_) => Known::Unknown,
    }
}

fn known(annotation: &Expr) -> Known {
    match annotation {
        Expr::NoneLiteral(_) => Known::None,
        Expr::StringLiteral(text) => read(text.value.to_str()),
        Expr::BinOp(union) if union.op == Operator::BitOr => {
            Known::Union(vec![known(&union.left), known(&union.right)])
        }
        Expr::Subscript(subscript) => {
            let arguments = match &*subscript.slice {
                Expr::Tuple(tuple) => tuple.elts.iter().collect(),
                one => vec![one],
            };
            dotted(&subscript.value).map_or(Known::Unknown, |name| generic(&name, &arguments))
        }
        Expr::Name(_) | Expr::Attribute(_) => dotted(annotation).map_or(Known::Unknown, |name| generic(&name, &[])),
        _ => Known::Unknown,
    }
}

fn generic(name: &str, arguments: &[&Expr]) -> Known {
    let argument = |index: usize| Box::new(arguments.get(index).map_or(Known::Unknown, |argument| known(argument)));
    let plain = |prefixes: &[&str]| prefixes.iter().find_map(|prefix| name.strip_prefix(prefix)).unwrap_or(name);
    match plain(&["typing_extensions.", "typing.", "t.", "collections.abc.", "builtins."]) {
        "bool" => Known::Bool,
        "int" => Known::Int,
        "float" => Known::Float,
        "str" | "Text" => Known::Str,
        "bytes" => Known::Bytes,
        "None" => Known::None,
        "Optional" => Known::Union(vec![*argument(0), Known::None]),
        "Union" => Known::Union(arguments.iter().map(|argument| known(argument)).collect()),
        "Annotated" | "Final" | "Required" | "NotRequired" => *argument(0),
        "list" | "List" | "Sequence" | "Iterable" | "Collection" | "MutableSequence" => Known::Sequence(argument(0)),
        "tuple" | "Tuple" | "set" | "Set" | "frozenset" | "FrozenSet" => Known::OtherCollection,
        "dict" | "Dict" | "Mapping" | "MutableMapping" => Known::Mapping(argument(1)),
        _ => match name {
            "Path" | "PurePath" | "pathlib.Path" | "pathlib.PurePath" | "PathLike" | "os.PathLike" => Known::Path,
            "datetime" | "datetime.datetime" => Known::Datetime,
            "Decimal" | "decimal.Decimal" => Known::Decimal,
            _ => Known::Unknown,
        },
    }
}
