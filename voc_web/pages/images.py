"""Image pages, thumbnails and originals. Only images in the score table are served."""

import logging
import os
from pathlib import Path
from typing import BinaryIO

from flask import Blueprint, Response, current_app, render_template, request, send_file

from voc_model.data.image_files import ImageHeader, open_image, version_key
from voc_model.errors import NotFoundError
from voc_model.files import open_regular
from voc_model.store.thumbnails import WIDTHS, ensure_thumbnail, thumbnail_folder
from voc_web.pages.queries import ImageQuery
from voc_web.run.image_facts import describe_image, file_version, image_file
from voc_web.run.opened_run import current_run

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
    return _send_original(_listed_image(data_key, image_id))


@blueprint.get("/files/<data_key>/<int:width>/<name:image_id>")
def thumbnail(data_key: str, width: int, image_id: str) -> Response:
    """A thumbnail of at most width x 3/4 width pixels, created on the first request."""
    if width not in WIDTHS:
        raise NotFoundError(f"There are no thumbnails {width} pixels wide.")
    source = _listed_image(data_key, image_id)
    cache_dir, voc_dir = current_app.config["CACHE_DIR"], current_run().voc_dir
    folder = thumbnail_folder(cache_dir, voc_dir, image_id)
    version = version_key(source)
    try:
        target = ensure_thumbnail(source, folder, width)
        return _send(open_regular(target), "image/webp", version)
    except OSError as error:
        _log.warning("%s: cannot store the thumbnail (%s); sending the original", folder, error)
        return _send_original(source)


@blueprint.app_template_filter("image_version")
def image_version(image_id: str) -> str:
    """Returns what tells an image's file from one that replaces it, for addresses.

    Browsers keep images for a week, and request only new addresses. Empty if there is no file.
    """
    return file_version(current_run(), image_id)


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


def _send_original(path: Path) -> Response:
    """Sends an image as it is, and nothing that is not one: links may lead anywhere."""
    file, image = open_image(path)
    file.seek(0)
    version = version_key(path, os.fstat(file.fileno()))
    return _send(file, ImageHeader.of(image).mimetype, version)


def _send(file: BinaryIO, mimetype: str, version: str) -> Response:
    """Sends an open file, to be kept for a week if the request names this version of the image."""
    status = os.fstat(file.fileno())
    response = send_file(
        file,
        mimetype,
        conditional=False,  # Only below is the length known.
        etag=f"{version}-{status.st_size:x}",
        last_modified=int(status.st_mtime),
        max_age=_WEEK_S if request.args.get("v") == version else None,
    )
    response.content_length = status.st_size
    response.make_conditional(request, accept_ranges=True, complete_length=status.st_size)
    return response
