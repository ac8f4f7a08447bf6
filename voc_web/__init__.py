"""The web application. It reads run folders with the torch-free part of voc_model."""

from pathlib import Path

from flask import Flask
from flask_compress import Compress
from werkzeug.middleware.proxy_fix import ProxyFix

from voc_web import formats
from voc_web.api import routes as api
from voc_web.pages import clean_addresses, images, metrics, rankings
from voc_web.run.opened_run import RunReader
from voc_web.serving import assets, failures, headers, names, sign_in, site
from voc_web.serving.access import THIS_MACHINE, Access
from voc_web.serving.template_cache import TemplateCache

_ROOT = Path(__file__).resolve().parent.parent


def create_app(
    reader: RunReader, cache_dir: Path, access: Access = THIS_MACHINE, proxies: int = 0
) -> Flask:
    """Returns the WSGI application.

    Args:
        reader: opens the run to serve.
        cache_dir: folder of thumbnails and compiled templates, which persist between starts.
        access: which requests are answered; by default, those to localhost.
        proxies: how many reverse proxies all requests come through. What these say about the
            visitor's address, host, scheme and path prefix is trusted.
    """
    app = Flask(__name__, template_folder=str(_ROOT / "templates"), static_folder=None)
    app.extensions["run_reader"] = reader
    app.config["CACHE_DIR"] = cache_dir.resolve()
    # Images are not listed, since they are compressed already.
    app.config["COMPRESS_MIMETYPES"] = [
        *("text/html", "text/css", "text/javascript", "text/csv"),
        *("application/json", "application/problem+json", "image/svg+xml"),
    ]
    # Of gzip. The fastest level, since pages are small and latency matters more than bytes.
    app.config["COMPRESS_LEVEL"] = 1
    app.jinja_options = {
        "trim_blocks": True,
        "lstrip_blocks": True,
        "bytecode_cache": TemplateCache(app.config["CACHE_DIR"] / "templates"),
    }
    app.json.sort_keys = False  # type: ignore[attr-defined]
    if proxies:
        trusted = dict.fromkeys(("x_for", "x_proto", "x_host", "x_port", "x_prefix"), proxies)
        app.wsgi_app = ProxyFix(app.wsgi_app, **trusted)  # type: ignore[method-assign]
    Compress(app)
    names.register(app)
    formats.register(app)
    failures.register(app)
    site.register(app)
    headers.register(app)
    sign_in.register(app, access)
    clean_addresses.register(app)
    for module in (assets, rankings, metrics, images, api):
        app.register_blueprint(module.blueprint)
    return app
