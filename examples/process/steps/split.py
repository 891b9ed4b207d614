"""Sets rows aside that training never sees."""

import random

from churn import rows as dataset


def split(rows: str, test_fraction: float, seed: int, train: str, test: str) -> None:
    """Both parts hold both kinds in the proportion of the whole, and keep the order of the rows."""
    numbers, labels = dataset.read(rows)
    chosen = random.Random(seed)
    aside: set[int] = set()
    for kind in (False, True):
        members = [at for at, label in enumerate(labels) if label is kind]
        aside.update(chosen.sample(members, round(len(members) * test_fraction)))
    for path, held in ((train, False), (test, True)):
        part = [at for at in range(len(labels)) if (at in aside) is held]
        dataset.write([numbers[at] for at in part], [labels[at] for at in part], path)
        path.metadata["rows"] = len(part)
