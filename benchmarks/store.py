"""Dependence on the number of images: opening, start-up, every kind of page, memory, filters.

Baseline: a run of 1,000 images. Larger runs, measured alternately with it request by request, must
take at most 1.5 times as long, or at most 2 ms longer, and use less than 200 MB of private memory,
including what the check of a large table needs in the background for some seconds after the start.
The first response of a filter reads as much of the table as needed, so it grows with the table; its
second page must not.
"""

import statistics
import tempfile
import time
from collections import defaultdict
from contextlib import ExitStack
from pathlib import Path

import click
from served import PAGES, Client, make_run, private_mb, serve_process

from voc_model.metrics.evaluation import read_evaluation
from voc_model.store.runs import RunFolder
from voc_model.store.scores import ScoreTable

BASE_IMAGES, LARGER_SIZES = 1000, (100_000, 1_000_000, 10_000_000)
MAX_RATIO, MAX_EXTRA_MS, MAX_MEMORY_MB = 1.5, 2, 200
OPENINGS = 20
MORE_PAGES = {
    "class, middle ranks": "/classes/person?around={middle}",
    "image at a middle rank": "/images/image_{middle:08d}?class=person",
    "ranking, 500 ranks": "/api/v1/ranking?class=person&from={middle}&size=500",
    "ranking as CSV": "/api/v1/ranking.csv?class=person&from={middle}&size=500",
    "strip": "/api/v1/strip?class=person",
    "operating points": "/api/v1/operating-points?class=person",
    "precision-recall curve": "/api/v1/curves/precision-recall?class=person",
    "calibration": "/api/v1/curves/calibration?class=person",
    "API guide": "/api/v1/",
}
# Each round searches for another text, so that no response is cached. The first two filters match
# more than a page of any run; the last matches nothing, so that every row has to be read.
FILTERS = {
    "true negatives": "/classes/person?outcome=TN&id={round}",
    "other classes absent": "/classes/person?truth=absent&without=cat&without=dog&id={round}",
    "text that no id contains": "/classes/person?id=no{round}",
}
OPEN, START, PAGE, FIRST, SECOND = "open", "start", "page", "first response", "second page"
Times = dict[tuple[str, str, int], list[float]]  # Seconds by kind, name and images.
Memory = dict[int, float]  # Megabytes by images.


def time_openings(runs: dict[int, Path], times: Times) -> None:
    """Opens the files of each run as the server does, alternately."""
    for _ in range(OPENINGS):
        for images, path in runs.items():
            run = RunFolder(path)
            started = time.perf_counter()
            read_evaluation(run, ScoreTable.open(run.scores_path))
            times[OPEN, "scores and metrics", images].append(time.perf_counter() - started)


def time_servers(runs: dict[int, Path], number: int, requests: int, times: Times) -> Memory:
    """Starts a server for each run and requests every page alternately; returns their memory.

    Args:
        runs: run folders by their number of images.
        number: the number of the round.
        requests: how often every page is requested.
        times: receives the measurements.
    """
    clients, processes = {}, {}
    with ExitStack() as servers:
        for images, run in runs.items():
            with tempfile.TemporaryDirectory() as empty, ExitStack() as first:
                _, _, seconds = _start(first, run, "--cache-dir", empty)
                times[START, "without compiled templates", images].append(seconds)
            clients[images], processes[images], seconds = _start(servers, run)
            times[START, "command to first page", images].append(seconds)

        def request(kind: str, name: str, path: str) -> None:
            for images, client in clients.items():
                filled = path.format(middle=images // 2, round=number)
                times[kind, name, images].append(client.fetch(filled)[2])

        for name, path in (PAGES | MORE_PAGES).items():
            for images, client in clients.items():
                client.fetch(path.format(middle=images // 2, round=number))  # warm up
            for _ in range(requests):
                request(PAGE, name, path)
        for name, path in FILTERS.items():
            request(FIRST, name, path)
            for _ in range(requests):
                request(SECOND, name, f"{path}&from=60")
        return {images: private_mb(process_id) for images, process_id in processes.items()}


def _start(servers: ExitStack, run: Path, *options: str) -> tuple[Client, int, float]:
    """Starts a server; returns its client, its process id and the seconds to the first page."""
    started = time.perf_counter()
    base, process_id = servers.enter_context(serve_process(run, *options))
    client = Client(base)
    client.fetch("/")
    return client, process_id, time.perf_counter() - started


@click.command()
@click.option(
    "--most",
    type=click.IntRange(min=100_000),
    default=1_000_000,
    show_default=True,
    help="Images in the largest run; 10 million take 2 GB of disk and minutes.",
)
@click.option("--classes", default=20, show_default=True, help="Classes in each run.")
@click.option("--rounds", default=3, show_default=True, help="Starts of the server per size.")
@click.option("--requests", default=8, show_default=True, help="Requests per page and start.")
def main(most: int, classes: int, rounds: int, requests: int) -> None:
    """Measure runs of 1,000 to MOST images."""
    sizes = [BASE_IMAGES, *(images for images in LARGER_SIZES if images <= most)]
    times: Times = defaultdict(list)
    memory: Memory = {}
    with tempfile.TemporaryDirectory() as folder:
        runs = {
            images: make_run(Path(folder) / str(images), images, classes=classes)
            for images in sizes
        }
        time_openings(runs, times)
        for number in range(1, rounds + 1):
            memory = time_servers(runs, number, requests, times)
    print(f"{'median milliseconds':42}", *(f"{images:>11,}" for images in sizes), "   ratio")
    slow = []
    for kind, name in dict.fromkeys((kind, name) for kind, name, _ in times):
        row = [1e3 * statistics.median(times[kind, name, images]) for images in sizes]
        ratio = max(row[1:]) / row[0]
        print(f"{kind + ': ' + name:42}", *(f"{value:>11.2f}" for value in row), f"{ratio:>8.2f}")
        if kind != FIRST and max(row[1:]) > max(MAX_RATIO * row[0], row[0] + MAX_EXTRA_MS):
            slow.append(f"{kind}: {name}")
    print(f"{'private memory at the end, MB':42}",
          *(f"{memory[images]:>11.0f}" for images in sizes))  # fmt: skip
    largest = max(memory.values())
    print(f"\nslower than {MAX_RATIO} times and by {MAX_EXTRA_MS} ms: "
          f"{', '.join(slow) or 'nothing'}; "
          f"private memory at most {largest:.0f} MB (limit {MAX_MEMORY_MB})")  # fmt: skip
    if slow or largest > MAX_MEMORY_MB:
        raise click.ClickException("a larger run exceeds a limit (is the machine idle?)")


if __name__ == "__main__":
    main()
