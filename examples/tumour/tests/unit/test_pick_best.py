"""Which model is kept."""

import pytest
from direct import Artifact

from steps.pick_best import pick_best


@pytest.mark.parametrize(("scores", "kept"), [([0.7, 0.9, 0.8], "b"), ([0.9, 0.9, 0.8], "a"), ([0.1, 0.2, 0.3], "c")])
def test_keeps_the_highest_score(tmp_path, scores, kept):
    """Of equals, the first; with what is known of it."""
    models = []
    for name in "abc":
        (tmp_path / name).write_text(name)
        models.append(Artifact(tmp_path / name))
        models[-1].metadata["name"] = name
    best = Artifact(tmp_path / "best")
    pick_best(models=models, scores=scores, best=best)
    assert (tmp_path / "best").read_text() == kept
    assert best.metadata == {"name": kept}


def test_refuses_models_without_scores(tmp_path):
    """There is nothing to choose by."""
    with pytest.raises(ValueError, match="1 models and 0 scores"):
        pick_best(models=[Artifact(tmp_path / "a")], scores=[], best=Artifact(tmp_path / "best"))
