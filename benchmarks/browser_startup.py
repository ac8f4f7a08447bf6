"""Waiting times in a real browser: the first grid, switching classes; and the server's memory.

The server and Chromium are started at the same moment, in new processes, on two cores; the first
measurement ends when the top 50 images are decoded. Then classes are switched by clicking on the
page's list of classes, measured in the page from the click to the 50 decoded images: first from
each class to the next one, then to classes whose link is hovered for a moment before the click
(none of these were visited before), finally back to visited classes without hovering, faster than
a person could. Limits: 2 s to the first grid, 0.15 s per switch, 120 MB of private memory of the
server.

Every run is measured twice: with the thumbnails that scoring makes, and without them, where a
switch includes making 50 thumbnails.

Baseline: for each class, a static page with the same 50 photographs in full size and no scores,
served by Python's http.server and measured alternately with our pages. Playwright tracks every
request, which uses some processor time in both. Needs Linux and Chromium, see served.find_chromium.
"""

import math
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import cycle
from pathlib import Path

import click
from photographs import find_photographs
from playwright.sync_api import BrowserType, Page, ViewportSize, sync_playwright
from served import (
    LISTENING,
    cache_dir_of,
    find_chromium,
    make_run,
    private_mb,
    serve_process,
    started_process,
)

from voc_model.data.voc import VOC_CLASSES
from voc_model.store.runs import RunFolder
from voc_model.store.scores import ScoreTable
from voc_model.store.thumbnails import ensure_first_thumbnails

MAX_START_S, MAX_SWITCH_S, MAX_MEMORY_MB = 2.0, 0.15, 120
SIZES, LARGE_SIZES = (5823, 100_000), (1_000_000, 10_000_000)
GRID = 50
VISITED = VOC_CLASSES[:9]
# Indices into VISITED; the classes in between are prefetched at most.
IN_ORDER, HOVERED, REVISITED = (1, 2, 3), (5, 7), (2, 5, 0, 3)
HOVER_S = 0.2
PHOTOGRAPHS = 100  # Each is copied to several image ids.
# A common screen size; browsers load the whole first grid before any scrolling.
WINDOW: ViewportSize = {"width": 1920, "height": 1080}
FLAGS = ["--no-sandbox", "--disable-gpu"]
STATIC = "static page, http.server"

# Runs before the page loads. `shown` resolves to the milliseconds since the last click.
_WATCH = """
const clock = () => performance.timeOrigin + performance.now();
addEventListener("click", () => sessionStorage.setItem("clicked", clock()), true);
const decode = async image => {
  if (!image.complete) {
    await new Promise((resolve, reject) => {
      image.addEventListener("load", resolve);
      image.addEventListener("error", () => reject(new Error(`image not loaded: ${image.src}`)));
    });
  }
  await image.decode();
};
window.shown = new Promise((resolve, reject) => {
  const watch = new MutationObserver(() => {
    const images = [...document.querySelectorAll(".grid img")].slice(0, GRID);
    if (images.length < GRID) return;
    watch.disconnect();
    Promise.all(images.map(decode))
      .then(() => resolve(clock() - sessionStorage.getItem("clicked")), reject);
  });
  watch.observe(document, { childList: true, subtree: true });
  setTimeout(() => reject(new Error("no grid of GRID images within a minute")), 60000);
});
""".replace("GRID", str(GRID))

_STATIC_PAGE = """<!doctype html>
<meta charset="utf-8">
<title>{name}</title>
<style>.grid {{ display: flex; flex-wrap: wrap; gap: 12px }} .grid img {{ width: 200px }}</style>
<nav>{links}</nav>
<div class="grid">{images}</div>
"""

Server = AbstractContextManager[tuple[str, int]]  # Yields its base URL and process id.


@dataclass(frozen=True)
class Variant:
    """One of the servers that are compared.

    Attributes:
        name: the label of its row.
        serve: starts the server.
        path: the path of a class page, with {} for the class name.
        has_thumbnails: whether the thumbnails of the visited pages exist beforehand.
    """

    name: str
    serve: Callable[[], Server]
    path: str = "/classes/{}"
    has_thumbnails: bool = True


@dataclass(frozen=True)
class Visit:
    """Measurements of one start of server and browser.

    Attributes:
        listening: seconds from the command until the server listens.
        chromium: seconds from the command until Chromium shows an empty page.
        answered: seconds from the command until Chromium receives the class page.
        grid: seconds from the command until 50 images are decoded.
        in_order: seconds per switch to the next class.
        hovered: seconds per switch to a class whose link was hovered before the click.
        revisited: seconds per switch to a class visited before, without hovering.
        private_mb: private memory of the server after all switches, in megabytes.
    """

    listening: float
    chromium: float
    answered: float
    grid: float
    in_order: list[float]
    hovered: list[float]
    revisited: list[float]
    private_mb: float


