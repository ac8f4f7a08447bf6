"""What the templates may use: one documented dataclass a template.

Every template also sees `site`, see SiteContext. Rankings start at rank 1; scores and fractions lie
in [0, 1]; undefined is NaN.
"""

from dataclasses import dataclass

from voc_model.annotations import AnnotatedObject
from voc_model.evaluation import ClassMetrics, TruthCounts
from voc_model.metrics import DifficultConvention
from voc_web.query import ImageQuery, MetricsQuery, OverviewQuery, RankingQuery


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
    truth: str  # present, absent or difficult
    verdict: str  # right, wrong, difficult or unreadable: truth against score > threshold
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
class Section:
    """A run of consecutive ranks."""

    title: str
    first_rank: int
    last_rank: int
    cards: tuple[Card, ...]


@dataclass(frozen=True)
class ClassContext:
    """class.html"""

    query: RankingQuery
    name: str
    metrics: ClassMetrics
    images: int
    truth_above: TruthCounts  # of the images that score above the threshold
    recall: float
    sections: tuple[Section, ...]
    # first ranks of the neighbouring pages, None where there is none
    previous: int | None
    next: int | None
    last: int
    neighbours: tuple[ClassRow, ...]  # classes to go to, this one among them
    previous_class: str | None
    next_class: str | None


@dataclass(frozen=True)
class ScoreRow:
    """One class in the score list of an image."""

    class_name: str
    score: float
    rank: int
    truth: str
    verdict: str


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

    query: ImageQuery
    image_id: str
    width: int  # pixels of the original, 0 if it cannot be read
    height: int
    problem: str  # why the image cannot be shown, else empty
    annotation_problem: str  # why its boxes cannot be shown, else empty
    objects: int  # annotated, their boxes in the image or not
    boxes: tuple[Box, ...]
    scores: tuple[ScoreRow, ...]  # from the highest score down
    rank: int | None  # in the class that was come from
    previous: str | None  # image ids of the neighbours in that class's ranking
    next: str | None


@dataclass(frozen=True)
class MetricsContext:
    """metrics/average_precision.html and metrics/tail_accuracy.html"""

    query: MetricsQuery
    figure: str  # Plotly's JSON
    rows: tuple[ClassRow, ...]
    mean_average_precision: float
    classes_defined: int
    mean_tail: tuple[tuple[float, float, int, float], ...]  # threshold, accuracy, classes, images


@dataclass(frozen=True)
class FailureContext:
    """failure.html"""

    status: int
    title: str
    message: str
