"""Runs a compiled pipeline by Kubeflow's local runner. Arguments: the file, the run's arguments as JSON, a folder to work in.

Prints last a line of JSON: the tasks in the order in which they were started, and the pipeline's outputs. Two checks of the runner are lifted: it starts only
commands of the SDK's own Python components. Conditions are decided by a real CEL on the inputs of the guarded task, as the
server does it, and not by rewriting them into Python. Two things that the server can do are added: an artifact of whichever
branch ran is found, and null inside a struct or list is a value.
"""
import json
import sys

import celpy
from celpy import celtypes
from google.protobuf import struct_pb2
from kfp import components, local
from kfp.compiler import pipeline_spec_builder
from kfp.dsl import Artifact
from kfp.local import subprocess_task_handler
from kfp.local.orchestrator import enhanced_dag_orchestrator as orchestrator
from kfp.local.orchestrator import orchestrator_utils, task_executor

path, arguments, root = sys.argv[1:]
pipeline = components.load_component_from_file(path)


def as_the_server_has_it(value):
    if isinstance(value, bool):
        return celtypes.BoolType(value)
    if isinstance(value, (int, float)):
        return celtypes.DoubleType(value)
    if isinstance(value, str):
        return celtypes.StringType(value)
    if isinstance(value, list):
        return celtypes.ListType([as_the_server_has_it(item) for item in value])
    if isinstance(value, dict):
        return celtypes.MapType({celtypes.StringType(key): as_the_server_has_it(item) for key, item in value.items()})
    return None


def guarded(condition):
    spec = pipeline.pipeline_spec
    for component in [spec.root, *spec.components.values()]:
        for task in component.dag.tasks.values():
            if task.trigger_policy.condition == condition:
                yield task


def evaluate_condition(condition, io_store):
    problems = []
    for task in guarded(condition):
        try:
            given = orchestrator_utils.OrchestratorUtils.make_task_arguments(task.inputs, io_store)
        except (KeyError, ValueError) as why:
            problems.append(why)
            continue
        values = {name: given[name] for name in task.inputs.parameters if given.get(name) is not None}
        environment = celpy.Environment()
        program = environment.program(environment.compile(condition))
        return bool(program.evaluate({"inputs": as_the_server_has_it({"parameter_values": values})}))
    raise ValueError(f"nothing gives what {condition} needs: {problems}")


def dag_artifacts(dag_outputs_spec, io_store):
    outputs = {}
    for key, spec in dag_outputs_spec.artifacts.items():
        for selector in spec.artifact_selectors:
            try:
                outputs[key] = io_store.get_task_output(selector.producer_subtask, selector.output_artifact_key)
            except (KeyError, ValueError):
                continue
    return outputs


def to_value(value):
    return struct_pb2.Value(null_value=struct_pb2.NULL_VALUE) if value is None else to_protobuf_value(value)


def started(task_name, **more):
    tasks.append(task_name)
    return execute(task_name=task_name, **more)


def plain(value):
    if isinstance(value, Artifact):
        return {"path": value.path, "uri": value.uri, "metadata": value.metadata, "type": value.schema_title}
    return [plain(item) for item in value] if isinstance(value, list) else value


to_protobuf_value = pipeline_spec_builder.to_protobuf_value
pipeline_spec_builder.to_protobuf_value = to_value
tasks = []
execute = task_executor.execute_single_task
task_executor.execute_single_task = started
orchestrator.ConditionEvaluator.evaluate_condition = staticmethod(evaluate_condition)
orchestrator_utils.OrchestratorUtils.get_dag_output_artifacts = staticmethod(dag_artifacts)
handler = subprocess_task_handler.SubprocessTaskHandler
handler.validate_image = handler.validate_not_container_component = lambda *_: None

local.init(runner=local.SubprocessRunner(use_venv=False), pipeline_root=root, raise_on_error=True)
run = pipeline(**json.loads(arguments))
print()
print(json.dumps({"started": tasks, "outputs": {name: plain(value) for name, value in run.outputs.items()}}))
