"""One image: its page, its thumbnails, its original. Only images of the score table are served."""

import logging
import os
from pathlib import Path

import numpy as np
from flask import Blueprint, Response, current_app, render_template, send_file

from voc_model.annotations import AnnotatedObject, image_path, read_objects
from voc_model.errors import DataError, NotFoundError
from voc_model.images import make_thumbnail, open_image
from voc_web.cards import truth_name, verdict
from voc_web.contexts import Box, ImageContext, ScoreRow
from voc_web.opened_run import OpenedRun, current_run
from voc_web.query import ImageQuery

blueprint = Blueprint("images", __name__)

_log = logging.getLogger(__name__)

THUMBNAIL_WIDTHS = (240, 480)
_WEEK_S = 7 * 24 * 3600


@blueprint.get("/images/<path:image_id>")
def image(image_id: str) -> str:
    """The image with its boxes, and its score and rank in every class."""
    run, query = current_run(), ImageQuery.of_request()
    row = run.table.row_of(image_id)
    width, height, problem = _measure(run, image_id)
    objects, annotation_problem = _objects(run.voc_dir, image_id)
    rank, neighbours = _place(run, row, query.class_name)
    context = ImageContext(
        query=query,
        image_id=image_id,
        width=width,
        height=height,
        problem=problem,
        annotation_problem=annotation_problem,
        objects=len(objects),
        boxes=_boxes(objects, width, height),
        scores=_score_rows(run, row, query.threshold),
        rank=rank,
        previous=neighbours[0],
        next=neighbours[1],
    )
    return render_template("image.html", page=context)


@blueprint.get("/files/<data_key>/originals/<path:image_id>")
def original(data_key: str, image_id: str) -> Response:
    """The image file as it is."""
    return _send(_listed_image(data_key, image_id))


@blueprint.get("/files/<data_key>/<int:width>/<path:image_id>")
def thumbnail(data_key: str, width: int, image_id: str) -> Response:
    """The image in a box of width x 3/4 width pixels, made at the first request."""
    if width not in THUMBNAIL_WIDTHS:
        raise NotFoundError(f"There are no thumbnails {width} pixels wide.")
    source = _listed_image(data_key, image_id)
    cache_dir: Path = current_app.config["CACHE_DIR"]
    target = cache_dir / "thumbnails" / data_key / str(width) / f"{image_id}.jpg"
    # A thumbnail bears its source's time, so that one put in place with an older time counts too.
    modified_ns = source.stat().st_mtime_ns
    if not target.is_file() or target.stat().st_mtime_ns != modified_ns:
        try:
            make_thumbnail(source, target, (width, width * 3 // 4))
            os.utime(target, ns=(modified_ns, modified_ns))
        except OSError as error:
            _log.warning("%s: no thumbnail can be kept (%s); the original is sent", target, error)
            return _send(source)
    return _send(target)


def _listed_image(data_key: str, image_id: str) -> Path:
    """Returns the file of an image of the score table; no other file can be asked for.

    Raises:
        NotFoundError: there is no such image in the table, or no file of it.
    """
    run = current_run()
    run.table.row_of(image_id)
    if data_key != run.data_key:
        raise NotFoundError("That address is of another data set than the one shown.")
    return _image_file(run, image_id)


def _image_file(run: OpenedRun, image_id: str) -> Path:
    path = image_path(run.voc_dir, image_id)
    if not path.is_file():
        raise NotFoundError(f"{path}: image not found. Was the folder moved?")
    if not path.resolve().is_relative_to((run.voc_dir / "JPEGImages").resolve()):
        raise NotFoundError(f"{path}: leads outside of JPEGImages, so it is not shown.")
    return path


def _send(path: Path) -> Response:
    return send_file(path, max_age=_WEEK_S, conditional=True)


def _place(run: OpenedRun, row: int, class_name: str | None) -> tuple[int | None, list[str | None]]:
    """Returns an image's rank in a class, and the ids before and after it."""
    if class_name is None:
        return None, [None, None]
    ranking = run.table.class_ranking(run.table.class_index(class_name))
    rank = ranking.rank_of(row)
    around = [ranking.slice(at, at) for at in (rank - 1, rank + 1)]
    return rank, [run.table.image_id(int(rows[0])) if len(rows) else None for rows in around]


def _measure(run: OpenedRun, image_id: str) -> tuple[int, int, str]:
    """Returns width and height in pixels, or why they are unknown."""
    try:
        width, height = open_image(_image_file(run, image_id)).size
    except (DataError, NotFoundError) as error:
        return 0, 0, str(error)
    return width, height, ""


def _objects(voc_dir: Path, image_id: str) -> tuple[tuple[AnnotatedObject, ...], str]:
    try:
        return read_objects(voc_dir, image_id), ""
    except DataError as error:
        return (), str(error)


def _boxes(objects: tuple[AnnotatedObject, ...], width: int, height: int) -> tuple[Box, ...]:
    boxes = []
    for item in objects:
        # VOC counts pixels from 1, and both ends belong to the box.
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
            rank=run.table.class_ranking(int(index)).rank_of(row),
            truth=truth_name(int(labels[index])),
            verdict=verdict(float(scores[index]), int(labels[index]), threshold),
        )
        for index in np.argsort(-scores, kind="stable")
    )
