"""Runs compiled pipelines by Kubeflow's local runner, one after the other.

    python kubeflow.py REQUESTS.json

REQUESTS.json is a list of {"file", "conf", "told", "root"}; the last line is a JSON list of {"state", "outputs"}, of a run that
failed with "why".
"""

import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "kubeflow"))
import runner  # noqa: E402


def carry_out(request):
    os.environ["TOLD"] = request["told"]
    try:
        ended = runner.carry_out(request["file"], request["conf"], request["root"])
    except Exception as why:
        ended = {"failed": f"{type(why).__name__}: {why}"}
    if "failed" in ended:
        return {"state": "failed", "why": ended["failed"]}
    return {"state": "success", "outputs": ended["outputs"]}


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        requests = json.load(file)
    ended = [carry_out(request) for request in requests]
    print()
    print(json.dumps(ended))


if __name__ == "__main__":
    main()
