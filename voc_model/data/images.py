"""Reads image files safely and makes thumbnails."""

import hashlib
from collections.abc import Callable, Sequence
from io import BytesIO
from pathlib import Path

import numpy as np
import simplejpeg
from numpy.typing import NDArray
from PIL import ExifTags, Image, UnidentifiedImageError

from voc_model.errors import DataError
from voc_model.files import atomic_path

Pixels = NDArray[np.uint8]

# A VOC photograph has 0.2 million pixels; far above this a file is a mistake or an attack.
_MAX_PIXELS = 100_000_000
# Half the bytes of a JPEG of quality 80 that looks the same; a higher method takes twice the time
# for a twentieth less.
_WEBP_QUALITY, _WEBP_METHOD = 65, 2
# No others are tried, whatever a file claims to be: Pillow hands some to programs outside.
_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP")

# What brings pixels (h, w, 3) upright, by EXIF's orientation. ImageOps.exif_transpose would also
# write the other EXIF fields anew, and fail on a sound photograph where one of them is odd.
_TURNS: dict[int, Callable[[Pixels], Pixels]] = {
    2: lambda pixels: pixels[:, ::-1],
    3: lambda pixels: pixels[::-1, ::-1],
    4: lambda pixels: pixels[::-1],
    5: lambda pixels: pixels.swapaxes(0, 1),
    6: lambda pixels: pixels[::-1].swapaxes(0, 1),
    7: lambda pixels: pixels[::-1, ::-1].swapaxes(0, 1),
    8: lambda pixels: pixels[:, ::-1].swapaxes(0, 1),
}


def read_pixels(path: Path, reduced_to: tuple[int, int] | None = None) -> Pixels:
    """Returns an image as RGB (h, w, 3) uint8, turned as its EXIF orientation says.

    Args:
        path: the file.
        reduced_to: (width, height) in pixels that will be enough: JPEGs are decoded at a half,
            a quarter or an eighth where that is still at least this large, which is faster.

    Raises:
        DataError: the file is missing, no image, truncated or too large; the message names it.
    """
    try:
        content = path.read_bytes()
        with Image.open(BytesIO(content), formats=_FORMATS) as image:
            if image.width * image.height > _MAX_PIXELS:
                raise DataError(
                    f"{path}: {image.width} x {image.height} pixels is more than the "
                    f"{_MAX_PIXELS:,} that are opened. Scale it down."
                )
            orientation = image.getexif().get(ExifTags.Base.Orientation, 1)
            pixels = _decode_jpeg(content, reduced_to) if image.format == "JPEG" else None
            if pixels is None:
                if reduced_to is not None:
                    image.draft("RGB", reduced_to)
                pixels = np.array(image.convert("RGB"))
    except FileNotFoundError:
        raise DataError(f"{path}: image not found") from None
    except UnidentifiedImageError:
        # Pillow's own words would name an address in memory: other ones at each reading.
        expected = ", ".join(_FORMATS)
        raise DataError(f"{path}: cannot be read as an image (expected {expected})") from None
    # Pillow's decoders raise these for damaged files.
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise DataError(f"{path}: cannot be read as an image ({error})") from error
    turn = _TURNS.get(orientation)
    return pixels if turn is None else np.ascontiguousarray(turn(pixels))


def _decode_jpeg(content: bytes, reduced_to: tuple[int, int] | None) -> Pixels | None:
    """Returns the pixels that Pillow gives too, sooner; None for a JPEG that is out of the common.

    Pillow copes with those (CMYK, harmless damage), or says what is wrong with them.
    """
    width, height = reduced_to or (0, 0)
    try:
        pixels: Pixels = simplejpeg.decode_jpeg(content, min_width=width, min_height=height)
        return pixels
    except ValueError:
        return None


def make_thumbnail(source: Path, target: Path, box: tuple[int, int]) -> None:
    """Writes a WebP that fits into `box` (width, height in pixels), never larger than the source.

    Raises:
        DataError: the source cannot be read.
    """
    image = Image.fromarray(read_pixels(source, reduced_to=(2 * box[0], 2 * box[1])))
    # Half as long as Lanczos, with no edges that ring.
    image.thumbnail(box, Image.Resampling.HAMMING)
    with atomic_path(target, flush=False) as temporary:
        image.save(temporary, "WEBP", quality=_WEBP_QUALITY, method=_WEBP_METHOD)


def fingerprint_files(paths: Sequence[Path]) -> str:
    """Returns a hash of the files' names, sizes and modification times; a file may be missing."""
    digest = hashlib.sha256()
    for path in paths:
        try:
            stat = path.stat()
            digest.update(f"{path.name} {stat.st_size} {stat.st_mtime_ns}\n".encode())
        except OSError:
            digest.update(f"{path.name} missing\n".encode())
    return digest.hexdigest()
