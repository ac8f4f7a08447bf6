"""What the templates may use: one documented dataclass a template.

Every template also sees `site`, see SiteContext. Rankings start at rank 1; scores and fractions lie
in [0, 1]; undefined is NaN.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from voc_model.data.annotations import AnnotatedObject
from voc_model.metrics.label_counts import LabelCounts
from voc_model.metrics.precision_recall import DifficultConvention
from voc_model.metrics.run_metrics import ClassMetrics
from voc_model.store.selection import Outcome, Truth
from voc_web.curve_models import MeanTailPoint
from voc_web.query import ClassPageQuery, MetricsQuery, OverviewQuery, PlaceQuery
from voc_web.verdicts import Verdict


@dataclass(frozen=True)
class SiteContext:
    """base.html: what is shown, on every page."""

    run_name: str
    dataset: str
    split: str
    images: int
    difficult: DifficultConvention
    data_key: str
    cautions: tuple[str, ...]  # what a reader must know before believing a number


@dataclass(frozen=True)
class Card:
    """partials/card.html: one image in the ranking of one class."""

    image_id: str
    rank: int
    score: float
    truth: Truth
    verdict: Verdict  # truth against score > threshold
    outcome: Outcome | None  # None if the verdict is neither right nor wrong
    labels: tuple[str, ...]  # classes that are present
    difficult_labels: tuple[str, ...]


@dataclass(frozen=True)
class ClassRow:
    """One class in a list of classes."""

    index: int
    metrics: ClassMetrics
    average_precision: float  # of the definition asked for
    tail_accuracy: float  # among the images that score above 0.5
    images_above: int  # those images, difficult ones not counted


@dataclass(frozen=True)
class OverviewContext:
    """overview.html"""

    query: OverviewQuery
    mean_average_precision: float
    classes_defined: int
    mean_tail_accuracy: float  # at 0.5, over the classes with an image above it
    tail_classes_defined: int
    rows: tuple[tuple[ClassRow, tuple[Card, ...]], ...]  # each with its surest images
    columns: tuple[tuple[str, str], ...]  # (sort key, heading)
    first: int  # place of the first row shown among all classes, from 1
    previous: int | None  # first rows of the neighbouring pages
    next: int | None
    classes: int
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class AboveThreshold:
    """What lies above a threshold in the ranking of one class."""

    truth: LabelCounts
    recall: float  # the fraction of all present images
    f1: float

    @property
    def rank(self) -> int:
        """The last rank above it, 0 if there is none."""
        return self.truth.present + self.truth.absent + self.truth.ignored


@dataclass(frozen=True)
class Section:
    """A run of ranks in ascending order; consecutive, unless a filter left some out."""

    title: str
    note: str
    first_rank: int
    last_rank: int
    cards: tuple[Card, ...]


@dataclass(frozen=True)
class PlotFrame:
    """The units of a drawing: its size, and where in it the axes meet and end."""

    width: int
    height: int
    left: int
    right: int
    top: int
    bottom: int


@dataclass(frozen=True)
class PlotMark:
    """A shape of a drawing: an SVG path, and what it shows, which is its CSS class."""

    kind: str  # line, ideal, dots, or a truth
    path: str


@dataclass(frozen=True)
class PlotTick:
    """A mark on an axis; `at` in the drawing's units."""

    at: float
    text: str


class PlotPoint(NamedTuple):
    """A place on a curve that one can go to."""

    x: float  # in the drawing's units
    y: float
    threshold: float
    rank: int  # the last one above the threshold, 0 if there is none


@dataclass(frozen=True)
class Plot:
    """partials/plot.html: a small curve, its numbers as a table beside it."""

    key: str
    title: str
    meaning: str
    x_label: str
    y_label: str
    x_ticks: tuple[PlotTick, ...]
    y_ticks: tuple[PlotTick, ...]
    marks: tuple[PlotMark, ...]
    points: tuple[PlotPoint, ...]
    frame: PlotFrame
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    download: str  # endpoint of the whole curve as CSV


