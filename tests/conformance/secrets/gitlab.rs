//! Secrets that managers of secrets keep, on GitLab and in pods: what is written, and what is refused at its line.

use std::fs;
use std::process::Command;

use mlp::emit::Target;
use mlp::emit::airflow::Airflow;
use mlp::emit::gitlab::GitLab;
use mlp::emit::kubeflow::Kubeflow;
use mlp::plan::Plan;
use serde_json::json;

use super::super::delivery::{emitted_as, plan};
use super::super::{git, setup};
use super::{PLAN, document};

#[test]
fn gitlab_reads_by_its_own_keyword_where_its_plan_can() {
    let document = document(&GitLab, ".gitlab-ci.yml", &plan(PLAN));
    let told = &document["tell-developer"];
    assert_eq!(
        told["secrets"]["MLP_SECRET_SLACK_TOKEN"],
        json!({
            "vault": {"engine": {"name": "kv-v2", "path": "team"}, "path": "ml/slack", "field": "token"},
            "token": "$VAULT_ID_TOKEN", "file": false
        })
    );
    let azure = json!({"azure_key_vault": {"name": "hook"}, "token": "$AZURE_ID_TOKEN", "file": false});
    assert_eq!(told["secrets"]["MLP_SECRET_HOOK"], azure);
    assert_eq!(told["variables"]["AZURE_KEY_VAULT_SERVER_URL"], "https://acme-vault.vault.azure.net");
    let tokens = json!({"VAULT_ID_TOKEN": {"aud": "$VAULT_SERVER_URL"}, "AZURE_ID_TOKEN": {"aud": "api://AzureADTokenExchange"}});
    assert_eq!(told["id_tokens"], tokens);
    assert_eq!(told["secrets"].as_object().map(|all| all.len()), Some(2), "the host's own is no such secret");
    let last = &document["ci-to-production"];
    assert_eq!(
        last["secrets"]["MLP_SECRET_PRODUCTION__KEY"],
        json!({
            "aws_secrets_manager": {"secret_id": "airflow/key", "field": "token", "region": "eu-west-1"},
            "token": "$AWS_ID_TOKEN", "file": false
        })
    );
    assert_eq!(
        last["secrets"]["MLP_SECRET_PAGER"]["gcp_secret_manager"],
        json!({"name": "projects/acme/secrets/pager", "version": "3"})
    );
    let script = last["script"].to_string();
    assert!(script.contains("MLP_TOKEN=\\\"${MLP_SECRET_PRODUCTION__KEY}\\\" timeout 1800 mlp deploy"), "{script}");
}

/// The emitted pipeline, run by gitlab-ci-local with what GitLab's runner would have read: each command is given its own secret.
#[test]
fn gitlab_gives_each_command_its_own_secret() {
    let folder = emitted_as(&GitLab, PLAN, "secrets-run");
    let kept = tempfile::tempdir().expect("a folder");
    let at = |name: &str| kept.path().join(name);
    setup::write_program(&at("rsync"), &setup::rsync());
    setup::write_program(&at("cargo"), "#!/bin/sh\nexit 0\n");
    setup::write_program(&at("pytest"), "#!/bin/sh\nexit 1\n");
    let here = kept.path().display();
    let noted = format!("#!/bin/sh\nprintf '%s|%s\\n' \"$SLACK_TOKEN\" \"$MLP_SECRET\" >> '{here}/given'\n");
    setup::write_program(&at("mlp"), &noted);
    let shim = at("without-re2.cjs");
    fs::write(&shim, include_str!("../delivery/without-re2.cjs")).expect("a file can be written");
    git::commit(&folder);
    git::pushed_to(&folder, "https://example.org/acme/secrets.git");
    let mut node = Command::new("node");
    node.arg("--require").arg(&shim).arg(setup::node_tool("gitlab-ci-local")).arg("--force-shell-executor");
    // Its own copy of GitLab's schema is older than AWS's key; the linters hold the pipeline against a newer one.
    node.arg("--json-schema-validation=false");
    for given in ["MLP_SECRET_SLACK_TOKEN=it's a \"token\"", "MLP_SECRET_HOOK=a-hook", "MAIL_TOKEN=a-mail"] {
        node.args(["--variable", given]);
    }
    let path = format!("{here}:{}", std::env::var("PATH").unwrap_or_default());
    let output = node.current_dir(&folder).env("PATH", path).env("HOME", kept.path()).output().expect("it runs");
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    let given = fs::read_to_string(at("given")).unwrap_or_else(|why| panic!("{why}: {said}"));
    assert_eq!(given, "it's a \"token\"|\n|a-hook\n|a-mail\n", "{said}");
}

