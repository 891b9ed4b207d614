//! What is said of the cluster, held against the same pipeline compiled by the SDK with its extension for Kubernetes.

use super::{compiled, run, script};
use crate::project::{Project, repository};

#[test]
fn the_cluster_is_told_what_the_sdk_tells_it() {
    let project = Project::read(&repository("tests/conformance/kubeflow/cluster"), &[]);
    let files = compiled("cluster", &project);
    run(script("read.py").args(&files));
    run(script("cluster.py").args(&files));
}
