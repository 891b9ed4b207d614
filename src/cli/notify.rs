//! `mlp notify`: tells people what has happened.

use std::path::PathBuf;
use std::time::Duration;

use clap::ValueEnum;

use crate::compile::Texts;
use crate::operate::Deadline;
use crate::operate::notify::{News, Notifier, tell};
use crate::operate::secrecy::Secret;

use super::{Console, Status, operate, project};

/// Tell people what has happened
///
/// The token, the routing key or the password is read from the variable that is named beside each form; it is printed nowhere. Exit
/// status: 0 it was taken, 1 it was not, 2 usage, 124 its time was over.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  mlp notify slack --channel '#releases' --event 'ci-to-test failed' --run-url URL --actor WHO
  mlp notify email --to team@example.org --server smtps://smtp.example.org --event 'done'")]
pub(super) struct Arguments {
    /// How
    #[arg(value_name = "FORM", value_enum)]
    form: Form,

    /// What has happened, in a few words
    #[arg(long, value_name = "TEXT")]
    event: String,

    /// Where the run of CI is to be seen
    #[arg(long, value_name = "ADDRESS")]
    run_url: Option<String>,

    /// Who made the change
    #[arg(long, value_name = "WHO")]
    actor: Option<String>,

    /// Slack: the channel
    #[arg(long, value_name = "CHANNEL", required_if_eq("form", "slack"))]
    channel: Option<String>,

    /// Slack and PagerDuty: another place of their API
    #[arg(long, value_name = "ADDRESS")]
    api: Option<String>,

    /// Mail: whom
    #[arg(long, value_name = "ADDRESS", required_if_eq("form", "email"))]
    to: Option<String>,

    /// Mail: by whom; left out, whom itself
    #[arg(long, value_name = "ADDRESS")]
    from: Option<String>,

    /// Mail: who takes it, `smtps://HOST` or `smtp://HOST:PORT?tls=required`; left out, what SMTP_SERVER says
    #[arg(long, value_name = "ADDRESS", env = "SMTP_SERVER", hide_env_values = true)]
    server: Option<String>,

    /// Mail: who logs in there
    #[arg(long, value_name = "USER")]
    user: Option<String>,

    /// A line of the shell: the line
    #[arg(long, value_name = "LINE", required_if_eq("form", "shell_line"))]
    run: Option<String>,

    /// After how many seconds it is given up
    #[arg(long, value_name = "SECONDS", default_value_t = 120)]
    timeout: u64,

    /// The project's folder, whose name the message says
    #[arg(long, value_name = "PATH")]
    project: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
enum Form {
    /// A message in Slack; SLACK_TOKEN
    Slack,
    /// An incident of PagerDuty; PAGERDUTY_ROUTING_KEY
    #[value(name = "pagerduty")]
    PagerDuty,
    /// A mail; SMTP_PASSWORD
    Email,
    /// A line of the shell; MLP_SECRET
    ShellLine,
}

pub(super) fn run(arguments: &Arguments, console: &Console) -> Status {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let api = arguments.api.clone();
    let (notifier, variable) = match arguments.form {
        Form::Slack => (Notifier::Slack { channel: text(&arguments.channel), api }, "SLACK_TOKEN"),
        Form::PagerDuty => (Notifier::PagerDuty { api }, "PAGERDUTY_ROUTING_KEY"),
        Form::Email => {
            let Some(server) = arguments.server.clone() else {
                console.fail("nobody is named who takes the mail: give --server, or set SMTP_SERVER");
                return Status::Usage;
            };
            let (to, from, user) = (text(&arguments.to), arguments.from.clone(), arguments.user.clone());
            (Notifier::Email { to, from, server, user }, "SMTP_PASSWORD")
        }
        Form::ShellLine => (Notifier::Line { run: text(&arguments.run) }, "MLP_SECRET"),
    };
    let secret = std::env::var(variable).ok().filter(|value| !value.is_empty()).map(Secret::new);
    let news = News {
        project: name(arguments),
        event: arguments.event.clone(),
        run_url: arguments.run_url.clone(),
        actor: arguments.actor.clone(),
    };
    let deadline = Deadline::after(Duration::from_secs(arguments.timeout));
    match tell(&notifier, &news, secret.as_ref(), &deadline) {
        Ok(()) => Status::Fine,
        Err(failure) => operate::failed(&failure, console),
    }
}

/// The project's name, also where something is wrong with the project: that may be what is told.
fn name(arguments: &Arguments) -> String {
    let found = project::locate(arguments.project.as_deref()).ok().and_then(|located| {
        let bytes = project::read(&located.folder.join(project::MAIN)).ok()?;
        let mut texts = Texts::default();
        texts.add(project::MAIN, bytes);
        texts.parse().project()
    });
    found.unwrap_or_else(|| "mlp".to_owned())
}
