//! A real Airflow on SQLite: of version 3 its API server, DAG processor and scheduler, of version 2 its web server and scheduler. A
//! version is deployed, run, taken back.

use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{free_port, mlp};
use crate::cli::Ran;
use crate::conformance::airflow::{NEWEST, OLDEST, Release};
use crate::conformance::setup;
use crate::project::{Project, repository};

const PASSWORD: &str = "a-password-that-nobody-may-see";

/// Airflow on this machine; its processes end with it.
struct Airflow {
    release: Release,
    folder: PathBuf,
    port: u16,
    children: Vec<Child>,
}

impl Airflow {
    fn start(release: Release) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("live-{}", release.version));
        let _ = fs::remove_dir_all(&folder);
        let mut airflow = Self { release, folder, port: free_port(), children: Vec::new() };
        airflow.lay("live", &airflow.folder);
        let pods = fs::read_to_string(repository("tests/operate/live/pods.py")).expect("it is there");
        crate::cli::write(&airflow.folder, "home/config/airflow_local_settings.py", pods);
        crate::cli::write(&airflow.folder, "home/passwords.json", json!({"mlp": PASSWORD}).to_string());
        crate::cli::write(
            &airflow.folder,
            "images.json",
            json!({"tools": format!("sha256:{}", "0".repeat(64))}).to_string(),
        );
        for folder in ["dags", "artifacts"] {
            fs::create_dir_all(airflow.folder.join(folder)).expect("a folder can be made");
        }
        setup::run(airflow.command("db").arg("migrate")).unwrap_or_else(|why| panic!("{why}"));
        airflow.let_in();
        for part in airflow.parts() {
            let log = File::create(airflow.folder.join(format!("{part}.log"))).expect("a log can be written");
            let mut command = airflow.command(part);
            command.stdout(log.try_clone().expect("a log has one more handle")).stderr(log).process_group(0);
            airflow.children.push(command.spawn().expect("Airflow starts"));
        }
        airflow
    }

    /// Writes a project of these tests below a folder, for this Airflow.
    fn lay(&self, name: &str, folder: &Path) {
        let project = Project::read(&repository("tests/operate").join(name), &["pods.py"]);
        for (path, bytes) in self.release.named_in(project).files {
            let text = String::from_utf8(bytes).expect("the project is text");
            let store = self.folder.join("store").display().to_string();
            let text = text.replace("PORT", &self.port.to_string()).replace("STORE", &store);
            crate::cli::write(folder, &path, text);
        }
    }

    fn is_of_2(&self) -> bool {
        self.release.tools == OLDEST.tools
    }

    fn parts(&self) -> &'static [&'static str] {
        if self.is_of_2() { &["webserver", "scheduler"] } else { &["api-server", "dag-processor", "scheduler"] }
    }

    /// Tells Airflow of who may log in; version 3 reads it from a file.
    fn let_in(&self) {
        if self.is_of_2() {
            let mut command = self.command("users");
            command.args(["create", "--username", "mlp", "--password", PASSWORD, "--role", "Admin"]);
            command.args(["--email", "mlp@example.org", "--firstname", "m", "--lastname", "lp"]);
            setup::run(&mut command).unwrap_or_else(|why| panic!("{why}"));
        }
    }

    fn command(&self, part: &str) -> Command {
        let home = self.folder.join("home");
        let world =
            json!({"artifacts": self.folder.join("artifacts"), "code": self.folder, "programs": [], "pretend": []});
        let address = format!("http://127.0.0.1:{}/execution/", self.port);
        let program = setup::program(self.release.tools, "airflow");
        // Its schedulers start tasks by its name.
        let path = std::env::var("PATH").unwrap_or_default();
        let path = format!("{}:{path}", program.parent().expect("it is in a folder").display());
        let mut command = Command::new(program);
        command.arg(part).current_dir(&self.folder).env("AIRFLOW_HOME", &home).env("PATH", path);
        command.env("MLP_WORLD", world.to_string()).env("MLP_SCRIPTS", repository("tests/conformance/airflow"));
        let of_2 = [
            // On SQLite it would run one task at a time, and read no file until that has ended.
            ("CORE__EXECUTOR", "LocalExecutor".to_owned()),
            ("API__AUTH_BACKENDS", "airflow.api.auth.backend.basic_auth".to_owned()),
            ("SCHEDULER__DAG_DIR_LIST_INTERVAL", "1".to_owned()),
            ("SCHEDULER__MIN_FILE_PROCESS_INTERVAL", "1".to_owned()),
            ("SCHEDULER__PARSING_CLEANUP_INTERVAL", "1".to_owned()),
            ("WEBSERVER__WEB_SERVER_HOST", "127.0.0.1".to_owned()),
            ("WEBSERVER__WEB_SERVER_PORT", self.port.to_string()),
            ("WEBSERVER__WORKERS", "1".to_owned()),
            // On a busy machine it is long in coming.
            ("WEBSERVER__WEB_SERVER_MASTER_TIMEOUT", "600".to_owned()),
        ];
        let of_both = [
            ("CORE__DAGS_FOLDER", self.folder.join("dags").display().to_string()),
            ("CORE__LOAD_EXAMPLES", "False".to_owned()),
            ("CORE__PARALLELISM", "2".to_owned()),
        ];
        let of_3 = [
            ("CORE__SIMPLE_AUTH_MANAGER_USERS", "mlp:admin".to_owned()),
            ("CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE", home.join("passwords.json").display().to_string()),
            ("CORE__EXECUTION_API_SERVER_URL", address),
            ("DAG_PROCESSOR__REFRESH_INTERVAL", "1".to_owned()),
            ("DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL", "1".to_owned()),
            ("DAG_PROCESSOR__BUNDLE_REFRESH_CHECK_INTERVAL", "1".to_owned()),
            ("API__PORT", self.port.to_string()),
            ("API__HOST", "127.0.0.1".to_owned()),
            ("API__WORKERS", "1".to_owned()),
            ("API_AUTH__JWT_SECRET", "0123456789abcdef".repeat(4)),
        ];
        command.env("_AIRFLOW__SKIP_DATABASE_EXECUTOR_COMPATIBILITY_CHECK", "1");
        let set = |(name, value): (&str, String)| {
            command.env(format!("AIRFLOW__{name}"), value);
        };
        let own = if self.is_of_2() { of_2.to_vec() } else { of_3.to_vec() };
        of_both.into_iter().chain(own).for_each(set);
        command
    }

    /// Runs `mlp`, as who may log in.
    fn mlp(&self, arguments: &[&str]) -> Ran {
        self.mlp_as(PASSWORD, arguments)
    }

    fn mlp_as(&self, password: &str, arguments: &[&str]) -> Ran {
        let ran = mlp(&self.folder, arguments, &[("MLP_TOKEN", password)]);
        assert!(!ran.out.contains(PASSWORD) && !ran.err.contains(PASSWORD), "the password is shown");
        ran
    }

    fn deploy(&self, version: &str) -> Ran {
        self.mlp(&["deploy", "here", "--version", version, "--images", "images.json", "--timeout", "300"])
    }

    fn live(&self) -> String {
        self.mlp(&["status", "here", "--format", "version"]).ends(0).out
    }

    /// Waits until that is live; on the way some pipelines are read before others.
    fn comes_to(&self, version: &str) {
        let until = Instant::now() + Duration::from_secs(300);
        while self.mlp(&["status", "here", "--format", "version"]).out != version {
            assert!(Instant::now() < until, "{version:?} does not come to be live");
            thread::sleep(Duration::from_millis(500));
        }
    }

    /// Waits until it is ready.
    fn wait(&self) {
        let until = Instant::now() + Duration::from_secs(300);
        loop {
            let ran = self.mlp(&["preflight", "here", "--timeout", "5"]);
            if ran.status == 0 {
                return;
            }
            assert!(Instant::now() < until, "Airflow is not ready: {}{}", ran.out, ran.err);
            thread::sleep(Duration::from_millis(500));
        }
    }

    fn dag(&self) -> PathBuf {
        self.folder.join("dags/live-here-training.py")
    }
}

