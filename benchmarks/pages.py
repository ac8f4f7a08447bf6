"""From the command to the first page; bytes and time of each page at few and at many images.

Baseline: the same server with 1,000 images; then --images. Prints medians and the ratio, which is
to stay within 1.5, and what the first screen of a class page takes, which is to stay under 60 KB:
its HTML with the numbers of the instrument in it, compressed, without style, scripts and images.
"""

import gzip
import http.client
import statistics
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit

import click
from served import make_run, serve

FEW = 1000
LARGEST_RATIO, LARGEST_SCREEN = 1.5, 60_000
FIRST_SCREEN = "class, both ends"
PAGES = {
    "overview": "/",
    FIRST_SCREEN: "/classes/person",
    "class, ranks 501 to 550": "/classes/person?from=501",
    "average precision": "/average-precision",
    "tail accuracy": "/tail-accuracy",
    "image": "/images/image_00000500?class=person",
    "numbers at a threshold": "/api/v1/class?class=person&threshold=0.123456",
}
FILES = {"style sheet": "/static/app.css", "Plotly": "/static/plotly.min.js"}


class Client:
    """One kept-alive connection: what is measured is the server, not the connecting."""

    def __init__(self, base: str) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(base).netloc)

    def fetch(self, path: str) -> tuple[bytes, int, float]:
        """Returns the body, the bytes that travelled compressed, and the seconds it took."""
        started = time.perf_counter()
        self._connection.request("GET", path, headers={"Accept-Encoding": "gzip"})
        response = self._connection.getresponse()
        travelled = response.read()
        seconds = time.perf_counter() - started
        if response.status != 200:
            raise RuntimeError(f"{path}: status {response.status}")
        packed = response.headers["Content-Encoding"] == "gzip"
        return gzip.decompress(travelled) if packed else travelled, len(travelled), seconds


@click.command()
@click.option("--images", default=100_000, show_default=True, help="Images of the large run.")
@click.option("--rounds", default=5, show_default=True, help="Starts of each, in turns.")
@click.option("--requests", default=10, show_default=True, help="Requests of a page a start.")
def main(images: int, rounds: int, requests: int) -> None:
    """Measure start and pages at 1,000 images and at IMAGES."""
    with tempfile.TemporaryDirectory() as folder:
        runs = {count: make_run(Path(folder) / str(count), count) for count in (FEW, images)}
        for run in runs.values():
            with serve(run):  # The first start computes the metrics.
                pass
        starts: dict[int, list[float]] = {count: [] for count in runs}
        times: dict[tuple[int, str], list[float]] = {}
        for _ in range(rounds):
            for count, run in runs.items():
                started = time.perf_counter()
                with serve(run) as base:
                    client = Client(base)
                    client.fetch("/")
                    starts[count].append(time.perf_counter() - started)
                    for name, path in (PAGES | FILES).items():
                        client.fetch(path)  # warm up
                        times.setdefault((count, name), []).extend(
                            client.fetch(path)[2] for _ in range(requests)
                        )
        small, large = (statistics.median(starts[count]) for count in runs)
        print(
            f"from the command to the first page: {small:.2f} s at {FEW:,} images, "
            f"{large:.2f} s at {images:,} (ratio {large / small:.2f})\n"
        )
        with serve(runs[images]) as base:
            sizes = {name: Client(base).fetch(path)[:2] for name, path in (PAGES | FILES).items()}
    print(f"{'page':26} {'bytes':>10} {'compressed':>11} {f'ms, {FEW:,}':>10} "
          f"{f'ms, {images:,}':>14} {'ratio':>6}")  # fmt: skip
    ratios = {}
    for name, (body, travelled) in sizes.items():
        few, many = (1e3 * statistics.median(times[count, name]) for count in runs)
        ratios[name] = many / few
        print(f"{name:26} {len(body):>10,} {travelled:>11,} {few:>10.1f} {many:>14.1f} "
              f"{ratios[name]:>6.2f}")  # fmt: skip
    screen, slowest = sizes[FIRST_SCREEN][1], max(PAGES, key=ratios.__getitem__)
    print(f"\nfirst screen of a class page, compressed, without images: {screen:,} bytes "
          f"({screen / LARGEST_SCREEN:.2f} of the {LARGEST_SCREEN:,} allowed)")  # fmt: skip
    print(f"largest ratio of a page: {ratios[slowest]:.2f} ({slowest}; "
          f"{LARGEST_RATIO} is allowed)")  # fmt: skip


if __name__ == "__main__":
    main()
