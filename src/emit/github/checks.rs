//! The jobs before anything is delivered: the checks, their result, and telling whoever made the change.

use indexmap::IndexMap;

use super::lower::Lowering;
use super::model::{Environment, Job, Scope, Step, expression, literal};
use super::{secret, steps};
use crate::emit::delivery::{CheckJob, Task, attempts, minutes, uses_mlp};
use crate::text::shell::{Command, Statement, Word, script};
use crate::text::yaml::FlowSeq;

impl Lowering<'_> {
    /// Every check alone, side by side.
    pub(super) fn checks(&mut self) {
        for index in 0..self.delivery.checks.len() {
            let job = self.check(&self.delivery.checks[index]);
            let id = self.delivery.checks[index].id.clone();
            self.add(id, job);
        }
    }

    fn check(&self, job: &CheckJob) -> Job {
        let check = job.check;
        let mut steps = vec![steps::checkout()];
        steps.extend(steps::python(&self.delivery));
        if uses_mlp(&check.run) {
            steps.extend(steps::install(&self.delivery));
        }
        let took = minutes(check.timeout * f64::from(check.retries + 1));
        let step = Step {
            name: "Run the check".to_owned(),
            timeout_minutes: Some(took),
            env: check.env.iter().map(|(name, value)| (name.clone(), literal(value))).collect(),
            ..Step::default()
        };
        steps.push(match attempts(check) {
            Some(attempts) => Step { run: Some(script(&attempts)), ..step },
            None => steps::authors(step, &check.run),
        });
        if let Some(report) = &check.report {
            steps.push(steps::keep(
                "Keep the report",
                &format!("report-{}", job.id),
                &self.delivery.in_repository(report),
                14,
                "error",
            ));
        }
        Job {
            name: literal(&job.title),
            runs_on: super::lower::MACHINE,
            timeout_minutes: took + super::lower::AROUND,
            permissions: reading(),
            steps,
            ..Job::default()
        }
    }

    /// One job that says whether all passed: a check that was skipped has not.
    pub(super) fn ci_result(&mut self) {
        if self.delivery.checks.is_empty() {
            return;
        }
        let results =
            Command::new([Word::text("["), Word::variable("RESULT"), "!=".into(), "success".into(), "]".into()]);
        let mut step = Step { name: "Fail unless every check has passed".to_owned(), ..Step::default() };
        let mut body = Vec::new();
        for (index, check) in self.delivery.checks.iter().enumerate() {
            let variable = format!("RESULT_{}", index + 1);
            step.env.insert(variable.clone(), expression(&format!("needs.{}.result", check.id)));
            let mut test = results.clone();
            test.words[1] = Word::variable(&variable);
            let message =
                Word::Joined(vec![Word::Text(format!("::error::{} ended as ", check.id)), Word::variable(&variable)]);
            let then =
                vec![Statement::Run(Command::new(["echo"]).arg(message)), Statement::Run(Command::new(["exit", "1"]))];
            body.push(Statement::If { test, not: false, then });
        }
        step.run = Some(script(&body));
        let job = Job {
            name: "All checks passed".to_owned(),
            needs: Some(FlowSeq(self.delivery.checks.iter().map(|check| check.id.clone()).collect())),
            condition: Some(expression("!cancelled()")),
            runs_on: super::lower::MACHINE,
            timeout_minutes: 5,
            steps: vec![step],
            ..Job::default()
        };
        self.add("ci-result".to_owned(), job);
    }

    /// Tells whoever made the change that a check or the build failed.
    pub(super) fn tell_developer(&mut self) {
        let notices = self.delivery.notices();
        let needs = self.built();
        if notices.is_empty() || needs.is_empty() {
            return;
        }
        let tasks: Vec<Task> =
            notices.iter().enumerate().map(|(index, notice)| Task::notice(notice, index + 1)).collect();
        let secrets = self.secrets(&tasks);
        let reads = secret::read(&self.delivery, &tasks, None);
        let environment =
            (!secrets.is_empty() || !reads.is_empty()).then(|| format!("{}-notifications", self.delivery.project));
        // A secret never reaches a change from somebody else's copy of the repository.
        let condition = match &environment {
            Some(_) if self.delivery.is_triggered_by("pull_request") => {
                "failure() && !github.event.pull_request.head.repo.fork"
            }
            _ => "failure()",
        };
        if let Some(name) = &environment {
            self.protect(name, |rules| rules.secrets = secrets);
        }
        let mut steps = vec![steps::checkout()];
        if tasks.iter().any(Task::uses_mlp) {
            steps.extend(steps::install(&self.delivery));
        }
        let permissions = secret::permissions(reading(), !reads.is_empty());
        // Everybody is told, also where telling another fails.
        for (index, step) in reads.into_iter().chain(tasks.iter().map(|task| steps::task(task, None))).enumerate() {
            let condition = (index > 0).then(|| expression("!cancelled()"));
            steps.push(Step { condition, ..step });
        }
        let job = Job {
            name: "Tell the developer that checks or the build failed".to_owned(),
            needs: Some(FlowSeq(needs)),
            condition: Some(expression(condition)),
            runs_on: super::lower::MACHINE,
            timeout_minutes: 30,
            environment: environment.map(|name| Environment { name, url: None }),
            permissions,
            steps,
            ..Job::default()
        };
        self.add("tell-developer".to_owned(), job);
    }
}

/// What every job that checks the source out needs.
pub(super) fn reading() -> IndexMap<&'static str, Scope> {
    IndexMap::from([("contents", Scope::Plain("read"))])
}
