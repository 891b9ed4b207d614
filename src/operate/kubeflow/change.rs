//! Pipelines go over to other versions together, or none does.
//!
//! What is new is made beside what is there; only when all of it is there, and nobody else has made something meanwhile, is the
//! earlier removed. Whatever fails on the way is taken back: what was made goes, and what was removed is made again as it was.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use super::api::{self, Api, RecurringRun, Under};
use crate::operate::{Deadline, Done, Failure};
use crate::plan::Pipeline;

/// How long the way back may take.
const BACK: Duration = Duration::from_secs(120);

/// What is to be live of a pipeline.
pub(super) struct Wanted<'p> {
    pub(super) pipeline: &'p Pipeline,
    /// What the server knows it as.
    pub(super) name: String,
    /// The ids of the pipeline and of its version; none: nothing is to be live.
    pub(super) version: Option<(String, String)>,
}

/// A change that is under way.
struct Change<'a> {
    api: &'a Api,
    under: &'a Under<'a>,
    wanted: &'a [Wanted<'a>],
    /// The recurring runs of each, the newest first.
    before: Vec<Vec<RecurringRun>>,
    /// What stands on everything that this change makes: an answer can be lost, and what it spoke of is there all the same.
    mark: String,
    /// The ids of those before that this change removed, or tried to.
    removed: Vec<String>,
}

/// Makes all of these live, or leaves all as they were.
pub(super) fn go_over(api: &Api, under: &Under, wanted: &[Wanted], deadline: &Deadline) -> Done<()> {
    let before = wanted.iter().map(|one| recurring(api, &one.name, deadline)).collect::<Done<_>>()?;
    let mut change = Change { api, under, wanted, before, mark: mark(), removed: Vec::new() };
    let Err(failure) = change.forth(deadline) else { return Ok(()) };
    // What was tried may have used up the time; the way back has its own.
    Err(match change.back(&Deadline::after(BACK)) {
        Ok(()) => failure.and("what was begun is taken back"),
        Err(why) => failure.and(&format!("what was begun could not be taken back: {why}")),
    })
}

/// The recurring runs of that name, the newest first.
pub(super) fn recurring(api: &Api, name: &str, deadline: &Deadline) -> Done<Vec<RecurringRun>> {
    let mut found: Vec<RecurringRun> =
        api.recurring_runs(deadline)?.into_iter().filter(|run| run.display_name == name).collect();
    found.sort_by(|one, other| other.created_at.cmp(&one.created_at));
    Ok(found)
}

/// A text that no other change has.
fn mark() -> String {
    // A new state is keyed at random.
    format!("made live by mlp ({:016x})", RandomState::new().hash_one(std::process::id()))
}

impl Change<'_> {
    fn forth(&mut self, deadline: &Deadline) -> Done<()> {
        self.wanted.iter().try_for_each(|one| self.make(one, deadline))?;
        for (one, before) in self.wanted.iter().zip(&self.before) {
            let now = recurring(self.api, &one.name, deadline)?;
            if now.iter().any(|run| self.is_strange(run, before)) {
                return Err(Failure::new(format!(
                    "another deployment of `{}` came between, and is left as it is; look at `mlp status`, then try again",
                    one.pipeline.name
                )));
            }
        }
        // The newest first, for that is the one to be made again if a later one cannot be removed.
        for run in self.before.iter().flatten() {
            self.removed.push(run.id.clone());
            self.api.remove_recurring_run(&run.id, deadline)?;
        }
        Ok(())
    }

    fn make(&self, one: &Wanted, deadline: &Deadline) -> Done<()> {
        let Some((pipeline, version)) = &one.version else { return Ok(()) };
        let trigger = api::trigger(one.pipeline)?;
        let ids = (pipeline.as_str(), version.as_str());
        let made = self.api.make_recurring_run((&one.name, &self.mark), ids, self.under, trigger, deadline);
        let Err(failure) = made else { return Ok(()) };
        match recurring(self.api, &one.name, deadline) {
            // The answer was lost, and not the request.
            Ok(now) if now.iter().any(|run| self.is_ours(run)) => Ok(()),
            _ => Err(failure),
        }
    }

    /// All of it is tried, whatever fails.
    fn back(&self, deadline: &Deadline) -> Done<()> {
        let all = self.wanted.iter().zip(&self.before).map(|(one, before)| self.put_back(one, before, deadline));
        all.collect::<Vec<_>>().into_iter().collect()
    }

    fn put_back(&self, one: &Wanted, before: &[RecurringRun], deadline: &Deadline) -> Done<()> {
        let now = recurring(self.api, &one.name, deadline)?;
        // What somebody else removed is not missed.
        let is_gone = |live: &&RecurringRun| self.removed.contains(&live.id) && now.iter().all(|run| run.id != live.id);
        let is_anothers = now.iter().any(|run| self.is_strange(run, before));
        if let (Some(live), false) = (before.first().filter(is_gone), is_anothers) {
            self.api.make_again(live, deadline)?;
        }
        let mut ours = now.iter().filter(|run| self.is_ours(run));
        ours.try_for_each(|run| self.api.remove_recurring_run(&run.id, deadline))
    }

    fn is_ours(&self, run: &RecurringRun) -> bool {
        run.description == self.mark
    }

    /// Whether it was made meanwhile by somebody else.
    fn is_strange(&self, run: &RecurringRun, before: &[RecurringRun]) -> bool {
        !self.is_ours(run) && before.iter().all(|known| known.id != run.id)
    }
}
