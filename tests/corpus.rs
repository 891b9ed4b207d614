//! Compiled pipelines of others, each a test by its name: imported, built again, and held against the original.
//!
//! In: `../shared/corpus/kubeflow` (upstream's own pipelines), and `tests/import/pipelines.py`, which the real SDK compiles here. Out: one
//! test a file; `../shared/tools/same_kubeflow.py` judges. Where the corpus is not there, its tests are not; in CI that is a failure.

#[allow(dead_code)]
#[path = "conformance/setup.rs"]
mod setup;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Output};
use std::sync::LazyLock;

use libtest_mimic::{Arguments, Failed, Trial};

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let mut trials = Vec::new();
    for folder in ["pipelines", "platform"] {
        for path in files(&shared().join("corpus/kubeflow").join(folder)) {
            let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            trials.push(Trial::test(format!("corpus::{folder}::{name}"), move || comes_back(&path)));
        }
    }
    if trials.is_empty() && std::env::var_os("CI").is_some() {
        trials.push(Trial::test("corpus", || Err("the corpus is not beside the project".into())));
    }
    let odd = repository().join("tests/import/odd.yaml");
    trials.push(Trial::test("odd", move || comes_back(&odd)));
    for name in own() {
        let of = name.clone();
        trials.push(Trial::test(format!("sdk::{name}"), move || comes_back(&compiled()?.join(format!("{of}.yaml")))));
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// What this project shares with others, beside it.
fn shared() -> PathBuf {
    repository().join("../shared")
}

/// The compiled pipelines of a folder, in order.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut files: Vec<PathBuf> =
        entries.map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|one| one == "yaml")).collect();
    files.sort();
    files
}

const SOURCE: &str = include_str!("import/pipelines.py");

/// The pipelines that are written for these tests.
fn own() -> Vec<String> {
    let of = |line: &str| line.strip_prefix("@pipe(\"").and_then(|rest| rest.split('"').next()).map(str::to_owned);
    SOURCE.lines().filter_map(of).collect()
}

/// Where the SDK's compiler has put them.
fn compiled() -> Result<&'static Path, Failed> {
    static COMPILED: LazyLock<Result<tempfile::TempDir, String>> = LazyLock::new(|| {
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        let script = repository().join("tests/import/pipelines.py");
        let said = Command::new(setup::python("kfp"))
            .arg(script)
            .arg(folder.path())
            .output()
            .map_err(|error| error.to_string())?;
        if said.status.success() { Ok(folder) } else { Err(text(&said)) }
    });
    match &*COMPILED {
        Ok(folder) => Ok(folder.path()),
        Err(said) => Err(said.as_str().into()),
    }
}

/// Import, build, compare.
fn comes_back(original: &Path) -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let project = folder.path().join("project");
    let mlp = env!("CARGO_BIN_EXE_mlp");
    ran(Command::new(mlp).args(["import", "kubeflow"]).arg(original).arg("--out").arg(&project))?;
    ran(Command::new(mlp).arg("fmt").arg("--check").arg(&project))?;
    ran(Command::new(mlp).arg("build").arg(&project))?;
    let built = files(&project.join("kubeflow/cluster"));
    let [built] = built.as_slice() else { return Err(format!("{} files were built", built.len()).into()) };
    let judge = shared().join("tools/same_kubeflow.py");
    if judge.exists() {
        ran(Command::new(setup::python("kfp")).arg(judge).arg(original).arg(built))?;
    }
    Ok(())
}

fn ran(command: &mut Command) -> Result<(), Failed> {
    let said = command.output()?;
    if said.status.success() { Ok(()) } else { Err(text(&said).into()) }
}

fn text(said: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&said.stdout), String::from_utf8_lossy(&said.stderr))
}
