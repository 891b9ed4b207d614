//! Who asks: the token that an environment's `auth` stands for.

use std::time::Duration;

use super::http::{Again, Body, Client, part};
use super::secrecy::Secret;
use super::{Deadline, Done, Failure, secret};
use crate::plan::Environment;

/// The token, and where it comes from.
pub fn token(environment: &Environment) -> Done<Option<Secret>> {
    let Some(auth) = environment.orchestrator.arguments.get("auth").filter(|auth| !auth.is_null()) else {
        return Ok(None);
    };
    let argument = |name: &str| auth.get("arguments").and_then(|all| all.get(name));
    match auth.get("form").and_then(|form| form.as_str()) {
        Some("oidc") => {
            let audience = argument("audience").and_then(|audience| audience.as_str()).unwrap_or_default();
            of_host(audience).map(Some)
        }
        Some("bearer") => {
            let name = argument("token").and_then(|token| token.get("secret")?.as_str()).unwrap_or_default();
            let what = format!("the secret `{name}`, by which `mlp` logs in to `{}`,", environment.name);
            secret::read("MLP_TOKEN", &what, environment.secrets.get(name), &Deadline::after(secret::AT_MOST)).map(Some)
        }
        // Airflow gives a token for these itself.
        Some("password") => Ok(None),
        other => Err(Failure::new(format!("`{}` logs in by {other:?}, which is not known", environment.name))),
    }
}

/// A user and a password, where an environment logs in so.
pub fn password(environment: &Environment) -> Done<Option<(String, Secret)>> {
    let auth = environment.orchestrator.arguments.get("auth");
    let Some(auth) = auth.filter(|auth| auth.get("form").and_then(|form| form.as_str()) == Some("password")) else {
        return Ok(None);
    };
    let arguments = auth.get("arguments");
    let user = arguments.and_then(|all| all.get("user")?.as_str()).unwrap_or_default().to_owned();
    let name = arguments.and_then(|all| all.get("password")?.get("secret")?.as_str()).unwrap_or_default();
    let what = format!("the password of `{user}`, who logs in to `{}`,", environment.name);
    let home = environment.secrets.get(name);
    Ok(Some((user, secret::read("MLP_TOKEN", &what, home, &Deadline::after(secret::AT_MOST))?)))
}

/// A short-lived token from the host of CI, for an audience.
fn of_host(audience: &str) -> Done<Secret> {
    let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    // GitLab puts it into the job by `id_tokens`.
    if let Some(token) = set("MLP_ID_TOKEN") {
        return Ok(Secret::new(token));
    }
    // https://docs.github.com/actions/security-for-github-actions/security-hardening-your-deployments
    let (Some(address), Some(request)) = (set("ACTIONS_ID_TOKEN_REQUEST_URL"), set("ACTIONS_ID_TOKEN_REQUEST_TOKEN"))
    else {
        return Err(Failure::new(format!(
            "there is no token for `{audience}` here: CI gives one (GitHub by the permission `id-token: write`, GitLab by \
             `id_tokens`); elsewhere set MLP_ID_TOKEN"
        )));
    };
    let (base, query) = split(&address)?;
    let client = Client::new("GitHub's token service", base, Some(Secret::new(request)));
    let path = format!("{query}&audience={}", part(audience));
    let deadline = Deadline::after(Duration::from_secs(60));
    let answer = client.ask("GET", &path, Body::None, Again::Safe, &deadline)?;
    let token = answer.get("value").and_then(|value| value.as_str());
    token.map(Secret::new).ok_or_else(|| Failure::new("GitHub's token service answered without a token"))
}

/// An address parted before its path.
fn split(address: &str) -> Done<(&str, &str)> {
    let after = address.find("://").map(|at| at + 3);
    let end = after.and_then(|after| Some(after + address[after..].find('/')?));
    end.map(|end| address.split_at(end)).ok_or_else(|| Failure::new("ACTIONS_ID_TOKEN_REQUEST_URL is no address"))
}
