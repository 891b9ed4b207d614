//! What a host cannot do is said where it was asked for, and any text arrives as that very text.

use mlp::diagnostics::Diagnostic;
use mlp::emit::Target;
use mlp::emit::github::GitHub;
use mlp::emit::gitlab::GitLab;
use mlp::plan::{Action, Operation, Plan};
use serde_json::{Value, json};

use super::{plan, read_yaml};

fn said(target: &dyn Target, plan: &Plan) -> Vec<String> {
    let line = |fault: &Diagnostic| format!("{}: {}", fault.code.slug(), fault.message);
    target.emit(plan).1.iter().map(line).collect()
}

fn option(plan: &mut Plan, target: &str, name: &str, value: Value) {
    let request = plan.targets.iter_mut().find(|request| request.name == target).expect("the plan names the target");
    request.options.insert(name.to_owned(), value);
}

fn operations(plan: &mut Plan, edge: usize) -> &mut Vec<Operation> {
    &mut plan.delivery.promotions[0].edges[edge].operations
}

#[test]
fn a_paid_plan_bounds_what_is_asked() {
    let mut team = plan("tumour");
    option(&mut team, "github", "plan", json!("team"));
    let asks = "host_plan_limit: GitHub asks nobody in a private repository under the plan `team`";
    assert_eq!(said(&GitHub, &team), [asks; 3]);
    option(&mut team, "github", "visibility", json!("public"));
    assert!(said(&GitHub, &team).is_empty());

    let mut free = plan("one");
    option(&mut free, "github", "plan", json!("free"));
    assert!(said(&GitHub, &free)[0].contains("`free` has no environments"), "{:?}", said(&GitHub, &free));

    let mut free = plan("tumour");
    option(&mut free, "gitlab", "plan", json!("free"));
    let counts = "host_plan_limit: GitLab counts no approvals of a deployment under the plan `free`";
    assert_eq!(said(&GitLab, &free), [counts]);

    option(&mut free, "gitlab", "plan", json!("enterprise"));
    assert_eq!(said(&GitLab, &free), ["host_cannot: GitLab has no plan `enterprise`"]);
}

#[test]
fn nobody_is_asked_once_the_deployment_has_begun() {
    let mut late = plan("tumour");
    let approval = operations(&mut late, 1).remove(1);
    assert!(matches!(approval.action, Action::Approve { .. }));
    operations(&mut late, 1).push(approval);
    for (target, host) in [(&GitHub as &dyn Target, "GitHub"), (&GitLab, "GitLab")] {
        let message =
            format!("host_cannot: {host} cannot stop for a person once the deployment to `staging` has begun");
        assert_eq!(said(target, &late), [message]);
    }
}

#[test]
fn a_secret_has_its_home_at_the_host_and_a_team_its_name() {
    let mut elsewhere = plan("short");
    for notice in &mut elsewhere.delivery.ci.as_mut().expect("the plan has `ci`").notices {
        notice.secrets.values_mut().for_each(|source| source.home.form = "airflow_connection".into());
    }
    let message = "cannot hand the secret `slack_token` to a job, because its home is `airflow_connection`";
    assert_eq!(said(&GitHub, &elsewhere), [format!("host_cannot: GitHub {message}")]);
    assert_eq!(said(&GitLab, &elsewhere), [format!("host_cannot: GitLab {message}")]);

    let mut nameless = plan("short");
    nameless.delivery.teams[0].hosts.clear();
    let message = "host_cannot: team `ml_leads` has no name on";
    assert!(said(&GitHub, &nameless).iter().all(|line| line.starts_with(message)), "{:?}", said(&GitHub, &nameless));
    assert_eq!(said(&GitLab, &nameless), [format!("{message} GitLab, so nobody can be asked there")]);
}

#[test]
fn waits_end_before_a_host_ends_them() {
    let mut long = plan("six");
    let soak = |seconds: f64| {
        move |operation: &mut Operation| {
            if let Action::Soak { seconds: known } = &mut operation.action {
                *known = seconds;
            }
        }
    };
    operations(&mut long, 3).iter_mut().for_each(soak(8.0 * 86_400.0));
    assert!(said(&GitHub, &long).is_empty());
    assert_eq!(said(&GitLab, &long), ["host_cannot: GitLab cannot wait longer than a week before `staging`"]);
    operations(&mut long, 3).iter_mut().for_each(soak(31.0 * 86_400.0));
    assert_eq!(said(&GitHub, &long), ["host_plan_limit: GitHub cannot wait so long before `staging`"]);

    let mut watched = plan("six");
    operations(&mut watched, 5).iter_mut().for_each(soak(6.0 * 3600.0));
    let message =
        "host_cannot: GitHub ends a job after six hours, and the way to `production` waits for longer than five";
    assert_eq!(said(&GitHub, &watched), [message]);
}

