"""Reads the rows of a `Table<S>`, wherever an environment says that they are, with what it masks already gone."""

import csv
import itertools
import os
from pathlib import Path


def read(source: dict, columns: list[str]) -> list[dict]:
    """The columns of a table, as it holds them. A masked one comes empty."""
    readers = {"csv": _csv, "bigquery": _bigquery}
    if source["kind"] not in readers:
        raise ValueError(f"cannot read {source['kind']}: this step reads {', '.join(sorted(readers))}")
    declared = {column["name"] for column in source["columns"]}
    missing = [column for column in columns if column not in declared]
    if missing:
        raise ValueError(f"{source['schema']} has no column {', '.join(missing)}")
    masked = set(source.get("masked") or [])
    wanted = [column for column in columns if column not in masked]
    return [{column: row.get(column) for column in columns} for row in readers[source["kind"]](source, wanted)]


def _csv(source: dict, columns: list[str]) -> list[dict]:
    path = Path(os.environ.get("MLP_CODE") or Path.cwd()) / source["path"]
    with path.open(encoding="utf-8", newline="") as file:
        rows = itertools.islice(csv.DictReader(file), source.get("rows"))
        return [{column: row[column] for column in columns} for row in rows]


def _bigquery(source: dict, columns: list[str]) -> list[dict]:
    """Reads as whom the step runs. What is masked is not asked for, so it never leaves the database."""
    from google.cloud import bigquery

    names = ", ".join(f"`{column}`" for column in columns)
    # Every name here is the project's own: nobody else's text gets into the query.
    query = f"SELECT {names} FROM `{source['table']}` AS one"  # noqa: S608
    share = source.get("sample")
    parameters = []
    if share is not None and share < 1:
        query += " WHERE MOD(ABS(FARM_FINGERPRINT(TO_JSON_STRING(one))), 1000000) < @below"
        parameters.append(bigquery.ScalarQueryParameter("below", "INT64", round(share * 1_000_000)))
    settings = bigquery.QueryJobConfig(query_parameters=parameters)
    found = bigquery.Client(project=source["table"].split(".")[0]).query(query, job_config=settings).result()
    return [dict(row.items()) for row in found]
