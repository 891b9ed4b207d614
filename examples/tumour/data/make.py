"""Writes `data/aspirates.csv` from the breast-cancer set that ships with scikit-learn. The same bytes every time.

    python data/make.py [--check]

The set has no names: `patient` is made up, so that there is something to mask. Rows are shuffled, because in the
original the malignant ones come first and a handful of rows would hold little else.
"""

import argparse
import random
import sys
from pathlib import Path

from sklearn.datasets import load_breast_cancer

FILE = Path(__file__).with_name("aspirates.csv")
SEED = 569


def table() -> str:
    """The file's text."""
    aspirates = load_breast_cancer()
    names = list(aspirates.feature_names)
    radius, area = names.index("mean radius"), names.index("mean area")
    rows = [
        (float(row[radius]), float(row[area]), aspirates.target_names[kind] == "malignant")
        for row, kind in zip(aspirates.data, aspirates.target, strict=True)
    ]
    shuffled = random.Random(SEED)
    shuffled.shuffle(rows)
    patients = shuffled.sample(range(10_000, 100_000), len(rows))
    lines = ["patient,mean_radius,mean_area,malignant"]
    for patient, (mean_radius, mean_area, malignant) in zip(patients, rows, strict=True):
        lines.append(f"P{patient},{mean_radius!r},{mean_area!r},{str(malignant).lower()}")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Writes the file, or says whether it is what would be written."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--check", action="store_true", help="write nothing, fail if the file differs")
    made = table().encode()
    if not arguments.parse_args().check:
        FILE.write_bytes(made)
    elif FILE.read_bytes() != made:
        sys.exit(f"{FILE} is not what this script makes")


if __name__ == "__main__":
    main()
