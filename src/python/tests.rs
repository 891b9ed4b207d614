//! What is read of real and of awkward Python sources.

use super::*;

fn of(source: &str, function: &str) -> Signature {
    signature(source, function).unwrap_or_else(|problem| panic!("{source}: {problem:?}"))
}

fn names(signature: &Signature) -> Vec<&str> {
    signature.parameters.iter().map(|parameter| parameter.name.as_str()).collect()
}

fn gives(source: &str) -> (ReturnsFrom, Vec<String>) {
    let returns = of(source, "f").returns;
    let fields = returns.fields.into_iter().map(|field| match field.annotation {
        Some(annotation) => format!("{}: {annotation}", field.name),
        None => field.name,
    });
    (returns.from, fields.collect())
}

#[test]
fn a_signature_is_read() {
    let source = "def train(rows: Path, penalty: float, *, seed: int = 1) -> dict[str, float]:\n    ...\n";
    let train = of(source, "train");
    assert_eq!(names(&train), ["rows", "penalty", "seed"]);
    assert_eq!(train.parameters[0].annotation.as_deref(), Some("Path"));
    assert_eq!(train.parameters[2].kind, ParameterKind::KeywordOnly);
    assert!(train.parameters[2].has_default && !train.parameters[1].has_default);
    assert_eq!(&source[train.parameters[1].span.0..train.parameters[1].span.1], "penalty: float");
    assert_eq!(&source[train.name_span.0..train.name_span.1], "train");
    assert_eq!(train.returns.annotation.as_deref(), Some("dict[str, float]"));
    assert!(!train.accepts_any_keyword && !train.is_async);
}

#[test]
fn every_kind_of_parameter_is_told_apart() {
    let f = of("def f(a, b=1, /, c=2, *args, d, **rest): pass", "f");
    assert_eq!(names(&f), ["a", "b", "c", "d"]);
    assert_eq!(f.positional_only().collect::<Vec<_>>(), ["a", "b"]);
    assert!(f.accepts_any_keyword);
    assert!(f.parameter("d").is_some_and(|d| !d.has_default && d.kind == ParameterKind::KeywordOnly));
}

#[test]
fn syntax_errors_have_a_place() {
    let Err(Problem::Syntax { message, span }) = signature("def f(:\n    pass\n", "f") else { panic!("it parses") };
    assert!(!message.is_empty() && !message.ends_with('.'), "{message}");
    assert_eq!(span.0, 6);
}

#[test]
fn a_missing_function_is_told_with_its_neighbours() {
    let source = "def load(): pass\ndef outer():\n    def inner(): pass\nclass C:\n    def method(self): pass\n";
    let missing = |name| match signature(source, name) {
        Err(Problem::NoFunction { similar, functions, nested }) => (similar, functions, nested.is_some()),
        other => panic!("{other:?}"),
    };
    let functions = vec!["load".to_owned(), "outer".to_owned()];
    assert_eq!(missing("laod"), (Some("load".to_owned()), functions.clone(), false));
    assert_eq!(missing("inner"), (None, functions.clone(), true));
    assert_eq!(missing("method"), (None, functions, true));
    assert_eq!(signature("", "f"), Err(Problem::NoFunction { similar: None, functions: vec![], nested: None }));
}

#[test]
fn a_name_that_is_no_function_says_what_it_is() {
    let what = |source| match signature(source, "f") {
        Err(Problem::NotAFunction { what, .. }) => what,
        other => panic!("{other:?}"),
    };
    assert_eq!(what("class f: pass"), "a class");
    assert_eq!(what("f = lambda x: x"), "a variable");
    assert_eq!(what("a, f = 1, 2"), "a variable");
    assert_eq!(what("from steps.common import f"), "imported");
    assert_eq!(what("import x as f"), "imported");
}

#[test]
fn the_last_definition_counts() {
    assert_eq!(names(&of("def f(a): pass\ndef f(b): pass\n", "f")), ["b"]);
    let overloaded = "@overload\ndef f(a: int) -> int: ...\n@overload\ndef f(a: str) -> str: ...\ndef f(a): return a\n";
    assert!(of(overloaded, "f").decorated.is_empty());
    assert_eq!(names(&of("if True:\n    def f(a): pass\nelse:\n    x = 1\n", "f")), ["a"]);
    assert_eq!(names(&of("try:\n    import x\nexcept ImportError:\n    def f(a): pass\n", "f")), ["a"]);
    assert_eq!(names(&of("from x import f\ndef f(a): pass\n", "f")), ["a"]);
}

