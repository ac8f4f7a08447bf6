"""What the benchmarks of the pages share: synthetic runs, a server process, and the browser."""

import gzip
import http.client
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

import click
import numpy as np
from photographs import draw_photograph

from scripts.synthetic_scores import write_synthetic_run
from voc_model.store.runs import RunFolder
from voc_model.store.scores import ScoreTable

ROOT = Path(__file__).resolve().parent.parent

LISTENING = r"http://\S+:(\d+)"  # Printed by a server once it listens; captures the port.
CLASS_PAGE = "class, top and bottom 50"
# One page of each kind; they exist in any run of 1,000 images or more.
PAGES = {
    "overview": "/",
    CLASS_PAGE: "/classes/person",
    "class, ranks 501 to 550": "/classes/person?from=501",
    "average precision": "/average-precision",
    "tail accuracy": "/tail-accuracy",
    "image": "/images/image_00000500?class=person",
    "metrics at a threshold": "/api/v1/class?class=person&threshold=0.123456",
}


def make_run(folder: Path, images: int, photographs: int = 0, classes: int = 20) -> Path:
    """Writes a complete synthetic run to folder/run; returns that path.

    The top `photographs` images of the first class get a JPEG of VOC's usual size.
    """
    run = RunFolder(folder / "run")
    write_synthetic_run(run, images, classes, seed=0)
    table = ScoreTable.open(run.scores_path)
    jpegs = Path(table.manifest.voc_dir) / "JPEGImages"
    jpegs.mkdir(parents=True)
    random = np.random.default_rng(0)
    for row in table.class_ranking(0).slice(1, photographs):
        draw_photograph(jpegs / f"{table.image_id(int(row))}.jpg", random)
    return run.path


def find_chromium() -> str:
    """Returns the path of Chromium: CHROMIUM, or the headless shell or chromium on the PATH.

    Raises:
        click.ClickException: there is none.
    """
    names = ("chromium-headless-shell", "chromium")
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    if not found:
        raise click.ClickException(
            "no browser found: install chromium, or set CHROMIUM to its path"
        )
    return found


def is_running(process_id: int) -> bool:
    """Returns whether a process is running; a zombie is not."""
    try:
        state = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"


def private_mb(process_id: int) -> float:
    """Returns the private memory of a process, in megabytes."""
    lines = Path(f"/proc/{process_id}/status").read_text().splitlines()
    fields = dict(line.split(":", 1) for line in lines)
    return int(fields["RssAnon"].split()[0]) / 1024


class Client:
    """An HTTP client with one persistent connection, so that connecting is not measured."""

    def __init__(self, base: str) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(base).netloc)

    def fetch(self, path: str) -> tuple[bytes, int, float]:
        """Returns the decompressed body, the bytes transferred, and the seconds it took."""
        started = time.perf_counter()
        self._connection.request("GET", path, headers={"Accept-Encoding": "gzip"})
        response = self._connection.getresponse()
        transferred = response.read()
        seconds = time.perf_counter() - started
        if response.status != 200:
            raise RuntimeError(f"{path}: status {response.status}")
        compressed = response.headers["Content-Encoding"] == "gzip"
        body = gzip.decompress(transferred) if compressed else transferred
        return body, len(transferred), seconds


def cache_dir_of(run: Path) -> Path:
    """Returns where the server of a run keeps its thumbnails."""
    return run.parent / "cache"


@contextmanager
def serve(run: Path, *options: str) -> Iterator[str]:
    """Starts app.py on a free port; yields its base URL once it listens."""
    with serve_process(run, *options) as (base, _):
        yield base


@contextmanager
def serve_process(run: Path, *options: str) -> Iterator[tuple[str, int]]:
    """Like `serve`; also yields the process id."""
    command = [sys.executable, str(ROOT / "app.py"), "--run", str(run), "--port", "0"]
    command += ["--cache-dir", str(cache_dir_of(run)), *options]
    with started_process(command, LISTENING) as (port, process_id):
        yield f"http://127.0.0.1:{port}", process_id


@contextmanager
def started_process(command: list[str], ready: str) -> Iterator[tuple[str, int]]:
    """Starts a process; terminates it and its children at the end.

    Yields:
        The first group of the pattern `ready`, once a line of its output matches; the process id.

    Raises:
        RuntimeError: the process ended before.
    """
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        start_new_session=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        for line in process.stdout:
            if found := re.search(ready, line):
                # Keep reading: a server blocks once the pipe for its log is full.
                Thread(target=process.stdout.read, daemon=True).start()
                yield found.group(1), process.pid
                break
        else:
            raise RuntimeError(f"{command} ended before its output matched {ready!r}")
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait()
