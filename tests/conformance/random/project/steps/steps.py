"""Steps that write down what they were given. What each gives is said again, in Rust, by `random/meaning.rs`."""

import json
import os


def note(step, *given):
    with open(os.environ["TOLD"], "a", encoding="utf-8") as told:
        told.write(json.dumps([step, *given]) + "\n")


def content(file):
    with open(file, encoding="utf-8") as text:
        return text.read()


def succ(value: int) -> int:
    note("succ", value)
    return value + 1


def plus(value: int, more: int) -> int:
    note("plus", value, more)
    return value + more


def picky(value: int) -> int:
    note("picky", value)
    if value % 3 == 0:
        raise ValueError(f"{value} is a multiple of three")
    return value


def small(value: int) -> int:
    note("small", value)
    return value


def flaky(key: str, value: int) -> int:
    note("flaky", key, value)
    mark = f"{os.environ['TOLD']}-{key}-{value}"
    if not os.path.exists(mark):
        open(mark, "w").close()
        raise ValueError("the first time")
    return value


def big(value: int) -> bool:
    note("big", value)
    return value > 3


def flag(value: bool) -> str:
    note("flag", value)
    return "yes" if value else "no"


def echo(value: str) -> str:
    note("echo", value)
    return value


def maybe(value: str | None) -> str:
    note("maybe", value)
    return "nothing" if value is None else value


def odd(value: int) -> int | None:
    note("odd", value)
    return value if value % 2 else None


def perhaps(value: int) -> dict:
    note("perhaps", value)
    return {"number": None if value % 2 else value, "text": "odd" if value % 2 else None}


def upto(count: int) -> list:
    note("upto", count)
    return list(range(count % 3))


def spell(values: list) -> list:
    note("spell", values)
    return [f"<{value}>" for value in values]


def total(values: list) -> int:
    note("total", values)
    return sum(values)


def pair(n: int, s: str) -> dict:
    note("pair", n, s)
    return {"n": n, "s": s}


def unpair(pair: dict) -> tuple[int, str]:
    note("unpair", pair)
    return pair["n"], pair["s"]


def colour(n: int) -> str:
    note("colour", n)
    return ["red", "green", "blue"][n % 3]


def paint(colour: str) -> str:
    note("paint", colour)
    return f"painted {colour}"


def share(part: float) -> str:
    note("share", part)
    return "more" if part > 0.5 else "less"


def tally(n: int) -> dict:
    note("tally", n)
    return {"a": n, "b": 2}


def lookup(counts: dict) -> int:
    note("lookup", counts)
    return counts["a"]


def write(text: str, file) -> None:
    note("write", text)
    with open(file, "w", encoding="utf-8") as out:
        out.write(text)


def read(file) -> str:
    note("read", content(file))
    return content(file)


def join(files: list) -> str:
    note("join", [content(file) for file in files])
    return "+".join(content(file) for file in files)


def look(file) -> str:
    note("look", None if file is None else content(file))
    return "no file" if file is None else content(file)


def publish(value: int) -> int:
    note("publish", value)
    return value


def tell(status: dict, n: int) -> None:
    note("tell", status["state"], n)
    if n == 3:
        raise ValueError("three")


def rescue(status: dict, value: str | None) -> str:
    note("rescue", status["state"], value)
    return status["state"]
