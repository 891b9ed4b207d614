"""Writes how long a text is, at most. Arguments: the text, the most, the file."""

import sys

text, most, path = sys.argv[1:]
with open(path, "w", encoding="utf-8") as file:
    file.write(str(min(len(text), int(most))))
