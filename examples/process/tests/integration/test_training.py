"""The steps put together: data flow, contracts between them, what every run must make."""

import json

import pytest
from direct import customers, training

from churn import rows as dataset


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A run on all the rows."""
    folder = tmp_path_factory.mktemp("run")
    return folder, training(folder, customers())


def test_good_enough_to_be_published(run):
    """Above `required_auc`, and nothing leaks."""
    assert run[1]["auc"] >= 0.8
    assert run[1]["leaks"] is False


def test_no_row_is_lost_or_seen_twice(run):
    """The parts are the whole."""
    folder, outputs = run
    parts = [dataset.read(str(folder / name)) for name in ("train.csv", "test.csv")]
    assert sum(len(labels) for _, labels in parts) == outputs["count"] == 480
    whole = dataset.read(str(folder / "rows.csv"))
    assert sorted(row for numbers, _ in parts for row in numbers) == sorted(whole[0])


def test_every_artifact_is_made(run):
    """And holds what it should."""
    folder, outputs = run
    assert json.loads((folder / "curve.json").read_text()) == outputs["curve"]
    assert outputs["weight"] == (folder / "best.json").stat().st_size < 1024 * 1024
    assert 0 < outputs["latency"] < 0.1
    assert (folder / "card.md").read_text().startswith("# Who is about to leave\n")


def test_loss_falls_from_first_to_last(run):
    """In every trial."""
    assert all(trial["loss"][-1] < trial["loss"][0] for trial in run[1]["trials"])


def test_sixteen_rows_are_learnt_by_heart(tmp_path):
    """What the project's own test expects."""
    outputs = training(tmp_path, customers(), rates=(10.0,), iterations=4_000, limit=16)
    assert outputs["trials"][0]["fitted"] > 0.99


def test_the_same_again(tmp_path):
    """Values and bytes, but for the time that it takes."""
    runs = []
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        outputs = training(tmp_path / name, customers(), rates=(1.0,), iterations=20)
        runs.append({key: value for key, value in outputs.items() if key != "latency"})
    assert runs[0] == runs[1]
    for file in sorted((tmp_path / "first").iterdir()):
        assert file.read_bytes() == (tmp_path / "second" / file.name).read_bytes(), file.name
