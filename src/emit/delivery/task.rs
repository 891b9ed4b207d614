//! What a job's shell runs: one task an operation, with the values and secrets that it alone is given.

use indexmap::IndexMap;

use super::Names;
use crate::emit::secret_manager::SecretManager;
use crate::plan::{
    Action, Check, Command, CommandWord, Edge, Environment, Form, HostValue, Notice, Operation, Plan, SecretSource,
};
use crate::source::Span;
use crate::text::shell;

/// Seconds that a task may take where nothing else is said.
const USUALLY: f64 = 1800.0;

/// Seconds that the way back may take: GitHub ends a job five minutes after it was cancelled.
const ROLLBACK: f64 = 240.0;

/// Seconds that it may take, after the way back, to note that an edge is closed.
const HOLD: f64 = 60.0;

/// Something that a job's shell runs.
pub(crate) struct Task<'p> {
    /// Unique in its job.
    pub(crate) id: String,
    /// What a person reads.
    pub(crate) title: String,
    /// Seconds after which it has failed.
    pub(crate) timeout: f64,
    /// Environment variables that it is given.
    pub(crate) env: Vec<(String, Given)>,
    /// Secrets that it is given.
    pub(crate) secrets: Vec<Secret<'p>>,
    /// What runs.
    pub(crate) run: Run<'p>,
    /// The operation that it is; none for what stands around them.
    pub(crate) operation: Option<&'p Operation>,
}

/// What an environment variable is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Given {
    /// This text.
    Text(String),
    /// What the host knows.
    Host(HostValue),
    /// The path of a file in the folder of measurements.
    Measured(String),
}

/// A secret as an environment variable.
#[derive(Clone, Copy)]
pub(crate) struct Secret<'p> {
    /// The variable.
    pub(crate) variable: &'p str,
    /// Its name in the project.
    pub(crate) name: &'p str,
    /// Its home.
    pub(crate) home: &'p Form,
    /// The environment whose it is; none: that of `ci`.
    pub(crate) of: Option<&'p str>,
}

impl<'p> Secret<'p> {
    /// What the host calls it; none where the host does not keep it.
    pub(crate) fn host_name(&self) -> Option<&'p str> {
        (self.home.form == "host_secret").then(|| super::text(self.home, "name"))?
    }

    /// Who keeps it, where that is a manager of secrets.
    pub(crate) fn manager(&self) -> Option<SecretManager<'p>> {
        SecretManager::of(self.home)
    }

    /// What it is called among all secrets of a job, in letters that every host takes: `slack_token`, `production--key`.
    pub(crate) fn id(&self) -> String {
        let environment = self.of.map_or_else(String::new, |environment| format!("{environment}--"));
        Names::default().claim(&format!("{environment}{}", self.name))
    }

    /// Where it is bound.
    pub(crate) fn span(&self) -> Span {
        self.home.span
    }
}

/// What a task runs.
pub(crate) enum Run<'p> {
    /// A program with its arguments.
    Program(shell::Command),
    /// An author's own lines.
    Author(&'p str),
}

impl<'p> Task<'p> {
    /// What an operation runs; nothing where the host does it by other means.
    pub(crate) fn of(plan: &'p Plan, environment: &str, operation: &'p Operation) -> Vec<Self> {
        let seconds = operation.timeout.unwrap_or(USUALLY);
        if let Action::Soak { seconds } = operation.action {
            return vec![Self::soak(operation, seconds)];
        }
        let (command, secrets) = match (&operation.command, &operation.action) {
            (Some(command), Action::Notify { notice }) => (command, Some(&notice.secrets)),
            (None, Action::Notify { notice }) => (&notice.command, Some(&notice.secrets)),
            (Some(command), _) => (command, None),
            (None, _) => return Vec::new(),
        };
        let mut task = Self::running(operation.id.clone(), operation.title.clone(), command);
        task.timeout = seconds;
        task.secrets = secrets.map(list_secrets).unwrap_or_default();
        task.operation = Some(operation);
        let mut tasks = vec![task];
        if let (Action::Verify { verification }, Command::Shell { env, .. }) = (&operation.action, command) {
            let file = format!("{environment}.{verification}.json");
            if !env.contains_key("MLP_OUTPUTS") {
                tasks[0].env.push(("MLP_OUTPUTS".to_owned(), Given::Measured(file.clone())));
            }
            let declared = plan.delivery.verifications.iter().find(|one| one.name == *verification);
            if declared.is_some_and(|one| !one.outputs.is_empty()) {
                tasks.push(Self::record(environment, verification, file));
            }
        }
        tasks
    }

