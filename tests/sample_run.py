"""Makes a small VOC folder and a run that contain every case that the pages have to handle."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from voc_model.metrics.evaluation import evaluate, write_evaluation
from voc_model.metrics.precision_recall import DifficultConvention
from voc_model.store.manifest import Manifest
from voc_model.store.runs import RunFolder
from voc_model.store.scores import ScoreTable

# Two of VOC's classes and two others; no image shows the last one.
CLASSES = ("dog", "person", "grüner Baum & Strauch", "zebra")
IMAGES = 130

SPACED = "bild mit leerzeichen 7"
MISSING = "2008_000020"  # listed, but the file is missing
CORRUPT = "2008_000021"  # the file is not an image
BOXED = "2008_000030"  # 500 x 375 pixels, BOXES
MALFORMED = "2008_000031"  # its annotation is malformed XML
CROSSING = "2008_000035"  # 500 x 375 pixels, CROSSING_BOXES
UNLISTED = "2009_000001"  # a file in JPEGImages that is not in the table
LINKED = "2008_000040"  # a link to a file outside JPEGImages
TINY = "2008_000050"  # smaller than any thumbnail

# (class, xmin, ymin, xmax, ymax, difficult, truncated); 1-based, maxima inclusive
BOXES = (
    ("dog", 51, 76, 300, 225, 0, 0),
    ("person", 1, 1, 500, 375, 0, 1),
    ("dog", 400, 300, 450, 375, 1, 0),
)

CROSSING_BOXES = (
    ("dog", -40, 101, 250, 900, 0, 1),  # crosses the left and the bottom edge
    ("person", 401, 0, 501, 150, 1, 0),  # crosses the top and the right edge by a pixel
    ("dog", 501, 1, 600, 100, 0, 0),  # lies outside the image
)

_SIZES = ((500, 375), (375, 500), (333, 500), (320, 240), (640, 160), (160, 480), (500, 334))


@dataclass(frozen=True)
class Sample:
    """The files and their contents; arrays in the order of the table's rows."""

    voc_dir: Path
    run: RunFolder
    image_ids: tuple[str, ...]
    classes: tuple[str, ...]
    scores: NDArray[np.float32]  # (N, C)
    labels: NDArray[np.int8]  # (N, C)

    def ranked_rows(self, class_index: int) -> list[int]:
        """Returns the rows in the expected rank order: by score, then image id, unreadable last."""

        def key(row: int) -> tuple[bool, float, bytes]:
            score = float(self.scores[row, class_index])
            unreadable = np.isnan(score)
            return (unreadable, 0.0 if unreadable else -score, self.image_ids[row].encode())

        return sorted(range(len(self.image_ids)), key=key)

    def ranked_ids(self, class_index: int) -> list[str]:
        return [self.image_ids[row] for row in self.ranked_rows(class_index)]


def make_sample(folder: Path, difficult: DifficultConvention = "ignore") -> Sample:
    """Writes the sample into `folder` and returns it."""
    random = np.random.default_rng(42)
    ids = [f"2008_{number:06d}" for number in range(IMAGES - 1)] + [SPACED]
    voc_dir = folder / "VOC2008"
    _draw_images(voc_dir, ids)
    _write_annotations(voc_dir)
    labels = (random.random((IMAGES, len(CLASSES))) < (0.3, 0.5, 0.2, 0.0)).astype(np.int8)
    labels[random.random(labels.shape) < 0.06] = -1
    noisy = 0.25 + 0.5 * (labels == 1) + random.normal(0, 0.2, labels.shape)
    scores = noisy.clip(0.01, 0.99).round(2).astype(np.float32)  # two decimals: many ties
    scores[:7, 0] = np.float32(0.5)  # exactly at the default threshold
    scores[7, 0], scores[8, 0] = np.float32(0.999998), np.float32(1.25e-6)
    scores[[ids.index(MISSING), ids.index(CORRUPT)]] = np.nan
    return write_run(folder / "runs" / "sample", voc_dir, ids, CLASSES, scores, labels, difficult)


