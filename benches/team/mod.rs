//! A team's whole project, written as large as is asked: pipelines, environments on both orchestrators, and a promotion each.

use std::fmt::Write;
use std::fs;
use std::path::Path;

const HEAD: &str = r#"import std.delivery { push }
import std.environment { airflow, bucket, dag_folder, kubeflow }

project team {
  language: 1

  target kubeflow { version: "2.17" }
  target airflow { version: "3.3" }
  target terraform { version: "1.11" }
  target github { repository: "acme/team", plan: enterprise }
  target gitlab { project: "acme/team", plan: premium, image: "registry.example.org/python@sha256:DIGEST" }
}

image tools { context: "image" }

team leads { github: "acme/leads", gitlab: "acme/leads" }

ci { triggers: [push], build: [tools] }
"#;

/// Writes so many pipelines of three steps, environments, and edges: four a pipeline.
pub(super) fn write(folder: &Path, pipelines: usize, environments: usize) {
    let mut text = HEAD.replace("DIGEST", &"0".repeat(64));
    let all: Vec<String> = (0..pipelines).map(|number| format!("p{number}")).collect();
    for number in 0..pipelines {
        pipeline(&mut text, number);
        promotion(&mut text, number, environments);
    }
    for number in 0..environments {
        environment(&mut text, number, &all.join(", "));
    }
    fs::create_dir_all(folder.join("image")).expect("a folder can be made");
    fs::write(folder.join("t.py"), "def f(n: int) -> dict:\n    return {}\n").expect("a file can be written");
    fs::write(folder.join("main.mlp"), text).expect("the project can be written");
}

fn pipeline(text: &mut String, number: usize) {
    for step in ["a", "b", "c"] {
        let head = format!("\nstep s{number}_{step}(n: int) -> (m: int, score: float) {{");
        writeln!(text, "{head}\n  run:   python(\"t.py\", \"f\")\n  image: tools\n}}").expect("a text grows");
    }
    let calls = format!("  a = s{number}_a(n: n)\n  b = s{number}_b(n: a.m)\n  c = s{number}_c(n: b.m)");
    writeln!(text, "\npipeline p{number}(n: int = 1) -> (score: float) {{\n{calls}\n  return (score: c.score)\n}}")
        .expect("a text grows");
}

fn promotion(text: &mut String, number: usize, environments: usize) {
    let place = |step: usize| format!("e{}", (number + step) % environments);
    let gate = format!("require p{number}.score > 0.5");
    let run = format!("deploy\n    run p{number}");
    let back = "on failure { rollback, hold }";
    writeln!(
        text,
        "\npromotion of p{number} {{\n  ci -> {} {{\n    {run}\n  }}\n  {} -> {} {{\n    {gate}\n    {run}\n  }}\n  {} -> {} {{\n    {gate}\n    \
         approve 1 of leads\n    {run}\n    {back}\n  }}\n  {} -> {} {{\n    {gate}\n    {run}\n    {back}\n  }}\n}}",
        place(0), place(0), place(1), place(1), place(2), place(2), place(3),
    )
    .expect("a text grows");
}

fn environment(text: &mut String, number: usize, pipelines: &str) {
    let orchestrator = match number % 2 {
        0 => format!("kubeflow(endpoint: \"https://k{number}.example.org\", namespace: \"team\")"),
        _ => format!(
            "airflow(endpoint: \"https://a{number}.example.org\", namespace: \"team\", dags: dag_folder(\"dags\"))"
        ),
    };
    writeln!(
        text,
        "\nenvironment e{number} {{\n  tier:            test\n  orchestrator:    {orchestrator}\n  artifacts:       \
         bucket(\"gs://acme-e{number}\")\n  registry:        \"registry.example.org/team\"\n  service_account: \"runner\"\n  pipelines:       \
         [{pipelines}]\n}}"
    )
    .expect("a text grows");
}
