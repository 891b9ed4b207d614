"""Keeps one model of several."""

import shutil


def pick_best(models: list[str], scores: list[float], best: str) -> None:
    """Copies the model with the highest score; of equals, the first."""
    if len(models) != len(scores) or not models:
        raise ValueError(f"{len(models)} models and {len(scores)} scores")
    at = max(range(len(scores)), key=lambda index: scores[index])
    shutil.copyfile(models[at], best)
    best.metadata.update(models[at].metadata)
