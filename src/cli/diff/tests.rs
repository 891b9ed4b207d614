//! One change of a small project at a time, and what it does to who may do what.

use std::collections::BTreeMap;

use indexmap::IndexMap;

use crate::compile::Texts;
use crate::plan::Plan;

use super::changes::{Change, Effect};
use super::subject;

const PROJECT: &str = r#"
project shop { language: 1 }

import std.environment { folder, processes }

var penalty: float where it > 0.0 and it <= 1.0 = 0.5

step train() -> (auc: float, errors: percent) {
  run: command("train", "--penalty", penalty, "--to", out.auc.path, out.errors.path)
}

pipeline training() -> (auc: float, errors: percent) {
  trained = train()
  return (auc: trained.auc, errors: trained.errors)
}

team leads  { github: "acme/leads" }
team safety { github: "acme/safety" }

verification smoke -> (p95: duration) { run: "pytest smoke" }

verification security { run: "scan" }

abstract environment base {
  tier:         test
  orchestrator: processes
  artifacts:    folder("artifacts")
}

environment first extends base { access: { egress: [] } }

environment second extends base { access: { egress: ["a.example.org"] } }

environment third extends base { access: { egress: ["b.example.org"] } }

promotion of training {
  ci -> first {
    deploy
    run training
    verify [smoke]
  }

  first -> second {
    require training.auc >= 0.9 and training.errors < 1%
    approve 1 of leads
    deploy
    run training
    verify [security]
  }

  second -> third {
    require training.auc >= 0.95
    approve 2 of safety
    soak 1h
    deploy
    on failure { rollback, hold }
  }
}

policy oversight {
  for path in paths(to: third) {
    assert path.approvals >= 2
    assert path.rolls_back
  }
}
"#;

fn plan(text: &str) -> Plan {
    let mut texts = Texts::default();
    texts.add("main.mlp", text.into());
    let checked = texts.parse().check(&BTreeMap::new());
    let said: Vec<&str> = checked.diagnostics.iter().map(|found| found.message.as_str()).collect();
    checked.plan(&IndexMap::new()).unwrap_or_else(|| panic!("{said:#?}\n{text}")).plan
}

fn changed(edits: &[(&str, &str)]) -> Vec<Change> {
    let mut after = PROJECT.to_owned();
    for (old, new) in edits {
        assert!(after.contains(old), "{old}");
        after = after.replace(old, new);
    }
    subject::of_plans(&plan(PROJECT), &plan(&after))
}

fn shown(changes: &[Change]) -> Vec<String> {
    changes.iter().map(|change| format!("{:?} {}", change.effect, change.path.join(" / "))).collect()
}

type Edits<'a> = &'a [(&'a str, &'a str)];

