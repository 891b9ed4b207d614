//! What a DAG file imports: what it speaks of, and nothing else.

use std::collections::BTreeSet;

use super::super::version::Version;
use crate::text::python::{Import, Statement};

/// A name, and the module that it comes from; a module of its own where that is empty.
type From = (&'static str, &'static str);

/// What comes from the same place whichever version reads it.
const FROM: &[From] = &[
    ("json", ""),
    ("os", ""),
    ("re", ""),
    ("datetime", "datetime"),
    ("timedelta", "datetime"),
    ("timezone", "datetime"),
    ("TemporaryDirectory", "tempfile"),
    ("Request", "urllib.request"),
    ("urlopen", "urllib.request"),
    ("AirflowSkipException", "airflow.exceptions"),
    ("KubernetesPodOperator", "airflow.providers.cncf.kubernetes.operators.pod"),
    ("Secret", "airflow.providers.cncf.kubernetes.secret"),
    ("SubprocessHook", "airflow.providers.standard.hooks.subprocess"),
    ("ApprovalOperator", "airflow.providers.standard.operators.hitl"),
    ("EmptyOperator", "airflow.providers.standard.operators.empty"),
    ("PythonOperator", "airflow.providers.standard.operators.python"),
    ("CronTriggerTimetable", "airflow.timetables.trigger"),
    ("k8s", "kubernetes.client"),
];

/// What DAGs are written with in Airflow 3.
const FROM_SDK: &[From] = &[
    ("Asset", "airflow.sdk"),
    ("Connection", "airflow.sdk"),
    ("Param", "airflow.sdk"),
    ("TaskGroup", "airflow.sdk"),
    ("chain", "airflow.sdk"),
    ("dag", "airflow.sdk"),
    ("task", "airflow.sdk"),
    ("task_group", "airflow.sdk"),
];

/// What DAGs are written with in Airflow 2.
const FROM_2: &[From] = &[
    ("dag", "airflow.decorators"),
    ("task", "airflow.decorators"),
    ("task_group", "airflow.decorators"),
    ("Dataset", "airflow.datasets"),
    ("BaseHook", "airflow.hooks.base"),
    ("chain", "airflow.models.baseoperator"),
    ("Param", "airflow.models.param"),
    ("TaskGroup", "airflow.utils.task_group"),
];

/// The imports that these statements need, by group.
pub(super) fn of(body: &[Statement], version: Version) -> Vec<Statement> {
    let used: BTreeSet<String> = Statement::names(body);
    let mut imports: Vec<Import> = Vec::new();
    let written_with = if version.has_sdk() { FROM_SDK } else { FROM_2 };
    for (name, module) in FROM.iter().chain(written_with).filter(|(name, _)| used.contains(*name)) {
        let taken = if *name == "k8s" { "models as k8s" } else { name };
        match imports.iter_mut().find(|import| import.module == *module) {
            Some(import) => import.names.push(taken.to_owned()),
            None if module.is_empty() => imports.push(Import::new(name, [])),
            None => imports.push(Import::new(module, [taken])),
        }
    }
    imports.sort_by(|a, b| (!a.names.is_empty(), &a.module).cmp(&(!b.names.is_empty(), &b.module)));
    let third_party = |import: &Import| import.module.starts_with("airflow") || import.module.starts_with("kubernetes");
    let (others, own): (Vec<_>, Vec<_>) = imports.into_iter().partition(third_party);
    let future = Import::new("__future__", ["annotations"]);
    let groups = [vec![future], own, others];
    groups.into_iter().filter(|group| !group.is_empty()).map(Statement::Imports).collect()
}
