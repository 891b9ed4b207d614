//! Expressions of the language with what they mean: their text, and their value over a run's parameters as JSON.

use std::cmp::Ordering;

use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// A run's parameters, `null` where one is absent.
pub(super) type Parameters = Map<String, Value>;

/// The parameters that every pipeline of the test takes.
pub(super) const DECLARED: &str = "a: int, b: int, x: float, y: float, s: string, t: string, p: bool, q: bool, \
    colour: Colour, wait: duration, size: size, share: percent, at: timestamp, ints: list<int>, texts: list<string>, \
    floats: list<float>, point: Point, counts: map<int>, some: int?, extra: string?, maybe: bool?, factor: float?, any: json";

/// An expression.
#[derive(Clone, Debug)]
pub(super) enum Expr {
    /// A constant: its text in the language, and its value.
    Constant(String, Value),
    /// A parameter, or a part of it: how it is written, and the pointer to it.
    Parameter(String, String),
    /// Text out of texts.
    Joined(Vec<Expr>),
    /// `a ?? b`
    Coalesced(Box<Expr>, Box<Expr>),
    /// `a == b`
    Compared(&'static str, Box<Expr>, Box<Expr>),
    /// The same of moments.
    Moments(&'static str, Box<Expr>, Box<Expr>),
    /// `a in b`
    In(Box<Expr>, Box<Expr>),
    /// `[a, b]`
    List(Vec<Expr>),
    /// `a in b..=c`
    Between(Box<Expr>, Box<Expr>, Box<Expr>, bool),
    /// `not a`
    Not(Box<Expr>),
    /// `a and b`
    And(Box<Expr>, Box<Expr>),
    /// `a or b`
    Or(Box<Expr>, Box<Expr>),
}

use Expr::*;

impl Expr {
    /// As it is written in the language.
    pub(super) fn text(&self) -> String {
        let listed = |items: &[Expr]| items.iter().map(Expr::text).collect::<Vec<_>>().join(", ");
        match self {
            Constant(text, _) | Parameter(text, _) => text.clone(),
            Joined(parts) => {
                let part = |part: &Expr| match part {
                    Constant(text, _) => text.trim_matches('"').to_owned(),
                    other => format!("\\({})", other.text()),
                };
                format!("\"{}\"", parts.iter().map(part).collect::<String>())
            }
            Coalesced(one, other) => format!("({} ?? {})", one.text(), other.text()),
            Compared(sign, left, right) | Moments(sign, left, right) => {
                format!("({} {sign} {})", left.text(), right.text())
            }
            In(one, list) => format!("({} in {})", one.text(), list.text()),
            List(items) => format!("[{}]", listed(items)),
            Between(one, low, high, inclusive) => {
                let dots = if *inclusive { "..=" } else { ".." };
                format!("({} in {}{dots}{})", one.text(), low.text(), high.text())
            }
            Not(of) => format!("(not {})", of.text()),
            And(left, right) => format!("({} and {})", left.text(), right.text()),
            Or(left, right) => format!("({} or {})", left.text(), right.text()),
        }
    }

    /// Whether it holds in a run.
    pub(super) fn holds(&self, run: &Parameters) -> bool {
        self.value(run) == json!(true)
    }

    fn value(&self, run: &Parameters) -> Value {
        let of = |expr: &Expr| expr.value(run);
        match self {
            Constant(_, value) => value.clone(),
            Parameter(_, pointer) => {
                let (name, rest) = pointer.split_once('/').unwrap_or((pointer, ""));
                let rest = if rest.is_empty() { String::new() } else { format!("/{rest}") };
                run[name].pointer(&rest).cloned().unwrap_or(Value::Null)
            }
            Joined(parts) => parts
                .iter()
                .map(|part| of(part).as_str().expect("texts are joined").to_owned())
                .collect::<String>()
                .into(),
            Coalesced(one, other) => match of(one) {
                Value::Null => of(other),
                there => there,
            },
            Compared(sign, left, right) => json!(compared(sign, &of(left), &of(right))),
            Moments(sign, left, right) => json!(compared(sign, &moment(&of(left)), &moment(&of(right)))),
            In(one, list) => {
                let (one, list) = (of(one), of(list));
                json!(list.as_array().expect("a list").iter().any(|item| same(&one, item)))
            }
            List(items) => items.iter().map(of).collect::<Vec<_>>().into(),
            Between(one, low, high, inclusive) => {
                let (one, low, high) = (of(one), of(low), of(high));
                let above = compared(">=", &one, &low);
                json!(above && compared(if *inclusive { "<=" } else { "<" }, &one, &high))
            }
            Not(one) => json!(!one.holds(run)),
            And(left, right) => json!(left.holds(run) && right.holds(run)),
            Or(left, right) => json!(left.holds(run) || right.holds(run)),
        }
    }
}

fn compared(sign: &str, left: &Value, right: &Value) -> bool {
    match sign {
        "==" => return same(left, right),
        "!=" => return !same(left, right),
        _ => {}
    }
    let order = match (left, right) {
        (Value::String(left), Value::String(right)) => left.chars().cmp(right.chars()),
        _ => number(left).partial_cmp(&number(right)).expect("no number is NaN"),
    };
    match sign {
        "<" => order == Ordering::Less,
        "<=" => order != Ordering::Greater,
        ">" => order == Ordering::Greater,
        _ => order != Ordering::Less,
    }
}

fn same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(_), Value::Number(_)) => number(left) == number(right),
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| same(left, right))
        }
        _ => left == right,
    }
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number"))
}

