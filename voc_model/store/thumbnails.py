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
from voc_model.data.images import make_thumbnail
from voc_model.data.voc import image_path
from voc_model.errors import DataError
from voc_model.files import remove_abandoned
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
    return sha256(str(voc_dir).encode()).hexdigest()[:8]


def thumbnail_path(cache_dir: Path, voc_dir: Path, image_id: str, width: int) -> Path:
    """Returns where the cache stores a thumbnail, which may not exist yet."""
    return cache_dir / "thumbnails" / data_key(voc_dir) / str(width) / f"{image_id}.webp"


def ensure_thumbnail(source: Path, target: Path, width: int) -> bool:
    """Makes a WebP that fits into width x 3/4 width pixels, unless there is one of this source.

    Returns:
        Whether it was made.

    Raises:
        DataError: the source cannot be read as an image.
        OSError: the target cannot be written.
    """
    modified_ns = source.stat().st_mtime_ns
    if _is_current(target, modified_ns):
        return False
    make_thumbnail(source, target, (width, width * 3 // 4))
    # The source's own time, so that a source replaced by an older file is noticed, too.
    os.utime(target, ns=(modified_ns, modified_ns))
    return True


def ensure_first_thumbnails(table: ScoreTable, cache_dir: Path, report: Reporter = SILENT) -> None:
    """Makes the thumbnails that the class pages show first: both ends of every ranking.

    Others are made when they are viewed. A start after a kill makes only what is missing.

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


def _targets(table: ScoreTable, cache_dir: Path, image_id: str) -> Iterator[tuple[int, Path]]:
    """Yields the widths of an image's thumbnails and where each is stored."""
    voc_dir = Path(table.manifest.voc_dir)
    for width in WIDTHS:
        yield width, thumbnail_path(cache_dir, voc_dir, image_id, width)


def _is_up_to_date(table: ScoreTable, cache_dir: Path, image_id: str) -> bool:
    """Returns whether nothing is to be made: the thumbnails are current, or the image is gone."""
    try:
        source = image_path(Path(table.manifest.voc_dir), image_id)
        modified_ns = source.stat().st_mtime_ns
    except OSError:
        return True
    return all(
        _is_current(target, modified_ns) for _, target in _targets(table, cache_dir, image_id)
    )


def _make_thumbnails(table: ScoreTable, cache_dir: Path, image_id: str) -> None:
    """Makes those of an image's thumbnails that are missing or outdated."""
    source = image_path(Path(table.manifest.voc_dir), image_id)
    # An image may be gone or damaged since it was scored; the pages say so.
    with suppress(DataError, FileNotFoundError):
        for width, target in _targets(table, cache_dir, image_id):
            ensure_thumbnail(source, target, width)


def _is_current(target: Path, modified_ns: int) -> bool:
    """Returns whether a thumbnail exists, is whole and has its source's time."""
    try:
        found = target.stat()
    except OSError:
        return False
    # A power cut may leave it empty: it is renamed into place without being flushed to disk.
    return found.st_mtime_ns == modified_ns and found.st_size > 0
