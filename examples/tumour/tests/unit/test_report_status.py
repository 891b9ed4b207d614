"""What is said of a run's end."""

import json

import pytest

from steps.report_status import report_status


@pytest.mark.parametrize("state", ["SUCCEEDED", "FAILED", "CANCELLED"])
def test_prints_one_line_of_json(capsys, state):
    """Whatever the end was."""
    report_status({"state": state, "error": None, "pipeline": "training", "run": "r1"})
    said = json.loads(capsys.readouterr().out)
    assert said == {"event": "run_ended", "state": state, "error": None, "pipeline": "training", "run": "r1"}
