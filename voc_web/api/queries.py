"""The query parameters of the API.

Class and image names are parameters rather than parts of the path, since they may contain any
characters, including slashes.
"""

from typing import Annotated

from pydantic import Field

from voc_model.metrics.curves import MAX_RANK_BLOCKS
from voc_web.query import (
    FilterQuery,
    ImageRankQuery,
    PageQuery,
    RankingQuery,
    TailGridQuery,
    Text,
    ThresholdQuery,
)

_ClassName = Annotated[str, Field(alias="class", description="name of the class")]


class ClassQuery(PageQuery):
    """The class."""

    class_name: _ClassName


class ClassTailQuery(TailGridQuery, ClassQuery):
    """The class and the grid of thresholds."""


class StripQuery(ClassQuery):
    """The class and the resolution of its strip."""

    bins: Annotated[int, Field(ge=1, le=MAX_RANK_BLOCKS, description="maximum number of bins")] = (
        1000
    )


class ClassThresholdQuery(ThresholdQuery):
    """The class and the decision threshold."""

    class_name: _ClassName


class ClassFilterQuery(FilterQuery):
    """The class and which images of its ranking."""

    class_name: _ClassName


class ClassRankingQuery(RankingQuery):
    """The class and the part of its ranking."""

    class_name: _ClassName
    from_rank: Annotated[int, Field(alias="from", ge=1, description="the first rank")] = 1


class FindImagesQuery(PageQuery):
    """Which images to find."""

    contains: Annotated[
        Text, Field(min_length=1, description="text that the image id contains, ignoring case")
    ]
    limit: Annotated[int, Field(ge=1, le=500, description="maximum number of images")] = 20


class OneImageQuery(ImageRankQuery):
    """The image, and the class in whose ranking its rank and neighbours are looked up."""

    image_id: Annotated[str, Field(alias="image", description="id of the image")]
