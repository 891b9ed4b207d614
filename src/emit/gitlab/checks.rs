//! The jobs before anything is delivered: the checks, and telling whoever made the change.

use super::lower::{AROUND, Lowering, minutes_text};
use super::model::{Artifacts, Job, Reports, Retry, Rule, Variable};
use super::{script, secret};
use crate::emit::delivery::{CheckJob, Task, attempts, minutes, uses_mlp};
use crate::text::shell::Statement;
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
        let mut lines = script::python(&self.delivery);
        if uses_mlp(&check.run) {
            lines.extend(script::install(&self.delivery));
        }
        lines.push(match attempts(check) {
            Some(attempts) => script::entry(&attempts),
            None => script::entry(&[Statement::Author(check.run.clone())]),
        });
        let report = check.report.as_ref().map(|report| self.delivery.in_repository(report));
        let artifacts = report.map(|report| Artifacts {
            when: Some("always"),
            expire_in: "14 days",
            paths: Some(FlowSeq(vec![report.clone()])),
            reports: Some(Reports { junit: Some(report), dotenv: None }),
        });
        Job {
            stage: "check".to_owned(),
            needs: Some(FlowSeq(Vec::new())),
            timeout: Some(minutes_text(minutes(check.timeout * f64::from(check.retries + 1)) + AROUND)),
            variables: check.env.iter().map(|(name, value)| (name.clone(), Variable::exact(value))).collect(),
            script: lines,
            artifacts,
            retry: Some(Retry { max: 1, when: FlowSeq(vec!["runner_system_failure", "stuck_or_timeout_failure"]) }),
            ..Job::default()
        }
    }

    /// Tells whoever made the change that a check or a build failed: a job for the checks and one for each build, because a
    /// job that waits for a failure among jobs that ended and others that never began would wait for ever.
    pub(super) fn tell_developer(&mut self) {
        let notices = self.delivery.notices();
        let tasks: Vec<Task> =
            notices.iter().enumerate().map(|(index, notice)| Task::notice(notice, index + 1)).collect();
        let refused = self.refused_secrets(&tasks);
        self.diagnostics.extend(refused);
        self.diagnostics.extend(secret::clashing(&tasks));
        let checks: Vec<String> = self.delivery.checks.iter().map(|check| check.id.clone()).collect();
        let always = vec![Rule::default()];
        let builds = self.built.iter().map(|build| {
            // A job that waits for one that is not there is refused with the whole pipeline.
            let delivered = Some(self.delivered()).filter(|rules| !rules.is_empty());
            (format!("tell-developer-{build}"), vec![build.clone()], delivered.unwrap_or_else(|| always.clone()))
        });
        let jobs: Vec<_> =
            std::iter::once(("tell-developer".to_owned(), checks, always.clone())).chain(builds).collect();
        for (id, needs, rules) in jobs {
            if tasks.is_empty() || needs.is_empty() {
                continue;
            }
            let install = tasks.iter().any(Task::uses_mlp).then(|| script::install(&self.delivery)).flatten();
            let job = Job {
                stage: "notify".to_owned(),
                needs: Some(FlowSeq(needs)),
                script: install.into_iter().chain([script::tell(&tasks)]).collect(),
                rules: rules.into_iter().map(|rule| Rule { when: Some("on_failure"), ..rule }).collect(),
                ..Job::default()
            };
            self.add(id, secret::given(job, &tasks));
        }
    }
}
