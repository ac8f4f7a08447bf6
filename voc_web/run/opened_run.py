"""The run being served, which is reopened when its files change."""

import logging
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from threading import Event, Lock, Thread
from typing import Any, TypeVar, TypeVarTuple

from flask import current_app, g

from voc_model.errors import ScoreStoreError
from voc_model.files import remove_abandoned
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
from voc_model.store.selections import Selections
from voc_model.store.thumbnails import data_key

_log = logging.getLogger(__name__)

Key = TypeVarTuple("Key")
Drawn = TypeVar("Drawn")
# Per class of VOC in both scales, both curve pages, the thresholds tried there, and the usual tile.
# Each takes up to about 60 KB.
_MAX_CACHED = 64


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


# Identifies the versions of the run's files, even if a new one has an old modification time.
Stamp = tuple[tuple[int, ...], ...]
# A file that changed this shortly before it was opened may change again without a new time.
_SETTLED_NS = 2 * 10**9
# So that the check of a large table does not slow down the first pages.
_CHECK_DELAY_S = 1.0


class BackgroundCheck:
    """Verifies a table that is being served; a large one takes seconds."""

    def __init__(self, table: ScoreTable) -> None:
        self.failure: ScoreStoreError | None = None
        self._table = table
        self._awaited = Event()
        self._thread = Thread(target=self._run, name="check of scores.npz", daemon=True)
        self._thread.start()

    def wait(self) -> None:
        """Waits until the table is verified."""
        self._awaited.set()
        self._thread.join()

    def _run(self) -> None:
        self._awaited.wait(_CHECK_DELAY_S)
        try:
            self._table.verify()
        except ScoreStoreError as error:
            _log.warning("%s", error)
            self.failure = error


@dataclass(frozen=True)
class _Opening:
    """The result of opening one version of the run's files.

    Attributes:
        stamp: of the files.
        settled: whether they had not changed shortly before.
        run: what was opened; None if that failed.
        failure: the reason.
        check: of a table that is served meanwhile.
    """

    stamp: Stamp
    settled: bool
    run: OpenedRun | None = None
    failure: ScoreStoreError | None = None
    check: BackgroundCheck | None = None

    def find_failure(self) -> ScoreStoreError | None:
        """Returns why the run cannot be shown; None if it can, as far as is known."""
        return self.failure or (self.check.failure if self.check else None)

    def is_current(self, stamp: Stamp) -> bool:
        """Returns whether opening the files again would give the same."""
        failure = self.find_failure()
        # A disk or network that failed once may work the next time, without any change of the file.
        lasts = failure is None or (self.settled and not isinstance(failure.__cause__, OSError))
        return self.stamp == stamp and lasts


class RunReader:
    """Opens the run and reopens it when one of its files has changed."""

    def __init__(
        self, folder: RunFolder, voc_dir: Path | None = None, cache_dir: Path | None = None
    ) -> None:
        """Opens nothing yet.

        Args:
            folder: the run; nothing is written to it.
            voc_dir: contains the images; defaults to the folder recorded when they were scored.
            cache_dir: where metrics that the run lacks are kept; by default, nowhere.
        """
        self.folder = folder
        self._voc_dir = voc_dir
        self._cache_dir = cache_dir
        self._opening: _Opening | None = None
        self._lock = Lock()

    def current(self) -> OpenedRun:
        """Returns the current version of the run.

        Raises:
            ScoreStoreError: scores.npz is missing or damaged.
        """
        with self._lock:  # One thread opens the run, others wait for it.
            # Before opening, so that the next request notices a file replaced meanwhile.
            stamp = self._stamp()
            opening = self._opening
            if opening is None or not opening.is_current(stamp):
                # What has failed is not shown again before it is verified.
                has_failed = opening is not None and opening.stamp == stamp
                opening = self._opening = self._open(stamp, verify=has_failed)
        failure = opening.find_failure()
        if failure is not None or opening.run is None:
            raise ScoreStoreError(str(failure)) from failure
        return opening.run

    def wait_until_verified(self) -> None:
        """Waits for the check of a table that is already served."""
        opening = self._opening
        if opening is not None and opening.check is not None:
            opening.check.wait()

    def _stamp(self) -> Stamp:
        folder = self.folder
        return tuple(map(_stamp, (folder.scores_path, folder.metrics_path, folder.curves_path)))

    def _open(self, stamp: Stamp, verify: bool) -> _Opening:
        """Opens the files, and verifies the table now or, if it is large, in the background."""
        newest = max((max(times) for _, _, *times in filter(None, stamp)), default=0)
        settled = time.time_ns() - newest > _SETTLED_NS
        try:
            table = ScoreTable.open(self.folder.scores_path)
            verify = verify or table.archive is None or table.archive.is_in_memory
            if verify:
                table.verify()
            metrics, curves = self._open_evaluation(table)
        except ScoreStoreError as error:
            return _Opening(stamp, settled, failure=error)
        voc_dir = self._voc_dir or Path(table.manifest.voc_dir)
        run = OpenedRun(self.folder, voc_dir, table, metrics, curves)
        return _Opening(stamp, settled, run, check=None if verify else BackgroundCheck(table))

    def _open_evaluation(self, table: ScoreTable) -> tuple[RunMetrics, RunCurves]:
        """Reads the evaluation, or computes it if it is missing, damaged or outdated.

        What is computed here is kept in the cache: the run's own files are the offline side's.
        """
        try:
            return read_evaluation(self.folder, table)
        except ScoreStoreError as error:
            _log.info("%s", error)
        convention = find_convention(self.folder, table)
        kept = self._cache_dir and RunFolder(
            self._cache_dir / "metrics" / data_key(self.folder.path.resolve())
        )
        if kept:
            with suppress(ScoreStoreError):
                metrics, curves = read_evaluation(kept, table)
                if metrics.difficult == convention:
                    return metrics, curves
        table.verify()
        _log.info("computing the metrics of %s", self.folder.scores_path)
        metrics, curves = evaluate(table, convention)
        if kept:
            remove_abandoned(kept.path)
            try:
                write_evaluation(kept, metrics, curves)
            except OSError as error:
                _log.warning("%s: cannot keep the metrics (%s)", kept.path, error)
        return metrics, curves


def current_run() -> OpenedRun:
    """Returns the run of the current request, which stays the same during the request.

    Raises:
        ScoreStoreError: it cannot be opened; the page that says so does not try again.
    """
    if "run" not in g:
        g.run = None
        reader: RunReader = current_app.extensions["run_reader"]
        g.run = reader.current()
    run: OpenedRun | None = g.run
    if run is None:
        raise ScoreStoreError("The run could not be opened for this request.")
    return run


def _stamp(path: Path) -> tuple[int, ...]:
    """Returns inode, size and the times of change of a file; nothing if there is none."""
    try:
        status = path.stat()
    except OSError:
        return ()
    return status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns
