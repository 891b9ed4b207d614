def pair() -> dict:
    return {"n": 1, "s": "one"}


def counts() -> dict:
    return {"a": 1}


def score():
    return {"auc": 0.9}


def both() -> dict:
    return {"auc": 0.9, "loss": 0.1}
