"""The run that is shown: opened once, opened again when its files change."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar, TypeVarTuple

from flask import current_app, g

from voc_model.errors import SCORE_AGAIN, ScoreStoreError
from voc_model.metrics.curves import RunCurves
from voc_model.metrics.evaluation import (
    evaluate,
    find_convention,
    read_evaluation,
    write_evaluation,
)
from voc_model.metrics.run_metrics import RunMetrics
from voc_model.store.runs import RunFolder
from voc_model.store.scores import ScoreTable
from voc_model.store.selection import Selections
from voc_model.store.thumbnails import data_key

_log = logging.getLogger(__name__)

Key = TypeVarTuple("Key")
Drawn = TypeVar("Drawn")
# VOC's 20 classes and both curve pages; the drawing of a class takes some 60 KB.
_MAX_CACHED = 32


@dataclass(frozen=True, eq=False)
class OpenedRun:
    """A run's scores and metrics, and the folder of its images."""

    folder: RunFolder
    voc_dir: Path
    table: ScoreTable
    metrics: RunMetrics
    curves: RunCurves

    @cached_property
    def data_key(self) -> str:
        """Tells data sets apart in URLs."""
        return data_key(self.voc_dir)

    @cached_property
    def selections(self) -> Selections:
        """Finds and caches what filters select, for as long as the run's files do not change."""
        return Selections(self.table)

    def cached(self, draw: Callable[["OpenedRun", *Key], Drawn], *key: *Key) -> Drawn:
        """Returns draw(self, *key), from a cache of the most recent results for this run.

        Args:
            key: hashable.
        """
        drawn: Drawn = self._drawn(draw, *key)
        return drawn

    @cached_property
    def _drawn(self) -> Callable[..., Any]:
        return lru_cache(maxsize=_MAX_CACHED)(lambda draw, *key: draw(self, *key))


# What tells a file from its successor, even one that was given an old time.
Stamp = tuple[tuple[int, ...], ...]


class RunReader:
    """Hands out the opened run; notices when scores or metrics were written anew."""

    def __init__(self, folder: RunFolder, voc_dir: Path | None = None) -> None:
        """`voc_dir` holds the images; by default where they lay when they were scored."""
        self.folder = folder
        self._voc_dir = voc_dir
        self._opened: tuple[Stamp, OpenedRun] | None = None
        self._lock = Lock()

    def current(self) -> OpenedRun:
        """Returns the run as its files are now.

        Raises:
            ScoreStoreError: scores.npz is missing or damaged.
        """
        with self._lock:  # One thread opens, the others wait for what it opened.
            # Taken before opening: a file replaced meanwhile is noticed by the next request.
            stamp = tuple(map(_stamp, (self.folder.scores_path, self.folder.metrics_path)))
            if self._opened is None or self._opened[0] != stamp:
                self._opened = (stamp, self._open())
            return self._opened[1]

    def _open(self) -> OpenedRun:
        table = ScoreTable.open(self.folder.scores_path)
        metrics, curves = self._open_evaluation(table)
        voc_dir = self._voc_dir or Path(table.manifest.voc_dir)
        return OpenedRun(self.folder, voc_dir, table, metrics, curves)

    def _open_evaluation(self, table: ScoreTable) -> tuple[RunMetrics, RunCurves]:
        """Reads the evaluation; makes it where it is missing, damaged, or an older one."""
        try:
            return read_evaluation(self.folder, table)
        except ScoreStoreError as error:
            _log.info("%s", error)
        try:
            table.check_values()
        except ValueError as error:
            raise ScoreStoreError(f"{self.folder.scores_path}: {error}. {SCORE_AGAIN}") from error
        _log.info("computing the metrics of %s", self.folder.scores_path)
        metrics, curves = evaluate(table, find_convention(self.folder, table))
        try:
            write_evaluation(self.folder, metrics, curves)
        except OSError as error:
            _log.warning("%s: the metrics are not kept (%s)", self.folder.path, error)
        return metrics, curves


def current_run() -> OpenedRun:
    """Returns the run that this request shows: one and the same all through the request."""
    if "run" not in g:
        reader: RunReader = current_app.extensions["run_reader"]
        g.run = reader.current()
    run: OpenedRun = g.run
    return run


def _stamp(path: Path) -> tuple[int, ...]:
    try:
        status = path.stat()
    except OSError:
        return ()
    return status.st_mtime_ns, status.st_size, status.st_ino
