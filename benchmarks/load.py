"""Many clients at once: requests a second and latency of the server, then a long run of it.

Baselines: the same app under waitress without what app.py mends of it; under Flask's development
server, as most Flask apps are tried out; under gunicorn; and the same bytes as plain files from
Python's http.server, which renders nothing. All are measured in turns. The long run mixes class
pages and thumbnails: every answer is to be the very bytes of the first one, and the server's
resident memory is to stay what it was after a tenth.
"""

import asyncio
import math
import re
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from urllib.parse import unquote

import click
from served import Client, cache_dir_of, make_run, serve, serve_process, started
from store import memory_mb

from voc_model.data.voc import VOC_CLASSES

LARGEST_GROWTH_MB = 10
THUMBNAILS_A_PAGE = 4  # Of the long run; a browser asks for more, and a page is most of the work.
LONGEST_ANSWER_S = 60  # Far above any: a server that hangs ends the measurement.
OURS, DEVELOPMENT = "python app.py (waitress)", "Flask's development server"
WAITRESS = "waitress as it comes"
GUNICORN, FILES = "gunicorn, 2 processes", "files from http.server"
ACCEPTED = "Accept-Encoding: gzip, deflate, br, zstd"  # As Chromium and Firefox say.

_APP = """
from pathlib import Path
from voc_model.store.runs import RunFolder
from voc_web import create_app
from voc_web.opened_run import RunReader
app = create_app(RunReader(RunFolder(Path({run!r}))), Path({cache!r}))
if __name__ == "__main__":
    import logging, waitress
    logging.basicConfig(level=logging.INFO)  # It then says where it listens.
    waitress.serve(app, host="127.0.0.1", port=0, threads=8)
"""
# `python -m http.server` at its best: it keeps connections, sends head and body without waiting 40
# ms for the client's word between them, and lets more than five connect at once.
_FILE_SERVER = """
import http.server, sys
from functools import partial
class Handler(http.server.SimpleHTTPRequestHandler):
    protocol_version, disable_nagle_algorithm = "HTTP/1.1", True
class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 128
server = Server(("127.0.0.1", 0), partial(Handler, directory=sys.argv[1]))
print(f"http://127.0.0.1:{server.server_port}", flush=True)
server.serve_forever()
"""

Bodies = dict[str, bytes]  # By path: what every later answer is held against.
Server = AbstractContextManager[str]  # Yields its port.


@dataclass(frozen=True)
class Visit:
    """What some clients met: seconds of each answer, of all together, and the clients' own work."""

    answers_s: list[float]
    wall_s: float
    own_s: float

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.answers_s) / self.wall_s

    def percentile_ms(self, share: float) -> float:
        """Returns the milliseconds within which such a share of the answers came."""
        return 1e3 * sorted(self.answers_s)[math.ceil(share * len(self.answers_s)) - 1]


class Connection:
    """A connection as a browser has it: kept as long as the server keeps it, then made anew."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def get(self, path: str) -> bytes:
        """Returns the body as it travelled, compressed or not.

        Raises:
            ValueError: the status is not 200, or the length is missing or 0.
            OSError, EOFError: the connection failed, broke, or stood still.
        """
        async with asyncio.timeout(LONGEST_ANSWER_S):
            if self._streams is None:
                self._streams = await asyncio.open_connection("127.0.0.1", self._port)
            reader, writer = self._streams
            request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\n{ACCEPTED}\r\n\r\n"
            writer.write(request.encode())
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            length = re.search(rb"\r\ncontent-length: *([1-9]\d*)\r", head)
            if head.split(maxsplit=2)[1] != b"200" or length is None:
                raise ValueError(head.decode("latin-1"))
            body = await reader.readexactly(int(length[1]))
        if head.startswith(b"http/1.0") or b"\r\nconnection: close" in head:
            self.close()
        return body

    def close(self) -> None:
        """Lets the server go."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


def visit(port: int, paths: Iterable[str], clients: int, bodies: Bodies) -> Visit:
    """Asks for all paths, so many at once; notes in `bodies` what is not there yet.

    Raises:
        click.ClickException: an answer failed, or was another than the one before.
    """
    waiting, answers_s = iter(paths), list[float]()

    async def client() -> None:
        connection = Connection(port)
        for path in waiting:  # Whoever is free takes the next.
            began = time.perf_counter()
            try:
                body = await connection.get(path)
            except (OSError, EOFError, ValueError) as error:
                raise click.ClickException(f"{path}: {error!r}") from error
            answers_s.append(time.perf_counter() - began)
            if bodies.setdefault(path, body) != body:
                raise click.ClickException(f"{path}: another answer than before")
        connection.close()

    async def all_clients() -> None:
        await asyncio.gather(*(client() for _ in range(clients)))

    began, own = time.perf_counter(), time.process_time()
    asyncio.run(all_clients())
    return Visit(answers_s, time.perf_counter() - began, time.process_time() - own)


def thumbnail_paths(base: str, page: str) -> list[str]:
    """Returns the addresses of the thumbnails that a page shows, in its order."""
    body, _, _ = Client(base).fetch(page)
    return re.findall(r'src="([^"]*/240/[^"]*)"', body.decode())


def mix(pages: list[str], thumbnails: list[str]) -> list[str]:
    """Returns all of both, some thumbnails after every page."""
    turns = max(len(pages), len(thumbnails))
    more_pages, more_thumbnails = cycle(pages), cycle(thumbnails)
    return [
        path
        for _ in range(turns)
        for path in (next(more_pages), *islice(more_thumbnails, THUMBNAILS_A_PAGE))
    ]


