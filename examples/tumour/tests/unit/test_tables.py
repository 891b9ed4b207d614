"""Where rows come from, and that what is masked does not come along."""

import sys
import types

import pytest
from direct import aspirates

from steps import tables


def test_reads_csv_below_the_code_folder(tmp_path, monkeypatch):
    """A relative path is the project's."""
    (tmp_path / "rows.csv").write_text("patient,mean_radius,mean_area,malignant\nP1,1.5,2.5,true\n")
    monkeypatch.setenv("MLP_CODE", str(tmp_path))
    rows = tables.read({**aspirates(), "path": "rows.csv"}, ["mean_radius", "malignant"])
    assert rows.to_dict("records") == [{"mean_radius": 1.5, "malignant": True}]


def test_masked_columns_are_empty():
    """Their names stay, their values do not."""
    rows = tables.read(aspirates(rows=3), ["patient", "mean_area"])
    assert rows["patient"].isna().all()
    assert rows["mean_area"].notna().all()


def test_takes_as_many_rows_as_the_environment_says():
    """All of them where it says nothing."""
    assert len(tables.read(aspirates(rows=40), ["mean_area"])) == 40
    assert len(tables.read(aspirates(), ["mean_area"])) == 569


def test_refuses_what_it_cannot_read():
    """A source of another kind, a column that the schema lacks."""
    with pytest.raises(ValueError, match="cannot read floppy"):
        tables.read({**aspirates(), "kind": "floppy"}, ["mean_area"])
    with pytest.raises(ValueError, match="Aspirate has no column weight"):
        tables.read(aspirates(), ["weight"])


def test_bigquery_is_not_asked_for_what_is_masked(monkeypatch):
    """The sample is taken there too."""
    asked = {}

    class Client:
        def __init__(self, project):
            asked["project"] = project

        def query(self, text, job_config):
            asked.update(text=text, below=job_config[0])
            return types.SimpleNamespace(result=lambda: [{"mean_area": 2.5}])

    bigquery = types.SimpleNamespace(
        Client=Client,
        QueryJobConfig=lambda query_parameters: query_parameters,
        ScalarQueryParameter=lambda name, kind, value: value,
    )
    monkeypatch.setitem(sys.modules, "google", types.ModuleType("google"))
    monkeypatch.setitem(sys.modules, "google.cloud", types.SimpleNamespace(bigquery=bigquery))
    source = {**aspirates(), "kind": "bigquery", "table": "acme-test.clinic.aspirates", "sample": 0.05}
    rows = tables.read(source, ["patient", "mean_area"])
    assert asked["project"] == "acme-test"
    assert asked["text"].startswith("SELECT `mean_area` FROM `acme-test.clinic.aspirates` AS one WHERE ")
    assert asked["below"] == 50_000
    assert rows["patient"].isna().all()
    assert rows["mean_area"].tolist() == [2.5]
