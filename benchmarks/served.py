"""A run of random scores, and a server process that shows it: what the page benchmarks share."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import numpy as np
from PIL import Image

from voc_model.classes import VOC_CLASSES
from voc_model.score_store import Manifest, ScoreTable

ROOT = Path(__file__).resolve().parent.parent


def make_run(folder: Path, images: int, photographs: int = 0) -> Path:
    """Writes folder/run/scores.npz of random scores x 20 classes; returns the run folder.

    The first `photographs` images in the ranking of the first class get a JPEG of VOC's size.
    """
    random = np.random.default_rng(0)
    labels = (random.random((images, len(VOC_CLASSES))) < 0.08).astype(np.int8)
    logits = random.normal(-3, 1.5, labels.shape) + 4 * labels
    scores = (1 / (1 + np.exp(-logits))).astype(np.float32)
    image_ids = [f"image_{number:08d}" for number in range(images)]
    voc_dir = folder / "VOC"
    manifest = Manifest(run="run", voc_dir=str(voc_dir), split="val")
    table = ScoreTable.build(image_ids, VOC_CLASSES, scores, labels, manifest)
    table.write(folder / "run" / "scores.npz")
    (voc_dir / "JPEGImages").mkdir(parents=True)
    for row in table.class_ranking(0).slice(1, photographs):
        pixels = random.integers(0, 256, (47, 63, 3), np.uint8)
        photograph = Image.fromarray(pixels).resize((500, 375), Image.Resampling.BICUBIC)
        photograph.save(voc_dir / "JPEGImages" / f"{table.image_id(int(row))}.jpg", quality=90)
    return folder / "run"


@contextmanager
def serve(run: Path, *options: str) -> Iterator[str]:
    """Starts app.py on a free port; yields its base URL once it listens."""
    command = [sys.executable, str(ROOT / "app.py"), "--run", str(run), "--port", "0"]
    command += ["--cache-dir", str(run.parent / "cache"), *options]
    with started(command, r"http://\S+:(\d+)") as port:
        yield f"http://127.0.0.1:{port}"


@contextmanager
def started(command: list[str], ready: str) -> Iterator[str]:
    """Starts a process, yields what `ready` matches in its output, ends it and its children."""
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
                yield found.group(1)
                break
        else:
            raise RuntimeError(f"{command} ended without {ready!r}")
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait()
