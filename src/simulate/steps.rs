//! The steps of CI and of an edge: what runs, and what may go wrong with it.

use super::{End, Named, Wrong};
use crate::plan::{Action, Command, CommandWord, Edge, HostValue, Notice, Operation, Plan};

/// A step before anything has happened to it.
#[derive(Clone, Debug)]
pub(super) struct Planned {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) command: Vec<String>,
    pub(super) kind: Kind,
    /// How often it is tried before it has failed.
    pub(super) attempts: u32,
}

/// What a step is to whatever comes after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Something that runs.
    Work,
    /// Something that runs and decides: a gate, a window.
    Decision,
    /// From here on there is something to roll back.
    Deploy,
    /// A person is asked, before anything runs.
    Person,
    /// Time passes, before anything runs.
    Time,
}

impl Planned {
    /// Whether such a thing can happen to it; the reason why not goes on from its name.
    pub(super) fn may(&self, wrong: Wrong) -> Result<(), &'static str> {
        match (wrong, self.kind) {
            (Wrong::Fails, Kind::Person) => Err("is up to a person, and does not fail: say `--refuse`, or `--timeout`"),
            (Wrong::Refused, Kind::Work | Kind::Deploy | Kind::Time) => {
                Err("asks nobody, so that nobody can refuse it: say `--fail`")
            }
            _ => Ok(()),
        }
    }
}

/// Everything in a stage that something may happen to, what it does after a failure too.
pub(super) fn breakable(plan: &Plan, stage: &Named) -> Vec<Planned> {
    let Some(edge) = stage.edge else {
        let (checks, builds) = ci(plan);
        let told = plan.delivery.ci.iter().flat_map(|ci| notices(&ci.notices));
        return checks.into_iter().chain(builds).chain(told).collect();
    };
    let undo = undo(edge).into_iter().map(|(step, _)| step);
    edge_steps(plan, edge).into_iter().chain(undo).chain(notices(&edge.on_failure.notices)).collect()
}

/// The checks, which run side by side, and what is built after them.
pub(super) fn ci(plan: &Plan) -> (Vec<Planned>, Vec<Planned>) {
    let Some(ci) = &plan.delivery.ci else { return Default::default() };
    let checks = ci.checks.iter().map(|check| Planned {
        id: format!("check-{}", check.name),
        title: check.description.clone().unwrap_or_else(|| format!("Check {}", check.name)),
        command: vec![check.run.clone()],
        kind: Kind::Work,
        attempts: 1 + check.retries,
    });
    let mut builds = Vec::new();
    let is_image = |name: &&String| plan.images.iter().any(|image| image.name == **name);
    let (images, packages): (Vec<_>, Vec<_>) = ci.builds.iter().partition(is_image);
    for name in images.into_iter().chain(packages) {
        builds.push(work(format!("build-{name}"), format!("Build and store {name}"), Vec::new()));
        if plan.images.iter().any(|image| image.name == *name && image.scan.is_some()) {
            builds.push(work(format!("scan-{name}"), format!("Look for known faults in {name}"), Vec::new()));
        }
    }
    (checks.collect(), builds)
}

/// What an edge does, in order.
pub(super) fn edge_steps(plan: &Plan, edge: &Edge) -> Vec<Planned> {
    let mut steps = Vec::new();
    let mut deployed = false;
    for operation in &edge.operations {
        deployed |= operation.action == Action::Deploy;
        steps.push(Planned {
            id: operation.id.clone(),
            title: operation.title.clone(),
            command: command(operation, deployed),
            kind: kind(&operation.action, deployed),
            attempts: 1,
        });
        steps.extend(record(plan, edge, operation));
    }
    steps
}

fn kind(action: &Action, deployed: bool) -> Kind {
    match action {
        Action::Start | Action::Approve { .. } => Kind::Person,
        Action::Soak { .. } if !deployed => Kind::Time,
        Action::Require { .. } | Action::Window { .. } => Kind::Decision,
        Action::Deploy => Kind::Deploy,
        _ => Kind::Work,
    }
}

fn command(operation: &Operation, deployed: bool) -> Vec<String> {
    match (&operation.command, &operation.action) {
        // Once something is deployed, its own job waits; before, no machine has to.
        (None, Action::Soak { seconds }) if deployed => vec!["sleep".to_owned(), format!("{}", seconds.ceil())],
        (Some(command), _) => words(command),
        (None, Action::Notify { notice }) => words(&notice.command),
        (None, _) => Vec::new(),
    }
}

/// Keeps what a verification measured, where it measures anything.
fn record(plan: &Plan, edge: &Edge, operation: &Operation) -> Option<Planned> {
    let Action::Verify { verification } = &operation.action else { return None };
    let measures = |one: &crate::plan::Verification| one.name == *verification && !one.outputs.is_empty();
    if !plan.delivery.verifications.iter().any(measures) {
        return None;
    }
    let values = value(HostValue::ValuesFolder);
    let file = format!("{values}/{}.{verification}.json", edge.to);
    let words = ["mlp", "record", &edge.to, verification, &file, "--values", &values].map(str::to_owned);
    let title = format!("Keep what {verification} measured in {}", edge.to);
    Some(work(format!("record-{}", operation.id), title, words.into()))
}

/// What a deployment that has begun and failed sets off, and how each ends.
pub(super) fn undo(edge: &Edge) -> Vec<(Planned, End)> {
    if !edge.operations.iter().any(|operation| operation.action == Action::Deploy) {
        return Vec::new();
    }
    let back = edge.on_failure.rollback.as_ref().map(|command| {
        let title = format!("Roll {} back to the version that was live", edge.to);
        (work("rollback".to_owned(), title, words(command)), End::RolledBack)
    });
    let hold = edge.on_failure.note.as_ref().map(|command| {
        let title = format!("Close the way to {} until a person lifts it", edge.to);
        (work("hold".to_owned(), title, words(command)), End::Held)
    });
    back.into_iter().chain(hold).collect()
}

/// Whoever is told of a failure.
pub(super) fn notices(notices: &[Notice]) -> Vec<Planned> {
    let told = notices.iter().enumerate().map(|(index, notice)| {
        let title = format!("Tell of the failure by {}", notice.notifier.form);
        work(format!("tell-{}", index + 1), title, words(&notice.command))
    });
    told.collect()
}

fn work(id: String, title: String, command: Vec<String>) -> Planned {
    Planned { id, title, command, kind: Kind::Work, attempts: 1 }
}

fn words(command: &Command) -> Vec<String> {
    match command {
        Command::Program { words } => words.iter().map(word).collect(),
        Command::Shell { script, .. } => vec![script.clone()],
    }
}

fn word(word: &CommandWord) -> String {
    match word {
        CommandWord::Text { text } => text.clone(),
        CommandWord::Value { value } => self::value(*value),
    }
}

fn value(value: HostValue) -> String {
    format!("${}", value.variable())
}
