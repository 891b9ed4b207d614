//! What Airflow knows of a run when it runs: `std.run`.
//!
//! In: the library's name of it. Out: where it stands in a task's context, as Jinja and as Python. It refuses to know who asks.

use crate::emit::airflow::store::URI;
use crate::emit::airflow::version::Version;
use crate::text::jinja;
use crate::text::python::{Expression, FormatPart};

/// What Airflow knows of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::emit::airflow) enum Known {
    /// Its id.
    Run,
    /// The address of the folder of its artifacts.
    Root,
    /// The task's name.
    Task,
    /// The run, the task and its turn, as one text.
    TaskOfRun,
    /// When it began.
    Begun,
    /// When it was due.
    Due,
}

/// How a moment is written: RFC 3339, in UTC, as Airflow keeps it.
const MOMENT: &str = "%Y-%m-%dT%H:%M:%SZ";

impl Known {
    /// What the library's function gives; none where Airflow has no answer.
    pub(in crate::emit::airflow) fn of(name: &str) -> Option<Self> {
        Some(match name {
            "run_id" | "run_name" => Known::Run,
            "run_root" => Known::Root,
            "task_name" => Known::Task,
            "task_id" => Known::TaskOfRun,
            "created_at" => Known::Begun,
            "scheduled_at" => Known::Due,
            _ => return None,
        })
    }

    /// The part of a task's context that it stands in, and the way to it.
    fn place(self, version: Version) -> (&'static str, &'static str) {
        match self {
            Known::Run | Known::Root => ("run_id", "run_id"),
            Known::Task => ("ti", "ti.task_id"),
            Known::TaskOfRun => ("ti", "ti"),
            Known::Begun => ("dag_run", "dag_run.start_date"),
            Known::Due if !version.has_sdk() => ("dag_run", "dag_run.data_interval_end"),
            Known::Due => ("dag_run", "dag_run.run_after"),
        }
    }

    /// As Jinja.
    pub(super) fn jinja(self, version: Version) -> jinja::Expression {
        let found = jinja::Expression::name(self.place(version).1);
        match self {
            Known::Root => {
                jinja::Expression::Concat(vec![jinja::Expression::name(URI.1), jinja::Expression::string("/"), found])
            }
            Known::Begun | Known::Due => jinja::Expression::Call(
                Box::new(found.dot("strftime")),
                vec![jinja::Expression::string(MOMENT)],
                vec![],
            ),
            Known::TaskOfRun => {
                let slash = || jinja::Expression::string("/");
                let parts = ["run_id", "task_id", "map_index"].map(|part| found.clone().dot(part));
                let [run, task, turn] = parts;
                jinja::Expression::Concat(vec![run, slash(), task, slash(), turn])
            }
            Known::Run | Known::Task => found,
        }
    }

    /// As Python, and what the function takes of the context for it.
    pub(super) fn python(self, version: Version) -> (Expression, &'static str) {
        let (needed, way) = self.place(version);
        let found = Expression::name(way);
        let found = match self {
            Known::Root => Expression::Format(vec![
                FormatPart::Value(Expression::name(URI.0)),
                FormatPart::Text("/".to_owned()),
                FormatPart::Value(found),
            ]),
            Known::Begun | Known::Due => found.dot("strftime").call([Expression::text(MOMENT)]),
            Known::TaskOfRun => {
                let parts = ["run_id", "task_id", "map_index"].map(|part| FormatPart::Value(found.clone().dot(part)));
                let [run, task, turn] = parts;
                let slash = || FormatPart::Text("/".to_owned());
                Expression::Format(vec![run, slash(), task, slash(), turn])
            }
            Known::Run | Known::Task => found,
        };
        (found, needed)
    }
}
