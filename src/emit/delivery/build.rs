//! What is built once: images, pushed and known by digest from then on, and packages.

use super::Names;
use crate::plan::{Image, Package, Plan};
use crate::text::shell::{Command, Redirect, Statement, Word};

/// What looks for known faults in an image, by digest.
const SCANNER: &str =
    "ghcr.io/aquasecurity/trivy:0.58.1@sha256:ab70a02200597efa04748f210f793936eb647cbcdb0ea69cc30b226d6f5a22c7";

/// Everything that is built.
pub(crate) struct Build<'p> {
    /// In the order of `ci`.
    pub(crate) images: Vec<ImageBuild<'p>>,
    /// In the order of `ci`.
    pub(crate) packages: Vec<PackageBuild<'p>>,
}

/// An image.
pub(crate) struct ImageBuild<'p> {
    /// In letters that hosts take.
    pub(crate) id: String,
    /// What it is.
    pub(crate) image: &'p Image,
    /// The variable that holds its digest.
    pub(crate) digest: String,
}

/// A package.
pub(crate) struct PackageBuild<'p> {
    /// In letters that hosts take.
    pub(crate) id: String,
    /// What it is.
    pub(crate) package: &'p Package,
}

impl<'p> Build<'p> {
    pub(super) fn of(plan: &'p Plan) -> Option<Self> {
        let (mut ids, mut variables) = (Names::default(), Names::default());
        let mut build = Build { images: Vec::new(), packages: Vec::new() };
        for name in &plan.delivery.ci.as_ref()?.builds {
            if let Some(image) = plan.images.iter().find(|image| image.name == *name) {
                let digest = variables.claim_variable(&format!("DIGEST_{name}"));
                build.images.push(ImageBuild { id: ids.claim(name), image, digest });
            } else if let Some(package) = plan.packages.iter().find(|package| package.name == *name) {
                build.packages.push(PackageBuild { id: ids.claim(name), package });
            }
        }
        (!build.images.is_empty() || !build.packages.is_empty()).then_some(build)
    }

    /// The hosts that images are pushed to, each once.
    pub(crate) fn registries(&self) -> Vec<&'p str> {
        let mut registries = Vec::new();
        for image in &self.images {
            let registry = image.registry();
            if !registries.contains(&registry) {
                registries.push(registry);
            }
        }
        registries
    }

    /// Writes the file that maps every image to its digest.
    pub(crate) fn write_images(images: &[ImageBuild]) -> Statement {
        let entries: Vec<String> = images
            .iter()
            .map(|built| {
                let name = serde_json::Value::from(built.image.name.as_str());
                let reference = serde_json::Value::from(format!("{}@", built.image.repository)).to_string();
                format!("{}: {}%s\"", printed(&name.to_string()), printed(reference.trim_end_matches('"')))
            })
            .collect();
        let mut command = Command::new(["printf".to_owned(), format!("{{{}}}\\n", entries.join(", "))].map(Word::Text));
        command.words.extend(images.iter().map(|built| Word::variable(&built.digest)));
        command.to = Some(Redirect::File(Word::variable("IMAGES")));
        Statement::Run(command)
    }
}

impl<'p> ImageBuild<'p> {
    /// The host that it is pushed to.
    pub(crate) fn registry(&self) -> &'p str {
        match self.image.repository.split_once('/') {
            Some((host, _)) if host.contains(['.', ':']) || host == "localhost" => host,
            _ => "docker.io",
        }
    }

    /// Whether it is built from the whole project, where nothing has to be gathered.
    pub(crate) fn is_whole_project(&self) -> bool {
        matches!(self.image.context.trim_end_matches('/'), "." | "")
    }

    /// Puts into the folder that `context` names what the image is built from: its own files, and the project's that it runs.
    pub(crate) fn stage_context(&self, context: &Word) -> Vec<Statement> {
        let folder = format!("{}/.", self.image.context.trim_end_matches('/'));
        let mut statements = vec![
            Statement::Run(Command::new(["mkdir", "-p"]).arg(context.clone())),
            Statement::Run(Command::new(["cp", "-R"]).arg(Word::Text(folder)).arg(context.clone())),
        ];
        let mut files: Vec<&str> = self.image.sources.iter().map(String::as_str).collect();
        files.extend(self.image.lock.as_deref().filter(|lock| !files.contains(lock)));
        if !files.is_empty() {
            let packed = files.iter().fold(Command::new(["tar", "-cf", "-", "--"]), |packed, file| packed.arg(*file));
            let unpacked = Command::new(["tar", "-xf", "-", "-C"]).arg(context.clone());
            statements.push(Statement::Pipe(vec![packed, unpacked]));
        }
        statements
    }

    /// Fails on a fault that is bad enough; none where nobody asked. The scanner logs in by `TRIVY_USERNAME` and `TRIVY_PASSWORD`.
    pub(crate) fn scan(&self) -> Option<Command> {
        let severities = at_least(self.image.scan.as_deref()?);
        let reference =
            Word::Joined(vec![Word::Text(format!("{}@", self.image.repository)), Word::variable(&self.digest)]);
        let run = ["docker", "run", "--rm", "--env", "TRIVY_USERNAME", "--env", "TRIVY_PASSWORD", SCANNER, "image"];
        Some(Command::new(run).arg("--exit-code").arg("1").arg("--severity").arg(severities).arg(reference))
    }
}

/// Trivy's names of a severity and the worse ones.
fn at_least(severity: &str) -> &'static str {
    match severity {
        "low" => "LOW,MEDIUM,HIGH,CRITICAL",
        "medium" => "MEDIUM,HIGH,CRITICAL",
        "critical" => "CRITICAL",
        _ => "HIGH,CRITICAL",
    }
}

/// Letters that `printf` prints as they are.
fn printed(text: &str) -> String {
    text.replace('\\', "\\\\").replace('%', "%%")
}
