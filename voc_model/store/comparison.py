"""Compares the scores of a table with others of the same images, computed again or elsewhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from voc_model.errors import ScoreStoreError
from voc_model.progress import SILENT, Reporter
from voc_model.store.file_array import StoredArray
from voc_model.store.saved_scores import SavedScores, read_saved_scores
from voc_model.store.scores import ScoreTable

_MAX_NAMED = 5


@dataclass(frozen=True, eq=False)
class Comparison:
    """The differences between a score table and saved scores, over what both have.

    Attributes:
        classes: C names in the order of the table.
        images: how many images both have.
        greatest, mean: (C,) the greatest and the mean absolute difference, infinite where only one
            of them has a score; 0 if no image has one.
        only_here, only_there: images with a score, and classes, that only the table has, or only
            the saved scores have.
    """

    classes: tuple[str, ...]
    images: int
    greatest: NDArray[np.float64]
    mean: NDArray[np.float64]
    only_here: tuple[Sequence[str], Sequence[str]]
    only_there: tuple[Sequence[str], Sequence[str]]

    @property
    def is_complete(self) -> bool:
        """Whether both have the same images and classes."""
        return not any((*self.only_here, *self.only_there))


def differences(left: NDArray[np.float32], right: NDArray[np.float32]) -> NDArray[np.float64]:
    """Returns absolute differences of the same shape.

    Infinite where only one of two is NaN, NaN where both are.
    """
    found: NDArray[np.float64] = np.abs(left.astype(np.float64) - right)
    found[np.isnan(left) != np.isnan(right)] = np.inf
    return found


def greatest_difference(left: NDArray[np.float32], right: NDArray[np.float32]) -> float:
    """Returns the greatest absolute difference; infinite where only one of two is NaN."""
    return float(np.fmax.reduce(differences(left, right), axis=None, initial=0.0))


def compare(table: ScoreTable, saved: SavedScores) -> Comparison:
    """Compares a table with saved scores; images are matched by id, classes by name."""
    ids = np.asarray(table.image_ids)
    _, here, there = np.intersect1d(ids, saved.image_ids, assume_unique=True, return_indices=True)
    classes = tuple(name for name in table.classes if name in set(saved.classes))
    columns = [saved.classes.index(name) for name in classes]
    own = [table.classes.index(name) for name in classes]
    found = differences(table.scores[here][:, own], saved.scores[there][:, columns])  # (K, C)
    counts = np.count_nonzero(~np.isnan(found), axis=0)
    return Comparison(
        classes,
        len(here),
        greatest=np.fmax.reduce(found, axis=0, initial=0.0),
        mean=np.nansum(found, axis=0) / np.maximum(counts, 1),
        only_here=(
            _scored_ids(ids, table.scores, without=here),
            [name for name in table.classes if name not in set(saved.classes)],
        ),
        only_there=(
            _scored_ids(saved.image_ids, saved.scores, without=there),
            [name for name in saved.classes if name not in set(table.classes)],
        ),
    )


def verify_against(
    table: ScoreTable, path: Path, tolerance: float, report: Reporter = SILENT
) -> None:
    """Compares a table with scores that were saved elsewhere, and reports it class by class.

    Args:
        table: the scores.
        path: see `read_saved_scores`.
        tolerance: the greatest difference of a score that is accepted.
        report: receives a line per class, and a warning for what only one of them has.

    Raises:
        ScoreStoreError: a difference is greater, or an image or class is missing from one of them:
            what was not compared is not verified.
        DataError: the saved scores cannot be read.
    """
    saved = read_saved_scores(path, table.manifest.split)
    found = compare(table, saved)
    if found.classes and found.images:
        report.note(_describe(found, saved))
    for where, (images, classes) in (("the run", found.only_here), (path, found.only_there)):
        for kind, names in (("images", images), ("classes", classes)):
            if names:
                report.warn(f"{len(names):,} {kind} are only in {where}: {_first(names)}")
    _check(found, saved, tolerance)
    report.note(f"{path}: no difference above the tolerance of {tolerance:g}")


def _check(found: Comparison, saved: SavedScores, tolerance: float) -> None:
    problems = []
    if not found.is_complete:
        problems.append("the run and these scores do not have the same images and classes")
    if (found.greatest > tolerance).any():
        worst = int(np.argmax(found.greatest))
        problems.append(
            f"the greatest difference is {found.greatest[worst]:.3g} in class "
            f"{found.classes[worst]!r}, above the tolerance of {tolerance:g}"
        )
        low, high = (float(pick(saved.scores)) for pick in (np.nanmin, np.nanmax))
        if low < 0 or high > 1:
            problems.append(
                f"its scores are from {low:.3g} to {high:.3g}, perhaps logits, while the run's are "
                "from 0 to 1"
            )
    if problems:
        raise ScoreStoreError(f"{saved.path}: not reproduced: {'; '.join(problems)}.")


def _describe(found: Comparison, saved: SavedScores) -> str:
    width = max(map(len, found.classes))
    rows = zip(found.classes, found.greatest, found.mean, strict=True)
    return "\n".join(
        [
            f"{saved.path}: {found.images:,} images and {len(found.classes):,} classes compared",
            f"{'class':{width}}  greatest difference  mean difference",
            *(f"{name:{width}}  {high:19.3g}  {mean:15.3g}" for name, high, mean in rows),
        ]
    )


def _scored_ids(
    image_ids: NDArray[np.bytes_], scores: StoredArray, without: NDArray[np.intp]
) -> list[str]:
    """Returns the ids of rows, except some, that have a score."""
    rows = np.delete(np.arange(len(image_ids)), without)
    scored = rows[~np.isnan(scores[rows]).all(axis=1)]
    return [name.decode(errors="replace") for name in image_ids[scored].tolist()]


def _first(names: Sequence[str]) -> str:
    more = ", …" if len(names) > _MAX_NAMED else ""
    return ", ".join(names[:_MAX_NAMED]) + more
