"""Runs DAGs to their end in the real Airflow, with a process in place of every pod where steps are pods.

    python run.py REQUESTS.json

REQUESTS.json is a list of {"file", "code", "artifacts", "conf"} and, where needed, "programs" (a folder that is searched
first), "pretend" (programs that are taken to have succeeded) and "environment" (variables of the steps). Without "artifacts" nothing of
Airflow is replaced: its worker has those variables, and is in the folder "code". What happened is
printed as the last line, a JSON list of {"state", "tasks": {task: [state, ...]}, "outputs"}. AIRFLOW_HOME names a folder whose database has been made.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import time

import airflow
from airflow.exceptions import AirflowTaskTimeout
from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator

if airflow.__version__.startswith("2."):
    from airflow.models.dagbag import DagBag
    from airflow.models.xcom import XCom

    def result(run, dag):
        return XCom.get_one(run_id=run, dag_id=dag, task_id="run-outputs", key="return_value")

else:
    from airflow.dag_processing.dagbag import DagBag
    from airflow.models.xcom import XComModel
    from airflow.utils.session import create_session

    def result(run, dag):
        with create_session() as session:
            found = XComModel.get_many(run_id=run, dag_ids=dag, task_ids="run-outputs", key="return_value")
            found = session.scalars(found.limit(1) if hasattr(found, "limit") else found).first()
            return XComModel.deserialize_value(found) if found is not None else None


MOUNT = "/mlp/artifacts"
RESULT = "/airflow/xcom/return.json"


def expand(word, env):
    """What Kubernetes makes of a word: `$(NAME)` is a variable of the container, `$$` a dollar."""

    def one(match):
        if match.group(0) == "$$":
            return "$"
        return env.get(match.group(1), match.group(0))

    return re.sub(r"\$\$|\$\(([^)]*)\)", one, word)


def in_process(world):
    # Airflow 2 hands on who called.
    def execute(self, context, **_):
        env = {one.name: expand(one.value, {}) for one in self.env_vars or []}
        with tempfile.TemporaryDirectory() as folder:
            result = os.path.join(folder, "return.json")
            words = [expand(word, env) for word in [*self.cmds, *(self.arguments or [])]]
            assert all(isinstance(word, str) for word in words), words
            words = [word.replace(MOUNT, world["artifacts"]).replace(RESULT, result) for word in words]
            if words[0] in world["pretend"]:
                return None
            path = os.pathsep.join([*world["programs"], world["code"], os.environ["PATH"]])
            given = {**os.environ, **(world.get("environment") or {}), **env, "MLP_CODE": world["code"], "PATH": path}
            done = subprocess.run(words, env=given, cwd=world["code"], capture_output=True, text=True)
            self.log.info("%s%s", done.stdout, done.stderr)
            if done.returncode:
                raise RuntimeError(f"{self.task_id} ended with {done.returncode}: {done.stderr[-2000:]}")
            if self.do_xcom_push:
                with open(result, encoding="utf-8") as file:
                    return json.load(file)

    return execute


def run(request):
    programs = [request["programs"]] if request.get("programs") else []
    world = {**request, "programs": programs, "pretend": request.get("pretend") or []}
    if "artifacts" in request:
        KubernetesPodOperator.execute = in_process(world)
    else:
        os.chdir(request["code"])
        os.environ.update(request.get("environment") or {})
    bag = DagBag(request["file"])
    assert not bag.import_errors, bag.import_errors
    (dag,) = bag.dags.values()
    began = time.time()
    for task in dag.tasks:
        task.retry_delay = task.retry_delay / 1000
    try:
        dag_run = dag.test(run_conf=request.get("conf") or {})
        state = str(dag_run.state)
    except AirflowTaskTimeout:
        # A trial run of Airflow 2 ends with the task whose time is over.
        from airflow.models.dagrun import DagRun

        (dag_run,) = DagRun.find(dag_id=dag.dag_id)
        state = "failed"
    tasks = {}
    outputs = None
    instances = sorted(dag_run.get_task_instances(), key=lambda one: (one.task_id, one.map_index))
    for instance in instances:
        tasks.setdefault(instance.task_id, []).append(str(instance.state))
    if "run-outputs" in tasks:
        outputs = result(dag_run.run_id, dag.dag_id)
    return {
        "state": state,
        "tasks": tasks,
        "outputs": outputs,
        "run": dag_run.run_id,
        "seconds": round(time.time() - began, 1),
    }


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        requests = json.load(file)
    print(json.dumps([run(request) for request in requests]))


if __name__ == "__main__":
    main()
