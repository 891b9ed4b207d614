//! Conditions: what is emitted for any expression decides as the expression means, by Google's CEL.
//!
//! In: expressions of every pair of types, made by proptest, as sources of one project. Out: the shortest that is decided otherwise.
//! What an expression means is said here once more, over JSON, and asks nothing of the compiler.

mod gates;
mod meaning;

use std::fs;

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, TestRng, TestRunner};
use serde_json::{Value, json};

use self::meaning::{Expr, Parameters, boolean, parameters};
use super::kubeflow::{compiled, run, script_of};
use crate::project::Project;

/// How many conditions are made, and with how many runs each is tried.
const CONDITIONS: usize = 1200;
const RUNS: usize = 6;

/// How many conditions one pipeline holds.
const OF_PIPELINE: usize = 60;

const HEAD: &str = r#"import std.environment { bucket, kubeflow, oidc }

project conditions {
  language: 1
  target kubeflow { version: "2.17" }
}

image tools { context: "images/tools" }

enum Colour { red, green }

struct Point { count: int, share: float, name: string, known: bool, more: int?, names: list<string> }

step say(text: string) {
  image: tools
  run:   command("echo", text)
}

environment cluster {
  tier:            test
  registry:        "registry.example.org/conditions"
  orchestrator:    kubeflow(endpoint: "https://kfp.example.org", namespace: "test", auth: oidc(audience: "kfp"))
  artifacts:       bucket("gs://example-test")
  service_account: "runner"
"#;

/// A statement: one condition, or a chain of them of which the last arm has none.
#[derive(Debug)]
struct Statement {
    arms: Vec<Expr>,
    otherwise: bool,
}

impl Statement {
    fn text(&self) -> String {
        let arms: Vec<String> =
            self.arms.iter().map(|arm| format!("if {} {{\n    say(text: \"x\")\n  }}", arm.text())).collect();
        let otherwise = if self.otherwise { " else {\n    say(text: \"x\")\n  }" } else { "" };
        format!("  {}{otherwise}\n", arms.join(" else "))
    }

    /// The arms, each with the chain of tasks to it, numbered as the groups of a pipeline are from `next` on.
    fn chains(&self, next: &mut usize) -> Vec<Vec<String>> {
        let mut number = || {
            *next += 1;
            *next
        };
        if self.arms.len() == 1 && !self.otherwise {
            return vec![vec![format!("condition-{}", number())]];
        }
        let branches = format!("condition-branches-{}", number());
        let arms = self.arms.len() + usize::from(self.otherwise);
        (0..arms).map(|_| vec![branches.clone(), format!("condition-{}", number())]).collect()
    }

    fn holds(&self, arm: usize, run: &Parameters) -> bool {
        self.arms.iter().position(|one| one.holds(run)).unwrap_or(self.arms.len()) == arm
    }
}

fn statement() -> impl Strategy<Value = Statement> {
    let alone = boolean().prop_map(|one| Statement { arms: vec![one], otherwise: false });
    let several = (proptest::collection::vec(boolean(), 1..4), proptest::bool::ANY)
        .prop_map(|(arms, otherwise)| Statement { otherwise: otherwise || arms.len() == 1, arms });
    proptest::prop_oneof![3 => alone, 1 => several]
}

fn made<T>(runner: &mut TestRunner, of: &impl Strategy<Value = T>) -> T {
    of.new_tree(runner).expect("a strategy makes values").current()
}

#[test]
fn whatever_is_compared_is_decided_as_it_means() {
    let mut runner = TestRunner::new_with_rng(Config::default(), TestRng::deterministic_rng(Default::default()));
    let statement = statement();
    let pipelines: Vec<Vec<Statement>> = (0..CONDITIONS / OF_PIPELINE)
        .map(|_| (0..OF_PIPELINE).map(|_| made(&mut runner, &statement)).collect())
        .collect();
    let mut source = HEAD.to_owned();
    let names: Vec<String> = (0..pipelines.len()).map(|at| format!("pipeline{at}")).collect();
    source += &format!("  pipelines: [{}]\n}}\n", names.join(", "));
    for (name, statements) in names.iter().zip(&pipelines) {
        let body: String = statements.iter().map(Statement::text).collect();
        source += &format!("\npipeline {name}({}) {{\n{body}}}\n", meaning::DECLARED);
    }
    let mut project = Project::default();
    project.add("main.mlp", &source);
    project.add("images/tools/Dockerfile", "FROM scratch\n");
    let files = compiled("conditions", &project);
    let parameters = parameters();
    let mut cases = Vec::new();
    for (name, statements) in names.iter().zip(&pipelines) {
        let file = files.iter().find(|file| file.file_stem().is_some_and(|stem| stem == name.as_str()));
        let file = file.expect("the pipeline is compiled");
        let mut next = 0;
        for statement in statements {
            let chains = statement.chains(&mut next);
            for _ in 0..RUNS {
                let run = made(&mut runner, &parameters);
                for (arm, chain) in chains.iter().enumerate() {
                    let source = statement.text();
                    let holds = statement.holds(arm, &run);
                    cases.push(
                        json!({"file": file, "chain": chain, "parameters": run, "holds": holds, "source": source}),
                    );
                }
            }
        }
    }
    let held = cases.iter().filter(|case| case["holds"] == json!(true)).count();
    assert!((cases.len() / 5..cases.len() * 4 / 5).contains(&held), "{held} of {} hold: too one-sided", cases.len());
    let list = files[0].with_file_name("cases.json");
    fs::write(&list, Value::from(cases).to_string()).expect("the cases can be written");
    let said = run(script_of("cel", "conditions.py").arg(list));
    let shortest = said.lines().min_by_key(|line| line.len());
    if let Some(shortest) = shortest {
        panic!(
            "{} of the conditions are decided otherwise than they mean; the shortest:\n{shortest}",
            said.lines().count()
        );
    }
}