impl Drop for Airflow {
    fn drop(&mut self) {
        for child in &mut self.children {
            let group = format!("-{}", child.id());
            // Some of what it started is in groups of its own, and only it can end that.
            let _ = Command::new("kill").args(["-TERM", "--", &group]).output();
            let until = Instant::now() + Duration::from_secs(10);
            while matches!(child.try_wait(), Ok(None)) && Instant::now() < until {
                thread::sleep(Duration::from_millis(100));
            }
            let _ = Command::new("kill").args(["-KILL", "--", &group]).output();
            let _ = child.wait();
        }
    }
}

#[test]
fn a_version_goes_live_runs_and_is_taken_back() {
    lives(NEWEST);
}

#[test]
fn a_version_goes_live_runs_and_is_taken_back_on_airflow_2() {
    lives(OLDEST);
}

/// All in one, because Airflow takes half a minute to start.
fn lives(release: Release) {
    let airflow = Airflow::start(release);
    nobody_is_there_yet(&airflow);
    airflow.wait();
    assert_eq!(airflow.live(), "", "nothing was ever deployed");
    let first = airflow.deploy("one").ends(0);
    assert!(first.out.starts_with("one is live on Airflow at "), "{}", first.out);
    assert_eq!(airflow.live(), "one\n");
    assert_eq!(airflow.deploy("one").ends(0).out, "one is live already\n");
    wrong_password(&airflow);
    run(&airflow);
    airflow.deploy("two").ends(0);
    assert_eq!(airflow.live(), "two\n");
    unread(&airflow);
    refused(&airflow);
    airflow.mlp(&["rollback", "here", "--to", "one"]).ends(0);
    assert_eq!(airflow.live(), "one\n");
    let unknown = airflow.mlp(&["rollback", "here", "--to", "zero"]).ends(1);
    assert!(
        unknown.err.contains("version zero is not kept at ") && unknown.err.contains("there are one, two"),
        "{}",
        unknown.err
    );
    assert_eq!(airflow.live(), "one\n");
    airflow.mlp(&["rollback", "here"]).ends(0);
    assert_eq!(airflow.live(), "", "nothing was live before the first");
    assert!(!airflow.dag().exists());
    announced(&airflow);
    if !airflow.is_of_2() {
        asked(&airflow);
    }
}

