"""Sets rows aside that training never sees."""

from sklearn.model_selection import train_test_split

from steps import features


def split(rows: str, test_fraction: float, seed: int, train: str, test: str) -> None:
    """Both parts hold malignant and benign in the proportion of the whole."""
    found = features.read(rows)
    parts = train_test_split(found, test_size=test_fraction, random_state=seed, stratify=found[features.LABEL])
    for part, path in zip(parts, (train, test), strict=True):
        features.write(part, path)
        path.metadata["rows"] = len(part)
