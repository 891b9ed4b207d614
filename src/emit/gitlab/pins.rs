//! The images that jobs need beside the project's own, each by digest: the only list of them. A project may say others.

use super::model::Pipeline;

/// The command line of Docker, with its builder.
pub(super) const DOCKER: &str =
    "docker.io/library/docker:28-cli@sha256:625d9431a9f54c5a2bc90f24f0e1c3d55b1349fd857dd85035f98c2c9acbdd4d";

/// A Docker daemon beside the job.
pub(super) const DAEMON: &str =
    "docker.io/library/docker:28-dind@sha256:2a232a42256f70d78e3cc5d2b5d6b3276710a0de0596c145f627ecfae90282ac";

/// What a pipeline uses: an image and its digest.
pub(super) fn used(pipeline: &Pipeline) -> Vec<(String, String)> {
    let jobs = pipeline.jobs.values().flat_map(|job| job.0.image.iter().chain(&job.0.services));
    let images = std::iter::once(&pipeline.default.0.image).chain(jobs);
    let pinned = images.filter_map(|image| image.split_once('@'));
    pinned.map(|(image, digest)| (image.to_owned(), digest.to_owned())).collect()
}