fn nobody_is_there_yet(airflow: &Airflow) {
    let away = Airflow { release: airflow.release, folder: airflow.folder.clone(), port: 0, children: Vec::new() };
    let other = fs::read_to_string(away.folder.join("main.mlp")).expect("it is there");
    fs::create_dir_all(away.folder.join("away/image")).expect("a folder can be made");
    let silent = other.replace(&airflow.port.to_string(), &free_port().to_string());
    crate::cli::write(&away.folder, "away/main.mlp", silent);
    fs::create_dir_all(away.folder.join("away/steps")).expect("a folder can be made");
    fs::copy(away.folder.join("steps/square.py"), away.folder.join("away/steps/square.py")).expect("it can be copied");
    let ran = away.mlp(&["status", "here", "--timeout", "2", "--project", "away"]);
    assert!(matches!(ran.status, 1 | 124), "{}", ran.err);
    assert!(ran.err.contains("cannot be reached: nobody listens there"), "{}", ran.err);
    fs::remove_dir_all(away.folder.join("away")).expect("it can be removed");
}

fn wrong_password(airflow: &Airflow) {
    let wrong = "another-password";
    let ran = airflow.mlp_as(wrong, &["status", "here"]).ends(1);
    let said = match airflow.is_of_2() {
        true => "answered 403 to /api/v1/dags/live-here-training: who asks may not do this",
        false => "answered 401 to /auth/token: it does not know who asks",
    };
    assert!(ran.err.contains(said), "{}", ran.err);
    assert!(!ran.err.contains(wrong), "{}", ran.err);
}

