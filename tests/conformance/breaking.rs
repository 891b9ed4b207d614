//! Every operation of a delivery fails in turn, on both hosts for real: the same operations run, the same way back is
//! taken and the same people are told, as the plan alone predicts.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use mlp::emit::Target;
use mlp::emit::github::GitHub;
use mlp::emit::gitlab::GitLab;
use mlp::plan::{self, Action, CommandWord, HostValue, Notice, Plan};

use super::delivery::{emitted_as, plan};
use super::setup;

/// What is expected of a run, or was seen.
#[derive(Debug, PartialEq, Eq)]
struct Trace {
    succeeds: bool,
    /// They run side by side: sorted.
    checks: Vec<String>,
    /// One after another.
    then: Vec<String>,
}

/// Something that fails: a line of the log, and the how manieth time; none: every time.
#[derive(Clone, Debug)]
struct Break {
    line: String,
    time: Option<usize>,
}

#[test]
fn both_hosts_do_what_the_plan_predicts_whatever_fails() {
    let plan = plan("short");
    let scenarios = scenarios(&plan);
    assert!(scenarios.len() > 20, "every operation fails once");
    let (github, gitlab) = (Machine::github(&plan), Machine::gitlab(&plan));
    std::thread::scope(|scope| {
        for machine in [&github, &gitlab] {
            let (plan, scenarios) = (&plan, &scenarios);
            scope.spawn(move || {
                for scenario in scenarios {
                    let (seen, log) = machine.run(scenario.as_ref(), plan);
                    assert_eq!(seen, predicted(plan, scenario.as_ref()), "{}: {scenario:?}\n{log}", machine.host);
                }
            });
        }
    });
}

/// Nothing fails, then each line of the log in turn.
fn scenarios(plan: &Plan) -> Vec<Option<Break>> {
    let whole = predicted(plan, None);
    let mut scenarios = vec![None];
    scenarios.extend(whole.checks.iter().map(|line| Some(Break { line: line.clone(), time: None })));
    for (index, line) in whole.then.iter().enumerate() {
        let time = whole.then[..=index].iter().filter(|other| *other == line).count();
        scenarios.push(Some(Break { line: line.clone(), time: Some(time) }));
    }
    scenarios
}

/// What runs, by the plan alone.
fn predicted(plan: &Plan, broken: Option<&Break>) -> Trace {
    let mut trace = Trace { succeeds: true, checks: Vec::new(), then: Vec::new() };
    let ci = plan.delivery.ci.as_ref().expect("the plan has `ci`");
    for check in &ci.checks {
        let fails = broken.is_some_and(|broken| broken.line == check.run);
        trace.checks.extend(vec![check.run.clone(); if fails { 1 + check.retries as usize } else { 1 }]);
        trace.succeeds &= !fails;
    }
    trace.checks.sort();
    if trace.succeeds {
        trace.say("scan".to_owned(), broken);
    }
    if !trace.succeeds {
        trace.tell(&ci.notices, broken);
        return trace;
    }
    for edge in plan.delivery.promotions.iter().flat_map(|promotion| &promotion.edges) {
        let mut deploying = false;
        for operation in &edge.operations {
            deploying |= operation.action == Action::Deploy;
            let lines = lines(plan, &edge.to, operation);
            if lines.into_iter().any(|line| !trace.say(line, broken)) {
                if deploying && let Some(rollback) = &edge.on_failure.rollback {
                    trace.say(line(rollback), broken);
                }
                trace.tell(&edge.on_failure.notices, broken);
                return trace;
            }
        }
    }
    trace
}

impl Trace {
    /// One operation; whether it succeeds.
    fn say(&mut self, line: String, broken: Option<&Break>) -> bool {
        self.then.push(line.clone());
        let times = self.then.iter().filter(|other| **other == line).count();
        let fails = broken.is_some_and(|broken| broken.line == line && broken.time.is_none_or(|time| time == times));
        self.succeeds &= !fails;
        !fails
    }

    fn tell(&mut self, notices: &[Notice], broken: Option<&Break>) {
        for notice in notices {
            self.say(line(&notice.command), broken);
        }
    }
}

/// What an operation logs.
fn lines(plan: &Plan, environment: &str, operation: &plan::Operation) -> Vec<String> {
    let command = match (&operation.command, &operation.action) {
        (Some(command), _) => command,
        (None, Action::Notify { notice }) => &notice.command,
        (None, _) => return Vec::new(),
    };
    let mut lines = vec![line(command)];
    if let Action::Verify { verification } = &operation.action {
        let measures = |one: &plan::Verification| one.name == *verification && !one.outputs.is_empty();
        if plan.delivery.verifications.iter().any(measures) {
            let file = format!("DELIVERY/values/{environment}.{verification}.json");
            lines.push(format!("mlp record {environment} {verification} {file} --values DELIVERY/values"));
        }
    }
    lines
}

