//! `mlp build` and `mlp plan`: what is written, what is left alone, and what happens when something is in the way.

use std::fs;
use std::path::Path;
use std::process::{Child, Command};

use serde_json::Value;

use super::{folder, mlp, read, write};

const MAIN: &str = r#"import std.environment { bucket, kubeflow }

project example {
  language: 1

  target terraform
}

image runtime {
  context: "image"
}

step count() -> (rows: int) {
  run:     command("count", "--in", region, "--to", rows.path)
  image:   runtime
}

pipeline counting() -> (rows: int) {
  rows = count()

  return (rows: rows)
}

/// Where it is.
var region: string where it matches r"[a-z]+"

abstract environment cluster {
  orchestrator:    kubeflow(endpoint: "https://kubeflow.example.org", namespace: "example")
  registry:        "registry.example.org/example"
  artifacts:       bucket("gs://example")
  service_account: "example"
  pipelines:       [counting]
}

environment test extends cluster {
  tier: test

  var region = "europe"
}

environment production extends cluster {
  tier: production

  var region = "asia"
}
"#;

/// A project that builds.
fn project() -> tempfile::TempDir {
    folder(&[("main.mlp", MAIN), ("image/Dockerfile", "FROM scratch\n")])
}

/// When a file was changed: no output comes of it, it is only compared.
#[allow(clippy::disallowed_types)]
type Changed = std::time::SystemTime;

/// Every file below a folder with its text and time of change.
fn state(root: &Path) -> Vec<(String, Vec<u8>, Changed)> {
    fn collect(folder: &Path, root: &Path, found: &mut Vec<(String, Vec<u8>, Changed)>) {
        let mut entries: Vec<_> = fs::read_dir(folder).unwrap().map(Result::unwrap).collect();
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let place = entry.path();
            if place.is_dir() {
                collect(&place, root, found);
            } else {
                let path = place.strip_prefix(root).unwrap().display().to_string();
                found.push((path, fs::read(&place).unwrap(), entry.metadata().unwrap().modified().unwrap()));
            }
        }
    }
    let mut found = Vec::new();
    collect(root, root, &mut found);
    found
}

fn paths(root: &Path) -> Vec<String> {
    state(root).into_iter().map(|(path, _, _)| path).collect()
}

#[test]
fn a_build_writes_lists_and_locks() {
    let project = project();
    let here = project.path();
    let listed = mlp(here, &["build", "--out", "out"]).ends(0).out;
    let out = here.join("out");
    for path in paths(&out) {
        assert!(listed.contains(&format!("wrote {path}\n")), "{path} is not listed:\n{listed}");
    }
    assert!(listed.lines().any(|line| line.starts_with("terraform ") && line.contains("wrote")), "{listed}");
    let lock: Value = serde_json::from_str(&read(&out, "mlp.lock.json")).unwrap();
    let locked: Vec<&String> = lock["files"].as_object().unwrap().keys().collect();
    let mut sorted = locked.clone();
    sorted.sort();
    assert_eq!(locked, sorted);
    let written: Vec<String> = paths(&out).into_iter().filter(|path| path != "mlp.lock.json").collect();
    assert_eq!(locked.into_iter().cloned().collect::<Vec<_>>(), written);
    let plan: Value = serde_json::from_str(&read(&out, "plan.json")).unwrap();
    assert_eq!(plan["schema"], "mlp.plan/1");
    assert_eq!(plan["environments"][1]["variables"]["region"], "asia");
}

#[test]
fn a_second_build_changes_nothing_and_the_check_agrees() {
    let project = project();
    let here = project.path();
    mlp(here, &["build"]).ends(0);
    let before = state(here);
    let listed = mlp(here, &["build"]).ends(0).out;
    assert!(!listed.contains("wrote") && listed.contains("unchanged"), "{listed}");
    assert_eq!(state(here), before);
    mlp(here, &["build", "--check"]).ends(0);
    let elsewhere = tempfile::tempdir().unwrap();
    mlp(here, &["build", "--out", elsewhere.path().to_str().unwrap()]).ends(0);
    for (path, text, _) in state(elsewhere.path()) {
        assert_eq!(fs::read(here.join(&path)).unwrap(), text, "{path}");
    }
}

/// A project of a repository that holds others.
fn one_of_several(root: &Path, name: &str) {
    let said = format!(
        "  language: 1\n  folder:   \"teams/{name}\"\n\n  target github {{ repository: \"acme/all\", plan: team }}\n  target gitlab {{ project: \"acme/all\", plan: premium }}"
    );
    let main = MAIN.replace("project example", &format!("project {name}")).replace("  language: 1\n", &said);
    let ci = "ci {\n  triggers: [push([\"main\"])]\n  check unit { run: \"pytest\" }\n}\n";
    write(root, &format!("teams/{name}/main.mlp"), format!("import std.delivery {{ push }}\n{main}\n{ci}"));
    write(root, &format!("teams/{name}/image/Dockerfile"), "FROM scratch\n");
}

