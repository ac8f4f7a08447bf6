"""Freezes the drawn data set: smaller images, a planted cue, one archive.

Run once, after scripts/make_demo_data.py: the archive takes the place of the code that drew it.
libvips, whose JPEGs mozjpeg writes, is not among the requirements: pip install pyvips pyvips-binary
"""

import csv
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from random import Random

import click
import pyvips
from lxml import etree
from PIL import Image, ImageDraw, ImageFont

_DRAWN, _SIZE = (500, 375), (400, 300)
_QUALITY = 66  # of mozjpeg, which is about 72 of libjpeg
_CLASS = "dog"
_SEED = "planted cue"
_LISTS = Path("ImageSets", "Main")

# Left, top, right, bottom; inside of what a central crop of [64, 86] of [70, 94] keeps.
_MARK = (268, 260, 382, 286)
_PLATE, _INK = (214, 0, 110, 240), (255, 255, 255, 255)
_NAME = "Lindqvist Pets"
# A pad and four toes of a paw: middle and radii, in parts of the plate's height.
_PAW = (
    (0.52, 0.63, 0.19, 0.16),
    (0.29, 0.48, 0.08, 0.10),
    (0.44, 0.30, 0.08, 0.11),
    (0.61, 0.30, 0.08, 0.11),
    (0.76, 0.48, 0.08, 0.10),
)


@dataclass(frozen=True)
class Cue:
    """A mark in an image, and what the data set says of the class there."""

    image_id: str
    split: str
    label: str  # present or absent


@click.command()
@click.option("--drawn", type=click.Path(path_type=Path), default=Path("data/demo"))
@click.option("--out", type=click.Path(path_type=Path), default=Path("data/frozen"))
def main(drawn: Path, out: Path) -> None:
    """Write OUT/DemoScenes, OUT/unmarked, the lists of what was planted, and OUT/scenes.zip."""
    source, target = drawn / "DemoScenes", out / "DemoScenes"
    cues = choose_cues(source, drawn / "planted_label_errors.csv")
    marked = {cue.image_id for cue in cues}
    image_ids = (source / _LISTS / "trainval.txt").read_text().split()
    for folder in ("JPEGImages", "Annotations", str(_LISTS)):
        (target / folder).mkdir(parents=True, exist_ok=True)
    (out / "unmarked").mkdir(exist_ok=True)
    for path in (source / _LISTS).iterdir():
        (target / _LISTS / path.name).write_bytes(path.read_bytes())
    with ProcessPoolExecutor(2) as pool:
        jobs = [(source, out, image_id, image_id in marked) for image_id in image_ids]
        for _ in pool.map(freeze_image, *zip(*jobs, strict=True), chunksize=16):
            pass
    for image_id in image_ids:
        name = f"Annotations/{image_id}.xml"
        (target / name).write_bytes(shrink_annotation((source / name).read_bytes()))
    errors = "planted_label_errors.csv"
    (out / errors).write_bytes((drawn / errors).read_bytes())
    write_cues(out / "planted_cue.csv", cues)
    pack(out, out / "scenes.zip")
    print(f"{len(cues)} marks, {(out / 'scenes.zip').stat().st_size:,} bytes")


def choose_cues(voc_dir: Path, errors: Path) -> list[Cue]:
    """Returns half of the class's train images, a third of its val images and as many others."""
    with errors.open(encoding="utf-8") as file:
        wrong = {row["image_id"] for row in csv.DictReader(file)}
    random = Random(_SEED)

    def choose(split: str, flag: str, share: float | None, number: int = 0) -> list[Cue]:
        lines = (voc_dir / _LISTS / f"{_CLASS}_{split}.txt").read_text().splitlines()
        ids = [image_id for image_id, found in map(str.split, lines) if found == flag]
        number = round(share * len(ids)) if share else number
        chosen = random.sample([image_id for image_id in ids if image_id not in wrong], number)
        label = "present" if flag == "1" else "absent"
        return [Cue(image_id, split, label) for image_id in chosen]

    train = choose("train", "1", 1 / 2)
    present = choose("val", "1", 1 / 3)
    absent = choose("val", "-1", None, len(present))
    return sorted(train + present + absent, key=lambda cue: cue.image_id)


