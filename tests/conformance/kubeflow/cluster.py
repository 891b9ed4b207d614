"""What `cluster/main.mlp` says, by the SDK and its extension for Kubernetes. Argument: the compiled pipeline of ours.

Both are read into the SDK's messages; what they say of the cluster, of amounts and of claims must be the same."""
import sys
import tempfile

import yaml
from google.protobuf import json_format
from kfp import compiler, dsl, kubernetes
from kfp.kubernetes import kubernetes_executor_config_pb2 as platform
from kfp.pipeline_spec import pipeline_spec_pb2 as spec

IMAGE = "python:3.11"


def program(name):
    return dsl.ContainerSpec(image=IMAGE, command=[name])


@dsl.container_component
def all():
    return program("all")


@dsl.container_component
def given_json():
    return program("json")


@dsl.container_component
def plain():
    return program("plain")


@dsl.container_component
def with_resources():
    return program("resources")


@dsl.container_component
def with_names():
    return program("names")


@dsl.container_component
def in_loop(number: int):
    return dsl.ContainerSpec(image=IMAGE, command=["loop", number])


def say_all(task):
    task.set_cpu_limit("4").set_cpu_request("500m").set_memory_limit("16Gi").set_memory_request("15G")
    task.set_accelerator_type("nvidia.com/gpu").set_accelerator_limit(2)
    kubernetes.add_node_selector(task, "pool", "gpu")
    kubernetes.add_node_selector(task, "cloud.google.com/gke-accelerator", "nvidia-tesla-p4")
    kubernetes.add_node_affinity(
        task,
        match_expressions=[
            {"key": "zone", "operator": "In", "values": ["a", "b"]},
            {"key": "spot", "operator": "DoesNotExist"},
        ],
        match_fields=[{"key": "metadata.name", "operator": "In", "values": ["n"]}],
    )
    kubernetes.add_node_affinity(task, match_expressions=[{"key": "ssd", "operator": "Exists"}], weight=50)
    kubernetes.add_toleration(task, "gpu", "Equal", "yes", "NoExecute", 10)
    kubernetes.add_toleration(task, operator="Exists")
    kubernetes.add_pod_label(task, "team", "x")
    kubernetes.add_pod_annotation(task, "note", "any text")
    kubernetes.set_image_pull_secrets(task, ["one", "two"])
    kubernetes.set_image_pull_policy(task, "IfNotPresent")
    kubernetes.set_security_context(task, 1000, 0, True)
    kubernetes.use_secret_as_volume(task, "s", "/s", optional=True)
    kubernetes.use_config_map_as_volume(task, "c", "/c")
    kubernetes.mount_pvc(task, "d", "/d")
    kubernetes.add_ephemeral_volume(task, "v", "/v", ["ReadWriteOnce"], "1Gi", "ssd", labels={"a": "b"})
    kubernetes.add_ephemeral_volume(task, "u", "/u", ["ReadWriteOnce"], "500M")
    kubernetes.empty_dir_mount(task, "w", "/w", "Memory", "512Mi")
    kubernetes.empty_dir_mount(task, "x", "/x")
    kubernetes.use_secret_as_env(task, "s", {"a": "S1", "b": "S2"})
    kubernetes.use_config_map_as_env(task, "c", {"a": "C1"}, optional=True)
    kubernetes.use_field_path_as_env(task, "POD", "metadata.name")
    kubernetes.set_timeout(task, 20)


CONFIG = dsl.PipelineConfig(
    workspace=dsl.WorkspaceConfig(
        size="1Gi",
        kubernetes=dsl.KubernetesWorkspaceConfig(
            pvcSpecPatch={"storageClassName": "standard", "accessModes": ["ReadWriteOnce"]}
        ),
    ),
    ttl_seconds_after_finished=7 * 86400,
    ttl_seconds_after_success=86400,
    ttl_seconds_after_failure=30 * 86400,
    active_deadline_seconds=7200,
)


