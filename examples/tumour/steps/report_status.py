"""Says how a run ended, in one line that a log search finds."""

import json


def report_status(status: dict) -> None:
    """Prints the status as JSON."""
    print(json.dumps({"event": "run_ended", **status}, sort_keys=True))