#[test]
fn one_of_two_ways_suffices_where_the_host_can_wait_for_one() {
    let mut either = plan("six");
    let edges = &mut either.delivery.promotions[0].edges;
    let mut second = edges[3].clone();
    (second.id, second.from) = ("canary_zone-to-staging".into(), vec!["canary_zone".into()]);
    second.operations.retain(|operation| !matches!(operation.action, Action::Require { .. }));
    edges.insert(5, second);
    let message = "host_cannot: GitLab cannot go on from `staging` when one of several ways there has succeeded";
    assert_eq!(said(&GitLab, &either), [message]);

    let (files, faults) = GitHub.emit(&either);
    assert!(faults.is_empty(), "{faults:#?}");
    let workflow = read_yaml(&files.get(".github/workflows/six.yml").expect("there is a workflow").text);
    let last = &workflow["jobs"]["staging-to-production"];
    let ways =
        "(needs.europe-and-america-to-staging.result == 'success' || needs.canary_zone-to-staging.result == 'success')";
    assert!(last["if"].as_str().is_some_and(|condition| condition.contains(ways)), "{last}");
}

#[test]
fn a_token_reaches_the_operations_that_log_in_and_no_other() {
    let mut plan = plan("short");
    let production = plan.environments.iter_mut().find(|one| one.name == "production").expect("it is there");
    production.orchestrator.arguments["auth"] = json!({"form": "bearer", "arguments": {"token": {"secret": "key"}}});
    let home = json!({"form": "host_secret", "arguments": {"name": "AIRFLOW_KEY"}});
    production.secrets.insert("key".into(), serde_json::from_value(home).expect("a form reads back"));

    let (files, _) = GitHub.emit(&plan);
    let workflow = read_yaml(&files.get(".github/workflows/short.yml").expect("there is a workflow").text);
    let mut given = Vec::new();
    for (id, job) in workflow["jobs"].as_object().expect("jobs are an object") {
        let steps = job["steps"].as_array().expect("a job has steps");
        let with = steps.iter().filter(|step| step["env"]["MLP_TOKEN"] == "${{ secrets.AIRFLOW_KEY }}");
        given.extend(with.map(|step| format!("{id}: {}", step["id"].as_str().unwrap_or_default())));
    }
    let wanted = ["preflight", "live-version", "deploy", "run-training", "traffic-diagnosis-5", "watch-diagnosis-5"];
    let wanted = wanted.into_iter().chain(["traffic-diagnosis-100", "watch-diagnosis-100", "rollback"]);
    assert_eq!(given, wanted.map(|step| format!("test-to-production: {step}")).collect::<Vec<_>>());

    let (files, _) = GitLab.emit(&plan);
    let pipeline = &files.get(".gitlab-ci.yml").expect("there is a pipeline").text;
    // The way back is written twice: in the job's shell, and for where that was killed.
    assert_eq!(pipeline.matches("MLP_TOKEN=\"${AIRFLOW_KEY}\" timeout").count(), given.len() + 1);
}

const HOSTILE: &[&str] = &[
    "it's \"a\"\nb",
    "${{ secrets.X }}",
    "$(touch x) `touch x` $HOME ${HOME}",
    "{{ ds }} #{} %{x} : - # [a] *b &c !d |",
    "é 🦀 \u{202e}right\u{200f}",
    "on",
    "1_000",
    "12:30:45",
    " ends with space ",
    "\\",
    "",
];

#[test]
fn any_text_arrives_as_that_text() {
    for text in HOSTILE {
        let mut plan = plan("one");
        let check = &mut plan.delivery.ci.as_mut().expect("the plan has `ci`").checks[0];
        check.env.insert("A_TEXT".into(), (*text).to_owned());
        check.run = "printf %s \"${A_TEXT}\"".into();
        let (files, _) = GitHub.emit(&plan);
        let workflow = read_yaml(&files.get(".github/workflows/small.yml").expect("there is a workflow").text);
        let steps = workflow["jobs"]["check-unit"]["steps"].as_array().expect("a job has steps").clone();
        let env = steps.iter().find_map(|step| step["env"]["A_TEXT"].as_str()).expect("the step has the text");
        assert_eq!(env.replace("${{ github.event_name && '${{' }}", "${{"), **text);

        let (files, _) = GitLab.emit(&plan);
        let pipeline = read_yaml(&files.get(".gitlab-ci.yml").expect("there is a pipeline").text);
        let variable = &pipeline["check-unit"]["variables"]["A_TEXT"];
        let expected = if text.contains('$') { json!({"value": text, "expand": false}) } else { json!(text) };
        assert_eq!(*variable, expected);
    }
}