/// Moments that are written in several ways, in seconds from the first.
const MOMENTS: &[(&str, i64)] = &[
    ("2026-08-01T00:00:00Z", 0),
    ("2026-08-01T02:00:00+02:00", 0),
    ("2026-08-01T00:00:01Z", 1),
    ("2026-07-31T23:59:59Z", -1),
    ("2026-08-01T00:00:00+02:00", -7200),
];

fn moment(text: &Value) -> Value {
    json!(MOMENTS.iter().find(|(written, _)| text == written).expect("one of the moments").1)
}

const TEXTS: &[&str] = &[
    "",
    "a",
    "b",
    "heads",
    "it's",
    "\"",
    "\\",
    "\\n",
    "a\nb",
    "\t",
    "{{$}}",
    "{{inputs.parameters.x}}",
    "{{=1}}",
    "}}",
    "{",
    "$(HOME)",
    "$$",
    "$(",
    "$$(HOME)",
    "$",
    "'",
    "''",
    "' == '",
    "a' || 'a' == 'a",
    "true",
    "3",
    "3.0",
    "null",
    "é🎉",
    "🎉",
    "\u{2028}",
    "\u{feff}",
    "\u{7f}",
    "\u{85}",
    "%",
    "#",
    ": ",
    "- x",
    "\\u0041",
    "\\'",
    "red",
    "\r\n",
    " ",
];

fn quoted(text: &str) -> String {
    let escape = |c: char| match c {
        '"' => "\\\"".to_owned(),
        '\\' => "\\\\".to_owned(),
        c if c.is_control() || "\u{2028}\u{feff}".contains(c) => format!("\\u{{{:x}}}", u32::from(c)),
        c => c.to_string(),
    };
    format!("\"{}\"", text.chars().map(escape).collect::<String>())
}

fn any_text() -> BoxedStrategy<String> {
    let known = proptest::sample::select(TEXTS).prop_map(str::to_owned);
    prop_oneof![4 => known, 1 => "[ -~]{0,6}", 1 => "\\PC{0,4}"].boxed()
}

fn few_texts() -> BoxedStrategy<String> {
    prop_oneof![3 => proptest::sample::select(&TEXTS[..6]).prop_map(str::to_owned), 2 => any_text()].boxed()
}

fn any_int() -> BoxedStrategy<i64> {
    let far = proptest::sample::select(&[9_007_199_254_740_991, -9_007_199_254_740_991, 1_000_000][..]);
    prop_oneof![8 => -2..4i64, 1 => far].boxed()
}