@dataclass(frozen=True)
class Column:
    """A column of the printed table.

    Attributes:
        name: the heading.
        values: returns the values of a visit.
        limit: the largest median allowed.
        without_thumbnails: whether the limit also holds while thumbnails have yet to be made.
        digits: decimal places shown.
        is_compared: whether the ratio to the static page is shown.
    """

    name: str
    values: Callable[[Visit], list[float]]
    limit: float = math.inf
    without_thumbnails: bool = True
    digits: int = 3
    is_compared: bool = True

    def median(self, visits: Iterable[Visit]) -> float:
        """Returns the median over all values of all visits."""
        return statistics.median(value for one in visits for value in self.values(one))


COLUMNS = (
    Column("first grid, s", lambda one: [one.grid], MAX_START_S),
    Column("next class, s", lambda one: one.in_order, MAX_SWITCH_S, without_thumbnails=False),
    Column("hovered, s", lambda one: one.hovered, MAX_SWITCH_S, without_thumbnails=False),
    Column("revisited, s", lambda one: one.revisited, MAX_SWITCH_S, without_thumbnails=False),
    Column("private, MB", lambda one: [one.private_mb], MAX_MEMORY_MB, digits=0),
)
PHASES = (
    Column("server listening", lambda one: [one.listening], is_compared=False),
    Column("Chromium open", lambda one: [one.chromium], is_compared=False),
    Column("page received", lambda one: [one.answered], is_compared=False),
    Column("50 images decoded", lambda one: [one.grid], is_compared=False),
)


def top_and_bottom(table: ScoreTable, name: str) -> Iterator[list[str]]:
    """Yields the image ids of the top 50 and of the bottom 50 of a class."""
    ranking, images = table.class_ranking(table.class_index(name)), len(table.image_ids)
    for first in (1, images - GRID + 1):
        rows = ranking.slice(first, first + GRID - 1)
        yield [table.image_id(int(row)) for row in rows]


def make_illustrated_run(folder: Path, images: int, photographs: list[Path]) -> Path:
    """Writes a run with photographs for the images on the visited pages; returns its path.

    Thumbnails are made too, as scoring does.
    """
    run = make_run(folder, images)
    table = ScoreTable.open(RunFolder(run).scores_path)
    jpegs = Path(table.manifest.voc_dir) / "JPEGImages"
    image_ids = {
        image_id for name in VISITED for grid in top_and_bottom(table, name) for image_id in grid
    }
    for image_id, photograph in zip(sorted(image_ids), cycle(photographs), strict=False):
        shutil.copyfile(photograph, jpegs / f"{image_id}.jpg")
    ensure_first_thumbnails(table, cache_dir_of(run))
    return run


def make_static_pages(folder: Path, run: Path) -> Path:
    """Writes one page per class with the top 50 images of a run; returns the folder."""
    table = ScoreTable.open(RunFolder(run).scores_path)
    (folder / "classes").mkdir(parents=True)
    (folder / "images").symlink_to(Path(table.manifest.voc_dir) / "JPEGImages")
    links = " ".join(f'<a href="/classes/{name}.html">{name}</a>' for name in VISITED)
    for name in VISITED:
        images = "\n".join(
            f'<img src="/images/{image_id}.jpg" alt="">'
            for image_id in next(top_and_bottom(table, name))
        )
        page = _STATIC_PAGE.format(name=name, links=links, images=images)
        (folder / "classes" / f"{name}.html").write_text(page)
    return folder


@contextmanager
def serve_static(folder: Path) -> Iterator[tuple[str, int]]:
    """Serves a folder with Python's http.server; yields base URL and process id."""
    command = [sys.executable, "-u", "-m", "http.server", "0", "--bind", "127.0.0.1"]
    with started_process([*command, "--directory", str(folder)], LISTENING) as (port, process_id):
        yield f"http://127.0.0.1:{port}", process_id


def serve_without_thumbnails(run: Path) -> Server:
    """Like `serve_process`, with an empty thumbnail cache."""
    cache_dir = run.parent / "empty cache"
    shutil.rmtree(cache_dir, ignore_errors=True)
    return serve_process(run, "--cache-dir", str(cache_dir))


def list_variants(runs: dict[int, Path], static_pages: Path) -> list[Variant]:
    """Returns the servers to compare, in the order of a round."""
    variants = [Variant(STATIC, partial(serve_static, static_pages), "/classes/{}.html")]
    for images, run in runs.items():
        variants.append(Variant(f"{images:,} images", partial(serve_process, run)))
        uncached = partial(serve_without_thumbnails, run)
        variants.append(Variant(f"{images:,}, no thumbnails yet", uncached, has_thumbnails=False))
    return variants