#[test]
fn several_projects_share_a_repository() {
    let repository = tempfile::tempdir().unwrap();
    let root = repository.path();
    one_of_several(root, "churn");
    one_of_several(root, "risk");
    mlp(root, &["build", "teams/churn"]).ends(0);
    let of_churn = state(root);
    mlp(&root.join("teams/risk"), &["build"]).ends(0);
    let all = state(root);
    assert!(of_churn.iter().all(|one| all.contains(one)), "the other's files are as they were");
    for path in [
        ".github/workflows/churn.yml",
        ".github/workflows/risk.yml",
        ".gitlab/mlp/churn.gitlab-ci.yml",
        ".gitlab/mlp/churn.trigger.yml",
        "teams/churn/mlp.lock.json",
        "teams/churn/plan.json",
        "teams/risk/mlp.lock.json",
        "teams/risk/terraform/variables.tf",
    ] {
        assert!(root.join(path).is_file(), "{path} is missing of {:?}", paths(root));
    }
    let workflow = read(root, ".github/workflows/churn.yml");
    assert!(
        workflow.contains("- teams/churn/**\n") && workflow.contains("working-directory: teams/churn\n"),
        "{workflow}"
    );
    mlp(root, &["build", "teams/churn", "--check"]).ends(0);
    // The same below an output folder, which stands for the repository.
    mlp(root, &["build", "teams/churn", "--out", "out"]).ends(0);
    let made = state(&root.join("out"));
    assert!(made.iter().any(|(path, ..)| path == "teams/churn/mlp.lock.json"), "{made:?}");
    for (path, text, _) in made {
        assert_eq!(fs::read(root.join(&path)).unwrap(), text, "{path}");
    }
    write(root, ".github/workflows/churn.yml", "edited\n");
    let drift = mlp(root, &["build", "teams/churn", "--check", "--format", "short"]).ends(1).err;
    assert!(drift.contains(".github/workflows/churn.yml") && drift.contains("MLP1008"), "{drift}");
    let refused = mlp(root, &["build", "teams/churn", "--format", "short"]).ends(1).err;
    assert!(refused.contains("MLP1005"), "{refused}");
    mlp(root, &["build", "teams/churn", "--force"]).ends(0);
    // What is no longer made goes, at the root too, and the other project's stays.
    let without =
        read(root, "teams/churn/main.mlp").replace("  target github { repository: \"acme/all\", plan: team }\n", "");
    write(root, "teams/churn/main.mlp", without);
    mlp(root, &["build", "teams/churn"]).ends(0);
    assert!(!root.join(".github/workflows/churn.yml").exists() && root.join(".github/workflows/risk.yml").exists());
}

#[test]
fn a_project_that_lies_elsewhere_writes_nothing() {
    let repository = tempfile::tempdir().unwrap();
    let root = repository.path();
    one_of_several(root, "churn");
    fs::rename(root.join("teams"), root.join("groups")).unwrap();
    let before = state(root);
    let refused = mlp(root, &["build", "groups/churn"]).ends(1).err;
    assert!(refused.contains("MLP1011") && refused.contains("`teams/churn`"), "{refused}");
    assert_eq!(state(root), before);
    let main = read(root, "groups/churn/main.mlp");
    for wrong in ["/teams/churn", "../churn", "teams//churn", "teams/churn/", "teams\\\\churn", ".hidden/churn", ""] {
        write(root, "groups/churn/main.mlp", main.replace("teams/churn", wrong));
        mlp(root, &["check", "groups/churn"]).ends(1);
    }
}

#[test]
fn any_changed_byte_is_named() {
    let project = project();
    let here = project.path();
    mlp(here, &["build", "--out", "out"]).ends(0);
    for (path, text, _) in state(&here.join("out")) {
        let place = here.join("out").join(&path);
        let mut changed = text.clone();
        let middle = changed.len() / 2;
        changed[middle] ^= 1;
        for wrong in [Some(changed), None] {
            match &wrong {
                Some(wrong) => fs::write(&place, wrong).unwrap(),
                None => fs::remove_file(&place).unwrap(),
            }
            let ran = mlp(here, &["build", "--out", "out", "--check"]).ends(1);
            assert!(ran.err.contains("MLP1008") && ran.err.contains(&path), "{path}:\n{}", ran.err);
            assert_eq!(place.exists(), wrong.is_some(), "a check writes nothing");
        }
        fs::write(&place, text).unwrap();
    }
    mlp(here, &["build", "--out", "out", "--check"]).ends(0);
    write(here, "main.mlp", MAIN.replace("asia", "africa"));
    let ran = mlp(here, &["build", "--out", "out", "--check", "--format", "short"]).ends(1);
    assert!(ran.err.contains("out/terraform/production.tfvars.json:"), "{}", ran.err);
    assert!(!ran.err.contains("test.tfvars.json"), "{}", ran.err);
}

