//! What starts a component of the SDK, by the forms of `std.kubeflow`.

use serde_json::Value;

use crate::emit::kubeflow::startup::{self, Hosts, Order, Program, Sdk, Startup};
use crate::plan::Form;

/// The container's command and arguments; none where the form is not known here.
pub(super) fn command(form: &Form, source: Option<&str>) -> Option<(Vec<String>, Vec<String>)> {
    let function = form.arguments.get("function").and_then(Value::as_str).unwrap_or_default();
    let command = match form.form.as_str() {
        "kfp_function" => startup::text(&told(form, source.unwrap_or_default())),
        "kfp_component" => startup::containerized(program(form).unwrap_or(Program::Dsl)),
        _ => return None,
    };
    Some((command, startup::arguments(function)))
}

fn told(form: &Form, source: &str) -> Startup {
    let text = |name: &str| form.arguments.get(name).and_then(Value::as_str);
    let list = |name: &str| {
        let items = form.arguments.get(name)?.as_array()?;
        Some(items.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect::<Vec<_>>())
    };
    let sdk = match (text("sdk"), list("sdk_from").filter(|words| !words.is_empty())) {
        (_, Some(words)) => Sdk::From(words),
        (Some(version), None) => Sdk::Version(version.to_owned()),
        (None, None) => Sdk::None,
    };
    Startup {
        source: source.to_owned(),
        sdk,
        packages: list("packages").unwrap_or_default(),
        index_urls: list("index_urls").unwrap_or_default(),
        trusted_hosts: list("trusted_hosts"),
        venv: form.arguments.get("venv").and_then(Value::as_bool).unwrap_or(false),
        order: text("order").map(|order| match order {
            "together" => Order::Together,
            "sdk_first" => Order::SdkFirst,
            _ => Order::PackagesFirst,
        }),
        hosts: text("hosts").map(|hosts| if hosts == "beside" { Hosts::Beside } else { Hosts::After }),
        program: program(form),
    }
}

fn program(form: &Form) -> Option<Program> {
    let named = form.arguments.get("program").and_then(Value::as_str)?;
    Some(if named == "components" { Program::Components } else { Program::Dsl })
}
