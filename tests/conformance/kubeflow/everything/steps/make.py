"""Steps whose results are known."""

import datetime
import decimal
import os
import typing


def number(value: int) -> int:
    assert type(value) is int
    return value


def note(text: str, note) -> None:
    with open(note, "w", encoding="utf-8") as file:
        file.write(text)
    note.metadata["length"] = len(text)


def read(note) -> str:
    with open(note, encoding="utf-8") as file:
        text = file.read()
    assert note.metadata == {"length": len(text)}
    return text


def tell_of(note) -> None:
    print(f"TOLD OF {read(note)}")


def join(notes: list) -> str:
    texts = []
    for note in notes:
        with open(note, encoding="utf-8") as file:
            texts.append(file.read())
    return " + ".join(texts)


def total(values: list) -> int:
    assert all(type(value) is int for value in values), values
    return sum(values)


def points(count: int) -> list:
    return [{"x": at + 1, "y": at / 2, "label": f"p{at}"} for at in range(count)]


def describe(x: int, label: str, extra: typing.Optional[str], colour: str, wait: float, price, at: datetime.datetime) -> str:
    assert price == (decimal.Decimal("5.10"), "USD") and wait == 90.0
    assert at == datetime.datetime(2026, 8, 1, tzinfo=datetime.timezone.utc)
    return f"{x} {label} {extra} {colour}"


def facts(number: int) -> dict:
    return {"big": number > 10, "share": 0.25, "words": ["many", "é", '"']}


def fails() -> int:
    raise ValueError("on purpose")


def heavy(text: str) -> str:
    return f"{text} {os.environ['MODE']}"


def tell(status, name: str) -> None:
    print(f"TOLD {name} {status.state} {status.pipeline} {bool(status.run)}")


def state_of(status) -> str:
    return status.state
