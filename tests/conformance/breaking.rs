//! Every operation of a delivery fails in turn, on both hosts for real: the same operations run, the same way back is
//! taken and the same people are told, as `mlp simulate` predicts from the plan alone.

mod machine;

use std::collections::BTreeSet;

use mlp::plan::Plan;
use mlp::simulate::{Broken, End, Stage, StageEnd, Step, Wrong, simulate};

use self::machine::{DOUBLES, Machine};
use super::delivery::plan;

/// What is expected of a run, or was seen.
#[derive(Debug, PartialEq, Eq)]
struct Trace {
    succeeds: bool,
    /// They run side by side: sorted.
    checks: Vec<String>,
    /// One after another; of edges that run side by side, one environment after another.
    then: Vec<String>,
}

/// What goes wrong: for the simulation, and for the doubles of the programs on the hosts.
#[derive(Clone, Debug, Default)]
struct Scenario {
    broken: Vec<Broken>,
    /// Lines of the log; with the how manieth time, or every time.
    lines: Vec<(String, Option<usize>)>,
}

#[test]
fn a_short_delivery_does_what_is_simulated_whatever_fails() {
    break_every_step("short", 26);
}

#[test]
fn one_of_several_projects_does_what_is_simulated_whatever_fails() {
    let plan = plan("short@teams/risk");
    // Where it lies changes no order: some of the steps are enough.
    let some = scenarios(&plan).into_iter().step_by(5).collect();
    on_both_hosts("short@teams/risk", &plan, some);
}

#[test]
fn one_environment_does_what_is_simulated_whatever_fails() {
    break_every_step("one", 4);
}

#[test]
fn six_environments_do_what_is_simulated_whatever_fails() {
    break_every_step("six", 30);
}

#[test]
fn the_example_tumour_does_what_is_simulated_whatever_fails() {
    break_every_step("examples/tumour", 40);
}

#[test]
fn the_example_process_does_what_is_simulated_whatever_fails() {
    break_every_step("examples/process", 49);
}

/// Both hosts with every step of the plan broken in turn; `least` is how many scenarios there have to be.
fn break_every_step(name: &str, least: usize) {
    let plan = plan(name);
    let scenarios = scenarios(&plan);
    assert!(scenarios.len() >= least, "{name}: every operation fails once, and that makes {}", scenarios.len());
    on_both_hosts(name, &plan, scenarios);
}

fn on_both_hosts(name: &str, plan: &Plan, scenarios: Vec<Scenario>) {
    let scenarios = &scenarios;
    std::thread::scope(|scope| {
        for machine in [Machine::github(name, plan), Machine::gitlab(name, plan)] {
            scope.spawn(move || {
                for scenario in scenarios {
                    let (seen, log) = observed(&machine, plan, scenario, true);
                    assert_eq!(seen, predicted(plan, scenario), "{name} on {}: {scenario:?}\n{log}", machine.host);
                }
                if machine.host == "gitlab" {
                    nobody_starts(&machine, plan);
                }
            });
        }
    });
}

/// What waits for a person who does not come; only GitLab's stand-in can wait, and only where nothing comes after.
fn nobody_starts(machine: &Machine, plan: &Plan) {
    let edges = plan.delivery.promotions.iter().flat_map(|promotion| &promotion.edges);
    if !machine.manual.iter().all(|job| edges.clone().any(|edge| edge.id == *job)) {
        return;
    }
    let starts = edges.filter(|edge| edge.operations.iter().any(|operation| operation.id == "start"));
    let broken: Vec<Broken> = starts.map(|edge| broken(&format!("{}/start", edge.id), Wrong::Refused)).collect();
    if broken.is_empty() {
        return;
    }
    let nobody = Scenario { broken, lines: Vec::new() };
    let (seen, log) = observed(machine, plan, &nobody, false);
    let predicted = predicted(plan, &nobody);
    // A pipeline that waits has neither succeeded nor failed.
    assert_eq!((seen.checks, seen.then), (predicted.checks, predicted.then), "nobody starts it:\n{log}");
}

fn broken(step: &str, wrong: Wrong) -> Broken {
    Broken { step: step.to_owned(), wrong }
}

