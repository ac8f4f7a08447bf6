"""Addresses of pages without empty parameters, which forms send for fields that are left empty."""

from flask import Flask, redirect, request, url_for
from werkzeug.wrappers import Response

from voc_web.serving.headers import MAX_LOCATION

_PAGES = ("rankings.", "metrics.", "images.image")


def register(app: Flask) -> None:
    """Redirects from the address of a page with empty parameters to the one without."""

    @app.before_request
    def _leave_out_empty() -> Response | None:
        endpoint, query = request.endpoint or "", request.query_string.decode("latin-1")
        # Not parsed, so that all the rest stays as it is.
        kept = "&".join(part for part in query.split("&") if part.partition("=")[2])
        if kept == query or not endpoint.startswith(_PAGES):
            return None
        address = url_for(endpoint, **(request.view_args or {})) + (f"?{kept}" if kept else "")
        return redirect(address) if len(address) <= MAX_LOCATION else None
