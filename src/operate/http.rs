//! Requests to a server that speaks JSON: within a time, tried again where that is safe, and every fault a sentence.

use std::time::Duration;

use base64::prelude::{BASE64_STANDARD, Engine};
use serde_json::Value as Json;
use ureq::tls::{RootCerts, TlsConfig};
use ureq::unversioned::multipart::{Form, Part};
use ureq::{Agent, http};

use super::secrecy::Secret;
use super::{Deadline, Done, Failure};

/// The largest answer that is read, in bytes.
const LARGEST: u64 = 16 << 20;
/// How long one attempt may take.
const ATTEMPT: Duration = Duration::from_secs(30);
/// Pauses between attempts.
const PAUSES: [Duration; 4] =
    [Duration::from_millis(300), Duration::from_secs(1), Duration::from_secs(3), Duration::from_secs(8)];

/// A server.
#[derive(Debug)]
pub struct Client {
    agent: Agent,
    /// What people call it: `Airflow at https://…`.
    name: String,
    base: String,
    login: Option<Login>,
}

/// How a client says who asks.
#[derive(Clone, Debug)]
enum Login {
    Token(Secret),
    Password(String, Secret),
}

impl Login {
    /// The header `Authorization`.
    fn header(&self) -> String {
        match self {
            Login::Token(token) => format!("Bearer {}", token.reveal()),
            Login::Password(user, password) => {
                format!("Basic {}", BASE64_STANDARD.encode(format!("{user}:{}", password.reveal())))
            }
        }
    }

    /// A text that shows neither the secret nor what the header makes of it.
    fn mask(&self, text: &str) -> String {
        match self {
            Login::Token(token) => token.mask(text),
            Login::Password(_, password) => Secret::new(&self.header()["Basic ".len()..]).mask(&password.mask(text)),
        }
    }
}

/// What a server answered.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// `200`
    pub status: u16,
    /// Its body; `null` where there is none.
    pub body: Json,
}

/// Whether a request may be sent once more without doing anything twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Again {
    /// It may.
    Safe,
    /// It may not: who sends it does not know whether the first arrived.
    Never,
}

/// Why there is no answer.
enum Unanswered {
    /// It did not arrive, or the answer did not: the next one may.
    Lost(Failure),
    /// It would be the same the next time.
    Nonsense(Failure),
}

