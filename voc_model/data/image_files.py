"""Image files: their names, headers and versions. `images` reads their pixels.

Only regular files in one of a few formats are opened, and of a limited size.
"""

import hashlib
import os
import struct
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Self

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, UnidentifiedImageError

from voc_model.errors import DataError
from voc_model.files import is_utf8, list_folder, open_regular

# A VOC photograph has 0.2 million pixels; a file far above that is a mistake or an attack.
MAX_PIXELS = 100_000_000
_MAX_BYTES = 1 << 29  # More than that many pixels take uncompressed.
# Only these are tried, whatever a file claims to be: Pillow runs external programs for some others.
_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF")
_OF_BROWSERS = ("JPEG", "PNG", "WEBP", "GIF", "BMP")
# JPEGs of several pictures, the first of which is read.
_SAME_AS = {"MPO": "JPEG"}

IMAGE_EXTENSIONS = ("jpg", "jpeg", "png", "webp", "bmp", "gif", "tif", "tiff")
# If there are several files of one name, the first of these is used.
IMAGE_SUFFIXES = tuple(
    f".{spelled(extension)}"
    for spelled in (str.lower, str.upper, str.capitalize)
    for extension in IMAGE_EXTENSIONS
)

# What turns stored pixels upright, by EXIF orientation: whether to reverse the rows, whether to
# reverse the columns, and whether to exchange rows and columns then.
_TURNS = {
    2: (False, True, False),
    3: (True, True, False),
    4: (True, False, False),
    5: (False, False, True),
    6: (True, False, True),
    7: (True, True, True),
    8: (False, True, True),
}
_MAX_CHUNKS = 100_000  # Of a PNG; Pillow writes one per 64 KB.
# What Pillow raises for EXIF that it cannot parse, depending on the format.
_BAD_EXIF = (OSError, SyntaxError, ValueError, LookupError, TypeError, ArithmeticError, EOFError,
             struct.error)  # fmt: skip


@dataclass(frozen=True)
class ImageHeader:
    """What an image file says about itself before its pixels.

    Attributes:
        format: as Pillow names it, e.g. `JPEG`, whatever the file's name.
        width, height: in pixels when turned upright.
        orientation: of the stored pixels, 1 to 8 by EXIF; 1 is upright.
    """

    format: str
    width: int
    height: int
    orientation: int

    @classmethod
    def of(cls, image: Image.Image) -> Self:
        """Returns that of an image that Pillow has opened."""
        orientation, name = orientation_of(image), image.format or ""
        width, height = image.size
        # Pillow itself turns TIFF images, and says so from the beginning.
        if orientation in _TURNS and _TURNS[orientation][2] and name != "TIFF":
            width, height = height, width
        return cls(_SAME_AS.get(name, name), width, height, orientation)

    @property
    def mimetype(self) -> str:
        """The format's media type."""
        return f"image/{self.format.lower()}"

    @property
    def is_of_browsers(self) -> bool:
        """Whether browsers show the format."""
        return self.format in _OF_BROWSERS

    @property
    def is_sideways(self) -> bool:
        """Whether the stored width is the height of the upright image."""
        return self.orientation in _TURNS and _TURNS[self.orientation][2]


def list_images(folder: Path) -> dict[str, list[str]]:
    """Returns the names of a folder's image files by image id, which is the name without suffix.

    The first of several is the one that is used. Names that are not UTF-8 are left out.
    """
    found: dict[str, list[str]] = {}
    for path in map(Path, filter(is_utf8, list_folder(folder))):
        if path.suffix in IMAGE_SUFFIXES:
            found.setdefault(path.stem, []).append(path.name)
    for names in found.values():
        names.sort(key=lambda name: IMAGE_SUFFIXES.index(Path(name).suffix))
    return found


def open_image(path: Path) -> tuple[BinaryIO, Image.Image]:
    """Opens an image file and reads its header; the caller closes the file.

    Raises:
        DataError: see `images.read_pixels`; the pixels may be damaged all the same.
    """
    with explained(path), ExitStack() as stack:
        file = stack.enter_context(open_regular(path, _MAX_BYTES))
        image = Image.open(file, formats=_FORMATS)
        if image.width * image.height > MAX_PIXELS:
            raise DataError(
                f"{path}: found {image.width} x {image.height} pixels, expected at most "
                f"{MAX_PIXELS:,}. Scale it down."
            )
        if image.format == "PNG" and "exif" not in image.info:
            image.info["exif"] = _exif_after_pixels(file)
        stack.pop_all()
    return file, image


