//! Keys of a host's own that a project adds to jobs: `raw: { "build.container": … }`.
//!
//! In: what the target's `raw` says, and the jobs that are made. Out: what is added to which job, and what cannot be.
//! It refuses to know what a key means: whether its value is right, the host's linters say.

use serde_json::{Map, Value};

use crate::diagnostics::{Diagnostic, did_you_mean, report};
use crate::plan::Plan;
use crate::source::Span;

/// One key that is added.
pub(crate) struct RawKey {
    pub(crate) job: String,
    pub(crate) key: String,
    pub(crate) value: Value,
}

/// The keys that a project adds on one host.
pub(crate) struct Raw<'p> {
    said: Option<&'p Map<String, Value>>,
    span: Span,
    host: &'static str,
    /// What may be added: nothing that decides whether a job runs, what it does, and with which rights.
    allowed: &'static [&'static str],
}

impl<'p> Raw<'p> {
    pub(crate) fn of(plan: &'p Plan, (target, host): (&str, &'static str), allowed: &'static [&'static str]) -> Self {
        let request = plan.targets.iter().find(|request| request.name == target);
        Self {
            said: request.and_then(|request| request.options.get("raw")?.as_object()),
            span: request.map_or_else(Span::default, |request| request.place("raw")),
            host,
            allowed,
        }
    }

    /// What is added to these jobs; `writes` says whether a job has a key already.
    pub(crate) fn settle(&self, jobs: &[&str], writes: impl Fn(&str, &str) -> bool) -> (Vec<RawKey>, Vec<Diagnostic>) {
        let (mut keys, mut faults) = (Vec::new(), Vec::new());
        for (address, value) in self.said.into_iter().flatten() {
            match self.one(address, value, jobs, &writes) {
                Ok(key) => keys.push(key),
                Err(fault) => faults.push(*fault),
            }
        }
        (keys, faults)
    }

    fn one(
        &self,
        address: &str,
        value: &Value,
        jobs: &[&str],
        writes: &impl Fn(&str, &str) -> bool,
    ) -> Result<RawKey, Box<Diagnostic>> {
        let Some((job, key)) = address.rsplit_once('.') else {
            let message = format!("the raw key `{address}` names no job");
            return Err(self.fault(message, "write the job, a dot and the key: `\"build.services\"`".to_owned()));
        };
        if !jobs.contains(&job) {
            let message = format!("there is no job `{job}` on {}", self.host);
            return Err(self.fault(message, near(job, jobs)));
        }
        if writes(job, key) {
            let message = format!("job `{job}` has a `{key}` already, which the project itself decides");
            return Err(self.fault(message, "leave the raw key out, and say it where the project says it".to_owned()));
        }
        if !self.allowed.contains(&key) {
            let message = format!("`{key}` cannot be added to a job on {}", self.host);
            return Err(self.fault(message, near(key, self.allowed)));
        }
        if has_expression(value) {
            let message = format!("the raw key `{address}` has an expression, which could read a secret");
            let help = "write the value itself; a secret is declared, and given to what needs it";
            return Err(self.fault(message, help.to_owned()));
        }
        Ok(RawKey { job: job.to_owned(), key: key.to_owned(), value: value.clone() })
    }

    fn fault(&self, message: String, help: String) -> Box<Diagnostic> {
        Box::new(report::bad_raw_key(self.span, message).help(help))
    }
}

fn near(word: &str, known: &[&str]) -> String {
    match did_you_mean(word, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("write one of {}", known.iter().map(|one| format!("`{one}`")).collect::<Vec<_>>().join(", ")),
    }
}

/// Whether GitHub would evaluate something in a value. Any expression is refused, not only one that names a secret:
/// `toJSON(github)` holds the job's token too.
fn has_expression(value: &Value) -> bool {
    value.to_string().contains("${{")
}
