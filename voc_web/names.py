"""Names of classes and images as the last part of a page's address."""

from flask import Flask
from werkzeug.routing import PathConverter


class _NameConverter(PathConverter):
    """Any name: unlike a path, it may start with slashes and contain line breaks."""

    part_isolating = False
    regex = "(?s:.+)"


def register(app: Flask) -> None:
    """Makes `<name:...>` available to the routes; call it before these are registered."""
    app.url_map.converters["name"] = _NameConverter
    app.url_map.merge_slashes = False
