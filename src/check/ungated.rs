//! Ways to production on which nothing is asked.
//!
//! In: a promotion. Out: a warning for an edge into production that a change reaches without a gate, a measure or a person.
//! It refuses to judge whether what is asked is enough: policies say that.

use super::checker::Checker;
use crate::diagnostics::{any_error, report};
use crate::model::{Edge, EdgeStatementKind, Promotion};
use crate::resolve::DeclId;

impl Checker<'_> {
    pub(super) fn warn_of_ungated(&mut self, promotion: &Promotion) {
        // A faulty statement is none, and what is missing then has been said.
        if any_error(&self.diagnostics) {
            return;
        }
        let bare = bare(promotion);
        for edge in &promotion.edges {
            let production = self.model.environments.get(&edge.to).is_some_and(|to| to.tier() == "production");
            if !production || asks(edge) || !edge.from.iter().all(|from| bare.contains(from)) {
                continue;
            }
            let message = format!("nothing is verified, required or approved on the way to `{}`", self.name(edge.to));
            self.report(
                report::ungated_production(edge.span, message)
                    .here("whatever passes CI is live here")
                    .label(self.model.span(edge.to), "its tier is `production`")
                    .help("write `verify […]`, `require …` or `approve … of …` in an edge on the way"),
            );
        }
    }
}

/// The environments that a change reaches without anything being asked.
fn bare(promotion: &Promotion) -> Vec<DeclId> {
    let mut reached: Vec<DeclId> = Vec::new();
    loop {
        let before = reached.len();
        for edge in promotion.edges.iter().filter(|edge| !asks(edge)) {
            if edge.from.iter().all(|from| reached.contains(from)) && !reached.contains(&edge.to) {
                reached.push(edge.to);
            }
        }
        if reached.len() == before {
            return reached;
        }
    }
}

/// Whether an edge may end otherwise than well for what it brings.
fn asks(edge: &Edge) -> bool {
    edge.statements.iter().any(|statement| {
        matches!(
            statement.kind,
            EdgeStatementKind::Require(..)
                | EdgeStatementKind::StartManual
                | EdgeStatementKind::Approve(..)
                | EdgeStatementKind::Preflight(..)
                | EdgeStatementKind::Verify(..)
                | EdgeStatementKind::Release(_, Some(_))
        )
    })
}
