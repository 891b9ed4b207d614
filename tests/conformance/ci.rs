//! In people's CI: the action run by act, the hooks by pre-commit, GitLab's template by gitlab-ci-local, and SARIF held
//! against its schema.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use super::delivery::{check, linter, read_yaml};
use super::git;
use super::setup::{self, run};
use crate::project::{folders, repository};

const MLP: &str = env!("CARGO_BIN_EXE_mlp");

/// A mistake that the compiler finds, in place of something right.
const MISTAKE: (&str, &str) = ("target kubeflow", "target kubeflw");

/// A repository with a project and its generated files, committed.
struct Repository {
    folder: PathBuf,
}

impl Repository {
    fn new(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("ci").join(name);
        let _ = fs::remove_dir_all(&folder);
        copy(&repository("examples/minimal"), &folder.join("ml"));
        run(Command::new(MLP).args(["build", "ml"]).current_dir(&folder)).unwrap_or_else(|why| panic!("{why}"));
        let programs = folder.with_file_name(format!("{name}-programs"));
        fs::create_dir_all(&programs).unwrap();
        setup::write_program(&programs.join("mlp"), &format!("#!/bin/sh\nexec '{MLP}' \"$@\"\n"));
        Self { folder }
    }

    fn add(&self, path: &str, text: &str) {
        let path = self.folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn change(&self, path: &str, (from, to): (&str, &str)) {
        let text = fs::read_to_string(self.folder.join(path)).unwrap();
        assert!(text.contains(from), "{path} has no {from}");
        self.add(path, &text.replace(from, to));
    }

    fn commit(&self) {
        git::commit(&self.folder);
        git::run(&self.folder, &["tag", "--force", "v1"]);
        git::pushed_to(&self.folder, "https://example.org/acme/ml.git");
    }

    fn programs(&self) -> PathBuf {
        let name = self.folder.file_name().unwrap().to_string_lossy().into_owned();
        self.folder.with_file_name(format!("{name}-programs"))
    }

    fn path(&self) -> String {
        format!("{}:{}", self.programs().display(), std::env::var("PATH").unwrap_or_default())
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().filter_map(Result::ok) {
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

fn text(path: &str) -> String {
    fs::read_to_string(repository(path)).unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// What is right passes; a mistake, and a generated file that is out of date, do not.
#[track_caller]
fn judges(repository: &Repository, run: impl Fn() -> Output) {
    let fine = run();
    assert!(fine.status.success(), "{}", said(&fine));
    repository.add("ml/plan.json", "{}\n");
    repository.commit();
    let stale = run();
    assert!(!stale.status.success() && said(&stale).contains("plan.json"), "{}", said(&stale));
    repository.change("ml/main.mlp", MISTAKE);
    repository.commit();
    let wrong = run();
    assert!(!wrong.status.success() && said(&wrong).contains("there is no target `kubeflw`"), "{}", said(&wrong));
}

#[test]
fn the_action_is_clean() {
    let action = repository("action.yml");
    check(linter("zizmor").args(["--offline", "--persona=auditor", "--no-progress", "--quiet"]).arg(&action));
    check(linter("check-jsonschema").args(["--builtin-schema", "vendor.github-actions"]).arg(&action));
    let document = read_yaml(&text("action.yml"));
    let steps = document["runs"]["steps"].as_array().unwrap();
    let scripts: Vec<&str> = steps.iter().filter_map(|step| step["run"].as_str()).collect();
    assert_eq!(scripts.len(), steps.len(), "every step is a script");
    scripts.iter().enumerate().for_each(|(number, script)| shellcheck(&format!("action-{number}"), "bash", script));
}

fn shellcheck(name: &str, shell: &str, script: &str) {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.sh"));
    fs::write(&file, script).unwrap();
    // What the host sets (SC2154), an output whose failure does not matter (SC2312), what plain shells lack (SC2292).
    let words = ["--enable=all", "--exclude=SC2154,SC2312,SC2292"];
    check(linter("shellcheck").arg(format!("--shell={shell}")).args(words).arg(&file));
}

#[test]
fn the_action_judges() {
    let repository = Repository::new("action");
    repository.add("mlp/action.yml", &text("action.yml"));
    let workflow = format!(
        "on: push\njobs:\n  mlp:\n    runs-on: ubuntu-24.04\n    steps:\n      - uses: actions/checkout@v4\n      - uses: ./mlp\n        id: mlp\n        with:\n          \
         path: ml\n          program: {MLP}\n          sarif: found.sarif\n      - if: always()\n        run: cp \"$FOUND\" \
         \"$KEPT\"\n        env:\n          FOUND: ${{{{ steps.mlp.outputs.sarif }}}}\n"
    );
    repository.add(".github/workflows/check.yml", &workflow);
    repository.commit();
    let kept = repository.folder.with_file_name("kept.sarif");
    judges(&repository, || {
        let mut act = Command::new(setup::program("linters", "act"));
        act.args(["push", "-P", "ubuntu-24.04=-self-hosted", "--env"]).arg(format!("KEPT={}", kept.display()));
        act.env("XDG_CACHE_HOME", repository.programs().join("cache")).current_dir(&repository.folder);
        act.output().expect("act runs")
    });
    let sarif: serde_json::Value = serde_json::from_str(&fs::read_to_string(&kept).unwrap()).unwrap();
    let place = &sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
    assert_eq!(place, "ml/main.mlp", "what is found is where the repository has it");
}

#[test]
fn the_hooks_judge() {
    let pre_commit = || {
        let mut command = Command::new(setup::program("pre-commit", "pre-commit"));
        command.env("PRE_COMMIT_HOME", Path::new(env!("CARGO_TARGET_TMPDIR")).join("pre-commit-home"));
        command
    };
    check(pre_commit().arg("validate-manifest").arg(repository(".pre-commit-hooks.yaml")));
    let hooks = Repository::new("hooks");
    hooks.add(".pre-commit-hooks.yaml", &text(".pre-commit-hooks.yaml"));
    hooks.commit();
    let repository = Repository::new("hooked");
    // The program is here already: pre-commit would build it anew.
    let config = format!(
        "repos:\n- repo: {}\n  rev: v1\n  hooks:\n  - {{ id: mlp-check, language: system, args: [ml] }}\n  - {{ id: mlp-fmt, language: \
         system }}\n  - {{ id: mlp-build-check, language: system, args: [ml] }}\n",
        hooks.folder.display()
    );
    repository.add(".pre-commit-config.yaml", &config);
    repository.commit();
    let run = || {
        let mut command = pre_commit();
        command.args(["run", "--all-files", "--color=never"]).current_dir(&repository.folder);
        command.env("PATH", repository.path()).output().expect("pre-commit runs")
    };
    judges(&repository, run);
    repository.change("ml/main.mlp", (MISTAKE.1, "target    kubeflow"));
    repository.commit();
    let laid_out = said(&run());
    assert!(laid_out.contains("files were modified by this hook"), "{laid_out}");
    let text = fs::read_to_string(repository.folder.join("ml/main.mlp")).unwrap();
    assert!(text.contains("  target kubeflow"), "the hook has laid the file out: {text}");
}

#[test]
fn the_template_judges() {
    let template = repository("ci/gitlab/mlp.gitlab-ci.yml");
    check(
        linter("check-jsonschema")
            .args(["--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci"])
            .arg(&template),
    );
    let document = read_yaml(&text("ci/gitlab/mlp.gitlab-ci.yml"));
    shellcheck("gitlab-template", "sh", document["mlp"]["script"][0].as_str().unwrap());
    let repository = Repository::new("template");
    // There is no container here: the image that the job runs in is left out.
    let without_image: Vec<String> = text("ci/gitlab/mlp.gitlab-ci.yml")
        .lines()
        .filter(|line| !line.starts_with("  image:"))
        .map(str::to_owned)
        .collect();
    repository.add("ci/mlp.gitlab-ci.yml", &(without_image.join("\n") + "\n"));
    repository.add(".gitlab-ci.yml", "include:\n  - local: ci/mlp.gitlab-ci.yml\nvariables:\n  MLP_PATH: ml\n");
    setup::write_program(&repository.programs().join("rsync"), &setup::rsync());
    repository.commit();
    check(
        linter("gitlab-ci-verify")
            .args(["--no-lint-api", "--gitlab-ci-file", ".gitlab-ci.yml"])
            .current_dir(&repository.folder),
    );
    let shim = repository.programs().join("without-re2.cjs");
    fs::write(&shim, include_str!("delivery/without-re2.cjs")).unwrap();
    judges(&repository, || {
        let mut node = Command::new("node");
        node.arg("--require").arg(&shim).arg(setup::node_tool("gitlab-ci-local")).arg("--force-shell-executor");
        node.current_dir(&repository.folder).env("PATH", repository.path()).env("HOME", repository.programs());
        node.output().expect("gitlab-ci-local runs")
    });
}

/// What `--format sarif` prints of every case and example is SARIF 2.1.0.
#[test]
fn sarif_keeps_to_its_schema() {
    let package = include_str!("sarif/package.json");
    let modules = setup::npm_packages("sarif", "", package, include_str!("sarif/package-lock.json"));
    let schema = modules.join("node_modules/@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json");
    let folder = tempfile::tempdir().unwrap();
    let cases = folders("tests/cases").into_iter().map(|name| format!("tests/cases/{name}"));
    let projects = cases.chain(folders("examples").into_iter().map(|name| format!("examples/{name}")));
    let mut files = Vec::new();
    let mut found = 0;
    for (number, project) in projects.enumerate() {
        let output = Command::new(MLP).args(["check", "--format", "sarif"]).arg(repository(&project)).output().unwrap();
        let sarif: serde_json::Value =
            serde_json::from_slice(&output.stdout).unwrap_or_else(|why| panic!("{project}: {why}"));
        found += sarif["runs"][0]["results"].as_array().map_or(0, Vec::len);
        files.push(folder.path().join(format!("{number}.sarif")));
        fs::write(files.last().unwrap(), &output.stdout).unwrap();
    }
    assert!(found > 20, "the cases have mistakes: {found}");
    let validate = || {
        let mut command = linter("check-jsonschema");
        command.args(["--default-filetype", "json", "--regex-variant", "python", "--schemafile"]).arg(&schema);
        command
    };
    check(validate().args(&files));
    let text = fs::read_to_string(&files[0]).unwrap().replace("\"version\": \"2.1.0\"", "\"version\": \"2\"");
    fs::write(&files[0], text).unwrap();
    run(validate().arg(&files[0])).expect_err("another version is refused");
}
