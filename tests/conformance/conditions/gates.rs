//! Gates: any condition on what was measured is decided as it means, by whoever reads JSON and knows the language.

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRng, TestRunner};
use serde_json::json;

use super::meaning::{self, Expr, boolean, parameters};
use crate::project::Project;
use mlp::gate::{self, Measured, Outcome};

/// How many gates are made, and on how many measurements each is decided.
const GATES: usize = 800;
const RUNS: usize = 6;

const PROJECT: &str = r#"import std.environment { bucket, kubeflow, oidc }

project gates { language: 1 }

enum Colour { red, green }

struct Point { count: int, share: float, name: string, known: bool, more: int?, names: list<string> }

image tools { context: "images/tools" }

step say(text: string) {
  image: tools
  run:   command("echo", text)
}

pipeline talk() { say(text: "x") }

environment cluster {
  tier:            test
  registry:        "registry.example.org/gates"
  orchestrator:    kubeflow(endpoint: "https://kfp.example.org", namespace: "test", auth: oidc(audience: "kfp"))
  artifacts:       bucket("gs://example-test")
  service_account: "runner"
}
"#;

/// The gates of a project that measures these outputs, in order.
fn edge(outputs: &str, conditions: &[String]) -> mlp::plan::Edge {
    let gates: String = conditions.iter().map(|condition| format!("    require {condition}\n")).collect();
    let mut project = Project::default();
    let source = format!(
        "{PROJECT}\nverification m -> ({outputs}) {{ run: \"true\" }}\n\npromotion of talk {{\n  ci -> cluster {{\n    \
         deploy\n    verify [m]\n{gates}  }}\n}}\n"
    );
    project.add("main.mlp", &source);
    project.add("images/tools/Dockerfile", "FROM scratch\n");
    let checked = project.check();
    let planned = checked.plan(&Default::default()).unwrap_or_else(|| {
        panic!("{}", mlp::diagnostics::render::plain(&checked.model.sources, &checked.diagnostics));
    });
    planned.plan.delivery.promotions[0].edges[0].clone()
}

/// The same condition on what was measured.
fn measured(expr: &Expr) -> Expr {
    let of = |expr: &Expr| Box::new(measured(expr));
    let all = |list: &[Expr]| list.iter().map(measured).collect();
    match expr {
        Expr::Constant(..) => expr.clone(),
        Expr::Parameter(text, pointer) => Expr::Parameter(format!("m.{text}"), pointer.clone()),
        Expr::Joined(parts) => Expr::Joined(all(parts)),
        Expr::Coalesced(one, other) => Expr::Coalesced(of(one), of(other)),
        Expr::Compared(sign, one, other) => Expr::Compared(sign, of(one), of(other)),
        Expr::Moments(sign, one, other) => Expr::Moments(sign, of(one), of(other)),
        Expr::In(one, list) => Expr::In(of(one), of(list)),
        Expr::List(items) => Expr::List(all(items)),
        Expr::Between(one, low, high, inclusive) => Expr::Between(of(one), of(low), of(high), *inclusive),
        Expr::Not(one) => Expr::Not(of(one)),
        Expr::And(one, other) => Expr::And(of(one), of(other)),
        Expr::Or(one, other) => Expr::Or(of(one), of(other)),
    }
}

fn runner() -> TestRunner {
    TestRunner::new_with_rng(Config::default(), TestRng::deterministic_rng(Default::default()))
}

fn made<T>(runner: &mut TestRunner, of: &impl Strategy<Value = T>) -> T {
    of.new_tree(runner).expect("a strategy makes values").current()
}

#[test]
fn a_gate_is_decided_as_it_means() {
    let mut runner = runner();
    // A name is narrowed by `!= none and`, what was measured is not; and a gate speaks of something.
    let is_gate = |condition: &Expr| {
        let text = condition.text();
        !text.contains("some != none") && text.contains("m.")
    };
    let boolean = boolean();
    let conditions: Vec<Expr> = std::iter::repeat_with(|| measured(&made(&mut runner, &boolean)))
        .filter(|condition| is_gate(condition))
        .take(GATES)
        .collect();
    let texts: Vec<String> = conditions.iter().map(Expr::text).collect();
    let edge = edge(meaning::DECLARED, &texts);
    let gates: Vec<_> = gate::gates(&edge).collect();
    assert_eq!(gates.len(), GATES);
    let parameters = parameters();
    let mut held = 0;
    for (condition, operation) in conditions.iter().zip(&gates) {
        for _ in 0..RUNS {
            let run = made(&mut runner, &parameters);
            let file = json!({ "m": run }).to_string();
            let values = Measured::read(&file).expect("JSON is read");
            let decision = gate::decide(&edge, &[operation], |_| &values);
            let wanted = if condition.holds(&run) { Outcome::Met } else { Outcome::NotMet };
            let drawn = decision.gates[0].drawing();
            assert_eq!(decision.result, wanted, "{}\n{file}\n{drawn}", condition.text());
            assert_eq!(decision.gates[0].computed.lines().count(), 1, "{drawn}");
            held += usize::from(wanted == Outcome::Met);
        }
    }
    assert!((GATES * RUNS / 5..GATES * RUNS * 4 / 5).contains(&held), "{held} hold: too one-sided");
}

