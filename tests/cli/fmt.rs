//! `mlp fmt`: what it changes, what it leaves, and what it says.

use std::fs;

use super::{folder, mlp, read, write};

const UNTIDY: &str = "project example {\n      language:1\n}\n\nlet a=1 // why\n";

#[test]
fn files_are_laid_out_once() {
    let folder = folder(&[("main.mlp", UNTIDY), ("deep/a.mlp", "let   b = 2\n")]);
    let here = folder.path();
    let ran = mlp(here, &["fmt", "--check"]).ends(1);
    assert_eq!(ran.out, "would lay out deep/a.mlp\nwould lay out main.mlp\n");
    assert_eq!(read(here, "main.mlp"), UNTIDY);
    assert_eq!(mlp(here, &["fmt"]).ends(0).out, "laid out deep/a.mlp\nlaid out main.mlp\n");
    let laid_out = read(here, "main.mlp");
    assert!(laid_out.contains("  language: 1\n") && laid_out.contains("// why"), "{laid_out}");
    let before = fs::metadata(here.join("main.mlp")).unwrap().modified().unwrap();
    assert_eq!(mlp(here, &["fmt"]).ends(0).out, "2 files are already laid out\n");
    mlp(here, &["fmt", "--check"]).ends(0);
    assert_eq!(fs::metadata(here.join("main.mlp")).unwrap().modified().unwrap(), before);
}

#[test]
fn a_file_with_a_mistake_is_left_as_it_is() {
    let broken = "let a = (1\n\nlet   b = 2\n";
    let folder = folder(&[("main.mlp", UNTIDY), ("broken.mlp", broken)]);
    let here = folder.path();
    let ran = mlp(here, &["fmt", "--format", "short"]).ends(1);
    assert!(ran.err.contains("broken.mlp:1:9: error[MLP0101]"), "{}", ran.err);
    assert_eq!(ran.out, "laid out main.mlp\n");
    assert_eq!(read(here, "broken.mlp"), broken);
    write(here, "broken.mlp", b"\xff\xfe\x00");
    assert!(mlp(here, &["fmt", "--format", "short"]).ends(1).err.contains("MLP0106"));
    mlp(here, &["fmt", "nowhere.mlp"]).ends(3);
}

#[test]
fn single_files_and_folders_without_a_project_will_do() {
    let folder = folder(&[("a.mlp", UNTIDY), ("b/c.mlp", UNTIDY)]);
    let here = folder.path();
    assert_eq!(mlp(here, &["fmt", "a.mlp"]).ends(0).out, "laid out a.mlp\n");
    assert_eq!(read(here, "b/c.mlp"), UNTIDY);
    assert_eq!(mlp(here, &["fmt", "."]).ends(0).out, "laid out b/c.mlp\n");
    mlp(here, &["fmt"]).ends(1);
}

#[test]
#[cfg(unix)]
fn links_and_permissions_stay() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder(&[("real/a.mlp", UNTIDY)]);
    let here = folder.path();
    std::os::unix::fs::symlink("real/a.mlp", here.join("b.mlp")).unwrap();
    fs::set_permissions(here.join("real/a.mlp"), fs::Permissions::from_mode(0o640)).unwrap();
    mlp(here, &["fmt", "b.mlp"]).ends(0);
    assert!(here.join("b.mlp").is_symlink());
    assert_ne!(read(here, "real/a.mlp"), UNTIDY);
    assert_eq!(fs::metadata(here.join("real/a.mlp")).unwrap().permissions().mode() & 0o777, 0o640);
}