#[test]
fn what_gitlab_cannot_read_is_said_at_its_line() {
    let said = |plan: &Plan| {
        let lines = GitLab.emit(plan).1.into_iter().map(|one| (format!("{}: {}", one.code.slug(), one.message), one));
        lines.collect::<Vec<_>>()
    };
    let mut free = plan(PLAN);
    let request = free.targets.iter_mut().find(|one| one.name == "gitlab").expect("it is there");
    request.options.insert("plan".to_owned(), json!("free"));
    let found = said(&free);
    let homes: Vec<&str> = found.iter().map(|(line, _)| line.as_str()).collect();
    let line = |name, home| {
        format!("host_plan_limit: GitLab does not read the secret `{name}` from `{home}` under the plan `free`")
    };
    assert_eq!(
        homes,
        [
            line("slack_token", "vault"),
            line("hook", "azure_secret"),
            line("pager", "google_secret"),
            line("key", "aws_secret")
        ]
    );
    let key = &free.environments[0].secrets["key"];
    assert!(
        found.iter().any(|(_, one)| one.labels.iter().any(|label| label.span == key.span)),
        "it is said at its line"
    );

    let mut two = plan(PLAN);
    let notices = &mut two.delivery.ci.as_mut().expect("the plan has `ci`").notices;
    let slack = notices[0].secrets.values_mut().next().expect("it has a secret");
    slack.home.form = "azure_secret".to_owned();
    slack.home.arguments = serde_json::from_value(json!({"vault": "other", "name": "slack"})).expect("arguments");
    let found = said(&two);
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(found[0].0.contains("from one of Azure's key vaults"), "{found:#?}");

    // An environment's `key` and a secret of `ci` that is called as if it were one.
    let mut clashing = plan(PLAN);
    for edge in clashing.delivery.promotions.iter_mut().flat_map(|promotion| &mut promotion.edges) {
        let notice = edge.on_failure.notices.iter_mut().flat_map(|notice| notice.secrets.values_mut());
        notice.for_each(|source| source.secret = "production__key".to_owned());
    }
    let found = said(&clashing);
    let message = "another secret of the job is given to it in the variable of `production__key`";
    assert!(found.iter().any(|(line, _)| line.contains(message)), "{found:#?}");
}

const PODS: &str = r#"import std.environment { airflow, aws_secret, bucket, kubeflow, vault }

project pods { language: 1 }

secret token

image tools { reference: "registry.example.org/tools@sha256:0000000000000000000000000000000000000000000000000000000000000000" }

step upload() {
  run:     command("upload")
  image:   tools
  secrets: { TOKEN: token }
}

pipeline uploading() { upload() }

environment one {
  tier:            test
  orchestrator:    kubeflow(endpoint: "https://kfp.example.org", namespace: "n")
  artifacts:       bucket("gs://acme-one")
  service_account: "s"
  pipelines:       [uploading]

  secret token = vault("ml/upload", key: "token")
}

environment two {
  tier:            test
  orchestrator:    airflow(endpoint: "https://airflow.example.org", namespace: "n")
  artifacts:       bucket("gs://acme-two")
  service_account: "s"
  pipelines:       [uploading]

  secret token = aws_secret("upload")
}
"#;

#[test]
fn a_pod_that_would_have_to_read_one_is_an_error_at_its_home() {
    let mut project = crate::project::Project::default();
    project.add("main.mlp", PODS);
    let checked = project.check();
    let plan = mlp::plan::lower(&checked.model, &indexmap::IndexMap::new());
    for (target, home) in [(&Kubeflow as &dyn Target, "vault(\"ml/upload\""), (&Airflow, "aws_secret(\"upload\")")] {
        let found = target.emit(&plan).1;
        let [one] = &found[..] else { panic!("{found:#?}") };
        let span = one.labels[0].span;
        assert!(PODS[span.start as usize..].starts_with(home), "{one:#?}");
        let help = one.help.as_deref().expect("it says what to do");
        assert!(
            help.contains("External Secrets Operator") && help.contains("`secret token = kubernetes_secret("),
            "{help}"
        );
    }
}