#[test]
fn decorators_async_and_generators_are_noted() {
    let f = of("@retry(times=3)\n@a.b\nasync def f(x): pass", "f");
    assert_eq!(f.decorated, ["retry(times=3)", "a.b"]);
    assert!(f.is_async);
    assert!(of("def f():\n    yield 1\n", "f").is_generator);
    assert!(!of("def f():\n    def g():\n        yield 1\n    return g\n", "f").is_generator);
}

#[test]
fn odd_texts_are_read() {
    assert_eq!(names(&of("def größe(länge: int):\r\n    return 1\r\n", "größe")), ["länge"]);
    let with_mark = "\u{feff}def f(a): pass";
    let f = of(with_mark, "f");
    assert_eq!(&with_mark[f.name_span.0..f.name_span.1], "f");
    assert_eq!(names(&of("# -*- coding: utf-8 -*-\n'''doc'''\ndef f[T](a: T) -> T: return a\n", "f")), ["a"]);
    assert_eq!(functions("").unwrap(), Vec::<String>::new());
}

#[test]
fn deep_nesting_is_an_answer_and_no_crash() {
    for text in ["(".repeat(100_000), "-".repeat(100_000), "a.".repeat(100_000), "not ".repeat(100_000)] {
        assert!(matches!(signature(&text, "f"), Err(Problem::Syntax { .. })));
    }
    let long = format!("x = [{}]\ndef f(a): pass\n", "-1, ".repeat(100_000));
    assert_eq!(names(&of(&long, "f")), ["a"]);
    let lines = "x = (1)\n".repeat(50_000);
    assert!(functions(&lines).is_ok());
}

#[test]
fn what_a_function_gives_is_read_from_classes() {
    let tuple = "class R(NamedTuple):\n    model: Path\n    auc: float\ndef f() -> R: ...\n";
    assert_eq!(gives(tuple), (ReturnsFrom::NamedTuple, vec!["model: Path".into(), "auc: float".into()]));
    let quoted = "class R(typing.TypedDict):\n    auc: float\nclass S(R, total=False):\n    loss: list[float]\ndef f() -> 'S': ...\n";
    assert_eq!(gives(quoted), (ReturnsFrom::TypedDict, vec!["auc: float".into(), "loss: list[float]".into()]));
    let dataclass =
        "@dataclass(frozen=True)\nclass R:\n    K: ClassVar[int] = 1\n    auc: float = 1.0\ndef f(): return R(auc=1)\n";
    assert_eq!(gives(dataclass), (ReturnsFrom::Dataclass, vec!["auc: float".into()]));
    let called = "R = namedtuple('R', 'auc, loss')\ndef f() -> R: ...\n";
    assert_eq!(gives(called), (ReturnsFrom::NamedTuple, vec!["auc".into(), "loss".into()]));
    let typed = "R = NamedTuple('R', [('auc', float)])\ndef f() -> R: ...\n";
    assert_eq!(gives(typed), (ReturnsFrom::NamedTuple, vec!["auc: float".into()]));
}

#[test]
fn what_a_function_gives_is_read_from_its_returns() {
    let both = "def f(x):\n    if x:\n        return {'a': 1, 'b': 2}\n    return dict(b=1, a=2)\n";
    assert_eq!(gives(both), (ReturnsFrom::DictLiteral, vec!["a".into(), "b".into()]));
    let annotated = "def f() -> dict[str, float]:\n    return {'a': 1}\n";
    assert_eq!(gives(annotated), (ReturnsFrom::DictLiteral, vec!["a".into()]));
    let unlike = "def f(x):\n    if x:\n        return {'a': 1}\n    return {'b': 1}\n";
    assert_eq!(gives(unlike).0, ReturnsFrom::Unknown);
    assert_eq!(gives("def f(x):\n    if x:\n        return\n    return {'b': 1}\n").0, ReturnsFrom::Unknown);
    assert_eq!(gives("def f(x): return {'a': 1, **x}").0, ReturnsFrom::Unknown);
    assert_eq!(gives("def f(x): return {x: 1}").0, ReturnsFrom::Unknown);
    assert_eq!(gives("def f(x): return x").0, ReturnsFrom::Unknown);
    assert_eq!(gives("def f(x): print(x)").0, ReturnsFrom::Nothing);
    assert_eq!(gives("def f(x) -> None: ...").0, ReturnsFrom::Nothing);
    assert_eq!(gives("def f(x):\n    def g(): return 1\n    return None\n").0, ReturnsFrom::Nothing);
    assert_eq!(gives("class R(R): pass\ndef f() -> R: ...").0, ReturnsFrom::Unknown);
}

