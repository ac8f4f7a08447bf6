"""Size and response time of every page.

The HTML of a class page, including the data of its threshold instrument, must stay under 60 KB
compressed; style sheets, scripts and images are not counted. store.py measures how response times
depend on the number of images.
"""

import statistics
import tempfile
from pathlib import Path

import click
from served import CLASS_PAGE, PAGES, Client, make_run, serve

MAX_HTML_BYTES = 60_000
FILES = {"style sheet": "/static/any/app.css", "script for curves": "/static/any/curves.js"}


@click.command()
@click.option("--images", default=100_000, show_default=True, help="Images in the run.")
@click.option("--requests", default=20, show_default=True, help="Requests per page.")
def main(images: int, requests: int) -> None:
    """Measure all pages of a run."""
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
    size = sizes[CLASS_PAGE]
    print(f"\nHTML of a class page, compressed: {size:,} bytes "
          f"({size / MAX_HTML_BYTES:.2f} of the limit of {MAX_HTML_BYTES:,})")  # fmt: skip
    if size > MAX_HTML_BYTES:
        raise click.ClickException("the class page is too large")


if __name__ == "__main__":
    main()
