//! Secrets that managers of secrets keep, read in CI: by the real `aws` from moto, by recording doubles of `vault`, `gcloud` and `az`.

mod gitlab;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use mlp::emit::Target;
use mlp::emit::github::GitHub;
use mlp::plan::Plan;
use serde_json::{Value, json};

use super::delivery::{check, emitted_as, linter, plan, read_yaml};
use super::{git, setup};
use crate::operate::bundles::bucket::Buckets;

const PLAN: &str = "tests/conformance/delivery/secrets";
const SCRIPT: &str = ".github/mlp/secrets-read-secret.sh";

/// What a shell, YAML, an expression and a workflow command would each make something of.
pub(crate) const HOSTILE: &str =
    "it's \"a\" $(touch touched) `touch touched`\n%25 100%0A ${{ github.token }}\n\n::warning::told\n-- \\n 'end'";

/// A folder of programs that stand in for command lines: each notes what it was asked and prints what lies beside it.
pub(crate) struct Doubles(tempfile::TempDir);

impl Doubles {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        for name in ["vault", "gcloud", "az"] {
            let here = folder.path().display();
            let text = format!(
                "#!/bin/sh\necho \"{name} $*\" >> '{here}/asked'\ncase \"$*\" in *login*|*create-cred*) echo logged-in-token; exit 0;; esac\n\
                 if [ ! -e '{here}/{name}.value' ]; then echo 'permission denied' >&2; exit 2; fi\nexec cat '{here}/{name}.value'\n"
            );
            setup::write_program(&folder.path().join(name), &text);
        }
        Self(folder)
    }

    pub(crate) fn keeps(&self, name: &str, value: &str) {
        fs::write(self.0.path().join(format!("{name}.value")), value).expect("a file can be written");
    }

    pub(crate) fn asked(&self) -> String {
        fs::read_to_string(self.0.path().join("asked")).unwrap_or_default()
    }

    /// A PATH on which they stand first.
    pub(crate) fn before(&self, path: &str) -> String {
        format!("{}:{path}", self.0.path().display())
    }
}

/// The emitted files of the plan, of a test's own.
fn github(test: &str) -> PathBuf {
    emitted_as(&GitHub, PLAN, &format!("secrets-{test}"))
}

fn document(target: &dyn Target, file: &str, plan: &Plan) -> Value {
    let (files, faults) = target.emit(plan);
    assert!(faults.is_empty(), "{faults:#?}");
    read_yaml(&files.get(file).expect("the host's file is made").text)
}

/// The script that reads a secret, and what it gave to later steps.
struct Read {
    output: Output,
    given: String,
}

impl Read {
    fn of(folder: &Path, words: &[&str], variables: &[(&str, &str)]) -> Self {
        let outputs = tempfile::NamedTempFile::new().expect("a file");
        let output = Command::new(folder.join(SCRIPT))
            .args(words)
            .current_dir(folder)
            .env("SECRET", "the_secret")
            .env("GITHUB_RUN_ID", "7")
            .env("GITHUB_OUTPUT", outputs.path())
            .envs(variables.iter().copied())
            .output()
            .expect("the script runs");
        Self { output, given: fs::read_to_string(outputs.path()).expect("it can be read") }
    }

    fn said(&self) -> String {
        String::from_utf8_lossy(&self.output.stdout).into_owned() + &String::from_utf8_lossy(&self.output.stderr)
    }

    /// The value that a later step gets.
    fn value(&self) -> String {
        assert!(self.output.status.success(), "{}", self.said());
        let (end, rest) = self.given.strip_prefix("value<<").and_then(|it| it.split_once('\n')).expect("an output");
        rest.strip_suffix(&format!("\n{end}\n")).expect("it ends").to_owned()
    }

    /// Fails unless it refused, for that reason and with nothing given.
    fn refused(&self, why: &str) {
        assert!(!self.output.status.success() && self.said().contains(why), "{why}: {}", self.said());
        assert_eq!(self.given, "", "{why}");
    }
}

/// What the log shows once the runner has taken its commands out of it.
fn shown(said: &str) -> String {
    said.lines().filter(|line| !line.starts_with("::add-mask::")).collect()
}

#[test]
fn the_script_is_clean() {
    check(linter("shellcheck").args(["--enable=all", "--exclude=SC2312,SC2154"]).arg(github("clean").join(SCRIPT)));
}

