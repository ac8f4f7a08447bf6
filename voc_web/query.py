"""The query string <-> what a page shows. All state of a page lives in its URL."""

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
            QueryError: a parameter has a value it cannot take; the message names both.
        """
        # An empty field of a form means the default.
        given = {name: value for name, value in request.args.items() if value != ""}
        try:
            return cls.model_validate(given)
        except ValidationError as error:
            reasons = [
                f"{item['loc'][0]}={item['input']!r}: {item['msg']}" for item in error.errors()
            ]
            raise QueryError("; ".join(reasons)) from None

    def arguments(self, **changes: object) -> dict[str, object]:
        """Returns the query string's parameters with some changed, defaults left out."""
        changed = self.model_copy(update=changes)
        return changed.model_dump(by_alias=True, exclude_defaults=True)


class ThresholdQuery(PageQuery):
    """Where a score counts as "yes"."""

    threshold: Annotated[float, Field(ge=0, le=1)] = 0.5

    def carried(self) -> dict[str, object]:
        """Returns the parameters that a link to another page takes along."""
        return self.model_dump(include={"threshold"}, exclude_defaults=True)


class RankingQuery(ThresholdQuery):
    """Which part of a class's ranking is shown."""

    from_rank: Annotated[int | None, Field(alias="from", ge=1)] = None
    size: Annotated[int, Field(ge=1, le=500)] = 50


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

    class_name: Annotated[str | None, Field(alias="class")] = None
