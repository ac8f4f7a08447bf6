"""The context of report/report.html. Scores and fractions are in [0, 1]; undefined is NaN."""

from collections.abc import Mapping
from dataclasses import dataclass

from voc_model.metrics.bootstrap import Interval
from voc_model.metrics.conversion import ConversionReport
from voc_model.metrics.run_metrics import ClassMetrics, RunMetrics
from voc_model.store.history import EpochRecord
from voc_model.store.manifest import Manifest
from voc_web.charts.drawings import ChartLine, CurveChart, LineLabel, Plot
from voc_web.run.cards import Card
from voc_web.run.class_rows import ClassRow


@dataclass(frozen=True)
class ReportImage:
    """An image in the ranking of a class."""

    card: Card
    source: str  # a thumbnail as a data: URI; empty if there is none
    problem: str  # why, empty if there is one


@dataclass(frozen=True)
class ReportRow:
    """One class in the table of average precision."""

    row: ClassRow
    interval: Interval  # of its AP
    anchor: str  # of its section, empty if it has none


@dataclass(frozen=True)
class ReportClass:
    """The section of a class."""

    shown: ReportRow
    why: str  # it was chosen
    plots: tuple[Plot, ...]
    top: tuple[ReportImage, ...]  # by rank
    bottom: tuple[ReportImage, ...]  # by rank, without those at the top

    @property
    def metrics(self) -> ClassMetrics:
        """The metrics of the class."""
        return self.shown.row.metrics


@dataclass(frozen=True)
class Curves:
    """The curves of all classes; those with a section are highlighted."""

    chart: CurveChart
    pins: tuple[tuple[int, ChartLine], ...]  # with the number of their colour, from 1
    labels: tuple[LineLabel, ...]


@dataclass(frozen=True)
class Training:
    """The epochs of a training."""

    records: tuple[EpochRecord, ...]
    plots: tuple[Plot, ...]


@dataclass(frozen=True)
class Reproduction:
    """How to get the same scores."""

    settings: Mapping[str, str]  # by name; empty if the scores record none
    settings_file: str  # all of them as a data: URI
    commands: tuple[str, ...]
    versions: Mapping[str, str]


@dataclass(frozen=True)
class ReportContext:
    """report.html"""

    run_name: str
    dataset: str
    manifest: Manifest
    scores_digest: str
    metrics: RunMetrics
    mean_interval: Interval
    resamples: int
    caveats: tuple[str, ...]
    training: Training | None  # None if the run has no history
    conversion: ConversionReport | None  # None unless the network is weight-standardised
    rows: tuple[ReportRow, ...]  # the highest AP first
    precision_recall: Curves
    tail_by_threshold: Curves
    tail_by_percentage: Curves
    classes: tuple[ReportClass, ...]
    reproduction: Reproduction
