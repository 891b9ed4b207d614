//! What is no compiled pipeline is told so, and whatever a file holds, the importer answers: never by a panic, never by writing a part.
//!
//! In: files that nobody should import, and compiled pipelines with something cut out or changed. Out: what the importer says.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use mlp::import::kubeflow::{Imported, import};

use crate::project::repository;

const SMALL: &str = r#"
components:
  comp-echo:
    executorLabel: exec-echo
    inputDefinitions:
      parameters:
        text: {parameterType: STRING}
deploymentSpec:
  executors:
    exec-echo:
      container:
        args: ["{{$.inputs.parameters['text']}}"]
        command: [echo]
        image: alpine
pipelineInfo: {name: small}
root:
  dag:
    tasks:
      echo:
        cachingOptions: {enableCache: true}
        componentRef: {name: comp-echo}
        inputs:
          parameters:
            text:
              runtimeValue: {constant: hello}
        taskInfo: {name: echo}
schemaVersion: 2.1.0
sdkVersion: kfp-2.14.3
"#;

fn read(text: &str) -> Imported {
    import(vec![("pipeline.yaml".to_owned(), text.as_bytes().to_vec())])
}

/// What is said of a file that is not imported.
#[track_caller]
fn refused(bytes: &[u8]) -> String {
    let imported = import(vec![("pipeline.yaml".to_owned(), bytes.to_vec())]);
    assert!(imported.files.is_empty(), "{:?}", imported.files.keys());
    let said: Vec<String> =
        imported.diagnostics.iter().map(|one| format!("{} {}", one.code.slug(), one.message)).collect();
    assert!(!said.is_empty(), "nothing is said");
    said.join("\n")
}

#[track_caller]
fn says(bytes: &[u8], words: &str) {
    let said = refused(bytes);
    assert!(said.contains(words), "`{words}` is not in: {said}");
}

#[test]
fn a_small_pipeline_comes_over() {
    let imported = read(SMALL);
    assert!(imported.diagnostics.is_empty(), "{:?}", imported.diagnostics);
    let main = &imported.files["main.mlp"];
    assert!(main.contains("pipeline small() {\n  echo(text: \"hello\")\n}"), "{main}");
}

#[test]
fn what_is_no_pipeline_is_told_what_it_is() {
    says(b"", "is empty");
    says(b"\n\n  \n", "is empty");
    says(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "a picture");
    says(b"PK\x03\x04\xff", "an archive");
    says(b"\xff\xfe\0a", "no text");
    says(b"a: [1, 2\nb: }", "no YAML");
    says(b"just words", "no compiled pipeline");
    says(b"[1, 2]", "no map");
    says(b"a: 1\n", "no `root`");
    says(b"apiVersion: argoproj.io/v1alpha1\nkind: Workflow\nspec: {}\n", "Argo Workflow");
    says(b"name: x\nimplementation: {container: {image: a}}\n", "component of version 1");
    says(b"apiVersion: pipelines.kubeflow.org/v2beta1\nkind: PipelineVersion\nspec: {}\n", "without a `pipelineSpec`");
    says(b"platforms: {kubernetes: {}}\n", "platform document alone");
}

#[test]
fn what_is_wrong_with_a_pipeline_is_told_where() {
    says(SMALL.replace("2.1.0", "2.0.0").as_bytes(), "schema version 2.0.0");
    says(SMALL.replace("schemaVersion: 2.1.0\n", "").as_bytes(), "`schemaVersion`");
    says(&SMALL.as_bytes()[..SMALL.find("root:").expect("it has a root")], "schemaVersion");
    says(SMALL.replace("enableCache", "enableCash").as_bytes(), "root.dag.tasks.echo.cachingOptions.enableCash");
    says(SMALL.replace("parameterType: STRING", "parameterType: TEXT").as_bytes(), "`TEXT` is not one of");
    says(SMALL.replace("name: comp-echo", "name: comp-nobody").as_bytes(), "`comp-nobody` is not there");
    says(
        SMALL.replace("executorLabel: exec-echo", "executorLabel: exec-nobody").as_bytes(),
        "`exec-nobody` is not there",
    );
    says(
        SMALL.replace("        taskInfo:", "        dependentTasks: [nobody]\n        taskInfo:").as_bytes(),
        "`nobody`",
    );
    let twice = format!("{SMALL}sdkVersion: again\n");
    says(twice.as_bytes(), "no YAML");
    let two = SMALL.replace("enableCache", "enableCash").replace("componentRef", "componentReference");
    let said = refused(two.as_bytes());
    assert!(said.contains("enableCash") && said.contains("componentReference"), "{said}");
    let with_platform = format!("{}---\nplatforms: {{kubernetes: {{}}}}\n", SMALL.replace("enableCache", "enableCash"));
    let said = refused(with_platform.as_bytes());
    assert!(said.contains("enableCash") && !said.contains("platform document"), "{said}");
}

#[test]
fn a_component_that_calls_itself_is_told_of() {
    let circle = SMALL.replace(
        "    executorLabel: exec-echo\n",
        "    dag:\n      tasks:\n        again:\n          componentRef: {name: comp-echo}\n",
    );
    says(circle.as_bytes(), "calls itself");
}

