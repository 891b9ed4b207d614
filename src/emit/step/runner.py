"""Starts one step: reads its inputs, calls its function, writes its outputs. Standard library only, Python 3.9 or newer.

    python3 -c "<this text>" --step JSON --kubeflow EXECUTOR_INPUT
    python3 -c "<this text>" --step JSON --inputs JSON --outputs JSON [--result FILE]
    python3 -c "<this text>" --step JSON [... as above] --would WORD...

A JSON may also be the name of a file that holds it, with an `@` before it.
The project's root is the working directory, or the folder that MLP_CODE names. A refusal ends with status 1 and one line.
"""
import dataclasses
import datetime
import decimal
import enum
import hashlib
import importlib.util
import json
import math
import os
import re
import sys
import traceback
import typing

LARGEST = 2**53 - 1
METRICS = ("system.Metrics", "system.ClassificationMetrics", "system.SlicedClassificationMetrics")
REMOTE = {"gs://": "/gcs/", "s3://": "/s3/", "minio://": "/minio/"}


class Refusal(Exception):
    """What the step may not start with, or may not end with."""


class Artifact(str):
    """The readable or writable path of an artifact, with its address and what is known of it."""

    def __new__(cls, path, uri="", metadata=None):
        self = super().__new__(cls, path)
        self.path, self.uri, self.metadata = str(path), uri or str(path), metadata if metadata is not None else {}
        return self


class RunStatus(dict):
    """How the run ended: `state`, `error`, `pipeline`, `run`, as keys and as attributes."""

    def __getattr__(self, name):
        if name in self:
            return self[name]
        raise AttributeError(name)


class Money(typing.NamedTuple):
    amount: decimal.Decimal
    currency: str


# Values: `decode` makes of JSON what a function gets, `encode` makes JSON of what a function gave.


def decode(kind, value, where):
    name = kind["kind"]
    if value is None:
        if name in ("optional", "json"):
            return None
        raise Refusal(f"{where} is missing")
    if name == "optional":
        return decode(kind["of"], value, where)
    if name == "list":
        need(value, list, kind, where)
        return [decode(kind["of"], item, f"{where}[{at}]") for at, item in enumerate(value)]
    if name == "map":
        need(value, dict, kind, where)
        return {key: decode(kind["of"], item, f"{where}[{key!r}]") for key, item in value.items()}
    if name == "struct":
        need(value, dict, kind, where)
        return {field["name"]: field_of(field, value, where, decode) for field in kind["fields"]}
    if name == "json":
        return whole_numbers(value)
    if name == "table":
        return need(value, dict, kind, where)
    if name == "run_status":
        return RunStatus(need(value, dict, kind, where))
    if name == "money":
        need(value, dict, kind, where)
        try:
            return Money(decimal.Decimal(value["amount"]), value["currency"])
        except (KeyError, TypeError, decimal.InvalidOperation):
            raise Refusal(f"{where} is no amount of money: {brief(value)}")
    if name == "timestamp":
        return instant(need(value, str, kind, where), where)
    if name in ("int", "size") and isinstance(value, float) and value.is_integer():
        value = int(value)
    return encode(kind, value, where)


def encode(kind, value, where):
    name = kind["kind"]
    if hasattr(value, "tolist") and callable(value.tolist):
        value = value.tolist()
    if value is None:
        if name in ("optional", "json"):
            return None
        raise Refusal(f"{where} is None and should be {called(kind)}")
    if name == "optional":
        return encode(kind["of"], value, where)
    if name == "bool":
        return need(value, bool, kind, where)
    if name in ("int", "size"):
        need(value, int, kind, where)
        if abs(value) > LARGEST:
            raise Refusal(f"{where} is {value}: an integer beyond 2**53-1 does not survive JSON")
        return int(value)
    if name in ("float", "percent", "duration"):
        if name == "duration" and isinstance(value, datetime.timedelta):
            value = value.total_seconds()
        return finite(float(need(value, (int, float), kind, where)), where)
    if name == "enum":
        value = next((one for one in (value, getattr(value, "value", None), getattr(value, "name", None))
                      if isinstance(one, str) and one in kind["variants"]), value)
        if not isinstance(value, str) or value not in kind["variants"]:
            raise Refusal(f"{where} is {brief(value)} and should be one of {', '.join(kind['variants'])}")
        return str(value)
    if name in ("string", "uri", "cron"):
        return str(need(value, str, kind, where))
    if name == "timestamp":
        if isinstance(value, str):
            value = instant(value, where)
        need(value, datetime.datetime, kind, where)
        if value.tzinfo is None:
            raise Refusal(f"{where} is a time without a zone: {value.isoformat()}")
        return value.astimezone(datetime.timezone.utc).isoformat().replace("+00:00", "Z")
    if name == "money":
        if isinstance(value, dict):
            value = decode(kind, value, where)
        amount, currency = need(value, tuple, kind, where)
        return {"amount": str(amount), "currency": str(currency)}
    if name == "list":
        need(value, (list, tuple), kind, where)
        return [encode(kind["of"], item, f"{where}[{at}]") for at, item in enumerate(value)]
    if name == "map":
        need(value, dict, kind, where)
        return {str(key): encode(kind["of"], item, f"{where}[{key!r}]") for key, item in value.items()}
    if name == "struct":
        value = need(named(value), dict, kind, where)
        return {field["name"]: field_of(field, value, where, encode) for field in kind["fields"]}
    return plain(value, where)


