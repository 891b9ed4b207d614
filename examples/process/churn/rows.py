"""`Dataset<Features>` as a file: comma-separated, one line a contract."""

import csv
from pathlib import Path

from churn.encoding import LABEL, NUMBERS, truth

COLUMNS = (*NUMBERS, LABEL)


def read(path: str) -> tuple[list[list[float]], list[bool]]:
    """Numbers and labels, in the order of the file."""
    with Path(path).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [[float(row[name]) for name in NUMBERS] for row in rows], [truth(row[LABEL]) for row in rows]


def write(numbers: list[list[float]], labels: list[bool], path: str) -> None:
    """The same bytes for the same rows."""
    with Path(path).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows([*map(repr, row), str(label).lower()] for row, label in zip(numbers, labels, strict=True))
