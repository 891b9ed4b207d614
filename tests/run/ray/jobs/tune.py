import argparse
import json
import os

import ray

from score import score

parser = argparse.ArgumentParser()
for name in ["rows", "note", "best", "told"]:
    parser.add_argument(f"--{name}", required=True)
parser.add_argument("--least", type=float)
given = parser.parse_args()

# A worker calls a function of a module that lies beside this file.
scored = ray.remote(num_cpus=0.5)(score)
with open(given.rows, encoding="utf-8") as rows:
    scores = ray.get([scored.remote(float(row)) for row in rows])
with open(given.best, "w", encoding="utf-8") as out:
    out.write(str(max(scores + ([] if given.least is None else [given.least]))))
with open(given.told, "w", encoding="utf-8") as out:
    json.dump({"note": given.note, "travelled": sorted(os.listdir("."))}, out)
