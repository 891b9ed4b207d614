"""Runs a compiled pipeline by Kubeflow's local runner. Arguments: the file, the run's arguments as JSON, a folder to work in.

Prints last a line of JSON: the tasks in the order in which they were started, and the pipeline's outputs or how it failed.
"""
import json
import sys

import runner

path, arguments, root = sys.argv[1:]
ended = runner.carry_out(path, json.loads(arguments), root)
print()
print(json.dumps(ended))
