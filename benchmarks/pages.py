"""What the pages weigh: bytes and time of each, and of the first screen.

The first screen of a class page is to stay under 60 KB: its HTML with the numbers of the instrument
in it, compressed, without style, scripts and images. How times grow with the number of images is
store.py's to say.
"""

import statistics
import tempfile
from pathlib import Path

import click
from served import FIRST_SCREEN, PAGES, Client, make_run, serve

LARGEST_SCREEN = 60_000
FILES = {"style sheet": "/static/any/app.css", "script of the curves": "/static/any/curves.js"}


@click.command()
@click.option("--images", default=100_000, show_default=True, help="Images of the run.")
@click.option("--requests", default=20, show_default=True, help="Requests of a page.")
def main(images: int, requests: int) -> None:
    """Measure the pages of a run of IMAGES."""
    with tempfile.TemporaryDirectory() as folder:
        run = make_run(Path(folder), images)
        print(f"{'page':26} {'bytes':>10} {'compressed':>11} {'ms':>7}")
        with serve(run) as base:
            client = Client(base)
            sizes = {}
            for name, path in (PAGES | FILES).items():
                body, sizes[name], _ = client.fetch(path)
                median = statistics.median(client.fetch(path)[2] for _ in range(requests))
                print(f"{name:26} {len(body):>10,} {sizes[name]:>11,} {1e3 * median:>7.1f}")
    screen = sizes[FIRST_SCREEN]
    print(f"\nfirst screen of a class page, compressed, without images: {screen:,} bytes "
          f"({screen / LARGEST_SCREEN:.2f} of the {LARGEST_SCREEN:,} allowed)")  # fmt: skip
    if screen > LARGEST_SCREEN:
        raise click.ClickException("the first screen is too large")


if __name__ == "__main__":
    main()
