from lib.rates import RATE


def score(row):
    return row * row * RATE
