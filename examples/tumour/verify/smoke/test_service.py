"""The served model answers, and answers what a clinic would expect of plain cases."""

BENIGN, MALIGNANT = (9.5, 280.0), (21.0, 1400.0)


def test_tells_plain_cases_apart(deployed):
    """Far below and far above the boundary."""
    benign, malignant = deployed.predict(BENIGN, MALIGNANT)
    assert benign < 0.5 < malignant


def test_answers_a_batch_in_its_order(deployed):
    """Each answer belongs to its question."""
    alone = [deployed.predict(one)[0] for one in (BENIGN, MALIGNANT)]
    assert deployed.predict(MALIGNANT, BENIGN) == alone[::-1]


def test_refuses_nonsense(deployed):
    """Without falling over."""
    status, _ = deployed.ask(deployed.PREDICT, {"instances": [["large", "very"]]})
    assert 400 <= status < 500
    assert deployed.predict(BENIGN)