/// Runs with an end of each kind; what a good one returns is what gates read.
fn run(airflow: &Airflow) {
    let run = |arguments: &[&str]| airflow.mlp(&[&["run", "training", "--env", "here"], arguments].concat());
    fs::create_dir_all(airflow.folder.join("values")).expect("a folder can be made");
    fs::write(airflow.folder.join("values/here.json"), r#"{"benchmark": {"p95": 0.1}}"#).expect("it can be written");
    let good = run(&["--set", "n=12", "--outputs", "values", "--timeout", "300"]).ends(0);
    assert!(good.out.contains("  n2  144\n"), "{}", good.out);
    let values = fs::read_to_string(airflow.folder.join("values/here.json")).expect("it was written");
    let values: Value = serde_json::from_str(&values).expect("it is JSON");
    let outputs = json!({"n2": 144, "text": "é \"{{ ds }}\" $(x)"});
    assert_eq!(values, json!({"benchmark": {"p95": 0.1}, "training": outputs}));
    let failed = run(&["--set", "n=13", "--timeout", "300"]).ends(1);
    assert!(failed.err.contains(" failed: http://127.0.0.1:"), "{}", failed.err);
    let late = run(&["--set", "n=14", "--timeout", "30"]).ends(124);
    assert!(late.err.contains(" did not end (http://127.0.0.1:"), "{}", late.err);
    let unknown = run(&["--set", "m=1"]).ends(2);
    assert!(unknown.err.contains("has no parameter `m`"), "{}", unknown.err);
}

/// New data sets off one pipeline, and its end another.
fn announced(airflow: &Airflow) {
    airflow.lay("followers", &airflow.folder.join("followers"));
    let mlp = |words: &[&str]| airflow.mlp(&[words, &["--project", "followers"]].concat());
    mlp(&["deploy", "here", "--version", "one", "--images", "images.json", "--timeout", "300"]).ends(0);
    let nobody = mlp(&["announce", "here", "rows", "--drifted"]).ends(0).out;
    assert_eq!(nobody, "nothing in here waits for that of `rows`\n");
    let said = mlp(&["announce", "here", "rows"]).ends(0).out;
    assert_eq!(said, "retraining is set off by `followers-here-new-rows`\n");
    let until = Instant::now() + Duration::from_secs(240);
    for pipeline in ["retraining", "following"] {
        while !has_succeeded(airflow, pipeline) {
            assert!(Instant::now() < until, "{pipeline} was not set off, or did not end well");
            thread::sleep(Duration::from_secs(1));
        }
    }
}

fn has_succeeded(airflow: &Airflow, pipeline: &str) -> bool {
    let mut command = airflow.command("dags");
    command.arg("list-runs").args(airflow.is_of_2().then_some("--dag-id"));
    command.args([&format!("followers-here-{pipeline}"), "--output", "json"]);
    let said = setup::run(&mut command).unwrap_or_else(|why| panic!("{why}"));
    let runs = said.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()).next();
    runs.iter().flat_map(|runs| runs.as_array().into_iter().flatten()).any(|run| run["state"] == "success")
}

/// A run that waits for a pool, and goes on once somebody has said yes; a no ends it.
fn asked(airflow: &Airflow) {
    airflow.lay("asked", &airflow.folder.join("asked"));
    let mlp = |words: &[&str]| airflow.mlp(&[words, &["--project", "asked"]].concat());
    let missing = mlp(&["preflight", "worker"]).ends(1);
    assert!(missing.out.contains("add the pool `one-by-one` in Airflow"), "{}{}", missing.out, missing.err);
    let mut pools = airflow.command("pools");
    setup::run(pools.args(["set", "one-by-one", "2", "of the tests"])).unwrap_or_else(|why| panic!("{why}"));
    mlp(&["preflight", "worker"]).ends(0);
    mlp(&["deploy", "worker", "--version", "one", "--timeout", "300"]).ends(0);
    let answered = |option: &str| {
        thread::scope(|scope| {
            let run = scope.spawn(|| mlp(&["run", "asking", "--env", "worker", "--set", "n=3", "--timeout", "300"]));
            let question = answer(airflow, option);
            (question, run.join().expect("it ends"))
        })
    };
    let (question, yes) = answered("Approve");
    assert_eq!(question["subject"], "Is {{ ds }} the square?");
    assert_eq!(question["body"], "- `n2`: 9\n- `text`: é \"{{ ds }}\" $(x)\n- `among`: [9,3]");
    assert_eq!(question["assigned_users"], json!([{"id": "mlp", "name": "mlp"}]));
    assert!(yes.ends(0).out.contains("  n2  81\n"));
    let (_, no) = answered("Reject");
    assert!(no.ends(1).err.contains(" failed: http://127.0.0.1:"));
}

