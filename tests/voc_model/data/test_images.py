"""Images are read upright as RGB; files that are not images are reported."""

import os
import struct
import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock
from typing import BinaryIO

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from sample_run import draw_image

from voc_model.data import images
from voc_model.data.image_files import (
    IMAGE_SUFFIXES,
    describe_version,
    fingerprint_files,
    list_images,
    read_header,
    turn_box,
    version_key,
)
from voc_model.data.images import make_thumbnail, read_pixels
from voc_model.errors import DataError

ORIENTATION = 0x0112
SHORT, ASCII, FLOAT = 3, 2, 11

# Upright, 2 rows x 3 columns, all pixels different.
UPRIGHT = (np.arange(18, dtype=np.uint8) * 14).reshape(2, 3, 3)


def stored(upright: NDArray[np.uint8], orientation: int) -> NDArray[np.uint8]:
    """Returns the pixels as stored in a file with this orientation.

    EXIF 2.3, tag 274: the visual position of the first row and of the first column.
    """
    mirrored, upside_down = upright[:, ::-1], upright[::-1]
    return {
        1: upright,  # first row at the top, first column on the left
        2: mirrored,  # top, right
        3: mirrored[::-1],  # bottom, right
        4: upside_down,  # bottom, left
        5: upright.swapaxes(0, 1),  # left, top
        6: mirrored.swapaxes(0, 1),  # right, top
        7: mirrored[::-1].swapaxes(0, 1),  # right, bottom
        8: upside_down.swapaxes(0, 1),  # left, bottom
    }[orientation]


def exif_of(orientation: int, *others: tuple[int, int, bytes]) -> bytes:
    """Returns EXIF bytes; `others` are (tag, type, four bytes of value)."""
    fields = sorted([(ORIENTATION, SHORT, struct.pack("<HH", orientation, 0)), *others])
    entries = b"".join(struct.pack("<HHI", tag, kind, 1) + value for tag, kind, value in fields)
    header = b"Exif\0\0II*\0" + struct.pack("<I", 8) + struct.pack("<H", len(fields))
    return header + entries + struct.pack("<I", 0)


def huge_png(width: int, height: int) -> bytes:
    """Returns the beginning of a PNG with this size in its header."""
    header = b"IHDR" + struct.pack(">II", width, height) + b"\x08\x02\0\0\0"
    length, check = struct.pack(">I", 13), struct.pack(">I", zlib.crc32(header))
    return b"\x89PNG\r\n\x1a\n" + length + header + check + length + b"IDAT"


@pytest.fixture
def photograph(tmp_path: Path) -> Path:
    path = tmp_path / "photograph.jpg"
    draw_image(path, (500, 375))
    return path


def save_turned(path: Path, upright: NDArray[np.uint8], orientation: int, kind: str) -> None:
    """Writes an image as stored with an orientation, in one of the formats that have it."""
    image = Image.fromarray(np.ascontiguousarray(stored(upright, orientation)))
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    if kind == "late PNG":
        image.save(path, "PNG")
        field = exif.tobytes().removeprefix(b"Exif\0\0")
        chunk = struct.pack(">I", len(field)) + b"eXIf" + field
        chunk += struct.pack(">I", zlib.crc32(chunk[4:]))
        whole = path.read_bytes()
        path.write_bytes(whole[:-12] + chunk + whole[-12:])  # Before the last chunk, IEND.
    else:
        image.save(path, kind, exif=exif, **({"lossless": True} if kind == "WEBP" else {}))


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["PNG", "late PNG", "WEBP", "TIFF", "JPEG"])
def test_a_header_tells_what_the_pixels_are(tmp_path: Path, kind: str, orientation: int) -> None:
    path = tmp_path / "turned"
    save_turned(path, UPRIGHT, orientation, kind)
    header = read_header(path)
    assert header.orientation == orientation
    assert header.format == kind.removeprefix("late ")
    assert header.mimetype == f"image/{header.format.lower()}"
    pixels = read_pixels(path)
    assert (header.height, header.width) == pixels.shape[:2] == (2, 3)
    assert header.is_sideways == (orientation >= 5)
    if kind != "JPEG":
        np.testing.assert_array_equal(pixels, UPRIGHT)


