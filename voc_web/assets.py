"""Style sheets, scripts and Plotly's bundle: compressed once, cached by the browser for good."""

import gzip
from functools import cache
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

from flask import Blueprint, Response, request, send_from_directory, url_for

from voc_model.errors import NotFoundError

blueprint = Blueprint("assets", __name__)

_STATIC_DIR = Path(__file__).resolve().parent.parent / "static"
_PLOTLY = "plotly.min.js"
_YEAR_S = 365 * 24 * 3600


@blueprint.app_template_global()
def asset(name: str) -> str:
    """Returns the URL of a static file; it changes with the contents, so browsers keep it."""
    path = _asset_path(name)
    version = _version(path, path.stat().st_mtime_ns if path.is_file() else 0)
    return url_for("assets.serve", name=name, v=version)


@blueprint.get("/static/<path:name>")
def serve(name: str) -> Response:
    """Serves a static file, or Plotly's bundle from the installed package."""
    if name != _PLOTLY:
        return send_from_directory(_STATIC_DIR, name, max_age=_YEAR_S)
    path = _asset_path(name)
    if not path.is_file():
        raise NotFoundError("Plotly's script is not installed: pip install -r requirements.txt")
    if not request.accept_encodings["gzip"]:
        return send_from_directory(path.parent, path.name, max_age=_YEAR_S)
    response = Response(_gzipped(path), mimetype="text/javascript")
    response.headers["Content-Encoding"] = "gzip"
    response.vary.add("Accept-Encoding")
    response.cache_control.public = True
    response.cache_control.max_age = _YEAR_S
    return response


def _asset_path(name: str) -> Path:
    if name != _PLOTLY:
        return _STATIC_DIR / name
    # Found without importing the package, which the server has no use for.
    spec = find_spec("plotly")
    folders = list(spec.submodule_search_locations or []) if spec else []
    return Path(folders[0] if folders else ".") / "package_data" / _PLOTLY


@cache
def _version(path: Path, modified_ns: int) -> str:
    return sha256(path.read_bytes()).hexdigest()[:10] if modified_ns else "missing"


@cache
def _gzipped(path: Path) -> bytes:
    # 4.8 MB shrink to 1.4 MB; done at the first request, since compressing it takes a while.
    return gzip.compress(path.read_bytes(), compresslevel=6)
