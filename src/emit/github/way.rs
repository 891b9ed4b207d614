//! An edge as jobs: gates, waits for people and time, and the job that deploys, verifies and rolls back.

use indexmap::IndexMap;
use serde_json::json;

use super::checks::reading;
use super::lower::{AROUND, Lowering, MACHINE};
use super::model::{Concurrency, Environment, Job, Scope, Step, expression, literal};
use super::{protection, secret, steps};
use crate::emit::delivery::{self, Build, Stage, Task, Wait, Way, Work, address, minutes, title_line, token_audience};
use crate::plan::{Action, HostValue, Operation};
use crate::text::shell::{Command, Statement, Word, script};
use crate::text::yaml::{Commented, FlowSeq};

/// The jobs that a job waits for: of each group, one must have succeeded.
type Needs = Vec<Vec<String>>;

impl<'p> Lowering<'p> {
    /// Every edge.
    pub(super) fn ways(&mut self) {
        for index in 0..self.delivery.ways.len() {
            let jobs = Lower { lowering: self, index, asked: Vec::new() }.jobs();
            jobs.into_iter().for_each(|(id, job)| self.add(id, job));
        }
    }
}

/// One edge in the making.
pub(super) struct Lower<'l, 'p> {
    pub(super) lowering: &'l mut Lowering<'p>,
    index: usize,
    /// The environments of the repository that somebody or some time must have opened.
    pub(super) asked: Vec<String>,
}

