"""Computes what `training` gives by calling the steps' functions one after the other, without any orchestrator.

    python tests/direct.py [--rates 0.3 1.0 3.0] [--iterations 120] [--limit 100000] [--out FOLDER]

Prints the outputs as JSON: whoever runs the pipeline must come to the same, but for the latency.
"""

import argparse
import contextlib
import json
import sys
import tempfile
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
if str(PROJECT) not in sys.path:
    sys.path.insert(0, str(PROJECT))

from steps.evaluate import evaluate  # noqa: E402
from steps.inspect_rows import inspect_rows  # noqa: E402
from steps.load import load  # noqa: E402
from steps.pick_best import pick_best  # noqa: E402
from steps.probe import probe  # noqa: E402
from steps.split import split  # noqa: E402
from steps.train import train  # noqa: E402

RATES = (0.3, 1.0, 3.0)


class Artifact(str):
    """A path as a step gets it: with the artifact's address and what is known of it."""

    def __new__(cls, path):
        """An artifact at a path, of which nothing is known yet."""
        self = super().__new__(cls, path)
        self.uri, self.metadata = Path(path).absolute().as_uri(), {}
        return self


def customers(rows: int | None = None) -> dict:
    """The table as `local` binds it."""
    kinds = {"customer": "string", "email": "string", "income": "float", "plan": "string"}
    kinds |= {"months": "int", "calls": "int", "leaves": "bool"}
    return {
        "kind": "csv",
        "path": str(PROJECT / "data/customers.csv"),
        "rows": rows,
        "masked": ["customer", "email", "income"],
        "schema": "Customer",
        "columns": [{"name": name, "type": kind} for name, kind in kinds.items()],
    }


def training(folder, source, rates=RATES, iterations=120, limit=100_000, test_fraction=0.25, seed=42) -> dict:
    """What the pipeline does; the artifacts are written below `folder`."""

    def file(name: str) -> Artifact:
        return Artifact(str(Path(folder) / name))

    rows, train_part, test_part = file("rows.csv"), file("train.csv"), file("test.csv")
    load(source=source, limit=limit, rows=rows)
    quality = inspect_rows(rows=rows)
    split(rows=rows, test_fraction=test_fraction, seed=seed, train=train_part, test=test_part)
    models, trials = [], []
    for at, rate in enumerate(rates):
        models.append(file(f"model-{at}.json"))
        fitted = train(rows=train_part, rate=rate, iterations=iterations, seed=seed, model=models[-1])
        trials.append({"rate": rate, **fitted})
    best, curve, card = file("best.json"), file("curve.json"), file("card.md")
    pick_best(models=models, scores=[trial["auc"] for trial in trials], best=best)
    auc = evaluate(model=best, rows=test_part, curve=curve, card=card)
    probed = probe(model=best, rows=test_part)
    return {"auc": auc, **quality, **probed, "best": best.metadata, "curve": curve.metadata, "trials": trials}


def main() -> None:
    """Runs it and prints what came out."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--rates", type=float, nargs="+", default=list(RATES))
    arguments.add_argument("--iterations", type=int, default=120)
    arguments.add_argument("--limit", type=int, default=100_000)
    arguments.add_argument("--out", type=Path, help="where the artifacts are left")
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as scratch, contextlib.redirect_stdout(sys.stderr):
        folder = given.out or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        outputs = training(folder, customers(), given.rates, given.iterations, given.limit)
    print(json.dumps(outputs, indent=2))


if __name__ == "__main__":
    main()
