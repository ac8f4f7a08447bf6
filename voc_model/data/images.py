"""Reads image files safely and makes thumbnails.

Only regular files of a limited size in one of a few formats are read, and all threads together
decode a limited number of pixels at once.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from threading import Condition, Lock
from typing import BinaryIO

import numpy as np
import simplejpeg
from numpy.typing import NDArray
from PIL import Image

from voc_model.data.image_files import (
    MAX_PIXELS,
    explained,
    open_image,
    orientation_of,
    turn_upright,
)
from voc_model.files import atomic_path

Pixels = NDArray[np.uint8]

# Pillow's memory is returned to the system when an image is done with only if its blocks are larger
# than the 32 MB up to which the C library may keep them, once per thread.
Image.core.set_block_size(64 << 20)  # type: ignore[attr-defined]  # as documented

# Half the size of a JPEG of quality 80 that looks the same; a higher method saves 5 % in twice the
# time.
_WEBP_QUALITY, _WEBP_METHOD = 65, 2


class _PixelBudget:
    """Limits the pixels that threads decode at once; the longest waiting is next."""

    def __init__(self, pixels: int) -> None:
        self._pixels = self._free = pixels
        self._changed = Condition()
        self._next = Lock()
        self._turn: AbstractContextManager[object] = nullcontext()

    def share(self, processes: int, turn: AbstractContextManager[object]) -> None:
        """Keeps one share of several; a larger image waits for its turn among all of them."""
        self._pixels = self._free = self._pixels // processes
        self._turn = turn

    @contextmanager
    def reserve(self, pixels: int) -> Iterator[None]:
        if pixels > self._pixels:
            with self._turn:
                yield
            return
        with self._next, self._changed:
            self._changed.wait_for(lambda: self._free >= pixels)
            self._free -= pixels
        try:
            yield
        finally:
            with self._changed:
                self._free += pixels
                self._changed.notify_all()


# One image of the greatest size, which takes up to 1.4 GB, or hundreds of photographs like VOC's.
_BUDGET = _PixelBudget(MAX_PIXELS)


def share_decoding(processes: int, turn: AbstractContextManager[object]) -> None:
    """Limits what several processes decode at once; called once in each of them.

    Args:
        processes: how many there are.
        turn: a lock that they share. One of them at a time decodes an image that has more pixels
            than its share of the limit.
    """
    _BUDGET.share(processes, turn)


def read_pixels(path: Path, reduced_to: tuple[int, int] | None = None) -> Pixels:
    """Returns an image as RGB (h, w, 3) uint8, turned upright by its EXIF orientation.

    Args:
        path: the file.
        reduced_to: (width, height) in pixels that suffice: JPEGs are decoded at a half, a quarter
            or an eighth of their size, as long as that is at least this large, which is faster.

    Raises:
        DataError: the file is missing, not an image, truncated or too large; the message names it.
    """
    with decoded(path, reduced_to) as pixels:
        return pixels


@contextmanager
def decoded(path: Path, reduced_to: tuple[int, int] | None = None) -> Iterator[Pixels]:
    """Yields the pixels of `read_pixels`; meanwhile they count as being decoded.

    Large images should be made smaller, or be finished with, in this context.
    """
    file, image = open_image(path)
    with file, _BUDGET.reserve(image.width * image.height):
        with explained(path):
            pixels = _decode(file, image, reduced_to)
        yield pixels


def make_thumbnail(source: Path, target: Path, box: tuple[int, int]) -> None:
    """Writes a WebP that fits into a box and is never larger than the source.

    Args:
        source: the image.
        target: the WebP file, written whole or not at all.
        box: (width, height) in pixels.

    Raises:
        DataError: the source cannot be read.
        OSError: the target cannot be written.
    """
    with decoded(source, reduced_to=(2 * box[0], 2 * box[1])) as pixels:
        image = Image.fromarray(pixels)
        # Takes half the time of Lanczos, without ringing at edges.
        image.thumbnail(box, Image.Resampling.HAMMING)
    with atomic_path(target, flush=False) as temporary:
        image.save(temporary, "WEBP", quality=_WEBP_QUALITY, method=_WEBP_METHOD)


def _decode(file: BinaryIO, image: Image.Image, reduced_to: tuple[int, int] | None) -> Pixels:
    pixels = None
    if image.format == "JPEG":
        file.seek(0)
        pixels = _decode_jpeg(file.read(), reduced_to)
    if pixels is None:
        if reduced_to is not None:
            image.draft("RGB", reduced_to)
        pixels = _to_rgb(image)
    return turn_upright(pixels, orientation_of(image))


def _to_rgb(image: Image.Image) -> Pixels:
    """Returns the pixels (h, w, 3) of an image of any mode.

    Raises:
        ValueError: nothing says which of its values is white.
    """
    if image.mode.startswith("I;16"):
        # Pillow would take everything above 255 as white.
        values = np.asarray(image).astype(np.uint32)
        values *= 255
        values += 32767
        values //= 65535
        grey = values.astype(np.uint8)
        return np.repeat(grey[:, :, np.newaxis], 3, axis=2)
    if image.mode in ("I", "F"):
        raise ValueError("found 32 bits per pixel, expected 8 or 16")
    return np.array(image if image.mode == "RGB" else image.convert("RGB"))


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
