"""Compiles pipelines by Kubeflow's SDK and compares them with others. Arguments: a file of rows, as JSON, and what is to be done.

`compile`: of each row's `python`, a module, the last pipeline is compiled. A module finds the path of a notebook as `NOTEBOOK`.
`compare`: what was compiled means the same as the row's `ours`; `undescribed` says that what is said of inputs for people may differ.
Prints a line of JSON for each row: `failed`, what the SDK says against it; `sources`, the Python that travels in each executor; `differences`.
"""
import importlib.util
import json
import logging
import sys
import traceback
import warnings

import same
from kfp import compiler
from kfp.dsl import graph_component

warnings.simplefilter("ignore")
logging.disable(logging.WARNING)


def compiled(path):
    target = path.removesuffix(".py") + ".sdk.yaml"
    where = importlib.util.spec_from_file_location("row", path)
    module = importlib.util.module_from_spec(where)
    module.NOTEBOOK = notebook(path)
    where.loader.exec_module(module)
    pipelines = [value for value in vars(module).values() if isinstance(value, graph_component.GraphComponent)]
    compiler.Compiler().compile(pipelines[-1], target)
    executors = same.load(target)[0]["deploymentSpec"]["executors"]
    words = {label: executor.get("container", {}).get("command", []) for label, executor in executors.items()}
    return {label: words[-1] for label, words in words.items() if words and words[-1].startswith("\n")}


def notebook(beside):
    path = beside + ".ipynb"
    cell = {"cell_type": "code", "metadata": {"tags": ["parameters"]}, "source": ["text = 'x'"], "outputs": []}
    with open(path, "w", encoding="utf-8") as file:
        json.dump({"cells": [{**cell, "execution_count": None}], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}, file)
    return path


def compared(row):
    theirs = row["python"].removesuffix(".py") + ".sdk.yaml"
    return list(same.differences(*(meaning(path, row["undescribed"]) for path in (theirs, row["ours"]))))


def meaning(path, undescribed):
    value = json.loads(same.dump(same.Meaning(*same.load(path)).value))
    return without_descriptions(value) if undescribed else value


def without_descriptions(value):
    if isinstance(value, list):
        return [without_descriptions(item) for item in value]
    if isinstance(value, dict):
        return {key: without_descriptions(item) for key, item in value.items() if key != "description"}
    return value


with open(sys.argv[1], encoding="utf-8") as file:
    rows = json.load(file)
for row in rows:
    answer = {"failed": None, "sources": {}, "differences": []}
    try:
        if sys.argv[2] == "compile":
            answer["sources"] = compiled(row["python"])
        elif row["ours"]:
            answer["differences"] = compared(row)
    except Exception:
        answer["failed"] = traceback.format_exc(limit=-2)
    print(json.dumps(answer))
