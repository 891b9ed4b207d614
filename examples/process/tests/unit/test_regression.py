"""Training: it converges, gives no NaN, learns a few rows by heart, repeats itself."""

import itertools
import math

import pytest

from churn.regression import Model, fit, logistic

NUMBERS = [[60.0, 1.0, 0.0, 1.0], [48.0, 2.0, 1.0, 0.0], [3.0, 9.0, 0.0, 0.0], [5.0, 12.0, 0.0, 0.0]]
LABELS = [False, False, True, True]


def test_loss_falls():
    """At a rate that is small enough, in every iteration."""
    _, loss = fit(NUMBERS, LABELS, rate=0.5, iterations=100)
    assert loss[0] == pytest.approx(math.log(2))
    assert all(math.isfinite(one) for one in loss)
    assert all(after < before for before, after in itertools.pairwise(loss))


def test_learns_a_few_rows_by_heart():
    """To near certainty."""
    model, loss = fit(NUMBERS, LABELS, rate=5.0, iterations=2_000)
    assert [model.share(row) > 0.5 for row in NUMBERS] == LABELS
    assert loss[-1] < 0.01


def test_no_number_is_too_large():
    """Neither in the logistic function nor in the loss."""
    assert (logistic(-1e6), logistic(0), logistic(1e6)) == (0, 0.5, 1)
    model, loss = fit([[1e12], [-1e12]], [True, False], rate=10.0, iterations=500)
    assert all(math.isfinite(one) for one in (*loss, *model.weights))


def test_a_column_that_never_changes_is_no_harm():
    """It has no scale of its own."""
    model, _ = fit([[1.0, 7.0], [2.0, 7.0]], [False, True], rate=1.0, iterations=50)
    assert math.isfinite(model.share([1.5, 7.0]))


def test_comes_back_from_its_file(tmp_path):
    """Every weight to the last digit."""
    model, _ = fit(NUMBERS, LABELS, rate=1.0, iterations=10)
    model.save(str(tmp_path / "model.json"))
    assert Model.load(str(tmp_path / "model.json")) == model


def test_needs_both_kinds():
    """One kind alone teaches nothing."""
    with pytest.raises(ValueError, match="both kinds are needed"):
        fit(NUMBERS, [True] * 4, rate=1.0, iterations=1)
