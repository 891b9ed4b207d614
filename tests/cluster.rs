//! What is said of a cluster, held against the version and the variant of Kubeflow that a project names.

use mlp::diagnostics::{Severity, render};

use crate::project::Project;

/// A field of a compute profile, and the version of Kubeflow that brought it.
const FIELDS: &[(&str, u32)] = &[
    ("node_selector: { pool: \"gpu\" }", 0),
    ("volumes: [secret_files(\"s\", at: \"/s\")]", 0),
    ("volumes: [claim(\"d\", at: \"/d\")]", 0),
    ("variables: [secret_env(\"s\", keys: { A: \"a\" })]", 0),
    ("volumes: [secret_files(\"s\", at: \"/s\", optional: true)]", 2),
    ("volumes: [config_files(\"c\", at: \"/c\")]", 2),
    ("volumes: [scratch(\"v\", at: \"/v\", size: 1GiB)]", 2),
    ("variables: [config_env(\"c\", keys: { A: \"a\" })]", 2),
    ("variables: [field_env(\"A\", path: \"metadata.name\")]", 2),
    ("node_affinity: [require(labels: [label_exists(\"ssd\")])]", 2),
    ("tolerations: [toleration(operator: exists)]", 2),
    ("labels: { team: \"x\" }", 2),
    ("annotations: { note: \"x\" }", 2),
    ("pull_secrets: [\"registry\"]", 2),
    ("pull_policy: never", 2),
    ("volumes: [empty_dir(\"w\", at: \"/w\")]", 3),
    ("node_selector_json: { pool: \"gpu\" }", 5),
    ("tolerations: [toleration_json({ operator: \"Exists\" })]", 5),
    ("node_affinity: [affinity_json({ a: 1 })]", 14),
    ("variables: [secret_env(\"s\", keys: { A: \"a\" }, optional: true)]", 15),
    ("variables: [config_env(\"c\", keys: { A: \"a\" }, optional: true)]", 15),
    ("volumes: [claim(\"d\", at: \"/d\", sub_path: \"a\")]", 16),
    ("security: { user: 1000 }", 16),
    ("init: [container(\"prepare\", image: \"busybox:1.36\")]", 18),
];

const FORMS: &[&str] = &[
    "affinity_json",
    "claim",
    "config_env",
    "config_files",
    "container",
    "empty_dir",
    "field_env",
    "label_exists",
    "require",
    "scratch",
    "secret_env",
    "secret_files",
    "toleration",
    "toleration_json",
];

