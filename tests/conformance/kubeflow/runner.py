"""Kubeflow's local runner, set right where it does otherwise than the server.

Two checks of the runner are lifted: it starts only commands of the SDK's own Python components. Conditions are decided by a real CEL
on the inputs of the guarded task, as the server does it, and not by rewriting them into Python. A loop goes through the input that
it names, not through what the name reads like; a turn changes its item and no other input (this runner gives the item to whatever
comes from a task); an artifact of whichever branch ran is found; null and absent are values. What a task prints is not indented: for that
the runner puts a `print` of its own around the one that is there, and turns side by side would wrap each other's without end.
"""
import contextlib
import copy
import functools
import json

import celpy
from celpy import celtypes
from google.protobuf import struct_pb2
from kfp import components, local
from kfp.compiler import pipeline_spec_builder
from kfp.dsl import Artifact
from kfp.local import executor_output_utils, logging_utils, subprocess_task_handler
from kfp.local.orchestrator import enhanced_dag_orchestrator as orchestrator
from kfp.local.orchestrator import orchestrator_utils, task_executor, task_spec_utils
from kfp.pipeline_spec import pipeline_spec_pb2 as spec


@contextlib.contextmanager
def plainly(num_spaces=4):
    yield


logging_utils.indented_print = plainly


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


@functools.lru_cache(maxsize=None)
def program(condition):
    environment = celpy.Environment()
    return environment.program(environment.compile(condition))


def guarded(condition):
    compiled = running.pipeline_spec
    for component in [compiled.root, *compiled.components.values()]:
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
        return bool(program(condition).evaluate({"inputs": as_the_server_has_it({"parameter_values": values})}))
    raise ValueError(f"nothing gives what {condition} needs: {problems}")


def loop(task_spec, io_store, **more):
    items = task_spec.parameter_iterator.items
    if items.WhichOneof("kind") == "input_parameter":
        inputs = spec.TaskInputsSpec()
        inputs.parameters[items.input_parameter].CopyFrom(task_spec.inputs.parameters[items.input_parameter])
        listed = orchestrator_utils.OrchestratorUtils.make_task_arguments(inputs, io_store)[items.input_parameter]
        task_spec = copy.deepcopy(task_spec)
        task_spec.parameter_iterator.items.raw = json.dumps(listed)
    return run_loop(task_spec=task_spec, io_store=io_store, **more)


def turn(original_task_spec, loop_item, loop_task_name):
    task_spec = copy.deepcopy(original_task_spec)
    item = task_spec.inputs.parameters[task_spec.parameter_iterator.item_input]
    item.runtime_value.constant.CopyFrom(to_value(loop_item))
    task_spec.ClearField("parameter_iterator")
    return task_spec


def nested(task_spec, io_store, **_):
    return orchestrator_utils.OrchestratorUtils.make_task_arguments(task_spec.inputs, io_store)


def dag_artifacts(dag_outputs_spec, io_store):
    outputs = {}
    for key, output in dag_outputs_spec.artifacts.items():
        for selector in output.artifact_selectors:
            try:
                outputs[key] = io_store.get_task_output(selector.producer_subtask, selector.output_artifact_key)
            except (KeyError, ValueError):
                continue
    return outputs


def to_value(value):
    return struct_pb2.Value(null_value=struct_pb2.NULL_VALUE) if value is None else to_protobuf_value(value)


def to_python(value):
    return None if value.WhichOneof("kind") is None else pb2_value_to_python(value)


def started(task_name, **more):
    tasks.append(task_name)
    return execute(task_name=task_name, **more)


def plain(value):
    if isinstance(value, Artifact):
        return {"path": value.path, "uri": value.uri, "metadata": value.metadata, "type": value.schema_title}
    return [plain(item) for item in value] if isinstance(value, list) else value


to_protobuf_value = pipeline_spec_builder.to_protobuf_value
pipeline_spec_builder.to_protobuf_value = to_value
tasks, running = [], None
run_loop = orchestrator._run_parallel_for_task
orchestrator._run_parallel_for_task = loop
pb2_value_to_python = executor_output_utils.pb2_value_to_python
executor_output_utils.pb2_value_to_python = to_python
task_spec_utils.create_parameter_loop_iteration_task_spec = turn
task_spec_utils.build_nested_dag_arguments = nested
execute = task_executor.execute_single_task
task_executor.execute_single_task = started
orchestrator.ConditionEvaluator.evaluate_condition = staticmethod(evaluate_condition)
orchestrator_utils.OrchestratorUtils.get_dag_output_artifacts = staticmethod(dag_artifacts)
handler = subprocess_task_handler.SubprocessTaskHandler
handler.validate_image = handler.validate_not_container_component = lambda *_: None


def carry_out(path, arguments, root):
    """Runs a compiled pipeline: the tasks in the order in which they were started, and the outputs or how it failed."""
    global running
    running = components.load_component_from_file(path)
    tasks.clear()
    local.init(runner=local.SubprocessRunner(use_venv=False), pipeline_root=root, raise_on_error=True)
    try:
        ended = {"outputs": {name: plain(value) for name, value in running(**arguments).outputs.items()}}
    except RuntimeError as why:
        ended = {"failed": str(why)}
    return {"started": tasks, **ended}