/// Answers the one question that is open, as people's pages do, and says what it was.
fn answer(airflow: &Airflow, option: &str) -> Value {
    let address = format!("http://127.0.0.1:{}", airflow.port);
    let read = |body: &mut ureq::Body| -> Value {
        serde_json::from_str(&body.read_to_string().expect("an answer is text")).expect("an answer is JSON")
    };
    let login = json!({"username": "mlp", "password": PASSWORD}).to_string();
    let request = ureq::post(format!("{address}/auth/token")).header("Content-Type", "application/json");
    let token = read(request.send(login).expect("it lets in who may").body_mut());
    let token = format!("Bearer {}", token["access_token"].as_str().expect("a token"));
    let dag = format!("{address}/api/v2/dags/asked-worker-asking/dagRuns");
    let until = Instant::now() + Duration::from_secs(240);
    let question = loop {
        let open = ureq::get(format!("{dag}/~/hitlDetails?response_received=false")).header("Authorization", &token);
        let open = read(open.call().expect("it says what is open").body_mut());
        if let Some(question) = open["hitl_details"].as_array().and_then(|all| all.first()) {
            break question.clone();
        }
        assert!(Instant::now() < until, "nobody was asked");
        thread::sleep(Duration::from_secs(1));
    };
    // Airflow takes a task for failed that is answered before its executor has said that it waits.
    thread::sleep(Duration::from_secs(10));
    let task = &question["task_instance"];
    let run = task["dag_run_id"].as_str().expect("a run").replace('+', "%2B");
    let way = format!("{dag}/{run}/taskInstances/{}/-1/hitlDetails", task["task_id"].as_str().expect("a task"));
    let request = ureq::patch(way).header("Content-Type", "application/json").header("Authorization", &token);
    request.send(json!({"chosen_options": [option], "params_input": {}}).to_string()).expect("it takes the answer");
    question
}

/// A DAG that Airflow does not come to read: what was live before is live.
fn unread(airflow: &Airflow) {
    let path = airflow.folder.join("dags/.airflowignore");
    fs::write(&path, "live-here-training.py\n").expect("it can be written");
    airflow.comes_to("");
    broken(airflow, |ran| {
        assert!(ran.err.contains("; the earlier files are back"), "{}", ran.err);
        assert_eq!(ran.ends(124).out, "");
        fs::remove_file(&path).expect("it can be removed");
    });
}

/// A DAG that the cluster's policy refuses is an import error of Airflow, which is said in its own words.
fn refused(airflow: &Airflow) {
    let flag = airflow.folder.join("home/refuse");
    fs::write(&flag, "").expect("it can be written");
    broken(airflow, |ran| {
        fs::remove_file(&flag).expect("it can be removed");
        assert!(ran.err.contains("Airflow cannot read the DAG of `training`: "), "{}", ran.err);
        assert!(ran.err.contains("a has no owner"), "{}", ran.err);
        assert_eq!(ran.ends(1).out, "");
    });
}

fn broken(airflow: &Airflow, judge: impl FnOnce(Ran)) {
    let before = fs::read(airflow.dag()).expect("it is deployed");
    judge(airflow.mlp(&["deploy", "here", "--version", "three", "--images", "images.json", "--timeout", "30"]));
    assert_eq!(fs::read(airflow.dag()).expect("it is there"), before);
    airflow.comes_to("two\n");
}
