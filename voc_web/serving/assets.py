"""Style sheets and scripts, whose URLs change with their contents so that browsers can cache them.

All files share one version, which is a folder of the URL, so that relative imports of scripts work.
"""

from functools import cache
from hashlib import sha256
from pathlib import Path

from flask import Blueprint, Response, g, request, send_from_directory, url_for

blueprint = Blueprint("assets", __name__)

_STATIC_DIR = Path(__file__).resolve().parents[2] / "static"
_YEAR_S = 365 * 24 * 3600


@blueprint.app_template_global()
def asset(name: str) -> str:
    """Returns the URL of a static file."""
    if "static_version" not in g:  # Once per request, since a page has several files.
        paths = sorted(_STATIC_DIR.iterdir())
        g.static_version = _version(tuple((path, path.stat().st_mtime_ns) for path in paths))
    return url_for("assets.serve", version=g.static_version, name=name)


@blueprint.get("/static/<version>/<name>")
def serve(version: str, name: str) -> Response:
    """Serves the current version of a static file, whichever version the URL has."""
    # A part of a file that is then compressed would be a part of neither.
    request.environ.pop("HTTP_RANGE", None)
    return send_from_directory(_STATIC_DIR, name, max_age=_YEAR_S)


@cache
def _version(files: tuple[tuple[Path, int], ...]) -> str:
    digest = sha256()
    for path, _ in files:
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:10]
