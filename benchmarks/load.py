"""WSGI servers under load: start-up, memory, throughput, latency; then a long run.

Compared are the server of app.py, alternatives to it, each with one process and 8 threads (see
servers.py), and Python's http.server with the same bytes as static files. The long run mixes
class pages and thumbnails of app.py's server: every response must have the same bytes as the first
one to the same request, and private memory must not grow after a tenth of the requests.
robustness.py tests the same servers with silent and slow clients and with excessive requests.
"""

import asyncio
import math
import re
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from itertools import cycle, islice
from pathlib import Path
from urllib.parse import unquote

import click
from served import Client, make_run, private_mb, serve, serve_process
from servers import FILES, OURS, Server, commands, files_command, free_port, started, write_module

from voc_model.data.voc import VOC_CLASSES

CONNECTIONS = (1, 8, 64)
MAX_GROWTH_MB = 10
THUMBNAILS_PER_PAGE = (
    4  # In the long run; a browser requests more, but pages cost most of the time.
)
TIMEOUT_S = 60  # Far above any response time: stops the benchmark if a server hangs.
FIRST_PAGE = "/classes/person"
ACCEPTED = "Accept-Encoding: gzip, deflate, br, zstd"  # As sent by Chromium and Firefox.

Bodies = dict[str, bytes]  # By path; every later response must be equal.


@dataclass(frozen=True)
class Visit:
    """Measurements of a series of requests, in seconds.

    Attributes:
        answers_s: from request to response, for each request.
        wall_s: from the first request to the last response.
        own_s: processor time of the clients.
        server_s: processor time of the server's processes.
    """

    answers_s: list[float]
    wall_s: float
    own_s: float
    server_s: float = math.nan

    @property
    def rate(self) -> float:
        """Responses per second."""
        return len(self.answers_s) / self.wall_s

    def percentile_ms(self, share: float) -> float:
        """Returns the latency in milliseconds that this share of the responses did not exceed."""
        return 1e3 * sorted(self.answers_s)[math.ceil(share * len(self.answers_s)) - 1]


class Connection:
    """A persistent connection, as a browser has it; reopened if the server closes it."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def get(self, path: str) -> bytes:
        """Returns the body as it was transferred, compressed or not.

        Raises:
            ValueError: the status is not 200, or the length is missing or 0.
            OSError, EOFError: the connection failed, was closed, or timed out.
        """
        async with asyncio.timeout(TIMEOUT_S):
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
        """Closes the connection."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


def visit(port: int, paths: Iterable[str], clients: int, bodies: Bodies) -> Visit:
    """Requests all paths over `clients` connections; adds new bodies to `bodies`.

    Raises:
        click.ClickException: a request failed, or a response differs from an earlier one.
    """
    waiting, answers_s = iter(paths), list[float]()

    async def client() -> None:
        connection = Connection(port)
        for path in waiting:  # The next free client takes the next path.
            began = time.perf_counter()
            try:
                body = await connection.get(path)
            except (OSError, EOFError, ValueError) as error:
                raise click.ClickException(f"{path}: {error!r}") from error
            answers_s.append(time.perf_counter() - began)
            if bodies.setdefault(path, body) != body:
                raise click.ClickException(f"{path}: the response differs from an earlier one")
        connection.close()

    async def all_clients() -> None:
        await asyncio.gather(*(client() for _ in range(clients)))

    began, own = time.perf_counter(), time.process_time()
    asyncio.run(all_clients())
    return Visit(answers_s, time.perf_counter() - began, time.process_time() - own)


def thumbnail_paths(base: str, page: str) -> list[str]:
    """Returns the paths of the thumbnails on a page, in its order."""
    body, _, _ = Client(base).fetch(page)
    return re.findall(r'src="([^"]*/240/[^"]*)"', body.decode())


def mix(pages: list[str], thumbnails: list[str]) -> list[str]:
    """Returns all paths of both kinds, each page followed by some thumbnails."""
    turns = max(len(pages), len(thumbnails))
    more_pages, more_thumbnails = cycle(pages), cycle(thumbnails)
    return [
        path
        for _ in range(turns)
        for path in (next(more_pages), *islice(more_thumbnails, THUMBNAILS_PER_PAGE))
    ]


def write_files(folder: Path, bodies: Bodies) -> None:
    """Writes every body to a file at its own path."""
    for path, body in bodies.items():
        file = folder / unquote(path).lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(body)


def measure_starts(run: Path, files: Path, rounds: int) -> None:
    """Starts every server alternately; prints time and processor time to the first page, memory."""
    measured: dict[str, list[tuple[float, float, float]]] = defaultdict(list)
    for _ in range(rounds):
        port = free_port()
        for name, command in {**commands(run, port), FILES: files_command(files, port)}.items():
            with started(command, port, FIRST_PAGE, run.parent) as server:
                spent_ms = 1e3 * server.processor_s()
                measured[name].append((1e3 * server.start_s, spent_ms, server.memory_mb()))
    print(f"{'start':28} first page ms   processor ms   memory MB")
    for name, rows in measured.items():
        start_ms, spent_ms, memory = (statistics.median(it) for it in zip(*rows, strict=True))
        print(f"{name:28} {start_ms:>13.0f} {spent_ms:>14.0f} {memory:>11.0f}")


