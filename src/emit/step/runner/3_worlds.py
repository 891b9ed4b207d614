

# Where values come from and go to: Kubeflow's executor input, or arguments.


class Kubeflow:
    """https://github.com/kubeflow/pipelines: ExecutorInput and ExecutorOutput."""

    def __init__(self, text, run):
        given = json.loads(text)
        self.run = run
        self.values = given.get("inputs", {}).get("parameterValues", {})
        self.artifacts = given.get("inputs", {}).get("artifacts", {})
        self.outputs = given.get("outputs", {})

    def value(self, name, kind):
        value = self.values.get(name)
        if kind["kind"] == "run_status" and value is not None:
            error = value.get("error") or {}
            state = {"ERROR": "FAILED", "CANCELED": "CANCELLED"}.get(value["state"].upper(), value["state"].upper())
            return {"state": state, "error": error.get("message") or None, "run": self.run}
        return value

    def artifact(self, name):
        found = self.artifacts.get(name)
        return None if found is None else [self.known(one) for one in found.get("artifacts", [])]

    def known(self, one):
        uri, metadata = one.get("uri", ""), one.get("metadata") or {}
        path = next((local + uri[len(remote):] for remote, local in REMOTE.items() if uri.startswith(remote)), uri)
        if uri.startswith("oci://"):
            path = "/oci/" + uri[len("oci://"):].replace("/", "_")
        if metadata.get("_kfp_workspace") is True:
            path = os.path.join("/kfp-workspace", ".artifacts", path.lstrip("/"))
        return Artifact(one.get("customPath") or one.get("custom_path") or path, uri, metadata)

    def output(self, name):
        one = self.outputs.get("artifacts", {}).get(name, {}).get("artifacts")
        return self.known(one[0]) if one else None

    def write(self, values, artifacts):
        found = {}
        for name, artifact in artifacts.items():
            one = dict(self.outputs["artifacts"][name]["artifacts"][0], metadata=artifact.metadata)
            found[name] = {"artifacts": [{key: one[key] for key in ("name", "uri", "metadata") if key in one}]}
        store(self.outputs["outputFile"], {"parameterValues": values, "artifacts": found})


class Arguments:
    """Inputs, outputs and the file for output values, as arguments of the runner."""

    def __init__(self, inputs, outputs, result):
        self.values, self.outputs, self.result = json.loads(inputs), json.loads(outputs), result

    def value(self, name, kind):
        return self.values.get(name)

    def artifact(self, name):
        found = self.values.get(name)
        return None if found is None else [self.known(one) for one in (found if isinstance(found, list) else [found])]

    def known(self, one):
        one = {"path": one} if isinstance(one, str) else one
        metadata, beside = one.get("metadata"), one["path"] + ".metadata.json"
        if metadata is None and os.path.isfile(beside):
            with open(beside, encoding="utf-8") as file:
                metadata = json.load(file)
        return Artifact(one["path"], one.get("uri"), metadata)

    def output(self, name):
        one = self.outputs.get(name)
        return None if one is None else Artifact(one) if isinstance(one, str) else Artifact(one["path"], one.get("uri"))

    def write(self, values, artifacts):
        for artifact in artifacts.values():
            if artifact.metadata:
                store(artifact.path + ".metadata.json", artifact.metadata)
        for name, value in values.items():
            if name in self.outputs:
                store(self.outputs[name], value)
        if self.result:
            store(self.result, values)


def store(path, value):
    os.makedirs(os.path.dirname(os.path.abspath(path)), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        json.dump(value, file, ensure_ascii=False, allow_nan=False)

def is_artifact(kind):
    return kind["kind"] == "artifact" or "of" in kind and is_artifact(kind["of"])


def deliver(step, world):
    """What stands under a name, as the function gets it."""

    def value(name, kind, where):
        if not is_artifact(kind):
            found = world.value(name, kind)
            if kind["kind"] == "run_status" and isinstance(found, dict):
                found = dict(found, pipeline=found.get("pipeline") or step.get("pipeline"))
            return decode(kind, found, where)
        found = world.artifact(name)
        if kind["kind"] == "optional":
            return value(name, kind["of"], where) if found else None
        if found is None:
            raise Refusal(f"{where} is missing")
        for one in found:
            if not os.path.exists(one):
                raise Refusal(f"{where} is not there: {one.path}")
        if kind["kind"] == "list":
            return found
        if not found:
            raise Refusal(f"{where} is missing")
        return found[0]

    return value
