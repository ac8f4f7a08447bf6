"""The facts about one image: file, size, objects, and score and rank in every class."""

import math
from pathlib import Path

import numpy as np

from voc_model.data.annotations import AnnotatedObject, read_objects
from voc_model.data.images import read_pixels
from voc_model.data.labels import UNKNOWN
from voc_model.data.voc import image_path
from voc_model.errors import DataError, NotFoundError
from voc_model.metrics.label_counts import find_rank
from voc_web.contexts import Box, ImageContext, ScoreRow
from voc_web.local_paths import without_folders
from voc_web.opened_run import OpenedRun
from voc_web.query import ImageRankQuery
from voc_web.verdicts import truth_of, verdict_of


def describe_image(run: OpenedRun, image_id: str, query: ImageRankQuery) -> ImageContext:
    """Returns the facts about an image that the image page and the API show.

    Raises:
        NotFoundError: the image or class is not in the run.
    """
    row = run.table.row_of(image_id)
    width, height, problem = _measure(run, image_id)
    objects, annotation_problem = _objects(run.voc_dir, image_id)
    rank, neighbours = _rank_and_neighbours(run, row, query.class_name)
    return ImageContext(
        query=query,
        image_id=image_id,
        width=width,
        height=height,
        problem=problem,
        annotation_problem=annotation_problem,
        objects=objects,
        boxes=_boxes(objects, width, height),
        is_labelled=bool((run.table.labels[row] != UNKNOWN).any()),
        scores=_score_rows(run, row, query.threshold),
        rank=rank,
        previous=neighbours[0],
        next=neighbours[1],
    )


def image_file(run: OpenedRun, image_id: str) -> Path:
    """Returns the file of an image.

    Raises:
        NotFoundError: it does not exist, or is a link to a file outside JPEGImages.
    """
    path = image_path(run.voc_dir, image_id)
    if not path.is_file():
        raise NotFoundError(f"{path}: image not found. Has the folder been moved?")
    if not path.resolve().is_relative_to((run.voc_dir / "JPEGImages").resolve()):
        raise NotFoundError(f"{path}: is outside JPEGImages, so it is not served.")
    return path


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


def _measure(run: OpenedRun, image_id: str) -> tuple[int, int, str]:
    """Returns width and height in pixels, or (0, 0) and the reason why they are unknown."""
    try:
        height, width = read_pixels(image_file(run, image_id)).shape[:2]
    except (DataError, NotFoundError) as error:
        return 0, 0, without_folders(str(error))
    return width, height, ""


def _objects(voc_dir: Path, image_id: str) -> tuple[tuple[AnnotatedObject, ...], str]:
    try:
        return read_objects(voc_dir, image_id), ""
    except DataError as error:
        return (), without_folders(str(error))


def _boxes(objects: tuple[AnnotatedObject, ...], width: int, height: int) -> tuple[Box, ...]:
    boxes = []
    for item in objects:
        if math.isnan(item.xmin):
            continue
        # VOC coordinates are 1-based, and both ends are inside the box.
        left, right = (min(max(x, 0.0), width) for x in (item.xmin - 1, item.xmax))
        top, bottom = (min(max(y, 0.0), height) for y in (item.ymin - 1, item.ymax))
        if left < right and top < bottom:
            x, y = 100 / width, 100 / height
            boxes.append(Box(item, left * x, top * y, (right - left) * x, (bottom - top) * y))
    return tuple(boxes)


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