#[test]
fn what_others_wrote_stays() {
    let project = project();
    let here = project.path();
    write(here, "terraform/variables.tf", "# mine\n");
    let before = state(here);
    let ran = mlp(here, &["build", "--format", "short"]).ends(1);
    assert!(ran.err.contains("terraform/variables.tf:1:1: error[MLP1004]"), "{}", ran.err);
    assert_eq!(state(here), before);
    mlp(here, &["build", "--force"]).ends(0);
    write(here, "terraform/variables.tf", "# edited\n");
    write(here, "main.mlp", MAIN.replace("asia", "africa"));
    let before = state(here);
    let ran = mlp(here, &["build", "--format", "short"]).ends(1);
    assert!(ran.err.contains("error[MLP1005]"), "{}", ran.err);
    assert_eq!(state(here), before);
    mlp(here, &["build", "--force"]).ends(0);
    mlp(here, &["build", "--check"]).ends(0);
}

#[test]
fn what_is_no_longer_made_is_removed() {
    let project = project();
    let here = project.path();
    mlp(here, &["build", "--out", "out"]).ends(0);
    write(here, "out/terraform/notes.txt", "mine");
    write(here, "main.mlp", MAIN.replace("  target terraform\n", ""));
    let ran = mlp(here, &["build", "--out", "out"]).ends(0);
    assert!(ran.out.contains("removed terraform/variables.tf\n"), "{}", ran.out);
    assert_eq!(paths(&here.join("out")), ["mlp.lock.json", "plan.json", "terraform/notes.txt"]);
    fs::remove_file(here.join("out/terraform/notes.txt")).unwrap();
    write(here, "main.mlp", MAIN);
    mlp(here, &["build", "--out", "out"]).ends(0);
    write(here, "main.mlp", MAIN.replace("  target terraform\n", ""));
    mlp(here, &["build", "--out", "out"]).ends(0);
    assert!(!here.join("out/terraform").exists(), "an empty folder stays behind");
}

#[test]
fn the_output_folder_holds_no_sources() {
    let project = project();
    let here = project.path();
    write(here, "out/copy.mlp", "let a = (1\n");
    mlp(here, &["build"]).ends(1);
    mlp(here, &["build", "--out", "out"]).ends(0);
    mlp(here, &["build", "--out", "./image/../out"]).ends(0);
    mlp(&here.join("image"), &["build", "..", "--out", "../out"]).ends(0);
}

#[test]
fn nothing_is_written_where_something_is_wrong() {
    let project = project();
    let here = project.path();
    write(here, "main.mlp", MAIN.replace("image:   runtime", "image:   runtim"));
    let before = state(here);
    assert!(mlp(here, &["build"]).ends(1).err.contains("runtim"));
    assert_eq!(state(here), before);
}

#[test]
fn a_dry_run_lists_and_writes_nothing() {
    let project = project();
    let here = project.path();
    let before = state(here);
    let ran = mlp(here, &["build", "--dry-run"]).ends(0);
    assert!(ran.out.contains("would write terraform/variables.tf\n"), "{}", ran.out);
    assert_eq!(state(here), before);
}

#[test]
fn a_part_of_the_files_leaves_the_rest() {
    let project = project();
    let here = project.path();
    mlp(here, &["build", "--out", "one", "--env", "test"]).ends(0);
    let one = paths(&here.join("one"));
    assert!(one.iter().any(|path| path.ends_with("test.tfvars.json")), "{one:?}");
    assert!(!one.iter().any(|path| path.contains("production")), "{one:?}");
    mlp(here, &["build"]).ends(0);
    let before = state(here);
    mlp(here, &["build", "--env", "test"]).ends(0);
    mlp(here, &["build", "--target", "terraform"]).ends(0);
    assert_eq!(state(here), before);
    assert!(mlp(here, &["build", "--env", "tset"]).ends(2).err.contains("did you mean `test`?"));
    mlp(here, &["build", "--target", "gitlab"]).ends(2);
    mlp(here, &["build", "--target", "nothing"]).ends(2);
}

