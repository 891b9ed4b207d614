"""Runs pairs of compiled pipelines by Kubeflow's local runner, to see that they end alike. Arguments: a file of pairs, as JSON.

A pair: `first`, `second` and the run's `arguments`. Prints a line of JSON for each, in their order, with how both ended: the
tasks that were started, sorted, and the outputs (of an artifact what it holds), or that it failed.

Nothing is installed: where the SDK's start-up text stands, its program is started directly on the function's source, in a process
that has imported it already, which takes a tenth of the time. Chance falls the same way every time, and nobody sleeps.
"""
import concurrent.futures
import json
import multiprocessing
import os
import random
import sys
import tempfile
import time

import runner
from kfp.dsl import executor_main
from kfp.local import subprocess_task_handler

EXECUTOR = "kfp.dsl.executor_main"


def start(source, words, said):
    """In a process of its own: what the SDK's start-up text does once everything is installed."""
    output = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(output, 1)
    os.dup2(output, 2)
    random.seed(1)
    time.sleep = lambda _: None
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "ephemeral_component.py")
        with open(path, "w", encoding="utf-8") as file:
            file.write(source)
        sys.argv = [EXECUTOR, "--component_module_path", path, *words]
        executor_main.executor_main()


def run_directly(full_command, env_vars=None):
    source = next((word for word in full_command if word.startswith("\n") and "def " in word), None)
    if source is None or not any(EXECUTOR in word for word in full_command):
        return run_subprocess(full_command=full_command, env_vars=env_vars)
    words = full_command[full_command.index(source) + 1:]
    with tempfile.TemporaryDirectory() as folder:
        process = PROCESSES.Process(target=start, args=(source, words, os.path.join(folder, "said")))
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


def ended(path, arguments, root):
    try:
        run = runner.carry_out(path, arguments, root)
    except Exception as why:
        return {"refused": type(why).__name__, "why": str(why)[:400], "started": sorted(runner.tasks)}
    outputs = {name: held(value) for name, value in run.get("outputs", {}).items()}
    return {"started": sorted(run["started"]), "failed": "failed" in run, "outputs": outputs}


def both(pair):
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        return [ended(pair[which], pair["arguments"], os.path.join(folder, which)) for which in ("first", "second")]


run_subprocess = subprocess_task_handler.run_local_subprocess
subprocess_task_handler.run_local_subprocess = run_directly
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["kfp.dsl.executor_main", "pairs"])

if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:
        pairs = json.load(file)
    # A process for each pair: the runner keeps what it is told in one place.
    with concurrent.futures.ProcessPoolExecutor(2, multiprocessing.get_context("fork")) as pool:
        answers = list(pool.map(both, pairs))
    print()
    for answer in answers:
        print(json.dumps(answer))
