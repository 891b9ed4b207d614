"""Judges a model by rows that training has never seen."""

import json
from pathlib import Path

import joblib
from sklearn.metrics import confusion_matrix, roc_auc_score, roc_curve

from steps import features

KINDS = ["benign", "malignant"]


def evaluate(model: str, rows: str, curve: str) -> float:
    """The area under the ROC curve; the curve itself and the confusion matrix at one half go to `curve`."""
    found = features.read(rows)
    label = found[features.LABEL].to_numpy()
    scores = joblib.load(model).predict_proba(found[features.NUMBERS])[:, 1]
    curve.metadata.update(confidenceMetrics=points(label, scores), confusionMatrix=matrix(label, scores >= 0.5))
    Path(curve).write_text(json.dumps(curve.metadata, indent=2) + "\n", encoding="utf-8")
    return float(roc_auc_score(label, scores))


def points(label, scores) -> list[dict]:
    """The curve as Kubeflow draws it. Its first threshold is above every score, infinite: 1 says the same."""
    false_positive, recall, thresholds = roc_curve(label, scores)
    return [
        {
            "confidenceThreshold": min(float(threshold), 1.0),
            "recall": float(hit),
            "falsePositiveRate": float(alarm),
        }
        for threshold, hit, alarm in zip(thresholds, recall, false_positive, strict=True)
    ]


def matrix(label, predicted) -> dict:
    """What was (a row each) against what was predicted (a column each), as Kubeflow draws it."""
    counts = confusion_matrix(label, predicted, labels=[False, True])
    return {
        "annotationSpecs": [{"displayName": kind} for kind in KINDS],
        "rows": [{"row": [int(count) for count in row]} for row in counts],
    }
