//! Every operation of a delivery fails in turn, on both hosts for real: the same operations run, the same way back is
//! taken and the same people are told, as `mlp simulate` predicts from the plan alone.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use mlp::emit::Target;
use mlp::emit::github::GitHub;
use mlp::emit::gitlab::GitLab;
use mlp::plan::Plan;
use mlp::simulate::{Broken, End, Stage, StageEnd, Step, Wrong, simulate};

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

/// What goes wrong: for the simulation, and for the doubles of the programs on the hosts.
#[derive(Clone, Debug, Default)]
struct Scenario {
    broken: Vec<Broken>,
    /// Lines of the log; with the how manieth time, or every time.
    lines: Vec<(String, Option<usize>)>,
}

#[test]
fn both_hosts_do_what_is_simulated_whatever_fails() {
    let plan = plan("short");
    let scenarios = scenarios(&plan);
    assert!(scenarios.len() > 22, "every operation fails once");
    let (github, gitlab) = (Machine::github(&plan), Machine::gitlab(&plan));
    std::thread::scope(|scope| {
        for machine in [&github, &gitlab] {
            let (plan, scenarios) = (&plan, &scenarios);
            scope.spawn(move || {
                for scenario in scenarios {
                    let (seen, log) = machine.run(scenario, plan);
                    assert_eq!(seen, predicted(plan, scenario), "{}: {scenario:?}\n{log}", machine.host);
                }
            });
        }
    });
    let nobody = Scenario { broken: vec![broken("test-to-production/start", Wrong::Refused)], lines: Vec::new() };
    let gitlab = Machine { started: false, ..gitlab };
    let (seen, log) = gitlab.run(&nobody, &plan);
    let predicted = predicted(&plan, &nobody);
    assert_eq!((seen.checks, seen.then), (predicted.checks, predicted.then), "nobody starts it:\n{log}");
}

fn broken(step: &str, wrong: Wrong) -> Broken {
    Broken { step: step.to_owned(), wrong }
}

/// Nothing fails, then every step that runs in turn, then the way back and the word of it too.
fn scenarios(plan: &Plan) -> Vec<Scenario> {
    let whole = simulate(plan, &[], None).expect("nothing is wrong with nothing");
    let mut scenarios = vec![Scenario::default()];
    let mut log: Vec<String> = Vec::new();
    for (stage, step) in whole.stages.iter().flat_map(|stage| stage.steps.iter().map(move |step| (stage, step))) {
        let Some(line) = line(step) else { continue };
        log.push(line.clone());
        let time = log.iter().filter(|other| **other == line).count();
        let time = (!is_check(step)).then_some(time);
        let wrong = if step.id.starts_with("require") { Wrong::Refused } else { Wrong::Fails };
        let name = format!("{}/{}", stage.id, step.id);
        scenarios.push(Scenario { broken: vec![broken(&name, wrong)], lines: vec![(line, time)] });
    }
    scenarios.extend(["rollback", "tell-1"].map(|after| fails_too(plan, after)));
    scenarios
}

/// The deployment to production fails, and so does what this sets off.
fn fails_too(plan: &Plan, after: &str) -> Scenario {
    let broken = ["deploy", after].map(|step| broken(&format!("test-to-production/{step}"), Wrong::Fails)).to_vec();
    let simulation = simulate(plan, &broken, None).expect("the steps are known");
    let steps = simulation.stages.iter().flat_map(|stage| &stage.steps).filter(|step| step.end == End::Failed);
    let lines: Vec<_> = steps.filter_map(line).map(|line| (line, None)).collect();
    assert_eq!(lines.len(), 2, "both have a line of their own");
    Scenario { broken, lines }
}

/// What runs, by the simulation.
fn predicted(plan: &Plan, scenario: &Scenario) -> Trace {
    let simulation = simulate(plan, &scenario.broken, None).expect("the steps are known");
    let mut trace = Trace { succeeds: simulation.end == StageEnd::Done, checks: Vec::new(), then: Vec::new() };
    for step in simulation.stages.iter().flat_map(|Stage { steps, .. }| steps) {
        let Some(line) = line(step).filter(|_| !matches!(step.end, End::Skipped)) else { continue };
        match is_check(step) {
            true => trace.checks.extend(vec![line; step.attempts as usize]),
            false => trace.then.push(line),
        }
    }
    trace.checks.sort();
    trace
}

fn is_check(step: &Step) -> bool {
    step.id.starts_with("check-")
}

/// What a step logs.
fn line(step: &Step) -> Option<String> {
    if step.id.starts_with("scan-") {
        return Some("scan".to_owned());
    }
    let known = [
        ("$VERSION", "COMMIT"),
        ("$PREVIOUS_VERSION", "v0"),
        ("$IMAGES", "DELIVERY/images.json"),
        ("$VALUES", "DELIVERY/values"),
        ("$RUN_URL", "URL"),
        ("$ACTOR", "WHO"),
    ];
    let line = known.iter().fold(step.command.join(" "), |line, (variable, value)| line.replace(variable, value));
    (!line.is_empty()).then_some(line)
}

/// A host on this machine: a repository with what was emitted, and doubles of every program that it calls.
struct Machine {
    host: &'static str,
    folder: PathBuf,
    doubles: PathBuf,
    /// Whether a person starts what waits for one.
    started: bool,
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
        Self { host: target.name(), folder, doubles, started: true }
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

    fn run(&self, scenario: &Scenario, plan: &Plan) -> (Trace, String) {
        let trace = self.folder.with_file_name("trace");
        let _ = fs::remove_file(&trace);
        let mut settings = vec![("TRACE".to_owned(), trace.display().to_string())];
        for (index, name) in ["FAIL", "FAIL_TOO"].into_iter().enumerate() {
            let fails = scenario.lines.get(index).map_or_else(String::new, |(line, time)| match time {
                Some(time) => format!("{line} #{time}"),
                None => line.clone(),
            });
            settings.push((name.to_owned(), fails));
        }
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
        node.arg("--force-shell-executor");
        if self.started {
            node.args(["--manual", "test-to-production"]);
        }
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
