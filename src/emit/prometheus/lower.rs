//! From the plan to an environment's rules and their tests.

use super::gap::Gaps;
use super::model::{Document, Group, Record, Rule, Rules, Tests, Texts};
use super::source::{AGE, CPU, FAILED, LAST, MEMORY, POD, PODS, Source};
use super::standard::Watched;
use super::{alert, proof, standard};
use crate::diagnostics::Diagnostic;
use crate::plan::{Environment, Plan};
use crate::text::promql::{Expr, Selector, plain, write};

/// Seconds over which the use of cores is averaged.
const AVERAGED: u64 = 300;

/// None where nothing runs in pods and nothing is asked for.
pub(super) fn lower(
    plan: &Plan,
    environment: &Environment,
    gaps: &mut Gaps,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Document> {
    let here = plan.pipelines.iter().filter(|pipeline| pipeline.environment == environment.name);
    let watched: Vec<(Watched, Source)> = here
        .filter_map(|pipeline| {
            let source = Source::of(plan, environment, pipeline)?;
            let window = standard::window(pipeline, gaps);
            Some((Watched { plan, environment, pipeline, window }, source))
        })
        .collect();
    let mut groups: Vec<Group> = Vec::new();
    let mut tests = Vec::new();
    for (watched, source) in &watched {
        let mut rules = records(watched, source);
        for (rule, test) in standard::rules(watched, source) {
            rules.push(Rule::Alert(rule));
            tests.extend(test);
        }
        groups.push(Group { name: group(plan, environment, &watched.pipeline.name), rules });
    }
    let mut rules = standard::of_environment(plan, environment, !watched.is_empty());
    for alert in &environment.alerts {
        match alert::rule(plan, environment, alert, &watched) {
            Ok(rule) => {
                tests.extend(proof::of_alert(alert, &rule, &watched));
                rules.push(rule);
            }
            Err(problem) => diagnostics.push(*problem),
        }
    }
    if !rules.is_empty() {
        let rules = rules.into_iter().map(Rule::Alert).collect();
        groups.push(Group { name: format!("{}/{}", plan.project.name, environment.name), rules });
    }
    let rule_files = vec![super::write::rules_file(environment)];
    (!groups.is_empty())
        .then(|| Document { rules: Rules { groups }, tests: Tests { rule_files, evaluation_interval: "1m", tests } })
}

fn group(plan: &Plan, environment: &Environment, pipeline: &str) -> String {
    format!("{}/{}/{pipeline}", plan.project.name, environment.name)
}

/// The series that every rule of the pipeline reads, each made of those before it.
fn records(watched: &Watched, source: &Source) -> Vec<Rule> {
    let of_pods =
        |container: &str| Selector::of(container).with("namespace", source.namespace()).matching("container", "!=", "");
    let ours = |of: Expr| of.then_on("and", POD, watched.series(PODS)).aggregate("sum", &[]);
    let cores = Expr::call("rate", [of_pods("container_cpu_usage_seconds_total").over(AVERAGED).expr()]);
    let records = [
        (PODS, source.pods()),
        (AGE, age(watched, source)),
        (LAST, watched.last()),
        (FAILED, source.failed()),
        (CPU, ours(cores)),
        (MEMORY, ours(of_pods("container_memory_working_set_bytes").expr())),
    ];
    let record = |(name, expr): (&str, Expr)| {
        Rule::Record(Record { record: name.to_owned(), expr: write(&expr), labels: watched.labels() })
    };
    records.into_iter().map(record).collect()
}

/// How long ago the first pod was made, of each run of which a pod is not yet done.
fn age(watched: &Watched, source: &Source) -> Expr {
    let phase = Selector::of("kube_pod_status_phase").with("namespace", source.namespace());
    let active = phase.matching("phase", "=~", "Pending|Running").expr().then("==", Expr::Number(1.0));
    let going_on = watched.series(PODS).then_on("and", POD, active).aggregate("max", &["run"]);
    let begun = watched.series(PODS).aggregate("min", &["run"]);
    Expr::call("time", []).then("-", begun).then_on("and", &["run"], going_on)
}

/// What every rule of an environment carries, apart from which pipeline it is of.
pub(super) fn labels(plan: &Plan, environment: &Environment) -> Texts {
    let texts = [("project", plan.project.name.as_str()), ("environment", environment.name.as_str())];
    texts.into_iter().map(|(name, text)| (name.to_owned(), plain(text))).collect()
}
