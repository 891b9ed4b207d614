"""Steps so small that what went wrong is never they."""

import datetime
import json
import os


def echo(value: str) -> str:
    return value


def echo_map(value: dict) -> dict:
    return value


def echo_optional(value: str | None) -> str | None:
    return value


def square(value: int, file) -> int:
    with open(file, "w", encoding="utf-8") as out:
        out.write(str(value * value))
    return value * value


def count(files: list) -> int:
    return len([read(file) for file in files])


def add(a: int, b: int, file) -> int:
    assert int(read(file)) == a
    return a + b


def read(file) -> str:
    with open(file, encoding="utf-8") as text:
        return text.read()


def total(values: list) -> int:
    return sum(values)


def fail_of_one(value: int) -> int:
    if value == 1:
        raise ValueError("one")
    return value


def tell(status: dict, n: int) -> None:
    with open(os.environ["TOLD"], "a", encoding="utf-8") as told:
        told.write(json.dumps(status) + "\n")
    if n == 2:
        raise ValueError("two")


def known_of(run: str, name: str, task: str, of_run: str, due: str, begun: str, root: str) -> str:
    assert run and name and task and of_run and root.rstrip("/").endswith(run), (run, name, task, of_run, root)
    for moment in (due, begun):
        assert datetime.datetime.strptime(moment, "%Y-%m-%dT%H:%M:%SZ"), moment
    return "known"


def same(text: str, run: str) -> str:
    assert text == f"run {run}", (text, run)
    return "the same"
