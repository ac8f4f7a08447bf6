"""The query string <-> what a page or an answer shows. All state lives in the URL."""

from typing import Annotated, Literal, Self

from flask import request
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from voc_model.errors import QueryError
from voc_model.metrics import Definition


class PageQuery(BaseModel):
    """Parameters of a page; those not of the page are ignored."""

    model_config = ConfigDict(populate_by_name=True, frozen=True)

    @classmethod
    def of_request(cls) -> Self:
        """Reads the query string of the current request.

        Raises:
            QueryError: a parameter has a value it cannot take, or is needed and not there; the
                message names it.
        """
        # An empty field of a form means the default.
        given = {name: value for name, value in request.args.items() if value != ""}
        try:
            return cls.model_validate(given)
        except ValidationError as error:
            reasons = [
                f"{item['loc'][0]}="
                + ("" if item["type"] == "missing" else repr(item["input"]))
                + f": {item['msg']}"
                for item in error.errors()
            ]
            raise QueryError("; ".join(reasons)) from None

    def arguments(self, **changes: object) -> dict[str, object]:
        """Returns the query string's parameters with some changed, defaults left out."""
        changed = self.model_copy(update=changes)
        return changed.model_dump(by_alias=True, exclude_defaults=True)


class ThresholdQuery(PageQuery):
    """Where a score counts as "yes"."""

    threshold: Annotated[
        float, Field(ge=0, le=1, description='a score above it counts as "yes"')
    ] = 0.5

    def carried(self) -> dict[str, object]:
        """Returns the parameters that a link to another page takes along."""
        return self.model_dump(include={"threshold"}, exclude_defaults=True)


class RankingQuery(ThresholdQuery):
    """Which part of a class's ranking is shown."""

    from_rank: Annotated[int | None, Field(alias="from", ge=1)] = None
    size: Annotated[int, Field(ge=1, le=500, description="how many ranks, at most")] = 50


class MetricsQuery(PageQuery):
    """Which average precision is meant."""

    ap: Definition = "sklearn"


class OverviewQuery(MetricsQuery):
    """How the classes are ordered, and from which one the list starts."""

    sort: Literal["class", "ap", "tail", "above", "present"] = "class"
    order: Literal["ascending", "descending"] = "ascending"
    from_row: Annotated[int, Field(alias="from", ge=1)] = 1


class ImageQuery(ThresholdQuery):
    """In which class's ranking the image's neighbours are looked up."""

    class_name: Annotated[
        str | None, Field(alias="class", description="the ranking to find the image's place in")
    ] = None


# Of the API, where names of classes and images are parameters too: they may hold any characters,
# slashes among them, and a path would not keep those apart from its own.

_ClassName = Annotated[str, Field(alias="class", description="the name of a class")]


class ClassQuery(PageQuery):
    """Which class is meant."""

    class_name: _ClassName


class ClassThresholdQuery(ThresholdQuery):
    """Which class is meant, and where a score counts as "yes"."""

    class_name: _ClassName


class ClassRankingQuery(RankingQuery):
    """Which class is meant, and which part of its ranking."""

    class_name: _ClassName
    from_rank: Annotated[int, Field(alias="from", ge=1, description="the first rank")] = 1


class OneImageQuery(ImageQuery):
    """Which image is meant, and in which class's ranking its neighbours are looked up."""

    image_id: Annotated[str, Field(alias="image", description="the id of an image")]


def span(first_rank: int, size: int, images: int) -> tuple[int, int]:
    """Returns the first and last of `size` ranks, as far as the ranking goes.

    Raises:
        QueryError: it does not go as far as the first.
    """
    if first_rank > images:
        raise QueryError(f"from={first_rank}: the ranking ends at rank {images}.")
    return first_rank, min(first_rank + size - 1, images)
