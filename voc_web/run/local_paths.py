"""Messages for visitors: paths in them start at the folder of the run or of the data set.

Where these folders are is not the visitors' concern; the server's log has the full paths.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import lru_cache
from pathlib import Path, PurePath
from typing import Any

from flask import current_app, g

from voc_web.run.opened_run import OpenedRun, RunReader


def without_folders(text: str) -> str:
    """Returns a message with the paths of the served folders shortened to their names."""
    reader: RunReader = current_app.extensions["run_reader"]
    folders = [reader.folder.path, current_app.config["CACHE_DIR"]]
    run: OpenedRun | None = g.get("run")
    if run is not None:
        folders += [run.voc_dir, Path(run.table.manifest.voc_dir)]
    return shorten_folders(text, tuple(folders))


def shorten_folders(text: str, folders: tuple[Path, ...]) -> str:
    """Returns a text with the paths of folders shortened to their names."""
    for path, name in _names(folders):
        text = text.replace(path, name)
    return text


def settings_without_folders(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Returns settings with absolute paths shortened to file names."""
    return {
        key: PurePath(value).name
        if isinstance(value, str) and PurePath(value).is_absolute()
        else value
        for key, value in settings.items()
    }


@lru_cache(maxsize=8)
def _names(folders: tuple[Path, ...]) -> tuple[tuple[str, str], ...]:
    """Returns each absolute path of the folders with its last part, the longest path first."""
    spellings = {it for path in folders for it in _spellings(path)}
    names = [(str(path), path.name) for path in spellings if path.is_absolute() and path.name]
    return tuple(sorted(names, key=lambda pair: len(pair[0]), reverse=True))


def _spellings(path: Path) -> Iterator[Path]:
    yield from (path, path.absolute())
    with suppress(OSError, RuntimeError, ValueError):  # A loop of links, or a NUL.
        yield path.resolve()
