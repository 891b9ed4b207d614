"""The verifications, run as CI runs them, against a server on this machine that serves the real model."""

import json
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from direct import PROJECT, customers, training

from churn.regression import Model


class Served(BaseHTTPRequestHandler):
    """KServe's protocol and as much of Kubeflow's API as the verifications ask for."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        try:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["instances"]
            shares = [self.server.model.share([float(number) for number in row]) for row in asked]
            self.answer(200, {"predictions": shares})
        except (ValueError, KeyError, TypeError, RecursionError):
            self.answer(400, {"error": "this is no list of contracts"})

    def do_GET(self):
        path = self.path.removeprefix("/apis/v2beta1/").partition("?")[0]
        version = {"pipeline_id": "p1", "pipeline_version_id": "v1"}
        known = {
            "healthz": {"multi_user": False},
            "pipelines": {"pipelines": [{"pipeline_id": "p1", "display_name": "training"}]},
            "pipelines/p1/versions": {"pipeline_versions": [{"display_name": "abc123", **version}]},
            "runs": {"runs": [{"state": self.server.state, "pipeline_version_reference": version}]},
        }
        self.answer(200, known[path]) if path in known else self.answer(404, {})

    def answer(self, status, body):
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *arguments):
        pass


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """Serves a model that was trained for it."""
    folder = tmp_path_factory.mktemp("served")
    training(folder, customers(), rates=(1.0,))
    server = ThreadingHTTPServer(("127.0.0.1", 0), Served)
    server.model, server.state = Model.load(str(folder / "best.json")), "SUCCEEDED"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def verify(server, tmp_path):
    """Runs a verification; gives its exit status and what it measured."""

    def run(*words, endpoint=f"http://127.0.0.1:{server.server_port}", **more):
        outputs = tmp_path / "outputs.json"
        place = {"MLP_ENVIRONMENT": "test", "MLP_ENDPOINT": endpoint, "MLP_VERSION": "abc123"}
        environment = {**os.environ, **place, "MLP_OUTPUTS": str(outputs), **more}
        ended = subprocess.run([sys.executable, *words], cwd=PROJECT, env=environment, capture_output=True, text=True)
        return ended.returncode, json.loads(outputs.read_text()) if outputs.exists() else None

    return run


NOBODY = "http://127.0.0.1:9"


def test_benchmark(verify):
    """Fast enough and right."""
    status, measured = verify("verify/benchmark.py")
    assert status == 0
    assert 0 < measured["p95"] < 1
    assert measured["error_rate"] == 0


def test_benchmark_counts_what_is_not_answered(verify):
    """Nobody there is wrong every time."""
    status, measured = verify("verify/benchmark.py", endpoint=NOBODY)
    assert (status, measured["error_rate"]) == (0, 1)


def test_security(verify):
    """Nothing found on the real model, much where nobody answers."""
    assert verify("verify/security.py") == (0, {"findings": []})
    assert verify("verify/security.py", endpoint=NOBODY)[0] == 1


def test_smoke(verify):
    """Passes on the real model; without a place to look at it is an error."""
    assert verify("-m", "pytest", "verify/smoke") == (0, {"tests": 3, "failed": 0})
    assert verify("-m", "pytest", "verify/smoke", MLP_ENDPOINT="")[0] == 2


def test_end_to_end(verify, server):
    """A version that is not there and a failed run are seen."""
    assert verify("-m", "pytest", "verify/end_to_end") == (0, {"tests": 3, "failed": 0})
    assert verify("-m", "pytest", "verify/end_to_end", MLP_VERSION="def456")[1]["failed"] == 1
    server.state = "FAILED"
    assert verify("-m", "pytest", "verify/end_to_end")[1]["failed"] == 1
