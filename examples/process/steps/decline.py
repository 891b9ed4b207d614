"""Says why a model stays where it is."""

import json


def decline(auc: float, wanted: float) -> None:
    """Prints one line that a log search finds."""
    print(json.dumps({"event": "model_declined", "auc": auc, "wanted": wanted}, sort_keys=True))