/// What targets say of a project with that profile, at that call, in that environment.
fn said(target: &str, compute: &str, call: &str, environment: &str, orchestrator: &str) -> Vec<String> {
    let text = [compute, call].concat();
    let used: Vec<&str> = FORMS.iter().copied().filter(|form| text.contains(&format!("{form}("))).collect();
    let forms =
        if used.is_empty() { String::new() } else { format!("import std.kubernetes {{ {} }}", used.join(", ")) };
    let schedule = if environment.contains("cron(") { "import std.schedule { cron }" } else { "" };
    let source = format!(
        "import std.environment {{ bucket, {orchestrator} }}\n{schedule}\n{forms}\n
project p {{
  language: 1
  target {orchestrator} {{ {target} }}
}}\n
image toolbox {{ context: \"toolbox\" }}\n
compute trainer\n
step train() {{
  run:     command(\"train\")
  image:   toolbox
  compute: trainer
}}\n
step name() -> (name: string) {{
  run:   python(\"name.py\", \"name\")
  image: toolbox
}}\n
pipeline training(given: string = \"x\", map: map<json> = {{}}) {{
  made = name()
  {call}
  finish(made, given, map)
}}\n
step finish(made: string, given: string, map: map<json>) {{
  run:   command(\"finish\", made, given, \"\\(map)\")
  image: toolbox
}}\n
environment production {{
  tier:            production
  orchestrator:    {orchestrator}(endpoint: \"https://example.org\", namespace: \"production\")
  artifacts:       bucket(\"gs://acme\")
  registry:        \"registry.example.org\"
  service_account: \"trainer\"
  pipelines:       [training]
  {environment}
  compute trainer = {{ {compute} }}
}}\n"
    );
    let mut project = Project::default();
    project.add("toolbox/Dockerfile", "");
    project.add("name.py", "def name() -> str:\n    ...\n");
    project.add("main.mlp", &source);
    let checked = project.check();
    let errors: Vec<_> = checked.diagnostics.iter().filter(|one| one.severity == Severity::Error).collect();
    let strange = errors.iter().any(|one| !one.code.slug().starts_with(orchestrator));
    assert!(!strange, "{source}\n{}", render::plain(&checked.model.sources, &checked.diagnostics));
    errors.iter().map(|one| format!("{}: {}", one.code.slug(), one.message)).collect()
}

fn by_kubeflow(target: &str, compute: &str, call: &str, environment: &str) -> Vec<String> {
    said(target, compute, call, environment, "kubeflow")
}

fn version(minor: u32) -> String {
    format!("version: \"2.{minor}\"")
}

#[test]
fn each_field_is_refused_one_version_before_and_accepted_at_its_own() {
    for (field, since) in FIELDS {
        assert_eq!(by_kubeflow(&version(*since), field, "train()", ""), [""; 0], "{field}");
        if *since > 0 {
            let found = by_kubeflow(&version(since - 1), field, "train()", "");
            assert!(found.iter().any(|one| one.starts_with("kubeflow_version")), "{field}: {found:?}");
        }
    }
    for (environment, since) in [("deadline: 2h", 17), ("keep_runs: { failed: 1d }", 17)] {
        assert_eq!(by_kubeflow(&version(since), "cpu: 1", "train()", environment), [""; 0]);
        let found = by_kubeflow(&version(since - 1), "cpu: 1", "train()", environment);
        assert!(matches!(found.as_slice(), [one] if one.starts_with("kubeflow_version")), "{environment}: {found:?}");
    }
}

/// What a call lays over the profile, and the version that brought it.
const LAID: &[(&str, u32)] = &[
    ("volumes: [claim(made, at: \"/d\")]", 0),
    ("cpu: given, memory: given, gpu: 1, accelerator: given", 3),
    ("variables: [secret_env(given, keys: { A: \"a\" })]", 5),
    ("volumes: [secret_files(made, at: \"/s\")]", 5),
    ("pull_secrets: [given, \"other\"]", 5),
    ("node_selector: map", 5),
    ("tolerations: [toleration_json(map)]", 5),
    ("node_affinity: [affinity_json(map)]", 14),
];

#[test]
fn values_of_the_run_are_taken_from_the_version_that_knows_them() {
    for (laid, since) in LAID {
        let call = format!("train() with {{ compute: {{ {laid} }} }}");
        assert_eq!(by_kubeflow(&version(*since), "cpu: 1", &call, ""), [""; 0], "{laid}");
        if *since > 0 {
            let found = by_kubeflow(&version(since - 1), "cpu: 1", &call, "");
            assert!(found.iter().any(|one| one.starts_with("kubeflow_version")), "{laid}: {found:?}");
        }
    }
    let composed = "train() with { compute: { volumes: [claim(\"\\(given)-data\", at: \"/d\")] } }";
    let found = by_kubeflow(&version(17), "cpu: 1", composed, "");
    assert!(matches!(found.as_slice(), [one] if one.starts_with("kubeflow_cannot")), "{found:?}");
}

#[test]
fn vertex_knows_no_cluster() {
    let vertex = "version: \"2.18\", variant: vertex";
    for (field, _) in FIELDS {
        let found = by_kubeflow(vertex, field, "train()", "");
        assert!(found.iter().all(|one| one.starts_with("kubeflow_cannot")) && !found.is_empty(), "{field}: {found:?}");
    }
    assert_eq!(by_kubeflow(vertex, "cpu: 1, memory: 1GiB, gpu: 1", "train()", ""), [""; 0]);
    let found = by_kubeflow(vertex, "cpu: 1", "train()", "keep_runs: { failed: 1d }");
    assert!(matches!(found.as_slice(), [one] if one.starts_with("kubeflow_cannot")), "{found:?}");
}

#[test]
fn airflow_takes_what_is_constant_and_refuses_the_rest() {
    for (field, _) in FIELDS.iter().filter(|(field, _)| !field.starts_with("node_selector_json")) {
        assert_eq!(said("", field, "train()", "", "airflow"), [""; 0], "{field}");
    }
    for (laid, _) in LAID {
        let found = said("", "cpu: 1", &format!("train() with {{ compute: {{ {laid} }} }}"), "", "airflow");
        assert!(found.iter().any(|one| one.starts_with("airflow_cannot")), "{laid}: {found:?}");
    }
    let found = said("", "node_selector_json: { pool: \"gpu\" }", "train()", "keep_runs: { failed: 1d }", "airflow");
    assert_eq!(found.len(), 2, "{found:?}");
}

#[test]
fn a_schedule_is_read_in_the_time_zone_of_its_installation() {
    let scheduled = |timezone: &str, more: &str| {
        format!("schedule training {{\n    every: cron(\"0 4 * * *\", timezone: \"{timezone}\")\n{more}  }}")
    };
    let found = |environment: &str| by_kubeflow(&version(17), "cpu: 1", "train()", environment);
    assert_eq!(found(&scheduled("UTC", "")), [""; 0]);
    let elsewhere = found(&scheduled("Europe/Berlin", ""));
    let said = "kubeflow_cannot: Kubeflow reads `0 4 * * *` in `UTC`, the one time zone of its installation, and not in `Europe/Berlin`";
    assert_eq!(elsewhere, [said]);
    let failing = found(&scheduled("UTC", "    on failure { rollback }\n"));
    assert!(matches!(failing.as_slice(), [one] if one.contains("does nothing when a run")), "{failing:?}");
    let vertex = by_kubeflow("version: \"2.18\", variant: vertex", "cpu: 1", "train()", &scheduled("UTC", ""));
    assert!(matches!(vertex.as_slice(), [one] if one.contains("Vertex AI has schedules of its own")), "{vertex:?}");
}
