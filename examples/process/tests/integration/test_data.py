"""The data that ships with the project is what its script makes."""

import subprocess
import sys

from direct import PROJECT


def test_data_is_what_the_script_makes():
    """To the byte."""
    subprocess.run([sys.executable, PROJECT / "data/make.py", "--check"], check=True)
