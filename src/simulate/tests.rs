//! Simulations of deliveries that nobody has.

use indexmap::IndexMap;

use super::{Broken, End, Simulation, StageEnd, Wrong, simulate};
use crate::compile::Texts;
use crate::plan::Plan;

const PROJECT: &str = r##"
import std.environment { bucket, kubeflow }
import std.notify { slack }
import std.delivery { host_secret }

project p { language: 1 }

image box { reference: "docker.io/a/b@sha256:0000000000000000000000000000000000000000000000000000000000000000" }

step say(text: string) {
  image: box
  run:   command("echo", text)
}

pipeline talk() { say(text: "x") }

secret token

abstract environment base {
  tier:            test
  orchestrator:    kubeflow(endpoint: "https://kubeflow.example.org", namespace: "p")
  registry:        "registry.example.org/p"
  artifacts:       bucket("gs://example")
  service_account: "runner"
}

environment one extends base { }
environment two extends base { }
environment both extends base { }
environment last extends base { }

ci {
  check unit { run: "true", retries: 2 }
  secret token = host_secret("TOKEN")
}

team people { github: "a/b", gitlab: "a/b" }
verification m -> (x: float) { run: "true" }

promotion of talk {
  on failure { rollback, hold, notify slack(channel: "#a", token: token), notify slack(channel: "#b", token: token) }

  both -> last {
    require m.x >= 1.0
    approve 1 of people
    soak 1h
    deploy
    verify [m]
    require m.x >= 2.0
  }

  ci -> one { deploy }
  ci -> two { deploy }

  [one, two] -> both {
    deploy
    verify [m]
  }
}
"##;

fn plan() -> Plan {
    let mut texts = Texts::default();
    texts.add("main.mlp", PROJECT.into());
    let nothing: std::collections::BTreeMap<String, Vec<u8>> = Default::default();
    let checked = texts.parse().check(&nothing);
    let planned = checked.plan(&IndexMap::new());
    planned.unwrap_or_else(|| panic!("{:#?}", checked.diagnostics)).plan
}

fn simulated(broken: &[(&str, Wrong)]) -> Simulation {
    let broken: Vec<Broken> =
        broken.iter().map(|(step, wrong)| Broken { step: (*step).to_owned(), wrong: *wrong }).collect();
    simulate(&plan(), &broken, None).expect("the steps are known")
}

/// How each stage ends, in the order in which they begin.
fn stages(simulation: &Simulation) -> Vec<(&str, StageEnd, bool)> {
    simulation.stages.iter().map(|stage| (stage.id.as_str(), stage.end, stage.held)).collect()
}

/// What happened in a stage, but for what was skipped.
fn steps<'s>(simulation: &'s Simulation, stage: &str) -> Vec<(&'s str, End)> {
    let stage = simulation.stages.iter().find(|one| one.id == stage).expect("the stage is simulated");
    stage.steps.iter().filter(|step| step.end != End::Skipped).map(|step| (step.id.as_str(), step.end)).collect()
}

#[test]
fn edges_begin_once_what_they_leave_is_reached() {
    use StageEnd::Done;
    let simulation = simulated(&[]);
    assert_eq!(simulation.end, Done);
    let wanted = ["ci", "ci-to-one", "ci-to-two", "one-and-two-to-both", "both-to-last"];
    assert_eq!(stages(&simulation), wanted.map(|id| (id, Done, false)));
}

#[test]
fn what_waits_for_two_is_skipped_where_one_fails() {
    use StageEnd::{Done, Failed, Skipped};
    let simulation = simulated(&[("ci-to-two/deploy", Wrong::Fails)]);
    let wanted = [
        ("ci", Done, false),
        ("ci-to-one", Done, false),
        ("ci-to-two", Failed, true),
        ("both-to-last", Skipped, false),
        ("one-and-two-to-both", Skipped, false),
    ];
    assert_eq!(stages(&simulation), wanted);
    let last = steps(&simulation, "ci-to-two").split_off(2);
    let told = [("tell-1", End::Notified), ("tell-2", End::Notified)];
    let undone = [("deploy", End::Failed), ("rollback", End::RolledBack), ("hold", End::Held)];
    assert_eq!(last, [&undone[..], &told[..]].concat());
}

#[test]
fn a_gate_that_says_no_before_the_deployment_is_told_and_rolls_nothing_back() {
    for wrong in [Wrong::Fails, Wrong::Refused, Wrong::TimesOut] {
        let simulation = simulated(&[("both-to-last/require", wrong)]);
        assert_eq!(stages(&simulation)[4], ("both-to-last", StageEnd::Failed, true));
        let ids: Vec<&str> = steps(&simulation, "both-to-last").into_iter().map(|(id, _)| id).collect();
        assert_eq!(ids, ["require", "tell-1", "tell-2"]);
    }
    let after = simulated(&[("both-to-last/require-2", Wrong::Refused)]);
    let ids: Vec<&str> = steps(&after, "both-to-last").into_iter().map(|(id, _)| id).collect();
    assert_eq!(ids[6..], ["verify-m", "record-verify-m", "require-2", "rollback", "hold", "tell-1", "tell-2"]);
}

#[test]
fn where_a_person_says_no_nothing_of_ours_runs() {
    for wrong in [Wrong::Refused, Wrong::TimesOut] {
        let simulation = simulated(&[("approve-people", wrong)]);
        assert_eq!(simulation.end, StageEnd::Held);
        assert_eq!(stages(&simulation)[4], ("both-to-last", StageEnd::Held, true));
        assert_eq!(steps(&simulation, "both-to-last").len(), 2);
    }
}

#[test]
fn what_a_failure_sets_off_may_fail_too() {
    let broken =
        ["both-to-last/deploy", "both-to-last/rollback", "both-to-last/tell-1"].map(|step| (step, Wrong::Fails));
    let simulation = simulated(&broken);
    let after: Vec<_> = steps(&simulation, "both-to-last").into_iter().rev().take(4).collect();
    let wanted = [("tell-2", End::Notified), ("tell-1", End::Failed), ("hold", End::Held), ("rollback", End::Failed)];
    assert_eq!(after, wanted);
}

#[test]
fn a_check_is_tried_as_often_as_it_may_be_but_not_when_it_hangs() {
    let attempts = |wrong| simulated(&[("check-unit", wrong)]).stages[0].steps[0].attempts;
    assert_eq!((attempts(Wrong::Fails), attempts(Wrong::TimesOut)), (3, 1));
    let simulation = simulated(&[("check-unit", Wrong::Fails)]);
    assert!(stages(&simulation)[1..].iter().all(|(_, end, _)| *end == StageEnd::Skipped));
}
