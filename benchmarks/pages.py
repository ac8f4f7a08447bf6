"""From the command to the first page, and the bytes of each page.

Baseline: the same server with 1,000 images; then --images. Prints medians and the ratio.
"""

import gzip
import statistics
import tempfile
import time
import urllib.request
from pathlib import Path

import click
from served import make_run, serve

PAGES = {
    "overview": "/",
    "class, both ends": "/classes/person",
    "class, ranks 501 to 550": "/classes/person?from=501",
    "average precision": "/average-precision",
    "tail accuracy": "/tail-accuracy",
    "image": "/images/image_00000500?class=person",
    "style sheet": "/static/app.css",
    "Plotly": "/static/plotly.min.js",
}


def fetch(url: str) -> tuple[bytes, int, float]:
    """Returns a page's body, the bytes that travelled compressed, and the seconds it took."""
    request = urllib.request.Request(url, headers={"Accept-Encoding": "gzip"})
    started = time.perf_counter()
    with urllib.request.urlopen(request) as response:
        travelled = response.read()
        body = gzip.decompress(travelled) if response.headers["Content-Encoding"] else travelled
    return body, len(travelled), time.perf_counter() - started


@click.command()
@click.option("--images", default=100_000, show_default=True, help="Images of the large run.")
@click.option("--rounds", default=5, show_default=True, help="Measurements of each, in turns.")
def main(images: int, rounds: int) -> None:
    """Measure start and pages at 1,000 images and at IMAGES."""
    with tempfile.TemporaryDirectory() as folder:
        runs = {count: make_run(Path(folder) / str(count), count) for count in (1000, images)}
        for run in runs.values():
            with serve(run):  # The first start computes the metrics.
                pass
        starts: dict[int, list[float]] = {count: [] for count in runs}
        times: dict[tuple[int, str], list[float]] = {}
        for _ in range(rounds):
            for count, run in runs.items():
                started = time.perf_counter()
                with serve(run) as base:
                    fetch(base + "/")
                    starts[count].append(time.perf_counter() - started)
                    for name, path in PAGES.items():
                        fetch(base + path)
                        times.setdefault((count, name), []).append(fetch(base + path)[2])
        small, large = (statistics.median(starts[count]) for count in runs)
        print(
            f"from the command to the first page: {small:.2f} s at 1,000 images, "
            f"{large:.2f} s at {images:,} (ratio {large / small:.2f})\n"
        )
        print(f"{'page':26} {'bytes':>10} {'compressed':>11} {'ms, 1,000':>10} "
              f"{f'ms, {images:,}':>14} {'ratio':>6}")  # fmt: skip
        with serve(runs[images]) as base:
            for name, path in PAGES.items():
                body, travelled, _ = fetch(base + path)
                few, many = (1e3 * statistics.median(times[count, name]) for count in runs)
                print(f"{name:26} {len(body):>10,} {travelled:>11,} {few:>10.1f} {many:>14.1f} "
                      f"{many / few:>6.2f}")  # fmt: skip


if __name__ == "__main__":
    main()
