"""Puts `place` in view of the verifications that are pytest's."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))


@pytest.fixture(scope="session", autouse=True)
def deployed():
    """Without an environment there is nothing to verify, and that is no success."""
    import place

    if not (place.ENVIRONMENT and place.ENDPOINT and place.VERSION):
        pytest.exit("MLP_ENVIRONMENT, MLP_ENDPOINT and MLP_VERSION say what is verified", returncode=2)
    return place


def pytest_sessionfinish(session):
    """Writes how many tests ran and how many failed."""
    import place

    place.write({"tests": session.testscollected, "failed": session.testsfailed})