fn any_float() -> BoxedStrategy<f64> {
    proptest::sample::select(&[0.0, 0.5, 1.0, 2.0, 2.5, -1.0, -0.25, 1e-7, 1.5e20, 3.0][..]).boxed()
}

/// A run's parameters, of few values, so that they are often the same.
pub(super) fn parameters() -> impl Strategy<Value = Parameters> {
    let maybe = |of: BoxedStrategy<Value>| prop_oneof![Just(Value::Null), of.clone(), of];
    let int = || any_int().prop_map(Value::from).boxed();
    let float = || any_float().prop_map(Value::from).boxed();
    let text = || few_texts().prop_map(Value::from).boxed();
    let flag = || any::<bool>().prop_map(Value::from).boxed();
    let list = |of: BoxedStrategy<Value>| proptest::collection::vec(of, 2..4).prop_map(Value::from).boxed();
    let numbers = (int(), int(), float(), float(), maybe(int()), maybe(float()));
    let texts = (text(), text(), maybe(text()), proptest::sample::select(&["red", "green"][..]));
    let flags = (flag(), flag(), maybe(flag()));
    let quantities = (
        proptest::sample::select(&[0.0, 90.0, 1800.0][..]),
        proptest::sample::select(&[0, 1024, 1_073_741_824][..]),
        proptest::sample::select(&[0.0, 0.25, 1.0][..]),
        proptest::sample::select(MOMENTS),
    );
    let lists = (list(int()), list(text()), list(float()), int(), int());
    let whatever = prop_oneof![int(), text(), flag(), float(), list(int())];
    let point = (int(), float(), text(), flag(), maybe(int()), list(text()), any::<bool>(), whatever);
    (numbers, texts, flags, quantities, lists, point).prop_map(|(numbers, texts, flags, quantities, lists, point)| {
        let mut whole = json!({"count": point.0, "share": point.1, "name": point.2, "known": point.3, "names": point.5});
        if point.6 || !point.4.is_null() {
            whole["more"] = point.4;
        }
        let all = json!({
            "a": numbers.0, "b": numbers.1, "x": numbers.2, "y": numbers.3, "some": numbers.4, "factor": numbers.5,
            "s": texts.0, "t": texts.1, "extra": texts.2, "colour": texts.3, "p": flags.0, "q": flags.1, "maybe": flags.2,
            "wait": quantities.0, "size": quantities.1, "share": quantities.2, "at": quantities.3.0,
            "ints": lists.0, "texts": lists.1, "floats": lists.2, "counts": {"one": lists.3, "other one": lists.4},
            "point": whole, "any": point.7,
        });
        let Value::Object(all) = all else { unreachable!("an object was written") };
        all
    })
}

fn parameter(name: &str) -> Expr {
    Parameter(name.to_owned(), name.to_owned())
}

fn part(text: &str, pointer: &str) -> Expr {
    Parameter(text.to_owned(), pointer.to_owned())
}

fn one_of(all: Vec<Expr>) -> BoxedStrategy<Expr> {
    proptest::sample::select(all).boxed()
}

fn int_constant() -> BoxedStrategy<Expr> {
    any_int().prop_map(|value| Constant(value.to_string(), json!(value))).boxed()
}

fn float_constant() -> BoxedStrategy<Expr> {
    any_float().prop_map(|value| Constant(format!("{value:?}"), json!(value))).boxed()
}

fn text_constant() -> BoxedStrategy<Expr> {
    few_texts().prop_map(|value| Constant(quoted(&value), json!(value))).boxed()
}

fn flag_constant() -> BoxedStrategy<Expr> {
    any::<bool>().prop_map(|value| Constant(value.to_string(), json!(value))).boxed()
}

