"""Thumbnails of a data set's images: stored in a cache, made if missing or outdated."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from hashlib import sha256
from itertools import islice
from pathlib import Path

from voc_model.cpu import usable_cores
from voc_model.data.image_files import version_key
from voc_model.data.images import make_thumbnail
from voc_model.data.voc import image_path
from voc_model.errors import DataError
from voc_model.files import is_file, remove_abandoned
from voc_model.progress import SILENT, Reporter
from voc_model.store.scores import ScoreTable

# In pixels: the greatest width of a card, and twice that for high-density screens.
WIDTHS = (240, 480)

_FROM_EACH_END = 50
# Enough for 50 classes that share no image; with more classes, each gets fewer.
_MAX_IMAGES = 5000


def data_key(voc_dir: Path) -> str:
    """Returns 8 hex digits that tell data sets apart in URLs and cache paths.

    Two data sets may use the same image id for different images.
    """
    return sha256(os.fsencode(voc_dir)).hexdigest()[:8]


def thumbnail_folder(cache_dir: Path, voc_dir: Path, image_id: str) -> Path:
    """Returns where the cache stores the thumbnails of an image; the folder may not exist yet.

    Its name is a hash: an id may be as long as a file name can be, or lead elsewhere.
    """
    name = sha256(image_id.encode()).hexdigest()[:32]
    return cache_dir / "thumbnails" / data_key(voc_dir) / name


def ensure_thumbnail(source: Path, folder: Path, width: int) -> Path:
    """Makes a WebP that fits into width x 3/4 width pixels, unless there is one of this source.

    Those of former versions of the source are removed.

    Returns:
        Its path.

    Raises:
        DataError: the source cannot be read as an image.
        OSError: the folder cannot be written.
    """
    target = _target(source, folder, width)
    if not _is_whole(target):
        make_thumbnail(source, target, (width, width * 3 // 4))
        for path in folder.glob(f"{width}-*.webp"):
            if path != target:
                path.unlink(missing_ok=True)
    return target


def ensure_first_thumbnails(table: ScoreTable, cache_dir: Path, report: Reporter = SILENT) -> None:
    """Makes the thumbnails that the class pages show first: both ends of every ranking.

    Others are made when they are viewed. A restart after a kill makes only what is missing.

    Args:
        table: the ranked images.
        cache_dir: where thumbnails are stored.
        report: receives the progress, and a warning if the cache cannot be written.
    """
    remove_abandoned(cache_dir / "thumbnails", recursive=True)
    image_ids = list(islice(dict.fromkeys(_from_both_ends(table)), _MAX_IMAGES))
    missing = [image_id for image_id in image_ids if not _is_up_to_date(table, cache_dir, image_id)]
    with ThreadPoolExecutor(usable_cores()) as threads:
        made = threads.map(partial(_make_thumbnails, table, cache_dir), missing)
        done = len(image_ids) - len(missing)
        try:
            for _ in report.track(made, "thumbnails", len(image_ids), done=done):
                pass
        except OSError as error:
            report.warn(f"{cache_dir}: thumbnails cannot be stored ({error})")
        finally:
            threads.shutdown(cancel_futures=True)


def _from_both_ends(table: ScoreTable) -> Iterator[str]:
    """Yields image ids, the first and last of every class before the next ones; some repeatedly."""
    rankings = [table.class_ranking(index) for index in range(len(table.classes))]
    readable = table.class_ranking(0).count_readable() if rankings else 0
    for position in range(1, min(_FROM_EACH_END, readable) + 1):
        for rank in (position, readable + 1 - position):
            for ranking in rankings:
                yield table.image_id(int(ranking.slice(rank, rank)[0]))


def _is_up_to_date(table: ScoreTable, cache_dir: Path, image_id: str) -> bool:
    """Returns whether there is nothing to do: the thumbnails are current, or the image is gone."""
    source, folder = _source_and_folder(table, cache_dir, image_id)
    return not is_file(source) or all(_is_whole(_target(source, folder, width)) for width in WIDTHS)


def _make_thumbnails(table: ScoreTable, cache_dir: Path, image_id: str) -> None:
    """Makes those of an image's thumbnails that are missing or outdated."""
    source, folder = _source_and_folder(table, cache_dir, image_id)
    # An image may be gone or damaged since it was scored; the pages say so.
    with suppress(DataError):
        for width in WIDTHS:
            ensure_thumbnail(source, folder, width)


def _source_and_folder(table: ScoreTable, cache_dir: Path, image_id: str) -> tuple[Path, Path]:
    voc_dir = Path(table.manifest.voc_dir)
    return image_path(voc_dir, image_id), thumbnail_folder(cache_dir, voc_dir, image_id)


def _target(source: Path, folder: Path, width: int) -> Path:
    return folder / f"{width}-{version_key(source)}.webp"


def _is_whole(target: Path) -> bool:
    """Returns whether a thumbnail exists, and is not what a power cut may leave: an empty file.

    It is renamed into place without being flushed to disk.
    """
    try:
        return target.stat().st_size > 0
    except OSError:
        return False