def read_header(path: Path) -> ImageHeader:
    """Returns what an image file says before its pixels, which are not decoded.

    Raises:
        DataError: see `images.read_pixels`; the pixels may be damaged all the same.
    """
    file, image = open_image(path)
    with file:
        return ImageHeader.of(image)


def orientation_of(image: Image.Image) -> int:
    """Returns the EXIF orientation, 1 if there is none or it is malformed; decodes no pixels."""
    try:
        # Not that of PngImageFile, which decodes the pixels before it looks.
        orientation = Image.Image.getexif(image).get(ExifTags.Base.Orientation)
    except _BAD_EXIF:
        return 1
    return int(orientation) if orientation in _TURNS else 1


def _exif_after_pixels(file: BinaryIO) -> bytes:
    """Returns the EXIF of a PNG that has it at the end, which Pillow finds only with the pixels."""
    position = file.tell()
    file.seek(8)
    exif = b""
    for _ in range(_MAX_CHUNKS):
        length, kind = struct.unpack(">I4s", file.read(8).ljust(8, b"\0"))
        if kind == b"eXIf":
            exif = file.read(length)
        if kind in (b"eXIf", b"IEND", bytes(4)):
            break
        file.seek(length + 4, os.SEEK_CUR)
    file.seek(position)
    return exif


def turn_upright(pixels: NDArray[np.uint8], orientation: int) -> NDArray[np.uint8]:
    """Returns pixels (h, w, 3) as they are to be seen, given their EXIF orientation."""
    # ImageOps.exif_transpose also rewrites the other EXIF fields, and so fails on valid photographs
    # with one malformed field.
    if orientation not in _TURNS:
        return pixels
    rows, columns, exchange = _TURNS[orientation]
    pixels = pixels[:: -1 if rows else 1, :: -1 if columns else 1]
    return np.ascontiguousarray(pixels.swapaxes(0, 1) if exchange else pixels)


def turn_box(
    box: tuple[float, float, float, float], size: tuple[float, float], orientation: int
) -> tuple[float, float, float, float]:
    """Turns a box as pixels of an EXIF orientation are turned upright.

    Args:
        box: (left, top, right, bottom) edges in the stored image.
        size: (width, height) of the stored image.
        orientation: 1 to 8.
    """
    rows, columns, exchange = _TURNS.get(orientation, (False, False, False))
    left, top, right, bottom = box
    if rows:
        top, bottom = size[1] - bottom, size[1] - top
    if columns:
        left, right = size[0] - right, size[0] - left
    return (top, left, bottom, right) if exchange else (left, top, right, bottom)


def describe_version(path: Path, status: os.stat_result | None = None) -> str:
    """Returns name, size and modification time of an image file.

    Two files are the same image if and only if this is the same, for features, scores, thumbnails
    and addresses alike. A replaced file counts as changed even if it is older.

    Args:
        path: need not exist.
        status: of the file if it is open already.
    """
    try:
        status = status or path.stat()
    except (OSError, ValueError):
        return f"{path.name} missing"
    return f"{path.name} {status.st_size} {status.st_mtime_ns}"


def version_key(path: Path, status: os.stat_result | None = None) -> str:
    """Returns 16 hex digits that stand for `describe_version`."""
    return hashlib.sha256(os.fsencode(describe_version(path, status))).hexdigest()[:16]


def fingerprint_files(paths: Sequence[Path]) -> str:
    """Returns a hash of the versions of files, see `describe_version`; a file may be missing."""
    digest = hashlib.sha256()
    for path in paths:
        digest.update(os.fsencode(f"{describe_version(path)}\n"))
    return digest.hexdigest()


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turns what reading an image file raises into a DataError that names the file."""
    try:
        yield
    except FileNotFoundError:
        raise DataError(f"{path}: image not found") from None
    except UnidentifiedImageError:
        # Not Pillow's message, which contains a memory address and differs from call to call.
        expected = ", ".join(_FORMATS)
        raise DataError(f"{path}: cannot be read as an image (expected {expected})") from None
    # Pillow's decoders raise these for damaged files.
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        reason = getattr(error, "strerror", None) or error
        raise DataError(f"{path}: cannot be read as an image ({reason})") from error
