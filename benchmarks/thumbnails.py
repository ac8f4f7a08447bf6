"""A grid seen for the first time: seconds until its 50 thumbnails are made and served, and bytes.

Baseline: Pillow opens each original in full, scales it down and writes a JPEG, one after another,
with no server at all. The pages' thumbnails are to differ little from what Pillow scaled, before it
wrote it, and the grid is to weigh less than a tenth of its originals. Photographs as heavy as VOC's
are drawn; the images of a data set of your own, which may be lighter, are measured with --root-dir.
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
CONNECTIONS = 6  # As many as browsers open to one host.
BOX = (240, 180)  # Of the pages' thumbnails.
PLAIN_QUALITY = 80  # Looks about as good as theirs: the difference of both is printed.
LONGEST_S, LARGEST_DIFFERENCE, LARGEST_SHARE = 0.5, 5.0, 0.1


def place_photographs(run: Path, photographs: list[Path]) -> list[Path]:
    """Copies photographs to the images at the head of the first class's ranking; returns those."""
    table = ScoreTable.open(RunFolder(run).scores_path)
    rows = table.class_ranking(0).slice(1, len(photographs))
    folder = Path(table.manifest.voc_dir) / "JPEGImages"
    places = [
        folder / f"{table.image_id(int(row))}{photograph.suffix}"
        for row, photograph in zip(rows, photographs, strict=True)
    ]
    for photograph, place in zip(photographs, places, strict=True):
        shutil.copyfile(photograph, place)
    return places


def make_plainly(originals: list[Path], folder: Path) -> tuple[list[Image.Image], list[Path]]:
    """Scales all originals with Pillow alone; returns the images, and their JPEGs in `folder`."""
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
    """Returns by how many of 255 steps a value of a pixel differs, on average."""
    differences = []
    for file, wanted in zip(files, exact, strict=True):
        with Image.open(BytesIO(file)) as opened:
            found = opened.convert("RGB")
        if found.size != wanted.size:  # A side of 214.6 pixels may be rounded either way.
            found = found.resize(wanted.size)
        differences.append(np.abs(np.asarray(found, np.int16) - np.asarray(wanted)).mean())
    return float(np.mean(differences))


@click.command()
@click.option("--root-dir", type=click.Path(path_type=Path), help="VOC folder; else drawn images.")
@click.option("--rounds", default=5, show_default=True, help="Grids, each of other images.")
def main(root_dir: Path | None, rounds: int) -> None:
    """Measure ROUNDS grids of images without thumbnails, in turns with the plain way.

    A data set in VOC's layout is measured by its val split: --root-dir VOCdevkit/VOC2012
    """
    cold, again, plain, ours_off, plain_off = (list[float]() for _ in range(5))
    thumbnail_bytes = original_bytes = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        photographs = find_photographs(root_dir, GRID * rounds, folder)
        rounds = len(photographs) // GRID
        if not rounds:
            raise click.ClickException(f"{root_dir}: {len(photographs)} images; {GRID} are needed")
        run = make_run(folder, images=max(1000, 2 * GRID * rounds))
        places = place_photographs(run, photographs[: GRID * rounds])
        with serve(run) as base:
            port = int(base.rpartition(":")[2])
            for first in range(0, GRID * rounds, GRID):
                originals = places[first : first + GRID]
                page = f"/classes/aeroplane?from={first + 1}&size={GRID}"
                paths, bodies = thumbnail_paths(base, page), Bodies()
                cold.append(visit(port, paths, CONNECTIONS, bodies).wall_s)
                again.append(visit(port, paths, CONNECTIONS, bodies).wall_s)
                began = time.perf_counter()
                exact, jpegs = make_plainly(originals, folder)
                plain.append(time.perf_counter() - began)
                ours_off.append(mean_difference([bodies[path] for path in paths], exact))
                plain_off.append(mean_difference([jpeg.read_bytes() for jpeg in jpegs], exact))
                thumbnail_bytes += sum(map(len, bodies.values()))
                original_bytes += sum(original.stat().st_size for original in originals)
    seconds, plain_s = statistics.median(cold), statistics.median(plain)
    difference, share = statistics.mean(ours_off), thumbnail_bytes / original_bytes
    print(f"{GRID} thumbnails over {CONNECTIONS} connections, medians of {rounds} grids")
    print(f"made and served: {seconds:.3f} s ({LONGEST_S} are allowed); plain way, not served: "
          f"{plain_s:.3f} s, ratio {plain_s / seconds:.2f}; served again: "
          f"{statistics.median(again):.3f} s")  # fmt: skip
    print(f"difference from the scaled pixels: mean {difference:.2f}/255 ({LARGEST_DIFFERENCE} are "
          f"allowed); the plain way's JPEG: {statistics.mean(plain_off):.2f}")  # fmt: skip
    print(f"bytes of a thumbnail {thumbnail_bytes / GRID / rounds:,.0f}, of an original "
          f"{original_bytes / GRID / rounds:,.0f}: share {share:.3f} ({LARGEST_SHARE} is allowed)"
          )  # fmt: skip
    if difference > LARGEST_DIFFERENCE:
        raise click.ClickException("the thumbnails look otherwise")
    if share > LARGEST_SHARE:
        raise click.ClickException("the thumbnails weigh too much")
    if seconds > LONGEST_S:
        raise click.ClickException("the grid comes too late (on a quiet machine?)")


if __name__ == "__main__":
    main()
