//! A host on this machine: a repository with what was emitted, and doubles of every program that it calls.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::process::{Command, Output};

use mlp::emit::Target;
use mlp::emit::github::GitHub;
use mlp::emit::gitlab::GitLab;
use mlp::plan::Plan;

use crate::conformance::delivery::{emitted_as, pipeline_file};
use crate::conformance::{git, setup};

/// The programs that deliveries run.
pub(super) const DOUBLES: &[&str] = &[
    "build",
    "cargo",
    "docker",
    "gh",
    "mlp",
    "pip-audit",
    "pytest",
    "python",
    "python3",
    "python3.12",
    "ruff",
    "sleep",
];

/// A host with the delivery of one plan.
pub(super) struct Machine {
    /// `github` or `gitlab`.
    pub(super) host: &'static str,
    folder: PathBuf,
    doubles: PathBuf,
    /// Names of the secrets that the delivery reads.
    secrets: BTreeSet<String>,
    /// Jobs that wait for a person.
    pub(super) manual: Vec<String>,
    /// The file of its pipeline.
    file: String,
}

impl Machine {
    /// act, which runs workflows.
    pub(super) fn github(name: &str, plan: &Plan) -> Self {
        let mut machine = Self::new(&GitHub, name, plan);
        machine.replace(".github/mlp", "-check-protection.sh", "#!/bin/sh\nexit 0\n");
        let text = machine.workflow();
        machine.secrets =
            text.split("secrets.").skip(1).filter_map(|rest| rest.split(' ').next()).map(str::to_owned).collect();
        for action in uses(&text) {
            let folder = machine.doubles.join("actions").join(short(&action));
            fs::create_dir_all(&folder).expect("a folder can be made");
            fs::write(folder.join("action.yml"), include_str!("../delivery/action.yml"))
                .expect("a file can be written");
        }
        machine.commit("https://github.com/acme/short.git");
        machine
    }

    /// gitlab-ci-local, which runs pipelines.
    pub(super) fn gitlab(name: &str, plan: &Plan) -> Self {
        let mut machine = Self::new(&GitLab, name, plan);
        machine.replace(".gitlab/mlp", "-protection.py", "");
        setup::write_program(&machine.doubles.join("rsync"), &setup::rsync());
        let registry =
            ["", "_2"].iter().flat_map(|place| ["USERNAME", "PASSWORD"].map(|end| format!("REGISTRY{place}_{end}")));
        let ci = plan.delivery.ci.iter().flat_map(|ci| &ci.notices);
        let edges = plan.delivery.promotions.iter().flat_map(|promotion| &promotion.edges);
        let notices = ci.chain(edges.flat_map(|edge| &edge.on_failure.notices));
        let names = notices
            .flat_map(|notice| notice.secrets.values())
            .filter_map(|source| source.home.arguments.get("name")?.as_str().map(str::to_owned));
        machine.secrets = registry.chain(names).collect();
        // There is no container here: neither the image that jobs run in nor the daemon beside them. The stand-in for GitLab
        // reads no `expand: false` of a job's variable.
        let strip = "import sys, yaml\n\
            path = sys.argv[1]\n\
            document = yaml.safe_load(open(path))\n\
            for name, part in document.items():\n    \
                if isinstance(part, dict):\n        \
                    part.pop('image', None), part.pop('services', None)\n        \
                    variables = part.get('variables', {})\n        \
                    plain = {key: value['value'].replace('$', '$$') for key, value in variables.items() if isinstance(value, dict)}\n        \
                    variables.update(plain)\n        \
                    if any(rule.get('when') == 'manual' for rule in part.get('rules', [])):\n            \
                        print(name)\n\
            yaml.safe_dump(document, open(path, 'w'), sort_keys=False, width=10**6)\n";
        let file = machine.folder.join(pipeline_file(plan));
        let manual =
            setup::run(Command::new(setup::python("linters")).args(["-c", strip]).arg(file)).expect("PyYAML reads it");
        machine.manual = manual.lines().map(str::to_owned).collect();
        machine.commit("git@gitlab.com:acme/short.git");
        machine
    }

    fn new(target: &dyn Target, name: &str, plan: &Plan) -> Self {
        let folder = emitted_as(target, name, &format!("{name}-run"));
        let doubles = folder.with_extension("doubles");
        let _ = fs::remove_dir_all(&doubles);
        fs::create_dir_all(&doubles).expect("a folder can be made");
        setup::write_program(&doubles.join("double"), include_str!("../delivery/double.sh"));
        for name in DOUBLES {
            symlink("double", doubles.join(name)).expect("a link can be made");
        }
        let project = plan.project.folder.iter().fold(folder.clone(), |folder, own| folder.join(own));
        fs::write(project.join("main.mlp"), "").expect("a file can be written");
        for image in &plan.images {
            let dockerfile = format!("{}/{}", image.context, image.file.as_deref().unwrap_or("Dockerfile"));
            for file in image.sources.iter().chain(&image.lock).cloned().chain([dockerfile]) {
                let path = project.join(file);
                fs::create_dir_all(path.parent().expect("a file is in a folder")).expect("a folder can be made");
                fs::write(path, "").expect("a file can be written");
            }
        }
        Self {
            host: target.name(),
            folder,
            doubles,
            secrets: BTreeSet::new(),
            manual: Vec::new(),
            file: pipeline_file(plan),
        }
    }

