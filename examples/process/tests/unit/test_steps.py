"""Each step alone: what it refuses and what it leaves out."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from direct import Artifact, customers

from steps import tables
from steps.decline import decline
from steps.inspect_rows import inspect_rows
from steps.load import load
from steps.pick_best import pick_best
from steps.publish import publish
from steps.report_status import report_status


def test_personal_columns_come_empty():
    """Masked by the environment, whatever the file holds."""
    rows = tables.read(customers(rows=3), ["customer", "email", "income", "plan"])
    assert [(row["customer"], row["email"], row["income"]) for row in rows] == [(None, None, None)] * 3
    assert all(row["plan"] for row in rows)


def test_nobody_is_in_what_training_sees(tmp_path):
    """Not even where nothing is masked."""
    rows = Artifact(tmp_path / "rows.csv")
    load(source=customers(rows=50) | {"masked": []}, limit=20, rows=rows)
    text = (tmp_path / "rows.csv").read_text()
    assert text.startswith("months,calls,plus,pro,leaves\n")
    assert "@" not in text
    assert rows.metadata == {"rows": 20}


def test_a_missing_value_is_refused(tmp_path):
    """With its row."""
    (tmp_path / "bad.csv").write_text("customer,email,income,plan,months,calls,leaves\nC1,a@b,1.0,,3,4,true\n")
    with pytest.raises(ValueError, match="row 1 of Customer has no plan"):
        load(source=customers() | {"path": str(tmp_path / "bad.csv")}, limit=9, rows=Artifact(tmp_path / "rows.csv"))


def test_a_column_that_gives_the_answer_away_is_found(tmp_path, capsys):
    """Data leakage."""
    lines = [f"{12 + at},{9 if at % 2 else 0},0.0,0.0,{'true' if at % 2 else 'false'}" for at in range(20)]
    (tmp_path / "rows.csv").write_text("\n".join(["months,calls,plus,pro,leaves", *lines]) + "\n")
    assert inspect_rows(rows=str(tmp_path / "rows.csv")) == {"count": 20, "leaving": 0.5, "leaks": True}
    assert capsys.readouterr().out == "columns that give the answer away: calls\n"


def test_the_best_is_kept(tmp_path):
    """Of equals, the first."""
    models = [Artifact(tmp_path / name) for name in "abc"]
    for model in models:
        (tmp_path / model).write_text(model[-1])
    pick_best(models=models, scores=[0.7, 0.9, 0.9], best=Artifact(tmp_path / "best"))
    assert (tmp_path / "best").read_text() == "b"


def test_publishes_with_its_token(tmp_path, monkeypatch):
    """The token goes into the header, nowhere else."""
    seen = {}

    class Registry(BaseHTTPRequestHandler):
        def do_PUT(self):
            seen.update(path=self.path, token=self.headers["Authorization"])
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(201)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *arguments):
            pass

    (tmp_path / "model").write_text("{}")
    with HTTPServer(("127.0.0.1", 0), Registry) as server:
        threading.Thread(target=server.handle_request, daemon=True).start()
        monkeypatch.setenv("MODEL_REGISTRY", f"http://127.0.0.1:{server.server_port}/churn")
        monkeypatch.setenv("REGISTRY_TOKEN", "open sesame")
        publish(model=str(tmp_path / "model"), auc=0.9)
    assert seen["token"] == "Bearer open sesame"
    assert seen["path"].endswith("?auc=0.9")
    assert "sesame" not in seen["path"]


def test_what_is_said_is_one_line(capsys):
    """Of JSON."""
    decline(auc=0.7, wanted=0.8)
    report_status({"state": "FAILED", "error": "no rows", "pipeline": "training", "run": "r1"})
    first, second = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert first == {"event": "model_declined", "auc": 0.7, "wanted": 0.8}
    assert second["state"] == "FAILED"