def field_of(field, value, where, turn):
    kind = {"kind": "optional", "of": field["type"]} if field.get("optional") else field["type"]
    return turn(kind, value.get(field["name"]), f"{where}.{field['name']}")


def plain(value, where):
    """JSON of whatever JSON can say."""
    value = named(value)
    if isinstance(value, dict):
        return {str(key): plain(item, f"{where}[{key!r}]") for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item, f"{where}[{at}]") for at, item in enumerate(value)]
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if hasattr(value, "tolist") and callable(value.tolist):
        return plain(value.tolist(), where)
    if isinstance(value, int):
        return encode({"kind": "int"}, value, where)
    if isinstance(value, float):
        return finite(value, where)
    raise Refusal(f"{where} is {brief(value)}, which JSON cannot say")


def whole_numbers(value):
    """JSON without a type: an orchestrator may have made 3 into 3.0."""
    if isinstance(value, list):
        return [whole_numbers(item) for item in value]
    if isinstance(value, dict):
        return {key: whole_numbers(item) for key, item in value.items()}
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) <= LARGEST else value


def instant(text, where):
    try:
        micros = re.sub(r"\.(\d+)", lambda found: "." + found[1][:6].ljust(6, "0"), text.replace("Z", "+00:00"))
        at = datetime.datetime.fromisoformat(micros)
    except ValueError:
        raise Refusal(f"{where} is no time: {brief(text)}")
    return (at if at.tzinfo else at.replace(tzinfo=datetime.timezone.utc)).astimezone(datetime.timezone.utc)


def finite(value, where):
    if not math.isfinite(value):
        raise Refusal(f"{where} is {value}, which is no value of a run")
    return value


def need(value, wanted, kind, where):
    if isinstance(value, bool) and wanted is not bool or not isinstance(value, wanted):
        raise Refusal(f"{where} is {brief(value)} and should be {called(kind)}")
    return value


def named(value):
    """Fields by name of a NamedTuple or a dataclass."""
    if hasattr(value, "_asdict"):
        return value._asdict()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    return value


def called(kind):
    if "of" in kind:
        return f"{kind['kind']}<{called(kind['of'])}>"
    return kind.get("name") or {"json": "JSON", "run_status": "RunStatus"}.get(kind["kind"], kind["kind"])


def brief(value):
    text = repr(value)
    return text if len(text) <= 120 else text[:120] + "..."


def text_of(kind, value):
    """How a value reads inside a text: strings bare, everything else as JSON."""
    value = encode(kind, value, "a part of a text")
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))


# Expressions: what the compiler left to be decided or put together here.


def evaluate(expr, delivered, it=None):
    again = lambda part: evaluate(part, delivered, it)
    what = expr["is"]
    if what == "literal":
        return decode(expr["type"], expr["value"], "a constant")
    if what == "parameter":
        return delivered(expr)
    if what == "it":
        return it
    if what == "text":
        return "".join(text_of(part["type"], again(part)) for part in expr["parts"])
    if what == "list":
        return [again(item) for item in expr["items"]]
    if what == "record":
        return {key: again(entry) for key, entry in expr["entries"].items()}
    if what == "not":
        return not again(expr["operand"])
    if what == "length":
        return len(again(expr["of"]))
    if what == "field":
        whole, name = again(expr["of"]), expr["name"]
        if isinstance(whole, (Artifact, Money)):
            return getattr(whole, name)
        try:
            return whole[int(name)] if isinstance(whole, list) else whole[name]
        except (KeyError, IndexError, TypeError):
            raise Refusal(f"{brief(whole)} has no {name}")
    if what == "between":
        value, low, high = again(expr["operand"]), again(expr["low"]), again(expr["high"])
        return low <= value <= high if expr["inclusive"] else low <= value < high
    if what == "binary":
        return binary(expr["operator"], expr["left"], expr["right"], again)
    raise Refusal(f"the runner cannot evaluate {what}")


