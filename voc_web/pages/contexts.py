"""The contexts of the pages' templates: one documented dataclass per template.

Every template also has `site`, see serving.contexts, and `can_sign_out`. Ranks start at 1; scores
and fractions are in [0, 1]; undefined is NaN.
"""

from dataclasses import dataclass
from typing import NamedTuple

from voc_model.metrics.run_metrics import ClassMetrics
from voc_web.charts.drawings import ChartLine, CurveChart, Instrument, LineLabel
from voc_web.charts.rank_scale import RankScale
from voc_web.pages.queries import AveragePrecisionQuery, ClassPageQuery, OverviewQuery, TailQuery
from voc_web.run.cards import Card
from voc_web.run.class_rows import ClassRow
from voc_web.run.class_thresholds import AboveThreshold, ChosenThresholds
from voc_web.run.curve_models import MeanTailPoint
from voc_web.run.ranking_parts import RankSpan


class Tile(NamedTuple):
    """One small image of the overview."""

    card: Card
    mark: str  # the verdict or truth that is marked; empty if none is


@dataclass(frozen=True)
class OverviewRow:
    """One class of the overview."""

    name: str
    query: ClassPageQuery  # of its page
    cells: tuple[str, ...]  # the texts of the columns
    average_precision: float
    selected: str  # what is above the threshold, and how much of it is wrong
    missed: str  # what is not
    tiles: tuple[Tile, ...]


@dataclass(frozen=True)
class RuleChoice:
    """One way to choose the thresholds of all classes."""

    text: str
    arguments: dict[str, object]  # parameters of the link that selects it
    is_chosen: bool


@dataclass(frozen=True)
class ClassTable:
    """partials/sorting.html: one page of a sorted table of classes."""

    rows: tuple[ClassRow, ...]
    first: int  # number of the first row shown, from 1
    previous: int | None  # first row of the previous page, None if there is none
    next: int | None  # first row of the next page
    classes: int  # on all pages: those whose name contains the requested text


@dataclass(frozen=True)
class OverviewContext:
    """overview.html"""

    query: OverviewQuery
    mean_average_precision: float
    classes_defined: int
    mean_tail_accuracy: float  # at 0.5, over the classes with an image above it
    tail_classes_defined: int
    chosen: ChosenThresholds
    rules: tuple[RuleChoice, ...]
    table: ClassTable
    rows: tuple[OverviewRow, ...]  # of the table
    columns: tuple[tuple[str, str], ...]  # (sort key, heading)
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class Section:
    """A grid of cards in ascending order of rank; ranks are consecutive unless filtered."""

    title: str
    note: str
    first_rank: int
    last_rank: int
    cards: tuple[Card, ...]

    def holds(self, rank: int) -> bool:
        """Returns whether the image at a rank is shown."""
        return any(card.rank == rank for card in self.cards)


@dataclass(frozen=True)
class FilterChip:
    """One active filter."""

    text: str
    without: dict[str, object]  # parameters of the link that removes it


@dataclass(frozen=True)
class FilterChoice:
    """One truth, one outcome, or all images."""

    text: str
    meaning: str
    arguments: dict[str, object]  # parameters of the link that selects it
    is_chosen: bool
    key: str  # on the keyboard; empty if there is none
    count: int | None  # number of images, beside the other filters; None if not counted
    most: int | None  # the greatest count at any threshold
    is_live: bool  # whether the page's script counts while the threshold moves


@dataclass(frozen=True)
class FilterClass:
    """A class to filter by, and how many of the selected images it would leave."""

    name: str
    present: int | None  # None if not counted
    absent: int | None


@dataclass(frozen=True)
class Filters:
    """partials/filters.html: the active filters and the possible choices."""

    choices: tuple[FilterChoice, ...]
    chips: tuple[FilterChip, ...]
    clear: dict[str, object]  # parameters of the link that removes all
    kept: dict[str, object]  # parameters that the form passes on unchanged
    is_open: bool  # whether a filter of the form is active
    depends_on_threshold: bool  # whether what is selected or counted needs the server's answer
    classes: tuple[FilterClass, ...]


@dataclass(frozen=True)
class SummaryLink:
    """One of the kinds of images in a summary."""

    text: str
    meaning: str
    count: int
    arguments: dict[str, object]  # parameters of the link to these images
    is_chosen: bool


@dataclass(frozen=True)
class Summary:
    """partials/filters.html: what the images of one outcome are taken for, or show."""

    heading: str
    note: str  # what is counted, or why nothing is
    classes: tuple[SummaryLink, ...] = ()  # by descending count
    more: tuple[SummaryLink, ...] = ()  # further classes, which are folded
    others: tuple[SummaryLink, ...] = ()


class TileShape(NamedTuple):
    """The shape of all tiles of a grid, for images of any shape."""

    name: str  # in the style sheet
    width: int  # in pixels, for the layout until an image is loaded
    height: int
    sizes: str  # how wide a thumbnail has to be, for `srcset`


@dataclass(frozen=True)
class SideClass:
    """One class of the list beside a ranking."""

    name: str
    value: str  # the metric that the list is sorted by, or AP
    arguments: dict[str, object]  # parameters of the link to its page


@dataclass(frozen=True)
class SideList:
    """The classes beside a ranking, sorted as on the overview: the nearest ones if many."""

    heading: str  # the metric shown
    arrow: str  # the order; empty if it is that of the data set
    classes: tuple[SideClass, ...]
    first: int  # number of the first one, from 1
    total: int
    overview: dict[str, object]  # parameters of the overview in this order
    previous: SideClass | None  # neighbours of the class
    next: SideClass | None


@dataclass(frozen=True)
class ClassContext:
    """class.html"""

    query: ClassPageQuery
    name: str
    metrics: ClassMetrics
    images: int
    above: AboveThreshold
    scale: RankScale  # of the strip
    instrument: Instrument
    filters: Filters
    summary: Summary | None
    both_ends: bool  # whether the top and the bottom are shown, rather than one part
    tile: TileShape
    sections: tuple[Section, ...]
    # ranks of the neighbouring parts and of the last one, None if there is none
    previous: RankSpan | None
    next: RankSpan | None
    last: RankSpan | None
    side: SideList


@dataclass(frozen=True)
class CurvesView:
    """metrics/layout.html: the chart of all classes, and the table beside it."""

    chart: CurveChart
    pins: tuple[ChartLine | None, ...]  # in each slot
    labels: tuple[LineLabel, ...]
    table: ClassTable
    classes: int  # of the run


@dataclass(frozen=True)
class AveragePrecisionContext:
    """metrics/average_precision.html"""

    query: AveragePrecisionQuery
    view: CurvesView
    mean_average_precision: float
    classes_defined: int
    mean_accuracy: float  # at 0.5, over the classes with an image that counts
    mean_baseline_accuracy: float  # of always predicting "absent"


@dataclass(frozen=True)
class TailContext:
    """metrics/tail_accuracy.html"""

    query: TailQuery
    view: CurvesView
    mean_tail_accuracy: float  # at the threshold, over the classes with an image above it
    tail_classes_defined: int
    mean_tail: tuple[MeanTailPoint, ...]
