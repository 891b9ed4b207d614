"""Reads compiled pipelines as Kubeflow does: every field known, every reference there, loaded by the SDK. Arguments: files."""
import sys

import yaml
from google.protobuf import json_format
from kfp import components
from kfp.kubernetes import kubernetes_executor_config_pb2 as kubernetes
from kfp.pipeline_spec import pipeline_spec_pb2 as spec


# What a task is given where what it may use is known only at run time, as the SDK does.
AMOUNTS = ("cpu_limit", "cpu_request", "memory_limit", "memory_request", "accelerator_type", "accelerator_count", "base_image")


def read(path):
    with open(path, encoding="utf-8") as file:
        first, *more = yaml.safe_load_all(file)
    pipeline = json_format.ParseDict(first, spec.PipelineSpec())
    executors = first.get("deploymentSpec", {}).get("executors", {})
    for label, executor in executors.items():
        json_format.ParseDict(executor, spec.PipelineDeploymentConfig.ExecutorSpec())
    components_are_whole(pipeline, executors)
    assert len(more) <= 1, "at most one document for the platform"
    for document in more:
        platform(document, executors)
    components.load_component_from_file(path)


def platform(document, executors):
    json_format.ParseDict(document, spec.PlatformSpec())
    (name, platform), = document["platforms"].items()
    assert name == "kubernetes"
    for label, config in platform.get("deploymentSpec", {}).get("executors", {}).items():
        assert label in executors, f"{label} is no executor"
        json_format.ParseDict(config, kubernetes.KubernetesExecutorConfig())


def components_are_whole(pipeline, executors):
    """What the server checks when a run starts: whatever is named is declared, and whatever is wanted is given."""
    components = {"root": pipeline.root, **pipeline.components}
    for name, component in components.items():
        if component.WhichOneof("implementation") == "executor_label":
            assert component.executor_label in executors, component.executor_label
            continue
        tasks = component.dag.tasks
        for key, task in tasks.items():
            where = f"{name}.{key}"
            called = pipeline.components[task.component_ref.name] if task.component_ref.name in pipeline.components else None
            assert called, f"{where} calls {task.component_ref.name}"
            given = check_inputs(where, component, tasks, pipeline, task, called)
            for kind in ("parameters", "artifacts"):
                for wanted, definition in getattr(called.input_definitions, kind).items():
                    assert definition.is_optional or wanted in given, f"{where} is not given {wanted}"
            for other in task.dependent_tasks:
                assert other in tasks, f"{where} waits for {other}"
        check_outputs(name, component, tasks, pipeline)


def check_inputs(where, component, tasks, pipeline, task, called):
    given = set()
    needs = set()
    for kind, one in (("parameters", "parameter"), ("artifacts", "artifact")):
        for name, source in getattr(task.inputs, kind).items():
            given.add(name)
            # A value in the text of a constant is given beside what the component declares, as the SDK does.
            in_text = f"$.inputs.parameters['{name}']" in str(task.inputs).replace("\\'", "'") or called.executor_label
            known = name in getattr(called.input_definitions, kind) or (name.startswith("pipelinechannel--") and in_text)
            known = known or (name in AMOUNTS and called.executor_label)
            assert known, f"{where} gives {name}, which is unknown"
            way = source.WhichOneof("kind")
            if way == f"component_input_{one}":
                wanted = getattr(source, way)
                assert wanted in getattr(component.input_definitions, kind), f"{where}: {wanted} is no input"
            elif way == f"task_output_{one}":
                output = getattr(source, way)
                producer = pipeline.components[tasks[output.producer_task].component_ref.name]
                key = getattr(output, f"output_{one}_key")
                assert key in getattr(producer.output_definitions, kind), f"{where}: {output.producer_task} has no {key}"
                needs.add(output.producer_task)
            elif way == "task_final_status":
                needs.add(source.task_final_status.producer_task)
    if task.HasField("parameter_iterator"):
        given.add(task.parameter_iterator.item_input)
        assert task.parameter_iterator.item_input in called.input_definitions.parameters, where
        listed = task.parameter_iterator.items
        if listed.WhichOneof("kind") == "input_parameter":
            assert listed.input_parameter in task.inputs.parameters, where
    for name in needs:
        assert name in task.dependent_tasks, f"{where} does not wait for {name}"
    return given


def check_outputs(name, component, tasks, pipeline):
    def made(selector, key, kind):
        producer = pipeline.components[tasks[selector.producer_subtask].component_ref.name]
        assert key in getattr(producer.output_definitions, kind), f"{name}: {selector.producer_subtask} has no {key}"

    for key, output in component.dag.outputs.parameters.items():
        assert key in component.output_definitions.parameters, f"{name}: {key}"
        one = output.WhichOneof("kind") == "value_from_parameter"
        for selector in [output.value_from_parameter] if one else output.value_from_oneof.parameter_selectors:
            made(selector, selector.output_parameter_key, "parameters")
    for key, output in component.dag.outputs.artifacts.items():
        assert key in component.output_definitions.artifacts, f"{name}: {key}"
        for selector in output.artifact_selectors:
            made(selector, selector.output_artifact_key, "artifacts")
    for kind in ("parameters", "artifacts"):
        for key in getattr(component.output_definitions, kind):
            assert key in getattr(component.dag.outputs, kind), f"{name}: nothing gives {key}"


for path in sys.argv[1:]:
    try:
        read(path)
    except Exception as why:
        raise SystemExit(f"{path}: {type(why).__name__}: {why}")
