"""Looks for what would make a model look better than it is."""

from churn import rows as dataset
from churn.encoding import NUMBERS
from churn.measures import area

TOO_GOOD = 0.995


def inspect_rows(rows: str) -> dict:
    """How many rows, how many of them leave, and whether a column gives the answer away by itself."""
    numbers, labels = dataset.read(rows)
    leaking = []
    if 0 < sum(labels) < len(labels):
        for name, column in zip(NUMBERS, zip(*numbers, strict=True), strict=True):
            alone = area(list(column), labels)
            if max(alone, 1 - alone) > TOO_GOOD:
                leaking.append(name)
    print(f"columns that give the answer away: {', '.join(leaking) or 'none'}")
    return {"count": len(labels), "leaving": sum(labels) / max(len(labels), 1), "leaks": bool(leaking)}