    /// The host's own settings are not here to be looked at.
    fn replace(&self, folder: &str, end: &str, text: &str) {
        for entry in fs::read_dir(self.folder.join(folder)).into_iter().flatten() {
            let path = entry.expect("it can be listed").path();
            if path.to_string_lossy().ends_with(end) {
                setup::write_program(&path, text);
            }
        }
    }

    fn workflow(&self) -> String {
        let folder = self.folder.join(".github/workflows");
        let mut files = fs::read_dir(folder).expect("there is a folder of workflows");
        let file = files.next().expect("there is a workflow").expect("it can be listed").path();
        fs::read_to_string(file).expect("the workflow can be read")
    }

    fn commit(&self, remote: &str) {
        git::commit(&self.folder);
        git::pushed_to(&self.folder, remote);
    }

    /// Runs the delivery, where those lines of the log fail: whether it succeeds, what was logged, and what the host said.
    pub(super) fn run(&self, fails: &[String], started: bool) -> (bool, Vec<String>, String) {
        let trace = self.folder.with_extension("trace");
        let _ = fs::remove_file(&trace);
        let mut settings = vec![("TRACE".to_owned(), trace.display().to_string())];
        for (index, name) in ["FAIL", "FAIL_TOO"].into_iter().enumerate() {
            settings.push((name.to_owned(), fails.get(index).cloned().unwrap_or_default()));
        }
        let output = if self.host == "github" { self.act(&settings) } else { self.gitlab_ci_local(&settings, started) };
        let log = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        let lines = fs::read_to_string(trace).unwrap_or_default().lines().map(str::to_owned).collect();
        (output.status.success(), lines, log)
    }

    fn path(&self) -> String {
        format!("{}:{}", self.doubles.display(), std::env::var("PATH").unwrap_or_default())
    }

    fn act(&self, settings: &[(String, String)]) -> Output {
        let mut act = Command::new(setup::program("linters", "act"));
        // One job at a time: act itself falls over its own maps where they run side by side.
        act.args(["push", "-P", "ubuntu-24.04=-self-hosted", "--concurrent-jobs=1"]).current_dir(&self.folder);
        for action in uses(&self.workflow()) {
            let folder = self.doubles.join("actions").join(short(&action));
            act.arg("--local-repository").arg(format!("{action}={}", folder.display()));
        }
        for (name, value) in settings.iter().chain([&("PATH".to_owned(), self.path())]) {
            act.arg("--env").arg(format!("{name}={value}"));
        }
        for secret in &self.secrets {
            act.arg("--secret").arg(format!("{secret}=not-a-secret"));
        }
        act.env("PATH", self.path()).env("XDG_CACHE_HOME", self.doubles.join("cache"));
        act.output().expect("act runs")
    }

    fn gitlab_ci_local(&self, settings: &[(String, String)], started: bool) -> Output {
        let mut node = Command::new("node");
        let shim = self.doubles.join("without-re2.cjs");
        fs::write(&shim, include_str!("../delivery/without-re2.cjs")).expect("a file can be written");
        node.arg("--require").arg(shim).arg(setup::node_tool("gitlab-ci-local")).current_dir(&self.folder);
        node.args(["--force-shell-executor", "--file", &self.file]);
        for job in self.manual.iter().filter(|_| started) {
            node.args(["--manual", job]);
        }
        let secrets = self.secrets.iter().map(|secret| (secret.clone(), "not-a-secret".to_owned()));
        for (name, value) in settings.iter().cloned().chain(secrets) {
            node.arg("--variable").arg(format!("{name}={value}"));
        }
        node.env("PATH", self.path()).env("HOME", &self.doubles);
        node.output().expect("gitlab-ci-local runs")
    }
}

/// The actions of a workflow, each once: `actions/checkout@COMMIT`.
fn uses(workflow: &str) -> BTreeSet<String> {
    let uses = workflow.lines().filter_map(|line| line.trim().strip_prefix("uses: ")?.split(' ').next());
    uses.map(str::to_owned).collect()
}

/// `checkout`
fn short(action: &str) -> &str {
    action.split_once('@').and_then(|(name, _)| name.rsplit('/').next()).expect("an action is pinned")
}