#[test]
fn images_are_pinned_by_the_file() {
    let project = project();
    let here = project.path();
    let digest = format!("sha256:{}", "0123456789abcdef".repeat(4));
    write(here, "images.json", format!("{{ \"runtime\": \"{digest}\" }}"));
    let pinned = mlp(here, &["plan", "--json", "--images", "images.json"]).ends(0).out;
    assert!(pinned.contains(&digest), "{pinned}");
    assert!(!mlp(here, &["plan", "--json"]).ends(0).out.contains(&digest));
    mlp(here, &["build", "--out", "out", "--images", "images.json"]).ends(0);
    assert!(read(&here.join("out"), "plan.json").contains(&digest));
    for (text, code) in [("{}", "MLP1010"), ("{ \"runtime\": \"latest\" }", "MLP1009"), ("[", "MLP1009")] {
        write(here, "images.json", text);
        let ran = mlp(here, &["build", "--out", "other", "--images", "images.json", "--format", "short"]).ends(1);
        assert!(ran.err.contains(code), "{}", ran.err);
    }
    mlp(here, &["build", "--images", "nowhere.json"]).ends(3);
    assert!(!here.join("other").exists());
}

#[test]
#[cfg(unix)]
fn no_link_is_written_through() {
    let (project, elsewhere) = (project(), tempfile::tempdir().unwrap());
    std::os::unix::fs::symlink(elsewhere.path(), project.path().join("terraform")).unwrap();
    let ran = mlp(project.path(), &["build", "--force", "--format", "short"]).ends(1);
    assert!(ran.err.contains("MLP1006"), "{}", ran.err);
    assert!(paths(elsewhere.path()).is_empty());
}

#[test]
fn a_folder_that_cannot_be_written_is_a_fault_of_the_disk() {
    let project = project();
    write(project.path(), "file", "");
    let ran = mlp(project.path(), &["build", "--out", "file/out", "--format", "short"]).ends(3);
    assert!(ran.err.contains("MLP1003"), "{}", ran.err);
}

#[test]
fn builds_at_once_leave_a_whole_build() {
    let project = project();
    let here = project.path();
    write(here, "other/main.mlp", MAIN.replace("asia", "africa"));
    write(here, "other/image/Dockerfile", "");
    fs::create_dir(here.join("mine")).unwrap();
    fs::rename(here.join("main.mlp"), here.join("mine/main.mlp")).unwrap();
    fs::rename(here.join("image"), here.join("mine/image")).unwrap();
    let start = |source: &str| -> Child {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mlp"));
        command.args(["build", source, "--out", "out"]).current_dir(here);
        command.stdout(std::process::Stdio::null()).spawn().unwrap()
    };
    let builds: Vec<Child> = (0..12).map(|turn| start(if turn % 2 == 0 { "mine" } else { "other" })).collect();
    for mut build in builds {
        assert!(build.wait().unwrap().success());
    }
    let agrees = |source: &str| mlp(here, &["build", source, "--out", "out", "--check"]).status == 0;
    assert!(agrees("mine") != agrees("other"));
    assert!(!paths(here).iter().any(|path| path.contains(".mlp-build-")));
}

#[test]
#[cfg(unix)]
fn a_killed_build_is_made_good_by_the_next() {
    let project = project();
    let here = project.path();
    mlp(here, &["build", "--out", "out"]).ends(0);
    for turn in 0..10u64 {
        write(here, "main.mlp", MAIN.replace("asia", if turn % 2 == 0 { "africa" } else { "asia" }));
        let mut build = Command::new(env!("CARGO_BIN_EXE_mlp"))
            .args(["build", "--out", "out"])
            .current_dir(here)
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(std::time::Duration::from_millis(5 + 4 * turn));
        let _ = build.kill();
        build.wait().unwrap();
        mlp(here, &["build", "--out", "out"]).ends(0);
        mlp(here, &["build", "--out", "out", "--check"]).ends(0);
        assert!(!paths(here).iter().any(|path| path.contains(".mlp-build-")));
    }
}

#[test]
fn a_broken_lock_is_told_and_mended_by_force() {
    let project = project();
    let here = project.path();
    mlp(here, &["build", "--out", "out"]).ends(0);
    let lock = read(here, "out/mlp.lock.json");
    write(here, "out/mlp.lock.json", format!("<<<<<<< HEAD\n{lock}"));
    write(here, "main.mlp", MAIN.replace("asia", "africa"));
    let before = state(here);
    assert!(mlp(here, &["build", "--out", "out", "--format", "short"]).ends(1).err.contains("MLP1007"));
    assert_eq!(state(here), before);
    mlp(here, &["build", "--out", "out", "--force"]).ends(0);
    mlp(here, &["build", "--out", "out", "--check"]).ends(0);
}

#[test]
fn the_schema_of_a_plan_needs_no_project() {
    let nowhere = folder(&[]);
    let schema: Value = serde_json::from_str(&mlp(nowhere.path(), &["plan", "--schema"]).ends(0).out).unwrap();
    assert!(schema["properties"]["pipelines"].is_object());
    mlp(nowhere.path(), &["plan", "--json"]).ends(1);
}
