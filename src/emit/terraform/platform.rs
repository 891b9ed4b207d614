//! What a platform needs to know of each environment, as variables of one fixed set.

use serde_json::{Map, Value, json};

use super::model::Variable;
use super::shape::Shape;
use super::types::object;
use crate::plan::{Action, Edge, Environment, Form, Notice, Plan, Resources};
use crate::text::hcl::Expr;

/// A generated variable, and its value in each environment (in the plan's order); null: none is given.
pub(super) struct Generated {
    pub(super) variable: Variable,
    pub(super) values: Vec<Value>,
}

/// Every generated variable, in the order in which they are written.
pub(super) fn generated(plan: &Plan) -> Vec<Generated> {
    let of = |value: &dyn Fn(&Environment) -> Value| plan.environments.iter().map(value).collect::<Vec<_>>();
    let text = || Expr::name("string");
    vec![
        required("tier", "How much depends on the environment.", text(), of(&|it| json!(it.tier))),
        form("orchestrator", "What runs the pipelines.", of(&|it| self::form_value(&it.orchestrator))),
        form("artifacts", "Where artifacts are kept.", of(&|it| it.artifacts.as_ref().map_or(Value::Null, form_value))),
        optional("registry", "Where images come from.", text(), of(&|it| json!(it.registry))),
        optional("service_account", "As whom the steps run.", text(), of(&|it| json!(it.service_account))),
        collection(
            "namespaces",
            "The namespaces that the orchestrator and the services live in.",
            Expr::call("list", [text()]),
            json!([]),
            of(&|it| namespaces(it)),
        ),
        collection(
            "grants",
            "What the service account is granted, and why: no more is needed.",
            grants(),
            json!([]),
            of(&|it| json!(it.grants)),
        ),
        collection(
            "egress",
            "Hosts that may be reached beside those that the bindings imply.",
            Expr::call("list", [text()]),
            json!([]),
            of(&|it| json!(it.egress)),
        ),
        collection(
            "hosts",
            "Hosts that the bindings imply: the orchestrator's, the registry's, those of stores and data.",
            Expr::call("list", [text()]),
            json!([]),
            of(&|it| json!(hosts(it))),
        ),
        forms("data", "Where each data set is.", of(&|it| form_values(&it.data))),
        forms("secrets", "Where each secret's value is kept; no values.", of(&|it| form_values(&it.secrets))),
        forms("services", "What serves each service.", of(&|it| form_values(&it.services))),
        collection(
            "compute",
            "The machines that steps ask for: cores, bytes, accelerators.",
            compute(),
            json!({}),
            of(&|it| {
                Value::Object(it.compute.iter().map(|(name, resources)| (name.clone(), machine(resources))).collect())
            }),
        ),
        collection(
            "quotas",
            "What the whole environment may use at once.",
            quotas(),
            json!({}),
            of(&|it| without_nulls(it.limits.as_ref().map_or(json!({}), |limits| json!(limits)))),
        ),
        forms("schedules", "When each pipeline runs by itself.", of(&|it| schedules(plan, it))),
        collection(
            "alerts",
            "When something is off, and who is told.",
            alerts(),
            json!({}),
            of(&|it| alert_values(it)),
        ),
        collection(
            "promotions",
            "The edges that lead here: from where, who approves, seconds to wait, when the edge is open, whether it goes back.",
            promotions(),
            json!({}),
            of(&|it| promotion_values(plan, it)),
        ),
    ]
}

fn variable(name: &str, description: &str, ty: Expr, default: Option<Value>, nullable: bool) -> Variable {
    let (name, description) = (name.to_owned(), description.to_owned());
    Variable { name, description, ty, default, nullable, validations: Vec::new(), preconditions: Vec::new() }
}

fn required(name: &str, description: &str, ty: Expr, values: Vec<Value>) -> Generated {
    Generated { variable: variable(name, description, ty, None, false), values }
}

fn optional(name: &str, description: &str, ty: Expr, values: Vec<Value>) -> Generated {
    Generated { variable: variable(name, description, ty, Some(Value::Null), true), values }
}

fn collection(name: &str, description: &str, ty: Expr, default: Value, values: Vec<Value>) -> Generated {
    Generated { variable: variable(name, description, ty, Some(default), false), values }
}

/// One form an environment.
fn form(name: &str, description: &str, values: Vec<Value>) -> Generated {
    let shape = arguments_shape(values.iter());
    let values = values.iter().map(|value| fit(&shape, value)).collect();
    optional(name, description, form_type(&shape), values)
}

/// Forms by name.
fn forms(name: &str, description: &str, values: Vec<Value>) -> Generated {
    let shape = arguments_shape(values.iter().filter_map(Value::as_object).flat_map(Map::values));
    let fit_all =
        |forms: &Map<String, Value>| forms.iter().map(|(name, form)| (name.clone(), fit(&shape, form))).collect();
    let values = values.iter().filter_map(Value::as_object).map(|forms| Value::Object(fit_all(forms))).collect();
    collection(name, description, Expr::call("map", [form_type(&shape)]), json!({}), values)
}

fn arguments_shape<'a>(forms: impl Iterator<Item = &'a Value>) -> Shape {
    let empty = json!({});
    let all: Vec<&Value> = forms.filter_map(|form| form.get("arguments")).collect();
    Shape::of(all.into_iter().chain([&empty]))
}

fn form_type(arguments: &Shape) -> Expr {
    let otherwise = matches!(arguments, Shape::Object(_)).then(|| Expr::Object(Vec::new()));
    let arguments = Expr::call("optional", [arguments.constraint()].into_iter().chain(otherwise));
    object([("form", Expr::name("string")), ("arguments", arguments)])
}

