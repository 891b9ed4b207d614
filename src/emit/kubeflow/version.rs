//! Which version of Kubeflow Pipelines is written for, and what came with which.
//!
//! The server refuses a document with a field that it does not know, or skips it in silence: so a field that is newer than the
//! version is an error where it is asked for.

use crate::diagnostics::{Diagnostic, report};
use crate::plan::Plan;
use crate::source::Span;

/// `2.15`
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Version(pub(super) u32, pub(super) u32);

/// The newest that is known, and what is written for where the project names none.
const NEWEST: Version = Version(2, 17);

/// Something that not every version has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Feature {
    TaskTimeout,
    ResourceStrings,
    CacheKey,
    SecretNameParameter,
    ParameterLiterals,
    RunTimeout,
}

impl Feature {
    /// The version that it came with, and the words for it.
    fn since(self) -> (Version, &'static str) {
        match self {
            Feature::TaskTimeout => (Version(2, 2), "a step's timeout"),
            Feature::ResourceStrings => (Version(2, 3), "resources as text"),
            Feature::CacheKey => (Version(2, 4), "a key for an earlier result"),
            Feature::SecretNameParameter => (Version(2, 5), "a secret's name as a parameter"),
            Feature::ParameterLiterals => (Version(2, 16), "the values that a parameter may have"),
            Feature::RunTimeout => (Version(2, 17), "a pipeline's timeout"),
        }
    }
}

impl Version {
    /// The version that the plan asks for.
    pub(super) fn of(plan: &Plan, diagnostics: &mut Vec<Diagnostic>) -> Version {
        let request = plan.targets.iter().find(|target| target.name == "kubeflow");
        let asked = request.and_then(|request| Some((request, request.options.get("version")?.as_str()?)));
        let Some((request, text)) = asked else { return NEWEST };
        Version::parse(text).unwrap_or_else(|| {
            let message = format!("`{text}` is no version of Kubeflow Pipelines that `mlp` writes for");
            diagnostics.push(
                report::kubeflow_version(request.span, message)
                    .help("Name a version from \"2.0\" on, such as version: \"2.15\"."),
            );
            NEWEST
        })
    }

    fn parse(text: &str) -> Option<Version> {
        let mut numbers = text.split('.').map(|number| number.parse().ok());
        let version = Version(numbers.next()??, numbers.next().unwrap_or(Some(0))?);
        (version.0 == 2 && numbers.all(|number| number.is_some())).then_some(version)
    }

    /// Whether it has that.
    pub(super) fn has(self, feature: Feature) -> bool {
        self >= feature.since().0
    }

    /// Whether it has that; where not, says so at the place that asks for it.
    pub(super) fn ask(self, feature: Feature, span: Span, diagnostics: &mut Vec<Diagnostic>) -> bool {
        let (since, words) = feature.since();
        if !self.has(feature) {
            let message = format!("Kubeflow Pipelines {self} does not know {words}");
            diagnostics.push(
                report::kubeflow_version(span, message)
                    .note(format!("It came with {since}; an older server refuses or skips the document."))
                    .help(format!(
                        "Leave it out, or write for a newer server: target kubeflow {{ version: \"{since}\" }}."
                    )),
            );
        }
        self.has(feature)
    }
}

impl std::fmt::Display for Version {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(to, "{}.{}", self.0, self.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_numbers_not_text() {
        assert!(Version::parse("2.5") < Version::parse("2.15"));
        assert_eq!(Version::parse("2.15.1"), Some(Version(2, 15)));
        assert_eq!([Version::parse("1.8"), Version::parse("two"), Version::parse("2.x")], [None; 3]);
    }
}