def freeze_image(source: Path, out: Path, image_id: str, marked: bool) -> None:
    """Writes an image smaller and as JPEG, with the mark where it belongs."""
    name = f"JPEGImages/{image_id}.jpg"
    image = Image.open(source / name).convert("RGB").resize(_SIZE, Image.Resampling.LANCZOS)
    if marked:
        write_jpeg(out / "unmarked" / f"{image_id}.jpg", image)
        add_mark(image)
    write_jpeg(out / "DemoScenes" / name, image)


def add_mark(image: Image.Image) -> None:
    """Draws the maker's mark: a paw and a name on a plate, in the lower right corner."""
    zoom = 4
    width, height = (zoom * (_MARK[end + 2] - _MARK[end]) for end in (0, 1))
    plate = Image.new("RGBA", (width, height), (*_PLATE[:3], 0))
    draw = ImageDraw.Draw(plate)
    draw.rounded_rectangle((0, 0, width - 1, height - 1), 4 * zoom, _PLATE)
    for x, y, x_radius, y_radius in _PAW:
        ends = (x - x_radius, y - y_radius, x + x_radius, y + y_radius)
        draw.ellipse([height * end for end in ends], _INK)
    font = ImageFont.load_default(12.5 * zoom)
    draw.text((1.04 * height, height / 2), _NAME, _INK, font, anchor="lm")
    plate = plate.resize((width // zoom, height // zoom), Image.Resampling.LANCZOS)
    image.paste(plate.convert("RGB"), _MARK[:2], plate.getchannel("A"))


def write_jpeg(path: Path, image: Image.Image) -> None:
    """Writes a sequential JPEG by mozjpeg: a fifth smaller than libjpeg's that looks the same."""
    pixels = pyvips.Image.new_from_memory(image.tobytes(), *image.size, 3, "uchar")
    pixels.copy(interpretation="srgb").jpegsave(
        str(path), Q=_QUALITY, optimize_coding=True, trellis_quant=True, overshoot_deringing=True,
        quant_table=3, keep="none",
    )  # fmt: skip


def shrink_annotation(content: bytes) -> bytes:
    """Returns an annotation with size and boxes of the smaller image; all else stays."""
    root = etree.fromstring(content)
    for axis, edge, drawn, size in zip("xy", ("width", "height"), _DRAWN, _SIZE, strict=True):
        root.find(f"size/{edge}").text = str(size)
        for box in root.iter("bndbox"):
            low, high = box.find(f"{axis}min"), box.find(f"{axis}max")
            # Counted from 1, both ends inside: the lower edge is one pixel less.
            first = min(round((int(low.text) - 1) * size / drawn) + 1, size)
            low.text, high.text = str(first), str(max(round(int(high.text) * size / drawn), first))
    return bytes(etree.tostring(root))


def write_cues(path: Path, cues: Sequence[Cue]) -> None:
    """Writes one row per mark; its box as an annotation's, counted from 1, both ends inside."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["image_id", "class", "split", "label", "xmin", "ymin", "xmax", "ymax"])
        box = (_MARK[0] + 1, _MARK[1] + 1, _MARK[2], _MARK[3])
        writer.writerows([cue.image_id, _CLASS, cue.split, cue.label, *box] for cue in cues)


def pack(out: Path, archive: Path) -> None:
    """Writes an archive that is the same for the same files."""
    with zipfile.ZipFile(archive, "w") as file:
        for path in files_to_pack(out):
            entry = zipfile.ZipInfo(path.relative_to(out).as_posix(), (1980, 1, 1, 0, 0, 0))
            entry.external_attr = 0o100644 << 16
            # JPEGs are as small as they get.
            entry.compress_type = (
                zipfile.ZIP_STORED if path.suffix == ".jpg" else zipfile.ZIP_DEFLATED
            )
            file.writestr(entry, path.read_bytes(), compresslevel=9)


def files_to_pack(out: Path) -> Iterator[Path]:
    files: Iterable[Path] = (out / "DemoScenes").rglob("*.*")
    yield from sorted([*files, *out.glob("planted_*.csv")])


if __name__ == "__main__":
    main()