def make_servers(run: Path, files: Path) -> dict[str, Callable[[], Server]]:
    """Returns what starts each server; all but the last show `run`, that one has `files`."""
    module = run.parent / "benchmark_app.py"
    module.write_text(_APP.format(run=str(run), cache=str(cache_dir_of(run))))
    python, found = sys.executable, r"http://127\.0\.0\.1:(\d+)"
    flask = [python, "-m", "flask", "--app", str(module), "run", "--port", "0"]
    gunicorn = [python, "-m", "gunicorn", "--chdir", str(run.parent), "--bind", "127.0.0.1:0"]
    gunicorn += ["--workers", "2", "--threads", "4", "benchmark_app:app"]
    plain = [python, "-c", _FILE_SERVER, str(files)]
    return {
        OURS: lambda: serve(run),
        WAITRESS: lambda: started([python, str(module)], found),
        DEVELOPMENT: lambda: started(flask, found),
        GUNICORN: lambda: started(gunicorn, found),
        FILES: lambda: started(plain, found),
    }


def write_files(folder: Path, bodies: Bodies) -> None:
    """Writes every answer as a file at its own address."""
    for path, body in bodies.items():
        file = folder / unquote(path).lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(body)


def compare_servers(
    servers: dict[str, Callable[[], Server]],
    kinds: dict[str, list[str]],
    clients: int,
    requests: int,
    rounds: int,
    bodies: Bodies,
) -> None:
    """Measures every server with every kind of paths in turns, and prints the medians."""
    visits: dict[tuple[str, str], list[Visit]] = defaultdict(list)
    with ExitStack() as running:
        ports = {
            name: int(running.enter_context(start()).rpartition(":")[2])
            for name, start in servers.items()
        }
        for port in ports.values():
            for paths in kinds.values():
                visit(port, paths * 2, clients, bodies)  # warm up
        for _ in range(rounds):
            for kind, paths in kinds.items():
                for name, port in ports.items():
                    asked = islice(cycle(paths), requests)
                    visits[kind, name].append(visit(port, asked, clients, bodies))
    print(f"medians of {rounds} rounds of {requests} requests, {clients} clients")
    for kind in kinds:
        rates = {name: statistics.median(it.rate for it in visits[kind, name]) for name in servers}
        print(f"\n{kind:28} requests/s  {OURS.split()[1]} to it   p50 ms   p99 ms  client's core")
        for name, rate in rates.items():
            rounds_of_it = visits[kind, name]
            half, most = (
                statistics.median(it.percentile_ms(share) for it in rounds_of_it)
                for share in (0.5, 0.99)
            )
            own = statistics.median(it.own_s / it.wall_s for it in rounds_of_it)
            print(f"{name:28} {rate:>10.0f} {rates[OURS] / rate:>13.2f} {half:>8.1f} {most:>8.1f} "
                  f"{own:>14.0%}")  # fmt: skip


def run_long(run: Path, paths: list[str], clients: int, requests: int, bodies: Bodies) -> None:
    """Asks the app for `requests` answers, and compares its memory after a tenth and at the end.

    Raises:
        click.ClickException: an answer failed or differed, or memory grew.
    """
    tenth = max(len(paths), requests // 10)
    with serve_process(run) as (base, process_id):
        port = int(base.rpartition(":")[2])
        asked = islice(cycle(paths), requests)
        visit(port, islice(asked, tenth), clients, bodies)
        own_before, mapped_before = memory_mb(process_id)
        rest = visit(port, asked, clients, bodies)
        own, mapped = memory_mb(process_id)
    growth = own + mapped - own_before - mapped_before
    print(f"\nlong run: {requests:,} answers, each the right one; {rest.rate:.0f} a second, p99 "
          f"{rest.percentile_ms(0.99):.0f} ms, longest {rest.percentile_ms(1):.0f} ms")  # fmt: skip
    print(f"resident memory after {tenth:,}: {own_before + mapped_before:.1f} MB (its own "
          f"{own_before:.1f}), at the end: {own + mapped:.1f} MB (its own {own:.1f}); "
          f"growth {growth:.1f} MB ({LARGEST_GROWTH_MB} are allowed)")  # fmt: skip
    if growth > LARGEST_GROWTH_MB:
        raise click.ClickException("the server's memory grows")


@click.command()
@click.option("--clients", default=64, show_default=True, help="Connections at once.")
@click.option("--rounds", default=3, show_default=True, help="Measurements of each, in turns.")
@click.option("--sample", default=400, show_default=True, help="Requests a measurement.")
@click.option("--requests", default=2000, show_default=True, help="Requests of the long run.")
@click.option("--full", is_flag=True, help="A long run of 50,000 requests: some minutes.")
def main(clients: int, rounds: int, sample: int, requests: int, full: bool) -> None:
    """Measure class pages and thumbnails under CLIENTS, then look for errors and leaks.

    The clients run in this process, on the same machine: the last column says how much of a core
    they took, which the server could not use.
    """
    with tempfile.TemporaryDirectory() as folder:
        run, files = make_run(Path(folder), images=5823, photographs=50), Path(folder) / "files"
        pages = [f"/classes/{name}" for name in VOC_CLASSES]
        bodies: Bodies = {}
        with serve(run) as base:
            thumbnails = thumbnail_paths(base, "/classes/aeroplane?from=1")
            visit(int(base.rpartition(":")[2]), [*pages, *thumbnails], 1, bodies)
        write_files(files, bodies)
        kinds = {"class pages": pages, "thumbnails": thumbnails}
        compare_servers(make_servers(run, files), kinds, clients, sample, rounds, bodies)
        run_long(run, mix(pages, thumbnails), clients, 50_000 if full else requests, bodies)


if __name__ == "__main__":
    main()
