"""Files and folders that are written whole or not at all, whenever the process is killed."""

import errno
import hashlib
import os
import shutil
import socket
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from voc_model.errors import BusyError, DiskFullError

# Read once: os.umask can only be read by setting it, which is not thread-safe.
_UMASK = os.umask(0)
os.umask(_UMASK)
_ABANDONED_S = 24 * 3600
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@contextmanager
def atomic_path(path: Path, flush: bool = True) -> Iterator[Path]:
    """Yields a temporary path beside `path` and renames it to `path` when the block succeeds.

    If the block raises, the temporary file is removed and `path` is untouched.

    Args:
        path: the file to write. Whenever the writer is killed, it is the old file or the whole new
            one.
        flush: whether to flush to disk before the rename, so that this also holds for a power cut.
            A cache of small files, which would wait for each, can do without.

    Raises:
        DiskFullError: there is no space left.
    """
    with _full_disks(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    os.close(handle)
    temporary = Path(name)
    try:
        with _full_disks(path.parent):
            yield temporary
        if flush:
            with _full_disks(path.parent), temporary.open("rb") as written:
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
        with _full_disks(path.parent):
            yield new
        if path.exists():
            path.rename(temporary / "old")
        new.rename(path)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


@contextmanager
def _full_disks(folder: Path) -> Iterator[None]:
    """Turns the error of a full disk into one that names the folder and what to do."""
    try:
        yield
    except OSError as error:
        if error.errno not in _FULL or isinstance(error, DiskFullError):
            raise
        raise DiskFullError(
            f"{folder}: cannot be written ({error.strerror}). Free some space there and run the "
            "same command again; finished work is kept."
        ) from error


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keeps other processes out of a folder that one job writes; it is created if needed.

    The lock ends with the process, however that ends. Programs that only read do not need it.

    Raises:
        BusyError: another process holds the lock.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("a+", encoding="utf-8") as file:
        file.seek(0)  # What is locked begins there.
        try:
            # Not flock, which the worker processes of a killed job would keep.
            os.lockf(file.fileno(), os.F_TLOCK, 0)
        except (BlockingIOError, PermissionError):
            raise BusyError(
                f"{folder}: another job ({file.read().strip() or 'just started'}) is working on "
                "this run. Wait until it has ended, or choose another name with --run NAME."
            ) from None
        except (AttributeError, OSError):
            pass  # A system or file system without such locks.
        with suppress(OSError):  # A full disk: the lock holds all the same.
            file.truncate(0)
            file.write(f"process {os.getpid()} on {socket.gethostname()}\n")
            file.flush()
        yield


def remove_abandoned(
    folder: Path, name: str = "*", older_than_s: float = _ABANDONED_S, recursive: bool = False
) -> None:
    """Removes the temporary files of `name` in a folder that nobody writes any more.

    Args:
        folder: need not exist.
        name: of the files that they would have become.
        older_than_s: their age in seconds; 0 for a folder that this process has locked.
        recursive: whether to look in its subfolders, too.
    """
    pattern = f".{name}.*.tmp"
    for path in folder.rglob(pattern) if recursive else folder.glob(pattern):
        with suppress(FileNotFoundError):
            if time.time() - path.stat().st_mtime >= older_than_s:
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
