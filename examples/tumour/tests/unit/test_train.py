"""What a fit must show: its loss falls, it is finite, it can learn a few rows by heart, it repeats itself."""

import itertools
import math

import joblib
import pandas
import pytest
from direct import Artifact, aspirates

from steps import features
from steps.load import load
from steps.train import fit, train


@pytest.fixture
def rows(tmp_path):
    """A handful of features."""
    path = Artifact(tmp_path / "rows.csv")
    load(source=aspirates(rows=40), limit=40, rows=path)
    return path


@pytest.mark.parametrize("penalty", [0.01, 0.1, 1.0, 100.0])
def test_loss_falls(rows, tmp_path, penalty):
    """Every iteration, and no number on the way is none."""
    loss = train(rows=rows, penalty=penalty, seed=42, model=Artifact(tmp_path / "model"))["loss"]
    assert all(math.isfinite(one) for one in loss)
    assert all(after < before for before, after in itertools.pairwise(loss))


def test_stronger_penalty_holds_back_more(rows, tmp_path):
    """The loss that is reached is higher."""
    reached = [
        train(rows=rows, penalty=penalty, seed=42, model=Artifact(tmp_path / "model"))["loss"][-1]
        for penalty in (0.01, 1.0, 100.0)
    ]
    assert reached == sorted(reached)


def test_learns_a_few_rows_by_heart():
    """With next to no penalty, four rows that can be told apart are told apart."""
    few = pandas.DataFrame({"mean_radius": [9.0, 11.0, 18.0, 21.0], "mean_area": [250.0, 380.0, 1000.0, 1400.0]})
    label = pandas.Series([False, False, True, True])
    model, loss = fit(few, label, 1e-6)
    assert model.predict(few).tolist() == label.tolist()
    assert loss[-1] < 0.01


def test_same_rows_same_model(rows, tmp_path):
    """To the byte."""
    first, second = Artifact(tmp_path / "first"), Artifact(tmp_path / "second")
    assert train(rows=rows, penalty=0.1, seed=7, model=first) == train(rows=rows, penalty=0.1, seed=7, model=second)
    assert (tmp_path / "first").read_bytes() == (tmp_path / "second").read_bytes()
    assert first.metadata == second.metadata


def test_model_takes_measurements_and_gives_a_share(rows, tmp_path):
    """What the service will ask of it."""
    path = Artifact(tmp_path / "model")
    train(rows=rows, penalty=0.1, seed=42, model=path)
    asked = pandas.DataFrame([[9.0, 250.0], [21.0, 1400.0]], columns=features.NUMBERS)
    benign, malignant = joblib.load(path).predict_proba(asked)[:, 1]
    assert 0 <= benign < malignant <= 1


def test_needs_both_kinds(tmp_path):
    """One kind alone teaches nothing."""
    (tmp_path / "rows.csv").write_text("mean_radius,mean_area,malignant\n1.0,2.0,true\n1.5,2.5,true\n")
    with pytest.raises(ValueError, match="both kinds are needed"):
        train(rows=str(tmp_path / "rows.csv"), penalty=0.1, seed=42, model=Artifact(tmp_path / "model"))
