//! An edge of a promotion as jobs: work that a shell does, and waits for people or time between.

use super::Names;
use super::task::Task;
use crate::plan::{Action, Edge, Operation, Plan};

/// An edge.
pub(crate) struct Way<'p> {
    /// Its last job: who waits for the environment waits for this.
    pub(crate) id: String,
    /// Its promotion's place in the plan.
    pub(crate) promotion: usize,
    /// What a person reads.
    pub(crate) title: String,
    /// The edge.
    pub(crate) edge: &'p Edge,
    /// In order; each waits for the one before. The last is [`Way::last`].
    pub(crate) before: Vec<Stage<'p>>,
    /// What is done in the environment, once nothing is to be waited for.
    pub(crate) last: Work<'p>,
    /// Waits for people after the deployment has begun: no host can roll back across them.
    pub(crate) late: Vec<&'p Operation>,
}

/// A part of an edge.
pub(crate) enum Stage<'p> {
    /// Work that comes before a wait: it touches nothing.
    Work(Work<'p>),
    /// A wait.
    Wait(Wait<'p>),
}

/// Operations that run one after another in one job.
pub(crate) struct Work<'p> {
    /// Its job.
    pub(crate) id: String,
    /// In order.
    pub(crate) tasks: Vec<Task<'p>>,
    /// Environments whose measurements decide something in it.
    pub(crate) reads: Vec<&'p str>,
    /// Operations that nothing runs and no host does by other means.
    pub(crate) idle: Vec<&'p Operation>,
}

/// A wait.
pub(crate) struct Wait<'p> {
    /// Its job.
    pub(crate) id: String,
    /// What is waited for.
    pub(crate) operation: &'p Operation,
}

impl<'p> Way<'p> {
    /// Every work, in order.
    pub(crate) fn works(&self) -> impl Iterator<Item = &Work<'p>> {
        let before = self.before.iter().filter_map(|stage| match stage {
            Stage::Work(work) => Some(work),
            Stage::Wait(_) => None,
        });
        before.chain([&self.last])
    }

    /// Every wait, in order.
    pub(crate) fn waits(&self) -> impl Iterator<Item = &Wait<'p>> {
        self.before.iter().filter_map(|stage| match stage {
            Stage::Wait(wait) => Some(wait),
            Stage::Work(_) => None,
        })
    }
}

/// Every edge of every promotion.
pub(super) fn ways<'p>(plan: &'p Plan, jobs: &mut Names) -> Vec<Way<'p>> {
    let promotions = &plan.delivery.promotions;
    let mut ways = Vec::new();
    for (index, promotion) in promotions.iter().enumerate() {
        let moved = promotion.pipelines.join(" and ");
        for edge in &promotion.edges {
            let id = if promotions.len() == 1 {
                edge.id.clone()
            } else {
                format!("{}-{}", promotion.pipelines.join("-and-"), edge.id)
            };
            ways.push(way(plan, index, &moved, edge, &id, jobs));
        }
    }
    ways
}

fn way<'p>(plan: &'p Plan, promotion: usize, moved: &str, edge: &'p Edge, id: &str, jobs: &mut Names) -> Way<'p> {
    let from = if edge.from.is_empty() { "CI".to_owned() } else { edge.from.join(" and ") };
    let title = match &edge.description {
        Some(description) => super::title_line(description),
        None => format!("Bring {moved} from {from} to {}", edge.to),
    };
    let id = jobs.claim(id);
    let mut found = Way {
        promotion,
        title,
        edge,
        before: Vec::new(),
        last: Work { id: id.clone(), tasks: Vec::new(), reads: Vec::new(), idle: Vec::new() },
        late: Vec::new(),
        id,
    };
    let mut waiting: Vec<&'p Operation> = Vec::new();
    let mut deployed = false;
    for operation in &edge.operations {
        match operation.action {
            Action::Start | Action::Approve { .. } if deployed => found.late.push(operation),
            Action::Start | Action::Approve { .. } | Action::Soak { .. } if !deployed => {
                if !waiting.is_empty() {
                    let id = jobs.claim(&format!("{}-gate", found.id));
                    found.before.push(Stage::Work(work(plan, edge, id, std::mem::take(&mut waiting))));
                }
                wait(&mut found, operation, jobs);
            }
            _ => {
                deployed |= matches!(operation.action, Action::Deploy);
                waiting.push(operation);
            }
        }
    }
    found.last = work(plan, edge, found.id.clone(), waiting);
    found
}

fn wait<'p>(way: &mut Way<'p>, operation: &'p Operation, jobs: &mut Names) {
    let (word, times) = match operation.action {
        Action::Approve { count, .. } => ("approval", count),
        Action::Soak { .. } => ("soak", 1),
        _ => ("start", 1),
    };
    for _ in 0..times {
        let id = jobs.claim(&format!("{}-{word}", way.id));
        way.before.push(Stage::Wait(Wait { id, operation }));
    }
}

fn work<'p>(plan: &'p Plan, edge: &'p Edge, id: String, operations: Vec<&'p Operation>) -> Work<'p> {
    let environment = plan.environments.iter().find(|environment| environment.name == edge.to);
    let mut steps = Names::default();
    let mut work = Work { id, tasks: Vec::new(), reads: Vec::new(), idle: Vec::new() };
    for operation in operations {
        if let Action::Require { measured_in, .. } = &operation.action
            && *measured_in != edge.to
            && !work.reads.contains(&measured_in.as_str())
        {
            work.reads.push(measured_in);
        }
        let mut tasks = Task::of(plan, &edge.to, operation);
        if tasks.is_empty() {
            work.idle.push(operation);
        }
        for task in &mut tasks {
            task.id = steps.claim(&task.id);
        }
        let asks_orchestrator = !matches!(operation.action, Action::Require { .. } | Action::Notify { .. });
        work.tasks.extend(tasks.into_iter().map(|task| match task.operation {
            Some(_) if asks_orchestrator => task.logging_in(environment),
            _ => task,
        }));
    }
    work
}
