"""A grid without thumbnails: seconds until all 50 are made and served, and their size in bytes.

Baseline: Pillow decodes each original in full, resizes it and writes a JPEG, one after another,
without a server. The thumbnails must differ little from the pixels that Pillow resized, and take
less than a tenth of the bytes of the originals. By default the originals are synthetic images of
about the size of VOC's; --root-dir measures the images of a data set, which may be smaller.
"""

import shutil
import statistics
import tempfile
import time
from io import BytesIO
from pathlib import Path

import click
import numpy as np
from load import Bodies, thumbnail_paths, visit
from photographs import find_photographs
from PIL import Image
from served import make_run, serve

from voc_model.store.runs import RunFolder
from voc_model.store.scores import ScoreTable

GRID = 50
CONNECTIONS = 6  # As browsers open to one host.
BOX = (240, 180)  # Size of the thumbnails on the pages, at most.
PLAIN_QUALITY = 80  # About the same quality as ours: both differences are printed.
MAX_SECONDS, MAX_DIFFERENCE, MAX_SHARE = 0.5, 5.0, 0.1


def place_photographs(run: Path, photographs: list[Path]) -> list[Path]:
    """Copies photographs to the top images of the first class; returns their paths."""
    table = ScoreTable.open(RunFolder(run).scores_path)
    rows = table.class_ranking(0).slice(1, len(photographs))
    folder = Path(table.manifest.voc_dir) / "JPEGImages"
    targets = [
        folder / f"{table.image_id(int(row))}{photograph.suffix}"
        for row, photograph in zip(rows, photographs, strict=True)
    ]
    for photograph, target in zip(photographs, targets, strict=True):
        shutil.copyfile(photograph, target)
    return targets


def make_with_pillow(originals: list[Path], folder: Path) -> tuple[list[Image.Image], list[Path]]:
    """Resizes all originals with Pillow; returns the images and their JPEG files in `folder`."""
    images, targets = list[Image.Image](), list[Path]()
    for original in originals:
        with Image.open(original) as opened:
            image = opened.convert("RGB")
        image.thumbnail(BOX, Image.Resampling.LANCZOS)
        images.append(image)
        targets.append(folder / f"{original.stem}.jpg")
        image.save(targets[-1], quality=PLAIN_QUALITY)
    return images, targets


def mean_difference(files: list[bytes], exact: list[Image.Image]) -> float:
    """Returns the mean absolute difference of pixel values, which range from 0 to 255."""
    differences = []
    for file, expected in zip(files, exact, strict=True):
        with Image.open(BytesIO(file)) as opened:
            found = opened.convert("RGB")
        if found.size != expected.size:  # An edge of 214.6 pixels may be rounded up or down.
            found = found.resize(expected.size)
        differences.append(np.abs(np.asarray(found, np.int16) - np.asarray(expected)).mean())
    return float(np.mean(differences))


@click.command()
@click.option(
    "--root-dir", type=click.Path(path_type=Path), help="VOC folder; by default synthetic images."
)
@click.option("--rounds", default=5, show_default=True, help="Grids, each with its own images.")
def main(root_dir: Path | None, rounds: int) -> None:
    """Measure grids of images without thumbnails, alternating with the baseline.

    With --root-dir VOCdevkit/VOC2012 the images of the val split are used.
    """
    cold, cached, baseline, our_differences, baseline_differences = (
        list[float]() for _ in range(5)
    )
    thumbnail_bytes = original_bytes = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        photographs = find_photographs(root_dir, GRID * rounds, folder)
        rounds = len(photographs) // GRID
        if not rounds:
            raise click.ClickException(
                f"{root_dir}: found {len(photographs)} images, expected at least {GRID}"
            )
        run = make_run(folder, images=max(1000, 2 * GRID * rounds))
        all_originals = place_photographs(run, photographs[: GRID * rounds])
        with serve(run) as base:
            port = int(base.rpartition(":")[2])
            for first in range(0, GRID * rounds, GRID):
                originals = all_originals[first : first + GRID]
                page = f"/classes/aeroplane?from={first + 1}&size={GRID}"
                paths, bodies = thumbnail_paths(base, page), Bodies()
                cold.append(visit(port, paths, CONNECTIONS, bodies).wall_s)
                cached.append(visit(port, paths, CONNECTIONS, bodies).wall_s)
                began = time.perf_counter()
                exact, jpegs = make_with_pillow(originals, folder)
                baseline.append(time.perf_counter() - began)
                our_differences.append(mean_difference([bodies[path] for path in paths], exact))
                contents = [jpeg.read_bytes() for jpeg in jpegs]
                baseline_differences.append(mean_difference(contents, exact))
                thumbnail_bytes += sum(map(len, bodies.values()))
                original_bytes += sum(original.stat().st_size for original in originals)
    seconds, baseline_s = statistics.median(cold), statistics.median(baseline)
    difference, share = statistics.mean(our_differences), thumbnail_bytes / original_bytes
    print(f"{GRID} thumbnails over {CONNECTIONS} connections, medians of {rounds} grids")
    print(f"made and served: {seconds:.3f} s (limit {MAX_SECONDS}); baseline, not served: "
          f"{baseline_s:.3f} s, ratio {baseline_s / seconds:.2f}; served from the cache: "
          f"{statistics.median(cached):.3f} s")  # fmt: skip
    print(f"mean difference from the resized pixels: {difference:.2f}/255 (limit "
          f"{MAX_DIFFERENCE}); baseline: {statistics.mean(baseline_differences):.2f}")  # fmt: skip
    print(f"bytes per thumbnail {thumbnail_bytes / GRID / rounds:,.0f}, per original "
          f"{original_bytes / GRID / rounds:,.0f}: share {share:.3f} (limit {MAX_SHARE})"
          )  # fmt: skip
    if difference > MAX_DIFFERENCE:
        raise click.ClickException("the thumbnails differ too much")
    if share > MAX_SHARE:
        raise click.ClickException("the thumbnails are too large")
    if seconds > MAX_SECONDS:
        raise click.ClickException("making the thumbnails takes too long (is the machine idle?)")


if __name__ == "__main__":
    main()
