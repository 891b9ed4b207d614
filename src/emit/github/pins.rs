//! The actions that a workflow may use, each as the commit of a release: the only list of them.

use crate::text::yaml::Commented;

/// `(action, version, commit)`
const PINS: &[(&str, &str, &str)] = &[
    ("actions/attest-build-provenance", "v4.1.1", "0f67c3f4856b2e3261c31976d6725780e5e4c373"),
    ("actions/checkout", "v7.0.1", "3d3c42e5aac5ba805825da76410c181273ba90b1"),
    ("actions/setup-python", "v7.0.0", "5fda3b95a4ea91299a34e894583c3862153e4b97"),
    ("actions/upload-artifact", "v7.0.1", "043fb46d1a93c77aae656e7c1c64a875d1fc6a0a"),
    ("docker/build-push-action", "v7.3.0", "53b7df96c91f9c12dcc8a07bcb9ccacbed38856a"),
    ("docker/login-action", "v4.6.0", "dbcb813823bdd20940b903addbd779551569679f"),
];

/// `action@commit # version`. An action that the table lacks is a fault of this emitter.
pub(super) fn pinned(action: &str) -> Commented<String> {
    let (_, version, commit) =
        PINS.iter().find(|(name, ..)| *name == action).expect("every action that is used stands in the table of pins");
    Commented(format!("{action}@{commit}"), (*version).to_owned())
}
