"""A straight line: found, and read."""

from statistics import linear_regression


def fit(temperatures: list[float], sold: list[int]) -> dict:
    """The line with the smallest squared distance to what was sold."""
    slope, intercept = linear_regression(temperatures, sold)
    return {"slope": slope, "intercept": intercept}


def forecast(slope: float, intercept: float, temperature: float) -> float:
    """What is sold at a temperature: nothing less than nothing."""
    return max(0.0, slope * temperature + intercept)