/// A sum of quantities, counted in their smallest part.
#[derive(Clone, Debug)]
enum Sum {
    Constant(i64),
    Measure(&'static str),
    Add(Box<Sum>, Box<Sum>),
    Subtract(Box<Sum>, Box<Sum>),
    Times(Box<Sum>, i64),
}

fn sum() -> impl Strategy<Value = Sum> {
    let leaf = prop_oneof![
        (0..5000i64).prop_map(Sum::Constant),
        proptest::sample::select(&["one", "other"][..]).prop_map(Sum::Measure),
    ];
    leaf.prop_recursive(3, 8, 2, |inner| {
        let pair = || (inner.clone(), inner.clone()).prop_map(|(one, other)| (Box::new(one), Box::new(other)));
        prop_oneof![
            pair().prop_map(|(one, other)| Sum::Add(one, other)),
            pair().prop_map(|(one, other)| Sum::Subtract(one, other)),
            (inner.clone(), 0..7i64).prop_map(|(one, by)| Sum::Times(Box::new(one), by)),
        ]
    })
}

impl Sum {
    fn text(&self, kind: &Kind) -> String {
        match self {
            Sum::Constant(amount) => (kind.written)(*amount),
            Sum::Measure(name) => format!("m.{name}_{}", kind.name),
            Sum::Add(one, other) => format!("({} + {})", one.text(kind), other.text(kind)),
            Sum::Subtract(one, other) => format!("({} - {})", one.text(kind), other.text(kind)),
            Sum::Times(one, by) => format!("({} * {by})", one.text(kind)),
        }
    }

    fn value(&self, one: i64, other: i64) -> i64 {
        match self {
            Sum::Constant(amount) => *amount,
            Sum::Measure("one") => one,
            Sum::Measure(_) => other,
            Sum::Add(a, b) => a.value(one, other) + b.value(one, other),
            Sum::Subtract(a, b) => a.value(one, other) - b.value(one, other),
            Sum::Times(a, by) => a.value(one, other) * by,
        }
    }
}

/// A kind of quantity: how an amount of its smallest part is written, in the language and in JSON.
struct Kind {
    name: &'static str,
    written: fn(i64) -> String,
    json: fn(i64) -> serde_json::Value,
}

fn cents(amount: i64) -> String {
    format!("{}.{:02}", amount / 100, amount % 100)
}

const KINDS: [Kind; 4] = [
    Kind {
        name: "duration",
        written: |amount| format!("{amount}ms"),
        json: |amount| serde_json::from_str(&format!("{}.{:03}", amount / 1000, amount % 1000)).expect("a number"),
    },
    Kind {
        name: "percent",
        written: |amount| format!("{}%", cents(amount)),
        json: |amount| serde_json::from_str(&format!("0.{amount:04}")).expect("a number"),
    },
    Kind { name: "size", written: |amount| format!("{amount}B"), json: |amount| json!(amount) },
    Kind {
        name: "money",
        written: |amount| format!("{}USD", cents(amount)),
        json: |amount| json!({"amount": cents(amount), "currency": "USD"}),
    },
];

#[test]
fn quantities_are_counted_exactly() {
    let mut runner = runner();
    let (sum, amount) = (sum(), 0..5000i64);
    let mut made_of = Vec::new();
    while made_of.len() < 200 {
        let (left, right) = (made(&mut runner, &sum), made(&mut runner, &sum));
        let sign = ["<", "<=", "==", ">=", ">", "!="][made_of.len() % 6];
        let kind = &KINDS[made_of.len() % 4];
        let text = format!("{} {sign} {}", left.text(kind), right.text(kind));
        if text.contains("m.") {
            made_of.push((left, sign, right, kind, text));
        }
    }
    let names =
        KINDS.iter().flat_map(|kind| ["one", "other"].map(|side| format!("{side}_{}: {}", kind.name, kind.name)));
    let texts: Vec<String> = made_of.iter().map(|(.., text)| text.clone()).collect();
    let edge = edge(&names.collect::<Vec<_>>().join(", "), &texts);
    for ((left, sign, right, kind, text), operation) in made_of.iter().zip(gate::gates(&edge)) {
        for _ in 0..20 {
            let (one, other) = (made(&mut runner, &amount), made(&mut runner, &amount));
            let run = json!({format!("one_{}", kind.name): (kind.json)(one), format!("other_{}", kind.name): (kind.json)(other)});
            let values = Measured::read(&json!({ "m": run }).to_string()).expect("JSON is read");
            let order = left.value(one, other).cmp(&right.value(one, other));
            let holds = match *sign {
                "<" => order.is_lt(),
                "<=" => order.is_le(),
                "==" => order.is_eq(),
                ">=" => order.is_ge(),
                ">" => order.is_gt(),
                _ => order.is_ne(),
            };
            let decision = gate::decide(&edge, &[operation], |_| &values);
            let wanted = if holds { Outcome::Met } else { Outcome::NotMet };
            assert_eq!(decision.result, wanted, "{text}\n{run}\n{}", decision.gates[0].drawing());
        }
    }
}
