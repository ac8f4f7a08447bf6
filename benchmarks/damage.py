"""A server whose files are changed in place while it answers, and files with flipped bits.

Changes: while clients request pages, the files of the run are cut short, overwritten with those of
another run, or with a shorter one, or `cp -r other/. run/` copies another run over them. Does the
process survive, what do the clients get meanwhile, and do the next requests show the new run?

Flips: one bit of scores.npz, metrics.json or curves.npz is flipped, the run is opened and checked
again, and its pages are requested. Are they those of the undamaged run, a failure, an internal
error, or wrong?
"""

import random
import shutil
import subprocess
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import click
from flask.testing import FlaskClient
from served import Client, is_running, serve_process

from scripts.synthetic_scores import write_synthetic_run
from voc_model.store.runs import RunFolder
from voc_web import create_app
from voc_web.run.opened_run import RunReader

CLASSES = 20
PAGES = (
    "/api/v1/classes",
    "/api/v1/ranking?class=person&size=50",
    "/api/v1/ranking?class=dog&from={last}&size=50",
    "/api/v1/image?image=image_{middle:08d}",
    "/api/v1/ranking?class=cat&truth=present&id=7",
    "/api/v1/curves/precision-recall?class=person",
    "/classes/person",
)
CLIENTS = 4
LONGEST_S = 60
FILES = ("scores.npz", "metrics.json", "curves.npz")


