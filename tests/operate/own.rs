//! A project's own commands in place of an orchestrator's ways, as real scripts.

use std::path::Path;
use std::time::{Duration, Instant};

use super::mlp;
use crate::cli::{folder, read, write};

const MAIN: &str = r#"import std.delivery { host_secret }
import std.environment { folder, kubeflow, oidc, own_serving }

project box {
  language: 1

  target kubeflow
}

secret token

image tools { reference: "registry.example.org/tools@sha256:0000000000000000000000000000000000000000000000000000000000000000" }

step one() -> (auc: float, model: Model) {
  run:   command("one", auc.path, model.path)
  image: tools
}

pipeline training() -> (auc: float, model: Model) {
  fit = one()
  return (auc: fit.auc, model: fit.model)
}

service diagnosis() -> (sick: bool) { model: training.model }

environment here {
  tier:         test
  orchestrator: kubeflow(endpoint: "https://nobody.invalid", namespace: "n", auth: oidc(audience: "a"))
  artifacts:    folder("store")
  pipelines:    [training]
  service_account: "s"
  operations: {
    live_version: { run: "echo $MLP_ENVIRONMENT >> log; printf '{\"version\": %s}' \"$(cat live 2>/dev/null || echo null)\" > \"$MLP_OUTPUTS\"" },
    deploy:       { run: "./deploy.sh", timeout: 3s, secrets: { BOX_TOKEN: token } },
    rollback:     { run: "if [ -n \"$MLP_VERSION\" ]; then printf '\"%s\"' \"$MLP_VERSION\" > live; else rm -f live; fi" },
    run:          { run: "echo \"$MLP_PIPELINE $MLP_ARGUMENTS\" >> log; cat answer > \"$MLP_OUTPUTS\"; echo run-7" },
    preflight:    { run: "test ! -e broken || { echo 'the box is broken' >&2; exit 3; }" },
    traffic:      { run: "echo \"$MLP_SERVICE $MLP_WEIGHT $MLP_MODEL $MLP_VERSION\" >> traffic" },
  }

  secret  token     = host_secret("BOX")
  service diagnosis = own_serving
}
"#;

const DEPLOY: &str = "#!/bin/bash\nset -e\necho \"token $BOX_TOKEN for $MLP_PROJECT, before: $MLP_PREVIOUS\"\n\
                      grep -q pipelineInfo \"$MLP_FILES/training.yaml\"\nprintf '\"%s\"' \"$MLP_VERSION\" > live\n";

fn project() -> tempfile::TempDir {
    let place = folder(&[("main.mlp", MAIN), ("deploy.sh", DEPLOY), ("answer", "{}"), ("images.json", "{}")]);
    executable(&place.path().join("deploy.sh"));
    place
}

#[cfg(unix)]
fn executable(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).expect("it can be made a program");
}

#[cfg(not(unix))]
fn executable(_: &Path) {}

fn deploy(version: &str) -> [&str; 6] {
    ["deploy", "here", "--version", version, "--images", "images.json"]
}

const TOKEN: [(&str, &str); 1] = [("BOX_TOKEN", "s3cret-value")];

