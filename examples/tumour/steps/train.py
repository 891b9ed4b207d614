"""Fits a logistic regression, and says how good it is on rows that each fit has not seen."""

import warnings

import joblib
import pandas
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss, roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from steps import features

FOLDS = 5
MOST_ITERATIONS = 200


def train(rows: str, penalty: float, seed: int, model: str) -> dict:
    """Writes the model. `auc` is out of fold, `loss` is what the fit lowered, before it and after each iteration."""
    found = features.read(rows)
    numbers, label = found[features.NUMBERS], found[features.LABEL]
    auc = out_of_fold(numbers, label, penalty, seed)
    fitted, loss = fit(numbers, label, penalty)
    joblib.dump(fitted, model)
    model.metadata.update(framework="scikit-learn", penalty=penalty, out_of_fold_auc=auc)
    return {"auc": auc, "loss": loss}


def fit(numbers: pandas.DataFrame, label: pandas.Series, penalty: float) -> tuple[Pipeline, list[float]]:
    """The model and its loss after 0, 1, 2 … iterations of L-BFGS.

    scikit-learn does not tell the loss on the way, so the fit is done again for each length: it takes the same way.
    """
    scaler = StandardScaler().fit(numbers)
    scaled = scaler.transform(numbers)
    loss = [log_loss(label, [0.5] * len(label))]
    for iterations in range(1, MOST_ITERATIONS + 1):
        regression = LogisticRegression(C=1 / penalty, max_iter=iterations)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            regression.fit(scaled, label)
        if regression.n_iter_[0] < iterations:
            break
        held_back = penalty * float((regression.coef_**2).sum()) / (2 * len(label))
        loss.append(log_loss(label, regression.predict_proba(scaled)[:, 1]) + held_back)
    return Pipeline([("scale", scaler), ("regression", regression)]), loss


def out_of_fold(numbers: pandas.DataFrame, label: pandas.Series, penalty: float, seed: int) -> float:
    """The area under the ROC curve, each row judged by a model that has not seen it."""
    folds = min(FOLDS, int(label.sum()), int((~label).sum()))
    if folds < 2:
        raise ValueError(f"of {len(label)} rows {int(label.sum())} are malignant: both kinds are needed twice")
    candidate = Pipeline([("scale", StandardScaler()), ("regression", LogisticRegression(C=1 / penalty))])
    cut = StratifiedKFold(folds, shuffle=True, random_state=seed)
    scores = cross_val_predict(candidate, numbers, label, cv=cut, method="predict_proba")[:, 1]
    return float(roc_auc_score(label, scores))
