"""Writes the same rows in each way that people write Parquet, and rows that break their schema: a file a case, into a folder."""

import datetime
import decimal
import json
import pathlib
import sys

import numpy
import pandas
import polars
import pyarrow
import pyarrow.dataset
import pyarrow.parquet
import pyarrow.parquet.encryption

FOLDER = pathlib.Path(sys.argv[1])
ROWS = 3000
UTC = datetime.timezone.utc
FIRST = datetime.datetime(2026, 1, 31, 2, 0, 0, 123456, UTC)


def rows():
    return {
        "name": [f"row {row}" for row in range(ROWS)],
        "kind": ["large" if row % 3 else "small" for row in range(ROWS)],
        "score": [0.5 + row for row in range(ROWS)],
        "count": list(range(ROWS)),
        "good": [row % 2 == 0 for row in range(ROWS)],
        "at": [FIRST + datetime.timedelta(seconds=row) for row in range(ROWS)],
        "note": [None if row % 4 else "μ" for row in range(ROWS)],
        "sizes": [[float(size) for size in range(1, row % 4)] for row in range(ROWS)],
        "place": [None if row % 5 == 0 else {"x": row, "y": None if row % 2 else "north"} for row in range(ROWS)],
        "extra": [b"\x00"] * ROWS,
    }


SCHEMA = pyarrow.schema(
    {
        "name": pyarrow.string(),
        "kind": pyarrow.string(),
        "score": pyarrow.float64(),
        "count": pyarrow.int64(),
        "good": pyarrow.bool_(),
        "at": pyarrow.timestamp("us", "UTC"),
        "note": pyarrow.string(),
        "sizes": pyarrow.list_(pyarrow.float64()),
        "place": pyarrow.struct({"x": pyarrow.int32(), "y": pyarrow.string()}),
        "extra": pyarrow.binary(),
    }
)


def table(**columns):
    """The rows, with some columns in place of what they are."""
    whole = pyarrow.table(rows(), SCHEMA)
    for name, column in columns.items():
        whole = whole.set_column(whole.schema.get_field_index(name), name, column)
    return whole


def cast(**types):
    plain = table()
    return table(**{name: plain[name].cast(ty) for name, ty in types.items()})


def changed(name, row, value):
    column = table()[name].to_pylist()
    column[row] = value
    return table(**{name: pyarrow.array(column, SCHEMA.field(name).type)})


def write(case, whole, **options):
    pyarrow.parquet.write_table(whole, FOLDER / case, **options)


def frame(**columns):
    return pandas.DataFrame({**rows(), **columns})


def by_pandas():
    frame().to_parquet(FOLDER / "pandas")
    frame(
        kind=pandas.Categorical(rows()["kind"]),
        count=pandas.array(rows()["count"], dtype="Int64"),
        note=numpy.full(ROWS, numpy.nan),
    ).to_parquet(FOLDER / "pandas-dtypes")
    frame(count=[float(count) for count in range(ROWS)]).to_parquet(FOLDER / "pandas-floats")
    frame()[:0].to_parquet(FOLDER / "pandas-no-rows")
    frame(at=pandas.Series(rows()["at"]).dt.tz_localize(None)).to_parquet(FOLDER / "pandas-no-zone")
    frame(good=[None if row == 7 else True for row in range(ROWS)]).to_parquet(FOLDER / "pandas-gap")


def by_polars():
    whole = polars.DataFrame(rows(), schema_overrides={"extra": polars.Binary})
    whole.write_parquet(FOLDER / "polars")
    whole.with_columns(polars.col("kind").cast(polars.Enum(["small", "large"]))).write_parquet(
        FOLDER / "polars-enum", compression="lz4", row_group_size=500
    )
    whole.with_columns(polars.lit(float("nan")).alias("score")).write_parquet(FOLDER / "polars-nan")


def by_codec():
    for codec in ["none", "snappy", "gzip", "zstd", "lz4", "brotli"]:
        write(f"codec-{codec}", table(), compression=codec)


