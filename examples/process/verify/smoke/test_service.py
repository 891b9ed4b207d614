"""The served model answers, and answers what a call centre would expect of plain cases."""

STAYS, LEAVES = (120.0, 0.0, 0.0, 1.0), (1.0, 15.0, 0.0, 0.0)


def test_tells_plain_cases_apart(deployed):
    """Far below and far above the boundary."""
    stays, leaves = deployed.predict(STAYS, LEAVES)
    assert stays < 0.5 < leaves


def test_answers_a_batch_in_its_order(deployed):
    """Each answer belongs to its question."""
    alone = [deployed.predict(one)[0] for one in (STAYS, LEAVES)]
    assert deployed.predict(LEAVES, STAYS) == alone[::-1]


def test_refuses_nonsense(deployed):
    """Without falling over."""
    status, _ = deployed.ask(deployed.PREDICT, {"instances": [["long", "many", 0, 0]]})
    assert 400 <= status < 500
    assert deployed.predict(STAYS)
