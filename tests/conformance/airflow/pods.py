"""Loads a DAG file in the real Airflow and says which pods it would start.

    python pods.py FILE

The last line is a JSON object: task -> {"spec", "labels", "annotations"}, as Kubernetes would be given them.
"""

import json
import sys
from unittest import mock

from airflow.dag_processing.dagbag import DagBag
from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
from kubernetes.client import ApiClient


def main(file):
    bag = DagBag(file)
    assert not bag.import_errors, bag.import_errors
    (dag,) = bag.dags.values()
    found = {}
    # No cluster is asked whether Airflow is inside it.
    with mock.patch.object(KubernetesPodOperator, "hook", mock.MagicMock(is_in_cluster=False)):
        for task in dag.tasks:
            pod = ApiClient().sanitize_for_serialization(task.build_pod_request_obj())
            labels, annotations = (pod["metadata"][part] for part in ("labels", "annotations"))
            found[task.task_id] = {"spec": pod["spec"], "labels": labels, "annotations": annotations}
    print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1])
