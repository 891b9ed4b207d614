//! A small Kubeflow on this machine: a version is deployed, run, taken back, and nothing is left half done, whatever goes wrong.

mod server;

use std::thread;

use serde_json::{Value, json};

use self::server::{Recurring, Server};
use super::free_port;

/// What a scheduled and an unscheduled pipeline look like where that version of both is live.
fn both(version: &str) -> Vec<Recurring> {
    let of = |name: &str, cron: &str, status: &str| {
        (name.to_owned(), version.to_owned(), cron.to_owned(), status.to_owned(), "served".to_owned())
    };
    vec![of("served-scoring", "0 15 6 * * *", "ENABLED"), of("served-training", "0 0 0 1 1 *", "DISABLED")]
}

#[test]
fn a_version_goes_live_and_is_taken_back() {
    let Some(server) = Server::start() else { return };
    server.mlp(&["preflight", "here"]).ends(0);
    assert_eq!(server.live(), "", "nothing was ever deployed");
    let first = server.deploy("one").ends(0);
    assert!(first.out.starts_with("scoring one is live on Kubeflow at http://127.0.0.1:"), "{}", first.out);
    assert_eq!((server.live().as_str(), server.recurring()), ("one\n", both("one")));
    assert_eq!(server.deploy("one").ends(0).out, "scoring one is live already\ntraining one is live already\n");
    assert_eq!(server.asked("POST /apis/v2beta1/recurringruns"), 2, "what is live already is left alone");
    for version in ["two", "three"] {
        server.deploy(version).ends(0);
        assert_eq!((server.live(), server.recurring()), (format!("{version}\n"), both(version)));
    }
    let human = server.mlp(&["status", "here"]).ends(0).out;
    assert_eq!(human, "scoring  three, runs by itself\ntraining  three\n");
    // The third of three versions is on the second page of the server's list.
    for version in ["one", "three"] {
        server.mlp(&["rollback", "here", "--to", version]).ends(0);
        assert_eq!((server.live(), server.recurring()), (format!("{version}\n"), both(version)));
    }
    let unknown = server.mlp(&["rollback", "here", "--to", "zero"]).ends(1);
    assert!(unknown.err.contains(" has no version zero: nothing was changed"), "{}", unknown.err);
    assert_eq!(server.recurring(), both("three"));
    server.mlp(&["rollback", "here"]).ends(0);
    assert_eq!((server.live().as_str(), server.recurring()), ("", Vec::new()));
    assert_eq!(server.holds()["versions"].as_array().map(Vec::len), Some(6), "earlier versions stay");
}

