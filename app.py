"""Serves the ranking browser: python app.py --root-dir PATH/VOC2012/JPEGImages/"""

import errno
import logging
import signal
from contextlib import suppress
from pathlib import Path
from typing import Any
from wsgiref.types import WSGIApplication

import click
import waitress

from voc_model.data.voc import find_voc_dir
from voc_model.errors import ScoreStoreError, VocError
from voc_model.store.runs import RUNS_DIR, find_run
from voc_web import create_app
from voc_web.opened_run import RunReader

# A silent or slow client occupies a connection but no thread: waitress hands a request to a thread
# only once it has all of it. benchmarks/robustness.py measures what these settings do.
_LIMITS = {
    "connection_limit": 500,  # Windows' select() watches no more than 512.
    "channel_timeout": 30,  # Seconds without a byte in either direction.
    "cleanup_interval": 10,
    "asyncore_use_poll": True,  # Where there is poll(): it has no limit of its own.
    "max_request_header_size": 65_536,
    "max_request_body_size": 65_536,  # Every request is a GET.
}


@click.command(epilog="Example: python app.py --root-dir VOCdevkit/VOC2012/JPEGImages/ --port 8000")
@click.version_option(package_name="ranking-browser")
@click.option(
    "--root-dir",
    "--file_path",
    type=click.Path(path_type=Path),
    help="VOC's JPEGImages folder, or the folder that holds it. "
    "By default where the images lay when they were scored.",
)
@click.option(
    "--run",
    "run_name",
    help="The run to show: its name in the runs folder, or its path. "
    "By default the newest with scores of ROOT_DIR.",
)
@click.option(
    "--runs-dir",
    type=click.Path(path_type=Path),
    default=RUNS_DIR,
    show_default=True,
    help="Where the runs are.",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=5000, show_default=True, help="Port."
)
@click.option(
    "--threads", type=click.IntRange(1, 256), default=8, show_default=True, help="Server threads."
)
@click.option(
    "--cache-dir",
    type=click.Path(path_type=Path),
    default=Path(".cache"),
    show_default=True,
    help="Where thumbnails are kept.",
)
@click.option("--debug", is_flag=True, help="Flask's development server: reloads, shows errors.")
def main(
    root_dir: Path | None,
    run_name: str | None,
    runs_dir: Path,
    host: str,
    port: int,
    threads: int,
    cache_dir: Path,
    debug: bool,
) -> None:
    """Browse the rankings of a scored run at http://localhost:5000.

    The scores come from scripts/precompute_scores.py; `make gui root_dir=DIR` makes them first
    where there are none.
    """
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # Not each busy moment.
    try:
        voc_dir = find_voc_dir(root_dir) if root_dir else None
        reader = RunReader(find_run(runs_dir, run_name, voc_dir), voc_dir, cache_dir)
    except VocError as error:
        raise click.ClickException(str(error)) from None
    try:
        reader.current()
    except ScoreStoreError as error:
        # Served all the same: the pages say what to do, and work once it is done.
        click.echo(f"Warning: {error}", err=True)
    app = create_app(reader, cache_dir)
    if debug:
        app.run(host, port, debug=True)
        return
    serve(app, host, port, threads, reader.folder.name)


def serve(app: WSGIApplication, host: str, port: int, threads: int, name: str) -> None:
    """Answers requests until Ctrl-C or SIGTERM; what is being answered then is finished first.

    Args:
        app: the pages.
        host: a name or an address of this machine; "*" for all of them.
        port: 0 for any that is free; it is printed.
        threads: how many requests are answered at once.
        name: what is served, to print beside the address.

    Raises:
        click.ClickException: the port is in use, or the address is not this machine's.
    """
    # As Ctrl-C: by default it would cut answers off, and do nothing to a container's first process.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    server = _listen(app, host, port, threads)
    with suppress(KeyboardInterrupt):  # The server ends by it, but it may not run yet.
        click.echo(f"{name}: {_address(host, server)}  (Ctrl-C stops)")
        server.run()


def _listen(app: WSGIApplication, host: str, port: int, threads: int) -> Any:
    try:
        return waitress.create_server(app, host=host, port=port, threads=threads, **_LIMITS)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            other = port + 1 if port < 65535 else port - 1
            raise click.ClickException(
                f"Port {port} is in use. Choose another: --port {other} (make gui port={other})."
            ) from None
        raise click.ClickException(f"Cannot listen on {host}:{port}: {error.strerror}.") from None
    except ValueError:  # Waitress's word for a name that does not resolve.
        raise click.ClickException(
            f"There is no address named {host}. Choose another: --host 127.0.0.1"
        ) from None


def _address(host: str, server: Any) -> str:
    """Returns the address to open in a browser on this machine."""
    shown = "localhost" if host in ("127.0.0.1", "0.0.0.0", "::") else host  # noqa: S104 (compared)
    if ":" in shown:
        shown = f"[{shown}]"
    # A name with several addresses makes a server of several.
    several = getattr(server, "effective_listen", None)
    port = several[0][1] if several else server.effective_port
    return f"http://{shown}:{port}"


if __name__ == "__main__":
    main()
