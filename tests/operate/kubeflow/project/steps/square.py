"""The one step of the project."""


def square(n: int) -> int:
    return n * n
