//! Which version of Kubeflow Pipelines is written for, and what came with which.
//!
//! The server refuses a document with a field that it does not know, or skips it in silence: so a field that is newer than the
//! version is an error where it is asked for. Vertex AI Pipelines reads the first document alone.

use crate::diagnostics::{Diagnostic, report};
use crate::plan::Plan;
use crate::source::Span;

/// `2.15`
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Version(pub(super) u32, pub(super) u32);

/// The newest release that is known, and what is written for where the project names none.
const NEWEST: Version = Version(2, 17);

/// Who runs it, and since when what is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Server {
    pub(super) version: Version,
    /// Vertex AI Pipelines, which has no cluster to speak of.
    pub(super) vertex: bool,
}

/// Features, each with the version that it came with, whether it speaks of the cluster, and the words for it.
macro_rules! features {
    ($($feature:ident ($major:literal, $minor:literal) $cluster:literal $words:literal;)*) => {
        /// Something that not every server has.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum Feature { $($feature),* }

        impl Feature {
            /// Every one.
            #[cfg(test)]
            pub(super) const ALL: &[Feature] = &[$(Feature::$feature),*];

            /// The version that it came with, whether only the cluster can do it, and the words for it.
            fn row(self) -> (Version, bool, &'static str) {
                match self { $(Feature::$feature => (Version($major, $minor), $cluster, $words)),* }
            }
        }
    };
}

features! {
    SecretVariables (2, 0) true "a secret as environment variables";
    SecretFiles (2, 0) true "a secret as files";
    ClaimedVolume (2, 0) true "a claimed volume";
    Claim (2, 0) true "claiming a volume in a run";
    NodeSelector (2, 0) true "a node selector";
    ConfigVariables (2, 2) true "a config map as environment variables";
    ConfigFiles (2, 2) true "a config map as files";
    PullSecret (2, 2) true "a secret to pull the image with";
    PullPolicy (2, 2) true "when the image is pulled";
    PodMetadata (2, 2) true "labels and annotations of a step's pod";
    Tolerations (2, 2) true "tolerations";
    NodeAffinity (2, 2) true "node affinity";
    ScratchVolume (2, 2) true "a volume that is claimed for one pod";
    FieldVariables (2, 2) true "a field of the pod as an environment variable";
    TaskTimeout (2, 2) true "a step's timeout";
    OptionalFiles (2, 2) true "files of a secret that may be absent";
    ResourceStrings (2, 3) false "resources that are known only at run time";
    EmptyDir (2, 3) true "an empty folder";
    CacheKey (2, 4) false "a key for the cache";
    NameParameter (2, 5) true "a name of a secret, config map or claim that is known only at run time";
    NodeSelectorJson (2, 5) true "a node selector as JSON";
    TolerationJson (2, 5) true "a toleration as JSON";
    Workspace (2, 14) true "a workspace";
    NodeAffinityJson (2, 14) true "node affinity as JSON";
    TaskConfig (2, 15) false "a step that takes the settings of its own task";
    DownloadToWorkspace (2, 15) true "an importer that downloads into the workspace";
    OptionalVariables (2, 15) true "variables of a secret or config map that may be absent";
    ParameterLiterals (2, 16) false "the values that a parameter may have";
    SecurityContext (2, 16) true "the user that a step runs as";
    SubPath (2, 16) true "a folder of a claimed volume";
    RunTimeout (2, 17) true "a pipeline's timeout";
    KeepRuns (2, 17) true "how long runs are kept";
    ClaimDataSource (2, 17) true "a claim that is made of another";
    InitContainers (2, 18) true "containers that run before a step's own";
}

impl Version {
    fn parse(text: &str) -> Option<Version> {
        let mut numbers = text.split('.').map(|number| number.parse().ok());
        let version = Version(numbers.next()??, numbers.next().unwrap_or(Some(0))?);
        (version.0 == 2 && numbers.all(|number| number.is_some())).then_some(version)
    }
}

impl Server {
    /// The server that the plan asks for.
    pub(super) fn of(plan: &Plan, diagnostics: &mut Vec<Diagnostic>) -> Server {
        let request = plan.targets.iter().find(|target| target.name == "kubeflow");
        let option = |name: &str| request.and_then(|request| request.options.get(name)?.as_str());
        let vertex = option("variant") == Some("vertex");
        let asked = request.zip(option("version"));
        let Some((request, text)) = asked else { return Server { version: NEWEST, vertex } };
        let version = Version::parse(text).unwrap_or_else(|| {
            let message = format!("`{text}` is no version of Kubeflow Pipelines that `mlp` writes for");
            diagnostics.push(
                report::kubeflow_version(request.place("version"), message)
                    .help("Name a version from \"2.0\" on, such as version: \"2.15\"."),
            );
            NEWEST
        });
        Server { version, vertex }
    }

    /// Whether it has that. What only makes a document plainer is left out for Vertex.
    pub(super) fn has(self, feature: Feature) -> bool {
        let (since, cluster, _) = feature.row();
        let plainer = feature == Feature::ParameterLiterals;
        self.version >= since && !(self.vertex && (cluster || plainer))
    }

    /// Whether a constant is written by its newer name beside the older one. Every server reads the older one, and SDKs up to 2.13
    /// know no other, whatever the servers of their number do.
    pub(super) fn has_twins(self) -> bool {
        self.version >= Version(2, 14)
    }

    /// Whether it has that; where not, says so at the place that asks for it.
    pub(super) fn ask(self, feature: Feature, span: Span, diagnostics: &mut Vec<Diagnostic>) -> bool {
        let (since, cluster, words) = feature.row();
        if self.vertex && cluster {
            let message = format!("Vertex AI Pipelines does not know {words}");
            diagnostics.push(
                report::kubeflow_cannot(span, message)
                    .note("It runs steps on machines of its own, and reads nothing that speaks of a cluster.")
                    .help(
                        "Leave it out in this environment, or let Kubeflow's own server run it: variant: open_source.",
                    ),
            );
        } else if self.version < since {
            let message = format!("Kubeflow Pipelines {} does not know {words}", self.version);
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

    #[test]
    fn every_feature_is_refused_one_version_before_and_accepted_at_its_own() {
        for feature in Feature::ALL {
            let (since, ..) = feature.row();
            let asked = |version: Version, vertex: bool| {
                let mut found = Vec::new();
                let has = Server { version, vertex }.ask(*feature, Span::default(), &mut found);
                assert_eq!(has, found.is_empty(), "{feature:?}");
                has
            };
            assert!(asked(since, false), "{feature:?}");
            assert!(since.1 == 0 || !asked(Version(since.0, since.1 - 1), false), "{feature:?}");
            assert_eq!(
                Server { version: since, vertex: true }.has(*feature),
                !feature.row().1 && *feature != Feature::ParameterLiterals
            );
        }
    }
}
