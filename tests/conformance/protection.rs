//! The checks of the live rules, with the hosts' answers recorded: rules as strong as the project's pass, each weaker one
//! is named.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

use mlp::emit::github::GitHub;
use mlp::emit::gitlab::GitLab;
use serde_json::{Value, json};

use super::delivery::emitted_as;

/// What a host answers, by path.
type Answers = BTreeMap<&'static str, Value>;

const GITHUB: &str = "repos/acme/tumour";

fn github_answers() -> Answers {
    let rules = |reviewer: &str| {
        json!({
            "protection_rules": [
                {"type": "required_reviewers", "prevent_self_review": true,
                 "reviewers": [{"type": "Team", "reviewer": {"slug": reviewer}}]},
                {"type": "branch_policy"}
            ],
            "deployment_branch_policy": {"protected_branches": false, "custom_branch_policies": true}
        })
    };
    let approved =
        |name: &str, who: &str| json!({"state": "approved", "environments": [{"name": name}], "user": {"login": who}});
    let branches = json!({"branch_policies": [{"name": "main"}]});
    BTreeMap::from([
        ("environments/production-approval", rules("clinical-safety")),
        ("environments/production-approval/deployment-branch-policies", branches.clone()),
        ("environments/production", rules("clinical-safety")),
        ("environments/production/deployment-branch-policies", branches),
        (
            "actions/runs/7/approvals",
            json!([approved("production-approval", "ada"), approved("production", "grace"), approved("other", "joan")]),
        ),
    ])
}

fn github(answers: &Answers, folder: &str) -> Output {
    let folder = emitted_as(&GitHub, "tumour", folder);
    let answered = folder.join("answers");
    for (path, answer) in answers {
        let file = answered.join(format!("{GITHUB}/{path}.json"));
        fs::create_dir_all(file.parent().expect("a file is in a folder")).expect("a folder can be made");
        fs::write(file, answer.to_string()).expect("a file can be written");
    }
    let gh = answered.join("gh");
    fs::write(&gh, format!("#!/bin/sh\nexec cat \"{}/$2.json\"\n", answered.display()))
        .expect("a program can be written");
    fs::set_permissions(&gh, fs::Permissions::from_mode(0o755)).expect("it can be made one");
    Command::new(".github/mlp/tumour-check-protection.sh")
        .args([".github/mlp/tumour-protection.json", "production-approval", "production"])
        .current_dir(&folder)
        .env("PATH", format!("{}:{}", answered.display(), std::env::var("PATH").unwrap_or_default()))
        .env("REPOSITORY", "acme/tumour")
        .env("RUN_ID", "7")
        .output()
        .expect("the script runs")
}

#[test]
fn github_goes_on_only_where_its_rules_are_as_strong() {
    let strong = github(&github_answers(), "strong");
    assert!(strong.status.success(), "{strong:?}");

    type Weaken = fn(&mut Answers);
    let weaker: &[(&str, Weaken)] = &[
        ("nobody is asked", |answers| {
            answers.get_mut("environments/production").expect("there")["protection_rules"] = json!([]);
        }),
        ("strangers may say yes", |answers| {
            let rules = answers.get_mut("environments/production").expect("there");
            rules["protection_rules"][0]["reviewers"][0]["reviewer"]["slug"] = json!("strangers");
        }),
        ("who made the change may say yes", |answers| {
            let rules = answers.get_mut("environments/production").expect("there");
            rules["protection_rules"][0]["prevent_self_review"] = json!(false);
        }),
        ("any branch may use it", |answers| {
            answers.get_mut("environments/production").expect("there")["deployment_branch_policy"] = Value::Null;
        }),
        ("branch hotfix may use it", |answers| {
            let policies = answers.get_mut("environments/production/deployment-branch-policies").expect("there");
            policies["branch_policies"] = json!([{"name": "main"}, {"name": "hotfix"}]);
        }),
        ("2 different people have to approve, and 1 did", |answers| {
            answers.get_mut("actions/runs/7/approvals").expect("there")[1]["user"]["login"] = json!("ada");
        }),
    ];
    for (sentence, weaken) in weaker {
        let mut answers = github_answers();
        weaken(&mut answers);
        let output = github(&answers, "weaker");
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(!output.status.success() && said.contains(sentence), "{sentence}: {output:?}");
    }
}

