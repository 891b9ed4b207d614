import time


def square(n: int) -> dict:
    if n == 13:
        raise ValueError("no luck")
    time.sleep(600 if n == 14 else 0)
    return {"n2": n * n, "text": "é \"{{ ds }}\" $(x)"}
