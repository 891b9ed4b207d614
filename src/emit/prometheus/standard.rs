//! What is watched of every pipeline without being asked for: failures, schedules, durations, memory; and an environment's limits.

use super::gap::Gaps;
use super::model::{Alert, Test, Texts};
use super::source::{AGE, CPU, FAILED, LAST, MEMORY, POD, PODS, Source};
use super::{lower, option, proof};
use crate::plan::{Environment, Pipeline, Plan};
use crate::text::promql::{Expr, Selector, duration, plain, write};

/// Seconds that a run may be late.
const LATE: u64 = 3_600;

/// A share of its limit above which a container's memory is close to it.
const CLOSE: f64 = 0.9;

/// A pipeline in its environment.
pub(super) struct Watched<'a> {
    pub(super) plan: &'a Plan,
    pub(super) environment: &'a Environment,
    pub(super) pipeline: &'a Pipeline,
    /// See [`window`].
    pub(super) window: Option<u64>,
}

impl Watched<'_> {
    /// What its series and its rules carry.
    pub(super) fn labels(&self) -> Texts {
        let mut labels = lower::labels(self.plan, self.environment);
        labels.insert("pipeline".to_owned(), plain(&self.pipeline.name));
        labels
    }

    /// A recorded series of this pipeline.
    pub(super) fn series(&self, record: &str) -> Expr {
        self.selector(record).expr()
    }

    fn selector(&self, record: &str) -> Selector {
        let selector = Selector::of(record).with("project", self.plan.project.name.as_str());
        selector.with("environment", self.environment.name.as_str()).with("pipeline", self.pipeline.name.as_str())
    }

    /// Whether a run that its schedule wants has not begun; none where no clock decides.
    pub(super) fn missed(&self) -> Option<Expr> {
        let window = self.window?;
        let late = Expr::call("time", []).then("-", self.series(LAST)).then(">", Expr::Number(window as f64));
        let never = Expr::call("absent", [self.series(LAST)]);
        let long_enough = Selector::of("up").ago(window).expr().aggregate("count", &[]);
        Some(late.then("or", never.then_on("and", &[], long_enough)))
    }

    /// [`LAST`]: kept after the run's pods are gone, for as long as the schedule may ask for it.
    pub(super) fn last(&self) -> Expr {
        let newest = self.series(PODS).aggregate("max", &[]);
        let Some(window) = self.window else { return newest };
        let step = LATE.max(window / 24 / 3_600 * 3_600);
        let before = Expr::call("max_over_time", [self.selector(LAST).sampled(window, step).expr()]);
        newest.then("or", before.aggregate("max", &[]))
    }
}

/// Seconds within which a run begins, if all is well; none where no clock starts one.
pub(super) fn window(pipeline: &Pipeline, gaps: &mut Gaps) -> Option<u64> {
    let every = &pipeline.schedule.as_ref()?.every;
    let expression = every.arguments.get("expression")?.as_str().filter(|_| every.form == "cron")?;
    Some(gaps.longest(expression)? + LATE)
}

/// A rule of a pipeline, and what shows that it fires.
pub(super) fn rules(watched: &Watched, source: &Source) -> Vec<(Alert, Option<Test>)> {
    let name = &watched.pipeline.name;
    let mut rules = Vec::new();
    let failed = watched.series(FAILED).then(">", Expr::Number(0.0));
    let rule = of_pipeline(
        watched,
        "PipelineRunFailed",
        failed,
        None,
        gravest(watched.environment),
        [format!("{name} failed"), format!("A run of the pipeline {name} has failed within the last 15 minutes.")],
    );
    rules.push((proof::failed(watched, source, &rule), rule));
    if let (Some(missed), Some(window)) = (watched.missed(), watched.window) {
        let rule = of_pipeline(
            watched,
            "PipelineScheduleMissed",
            missed,
            None,
            gravest(watched.environment),
            [
                format!("{name} did not run"),
                format!(
                    "No run of the pipeline {name} has begun for {}, and its schedule wants one.",
                    duration(window)
                ),
            ],
        );
        rules.push((proof::missed(watched, source, window, &rule), rule));
    }
    if let Some(bound) = watched.pipeline.timeout {
        let long = watched.series(AGE).then(">", Expr::Number(bound));
        let rule = of_pipeline(
            watched,
            "PipelineRunTooLong",
            long,
            None,
            "warning",
            [
                format!("{name} takes too long"),
                format!("A run of the pipeline {name} goes on after its deadline of {}.", duration(bound as u64)),
            ],
        );
        rules.push((proof::too_long(watched, source, bound as u64, &rule), rule));
    }
    let killed = Selector::of("kube_pod_container_status_terminated_reason").with("namespace", source.namespace());
    let killed = killed.with("reason", "OOMKilled").expr().then("==", Expr::Number(1.0));
    let killed = killed.then_on("and", POD, watched.series(PODS)).aggregate("count", &[]);
    let rule = of_pipeline(
        watched,
        "PipelineOutOfMemory",
        killed,
        None,
        "warning",
        [
            format!("A step of {name} ran out of memory"),
            format!("A container of the pipeline {name} was killed: it used more memory than its compute gives it."),
        ],
    );
    rules.push((proof::killed(watched, source, &rule), rule));
    let used = Selector::of("container_memory_working_set_bytes").with("namespace", source.namespace());
    let used = used.matching("container", "!=", "").expr().aggregate("max", &["namespace", "pod", "container"]);
    let given = Selector::of("kube_pod_container_resource_limits").with("namespace", source.namespace());
    let given = given.with("resource", "memory").expr().aggregate("max", &["namespace", "pod", "container"]);
    let close = used.then("/", given).then_on("and", POD, watched.series(PODS)).then(">", Expr::Number(CLOSE));
    let close = close.aggregate("count", &[]);
    let rule = of_pipeline(
        watched,
        "PipelineMemoryNearLimit",
        close,
        Some(300),
        "warning",
        [
            format!("A step of {name} is about to run out of memory"),
            format!("A container of the pipeline {name} has used more than 90 % of its memory for 5 minutes."),
        ],
    );
    rules.push((None, rule));
    rules.into_iter().map(|(test, rule)| (rule, test)).collect()
}

