"""Logistic regression by gradient descent, small enough to read."""

import json
import math
from dataclasses import asdict, dataclass
from operator import mul
from pathlib import Path
from statistics import fmean, pstdev


@dataclass(frozen=True)
class Model:
    """What is known after training: how numbers are scaled, and what each weighs."""

    means: list[float]
    scales: list[float]
    weights: list[float]
    bias: float

    def share(self, row: list[float]) -> float:
        """How likely it is, between 0 and 1."""
        scaled = zip(self.weights, row, self.means, self.scales, strict=True)
        return logistic(self.bias + sum(weight * (value - mean) / scale for weight, value, mean, scale in scaled))

    def save(self, path: str) -> None:
        """As JSON, to the same bytes for the same model."""
        Path(path).write_text(json.dumps(asdict(self)) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: str) -> "Model":
        """What `save` wrote."""
        return cls(**json.loads(Path(path).read_text(encoding="utf-8")))


def logistic(value: float) -> float:
    """Between 0 and 1, without overflow."""
    if value >= 0:
        return 1 / (1 + math.exp(-value))
    return math.exp(value) / (1 + math.exp(value))


def loss_of(shares: list[float], labels: list[bool]) -> float:
    """The mean of what each wrong certainty costs."""
    tiny = 1e-12
    return fmean(
        -math.log(max(share if label else 1 - share, tiny)) for share, label in zip(shares, labels, strict=True)
    )


def fit(numbers: list[list[float]], labels: list[bool], rate: float, iterations: int) -> tuple[Model, list[float]]:
    """The model, and its loss before each iteration and after the last."""
    if len(set(labels)) < 2:
        raise ValueError(f"of {len(labels)} contracts {sum(labels)} leave: both kinds are needed")
    columns = list(zip(*numbers, strict=True))
    means = [fmean(column) for column in columns]
    scales = [pstdev(column) or 1.0 for column in columns]
    scaled = [
        [(value - mean) / scale for value, mean, scale in zip(row, means, scales, strict=True)] for row in numbers
    ]
    weights, bias, losses = [0.0] * len(columns), 0.0, []
    for _ in range(iterations):
        shares = _shares(scaled, weights, bias)
        losses.append(loss_of(shares, labels))
        errors = [share - label for share, label in zip(shares, labels, strict=True)]
        bias -= rate * fmean(errors)
        slopes = (sum(error * row[at] for error, row in zip(errors, scaled, strict=True)) for at in range(len(weights)))
        weights = [weight - rate * slope / len(errors) for weight, slope in zip(weights, slopes, strict=True)]
    losses.append(loss_of(_shares(scaled, weights, bias), labels))
    return Model(means, scales, weights, bias), losses


def _shares(scaled: list[list[float]], weights: list[float], bias: float) -> list[float]:
    return [logistic(bias + sum(map(mul, weights, row))) for row in scaled]
