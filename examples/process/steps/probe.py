"""Asks a model as the service will be asked."""

import time
from pathlib import Path

from churn import rows as dataset
from churn.regression import Model

QUESTIONS = 200


def probe(model: str, rows: str) -> dict:
    """The time within which 95 of 100 answers come, and the model's size. An answer that is no share is an error."""
    asked = Model.load(model)
    numbers, _ = dataset.read(rows)
    times = []
    for at in range(QUESTIONS):
        began = time.perf_counter()
        share = asked.share(numbers[at % len(numbers)])
        times.append(time.perf_counter() - began)
        if not 0 <= share <= 1:
            raise ValueError(f"{share} is no share")
    return {"latency": sorted(times)[-(-95 * QUESTIONS // 100) - 1], "weight": Path(model).stat().st_size}
