//! An older version never goes over a newer one.

use super::mlp;
use super::store::MAIN;
use crate::cli::folder;
use crate::conformance::git::commit;

#[test]
fn what_does_not_follow_the_live_version_is_refused() {
    let folder = folder(&[("main.mlp", MAIN)]);
    let folder = folder.path();
    let (older, newer) = (commit(folder), commit(folder));
    let deploy =
        |version: &str, after: &str| mlp(folder, &["deploy", "here", "--version", version, "--after", after], &[]);
    deploy(&older, "").ends(0);
    deploy(&newer, &older).ends(0);
    deploy(&newer, &newer).ends(0);
    let refused = deploy(&older, &newer).ends(1).err;
    assert!(refused.contains("something newer has been deployed"), "{refused}");
    let unknown = deploy(&newer, "v0").ends(1).err;
    assert!(unknown.contains("has no commit `v0`"), "{unknown}");
    assert_eq!(mlp(folder, &["status", "here", "--format", "version"], &[]).ends(0).out, format!("{newer}\n"));
}