#[test]
fn the_real_aws_reads_a_secret_for_github() {
    let (folder, server) = (github("aws"), Buckets::start());
    let object = json!({"token": HOSTILE, "port": 5432, "empty": "", "deep": {}}).to_string();
    server.keeps("airflow/key", &object);
    server.keeps("plain", &format!("{HOSTILE}\n"));
    let variables = server.variables();
    let read = |words: &[&str], key: &str| {
        let mut words = words.to_vec();
        words.extend(["--query=SecretString", "--output=json"]);
        Read::of(
            &folder,
            &words,
            &[&variables[..], &[("KEY", key), ("AWS_REGION", "us-east-1"), ("AWS_ROLE_ARN", "")]].concat(),
        )
    };
    let get = ["aws", "secretsmanager", "get-secret-value"];
    let whole = read(&[&get[..], &["--secret-id=plain"]].concat(), "");
    assert_eq!(whole.value(), HOSTILE);
    let masks: Vec<String> =
        whole.said().lines().filter_map(|line| line.strip_prefix("::add-mask::")).map(str::to_owned).collect();
    let lines: Vec<String> =
        HOSTILE.lines().filter(|line| !line.is_empty()).map(|line| line.replace('%', "%25")).collect();
    assert_eq!(masks, lines, "every line is masked, before it is given to anybody");
    assert_eq!(shown(&whole.said()), "");
    let keyed = [&get[..], &["--secret-id=airflow/key"]].concat();
    assert_eq!(read(&keyed, "token").value(), HOSTILE);
    assert_eq!(read(&keyed, "port").value(), "5432");
    for key in ["empty", "deep", "absent"] {
        read(&keyed, key)
            .refused(&format!("the secret the_secret cannot be read: there is nothing in it under the key {key}"));
    }
    let no_object = read(&[&get[..], &["--secret-id=plain"]].concat(), "token");
    no_object.refused("there is nothing in it under the key token");
    assert!(!no_object.said().contains("touch"), "{}", no_object.said());
    read(&[&get[..], &["--secret-id=nobody"]].concat(), "").refused("aws refused");
    assert!(!folder.join("touched").exists());
}

#[test]
fn the_other_command_lines_read_one_for_github() {
    let (folder, doubles) = (github("doubles"), Doubles::new());
    let path = doubles.before(&std::env::var("PATH").unwrap_or_default());
    let read =
        |words: &[&str], more: &[(&str, &str)]| Read::of(&folder, words, &[&[("PATH", path.as_str())], more].concat());
    let vault = ["vault", "kv", "get", "-mount=team", "-field=token", "ml/slack"];
    let (google, azure) = (["gcloud", "secrets"], ["az", "keyvault"]);
    for words in [&vault[..], &google, &azure] {
        let refused = read(words, &[]);
        refused.refused(&format!("{} refused", words[0]));
        assert!(refused.said().contains("permission denied"), "{}", refused.said());
    }
    doubles.keeps("vault", HOSTILE);
    doubles.keeps("gcloud", HOSTILE);
    doubles.keeps("az", &json!(HOSTILE).to_string());
    for words in [&vault[..], &google, &azure] {
        let read = read(words, &[]);
        assert_eq!((read.value().as_str(), shown(&read.said()).as_str()), (HOSTILE, ""));
    }
    for (name, nothing) in [("vault", ""), ("gcloud", "\n"), ("az", "null"), ("az", "\"\\n\""), ("az", "")] {
        doubles.keeps(name, nothing);
        read(&[name], &[]).refused("there is nothing in it");
    }
    doubles.keeps("az", "no json: a-value");
    let other = read(&["az"], &[]);
    other.refused("az gave no JSON");
    assert!(!other.said().contains("a-value"));
    let bare = [("PATH", "/usr/bin:/bin")];
    Read::of(&folder, &["vault-of-nobody"], &bare).refused("the program vault-of-nobody is not on this machine");
    assert!(!folder.join("touched").exists());
    // A job that may ask for no token cannot log in.
    let role = [("VAULT_AUTH_ROLE", "ml"), ("VAULT_ADDR", "https://vault.example.org")];
    read(&vault, &role).refused("it needs the permission id-token: write");
}

/// Whoever reads proves whose job it is by a token of GitHub's, which no argument of a program and no log has.
#[test]
fn the_script_logs_in_by_a_short_lived_token() {
    let (folder, doubles) = (github("login"), Doubles::new());
    let server = token_server();
    let address = format!("http://{}/token?a=b", server.local_addr().expect("it has an address"));
    let answered = std::thread::spawn(move || (0..3).map(|_| answer(&server)).collect::<Vec<_>>());
    let path = doubles.before(&std::env::var("PATH").unwrap_or_default());
    for (name, value) in [("vault", "v"), ("gcloud", "g"), ("az", "\"z\"")] {
        doubles.keeps(name, value);
    }
    let variables = [
        ("PATH", path.as_str()),
        ("ACTIONS_ID_TOKEN_REQUEST_URL", &address),
        ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "a-request-token"),
        ("VAULT_ADDR", "https://vault.example.org"),
        ("VAULT_AUTH_ROLE", "ml"),
        ("GCP_WORKLOAD_IDENTITY_PROVIDER", "projects/1/locations/global/workloadIdentityPools/p/providers/q"),
        ("GCP_SERVICE_ACCOUNT", "ml@acme.iam.gserviceaccount.com"),
        ("AZURE_CLIENT_ID", "client"),
        ("AZURE_TENANT_ID", "tenant"),
    ];
    for (name, value) in [("vault", "v"), ("gcloud", "g"), ("az", "z")] {
        let read = Read::of(&folder, &[name, "get"], &variables);
        assert_eq!(read.value(), value);
        assert!(!shown(&read.said()).contains("a-job-token") && !read.said().contains("a-request-token"));
    }
    let asked: Vec<String> = answered.join().expect("it answers");
    for (request, audience) in asked.iter().zip([
        "https%3A%2F%2Fvault.example.org",
        "https%3A%2F%2Fiam.googleapis.com%2Fprojects%2F1%2Flocations%2Fglobal%2FworkloadIdentityPools%2Fp%2Fproviders%2Fq",
        "api%3A%2F%2FAzureADTokenExchange",
    ]) {
        assert!(request.starts_with(&format!("GET /token?a=b&audience={audience} ")), "{request}");
        assert!(request.to_lowercase().contains("authorization: bearer a-request-token"), "{request}");
    }
    let told = doubles.asked();
    assert!(told.contains("vault write -field=token auth/jwt/login role=ml jwt=@/"), "{told}");
    assert!(told.contains("--service-account=ml@acme.iam.gserviceaccount.com --credential-source-file=/"), "{told}");
    assert!(told.contains("az login --service-principal --username client --tenant tenant"), "{told}");
}

