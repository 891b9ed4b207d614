"""Loads DAG files in the real Airflow and says what it found.

    python read.py FILE...

The last line is a JSON object: file -> {"dag", "tasks": {task: [downstream tasks]}, "pods": {task: [fields]}}.
"""

import json
import sys

import airflow

if airflow.__version__.startswith("2."):
    from airflow.models.dagbag import DagBag
else:
    from airflow.dag_processing.dagbag import DagBag


def main(files):
    found = {}
    for file in files:
        bag = DagBag(file)
        assert not bag.import_errors, bag.import_errors
        (dag,) = bag.dags.values()
        found[file] = {
            "dag": dag.dag_id,
            "tasks": {task.task_id: sorted(task.downstream_task_ids) for task in dag.tasks},
            "pods": {
                task.task_id: {
                    "image": task.image,
                    "namespace": task.namespace,
                    "service_account": task.service_account_name,
                    "retries": task.retries,
                }
                for task in dag.tasks
                if hasattr(task, "container_resources")
            },
        }
    print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1:])
