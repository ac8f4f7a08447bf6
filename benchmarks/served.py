"""Synthetic runs, a server process that shows one, and its pages: what the benchmarks share."""

import gzip
import http.client
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

import numpy as np
from photographs import draw_photograph

from scripts.synthetic_scores import write_synthetic_run
from voc_model.store.runs import RunFolder
from voc_model.store.scores import ScoreTable

ROOT = Path(__file__).resolve().parent.parent

LISTENING = r"http://\S+:(\d+)"  # What servers say; the port is in it.
FIRST_SCREEN = "class, both ends"
# One of each kind; any run of 1,000 images or more has them.
PAGES = {
    "overview": "/",
    FIRST_SCREEN: "/classes/person",
    "class, ranks 501 to 550": "/classes/person?from=501",
    "average precision": "/average-precision",
    "tail accuracy": "/tail-accuracy",
    "image": "/images/image_00000500?class=person",
    "numbers at a threshold": "/api/v1/class?class=person&threshold=0.123456",
}


def make_run(folder: Path, images: int, photographs: int = 0, classes: int = 20) -> Path:
    """Writes a complete synthetic run to folder/run; returns that.

    The first `photographs` images in the ranking of the first class get a JPEG of VOC's size.
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
    """Like `serve`; yields the id of the process, too."""
    command = [sys.executable, str(ROOT / "app.py"), "--run", str(run), "--port", "0"]
    command += ["--cache-dir", str(cache_dir_of(run)), *options]
    with started_process(command, LISTENING) as (port, process_id):
        yield f"http://127.0.0.1:{port}", process_id


@contextmanager
def started_process(command: list[str], ready: str) -> Iterator[tuple[str, int]]:
    """Starts a process, yields what `ready` matches in its output, and its id; then ends it all."""
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        start_new_session=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        for line in process.stdout:
            if found := re.search(ready, line):
                # Read on: a server whose log nobody reads stands still once the pipe is full.
                Thread(target=process.stdout.read, daemon=True).start()
                yield found.group(1), process.pid
                break
        else:
            raise RuntimeError(f"{command} ended without {ready!r}")
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait()
