"""Reads the words of `bq query` as `bq` 2.1 does, and writes the job that it would ask for.

Google hands `bq` out in no package registry. Its words are read by absl, which is the real one here: first up to the command, then again
with the flags of the command. The flags, and how a parameter is taken apart, are those of its `query`.
"""

import json
import os
import pathlib
import sys

from absl import flags


def of_everything(known):
    for name in ["project_id", "location", "dataset_id", "job_id", "api"]:
        flags.DEFINE_string(name, None, "", flag_values=known)
    formats = ["none", "json", "prettyjson", "csv", "sparse", "pretty"]
    flags.DEFINE_enum("format", None, formats, "", flag_values=known)
    for name in ["headless", "quiet", "synchronous_mode"]:
        flags.DEFINE_boolean(name, False, "", flag_values=known)


def of_query(known):
    for name in ["destination_table", "destination_schema", "time_partitioning_field", "range_partitioning"]:
        flags.DEFINE_string(name, "", "", flag_values=known)
    for name in ["replace", "append_table", "dry_run", "use_cache", "use_legacy_sql", "batch"]:
        flags.DEFINE_boolean(name, None, "", flag_values=known)
    for name, short in [("max_rows", "n"), ("start_row", "s")]:
        flags.DEFINE_integer(name, 0, "", short_name=short, flag_values=known)
    for name in ["parameter", "label", "udf_resource", "schema_update_option"]:
        flags.DEFINE_multi_string(name, None, "", flag_values=known)


def parameter(text):
    assert not os.path.isfile(text), "bq would read the file"
    name, ty, value = text.split(":", 2)
    return {"name": name, "type": ty or "STRING", "value": None if value == "NULL" else value}


known = flags.FlagValues()
of_everything(known)
# What is no flag ends the flags, in both turns.
known.set_gnu_getopt(False)
command, *words = known(sys.argv)[1:]
assert command == "query", command
of_query(known)
query, *more = known([command, *words])[1:]
assert not more, f"bq would put these to the query: {more}"
job = {name: known[name].value for name in known if known[name].present}
job["parameter"] = [parameter(text) for text in known["parameter"].value or []]
job["query"] = query
pathlib.Path(os.environ["ASKED"]).write_text(json.dumps(job), encoding="utf-8")
