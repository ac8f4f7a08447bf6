"""Which WSGI server: requests/s of waitress and gunicorn against Flask's development server.

All serve the same run in turns; the clients are threads with kept-alive connections.
"""

import http.client
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from pathlib import Path

import click
from served import make_run, serve, started

_GUNICORN_APP = """
from pathlib import Path
from voc_model.runs import RunFolder
from voc_web import create_app
from voc_web.opened_run import RunReader
app = create_app(RunReader(RunFolder(Path({run!r}))), Path({cache!r}))
"""


def gunicorn(run: Path) -> AbstractContextManager[str]:
    """Starts gunicorn with two worker processes of four threads."""
    module = run.parent / "benchmark_app.py"
    module.write_text(_GUNICORN_APP.format(run=str(run), cache=str(run.parent / "cache")))
    options = ["--workers", "2", "--threads", "4", "--bind", "127.0.0.1:0"]
    command = [sys.executable, "-m", "gunicorn", "--chdir", str(run.parent), *options]
    return started([*command, "benchmark_app:app"], r"Listening at: http://127.0.0.1:(\d+)")


def requests_per_second(port: int, paths: list[str], clients: int, requests: int) -> float:
    """Fetches `requests` pages in turns of `paths` by `clients` at once; an error raises."""

    def client(number: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port)
        for step in range(requests // clients):
            path = paths[(number + step) % len(paths)]
            try:
                connection.request("GET", path)
                response = connection.getresponse()
            except http.client.RemoteDisconnected:  # A kept connection that the server let go.
                connection.request("GET", path)
                response = connection.getresponse()
            response.read()
            if response.status != 200:
                raise RuntimeError(f"status {response.status}")

    start = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        list(pool.map(client, range(clients)))
    return requests / (time.perf_counter() - start)


@click.command()
@click.option("--clients", default=16, show_default=True, help="Connections at once.")
@click.option("--requests", default=800, show_default=True, help="Requests a measurement.")
@click.option("--rounds", default=3, show_default=True, help="Measurements of each, in turns.")
def main(clients: int, requests: int, rounds: int) -> None:
    """Measure class pages and thumbnails."""
    with tempfile.TemporaryDirectory() as folder:
        run = make_run(Path(folder), images=5823, photographs=50)
        servers: dict[str, Callable[[], AbstractContextManager[str]]] = {
            "development": lambda: serve(run, "--debug"),
            "waitress": lambda: serve(run),
            "gunicorn": lambda: gunicorn(run),
        }
        figures: dict[tuple[str, str], list[float]] = {}
        for _ in range(rounds):
            for name, start in servers.items():
                with start() as address:
                    port = int(address.rpartition(":")[2])
                    for kind, paths in _paths(port).items():
                        requests_per_second(port, paths, clients, len(paths) * clients)  # warm up
                        figures.setdefault((name, kind), []).append(
                            requests_per_second(port, paths, clients, requests)
                        )
    print(f"requests/s, {clients} clients, median of {rounds} (ratio to the development server)")
    for kind in ("class pages", "thumbnails"):
        base = statistics.median(figures["development", kind])
        shown = [(name, statistics.median(figures[name, kind])) for name in servers]
        print(f"{kind:12}", *(f"{name} {rate:.0f} ({rate / base:.2f})" for name, rate in shown))


def _paths(port: int) -> dict[str, list[str]]:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    # Where the photographs are: the first page of the first class.
    connection.request("GET", "/classes/aeroplane?from=1")
    page = connection.getresponse().read().decode()
    thumbnails = sorted({part.split('"')[0] for part in page.split('src="')[1:] if "/240/" in part})
    classes = ["aeroplane", "person", "train", "dog"]
    return {
        "class pages": [f"/classes/{name}" for name in classes],
        "thumbnails": thumbnails[:20],
    }


if __name__ == "__main__":
    main()