#[test]
fn imports_of_the_project_are_found() {
    let files = [
        "steps/__init__.py",
        "steps/common.py",
        "steps/load.py",
        "steps/sub/__init__.py",
        "steps/sub/deep.py",
        "beside/other.py",
        "beside/main.py",
        "top.py",
    ];
    let imports = |path: &str, source: &str| project_imports(source, path, &|path| files.contains(&path)).join(" ");
    assert_eq!(imports("x.py", "from steps.common import a"), "steps/__init__.py steps/common.py");
    assert_eq!(imports("x.py", "import steps.common as c, os"), "steps/__init__.py steps/common.py");
    assert_eq!(imports("x.py", "from steps import common, missing"), "steps/__init__.py steps/common.py");
    assert_eq!(imports("steps/load.py", "from . import common"), "steps/__init__.py steps/common.py");
    assert_eq!(imports("steps/load.py", "from .common import x"), "steps/__init__.py steps/common.py");
    let deep = "steps/__init__.py steps/common.py steps/sub/__init__.py";
    assert_eq!(imports("steps/sub/deep.py", "def f():\n    from ..common import x\n"), deep);
    assert_eq!(imports("steps/sub/deep.py", "from ....common import x"), "");
    assert_eq!(imports("beside/main.py", "import other, top"), "beside/other.py top.py");
    assert_eq!(imports("x.py", "import numpy\nfrom steps.nothing import y\nimport steps.nothing"), "");
    assert_eq!(imports("x.py", "import ("), "");
}

#[test]
fn a_notebook_imports_what_its_cells_do() {
    let files = ["lib/plots.py", "lib/other.py", "notebooks/near.py", "never.py"];
    let cell = |kind: &str, source: &str| format!(r#"{{"cell_type": "{kind}", "source": {source}}}"#);
    let cells = [
        cell("code", r#"["%matplotlib inline\n", "from lib import plots\n", "!ls"]"#),
        cell("code", r#""import never (""#),
        cell("markdown", r#""import never""#),
        cell("code", r#""def f():\n    import near, lib.other""#),
    ];
    let notebook = format!(r#"{{"cells": [{}]}}"#, cells.join(","));
    let found = |source: &str| project_imports(source, "notebooks/a.ipynb", &|path| files.contains(&path)).join(" ");
    assert_eq!(found(&notebook), "lib/other.py lib/plots.py notebooks/near.py");
    assert_eq!(found("import never"), "");
}

#[test]
fn imports_are_followed_in_circles() {
    let read = |path: &str| {
        Some(match path {
            "a.py" => "import b".to_owned(),
            "b.py" => "import a, c".to_owned(),
            "c.py" => "import json".to_owned(),
            _ => return None,
        })
    };
    assert_eq!(imported_files("a.py", &read), ["a.py", "b.py", "c.py"]);
}

#[test]
fn annotations_hold_what_they_say() {
    use PythonType::*;
    let list = |of: PythonType| List(Box::new(of));
    let optional = |of: PythonType| Optional(Box::new(of));
    let takes = [
        ("int", Int),
        ("float", Int),
        ("int", Bool),
        ("str | None", Str),
        ("Optional[int]", optional(Int)),
        ("int | None", optional(Int)),
        ("'Path'", Path),
        ("str", Path),
        ("os.PathLike[str]", Path),
        ("pathlib.Path", Path),
        ("list[float]", list(Int)),
        ("list", list(Path)),
        ("Sequence[Path]", list(Path)),
        ("typing.List[str]", list(Path)),
        ("Mapping[str, int]", Dict(Box::new(Int))),
        ("Annotated[int, 'x']", Int),
        ("datetime", Datetime),
        ("Decimal", Money),
        ("np.ndarray", list(Float)),
        ("MyType", Int),
        ("Union[int, Whatever]", Path),
        ("not a type (", Int),
        ("Any", optional(Int)),
    ];
    for (annotation, given) in takes {
        assert!(!parameter_mismatch(annotation, &given), "{annotation} takes {given:?}");
    }
    let refuses = [
        ("int", Float),
        ("str", Int),
        ("int", optional(Int)),
        ("list[int]", list(Str)),
        ("list[int]", Int),
        ("bool", Int),
        ("dict", list(Int)),
        ("float", Path),
        ("int | str", list(Int)),
        ("bytes", Str),
        ("tuple[int, ...]", list(Int)),
    ];
    for (annotation, given) in refuses {
        assert!(parameter_mismatch(annotation, &given), "{annotation} refuses {given:?}");
    }
    assert!(!return_mismatch("int", &Float));
    assert!(return_mismatch("float", &Int));
    assert!(!return_mismatch("int", &optional(Int)));
    assert!(!return_mismatch("None", &optional(Int)));
    assert!(!return_mismatch("int | None", &Int));
    assert!(return_mismatch("str | None", &Int));
    assert!(!parameter_mismatch(&"a | ".repeat(50_000), &Int));
}
