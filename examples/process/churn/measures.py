"""How good scores are."""


def curve(scores: list[float], labels: list[bool]) -> list[tuple[float, float, float]]:
    """The ROC curve: threshold, share of false alarms, share of hits; from nothing called to everything called."""
    positive, negative = sum(labels), len(labels) - sum(labels)
    if not positive or not negative:
        raise ValueError("a curve needs both kinds")
    points, hits, alarms = [(1.0, 0.0, 0.0)], 0, 0
    ordered = sorted(zip(scores, labels, strict=True), key=lambda pair: -pair[0])
    for at, (score, label) in enumerate(ordered):
        hits, alarms = hits + label, alarms + (not label)
        if at + 1 == len(ordered) or ordered[at + 1][0] != score:
            points.append((score, alarms / negative, hits / positive))
    return points


def area(scores: list[float], labels: list[bool]) -> float:
    """The area under the curve: how often one that leaves scores above one that stays."""
    points = curve(scores, labels)
    pairs = zip(points, points[1:], strict=False)
    return sum((right[1] - left[1]) * (right[2] + left[2]) / 2 for left, right in pairs)


def confusion(predicted: list[bool], labels: list[bool]) -> list[list[int]]:
    """A row for each truth, a column for each call: stays, leaves."""
    counts = [[0, 0], [0, 0]]
    for call, label in zip(predicted, labels, strict=True):
        counts[label][call] += 1
    return counts
