"""From a contract to numbers."""

PLANS = ("basic", "plus", "pro")
NUMBERS = ("months", "calls", "plus", "pro")
LABEL = "leaves"


def one_hot(plan: str) -> tuple[float, ...]:
    """A plan as numbers: all zero for the first, so that none of them can be told from the others."""
    if plan not in PLANS:
        raise ValueError(f"there is no plan {plan!r}: the plans are {', '.join(PLANS)}")
    return tuple(float(plan == other) for other in PLANS[1:])


def truth(text: str) -> bool:
    """A yes or no as files write it."""
    known = {"true": True, "false": False}
    if text.lower() not in known:
        raise ValueError(f"{text!r} is neither true nor false")
    return known[text.lower()]


def encode(row: dict) -> dict:
    """Billing's row as features. A value below zero is none."""
    months, calls = float(row["months"]), float(row["calls"])
    if months < 0 or calls < 0:
        raise ValueError(f"{months} months and {calls} calls: neither can be below zero")
    leaves = row[LABEL] if isinstance(row[LABEL], bool) else truth(row[LABEL])
    return dict(zip(NUMBERS, (months, calls, *one_hot(row["plan"])), strict=True)) | {LABEL: leaves}