impl<'p> Lower<'_, 'p> {
    pub(super) fn way(&self) -> &Way<'p> {
        &self.lowering.delivery.ways[self.index]
    }

    fn jobs(mut self) -> Vec<(String, Job)> {
        let mut jobs = Vec::new();
        let mut needs = self.starters();
        let merged = self.merged();
        let count = self.way().before.len() - usize::from(merged.is_some());
        for stage in 0..count {
            let (id, job) = match &self.way().before[stage] {
                Stage::Wait(_) => self.wait_job(stage, &needs),
                Stage::Work(_) => self.gate_job(stage, &needs),
            };
            needs = vec![vec![id.clone()]];
            jobs.push((id, job));
        }
        let job = self.last_job(needs, merged);
        jobs.push((self.way().id.clone(), job));
        jobs
    }

    /// What the first job waits for.
    fn starters(&self) -> Needs {
        let way = self.way();
        if way.edge.from.is_empty() {
            return Some(self.lowering.built()).filter(|built| !built.is_empty()).into_iter().collect();
        }
        way.edge.from.iter().map(|from| self.reaching(from)).filter(|group| !group.is_empty()).collect()
    }

    fn reaching(&self, environment: &str) -> Vec<String> {
        let ways = self.lowering.delivery.leading_to(self.way().promotion, environment);
        ways.into_iter().map(|way| way.id.clone()).collect()
    }

    /// Whether some job before this one may be skipped although everything is well.
    fn after_a_choice(&self) -> bool {
        let mut seen: Vec<&str> = Vec::new();
        let mut open: Vec<&str> = self.way().edge.from.iter().map(String::as_str).collect();
        while let Some(environment) = open.pop() {
            if seen.contains(&environment) {
                continue;
            }
            seen.push(environment);
            let ways = self.lowering.delivery.leading_to(self.way().promotion, environment);
            if ways.len() > 1 {
                return true;
            }
            open.extend(ways.into_iter().flat_map(|way| &way.edge.from).map(String::as_str));
        }
        false
    }

    fn condition(&self, needs: &Needs, first: bool) -> Option<String> {
        if self.after_a_choice() {
            let groups = needs.iter().map(|group| {
                let any: Vec<String> = group.iter().map(|job| format!("needs.{job}.result == 'success'")).collect();
                if any.len() == 1 { any.concat() } else { format!("({})", any.join(" || ")) }
            });
            let all: Vec<String> = std::iter::once("!cancelled()".to_owned()).chain(groups).collect();
            return Some(expression(&all.join(" && ")));
        }
        let by_itself = first && self.way().edge.from.is_empty() && self.lowering.delivery.build.is_none();
        if by_itself { self.lowering.only_delivered() } else { None }
    }

    fn base(&self, name: &str, needs: &Needs) -> Job {
        let first = *needs == self.starters();
        let flat: Vec<String> = needs.iter().flatten().cloned().collect();
        Job {
            name: literal(name),
            condition: self.condition(needs, first),
            needs: (!flat.is_empty()).then_some(FlowSeq(flat)),
            runs_on: MACHINE,
            ..Job::default()
        }
    }

    /// A job that waits.
    fn wait_job(&mut self, stage: usize, needs: &Needs) -> (String, Job) {
        let Stage::Wait(Wait { id, operation }) = &self.way().before[stage] else {
            unreachable!("a wait was asked for")
        };
        let (id, operation) = (id.clone(), *operation);
        let mut job = self.base(&operation.title, needs);
        job.timeout_minutes = 5;
        match operation.action {
            Action::Soak { seconds } if !self.lowering.has_timer(seconds) => {
                let sleep = Command::new(["sleep".to_owned(), delivery::seconds(seconds)].map(Word::Text));
                job.timeout_minutes = minutes(seconds) + 5;
                job.steps = vec![Step {
                    name: "Wait".to_owned(),
                    timeout_minutes: Some(minutes(seconds) + 1),
                    run: Some(script(&[Statement::Run(sleep)])),
                    ..Step::default()
                }];
            }
            _ => {
                let name = self.environment_of(&id);
                self.ask(&name, operation);
                job.environment = Some(Environment { name, url: None });
                let said = Command::new(["echo", "The environment's rules have let this run go on."]);
                job.steps = vec![Step {
                    name: "Go on".to_owned(),
                    run: Some(script(&[Statement::Run(said)])),
                    ..Step::default()
                }];
            }
        }
        (id, job)
    }

    /// A job that decides before anybody is asked.
    fn gate_job(&mut self, stage: usize, needs: &Needs) -> (String, Job) {
        let notices = self.notices();
        let secrets = self.lowering.secrets(&notices);
        let Stage::Work(work) = &self.way().before[stage] else { unreachable!("work was asked for") };
        let mut needs = needs.clone();
        self.add_reads(work, &mut needs);
        let mut steps = vec![steps::checkout()];
        if work.tasks.iter().chain(&notices).any(Task::uses_mlp) {
            steps.extend(steps::install(&self.lowering.delivery));
        }
        steps.push(self.take_over(work, false));
        let mut reads = secret::read(&self.lowering.delivery, &work.tasks, None);
        steps.append(&mut reads.clone());
        steps.extend(work.tasks.iter().map(|task| steps::task(task, None)));
        steps.extend(self.told(&notices, &mut reads));
        let id = work.id.clone();
        let title = match work.tasks.first().and_then(|task| task.operation) {
            Some(operation) if work.tasks.len() == 1 => operation.title.clone(),
            _ => format!("Decide whether {} is asked for", self.way().edge.to),
        };
        let mut job = self.base(&title, &needs);
        job.timeout_minutes = self.took(&steps);
        job.permissions = secret::permissions(reading(), !reads.is_empty());
        job.steps = steps;
        if !secrets.is_empty() || !reads.is_empty() {
            let name = format!("{}-notifications", self.lowering.delivery.project);
            self.lowering.protect(&name, |rules| add(&mut rules.secrets, secrets));
            job.environment = Some(Environment { name, url: None });
        }
        (id, job)
    }

    /// The job in the environment.
    fn last_job(&mut self, mut needs: Needs, merged: Option<&'p Operation>) -> Job {
        let to = self.lowering.delivery.on_host(&self.way().edge.to);
        let branches = self.lowering.branches();
        let hold = self.way().edge.on_failure.hold;
        self.lowering.protect(&to, |rules| {
            rules.branches = branches;
            rules.hold |= hold;
        });
        match merged {
            Some(operation) => self.ask(&to, operation),
            None => self.asked.push(to.clone()),
        }
        let notices = self.notices();
        let mut secrets = self.lowering.secrets(&notices);
        let told_on_the_way = self.tasks_secrets();
        add(&mut secrets, told_on_the_way);
        self.lowering.protect(&to, |rules| add(&mut rules.secrets, secrets));
        let way = self.way();
        self.add_reads(&way.last, &mut needs);
        let images = self.lowering.delivery.build.as_ref().is_some_and(|build| !build.images.is_empty());
        if images && !needs.iter().flatten().any(|job| job == "build") {
            needs.insert(0, vec!["build".to_owned()]);
        }
        let steps = self.last_steps(&notices);
        let mut job = self.base(&way.title, &needs);
        job.timeout_minutes = self.took(&steps);
        job.permissions = self.permissions(secret::is_among(&steps));
        job.concurrency = Some(Concurrency {
            group: format!("{}-{}", self.lowering.delivery.project, self.way().edge.to),
            cancel_in_progress: json!(false),
        });
        let environment = self.lowering.delivery.environment(&self.way().edge.to);
        job.environment = Some(Environment { name: to, url: environment.and_then(address).map(literal) });
        if self.is_read() {
            job.outputs.insert("values".to_owned(), expression("steps.values.outputs.values"));
        }
        job.steps = steps;
        job
    }

    fn last_steps(&self, notices: &[Task<'p>]) -> Vec<Step> {
        let (delivery, way) = (&self.lowering.delivery, self.way());
        let (live, deploy) = (step_of(&way.last, steps::is_live_version), step_of(&way.last, is_deploy));
        let undo = Task::undo(way.edge, delivery.environment(&way.edge.to));
        let mut steps = vec![steps::checkout_with_history(), protection::check(delivery, &self.asked)];
        if way
            .last
            .tasks
            .iter()
            .any(|task| matches!(task.operation.map(|one| &one.action), Some(Action::Verify { .. })))
        {
            steps.extend(steps::python(delivery));
        }
        if way.last.tasks.iter().chain(notices).chain(&undo).any(Task::uses_mlp) {
            steps.extend(steps::install(delivery));
        }
        steps.push(self.take_over(&way.last, true));
        let mut reads = secret::read(delivery, way.last.tasks.iter().chain(&undo), None);
        steps.append(&mut reads.clone());
        steps.extend(way.last.tasks.iter().map(|task| steps::task(task, live)));
        if self.is_read() {
            steps.push(self.hand_on());
        }
        if let (Some(live), Some(deploy)) = (live, deploy) {
            let tried =
                format!("!success() && steps.{live}.outcome == 'success' && steps.{deploy}.outcome != 'skipped'");
            let condition = Some(expression(&tried));
            steps
                .extend(undo.iter().map(|task| Step { condition: condition.clone(), ..steps::task(task, Some(live)) }));
        }
        steps.extend(self.told(notices, &mut reads));
        steps.push(steps::keep("Keep what decided", &format!("evidence-{}", way.id), steps::FOLDER, 90, "ignore"));
        steps
    }

    /// Writes which images are delivered, and what was measured on the way here.
    fn take_over(&self, work: &Work, images: bool) -> Step {
        let mut step = Step {
            name: "Take over what was built and measured".to_owned(),
            timeout_minutes: Some(5),
            ..Step::default()
        };
        step.env.insert("VALUES".to_owned(), steps::host_value(HostValue::ValuesFolder, None));
        let mut lines = vec![Statement::Run(Command::new(["mkdir", "-p"]).arg(Word::variable("VALUES")))];
        if images {
            let built = self.lowering.delivery.build.as_ref().map_or(&[][..], |build| &build.images);
            step.env.insert("IMAGES".to_owned(), steps::host_value(HostValue::ImagesFile, None));
            for image in built {
                step.env.insert(image.digest.clone(), expression(&format!("needs.build.outputs.digest-{}", image.id)));
            }
            lines.push(Build::write_images(built));
        }
        for (index, environment) in work.reads.iter().enumerate() {
            let variable = format!("MEASURED_{}", index + 1);
            let any = self.reaching(environment).into_iter().map(|job| format!("needs.{job}.outputs.values"));
            step.env.insert(variable.clone(), expression(&any.collect::<Vec<_>>().join(" || ")));
            let file = Word::Joined(vec![Word::variable("VALUES"), Word::Text(format!("/{environment}.json"))]);
            let print = Command::new(["printf", "%s\\n"]).arg(Word::variable(&variable)).into_file(file);
            lines.push(Statement::Run(print));
        }
        Step { run: Some(script(&lines)), ..step }
    }

    /// Whether what is measured here decides something later.
    fn is_read(&self) -> bool {
        let way = self.way();
        let later = self.lowering.delivery.ways.iter().filter(|other| other.promotion == way.promotion);
        later.flat_map(Way::works).any(|work| work.reads.contains(&way.edge.to.as_str()))
    }

    /// Hands on what was measured here.
    fn hand_on(&self) -> Step {
        let file = Word::Joined(vec![Word::variable("VALUES"), Word::Text(format!("/{}.json", self.way().edge.to))]);
        let measured = Word::Output(Box::new(Command::new(["cat"]).arg(file)));
        let print = Command::new(["printf", "values<<END_OF_VALUES\\n%s\\nEND_OF_VALUES\\n"]).arg(measured);
        Step {
            name: "Hand on what was measured".to_owned(),
            id: Some("values".to_owned()),
            timeout_minutes: Some(5),
            env: IndexMap::from([("VALUES".to_owned(), steps::host_value(HostValue::ValuesFolder, None))]),
            run: Some(script(&[Statement::Run(print.append_to(Word::variable("GITHUB_OUTPUT")))])),
            ..Step::default()
        }
    }

    fn add_reads(&self, work: &Work, needs: &mut Needs) {
        for environment in &work.reads {
            let group = self.reaching(environment);
            if !group.is_empty() && !needs.contains(&group) {
                needs.push(group);
            }
        }
    }

    fn notices(&self) -> Vec<Task<'p>> {
        let notices = &self.way().edge.on_failure.notices;
        notices.iter().enumerate().map(|(index, notice)| Task::notice(notice, index + 1)).collect()
    }

    fn tasks_secrets(&mut self) -> Vec<String> {
        let tasks = std::mem::take(&mut self.lowering.delivery.ways[self.index].last.tasks);
        let secrets = self.lowering.secrets(&tasks);
        self.lowering.delivery.ways[self.index].last.tasks = tasks;
        secrets
    }

    /// Steps that tell of a failure, with the secrets for it that were not read before: after a rollback, and whether it worked or not.
    fn told(&self, notices: &[Task], read: &mut Vec<Step>) -> Vec<Step> {
        let failed = Some(expression("!success()"));
        let missing = secret::read(&self.lowering.delivery, notices, failed.clone());
        let missing: Vec<Step> =
            missing.into_iter().filter(|step| read.iter().all(|known| known.id != step.id)).collect();
        read.extend(missing.iter().cloned());
        let told = notices.iter().map(|task| Step { condition: failed.clone(), ..steps::task(task, None) });
        missing.into_iter().chain(told).collect()
    }

    fn permissions(&self, reads: bool) -> IndexMap<&'static str, Scope> {
        let way = self.way();
        let mut permissions = reading();
        let why = |access: &str, why: String| Scope::Why(Commented(access.to_owned(), why));
        permissions.insert("actions", why("read", "read the rules of the environment".to_owned()));
        if self.lowering.protected(&self.lowering.delivery.on_host(&way.edge.to)).is_some_and(|rules| rules.hold) {
            permissions.insert("deployments", why("read", "see whether the edge is held".to_owned()));
        }
        let audience = self.lowering.delivery.environment(&way.edge.to).and_then(token_audience);
        if let Some(audience) = audience {
            permissions.insert("id-token", why("write", format!("a short-lived token for {}", title_line(audience))));
        }
        secret::permissions(permissions, reads)
    }

    fn took(&self, steps: &[Step]) -> u32 {
        (steps.iter().filter_map(|step| step.timeout_minutes).sum::<u32>() + AROUND).min(360)
    }
}

fn step_of<'w>(work: &'w Work, is: impl Fn(&Task) -> bool) -> Option<&'w str> {
    work.tasks.iter().find(|task| is(task)).map(|task| task.id.as_str())
}

fn is_deploy(task: &Task) -> bool {
    matches!(task.operation.map(|operation| &operation.action), Some(Action::Deploy))
}

fn add(list: &mut Vec<String>, more: Vec<String>) {
    for one in more {
        if !list.contains(&one) {
            list.push(one);
        }
    }
}
