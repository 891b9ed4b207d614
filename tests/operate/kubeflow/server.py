"""A small Kubeflow Pipelines: it keeps pipelines, versions, recurring runs and runs, and does no work.

In: a port, the API's OpenAPI description, and a token. Out: an HTTP server, which a validating proxy stands before. It is stricter than the
real one: a query parameter that the description does not name is refused. `/control` tells what it holds, and takes troubles: what goes
wrong with which requests. It refuses to know what asks it.
"""

import email
import http.server
import json
import re
import sys
import threading
import time
import urllib.parse

PORT, DESCRIPTION, TOKEN = int(sys.argv[1]), json.load(open(sys.argv[2])), sys.argv[3]
ROOT = "/apis/v2beta1"
# A server may give fewer than were asked for: so every list has pages.
PAGE = 2


class Refused(Exception):
    def __init__(self, status, code, message):
        super().__init__(message)
        self.status, self.body = status, {"code": code, "message": message, "details": []}


class State:
    def __init__(self):
        self.lock = threading.RLock()
        self.number = 0
        self.pipelines, self.versions, self.experiments, self.recurring, self.runs = {}, {}, {}, {}, {}
        self.asked, self.troubles = [], []

    def new(self, table, key, item):
        self.number += 1
        made = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        item = {**item, key: f"{key[0]}-{self.number}", "created_at": made}
        table[item[key]] = item
        return item

    def told(self):
        return {"pipelines": list(self.pipelines.values()), "versions": list(self.versions.values()),
                "recurring": list(self.recurring.values()), "runs": list(self.runs.values()), "asked": self.asked}


STATE = State()


def missing(what):
    return Refused(404, 5, f"{what} not found")


def get(table, name):
    if name not in table:
        raise missing(name)
    return table[name]


def listed(items, key, query):
    """A page's token is the last that was told of: what is removed meanwhile moves no other out of sight."""
    after = int(query.get("page_token") or 0)
    numbered = [one for one in items if number(one) > after]
    size = min(PAGE, int(query.get("page_size") or PAGE))
    page = {key: numbered[:size], "total_size": len(items)}
    if len(numbered) > size:
        page["next_page_token"] = str(number(numbered[size - 1]))
    return page


def number(item):
    """Every id ends with one."""
    keys = ["pipeline_version_id", "recurring_run_id", "experiment_id"]
    return int(next(item[key] for key in keys if key in item).split("-")[1])


def shown(version):
    return {name: value for name, value in version.items() if name != "text"}


def make_pipeline(body, query):
    if any(one["name"] == body["name"] for one in STATE.pipelines.values()):
        raise Refused(409, 6, f"pipeline {body['name']} already exists")
    return STATE.new(STATE.pipelines, "pipeline_id", body)


def find_pipeline(name, query):
    for one in STATE.pipelines.values():
        if (one["name"], one["namespace"]) == (urllib.parse.unquote(name), query.get("namespace")):
            return one
    raise missing(name)


def upload(body, query):
    get(STATE.pipelines, query["pipelineid"])
    if "pipelineInfo" not in body:
        raise Refused(400, 3, "the file is no pipeline")
    if any((one["pipeline_id"], one["name"]) == (query["pipelineid"], query["name"]) for one in STATE.versions.values()):
        raise Refused(409, 6, f"version {query['name']} already exists")
    version = {"pipeline_id": query["pipelineid"], "name": query["name"], "display_name": query["name"], "text": body}
    return shown(STATE.new(STATE.versions, "pipeline_version_id", version))


def reference(body):
    named = body["pipeline_version_reference"]
    version = get(STATE.versions, named["pipeline_version_id"])
    if version["pipeline_id"] != named["pipeline_id"]:
        raise Refused(400, 3, "the version is another pipeline's")


def make_experiment(body, query):
    if any(one["display_name"] == body["display_name"] for one in STATE.experiments.values()):
        raise Refused(409, 6, f"experiment {body['display_name']} already exists")
    return STATE.new(STATE.experiments, "experiment_id", body)


def namespace(body):
    """A server with many namespaces knows it by the experiment alone."""
    if not body.get("experiment_id"):
        raise Refused(400, 3, "experiment id can not be empty in multi-user mode")
    return get(STATE.experiments, body["experiment_id"])["namespace"]


def make_recurring(body, query):
    reference(body)
    cron = body["trigger"]["cron_schedule"]["cron"]
    if len(cron.split()) != 6 or not 1 <= int(body["max_concurrency"]) <= 10 or not body["display_name"]:
        raise Refused(400, 3, f"invalid recurring run: {cron}")
    status = {"ENABLE": "ENABLED", "DISABLE": "DISABLED"}[body["mode"]]
    return STATE.new(STATE.recurring, "recurring_run_id", {**body, "status": status, "namespace": namespace(body)})


def remove_recurring(name, query):
    get(STATE.recurring, name)
    del STATE.recurring[name]
    return {}


def make_run(body, query):
    reference(body)
    namespace(body)
    return STATE.new(STATE.runs, "run_id", {**body, "state": "PENDING"})


