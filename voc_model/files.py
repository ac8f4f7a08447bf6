"""Opens users' files safely, and writes files whole or not at all.

A path that a user gives may be a pipe, a device or a file larger than memory. Whenever the process
is killed, a file that it was writing is the old one or the whole new one.
"""

import errno
import hashlib
import os
import shutil
import socket
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BufferedReader
from pathlib import Path, PurePath

from voc_model.errors import BusyError, DataError, DiskFullError

# Read once: os.umask can only be read by setting it, which is not thread-safe.
_UMASK = os.umask(0)
os.umask(_UMASK)
_ABANDONED_S = 24 * 3600
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
# Not on every system; where it is missing, no file is a pipe that could be waited for.
_NO_WAITING = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


def open_regular(path: Path, max_bytes: int | None = None) -> BufferedReader:
    """Opens a regular file for reading; never waits for a pipe, and never touches a device.

    Args:
        path: links are followed.
        max_bytes: how large the file may be; None for any size.

    Raises:
        FileNotFoundError: there is no such file, or no file can have this name.
        OSError: it is not a regular file, is too large, or cannot be opened; `strerror` says which.
    """
    try:
        _check_regular(path.stat())
        handle = os.open(path, os.O_RDONLY | _NO_WAITING)
    except ValueError:  # A NUL in the path.
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT)) from None
    file = os.fdopen(handle, "rb")
    try:
        status = os.fstat(handle)
        _check_regular(status)  # Again, since it may have been replaced.
        if max_bytes is not None and status.st_size > max_bytes:
            found = f"found {status.st_size:,} bytes, expected at most {max_bytes:,}"
            raise OSError(errno.EOVERFLOW, found)
    except OSError:
        file.close()
        raise
    return file


def read_regular(path: Path, max_bytes: int) -> bytes:
    """Returns the contents of a regular file.

    Raises:
        OSError: see `open_regular`.
    """
    with open_regular(path, max_bytes) as file:
        return file.read(max_bytes)  # It may grow meanwhile.


def _check_regular(status: os.stat_result) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise IsADirectoryError(errno.EISDIR, "a folder, not a file")
    if not stat.S_ISREG(status.st_mode):
        raise OSError(errno.EINVAL, "not a regular file")


def is_file(path: Path) -> bool:
    """Returns whether there is a regular file; links are followed. False for impossible names."""
    return os.path.isfile(path)  # noqa: PTH113 (Path's raises for long names)


def list_folder(folder: Path) -> list[str]:
    """Returns the names in a folder, none if it is missing or unreadable."""
    try:
        return os.listdir(folder)  # noqa: PTH208 (names suffice, and there may be millions)
    except (OSError, ValueError):
        return []


def path_below(folder: Path, name: str) -> Path:
    """Returns the path of a file in a folder or its subfolders, from which links may lead anywhere.

    Raises:
        DataError: the name itself leads elsewhere: it is absolute or contains `..`.
    """
    given = PurePath(name)
    if given.anchor or ".." in given.parts:
        raise DataError(f"{name!r} is not the name of a file in {folder.name}.")
    return folder / given


def is_utf8(name: str) -> bool:
    """Returns whether the name of a file, as the system gives it, can be written as UTF-8."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def show_name(name: str) -> str:
    """Returns the name of a file with what is not UTF-8 as escapes, so that it can be printed."""
    return os.fsencode(name).decode(errors="backslashreplace")


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


def append_text(path: Path, text: str) -> None:
    """Appends `text` as UTF-8 to `path`; a kill may cut it short.

    Raises:
        DiskFullError: there is no space left.
    """
    with _full_disks(path.parent), path.open("a", encoding="utf-8") as file:
        file.write(text)


def sha256_of(path: Path) -> str:
    """Returns the hex SHA-256 of a file's contents."""
    with open_regular(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
