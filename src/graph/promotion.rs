//! The way of a change, from CI through the environments: what each edge asks, does and watches.

use super::picture::{Block, Kind, Line, Link, Node, Picture, Sign};
use super::pipeline::form_text;
use crate::plan::{Action, Ci, Edge, Environment, OnFailure, Operation, Plan, Promotion, duration_text, percent_text};

/// A picture a promotion.
pub fn promotions(plan: &Plan) -> Vec<Picture> {
    let promotions = &plan.delivery.promotions;
    let alone = promotions.len() == 1;
    promotions.iter().map(|promotion| picture(plan, promotion, alone)).collect()
}

fn picture(plan: &Plan, promotion: &Promotion, alone: bool) -> Picture {
    let pipelines = promotion.pipelines.join(", ");
    let name = if alone { "promotion".to_owned() } else { format!("promotion-{}", promotion.pipelines.join("-")) };
    let mut block = Block::default();
    let mut places: Vec<(&str, usize)> = Vec::new();
    for edge in &promotion.edges {
        let from: Vec<&str> =
            if edge.from.is_empty() { vec!["ci"] } else { edge.from.iter().map(String::as_str).collect() };
        let from: Vec<usize> = from.into_iter().map(|name| place(plan, name, &mut block, &mut places)).collect();
        let way = block.add(self::edge(edge));
        let to = place(plan, &edge.to, &mut block, &mut places);
        from.into_iter().for_each(|from| block.link(arrow(from, way)));
        block.link(arrow(way, to));
    }
    Picture {
        name,
        title: format!("promotion of {pipelines}"),
        variant: None,
        about: plan.project.description.iter().cloned().collect(),
        block,
        last: None,
    }
}

fn arrow(from: usize, to: usize) -> Link {
    Link { from, output: None, to, input: None, waits: false }
}

/// The box of CI or an environment, made where there is none yet.
fn place<'a>(plan: &Plan, name: &'a str, block: &mut Block, places: &mut Vec<(&'a str, usize)>) -> usize {
    if let Some((_, at)) = places.iter().find(|(known, _)| *known == name) {
        return *at;
    }
    let node = match plan.environments.iter().find(|environment| environment.name == name) {
        Some(environment) => self::environment(plan, environment),
        None => ci(plan.delivery.ci.as_ref()),
    };
    let at = block.add(node);
    places.push((name, at));
    at
}

fn ci(ci: Option<&Ci>) -> Node {
    let mut lines = Vec::new();
    if let Some(ci) = ci {
        lines.extend(ci.checks.iter().map(|check| line(Sign::Check, check.name.clone())));
        lines.extend(ci.builds.iter().map(|build| line(Sign::Build, format!("build {build}"))));
        let told: Vec<&str> = ci.notices.iter().map(|notice| notice.notifier.form.as_str()).collect();
        if !told.is_empty() {
            lines.push(line(Sign::Failure, format!("on failure: tell {}", told.join(", "))));
        }
    }
    Node { kind: Kind::Ci, title: "ci".to_owned(), details: vec!["every change".to_owned()], lines, ..Node::default() }
}

fn environment(plan: &Plan, environment: &Environment) -> Node {
    let mut lines = vec![line(Sign::Run, environment.orchestrator.form.clone())];
    lines.extend(environment.services.keys().map(|service| line(Sign::Traffic, format!("serves {service}"))));
    for pipeline in plan.pipelines.iter().filter(|pipeline| pipeline.environment == environment.name) {
        if let Some(schedule) = &pipeline.schedule {
            lines.push(line(Sign::Wait, format!("{}: {}", pipeline.name, form_text(&schedule.every))));
        }
    }
    lines.extend(
        environment.alerts.iter().map(|alert| line(Sign::Notify, format!("alert {}: {}", alert.name, alert.text))),
    );
    let mut details = Vec::new();
    if environment.tier != environment.name {
        details.push(environment.tier.clone());
    }
    details.extend(environment.mirrors.as_ref().map(|other| format!("mirrors {other}")));
    Node {
        kind: if environment.tier == "production" { Kind::Production } else { Kind::Environment },
        title: environment.name.clone(),
        details,
        tooltip: environment.description.clone(),
        lines,
        ..Node::default()
    }
}

