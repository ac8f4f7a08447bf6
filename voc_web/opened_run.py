"""The run that is shown: opened once, opened again when its files change."""

import logging
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path

from flask import current_app

from voc_model.errors import ScoreStoreError
from voc_model.evaluation import RunCurves, RunMetrics, evaluate, write_evaluation
from voc_model.runs import RunFolder
from voc_model.score_store import ScoreTable

_log = logging.getLogger(__name__)


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
        """Tells data sets apart in URLs and cached files: the same id may name two images."""
        return sha256(str(self.voc_dir).encode()).hexdigest()[:8]


class RunReader:
    """Hands out the opened run; notices when scores or metrics were written anew."""

    def __init__(self, folder: RunFolder, voc_dir: Path | None = None) -> None:
        """`voc_dir` holds the images; by default where they lay when they were scored."""
        self.folder = folder
        self._voc_dir = voc_dir
        self._opened: tuple[tuple[int, ...], OpenedRun] | None = None

    def current(self) -> OpenedRun:
        """Returns the run as its files are now.

        Raises:
            ScoreStoreError: scores.npz is missing or damaged.
        """
        stamp = self._stamp()
        if self._opened is None or self._opened[0] != stamp:
            run = self._open()
            self._opened = (self._stamp(), run)
            return run
        return self._opened[1]

    def _stamp(self) -> tuple[int, ...]:
        paths = (self.folder.scores_path, self.folder.metrics_path)
        return tuple(path.stat().st_mtime_ns if path.is_file() else 0 for path in paths)

    def _open(self) -> OpenedRun:
        table = ScoreTable.open(self.folder.scores_path)
        metrics, curves = self._open_evaluation(table)
        voc_dir = self._voc_dir or Path(table.manifest.voc_dir)
        return OpenedRun(self.folder, voc_dir, table, metrics, curves)

    def _open_evaluation(self, table: ScoreTable) -> tuple[RunMetrics, RunCurves]:
        """Reads the evaluation; makes it where it is missing, damaged, or of older scores."""
        try:
            metrics = RunMetrics.read(self.folder.metrics_path)
            if metrics.scores_created == table.manifest.created:
                return metrics, RunCurves.open(self.folder.curves_path)
        except ScoreStoreError as error:
            _log.info("%s", error)
        _log.info("computing the metrics of %s", self.folder.scores_path)
        metrics, curves = evaluate(table)
        try:
            write_evaluation(self.folder, metrics, curves)
        except OSError as error:
            _log.warning("%s: the metrics are not kept (%s)", self.folder.path, error)
        return metrics, curves


def current_run() -> OpenedRun:
    """Returns the run that this request shows."""
    reader: RunReader = current_app.extensions["run_reader"]
    return reader.current()
