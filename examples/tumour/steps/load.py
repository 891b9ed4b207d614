"""Takes what training may see out of a table of aspirates: measurements and diagnosis, no patient."""

from steps import features, tables


def load(source: dict, limit: int, rows: str) -> None:
    """Writes the features of at most `limit` aspirates."""
    found = tables.read(source, features.COLUMNS).head(limit)
    empty = [column for column in features.COLUMNS if found[column].isna().any()]
    if empty:
        raise ValueError(f"{source['schema']} has empty values of {', '.join(empty)}")
    found = found.astype(dict.fromkeys(features.NUMBERS, float) | {features.LABEL: bool})
    if not (found[features.NUMBERS] > 0).all(axis=None):
        raise ValueError(f"{source['schema']} has measurements that are not above zero")
    features.write(found, rows)
    rows.metadata["rows"] = len(found)
    print(f"{len(found)} aspirates, {int(found[features.LABEL].sum())} of them malignant")
