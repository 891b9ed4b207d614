//! A page an environment, and one for what every environment supplies.

use indexmap::IndexMap;

use super::super::page::{Inline, Page, code, inline, link, text};
use super::{field, place};
use crate::graph::form_text;
use crate::model::Model;
use crate::plan::{
    Environment, Form, Plan, Pod, Resources, Type, VariableSource, duration_text, size_text, value_text,
};

pub(super) fn pages(model: &Model, plan: &Plan) -> Vec<Page> {
    plan.environments.iter().map(|environment| page(model, plan, environment)).collect()
}

fn page(model: &Model, plan: &Plan, environment: &Environment) -> Page {
    let mut page = Page::new(format!("environments/{}", environment.name), &environment.name, Some("Environments"));
    page.docs(environment.description.as_deref());
    facts(&mut page, environment);
    page.heading(2, "What it supplies");
    page.table(&["name", "kind", "value"], supplied(plan, environment));
    pipelines(&mut page, plan, environment);
    if !environment.operations.is_empty() {
        page.heading(2, "What is done in it by the project's own commands");
        let rows = environment.operations.iter().map(|(name, operation)| {
            let secrets: Vec<&str> = operation.secrets.keys().map(String::as_str).collect();
            vec![
                code(name),
                code(operation.run.trim()),
                text(duration_text(operation.timeout)),
                code(secrets.join(", ")),
            ]
        });
        page.table(&["operation", "command", "at most", "secrets"], rows.collect());
    }
    if !environment.grants.is_empty() {
        page.heading(2, "What its identity is granted");
        let grants = environment.grants.iter();
        let rows = grants.map(|grant| vec![code(&grant.action), code(&grant.resource), text(&grant.because)]);
        page.table(&["action", "resource", "because of"], rows.collect());
    }
    if !environment.alerts.is_empty() {
        page.heading(2, "Alerts");
        let alerts = environment.alerts.iter().map(|alert| {
            let what = inline(alert.description.as_deref().unwrap_or_default());
            vec![code(&alert.name), code(&alert.text), code(&alert.notice.notifier.form), what]
        });
        page.table(&["alert", "when", "tells", "what"], alerts.collect());
    }
    let declared = model.environments.keys().find(|decl| model.name(**decl) == environment.name);
    if let Some(decl) = declared {
        page.paragraph(text(format!("Declared in {}.", place(model, *decl))));
    }
    page
}

fn facts(page: &mut Page, environment: &Environment) {
    let form = |form: &Option<Form>| form.as_ref().map(form_text).unwrap_or_default();
    let list = |words: &[String]| words.join(", ");
    let effects = match environment.effects.as_str() {
        "record" => "steps that change the world outside are listed, not started",
        _ => "steps that change the world outside are started",
    };
    let mirrors = environment.mirrors.iter().map(|other| link(format!("environments/{other}"), None, other)).collect();
    let rows = vec![
        vec![text("tier"), code(&environment.tier)],
        vec![text("mirrors"), mirrors],
        vec![text("orchestrator"), code(form_text(&environment.orchestrator))],
        vec![text("artifacts"), code(form(&environment.artifacts))],
        vec![text("registry"), code(environment.registry.clone().unwrap_or_default())],
        vec![text("service account"), code(environment.service_account.clone().unwrap_or_default())],
        vec![text("effects"), text(effects)],
        vec![text("marks that may be seen"), code(list(&environment.marks))],
        vec![text("hosts that may be reached"), code(list(&environment.egress))],
        vec![text("limits"), code(limits(environment))],
    ];
    page.table(&["", " "], rows.into_iter().filter(|row| !row[1].is_empty()).collect());
}

fn limits(environment: &Environment) -> String {
    let Some(limits) = &environment.limits else { return String::new() };
    let mut parts = Vec::new();
    parts.extend(limits.cpu.map(|cores| format!("{cores} CPU")));
    parts.extend(limits.memory.map(size_text));
    parts.extend(limits.gpu.map(|count| format!("{count} GPU")));
    parts.extend(limits.parallel_steps.map(|count| format!("{count} steps at once")));
    parts.join(", ")
}

fn supplied(plan: &Plan, environment: &Environment) -> Vec<Vec<Vec<Inline>>> {
    let row =
        |name: &String, kind: &str, value: String| vec![vec![link("needs", Some(name), name)], text(kind), code(value)];
    let forms = |kind: &'static str, forms: &IndexMap<String, Form>| {
        forms.iter().map(|(name, form)| row(name, kind, form_text(form))).collect::<Vec<_>>()
    };
    let mut rows = forms("data", &environment.data);
    rows.extend(forms("secret", &environment.secrets));
    rows.extend(environment.compute.iter().map(|(name, resources)| row(name, "compute", machine(resources))));
    rows.extend(forms("service", &environment.services));
    rows.extend(environment.variables.iter().map(|(name, value)| {
        let declared = plan.variables.iter().find(|variable| variable.name == *name);
        row(name, "var", value_text(declared.map_or(&Type::Json, |variable| &variable.ty), value))
    }));
    rows
}

