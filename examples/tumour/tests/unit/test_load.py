"""What training gets to see."""

import pytest
from direct import Artifact, aspirates

from steps.load import load


def test_leaves_the_patient_out(tmp_path):
    """Only features and the label are written."""
    rows = Artifact(tmp_path / "rows.csv")
    load(source=aspirates(), limit=7, rows=rows)
    lines = (tmp_path / "rows.csv").read_text().splitlines()
    assert lines[0] == "mean_radius,mean_area,malignant"
    assert len(lines) == 8
    assert rows.metadata == {"rows": 7}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("P1,,2.5,true", "empty values of mean_radius"),
        ("P1,-1.0,2.5,true", "not above zero"),
    ],
)
def test_refuses_rows_that_break_the_schema(tmp_path, line, message):
    """Nothing is written of them."""
    (tmp_path / "bad.csv").write_text(f"patient,mean_radius,mean_area,malignant\n{line}\n")
    source = {**aspirates(), "path": str(tmp_path / "bad.csv")}
    with pytest.raises(ValueError, match=message):
        load(source=source, limit=10, rows=Artifact(tmp_path / "rows.csv"))
    assert not (tmp_path / "rows.csv").exists()


def test_says_the_same_bytes_again(tmp_path):
    """Numbers come out as they went in."""
    first, second = Artifact(tmp_path / "first.csv"), Artifact(tmp_path / "second.csv")
    load(source=aspirates(), limit=10_000, rows=first)
    load(source={**aspirates(), "path": str(tmp_path / "first.csv")}, limit=10_000, rows=second)
    assert (tmp_path / "first.csv").read_bytes() == (tmp_path / "second.csv").read_bytes()
