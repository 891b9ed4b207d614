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


def in_short(value):
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 120 else text[:120] + "..."


def brief(value):
    text = repr(value)
    return text if len(text) <= 120 else text[:120] + "..."


def text_of(kind, value):
    """How a value reads inside a text: strings bare, everything else as JSON."""
    value = encode(kind, value, "a part of a text")
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))
