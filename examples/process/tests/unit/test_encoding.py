"""Feature engineering: encodings and what they refuse."""

import pytest

from churn.encoding import encode, one_hot, truth


@pytest.mark.parametrize(("plan", "numbers"), [("basic", (0.0, 0.0)), ("plus", (1.0, 0.0)), ("pro", (0.0, 1.0))])
def test_each_plan_has_its_own_numbers(plan, numbers):
    """One column less than there are plans."""
    assert one_hot(plan) == numbers


def test_an_unknown_plan_is_refused():
    """It would otherwise look like the first one."""
    with pytest.raises(ValueError, match="no plan 'gold'"):
        one_hot("gold")


def test_encodes_a_row_of_billing():
    """Whatever else the row holds stays out."""
    row = {"customer": "C1", "plan": "pro", "months": "12", "calls": "3", "leaves": "true"}
    assert encode(row) == {"months": 12.0, "calls": 3.0, "plus": 0.0, "pro": 1.0, "leaves": True}


@pytest.mark.parametrize("bad", [{"months": "-1"}, {"calls": "-2"}, {"leaves": "perhaps"}, {"months": "many"}])
def test_refuses_what_is_out_of_range(bad):
    """Before it reaches training."""
    with pytest.raises(ValueError, match=r"below zero|neither true nor false|could not convert"):
        encode({"plan": "plus", "months": "12", "calls": "3", "leaves": "false"} | bad)


def test_truth_is_read_in_any_case():
    """As databases and spreadsheets write it."""
    assert [truth(text) for text in ("true", "True", "FALSE")] == [True, True, False]