def test_a_header_is_read_without_the_pixels(photograph: Path, tmp_path: Path) -> None:
    whole = photograph.read_bytes()
    photograph.write_bytes(whole[: len(whole) // 2])
    assert (read_header(photograph).width, read_header(photograph).height) == (500, 375)
    bomb = tmp_path / "large.png"
    bomb.write_bytes(huge_png(9_000, 9_000))
    assert read_header(bomb).width == 9_000
    with pytest.raises(DataError, match="cannot be read as an image"):
        read_pixels(bomb)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_box_is_turned_as_the_pixels_are(orientation: int) -> None:
    marked = np.zeros((4, 6, 3), np.uint8)
    marked[1:3, 3:4] = 255  # Columns 3 to 4, rows 1 to 3.
    kept = stored(marked, orientation)
    rows, columns = kept[..., 0].any(axis=1).nonzero()[0], kept[..., 0].any(axis=0).nonzero()[0]
    box = (columns[0], rows[0], columns[-1] + 1, rows[-1] + 1)
    size = (kept.shape[1], kept.shape[0])
    assert turn_box(box, size, orientation) == (3, 1, 4, 3)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_images_are_rotated_by_their_exif_orientation(tmp_path: Path, orientation: int) -> None:
    path = tmp_path / "turned.png"
    image = Image.fromarray(np.ascontiguousarray(stored(UPRIGHT, orientation)))
    image.save(path, exif=exif_of(orientation))
    np.testing.assert_array_equal(read_pixels(path), UPRIGHT)


@pytest.mark.parametrize("orientation", [0, 9, 65535])
def test_an_unknown_orientation_is_ignored(tmp_path: Path, orientation: int) -> None:
    path = tmp_path / "odd.png"
    Image.fromarray(UPRIGHT).save(path, exif=exif_of(orientation))
    np.testing.assert_array_equal(read_pixels(path), UPRIGHT)


@pytest.mark.parametrize(
    "field",
    [
        pytest.param((0x010E, FLOAT, b"\0\0\0\0"), id="a description that is a number"),
        pytest.param((0x011A, ASCII, b"ab\0\0"), id="a resolution that is text"),
        pytest.param((0x0128, FLOAT, b"\0\0\0\0"), id="a unit that is a fraction"),
        pytest.param((0x8769, SHORT, b"\xff\xff\0\0"), id="a part beyond the end"),
    ],
)
def test_malformed_exif_fields_are_ignored(tmp_path: Path, field: tuple[int, int, bytes]) -> None:
    path = tmp_path / "odd.jpg"
    Image.new("RGB", (40, 20)).save(path, exif=exif_of(6, field))
    assert read_pixels(path).shape == (40, 20, 3)


@pytest.mark.parametrize("suffix", ["png", "webp", "jpg"])
@pytest.mark.parametrize(
    "exif",
    [b"rubbish", b"Exif\0\0", b"Exif\0\0II*\0", b"MM\0*\xff\xff\xff\xff", b"\0" * 20],
)
@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
def test_exif_that_is_none_is_ignored(tmp_path: Path, suffix: str, exif: bytes) -> None:
    path = tmp_path / f"odd.{suffix}"
    Image.new("RGB", (40, 20), "white").save(path, exif=exif)
    assert read_pixels(path).shape == (20, 40, 3)
    assert read_pixels(path).min() > 250
    assert (read_header(path).width, read_header(path).height) == (40, 20)


@pytest.mark.parametrize("text", ["no number", "\nexif\n 4\nzzzz", ""])
def test_exif_in_a_text_is_ignored_if_it_is_none(tmp_path: Path, text: str) -> None:
    """Former versions of ImageMagick wrote EXIF in hexadecimal digits."""
    path, info = tmp_path / "odd.png", PngInfo()
    info.add_text("Raw profile type exif", text)
    Image.new("RGB", (40, 20)).save(path, pnginfo=info)
    assert read_pixels(path).shape == (20, 40, 3)


# Formats and modes -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "mode", "order"),
    [("PNG", "I;16", "<u2"), ("TIFF", "I;16", "<u2"), ("TIFF", "I;16B", ">u2")],
)
def test_16_bits_are_scaled_to_8(tmp_path: Path, kind: str, mode: str, order: str) -> None:
    values = np.array([[0, 128, 129, 255, 257, 32768, 65278, 65279, 65535]], order)
    image = Image.frombytes(mode, values.T.shape, values.tobytes())
    path = tmp_path / "grey"
    image.save(path, kind)
    grey = read_pixels(path)[0]
    expected = np.rint(values[0].astype(np.float64) / 257).astype(int)
    assert grey.tolist() == [[value] * 3 for value in expected]


@pytest.mark.parametrize("kind", [np.int32, np.float32])
def test_values_without_a_white_are_refused(tmp_path: Path, kind: type) -> None:
    path = tmp_path / "elevation.tif"
    Image.fromarray(np.full((6, 8), 300, kind)).save(path)
    with pytest.raises(DataError, match=r"elevation\.tif.*32 bits per pixel, expected 8 or 16"):
        read_pixels(path)


@pytest.mark.parametrize(
    ("suffix", "mode"),
    [
        *(("jpg", mode) for mode in ("L", "RGB", "CMYK")),
        *(("png", mode) for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16")),
        *(("gif", mode) for mode in ("L", "P", "RGBA")),
        *(("webp", mode) for mode in ("L", "RGB", "RGBA")),
        *(("bmp", mode) for mode in ("1", "L", "P", "RGB")),
        *(("tif", mode) for mode in ("1", "L", "P", "RGB", "RGBA", "CMYK")),
    ],
)
def test_every_pixel_mode_is_converted_to_rgb(tmp_path: Path, suffix: str, mode: str) -> None:
    path = tmp_path / f"image.{suffix}"
    if mode == "I;16":
        image = Image.fromarray(np.full((6, 8), 65535, np.uint16))
    else:
        image = Image.new("RGB", (8, 6), "white").convert(mode)
    image.save(path)
    pixels = read_pixels(path)
    assert (pixels.dtype, pixels.shape) == (np.uint8, (6, 8, 3))
    assert pixels.min() > 250, "white stays white"


def test_the_format_is_detected_from_the_contents(tmp_path: Path) -> None:
    path = tmp_path / "really a PNG.jpg"
    Image.fromarray(UPRIGHT).save(path, "PNG")
    np.testing.assert_array_equal(read_pixels(path), UPRIGHT)


@pytest.mark.parametrize("part", [0.01, 0.3, 0.9])
def test_a_truncated_photograph_is_reported(photograph: Path, part: float) -> None:
    whole = photograph.read_bytes()
    photograph.write_bytes(whole[: int(len(whole) * part)])
    with pytest.raises(DataError, match=r"photograph\.jpg: cannot be read as an image \(.+\)"):
        read_pixels(photograph)


@pytest.mark.parametrize(
    "contents",
    [b"", b"<html>404</html>", b"\xff\xd8\xff\xe0", b"GIF89a", b"RIFF\0\0\0\0WEBP", b"BM", b"%!PS"],
)
def test_a_file_that_is_not_an_image_is_reported(tmp_path: Path, contents: bytes) -> None:
    path = tmp_path / "2008_000001.jpg"
    path.write_bytes(contents)
    with pytest.raises(DataError, match=r"2008_000001\.jpg: cannot be read as an image"):
        read_pixels(path)


def test_only_regular_files_are_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    (tmp_path / "device.jpg").symlink_to("/dev/zero")
    for read in (read_pixels, read_header):
        for name in ("pipe", "device"):
            with pytest.raises(DataError, match=rf"{name}\.jpg: .*\(not a regular file\)"):
                read(tmp_path / f"{name}.jpg")


def test_a_huge_file_is_refused_before_it_is_read(photograph: Path) -> None:
    os.truncate(photograph, 20 * 2**30)  # Sparse: it takes no space.
    with pytest.raises(DataError, match=r"photograph\.jpg.*21,474,836,480 bytes, expected at most"):
        read_pixels(photograph)


def test_threads_decode_a_limited_number_of_pixels_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number, size in enumerate([(30, 40)] * 12 + [(60, 50)] * 2):
        draw_image(tmp_path / f"{number}.jpg", size)
    decode, lock, busy, most = images._decode, Lock(), [0], [0, 0]

    def count(file: BinaryIO, image: Image.Image, reduced_to: None) -> NDArray[np.uint8]:
        pixels = image.width * image.height
        with lock:
            busy[0] += pixels
            most[:] = max(most[0], busy[0]), most[1] + 1
        time.sleep(0.005)  # Lets the others begin, if they may.
        found = decode(file, image, reduced_to)
        with lock:
            busy[0] -= pixels
        return found

    monkeypatch.setattr(images, "_BUDGET", images._PixelBudget(3_000))
    monkeypatch.setattr(images, "_decode", count)
    with ThreadPoolExecutor(14) as threads:
        shapes = [it.shape for it in threads.map(read_pixels, sorted(tmp_path.iterdir()))]
    assert most[0] <= 3_000
    assert most[1] == len(shapes) == 14, "a large one gets its turn"


def test_a_failure_frees_its_pixels(photograph: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images, "_BUDGET", images._PixelBudget(500 * 375))
    whole = photograph.read_bytes()
    for _ in range(3):
        photograph.write_bytes(whole[:5000])
        with pytest.raises(DataError):
            read_pixels(photograph)
    photograph.write_bytes(whole)
    assert read_pixels(photograph).shape == (375, 500, 3)


def test_a_missing_file_and_a_folder_are_reported(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"none\.jpg: image not found"):
        read_pixels(tmp_path / "none.jpg")
    with pytest.raises(DataError, match="cannot be read as an image"):
        read_pixels(tmp_path)


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("size", [(10_001, 10_000), (20_000, 8_000), (2**31 - 1, 2**31 - 1)])
def test_a_huge_image_is_refused_before_decoding(tmp_path: Path, size: tuple[int, int]) -> None:
    path = tmp_path / "bomb.png"
    path.write_bytes(huge_png(*size))
    with pytest.raises(DataError, match=r"bomb\.png.*pixels"):
        read_pixels(path)


@pytest.mark.filterwarnings("ignore:Corrupt EXIF", "ignore:Tag data larger")
def test_damaged_bytes_raise_only_documented_errors(photograph: Path) -> None:
    Image.new("RGB", (24, 16), "red").save(photograph, exif=exif_of(6, (0x010E, ASCII, b"ab\0\0")))
    whole = photograph.read_bytes()
    refused = 0
    for offset in range(len(whole)):
        for value in (0, 1, 255):
            damaged = bytearray(whole)
            damaged[offset] = value
            photograph.write_bytes(damaged)
            try:
                read_pixels(photograph, reduced_to=(4, 4))
            except DataError:
                refused += 1
    assert refused > 20


def test_a_reduced_image_is_smaller_but_large_enough(photograph: Path) -> None:
    whole, reduced = read_pixels(photograph), read_pixels(photograph, reduced_to=(100, 75))
    height, width, _ = reduced.shape
    assert whole.shape == (375, 500, 3)
    assert 100 <= width < 500
    assert height >= 75
    assert width / height == pytest.approx(500 / 375, rel=0.02)
    small = Image.fromarray(whole).resize((width, height), Image.Resampling.BOX)
    difference = np.asarray(small).astype(int) - reduced
    assert np.abs(difference).mean() < 3, "the same picture"


@pytest.mark.parametrize("mode", ["RGB", "L"])
@pytest.mark.parametrize("progressive", [False, True])
def test_a_jpeg_is_decoded_as_by_pillow(tmp_path: Path, mode: str, progressive: bool) -> None:
    path = tmp_path / "photograph.jpg"
    draw_image(path, (500, 375))
    with Image.open(path) as image:
        image.convert(mode).save(path, progressive=progressive, subsampling=2)
    with Image.open(path) as image:
        np.testing.assert_array_equal(read_pixels(path), np.asarray(image.convert("RGB")))


def test_a_jpeg_with_harmless_damage_is_read(photograph: Path) -> None:
    whole, intact = photograph.read_bytes(), read_pixels(photograph)
    # Stray bytes before the end-of-image marker.
    photograph.write_bytes(whole[:-2] + b"\0\1\2" + whole[-2:])
    np.testing.assert_array_equal(read_pixels(photograph), intact)


# Names and versions ------------------------------------------------------------------------------


def test_a_version_is_name_size_and_time(photograph: Path, tmp_path: Path) -> None:
    status = photograph.stat()
    versions = {describe_version(photograph)}
    assert versions == {f"photograph.jpg {status.st_size} {status.st_mtime_ns}"}
    for time_ns in (status.st_mtime_ns - 1, 0):
        os.utime(photograph, ns=(time_ns, time_ns))
        versions.add(describe_version(photograph))
    os.truncate(photograph, 100)
    os.utime(photograph, ns=(0, 0))
    versions |= {describe_version(photograph), describe_version(tmp_path / "none.jpg")}
    photograph.rename(tmp_path / "photograph.png")
    versions.add(describe_version(tmp_path / "photograph.png"))
    assert len(versions) == 6


def test_names_that_are_not_utf_8_have_versions(tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"b\xe4r.jpg")
    missing = version_key(path), fingerprint_files([path])
    draw_image(path, (40, 30))
    assert version_key(path) != missing[0]
    assert fingerprint_files([path]) != missing[1]
    assert version_key(tmp_path / "a\0b.jpg") == version_key(tmp_path / "nowhere" / "a\0b.jpg")


def test_images_are_listed_by_their_ids(tmp_path: Path) -> None:
    names = [f"{number}{suffix}" for number, suffix in enumerate(IMAGE_SUFFIXES)]
    for name in [*names, "same.PNG", "same.jpg", "same.webp", "dotted.name.jpg", "text.txt"]:
        (tmp_path / name).touch()
    (tmp_path / os.fsdecode(b"b\xe4r.jpg")).touch()
    expected = {str(number): [name] for number, name in enumerate(names)}
    expected["same"] = ["same.jpg", "same.webp", "same.PNG"]
    expected["dotted.name"] = ["dotted.name.jpg"]
    assert list_images(tmp_path) == expected
    assert list_images(tmp_path / "none") == {}


# Thumbnails --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((500, 375), (160, 120)),
        ((375, 500), (90, 120)),
        ((640, 160), (160, 40)),
        ((60, 40), (60, 40)),
        ((160, 120), (160, 120)),
        ((2000, 2), (160, 1)),
    ],
)
def test_a_thumbnail_fits_its_box_and_is_never_enlarged(
    tmp_path: Path, size: tuple[int, int], expected: tuple[int, int]
) -> None:
    draw_image(tmp_path / "source.jpg", size)
    make_thumbnail(tmp_path / "source.jpg", tmp_path / "new" / "folder" / "a.webp", (160, 120))
    with Image.open(tmp_path / "new" / "folder" / "a.webp") as thumbnail:
        assert (thumbnail.format, thumbnail.mode) == ("WEBP", "RGB")
        assert thumbnail.size == expected