    /// What a deployment that has begun and failed sets off: back to the version that was live, and the edge is noted as closed.
    pub(crate) fn undo(edge: &'p Edge, environment: Option<&'p Environment>) -> Vec<Self> {
        let back = edge.on_failure.rollback.as_ref().map(|command| {
            let title = format!("Roll {} back to the version that was live", edge.to);
            Self { timeout: ROLLBACK, ..Self::running("rollback".to_owned(), title, command) }
        });
        let hold = edge.on_failure.note.as_ref().map(|command| {
            let title = format!("Close the way to {} until a person lifts it", edge.to);
            Self { timeout: HOLD, ..Self::running("hold".to_owned(), title, command) }
        });
        back.into_iter().chain(hold).map(|task| task.logging_in(environment)).collect()
    }

    /// Tells somebody of a failure.
    pub(crate) fn notice(notice: &'p Notice, number: usize) -> Self {
        let title = format!("Tell of the failure by {}", notice.notifier.form);
        let mut task = Self::running(format!("tell-{number}"), title, &notice.command);
        task.timeout = 300.0;
        task.secrets = list_secrets(&notice.secrets);
        task
    }

    /// With the token by which `mlp` logs in to an environment's orchestrator, and the secrets of the project's own commands there.
    pub(crate) fn logging_in(mut self, environment: Option<&'p Environment>) -> Self {
        if let Some(environment) = environment.filter(|_| self.uses_mlp()) {
            self.secrets.extend(login(environment));
            for mut secret in environment.operations.values().flat_map(|own| list_secrets(&own.secrets)) {
                secret.of = Some(&environment.name);
                if !self.secrets.iter().any(|known| known.variable == secret.variable) {
                    self.secrets.push(secret);
                }
            }
        }
        self
    }

    /// Whether it needs `mlp` on the machine.
    pub(crate) fn uses_mlp(&self) -> bool {
        match &self.run {
            Run::Program(command) => command.words.first() == Some(&shell::Word::text("mlp")),
            Run::Author(lines) => uses_mlp(lines),
        }
    }

    fn running(id: String, title: String, command: &'p Command) -> Self {
        let (run, env) = match command {
            Command::Program { words } => (Run::Program(program(words)), host_values(words)),
            Command::Shell { script, env } => {
                (Run::Author(script), env.iter().map(|(name, word)| (name.clone(), given(word))).collect())
            }
        };
        Self { id, title, timeout: USUALLY, env, secrets: Vec::new(), run, operation: None }
    }

    fn soak(operation: &'p Operation, seconds: f64) -> Self {
        let command = shell::Command::new(["sleep".to_owned(), super::seconds(seconds)].map(shell::Word::Text));
        Self {
            id: operation.id.clone(),
            title: operation.title.clone(),
            timeout: seconds + 60.0,
            env: Vec::new(),
            secrets: Vec::new(),
            run: Run::Program(command),
            operation: Some(operation),
        }
    }

    fn record(environment: &str, verification: &str, file: String) -> Self {
        let file = shell::Word::Joined(vec![shell::Word::variable("VALUES"), shell::Word::Text(format!("/{file}"))]);
        let command = shell::Command::new(["mlp", "record", environment, verification])
            .arg(file)
            .arg("--values")
            .arg(shell::Word::variable("VALUES"));
        Self {
            id: format!("record-{verification}"),
            title: format!("Keep what {verification} measured in {environment}"),
            timeout: 60.0,
            env: vec![("VALUES".to_owned(), Given::Host(HostValue::ValuesFolder))],
            secrets: Vec::new(),
            run: Run::Program(command),
            operation: None,
        }
    }
}