/// What waits for data is no recurring run: whoever loads it says so, and the live version is started.
#[test]
fn what_waits_for_data_is_started_when_it_is_announced() {
    let Some(server) = Server::start() else { return };
    server.checked("awaiting", |text| {
        text.replace("{ cron }", "{ new_data }")
            .replace("kubeflow }", "bigquery, kubeflow }")
            .replace("secret door\n\nstep", "secret door\n\nschema Row { n: int }\n\ndata rows: Table<Row>\n\nstep")
            .replace("cron(\"15 6 * * *\")", "new_data(rows)")
            .replace("  secret door =", "  data   rows = bigquery(\"acme.shop.rows\")\n  secret door =")
    });
    let none = server.mlp_on("awaiting", &["announce", "here", "rows"]).ends(1);
    assert!(none.err.contains("no version of `scoring` is live on "), "{}", none.err);
    server.deploy_on("awaiting", "one").ends(0);
    assert_eq!(server.mlp_on("awaiting", &["status", "here"]).ends(0).out, "scoring  one\ntraining  one\n");
    let before = server.asked("POST /apis/v2beta1/runs");
    let said = server.mlp_on("awaiting", &["announce", "here", "rows"]).ends(0).out;
    assert!(said.starts_with("run ") && said.contains(" of scoring has begun: http://127.0.0.1:"), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    let drifted = server.mlp_on("awaiting", &["announce", "here", "rows", "--drifted"]).ends(0).out;
    assert_eq!(drifted, "nothing in here waits for that of `rows`\n");
    assert_eq!(server.asked("POST /apis/v2beta1/runs"), before + 1);
    let unknown = server.mlp_on("awaiting", &["announce", "here", "row"]).ends(2).err;
    assert!(unknown.contains("has no data `row`; did you mean `rows`?"), "{unknown}");
}

/// What somebody stopped by hand is live, and does not run by itself; a deployment sets it going.
#[test]
fn what_was_stopped_by_hand_is_set_going_by_a_deployment() {
    let Some(server) = Server::start() else { return };
    server.deploy("one").ends(0);
    let holds = server.holds();
    let scoring = holds["recurring"].as_array().expect("a list").iter().find(|one| one["mode"] == "ENABLE");
    server.control(&json!({"stop": [scoring.expect("it is scheduled")["recurring_run_id"]]}));
    assert_eq!(server.mlp(&["status", "here"]).ends(0).out, "scoring  one\ntraining  one\n");
    let again = server.deploy("one").ends(0);
    assert!(again.out.starts_with("training one is live already\nscoring one is live on "), "{}", again.out);
    assert_eq!(server.recurring(), both("one"));
}

/// A pipeline that came with the second version is not there in the first.
#[test]
fn a_pipeline_that_came_later_goes_where_the_version_had_none() {
    let Some(server) = Server::start() else { return };
    server.checked("earlier", |text| text.replace("[scoring, training]", "[scoring]"));
    server.deploy_on("earlier", "one").ends(0);
    assert_eq!(server.live(), "one\n", "that nothing of `training` is live is no difference");
    server.deploy("two").ends(0);
    assert_eq!(server.recurring(), both("two"));
    let back = server.mlp(&["rollback", "here", "--to", "one"]).ends(0);
    assert!(back.out.ends_with("nothing of training is live, as before\n"), "{}", back.out);
    assert_eq!((server.live().as_str(), server.recurring()), ("one\n", both("one")[..1].to_vec()));
}

#[test]
fn what_fails_half_way_leaves_everything_as_it_was() {
    let Some(server) = Server::start() else { return };
    let made = "POST /apis/v2beta1/recurringruns";
    let removed = "DELETE /apis/v2beta1/recurringruns/.*";
    let refused = |on: &str, skip: u64| json!([{"on": on, "skip": skip, "status": 403, "body": r#"{"code": 7, "message": "no", "details": []}"#}]);
    server.troubles(refused(made, 1));
    let first = server.deploy("one").ends(1);
    assert!(first.err.contains("who asks may not do this; what was begun is taken back"), "{}", first.err);
    assert_eq!((server.live().as_str(), server.recurring()), ("", Vec::new()), "the way back is to nothing");
    server.deploy("one").ends(0);
    // The next version runs at another time: what is put back runs when it ran.
    server.checked("project", |text| text.replace("15 6 * * *", "45 7 * * *"));
    for trouble in [
        refused("POST /apis/v2beta1/pipelines/upload_version", 1),
        refused(made, 0),
        refused(made, 1),
        refused(removed, 0),
        refused(removed, 1),
        refused("GET /apis/v2beta1/recurringruns", 6),
    ] {
        server.troubles(trouble.clone());
        let ran = server.deploy("two");
        assert_eq!((ran.status, server.recurring()), (1, both("one")), "{trouble}: {}", ran.err);
        assert_eq!(server.live(), "one\n");
    }
    for to in [&["--to", "two"][..], &[]] {
        server.troubles(refused(removed, 1));
        let back = server.mlp(&[&["rollback", "here"], to].concat()).ends(1);
        assert!(back.err.contains("what was begun is taken back"), "{}", back.err);
        assert_eq!(server.recurring(), both("one"));
    }
}

/// The server does what it is asked, and its answer is lost.
#[test]
fn an_answer_that_is_lost_is_looked_for() {
    let Some(server) = Server::start() else { return };
    let lost = |on: &str, skip: u64| {
        let body = r#"{"code": 14, "message": "away", "details": []}"#;
        json!([{"on": on, "skip": skip, "status": 503, "body": body, "done": true}])
    };
    server.troubles(lost("POST /apis/v2beta1/recurringruns", 1));
    server.deploy("one").ends(0);
    assert_eq!(server.recurring(), both("one"));
    // Asked once more, it is gone, and that is well.
    server.troubles(lost("DELETE /apis/v2beta1/recurringruns/.*", 0));
    server.deploy("two").ends(0);
    assert_eq!(server.recurring(), both("two"));
    server.troubles(lost("POST /apis/v2beta1/pipelines/upload_version", 1));
    server.deploy("three").ends(0);
    assert_eq!(server.recurring(), both("three"), "what was uploaded is used");
    assert_eq!(server.holds()["versions"].as_array().map(Vec::len), Some(6));
}

#[test]
fn another_deployment_is_left_as_it_is() {
    let Some(server) = Server::start() else { return };
    server.deploy("one").ends(0);
    let holds = server.holds();
    let kept =
        ["display_name", "pipeline_version_reference", "trigger", "mode", "status", "namespace", "service_account"];
    let mut theirs = Value::Object(Default::default());
    for name in kept {
        theirs[name] = holds["recurring"][0][name].clone();
    }
    theirs["description"] = json!("somebody else's");
    server.troubles(json!([{"on": "POST /apis/v2beta1/recurringruns", "skip": 1, "meanwhile": [theirs]}]));
    let ran = server.deploy("two").ends(1);
    assert!(ran.err.contains("another deployment of `scoring` came between, and is left as it is"), "{}", ran.err);
    let after = server.holds();
    let theirs =
        after["recurring"].as_array().expect("a list").iter().filter(|one| one["description"] == "somebody else's");
    assert_eq!((theirs.count(), server.recurring().len()), (1, 3), "theirs, and the two that were live");
    // The next deployment brings it in order.
    server.deploy("three").ends(0);
    assert_eq!(server.recurring(), both("three"));
}

/// One of them, or none: never a part of each.
#[test]
fn two_deployments_at_once_are_one_after_the_other_or_refused() {
    let Some(server) = Server::start() else { return };
    // The first of all make the pipelines and the experiment too.
    for round in 0..4 {
        let before = server.live();
        let versions = [format!("one-{round}"), format!("two-{round}")];
        let ran = thread::scope(|scope| {
            let both = versions.each_ref().map(|version| scope.spawn(|| server.deploy(version)));
            both.map(|one| one.join().expect("it runs"))
        });
        let live = server.live();
        let wanted = if live.is_empty() { Vec::new() } else { both(live.trim()) };
        assert_eq!(server.recurring(), wanted, "both pipelines are of one version, each once");
        let won: Vec<_> = versions.iter().zip(&ran).filter(|(_, ran)| ran.status == 0).collect();
        match won.is_empty() {
            true => assert_eq!(live, before),
            false => assert!(won.iter().any(|(version, _)| **version == live.trim()), "{live} {versions:?}"),
        }
        for ran in ran.iter().filter(|ran| ran.status != 0) {
            assert!(ran.err.contains("came between"), "{}", ran.err);
        }
    }
}

#[test]
fn a_run_has_an_end_of_each_kind() {
    let Some(server) = Server::start() else { return };
    let run = |n: &str, time: &str| {
        server.mlp(&["run", "training", "--env", "here", "--set", &format!("n={n}"), "--timeout", time])
    };
    let none = run("1", "30").ends(1);
    assert!(none.err.contains("no version of `training` is live on Kubeflow at "), "{}", none.err);
    server.deploy("one").ends(0);
    let good = run("1", "60").ends(0);
    assert!(
        good.err.contains(" succeeded: http://127.0.0.1:") && good.err.contains("/#/runs/details/r-"),
        "{}",
        good.err
    );
    assert!(good.err.contains("its outputs are not told by the orchestrator"), "{}", good.err);
    let runs = server.holds()["runs"].clone();
    assert_eq!(runs[0]["runtime_config"], json!({"parameters": {"n": 1}}));
    assert_eq!((&runs[0]["display_name"], &runs[0]["service_account"]), (&json!("served-training"), &json!("served")));
    let failed = run("2", "30").ends(1);
    assert!(failed.err.contains(" ended as failed: the step a ended with 1 (http://127.0.0.1:"), "{}", failed.err);
    assert!(run("3", "30").ends(1).err.contains(" ended as canceled ("));
    let late = run("4", "3").ends(124);
    assert!(late.err.contains(" did not end (http://127.0.0.1:"), "{}", late.err);
    let lost = json!({"on": "POST /apis/v2beta1/runs", "status": 503, "body": "{}", "done": true});
    server.troubles(json!([lost]));
    run("1", "30").ends(1);
    assert_eq!(server.holds()["runs"].as_array().map(Vec::len), Some(5), "what starts a run is sent once");
    // The last look comes to nothing: the run goes on, and that is what is said.
    server.troubles(json!([{"on": "GET /apis/v2beta1/runs/.*", "delay": 20, "times": 9}]));
    let unanswered = run("4", "3").ends(124);
    assert!(unanswered.err.contains(" did not end (http://127.0.0.1:"), "{}", unanswered.err);
    let gone = json!({"on": "GET /apis/v2beta1/runs/.*", "status": 403, "body": "{}"});
    server.troubles(json!([gone]));
    let unknown = run("1", "30").ends(1);
    assert!(unknown.err.contains(" goes on, and its end is not known (http://"), "{}", unknown.err);
}

/// What no description allows is answered past the proxy.
#[test]
fn what_a_server_may_answer_is_a_sentence_and_an_end() {
    let Some(server) = Server::start() else { return };
    let status = |time: &str| server.mlp_on("unchecked", &["status", "here", "--format", "version", "--timeout", time]);
    server.deploy("one").ends(0);
    let lists = "GET /apis/v2beta1/recurringruns";
    let away = json!({"on": lists, "status": 500, "times": 2, "body": r#"{"code": 13, "message": "busy"}"#});
    server.troubles(json!([away]));
    assert_eq!(status("60").ends(0).out, "one\n", "a server that is busy is asked again");
    for (trouble, said) in [
        (
            json!({"status": 200, "body": "<html>log in</html>", "kind": "text/html"}),
            "answered 200 with text/html where JSON was expected",
        ),
        (json!({"status": 200, "body": r#"{"recurringRuns": [{"#}), "answered with JSON that cannot be read"),
        (json!({"status": 200, "body": "[]"}), "answered with no list of recurringRuns"),
        (json!({"status": 400, "body": r#"{"code": 3, "message": "odd"}"#}), "it refused: odd"),
        (json!({"status": 302, "body": ""}), "it sends to another place"),
    ] {
        let mut trouble = trouble;
        trouble["on"] = json!(lists);
        server.troubles(json!([trouble]));
        let ran = status("60").ends(1);
        assert!(ran.err.contains(said), "{}", ran.err);
    }
    server.troubles(json!([{"on": lists, "delay": 20, "times": 9}]));
    status("2").ends(124);
    server.troubles(json!([]));
    let wrong =
        server.mlp_as("another-token", "unchecked", &["deploy", "here", "--version", "two", "--images", "images.json"]);
    assert!(wrong.ends(1).err.contains("it does not know who asks"));
    let none = server.mlp_as("", "unchecked", &["status", "here"]);
    assert!(none.err.contains("set DOOR"), "{}", none.err);
    server.project("away", free_port(), |text| text);
    let away = server.mlp_on("away", &["preflight", "here", "--timeout", "2"]);
    assert!(
        away.out.contains("nobody listens there") || away.err.contains("nobody listens there"),
        "{}{}",
        away.out,
        away.err
    );
    assert_eq!(server.recurring(), both("one"));
}