def by_layout():
    write("groups", table(), row_group_size=7)
    write("pages", table(), data_page_size=64, data_page_version="2.0", write_page_checksum=True)
    write("version-1", table(), version="1.0")
    write("old-lists", table(), use_compliant_nested_type=False)
    write("plain", table(), use_dictionary=False)
    encodings = {
        "name": "DELTA_BYTE_ARRAY",
        "kind": "DELTA_LENGTH_BYTE_ARRAY",
        "score": "BYTE_STREAM_SPLIT",
        "count": "DELTA_BINARY_PACKED",
        "good": "RLE",
    }
    write("encodings", table(), use_dictionary=False, column_encoding=encodings)
    write("no-rows", table()[:0])
    for name, by in [("parts", None), ("parts-by-kind", ["kind"])]:
        pyarrow.dataset.write_dataset(table(), FOLDER / name, format="parquet", partitioning=by, partitioning_flavor=by and "hive")
    for folder in ["parts-broken", "parts-none"]:
        (FOLDER / folder).mkdir()
        (FOLDER / folder / "_SUCCESS").touch()
    write("parts-broken/part-0.parquet", table())
    write("parts-broken/part-1.parquet", changed("score", 5, -1.0))


def by_type():
    for unit in ["ms", "us", "ns"]:
        stamps = table()["at"].cast(pyarrow.timestamp(unit, "Europe/Madrid"), safe=False)
        write(f"moments-{unit}", table(at=stamps))
    write("moments-int96", table(), use_deprecated_int96_timestamps=True)
    write("moments-text", table(at=pyarrow.array([moment.isoformat() for moment in rows()["at"]])))
    write("float-16", table(score=pyarrow.array(numpy.full(ROWS, 0.5, numpy.float16))))
    write("float-32", cast(score=pyarrow.float32()))
    write("decimals", cast(score=pyarrow.decimal128(38, 6), count=pyarrow.decimal128(20, 0)))
    write("decimals-int", cast(score=pyarrow.decimal128(9, 2)), store_decimal_as_integer=True)
    write("decimals-256", cast(score=pyarrow.decimal256(60, 2)))
    write("small-ints", cast(count=pyarrow.int16()))
    write("unsigned", cast(count=pyarrow.uint64()))
    write("large-texts", cast(name=pyarrow.large_string(), note=pyarrow.string_view()))
    write("dictionary", table(kind=table()["kind"].dictionary_encode()))
    write("nulls", table(note=pyarrow.nulls(ROWS)))
    places = pyarrow.array([json.dumps(place) for place in rows()["place"]])
    write("json", table(place=pyarrow.ExtensionArray.from_storage(pyarrow.json_(), places)))


def by_fault():
    write("score-breaks", changed("score", 2000, -1.0), row_group_size=1500)
    write("score-nan", changed("score", 5, float("nan")))
    write("kind-unknown", changed("kind", 5, "medium"))
    write("count-null", changed("count", 5, None))
    write("count-large", changed("count", 5, 2**53))
    counts = [decimal.Decimal("1.5" if row == 5 else "1.0") for row in range(ROWS)]
    write("count-decimal", table(count=pyarrow.array(counts)))
    write("sizes-inside", changed("sizes", 5, [1.0, -1.0]))
    write("place-inside", changed("place", 6, {"x": None, "y": "north"}))
    write("score-text", cast(score=pyarrow.string()))
    write("name-bytes", cast(name=pyarrow.binary()))
    write("at-dates", cast(at=pyarrow.date32()))
    write("sizes-texts", cast(sizes=pyarrow.list_(pyarrow.string())))
    write("without-good", table().drop_columns(["good"]))
    twice = table()
    write("good-twice", twice.append_column("good", twice["good"]))
    whole = (FOLDER / "plain").read_bytes()
    (FOLDER / "cut").write_bytes(whole[: len(whole) // 2])
    (FOLDER / "no-parquet").write_bytes(b"PAR1" + bytes(100) + b"PAR1")
    pages = bytearray((FOLDER / "pages").read_bytes())
    pages[200] ^= 1
    (FOLDER / "damaged").write_bytes(pages)


class Keys(pyarrow.parquet.encryption.KmsClient):
    """Keys that are not kept from anyone."""

    def __init__(self, _):
        super().__init__()

    def wrap_key(self, key, _):
        return key.hex()

    def unwrap_key(self, key, _):
        return bytes.fromhex(key)


def by_key():
    factory = pyarrow.parquet.encryption.CryptoFactory(Keys)
    connection = pyarrow.parquet.encryption.KmsConnectionConfig()
    for case, plaintext_footer in [("encrypted", False), ("encrypted-columns", True)]:
        configuration = pyarrow.parquet.encryption.EncryptionConfiguration(
            footer_key="key", column_keys={"key": ["score"]}, plaintext_footer=plaintext_footer
        )
        properties = factory.file_encryption_properties(connection, configuration)
        write(case, table(), encryption_properties=properties)


by_pandas()
by_polars()
by_codec()
by_layout()
by_type()
by_fault()
by_key()
