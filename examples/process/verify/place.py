"""The deployed environment that a verification looks at, as CI names it."""

import json
import os
import urllib.error
import urllib.request
from pathlib import Path

ENVIRONMENT = os.environ.get("MLP_ENVIRONMENT", "")
ENDPOINT = os.environ.get("MLP_ENDPOINT", "").rstrip("/")
VERSION = os.environ.get("MLP_VERSION", "")
OUTPUTS = os.environ.get("MLP_OUTPUTS", "")
TIMEOUT = 10.0
PREDICT = "/v1/models/retention:predict"


def ask(path: str, body: object = None) -> tuple[int, bytes]:
    """The status and text of an answer; whatever status it has. An `OSError` where nobody answers."""
    text = None if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
    request = urllib.request.Request(ENDPOINT + path, text, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as refusal:
        with refusal:
            return refusal.code, refusal.read()


def predict(*contracts: tuple[float, ...]) -> list[float]:
    """How likely each contract is to end, as the served model says. A `ValueError` for anything else."""
    status, text = ask(PREDICT, {"instances": [list(one) for one in contracts]})
    if status != 200:
        raise ValueError(f"status {status}")
    shares = json.loads(text)["predictions"]
    if len(shares) != len(contracts) or not all(0 <= share <= 1 for share in shares):
        raise ValueError(f"predicted {shares}")
    return shares


def write(outputs: dict) -> None:
    """What was measured, for the gates."""
    text = json.dumps(outputs, allow_nan=False) + "\n"
    if OUTPUTS:
        Path(OUTPUTS).write_text(text, encoding="utf-8")
    print(f"{ENVIRONMENT} {VERSION}: {text}", end="")
