"""The steps, one after the other, as the pipeline puts them together."""

import json
import math

import joblib
import pytest
from direct import aspirates, training

from steps import features


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A run on all the rows."""
    folder = tmp_path_factory.mktemp("whole")
    return folder, training(folder, aspirates())


def test_is_good_enough_to_be_registered(whole):
    """Above `required_auc`."""
    assert whole[1]["auc"] >= 0.9


def test_no_row_is_lost_or_seen_twice(whole):
    """The parts are the whole."""
    folder, _ = whole
    parts = [features.read(str(folder / name)) for name in ("train.csv", "test.csv")]
    assert [len(part) for part in parts] == [426, 143]
    everything = sorted(tuple(row) for part in parts for row in part.itertuples(index=False))
    assert everything == sorted(tuple(row) for row in features.read(str(folder / "rows.csv")).itertuples(index=False))


def test_best_is_the_best(whole):
    """The model that is kept is the trial with the highest score."""
    _, outputs = whole
    assert outputs["best"]["out_of_fold_auc"] == max(trial["auc"] for trial in outputs["trials"])


def test_curve_is_what_kubeflow_draws(whole):
    """From corner to corner, and every row of the test part counted once."""
    folder, outputs = whole
    assert json.loads((folder / "curve.json").read_text()) == outputs["curve"]
    points = outputs["curve"]["confidenceMetrics"]
    assert all(math.isfinite(value) for point in points for value in point.values())
    assert (points[0]["recall"], points[0]["falsePositiveRate"]) == (0, 0)
    assert (points[-1]["recall"], points[-1]["falsePositiveRate"]) == (1, 1)
    rows = outputs["curve"]["confusionMatrix"]["rows"]
    assert sum(sum(row["row"]) for row in rows) == 143


def test_a_handful_of_rows_is_enough_to_try_it(tmp_path):
    """What the project's own test expects of `local`."""
    outputs = training(tmp_path, aspirates(rows=40), penalties=(0.1, 1.0))
    assert outputs["auc"] > 0.8
    assert len(joblib.load(tmp_path / "best.joblib").feature_names_in_) == 2


def test_the_same_again(tmp_path):
    """Values and bytes."""
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    assert training(first, aspirates(rows=40)) == training(second, aspirates(rows=40))
    for file in sorted(first.iterdir()):
        assert file.read_bytes() == (second / file.name).read_bytes(), file.name