fn gitlab_answers() -> Answers {
    BTreeMap::from([
        ("/groups/acme%2Fclinical%2Fsafety?with_projects=false", json!({"id": 5})),
        ("/groups/acme%2Fml%2Fleads?with_projects=false", json!({"id": 6})),
        ("/projects/acme%2Ftumour", json!({"allow_pipeline_trigger_approve_deployment": false})),
        (
            "/projects/acme%2Ftumour/approvals",
            json!({"merge_requests_author_approval": false, "merge_requests_disable_committers_approval": true}),
        ),
        (
            "/projects/acme%2Ftumour/protected_environments/production",
            json!({"deploy_access_levels": [{"group_id": 5, "access_level_description": "safety"}],
                   "approval_rules": [{"group_id": 5, "required_approvals": 2}]}),
        ),
    ])
}

/// Answers every request of the program, and what it says in the end.
fn gitlab(answers: &Answers) -> Output {
    let folder = emitted_as(&GitLab, "tumour", "protection");
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = listener.local_addr().expect("it has an address");
    let answers = answers.iter().map(|(path, answer)| ((*path).to_owned(), answer.to_string())).collect();
    std::thread::spawn(move || serve(&listener, &answers));
    program(&folder, &format!("http://{address}"))
}

fn serve(listener: &TcpListener, answers: &BTreeMap<String, String>) {
    for stream in listener.incoming() {
        let mut stream = stream.expect("a request arrives");
        let mut lines = BufReader::new(stream.try_clone().expect("it is read and written")).lines();
        let first = lines.next().and_then(Result::ok).unwrap_or_default();
        while lines.next().and_then(Result::ok).is_some_and(|line| !line.is_empty()) {}
        let path = first.split(' ').nth(1).unwrap_or_default();
        let (status, body) = match answers.get(path) {
            Some(body) => ("200 OK", body.as_str()),
            None => ("404 Not Found", "{}"),
        };
        let head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
        stream.write_all((head + body).as_bytes()).expect("the answer goes out");
    }
}

fn program(folder: &Path, address: &str) -> Output {
    Command::new("python3")
        .args([".gitlab/mlp/tumour-protection.py", "check", ".gitlab/mlp/tumour-protection.json", "production"])
        .current_dir(folder)
        .env("CI_API_V4_URL", address)
        .env("MLP_PROTECTION_TOKEN", "not-a-token")
        .output()
        .expect("Python starts")
}

#[test]
fn gitlab_goes_on_only_where_its_rules_are_as_strong() {
    let strong = gitlab(&gitlab_answers());
    assert!(strong.status.success(), "{strong:?}");

    let path = "/projects/acme%2Ftumour/protected_environments/production";
    let mut answers = gitlab_answers();
    answers.get_mut(path).expect("there")["approval_rules"][0]["required_approvals"] = json!(1);
    answers.get_mut(path).expect("there")["deploy_access_levels"][0]["group_id"] = json!(9);
    let weaker = gitlab(&answers);
    let said = String::from_utf8_lossy(&weaker.stderr);
    assert!(!weaker.status.success(), "{weaker:?}");
    assert!(said.contains("2 of acme/clinical/safety have to approve, and GitLab asks 1"), "{said}");
    assert!(said.contains("safety may deploy"), "{said}");

    let mut own = gitlab_answers();
    own.insert("/projects/acme%2Ftumour", json!({"allow_pipeline_trigger_approve_deployment": true}));
    own.insert("/projects/acme%2Ftumour/approvals", json!({"merge_requests_author_approval": true}));
    let own = gitlab(&own);
    let said = String::from_utf8_lossy(&own.stderr);
    assert!(!own.status.success(), "{own:?}");
    for fault in ["started a pipeline may approve", "opened a merge request may approve", "wrote a commit may approve"]
    {
        assert!(said.contains(&format!("project acme/tumour: who {fault}")), "{said}");
    }

    answers.remove(path);
    let open = gitlab(&answers);
    assert!(String::from_utf8_lossy(&open.stderr).contains("it is not protected"), "{open:?}");
}
