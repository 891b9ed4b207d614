//! What a DAG file imports: what it speaks of, and nothing else.

use std::collections::BTreeSet;

use crate::text::python::{Import, Statement};

/// A name, and the module that it comes from; a module of its own where that is empty.
const FROM: &[(&str, &str)] = &[
    ("json", ""),
    ("re", ""),
    ("datetime", "datetime"),
    ("timedelta", "datetime"),
    ("timezone", "datetime"),
    ("Request", "urllib.request"),
    ("urlopen", "urllib.request"),
    ("AirflowSkipException", "airflow.exceptions"),
    ("KubernetesPodOperator", "airflow.providers.cncf.kubernetes.operators.pod"),
    ("Secret", "airflow.providers.cncf.kubernetes.secret"),
    ("EmptyOperator", "airflow.providers.standard.operators.empty"),
    ("Asset", "airflow.sdk"),
    ("Connection", "airflow.sdk"),
    ("Param", "airflow.sdk"),
    ("TaskGroup", "airflow.sdk"),
    ("chain", "airflow.sdk"),
    ("dag", "airflow.sdk"),
    ("task", "airflow.sdk"),
    ("task_group", "airflow.sdk"),
    ("CronTriggerTimetable", "airflow.timetables.trigger"),
    ("k8s", "kubernetes.client"),
];

/// The imports that these statements need, by group.
pub(super) fn of(body: &[Statement]) -> Vec<Statement> {
    let used: BTreeSet<String> = Statement::names(body);
    let mut imports: Vec<Import> = Vec::new();
    for (name, module) in FROM.iter().filter(|(name, _)| used.contains(*name)) {
        let taken = if *name == "k8s" { "models as k8s" } else { name };
        match imports.iter_mut().find(|import| import.module == *module) {
            Some(import) => import.names.push(taken.to_owned()),
            None if module.is_empty() => imports.push(Import::new(name, [])),
            None => imports.push(Import::new(module, [taken])),
        }
    }
    let third_party = |import: &Import| import.module.starts_with("airflow") || import.module.starts_with("kubernetes");
    let (others, own): (Vec<_>, Vec<_>) = imports.into_iter().partition(third_party);
    let future = Import::new("__future__", ["annotations"]);
    let groups = [vec![future], own, others];
    groups.into_iter().filter(|group| !group.is_empty()).map(Statement::Imports).collect()
}
