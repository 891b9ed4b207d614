#!/usr/bin/env python3
"""Puts a model into the registry, under the hash of its bytes: pushing it twice changes nothing.

MODEL_REGISTRY=https://models.example.org/tumour registry-push --model FILE [--label NAME=VALUE …]
"""

import argparse
import hashlib
import os
import sys
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path


def push(registry: str, model: bytes, labels: dict[str, str]) -> str:
    """Sends the model; gives the address that it has from now on."""
    name = hashlib.sha256(model).hexdigest()
    address = f"{registry.rstrip('/')}/models/{name}?{urllib.parse.urlencode(sorted(labels.items()))}"
    request = urllib.request.Request(address, model, {"Content-Type": "application/octet-stream"}, method="PUT")
    with urllib.request.urlopen(request, timeout=60):
        return f"{registry.rstrip('/')}/models/{name}"


def main() -> None:
    """Reads the arguments and pushes."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--model", required=True, type=Path)
    arguments.add_argument("--label", action="append", default=[], metavar="NAME=VALUE")
    given = arguments.parse_args()
    registry = os.environ.get("MODEL_REGISTRY", "")
    if not registry.startswith("https://") and not registry.startswith("http://127.0.0.1:"):
        sys.exit("MODEL_REGISTRY is the registry's address, with https")
    labels = dict(label.partition("=")[::2] for label in given.label)
    try:
        print(push(registry, given.model.read_bytes(), labels))
    except (OSError, urllib.error.URLError) as problem:
        sys.exit(f"{given.model} was not pushed to {registry}: {problem}")


if __name__ == "__main__":
    main()
