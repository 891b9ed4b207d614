//! Documents for older servers, read by the SDKs of their time: none has a field that those do not know.
//!
//! In: the examples and `everything`, each written for each version. Out: what the SDK of that version says.
//! Each SDK stands in an environment of its own, with the messages of the servers that it came with.

use super::{EXAMPLES, compiled, run, script_of};
use crate::project::{Project, folders, repository};

/// The version that is written for, and the environment that reads it.
const VERSIONS: &[(&str, &str)] =
    &[("2.0", "kfp-2.0"), ("2.5", "kfp-2.5"), ("2.14", "kfp-2.14"), ("2.16", "kfp-2.16"), ("2.17", "kfp-2.17")];

/// What came later, in the examples and `everything`: taken out of the sources for older versions. A server 2.4 knows the key for the
/// cache, the SDK 2.5 does not yet.
const NEWER: &[(&str, &str)] =
    &[("2.2", "  timeout: 90s\n"), ("2.6", ", cache_key: \"notes\""), ("2.17", "  deadline:        2h\n")];

/// The project, written for another version of Kubeflow.
fn of_version(mut project: Project, version: &str) -> Project {
    let target = regex::Regex::new(r#"(?m)^( +target kubeflow)\b.*$"#).expect("a pattern");
    for (path, bytes) in &mut project.files {
        let Ok(text) = std::str::from_utf8(bytes) else { continue };
        if path.ends_with(".mlp") {
            let mut text = target.replace(text, format!("$1 {{ version: \"{version}\" }}")).into_owned();
            for (_, newer) in NEWER.iter().filter(|(since, _)| number(version) < number(since)) {
                text = text.replace(newer, "");
            }
            *bytes = text.into_bytes();
        }
    }
    project
}

fn number(version: &str) -> u32 {
    version.strip_prefix("2.").and_then(|minor| minor.parse().ok()).expect("a version is 2.x")
}

#[test]
fn the_sdk_of_every_version_reads_what_is_written_for_it() {
    let everything = ("everything".to_owned(), "tests/conformance/kubeflow/everything".to_owned());
    let examples = folders(EXAMPLES).into_iter().map(|name| (name.clone(), format!("{EXAMPLES}/{name}")));
    let projects: Vec<(String, String)> = examples.chain([everything]).collect();
    for (version, environment) in VERSIONS {
        // The examples ask for what came with 2.2.
        let known = projects.iter().filter(|(name, _)| *version != "2.0" || name == "everything");
        let files = known.flat_map(|(name, folder)| {
            let project = Project::read(&repository(folder), &[]);
            compiled(&format!("{name}-for-{version}"), &of_version(project, version))
        });
        run(script_of(environment, "read.py").args(files));
    }
}