/// Nothing fails, then every step that runs in turn, then the way back and the word of it too.
fn scenarios(plan: &Plan) -> Vec<Scenario> {
    let whole = simulate(plan, &[], None).expect("nothing is wrong with nothing");
    let mut scenarios = vec![Scenario::default()];
    let mut log: Vec<String> = Vec::new();
    for (stage, step) in whole.stages.iter().flat_map(|stage| stage.steps.iter().map(move |step| (stage, step))) {
        let Some(line) = line(plan, step) else { continue };
        log.push(line.clone());
        let time = log.iter().filter(|other| **other == line).count();
        let time = (!is_check(step)).then_some(time);
        let decides = ["require", "window"].iter().any(|kind| step.id.starts_with(kind));
        let wrong = if decides { Wrong::Refused } else { Wrong::Fails };
        let name = format!("{}/{}", stage.id, step.id);
        scenarios.push(Scenario { broken: vec![broken(&name, wrong)], lines: vec![(line, time)] });
    }
    let edges = plan.delivery.promotions.iter().flat_map(|promotion| &promotion.edges);
    if let Some(edge) = edges.rev().find(|edge| edge.on_failure.rollback.is_some()) {
        scenarios.extend(["rollback", "tell-1"].map(|after| fails_too(plan, &edge.id, "deploy", after)));
    }
    let mut noted = plan.delivery.promotions.iter().flat_map(|promotion| &promotion.edges);
    if let Some(edge) = noted.find(|edge| edge.on_failure.note.is_some()) {
        scenarios.push(fails_too(plan, &edge.id, "deploy", "hold"));
    }
    if let Some(ci) = plan.delivery.ci.as_ref().filter(|ci| !ci.notices.is_empty()) {
        scenarios.push(fails_too(plan, "ci", &format!("check-{}", ci.checks[0].name), "tell-1"));
    }
    scenarios
}

/// A step fails, and so does what this sets off.
fn fails_too(plan: &Plan, stage: &str, step: &str, after: &str) -> Scenario {
    let broken = [step, after].map(|step| broken(&format!("{stage}/{step}"), Wrong::Fails)).to_vec();
    let simulation = simulate(plan, &broken, None).expect("the steps are known");
    let steps = simulation.stages.iter().flat_map(|stage| &stage.steps).filter(|step| step.end == End::Failed);
    let lines: Vec<_> = steps.filter_map(|step| line(plan, step)).map(|line| (line, None)).collect();
    assert_eq!(lines.len(), 2, "both have a line of their own");
    Scenario { broken, lines }
}

/// What runs, by the simulation.
fn predicted(plan: &Plan, scenario: &Scenario) -> Trace {
    let simulation = simulate(plan, &scenario.broken, None).expect("the steps are known");
    let mut trace = Trace { succeeds: simulation.end == StageEnd::Done, checks: Vec::new(), then: Vec::new() };
    for step in simulation.stages.iter().flat_map(|Stage { steps, .. }| steps) {
        let Some(line) = line(plan, step).filter(|_| !matches!(step.end, End::Skipped)) else { continue };
        match is_check(step) {
            true => trace.checks.extend(vec![line; step.attempts as usize]),
            false => trace.then.push(line),
        }
    }
    ordered(plan, trace)
}

/// What ran, and what the host had to say.
fn observed(machine: &Machine, plan: &Plan, scenario: &Scenario, started: bool) -> (Trace, String) {
    let fails = scenario.lines.iter().map(|(line, time)| match time {
        Some(time) => format!("{line} #{time}"),
        None => line.clone(),
    });
    let (succeeds, lines, log) = machine.run(&fails.collect::<Vec<String>>(), started);
    let checks = plan.delivery.ci.iter().flat_map(|ci| &ci.checks).map(|check| check.run.as_str());
    let checks: BTreeSet<&str> = checks.collect();
    let (checks, then) = lines.into_iter().partition(|line| checks.contains(line.as_str()));
    (ordered(plan, Trace { succeeds, checks, then }), log)
}

/// Sorted as far as nothing promises an order.
fn ordered(plan: &Plan, mut trace: Trace) -> Trace {
    trace.checks.sort();
    let edges: Vec<_> = plan.delivery.promotions.iter().flat_map(|promotion| &promotion.edges).collect();
    let forks = edges.iter().any(|edge| edges.iter().filter(|other| other.from == edge.from).count() > 1);
    if forks {
        let place = |line: &String| {
            let names = |environment: &str| line.split(' ').any(|word| word == environment);
            edges.iter().position(|edge| names(&edge.to))
        };
        trace.then.sort_by_key(place);
    }
    trace
}

fn is_check(step: &Step) -> bool {
    step.id.starts_with("check-")
}

/// What a step logs; nothing where no program runs of which there is a double.
fn line(plan: &Plan, step: &Step) -> Option<String> {
    if step.id.starts_with("scan-") {
        return Some("scan".to_owned());
    }
    if let Some(name) = step.id.strip_prefix("build-") {
        let image = plan.images.iter().find(|image| image.name == name);
        return Some(image.map_or_else(|| format!("wheel {name}"), |image| format!("build {}", image.repository)));
    }
    let known = [
        ("$VERSION", "COMMIT"),
        ("$PREVIOUS_VERSION", "v0"),
        ("$IMAGES", "DELIVERY/images.json"),
        ("$VALUES", "DELIVERY/values"),
        ("$RUN_URL", "URL"),
        ("$ACTOR", "WHO"),
    ];
    let line = known.iter().fold(step.command.join(" "), |line, (variable, value)| line.replace(variable, value));
    DOUBLES.iter().any(|double| line.split(' ').next() == Some(*double)).then_some(line)
}
