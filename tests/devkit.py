"""Reference implementation: average precision of the VOC development kits in exact fractions."""

from collections.abc import Sequence
from fractions import Fraction
from itertools import groupby


def points_of(scores: Sequence[float], labels: Sequence[int]) -> list[tuple[float, int, int]]:
    """Returns (threshold, images, present among them) at each distinct score, highest first."""
    points = []
    images = present = 0
    rows = sorted(zip(scores, labels, strict=True), key=lambda row: -row[0])
    for threshold, tied in groupby(rows, key=lambda row: row[0]):
        group = list(tied)
        images += len(group)
        present += sum(label for _, label in group)
        points.append((threshold, images, present))
    return points


def precision_and_recall(
    scores: Sequence[float], labels: Sequence[int]
) -> tuple[list[Fraction], list[Fraction]]:
    """Returns precision and recall at each distinct score; labels are 1 and 0."""
    points, positives = points_of(scores, labels), sum(labels)
    return (
        [Fraction(present, images) for _, images, present in points],
        [Fraction(present, positives) for _, _, present in points],
    )


def devkit_2010(precision: Sequence[Fraction], recall: Sequence[Fraction]) -> Fraction:
    """Translation of VOCap.m of the VOC 2010 to 2012 development kits."""
    mrec = [Fraction(0), *recall, Fraction(1)]
    mpre = [Fraction(0), *precision, Fraction(0)]
    for i in range(len(mpre) - 2, -1, -1):
        mpre[i] = max(mpre[i], mpre[i + 1])
    steps = [i for i in range(1, len(mrec)) if mrec[i] != mrec[i - 1]]
    return sum(((mrec[i] - mrec[i - 1]) * mpre[i] for i in steps), Fraction(0))


def devkit_2007(precision: Sequence[Fraction], recall: Sequence[Fraction]) -> Fraction:
    """Translation of the loop in VOCevalcls.m of the VOC 2007 development kit, in exact tenths."""
    ap = Fraction(0)
    for tenth in range(11):
        reached = [p for p, r in zip(precision, recall, strict=True) if r >= Fraction(tenth, 10)]
        ap += max(reached, default=Fraction(0)) / 11
    return ap
