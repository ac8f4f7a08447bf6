"""Unpacks the demo data set, which the repository holds as one archive."""

import json
import zipfile
import zlib
from pathlib import Path

from voc_model.errors import DataError
from voc_model.files import atomic_folder, remove_abandoned, sha256_of

# Says which archive a folder was unpacked from.
_STAMP = "demo.json"


def unpack_demo(archive: Path, out: Path) -> bool:
    """Unpacks an archive into the folder `out`, in place of what another archive left there.

    Killed at any moment, it leaves the old folder, none, or the whole new one.

    Returns:
        Whether anything was unpacked: False if this very archive had been before.

    Raises:
        DataError: the archive is missing or damaged, `out` holds something other than an unpacked
            archive, or it cannot be written.
    """
    try:
        stamp = json.dumps({"archive_sha256": sha256_of(archive)}) + "\n"
        with zipfile.ZipFile(archive) as file:
            contents = {name.partition("/")[0] for name in file.namelist()}
            if _is_unpacked(out, contents, stamp):
                return False
            remove_abandoned(out.parent, out.name)
            with atomic_folder(out) as folder:
                file.extractall(folder)
                (folder / _STAMP).write_text(stamp, encoding="utf-8")
    except (zipfile.BadZipFile, zlib.error) as error:
        raise DataError(
            f"{archive}: damaged ({error}). It is part of the repository: check it out again."
        ) from None
    except OSError as error:
        raise DataError(
            f"{error.filename or out}: {error.strerror}. The archive {archive} is part of the "
            f"repository, and {out} must be a folder that can be written."
        ) from None
    return True


def _is_unpacked(out: Path, contents: set[str], stamp: str) -> bool:
    """Returns whether `out` holds all of the archive with this stamp.

    Raises:
        DataError: `out` holds something that no archive left there.
    """
    found = {path.name for path in out.iterdir()} if out.exists() else set()
    foreign = found - contents - {_STAMP} if _STAMP in found else found
    if foreign:
        raise DataError(
            f"{out}: {min(foreign)} was not unpacked by this script, and the folder is left alone. "
            "Choose another one with --out DIR."
        )
    return found >= contents and (out / _STAMP).read_text(encoding="utf-8") == stamp