def look_at_run(name, query):
    """How it ends is said by its parameter `n`: 1 well, 2 not, anything else never."""
    run = get(STATE.runs, name)
    end = {1: "SUCCEEDED", 2: "FAILED", 3: "CANCELED"}.get(run["runtime_config"]["parameters"].get("n"), "RUNNING")
    if end == "FAILED":
        run["error"] = {"code": 13, "message": "the step a ended with 1"}
    run["state"] = end if run["state"] == "RUNNING" or end != "SUCCEEDED" else "RUNNING"
    return run


ROUTES = [
    ("GET", r"/healthz", "/healthz", lambda query: {"multi_user": True}),
    ("POST", r"/pipelines", "/pipelines", make_pipeline),
    ("GET", r"/pipelines/names/([^/]+)", "/pipelines/names/{name}", find_pipeline),
    ("POST", r"/pipelines/upload_version", "/pipelines/upload_version", upload),
    ("GET", r"/pipelines/([^/]+)/versions", "/pipelines/{pipeline_id}/versions", lambda name, query: listed(
        [shown(one) for one in STATE.versions.values() if one["pipeline_id"] == name], "pipeline_versions", query)),
    ("GET", r"/pipelines/[^/]+/versions/([^/]+)", "/pipelines/{pipeline_id}/versions/{pipeline_version_id}",
     lambda name, query: shown(get(STATE.versions, name))),
    ("GET", r"/experiments", "/experiments", lambda query: listed(
        [one for one in STATE.experiments.values() if one["namespace"] == query.get("namespace")], "experiments", query)),
    ("POST", r"/experiments", "/experiments", make_experiment),
    ("GET", r"/recurringruns", "/recurringruns", lambda query: listed(
        [one for one in STATE.recurring.values() if one["namespace"] == query.get("namespace")], "recurringRuns", query)),
    ("POST", r"/recurringruns", "/recurringruns", make_recurring),
    ("DELETE", r"/recurringruns/([^/]+)", "/recurringruns/{recurring_run_id}", remove_recurring),
    ("POST", r"/runs", "/runs", make_run),
    ("GET", r"/runs/([^/]+)", "/runs/{run_id}", look_at_run),
]


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def read(self):
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        kind = self.headers.get("Content-Type", "")
        if not kind.startswith("multipart/form-data"):
            return json.loads(raw) if raw else None
        form = email.message_from_bytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + raw)
        files = [part for part in form.get_payload() if part.get_param("name", header="Content-Disposition") == "uploadfile"]
        if len(files) != 1:
            raise Refused(400, 3, "the form has no uploadfile")
        return files[0].get_payload(decode=True).decode()

    def do(self, path, query, body):
        if self.headers.get("Authorization") != f"Bearer {TOKEN}":
            raise Refused(401, 16, f"request not authenticated: {self.headers.get('Authorization')}")
        for method, pattern, described, act in ROUTES:
            found = re.fullmatch(ROOT + pattern, path)
            if not found or method != self.command:
                continue
            operation = DESCRIPTION["paths"][ROOT + described][method.lower()]
            known = {one["name"] for one in operation.get("parameters", []) if one["in"] == "query"}
            if not set(query) <= known:
                raise Refused(400, 3, f"unknown query parameters: {sorted(set(query) - known)}")
            return act(*found.groups(), *([body] if method == "POST" else []), query)
        raise missing(path)

    def trouble(self, path):
        for one in STATE.troubles:
            if re.fullmatch(one["on"], f"{self.command} {path}"):
                if one.get("skip", 0):
                    one["skip"] -= 1
                elif one.get("times", 1):
                    one["times"] = one.get("times", 1) - 1
                    return one
        return None

    def answer(self, status, body, kind="application/json"):
        raw = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def control(self, body):
        with STATE.lock:
            STATE.troubles = body.get("troubles", STATE.troubles) if body else STATE.troubles
            for name in (body or {}).get("stop", []):
                STATE.recurring[name]["status"] = "DISABLED"
            self.answer(200, STATE.told())

    def respond(self):
        address = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(address.query, keep_blank_values=True))
        try:
            body = self.read()
            if address.path == "/control":
                return self.control(body)
            with STATE.lock:
                STATE.asked.append(f"{self.command} {address.path}")
                trouble = self.trouble(address.path)
                # Somebody else is at work at this very moment.
                for other in (trouble or {}).get("meanwhile", []):
                    STATE.new(STATE.recurring, "recurring_run_id", other)
                is_done = trouble is None or trouble.get("done") or "status" not in trouble
                done = self.do(address.path, query, body) if is_done else None
            if trouble and "status" in trouble:
                time.sleep(trouble.get("delay", 0))
                return self.answer(trouble["status"], trouble.get("body", ""), trouble.get("kind", "application/json"))
            if trouble:
                time.sleep(trouble.get("delay", 0))
            self.answer(200, done)
        except Refused as refused:
            self.answer(refused.status, refused.body)
        except OSError:
            pass

    do_GET = do_POST = do_DELETE = respond


http.server.ThreadingHTTPServer(("127.0.0.1", PORT), Handler).serve_forever()
