//! What a delivery does when something in it fails: predicted from the plan alone.
//!
//! In: a plan, and which steps fail, are refused or take too long. Out: every step of CI and of every edge with its end, in the
//! order in which they run. It refuses to know the hosts of CI: that they do the same is tried on them.

mod edge;
mod steps;
mod text;

use schemars::JsonSchema;
use serde::Serialize;

use crate::diagnostics::did_you_mean;
use crate::plan::{Edge, Plan, Promotion};

pub use text::text;

/// The version of what is printed for machines.
pub const SCHEMA: &str = "mlp.simulation/1";

/// The stage of what every change must pass.
const CI: &str = "ci";

/// What happens to a change.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Simulation {
    /// `mlp.simulation/1`
    pub schema: String,
    /// How all of it ends: that of its worst stage.
    pub end: StageEnd,
    /// CI, then the edges in the order in which they begin; edges that wait for nothing of each other run side by side.
    pub stages: Vec<Stage>,
}

/// CI, or an edge.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Stage {
    /// `ci`, or the edge's id in the plan; of several promotions, `PIPELINES/ID`.
    pub id: String,
    /// The environments that it leaves; none: CI, or an edge from there.
    pub from: Vec<String>,
    /// The environment that it enters; none: CI.
    pub to: Option<String>,
    /// How it ends.
    pub end: StageEnd,
    /// Whether it stays closed until a person opens it.
    pub held: bool,
    /// In order; checks run side by side.
    pub steps: Vec<Step>,
}

/// A step and how it ends.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Step {
    /// Unique in its stage: `deploy`, `check-unit`, `rollback`.
    pub id: String,
    /// What a person reads.
    pub title: String,
    /// What runs: a program's words, or the author's own line; `$NAME` is what the host knows. Empty where the host does it by
    /// other means.
    pub command: Vec<String>,
    /// How it ends.
    pub end: End,
    /// How often it is tried.
    pub attempts: u32,
}

/// How a step ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// It succeeds.
    Done,
    /// It fails.
    Failed,
    /// A person, a gate or a window says no.
    Refused,
    /// Its time is over.
    TimedOut,
    /// It does not run, because something before it did not succeed.
    Skipped,
    /// The version that was live is live again.
    RolledBack,
    /// The edge is noted as closed.
    Held,
    /// Somebody has been told of the failure.
    Notified,
}

/// How a stage ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StageEnd {
    /// Every step is done.
    Done,
    /// Nothing leads to it.
    Skipped,
    /// Nobody lets it go on, and nothing has failed.
    Held,
    /// A step fails.
    Failed,
}

/// What goes wrong with a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// It fails.
    Fails,
    /// Who is asked says no.
    Refused,
    /// It takes longer than it may.
    TimesOut,
}

/// A step that goes wrong, by its name: `deploy`, `staging-to-production/deploy`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// Which.
    pub step: String,
    /// How.
    pub wrong: Wrong,
}

/// Where a step is, and what goes wrong with it.
#[derive(Clone, Debug, PartialEq)]
struct Fault {
    stage: String,
    step: String,
    wrong: Wrong,
}

impl Fault {
    fn end(&self) -> End {
        match self.wrong {
            Wrong::Fails => End::Failed,
            Wrong::Refused => End::Refused,
            Wrong::TimesOut => End::TimedOut,
        }
    }
}

/// What happens to a change; with `only` the ends of an edge, only there: it is as if everything before had succeeded.
/// Names of steps that are unknown, or of several, are said in a sentence.
pub fn simulate(plan: &Plan, broken: &[Broken], only: Option<(&str, &str)>) -> Result<Simulation, String> {
    let stages = stages(plan);
    let chosen: Vec<&Named> = match only {
        None => stages.iter().collect(),
        Some((from, to)) => {
            let chosen: Vec<&Named> = stages.iter().filter(|stage| stage.leads(from, to)).collect();
            if chosen.is_empty() {
                return Err(format!("no promotion leads from `{from}` to `{to}`"));
            }
            chosen
        }
    };
    let mut faults = Vec::new();
    for one in broken {
        faults.push(fault(plan, &chosen, one)?);
    }
    let mut found = Vec::new();
    let mut passed = true;
    if only.is_none() {
        let ci = edge::ci(plan, &faults);
        passed = ci.as_ref().is_none_or(|ci| ci.end == StageEnd::Done);
        found.extend(ci);
    }
    let edges: Vec<&Named> = chosen.into_iter().filter(|stage| stage.edge.is_some()).collect();
    found.extend(edge::edges(plan, &edges, passed, only.is_some(), &faults));
    Ok(Simulation {
        schema: SCHEMA.to_owned(),
        end: found.iter().map(|stage| stage.end).max().unwrap_or(StageEnd::Done),
        stages: found,
    })
}

/// A stage by the name that it has in the whole project.
struct Named<'p> {
    id: String,
    promotion: usize,
    edge: Option<&'p Edge>,
}

impl Named<'_> {
    fn leads(&self, from: &str, to: &str) -> bool {
        self.edge.is_some_and(|edge| {
            let leaves = if from == CI { edge.from.is_empty() } else { edge.from.iter().any(|one| one == from) };
            leaves && edge.to == to
        })
    }
}

fn stages(plan: &Plan) -> Vec<Named<'_>> {
    let promotions = &plan.delivery.promotions;
    let id = |promotion: &Promotion, edge: &Edge| match promotions.len() {
        1 => edge.id.clone(),
        _ => format!("{}/{}", promotion.pipelines.join(","), edge.id),
    };
    let edges = promotions.iter().enumerate().flat_map(|(at, promotion)| {
        promotion.edges.iter().map(move |edge| Named { id: id(promotion, edge), promotion: at, edge: Some(edge) })
    });
    std::iter::once(Named { id: CI.to_owned(), promotion: 0, edge: None }).chain(edges).collect()
}

/// The one step that is meant, if such a thing can happen to it.
fn fault(plan: &Plan, stages: &[&Named], broken: &Broken) -> Result<Fault, String> {
    let mut known = Vec::new();
    for stage in stages {
        known.extend(
            steps::breakable(plan, stage).into_iter().map(|step| (format!("{}/{}", stage.id, step.id), stage, step)),
        );
    }
    let wanted = &broken.step;
    let found: Vec<_> = known.iter().filter(|(name, _, step)| name == wanted || step.id == *wanted).collect();
    let (_, stage, step) = match found.as_slice() {
        [one] => one,
        [] => {
            let names = known.iter().flat_map(|(name, _, step)| [name.as_str(), &step.id]);
            let near = did_you_mean(wanted, names);
            let near = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
            return Err(format!("there is no step `{wanted}`{near}"));
        }
        several => {
            let names: Vec<String> = several.iter().map(|(name, ..)| format!("`{name}`")).collect();
            return Err(format!("several steps are called `{wanted}`: {}", names.join(", ")));
        }
    };
    step.may(broken.wrong).map_err(|why| format!("`{wanted}` {why}"))?;
    Ok(Fault { stage: stage.id.clone(), step: step.id.clone(), wrong: broken.wrong })
}

#[cfg(test)]
mod tests;