def compare_servers(
    run: Path,
    files: Path,
    kinds: dict[str, list[str]],
    connections: tuple[int, ...],
    requests: int,
    rounds: int,
    bodies: Bodies,
) -> None:
    """Measures every server with every kind of path alternately and prints medians."""
    visits: dict[tuple[int, str, str], list[Visit]] = defaultdict(list)
    with ExitStack() as running:
        servers: dict[str, Server] = {}
        for name in [*commands(run, 0), FILES]:
            port = free_port()
            command = {**commands(run, port), FILES: files_command(files, port)}[name]
            start = started(command, port, FIRST_PAGE, run.parent)
            servers[name] = running.enter_context(start)
        for server in servers.values():
            for paths in kinds.values():
                visit(server.port, paths * 2, max(connections), bodies)  # warm up
        for _ in range(rounds):
            for count in connections:
                for kind, paths in kinds.items():
                    for name, server in servers.items():
                        asked = islice(cycle(paths), requests)
                        before = server.processor_s()
                        met = visit(server.port, asked, count, bodies)
                        spent = server.processor_s() - before
                        visits[count, kind, name].append(replace(met, server_s=spent))
        memory = ", ".join(f"{name} {server.memory_mb():.0f}" for name, server in servers.items())
    print(f"\nmemory at the end, MB: {memory}")
    for count in connections:
        for kind in kinds:
            print_rates(
                f"{kind}, {count} connections", {it: visits[count, kind, it] for it in servers}
            )


def print_rates(title: str, visits: dict[str, list[Visit]]) -> None:
    """Prints medians; ratios are medians of the ratios per round, which vary less."""
    print(f"\n{title:28} per second   ratio   p50 ms   p99 ms   server ms   client's core")
    for name, rounds in visits.items():

        def median(measure: Callable[[Visit], float], rounds: list[Visit] = rounds) -> float:
            return statistics.median(measure(it) for it in rounds)

        pairs = zip(rounds, visits[OURS], strict=True)
        ratio = statistics.median(it.rate / ours.rate for it, ours in pairs)
        print(
            f"{name:28} {median(lambda it: it.rate):>10.0f} {ratio:>7.2f}"
            f" {median(lambda it: it.percentile_ms(0.5)):>8.1f}"
            f" {median(lambda it: it.percentile_ms(0.99)):>8.1f}"
            f" {median(lambda it: 1e3 * it.server_s / len(it.answers_s)):>11.2f}"
            f" {median(lambda it: it.own_s / it.wall_s):>15.0%}"
        )


def run_long(run: Path, paths: list[str], clients: int, requests: int, bodies: Bodies) -> None:
    """Sends `requests` requests; compares memory after a tenth of them and at the end.

    Raises:
        click.ClickException: a request failed, a response differs, or memory grows.
    """
    tenth = max(len(paths), requests // 10)
    with serve_process(run) as (base, process_id):
        port = int(base.rpartition(":")[2])
        asked = islice(cycle(paths), requests)
        visit(port, islice(asked, tenth), clients, bodies)
        before = private_mb(process_id)
        rest = visit(port, asked, clients, bodies)
        growth = private_mb(process_id) - before
    print(f"\nlong run: {requests:,} responses, all correct; {rest.rate:.0f}/s, p99 "
          f"{rest.percentile_ms(0.99):.0f} ms, max {rest.percentile_ms(1):.0f} ms")  # fmt: skip
    print(f"private memory after {tenth:,}: {before:.1f} MB, at the end: {before + growth:.1f} MB; "
          f"growth {growth:.1f} MB (limit {MAX_GROWTH_MB})")  # fmt: skip
    if growth > MAX_GROWTH_MB:
        raise click.ClickException("the server's memory grows")


@click.command()
@click.option("--rounds", default=3, show_default=True, help="Measurements of each server.")
@click.option("--sample", default=100, show_default=True, help="Requests per measurement.")
@click.option("--requests", type=click.IntRange(min=200), default=2000, show_default=True,
              help="Requests in the long run.")  # fmt: skip
@click.option("--full", is_flag=True, help="As in docs/performance.md: 10 minutes.")
def main(rounds: int, sample: int, requests: int, full: bool) -> None:
    """Measure start-up, class pages and thumbnails, then look for errors and leaks.

    The clients run in this process on the same machine: the last column is the share of a core
    that they use and that the server therefore lacks.
    """
    if full:
        rounds, sample, requests = 11, 100, 20_000
    with tempfile.TemporaryDirectory() as folder:
        run, files = make_run(Path(folder), images=5823, photographs=50), Path(folder) / "files"
        write_module(run)
        pages = [f"/classes/{name}" for name in VOC_CLASSES]
        bodies: Bodies = {}
        with serve(run) as base:
            thumbnails = thumbnail_paths(base, "/classes/aeroplane?from=1")
            visit(int(base.rpartition(":")[2]), [*pages, *thumbnails], 1, bodies)
        write_files(files, bodies)
        kinds = {"class pages": pages, "thumbnails": thumbnails}
        measure_starts(run, files, rounds)
        compare_servers(run, files, kinds, CONNECTIONS, sample, rounds, bodies)
        run_long(run, mix(pages, thumbnails), max(CONNECTIONS), requests, bodies)


if __name__ == "__main__":
    main()