/// What everything in an environment uses together, against its `limits`.
pub(super) fn of_environment(plan: &Plan, environment: &Environment, runs: bool) -> Vec<Alert> {
    let Some(limits) = environment.limits.as_ref().filter(|_| runs) else { return Vec::new() };
    let together = |record: &str| {
        let all = Selector::of(record).with("project", plan.project.name.as_str());
        all.with("environment", environment.name.as_str()).expr().aggregate("sum", &[])
    };
    let over = |alert: &str, record: &str, limit: f64, what: String| {
        let expr = together(record).then(">", Expr::Number(limit));
        let texts = [format!("{} uses too much", environment.name), what];
        made(plan, environment, None, alert, expr, Some(600), "warning", texts)
    };
    let name = &environment.name;
    let cores = limits.cpu.map(|cpu| {
        over(
            "EnvironmentCpuOverLimit",
            CPU,
            cpu,
            format!("Pipelines in {name} use more than its limit of {cpu} cores."),
        )
    });
    let bytes = limits.memory.map(|memory| {
        let what = format!("Pipelines in {name} use more memory than its limit of {memory} bytes.");
        over("EnvironmentMemoryOverLimit", MEMORY, memory as f64, what)
    });
    cores.into_iter().chain(bytes).collect()
}

/// In production a run that fails or is missing wakes somebody.
pub(super) fn gravest(environment: &Environment) -> &'static str {
    if environment.tier == "production" { "critical" } else { "warning" }
}

fn of_pipeline(
    watched: &Watched,
    alert: &str,
    expr: Expr,
    lasting: Option<u64>,
    severity: &str,
    texts: [String; 2],
) -> Alert {
    let Watched { plan, environment, pipeline, .. } = watched;
    made(plan, environment, Some(&pipeline.name), alert, expr, lasting, severity, texts)
}

/// A rule: its labels say whose it is and how grave, its annotations what it is and where to read on.
#[allow(clippy::too_many_arguments, reason = "each is one field of the rule, and each caller has all of them")]
pub(super) fn made(
    plan: &Plan,
    environment: &Environment,
    pipeline: Option<&str>,
    alert: &str,
    expr: Expr,
    lasting: Option<u64>,
    severity: &str,
    [summary, description]: [String; 2],
) -> Alert {
    let mut labels = lower::labels(plan, environment);
    labels.extend(pipeline.map(|pipeline| ("pipeline".to_owned(), plain(pipeline))));
    labels.insert("severity".to_owned(), severity.to_owned());
    labels.extend(
        Some(plan.project.owners.join(", "))
            .filter(|owners| !owners.is_empty())
            .map(|owners| ("owner".to_owned(), plain(&owners))),
    );
    let place = format!("{} in {}: ", plan.project.name, environment.name);
    let mut annotations: Texts = [("summary", plain(&(place + &summary))), ("description", plain(&description))]
        .into_iter()
        .map(|(name, text)| (name.to_owned(), text))
        .collect();
    annotations.extend(option(plan, "runbooks").map(|address| {
        let page =
            pipeline.map_or(format!("environments/{}.html", environment.name), |name| format!("pipelines/{name}.html"));
        ("runbook_url".to_owned(), plain(&format!("{}/{page}", address.trim_end_matches('/'))))
    }));
    Alert { alert: alert.to_owned(), expr: write(&expr), lasting: lasting.map(duration), labels, annotations }
}
