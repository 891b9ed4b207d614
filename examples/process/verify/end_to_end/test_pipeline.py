"""The pipeline as it stands in Kubeflow: the server is well, knows this version, and its last run came to its end."""

import json
import urllib.parse

import pytest

API = "/apis/v2beta1"


def get(place, path: str, **query: str) -> dict:
    """An answer of Kubeflow's API."""
    status, text = place.ask(f"{API}/{path}?{urllib.parse.urlencode(query)}")
    assert status == 200, f"{path}: status {status}"
    return json.loads(text)


@pytest.fixture(scope="module")
def pipeline(deployed):
    """The pipeline `training`."""
    found = get(deployed, "pipelines", page_size="200").get("pipelines", [])
    named = [one for one in found if "training" in (one.get("name"), one.get("display_name"))]
    assert named, f"there is no pipeline training among {[one.get('display_name') for one in found]}"
    return named[0]


def test_server_is_well(deployed):
    """It says so itself."""
    get(deployed, "healthz")


def test_this_version_is_there(deployed, pipeline):
    """Under the name of the version that is being promoted."""
    at = f"pipelines/{pipeline['pipeline_id']}/versions"
    versions = get(deployed, at, page_size="50", sort_by="created_at desc").get("pipeline_versions", [])
    assert deployed.VERSION in [one.get("display_name") for one in versions]


def test_last_run_succeeded(deployed, pipeline):
    """The newest run of this pipeline."""
    runs = get(deployed, "runs", page_size="50", sort_by="created_at desc").get("runs", [])
    own = [
        one for one in runs if one.get("pipeline_version_reference", {}).get("pipeline_id") == pipeline["pipeline_id"]
    ]
    assert own, "the pipeline has never run here"
    assert own[0]["state"] == "SUCCEEDED"