fn line(command: &plan::Command) -> String {
    let word = |word: &CommandWord| match word {
        CommandWord::Text { text } => text.clone(),
        CommandWord::Value { value } => match value {
            HostValue::Version => "COMMIT",
            HostValue::PreviousVersion => "v0",
            HostValue::ImagesFile => "DELIVERY/images.json",
            HostValue::ValuesFolder => "DELIVERY/values",
            HostValue::RunUrl => "URL",
            HostValue::Actor => "WHO",
        }
        .to_owned(),
    };
    match command {
        plan::Command::Program { words } => words.iter().map(word).collect::<Vec<_>>().join(" "),
        plan::Command::Shell { script, .. } => script.clone(),
    }
}

/// A host on this machine: a repository with what was emitted, and doubles of every program that it calls.
struct Machine {
    host: &'static str,
    folder: PathBuf,
    doubles: PathBuf,
}

const DOUBLES: &[&str] = &["mlp", "pytest", "python", "python3.12", "ruff", "cargo", "docker", "gh"];
const STAND_INS: &[&str] =
    &["checkout", "setup-python", "upload-artifact", "attest-build-provenance", "login-action", "build-push-action"];

impl Machine {
    fn new(target: &dyn Target, plan: &Plan) -> Self {
        let folder = emitted_as(target, "short", "short-run");
        let doubles = folder.with_file_name("doubles");
        let _ = fs::remove_dir_all(&doubles);
        fs::create_dir_all(&doubles).expect("a folder can be made");
        write_program(&doubles.join("double"), include_str!("delivery/double.sh"));
        for name in DOUBLES {
            symlink("double", doubles.join(name)).expect("a link can be made");
        }
        let image = &plan.images[0];
        let files = image.sources.iter().chain(&image.lock).cloned().chain([format!("{}/Dockerfile", image.context)]);
        for file in files {
            let path = folder.join(file);
            fs::create_dir_all(path.parent().expect("a file is in a folder")).expect("a folder can be made");
            fs::write(path, "").expect("a file can be written");
        }
        Self { host: target.name(), folder, doubles }
    }

    fn github(plan: &Plan) -> Self {
        let machine = Self::new(&GitHub, plan);
        write_program(&machine.folder.join(".github/mlp/short-check-protection.sh"), "#!/bin/sh\nexit 0\n");
        for action in STAND_INS {
            let folder = machine.doubles.join("actions").join(action);
            fs::create_dir_all(&folder).expect("a folder can be made");
            fs::write(folder.join("action.yml"), include_str!("delivery/action.yml")).expect("a file can be written");
        }
        machine.commit("https://github.com/acme/short.git");
        machine
    }

    fn gitlab(plan: &Plan) -> Self {
        let machine = Self::new(&GitLab, plan);
        write_program(&machine.folder.join(".gitlab/mlp/short-protection.py"), "");
        write_program(&machine.doubles.join("rsync"), &rsync());
        // There is no container here: neither the image that jobs run in nor the daemon beside them.
        let strip = "import sys, yaml\n\
            path = sys.argv[1]\n\
            document = yaml.safe_load(open(path))\n\
            for part in document.values():\n    \
                if isinstance(part, dict):\n        \
                    part.pop('image', None), part.pop('services', None)\n\
            yaml.safe_dump(document, open(path, 'w'), sort_keys=False, width=10**6)\n";
        let file = machine.folder.join(".gitlab-ci.yml");
        setup::run(Command::new(setup::python("linters")).args(["-c", strip]).arg(file)).expect("PyYAML reads it");
        machine.commit("git@gitlab.com:acme/short.git");
        machine
    }

    fn commit(&self, remote: &str) {
        let git = |arguments: &[&str]| {
            let mut git = Command::new("git");
            git.args(["-c", "user.name=a", "-c", "user.email=a@example.org"]).args(arguments).current_dir(&self.folder);
            setup::run(&mut git).unwrap_or_else(|why| panic!("{why}"));
        };
        git(&["init", "--quiet", "--initial-branch=main"]);
        git(&["add", "--all", "--force"]);
        git(&["commit", "--quiet", "--message", "A change"]);
        git(&["remote", "add", "origin", remote]);
        git(&["update-ref", "refs/remotes/origin/main", "HEAD"]);
        git(&["symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main"]);
    }

