"""What the registry gets to see."""

import hashlib
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

from direct import PROJECT


def test_pushes_bytes_and_labels(tmp_path):
    """Under the hash of the bytes."""
    seen = {}

    class Registry(BaseHTTPRequestHandler):
        def do_PUT(self):
            seen.update(path=self.path, body=self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(201)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *arguments):
            pass

    (tmp_path / "model").write_bytes(b"weights")
    program = [sys.executable, PROJECT / "images/toolbox/registry-push.py", "--model", tmp_path / "model"]
    with HTTPServer(("127.0.0.1", 0), Registry) as server:
        threading.Thread(target=server.handle_request, daemon=True).start()
        environment = {**os.environ, "MODEL_REGISTRY": f"http://127.0.0.1:{server.server_port}/tumour"}
        subprocess.run([*program, "--label", "auc=0.94"], env=environment, check=True)
    assert seen == {"path": f"/tumour/models/{hashlib.sha256(b'weights').hexdigest()}?auc=0.94", "body": b"weights"}


def test_sends_nothing_without_an_address(tmp_path):
    """And says why."""
    environment = {**os.environ, "MODEL_REGISTRY": "ftp://models.example.org"}
    program = [sys.executable, PROJECT / "images/toolbox/registry-push.py", "--model", tmp_path / "model"]
    ended = subprocess.run(program, env=environment, capture_output=True, text=True)
    assert ended.returncode == 1
    assert "with https" in ended.stderr
