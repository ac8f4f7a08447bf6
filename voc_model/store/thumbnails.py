"""The thumbnails of a data set's images: kept in a cache, made where they are missing or old."""

import os
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from hashlib import sha256
from itertools import islice
from pathlib import Path

from voc_model.cpu import usable_cores
from voc_model.data.images import make_thumbnail
from voc_model.data.voc import image_path
from voc_model.errors import DataError
from voc_model.progress import Note, Progress
from voc_model.store.scores import ScoreTable

# Pixels: as wide as a card becomes, and twice that for a screen with twice the pixels.
WIDTHS = (240, 480)

_FROM_EACH_END = 50
# Those of 50 classes that have nothing in common; of more classes the outermost.
_MAX_IMAGES = 5000


def data_key(voc_dir: Path) -> str:
    """Tells data sets apart in URLs and cached files: the same id may name two images."""
    return sha256(str(voc_dir).encode()).hexdigest()[:8]


def thumbnail_path(cache_dir: Path, voc_dir: Path, image_id: str, width: int) -> Path:
    """Returns where the cache keeps a thumbnail, be it made or not."""
    return cache_dir / "thumbnails" / data_key(voc_dir) / str(width) / f"{image_id}.webp"


def ensure_thumbnail(source: Path, target: Path, width: int) -> bool:
    """Makes a WebP in a box of width x 3/4 width pixels, unless there is one of this source.

    Returns:
        Whether it was made.

    Raises:
        DataError: the source cannot be read as an image.
        OSError: the target cannot be written.
    """
    # It bears its source's time, so that a source put in place with an older time counts as new.
    modified_ns = source.stat().st_mtime_ns
    if _is_made(target, modified_ns):
        return False
    make_thumbnail(source, target, (width, width * 3 // 4))
    os.utime(target, ns=(modified_ns, modified_ns))
    return True


def ensure_first_thumbnails(
    table: ScoreTable, cache_dir: Path
) -> Generator[Progress | Note, None, None]:
    """Makes the thumbnails that the pages of the classes show first: both ends of every ranking.

    Others are made when they are looked at. A start after a kill makes only what is missing.
    """
    image_ids = list(islice(dict.fromkeys(_from_outside_inwards(table)), _MAX_IMAGES))
    done = reused = 0
    with ThreadPoolExecutor(usable_cores()) as threads:
        provided = threads.map(partial(_ensure_widths, table, cache_dir), image_ids)
        try:
            for was_made in provided:
                done, reused = done + 1, reused + (not was_made)
                yield Progress("thumbnails", done, len(image_ids), reused)
        except OSError as error:
            yield Note(f"{cache_dir}: no thumbnails can be kept ({error})", warning=True)
        finally:
            threads.shutdown(cancel_futures=True)


def _from_outside_inwards(table: ScoreTable) -> Iterator[str]:
    """Yields image ids, the first and last of every class before the next ones; some repeatedly."""
    rankings = [table.class_ranking(index) for index in range(len(table.classes))]
    readable = table.class_ranking(0).count_readable() if rankings else 0
    for place in range(1, min(_FROM_EACH_END, readable) + 1):
        for rank in (place, readable + 1 - place):
            for ranking in rankings:
                yield table.image_id(int(ranking.slice(rank, rank)[0]))


def _ensure_widths(table: ScoreTable, cache_dir: Path, image_id: str) -> bool:
    """Makes an image's thumbnails where they are missing; returns whether any was."""
    voc_dir = Path(table.manifest.voc_dir)
    source = image_path(voc_dir, image_id)
    made = False
    try:
        for width in WIDTHS:
            target = thumbnail_path(cache_dir, voc_dir, image_id, width)
            made |= ensure_thumbnail(source, target, width)
    except (DataError, FileNotFoundError):
        pass  # Gone or damaged since it was scored, as the pages will say.
    return made


def _is_made(target: Path, modified_ns: int) -> bool:
    """Tells whether a thumbnail is there, whole and of the source's time."""
    try:
        found = target.stat()
    except OSError:
        return False
    # Emptied by a power cut: it is not flushed to disk before it gets its name.
    return found.st_mtime_ns == modified_ns and found.st_size > 0