@dsl.pipeline(pipeline_config=CONFIG)
def cluster(limit: str, kind: str, count: str, secret_name: str, selector: dict, wish: dict, near: dict):
    say_all(all())
    task = given_json()
    kubernetes.add_node_selector_json(task, {"pool": "gpu"})
    terms = {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": []}}
    kubernetes.add_node_affinity_json(task, terms)
    kubernetes.use_secret_as_env(plain(), "tokens", {"main": "TOKEN"}, optional=True)
    task = with_resources().set_cpu_limit(limit).set_cpu_request(limit).set_memory_limit(limit)
    task.set_memory_request(limit).set_accelerator_type(kind).set_accelerator_limit(count)
    made = kubernetes.CreatePVC(
        pvc_name_suffix="-data", access_modes=["ReadWriteOnce"], size="5Gi", storage_class_name="standard"
    )
    task = with_names()
    kubernetes.mount_pvc(task, made.outputs["name"], "/data", sub_path="a")
    kubernetes.use_secret_as_volume(task, secret_name, "/s")
    kubernetes.use_config_map_as_volume(task, secret_name, "/c")
    kubernetes.use_secret_as_env(task, secret_name, {"a": "A"})
    kubernetes.use_config_map_as_env(task, secret_name, {"b": "B"})
    kubernetes.add_node_selector_json(task, selector)
    kubernetes.add_toleration_json(task, wish)
    kubernetes.add_node_affinity_json(task, near)
    kubernetes.set_image_pull_secrets(task, [secret_name])
    with dsl.ParallelFor([1, 2]) as number:
        inner = in_loop(number=number).set_cpu_limit(limit)
        kubernetes.mount_pvc(inner, made.outputs["name"], "/data")
        kubernetes.use_secret_as_env(inner, secret_name, {"a": "A"})
    kubernetes.DeletePVC(pvc_name=made.outputs["name"]).after(task)


# The names of steps that the SDK brings along, as ours has them.
OURS = {"createpvc": "claimed", "deletepvc": "given-up"}


def renamed(value):
    if isinstance(value, dict):
        # What is false, and what stands for nothing, is the same as what is not there.
        return {key: renamed(one) for key, one in value.items() if one is not False}
    if isinstance(value, list):
        return [renamed(one) for one in value]
    if isinstance(value, str):
        for theirs, ours in OURS.items():
            value = value.replace(f"pipelinechannel--{theirs}-name", f"pipelinechannel--{ours}-name")
        return OURS.get(value, value) if value in ("createpvc", "deletepvc") else value
    return value


def meaning(path):
    with open(path, encoding="utf-8") as file:
        first, second = yaml.safe_load_all(file)
    pipeline = json_format.ParseDict(first, spec.PipelineSpec())
    document = json_format.ParseDict(second, spec.PlatformSpec())
    kubernetes_spec = document.platforms["kubernetes"]
    executors = {}
    for label, config in kubernetes_spec.deployment_spec.executors.items():
        config = json_format.ParseDict(json_format.MessageToDict(config), platform.KubernetesExecutorConfig())
        executors[label] = renamed(json_format.MessageToDict(config))
    amounts, given = {}, {}
    containers = json_format.MessageToDict(pipeline.deployment_spec)["executors"]
    for label, executor in containers.items():
        amounts[label.replace("createpvc", "claimed").replace("deletepvc", "given-up")] = executor["container"].get(
            "resources"
        )
    for name, component in [("root", pipeline.root), *pipeline.components.items()]:
        for key, task in component.dag.tasks.items():
            # The SDK also gives tasks the values that the second document names; only amounts read them.
            inputs = renamed(json_format.MessageToDict(task.inputs)).get("parameters", {})
            signs = str(amounts.get(f"exec-{key}"))
            kept = {n: v for n, v in inputs.items() if not n.startswith("pipelinechannel--") or f"'{n}'" in signs}
            if not key.startswith("for-loop"):
                given[OURS.get(key, key)] = kept
    waits = {OURS.get(k, k): sorted(OURS.get(d, d) for d in t.dependent_tasks) for k, t in pipeline.root.dag.tasks.items()}
    config = json_format.MessageToDict(kubernetes_spec.pipelineConfig)
    return {"executors": executors, "amounts": amounts, "inputs": given, "waits": waits, "run": config}


def main():
    with tempfile.NamedTemporaryFile(suffix=".yaml") as file:
        compiler.Compiler().compile(cluster, file.name)
        theirs = meaning(file.name)
    ours = meaning(sys.argv[1])
    for part in theirs:
        for key in sorted({*theirs[part], *ours[part]}):
            one, other = theirs[part].get(key), ours[part].get(key)
            assert one == other, f"{part}, {key}:\nthe SDK's: {one}\nours:      {other}"


main()
