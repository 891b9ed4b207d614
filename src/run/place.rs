//! The folders of a run.
//!
//! ```text
//! .mlp/runs/RUN/journal.jsonl    what has happened, a line each
//! .mlp/runs/RUN/logs/TASK.0.log  what a step printed, an attempt each
//! .mlp/runs/RUN/work/            what steps are handed, and hand back
//! .mlp/cache/KEY.json            what an earlier step gave
//! STORE/PIPELINE/RUN/TASK/0/NAME an artifact
//! ```

use std::path::{Path, PathBuf};

/// The longest name of a file or folder that is made of a task's name, in bytes.
const LONGEST: usize = 120;

/// Where a run keeps what it makes.
#[derive(Clone, Debug)]
pub struct Place {
    /// The project's folder, in which steps run.
    pub project: PathBuf,
    /// The run's own folder.
    pub run: PathBuf,
    /// Where its artifacts are.
    pub artifacts: PathBuf,
    /// Where what steps gave is remembered.
    pub cache: PathBuf,
}

impl Place {
    /// The folders of a run of a pipeline; `store` is the environment's folder of artifacts.
    pub fn new(project: &Path, store: &Path, pipeline: &str, run: &str) -> Self {
        let home = project.join(".mlp");
        Self {
            project: project.to_owned(),
            run: home.join("runs").join(run),
            artifacts: store.join(file_name(pipeline)).join(run),
            cache: home.join("cache"),
        }
    }

    /// What has happened, a line each.
    pub fn journal(&self) -> PathBuf {
        self.run.join("journal.jsonl")
    }

    /// What an attempt of a task printed.
    pub(super) fn log(&self, task: &str, attempt: u32) -> PathBuf {
        self.run.join("logs").join(format!("{}.{attempt}.log", file_name(task)))
    }

    /// What an attempt of a task is handed and hands back.
    pub(super) fn work(&self, task: &str, attempt: u32) -> PathBuf {
        self.run.join("work").join(format!("{}.{attempt}", file_name(task)))
    }

    /// Where an attempt of a task writes an artifact.
    pub(super) fn artifact(&self, task: &str, attempt: u32, name: &str) -> PathBuf {
        let (task, turn) = task.split_once('[').map_or((task, None), |(task, turn)| (task, Some(turn)));
        let mut folder = self.artifacts.join(file_name(task));
        if let Some(turn) = turn {
            folder.push(turn.trim_end_matches(']').replace(',', "-"));
        }
        folder.join(attempt.to_string()).join(file_name(name))
    }
}

/// A name as every file system takes it; one that is too long is cut and told apart by its hash.
fn file_name(name: &str) -> String {
    let kept = |letter: char| letter.is_alphanumeric() || "._-[],".contains(letter);
    let mut safe: String = name.chars().map(|letter| if kept(letter) { letter } else { '_' }).collect();
    if safe != name || safe.starts_with('.') || safe.len() > LONGEST {
        let mut end = safe.len().min(LONGEST);
        while !safe.is_char_boundary(end) {
            end -= 1;
        }
        safe.truncate(end);
        safe = format!("{}-{}", safe.trim_start_matches('.'), &super::cache::hash(name.as_bytes())[..8]);
    }
    safe
}