fn edge(edge: &Edge) -> Node {
    let from = if edge.from.is_empty() { "ci".to_owned() } else { edge.from.join(" + ") };
    let mut lines = operations(&edge.operations);
    lines.extend(failure(&edge.on_failure));
    Node {
        kind: Kind::Edge,
        title: format!("{from} → {}", edge.to),
        tooltip: edge.description.clone(),
        lines,
        ..Node::default()
    }
}

fn operations(operations: &[Operation]) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut rest = operations;
    while let [first, after @ ..] = rest {
        rest = after;
        match &first.action {
            Action::Traffic { service, .. } => {
                let is_same = |it: &&Operation| match &it.action {
                    Action::Traffic { service: other, .. } | Action::Watch { service: other, .. } => other == service,
                    _ => false,
                };
                let count = after.iter().take_while(is_same).count();
                rest = &after[count..];
                lines.push(rollout(service, &operations_of(first, &after[..count])));
            }
            action => lines.extend(operation(action)),
        }
    }
    lines
}

fn operations_of<'a>(first: &'a Operation, rest: &'a [Operation]) -> Vec<&'a Action> {
    std::iter::once(first).chain(rest).map(|operation| &operation.action).collect()
}

/// A release: the weights, how long each is watched and for what.
fn rollout(service: &str, actions: &[&Action]) -> Line {
    let weights: Vec<f64> = actions.iter().filter_map(|action| weight(action)).collect();
    let watch = actions.iter().find_map(|action| match action {
        Action::Watch { seconds, text, .. } => Some((duration_text(*seconds), text.as_ref())),
        _ => None,
    });
    let steps = weights.len() > 1;
    let watched = watch.map(|(time, text)| {
        let time = if steps { format!(", {time} each") } else { format!(", watched for {time}") };
        text.map_or_else(|| time.clone(), |text| format!("{time}, while {text}"))
    });
    let share = weights.first().filter(|weight| **weight < 1.0).map(|weight| format!(" to {}", percent_text(*weight)));
    let how = if steps { Some(" step by step".to_owned()) } else { share };
    let text = format!("release {service}{}{}", how.unwrap_or_default(), watched.unwrap_or_default());
    Line { sign: Sign::Traffic, text, weights: if steps { weights } else { Vec::new() } }
}

fn weight(action: &Action) -> Option<f64> {
    match action {
        Action::Traffic { weight, .. } => Some(*weight),
        _ => None,
    }
}

fn operation(action: &Action) -> Option<Line> {
    Some(match action {
        Action::Start => line(Sign::Person, "a person starts it".to_owned()),
        Action::Approve { count, team } => line(Sign::Person, format!("{count} of {team} approve")),
        Action::Require { text, measured_in, .. } => line(Sign::Gate, format!("{text}, as measured in {measured_in}")),
        Action::Soak { seconds } => line(Sign::Wait, format!("wait {}", duration_text(*seconds))),
        Action::Window { window } => line(Sign::Wait, format!("only in {}", form_text(window))),
        Action::Preflight { asserts } if asserts.is_empty() => line(Sign::Check, "preflight checklist".to_owned()),
        Action::Preflight { asserts } => line(Sign::Check, format!("preflight checklist, and {}", asserts.join(", "))),
        Action::Deploy => line(Sign::Deploy, "deploy".to_owned()),
        Action::Run { pipeline, .. } => line(Sign::Run, format!("run {pipeline}")),
        Action::Verify { verification } => line(Sign::Verify, format!("verify {verification}")),
        Action::Watch { service, seconds, text, .. } => {
            let while_text = text.as_ref().map(|text| format!(", while {text}")).unwrap_or_default();
            line(Sign::Wait, format!("watch {service} for {}{while_text}", duration_text(*seconds)))
        }
        Action::Notify { notice } => line(Sign::Notify, format!("tell {}", notice.notifier.form)),
        Action::LiveVersion | Action::Traffic { .. } => return None,
    })
}

fn failure(on_failure: &OnFailure) -> Option<Line> {
    let mut done: Vec<String> = Vec::new();
    done.extend(on_failure.rollback.as_ref().map(|_| "roll back".to_owned()));
    done.extend(on_failure.hold.then(|| "hold".to_owned()));
    done.extend(on_failure.notices.iter().map(|notice| format!("tell {}", notice.notifier.form)));
    (!done.is_empty()).then(|| line(Sign::Failure, format!("on failure: {}", done.join(", "))))
}

fn line(sign: Sign, text: String) -> Line {
    Line { sign, text, weights: Vec::new() }
}
