//! CI and edges, step after step: what fails, and what that sets off.

use super::steps::{self, Kind, Planned};
use super::{CI, End, Fault, Named, Stage, StageEnd, Step};
use crate::plan::{Edge, Notice, Plan};

/// What every change must pass; none where the project says nothing of it.
pub(super) fn ci(plan: &Plan, faults: &[Fault]) -> Option<Stage> {
    let ci = plan.delivery.ci.as_ref()?;
    let (checks, builds) = steps::ci(plan);
    let mut walk = Walk { stage: CI, faults, steps: Vec::new(), stopped: false };
    let checked: Vec<bool> = checks.into_iter().map(|check| walk.alone(check)).collect();
    walk.stopped = checked.contains(&false);
    for build in builds {
        walk.next(build);
    }
    if walk.stopped {
        walk.tell(&ci.notices);
    }
    let end = if walk.stopped { StageEnd::Failed } else { StageEnd::Done };
    Some(Stage { id: CI.to_owned(), from: Vec::new(), to: None, end, held: false, steps: walk.steps })
}

/// The edges in the order in which they begin: each once everything before it has been reached.
pub(super) fn edges(plan: &Plan, edges: &[&Named], passed: bool, alone: bool, faults: &[Fault]) -> Vec<Stage> {
    let mut left: Vec<&Named> = edges.to_vec();
    let mut reached: Vec<(usize, &str)> = Vec::new();
    let mut found = Vec::new();
    let is_ready = |named: &Named, reached: &[(usize, &str)]| {
        let is_reached = |from: &String| reached.contains(&(named.promotion, from.as_str()));
        passed && named.edge.is_some_and(|edge| alone || edge.from.iter().all(is_reached))
    };
    while let Some(at) = left.iter().position(|named| is_ready(named, &reached)) {
        let named = left.remove(at);
        let Some(edge) = named.edge else { continue };
        let stage = self::edge(plan, named, edge, faults);
        if stage.end == StageEnd::Done {
            reached.push((named.promotion, &edge.to));
        }
        found.push(stage);
    }
    for named in left {
        let Some(edge) = named.edge else { continue };
        let mut walk = Walk { stage: &named.id, faults, steps: Vec::new(), stopped: true };
        for step in steps::edge_steps(plan, edge) {
            walk.next(step);
        }
        found.push(stage(named, edge, StageEnd::Skipped, false, walk.steps));
    }
    found
}

fn edge(plan: &Plan, named: &Named, edge: &Edge, faults: &[Fault]) -> Stage {
    let mut walk = Walk { stage: &named.id, faults, steps: Vec::new(), stopped: false };
    let (mut deploying, mut asked_in_vain, mut held) = (false, false, false);
    for step in steps::edge_steps(plan, edge) {
        let kind = step.kind;
        if walk.stopped {
            walk.next(step);
            continue;
        }
        deploying |= kind == Kind::Deploy;
        if !walk.next(step) {
            // A job that waits runs nothing of ours: nobody is told by it, and nothing is to be undone.
            asked_in_vain = matches!(kind, Kind::Person | Kind::Time);
            held = kind == Kind::Person || edge.on_failure.hold || (!deploying && kind == Kind::Decision);
        }
    }
    if walk.stopped && !asked_in_vain {
        if deploying {
            steps::undo(edge).into_iter().for_each(|(step, end)| walk.after(step, end));
        }
        walk.tell(&edge.on_failure.notices);
    }
    let end = match (walk.stopped, held && asked_in_vain) {
        (false, _) => StageEnd::Done,
        (true, true) => StageEnd::Held,
        (true, false) => StageEnd::Failed,
    };
    stage(named, edge, end, held, walk.steps)
}

fn stage(named: &Named, edge: &Edge, end: StageEnd, held: bool, steps: Vec<Step>) -> Stage {
    Stage { id: named.id.clone(), from: edge.from.clone(), to: Some(edge.to.clone()), end, held, steps }
}

/// A stage as it goes on.
struct Walk<'a> {
    stage: &'a str,
    faults: &'a [Fault],
    steps: Vec<Step>,
    stopped: bool,
}

impl Walk<'_> {
    /// The next step, unless one before it has not succeeded; whether it succeeds.
    fn next(&mut self, step: Planned) -> bool {
        if self.stopped {
            self.push(step, End::Skipped, 0);
            return false;
        }
        self.stopped = !self.alone(step);
        !self.stopped
    }

    /// A step beside others; whether it succeeds.
    fn alone(&mut self, step: Planned) -> bool {
        let end = self.end(&step).unwrap_or(End::Done);
        // What hangs has used up the time of every attempt.
        let attempts = if end == End::Failed { step.attempts } else { 1 };
        self.push(step, end, attempts);
        end == End::Done
    }

    /// A step that a failure sets off: it runs whatever happened to those before it.
    fn after(&mut self, step: Planned, well: End) {
        let end = self.end(&step).unwrap_or(well);
        self.push(step, end, 1);
    }

    fn tell(&mut self, notices: &[Notice]) {
        steps::notices(notices).into_iter().for_each(|notice| self.after(notice, End::Notified));
    }

    fn end(&self, step: &Planned) -> Option<End> {
        let is_meant = |fault: &&Fault| fault.stage == self.stage && fault.step == step.id;
        self.faults.iter().find(is_meant).map(Fault::end)
    }

    fn push(&mut self, step: Planned, end: End, attempts: u32) {
        let Planned { id, title, command, .. } = step;
        self.steps.push(Step { id, title, command, end, attempts });
    }
}
