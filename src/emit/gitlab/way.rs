//! An edge as jobs: gates, waits for people and time, and the job that deploys, verifies and rolls back.

use indexmap::IndexMap;

use super::lower::{AROUND, Lowering, minutes_text};
use super::model::{Approval, Artifacts, Environment, IdToken, Job, ProtectedEnvironment, Rule, Variable};
use super::{script, secret};
use crate::diagnostics::Diagnostic;
use crate::emit::delivery::{Build, Names, Stage, Task, Way, Work, address, minutes, seconds, token_audience};
use crate::plan::{Action, Operation};
use crate::text::shell::{Command, Statement, Word};
use crate::text::yaml::FlowSeq;

impl<'p> Lowering<'p> {
    /// Every edge.
    pub(super) fn ways(&mut self) {
        for index in 0..self.delivery.ways.len() {
            let to = self.delivery.ways[index].edge.to.clone();
            let stage = self.stage(&to);
            let (jobs, protected, faults) = Lower::of(self, index, stage).jobs();
            jobs.into_iter().for_each(|(id, job)| self.add(id, job));
            self.protect(protected);
            self.diagnostics.extend(faults);
        }
    }

    /// Two ways to one environment ask for what both ask for.
    fn protect(&mut self, rules: ProtectedEnvironment) {
        if rules.starters.is_empty() && rules.approvals.is_empty() && !rules.hold {
            return;
        }
        match self.protected.iter_mut().find(|known| known.name == rules.name) {
            Some(known) => {
                known.starters.extend(rules.starters);
                known.approvals.extend(rules.approvals);
                known.hold |= rules.hold;
            }
            None => self.protected.push(rules),
        }
    }
}

/// One edge in the making.
struct Lower<'l, 'p> {
    lowering: &'l Lowering<'p>,
    way: &'l Way<'p>,
    stage: String,
    jobs: Vec<(String, Job)>,
    rules: ProtectedEnvironment,
    faults: Vec<Diagnostic>,
}

impl<'l, 'p> Lower<'l, 'p> {
    fn of(lowering: &'l Lowering<'p>, index: usize, stage: String) -> Self {
        let way = &lowering.delivery.ways[index];
        let name = Names::default().claim(&lowering.delivery.on_host(&way.edge.to));
        let rules = ProtectedEnvironment { name, hold: way.edge.on_failure.hold, ..ProtectedEnvironment::default() };
        Self { lowering, way, stage, jobs: Vec::new(), rules, faults: Vec::new() }
    }

    fn jobs(mut self) -> (Vec<(String, Job)>, ProtectedEnvironment, Vec<Diagnostic>) {
        let mut needs = self.starters();
        let mut start: Option<&Operation> = None;
        for stage in &self.way.before {
            let (id, job) = match stage {
                Stage::Work(work) => (work.id.clone(), self.gate_job(work, &needs, start.take())),
                Stage::Wait(wait) => match wait.operation.action {
                    Action::Soak { seconds } => {
                        // GitLab cannot let one job wait for a person and for a time.
                        if let Some(started) = start.take() {
                            let id = format!("{}-start", self.way.id);
                            let job = self.waiting(&needs, self.rule(Some(started)));
                            self.jobs.push((id.clone(), job));
                            needs = vec![id];
                        }
                        (wait.id.clone(), self.waiting(&needs, self.soaking(seconds)))
                    }
                    Action::Approve { .. } => {
                        self.approve(wait.operation);
                        continue;
                    }
                    _ => {
                        self.started(wait.operation);
                        start = Some(wait.operation);
                        continue;
                    }
                },
            };
            needs = vec![id.clone()];
            self.jobs.push((id, job));
        }
        let job = self.last_job(needs, start);
        self.jobs.push((self.way.id.clone(), job));
        (self.jobs, self.rules, self.faults)
    }

    /// What the first job waits for.
    fn starters(&self) -> Vec<String> {
        if self.way.edge.from.is_empty() {
            return self.lowering.checked();
        }
        let mut needs = Vec::new();
        self.way.edge.from.iter().for_each(|from| add(&mut needs, self.reaching(from)));
        needs
    }