def page_urls(images: int) -> list[str]:
    """Returns addresses that read every member of a table of so many images."""
    return [page.format(last=images - 49, middle=images // 2) for page in PAGES]


def copy_run(source: RunFolder, target: RunFolder) -> RunFolder:
    """Returns a new copy of a run's files."""
    shutil.rmtree(target.path, ignore_errors=True)
    shutil.copytree(source.path, target.path, copy_function=shutil.copyfile)
    return target


# Changes in place ---------------------------------------------------------------------------------


def cut(run: RunFolder, _other: RunFolder, chance: random.Random) -> None:
    """Cuts a file of the run short."""
    path = run.path / chance.choice(FILES)
    with path.open("r+b") as file:
        file.truncate(int(path.stat().st_size * chance.random()))


def overwrite(run: RunFolder, other: RunFolder, _chance: random.Random) -> None:
    """Writes another run over the files, without making them shorter first, as rsync --inplace."""
    for name in FILES:
        data = (other.path / name).read_bytes()
        with (run.path / name).open("r+b") as file:
            for start in range(0, len(data), 1 << 16):
                file.write(data[start : start + (1 << 16)])
            file.truncate()


def rewrite(run: RunFolder, other: RunFolder, _chance: random.Random) -> None:
    """Writes another run into the files, after emptying them, as scp and shells do."""
    for name in FILES:
        (run.path / name).write_bytes((other.path / name).read_bytes())


def copy_over(run: RunFolder, other: RunFolder, _chance: random.Random) -> None:
    """Copies another run's folder over this one."""
    subprocess.run(["cp", "-r", f"{other.path}/.", f"{run.path}/"], check=True)  # noqa: S607


CHANGES: dict[str, Callable[[RunFolder, RunFolder, random.Random], None]] = {
    "cut short": cut,
    "overwritten in place": overwrite,
    "emptied and written": rewrite,
    "cp -r other/. run/": copy_over,
}


def visit_until(done: threading.Event, base: str, urls: list[str], seen: Counter[str]) -> None:
    """Requests pages one after the other and counts the statuses."""
    client = Client(base)
    while not done.is_set():
        for url in urls:
            try:
                client.fetch(url)
                seen["200"] += 1
            except RuntimeError as error:  # Another status, which the message ends with.
                seen[str(error)[-3:]] += 1
            except OSError:
                seen["no answer"] += 1
                client = Client(base)
            except Exception as error:  # An answer that is not HTTP.
                seen[type(error).__name__] += 1
                client = Client(base)


def shows(base: str, url: str, expected: bytes) -> bool:
    """Returns whether the server answers with the expected data within a minute."""
    until = time.monotonic() + LONGEST_S
    while time.monotonic() < until:
        try:
            if Client(base).fetch(url)[0] == expected:
                return True
        except (OSError, RuntimeError):
            pass
        time.sleep(0.05)
    return False


def change_trial(
    change: str, run: RunFolder, other: RunFolder, images: int, chance: random.Random
) -> tuple[str, Counter[str]]:
    """Changes a served run; returns what became of the server, and the statuses meanwhile."""
    urls, seen, done = page_urls(images), Counter[str](), threading.Event()
    with serve_process(other.path) as (base, _):
        expected = Client(base).fetch(urls[0])[0]
    with serve_process(run.path) as (base, process_id):
        visitors = [
            threading.Thread(target=visit_until, args=(done, base, urls, seen))
            for _ in range(CLIENTS)
        ]
        for visitor in visitors:
            visitor.start()
        time.sleep(0.3 * chance.random())
        CHANGES[change](run, other, chance)
        time.sleep(0.2)
        if change == "cut short":
            rewrite(run, other, chance)
        alive = is_running(process_id)
        new = alive and shows(base, urls[0], expected)
        done.set()
        for visitor in visitors:
            visitor.join()
        alive = is_running(process_id)
    return ("died" if not alive else "new run shown" if new else "new run not shown"), seen


# Flipped bytes ------------------------------------------------------------------------------------


def answers(client: FlaskClient, urls: list[str]) -> list[tuple[int, bytes]]:
    """Returns status and body of every page."""
    return [(found.status_code, found.data) for found in map(client.get, urls)]


def flip_trial(
    run: RunFolder, name: str, urls: list[str], right: list[tuple[int, bytes]],
    chance: random.Random, cache_dir: Path,
) -> str:  # fmt: skip
    """Flips one bit of a file, opens the run, and says what its pages are."""
    path = run.path / name
    data = bytearray(path.read_bytes())
    data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    path.write_bytes(data)
    reader = RunReader(run)
    client = create_app(reader, cache_dir).test_client()
    client.get("/")
    if hasattr(reader, "wait_until_verified"):
        reader.wait_until_verified()
    found = answers(client, urls)
    if found == right:
        return "right"
    statuses = {status for status, _ in found}
    if 500 in statuses:
        return "internal error"
    wrong = any(one != other and one[0] == 200 for one, other in zip(found, right, strict=True))
    return "wrong" if wrong else "failure page"


@click.command()
@click.option("--images", default=60_000, show_default=True, help="Images in the runs.")
@click.option("--trials", default=10, show_default=True, help="Changes of each kind.")
@click.option("--flips", default=350, show_default=True, help="Flipped bits, in all files.")
@click.option("--seed", default=0, show_default=True, help="Seed of the random choices.")
def main(images: int, trials: int, flips: int, seed: int) -> None:
    """Change the files of served runs.

    Fails if a server died or did not show the new run, or if a page was wrong or an internal error.
    """
    chance = random.Random(seed)  # noqa: S311 (no secret)
    bad = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        first, other, smaller = (RunFolder(folder / key) for key in ("first", "other", "smaller"))
        write_synthetic_run(first, images, CLASSES, seed=1)
        write_synthetic_run(other, images, CLASSES, seed=2)
        write_synthetic_run(smaller, images // 3, CLASSES, seed=3)
        for change in CHANGES if trials else ():
            ends, statuses = Counter[str](), Counter[str]()
            for number in range(trials):
                run = copy_run(first, RunFolder(folder / "run"))
                new = smaller if number % 2 else other
                end, seen = change_trial(change, run, new, images // 3, chance)
                ends[end] += 1
                statuses += seen
            bad += trials - ends["new run shown"] + statuses["500"]
            click.echo(f"{change:24} {dict(ends)}, answers meanwhile: {dict(statuses)}")
        urls = page_urls(images)
        run = copy_run(first, RunFolder(folder / "run"))
        right = answers(create_app(RunReader(run), folder / "cache").test_client(), urls)
        found = {path: Counter[str]() for path in FILES}
        for number in range(flips):
            # Two in three in the scores: their file is by far the largest.
            path = FILES[max(number % 6 - 3, 0)]
            run = copy_run(first, RunFolder(folder / "run"))
            found[path][flip_trial(run, path, urls, right, chance, folder / "cache")] += 1
        for path, counts in found.items():
            bad += counts["wrong"] + counts["internal error"]
            click.echo(f"flipped bit of {path:14} {dict(counts)}")
    if bad:
        raise click.ClickException(f"{bad} trials ended badly")


if __name__ == "__main__":
    main()