fn machine(resources: &Resources) -> String {
    let mut parts = Vec::new();
    parts.extend(resources.cpu.map(|cores| format!("{cores} CPU")));
    parts.extend(resources.memory.map(size_text));
    parts.extend((resources.gpu > 0).then(|| format!("{} GPU", resources.gpu)));
    parts.extend(resources.node_selector.iter().map(|(label, value)| format!("{label}={value}")));
    if let Some(pod) = &resources.pod {
        parts.extend(pod_facts(pod));
    }
    let slots = resources.pool_slots.unwrap_or(1);
    parts.extend(resources.pool.as_ref().map(|pool| match slots {
        1 => format!("pool {pool}"),
        slots => format!("{slots} slots of pool {pool}"),
    }));
    parts.extend(resources.priority.map(|priority| format!("priority {priority}")));
    parts.join(", ")
}

/// What a profile says of the pod: what it mounts and reads, where it may run, as whom.
fn pod_facts(pod: &Pod) -> Vec<String> {
    let counted = |count: usize, one: &str, many: &str| match count {
        0 => None,
        1 => Some(format!("1 {one}")),
        _ => Some(format!("{count} {many}")),
    };
    let mut facts: Vec<String> = pod.volumes.iter().map(|volume| format!("a volume at {}", volume.at)).collect();
    for variable in &pod.variables {
        match &variable.from {
            VariableSource::Secret { keys, .. } | VariableSource::Config { keys, .. } => {
                facts.extend(keys.keys().map(|name| format!("${name}")));
            }
            VariableSource::Field { variable, .. } => facts.push(format!("${variable}")),
        }
    }
    facts.extend(counted(pod.tolerations.len(), "toleration", "tolerations"));
    facts.extend(counted(pod.node_affinity.len(), "rule for the node", "rules for the node"));
    facts.extend(counted(pod.init.len(), "container before it", "containers before it"));
    facts.extend(pod.security.as_ref().and_then(|security| security.user).map(|user| format!("user {user}")));
    facts
}

fn pipelines(page: &mut Page, plan: &Plan, environment: &Environment) {
    let here = plan.pipelines.iter().filter(|pipeline| pipeline.environment == environment.name);
    let rows: Vec<_> = here
        .map(|pipeline| {
            let when = pipeline.schedule.as_ref().map(|schedule| form_text(&schedule.every)).unwrap_or_default();
            vec![vec![link(format!("pipelines/{}", pipeline.name), None, &pipeline.name)], code(when)]
        })
        .collect();
    if !rows.is_empty() {
        page.heading(2, "Pipelines");
        page.table(&["pipeline", "runs by itself"], rows);
    }
}

/// What the project asks of every environment: `data`, `secret`, `compute`, `var`, `service`.
pub(super) fn needs(model: &Model, plan: &Plan) -> Option<Page> {
    if model.needs.is_empty() && model.services.is_empty() {
        return None;
    }
    let mut page = Page::new("needs", "What environments supply", None);
    for (decl, need) in &model.needs {
        let name = model.name(*decl);
        page.item(2, name);
        page.docs(model.docs(*decl));
        let kind = vec![text("kind"), text(need.kind.keyword())];
        let ty = vec![text("type"), field::typed(model, &need.ty)];
        let declared = vec![text("declared in"), text(place(model, *decl))];
        let typed = !matches!(need.ty, crate::model::Type::Unknown | crate::model::Type::Secret);
        page.table(&["", " "], if typed { vec![kind, ty, declared] } else { vec![kind, declared] });
        bindings(&mut page, plan, name);
        expectations(&mut page, model, *decl);
    }
    for (decl, service) in &model.services {
        page.item(2, model.name(*decl));
        page.docs(model.docs(*decl));
        if let Some((pipeline, output)) = &service.model {
            let pipeline = model.name(*pipeline);
            let way = vec![link(format!("pipelines/{pipeline}"), None, format!("{pipeline}.{output}"))];
            page.paragraph([text("A service that answers by the model "), way, text(".")].concat());
        }
        field::table(&mut page, model, "asked", &service.request);
        field::table(&mut page, model, "answered", &service.answer);
        bindings(&mut page, plan, model.name(*decl));
    }
    Some(page)
}

fn bindings(page: &mut Page, plan: &Plan, name: &str) {
    let rows = plan.environments.iter().filter_map(|environment| {
        let rows = supplied(plan, environment);
        let row = rows.into_iter().find(|row| matches!(row[0].first(), Some(Inline::Link(way)) if way.text == name))?;
        let place = vec![link(format!("environments/{}", environment.name), None, &environment.name)];
        Some(vec![place, row[2].clone()])
    });
    page.table(&["environment", "value"], rows.collect());
}

fn expectations(page: &mut Page, model: &Model, data: crate::resolve::DeclId) {
    for (decl, expectation) in model.expectations.iter().filter(|(_, expectation)| expectation.data == Some(data)) {
        let sentence = [text("Expected of it by "), code(model.name(*decl)), text(":")].concat();
        page.docs(model.docs(*decl));
        page.paragraph(sentence);
        page.list(expectation.asserts.iter().map(|(_, text)| code(text)).collect());
    }
}