fn int() -> BoxedStrategy<Expr> {
    let known = one_of(vec![
        parameter("a"),
        parameter("b"),
        part("point.count", "point/count"),
        part("ints[1]", "ints/1"),
        part("counts[\"one\"]", "counts/one"),
        part("counts[\"other one\"]", "counts/other one"),
    ]);
    let absent = one_of(vec![parameter("some"), part("point.more", "point/more")]);
    let or = (absent, prop_oneof![int_constant(), known.clone()]);
    prop_oneof![3 => known, 1 => or.prop_map(|(one, other)| Coalesced(Box::new(one), Box::new(other)))].boxed()
}

fn float() -> BoxedStrategy<Expr> {
    let known =
        one_of(vec![parameter("x"), parameter("y"), part("point.share", "point/share"), part("floats[0]", "floats/0")]);
    let or = float_constant().prop_map(|other| Coalesced(Box::new(parameter("factor")), Box::new(other)));
    prop_oneof![3 => known, 1 => or].boxed()
}

fn text() -> BoxedStrategy<Expr> {
    let known =
        one_of(vec![parameter("s"), parameter("t"), part("point.name", "point/name"), part("texts[0]", "texts/0")]);
    let plain = "[a-z '$]{1,3}".prop_map(|text| Constant(quoted(&text), json!(text)));
    let joined = (plain, known.clone(), known.clone()).prop_map(|(plain, one, other)| Joined(vec![one, plain, other]));
    let or = text_constant().prop_map(|other| Coalesced(Box::new(parameter("extra")), Box::new(other)));
    prop_oneof![4 => known, 1 => joined, 1 => or].boxed()
}

/// A comparison of any pair of types that compare.
fn comparison() -> BoxedStrategy<Expr> {
    let pair = |one: BoxedStrategy<Expr>, other: BoxedStrategy<Expr>, signs: &'static [&'static str]| {
        (proptest::sample::select(signs), one, other, any::<bool>())
            .prop_map(|(sign, one, other, turned)| {
                let (one, other) = if turned { (other, one) } else { (one, other) };
                Compared(sign, Box::new(one), Box::new(other))
            })
            .boxed()
    };
    const ALL: &[&str] = &["==", "!=", "<", "<=", ">", ">="];
    const SAME: &[&str] = &["==", "!="];
    let flags = || one_of(vec![parameter("p"), parameter("q"), part("point.known", "point/known")]);
    let constants = |all: &[(&str, Value)]| {
        one_of(all.iter().map(|(text, value)| Constant((*text).to_owned(), value.clone())).collect())
    };
    let colours = constants(&[("red", json!("red")), ("green", json!("green"))]);
    let waits = constants(&[("90s", json!(90.0)), ("30min", json!(1800.0))]);
    let sizes = constants(&[("1KiB", json!(1024)), ("1GiB", json!(1_073_741_824))]);
    let shares = constants(&[("25%", json!(0.25)), ("100%", json!(1.0))]);
    let absent = |name: &str| Just(parameter(name)).boxed();
    let none = || constants(&[("none", Value::Null)]);
    let int_list = proptest::collection::vec(int_constant(), 2..4).prop_map(List).boxed();
    let text_list = proptest::collection::vec(text_constant(), 2..4).prop_map(List).boxed();
    let whatever = prop_oneof![int_constant(), text_constant(), flag_constant(), float_constant()].boxed();
    prop_oneof![
        4 => pair(int(), prop_oneof![int_constant(), int()].boxed(), ALL),
        4 => pair(float(), prop_oneof![float_constant(), float(), int(), int_constant()].boxed(), ALL),
        2 => pair(int(), float_constant(), ALL),
        5 => pair(text(), prop_oneof![text_constant(), text()].boxed(), ALL),
        2 => pair(flags(), prop_oneof![flag_constant(), flags()].boxed(), SAME),
        1 => pair(absent("colour"), colours, SAME),
        1 => pair(absent("wait"), waits, ALL),
        1 => pair(absent("size"), sizes, ALL),
        1 => pair(absent("share"), shares, ALL),
        2 => pair(absent("some"), prop_oneof![int_constant(), int(), none(), float()].boxed(), SAME),
        1 => pair(Just(part("point.more", "point/more")).boxed(), prop_oneof![int_constant(), none(), absent("some")].boxed(), SAME),
        2 => pair(absent("extra"), prop_oneof![text_constant(), text(), none()].boxed(), SAME),
        1 => pair(absent("maybe"), prop_oneof![flag_constant(), flags(), none()].boxed(), SAME),
        1 => pair(absent("factor"), prop_oneof![float_constant(), int_constant(), float(), none(), absent("some")].boxed(), SAME),
        1 => pair(absent("ints"), int_list, SAME),
        1 => pair(absent("texts"), text_list, SAME),
        2 => pair(absent("any"), whatever, SAME),
        2 => moments(),
    ]
    .boxed()
}

