"""Whether the number of images matters: opening, start, every kind of page, memory, filters.

Baseline: a run of 1,000 images. The larger ones, measured in turns with it request by request, are
to stay within 1.5 times of its times, and below 150 MB of memory; pages of the file that the system
keeps mapped (RssFile) are its cache, given back when memory is short, and stand apart. A filter's
first answer reads as much of the table as it must, so that it grows; its second page is to stay
flat.
"""

import statistics
import tempfile
import time
from collections import defaultdict
from contextlib import ExitStack
from pathlib import Path

import click
from served import PAGES, Client, make_run, serve_process

from voc_model.metrics.evaluation import read_evaluation
from voc_model.store.runs import RunFolder
from voc_model.store.scores import ScoreTable

FEW, MORE = 1000, (100_000, 1_000_000, 10_000_000)
LARGEST_RATIO, LARGEST_MEMORY_MB = 1.5, 150
OPENINGS = 20
MORE_PAGES = {
    "class, in the middle": "/classes/person?around={middle}",
    "image in the middle": "/images/image_{middle:08d}?class=person",
    "ranking, 500 ranks": "/api/v1/ranking?class=person&from={middle}&size=500",
    "ranking as CSV": "/api/v1/ranking.csv?class=person&from={middle}&size=500",
    "strip": "/api/v1/strip?class=person",
    "operating points": "/api/v1/operating-points?class=person",
    "precision-recall curve": "/api/v1/curves/precision-recall?class=person",
    "calibration": "/api/v1/curves/calibration?class=person",
    "guide to the API": "/api/v1/",
}
# Each turn asks for another text, so that no answer is remembered. The first two keep more than a
# page of any run, the last keeps nothing: no row can be passed over.
FILTERS = {
    "true negatives": "/classes/person?outcome=TN&id={turn}",
    "other classes absent": "/classes/person?truth=absent&without=cat&without=dog&id={turn}",
    "text that is in no id": "/classes/person?id=no{turn}",
}
OPEN, START, PAGE, FIRST, SECOND = "open", "start", "page", "first answer", "second page"
Times = dict[tuple[str, str, int], list[float]]  # Seconds by kind, name and images.
Memory = dict[int, tuple[float, float]]  # Own and mapped megabytes by images.


def memory_mb(process_id: int) -> tuple[float, float]:
    """Returns what a process holds of its own, and of mapped files."""
    lines = Path(f"/proc/{process_id}/status").read_text().splitlines()
    fields = dict(line.split(":", 1) for line in lines)
    anonymous, file = (int(fields[name].split()[0]) / 1024 for name in ("RssAnon", "RssFile"))
    return anonymous, file


def time_openings(runs: dict[int, Path], times: Times) -> None:
    """Opens all that the server opens, of each run in turns."""
    for _ in range(OPENINGS):
        for images, path in runs.items():
            run = RunFolder(path)
            started = time.perf_counter()
            read_evaluation(run, ScoreTable.open(run.scores_path))
            times[OPEN, "scores and metrics", images].append(time.perf_counter() - started)


def time_servers(runs: dict[int, Path], turn: int, requests: int, times: Times) -> Memory:
    """Starts a server of each run and asks them for every page in turns; returns their memory."""
    clients, processes = {}, {}
    with ExitStack() as servers:
        for images, run in runs.items():
            started = time.perf_counter()
            base, processes[images] = servers.enter_context(serve_process(run))
            clients[images] = Client(base)
            clients[images].fetch("/")
            times[START, "command to first page", images].append(time.perf_counter() - started)

        def ask(kind: str, name: str, path: str) -> None:
            for images, client in clients.items():
                filled = path.format(middle=images // 2, turn=turn)
                times[kind, name, images].append(client.fetch(filled)[2])

        for name, path in (PAGES | MORE_PAGES).items():
            for images, client in clients.items():
                client.fetch(path.format(middle=images // 2, turn=turn))  # warm up
            for _ in range(requests):
                ask(PAGE, name, path)
        for name, path in FILTERS.items():
            ask(FIRST, name, path)
            for _ in range(requests):
                ask(SECOND, name, f"{path}&from=60")
        return {images: memory_mb(process_id) for images, process_id in processes.items()}


@click.command()
@click.option(
    "--most",
    default=1_000_000,
    show_default=True,
    help="Images of the largest run; 10 million take 2 GB of disk and minutes.",
)
@click.option("--classes", default=20, show_default=True, help="Classes of each run.")
@click.option("--rounds", default=3, show_default=True, help="Starts of each size, in turns.")
@click.option("--requests", default=8, show_default=True, help="Requests of a page a start.")
def main(most: int, classes: int, rounds: int, requests: int) -> None:
    """Measure runs of 1,000 to MOST images."""
    sizes = [FEW, *(images for images in MORE if images <= most)]
    times: Times = defaultdict(list)
    memory: Memory = {}
    with tempfile.TemporaryDirectory() as folder:
        runs = {
            images: make_run(Path(folder) / str(images), images, classes=classes)
            for images in sizes
        }
        time_openings(runs, times)
        for turn in range(1, rounds + 1):
            memory = time_servers(runs, turn, requests, times)
    print(f"{'median milliseconds':42}", *(f"{images:>11,}" for images in sizes), "   ratio")
    largest, slowest = 0.0, ""
    for kind, name in dict.fromkeys((kind, name) for kind, name, _ in times):
        row = [1e3 * statistics.median(times[kind, name, images]) for images in sizes]
        ratio = max(row[1:]) / row[0]
        print(f"{kind + ': ' + name:42}", *(f"{value:>11.2f}" for value in row), f"{ratio:>8.2f}")
        if kind != FIRST and ratio > largest:
            largest, slowest = ratio, f"{kind}: {name}"
    for place, name in enumerate(("RssAnon", "RssFile")):
        print(f"{name + ' after all that, MB':42}",
              *(f"{memory[images][place]:>11.0f}" for images in sizes))  # fmt: skip
    own = max(anonymous for anonymous, _ in memory.values())
    print(f"\nlargest ratio but for first answers: {largest:.2f} ({slowest}; {LARGEST_RATIO} is "
          f"allowed); most memory {own:.0f} MB ({LARGEST_MEMORY_MB} are allowed)")  # fmt: skip
    if largest > LARGEST_RATIO or own > LARGEST_MEMORY_MB:
        raise click.ClickException("more images cost more than is allowed (on a quiet machine?)")


if __name__ == "__main__":
    main()
