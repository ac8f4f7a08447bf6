"""The query parameters of pages and API endpoints. All state of a page is in its URL."""

from typing import Annotated, Literal, Self
from urllib.parse import urlencode

from flask import request
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from voc_model.errors import QueryError
from voc_model.metrics.precision_recall import Definition
from voc_model.metrics.tail_accuracy import TailGrid
from voc_model.store.other_classes import Others
from voc_model.store.selection import Outcome, Truth
from voc_web.parameters import describe_errors

# Hundreds of links of a page repeat the parameters, and so do two in the headers of a response.
_MAX_LENGTH = 8000
_MAX_REPEATED = 50

ThresholdRule = Literal["half", "best-f1", "precision"]


class PageQuery(BaseModel):
    """Base of all queries. Unknown parameters are ignored."""

    model_config = ConfigDict(populate_by_name=True, frozen=True)

    @classmethod
    def of_request(cls) -> Self:
        """Reads the query string of the current request.

        Raises:
            QueryError: a parameter is invalid, or a required one is missing.
        """
        given = cls._given()
        length = len(urlencode(given, doseq=True))
        if length > _MAX_LENGTH:
            raise QueryError(
                f"The parameters must not be longer than {_MAX_LENGTH:,} characters; "
                f"these have {length:,}."
            )
        try:
            return cls.model_validate(given)
        except ValidationError as error:
            raise QueryError(describe_errors(cls, error)) from None

    @classmethod
    def repeatable(cls) -> set[str]:
        """Returns the parameters that may be repeated."""
        fields = cls.model_fields.items()
        return {field.alias or name for name, field in fields if field.default == ()}

    @classmethod
    def _given(cls) -> dict[str, str | list[str]]:
        """Returns the known parameters of the current request, each value once."""
        known = {field.alias or name for name, field in cls.model_fields.items()}
        repeatable = cls.repeatable()
        given: dict[str, str | list[str]] = {}
        for name in known & request.args.keys():
            # An empty form field means the default.
            filled = dict.fromkeys(value for value in request.args.getlist(name) if value != "")
            if filled:
                given[name] = list(filled) if name in repeatable else next(iter(filled))
        return given

    def arguments(self, **changes: object) -> dict[str, object]:
        """Returns the parameters of a link to this view with some changed, without defaults."""
        changed = self.model_copy(update=changes)
        return changed.model_dump(by_alias=True, exclude_defaults=True)


class ThresholdQuery(PageQuery):
    """The decision threshold: the class is predicted where score > threshold."""

    threshold: Annotated[
        float, Field(ge=0, le=1, description="the class is predicted where score > threshold")
    ] = 0.5

    def carried(self) -> dict[str, object]:
        """Returns the parameters that links to other pages keep."""
        return self.only_threshold()

    def only_threshold(self) -> dict[str, object]:
        """Returns the threshold as a link parameter, unless it is the default."""
        return self.model_dump(include={"threshold"}, exclude_defaults=True)


Text = Annotated[str, StringConstraints(strip_whitespace=True)]


class FilterQuery(ThresholdQuery):
    """Which images of a class's ranking are shown; conditions are combined with "and"."""

    truth: Annotated[
        Truth | None, Field(description="only images with this label of the class")
    ] = None
    outcome: Annotated[
        Outcome | None, Field(description="only true/false positives/negatives at the threshold")
    ] = None
    with_classes: Annotated[
        tuple[str, ...],
        Field(
            alias="with",
            max_length=_MAX_REPEATED,
            description="only images in which these classes are present",
        ),
    ] = ()
    without_classes: Annotated[
        tuple[str, ...],
        Field(
            alias="without",
            max_length=_MAX_REPEATED,
            description="only images in which these classes are absent",
        ),
    ] = ()
    labels: Annotated[
        Literal["none"] | None,
        Field(description="only labelled images in which no class is present or difficult"),
    ] = None
    taken_for: Annotated[
        str | None,
        Field(
            description="only images taken for this class: of the other classes that are absent, "
            "it has the highest score above the threshold"
        ),
    ] = None
    others: Annotated[
        Others | None,
        Field(
            description="only images with no absent class among the other classes above the "
            "threshold, which are some (right) or none (none)"
        ),
    ] = None
    id_part: Annotated[
        Text,
        Field(alias="id", description="only images whose id contains this text, ignoring case"),
    ] = ""
    score_from: Annotated[
        float | None, Field(ge=0, le=1, description="only images with at least this score")
    ] = None
    score_to: Annotated[
        float | None, Field(ge=0, le=1, description="only images with at most this score")
    ] = None

    def carried(self) -> dict[str, object]:
        """Returns threshold and filters, so that links back to the ranking keep them."""
        return self.only_filters()

    def only_filters(self) -> dict[str, object]:
        """Returns threshold and filters as link parameters."""
        kept = {"threshold", *self.no_filters()}
        return self.model_dump(include=kept, by_alias=True, exclude_defaults=True)

    @classmethod
    def no_filters(cls) -> dict[str, object]:
        """Returns the filter fields with their defaults, which filter nothing."""
        fields = FilterQuery.model_fields.items()
        return {
            name: field.default for name, field in fields if name not in ThresholdQuery.model_fields
        }

    @property
    def is_filtered(self) -> bool:
        """Whether any filter is active."""
        return any(getattr(self, name) != unset for name, unset in self.no_filters().items())


class RankingQuery(FilterQuery):
    """Which part of a class's ranking is shown."""

    from_rank: Annotated[int | None, Field(alias="from", ge=1, description="the first rank")] = None
    size: Annotated[int, Field(ge=1, le=500, description="maximum number of images")] = 50
    around: Annotated[
        int | None, Field(ge=1, description="a rank around which to show images, instead of from")
    ] = None


class MetricsQuery(PageQuery):
    """Which definition of average precision is shown."""

    ap: Definition = "sklearn"


class TailGridQuery(PageQuery):
    """At which thresholds tail accuracy is shown."""

    grid: Annotated[
        TailGrid,
        Field(
            description="thresholds up to each class's highest score, given as such (threshold) or "
            "as positions between 0.5 and that score (highest), or thresholds that each separate a "
            "percentage of a class's images (percentile)"
        ),
    ] = "threshold"

    def only_grid(self) -> dict[str, object]:
        """Returns the grid as a link parameter, unless it is the default."""
        return self.model_dump(include={"grid"}, exclude_defaults=True)


class ThresholdsQuery(PageQuery):
    """How the thresholds of all classes are chosen."""

    thresholds: Annotated[
        ThresholdRule,
        Field(
            description="0.5 for every class (half), the highest F1 of each class, or its highest "
            "recall at a required precision"
        ),
    ] = "half"
    precision: Annotated[
        float,
        Field(ge=0.01, le=1, description="the required precision, for thresholds=precision"),
    ] = 0.9


class ImageRankQuery(ThresholdQuery):
    """The class in whose ranking the image's rank and neighbours are looked up."""

    class_name: Annotated[
        str | None,
        Field(
            alias="class", description="the class in whose ranking to look up rank and neighbours"
        ),
    ] = None
