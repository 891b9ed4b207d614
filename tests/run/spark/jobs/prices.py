from lib.rates import RATE


def told(price):
    return price * RATE
