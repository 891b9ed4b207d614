"""The mathematics, against numbers that were worked out by hand."""

import pytest

from churn.measures import area, confusion, curve


def test_area_of_the_best_and_the_worst():
    """All above all, all below all, no difference."""
    labels = [False, False, True, True]
    assert area([0.1, 0.2, 0.8, 0.9], labels) == 1
    assert area([0.9, 0.8, 0.2, 0.1], labels) == 0
    assert area([0.5, 0.5, 0.5, 0.5], labels) == 0.5


def test_area_counts_pairs():
    """Three of four pairs are in order."""
    assert area([0.1, 0.6, 0.4, 0.8], [False, False, True, True]) == 0.75


def test_curve_goes_from_corner_to_corner():
    """Equal scores are one point."""
    assert curve([0.9, 0.5, 0.5], [True, True, False]) == [(1.0, 0, 0), (0.9, 0, 0.5), (0.5, 1, 1)]


def test_one_kind_has_no_curve():
    """There is nothing to tell apart."""
    with pytest.raises(ValueError, match="needs both kinds"):
        area([0.1, 0.2], [True, True])


def test_confusion():
    """A row for each truth."""
    assert confusion([True, False, True, False], [True, True, False, False]) == [[1, 1], [1, 1]]
