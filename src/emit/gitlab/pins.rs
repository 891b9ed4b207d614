//! The images that jobs need beside the project's own, each by digest: the only list of them.

/// The command line of Docker, with its builder.
pub(super) const DOCKER: &str =
    "docker.io/library/docker:28-cli@sha256:625d9431a9f54c5a2bc90f24f0e1c3d55b1349fd857dd85035f98c2c9acbdd4d";

/// A Docker daemon beside the job.
pub(super) const DAEMON: &str =
    "docker.io/library/docker:28-dind@sha256:2a232a42256f70d78e3cc5d2b5d6b3276710a0de0596c145f627ecfae90282ac";
