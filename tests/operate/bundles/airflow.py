"""As much of Airflow as a deployment asks: which version of a DAG it has read.

In: a port, and a command that prints a DAG file, whose name takes the place of FILE. Out: an HTTP server that reads the file anew with every
request, as a DAG processor does in a while. It refuses to know where the files lie.
"""

import http.server
import json
import re
import subprocess
import sys

PORT, COMMAND = int(sys.argv[1]), sys.argv[2:]


def dag(name):
    read = subprocess.run([word.replace("FILE", f"{name}.py") for word in COMMAND], capture_output=True)
    if read.returncode:
        return 404, {"detail": f"The Dag with ID: `{name}` was not found"}
    compile(read.stdout, name, "exec")
    tags = re.findall(rb'"(mlp-version:[^"]*)"', read.stdout)
    return 200, {"dag_id": name, "is_stale": False, "is_paused": False, "tags": [{"name": tag.decode()} for tag in tags]}


class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def answer(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = self.path.split("?")[0]
        if path == "/auth/token":
            status, body = 201, {"access_token": "given"}
        elif path == "/api/v2/importErrors":
            status, body = 200, {"import_errors": [], "total_entries": 0}
        else:
            status, body = dag(path.rsplit("/", 1)[1])
        raw = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    do_GET = do_POST = answer


http.server.ThreadingHTTPServer(("127.0.0.1", PORT), Handler).serve_forever()
