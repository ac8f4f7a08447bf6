"""The query parameters of the pages: all that a reader can choose."""

from typing import Annotated, Literal

from pydantic import Field

from voc_web.charts.rank_scale import ScaleName
from voc_web.pages.pins import join_names, split_names, toggled
from voc_web.query import (
    FilterQuery,
    ImageRankQuery,
    MetricsQuery,
    PageQuery,
    RankingQuery,
    TailGridQuery,
    Text,
    ThresholdQuery,
    ThresholdsQuery,
)

SortKey = Literal[
    "class", "ap", "tail", "above", "present", "threshold", "precision", "recall", "f1"
]
Order = Literal["ascending", "descending"]


class ClassListQuery(MetricsQuery, ThresholdsQuery):
    """How a list of classes is sorted, and the threshold of each."""

    sort: SortKey = "class"
    order: Order = "ascending"

    def listed(self) -> dict[str, object]:
        """Returns the parameters that links between classes keep."""
        kept = set(ClassListQuery.model_fields)
        return self.model_dump(include=kept, by_alias=True, exclude_defaults=True)


class TableQuery(PageQuery):
    """Which classes a table lists, and the first row shown."""

    from_row: Annotated[int, Field(alias="from", ge=1)] = 1
    name_part: Annotated[Text, Field(alias="name")] = ""


class LinkedRankingQuery(FilterQuery, ClassListQuery):
    """The ranking that links lead back to, and the list of classes beside it."""

    def carried(self) -> dict[str, object]:
        """Returns threshold and filters, and how the classes are listed."""
        return {**self.only_filters(), **self.listed()}


class OverviewQuery(ClassListQuery, TableQuery):
    """Which classes the overview shows, and which images of each."""

    show: Literal["scores", "mistakes", "misses"] = "scores"


class CurvesQuery(TableQuery):
    """Which curves are pinned, and how the table beside them is sorted."""

    order: Order = "ascending"
    compare: Annotated[
        str, Field(description="up to four classes to compare; a comma in a name is written \\,")
    ] = ""

    @property
    def pinned(self) -> tuple[str, ...]:
        """The name in each slot, empty for a free one."""
        return split_names(self.compare)

    def slot(self, name: str) -> int:
        """Returns the slot of a pinned class, from 1; 0 if it is not pinned."""
        return self.pinned.index(name) + 1 if name in self.pinned else 0

    def toggle(self, name: str) -> dict[str, object] | None:
        """Returns the parameters of the link that pins or unpins a class; None if all are taken."""
        names = toggled(self.pinned, name)
        return None if names is None else self.arguments(compare=join_names(names))


class AveragePrecisionQuery(CurvesQuery, MetricsQuery):
    """How the classes are sorted by average precision."""

    sort: Literal["class", "sklearn", "voc2010", "voc2007", "accuracy", "baseline", "present"] = (
        "class"
    )


class TailQuery(CurvesQuery, TailGridQuery, ThresholdQuery):
    """The grid of the chart, the threshold of the table, and how its classes are sorted."""

    threshold: Annotated[
        float, Field(ge=0.5, le=1, description="images with score > threshold are counted")
    ] = 0.5
    sort: Literal["class", "tail", "above", "highest"] = "class"


class ClassPageQuery(RankingQuery, LinkedRankingQuery):
    """What a class page shows, and the list of classes beside it."""

    scale: ScaleName | None = None  # of the strip; by default, the one that suits the images
    curves: Literal["open"] | None = None
    view: Annotated[
        int | None, Field(ge=1, description="the rank of the image in the large view")
    ] = None

    def arguments(self, **changes: object) -> dict[str, object]:
        """Returns the parameters of a link, without the large view unless it is given."""
        return super().arguments(**{"view": None, **changes})


class ImageQuery(ImageRankQuery, LinkedRankingQuery):
    """The ranking the reader came from, with its filters and list of classes for the link back."""
