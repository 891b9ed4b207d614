//! What differs between the versions of Airflow, as data.
//!
//! In: what `target airflow { version }` says. Out: the version's abilities. Tried against the real releases.

use crate::plan::{Construct, Plan, TargetRequest};

/// A version of Airflow that files are written for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Version {
    /// 3
    pub(super) major: u32,
    /// 1
    pub(super) minor: u32,
}

/// The versions that are known: the last of Airflow 2, and the first and the last of Airflow 3.
const LAST_OF_2: Version = Version { major: 2, minor: 11 };
const FIRST: Version = Version { major: 3, minor: 0 };
const LAST: Version = Version { major: 3, minor: 3 };

/// What is known of versions, for messages.
pub(super) const KNOWN: &str = "2.11, 3.0, 3.1, 3.2 and 3.3";

impl Version {
    /// The version that the project asks for; the newest where it says nothing; an error text where it is unknown.
    pub(super) fn of(plan: &Plan) -> Result<Self, (&TargetRequest, String)> {
        let Some(request) = plan.targets.iter().find(|target| target.name == super::NAME) else {
            return Ok(LAST);
        };
        match request.options.get("version").and_then(|version| version.as_str()) {
            None => Ok(LAST),
            Some(text) => Self::parse(text)
                .filter(|it| *it == LAST_OF_2 || (FIRST..=LAST).contains(it))
                .ok_or((request, text.to_owned())),
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let mut numbers = text.split('.').map(|number| number.parse::<u32>().ok());
        let major = numbers.next()??;
        let minor = match numbers.next() {
            Some(minor) => minor?,
            None if major == LAST_OF_2.major => LAST_OF_2.minor,
            None => LAST.minor,
        };
        numbers.all(|number| number.is_some()).then_some(Self { major, minor })
    }

    /// Whether DAG files speak to it by `airflow.sdk`. What they have no longer there is the database, and `airflow.datasets`.
    pub(super) fn has_sdk(self) -> bool {
        self >= FIRST
    }

    /// What it calls that of which new data is announced.
    pub(super) fn asset_class(self) -> &'static str {
        if self.has_sdk() { "Asset" } else { "Dataset" }
    }

    /// Whether waits between retries can grow by any factor, not by two alone.
    pub(super) fn any_backoff_factor(self) -> bool {
        self >= Self { major: 3, minor: 2 }
    }

    /// What an approval calls the time within which it is answered. Before 3.3 its provider has one for all that a task does.
    pub(super) fn response_timeout(self) -> &'static str {
        if self >= (Self { major: 3, minor: 3 }) { "response_timeout" } else { "execution_timeout" }
    }

    /// Whether it can do that. Before 3.3 the task in which the arms of an `if` in a loop meet is
    /// lost: a run stands still, or fails.
    pub(super) fn can(self, construct: Construct) -> bool {
        match construct {
            Construct::NestedLoop
            | Construct::Cache
            | Construct::Importer
            | Construct::Try
            | Construct::Collected
            | Construct::BranchMaybeValue
            | Construct::FinallyGroup
            | Construct::GroupRetry
            | Construct::GroupTolerance
            | Construct::Claim
            | Construct::Workspace => false,
            Construct::BranchInLoop => self >= Self { major: 3, minor: 3 },
            Construct::Approval => self >= Self { major: 3, minor: 1 },
            _ => true,
        }
    }
}