#[test]
fn an_environment_may_be_all_the_projects_own() {
    let place = project();
    let run = |arguments: &[&str]| mlp(place.path(), arguments, &TOKEN);
    assert_eq!(run(&["status", "here", "--format", "version"]).ends(0).out, "");
    run(&["preflight", "here"]).ends(0);

    // The first ever, the same again, another.
    let first = run(&deploy("one")).ends(0);
    assert!(
        first.out.ends_with("one is live\n") && first.out.contains("token *** for box, before: \n"),
        "{}",
        first.out
    );
    assert!(!first.out.contains("s3cret") && !first.err.contains("s3cret"));
    assert_eq!(run(&deploy("one")).ends(0).out, "one is live already\n");
    assert!(run(&deploy("two")).ends(0).out.contains("before: one\n"));
    assert_eq!(run(&["status", "here", "--format", "version"]).ends(0).out, "two\n");

    // A run whose outputs a gate can read.
    write(place.path(), "answer", r#"{"auc": 0.97, "model": "gs://acme/model"}"#);
    let ran = run(&["run", "training", "--env", "here", "--outputs", "values"]).ends(0);
    assert!(ran.err.contains("run run-7 succeeded") && ran.out.contains("0.97"), "{} {}", ran.out, ran.err);
    assert!(read(place.path(), "log").ends_with("training {}\n"));
    assert!(read(place.path(), "values/here.json").contains("0.97"));
    run(&["traffic", "here", "diagnosis", "--weight", "0.05", "--version", "two", "--values", "values"]).ends(0);

    run(&["rollback", "here", "--to", "one"]).ends(0);
    assert_eq!(run(&["status", "here", "--format", "version"]).ends(0).out, "one\n");
    assert_eq!(read(place.path(), "traffic"), "diagnosis 0.05 gs://acme/model two\ndiagnosis 0  \n");
    run(&["rollback", "here"]).ends(0);
    assert_eq!(run(&["status", "here", "--format", "version"]).ends(0).out, "");
}

/// Whatever a command does, there is an end, with its reason, and what was live is live.
#[test]
fn a_command_that_goes_wrong_leaves_what_was_live() {
    let place = project();
    let run = |arguments: &[&str]| mlp(place.path(), arguments, &TOKEN);
    run(&deploy("one")).ends(0);
    let script = |lines: &str| write(place.path(), "deploy.sh", format!("#!/bin/bash\n{lines}\n"));
    let refused = |status: i32, why: &str| {
        let ran = run(&deploy("two")).ends(status);
        assert!(ran.err.contains(why) && ran.err.contains("one is live again"), "{}", ran.err);
        assert!(!ran.err.contains("s3cret"), "{}", ran.err);
        assert_eq!(run(&["status", "here", "--format", "version"]).ends(0).out, "one\n");
    };
    script("echo half > live; echo \"no room for $BOX_TOKEN\" >&2; exit 4");
    refused(1, "`deploy`: `bash` ended with 4: no room for ***");
    script("true");
    refused(1, "`deploy` ended well, and `live_version` says that one is live");
    script("sleep 60 & echo $! > child; wait");
    let begun = Instant::now();
    refused(124, "`deploy`: `bash` did not end within 3s");
    assert!(begun.elapsed() < Duration::from_secs(30));
    let child = read(place.path(), "child");
    let state = std::fs::read_to_string(format!("/proc/{}/stat", child.trim())).unwrap_or_default();
    assert!(state.is_empty() || state.contains(") Z "), "what it started is ended with it: {state}");

    write(place.path(), "broken", "");
    let looked = run(&["preflight", "here"]).ends(1).out;
    assert!(
        looked.contains("✗ the project's own checks pass: `preflight`: `bash` ended with 3: the box is broken"),
        "{looked}"
    );
}

#[test]
fn an_answer_that_is_none_is_a_failure_with_its_reason() {
    let place = project();
    let run = |arguments: &[&str]| mlp(place.path(), arguments, &TOKEN);
    let training = ["run", "training", "--env", "here"];
    for (answer, why) in [
        ("", "what `run` wrote to MLP_OUTPUTS is no JSON"),
        (r#"{"auc": 0.9}"#, "`run` gave no `training.model`"),
        (r#"{"auc": "high", "model": "gs://m"}"#, "`training.auc` is \"high\", and a `float` is wanted"),
        ("[1]", "`run` gave no `training.auc`"),
    ] {
        write(place.path(), "answer", answer);
        let ran = run(&training).ends(1);
        assert!(ran.err.contains(why), "{answer}: {}", ran.err);
    }
    for (live, why) in [
        ("nonsense", "what `live_version` wrote to MLP_OUTPUTS is no JSON"),
        ("7", "`live_version` wrote {\"version\":7}, and"),
        ("\" \"", "is wanted"),
    ] {
        write(place.path(), "live", live);
        let ran = run(&["status", "here"]).ends(1);
        assert!(ran.err.contains(why), "{live}: {}", ran.err);
    }
    write(place.path(), "live", "null");
    let told = mlp(place.path(), &deploy("one"), &[]).ends(1);
    assert!(told.err.contains("the secret `token` is not here: set BOX_TOKEN"), "{}", told.err);
}

/// A secret is in no answer, so it is in no reason and in no file of measured values; a line of one is none either.
#[test]
fn a_secret_is_in_no_answer_and_no_reason() {
    let place = project();
    let key = "first line of a key\nlast line of a key";
    let run = |arguments: &[&str]| mlp(place.path(), arguments, &[("BOX_TOKEN", key)]);
    write(place.path(), "deploy.sh", "#!/bin/bash\necho \"$BOX_TOKEN\" >&2; exit 4\n");
    let refused = run(&deploy("one")).ends(1).err;
    assert!(refused.contains("`bash` ended with 4: ***") && !refused.contains("line of a key"), "{refused}");
    let main = read(place.path(), "main.mlp");
    let given = main.replacen("run:          {", "run:          { secrets: { BOX_TOKEN: token },", 1);
    assert_ne!(main, given);
    write(place.path(), "main.mlp", given);
    write(place.path(), "answer", r#"{"auc": "last line of a key", "model": "gs://m"}"#);
    let refused = run(&["run", "training", "--env", "here"]).ends(1).err;
    assert!(refused.contains("`training.auc` is \"***\"") && !refused.contains("line of a key"), "{refused}");
    write(place.path(), "answer", r#"{"auc": 0.9, "model": "gs://m/last line of a key"}"#);
    run(&["run", "training", "--env", "here", "--outputs", "values"]).ends(0);
    assert!(!read(place.path(), "values/here.json").contains("line of a key"));
}

/// A deployment that fails does not undo another that came between, and a command sees no secret but its own.
#[test]
fn what_is_anothers_is_left_alone() {
    let place = project();
    let run =
        |arguments: &[&str]| mlp(place.path(), arguments, &[("BOX_TOKEN", "s3cret-value"), ("MLP_TOKEN", "door-key")]);
    run(&deploy("one")).ends(0);
    write(place.path(), "deploy.sh", "#!/bin/bash\nprintf '\"other\"' > live\nexit 5\n");
    let ran = run(&deploy("two")).ends(1);
    assert!(ran.err.contains("another deployment made other live meanwhile, and it is left as it is"), "{}", ran.err);
    assert_eq!(run(&["status", "here", "--format", "version"]).ends(0).out, "other\n");
    let seen = MAIN.replace("test ! -e broken", "echo \\\"[$BOX_TOKEN$MLP_TOKEN]\\\" > seen; test ! -e broken");
    assert_ne!(seen, MAIN);
    write(place.path(), "main.mlp", seen);
    run(&["preflight", "here"]).ends(0);
    assert_eq!(read(place.path(), "seen"), "[]\n");
    // A way back that changes nothing is none.
    write(place.path(), "main.mlp", MAIN.replace("rollback:     { run: \"", "rollback:     { run: \"exit 0; "));
    let back = run(&["rollback", "here", "--to", "one"]).ends(1);
    assert!(back.err.contains("`rollback` ended well, and `live_version` says that other is live"), "{}", back.err);
}

#[test]
fn two_commands_do_not_mean_two_secrets_by_one_name() {
    let place = project();
    let main = MAIN
        .replace("secret token\n", "secret token\n\nsecret key\n")
        .replace("  secret  token ", "  secret  key       = host_secret(\"KEY\")\n  secret  token ")
        .replace("exit 3; }\" }", "exit 3; }\", secrets: { BOX_TOKEN: key } }");
    write(place.path(), "main.mlp", main);
    let said = mlp(place.path(), &["check"], &[]).ends(1).out;
    assert!(said.contains("`BOX_TOKEN` is the secret `token` to one command and `key` to another"), "{said}");
}

/// The jobs of a delivery are given the secrets of the commands, and nothing else changes in them.
#[test]
fn a_delivery_gives_the_commands_their_secrets() {
    let place = project();
    let targets = "  target github { repository: \"acme/box\", plan: enterprise }\n  target kubeflow\n";
    let main = MAIN.replace("  target kubeflow\n", targets)
        + "\nci { check unit { run: \"pytest\" } }\n\npromotion of training {\n  ci -> here {\n    deploy\n    run training\n    on failure { rollback }\n  }\n}\n";
    write(place.path(), "main.mlp", main);
    mlp(place.path(), &["build", "--out", "out"], &[]).ends(0);
    let workflow = read(place.path(), "out/.github/workflows/box.yml");
    let steps: Vec<&str> = workflow.split("      - name: ").collect();
    let of = |words: &str| steps.iter().find(|step| step.contains(words)).unwrap_or_else(|| panic!("{workflow}"));
    for words in ["mlp deploy", "mlp run", "mlp rollback"] {
        assert!(of(words).contains("BOX_TOKEN: ${{ secrets.BOX }}"), "{}", of(words));
    }
    let check = workflow.split("\n  check-unit:").nth(1).and_then(|rest| rest.split("\n\n  ").next());
    assert!(!check.expect("a check is a job").contains("BOX_TOKEN"));
}
