"""One image: its page, its thumbnails, its original. Only images of the score table are served."""

import logging
from pathlib import Path

from flask import Blueprint, Response, current_app, render_template, send_file

from voc_model.errors import NotFoundError
from voc_model.store.thumbnails import WIDTHS, ensure_thumbnail, thumbnail_path
from voc_web.image_facts import describe_image, image_file
from voc_web.opened_run import current_run
from voc_web.query import ImageQuery

blueprint = Blueprint("images", __name__)

_log = logging.getLogger(__name__)

_WEEK_S = 7 * 24 * 3600


@blueprint.get("/images/<path:image_id>")
def image(image_id: str) -> str:
    """The image with its boxes, and its score and rank in every class."""
    context = describe_image(current_run(), image_id, ImageQuery.of_request())
    return render_template("image.html", page=context)


@blueprint.get("/files/<data_key>/originals/<path:image_id>")
def original(data_key: str, image_id: str) -> Response:
    """The image file as it is."""
    return _send(_listed_image(data_key, image_id))


@blueprint.get("/files/<data_key>/<int:width>/<path:image_id>")
def thumbnail(data_key: str, width: int, image_id: str) -> Response:
    """The image in a box of width x 3/4 width pixels, made at the first request, if not before."""
    if width not in WIDTHS:
        raise NotFoundError(f"There are no thumbnails {width} pixels wide.")
    source = _listed_image(data_key, image_id)
    target = thumbnail_path(current_app.config["CACHE_DIR"], current_run().voc_dir, image_id, width)
    try:
        ensure_thumbnail(source, target, width)
    except OSError as error:
        _log.warning("%s: no thumbnail can be kept (%s); the original is sent", target, error)
        return _send(source)
    return _send(target, "image/webp")


def _listed_image(data_key: str, image_id: str) -> Path:
    """Returns the file of an image of the score table; no other file can be asked for.

    Raises:
        NotFoundError: there is no such image in the table, or no file of it.
    """
    run = current_run()
    run.table.row_of(image_id)
    if data_key != run.data_key:
        raise NotFoundError("That address is of another data set than the one shown.")
    return image_file(run, image_id)


def _send(path: Path, mimetype: str | None = None) -> Response:
    return send_file(path, mimetype, max_age=_WEEK_S, conditional=True)