#[test]
fn a_job_and_a_manifest_hold_a_pipeline() {
    let indented = SMALL.trim().lines().map(|line| format!("  {line}\n")).collect::<String>();
    let job = read(&format!("displayName: x\npipelineSpec:\n{indented}"));
    assert!(job.files.contains_key("main.mlp"), "{:?}", job.diagnostics);
    assert_eq!(job.diagnostics.len(), 1, "{:?}", job.diagnostics);
    let deeper = indented.lines().map(|line| format!("  {line}\n")).collect::<String>();
    let text = format!(
        "apiVersion: pipelines.kubeflow.org/v2beta1\nkind: Pipeline\n---\napiVersion: pipelines.kubeflow.org/v2beta1\nkind: \
         PipelineVersion\nspec:\n  pipelineSpec:\n{deeper}"
    );
    let manifest = read(&text);
    assert!(manifest.files.contains_key("main.mlp"), "{:?}", manifest.diagnostics);
}

#[test]
fn json_is_read_too() {
    let json = r#"{"components": {"comp-a": {"executorLabel": "exec-a"}}, "deploymentSpec": {"executors": {"exec-a": {"container": {"image": "alpine", "command": ["true"]}}}},
        "pipelineInfo": {"name": "a"}, "root": {"dag": {"tasks": {"a": {"componentRef": {"name": "comp-a"}, "taskInfo": {"name": "a"}}}}}, "schemaVersion": "2.1.0", "sdkVersion": "kfp-2.14.3"}"#;
    let imported = read(json);
    assert!(imported.files.contains_key("main.mlp"), "{:?}", imported.diagnostics);
}

#[test]
fn several_pipelines_make_one_project() {
    let files = ["first", "second"].map(|name| (format!("{name}.yaml"), SMALL.replace("small", name).into_bytes()));
    let imported = import(files.into());
    assert!(imported.diagnostics.is_empty(), "{:?}", imported.diagnostics);
    let paths: Vec<&str> = imported.files.keys().map(String::as_str).collect();
    assert_eq!(paths, ["first.mlp", "main.mlp", "second.mlp"]);
}

/// Compiled pipelines of others, where they are there.
fn corpus() -> Vec<PathBuf> {
    let folder = repository("../shared/corpus/kubeflow");
    let of =
        |name: &str| std::fs::read_dir(folder.join(name)).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut files: Vec<PathBuf> = of("pipelines").chain(of("platform")).collect();
    files.sort();
    files
}

fn tried(path: &Path, text: &str) {
    let name = path.display().to_string();
    let imported = import(vec![(name.clone(), text.as_bytes().to_vec())]);
    assert!(!imported.files.is_empty() || !imported.diagnostics.is_empty(), "{name}: neither files nor a word");
}

#[test]
fn no_cut_or_changed_pipeline_ends_it() {
    let mut state: u64 = 7;
    let mut random = move |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below.max(1)
    };
    for path in corpus() {
        let text = std::fs::read_to_string(&path).expect("a file of the corpus is text");
        let lines: Vec<&str> = text.lines().collect();
        for _ in 0..3 {
            tried(&path, &lines[..random(lines.len())].join("\n"));
        }
        for _ in 0..4 {
            let mut changed: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
            let (at, other) = (random(changed.len()), random(lines.len()));
            match random(5) {
                0 => drop(changed.remove(at)),
                1 => changed[at] = lines[other].to_owned(),
                2 => changed.insert(at, lines[other].to_owned()),
                3 => changed[at] = changed[at].replace(['a', 'e', 'o'], "{"),
                _ => changed[at] = changed[at].split(':').next().unwrap_or_default().to_owned() + ": ['x', {y: 1}]",
            }
            tried(&path, &changed.join("\n"));
        }
    }
}

/// A pipeline of many tasks, each tenth of which begins a chain.
fn large(count: usize) -> String {
    let mut text = String::from(
        "components:\n  comp-add:\n    executorLabel: exec-add\n    inputDefinitions: {parameters: {x: {parameterType: STRING}}}\n    \
         outputDefinitions: {parameters: {out: {parameterType: STRING}}}\n",
    );
    text.push_str("deploymentSpec:\n  executors:\n    exec-add:\n      container:\n        image: alpine\n        command: [sh, -c, 'echo \"$0\" > \"$1\"']\n");
    text.push_str(
        "        args: [\"{{$.inputs.parameters['x']}}\", \"{{$.outputs.parameters['out'].output_file}}\"]\n",
    );
    text.push_str(
        "pipelineInfo: {name: large}\nschemaVersion: 2.1.0\nsdkVersion: kfp-2.14.3\nroot:\n  dag:\n    tasks:\n",
    );
    for at in 1..=count {
        text.push_str(&format!(
            "      add-{at}:\n        cachingOptions: {{enableCache: true}}\n        componentRef: {{name: comp-add}}\n"
        ));
        let input = match at % 10 {
            1 => "runtimeValue: {constant: a}".to_owned(),
            _ => {
                text.push_str(&format!("        dependentTasks: [add-{}]\n", at - 1));
                format!("taskOutputParameter: {{producerTask: add-{}, outputParameterKey: out}}", at - 1)
            }
        };
        text.push_str(&format!(
            "        inputs: {{parameters: {{x: {{{input}}}}}}}\n        taskInfo: {{name: add-{at}}}\n"
        ));
    }
    text
}

#[test]
fn the_time_grows_with_the_pipeline() {
    let took = |count: usize| {
        let text = large(count);
        let begun = Instant::now();
        let imported = read(&text);
        assert!(imported.files.contains_key("main.mlp"), "{:?}", imported.diagnostics.first());
        begun.elapsed()
    };
    let small = took(300);
    let large = took(3000);
    let limit = if cfg!(debug_assertions) { Duration::from_secs(30) } else { Duration::from_secs(1) };
    assert!(large < limit, "3,000 tasks took {large:?}");
    assert!(large < small * 40 + Duration::from_millis(200), "300 tasks took {small:?}, 3,000 took {large:?}");
}