def write_run(
    folder: Path,
    voc_dir: Path,
    image_ids: Sequence[str],
    classes: Sequence[str],
    scores: NDArray[np.float32],
    labels: NDArray[np.int8],
    difficult: DifficultConvention = "ignore",
    **manifest: object,
) -> Sample:
    """Writes scores and metrics of a run; `manifest` overrides fields of its manifest."""
    unreadable = [str(image_ids[row]) for row in np.flatnonzero(np.isnan(scores).any(axis=1))]
    fields = {
        "run": folder.name,
        "voc_dir": str(voc_dir),
        "split": "val",
        "unreadable_count": len(unreadable),
        "unreadable": unreadable,
        **manifest,
    }
    table = ScoreTable.build(image_ids, classes, scores, labels, Manifest.model_validate(fields))
    run = RunFolder(folder)
    table.write(run.scores_path)
    write_evaluation(run, *evaluate(table, difficult))
    order = np.argsort([image_id.encode() for image_id in image_ids])
    ids = tuple(image_ids[row] for row in order)
    return Sample(voc_dir, run, ids, tuple(classes), scores[order], labels[order])


def size_of(image_id: str, ids: Sequence[str]) -> tuple[int, int]:
    """Returns width and height in pixels of an image of the sample."""
    if image_id in (BOXED, CROSSING):
        return 500, 375
    if image_id == TINY:
        return 60, 40
    return _SIZES[ids.index(image_id) % len(_SIZES)]


def draw_image(path: Path, size: tuple[int, int], shade: int = 0) -> None:
    """Writes a JPEG of a gradient with one bright patch, which depends on `shade`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    small = np.zeros((6, 8, 3), np.uint8)
    small[..., 0] = (np.arange(8) * 20 + shade * 53) % 200
    small[..., 1] = (np.arange(6)[:, None] * 25 + shade * 31) % 200
    small[shade % 6, shade % 8] = 255
    Image.fromarray(small).resize(size, Image.Resampling.BICUBIC).save(path, "JPEG", quality=70)


def _draw_images(voc_dir: Path, ids: Sequence[str]) -> None:
    folder = voc_dir / "JPEGImages"
    for shade, image_id in enumerate([*ids, UNLISTED]):
        path = folder / f"{image_id}.jpg"
        if image_id == LINKED:
            outside = voc_dir.parent / "outside" / "photograph.jpg"
            draw_image(outside, (200, 150), shade)
            path.symlink_to(outside)
        elif image_id == UNLISTED:
            draw_image(path, (200, 150), shade)
        elif image_id != MISSING:
            draw_image(path, size_of(image_id, ids), shade)
    (folder / f"{CORRUPT}.jpg").write_bytes(b"\xff\xd8\xff\xe0 no more than a beginning")
    (voc_dir / "secret.txt").write_text("not to be served")
    (voc_dir / "secret.jpg").write_text("not to be served")


def _write_annotations(voc_dir: Path) -> None:
    folder = voc_dir / "Annotations"
    folder.mkdir(parents=True)
    for image_id, boxes in ((BOXED, BOXES), (CROSSING, CROSSING_BOXES)):
        objects = "".join(
            f"<object><name>{name}</name><difficult>{difficult}</difficult>"
            f"<truncated>{truncated}</truncated><bndbox><xmin>{xmin}</xmin><ymin>{ymin}</ymin>"
            f"<xmax>{xmax}</xmax><ymax>{ymax}</ymax></bndbox></object>"
            for name, xmin, ymin, xmax, ymax, difficult, truncated in boxes
        )
        (folder / f"{image_id}.xml").write_text(f"<annotation>{objects}</annotation>")
    (folder / f"{MALFORMED}.xml").write_text("<annotation>\n<object><name>dog</object>")
