"""Airflow's own place for a cluster's policies, `airflow_local_settings`: here, that pods are processes."""

import json
import os
import sys

sys.path.insert(0, os.environ["MLP_SCRIPTS"])
WORLD = json.loads(os.environ["MLP_WORLD"])


def task_policy(task):
    import run

    run.KubernetesPodOperator.execute = run.in_process(WORLD)
