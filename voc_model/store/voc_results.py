"""Scores as the VOC development kit and its evaluation server read them: one text file per class.

`comp1_cls_<split>_<class>.txt` has a line per image, its id and its score ("%s %f" in the kit's
VOCevalcls.m). Images without a line are ranked last there.
"""

import re
from math import isnan
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from voc_model.errors import DataError, SettingsError, and_more
from voc_model.files import atomic_path, list_folder, read_regular
from voc_model.progress import SILENT, Reporter
from voc_model.store.scores import ScoreTable

Competition = Literal["comp1", "comp2"]

# What no file name can hold on some system, or would lead elsewhere.
_NOT_IN_NAMES = re.compile(r"[\x00-\x1f\x7f/\\]")
_MAX_NAME_BYTES = 255
_MAX_BYTES = 1 << 32


def write_results(
    table: ScoreTable,
    folder: Path,
    competition: Competition = "comp1",
    *,
    overwrite: bool = False,
    report: Reporter = SILENT,
) -> list[Path]:
    """Writes one file per class, each whole or not at all.

    Scores have nine significant digits, which is all that a float32 has. An image without a score
    has no line. A file that has its content already is left as it is.

    Args:
        table: the scores.
        folder: is created if needed.
        competition: comp1 for models trained on VOC's own images only, comp2 for all others.
        overwrite: whether to replace files with other contents.
        report: receives the progress, and a warning if images have no score.

    Returns:
        The files of all classes, in their order.

    Raises:
        DataError: the name of a class or of the split cannot be part of a file name, or an image id
            contains a space.
        SettingsError: a file has other contents; nothing was written.
    """
    paths = [_results_path(table, folder, competition, name) for name in table.classes]
    image_ids = table.ids_of(np.arange(len(table.image_ids)))
    _check_ids(image_ids)
    if not overwrite:
        _check_replaced(paths, table, image_ids)
    columns = zip(paths, table.columns(), strict=True)
    for path, (scores, _) in report.track(columns, "VOC results", len(paths), unit="classes"):
        content = _format_lines(image_ids, scores)
        if not _has_content(path, content):
            with atomic_path(path) as temporary:
                temporary.write_bytes(content)
    unreadable = np.flatnonzero(np.isnan(np.asarray(table.scores)).any(axis=1))
    if len(unreadable):
        report.warn(
            f"{len(unreadable):,} images have no score and are left out of the files, e.g. "
            f"{image_ids[unreadable[0]]}: the development kit ranks such images last"
        )
    return paths


def read_results(folder: Path, split: str) -> dict[str, dict[str, float]]:
    """Reads the files of all classes of a split.

    Args:
        folder: holds them.
        split: as in their names, since names of splits and of classes may contain underscores.

    Returns:
        The scores, of any range, by class, in alphabetical order, and by image id.

    Raises:
        DataError: there is no such file, two are of the same class, or a line has another format.
    """
    pattern = re.compile(rf"comp\d+_cls_{re.escape(split)}_(.+)\.txt")
    found = [(match[1], name) for name in list_folder(folder) if (match := pattern.fullmatch(name))]
    classes: dict[str, dict[str, float]] = {}
    for class_name, name in sorted(found):
        if class_name in classes:
            raise DataError(f"{folder / name}: a second file of class {class_name!r}. Remove one.")
        classes[class_name] = _read_lines(folder / name)
    if not classes:
        raise DataError(f"{folder}: found no comp1_cls_{split}_<class>.txt.")
    return classes


def has_results(folder: Path) -> bool:
    """Returns whether a folder holds such files, of any split."""
    return any(re.fullmatch(r"comp\d+_cls_.+\.txt", name) for name in list_folder(folder))


def _results_path(table: ScoreTable, folder: Path, competition: Competition, name: str) -> Path:
    split = table.manifest.split
    file_name = f"{competition}_cls_{split}_{name}.txt"
    wrong = _NOT_IN_NAMES.search(file_name)
    if wrong:
        kind, text = ("split", split) if wrong.group() in split else ("class", name)
        raise DataError(
            f"The name of the {kind} {text!r} contains {wrong.group()!r}, which {file_name!r} "
            f"cannot hold as the name of a file. Rename the {kind} in the data set."
        )
    if len(file_name.encode()) > _MAX_NAME_BYTES:
        raise DataError(
            f"The name of class {name[:40]!r}… is too long for the name of a file: found "
            f"{len(file_name.encode())} bytes, expected at most {_MAX_NAME_BYTES}."
        )
    return folder / file_name


def _check_ids(image_ids: list[str]) -> None:
    wrong = [image_id for image_id in image_ids if len(image_id.split()) != 1]
    if wrong:
        raise DataError(
            f"The id of image {wrong[0]!r}{and_more(wrong)} contains a space, which the "
            "development kit takes for the end of the id. Rename the image in the data set."
        )


def _check_replaced(paths: list[Path], table: ScoreTable, image_ids: list[str]) -> None:
    columns = zip(paths, table.columns(), strict=True)
    others = [
        path
        for path, (scores, _) in columns
        if path.exists() and not _has_content(path, _format_lines(image_ids, scores))
    ]
    if others:
        raise SettingsError(
            f"{others[0]}{and_more(others)}: exists with other contents. Nothing was written. "
            "Choose another folder, or replace it with --overwrite."
        )


def _has_content(path: Path, content: bytes) -> bool:
    try:
        return read_regular(path, len(content)) == content
    except OSError:  # Missing, longer, or no file.
        return False


def _format_lines(image_ids: list[str], scores: NDArray[np.float32]) -> bytes:
    """Returns the lines of a class from its (N,) scores."""
    rows = zip(image_ids, scores.tolist(), strict=True)
    return "".join(f"{name} {score:.9g}\n" for name, score in rows if not isnan(score)).encode()


def _read_lines(path: Path) -> dict[str, float]:
    try:
        lines = read_regular(path, _MAX_BYTES).decode().splitlines()
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: expected UTF-8 ({error}).") from None
    scores: dict[str, float] = {}
    for number, line in enumerate(lines, start=1):
        try:
            image_id, score = line.split()
            value = float(score)
        except ValueError:
            raise DataError(
                f"{path}:{number}: found {line[:80]!r}, expected an image id and a score."
            ) from None
        if image_id in scores:
            raise DataError(f"{path}:{number}: a second line of image {image_id!r}.")
        scores[image_id] = value
    return scores
