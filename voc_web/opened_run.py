"""The run being served, which is reopened when its files change."""

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
# The 20 classes of VOC and both curve pages. Each entry takes about 60 KB.
_MAX_CACHED = 32


@dataclass(frozen=True, eq=False)
class OpenedRun:
    """The scores and metrics of a run, and the folder of its images."""

    folder: RunFolder
    voc_dir: Path
    table: ScoreTable
    metrics: RunMetrics
    curves: RunCurves

    @cached_property
    def data_key(self) -> str:
        """Identifies the data set in image URLs."""
        return data_key(self.voc_dir)

    @cached_property
    def selections(self) -> Selections:
        """Finds and caches the images that filters select."""
        return Selections(self.table)

    def cached(self, draw: Callable[["OpenedRun", *Key], Drawn], *key: *Key) -> Drawn:
        """Returns draw(self, *key), cached for the most recent calls.

        Args:
            key: hashable.
        """
        drawn: Drawn = self._drawn(draw, *key)
        return drawn

    @cached_property
    def _drawn(self) -> Callable[..., Any]:
        return lru_cache(maxsize=_MAX_CACHED)(lambda draw, *key: draw(self, *key))


# Identifies the version of a file, even if a new one has an old modification time.
Stamp = tuple[tuple[int, ...], ...]


class RunReader:
    """Opens the run and reopens it when its scores or metrics have changed."""

    def __init__(self, folder: RunFolder, voc_dir: Path | None = None) -> None:
        """`voc_dir` contains the images; defaults to the folder recorded when they were scored."""
        self.folder = folder
        self._voc_dir = voc_dir
        self._opened: tuple[Stamp, OpenedRun] | None = None
        self._lock = Lock()

    def current(self) -> OpenedRun:
        """Returns the current version of the run.

        Raises:
            ScoreStoreError: scores.npz is missing or damaged.
        """
        with self._lock:  # One thread opens the run, others wait for it.
            # Before opening, so that the next request notices a file replaced meanwhile.
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
        """Reads the evaluation, or computes it if it is missing, damaged or outdated."""
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
            _log.warning("%s: cannot write the metrics (%s)", self.folder.path, error)
        return metrics, curves


def current_run() -> OpenedRun:
    """Returns the run of the current request, which stays the same during the request."""
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
