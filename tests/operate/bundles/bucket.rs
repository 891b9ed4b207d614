//! Buckets by the real `aws`, held by moto's server.

use std::process::Command;

use super::{FILE, Running, Site};
use crate::conformance::setup;
use crate::operate::store::MAIN;
use crate::operate::{free_port, mlp};

/// A server of buckets and of secrets, and what leads the AWS CLI there.
pub(crate) struct Buckets {
    variables: Vec<(&'static str, String)>,
    _server: Running,
}

impl Buckets {
    pub(crate) fn start() -> Self {
        let port = free_port();
        let mut server = Command::new(setup::program("buckets", "moto_server"));
        let server = Running::start(server.args(["-H", "127.0.0.1", "-p", &port.to_string()]), port);
        let programs = setup::program("buckets", "aws").parent().expect("it lies in a folder").display().to_string();
        let variables = vec![
            ("PATH", format!("{programs}:{}", std::env::var("PATH").unwrap_or_default())),
            ("AWS_ENDPOINT_URL", format!("http://127.0.0.1:{port}")),
            ("AWS_ACCESS_KEY_ID", "somebody".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "a-secret".to_owned()),
            ("AWS_DEFAULT_REGION", "us-east-1".to_owned()),
            ("AWS_CONFIG_FILE", "/dev/null".to_owned()),
        ];
        let buckets = Self { variables, _server: server };
        for bucket in ["s3://acme", "s3://dags"] {
            buckets.aws(&["mb", bucket]);
        }
        buckets
    }

    fn aws(&self, words: &[&str]) -> String {
        let mut aws = Command::new(setup::program("buckets", "aws"));
        aws.arg("s3").args(words).envs(self.variables.iter().map(|(name, value)| (name, value)));
        setup::run(&mut aws).unwrap_or_else(|why| panic!("{why}"))
    }

    /// Keeps a secret, in every region that the tests name.
    pub(crate) fn keeps(&self, name: &str, value: &str) {
        for region in ["us-east-1", "eu-west-1"] {
            let mut aws = Command::new(setup::program("buckets", "aws"));
            aws.args(["secretsmanager", "create-secret", "--region", region, "--name", name, "--secret-string", value]);
            aws.envs(self.variables.iter().map(|(name, value)| (name, value)));
            setup::run(&mut aws).unwrap_or_else(|why| panic!("{why}"));
        }
    }

    /// What leads the AWS CLI there.
    pub(crate) fn variables(&self) -> Vec<(&str, &str)> {
        self.variables.iter().map(|(name, value)| (*name, value.as_str())).collect()
    }

    /// A PATH on which the AWS CLI stands.
    pub(crate) fn path(&self) -> String {
        self.variables[0].1.clone()
    }

    /// The keys of a bucket.
    fn keys(&self, bucket: &str) -> Vec<String> {
        let mut aws = Command::new(setup::program("buckets", "aws"));
        aws.args(["s3", "ls", "--recursive", bucket]).envs(self.variables.iter().map(|(name, value)| (name, value)));
        let printed = aws.output().expect("it starts").stdout;
        let printed = String::from_utf8(printed).expect("it prints UTF-8");
        printed.lines().filter_map(|line| Some(line.rsplit_once(' ')?.1.to_owned())).collect()
    }
}

#[test]
fn what_is_noted_lies_in_a_bucket() {
    let buckets = Buckets::start();
    let text = MAIN.replace("{ folder,", "{ bucket,");
    let of = |address: &str| crate::cli::folder(&[("main.mlp", &text.replace("folder(\"store\")", address))]);
    let folder = of("bucket(\"minio://acme/a/place/\")");
    let variables: Vec<(&str, &str)> = buckets.variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let ran = |words: &[&str]| mlp(folder.path(), words, &variables);
    let live = || ran(&["status", "here", "--format", "version"]).ends(0).out;
    ran(&["preflight", "here"]).ends(0);
    assert_eq!(live(), "");
    ran(&["deploy", "here", "--version", "one"]).ends(0);
    ran(&["deploy", "here", "--version", "two"]).ends(0);
    assert_eq!(live(), "two\n");
    assert_eq!(buckets.aws(&["cp", "s3://acme/a/place/mlp/small/here/live", "-"]), "two");
    ran(&["rollback", "here", "--to", "one"]).ends(0);
    assert_eq!(live(), "one\n");
    ran(&["rollback", "here"]).ends(0);
    assert_eq!((live(), buckets.keys("s3://acme")), (String::new(), Vec::new()));
    let nowhere = of("bucket(\"s3://nowhere\")");
    for words in [&["status", "here"][..], &["deploy", "here", "--version", "one"]] {
        let lost = mlp(nowhere.path(), words, &variables).ends(1);
        assert!(lost.err.contains("NoSuchBucket") && lost.err.contains("s3://nowhere/mlp/small/"), "{}", lost.err);
    }
}

#[test]
fn a_bucket_of_dags_is_deployed_to_and_taken_back() {
    let buckets = Buckets::start();
    let aws = setup::program("buckets", "aws").display().to_string();
    let read = [&aws, "s3", "cp", "--only-show-errors", "s3://dags/team/FILE", "-"];
    let kept = tempfile::tempdir().expect("a folder");
    let site = Site::new(
        "dag_bucket(\"s3://dags/team\")",
        &format!("folder(\"{}\")", kept.path().display()),
        &read.map(|word| word as &str),
        buckets.variables.clone(),
    );
    let place = format!("s3://dags/team/{FILE}");
    let lies = || buckets.aws(&["cp", "--only-show-errors", &place, "-"]);
    let kept = |version: &str| {
        let path = kept.path().join(format!("mlp/live/here/releases/{version}/{FILE}"));
        std::fs::read_to_string(path).expect("the release is kept")
    };
    assert_eq!(site.live(), "");
    site.deploy("one").ends(0);
    let one = lies();
    assert_eq!((site.live().as_str(), kept("one")), ("one\n", one.clone()));
    assert_eq!(site.deploy("one").ends(0).out, "one is live already\n");
    site.deploy("two").ends(0);
    assert_eq!((site.live().as_str(), one.replace("mlp-version:one", "mlp-version:two")), ("two\n", lies()));
    let unknown = site.mlp(&["rollback", "here", "--to", "zero"]).ends(1);
    assert!(unknown.err.contains("version zero is not kept at /") && unknown.err.contains("there are one, two"));
    // The bytes, whatever lies there: another tool's file of the same name.
    let other = site.folder.path().join("project/images.json").display().to_string();
    buckets.aws(&["cp", "--only-show-errors", &other, &place]);
    site.mlp(&["rollback", "here", "--to", "one"]).ends(0);
    assert_eq!((site.live().as_str(), lies()), ("one\n", one));
    site.mlp(&["rollback", "here"]).ends(0);
    assert_eq!((site.live(), buckets.keys("s3://dags")), (String::new(), Vec::new()));
    assert!(["one", "two"].iter().all(|version| kept(version).contains(version)), "releases stay for a way back");
}
