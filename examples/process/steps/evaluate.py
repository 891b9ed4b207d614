"""Judges a model by rows that training has never seen, and writes down what it is."""

import json
from pathlib import Path

from churn import rows as dataset
from churn.encoding import NUMBERS
from churn.measures import area, confusion
from churn.measures import curve as curve_of
from churn.regression import Model

KINDS = ("stays", "leaves")


def evaluate(model: str, rows: str, curve: str, card: str) -> float:
    """The area under the ROC curve; the curve, the confusion matrix at one half and a model card go to files."""
    judged = Model.load(model)
    numbers, labels = dataset.read(rows)
    scores = [judged.share(row) for row in numbers]
    auc, counts = area(scores, labels), confusion([score >= 0.5 for score in scores], labels)
    curve.metadata.update(
        confidenceMetrics=[
            {"confidenceThreshold": threshold, "falsePositiveRate": alarms, "recall": hits}
            for threshold, alarms, hits in curve_of(scores, labels)
        ],
        confusionMatrix={
            "annotationSpecs": [{"displayName": kind} for kind in KINDS],
            "rows": [{"row": row} for row in counts],
        },
    )
    Path(curve).write_text(json.dumps(curve.metadata, indent=2) + "\n", encoding="utf-8")
    Path(card).write_text(described(judged, auc, counts), encoding="utf-8")
    return auc


def described(judged: Model, auc: float, counts: list[list[int]]) -> str:
    """The model card."""
    weights = [f"| {name} | {weight:+.3f} |" for name, weight in zip(NUMBERS, judged.weights, strict=True)]
    lines = [
        "# Who is about to leave",
        "",
        f"Judged by {sum(map(sum, counts))} contracts that it has never seen: AUC {auc:.4f}.",
        f"Of {sum(counts[1])} that leave it calls {counts[1][1]}; of {sum(counts[0])} that stay, {counts[0][1]}.",
        "",
        "| number, scaled | weight |",
        "|---|---|",
        *weights,
    ]
    return "\n".join(lines) + "\n"
