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

# A VOC photograph has 0.2 million pixels; a file far above that is a mistake or an attack.
_MAX_PIXELS = 100_000_000
# Half the size of a JPEG of quality 80 that looks the same; a higher method saves 5 % in twice the
# time.
_WEBP_QUALITY, _WEBP_METHOD = 65, 2
# Only these are tried, whatever a file claims to be: Pillow runs external programs for some others.
_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP")

# What turns pixels (h, w, 3) upright, by EXIF orientation. ImageOps.exif_transpose also rewrites
# the other EXIF fields, and so fails on valid photographs with one malformed field.
_UPRIGHT: dict[int, Callable[[Pixels], Pixels]] = {
    2: lambda pixels: pixels[:, ::-1],
    3: lambda pixels: pixels[::-1, ::-1],
    4: lambda pixels: pixels[::-1],
    5: lambda pixels: pixels.swapaxes(0, 1),
    6: lambda pixels: pixels[::-1].swapaxes(0, 1),
    7: lambda pixels: pixels[::-1, ::-1].swapaxes(0, 1),
    8: lambda pixels: pixels[:, ::-1].swapaxes(0, 1),
}


def read_pixels(path: Path, reduced_to: tuple[int, int] | None = None) -> Pixels:
    """Returns an image as RGB (h, w, 3) uint8, turned upright by its EXIF orientation.

    Args:
        path: the file.
        reduced_to: (width, height) in pixels that suffice: JPEGs are decoded at a half, a quarter
            or an eighth of their size, as long as that is at least this large, which is faster.

    Raises:
        DataError: the file is missing, not an image, truncated or too large; the message names it.
    """
    try:
        content = path.read_bytes()
        with Image.open(BytesIO(content), formats=_FORMATS) as image:
            if image.width * image.height > _MAX_PIXELS:
                raise DataError(
                    f"{path}: found {image.width} x {image.height} pixels, expected at most "
                    f"{_MAX_PIXELS:,}. Scale it down."
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
        # Not Pillow's message, which contains a memory address and differs from call to call.
        expected = ", ".join(_FORMATS)
        raise DataError(f"{path}: cannot be read as an image (expected {expected})") from None
    # Pillow's decoders raise these for damaged files.
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise DataError(f"{path}: cannot be read as an image ({error})") from error
    upright = _UPRIGHT.get(orientation)
    return pixels if upright is None else np.ascontiguousarray(upright(pixels))


def _decode_jpeg(content: bytes, reduced_to: tuple[int, int] | None) -> Pixels | None:
    """Returns the same pixels as Pillow, faster; None for an unusual JPEG (CMYK, minor damage).

    Pillow reads those, or says what is wrong with them.
    """
    width, height = reduced_to or (0, 0)
    try:
        pixels: Pixels = simplejpeg.decode_jpeg(content, min_width=width, min_height=height)
        return pixels
    except ValueError:
        return None


def make_thumbnail(source: Path, target: Path, box: tuple[int, int]) -> None:
    """Writes a WebP that fits into a box and is never larger than the source.

    Args:
        source: the image.
        target: the WebP file, written whole or not at all.
        box: (width, height) in pixels.

    Raises:
        DataError: the source cannot be read.
    """
    image = Image.fromarray(read_pixels(source, reduced_to=(2 * box[0], 2 * box[1])))
    # Takes half the time of Lanczos, without ringing at edges.
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
