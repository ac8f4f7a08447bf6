"""The query string <-> what a page or an answer shows. All state lives in the URL."""

from typing import Annotated, Literal, Self

from flask import request
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from voc_model.errors import QueryError
from voc_model.metrics.curves import MAX_RANK_BLOCKS
from voc_model.metrics.precision_recall import Definition
from voc_model.store.selection import Outcome, Truth


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
        given: dict[str, object] = {}
        for name, values in request.args.lists():
            filled = [value for value in values if value != ""]
            if filled:
                given[name] = filled if name in cls.repeatable() else filled[0]
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

    @classmethod
    def repeatable(cls) -> set[str]:
        """Returns the parameters that may come more than once."""
        fields = cls.model_fields.items()
        return {field.alias or name for name, field in fields if field.default == ()}

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
        return self.only_threshold()

    def only_threshold(self) -> dict[str, object]:
        """Returns the threshold as a parameter, unless it is the default."""
        return self.model_dump(include={"threshold"}, exclude_defaults=True)


_Text = Annotated[str, StringConstraints(strip_whitespace=True)]


class FilterQuery(ThresholdQuery):
    """Which images of a class's ranking are shown; all conditions hold together."""

    truth: Annotated[
        Truth | None, Field(description="only images of which the labels say this of the class")
    ] = None
    outcome: Annotated[
        Outcome | None, Field(description="only those: true or false, positive or negative")
    ] = None
    with_classes: Annotated[
        tuple[str, ...], Field(alias="with", description="only images that show these classes, too")
    ] = ()
    without_classes: Annotated[
        tuple[str, ...],
        Field(alias="without", description="only images in which these classes are absent"),
    ] = ()
    id_part: Annotated[
        _Text,
        Field(alias="id", description="only images whose id contains this, in any case"),
    ] = ""
    score_from: Annotated[
        float | None, Field(ge=0, le=1, description="only images that score at least this")
    ] = None
    score_to: Annotated[
        float | None, Field(ge=0, le=1, description="only images that score at most this")
    ] = None

    def carried(self) -> dict[str, object]:
        """Returns threshold and filters, so that links back keep them."""
        kept = {"threshold", *self.no_filters()}
        return self.model_dump(include=kept, by_alias=True, exclude_defaults=True)

    @classmethod
    def no_filters(cls) -> dict[str, object]:
        """Returns the fields that filter, as they are when none does."""
        fields = FilterQuery.model_fields.items()
        return {
            name: field.default for name, field in fields if name not in ThresholdQuery.model_fields
        }

    @property
    def is_filtered(self) -> bool:
        """Whether any filter is set."""
        return any(getattr(self, name) != unset for name, unset in self.no_filters().items())


class RankingQuery(FilterQuery):
    """Which part of a class's ranking is shown."""

    from_rank: Annotated[
        int | None, Field(alias="from", ge=1, description="the rank to begin at")
    ] = None
    size: Annotated[int, Field(ge=1, le=500, description="how many ranks, at most")] = 50
    around: Annotated[
        int | None, Field(ge=1, description="a rank to show in the middle, in place of from")
    ] = None


class ClassPageQuery(RankingQuery):
    """What the page of a class shows."""

    curves: Literal["open"] | None = None


class MetricsQuery(PageQuery):
    """Which average precision is meant."""

    ap: Definition = "sklearn"


class OverviewQuery(MetricsQuery):
    """How the classes are ordered, and from which one the list starts."""

    sort: Literal["class", "ap", "tail", "above", "present"] = "class"
    order: Literal["ascending", "descending"] = "ascending"
    from_row: Annotated[int, Field(alias="from", ge=1)] = 1


class PlaceQuery(ThresholdQuery):
    """In which class's ranking the image's neighbours are looked up."""

    class_name: Annotated[
        str | None, Field(alias="class", description="the ranking to find the image's place in")
    ] = None


class ImageQuery(PlaceQuery, FilterQuery):
    """Where the image was come from; the filters are for the way back."""


# Of the API, where names of classes and images are parameters too: they may hold any characters,
# slashes among them, and a path would not keep those apart from its own.

_ClassName = Annotated[str, Field(alias="class", description="the name of a class")]


class ClassQuery(PageQuery):
    """Which class is meant."""

    class_name: _ClassName


class StripQuery(ClassQuery):
    """Which class is meant, and how finely."""

    bins: Annotated[
        int, Field(ge=1, le=MAX_RANK_BLOCKS, description="how many runs of ranks, at most")
    ] = 1000


class ClassThresholdQuery(ThresholdQuery):
    """Which class is meant, and where a score counts as "yes"."""

    class_name: _ClassName


class ClassRankingQuery(RankingQuery):
    """Which class is meant, and which part of its ranking."""

    class_name: _ClassName
    from_rank: Annotated[int, Field(alias="from", ge=1, description="the first rank")] = 1


class OneImageQuery(PlaceQuery):
    """Which image is meant, and in which class's ranking its neighbours are looked up."""

    image_id: Annotated[str, Field(alias="image", description="the id of an image")]
