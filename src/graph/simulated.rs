//! The way of a change with the end of every step on it.

use super::picture::{Kind, Line, Picture, Sign};
use super::promotion::promotions;
use crate::plan::Plan;
use crate::simulate::{End, Simulation, Stage, Step};

/// A picture a promotion; a stage that is not in the simulation is drawn as it is.
pub fn simulated(plan: &Plan, simulation: &Simulation) -> Vec<Picture> {
    let several = plan.delivery.promotions.len() > 1;
    let mut pictures = promotions(plan);
    for (picture, promotion) in pictures.iter_mut().zip(&plan.delivery.promotions) {
        let id =
            |edge: &str| if several { format!("{}/{edge}", promotion.pipelines.join(",")) } else { edge.to_owned() };
        let mut edges = promotion.edges.iter().map(|edge| id(&edge.id));
        for node in &mut picture.block.nodes {
            let id = match node.kind {
                Kind::Edge => edges.next(),
                Kind::Ci => Some("ci".to_owned()),
                _ => None,
            };
            let Some(stage) = simulation.stages.iter().find(|stage| Some(&stage.id) == id.as_ref()) else { continue };
            node.details = vec![stage.to_string()];
            node.lines = lines(stage);
        }
    }
    pictures
}

fn lines(stage: &Stage) -> Vec<Line> {
    let line = |step: &Step| {
        let text = format!("{}: {}", step.end.word(), step.title);
        Line { sign: sign(step.end), text, weights: Vec::new() }
    };
    stage.steps.iter().map(line).collect()
}

fn sign(end: End) -> Sign {
    match end {
        End::Done => Sign::Check,
        End::Failed | End::Refused | End::TimedOut => Sign::Failure,
        End::Skipped => Sign::Fact,
        End::RolledBack => Sign::Deploy,
        End::Held => Sign::Fact,
        End::Notified => Sign::Notify,
    }
}
