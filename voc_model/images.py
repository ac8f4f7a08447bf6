"""Opens image files safely and makes thumbnails."""

from pathlib import Path

from PIL import ExifTags, Image

from voc_model.errors import DataError
from voc_model.files import atomic_path

# A VOC photograph has 0.2 million pixels; far above this a file is a mistake or an attack.
_MOST_PIXELS = 100_000_000
_JPEG_QUALITY = 80
# No others are tried, whatever a file claims to be: Pillow hands some to programs outside.
_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP")

# What brings an image upright, by EXIF's orientation. ImageOps.exif_transpose would also write the
# other EXIF fields anew, and fail on a sound photograph where one of them is odd.
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def open_image(path: Path, reduced_to: tuple[int, int] | None = None) -> Image.Image:
    """Returns an image as RGB, turned as its EXIF orientation says.

    Args:
        path: the file.
        reduced_to: (width, height) in pixels that will be enough: JPEGs are decoded at a half,
            a quarter or an eighth where that is still at least this large, which is faster.

    Raises:
        DataError: the file is missing, no image, truncated or too large; the message names it.
    """
    try:
        with Image.open(path, formats=_FORMATS) as image:
            if image.width * image.height > _MOST_PIXELS:
                raise DataError(
                    f"{path}: {image.width} x {image.height} pixels is more than the "
                    f"{_MOST_PIXELS:,} that are opened. Scale it down."
                )
            if reduced_to is not None:
                image.draft("RGB", reduced_to)
            pixels = image.convert("RGB")
            turn = _TURNS.get(image.getexif().get(ExifTags.Base.Orientation, 1))
            return pixels if turn is None else pixels.transpose(turn)
    except FileNotFoundError:
        raise DataError(f"{path}: image not found") from None
    # Pillow's decoders raise these for damaged files.
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise DataError(f"{path}: cannot be read as an image ({error})") from error


def make_thumbnail(source: Path, target: Path, box: tuple[int, int]) -> None:
    """Writes a JPEG that fits into `box` (width, height in pixels), never larger than the source.

    Raises:
        DataError: the source cannot be read.
    """
    image = open_image(source, reduced_to=(2 * box[0], 2 * box[1]))
    image.thumbnail(box, Image.Resampling.LANCZOS)
    with atomic_path(target) as temporary:
        image.save(temporary, "JPEG", quality=_JPEG_QUALITY, optimize=True)
