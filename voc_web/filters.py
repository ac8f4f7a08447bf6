"""The part of a class's ranking that a query requests, and the filters as the page shows them."""

from dataclasses import dataclass, replace
from typing import Self, get_args

from voc_model.errors import NotFoundError, QueryError
from voc_model.store.selection import Outcome, RankingFilter, Selection, Truth
from voc_web.contexts import FilterChip, FilterChoice, Filters, RankSpan
from voc_web.opened_run import OpenedRun
from voc_web.query import ClassPageQuery, FilterQuery, RankingQuery

_MEANINGS: dict[Truth | Outcome | None, str] = {
    None: "all images",
    "present": "images that show the class",
    "absent": "images that do not show it",
    "difficult": "images whose only objects of the class are marked difficult",
    "not labelled": "images that nobody has labelled for the class",
    "TP": "true positives: present, score above the threshold",
    "FP": "false positives: absent, score above the threshold",
    "FN": "false negatives: present, score not above the threshold",
    "TN": "true negatives: absent, score not above the threshold",
}
_KEYS: dict[Truth | Outcome | None, str] = {None: "0", "TP": "1", "FP": "2", "FN": "3", "TN": "4"}


@dataclass(frozen=True)
class RankingPart:
    """Up to `size` consecutive ranks of a selection, starting at `offset`.

    URLs refer to a part by its first rank, so that they still lead to the same region of the
    ranking after the filters change.
    """

    selection: Selection
    offset: int
    size: int

    @property
    def ranks(self) -> list[int]:
        """The ranks of this part, in ascending order."""
        return self.selection.slice(self.offset, self.size)

    @property
    def previous(self) -> RankSpan | None:
        """The ranks of the part above; None at the top."""
        return self.span_at(max(self.offset - self.size, 0)) if self.offset else None

    @property
    def next(self) -> RankSpan | None:
        """The ranks of the part below; None at the end."""
        return self.span_at(self.offset + self.size)

    @property
    def last(self) -> RankSpan | None:
        """The ranks of the last full part; None if nothing is selected."""
        return self.span_at(max(len(self.selection) - self.size, 0))

    def or_last(self) -> Self:
        """Returns this part, or the last one if this part is beyond the end of the selection."""
        if self.offset < len(self.selection):
            return self
        return replace(self, offset=max(len(self.selection) - self.size, 0))

    def span_at(self, offset: int) -> RankSpan | None:
        """Returns the first and last rank of the part at an offset, from 0; None beyond the end."""
        end = min(offset + self.size, len(self.selection))
        if offset >= end:
            return None
        (first,), (last,) = (self.selection.slice(at, 1) for at in (offset, end - 1))
        return RankSpan(first, last)


def find_part(run: OpenedRun, class_index: int, query: RankingQuery) -> RankingPart:
    """Returns the part of a class's ranking that a query requests.

    Raises:
        QueryError: a rank is beyond the end of the ranking, or a class to filter by does not exist.
    """
    check_rank(run, "from", query.from_rank)
    check_rank(run, "around", query.around)
    selection = find_selection(run, class_index, query)
    if query.around is None:
        offset = selection.position_of(query.from_rank or 1)
    else:
        middle = selection.position_of(query.around) - query.size // 2
        offset = max(min(middle, len(selection) - query.size), 0)
    return RankingPart(selection, offset, query.size)


def check_rank(run: OpenedRun, name: str, rank: int | None) -> None:
    """Checks that the rank of a parameter exists.

    Raises:
        QueryError: it is beyond the end of the ranking.
    """
    images = len(run.table.image_ids)
    if rank is not None and rank > images:
        raise QueryError(
            f"{name} must be a rank from 1 to {images:,}, the number of images, not {rank}."
        )


def find_selection(run: OpenedRun, class_index: int, query: FilterQuery) -> Selection:
    """Returns the ranks of a class that a query's filters select.

    Raises:
        QueryError: a class to filter by does not exist.
    """
    chosen = RankingFilter(
        truth=query.truth,
        outcome=query.outcome,
        threshold=query.threshold,
        with_classes=_indices(run, "with", query.with_classes),
        without_classes=_indices(run, "without", query.without_classes),
        id_part=query.id_part,
        min_score=query.score_from,
        max_score=query.score_to,
    )
    return run.selections.find(class_index, chosen)


def make_filters(
    query: ClassPageQuery, classes: tuple[str, ...], has_unlabelled: bool = True
) -> Filters:
    """Returns the active filters of a query, and those that can be chosen.

    Args:
        query: what is requested.
        classes: the classes to filter by.
        has_unlabelled: whether to offer the images that nobody has labelled.
    """
    choices = _choices(query)
    return Filters(
        choices=tuple(it for it in choices if has_unlabelled or it.text != "not labelled"),
        chips=_chips(query),
        clear=query.arguments(**query.no_filters(), around=None),
        kept=query.model_dump(include={"size", "truth", "outcome", "scale"}, exclude_none=True)
        | query.listed(),
        classes=classes,
    )


def _indices(run: OpenedRun, parameter: str, names: tuple[str, ...]) -> tuple[int, ...]:
    try:
        return tuple(run.table.class_index(name) for name in names)
    except NotFoundError as error:
        raise QueryError(f"{parameter} must be the name of a class. {error}") from None


def _choices(query: RankingQuery) -> tuple[FilterChoice, ...]:
    """Returns the truths and outcomes to choose from, each with the parameters of its link."""
    choices = []
    for value, meaning in _MEANINGS.items():
        truth = value if value in get_args(Truth) else None
        outcome = value if value in get_args(Outcome) else None
        is_chosen = (truth, outcome) == (query.truth, query.outcome)
        arguments = query.arguments(truth=truth, outcome=outcome, from_rank=None, around=None)
        choices.append(
            FilterChoice(value or "All", meaning, arguments, is_chosen, _KEYS.get(value, ""))
        )
    return tuple(choices)


def _chips(query: RankingQuery) -> tuple[FilterChip, ...]:
    """Returns all other active filters, each with the parameters of the link that removes it."""
    chips = []

    def add(text: str, **without: object) -> None:
        chips.append(FilterChip(text, query.arguments(**without)))

    for prefix, field in (("also shows", "with_classes"), ("does not show", "without_classes")):
        names: tuple[str, ...] = getattr(query, field)
        for position, name in enumerate(names):
            add(f"{prefix} {name}", **{field: names[:position] + names[position + 1 :]})
    if query.id_part:
        add(f"id contains {query.id_part}", id_part="")
    low, high = query.score_from, query.score_to
    if low is not None or high is not None:
        limits = (("at least", low), ("at most", high))
        texts = [f"{word} {limit}" for word, limit in limits if limit is not None]
        add(f"score {' and '.join(texts)}", score_from=None, score_to=None)
    if query.around:
        add(f"around rank {query.around:,}", around=None)
    return tuple(chips)
