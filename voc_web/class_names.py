"""Class names in the path of an address: any name, even one that looks like a part of a path."""

from werkzeug.routing import PathConverter


class ClassNameConverter(PathConverter):
    """Converts class names such as `dog`, `/m/01g317` or `..` to parts of a path and back.

    Browsers and servers leave out empty segments of a path, `.` and `..`. Such a segment gets a
    tilde in front, and so does one that starts with a tilde.
    """

    def to_python(self, value: str) -> str:
        return "/".join(segment.removeprefix("~") for segment in value.split("/"))

    def to_url(self, value: str) -> str:
        return super().to_url("/".join(map(_protect, value.split("/"))))


def _protect(segment: str) -> str:
    return f"~{segment}" if segment in ("", ".", "..") or segment.startswith("~") else segment
