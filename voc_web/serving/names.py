"""Names of classes and images as the last part of a page's address."""

from flask import Flask
from werkzeug.routing import PathConverter


class _NameConverter(PathConverter):
    """Any name: unlike a path, it may start with slashes and contain line breaks."""

    part_isolating = False
    regex = "(?s:.+)"


class _ClassNameConverter(_NameConverter):
    """A name that may also look like a part of a path, such as `/m/01g317` or `..`.

    Browsers and servers leave out empty segments of a path, `.` and `..`. Such a segment is
    prefixed with a tilde, and so is one that starts with a tilde.
    """

    def to_python(self, value: str) -> str:
        return "/".join(segment.removeprefix("~") for segment in value.split("/"))

    def to_url(self, value: str) -> str:
        return super().to_url("/".join(map(_protect, value.split("/"))))


def register(app: Flask) -> None:
    """Makes `<name:...>` and `<class_name:...>` available; call it before routes are registered.

    The filter `class_path` is what url_for makes of a class name.
    """
    app.url_map.converters |= {"name": _NameConverter, "class_name": _ClassNameConverter}
    app.jinja_env.filters["class_path"] = _ClassNameConverter(app.url_map).to_url
    app.url_map.merge_slashes = False


def _protect(segment: str) -> str:
    return f"~{segment}" if segment in ("", ".", "..") or segment.startswith("~") else segment
