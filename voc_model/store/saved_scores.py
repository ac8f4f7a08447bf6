"""Scores that were saved elsewhere: a scores.npz, a CSV, results of the VOC development kit.

Unlike a score table, they have neither labels nor a range, and images in any order.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from voc_model.errors import DataError
from voc_model.files import is_file, open_regular
from voc_model.store.scores import ScoreTable
from voc_model.store.voc_results import has_results, read_results

_KINDS = (
    "expected a scores.npz or a folder that holds one, a CSV with a column of image ids and one "
    "column per class, or a folder of comp1_cls_<split>_<class>.txt"
)


@dataclass(frozen=True, eq=False)
class SavedScores:
    """The scores of N images in C classes.

    Attributes:
        path: the file or folder that they were read from.
        image_ids: (N,) UTF-8 bytes, without duplicates.
        classes: C names, without duplicates.
        scores: (N, C) of any range, as exact as those of a score table; NaN where there is none.
    """

    path: Path
    image_ids: NDArray[np.bytes_]
    classes: tuple[str, ...]
    scores: NDArray[np.float32]


def read_saved_scores(path: Path, split: str) -> SavedScores:
    """Reads saved scores.

    Args:
        path: a scores.npz; a CSV whose first line names the classes, with the image id in the first
            column; a folder that holds a scores.npz or results of the VOC development kit.
        split: which of the results to read.

    Raises:
        DataError: it is none of these, or damaged; the message names the file and the line.
        ScoreStoreError: scores.npz is damaged.
    """
    if path.is_dir():
        if is_file(path / "scores.npz"):
            return _of_table(path / "scores.npz")
        if has_results(path):
            return _of_results(path, split)
        raise DataError(f"{path}: found no scores in this folder, {_KINDS}.")
    if not path.exists():
        raise DataError(f"{path}: not found, {_KINDS}.")
    return _of_table(path) if path.suffix == ".npz" else _of_csv(path)


def _of_table(path: Path) -> SavedScores:
    table = ScoreTable.open(path)
    table.verify()
    ids, scores = np.asarray(table.image_ids), np.asarray(table.scores)
    return SavedScores(path, ids, table.classes, scores)


def _of_results(folder: Path, split: str) -> SavedScores:
    found = read_results(folder, split)
    image_ids = list(dict.fromkeys(image_id for scores in found.values() for image_id in scores))
    columns = [
        [scores.get(image_id, np.nan) for image_id in image_ids] for scores in found.values()
    ]
    return SavedScores(folder, _encode(image_ids), tuple(found), np.array(columns, np.float32).T)


def _of_csv(path: Path) -> SavedScores:
    try:
        with TextIOWrapper(open_regular(path), encoding="utf-8-sig", newline="") as file:
            rows = csv.reader(file, strict=True)
            classes = tuple(next(rows, [])[1:])
            if not classes or len(set(classes)) < len(classes) or "" in classes:
                raise DataError(f"{path}:1: found no classes, or one of them twice; {_KINDS}.")
            scores = dict(_parse_rows(path, rows, len(classes)))
    except (UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{path}: {error}; {_KINDS}.") from None
    values = np.array(list(scores.values()), np.float32).reshape(len(scores), len(classes))
    return SavedScores(path, _encode(list(scores)), classes, values)


def _parse_rows(path: Path, rows: Any, classes: int) -> Iterator[tuple[str, list[float]]]:
    """Yields each image's id and scores; an empty field is NaN."""
    seen: set[str] = set()
    for image_id, *fields in filter(None, rows):
        where = f"{path}:{rows.line_num}"
        if len(fields) != classes:
            raise DataError(f"{where}: found {len(fields)} scores, expected {classes}.")
        if image_id in seen:
            raise DataError(f"{where}: a second line of image {image_id!r}.")
        seen.add(image_id)
        try:
            yield image_id, [float(field or "nan") for field in fields]
        except ValueError as error:
            raise DataError(f"{where}: {error}, expected a score.") from None


def _encode(image_ids: list[str]) -> NDArray[np.bytes_]:
    return np.array([image_id.encode() for image_id in image_ids], np.bytes_)