fn token_server() -> std::net::TcpListener {
    std::net::TcpListener::bind("127.0.0.1:0").expect("a port is free")
}

/// Answers one request with a token: what was asked.
fn answer(server: &std::net::TcpListener) -> String {
    use std::io::{Read, Write};
    let (mut stream, _) = server.accept().expect("somebody asks");
    let mut asked = Vec::new();
    while !asked.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).expect("it asks");
        asked.push(byte[0]);
    }
    let body = r#"{"value": "a-job-token"}"#;
    write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len())
        .expect("it listens");
    String::from_utf8(asked).expect("a request is text")
}

/// The emitted steps, run by act: what a later step gets is the secret, and the log has none of its lines.
#[test]
fn a_later_step_gets_the_secret_and_the_log_does_not() {
    let (folder, server, doubles) = (github("act"), Buckets::start(), Doubles::new());
    // act takes a line that begins with `::` for a command of its own, and an escaped `%0A` for a line's end, as GitHub's runner does not.
    let hostile = HOSTILE.replace("::warning::told\n", "").replace("%0A", "");
    server.keeps("airflow/key", &json!({ "token": hostile }).to_string());
    doubles.keeps("vault", &hostile);
    doubles.keeps("az", &json!(hostile).to_string());
    let workflow = document(&GitHub, ".github/workflows/secrets.yml", &plan(PLAN));
    let all = |job: &str| workflow["jobs"][job]["steps"].as_array().expect("a job has steps").clone();
    let mut steps = vec![json!({"uses": "actions/checkout@v4"})];
    let jobs = [all("tell-developer"), all("ci-to-production")].concat();
    let reads = |id: &str| jobs.iter().find(|step| step["id"] == id).cloned().expect("the step is there");
    let mut env = serde_json::Map::new();
    for (id, user, variable) in [
        ("secret-slack_token", "Tell of the failure by slack", "SLACK_TOKEN"),
        ("secret-hook", "Tell of the failure by shell_line", "MLP_SECRET"),
        ("secret-production--key", "Deploy to production", "MLP_TOKEN"),
    ] {
        steps.push(reads(id));
        let user = jobs.iter().find(|step| step["name"] == user).expect("the step is there");
        env.insert(variable.to_owned(), user["env"][variable].clone());
    }
    let used = "for name in SLACK_TOKEN MLP_SECRET MLP_TOKEN; do printf %s \"${!name}\" > \"$KEPT/$name\"; echo \"$name is ${!name}\"; done";
    steps.push(json!({"name": "Use", "run": used, "env": env}));
    steps.push(json!({"name": "Others", "run": "env > \"$KEPT/others\""}));
    let one = json!({
        "on": "push",
        "defaults": {"run": {"shell": "bash"}},
        "jobs": {"one": {"runs-on": "ubuntu-24.04", "steps": steps}}
    });
    fs::write(folder.join(".github/workflows/secrets.yml"), one.to_string()).expect("it can be written");
    git::commit(&folder);
    git::pushed_to(&folder, "https://example.org/acme/secrets.git");
    let kept = tempfile::tempdir().expect("a folder");
    let mut act = Command::new(setup::program("linters", "act"));
    act.args(["push", "-P", "ubuntu-24.04=-self-hosted", "--env"]).arg(format!("KEPT={}", kept.path().display()));
    act.env("XDG_CACHE_HOME", kept.path().join("cache")).current_dir(&folder).envs(server.variables());
    act.env("AWS_DEFAULT_REGION", "eu-west-1").env("PATH", doubles.before(&server.path()));
    let output = act.output().expect("act runs");
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    for variable in ["SLACK_TOKEN", "MLP_SECRET", "MLP_TOKEN"] {
        assert_eq!(fs::read_to_string(kept.path().join(variable)).expect("it was written"), hostile, "{variable}");
        assert!(said.contains(&format!("{variable} is ***")), "{said}");
    }
    for line in hostile.lines().filter(|line| !line.is_empty()) {
        assert!(!said.contains(line), "{line}: {said}");
    }
    let others = fs::read_to_string(kept.path().join("others")).expect("it was written");
    assert!(!others.contains("touched"), "a step that is not given it has it: {others}");
}
