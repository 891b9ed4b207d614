"""Makes up the customers of `data/customers.csv`. The same bytes every time; standard library only.

python data/make.py [--check]
"""

import argparse
import math
import random
import sys
from pathlib import Path

FILE = Path(__file__).with_name("customers.csv")
SEED = 2
ROWS = 480


def table() -> str:
    """The file's text."""
    made_up = random.Random(SEED)
    lines = ["customer,email,income,plan,months,calls,leaves"]
    for number in made_up.sample(range(10_000, 100_000), ROWS):
        plan = made_up.choices(["basic", "plus", "pro"], [5, 3, 2])[0]
        months = min(int(made_up.expovariate(1 / 30)), 240)
        calls = min(int(made_up.gammavariate(2.0, 2.0)), 60)
        income = round(made_up.lognormvariate(10.3, 0.4), 2)
        inclined = -1.6 - 0.08 * months + 0.7 * calls - {"basic": 0.0, "plus": 0.7, "pro": 1.5}[plan]
        leaves = made_up.random() < 1 / (1 + math.exp(-inclined))
        lines.append(f"C{number},c{number}@example.org,{income},{plan},{months},{calls},{str(leaves).lower()}")
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