/// What an environment logs in by that says `auth: bearer(token)` or `auth: password(user, password)`.
fn login(environment: &Environment) -> Option<Secret<'_>> {
    let auth = environment.orchestrator.arguments.get("auth")?;
    let arguments = auth.get("arguments")?;
    let name = ["token", "password"].iter().find_map(|name| arguments.get(name)?.get("secret")?.as_str())?;
    let home = environment.secrets.get(name)?;
    Some(Secret { variable: "MLP_TOKEN", name, home, of: Some(&environment.name) })
}

/// A check's own line, tried as often as it may be; none where it is tried once.
pub(crate) fn attempts(check: &Check) -> Option<Vec<shell::Statement>> {
    use shell::{Statement, Word};
    if check.retries == 0 {
        return None;
    }
    let items = (1..=check.retries + 1).map(|attempt| Word::Text(attempt.to_string())).collect();
    let failed = Word::Joined(vec!["attempt ".into(), Word::variable("attempt"), " failed".into()]);
    let body = vec![
        Statement::If {
            test: authors_shell(&check.run),
            not: false,
            then: vec![Statement::Run(shell::Command::new(["exit", "0"]))],
        },
        Statement::Run(shell::Command::new(["echo"]).arg(failed).to_errors()),
    ];
    let attempts = Statement::For { variable: "attempt".to_owned(), items, body };
    Some(vec![attempts, Statement::Run(shell::Command::new(["exit", "1"]))])
}

/// An author's lines as one command, in the shell that every host gives them.
pub(crate) fn authors_shell(lines: &str) -> shell::Command {
    shell::Command::new(["bash", "-eo", "pipefail", "-c", lines.trim_end_matches('\n')])
}

/// Whether a line for the shell starts `mlp`.
pub(crate) fn uses_mlp(lines: &str) -> bool {
    lines.split(|c: char| c.is_whitespace() || ";&|()`".contains(c)).any(|word| word == "mlp")
}

/// The secrets of some tasks that managers of secrets keep, each once.
pub(crate) fn managed<'t, 'p: 't>(tasks: impl IntoIterator<Item = &'t Task<'p>>) -> IndexMap<String, Secret<'p>> {
    let secrets = tasks.into_iter().flat_map(|task| &task.secrets).filter(|secret| secret.manager().is_some());
    secrets.fold(IndexMap::new(), |mut found, secret| {
        found.entry(secret.id()).or_insert(*secret);
        found
    })
}

fn list_secrets<'p>(secrets: &'p IndexMap<String, SecretSource>) -> Vec<Secret<'p>> {
    let secret = |(variable, source): (&'p String, &'p SecretSource)| Secret {
        variable,
        name: &source.secret,
        home: &source.home,
        of: None,
    };
    secrets.iter().map(secret).collect()
}

fn program(words: &[CommandWord]) -> shell::Command {
    shell::Command::new(words.iter().map(|word| match word {
        CommandWord::Text { text } => shell::Word::text(text),
        CommandWord::Value { value } => shell::Word::variable(value.variable()),
    }))
}

fn host_values(words: &[CommandWord]) -> Vec<(String, Given)> {
    let mut env: Vec<(String, Given)> = Vec::new();
    for word in words {
        if let CommandWord::Value { value } = word {
            let entry = (value.variable().to_owned(), Given::Host(*value));
            if !env.contains(&entry) {
                env.push(entry);
            }
        }
    }
    env
}

fn given(word: &CommandWord) -> Given {
    match word {
        CommandWord::Text { text } => Given::Text(text.clone()),
        CommandWord::Value { value } => Given::Host(*value),
    }
}