    fn reaching(&self, environment: &str) -> Vec<String> {
        let ways = self.lowering.delivery.leading_to(self.way.promotion, environment);
        ways.into_iter().map(|way| way.id.clone()).collect()
    }

    /// An approval is the environment's, which counts people itself: one operation, however many it asks for.
    fn approve(&mut self, operation: &Operation) {
        let Action::Approve { count, team } = &operation.action else { return };
        match self.lowering.delivery.team(team, ("gitlab", "GitLab"), operation.span) {
            Ok(group) if self.rules.approvals.iter().any(|known| known.group == group) => {}
            Ok(group) => self.rules.approvals.push(Approval { group, required: *count }),
            Err(fault) => self.faults.push(*fault),
        }
        self.faults.dedup();
    }

    /// Who may start an edge: whoever may approve it.
    fn started(&mut self, _operation: &Operation) {
        for operation in &self.way.edge.operations {
            if let Action::Approve { team, .. } = &operation.action
                && let Ok(group) = self.lowering.delivery.team(team, ("gitlab", "GitLab"), operation.span)
            {
                add(&mut self.rules.starters, vec![group]);
            }
        }
    }

    fn rule(&self, start: Option<&Operation>) -> Vec<Rule> {
        let mut rules = self.lowering.delivered();
        if start.is_some() {
            for rule in &mut rules {
                // Said always: a manual job without it lets everything after it go on.
                (rule.when, rule.allow_failure) = (Some("manual"), Some(false));
            }
        }
        rules
    }

    fn soaking(&self, soak: f64) -> Vec<Rule> {
        let mut rules = self.lowering.delivered();
        for rule in &mut rules {
            (rule.when, rule.start_in) = (Some("delayed"), Some(format!("{} seconds", seconds(soak))));
        }
        rules
    }

    fn waiting(&self, needs: &[String], rules: Vec<Rule>) -> Job {
        let said = Command::new(["echo", "The pipeline may go on."]);
        Job {
            stage: self.stage.clone(),
            needs: Some(FlowSeq(needs.to_vec())),
            interruptible: Some(false),
            script: vec![script::entry(&[Statement::Run(said)])],
            rules,
            ..Job::default()
        }
    }

    /// A job that decides before anybody is asked.
    fn gate_job(&mut self, work: &Work<'p>, needs: &[String], start: Option<&Operation>) -> Job {
        let notices = self.notices();
        let lines = self.script(work, &[], &notices, false);
        let mut needs = needs.to_vec();
        work.reads.iter().for_each(|environment| add(&mut needs, self.reaching(environment)));
        let job = Job {
            timeout: Some(minutes_text(took(work.tasks.iter().chain(&notices)))),
            manual_confirmation: start.map(|_| format!("Start the way to {}?", self.way.edge.to)),
            script: lines,
            ..self.waiting(&needs, self.rule(start))
        };
        self.faults.extend(secret::clashing(work.tasks.iter().chain(&notices)));
        secret::given(job, work.tasks.iter().chain(&notices))
    }

    /// The job in the environment.
    fn last_job(&mut self, needs: Vec<String>, start: Option<&Operation>) -> Job {
        let (delivery, way) = (&self.lowering.delivery, self.way);
        let notices = self.notices();
        let mut undo = Task::undo(way.edge, delivery.environment(&way.edge.to));
        self.faults.extend(self.lowering.refused_secrets(&way.last.tasks));
        undo.retain(|_| way.last.tasks.iter().any(script::is_deploy));
        let lines = self.script(&way.last, &undo, &notices, true);
        let mut all = if delivery.build.is_some() { self.lowering.checked() } else { Vec::new() };
        add(&mut all, needs);
        way.last.reads.iter().for_each(|environment| add(&mut all, self.reaching(environment)));
        let environment = delivery.environment(&way.edge.to);
        let audience = environment.and_then(token_audience);
        let took = took(way.last.tasks.iter().chain(&undo).chain(&notices));
        let after = script::afterwards(&undo);
        let job = Job {
            timeout: Some(minutes_text(took)),
            variables: deploying(took),
            after_script: after
                .map_or_else(Vec::new, |lines| script::enter(delivery).into_iter().chain([lines]).collect()),
            resource_group: Some(format!("{}-{}", delivery.project, Names::default().claim(&way.edge.to))),
            manual_confirmation: start.map(|_| format!("Deploy {} to {}?", delivery.project, way.edge.to)),
            environment: Some(Environment {
                name: self.rules.name.clone(),
                url: environment.and_then(address).filter(|url| !url.contains('$')).map(str::to_owned),
                deployment_tier: tier(environment.map_or("", |environment| &environment.tier)),
            }),
            id_tokens: audience.map_or_else(IndexMap::new, |audience| {
                IndexMap::from([("MLP_ID_TOKEN", IdToken { aud: audience.replace('$', "$$") })])
            }),
            script: lines,
            artifacts: Some(Artifacts {
                when: Some("always"),
                expire_in: "90 days",
                paths: Some(FlowSeq(vec![script::FOLDER.to_owned()])),
                reports: None,
            }),
            ..self.waiting(&all, self.rule(start))
        };
        self.faults.extend(secret::clashing(way.last.tasks.iter().chain(&undo).chain(&notices)));
        secret::given(job, way.last.tasks.iter().chain(&undo).chain(&notices))
    }

