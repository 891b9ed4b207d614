"""Loads DAG files in the real Airflow and says what it found.

    python read.py FILE...

The last line is a JSON object: file -> {"dag", "catches_up", "start", "tasks": {task: [downstream tasks]}, "steps": [task, ...]}.
"""

import json
import sys

import airflow

if airflow.__version__.startswith("2."):
    from airflow.models.dagbag import DagBag
else:
    from airflow.dag_processing.dagbag import DagBag


def is_step(task):
    """Whether a pod or a process of its own does it."""
    return hasattr(task, "container_resources") or getattr(getattr(task, "python_callable", None), "__name__", "") == "run_step"


def main(files):
    found = {}
    for file in files:
        bag = DagBag(file)
        assert not bag.import_errors, bag.import_errors
        (dag,) = bag.dags.values()
        found[file] = {
            "dag": dag.dag_id,
            "catches_up": dag.catchup,
            "start": dag.start_date.isoformat(),
            "tasks": {task.task_id: sorted(task.downstream_task_ids) for task in dag.tasks},
            "steps": [task.task_id for task in dag.tasks if is_step(task)],
        }
    print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1:])