def binary(operator, left, right, again):
    a = again(left)
    if operator == "and":
        return bool(a) and bool(again(right))
    if operator == "or":
        return bool(a) or bool(again(right))
    if operator == "coalesce":
        return again(right) if a is None else a
    b = again(right)
    if operator == "matches":
        return re.fullmatch(expression(b), a, re.ASCII) is not None
    if operator == "in":
        return a in b
    return {
        "equal": lambda: a == b,
        "not_equal": lambda: a != b,
        "less": lambda: a < b,
        "less_or_equal": lambda: a <= b,
        "greater": lambda: a > b,
        "greater_or_equal": lambda: a >= b,
        "add": lambda: a + b,
        "subtract": lambda: a - b,
        "multiply": lambda: a * b,
        "divide": lambda: a / b,
    }[operator]()


def expression(pattern):
    """RE2's way of writing what Python's `re` writes otherwise."""
    classes = {"alpha": "a-zA-Z", "digit": "0-9", "alnum": "a-zA-Z0-9", "upper": "A-Z", "lower": "a-z",
               "xdigit": "0-9A-Fa-f", "word": r"\w", "space": r"\s", "punct": r"!-/:-@\[-`{-~"}
    for name, members in classes.items():
        pattern = pattern.replace(f"[:{name}:]", members)
    return pattern.replace(r"\z", r"\Z")


def check(one, value, where):
    """Whether a value fits what is said of it and, where it is a list, of its items."""
    for predicate in one.get("predicates", []):
        hold(predicate, value, where)
    for predicate in one.get("item_predicates", []):
        for at, item in enumerate(value or []):
            hold(predicate, item, f"{where}[{at}]")


def hold(predicate, value, where):
    if value is not None and not evaluate(predicate["condition"], None, value):
        raise Refusal(f"{where} is {brief(value)}, and `{predicate['text']}` does not hold")


# Where values come from and go to: Kubeflow's executor input, or arguments.


class Kubeflow:
    """https://github.com/kubeflow/pipelines: ExecutorInput and ExecutorOutput."""

    def __init__(self, text, run):
        given = json.loads(text)
        self.run = run
        self.values = given.get("inputs", {}).get("parameterValues", {})
        self.artifacts = given.get("inputs", {}).get("artifacts", {})
        self.outputs = given.get("outputs", {})

    def value(self, name, kind):
        value = self.values.get(name)
        if kind["kind"] == "run_status" and value is not None:
            error = value.get("error") or {}
            state = {"ERROR": "FAILED", "CANCELED": "CANCELLED"}.get(value["state"].upper(), value["state"].upper())
            return {"state": state, "error": error.get("message") or None, "run": self.run}
        return value

    def artifact(self, name):
        found = self.artifacts.get(name)
        return None if found is None else [self.known(one) for one in found.get("artifacts", [])]

    def known(self, one):
        uri, metadata = one.get("uri", ""), one.get("metadata") or {}
        path = next((local + uri[len(remote):] for remote, local in REMOTE.items() if uri.startswith(remote)), uri)
        if uri.startswith("oci://"):
            path = "/oci/" + uri[len("oci://"):].replace("/", "_")
        if metadata.get("_kfp_workspace") is True:
            path = os.path.join("/kfp-workspace", ".artifacts", path.lstrip("/"))
        return Artifact(one.get("customPath") or one.get("custom_path") or path, uri, metadata)

    def output(self, name):
        one = self.outputs.get("artifacts", {}).get(name, {}).get("artifacts")
        return self.known(one[0]) if one else None

    def write(self, values, artifacts):
        found = {}
        for name, artifact in artifacts.items():
            one = dict(self.outputs["artifacts"][name]["artifacts"][0], metadata=artifact.metadata)
            found[name] = {"artifacts": [{key: one[key] for key in ("name", "uri", "metadata") if key in one}]}
        store(self.outputs["outputFile"], {"parameterValues": values, "artifacts": found})


