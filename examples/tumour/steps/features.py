"""`Dataset<Features>` as a file: comma-separated, one line an aspirate."""

import pandas

NUMBERS = ["mean_radius", "mean_area"]
LABEL = "malignant"
COLUMNS = [*NUMBERS, LABEL]


def read(path: str) -> pandas.DataFrame:
    """The rows that a step before this one wrote."""
    rows = pandas.read_csv(path, usecols=COLUMNS)
    return rows[COLUMNS]


def write(rows: pandas.DataFrame, path: str) -> None:
    """Rows for a step after this one: the same bytes for the same rows."""
    text = rows[COLUMNS].assign(**{LABEL: rows[LABEL].map({True: "true", False: "false"})})
    text.to_csv(path, index=False, lineterminator="\n")
