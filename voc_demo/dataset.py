"""Scenes -> a folder in VOC layout, drawn in parallel; a killed drawing goes on where it stood.

`<out>/DemoScenes` holds JPEGImages, Annotations and ImageSets. Beside it, where nothing that trains
looks, `planted_label_errors.csv` tells which labels are wrong on purpose, and `demo.json` what was
drawn.
"""

import csv
import hashlib
import json
import os
import shutil
import signal
from collections.abc import Generator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from io import StringIO
from multiprocessing import parent_process
from multiprocessing.connection import wait
from pathlib import Path
from random import Random
from threading import Thread

from voc_demo.annotating import LabelError, annotate, is_noticed, plant_error
from voc_demo.painting import paint
from voc_demo.scenes import compose
from voc_model.data.classes import VOC_CLASSES
from voc_model.data.voc import annotation_path, image_path, read_objects
from voc_model.errors import DataError
from voc_model.files import atomic_path, write_text_atomically
from voc_model.progress import Note, Progress

_FOLDER = "DemoScenes"
_TRAIN_SHARE = 0.7
_ERROR_SHARE = 0.03


@dataclass(frozen=True)
class _Job:
    voc_dir: Path
    image_id: str
    seed: int
    with_error: bool


def draw_data_set(
    out: Path, images: int, seed: int, workers: int
) -> Generator[Progress | Note, None, Path]:
    """Draws what is not there yet, and returns the VOC folder.

    The same seed and number give the same files, whatever the number of workers.

    Raises:
        DataError: `out` holds a VOC folder that was not drawn by this function.
    """
    voc_dir = out / _FOLDER
    stamp = {"seed": seed, "images": images, "drawn_by": _digest_of_drawers()}
    if _prepare(out, voc_dir, stamp):
        yield Note(f"{voc_dir}: drawn already, reused")
        return voc_dir
    image_ids = [f"demo_{number:06d}" for number in range(1, images + 1)]
    choice = Random(f"{seed} splits")
    train = set(choice.sample(image_ids, round(_TRAIN_SHARE * images)))
    in_error = set(choice.sample(image_ids, round(_ERROR_SHARE * images)))
    jobs = [_Job(voc_dir, item, seed, item in in_error) for item in image_ids]
    errors = yield from _draw_all(jobs, workers)
    for split, members in (("train", train), ("val", set(image_ids) - train)):
        _write_lists(voc_dir, split, sorted(members))
    _write_lists(voc_dir, "trainval", image_ids)
    _write_errors(out / "planted_label_errors.csv", errors, train)
    write_text_atomically(out / "demo.json", json.dumps({**stamp, "complete": True}) + "\n")
    yield Note(
        f"{voc_dir}: {len(train):,} images to train on, {images - len(train):,} to validate; "
        f"{len(in_error):,} with a planted label error, see {out / 'planted_label_errors.csv'}"
    )
    return voc_dir


def _prepare(out: Path, voc_dir: Path, stamp: dict[str, object]) -> bool:
    """Makes room for the data set; returns whether it is there already, complete."""
    path = out / "demo.json"
    found = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None
    if found == {**stamp, "complete": True}:
        return True
    if found is None and voc_dir.exists():
        raise DataError(
            f"{voc_dir}: there is a folder that was not drawn by this script, and it is left "
            "alone. Choose another folder with --out DIR."
        )
    if found is not None and {**found, "complete": False} != {**stamp, "complete": False}:
        shutil.rmtree(voc_dir, ignore_errors=True)
    write_text_atomically(path, json.dumps({**stamp, "complete": False}) + "\n")
    return False


def _digest_of_drawers() -> str:
    """Returns a hash of the code that draws: other drawings are another data set."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _draw_all(jobs: Sequence[_Job], workers: int) -> Generator[Progress, None, list[LabelError]]:
    # An image's annotation comes last. Those with an error are drawn again to know the error.
    missing = [
        job
        for job in jobs
        if job.with_error or not annotation_path(job.voc_dir, job.image_id).is_file()
    ]
    reused = len(jobs) - len(missing)
    errors: list[LabelError] = []
    done = reused
    yield Progress("drawing", done, len(jobs), reused)
    pool = ProcessPoolExecutor(workers, initializer=_follow_main_process)
    try:
        for found in pool.map(_draw_one, missing, chunksize=4):
            errors += found
            done += 1
            yield Progress("drawing", done, len(jobs), reused)
    finally:
        pool.shutdown(cancel_futures=True)
    return errors


def _draw_one(job: _Job) -> list[LabelError]:
    """Draws an image and its annotation, and returns the label errors planted in the latter."""
    random = Random(f"{job.seed} {job.image_id}")
    image, sights = paint(compose(random), random)
    sights = [item for item in sights if is_noticed(item)]
    errors: list[LabelError] = []
    if job.with_error:
        sights, errors = plant_error(job.image_id, sights, random)
    with atomic_path(image_path(job.voc_dir, job.image_id)) as temporary:
        # Lossless, whatever the file's name says: scripts/freeze_demo.py compresses it, once.
        image.save(temporary, "PNG", compress_level=1)
    with atomic_path(annotation_path(job.voc_dir, job.image_id)) as temporary:
        temporary.write_bytes(annotate(job.voc_dir.name, job.image_id, sights))
    return errors


def _write_lists(voc_dir: Path, split: str, image_ids: Sequence[str]) -> None:
    """Writes a split's list and its class lists, from what the annotations say."""
    folder = voc_dir / "ImageSets" / "Main"
    flags: dict[str, list[str]] = {name: [] for name in VOC_CLASSES}
    for image_id in image_ids:
        objects = read_objects(voc_dir, image_id)
        plain = {item.class_name for item in objects if not item.difficult}
        difficult = {item.class_name for item in objects if item.difficult}
        for name, lines in flags.items():
            flag = "1" if name in plain else "0" if name in difficult else "-1"
            lines.append(f"{image_id} {flag:>2}")
    write_text_atomically(folder / f"{split}.txt", _as_lines(image_ids))
    for name, lines in flags.items():
        write_text_atomically(folder / f"{name}_{split}.txt", _as_lines(lines))


def _write_errors(path: Path, errors: Sequence[LabelError], train: set[str]) -> None:
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["image_id", "class", "written", "true", "split"])
    for error in errors:
        split = "train" if error.image_id in train else "val"
        writer.writerow([*asdict(error).values(), split])
    write_text_atomically(path, text.getvalue())


def _as_lines(lines: Sequence[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def _follow_main_process() -> None:
    """Leaves Ctrl-C to the main process, and ends with it even where it was killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    main = parent_process()
    assert main is not None

    def end() -> None:
        wait([main.sentinel])
        os._exit(1)

    Thread(target=end, daemon=True).start()
