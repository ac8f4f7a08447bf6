"""Files and folders that are written whole or not at all, whenever the process is killed."""

import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

# Read once: os.umask can only be read by setting it, which is not thread-safe.
_UMASK = os.umask(0)
os.umask(_UMASK)
_ABANDONED_S = 24 * 3600


@contextmanager
def atomic_path(path: Path, flush: bool = True) -> Iterator[Path]:
    """Yields a temporary path beside `path` and renames it to `path` when the block succeeds.

    If the block raises, the temporary file is removed and `path` is untouched.

    Args:
        path: the file to write. Whenever the writer is killed, it is the old file or the whole new
            one.
        flush: whether to flush to disk before the rename, so that this also holds for a power cut.
            A cache of small files, which would wait for each, can do without.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        if flush:
            with temporary.open("rb") as written:
                os.fsync(written.fileno())
        # mkstemp makes files private; those of a data set or run are shared like any other.
        temporary.chmod(0o666 & ~_UMASK)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def atomic_folder(path: Path) -> Iterator[Path]:
    """Yields an empty temporary folder that becomes `path` when the block succeeds.

    If the block raises, the temporary folder is removed and `path` is untouched. Whenever the
    process is killed, `path` is absent, the old folder or the whole new one; an old folder is
    removed with everything in it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp"))
    try:
        # mkdtemp makes folders private; this one is shared like any other.
        new = temporary / "new"
        new.mkdir()
        yield new
        if path.exists():
            path.rename(temporary / "old")
        new.rename(path)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def remove_abandoned(folder: Path, name: str = "*") -> None:
    """Removes the temporary files of `name` in a folder that are more than a day old."""
    for path in folder.glob(f".{name}.*.tmp"):
        with suppress(FileNotFoundError):
            if time.time() - path.stat().st_mtime > _ABANDONED_S:
                if path.is_dir():
                    shutil.rmtree(path)
                else:
                    path.unlink()


def write_text_atomically(path: Path, text: str) -> None:
    """Writes `text` as UTF-8 to `path`, whole or not at all."""
    with atomic_path(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def sha256_of(path: Path) -> str:
    """Returns the hex SHA-256 of a file's contents."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