/// What a request carries.
#[derive(Clone, Copy, Debug)]
pub enum Body<'a> {
    /// Nothing.
    None,
    /// JSON.
    Json(&'a Json),
    /// A file in a form: the field, the file's name, its text.
    File(&'a str, &'a str, &'a str),
}

impl Client {
    /// A server at an address; `what` is what it is: `Airflow`.
    pub fn new(what: &str, base: &str, token: Option<Secret>) -> Self {
        let tls = TlsConfig::builder().root_certs(RootCerts::PlatformVerifier).build();
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .user_agent(concat!("mlp/", env!("CARGO_PKG_VERSION")))
            .tls_config(tls)
            .build();
        let base = base.trim_end_matches('/').to_owned();
        Self { agent: config.into(), name: format!("{what} at {base}"), base, login: token.map(Login::Token) }
    }

    /// With another token.
    pub fn with_token(mut self, token: Secret) -> Self {
        self.login = Some(Login::Token(token));
        self
    }

    /// With a user and a password in every request.
    pub fn with_password(mut self, user: &str, password: Secret) -> Self {
        self.login = Some(Login::Password(user.to_owned(), password));
        self
    }

    /// What people call it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Reads; none where there is no such thing.
    pub fn find(&self, path: &str, deadline: &Deadline) -> Done<Option<Json>> {
        let answer = self.send("GET", path, Body::None, Again::Safe, deadline)?;
        match answer.status {
            404 => Ok(None),
            _ => self.good(answer, path).map(Some),
        }
    }

    /// Reads.
    pub fn get(&self, path: &str, deadline: &Deadline) -> Done<Json> {
        let answer = self.send("GET", path, Body::None, Again::Safe, deadline)?;
        self.good(answer, path)
    }

    /// Sends, and wants a good answer.
    pub fn ask(&self, method: &str, path: &str, body: Body, again: Again, deadline: &Deadline) -> Done<Json> {
        let answer = self.send(method, path, body, again, deadline)?;
        self.good(answer, path)
    }

    /// Sends, whatever the answer says.
    pub fn send(&self, method: &str, path: &str, body: Body, again: Again, deadline: &Deadline) -> Done<Answer> {
        let mut pauses = PAUSES.iter();
        loop {
            let Some(left) = deadline.left() else {
                return Err(deadline.over(&format!("{} did not answer", self.name)));
            };
            let (fault, wait) = match self.once(method, path, body, left.min(ATTEMPT)) {
                Ok((answer, _)) if !is_passing(answer.status) => return Ok(answer),
                // Who is turned away for asking too often has done nothing yet.
                Ok((answer, _)) if again == Again::Never && answer.status != 429 => return Ok(answer),
                Ok((answer, wait)) => (Failure::new(said(&self.name, &answer, path)), wait),
                Err(Unanswered::Nonsense(fault)) => return Err(fault),
                Err(Unanswered::Lost(fault)) if again == Again::Never => return Err(fault),
                Err(Unanswered::Lost(fault)) => (fault, None),
            };
            let Some(pause) = pauses.next() else { return Err(fault) };
            let pause = wait.unwrap_or(*pause);
            if deadline.left().is_none_or(|left| left <= pause) {
                return Err(Failure::TimedOut(fault.reason().to_owned()));
            }
            deadline.sleep(pause);
        }
    }

    fn once(
        &self,
        method: &str,
        path: &str,
        body: Body,
        time: Duration,
    ) -> Result<(Answer, Option<Duration>), Unanswered> {
        let mut request = http::Request::builder().method(method).uri(format!("{}{path}", self.base));
        request = request.header("Accept", "application/json");
        if let Some(login) = &self.login {
            request = request.header("Authorization", login.header());
        }
        let bad =
            |error: http::Error| Unanswered::Nonsense(Failure::new(format!("{} cannot be asked: {error}", self.name)));
        let found = match body {
            Body::None => self.run(request.body(()).map_err(bad)?, time),
            Body::Json(json) => {
                let request = request.header("Content-Type", "application/json");
                self.run(request.body(json.to_string()).map_err(bad)?, time)
            }
            Body::File(field, name, text) => {
                let part = Part::bytes(text.as_bytes()).file_name(name);
                let part = part.mime_str("application/octet-stream").expect("it is a media type");
                let form = Form::new().part(field, part);
                self.run_form(path, form, time)
            }
        };
        let mut response = found.map_err(|error| Unanswered::Lost(self.unreached(&error)))?;
        let status = response.status().as_u16();
        let wait = response.headers().get("retry-after").and_then(|value| value.to_str().ok()?.parse().ok());
        let kind = response.headers().get("content-type").and_then(|value| value.to_str().ok()).unwrap_or_default();
        let kind = kind.to_owned();
        let text = response.body_mut().with_config().limit(LARGEST).read_to_string();
        let text = text.map_err(|error| Unanswered::Lost(self.unreached(&error)))?;
        let body = self.read(&text, &kind, status).map_err(Unanswered::Nonsense)?;
        Ok((Answer { status, body }, wait.map(Duration::from_secs)))
    }

    fn run<B: ureq::AsSendBody>(
        &self,
        request: http::Request<B>,
        time: Duration,
    ) -> Result<http::Response<ureq::Body>, ureq::Error> {
        let request = self.agent.configure_request(request).timeout_global(Some(time)).build();
        self.agent.run(request)
    }

    fn run_form(&self, path: &str, form: Form, time: Duration) -> Result<http::Response<ureq::Body>, ureq::Error> {
        let mut request = self.agent.post(format!("{}{path}", self.base)).header("Accept", "application/json");
        if let Some(login) = &self.login {
            request = request.header("Authorization", login.header());
        }
        request.config().timeout_global(Some(time)).build().send(form)
    }

    /// The body as JSON. A page in place of an answer is most often a login page before the server, or another server.
    fn read(&self, text: &str, kind: &str, status: u16) -> Done<Json> {
        if text.trim().is_empty() {
            return Ok(Json::Null);
        }
        match serde_json::from_str(text) {
            Ok(body) => Ok(body),
            Err(_) if !(200..400).contains(&status) => Ok(Json::from(self.mask(&brief(text)))),
            Err(error) if kind.contains("json") => {
                Err(Failure::new(format!("{} answered with JSON that cannot be read: {error}", self.name)))
            }
            Err(_) => Err(Failure::new(format!(
                "{} answered {status} with {} where JSON was expected: is the address right, and does a login page stand before it?",
                self.name,
                if kind.is_empty() { "a text" } else { kind }
            ))),
        }
    }

    fn good(&self, answer: Answer, path: &str) -> Done<Json> {
        match answer.status {
            200..=299 => Ok(answer.body),
            _ => Err(Failure::new(self.mask(&said(&self.name, &answer, path)))),
        }
    }

    fn unreached(&self, error: &ureq::Error) -> Failure {
        let reason = match error {
            ureq::Error::HostNotFound => "there is no such host".to_owned(),
            ureq::Error::ConnectionFailed => "nobody listens there".to_owned(),
            ureq::Error::Io(error) if error.kind() == std::io::ErrorKind::ConnectionRefused => {
                "nobody listens there".to_owned()
            }
            ureq::Error::Timeout(_) => "it did not answer in time".to_owned(),
            ureq::Error::BodyExceedsLimit(limit) => format!("its answer is larger than {} MiB", limit >> 20),
            other => other.to_string(),
        };
        Failure::new(self.mask(&format!("{} cannot be reached: {reason}", self.name)))
    }

    fn mask(&self, text: &str) -> String {
        self.login.as_ref().map_or_else(|| text.to_owned(), |login| login.mask(text))
    }
}

/// Whether the same request may be answered otherwise in a while.
fn is_passing(status: u16) -> bool {
    matches!(status, 408 | 429 | 500 | 502 | 503 | 504)
}

fn said(name: &str, answer: &Answer, path: &str) -> String {
    let path = path.split('?').next().unwrap_or_default();
    let meaning = match answer.status {
        300..=399 => "it sends to another place, most often to a login page: say how to log in by `auth`".to_owned(),
        401 => "it does not know who asks: look at the environment's `auth`".to_owned(),
        403 => "who asks may not do this".to_owned(),
        404 => "there is no such thing".to_owned(),
        status if is_passing(status) => format!("it cannot answer now{}", detail(&answer.body)),
        _ => format!("it refused{}", detail(&answer.body)),
    };
    format!("{name} answered {} to {path}: {meaning}", answer.status)
}

/// What a server says of a fault: Airflow's `detail`, Kubeflow's `error` or `message`.
fn detail(body: &Json) -> String {
    let said = ["detail", "error", "message", "title"].into_iter().find_map(|name| body.get(name));
    match said.unwrap_or(body) {
        Json::Null => String::new(),
        Json::String(text) => format!(": {}", brief(text)),
        other => format!(": {}", brief(&other.to_string())),
    }
}

/// A text on one line, and not too long.
fn brief(text: &str) -> String {
    let line: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let line: String = line.chars().filter(|letter| !letter.is_control()).collect();
    match line.char_indices().nth(300) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

/// A part of a path or a query as an address holds it.
pub fn part(text: &str) -> String {
    let kept = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes().map(|byte| if kept(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

#[cfg(test)]
mod tests;
