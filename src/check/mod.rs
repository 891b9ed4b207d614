//! The rules: syntax trees and names -> the typed [`Model`], and what is wrong.
//!
//! In: all files' trees, their names, and the project's other files (Python sources). Out: a [`Checked`]: a model as far
//! as it could be built, and diagnostics; never one without the other. An unknown type absorbs, so that one fault is told once.
//! It refuses to know targets. [`check`] reads as a table of contents of the rules.

mod advice;
mod advice_forms;
mod antichain;
mod approval;
pub(crate) mod arithmetic;
mod call;
mod checker;
mod circles;
mod claim;
mod compute;
pub(crate) mod cost;
mod declarations;
mod environment;
pub(crate) mod eval;
mod expr;
mod fields;
mod finally;
mod flow;
mod formats;
mod importer;
mod items;
pub(crate) mod limits;
pub(crate) mod literal;
pub(crate) mod longest;
mod mirror;
mod misread;
mod names;
mod operations;
mod operators;
mod order;
mod pipeline;
mod policy;
pub(crate) mod predicates;
mod pretence;
pub(crate) mod privacy;
mod promotion;
mod python;
mod quantity;
mod reproducible;
mod schedules;
mod step;
mod tests;
mod tools;
mod types;
mod ungated;
mod unused;
pub(crate) mod whole;
mod words;
mod world;

use std::collections::{BTreeMap, BTreeSet};

use crate::ast::ItemKind;
use crate::diagnostics::{self, Diagnostic};
use crate::model::Model;
use crate::resolve::{DeclId, Names};
use crate::source::{ProjectFiles, SourceMap};
pub(crate) use arithmetic::show;
use checker::Checker;

/// A project, checked as far as it could be.
#[derive(Clone, Debug)]
pub struct Checked {
    /// What it is.
    pub model: Model,
    /// What is wrong with it, sorted.
    pub diagnostics: Vec<Diagnostic>,
}

/// Checks a project. `earlier` is what parsing and resolving have found already: where that has errors, proofs about the
/// whole project wait until it is mended. Where it is not `whole`, a file and what it imports, nothing is missed that another file may say.
pub fn check(
    sources: SourceMap,
    names: Names,
    project: &dyn ProjectFiles,
    earlier: Vec<Diagnostic>,
    whole: bool,
) -> Checked {
    let misread = misread::Misread::of(&names, &earlier);
    let model = Model { names, sources, ..Model::default() };
    let mut checker = Checker {
        model,
        diagnostics: earlier,
        project,
        misread,
        in_progress: Vec::new(),
        settled: BTreeSet::new(),
        python: BTreeMap::new(),
        broken: BTreeSet::new(),
    };
    checker.note_broken();
    checker.declarations();
    checker.steps_and_pipelines();
    checker.environments_and_delivery();
    if whole {
        checker.check_there_is_a_project();
    }
    checker.note_broken();
    checker.proofs();
    let diagnostics = without_idle_advice(diagnostics::sorted(checker.diagnostics));
    Checked { model: checker.model, diagnostics }
}

/// What is unused is told when nothing is wrong: a name that was misspelt would be told twice.
fn without_idle_advice(mut diagnostics: Vec<Diagnostic>) -> Vec<Diagnostic> {
    if diagnostics::any_error(&diagnostics) {
        diagnostics.retain(|diagnostic| !diagnostic.code.slug().starts_with("unused_"));
    }
    diagnostics
}

impl Checker<'_> {
    fn each(&mut self, mut visit: impl FnMut(&mut Self, DeclId, &ItemKind)) {
        let all: Vec<DeclId> = self.model.names.decls().map(|(id, _)| id).collect();
        for decl in all {
            let item = self.item(decl);
            visit(self, decl, &item.kind);
        }
    }

    fn each_nameless(&mut self, mut visit: impl FnMut(&mut Self, crate::source::FileId, &crate::ast::Item)) {
        let all: Vec<_> = self.model.names.nameless().cloned().collect();
        for (file, item) in all {
            visit(self, file, &item);
        }
    }

    /// What everything else is made of.
    fn declarations(&mut self) {
        self.declare_types();
        self.each(|checker, decl, kind| match kind {
            ItemKind::Fn(_) => {
                checker.function(decl);
            }
            ItemKind::Let(_) => {
                checker.let_type(decl);
            }
            ItemKind::Form(_) => {
                checker.form(decl);
            }
            ItemKind::Need(need) => checker.declare_need(decl, need),
            _ => {}
        });
    }

    /// What runs, and how data flows.
    fn steps_and_pipelines(&mut self) {
        self.each_nameless(|checker, file, item| {
            if let ItemKind::Defaults(defaults) = &item.kind {
                checker.check_defaults(file, defaults);
            }
        });
        self.each(|checker, decl, kind| match kind {
            ItemKind::Image(image) => checker.check_build(decl, image, false),
            ItemKind::Package(package) => checker.check_build(decl, package, true),
            _ => {}
        });
        self.each(|checker, decl, kind| match kind {
            ItemKind::Step(_) => checker.check_step(decl),
            ItemKind::Team(team) => checker.check_team(decl, team),
            ItemKind::Verification(verification) => checker.check_verification(decl, verification),
            _ => {}
        });
        self.each(|checker, decl, kind| match kind {
            ItemKind::Pipeline(_) => checker.check_pipeline(decl),
            ItemKind::Expectation(expectation) => checker.check_expectation(decl, expectation),
            _ => {}
        });
        self.each(|checker, decl, kind| {
            if let ItemKind::Service(service) = kind {
                checker.check_service(decl, service);
            }
        });
    }

    /// Where it runs, and how a change gets there.
    fn environments_and_delivery(&mut self) {
        self.each(|checker, decl, kind| {
            if let ItemKind::Environment(_) = kind {
                checker.environment(decl);
            }
        });
        self.each_nameless(|checker, file, item| match &item.kind {
            ItemKind::Project(project) => checker.check_project(file, project, item.docs.as_ref()),
            ItemKind::Ci(entries) => checker.check_ci(file, item.keyword, entries),
            _ => {}
        });
        self.each_nameless(|checker, file, item| match &item.kind {
            ItemKind::Promotion(promotion) => checker.check_promotion(file, item.keyword, promotion),
            ItemKind::Test(test) => checker.check_test(file, test),
            _ => {}
        });
    }

    /// What is proven of the whole project.
    fn proofs(&mut self) {
        if !self.check_pipeline_circles() {
            return;
        }
        self.choose_pipelines();
        self.check_environments_whole();
        self.check_ci_secrets();
        self.check_promotion_graph();
        self.check_privacy();
        self.check_limits();
        self.each(|checker, decl, kind| {
            if let ItemKind::Policy(policy) = kind {
                checker.check_policy(decl, policy);
            }
        });
        self.warn_of_unused();
    }
}
