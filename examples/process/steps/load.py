"""Takes features out of billing's rows. Who the customers are is never read."""

from churn import rows as dataset
from churn.encoding import LABEL, NUMBERS, encode
from steps import tables

READ = ["plan", "months", "calls", LABEL]


def load(source: dict, limit: int, rows: str) -> None:
    """Writes the features of at most `limit` contracts."""
    found = tables.read(source, READ)[:limit]
    for at, row in enumerate(found, 1):
        empty = [column for column in READ if row[column] in (None, "")]
        if empty:
            raise ValueError(f"row {at} of {source['schema']} has no {', '.join(empty)}")
    encoded = [encode(row) for row in found]
    dataset.write([[row[name] for name in NUMBERS] for row in encoded], [row[LABEL] for row in encoded], rows)
    rows.metadata["rows"] = len(encoded)
