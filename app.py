"""Serves the ranking browser: python app.py --root-dir PATH/VOC2012/JPEGImages/"""

import logging
import socket
import warnings
from pathlib import Path

import click

from voc_model.data.voc import find_voc_dir
from voc_model.errors import ScoreStoreError, SettingsError, VocError
from voc_model.store.runs import CACHE_DIR, RUNS_DIR, find_run
from voc_web import create_app
from voc_web.run.opened_run import RunReader
from voc_web.serving.access import (
    EVERY_ADDRESS,
    PASSWORD_VARIABLE,
    TOKEN_VARIABLE,
    USER_VARIABLE,
    Access,
    decide_access,
    find_secret,
    is_loopback,
)
from voc_web.serving.server import address_of, end_on_signals, open_sockets, serve


@click.command(epilog="Example: python app.py --root-dir VOCdevkit/VOC2012/JPEGImages/ --port 8000")
@click.version_option(package_name="ranking-browser")
@click.option(
    "--root-dir",
    "--file_path",
    type=click.Path(path_type=Path),
    help="VOC's JPEGImages folder, or the folder that holds it. "
    "By default the folder recorded when the images were scored.",
)
@click.option(
    "--run",
    "run_name",
    help="The run to show: its name in the runs folder, or its path. "
    "By default the newest run that scored the data set in ROOT_DIR.",
)
@click.option(
    "--runs-dir",
    type=click.Path(path_type=Path),
    default=RUNS_DIR,
    show_default=True,
    help="Where the runs are.",
)
@click.option(
    "--host",
    default="localhost",
    show_default=True,
    help="Address to listen on; localhost is 127.0.0.1 and ::1. With any other, visitors sign in.",
)
@click.option(
    "--port", type=click.IntRange(0, 65535), default=5000, show_default=True, help="Port."
)
@click.option(
    "--allowed-host",
    "allowed_hosts",
    metavar="NAME",
    multiple=True,
    help="Another name that this server answers to, e.g. that of a proxy. Can be repeated.",
)
@click.option(
    "--token",
    envvar=TOKEN_VARIABLE,
    show_envvar=True,
    help="What visitors sign in with. By default, a random one is printed as part of a link.",
)
@click.option(
    "--password-file",
    type=click.Path(path_type=Path),
    help="File with user:password, to sign in with instead of a token; "
    f"or set {USER_VARIABLE} and {PASSWORD_VARIABLE}.",
)
@click.option("--no-auth", is_flag=True, help="Let everybody in who can reach the address.")
@click.option(
    "--proxies",
    type=click.IntRange(0, 10),
    default=0,
    show_default=True,
    help="Number of reverse proxies in front of the server, whose X-Forwarded headers are trusted. "
    "With any, visitors must sign in.",
)
@click.option(
    "--threads", type=click.IntRange(1, 256), default=8, show_default=True, help="Server threads."
)
@click.option(
    "--cache-dir",
    type=click.Path(path_type=Path),
    default=CACHE_DIR,
    show_default=True,
    help="Where thumbnails are kept, and the metrics of runs that lack them.",
)
@click.option("--debug", is_flag=True, help="Flask's development server: reloads, shows errors.")
def main(
    root_dir: Path | None,
    run_name: str | None,
    runs_dir: Path,
    host: str,
    port: int,
    allowed_hosts: tuple[str, ...],
    token: str | None,
    password_file: Path | None,
    no_auth: bool,
    proxies: int,
    threads: int,
    cache_dir: Path,
    debug: bool,
) -> None:
    """Browse the rankings of a scored run at http://localhost:5000.

    The scores come from scripts/precompute_scores.py; `make gui root_dir=DIR` creates them
    first if there are none.
    """
    end_on_signals()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    # It would warn whenever all threads are busy.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    # About details of a file that Pillow has read nevertheless, without the file's name.
    warnings.filterwarnings("ignore", module=r"PIL\.")
    try:
        chosen = find_secret(token, password_file)
        access = decide_access(
            host, allowed_hosts, chosen, no_auth=no_auth, behind_proxy=proxies > 0
        )
        voc_dir = find_voc_dir(root_dir) if root_dir else None
        reader = RunReader(find_run(runs_dir, run_name, voc_dir), voc_dir, cache_dir)
        _warn_of_missing_scores(reader)
        app = create_app(reader, cache_dir, access, proxies)
        if debug:
            _check_debug(host, proxies)
            app.run(host, port, debug=True)
            return
        sockets = open_sockets(host, port)
    except VocError as error:
        raise click.ClickException(str(error)) from None

    def announce() -> None:
        _announce(reader.folder.name, sockets, host, access, with_token=chosen is None)

    serve(app, sockets, threads, announce)


def _warn_of_missing_scores(reader: RunReader) -> None:
    try:
        reader.current()
    except ScoreStoreError as error:
        # Served all the same: the pages say what to do, and work once it is done.
        click.echo(f"Warning: {error}", err=True)


def _check_debug(host: str, proxies: int) -> None:
    if proxies or not is_loopback(host):
        raise SettingsError(
            "--debug lets visitors run code on this machine. Use it with --host localhost only."
        )


def _announce(
    name: str, sockets: list[socket.socket], host: str, access: Access, *, with_token: bool
) -> None:
    """Prints where the pages are, and what visitors have to show."""
    token = f"/?token={access.secret.password}" if access.secret and with_token else ""
    here = "localhost" if host in EVERY_ADDRESS else host
    click.echo(f"{name}: {address_of(sockets, here)}{token}  (Ctrl-C stops)")
    if host in EVERY_ADDRESS:
        click.echo(f"From other machines: {address_of(sockets, socket.gethostname())}{token}")
    if access.secret is not None and not token:
        shown = "user and password" if access.secret.user is not None else "token"
        click.echo(f"Visitors sign in with the given {shown}.")
    if access.secret is None and access.any_address:
        click.echo("Warning: --no-auth lets everybody in who can reach this address.", err=True)


if __name__ == "__main__":
    main()
