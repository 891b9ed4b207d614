"""Computes what `training` gives by calling the steps' functions one after the other, without any orchestrator.

    python tests/direct.py [--rows 40] [--penalties 0.01 0.1 1.0] [--seed 42] [--out FOLDER] …

Prints the outputs as JSON: whoever runs the pipeline must come to the same.
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
from steps.load import load  # noqa: E402
from steps.pick_best import pick_best  # noqa: E402
from steps.split import split  # noqa: E402
from steps.train import train  # noqa: E402

PENALTIES = (0.01, 0.1, 1.0)


class Artifact(str):
    """A path as a step gets it: with the artifact's address and what is known of it."""

    def __new__(cls, path):
        """An artifact at a path, of which nothing is known yet."""
        self = super().__new__(cls, path)
        self.uri, self.metadata = Path(path).absolute().as_uri(), {}
        return self


def aspirates(rows: int | None = None) -> dict:
    """The table as `local` binds it, whole or its first rows."""
    columns = {"patient": "string", "mean_radius": "float", "mean_area": "float", "malignant": "bool"}
    return {
        "kind": "csv",
        "path": str(PROJECT / "data/aspirates.csv"),
        "rows": rows,
        "masked": ["patient"],
        "schema": "Aspirate",
        "columns": [{"name": name, "type": kind} for name, kind in columns.items()],
    }


def training(folder, source, penalties=PENALTIES, test_fraction=0.25, seed=42, limit=10_000) -> dict:
    """What the pipeline does; the artifacts are written below `folder`."""

    def file(name: str) -> Artifact:
        return Artifact(str(Path(folder) / name))

    rows, train_part, test_part = file("rows.csv"), file("train.csv"), file("test.csv")
    load(source=source, limit=limit, rows=rows)
    split(rows=rows, test_fraction=test_fraction, seed=seed, train=train_part, test=test_part)
    models, trials = [], []
    for at, penalty in enumerate(penalties):
        models.append(file(f"model-{at}.joblib"))
        fit = train(rows=train_part, penalty=penalty, seed=seed, model=models[-1])
        trials.append({"penalty": penalty, **fit})
    best, curve = file("best.joblib"), file("curve.json")
    pick_best(models=models, scores=[trial["auc"] for trial in trials], best=best)
    auc = evaluate(model=best, rows=test_part, curve=curve)
    return {"auc": auc, "best": best.metadata, "curve": curve.metadata, "trials": trials}


def main() -> None:
    """Runs it and prints what came out; what the steps print goes to the standard error."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--rows", type=int, help="only the first rows of the table")
    arguments.add_argument("--limit", type=int, default=10_000)
    arguments.add_argument("--penalties", type=float, nargs="+", default=list(PENALTIES))
    arguments.add_argument("--test-fraction", type=float, default=0.25)
    arguments.add_argument("--seed", type=int, default=42)
    arguments.add_argument("--out", type=Path, help="where the artifacts are left")
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as scratch, contextlib.redirect_stdout(sys.stderr):
        folder = given.out or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        source = aspirates(given.rows)
        outputs = training(folder, source, given.penalties, given.test_fraction, given.seed, given.limit)
    print(json.dumps(outputs, indent=2))


if __name__ == "__main__":
    main()
