"""The table of stages: every row points at the line where the stage is said."""

import re

import pytest
from direct import PROJECT

ROW = re.compile(r"^\| (.+) \| \[(\S+):(\d+)\]\(\2#L\3\) \| `(.+)` \|$", re.MULTILINE)
ROWS = ROW.findall((PROJECT / "README.md").read_text(encoding="utf-8"))


@pytest.mark.parametrize(("stage", "file", "line", "says"), ROWS, ids=[row[0] for row in ROWS])
def test_stage_is_where_the_table_says(stage, file, line, says):
    """File, line and what stands there."""
    lines = (PROJECT / file).read_text(encoding="utf-8").splitlines()
    found = [at for at, text in enumerate(lines, 1) if says in text]
    assert int(line) in found, f"{stage}: {says} stands in {file} at {found}"


def test_every_file_of_the_language_is_in_the_table():
    """No stage is left out by forgetting its file."""
    named = {file for _, file, _, _ in ROWS}
    assert {file.name for file in PROJECT.glob("*.mlp")} <= named
    assert len(ROWS) > 60
