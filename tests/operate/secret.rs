//! Secrets that managers of secrets keep, read by `mlp` itself: by the real `aws` from moto, by doubles of `vault`, `gcloud` and `az`.

use std::path::Path;
use std::time::{Duration, Instant};

use super::bundles::bucket::Buckets;
use super::mlp;
use crate::cli::{folder, read};
use crate::conformance::secrets::{Doubles, HOSTILE};
use crate::conformance::setup::write_program;

const MAIN: &str = r#"import std.environment { airflow, aws_secret, azure_secret, bearer, dag_folder, folder, google_secret, processes, vault }

project box {
  language: 1

  target airflow
}

secret token
secret other

step one() -> (text: string) {
  run:     command("bash", "-c", "printf %s \"$TOKEN\" > \"$KEPT\"; printf kept > \"$0\"", text.path)
  secrets: { TOKEN: token }
}

pipeline training() -> (text: string) {
  made = one()
  return (text: made)
}

image tools { reference: "registry.example.org/tools@sha256:0000000000000000000000000000000000000000000000000000000000000000" }

step two() {
  run:   command("true")
  image: tools
}

pipeline nightly() { two() }

environment here {
  tier:         development
  orchestrator: processes
  artifacts:    folder("store")
  effects:      allow
  pipelines:    [training]
  operations: {
    live_version: { run: "printf '{\"version\": %s}' \"$(cat live 2>/dev/null || echo null)\" > \"$MLP_OUTPUTS\"" },
    deploy:       { run: "printf %s \"$OTHER\" > given; echo \"with $OTHER\"; printf '\"%s\"' \"$MLP_VERSION\" > live", secrets: { OTHER: other } },
    rollback:     { run: "rm -f live" },
  }

  secret token = HOME
  secret other = HOME
}

environment there {
  tier:            test
  orchestrator:    airflow(endpoint: "http://127.0.0.1:9", namespace: "n", dags: dag_folder("dags"), auth: bearer(token))
  artifacts:       folder("/mnt/store")
  service_account: "s"
  pipelines:       [nightly]

  secret token = HOME
}
"#;

fn project(home: &str) -> tempfile::TempDir {
    folder(&[("main.mlp", &MAIN.replace("HOME", home)), ("images.json", "{}")])
}

const RUN: [&str; 4] = ["run", "training", "--env", "here"];
const DEPLOY: [&str; 6] = ["deploy", "here", "--version", "one", "--images", "images.json"];

/// Every file below a folder but those that the project's own commands wrote the secret to.
fn files(place: &Path, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(place).expect("a folder").filter_map(Result::ok) {
        let path = entry.path();
        if path.is_dir() {
            files(&path, found);
        } else if !path.ends_with("kept") && !path.ends_with("given") {
            found.push(String::from_utf8_lossy(&std::fs::read(&path).expect("a file")).into_owned());
        }
    }
}

/// A run and a deployment get the secret; nothing that is printed and no file of `mlp`'s has a line of it.
fn is_given(home: &str, variables: &[(&str, &str)]) {
    let place = project(home);
    let kept = place.path().join("kept").display().to_string();
    let variables = [variables, &[("KEPT", kept.as_str())]].concat();
    let ran = mlp(place.path(), &RUN, &variables).ends(0);
    assert_eq!(read(place.path(), "kept"), HOSTILE, "{home}");
    let deployed = mlp(place.path(), &DEPLOY, &variables).ends(0);
    assert_eq!(read(place.path(), "given"), HOSTILE, "{home}");
    assert!(deployed.out.contains("with ***"), "{}", deployed.out);
    mlp(place.path(), &["build"], &variables).ends(0);
    let mut all = vec![ran.out, ran.err, deployed.out, deployed.err];
    files(place.path(), &mut all);
    for line in HOSTILE.lines().filter(|line| line.len() > 8) {
        assert!(all.iter().all(|text| !text.contains(line)), "{home}: {line}");
    }
    assert!(!place.path().join("touched").exists());
}

