//! What a pipeline needs of an orchestrator, as data: a target lists what it can do, and what it lacks is said where it was asked for.

use super::{Cache, ExprKind, Node, Output, Pipeline, Run};
use crate::source::Span;

/// Something that an orchestrator can do or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Construct {
    /// `for` over a constant.
    LoopOverConstant,
    /// `for` over a parameter.
    LoopOverParameter,
    /// `for` over an output or an item of a loop around.
    LoopOverOutput,
    /// `for` inside `for`.
    NestedLoop,
    /// `parallel: N`
    LoopParallelism,
    /// `if` without a value.
    Branch,
    /// `if` as a value.
    BranchValue,
    /// `if` without `else` as a value.
    BranchMaybeValue,
    /// `if` inside `for`.
    BranchInLoop,
    /// A nested pipeline.
    Group,
    /// A nested pipeline inside `for`.
    GroupInLoop,
    /// `finally`
    Finally,
    /// `finally` that calls a pipeline.
    FinallyGroup,
    /// `try`
    Try,
    /// A retry of a whole nested pipeline.
    GroupRetry,
    /// A nested pipeline that runs after a failure.
    GroupTolerance,
    /// A value that is declared as a list of such.
    Collected,
    /// A volume that every step of a run sees.
    Workspace,
    /// `retry`
    Retry,
    /// `timeout` of a step.
    TaskTimeout,
    /// `cache: on`
    Cache,
    /// A list of artifacts, made by a loop or of single ones.
    ArtifactList,
    /// `importer(uri)`
    Importer,
    /// `create_claim`, `delete_claim`
    Claim,
    /// Tolerance of upstream failure.
    ToleratesFailure,
    /// A schedule.
    Schedule,
    /// A step that is listed instead of started.
    Recorded,
    /// `pool: "gpu"`
    Pool,
    /// `priority: 10`
    Priority,
    /// `approval(…)`
    Approval,
}

impl Construct {
    /// The thing in words, to end «… cannot do».
    pub fn words(self) -> &'static str {
        match self {
            Construct::LoopOverConstant => "a loop over a constant list",
            Construct::LoopOverParameter => "a loop over a parameter",
            Construct::LoopOverOutput => "a loop over a step's output",
            Construct::NestedLoop => "a loop inside a loop",
            Construct::LoopParallelism => "a bound on a loop's parallelism",
            Construct::Branch => "`if`",
            Construct::BranchValue => "`if` as a value",
            Construct::BranchMaybeValue => "`if` without `else` as a value",
            Construct::BranchInLoop => "`if` inside a loop",
            Construct::Group => "a pipeline inside a pipeline",
            Construct::GroupInLoop => "a pipeline inside a loop",
            Construct::Finally => "`finally`",
            Construct::FinallyGroup => "a pipeline in `finally`",
            Construct::Try => "`try`",
            Construct::GroupRetry => "the retry of a whole pipeline",
            Construct::GroupTolerance => "running a whole pipeline after a failure",
            Construct::Collected => "a value that is declared as a list",
            Construct::Workspace => "a workspace",
            Construct::Claim => "claiming a volume in a run",
            Construct::Retry => "retries",
            Construct::TaskTimeout => "a step's timeout",
            Construct::Cache => "`cache: on`",
            Construct::ArtifactList => "a list of artifacts",
            Construct::Importer => "`importer`",
            Construct::ToleratesFailure => "running after a failure",
            Construct::Schedule => "a schedule",
            Construct::Recorded => "a step that is recorded instead of started",
            Construct::Pool => "pools that steps wait for",
            Construct::Priority => "priorities of steps",
            Construct::Approval => "approvals in a run",
        }
    }
}

/// Every construct of a pipeline with where it is asked for, in the order of the text.
pub(super) fn constructs(pipeline: &Pipeline) -> Vec<(Construct, Span)> {
    let mut found = Vec::new();
    block(&pipeline.body, false, &mut found);
    if let Some(last) = pipeline.finally.as_deref() {
        found.push((Construct::Finally, last.span()));
        self::last(last, &mut found);
    }
    if let Some(workspace) = &pipeline.workspace {
        found.push((Construct::Workspace, workspace.span));
    }
    outputs(&pipeline.outputs, &mut found);
    if let Some(schedule) = &pipeline.schedule {
        found.push((Construct::Schedule, schedule.span));
    }
    found
}

