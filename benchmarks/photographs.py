"""Images to measure with: a data set's own, or drawn ones of VOC's size."""

from pathlib import Path

import numpy as np
from PIL import Image

from voc_model.annotations import image_path, read_split


def draw_photograph(path: Path, random: np.random.Generator) -> None:
    """Writes a JPEG of VOC's size, of soft noise: as many bytes as a photograph has."""
    pixels = Image.fromarray(random.integers(0, 256, (47, 63, 3), np.uint8))
    pixels.resize((500, 375), Image.Resampling.BICUBIC).save(path, quality=90)


def find_photographs(root_dir: Path | None, most: int, folder: Path) -> list[Path]:
    """Returns images of a VOC folder's val split, or as many drawn ones."""
    if root_dir is not None:
        ids = read_split(root_dir, "val").image_ids[:most]
        return [image_path(root_dir, image_id) for image_id in ids]
    random = np.random.default_rng(0)
    paths = [folder / f"photograph_{number:04d}.jpg" for number in range(most)]
    for path in paths:
        draw_photograph(path, random)
    return paths
