"""Compiles pipelines by Kubeflow's SDK and compares them with others. Arguments: a file of rows, as JSON.

A row: `python`, a module of which the last pipeline is compiled; `ours`, a compiled pipeline that must mean the same, or none;
`undescribed`, whether what is said of inputs for people may differ.
Prints a line of JSON for each: `failed`, what the SDK says against it, or `differences`.
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
    where = importlib.util.spec_from_file_location("row", path)
    module = importlib.util.module_from_spec(where)
    where.loader.exec_module(module)
    pipelines = [value for value in vars(module).values() if isinstance(value, graph_component.GraphComponent)]
    target = path.removesuffix(".py") + ".sdk.yaml"
    compiler.Compiler().compile(pipelines[-1], target)
    return target


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
    answer = {"failed": None, "differences": []}
    try:
        theirs = compiled(row["python"])
        if row["ours"]:
            answer["differences"] = list(same.differences(*(meaning(path, row["undescribed"]) for path in (theirs, row["ours"]))))
    except Exception:
        answer["failed"] = traceback.format_exc(limit=-2)
    print(json.dumps(answer))
