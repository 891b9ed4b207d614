//! The delivery as every host of CI sees it: jobs, what each waits for, and what its shell runs.
//!
//! In: the plan. Out: a neutral form that the hosts' emitters lower, so that they behave the same: the same operations
//! in the same order, the same rollback, the same values on the way. It refuses to know how a host writes any of it.
//!
//! Values travel in a folder of measurements (`VALUES`, one JSON file an environment, `{"training": {"auc": 0.97}}`) and
//! in a file of images (`IMAGES`, `{"toolbox": "registry/toolbox@sha256:…"}`), which every job writes anew from what the
//! jobs before it hand on.

mod build;
mod limits;
mod name;
mod raw;
mod task;
mod ways;

pub(crate) use build::{Build, ImageBuild, PackageBuild};
pub(crate) use limits::unknown_secrets;
pub(crate) use name::{Names, title_line};
pub(crate) use raw::{Raw, RawKey};
pub(crate) use task::{Given, Run, Secret, Task, attempts, authors_shell, managed, uses_mlp};
pub(crate) use ways::{Stage, Wait, Way, Work};

use crate::plan::{Check, Ci, Environment, Form, Notice, Plan};

/// The delivery of a project.
pub(crate) struct Delivery<'p> {
    /// Where it comes from.
    pub(crate) plan: &'p Plan,
    /// The project's name in letters that every host takes.
    pub(crate) project: String,
    /// `ci { … }`
    pub(crate) ci: Option<&'p Ci>,
    /// They run side by side.
    pub(crate) checks: Vec<CheckJob<'p>>,
    /// What is built once every check has passed; none where nothing is.
    pub(crate) build: Option<Build<'p>>,
    /// Every edge of every promotion, those that lead to an edge before it.
    pub(crate) ways: Vec<Way<'p>>,
}

/// A check, alone in a job.
pub(crate) struct CheckJob<'p> {
    /// Its job.
    pub(crate) id: String,
    /// What it is.
    pub(crate) check: &'p Check,
    /// What a person reads.
    pub(crate) title: String,
}

/// What Python a job needs, by `python_setup(version, lock)`.
pub(crate) struct PythonSetup<'p> {
    /// `3.12`
    pub(crate) version: &'p str,
    /// The file that lists what is installed.
    pub(crate) lock: &'p str,
}

impl<'p> Delivery<'p> {
    /// The delivery of a plan.
    pub(crate) fn of(plan: &'p Plan) -> Self {
        let mut jobs = Names::with(["ci-result", "build", "tell-developer", "tell-developer-build"]);
        let ci = plan.delivery.ci.as_ref();
        let checks = ci.map_or(&[][..], |ci| &ci.checks);
        let checks = checks
            .iter()
            .map(|check| CheckJob {
                id: jobs.claim(&format!("check-{}", check.name)),
                check,
                title: check.description.as_deref().map_or_else(|| format!("Check {}", check.name), title_line),
            })
            .collect();
        Self {
            plan,
            project: Names::default().claim(&plan.project.name),
            ci,
            checks,
            build: Build::of(plan),
            ways: ways::ways(plan, &mut jobs),
        }
    }

    /// Where the project lies in its repository; none: at its root.
    pub(crate) fn folder(&self) -> Option<&'p str> {
        self.plan.project.folder.as_deref()
    }

    /// A path of the project as the repository knows it.
    pub(crate) fn in_repository(&self, path: &str) -> String {
        self.folder().map_or_else(|| path.to_owned(), |folder| format!("{folder}/{}", path.trim_start_matches("./")))
    }

    /// A path of the repository as the project's folder knows it.
    pub(crate) fn seen_from_project(&self, path: &str) -> String {
        let up = self.folder().map_or(0, |folder| folder.split('/').count());
        "../".repeat(up) + path
    }

    /// What a host calls an environment, or what waits before it: in a repository of several projects each has its own.
    pub(crate) fn on_host(&self, name: &str) -> String {
        if self.folder().is_some() { format!("{}-{name}", self.project) } else { name.to_owned() }
    }

    /// Whether there is anything for a host to do.
    pub(crate) fn is_empty(&self) -> bool {
        self.ci.is_none() && self.ways.is_empty()
    }

    /// How a job's Python is set up.
    pub(crate) fn python(&self) -> Option<PythonSetup<'p>> {
        let setup = self.ci?.setup.as_ref().filter(|setup| setup.form == "python_setup")?;
        Some(PythonSetup { version: text(setup, "version")?, lock: text(setup, "lock")? })
    }

    /// The command that puts `mlp` on the machine.
    pub(crate) fn install(&self) -> Option<&'p str> {
        self.ci.map(|ci| ci.install.as_str()).filter(|install| !install.trim().is_empty())
    }

    /// Whether `ci` names a trigger.
    pub(crate) fn is_triggered_by(&self, trigger: &str) -> bool {
        self.ci.is_some_and(|ci| ci.triggers.iter().any(|form| form.form == trigger))
    }

    /// The branches whose commits are delivered.
    pub(crate) fn branches(&self) -> Vec<&'p str> {
        let Some(ci) = self.ci else { return vec!["main"] };
        let pushes = ci.triggers.iter().filter(|trigger| trigger.form == "push");
        let mut branches: Vec<&str> = pushes
            .filter_map(|push| push.arguments.get("branches")?.as_array())
            .flatten()
            .filter_map(|branch| branch.as_str())
            .collect();
        branches.dedup();
        branches
    }

    /// The environment of that name.
    pub(crate) fn environment(&self, name: &str) -> Option<&'p Environment> {
        self.plan.environments.iter().find(|environment| environment.name == name)
    }

    /// Whom to tell when a check or a build fails.
    pub(crate) fn notices(&self) -> &'p [Notice] {
        self.ci.map_or(&[], |ci| &ci.notices)
    }

    /// The ways that lead to an environment, of those in `promotion`.
    pub(crate) fn leading_to(&self, promotion: usize, environment: &str) -> Vec<&Way<'p>> {
        self.ways.iter().filter(|way| way.promotion == promotion && way.edge.to == environment).collect()
    }
}

/// The audience for which an environment wants a short-lived token of the host, by `auth: oidc(audience)`.
pub(crate) fn token_audience(environment: &Environment) -> Option<&str> {
    let auth = environment.orchestrator.arguments.get("auth")?;
    if auth.get("form")?.as_str()? != "oidc" {
        return None;
    }
    auth.get("arguments")?.get("audience")?.as_str()
}

/// Where an environment is to be seen.
pub(crate) fn address(environment: &Environment) -> Option<&str> {
    text(&environment.orchestrator, "endpoint")
}

/// An argument of a form that is text.
pub(crate) fn text<'p>(form: &'p Form, argument: &str) -> Option<&'p str> {
    form.arguments.get(argument)?.as_str()
}

/// Whole minutes that hold so many seconds, at least one.
pub(crate) fn minutes(seconds: f64) -> u32 {
    (seconds / 60.0).ceil().max(1.0) as u32
}

/// Whole seconds, in digits.
pub(crate) fn seconds(seconds: f64) -> String {
    format!("{}", seconds.ceil().max(1.0) as u64)
}