@dataclass(frozen=True)
class Instrument:
    """partials/instrument.html: the strip of all images, the plots, and their numbers as JSON."""

    strip: tuple[PlotMark, ...]
    plots: tuple[Plot, ...]
    data: str


@dataclass(frozen=True)
class CurveChart:
    """partials/chart.html: the curves of all classes and their mean, and their numbers as JSON."""

    title: str
    units: int  # the drawing's own, in both directions
    x_label: str
    y_label: str
    x_ticks: tuple[PlotTick, ...]  # in percent, from the left
    y_ticks: tuple[PlotTick, ...]  # in percent, from the top
    lines: tuple[str, ...]  # SVG paths in the order of the classes, empty for one without a curve
    mean: str  # SVG path
    readout: tuple[tuple[str, str], ...]  # (key, label) of the values that are shown of a point
    data: str


@dataclass(frozen=True)
class FilterChip:
    """One filter that is set."""

    text: str
    without: dict[str, object]  # parameters of the page that lacks it


@dataclass(frozen=True)
class FilterChoice:
    """One truth, one outcome, or all images."""

    text: str
    meaning: str
    arguments: dict[str, object]  # parameters of the page that shows it
    is_chosen: bool


@dataclass(frozen=True)
class Filters:
    """partials/filters.html: what is set of the filters, and what can be."""

    choices: tuple[FilterChoice, ...]
    chips: tuple[FilterChip, ...]
    clear: dict[str, object]  # parameters of the page without any
    kept: dict[str, object]  # those that the form does not set
    classes: tuple[str, ...]


@dataclass(frozen=True)
class ClassContext:
    """class.html"""

    query: ClassPageQuery
    name: str
    metrics: ClassMetrics
    images: int
    above: AboveThreshold  # the threshold
    instrument: Instrument
    filters: Filters
    both_ends: bool  # no part of the ranking was asked for
    sections: tuple[Section, ...]
    # first ranks of the neighbouring pages, None where there is none
    previous: int | None
    next: int | None
    last: int | None
    neighbours: tuple[ClassRow, ...]  # classes to go to, this one among them
    previous_class: str | None
    next_class: str | None


@dataclass(frozen=True)
class ScoreRow:
    """One class in the score list of an image."""

    class_name: str
    score: float
    rank: int
    truth: Truth
    verdict: Verdict


@dataclass(frozen=True)
class Box:
    """The part of an object's box that lies in the image, in percent of its width and height."""

    object: AnnotatedObject
    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True)
class ImageContext:
    """image.html"""

    query: PlaceQuery
    image_id: str
    width: int  # pixels of the original, 0 if it cannot be read
    height: int
    problem: str  # why the image cannot be shown, else empty
    annotation_problem: str  # why its boxes cannot be shown, else empty
    objects: tuple[AnnotatedObject, ...]  # their boxes in the image or not
    boxes: tuple[Box, ...]
    scores: tuple[ScoreRow, ...]  # from the highest score down
    rank: int | None  # in the class that was come from
    previous: str | None  # image ids of the neighbours in that class's ranking
    next: str | None


@dataclass(frozen=True)
class MetricsContext:
    """metrics/average_precision.html and metrics/tail_accuracy.html"""

    query: MetricsQuery
    chart: CurveChart
    rows: tuple[ClassRow, ...]
    mean_average_precision: float
    classes_defined: int
    mean_tail: tuple[MeanTailPoint, ...]


@dataclass(frozen=True)
class ApiContext:
    """api.html"""

    document: Mapping[str, Any]  # OpenAPI's
    curl: Mapping[str, str]  # examples by path
    ranking_url: str  # the first part of a whole ranking


@dataclass(frozen=True)
class FailureContext:
    """failure.html"""

    status: int
    title: str
    message: str
