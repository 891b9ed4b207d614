//! Where what is watched comes from: the metrics of each orchestrator, of kube-state-metrics and of cAdvisor.
//!
//! Every orchestrator's are brought to the same few recorded series, so that no alert knows where it runs:
//! whoever has other metrics replaces these records alone. See docs/targets/prometheus.md for where each is documented.

use crate::emit::running::{compiled_name, dag_id};
use crate::plan::{Environment, Pipeline, Plan};
use crate::text::promql::{Expr, Selector, literally};

/// When each pod of a run was made; labels `namespace pod run`.
pub(super) const PODS: &str = "mlp:pod:created_timestamp";
/// Seconds since a run that goes on has begun; label `run`.
pub(super) const AGE: &str = "mlp:run:age_seconds";
/// When the last run began.
pub(super) const LAST: &str = "mlp:run:last_started_timestamp";
/// Runs that failed within the last fifteen minutes.
pub(super) const FAILED: &str = "mlp:runs:failed_15m";
/// Cores in use.
pub(super) const CPU: &str = "mlp:pods:cpu_cores";
/// Bytes in use.
pub(super) const MEMORY: &str = "mlp:pods:memory_bytes";

/// Seconds that [`FAILED`] looks back.
const RECENT: u64 = 900;

/// What identifies a container's pod.
pub(super) const POD: &[&str] = &["namespace", "pod"];

/// A pipeline where its orchestrator runs it.
pub(super) enum Source {
    /// The pods' label `dag_id` and Airflow's own metrics.
    Airflow { namespace: String, dag: String },
    /// The pods' names and the API server's metrics.
    Kubeflow { namespace: String, name: String, others: Vec<String> },
}

impl Source {
    /// None where nothing runs in pods.
    pub(super) fn of(plan: &Plan, environment: &Environment, pipeline: &Pipeline) -> Option<Source> {
        let namespace = environment.orchestrator.arguments.get("namespace")?.as_str()?.to_owned();
        match environment.orchestrator.form.as_str() {
            "airflow" => Some(Source::Airflow { namespace, dag: dag_id(plan, pipeline) }),
            "kubeflow" => {
                let name = compiled_name(pipeline);
                let here = plan.pipelines.iter().filter(|other| other.environment == environment.name);
                let longer = here.map(compiled_name).filter(|other| other.starts_with(&format!("{name}-")));
                Some(Source::Kubeflow { namespace, others: longer.collect(), name })
            }
            _ => None,
        }
    }

    /// The namespace that its pods are in.
    pub(super) fn namespace(&self) -> &str {
        match self {
            Source::Airflow { namespace, .. } | Source::Kubeflow { namespace, .. } => namespace,
        }
    }

    /// The value of the pods' label `dag_id`, where there is one and it is whole.
    pub(super) fn label(&self) -> Option<String> {
        match self {
            Source::Airflow { dag, .. } => Some(dag.clone()),
            Source::Kubeflow { .. } => None,
        }
    }

    /// [`PODS`]
    pub(super) fn pods(&self) -> Expr {
        let created = Selector::of("kube_pod_created").with("namespace", self.namespace());
        match self {
            Source::Airflow { namespace, dag } => {
                let labelled = Selector::of("kube_pod_labels").with("namespace", namespace.as_str());
                let labelled = with_dag(labelled, "label_dag_id", dag).expr();
                let run = named(labelled, "run", "label_run_id", "(.+)");
                let run = run.aggregate("max", &["namespace", "pod", "run"]);
                let created = created.expr().aggregate("max", POD);
                created.joined(POD, &["run"], run)
            }
            Source::Kubeflow { name, others, .. } => {
                let run = format!("{}-[a-z0-9]{{5}}", literally(name));
                let ours = created.matching("pod", "=~", format!("{run}-.+"));
                let ours = without(ours, "pod", others);
                named(ours.expr(), "run", "pod", &format!("({run})-.+")).aggregate("max", &["namespace", "pod", "run"])
            }
        }
    }

    /// [`FAILED`]: how much the count of failures has grown; a count that was not there grew from nothing.
    pub(super) fn failed(&self) -> Expr {
        let count = match self {
            Source::Airflow { dag, .. } => {
                Selector::of("airflow_dagrun_duration_failed_count").with("dag_id", dag.as_str())
            }
            Source::Kubeflow { namespace, name, others } => {
                let count = Selector::of("resource_manager_workflow_runs_failed").with("profile", namespace.as_str());
                let ours = count.matching("workflow", "=~", format!("{}([^a-zA-Z0-9].*)?", literally(name)));
                without(ours, "workflow", others)
            }
        };
        let grown = count.clone().expr().then("-", count.clone().ago(RECENT).expr());
        let grown = Expr::call("clamp_min", [grown.then("or", count.expr()), Expr::Number(0.0)]);
        grown.aggregate("sum", &[]).then("or", Expr::call("vector", [Expr::Number(0.0)]))
    }
}

/// Every DAG id up to 63 letters is the label itself; of a longer one Airflow keeps the beginning, and a hash.
fn with_dag(selector: Selector, label: &str, dag: &str) -> Selector {
    match dag.len() <= 63 {
        true => selector.with(label, dag),
        false => selector.matching(label, "=~", format!("{}.*", literally(&dag[..dag.floor_char_boundary(50)]))),
    }
}

fn without(selector: Selector, label: &str, others: &[String]) -> Selector {
    let others: Vec<String> = others.iter().map(|name| format!("{}([^a-zA-Z0-9].*)?", literally(name))).collect();
    if others.is_empty() { selector } else { selector.matching(label, "!~", others.join("|")) }
}

fn named(of: Expr, label: &str, from: &str, pattern: &str) -> Expr {
    let text = |text: &str| Expr::Text(text.to_owned());
    Expr::call("label_replace", [of, text(label), text("$1"), text(from), text(pattern)])
}
