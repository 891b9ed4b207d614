//! What the cluster must know of a task: the second document.

use super::{Feature, Lowering, cannot};
use crate::emit::kubeflow::model::*;
use crate::plan::{SecretSource, Task};

impl Lowering<'_> {
    /// What an executor needs of the cluster.
    pub(super) fn cluster_of(&mut self, task: &Task) -> KubernetesExecutor {
        let mut executor = KubernetesExecutor::default();
        if let Some(seconds) = task.timeout
            && self.version.ask(Feature::TaskTimeout, task.span, &mut self.diagnostics)
        {
            executor.active_deadline_seconds = Int64(seconds.ceil().max(1.0) as i64);
        }
        executor.node_selector.labels =
            task.resources.node_selector.iter().map(|(key, value)| (key.clone(), value.clone())).collect();
        if !task.recorded {
            for (variable, source) in &task.secrets {
                self.secret(task, variable, source, &mut executor.secret_as_env);
            }
        }
        executor
    }

    fn secret(&mut self, task: &Task, variable: &str, source: &SecretSource, secrets: &mut Vec<SecretAsEnv>) {
        let argument = |name: &str| source.home.arguments.get(name).and_then(|value| value.as_str());
        let (Some(name), Some(key), "kubernetes_secret") =
            (argument("name"), argument("key"), source.home.form.as_str())
        else {
            let message = format!(
                "the step `{}` reads the secret `{}`, whose home `{}` no pod on Kubeflow can read",
                task.step, source.secret, source.home.form
            );
            let help = "Bind it where pods can read it: kubernetes_secret(name: \"…\", key: \"…\").";
            let place = format!("`{}` has its home here", source.secret);
            self.diagnostics.push(cannot(task.span, message).label(source.home.span, place).help(help));
            return;
        };
        let pair = SecretKeyToEnv { env_var: variable.to_owned(), secret_key: key.to_owned() };
        if let Some(known) = secrets.iter_mut().find(|known| known.secret_name == name) {
            known.key_to_env.push(pair);
            return;
        }
        let parameter = self.version.has(Feature::SecretNameParameter);
        secrets.push(SecretAsEnv {
            key_to_env: vec![pair],
            optional: None,
            secret_name: name.to_owned(),
            secret_name_parameter: parameter.then(|| TaskInputParameter::constant(name.into())),
        });
    }

    /// The second document, if the cluster must know of anything.
    pub(super) fn platform(&mut self) -> Option<PlatformSpec> {
        let mut platform = PlatformSpec::default();
        let kubernetes = &mut platform.platforms.kubernetes;
        kubernetes.deployment_spec.executors = std::mem::take(&mut self.cluster);
        if let Some(seconds) = self.pipeline.timeout.filter(|_| self.version.has(Feature::RunTimeout)) {
            kubernetes.pipeline_config.active_deadline_seconds = seconds.ceil().clamp(1.0, f64::from(i32::MAX)) as i32;
        }
        (platform != PlatformSpec::default()).then_some(platform)
    }
}