fn moments() -> BoxedStrategy<Expr> {
    let constant = proptest::sample::select(MOMENTS).prop_map(|(text, _)| Constant(quoted(text), json!(text)));
    let signs = proptest::sample::select(&["==", "!=", "<", "<=", ">", ">="][..]);
    (signs, constant).prop_map(|(sign, other)| Moments(sign, Box::new(parameter("at")), Box::new(other))).boxed()
}

fn membership() -> BoxedStrategy<Expr> {
    let within = |one: BoxedStrategy<Expr>, list: BoxedStrategy<Expr>| {
        (one, list).prop_map(|(one, list)| In(Box::new(one), Box::new(list))).boxed()
    };
    let list = |of: BoxedStrategy<Expr>| proptest::collection::vec(of, 1..4).prop_map(List).boxed();
    let named = |name: &str| Just(parameter(name)).boxed();
    let texts = one_of(vec![parameter("texts"), part("point.names", "point/names")]);
    let colours = one_of(vec![Constant("red".into(), json!("red")), Constant("green".into(), json!("green"))]);
    let between = (int(), int_constant(), int_constant(), any::<bool>());
    prop_oneof![
        within(int(), prop_oneof![list(int_constant()), named("ints")].boxed()),
        within(int_constant(), named("ints")),
        within(float(), prop_oneof![list(float_constant()), named("floats")].boxed()),
        within(text(), prop_oneof![list(text_constant()), texts.clone()].boxed()),
        within(text_constant(), texts),
        within(named("colour"), list(colours)),
        between.prop_map(|(one, low, high, inclusive)| Between(
            Box::new(one),
            Box::new(low),
            Box::new(high),
            inclusive
        )),
    ]
    .boxed()
}

/// A condition.
pub(super) fn boolean() -> BoxedStrategy<Expr> {
    let flag = one_of(vec![parameter("p"), parameter("q"), part("point.known", "point/known")]);
    let maybe = flag_constant().prop_map(|other| Coalesced(Box::new(parameter("maybe")), Box::new(other)));
    let narrowed = (proptest::sample::select(&["<", "<=", ">", ">="][..]), int_constant()).prop_map(|(sign, other)| {
        let there = Compared("!=", Box::new(parameter("some")), Box::new(Constant("none".into(), Value::Null)));
        let less = Compared(sign, Box::new(parameter("some")), Box::new(other));
        (there, less)
    });
    let narrowed = narrowed.prop_map(|(there, less)| And(Box::new(there), Box::new(less)));
    let leaf = prop_oneof![6 => comparison(), 2 => membership(), 1 => flag, 1 => maybe, 1 => narrowed].boxed();
    leaf.prop_recursive(2, 6, 2, |inner| {
        let two = || (inner.clone(), inner.clone()).prop_map(|(one, other)| (Box::new(one), Box::new(other)));
        prop_oneof![
            inner.clone().prop_map(|one| Not(Box::new(one))),
            two().prop_map(|(one, other)| And(one, other)),
            two().prop_map(|(one, other)| Or(one, other)),
            two().prop_map(|(one, other)| Compared("==", one, other)),
            two().prop_map(|(one, other)| Compared("!=", one, other)),
        ]
    })
    .boxed()
}
