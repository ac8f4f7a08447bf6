"""Image pages, thumbnails and originals. Only images in the score table are served."""

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


@blueprint.get("/images/<name:image_id>")
def image(image_id: str) -> str:
    """An image with its boxes, and its score and rank in every class."""
    context = describe_image(current_run(), image_id, ImageQuery.of_request())
    return render_template("image.html", page=context)


@blueprint.get("/files/<data_key>/originals/<name:image_id>")
def original(data_key: str, image_id: str) -> Response:
    """The original image file."""
    return _send(_listed_image(data_key, image_id))


@blueprint.get("/files/<data_key>/<int:width>/<name:image_id>")
def thumbnail(data_key: str, width: int, image_id: str) -> Response:
    """A thumbnail of at most width x 3/4 width pixels, created on the first request."""
    if width not in WIDTHS:
        raise NotFoundError(f"There are no thumbnails {width} pixels wide.")
    source = _listed_image(data_key, image_id)
    target = thumbnail_path(current_app.config["CACHE_DIR"], current_run().voc_dir, image_id, width)
    try:
        ensure_thumbnail(source, target, width)
    except OSError as error:
        _log.warning("%s: cannot write the thumbnail (%s); sending the original", target, error)
        return _send(source)
    return _send(target, "image/webp")


def _listed_image(data_key: str, image_id: str) -> Path:
    """Returns the file of an image in the score table.

    Raises:
        NotFoundError: the image is not in the table, or its file does not exist.
    """
    run = current_run()
    run.table.row_of(image_id)
    if data_key != run.data_key:
        raise NotFoundError("This link belongs to a different data set than the one being shown.")
    return image_file(run, image_id)


def _send(path: Path, mimetype: str | None = None) -> Response:
    return send_file(path, mimetype, max_age=_WEEK_S, conditional=True)
