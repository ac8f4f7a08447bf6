"""Images for the benchmarks: those of a data set, or synthetic ones of VOC's usual size."""

from pathlib import Path

import numpy as np
from PIL import Image

from voc_model.data.voc import image_path, read_split

SIZE = (500, 375)  # The most common size in VOC.
_OCTAVES = 8


def draw_photograph(path: Path, random: np.random.Generator) -> None:
    """Writes a JPEG of noise whose spectrum resembles a photograph's.

    Amplitude falls with spatial frequency as in natural scenes (Field, J. Opt. Soc. Am. A 4, 1987),
    slightly faster, so that file sizes match: this noise has no smooth surfaces.
    """
    pixels = np.full((SIZE[1], SIZE[0], 3), 128.0)
    for octave in range(_OCTAVES):
        across, down = (max(2, edge >> (_OCTAVES - 1 - octave)) for edge in SIZE)
        noise = Image.fromarray(random.integers(0, 256, (down, across, 3), np.uint8))
        detail = np.asarray(noise.resize(SIZE, Image.Resampling.BICUBIC)) - 127.5
        # Luminance varies more than colour.
        detail = 0.7 * detail.mean(2, keepdims=True) + 0.3 * detail
        pixels += detail * 0.8 * 0.7**octave
    Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(path, quality=90)


def find_photographs(root_dir: Path | None, count: int, folder: Path) -> list[Path]:
    """Returns up to `count` images of a VOC folder's val split.

    Without `root_dir`, `count` synthetic ones are written to `folder`.
    """
    if root_dir is not None:
        ids = read_split(root_dir, "val").image_ids[:count]
        return [image_path(root_dir, image_id) for image_id in ids]
    random = np.random.default_rng(0)
    paths = [folder / f"photograph_{number:04d}.jpg" for number in range(count)]
    for path in paths:
        draw_photograph(path, random)
    return paths
