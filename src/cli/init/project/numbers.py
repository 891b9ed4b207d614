"""Steps that work on numbers: a step is a function, its inputs are the function's parameters."""


def average(numbers: list[float]) -> float:
    """The mean of some numbers; there is at least one."""
    return sum(numbers) / len(numbers)
