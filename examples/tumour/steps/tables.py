"""Reads the rows of a `Table<S>`, wherever an environment says that they are, with what it masks already gone."""

import os
from pathlib import Path

import pandas


def read(source: dict, columns: list[str]) -> pandas.DataFrame:
    """The columns of a table. A masked one comes as empty values, whatever the source holds."""
    readers = {"csv": _csv, "bigquery": _bigquery}
    if source["kind"] not in readers:
        raise ValueError(f"cannot read {source['kind']}: this step reads {', '.join(sorted(readers))}")
    declared = [column["name"] for column in source["columns"]]
    missing = [column for column in columns if column not in declared]
    if missing:
        raise ValueError(f"{source['schema']} has no column {', '.join(missing)}")
    masked = set(source.get("masked") or [])
    wanted = [column for column in columns if column not in masked]
    rows = readers[source["kind"]](source, wanted)
    return rows.reindex(columns=columns)


def _csv(source: dict, columns: list[str]) -> pandas.DataFrame:
    path = Path(os.environ.get("MLP_CODE") or Path.cwd()) / source["path"]
    return pandas.read_csv(path, usecols=columns, nrows=source.get("rows"))


def _bigquery(source: dict, columns: list[str]) -> pandas.DataFrame:
    """Reads with the identity that the step runs as. What is masked is not asked for, so it never leaves the database.

    A sample is chosen by the rows' contents: the same rows of the same table every time.
    """
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
    return pandas.DataFrame([dict(row.items()) for row in found], columns=columns)
