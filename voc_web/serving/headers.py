"""What the browser may do with responses, and which requests of other sites are refused."""

from urllib.parse import urlsplit

from flask import Flask, Response, g, request
from werkzeug.exceptions import Forbidden

from voc_web.serving.failures import failure_response

# Scripts and styles come from files of this server only, and no other site embeds its pages.
_POLICY = (
    "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-src 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}
_OTHER_SITE = "Other sites may link to pages, but not use images or data."
MAX_LOCATION = 8000  # Characters; longer headers are refused by some proxies and clients.


def register(app: Flask) -> None:
    """Adds the headers to every response, and refuses images and data to other sites."""

    @app.before_request
    def _refuse_embedding() -> None:
        if _is_of_other_site() and request.headers.get("Sec-Fetch-Mode") != "navigate":
            g.is_stranger = True
            raise Forbidden(_OTHER_SITE)

    @app.after_request
    def _protect(response: Response) -> Response:
        if _is_of_other_site() and response.status_code == 200 and response.mimetype != "text/html":
            # A link to an image or to data, which a page does not need.
            response = failure_response(403, "Forbidden", _OTHER_SITE)
        if response.location:
            response.location = _relative(response.location)
        response.headers.update(_HEADERS)
        return response


def _is_of_other_site() -> bool:
    return request.headers.get("Sec-Fetch-Site") == "cross-site"


def _relative(location: str) -> str:
    """Returns an address without scheme and host, and without what makes it too long."""
    parts = urlsplit(location)
    path = "/" + parts.path.lstrip("/")
    whole = f"{path}?{parts.query}" if parts.query else path
    return next((it for it in (whole, path) if len(it) <= MAX_LOCATION), f"{request.root_path}/")
