"""Decides conditions by Google's CEL on what the server's driver would give them. Arguments: a file of cases, as JSON.

A case: the file of the compiled pipeline, the chain of tasks from the root whose conditions must all hold, the run's parameters,
and whether the last task is expected to start. Prints a line for each that comes out otherwise.

Each condition is tried three times: as today's servers do it, typed as `ExecutorInput` is; with `null` for what is absent, and with
nothing for it; and, where nothing is absent, with every value's own type known, so that a comparison of two types is refused, as
servers up to 2.14 do when they meet it.
"""
import json
import re
import sys

import yaml
from cel_expr_python import cel
from google.protobuf import descriptor_pool, json_format
from kfp.pipeline_spec import pipeline_spec_pb2 as spec

INPUT = re.compile(r"inputs\.parameter_values\['([^'\\]*)'\](?!\s*\?)")
CHANNEL = "pipelinechannel--"
SERVER = cel.NewEnv(descriptor_pool.Default(), variables={"inputs": cel.Type("ml_pipelines.ExecutorInput.Inputs")})
STRICT, PROGRAMS, DOCUMENTS = {}, {}, {}


def program(environment, key, condition):
    if (key, condition) not in PROGRAMS:
        PROGRAMS[key, condition] = environment.compile(condition)
    return PROGRAMS[key, condition]


def type_of(value):
    if isinstance(value, bool):
        return cel.Type.BOOL
    if isinstance(value, (int, float)):
        return cel.Type.DOUBLE
    if isinstance(value, str):
        return cel.Type.STRING
    if isinstance(value, list):
        return cel.Type.List(type_of(value[0]) if value else cel.Type.DYN)
    return cel.Type.Map(cel.Type.STRING, cel.Type.DYN)


def answer(program, data):
    result = program.eval(data=data)
    value = result.value()
    if not isinstance(value, bool):
        raise ValueError(f"not a bool: {result.type()} {value}")
    return value


def on_the_server(condition, given):
    inputs = json_format.ParseDict({"parameterValues": given}, spec.ExecutorInput.Inputs())
    return answer(program(SERVER, None, condition), {"inputs": inputs})


def of_one_type(condition, given):
    names = sorted(given)
    dynamic = {name for name in names if f"type(inputs.parameter_values['{name}'])" in condition}
    variables = {f"value_{at}": cel.Type.DYN if name in dynamic else type_of(given[name]) for at, name in enumerate(names)}
    key = tuple((name, ty.name(), str(ty)) for name, ty in zip(names, variables.values()))
    if key not in STRICT:
        STRICT[key] = cel.NewEnv(descriptor_pool.Default(), variables={
            "inputs": cel.Type("ml_pipelines.ExecutorInput.Inputs"), **variables})
    condition = INPUT.sub(lambda found: f"value_{names.index(found[1])}", condition)
    inputs = json_format.ParseDict({"parameterValues": given}, spec.ExecutorInput.Inputs())
    values = {f"value_{at}": as_stored(given[name]) for at, name in enumerate(names)}
    return answer(program(STRICT[key], key, condition), {"inputs": inputs, **values})


def as_stored(value):
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return float(value)
    if isinstance(value, list):
        return [as_stored(item) for item in value]
    return {key: as_stored(item) for key, item in value.items()} if isinstance(value, dict) else value


def through_kubernetes(condition):
    """The driver is given the condition as an argument: Argo has replaced `{{…}}`, and Kubernetes `$(NAME)` and `$$`."""
    if "{{" in condition:
        raise ValueError("Argo would look for a value here")
    return re.sub(r"\$\$|\$\([A-Za-z_][-A-Za-z0-9_.]*\)", lambda found: "$" if found[0] == "$$" else "replaced", condition)


def ways(document, chain, parameters):
    """The conditions on the way to a task with what they are given, in each way in which a server may do that."""
    component = document["root"]
    conditions = []
    for name in chain:
        task = component["dag"]["tasks"][name]
        condition = task.get("triggerPolicy", {}).get("condition")
        if condition:
            given = {}
            for channel in task.get("inputs", {}).get("parameters", {}):
                given[channel] = parameters[channel.removeprefix(CHANNEL)]
            conditions.append((through_kubernetes(condition), given))
        component = document["components"][task["componentRef"]["name"]]
    there = [(condition, {k: v for k, v in given.items() if v is not None}) for condition, given in conditions]
    yield on_the_server, conditions
    yield on_the_server, there
    if there == conditions:
        yield of_one_type, conditions


def load(path):
    if path not in DOCUMENTS:
        with open(path, encoding="utf-8") as file:
            DOCUMENTS[path] = next(yaml.load_all(file, getattr(yaml, "CSafeLoader", yaml.SafeLoader)))
    return DOCUMENTS[path]


with open(sys.argv[1], encoding="utf-8") as file:
    cases = json.load(file)
tried = 0
for case in cases:
    for way, conditions in ways(load(case["file"]), case["chain"], case["parameters"]):
        tried += 1
        try:
            found = all([way(condition, given) for condition, given in conditions])
        except Exception as why:
            found = f"{type(why).__name__}: {why}"
        if found != case["holds"]:
            print(json.dumps({"source": case["source"], "by": way.__name__, "found": str(found), "wanted": case["holds"],
                              "conditions": conditions}))
print(f"{tried} tried", file=sys.stderr)
