"""Fits the model, and says how good it is on rows that each fit has not seen, and on those that it has."""

import random

from churn import rows as dataset
from churn.measures import area
from churn.regression import fit

FOLDS = 3


def train(rows: str, rate: float, iterations: int, seed: int, model: str) -> dict:
    """Writes the model. `auc` is out of fold, `fitted` on the rows themselves, `loss` falls from first to last."""
    numbers, labels = dataset.read(rows)
    auc = out_of_fold(numbers, labels, rate, iterations, seed)
    trained, loss = fit(numbers, labels, rate, iterations)
    trained.save(model)
    model.metadata.update(rate=rate, iterations=iterations, out_of_fold_auc=auc)
    return {"auc": auc, "fitted": area([trained.share(row) for row in numbers], labels), "loss": loss}


def out_of_fold(numbers: list[list[float]], labels: list[bool], rate: float, iterations: int, seed: int) -> float:
    """The area under the curve, each row judged by a model that has not seen it."""
    chosen = random.Random(seed)
    fold_of = [0] * len(labels)
    for kind in (False, True):
        members = [at for at, label in enumerate(labels) if label is kind]
        chosen.shuffle(members)
        for place, at in enumerate(members):
            fold_of[at] = place % FOLDS
    scores = [0.0] * len(labels)
    for fold in range(FOLDS):
        seen = [at for at, its in enumerate(fold_of) if its != fold]
        candidate, _ = fit([numbers[at] for at in seen], [labels[at] for at in seen], rate, iterations)
        for at, its in enumerate(fold_of):
            if its == fold:
                scores[at] = candidate.share(numbers[at])
    return area(scores, labels)
