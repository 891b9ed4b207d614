//! A simulation in lines that a person reads.

use std::fmt;

use unicode_width::UnicodeWidthStr;

use super::{End, Simulation, Stage, StageEnd, Step};

impl End {
    /// In a word or two.
    pub fn word(self) -> &'static str {
        match self {
            End::Done => "done",
            End::Failed => "failed",
            End::Refused => "refused",
            End::TimedOut => "timed out",
            End::Skipped => "skipped",
            End::RolledBack => "rolled back",
            End::Held => "held",
            End::Notified => "notified",
        }
    }
}

impl fmt::Display for Stage {
    /// How it ends: `failed, held until a person opens it`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.end {
            StageEnd::Done => "done",
            StageEnd::Skipped => "skipped",
            StageEnd::Held => "held",
            StageEnd::Failed => "failed",
        })?;
        match (self.held, self.end) {
            (true, StageEnd::Failed) => f.write_str(", held"),
            _ => Ok(()),
        }
    }
}

impl Stage {
    /// `staging -> production`
    pub fn title(&self) -> String {
        let from = if self.from.is_empty() { "ci".to_owned() } else { self.from.join(", ") };
        self.to.as_ref().map_or_else(|| self.id.clone(), |to| format!("{from} -> {to}"))
    }
}

/// Each stage with its steps, in columns.
pub fn text(simulation: &Simulation) -> String {
    let steps = || simulation.stages.iter().flat_map(|stage| &stage.steps);
    let ends = steps().map(|step| step.end.word().width()).max().unwrap_or_default();
    let ids = steps().map(|step| step.id.width()).max().unwrap_or_default();
    let mut text = String::new();
    for stage in &simulation.stages {
        text.push_str(&format!("{}: {stage}\n", stage.title()));
        stage.steps.iter().for_each(|step| text.push_str(&line(step, ends, ids)));
        text.push('\n');
    }
    text.pop();
    text
}

fn line(step: &Step, ends: usize, ids: usize) -> String {
    let pad = |text: &str, width: usize| format!("{text}{}", " ".repeat(width.saturating_sub(text.width())));
    let title = step.title.split_whitespace().collect::<Vec<_>>().join(" ");
    let tried = if step.attempts > 1 { format!(", {} times", step.attempts) } else { String::new() };
    format!("  {}  {}  {title}{tried}\n", pad(step.end.word(), ends), pad(&step.id, ids))
}