/// What weakens or widens, by a part of its path.
const WORSE: &[(Edits<'_>, Effect, &str)] = &[
    (&[("training.auc >= 0.95", "training.auc >= 0.94")], Effect::Weakens, "require / condition"),
    (&[("training.auc >= 0.95", "training.auc > 0.9")], Effect::Weakens, "require / condition"),
    (&[(" and training.errors < 1%", "")], Effect::Weakens, "require / condition"),
    (&[("training.errors < 1%", "training.errors <= 1%")], Effect::Weakens, "require / condition"),
    (&[("training.auc >= 0.95", "(training.auc >= 0.95 or training.errors < 1%)")], Effect::Weakens, "condition"),
    (&[("    require training.auc >= 0.95\n", "")], Effect::Weakens, "second -> third / operations / require"),
    (&[("    approve 1 of leads\n", "")], Effect::Weakens, "first -> second / operations / approve"),
    (&[("approve 2 of safety", "approve 1 of safety"), ("approvals >= 2", "approvals >= 1")], Effect::Weakens, "count"),
    (&[("approve 2 of safety", "approve 2 of leads"), ("team safety", "team spare")], Effect::Changes, "team"),
    (&[("soak 1h", "soak 30min")], Effect::Weakens, "soak / seconds"),
    (&[("    verify [security]\n", "")], Effect::Weakens, "operations / verify"),
    (&[("rollback, hold", "rollback")], Effect::Weakens, "on failure / hold"),
    (&[("approvals >= 2", "approvals >= 1")], Effect::Weakens, "policies / oversight"),
    (&[("    assert path.rolls_back\n", "")], Effect::Weakens, "path.rolls_back"),
    (&[("it <= 1.0", "it <= 2.0")], Effect::Weakens, "variables / penalty / predicates"),
    (&[("it > 0.0 and it <= 1.0", "it > 0.0")], Effect::Weakens, "variables / penalty / predicates"),
    (&[("[\"a.example.org\"]", "[\"a.example.org\", \"c.example.org\"]")], Effect::Widens, "second / egress"),
    // Around a gate: an edge more, an edge less, an edge that leads elsewhere.
    (
        &[(
            "second -> third {",
            "first -> third {\n    approve 2 of safety\n    deploy\n    on failure { rollback }\n  }\n\n  second -> third {",
        )],
        Effect::Weakens,
        "every way to third / goes over second",
    ),
    (&[("second -> third {", "first -> third {")], Effect::Weakens, "every way to third / verify security"),
];

#[test]
fn what_lets_more_through_is_said_first() {
    for (edits, effect, path) in WORSE {
        let changes = changed(edits);
        let found = changes.iter().find(|change| change.path.join(" / ").contains(path));
        assert_eq!(found.map(|change| change.effect), Some(*effect), "{edits:?}: {:#?}", shown(&changes));
        assert!(changes.is_sorted_by_key(|change| change.effect), "{:#?}", shown(&changes));
    }
}

#[test]
fn what_lets_less_through_weakens_nothing() {
    let better: &[Edits<'_>] = &[
        &[("training.auc >= 0.95", "training.auc >= 0.96")],
        &[("training.auc >= 0.95", "training.auc >= 0.95 and training.errors < 1%")],
        &[("training.auc >= 0.95", "training.auc > 0.95")],
        &[("approve 2 of safety", "approve 3 of safety")],
        &[("approvals >= 2", "approvals >= 1 + 1"), ("approve 2", "approve 3")],
        &[("soak 1h", "soak 2h")],
        &[("it <= 1.0", "it <= 0.75")],
        &[("[\"a.example.org\"]", "[]")],
        &[("verify [security]", "verify [security, smoke]")],
    ];
    for edits in better.iter().filter(|edits| !edits[0].1.contains('+')) {
        let changes = changed(edits);
        assert!(!changes.is_empty(), "{edits:?}");
        assert!(changes.iter().all(|change| change.effect == Effect::Changes), "{edits:?}: {:#?}", shown(&changes));
    }
    // What is written otherwise and cannot be told to be as strict is not taken to be.
    assert_eq!(changed(better[4])[0].effect, Effect::Weakens);
}

#[test]
fn another_name_is_no_other_thing() {
    for (edits, said) in [
        (&[("verification smoke", "verification quick"), ("[smoke", "[quick")][..], "verification smoke / name"),
        (&[("oversight", "four_eyes")], "policy oversight / name"),
        (
            &[("environment second", "environment middle"), ("-> second", "-> middle"), ("second ->", "middle ->")],
            "environment second / name",
        ),
    ] {
        let changes = changed(edits);
        assert!(changes.iter().all(|change| change.effect == Effect::Changes), "{edits:?}: {:#?}", shown(&changes));
        assert!(shown(&changes).iter().any(|line| line.contains(said)), "{edits:?}: {:#?}", shown(&changes));
    }
}

#[test]
fn an_approval_that_moves_is_lost_where_it_was() {
    let changes = changed(&[
        ("    approve 1 of leads\n", ""),
        ("approve 2 of safety", "approve 1 of leads\n    approve 2 of safety"),
    ]);
    let lost: Vec<String> = shown(&changes).into_iter().filter(|line| line.starts_with("Weakens")).collect();
    assert_eq!(lost.len(), 1, "{lost:#?}");
    assert!(lost[0].contains("first -> second / operations / approve"), "{lost:#?}");
}

#[test]
fn an_approval_in_a_run_is_a_gate() {
    let asks = |users: &str| {
        PROJECT
            .replace("import std.env", "import std.approval { approval }\nimport std.env")
            .replace("acme/leads\" }", &format!("acme/leads\", users: [{users}] }}"))
            .replace(
                "pipeline training",
                "step go() { run: approval(team: leads, question: \"Go on?\") }\n\npipeline training",
            )
            .replace("  trained = train()\n", "  go()\n  trained = train()\n")
    };
    let one = asks("\"ada\"");
    let lost = shown(&subject::of_plans(&plan(&one), &plan(PROJECT)));
    assert!(lost.iter().any(|line| line.starts_with("Weakens") && line.contains("go")), "{lost:#?}");
    let more = shown(&subject::of_plans(&plan(&one), &plan(&asks("\"ada\", \"ben\""))));
    assert!(more.iter().any(|line| line.starts_with("Widens") && line.contains("users")), "{more:#?}");
}
