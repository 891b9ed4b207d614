//! What serves a model: KServe, by the real `kubectl`.
//!
//! A new version is a new revision of the `InferenceService`; `canaryTrafficPercent` is its share, and the revision before has the rest.
//! <https://kserve.github.io/website/docs/model-serving/predictive-inference/rollout-strategies/canary>

use std::path::Path;
use std::process::Command;

use serde_json::{Value as Json, json};

use super::own::{Place, ask};
use super::{Deadline, Done, Failure, program};
use crate::plan::{Environment, Form, OwnOperation, Plan, Service};

/// What serves a service in an environment: KServe, or the project's own command.
pub enum Server<'p> {
    /// KServe.
    KServe(KServe<'p>),
    /// The command, on what, and for which service.
    Own(&'p OwnOperation, Place<'p>, &'p str),
}

impl<'p> Server<'p> {
    /// The one that the environment names; `folder` is the project's.
    pub fn of(plan: &'p Plan, environment: &'p Environment, service: &'p Service, folder: &'p Path) -> Done<Self> {
        match environment.operations.get("traffic") {
            Some(own) => Ok(Self::Own(own, Place { project: &plan.project.name, environment, folder }, &service.name)),
            None => KServe::of(environment, service).map(Self::KServe),
        }
    }

    /// Gives the version of that model a share of the traffic, in percent.
    pub fn send(&self, model: &str, percent: u32, version: &str, deadline: &Deadline) -> Done<()> {
        match self {
            Self::KServe(there) => there.send(model, percent, version, deadline),
            Self::Own(own, place, service) => {
                let told = [
                    ("MLP_SERVICE", (*service).to_owned()),
                    ("MLP_MODEL", model.to_owned()),
                    ("MLP_WEIGHT", format!("{}", f64::from(percent) / 100.0)),
                    ("MLP_VERSION", version.to_owned()),
                ];
                ask(own, "traffic", &told, place, deadline).map(drop)
            }
        }
    }

    /// Takes all traffic back to the version before.
    pub fn take_back(&self, deadline: &Deadline) -> Done<()> {
        match self {
            Self::KServe(there) => there.take_back(deadline),
            Self::Own(..) => self.send("", 0, "", deadline),
        }
    }
}

/// A service of an environment on KServe.
pub struct KServe<'p> {
    name: String,
    form: &'p Form,
    account: Option<&'p str>,
}

impl<'p> KServe<'p> {
    /// The service as the environment binds it.
    pub fn of(environment: &'p Environment, service: &Service) -> Done<Self> {
        let form = environment.services.get(&service.name);
        let form =
            form.ok_or_else(|| Failure::new(format!("`{}` does not serve `{}`", environment.name, service.name)))?;
        match form.form.as_str() {
            "kserve" => Ok(Self {
                name: service.name.replace('_', "-").to_lowercase(),
                form,
                account: environment.service_account.as_deref(),
            }),
            other => {
                Err(Failure::new(format!("`{}` is served by `{other}`, to which `mlp` cannot speak", service.name)))
            }
        }
    }

    fn argument(&self, name: &str) -> Option<&'p Json> {
        self.form.arguments.get(name).filter(|value| !value.is_null())
    }

    fn namespace(&self) -> &'p str {
        self.argument("namespace").and_then(Json::as_str).unwrap_or_default()
    }

    /// The document of the service that serves a model with that share of the traffic, in percent.
    pub fn document(&self, model: &str, percent: u32, version: &str) -> Json {
        let replicas = self.argument("replicas").and_then(Json::as_u64).unwrap_or(1);
        let most = self.argument("max_replicas").and_then(Json::as_u64).unwrap_or(replicas);
        let mut predictor = json!({
            "minReplicas": replicas,
            "maxReplicas": most,
            "model": {
                "modelFormat": {"name": self.argument("format").and_then(Json::as_str).unwrap_or("sklearn")},
                "storageUri": model,
            },
        });
        if percent < 100 {
            predictor["canaryTrafficPercent"] = json!(percent);
        }
        if let Some(account) = self.account {
            predictor["serviceAccountName"] = json!(account);
        }
        json!({
            "apiVersion": "serving.kserve.io/v1beta1",
            "kind": "InferenceService",
            "metadata": {
                "name": self.name,
                "namespace": self.namespace(),
                "labels": {"app.kubernetes.io/managed-by": "mlp"},
                "annotations": {"mlp/version": version},
            },
            "spec": {"predictor": predictor},
        })
    }

    /// Gives the version of that model a share of the traffic, and waits until it serves.
    pub fn send(&self, model: &str, percent: u32, version: &str, deadline: &Deadline) -> Done<()> {
        let mut file = tempfile::NamedTempFile::new()
            .map_err(|error| Failure::new(format!("there is no room for a file: {error}")))?;
        let document = self.document(model, percent, version);
        std::io::Write::write_all(&mut file, document.to_string().as_bytes())
            .map_err(|error| Failure::new(format!("there is no room for a file: {error}")))?;
        let mut apply = Command::new("kubectl");
        // The field belongs to whoever said it last: at 100% it is not said, and goes if it was said here.
        apply
            .args(["apply", "--server-side", "--force-conflicts", "--field-manager=mlp", "--filename"])
            .arg(file.path());
        program::run(&mut apply, deadline)?;
        if percent == 100 {
            // After a way back it was said there, and would stay: the new version would have no traffic.
            self.share(&Json::Null, deadline)?;
        }
        self.wait(deadline)
    }

    /// Takes all traffic back to the revision before; a service that is not there has none.
    pub fn take_back(&self, deadline: &Deadline) -> Done<()> {
        match self.share(&json!(0), deadline) {
            Err(failure) if failure.reason().contains("NotFound") => Ok(()),
            done => done,
        }
    }

    /// Sets the newest revision's share, or takes the field away.
    fn share(&self, percent: &Json, deadline: &Deadline) -> Done<()> {
        let mut patch = Command::new("kubectl");
        patch.args(["patch", "inferenceservice", &self.name, "--namespace", self.namespace(), "--type", "merge"]);
        patch.arg("--patch").arg(json!({"spec": {"predictor": {"canaryTrafficPercent": percent}}}).to_string());
        program::run(&mut patch, deadline).map(drop)
    }

    fn wait(&self, deadline: &Deadline) -> Done<()> {
        let Some(left) = deadline.left() else { return Err(deadline.over(&format!("{} was not ready", self.name))) };
        let mut wait = Command::new("kubectl");
        wait.args(["wait", "--for=condition=Ready", &format!("inferenceservice/{}", self.name)]);
        wait.args(["--namespace", self.namespace(), &format!("--timeout={}s", left.as_secs().max(1))]);
        match program::run(&mut wait, deadline) {
            Ok(_) => Ok(()),
            Err(failure) if failure.reason().contains("timed out waiting") => {
                Err(deadline.over(&format!("the new version of {} was not ready", self.name)))
            }
            Err(failure) => Err(failure.while_doing("the new version is not ready")),
        }
    }
}