    /// What a job runs.
    fn script(&self, work: &Work<'p>, undo: &[Task], notices: &[Task], deploys: bool) -> Vec<String> {
        let delivery = &self.lowering.delivery;
        let mut lines: Vec<String> = script::on_failure(undo, notices).into_iter().collect();
        if deploys && self.is_protected() {
            let [program, rules] = [super::write::program, super::write::rules]
                .map(|file| Word::Text(delivery.seen_from_project(&file(&delivery.project))));
            let check = Command::new(["python3"]).arg(program).arg("check").arg(rules);
            lines.push(script::entry(&[Statement::Run(check.arg(self.rules.name.as_str()))]));
        }
        let verifies = |task: &Task| matches!(task.operation.map(|one| &one.action), Some(Action::Verify { .. }));
        if work.tasks.iter().any(verifies) {
            lines.extend(script::python(delivery));
        }
        if work.tasks.iter().chain(notices).chain(undo).any(Task::uses_mlp) {
            lines.extend(script::install(delivery));
        }
        let mut taken = vec![Statement::Run(Command::new(["mkdir", "-p"]).arg(Word::variable("VALUES")))];
        if deploys {
            let images = delivery.build.as_ref().map_or(&[][..], |build| &build.images);
            taken.push(Build::write_images(images));
        }
        lines.push(script::entry(&taken));
        lines.extend(script::tasks(&work.tasks, !undo.is_empty()));
        lines
    }

    fn is_protected(&self) -> bool {
        !self.rules.starters.is_empty() || !self.rules.approvals.is_empty() || self.rules.hold
    }

    fn notices(&mut self) -> Vec<Task<'p>> {
        let notices = &self.way.edge.on_failure.notices;
        let tasks: Vec<Task> = notices.iter().enumerate().map(|(index, one)| Task::notice(one, index + 1)).collect();
        self.faults.extend(self.lowering.refused_secrets(&tasks));
        tasks
    }
}

fn took<'t, 'p: 't>(tasks: impl Iterator<Item = &'t Task<'p>>) -> u32 {
    tasks.map(|task| minutes(task.timeout)).sum::<u32>() + AROUND
}

/// A deploying job is told to end before it is killed, so that it can take the way back; it sees the whole history, because an
/// older version never goes over a newer one.
fn deploying(took: u32) -> IndexMap<String, Variable> {
    let said = [
        ("GIT_DEPTH", "0".to_owned()),
        ("RUNNER_SCRIPT_TIMEOUT", format!("{}m", took - AROUND / 2)),
        ("RUNNER_AFTER_SCRIPT_TIMEOUT", "5m".to_owned()),
    ];
    said.into_iter().map(|(name, text)| (name.to_owned(), Variable::Expanded(text))).collect()
}

/// GitLab's word for what an environment is for.
fn tier(tier: &str) -> &'static str {
    match tier {
        "development" => "development",
        "test" => "testing",
        "staging" => "staging",
        "production" => "production",
        _ => "other",
    }
}

fn add(list: &mut Vec<String>, more: Vec<String>) {
    for one in more {
        if !list.contains(&one) {
            list.push(one);
        }
    }
}