    fn run(&self, broken: Option<&Break>, plan: &Plan) -> (Trace, String) {
        let trace = self.folder.with_file_name("trace");
        let _ = fs::remove_file(&trace);
        let fail = broken.map_or_else(String::new, |broken| match broken.time {
            Some(time) => format!("{} #{time}", broken.line),
            None => broken.line.clone(),
        });
        let settings = [("TRACE".to_owned(), trace.display().to_string()), ("FAIL".to_owned(), fail)];
        let output = if self.host == "github" { self.act(&settings) } else { self.gitlab_ci_local(&settings) };
        let log = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        let lines: Vec<String> = fs::read_to_string(trace).unwrap_or_default().lines().map(str::to_owned).collect();
        let checks = &plan.delivery.ci.as_ref().expect("the plan has `ci`").checks;
        let (mut checks, then): (Vec<_>, Vec<_>) =
            lines.into_iter().partition(|line| checks.iter().any(|check| check.run == *line));
        checks.sort();
        (Trace { succeeds: output.status.success(), checks, then }, log)
    }

    fn path(&self) -> String {
        format!("{}:{}", self.doubles.display(), std::env::var("PATH").unwrap_or_default())
    }

    fn act(&self, settings: &[(String, String)]) -> Output {
        let mut act = Command::new(setup::program("linters", "act"));
        act.args(["push", "-P", "ubuntu-24.04=-self-hosted"]).current_dir(&self.folder);
        let workflow =
            fs::read_to_string(self.folder.join(".github/workflows/short.yml")).expect("there is a workflow");
        let uses = workflow.lines().filter_map(|line| line.trim().strip_prefix("uses: ")?.split(' ').next());
        for action in uses.collect::<std::collections::BTreeSet<_>>() {
            let name =
                action.split_once('@').and_then(|(name, _)| name.rsplit('/').next()).expect("an action is pinned");
            act.arg("--local-repository")
                .arg(format!("{action}={}", self.doubles.join("actions").join(name).display()));
        }
        for (name, value) in settings.iter().chain([&("PATH".to_owned(), self.path())]) {
            act.arg("--env").arg(format!("{name}={value}"));
        }
        for secret in ["SLACK_TOKEN", "REGISTRY_USERNAME", "REGISTRY_PASSWORD", "GITHUB_TOKEN"] {
            act.arg("--secret").arg(format!("{secret}=not-a-secret"));
        }
        act.env("PATH", self.path()).env("XDG_CACHE_HOME", self.doubles.join("cache"));
        act.output().expect("act runs")
    }

    fn gitlab_ci_local(&self, settings: &[(String, String)]) -> Output {
        let mut node = Command::new("node");
        let shim = self.doubles.join("without-re2.cjs");
        fs::write(&shim, include_str!("delivery/without-re2.cjs")).expect("a file can be written");
        node.arg("--require").arg(shim).arg(setup::node_tool("gitlab-ci-local")).current_dir(&self.folder);
        node.args(["--force-shell-executor", "--manual", "test-to-production"]);
        let secrets = ["SLACK_TOKEN", "REGISTRY_USERNAME", "REGISTRY_PASSWORD"];
        let secrets = secrets.map(|secret| (secret.to_owned(), "not-a-secret".to_owned()));
        for (name, value) in settings.iter().chain(&secrets) {
            node.arg("--variable").arg(format!("{name}={value}"));
        }
        node.env("PATH", self.path()).env("HOME", &self.doubles);
        node.output().expect("gitlab-ci-local runs")
    }
}

fn write_program(path: &Path, text: &str) {
    fs::write(path, text).expect("a program can be written");
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("it can be made one");
}

/// gitlab-ci-local copies by rsync, which is unpacked where the machine lacks it.
fn rsync() -> String {
    if let Some(found) = setup::on_path("rsync") {
        return format!("#!/bin/sh\nexec {} \"$@\"\n", found.display());
    }
    let command = setup::debian_command(&["rsync"], "rsync");
    let libraries = command.get_envs().find(|(name, _)| *name == "LD_LIBRARY_PATH").and_then(|(_, value)| value);
    let libraries = libraries.unwrap_or_default().to_string_lossy();
    format!("#!/bin/sh\nLD_LIBRARY_PATH={libraries} exec {} \"$@\"\n", command.get_program().to_string_lossy())
}
