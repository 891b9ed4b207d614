//! Edges that stay closed until a person lifts it: noted in an environment's store.
//!
//! In: the store, and who holds or lifts what and why. Out: what is held. A hold is a file of its own for each edge and version, so that
//! two who hold at once both do, and a lift takes away only what it has seen. It refuses to know who asks: whoever decides on a
//! deployment reads it here.

use serde::{Deserialize, Serialize};

use super::store::Store;
use super::{Deadline, Done, Failure};
use crate::plan::Environment;

/// Why an edge is closed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hold {
    /// The edge: `staging-to-production`.
    pub edge: String,
    /// The version with which it failed.
    pub version: String,
    /// Since when, in UTC.
    pub since: String,
    /// Why.
    pub reason: String,
    /// Who says so.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub by: Option<String>,
    /// Where the run of CI is to be seen.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub run: Option<String>,
}

/// A hold that a person has lifted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Lifted {
    /// When, in UTC.
    pub at: String,
    /// Why.
    pub reason: String,
    /// Who says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// What was held.
    pub hold: Hold,
}

/// The holds of one environment.
#[derive(Clone, Debug)]
pub struct Holds {
    store: Store,
}

/// Whether the environment has a store in which a hold can be noted.
pub fn can_be_kept(environment: &Environment) -> bool {
    environment.artifacts.as_ref().is_some_and(|store| store.form != "cluster_store")
}

impl Holds {
    /// Those of an environment, of its project's store.
    pub fn of(store: &Store, environment: &str) -> Self {
        Self { store: store.below(&format!("holds/{environment}")) }
    }

    /// What is held; of one edge, where one is named. What cannot be read is no leave to go on: it is a failure.
    pub fn held(&self, edge: Option<&str>, deadline: &Deadline) -> Done<Vec<Hold>> {
        let store = self.store.below("held");
        let mut found = Vec::new();
        for name in store.names(deadline)?.iter().filter(|name| name.ends_with(".json")) {
            // Somebody may have lifted it since it was listed.
            let Some(bytes) = store.read(name, deadline)? else { continue };
            let hold: Hold = serde_json::from_slice(&bytes)
                .map_err(|error| Failure::new(format!("{} is no hold: {error}", store.place(name))))?;
            found.push(hold);
        }
        found.retain(|hold| edge.is_none_or(|edge| hold.edge == edge));
        Ok(found)
    }

    /// Notes a hold; the same edge with the same version is held once.
    pub fn hold(&self, hold: &Hold, deadline: &Deadline) -> Done<()> {
        self.store.below("held").write(&file(hold), &json(hold), deadline)
    }

    /// Opens an edge again. It is noted first: where that fails, the edge is still closed.
    pub fn lift(&self, lifted: &Lifted, deadline: &Deadline) -> Done<()> {
        let name = format!("{}/{}", lifted.at.replace(':', "-"), file(&lifted.hold));
        self.store.below("lifted").write(&name, &json(lifted), deadline)?;
        self.store.below("held").remove(&file(&lifted.hold), deadline)
    }
}

impl Hold {
    /// What a person reads of it, on one line: what others wrote moves no cursor and begins no line.
    pub fn said(&self) -> String {
        let by = self.by.as_deref().map_or_else(String::new, |by| format!(" by {by}"));
        let run = self.run.as_deref().map_or_else(String::new, |run| format!(" ({run})"));
        let Self { edge, version, since, reason, .. } = self;
        let said = format!("`{edge}` is held since {since}{by}, with {version}: {reason}{run}");
        said.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
    }
}

fn file(hold: &Hold) -> String {
    format!("{}/{}.json", hold.edge, hold.version)
}

fn json(what: &impl Serialize) -> Vec<u8> {
    let mut bytes = serde_json::to_vec_pretty(what).expect("a hold has a JSON form");
    bytes.push(b'\n');
    bytes
}
