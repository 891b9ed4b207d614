"""Writes how long a text is, at most. Arguments: the text, the most, the file."""

import pathlib
import sys

text, most, path = sys.argv[1:]
file = pathlib.Path(path)
file.parent.mkdir(parents=True, exist_ok=True)
file.write_text(str(min(len(text), int(most))), encoding="utf-8")
