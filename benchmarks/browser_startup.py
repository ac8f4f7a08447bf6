"""What one waits for in a real browser: the first grid, another class; and the server's memory.

Other viewers of image sets are measured like this: the server and Chromium are started at the same
moment, in fresh processes, on two cores, and the clock stands when the 50 images that the model is
surest of are decoded. Then classes are switched by clicks on the page's own list of classes; there
the page's clock runs, from the click to the 50 decoded images. Once from each class to the next, as
one reads; then to classes that one points at for a moment, as a hand does; neither have been seen
before. At last back to some of those, at once, as no hand can. Bounds: 2 s to the first grid,
0.15 s a switch, 120 MB of the server's own memory. Pages of the table that the system keeps mapped
are its cache, given back when memory is short, and stand apart.

Runs are as scoring leaves them; and once more without the thumbnails that it makes, where a switch
takes what making 50 takes.

Baseline: a plain page of the same 50 photographs as they are, without any scores, for each class,
served by Python's http.server and measured in turns with ours. Playwright follows every request,
which takes its share of the cores in both. Needs Linux, and Chromium, found on the path or named in
the variable CHROMIUM.
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
from served import LISTENING, cache_dir_of, make_run, serve_process, started_process
from store import memory_mb

from voc_model.data.voc import VOC_CLASSES
from voc_model.store.runs import RunFolder
from voc_model.store.scores import ScoreTable
from voc_model.store.thumbnails import ensure_first_thumbnails

LONGEST_START_S, LONGEST_SWITCH_S, LARGEST_MEMORY_MB = 2.0, 0.15, 120
SIZES, LARGE_SIZES = (5823, 100_000), (1_000_000, 10_000_000)
GRID = 50
VISITED = VOC_CLASSES[:9]
# Places in that list; what lies between, and the last, only comes ahead of being asked for.
IN_ORDER, POINTED_AT, AT_ONCE = (1, 2, 3), (5, 7), (2, 5, 0, 3)
POINTING_S = 0.2
PHOTOGRAPHS = 100  # Each stands for several images, in a file of its own.
# A common screen: the first grid is within what browsers load ahead of scrolling.
WINDOW: ViewportSize = {"width": 1920, "height": 1080}
FLAGS = ["--no-sandbox", "--disable-gpu"]
PLAIN = "plain page, http.server"

# Before anything of a page is there. `shown` becomes the milliseconds since the last click.
_WATCH = """
const clock = () => performance.timeOrigin + performance.now();
addEventListener("click", () => sessionStorage.setItem("clicked", clock()), true);
const decode = async image => {
  if (!image.complete) {
    await new Promise((resolve, reject) => {
      image.addEventListener("load", resolve);
      image.addEventListener("error", () => reject(new Error(`no image: ${image.src}`)));
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
  setTimeout(() => reject(new Error("no grid of GRID images after a minute")), 60000);
});
""".replace("GRID", str(GRID))

_PLAIN_PAGE = """<!doctype html>
<meta charset="utf-8">
<title>{name}</title>
<style>.grid {{ display: flex; flex-wrap: wrap; gap: 12px }} .grid img {{ width: 200px }}</style>
<nav>{links}</nav>
<div class="grid">{images}</div>
"""

Server = AbstractContextManager[tuple[str, int]]  # Its base URL and the id of its process.


@dataclass(frozen=True)
class Way:
    """Something that shows classes.

    Attributes:
        name: of the line that tells of it.
        serve: starts its server.
        path: of a class's page.
        has_thumbnails: those of the pages that are visited are there before.
    """

    name: str
    serve: Callable[[], Server]
    path: str = "/classes/{}"
    has_thumbnails: bool = True


@dataclass(frozen=True)
class Visit:
    """One start of everything.

    Attributes:
        listening: seconds from the command until the server listens.
        chromium: the same until Chromium has an empty page.
        answered: the same until it gets the class page.
        grid: the same until 50 images are decoded.
        in_order: seconds a switch to the next class.
        pointed_at: the same to another, which the pointer was on for a moment.
        at_once: the same to one that was seen before, without that moment.
        own_mb: what the server then holds of its own.
        mapped_mb: and of mapped files.
    """

    listening: float
    chromium: float
    answered: float
    grid: float
    in_order: list[float]
    pointed_at: list[float]
    at_once: list[float]
    own_mb: float
    mapped_mb: float


@dataclass(frozen=True)
class Figure:
    """A column: what it takes of a visit, and what is allowed of that.

    Attributes:
        name: its heading.
        values: what it takes.
        bound: the largest median that is allowed.
        without_thumbnails: whether that is so while these have yet to be made, too.
        digits: decimals shown.
        is_compared: with the plain page.
    """

    name: str
    values: Callable[[Visit], list[float]]
    bound: float = math.inf
    without_thumbnails: bool = True
    digits: int = 3
    is_compared: bool = True

    def median(self, visits: Iterable[Visit]) -> float:
        """Returns the median of all values of all visits."""
        return statistics.median(value for one in visits for value in self.values(one))


FIGURES = (
    Figure("first grid, s", lambda one: [one.grid], LONGEST_START_S),
    Figure("next class, s", lambda one: one.in_order, LONGEST_SWITCH_S, without_thumbnails=False),
    Figure("pointed at, s", lambda one: one.pointed_at, LONGEST_SWITCH_S, without_thumbnails=False),
    Figure("at once, s", lambda one: one.at_once, LONGEST_SWITCH_S, without_thumbnails=False),
    Figure("its own, MB", lambda one: [one.own_mb], LARGEST_MEMORY_MB, digits=0),
    Figure("mapped files, MB", lambda one: [one.mapped_mb], digits=0),
)
PHASES = (
    Figure("server listens", lambda one: [one.listening], is_compared=False),
    Figure("Chromium is open", lambda one: [one.chromium], is_compared=False),
    Figure("page answered", lambda one: [one.answered], is_compared=False),
    Figure("50 decoded", lambda one: [one.grid], is_compared=False),
)


def ends(table: ScoreTable, name: str) -> Iterator[list[str]]:
    """Yields the image ids of both grids of a class."""
    ranking, images = table.class_ranking(table.class_index(name)), len(table.image_ids)
    for first in (1, images - GRID + 1):
        rows = ranking.slice(first, first + GRID - 1)
        yield [table.image_id(int(row)) for row in rows]


def make_illustrated_run(folder: Path, images: int, photographs: list[Path]) -> Path:
    """Writes a run that has photographs where the visited pages show some; returns its path.

    Their thumbnails are there, too, as scoring makes them.
    """
    run = make_run(folder, images)
    table = ScoreTable.open(RunFolder(run).scores_path)
    jpegs = Path(table.manifest.voc_dir) / "JPEGImages"
    image_ids = {image_id for name in VISITED for end in ends(table, name) for image_id in end}
    for image_id, photograph in zip(sorted(image_ids), cycle(photographs), strict=False):
        shutil.copyfile(photograph, jpegs / f"{image_id}.jpg")
    ensure_first_thumbnails(table, cache_dir_of(run))
    return run


def make_plain_pages(folder: Path, run: Path) -> Path:
    """Writes a page a class with the images of a run's first grid; returns the folder."""
    table = ScoreTable.open(RunFolder(run).scores_path)
    (folder / "classes").mkdir(parents=True)
    (folder / "images").symlink_to(Path(table.manifest.voc_dir) / "JPEGImages")
    links = " ".join(f'<a href="/classes/{name}.html">{name}</a>' for name in VISITED)
    for name in VISITED:
        images = "\n".join(
            f'<img src="/images/{image_id}.jpg" alt="">' for image_id in next(ends(table, name))
        )
        page = _PLAIN_PAGE.format(name=name, links=links, images=images)
        (folder / "classes" / f"{name}.html").write_text(page)
    return folder


@contextmanager
def serve_plainly(folder: Path) -> Iterator[tuple[str, int]]:
    """Starts Python's own server of files."""
    command = [sys.executable, "-u", "-m", "http.server", "0", "--bind", "127.0.0.1"]
    with started_process([*command, "--directory", str(folder)], LISTENING) as (port, process_id):
        yield f"http://127.0.0.1:{port}", process_id


def serve_without_thumbnails(run: Path) -> Server:
    """Like `serve_process` with an empty cache."""
    cache_dir = run.parent / "empty cache"
    shutil.rmtree(cache_dir, ignore_errors=True)
    return serve_process(run, "--cache-dir", str(cache_dir))


def list_ways(runs: dict[int, Path], plain_pages: Path) -> list[Way]:
    """Returns what is measured, in the order of a round."""
    ways = [Way(PLAIN, partial(serve_plainly, plain_pages), "/classes/{}.html")]
    for images, run in runs.items():
        ways.append(Way(f"{images:,} images", partial(serve_process, run)))
        unmade = partial(serve_without_thumbnails, run)
        ways.append(Way(f"{images:,}, thumbnails unmade", unmade, has_thumbnails=False))
    return ways


def visit(way: Way, chromium: BrowserType, executable: str) -> Visit:
    """Starts server and browser at the same moment, and goes from class to class."""
    server = way.serve()
    with ExitStack() as stack, ThreadPoolExecutor(1) as pool:
        began = time.perf_counter()

        def passed() -> float:
            return time.perf_counter() - began

        def start_server() -> tuple[str, int, float]:
            base, process_id = stack.enter_context(server)
            return base, process_id, passed()

        starting = pool.submit(start_server)
        browser = chromium.launch(executable_path=executable, args=FLAGS)
        stack.callback(browser.close)
        page = browser.new_page(viewport=WINDOW)
        page.add_init_script(_WATCH)
        opened = passed()
        base, process_id, listening = starting.result()
        page.goto(base + way.path.format(VISITED[0]), wait_until="commit")
        answered = passed()
        page.evaluate("shown")
        grid = passed()
        in_order = switch_times(page, way, IN_ORDER)
        pointed_at = switch_times(page, way, POINTED_AT, POINTING_S)
        at_once = switch_times(page, way, AT_ONCE)
        memory = memory_mb(process_id)
        return Visit(listening, opened, answered, grid, in_order, pointed_at, at_once, *memory)


def switch_times(
    page: Page, way: Way, places: Iterable[int], pointing_s: float = 0.0
) -> list[float]:
    """Follows the page's own links; returns the seconds from each click to the decoded grid.

    Args:
        places: in VISITED.
        pointing_s: how long the pointer rests on a link before it is clicked.
    """
    times = []
    for place in places:
        path = way.path.format(VISITED[place])
        page.wait_for_load_state("networkidle")
        link = page.locator(f'nav a[href="{path}"]').first
        if pointing_s:
            link.hover()
            page.wait_for_timeout(1e3 * pointing_s)
        link.click()
        page.wait_for_url(f"**{path}", wait_until="commit")
        times.append(page.evaluate("shown") / 1e3)
    return times


def print_table(title: str, figures: Sequence[Figure], visits: dict[str, list[Visit]]) -> None:
    """Prints medians, a line a way, and their ratios to the plain page."""
    print(f"{title:33}", *(f"{figure.name:>19}" for figure in figures))
    for name, ones in visits.items():
        cells = []
        for figure in figures:
            median = figure.median(ones)
            ratio = f" ({median / figure.median(visits[PLAIN]):.2f})" if figure.is_compared else ""
            cells.append(f"{median:.{figure.digits}f}{ratio}")
        print(f"{name:33}", *(f"{cell:>19}" for cell in cells))


def list_excesses(ways: list[Way], visits: dict[str, list[Visit]]) -> list[str]:
    """Returns, for each median of ours that passes its bound, what to say of it."""
    medians = [
        (way.name, figure, figure.median(visits[way.name]))
        for way in ways
        for figure in FIGURES
        if way.name != PLAIN and (way.has_thumbnails or figure.without_thumbnails)
    ]
    return [
        f"{name}: {figure.name} {median:.{figure.digits}f}, {figure.bound:g} is allowed"
        for name, figure, median in medians
        if median > figure.bound
    ]


@click.command()
@click.option("--full", is_flag=True, help="1 and 10 million images, too: 2 GB of disk, minutes.")
@click.option("--rounds", default=3, show_default=True, help="Visits of each, in turns.")
@click.option("--root-dir", type=click.Path(path_type=Path), help="VOC folder; else drawn images.")
@click.option("--cores", default=2, show_default=True, help="Processor cores for everything.")
@click.option("--check", is_flag=True, help="Fail where a median passes its bound.")
def main(full: bool, rounds: int, root_dir: Path | None, cores: int, check: bool) -> None:
    """Start server and browser, and go through the classes of runs of 5,823 and 100,000 images.

    Chromium is a new one each time, with nothing in its cache.
    """
    executable = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if not executable:
        raise click.ClickException("no browser: install chromium, or name one in CHROMIUM")
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:cores])
    visits: dict[str, list[Visit]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        photographs = find_photographs(root_dir, PHOTOGRAPHS, folder)
        runs = {
            images: make_illustrated_run(folder / str(images), images, photographs)
            for images in (*SIZES, *(LARGE_SIZES if full else ()))
        }
        ways = list_ways(runs, make_plain_pages(folder / "plain", runs[SIZES[0]]))
        for _ in range(rounds):
            for way in ways:
                visits[way.name].append(visit(way, playwright.chromium, executable))
    print_table("medians (ratio to the plain page)", FIGURES, visits)
    print()
    print_table("seconds after the command", PHASES, visits)
    print(f"\nallowed: {LONGEST_START_S:g} s to the first grid, {LONGEST_SWITCH_S:g} s a view of "
          f"another class with its thumbnails, {LARGEST_MEMORY_MB} MB of its own")  # fmt: skip
    excesses = list_excesses(ways, visits)
    for excess in excesses:
        print(excess)
    if check and excesses:
        raise click.ClickException("a median passes its bound (on a quiet machine?)")


if __name__ == "__main__":
    main()
