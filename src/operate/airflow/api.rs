//! What differs between Airflow's REST APIs: v2 of Airflow 3, and v1 of Airflow 2.
//!
//! <https://airflow.apache.org/docs/apache-airflow/stable/stable-rest-api-ref.html>,
//! <https://airflow.apache.org/docs/apache-airflow/2.11.2/stable-rest-api-ref.html>

use indexmap::IndexMap;
use serde_json::{Value as Json, json};

use crate::emit::airflow::is_written_for_2;
use crate::operate::http::part;
use crate::plan::Plan;

/// Which of them a project's Airflow speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Api {
    V1,
    V2,
}

impl Api {
    /// That of the version that the project names.
    pub(super) fn of(plan: &Plan) -> Self {
        if is_written_for_2(plan) { Api::V1 } else { Api::V2 }
    }

    /// Where something is asked for: `/api/v2/dags`
    pub(super) fn way(self, below: &str) -> String {
        let version = match self {
            Api::V1 => "v1",
            Api::V2 => "v2",
        };
        format!("/api/{version}/{below}")
    }

    /// Where its parts say how they are.
    pub(super) fn health(self) -> String {
        self.way(match self {
            Api::V1 => "health",
            Api::V2 => "monitor/health",
        })
    }

    /// Whether a DAG is remembered though its file is gone.
    pub(super) fn is_gone(self, dag: &Json) -> bool {
        match self {
            Api::V1 => dag.get("is_active").and_then(Json::as_bool) == Some(false),
            Api::V2 => dag.get("is_stale").and_then(Json::as_bool) == Some(true),
        }
    }

    /// What starts a run. Airflow 3 is told that it stands for no date; Airflow 2 gives every run one.
    pub(super) fn new_run(self, arguments: &IndexMap<String, Json>) -> Json {
        let note = "started by mlp";
        match self {
            Api::V1 => json!({"conf": arguments, "note": note}),
            Api::V2 => json!({"logical_date": null, "conf": arguments, "note": note}),
        }
    }

    /// Where a person sees a run.
    pub(super) fn page(self, address: &str, dag: &str, run: &str) -> String {
        match self {
            Api::V1 => format!("{address}/dags/{dag}/grid?dag_run_id={}", part(run)),
            Api::V2 => format!("{address}/dags/{dag}/runs/{}", part(run)),
        }
    }

    /// How to ask for a value as it is, not as text of it.
    pub(super) fn as_value(self) -> &'static str {
        match self {
            Api::V1 => "stringify=false",
            Api::V2 => "deserialize=true",
        }
    }
}
