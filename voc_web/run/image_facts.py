"""The facts about one image: file, size, objects, and score and rank in every class."""

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from voc_model.data.annotations import AnnotatedObject, Annotation, read_annotation
from voc_model.data.image_files import ImageHeader, read_header, version_key
from voc_model.data.labels import UNKNOWN
from voc_model.data.voc import image_path
from voc_model.errors import DataError, NotFoundError
from voc_model.metrics.label_counts import find_rank
from voc_model.store.selection import Truth
from voc_web.query import ImageRankQuery
from voc_web.run.boxes import Box, clip_boxes, fit_objects, place_labels
from voc_web.run.local_paths import without_folders
from voc_web.run.opened_run import OpenedRun
from voc_web.run.verdicts import Verdict, truth_of, verdict_of


@dataclass(frozen=True)
class ScoreRow:
    """One class in the score table of an image."""

    class_name: str
    score: float
    rank: int
    truth: Truth
    verdict: Verdict


@dataclass(frozen=True)
class ImageFacts:
    """image.html, and the API's image."""

    query: ImageRankQuery
    image_id: str
    version: str  # of the image's file, for addresses
    width: int  # pixels of the original, 0 if it cannot be read
    height: int
    is_of_browsers: bool  # whether they show the original's format
    problem: str  # why the image cannot be shown, empty if it can
    annotation_problem: str  # why its boxes cannot be shown, empty if they can
    boxes_note: str  # what was done to fit boxes to the image, empty if nothing
    objects: tuple[AnnotatedObject, ...]  # including those whose box is outside the image
    boxes: tuple[Box, ...]
    is_labelled: bool  # for any class
    scores: tuple[ScoreRow, ...]  # by descending score
    rank: int | None  # in the class the reader came from
    previous: str | None  # image ids of the neighbours in that class's ranking
    next: str | None


def describe_image(run: OpenedRun, image_id: str, query: ImageRankQuery) -> ImageFacts:
    """Returns the facts about an image that the image page and the API show.

    Raises:
        NotFoundError: the image or class is not in the run.
    """
    row = run.table.row_of(image_id)
    header, problem = _header(run, image_id)
    annotation, annotation_problem = _annotation(run.voc_dir, image_id)
    objects, boxes_note = fit_objects(annotation, header)
    rank, neighbours = _rank_and_neighbours(run, row, query.class_name)
    return ImageFacts(
        query=query,
        image_id=image_id,
        version=file_version(run, image_id),
        width=header.width if header else 0,
        height=header.height if header else 0,
        is_of_browsers=header is not None and header.is_of_browsers,
        problem=problem,
        annotation_problem=annotation_problem,
        boxes_note=boxes_note,
        objects=objects,
        boxes=place_labels(clip_boxes(objects, header), header),
        is_labelled=bool((run.table.labels[row] != UNKNOWN).any()),
        scores=_score_rows(run, row, query.threshold),
        rank=rank,
        previous=neighbours[0],
        next=neighbours[1],
    )


def image_file(run: OpenedRun, image_id: str) -> Path:
    """Returns the file of an image; it may be a link, and something other than an image.

    Raises:
        NotFoundError: it does not exist.
    """
    path = image_path(run.voc_dir, image_id)
    if not os.path.exists(path):  # noqa: PTH110 (Path's raises for long names)
        raise NotFoundError(f"{path}: image not found. Has the folder been moved?")
    return path


def file_version(run: OpenedRun, image_id: str) -> str:
    """Returns what tells an image's file from one that replaces it; empty if there is none."""
    try:
        path = image_path(run.voc_dir, image_id)
        return version_key(path, path.stat())
    except (DataError, OSError, ValueError):
        return ""


def _rank_and_neighbours(
    run: OpenedRun, row: int, class_name: str | None
) -> tuple[int | None, list[str | None]]:
    """Returns the rank of an image in a class, and the ids at the preceding and following ranks."""
    if class_name is None:
        return None, [None, None]
    class_index = run.table.class_index(class_name)
    ranking = run.table.class_ranking(class_index)
    rank = find_rank(run.table, run.curves, class_index, row)
    around = [ranking.slice(at, at) for at in (rank - 1, rank + 1)]
    return rank, [run.table.image_id(int(rows[0])) if len(rows) else None for rows in around]


def _header(run: OpenedRun, image_id: str) -> tuple[ImageHeader | None, str]:
    """Returns the header of an image, or None and the reason why it is unknown."""
    try:
        return read_header(image_file(run, image_id)), ""
    except (DataError, NotFoundError) as error:
        return None, without_folders(str(error))


def _annotation(voc_dir: Path, image_id: str) -> tuple[Annotation, str]:
    try:
        return read_annotation(voc_dir, image_id), ""
    except DataError as error:
        return Annotation(), without_folders(str(error))


def _score_rows(run: OpenedRun, row: int, threshold: float) -> tuple[ScoreRow, ...]:
    scores, labels = run.table.scores[row], run.table.labels[row]  # (C,)
    return tuple(
        ScoreRow(
            class_name=run.table.classes[index],
            score=float(scores[index]),
            rank=find_rank(run.table, run.curves, int(index), row),
            truth=truth_of(int(labels[index])),
            verdict=verdict_of(float(scores[index]), int(labels[index]), threshold),
        )
        for index in np.argsort(-scores, kind="stable")
    )