def test_a_thumbnail_is_rotated_once(tmp_path: Path) -> None:
    # Upright: 300 x 400, red above, blue below; stored rotated.
    upright = np.zeros((400, 300, 3), np.uint8)
    upright[:200, :, 0] = upright[200:, :, 2] = 255
    image = Image.fromarray(np.ascontiguousarray(stored(upright, 6)))
    image.save(tmp_path / "source.jpg", exif=exif_of(6))
    make_thumbnail(tmp_path / "source.jpg", tmp_path / "a.webp", (60, 80))
    with Image.open(tmp_path / "a.webp") as thumbnail:
        assert ORIENTATION not in thumbnail.getexif()
        assert thumbnail.size == (60, 80)
        pixels = np.asarray(thumbnail)
    red, blue = pixels[5, 30], pixels[75, 30]
    assert red[0] > 240
    assert red[2] < 15
    assert blue[0] < 15
    assert blue[2] > 240


def test_a_failing_source_leaves_only_the_old_thumbnail(tmp_path: Path, photograph: Path) -> None:
    target = tmp_path / "cache" / "a.webp"
    make_thumbnail(photograph, target, (160, 120))
    before = target.read_bytes()
    photograph.write_bytes(photograph.read_bytes()[:2000])
    with pytest.raises(DataError, match="cannot be read"):
        make_thumbnail(photograph, target, (160, 120))
    assert target.read_bytes() == before
    assert list(target.parent.iterdir()) == [target]


def test_a_failing_save_leaves_nothing(
    tmp_path: Path, photograph: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def save_half(self: Image.Image, path: Path, *_: object, **__: object) -> None:
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Image.Image, "save", save_half)
    with pytest.raises(OSError, match="No space left"):
        make_thumbnail(photograph, tmp_path / "cache" / "a.webp", (160, 120))
    assert list((tmp_path / "cache").iterdir()) == []
