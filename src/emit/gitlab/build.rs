//! The jobs that build images and packages once: everything after them knows images by digest.

use indexmap::IndexMap;

use super::lower::{AROUND, Lowering, minutes_text};
use super::model::{Artifacts, Job, Reports, Variable};
use super::script;
use crate::emit::delivery::{Build, ImageBuild, PackageBuild};
use crate::text::shell::{Command, Statement, Word};
use crate::text::yaml::FlowSeq;

/// The file by which later jobs get the digests.
const DIGESTS: &str = "digests.env";

impl Lowering<'_> {
    /// Builds, scans, attests and stores.
    pub(super) fn build(&mut self) {
        let Some(build) = &self.delivery.build else { return };
        let needs: Vec<String> = self.delivery.checks.iter().map(|check| check.id.clone()).collect();
        let base = || Job {
            stage: "build".to_owned(),
            needs: Some(FlowSeq(needs.clone())),
            interruptible: Some(false),
            rules: self.delivered(),
            ..Job::default()
        };
        let mut jobs = Vec::new();
        if !build.images.is_empty() {
            let base =
                Job { image: Some(self.host.docker.to_owned()), services: vec![self.host.daemon.to_owned()], ..base() };
            jobs.push(("build".to_owned(), self.images(build, base)));
        }
        for built in &build.packages {
            let mut base = base();
            // One after another, as elsewhere: where one fails, nothing more is built.
            if let (Some(FlowSeq(needs)), Some((before, _))) = (&mut base.needs, jobs.last()) {
                needs.push(String::clone(before));
            }
            jobs.push((format!("build-{}", built.id), self.package(built, base)));
        }
        self.built = jobs.iter().map(|(id, _)| id.clone()).collect();
        jobs.into_iter().for_each(|(id, job)| self.add(id, job));
    }
}

impl Lowering<'_> {
    fn images(&self, build: &Build, base: Job) -> Job {
        let mut lines = Vec::new();
        for (place, registry) in build.registries().into_iter().enumerate() {
            let [username, password] = login(place);
            let print = Command::new(["printf", "%s"]).arg(Word::variable(password));
            let login = Command::new(["docker", "login", "--username"]).arg(Word::variable(username));
            let login = login.arg("--password-stdin").arg(registry);
            lines.push(script::entry(&[Statement::Pipe(vec![print, login])]));
        }
        // A builder of its own can attest where an image comes from; with a daemon behind TLS it takes a context.
        let builder = [
            Command::new(["docker", "context", "create", "builder"]),
            Command::new(["docker", "buildx", "create", "--use", "builder"]),
        ];
        lines.extend(builder.map(|command| script::entry(&[Statement::Run(command)])));
        for image in &build.images {
            let place =
                build.registries().iter().position(|registry| *registry == image.registry()).unwrap_or_default();
            lines.extend(self::image(image, &login(place)).into_iter().map(|statement| script::entry(&[statement])));
        }
        Job {
            timeout: Some(minutes_text(build.images.len() as u32 * 90 + AROUND)),
            variables: IndexMap::from([("DOCKER_TLS_CERTDIR".to_owned(), Variable::Expanded("/certs".to_owned()))]),
            script: lines,
            artifacts: Some(Artifacts {
                expire_in: "90 days",
                reports: Some(Reports { dotenv: Some(self.delivery.in_repository(DIGESTS)), junit: None }),
                ..Artifacts::default()
            }),
            ..base
        }
    }

    fn package(&self, built: &PackageBuild, base: Job) -> Job {
        let folder = format!("dist/{}", built.id);
        let context = format!("./{}", built.package.context.trim_start_matches("./"));
        let wheel = Command::new(["python3", "-m", "pip", "wheel", "--no-deps", "--wheel-dir", &folder, &context]);
        Job {
            timeout: Some(minutes_text(30 + AROUND)),
            script: vec![script::entry(&[Statement::Run(wheel)])],
            artifacts: Some(Artifacts {
                expire_in: "90 days",
                paths: Some(FlowSeq(vec![self.delivery.in_repository(&folder)])),
                ..Artifacts::default()
            }),
            ..base
        }
    }
}

fn image(built: &ImageBuild, [username, password]: &[String; 2]) -> Vec<Statement> {
    let image = built.image;
    let gathered = format!(".mlp/context-{}", built.id);
    let context = if built.is_whole_project() { "." } else { gathered.as_str() };
    let file = format!("{context}/{}", image.file.as_deref().unwrap_or("Dockerfile"));
    let tagged = Word::Joined(vec![Word::Text(format!("{}:", image.repository)), Word::variable("VERSION")]);
    let mut statements = Vec::new();
    if !built.is_whole_project() {
        statements.extend(built.stage_context(&context.into()));
    }
    let build = Command::new([
        "timeout",
        "3600",
        "docker",
        "buildx",
        "build",
        "--push",
        "--provenance",
        "mode=max",
        "--sbom",
        "true",
    ]);
    statements
        .push(Statement::Run(build.arg("--file").arg(file.as_str()).arg("--tag").arg(tagged.clone()).arg(context)));
    let inspect =
        Command::new(["docker", "buildx", "imagetools", "inspect", "--format", "{{.Manifest.Digest}}"]).arg(tagged);
    statements.push(Statement::Assign(built.digest.clone(), Word::Output(Box::new(inspect))));
    if let Some(scan) = built.scan() {
        let mut bounded = Command::new(["timeout", "1200"])
            .env("TRIVY_USERNAME", Word::variable(username))
            .env("TRIVY_PASSWORD", Word::variable(password));
        bounded.words.extend(scan.words);
        statements.push(Statement::Run(bounded));
    }
    let said = Command::new(["printf".to_owned(), format!("{}=%s\\n", built.digest)].map(Word::Text));
    statements.push(Statement::Run(said.arg(Word::variable(&built.digest)).append_to(DIGESTS.into())));
    statements
}

/// The variables by which a registry is logged in to.
fn login(place: usize) -> [String; 2] {
    let prefix = if place == 0 { "REGISTRY".to_owned() } else { format!("REGISTRY_{}", place + 1) };
    ["USERNAME", "PASSWORD"].map(|end| format!("{prefix}_{end}"))
}