fn fit(arguments: &Shape, form: &Value) -> Value {
    match form.get("arguments") {
        Some(given) => json!({ "form": form["form"], "arguments": arguments.fit(given) }),
        None => Value::Null,
    }
}

fn form_value(form: &Form) -> Value {
    json!({ "form": form.form, "arguments": form.arguments })
}

fn form_values(forms: &indexmap::IndexMap<String, Form>) -> Value {
    Value::Object(forms.iter().map(|(name, form)| (name.clone(), form_value(form))).collect())
}

fn namespaces(environment: &Environment) -> Value {
    let forms = std::iter::once(&environment.orchestrator).chain(environment.services.values());
    let mut names: Vec<&str> = forms.filter_map(|form| form.arguments.get("namespace")?.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    json!(names)
}

/// Of every address among the arguments of a binding, and of the registry.
fn hosts(environment: &Environment) -> Vec<String> {
    let forms = std::iter::once(&environment.orchestrator).chain(&environment.artifacts);
    let forms = forms.chain(environment.data.values()).chain(environment.services.values());
    let mut texts: Vec<&str> = forms.flat_map(|form| form.arguments.values()).filter_map(Value::as_str).collect();
    texts.retain(|text| text.starts_with("https://") || text.starts_with("http://"));
    let of_addresses = texts.into_iter().filter_map(|address| address.split('/').nth(2));
    let registry = environment.registry.as_deref().and_then(|registry| registry.split('/').next());
    let mut hosts: Vec<String> =
        of_addresses.chain(registry).filter(|host| !host.is_empty()).map(str::to_owned).collect();
    hosts.sort_unstable();
    hosts.dedup();
    hosts
}

fn grants() -> Expr {
    let text = || Expr::name("string");
    Expr::call("list", [object([("action", text()), ("resource", text()), ("because", text())])])
}

fn may(ty: Expr) -> Expr {
    Expr::call("optional", [ty])
}

fn compute() -> Expr {
    let number = || Expr::name("number");
    let labels = Expr::call("map", [Expr::name("string")]);
    Expr::call(
        "map",
        [object([
            ("cpu", may(number())),
            ("memory", may(number())),
            ("gpu", Expr::call("optional", [number(), Expr::Number("0".to_owned())])),
            ("accelerator", may(Expr::name("string"))),
            ("node_selector", Expr::call("optional", [labels, Expr::Object(Vec::new())])),
        ])],
    )
}

fn machine(resources: &Resources) -> Value {
    without_nulls(json!({
        "cpu": resources.cpu,
        "memory": resources.memory,
        "gpu": resources.gpu,
        "accelerator": resources.accelerator,
        "node_selector": resources.node_selector,
    }))
}

fn quotas() -> Expr {
    object(["cpu", "memory", "gpu", "parallel_steps"].map(|name| (name, may(Expr::name("number")))))
}

fn schedules(plan: &Plan, environment: &Environment) -> Value {
    let here = plan.pipelines.iter().filter(|pipeline| pipeline.environment == environment.name);
    let scheduled =
        here.filter_map(|pipeline| Some((pipeline.name.clone(), form_value(&pipeline.schedule.as_ref()?.every))));
    Value::Object(scheduled.collect())
}

fn alerts() -> Expr {
    let text = || Expr::name("string");
    Expr::call("map", [object([("when", text()), ("notify", text()), ("description", may(text()))])])
}

fn alert_values(environment: &Environment) -> Value {
    let alerts = environment.alerts.iter().map(|alert| {
        let value = json!({ "when": alert.text, "notify": told(&alert.notice), "description": alert.description });
        (alert.name.clone(), without_nulls(value))
    });
    Value::Object(alerts.collect())
}

fn told(notice: &Notice) -> &str {
    &notice.notifier.form
}

fn promotions() -> Expr {
    let number = || Expr::name("number");
    Expr::call(
        "map",
        [object([
            ("from", Expr::call("list", [Expr::name("string")])),
            ("approvals", Expr::call("optional", [Expr::call("map", [number()]), Expr::Object(Vec::new())])),
            ("manual", Expr::call("optional", [Expr::name("bool"), Expr::Bool(false)])),
            ("soak", Expr::call("optional", [number(), Expr::Number("0".to_owned())])),
            ("windows", Expr::call("optional", [Expr::call("list", [Expr::name("string")]), Expr::List(Vec::new())])),
            ("rolls_back", Expr::call("optional", [Expr::name("bool"), Expr::Bool(false)])),
        ])],
    )
}

fn promotion_values(plan: &Plan, environment: &Environment) -> Value {
    let edges = plan.delivery.promotions.iter().flat_map(|promotion| &promotion.edges);
    let here = edges.filter(|edge| edge.to == environment.name);
    Value::Object(here.map(|edge| (edge.id.clone(), edge_value(edge))).collect())
}

fn edge_value(edge: &Edge) -> Value {
    let (mut approvals, mut manual, mut soak, mut windows) = (Map::new(), false, 0.0, Vec::new());
    for operation in &edge.operations {
        match &operation.action {
            Action::Start => manual = true,
            Action::Soak { seconds } => soak += seconds,
            Action::Window { window } => windows.push(form_value(window).to_string()),
            Action::Approve { count, team } => {
                let before = approvals.get(team).and_then(Value::as_u64).unwrap_or(0);
                approvals.insert(team.clone(), json!(before.max(u64::from(*count))));
            }
            _ => {}
        }
    }
    let from = if edge.from.is_empty() { vec!["ci"] } else { edge.from.iter().map(String::as_str).collect() };
    json!({ "from": from, "approvals": approvals, "manual": manual, "soak": soak, "windows": windows, "rolls_back": edge.on_failure.rollback.is_some() })
}

fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(entries) => Value::Object(entries.into_iter().filter(|(_, value)| !value.is_null()).collect()),
        other => other,
    }
}