fn block(nodes: &[Node], in_loop: bool, found: &mut Vec<(Construct, Span)>) {
    for node in nodes {
        match node {
            Node::Task(node) => task(node, found),
            Node::Loop(node) => {
                found.push((loop_over(&node.items.kind), node.span));
                if in_loop {
                    found.push((Construct::NestedLoop, node.span));
                }
                if node.parallel.is_some() {
                    found.push((Construct::LoopParallelism, node.span));
                }
                if node.yields.iter().any(|output| output.value.ty.is_artifact()) {
                    found.push((Construct::ArtifactList, node.span));
                }
                outputs(&node.yields, found);
                block(&node.body, true, found);
            }
            Node::Branch(node) => {
                let as_value = if node.outputs.is_empty() { Construct::Branch } else { Construct::BranchValue };
                found.push((as_value, node.span));
                if !node.outputs.is_empty() && node.arms.last().is_some_and(|arm| arm.condition.is_some()) {
                    found.push((Construct::BranchMaybeValue, node.span));
                }
                if in_loop {
                    found.push((Construct::BranchInLoop, node.span));
                }
                for arm in &node.arms {
                    outputs(&arm.yields, found);
                    block(&arm.body, in_loop, found);
                }
            }
            Node::Group(node) => {
                found.push((if in_loop { Construct::GroupInLoop } else { Construct::Group }, node.span));
                outputs(&node.outputs, found);
                if let Some(retry) = &node.retry {
                    found.push((Construct::GroupRetry, retry.span));
                }
                if node.tolerates_failure {
                    found.push((Construct::GroupTolerance, node.span));
                }
                if node.cache == Cache::On {
                    found.push((Construct::Cache, node.span));
                }
                block(&node.body, in_loop, found);
            }
            Node::Try(node) => {
                found.push((Construct::Try, node.span));
                block(&node.body, in_loop, found);
                last(&node.last, found);
            }
        }
    }
}

fn outputs(given: &[Output], found: &mut Vec<(Construct, Span)>) {
    found.extend(given.iter().filter(|one| one.collected).map(|one| (Construct::Collected, one.span)));
}

/// What runs whatever happened.
fn last(node: &Node, found: &mut Vec<(Construct, Span)>) {
    if !matches!(node, Node::Task(_)) {
        found.push((Construct::FinallyGroup, node.span()));
    }
    block(std::slice::from_ref(node), false, found);
}

fn loop_over(items: &ExprKind) -> Construct {
    match items {
        ExprKind::Literal { .. } => Construct::LoopOverConstant,
        ExprKind::Parameter { .. } => Construct::LoopOverParameter,
        _ => Construct::LoopOverOutput,
    }
}

fn task(task: &super::Task, found: &mut Vec<(Construct, Span)>) {
    if let Some(retry) = &task.retry {
        found.push((Construct::Retry, retry.span));
    }
    if task.timeout.is_some() {
        found.push((Construct::TaskTimeout, task.span));
    }
    if task.cache == Cache::On {
        found.push((Construct::Cache, task.span));
    }
    if task.tolerates_failure {
        found.push((Construct::ToleratesFailure, task.span));
    }
    if task.recorded {
        found.push((Construct::Recorded, task.span));
    }
    found.extend(task.resources.queueing().into_iter().map(|construct| (construct, task.resources.span)));
    match task.run {
        Run::Importer { .. } => found.push((Construct::Importer, task.span)),
        Run::Claim { .. } => found.push((Construct::Claim, task.span)),
        Run::Approval { .. } => found.push((Construct::Approval, task.span)),
        _ => {}
    }
    for input in task.inputs.values() {
        if input.ty.is_artifact() && matches!(input.value.kind, ExprKind::List { .. }) {
            found.push((Construct::ArtifactList, input.span));
        }
    }
}
