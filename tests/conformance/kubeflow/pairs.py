"""Runs pairs of compiled pipelines by Kubeflow's local runner, to see that they end alike. Arguments: a file of pairs, as JSON.

A pair: `first` and `second`. Whatever of their parameters has no default is given a value of its type. Prints a line of JSON for each, in their order, with how both ended: the
tasks that were started, sorted, and the outputs (of an artifact what it holds), or that it failed.

Nothing is installed: where the SDK's start-up text stands, its program is started directly on the function's source, in a process
that has imported it already, which takes a tenth of the time. Chance falls the same way every time, and nobody sleeps.
"""
import concurrent.futures
import json
import multiprocessing
import os
import sys
import tempfile

import runner
import starter
from kfp.local import subprocess_task_handler
from kfp.pipeline_spec.pipeline_spec_pb2 import ParameterType as parameter_type

def run_directly(full_command, env_vars=None):
    source = next((word for word in full_command if word.startswith("\n") and "def " in word), None)
    if source is None or not any(starter.EXECUTOR in word for word in full_command):
        return run_subprocess(full_command=full_command, env_vars=env_vars)
    words = full_command[full_command.index(source) + 1:]
    with tempfile.TemporaryDirectory() as folder:
        process = PROCESSES.Process(target=starter.start, args=(source, words, os.path.join(folder, "said")))
        process.start()
        process.join()
        return process.exitcode


def held(value):
    """An output without what differs from run to run: of an artifact what its file holds."""
    if isinstance(value, list):
        return [held(item) for item in value]
    if not isinstance(value, dict) or "path" not in value or "uri" not in value:
        return value
    text = None
    if os.path.isfile(value["path"]):
        with open(value["path"], "rb") as file:
            text = file.read().hex()
    return {"holds": text, "metadata": value["metadata"], "type": value["type"]}


def arguments(path):
    """A value for each parameter that must be given."""
    definitions = runner.components.load_component_from_file(path).pipeline_spec.root.input_definitions.parameters
    wanted = {name: one.parameter_type for name, one in definitions.items() if not one.is_optional}
    return {name: VALUES[parameter_type.ParameterTypeEnum.Name(ty)] for name, ty in wanted.items()}


def ended(path, folder):
    os.mkdir(folder)
    os.chdir(folder)
    try:
        run = runner.carry_out(path, arguments(path), os.path.join(folder, "root"))
    except Exception as why:
        return {"refused": type(why).__name__, "why": str(why)[:400], "started": sorted(runner.tasks)}
    outputs = {name: held(value) for name, value in run.get("outputs", {}).items()}
    # A pipeline of one step may be taken for a component, which starts without a word.
    only = list(runner.running.pipeline_spec.root.dag.tasks)
    started = run["started"] or (only if len(only) == 1 else [])
    return {"started": sorted(started), "failed": "failed" in run, "outputs": outputs}


def both(pair):
    with tempfile.TemporaryDirectory() as folder:
        return [ended(pair[which], os.path.join(folder, which)) for which in ("first", "second")]


VALUES = {"STRING": "x", "NUMBER_INTEGER": 2, "NUMBER_DOUBLE": 0.5, "BOOLEAN": True, "LIST": ["a", "b"], "STRUCT": {"a": 1}}
run_subprocess = subprocess_task_handler.run_local_subprocess
subprocess_task_handler.run_local_subprocess = run_directly
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload([starter.EXECUTOR])

if __name__ == "__main__":
    # Else every new process would import this program again.
    del sys.modules["__main__"].__file__
    with open(sys.argv[1], encoding="utf-8") as file:
        pairs = json.load(file)
    awake = tempfile.mkdtemp()
    with open(os.path.join(awake, "sleep"), "w", encoding="utf-8", opener=lambda path, flags: os.open(path, flags, 0o755)) as file:
        file.write("#!/bin/sh\n")
    os.environ["PATH"] = awake + os.pathsep + os.environ["PATH"]
    # A process for each pair: the runner keeps what it is told in one place.
    with concurrent.futures.ProcessPoolExecutor(2, multiprocessing.get_context("fork")) as pool:
        answers = list(pool.map(both, pairs))
    print()
    for answer in answers:
        print(json.dumps(answer))
