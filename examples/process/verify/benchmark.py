"""How fast and how right the served model is: `p95` in seconds, `error_rate` as a share of one.

An answer is an error when there is none, when it is no share, or when it calls a plain case the other way round.
"""

import time

import place

WARM_UP = 10
REQUESTS = 200
STAYS, LEAVES = (120.0, 0.0, 0.0, 1.0), (1.0, 15.0, 0.0, 0.0)


def measure() -> tuple[float, bool]:
    """Asks once: the seconds that it took and whether the answer was right."""
    began = time.perf_counter()
    try:
        stays, leaves = place.predict(STAYS, LEAVES)
        right = stays < 0.5 < leaves
    except (OSError, ValueError, KeyError, TypeError):
        right = False
    return time.perf_counter() - began, right


def main() -> None:
    """Measures and writes."""
    for _ in range(WARM_UP):
        measure()
    measured = [measure() for _ in range(REQUESTS)]
    times = sorted(seconds for seconds, _ in measured)
    wrong = sum(not right for _, right in measured)
    place.write({"p95": times[-(-95 * REQUESTS // 100) - 1], "error_rate": wrong / REQUESTS})


if __name__ == "__main__":
    main()