class Arguments:
    """Inputs, outputs and the file for output values, as arguments of the runner."""

    def __init__(self, inputs, outputs, result):
        self.values, self.outputs, self.result = json.loads(inputs), json.loads(outputs), result

    def value(self, name, kind):
        return self.values.get(name)

    def artifact(self, name):
        found = self.values.get(name)
        return None if found is None else [self.known(one) for one in (found if isinstance(found, list) else [found])]

    def known(self, one):
        one = {"path": one} if isinstance(one, str) else one
        metadata, beside = one.get("metadata"), one["path"] + ".metadata.json"
        if metadata is None and os.path.isfile(beside):
            with open(beside, encoding="utf-8") as file:
                metadata = json.load(file)
        return Artifact(one["path"], one.get("uri"), metadata)

    def output(self, name):
        one = self.outputs.get(name)
        return None if one is None else Artifact(one) if isinstance(one, str) else Artifact(one["path"], one.get("uri"))

    def write(self, values, artifacts):
        for artifact in artifacts.values():
            if artifact.metadata:
                store(artifact.path + ".metadata.json", artifact.metadata)
        for name, value in values.items():
            if name in self.outputs:
                store(self.outputs[name], value)
        if self.result:
            store(self.result, values)


def store(path, value):
    os.makedirs(os.path.dirname(os.path.abspath(path)), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        json.dump(value, file, ensure_ascii=False, allow_nan=False)

def is_artifact(kind):
    return kind["kind"] == "artifact" or "of" in kind and is_artifact(kind["of"])


def deliver(step, world):
    """What stands under a name, as the function gets it."""

    def value(name, kind, where):
        if not is_artifact(kind):
            found = world.value(name, kind)
            if kind["kind"] == "run_status" and isinstance(found, dict):
                found = dict(found, pipeline=found.get("pipeline") or step.get("pipeline"))
            return decode(kind, found, where)
        found = world.artifact(name)
        if kind["kind"] == "optional":
            return value(name, kind["of"], where) if found else None
        if found is None:
            raise Refusal(f"{where} is missing")
        for one in found:
            if not os.path.exists(one):
                raise Refusal(f"{where} is not there: {one.path}")
        if kind["kind"] == "list":
            return found
        if not found:
            raise Refusal(f"{where} is missing")
        return found[0]

    return value


def read_inputs(step, world):
    """Every input by name, whole and checked."""
    value = deliver(step, world)
    arguments = {}
    for one in step["inputs"]:
        where = f"input {one['name']}"
        if "value" in one:
            given = evaluate(one["value"], lambda leaf: value(leaf["name"], leaf["type"], where))
        else:
            given = value(one["name"], one["type"], where)
        check(one, given, where)
        arguments[one["name"]] = given
    return arguments


def load(step):
    """The function, from the file that the compiler read and no other."""
    root = os.path.abspath(os.environ.get("MLP_CODE") or os.getcwd())
    path = os.path.join(root, *step["file"].split("/"))
    if not os.path.isfile(path):
        raise Refusal(f"there is no such file below {root}")
    with open(path, "rb") as file:
        found = hashlib.sha256(file.read()).hexdigest()
    if found != step["sha256"]:
        raise Refusal(f"the file is not the one that was compiled: its SHA-256 is {found}, not {step['sha256']}")
    sys.path[:0] = [root, os.path.dirname(path)]
    name = re.sub(r"\.py\Z", "", step["file"]).replace("/", ".")
    name = f"mlp_step_{name}" if name in sys.modules else name
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    function = getattr(module, step["function"], None)
    if not callable(function):
        raise Refusal(f"there is no function {step['function']}")
    return function


def open_outputs(step, world, taken):
    """Paths to write, by the name of the function's argument."""
    artifacts, arguments = {}, {}
    for one in step["outputs"]:
        if is_artifact(one["type"]):
            artifact = world.output(one["name"])
            if artifact is None:
                raise Refusal(f"no path was given for the output {one['name']}")
            os.makedirs(os.path.dirname(os.path.abspath(artifact)), exist_ok=True)
            artifacts[one["name"]] = artifact
            arguments[f"out_{one['name']}" if one["name"] in taken else one["name"]] = artifact
    return artifacts, arguments


def output_values(step, returned):
    """What was returned, by output."""
    wanted = [one for one in step["outputs"] if not is_artifact(one["type"])]
    if not wanted:
        return {}
    by_name = named(returned)
    if len(wanted) == 1:
        name = wanted[0]["name"]
        alone = by_name is not returned and list(by_name) == [name]
        found = {name: by_name[name] if alone else returned}
    elif isinstance(by_name, dict):
        found = by_name
    elif isinstance(returned, tuple) and len(returned) == len(wanted):
        found = {one["name"]: value for one, value in zip(wanted, returned)}
    else:
        names = ", ".join(one["name"] for one in wanted)
        raise Refusal(f"returned {brief(returned)}, which does not give the outputs {names}")
    missing = [one["name"] for one in wanted if one["name"] not in found]
    unknown = [name for name in found if all(name != one["name"] for one in wanted)]
    if missing or unknown:
        raise Refusal("returned " + " and ".join(
            ([f"no {', '.join(missing)}"] if missing else []) + ([f"an unknown {', '.join(unknown)}"] if unknown else [])))
    return {one["name"]: encode(one["type"], found[one["name"]], f"output {one['name']}") for one in wanted}


def close_artifact(one, artifact):
    """An artifact is written; of metrics, the file and what is known of it stand for each other."""
    title = one["type"].get("title")
    artifact.metadata = plain(artifact.metadata, f"metadata of the output {one['name']}")
    if title in METRICS and artifact.metadata and not os.path.exists(artifact):
        store(artifact.path, artifact.metadata)
    if not os.path.exists(artifact):
        raise Refusal(f"the output {one['name']} was not written to {artifact.path}")
    if title in METRICS and not artifact.metadata and os.path.isfile(artifact):
        try:
            with open(artifact, encoding="utf-8") as file:
                known = json.load(file)
        except ValueError:
            return
        if isinstance(known, dict):
            artifact.metadata = plain(known, f"output {one['name']}")


def record(step, world, would):
    """Says what is not started, and gives what its stub says."""
    print("recorded, not started:", would)
    artifacts, _ = open_outputs(step, world, ())
    values = {}
    for one in step["outputs"]:
        name, kind = one["name"], one["type"]
        if name not in step.get("stub", {}):
            raise Refusal(f"no stub gives the output {name}")
        if name in artifacts:
            content = step["stub"][name]
            with open(artifacts[name].path, "w", encoding="utf-8") as file:
                file.write(content if isinstance(content, str) else json.dumps(content, ensure_ascii=False))
        else:
            where = f"stub of the output {name}"
            values[name] = encode(kind, decode(kind, step["stub"][name], where), where)
    if step["outputs"]:
        world.write(values, artifacts)


def start(step, world, would):
    if would is not None:
        return record(step, world, json.dumps(would, ensure_ascii=False))
    arguments = read_inputs(step, world)
    if "function" not in step:
        return
    if step.get("recorded"):
        given = ", ".join(f"{name}={brief(value)}" for name, value in arguments.items())
        return record(step, world, f"{step['file']}: {step['function']}({given})")
    function = load(step)
    artifacts, paths = open_outputs(step, world, set(arguments))
    returned = function(**arguments, **paths)
    values = output_values(step, returned)
    for one in step["outputs"]:
        if one["name"] in artifacts:
            close_artifact(one, artifacts[one["name"]])
    world.write(values, artifacts)


def in_full(word):
    """What an argument says: of `@FILE`, what is in the file, for an argument may not be of any length."""
    if not word.startswith("@"):
        return word
    with open(word[1:], encoding="utf-8") as file:
        return file.read()


def main(words):
    would = None
    if "--would" in words:
        at = words.index("--would")
        words, would = words[:at], words[at + 1:]
    given = {name: in_full(word) for name, word in zip(words[::2], words[1::2])}
    step = json.loads(given["--step"])
    where = ", ".join([f"step {step['step']}"] + ([step["file"]] if "file" in step else []))
    try:
        if "--kubeflow" in given:
            world = Kubeflow(given["--kubeflow"], given.get("--run"))
        else:
            world = Arguments(given.get("--inputs") or "{}", given.get("--outputs") or "{}", given.get("--result"))
        start(step, world, would)
    except Refusal as refusal:
        sys.exit(f"mlp: {where}: {refusal}")
    except SystemExit as end:
        if not end.code:
            sys.exit(f"mlp: {where}: the function ended the process instead of returning")
        raise
    except Exception as error:
        traceback.print_exc()
        sys.exit(f"mlp: {where}: {' '.join(traceback.format_exception_only(type(error), error)[-1].split())}")


if __name__ == "__main__":
    main(sys.argv[1:])
