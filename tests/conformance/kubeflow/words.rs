//! What a container can be told, as Kubeflow has it.

use std::fs;

use super::{compiled, run, script};
use crate::project::{Project, repository};

#[test]
fn a_container_is_told_what_was_written() {
    let folder = repository("tests/conformance/kubeflow/words");
    let files = compiled("words", &Project::read(&folder, &[]));
    run(script("read.py").args(&files));
    let text = fs::read_to_string(&files[0]).expect("it was written");
    let wanted = [
        r#"- mkdir $(dirname "$1") $$(HOME) $$$$"#,
        r#"- "{{$.inputs.artifacts['model'].metadata['framework']}}""#,
        r#"- '{"Concat": ["{{$.inputs.parameters[''text'']}}", "+\u00e9", {"IfPresent": {"InputName": "extra", "Then": "--e={{$.inputs.parameters[''extra'']}}"}}]}'"#,
        r#"- '{"IfPresent": {"InputName": "extra", "Then": ["--extra", "{{$.inputs.parameters[''extra'']}}"], "Else": ["--none"]}}'"#,
        r#"- '{"IfPresent": {"InputName": "other", "Then": ["{{$.inputs.artifacts[''other''].uri}}"]}}'"#,
        "- $(HOME)\n        - $$\n        - \"{{$}}\"",
        "value: $(HOME)/x",
        "value: $$(HOME)",
        "value: r-{{$.inputs.parameters['pipelinechannel--text']}}",
        r#"image: "{{$.inputs.parameters['pipelinechannel--name']}}""#,
        r#"defaultValue: "{{$.pipeline_google_cloud_location}}""#,
        "constant: heads {{$.inputs.parameters['pipelinechannel--made-count']}} and {{$.inputs.parameters['pipelinechannel--text']}} {{ x }}",
        "constant: inner {{$.inputs.parameters['pipelinechannel--loop-item-param-",
        "\"{{$.inputs.parameters['metadata']}}\":\n          - \"{{$.inputs.parameters['metadata']}}\"\n          - \"{{$.inputs.parameters['metadata-2']}}\"",
        "downloadToWorkspace: true",
        "reimport: true",
        "return 2 * num  # {{ x }} $(HOME)",
    ];
    for part in wanted {
        assert!(text.contains(part), "not told: {part}\n{text}");
    }
    assert!(!text.contains("{{$.inputs.parameters['pipelinechannel--]"), "{text}");
}