def visit(variant: Variant, chromium: BrowserType, executable: str) -> Visit:
    """Starts server and browser at the same moment, then switches classes."""
    server = variant.serve()
    with ExitStack() as stack, ThreadPoolExecutor(1) as pool:
        began = time.perf_counter()

        def elapsed() -> float:
            return time.perf_counter() - began

        def start_server() -> tuple[str, int, float]:
            base, process_id = stack.enter_context(server)
            return base, process_id, elapsed()

        starting = pool.submit(start_server)
        browser = chromium.launch(executable_path=executable, args=FLAGS)
        stack.callback(browser.close)
        page = browser.new_page(viewport=WINDOW)
        page.add_init_script(_WATCH)
        opened = elapsed()
        base, process_id, listening = starting.result()
        page.goto(base + variant.path.format(VISITED[0]), wait_until="commit")
        answered = elapsed()
        page.evaluate("shown")
        grid = elapsed()
        in_order = switch_times(page, variant, IN_ORDER)
        hovered = switch_times(page, variant, HOVERED, HOVER_S)
        revisited = switch_times(page, variant, REVISITED)
        memory = private_mb(process_id)
        return Visit(listening, opened, answered, grid, in_order, hovered, revisited, memory)


def switch_times(
    page: Page, variant: Variant, indices: Iterable[int], hover_s: float = 0.0
) -> list[float]:
    """Follows the page's links; returns the seconds from each click to the decoded grid.

    Args:
        page: shows a class page.
        variant: the server that is measured.
        indices: the classes to visit, as indices into VISITED.
        hover_s: how long the pointer rests on a link before the click.
    """
    times = []
    for index in indices:
        path = variant.path.format(VISITED[index])
        page.wait_for_load_state("networkidle")
        link = page.locator(f'nav a[href="{path}"]').first
        if hover_s:
            link.hover()
            page.wait_for_timeout(1e3 * hover_s)
        link.click()
        page.wait_for_url(f"**{path}", wait_until="commit")
        times.append(page.evaluate("shown") / 1e3)
    return times


def print_table(title: str, columns: Sequence[Column], visits: dict[str, list[Visit]]) -> None:
    """Prints medians, one row per variant, and their ratios to the static page."""
    print(f"{title:33}", *(f"{column.name:>19}" for column in columns))
    for name, own_visits in visits.items():
        cells = []
        for column in columns:
            median = column.median(own_visits)
            ratio = f" ({median / column.median(visits[STATIC]):.2f})" if column.is_compared else ""
            cells.append(f"{median:.{column.digits}f}{ratio}")
        print(f"{name:33}", *(f"{cell:>19}" for cell in cells))


def list_violations(variants: list[Variant], visits: dict[str, list[Visit]]) -> list[str]:
    """Returns one message for each of our medians that exceeds its limit."""
    medians = [
        (variant.name, column, column.median(visits[variant.name]))
        for variant in variants
        for column in COLUMNS
        if variant.name != STATIC and (variant.has_thumbnails or column.without_thumbnails)
    ]
    return [
        f"{name}: {column.name} {median:.{column.digits}f} (limit {column.limit:g})"
        for name, column, median in medians
        if median > column.limit
    ]


@click.command()
@click.option("--full", is_flag=True, help="Also 1 and 10 million images: 2 GB of disk, minutes.")
@click.option("--rounds", default=3, show_default=True, help="Visits per variant.")
@click.option(
    "--root-dir", type=click.Path(path_type=Path), help="VOC folder; by default synthetic images."
)
@click.option(
    "--cores", default=2, show_default=True, help="Processor cores that server and browser share."
)
@click.option("--check", is_flag=True, help="Fail if a median exceeds its limit.")
def main(full: bool, rounds: int, root_dir: Path | None, cores: int, check: bool) -> None:
    """Start server and browser and switch classes, for runs of 5,823 and 100,000 images.

    Each visit starts a new Chromium with an empty cache.
    """
    executable = find_chromium()
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:cores])
    visits: dict[str, list[Visit]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        photographs = find_photographs(root_dir, PHOTOGRAPHS, folder)
        runs = {
            images: make_illustrated_run(folder / str(images), images, photographs)
            for images in (*SIZES, *(LARGE_SIZES if full else ()))
        }
        variants = list_variants(runs, make_static_pages(folder / "static", runs[SIZES[0]]))
        for _ in range(rounds):
            for variant in variants:
                visits[variant.name].append(visit(variant, playwright.chromium, executable))
    print_table("medians (ratio to static page)", COLUMNS, visits)
    print()
    print_table("seconds since the command", PHASES, visits)
    print(f"\nlimits: {MAX_START_S:g} s to the first grid, {MAX_SWITCH_S:g} s per switch to "
          f"a class with thumbnails, {MAX_MEMORY_MB} MB of private memory")  # fmt: skip
    violations = list_violations(variants, visits)
    for violation in violations:
        print(violation)
    if check and violations:
        raise click.ClickException("a median exceeds its limit (is the machine idle?)")


if __name__ == "__main__":
    main()