/// Neither is begun, with the reason; where `mlp` logs in by it, it says so too.
fn is_refused(home: &str, why: &str, variables: &[(&str, &str)]) {
    let place = project(home);
    let run = mlp(place.path(), &RUN, variables).ends(1);
    assert!(run.err.contains(&format!("the secret `token` cannot be read: {why}")), "{why}: {}", run.err);
    let deploy = mlp(place.path(), &DEPLOY, variables).ends(1);
    assert!(deploy.err.contains(&format!("the secret `other` cannot be read: {why}")), "{why}: {}", deploy.err);
    let status = mlp(place.path(), &["status", "there"], variables).ends(1);
    let login = format!("the secret `token`, by which `mlp` logs in to `there`, cannot be read: {why}");
    assert!(status.err.contains(&login), "{why}: {}", status.err);
}

#[test]
fn the_real_aws_reads_a_secret() {
    let server = Buckets::start();
    server.keeps("plain", HOSTILE);
    server.keeps("object", &serde_json::json!({"token": HOSTILE, "empty": ""}).to_string());
    let variables = server.variables();
    is_given("aws_secret(\"plain\")", &variables);
    is_given("aws_secret(\"object\", key: \"token\", region: \"eu-west-1\")", &variables);
    let reading =
        "`aws secretsmanager get-secret-value --secret-id=object --query=SecretString --output=json` gave nothing";
    is_refused("aws_secret(\"object\", key: \"empty\")", &format!("{reading} under the key `empty`"), &variables);
    is_refused(
        "aws_secret(\"nobody\")",
        "`aws` ended with 255: An error occurred (ResourceNotFoundException)",
        &variables,
    );
}

#[test]
fn the_other_command_lines_read_one() {
    let doubles = Doubles::new();
    let path = doubles.before(&std::env::var("PATH").unwrap_or_default());
    let variables = [("PATH", path.as_str())];
    let homes = [
        ("vault", "vault(\"ml/slack\", key: \"token\")"),
        ("gcloud", "google_secret(\"acme\", name: \"slack\")"),
        ("az", "azure_secret(\"acme-vault\", name: \"slack\")"),
    ];
    for (program, home) in homes {
        is_refused(home, &format!("`{program}` ended with 2: permission denied"), &variables);
        let (full, empty) = match program {
            "az" => (serde_json::json!(HOSTILE).to_string(), "null"),
            _ => (format!("{HOSTILE}\n"), "\n"),
        };
        doubles.keeps(program, empty);
        is_refused(home, &format!("`{program} "), &variables);
        doubles.keeps(program, &full);
        is_given(home, &variables);
    }
    let asked = doubles.asked();
    for words in [
        "vault kv get -mount=secret -field=token ml/slack\n",
        "gcloud secrets versions access latest --secret=slack --project=acme --quiet\n",
        "az keyvault secret show --vault-name=acme-vault --name=slack --query=value --output=json\n",
    ] {
        assert!(asked.contains(words), "{asked}");
    }
}

#[test]
fn a_command_line_that_is_missing_or_does_not_end_is_said() {
    is_refused("vault(\"a\", key: \"b\")", "the program `vault` is not on this machine", &[("PATH", "/usr/bin:/bin")]);
    // What CI gives is taken before anybody is asked.
    let place = project("vault(\"a\", key: \"b\")");
    let given = [("PATH", "/usr/bin:/bin"), ("OTHER", "a-given-value")];
    assert!(mlp(place.path(), &DEPLOY, &given).ends(0).out.contains("with ***"));
    // An operation's time bounds what it needs too.
    let slow = tempfile::tempdir().expect("a folder");
    write_program(&slow.path().join("vault"), "#!/bin/sh\nsleep 300 & wait\n");
    let path = format!("{}:/usr/bin:/bin", slow.path().display());
    let begun = Instant::now();
    let words = [&DEPLOY[..], &["--timeout", "3"]].concat();
    std::fs::remove_file(place.path().join("live")).expect("it was deployed");
    let late = mlp(place.path(), &words, &[("PATH", path.as_str())]).ends(124);
    assert!(late.err.contains("the secret `other` cannot be read: `vault` did not end within"), "{}", late.err);
    assert!(begun.elapsed() < Duration::from_secs(150));
}
