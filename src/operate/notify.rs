//! Telling people: a message in Slack, an incident of PagerDuty, a mail, or a line of the project's own.

use std::process::Command;
use std::time::Duration;

use lettre::message::header::ContentType;
use lettre::{Message, SmtpTransport, Transport};
use serde_json::{Value as Json, json};

use super::http::{Again, Body, Client};
use super::secrecy::Secret;
use super::{Deadline, Done, Failure, program};

/// What has happened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct News {
    /// The project.
    pub project: String,
    /// In a few words: `ci-to-test failed`.
    pub event: String,
    /// Where the run of CI is to be seen.
    pub run_url: Option<String>,
    /// Who made the change.
    pub actor: Option<String>,
}

/// Whom to tell, and how.
#[derive(Clone, Debug)]
pub enum Notifier {
    /// <https://docs.slack.dev/reference/methods/chat.postMessage>
    Slack {
        /// `#tumour-ci`
        channel: String,
        /// Another place of Slack's API than `https://slack.com/api`.
        api: Option<String>,
    },
    /// <https://developer.pagerduty.com/docs/events-api-v2/trigger-events>
    PagerDuty {
        /// Another place of the events API than `https://events.pagerduty.com`.
        api: Option<String>,
    },
    /// A mail.
    Email {
        /// Whom.
        to: String,
        /// By whom; left out, `to` itself.
        from: Option<String>,
        /// `smtps://smtp.example.org`, `smtp://smtp.example.org:587?tls=required`
        server: String,
        /// Who logs in there, by the secret.
        user: Option<String>,
    },
    /// A line for the shell, with `MLP_EVENT`, `MLP_PROJECT`, `MLP_RUN_URL`, `MLP_ACTOR` and `MLP_SECRET`.
    Line {
        /// The line.
        run: String,
    },
}

impl News {
    /// On one line.
    fn title(&self) -> String {
        format!("{}: {}", self.project, self.event)
    }

    fn lines(&self) -> Vec<String> {
        let mut lines = vec![self.title()];
        lines.extend(self.actor.iter().map(|actor| format!("by {actor}")));
        lines.extend(self.run_url.iter().cloned());
        lines
    }
}

/// Tells it; `secret` is the token, the routing key or the password.
pub fn tell(notifier: &Notifier, news: &News, secret: Option<&Secret>, deadline: &Deadline) -> Done<()> {
    let wanted = |what: &str| secret.cloned().ok_or_else(|| Failure::new(what.to_owned()));
    match notifier {
        Notifier::Slack { channel, api } => {
            let token = wanted("there is no token for Slack: set SLACK_TOKEN")?;
            slack(channel, api.as_deref(), news, token, deadline)
        }
        Notifier::PagerDuty { api } => {
            let key = wanted("there is no routing key for PagerDuty: set PAGERDUTY_ROUTING_KEY")?;
            pagerduty(api.as_deref(), news, &key, deadline)
        }
        Notifier::Email { to, from, server, user } => {
            mail((to, from.as_deref().unwrap_or(to)), server, user.as_deref().zip(secret), news, deadline)
        }
        Notifier::Line { run } => line(run, news, secret, deadline),
    }
}

fn slack(channel: &str, api: Option<&str>, news: &News, token: Secret, deadline: &Deadline) -> Done<()> {
    let client = Client::new("Slack", api.unwrap_or("https://slack.com/api"), Some(token));
    let text: Vec<String> = news.lines().iter().map(|line| slack_text(line)).collect();
    let body = json!({"channel": channel, "text": text.join("\n"), "mrkdwn": false, "unfurl_links": false});
    let answer = client.ask("POST", "/chat.postMessage", Body::Json(&body), Again::Never, deadline)?;
    match answer.get("ok") {
        Some(Json::Bool(true)) => Ok(()),
        _ => {
            let error = answer.get("error").and_then(Json::as_str).unwrap_or("it did not say why");
            Err(Failure::new(format!("Slack did not take the message for {channel}: {error}")))
        }
    }
}

/// The three letters that Slack gives a meaning: <https://docs.slack.dev/messaging/formatting-message-text#escaping>.
fn slack_text(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn pagerduty(api: Option<&str>, news: &News, key: &Secret, deadline: &Deadline) -> Done<()> {
    let client = Client::new("PagerDuty", api.unwrap_or("https://events.pagerduty.com"), None);
    let details = json!({"actor": news.actor, "run": news.run_url});
    let mut body = json!({
        "routing_key": key.reveal(),
        "event_action": "trigger",
        // One incident for one thing that is wrong, however often it is told.
        "dedup_key": format!("mlp/{}", news.title()),
        "payload": {
            "summary": news.title().chars().take(1024).collect::<String>(),
            "source": news.project, "severity": "error", "custom_details": details,
        },
    });
    if let Some(address) = &news.run_url {
        body["links"] = json!([{"href": address, "text": "the run"}]);
    }
    // The key of the incident makes a second one the same.
    let answer = client.ask("POST", "/v2/enqueue", Body::Json(&body), Again::Safe, deadline);
    answer.map(drop).map_err(|failure| Failure::new(key.mask(failure.reason())))
}

fn mail(
    (to, from): (&str, &str),
    server: &str,
    login: Option<(&str, &Secret)>,
    news: &News,
    deadline: &Deadline,
) -> Done<()> {
    let address =
        |text: &str| text.parse().map_err(|error| Failure::new(format!("`{text}` is no address of a mail: {error}")));
    let letter = Message::builder()
        .from(address(from)?)
        .to(address(to)?)
        .subject(news.title().split_whitespace().collect::<Vec<_>>().join(" "))
        .header(ContentType::TEXT_PLAIN)
        .body(news.lines().join("\n") + "\n")
        .map_err(|error| Failure::new(format!("the mail cannot be written: {error}")))?;
    let bad =
        |error: lettre::transport::smtp::Error| Failure::new(format!("`{server}` did not take the mail: {error}"));
    let mut transport = SmtpTransport::from_url(server).map_err(bad)?;
    if let Some((user, password)) = login {
        transport = transport.credentials((user, password.reveal()).into());
    }
    let time = deadline.left().unwrap_or(Duration::from_millis(1));
    transport.timeout(Some(time)).build().send(&letter).map(drop).map_err(|error| {
        let failure = bad(error);
        login.map_or(failure.clone(), |(_, password)| Failure::new(password.mask(failure.reason())))
    })
}

fn line(run: &str, news: &News, secret: Option<&Secret>, deadline: &Deadline) -> Done<()> {
    let mut command = Command::new("bash");
    command.args(["-eo", "pipefail", "-c", run]).env("MLP_EVENT", &news.event).env("MLP_PROJECT", &news.project);
    command.env("MLP_RUN_URL", news.run_url.as_deref().unwrap_or_default());
    command.env("MLP_ACTOR", news.actor.as_deref().unwrap_or_default());
    if let Some(secret) = secret {
        command.env("MLP_SECRET", secret.reveal());
    }
    let done = program::run(&mut command, deadline).map(drop);
    done.map_err(|failure| secret.map_or(failure.clone(), |secret| Failure::new(secret.mask(failure.reason()))))
}
