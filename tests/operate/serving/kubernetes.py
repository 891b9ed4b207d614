"""As much of the Kubernetes API as serves one InferenceService to the real `kubectl`.

In: a port, and a file that is kept up to date with the service. Out: an HTTP server. Who said a field last owns it, as with server-side
apply: what its owner no longer says goes, and what another said stays. A service is ready a second after it was changed, unless its model
is `gs://acme/broken`. It refuses to know what asks it.
"""

import http.server
import json
import re
import sys
import threading
import time
import urllib.parse

PORT, FILE = int(sys.argv[1]), sys.argv[2]
GROUP = "/apis/serving.kserve.io/v1beta1"
KIND = {"name": "inferenceservices", "singularName": "inferenceservice", "namespaced": True, "kind": "InferenceService",
        "verbs": ["get", "list", "watch", "patch", "create", "delete"]}
VERSION = {"groupVersion": "serving.kserve.io/v1beta1", "version": "v1beta1"}
DISCOVERED = {
    "/api": {"kind": "APIVersions", "versions": ["v1"]},
    "/api/v1": {"kind": "APIResourceList", "groupVersion": "v1", "resources": []},
    "/apis": {"kind": "APIGroupList", "apiVersion": "v1", "groups": [
        {"name": "serving.kserve.io", "versions": [VERSION], "preferredVersion": VERSION}]},
    GROUP: {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": "serving.kserve.io/v1beta1", "resources": [KIND]},
}

lock = threading.Lock()
# By the service's namespace and name: each leaf's path, its value and who owns it.
services = {}
changed = {}
generation = {}


def leaves(value, path=()):
    if not isinstance(value, dict) or not value:
        yield path, value
        return
    for name, part in value.items():
        yield from leaves(part, (*path, name))


def built(key):
    document = {}
    for path, (value, _) in services[key].items():
        place = document
        for name in path[:-1]:
            place = place.setdefault(name, {})
        place[path[-1]] = value
    model = document["spec"]["predictor"]["model"]["storageUri"]
    is_ready = model != "gs://acme/broken" and time.time() > changed[key] + 1
    document["metadata"].update(resourceVersion=str(generation[key] * 2 + is_ready), uid="one", generation=generation[key])
    condition = {"type": "Ready", "status": "True" if is_ready else "False"}
    document["status"] = {"conditions": [condition], "observedGeneration": generation[key]}
    return document


def apply(key, document, manager, force):
    known, said = services.setdefault(key, {}), dict(leaves(document))
    strange = [path for path in said if path in known and known[path] != (said[path], manager) and known[path][1] != manager
               and known[path][0] != said[path]]
    if strange and not force:
        return 409, failure(409, "Conflict", f"conflict with {strange}")
    for path in [path for path, (_, owner) in known.items() if owner == manager and path not in said]:
        del known[path]
    known.update({path: (value, manager) for path, value in said.items()})
    return touched(key)


def merge(key, document):
    if key not in services:
        missing = failure(404, "NotFound", f'inferenceservices.serving.kserve.io "{key[1]}" not found')
        return 404, {**missing, "details": {"name": key[1], "group": "serving.kserve.io", "kind": "inferenceservices"}}
    for path, value in leaves(document):
        if value is None:
            services[key].pop(path, None)
        elif services[key].get(path, (None,))[0] != value:
            services[key][path] = (value, "patch")
    return touched(key)


def touched(key):
    changed[key], generation[key] = time.time(), generation.get(key, 0) + 1
    document = built(key)
    with open(FILE, "w") as file:
        json.dump(document, file)
    return 200, document


def failure(code, reason, message):
    return {"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code, "reason": reason, "message": message}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, body, kind="application/json"):
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def respond(self):
        address = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(address.query))
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        found = re.fullmatch(GROUP + r"/namespaces/([^/]+)/inferenceservices(?:/([^/]+))?", address.path)
        if address.path in DISCOVERED:
            return self.answer(200, DISCOVERED[address.path])
        if address.path == "/openapi/v2":
            # It describes nothing: the service is a custom resource.
            return self.answer(200, b"", "application/com.github.proto-openapi.spec.v2.v1.0+protobuf")
        if not found:
            return self.answer(404, failure(404, "NotFound", "the server could not find the requested resource"))
        name = found[2] or query.get("fieldSelector", "=").split("=")[1]
        key = (found[1], name)
        if query.get("watch"):
            return self.watch(key)
        with lock:
            self.answer(*self.done(key, found[2] is None, query, raw))

    def done(self, key, is_list, query, raw):
        if self.command == "PATCH":
            if self.headers["Content-Type"] == "application/apply-patch+yaml":
                return apply(key, json.loads(raw), query["fieldManager"], query.get("force") == "true")
            return merge(key, json.loads(raw))
        if is_list:
            items = [built(key)] if key in services else []
            return 200, {"kind": "InferenceServiceList", "apiVersion": "serving.kserve.io/v1beta1", "items": items,
                         "metadata": {"resourceVersion": "1"}}
        return (200, built(key)) if key in services else merge(key, {})

    def watch(self, key):
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Connection", "close")
        self.end_headers()
        try:
            while True:
                with lock:
                    event = {"type": "MODIFIED", "object": built(key)}
                self.wfile.write(json.dumps(event).encode() + b"\n")
                self.wfile.flush()
                time.sleep(0.3)
        except OSError:
            self.close_connection = True

    do_GET = do_PATCH = do_POST = respond


http.server.ThreadingHTTPServer(("127.0.0.1", PORT), Handler).serve_forever()
