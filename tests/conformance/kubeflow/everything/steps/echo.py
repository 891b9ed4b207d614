"""Writes a text a few times."""

import os
import sys

text, times, path = sys.argv[1:]
os.makedirs(os.path.dirname(path), exist_ok=True)
with open(path, "w", encoding="utf-8") as file:
    file.write(text * int(float(times.removeprefix("--times="))))
