"""Airflow's own place for a cluster's policies, `airflow_local_settings`: here, that pods are processes."""

import json
import os
import sys

sys.path.insert(0, os.environ["MLP_SCRIPTS"])
WORLD = json.loads(os.environ["MLP_WORLD"])


def task_policy(task):
    if os.path.exists(os.path.join(os.environ["AIRFLOW_HOME"], "refuse")):
        from airflow.exceptions import AirflowClusterPolicyViolation

        raise AirflowClusterPolicyViolation(f"{task.task_id} has no owner")
    import run

    run.KubernetesPodOperator.execute = run.in_process(WORLD)
