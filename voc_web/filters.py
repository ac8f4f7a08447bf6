"""A query's filters -> the part of a class's ranking that it asks for, and how they are told."""

from dataclasses import dataclass, replace
from typing import Self, get_args

from voc_model.errors import NotFoundError, QueryError
from voc_model.store.selection import Outcome, RankingFilter, Selection, Truth
from voc_web.contexts import FilterChip, FilterChoice, Filters
from voc_web.opened_run import OpenedRun
from voc_web.query import FilterQuery, RankingQuery

_MEANINGS: dict[Truth | Outcome | None, str] = {
    None: "every image",
    "present": "images that show the class",
    "absent": "images that do not show it",
    "difficult": "images that show it only in objects marked as difficult",
    "TP": "true positives: present, and scored above the threshold",
    "FP": "false positives: absent, yet scored above the threshold",
    "FN": "false negatives: present, yet not scored above the threshold",
    "TN": "true negatives: absent, and not scored above the threshold",
}


@dataclass(frozen=True)
class RankingPart:
    """At most `size` of the selected ranks, from a place among them on.

    A part is addressed by its first rank, so that the address means the same place of the ranking
    when filters change.
    """

    selection: Selection
    place: int
    size: int

    @property
    def ranks(self) -> list[int]:
        """The ranks of this part, in ascending order."""
        return self.selection.slice(self.place, self.size)

    @property
    def previous(self) -> int | None:
        """The rank at which the part above begins; None at the top."""
        return self._rank_at(max(self.place - self.size, 0)) if self.place else None

    @property
    def next(self) -> int | None:
        """The rank at which the part below begins; None at the end."""
        return self._rank_at(self.place + self.size)

    @property
    def last(self) -> int | None:
        """The rank at which the last full part begins; None if nothing is selected."""
        return self._rank_at(max(len(self.selection) - self.size, 0))

    def or_last(self) -> Self:
        """Returns this part, or the last one where none of the selected ranks stands so low."""
        if self.place < len(self.selection):
            return self
        return replace(self, place=max(len(self.selection) - self.size, 0))

    def _rank_at(self, place: int) -> int | None:
        return next(iter(self.selection.slice(place, 1)), None)


def find_part(run: OpenedRun, class_index: int, query: RankingQuery) -> RankingPart:
    """Returns the part of a class's ranking that a query asks for.

    Raises:
        QueryError: the ranking does not go so far, or a class to filter by does not exist.
    """
    images = len(run.table.image_ids)
    for name, rank in (("from", query.from_rank), ("around", query.around)):
        if rank is not None and rank > images:
            raise QueryError(f"{name}={rank}: the ranking ends at rank {images}.")
    selection = run.selections.find(class_index, _ranking_filter(run, query))
    if query.around is None:
        place = selection.position_of(query.from_rank or 1)
    else:
        middle = selection.position_of(query.around) - query.size // 2
        place = max(min(middle, len(selection) - query.size), 0)
    return RankingPart(selection, place, query.size)


def make_filters(query: RankingQuery, classes: tuple[str, ...]) -> Filters:
    """Returns what is told of a query's filters, and what else there is to filter by."""
    return Filters(
        choices=_choices(query),
        chips=_chips(query),
        clear=query.arguments(**query.no_filters(), around=None),
        kept=query.model_dump(include={"size", "truth", "outcome"}, exclude_none=True),
        classes=classes,
    )


def _ranking_filter(run: OpenedRun, query: FilterQuery) -> RankingFilter:
    return RankingFilter(
        truth=query.truth,
        outcome=query.outcome,
        threshold=query.threshold,
        with_classes=_indices(run, "with", query.with_classes),
        without_classes=_indices(run, "without", query.without_classes),
        id_part=query.id_part,
        min_score=query.score_from,
        max_score=query.score_to,
    )


def _indices(run: OpenedRun, parameter: str, names: tuple[str, ...]) -> tuple[int, ...]:
    try:
        return tuple(run.table.class_index(name) for name in names)
    except NotFoundError as error:
        raise QueryError(f"{parameter}=: {error}") from None


def _choices(query: RankingQuery) -> tuple[FilterChoice, ...]:
    """Returns the truths and outcomes to choose from, each with the query's parameters for it."""
    choices = []
    for value, meaning in _MEANINGS.items():
        truth = value if value in get_args(Truth) else None
        outcome = value if value in get_args(Outcome) else None
        is_chosen = (truth, outcome) == (query.truth, query.outcome)
        text = f"{outcome} at {query.threshold}" if outcome and is_chosen else value or "All"
        arguments = query.arguments(truth=truth, outcome=outcome, from_rank=None, around=None)
        choices.append(FilterChoice(text, meaning, arguments, is_chosen))
    return tuple(choices)


def _chips(query: RankingQuery) -> tuple[FilterChip, ...]:
    """Returns what is told of each filter beyond those, with the parameters without it."""
    chips = []

    def add(text: str, **without: object) -> None:
        chips.append(FilterChip(text, query.arguments(**without)))

    for prefix, field in (("with", "with_classes"), ("without", "without_classes")):
        names: tuple[str, ...] = getattr(query, field)
        for place, name in enumerate(names):
            add(f"{prefix} {name}", **{field: names[:place] + names[place + 1 :]})
    if query.id_part:
        add(f"id contains {query.id_part}", id_part="")
    low, high = query.score_from, query.score_to
    if low is not None or high is not None:
        ends = (f"from {low}" if low is not None else "", f"to {high}" if high is not None else "")
        add(" ".join(filter(None, ("score", *ends))), score_from=None, score_to=None)
    if query.around:
        add(f"around rank {query.around:,}", around=None)
    return tuple(chips)
