//! The job that builds images and packages once: everything after it knows them by digest.

use indexmap::IndexMap;
use serde_json::json;

use super::lower::{AROUND, Lowering, MACHINE};
use super::model::{Environment, Job, Scope, Step, expression, literal};
use super::pins::pinned;
use super::{checks, steps};
use crate::emit::delivery::{Build, ImageBuild, PackageBuild};
use crate::text::shell::{Command, Statement, Word, script};
use crate::text::yaml::{Commented, FlowSeq};

/// GitHub's own registry, which takes the job's token.
const OWN_REGISTRY: &str = "ghcr.io";

impl Lowering<'_> {
    /// Builds, scans, attests and stores.
    pub(super) fn build(&mut self) {
        let Some(build) = &self.delivery.build else { return };
        let mut steps = vec![steps::checkout()];
        let (mut outputs, mut secrets) = (IndexMap::new(), Vec::new());
        for (index, registry) in build.registries().into_iter().enumerate() {
            let login = Login::of(registry, index);
            secrets.extend(login.secrets());
            steps.push(login.step(registry));
        }
        for image in &build.images {
            let output = format!("digest-{}", image.id);
            outputs.insert(output, expression(&format!("steps.push-{}.outputs.digest", image.id)));
            let registries = build.registries();
            let place = registries.iter().position(|registry| *registry == image.registry()).unwrap_or_default();
            steps.extend(self.image(image, &Login::of(image.registry(), place)));
        }
        steps.extend(build.packages.iter().flat_map(|built| self.package(built)));
        let environment = (!secrets.is_empty()).then(|| format!("{}-build", self.delivery.project));
        let count = (build.images.len() + build.packages.len()) as u32;
        let needs = self.checked();
        let job = Job {
            name: "Build once, scan and store".to_owned(),
            needs: (!needs.is_empty()).then_some(FlowSeq(needs)),
            condition: self.only_delivered(),
            runs_on: MACHINE,
            timeout_minutes: (count * 90 + AROUND).min(360),
            environment: environment.clone().map(|name| Environment { name, url: None }),
            permissions: self.build_permissions(build),
            outputs,
            steps,
            ..Job::default()
        };
        self.add("build".to_owned(), job);
        if let Some(name) = environment {
            let branches = self.branches();
            self.protect(&name, |rules| {
                rules.secrets = secrets;
                rules.branches = branches;
            });
        }
    }

    fn image(&self, built: &ImageBuild, login: &Login) -> Vec<Step> {
        let (image, id) = (built.image, &built.id);
        let named = format!("context-{id}");
        let folder = Word::Joined(vec![Word::variable("RUNNER_TEMP"), Word::Text(format!("/{named}"))]);
        let context = match built.is_whole_project() {
            true => self.delivery.folder().unwrap_or(".").to_owned(),
            false => format!("{}/{named}", expression("runner.temp")),
        };
        let file = image.file.as_deref().unwrap_or("Dockerfile");
        let push = format!("push-{id}");
        let digest = expression(&format!("steps.{push}.outputs.digest"));
        let mut steps = Vec::new();
        if !built.is_whole_project() {
            steps.push(Step {
                name: format!("Gather what image {} is built from", image.name),
                timeout_minutes: Some(5),
                run: Some(script(&built.stage_context(&folder))),
                ..Step::default()
            });
        }
        steps.push(Step {
            name: format!("Build and push image {}", image.name),
            id: Some(push),
            timeout_minutes: Some(60),
            uses: Some(pinned("docker/build-push-action")),
            with: IndexMap::from([
                ("context", json!(context)),
                ("file", json!(format!("{context}/{}", literal(file)))),
                ("push", json!(true)),
                ("tags", json!(format!("{}:{}", literal(&image.repository), expression("github.sha")))),
            ]),
            ..Step::default()
        });
        if let Some(scan) = built.scan() {
            steps.push(Step {
                name: format!("Scan image {}", image.name),
                timeout_minutes: Some(20),
                env: IndexMap::from([
                    (built.digest.clone(), digest.clone()),
                    ("TRIVY_USERNAME".to_owned(), login.username.clone()),
                    ("TRIVY_PASSWORD".to_owned(), login.password.clone()),
                ]),
                run: Some(script(&[Statement::Run(scan)])),
                ..Step::default()
            });
        }
        if self.attests() {
            steps.push(Step {
                name: format!("Attest where image {} comes from", image.name),
                uses: Some(pinned("actions/attest-build-provenance")),
                with: IndexMap::from([
                    ("subject-name", json!(literal(&image.repository))),
                    ("subject-digest", json!(digest)),
                    ("push-to-registry", json!(true)),
                ]),
                ..Step::default()
            });
        }
        steps
    }

    fn build_permissions(&self, build: &Build) -> IndexMap<&'static str, Scope> {
        let mut permissions = checks::reading();
        let mut write = |scope: &'static str, why: &str| {
            permissions.insert(scope, Scope::Why(Commented("write".to_owned(), why.to_owned())));
        };
        if build.registries().contains(&OWN_REGISTRY) {
            write("packages", "push images to the registry");
        }
        if self.attests() && !build.images.is_empty() {
            write("id-token", "sign where the images come from");
            write("attestations", "store where the images come from");
        }
        permissions
    }
}

/// How a registry is logged in to.
struct Login {
    username: String,
    password: String,
    names: Option<[String; 2]>,
}

impl Login {
    fn of(registry: &str, place: usize) -> Self {
        if registry == OWN_REGISTRY {
            let (username, password) = (expression("github.actor"), expression("secrets.GITHUB_TOKEN"));
            return Self { username, password, names: None };
        }
        let prefix = if place == 0 { "REGISTRY".to_owned() } else { format!("REGISTRY_{}", place + 1) };
        let names = ["USERNAME", "PASSWORD"].map(|end| format!("{prefix}_{end}"));
        let [username, password] = names.each_ref().map(|name| expression(&format!("secrets.{name}")));
        Self { username, password, names: Some(names) }
    }

    fn secrets(&self) -> Vec<String> {
        self.names.iter().flatten().cloned().collect()
    }

    fn step(&self, registry: &str) -> Step {
        Step {
            name: format!("Log in to {}", literal(registry)),
            uses: Some(pinned("docker/login-action")),
            with: IndexMap::from([
                ("registry", json!(literal(registry))),
                ("username", json!(self.username)),
                ("password", json!(self.password)),
            ]),
            ..Step::default()
        }
    }
}

impl Lowering<'_> {
    fn package(&self, built: &PackageBuild) -> Vec<Step> {
        let folder = format!("dist/{}", built.id);
        let context = format!("./{}", built.package.context.trim_start_matches("./"));
        let wheel = Command::new(["python3", "-m", "pip", "wheel", "--no-deps", "--wheel-dir", &folder, &context]);
        vec![
            Step {
                name: format!("Build package {}", built.package.name),
                timeout_minutes: Some(30),
                run: Some(script(&[Statement::Run(wheel)])),
                ..Step::default()
            },
            steps::keep(
                &format!("Keep package {}", built.package.name),
                &format!("package-{}", built.id),
                &self.delivery.in_repository(&folder),
                90,
                "error",
            ),
        ]
    }
}
