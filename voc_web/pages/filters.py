"""The filters of a class's ranking, as its page shows them."""

from typing import get_args

from voc_model.store.other_classes import Others
from voc_model.store.selection import Outcome, RankingFilter, Truth
from voc_web.formats import threshold_text
from voc_web.pages.contexts import FilterChip, FilterChoice, FilterClass, Filters
from voc_web.pages.filter_counts import ChoiceCounts, count_choices, follows_threshold
from voc_web.pages.queries import ClassPageQuery
from voc_web.query import RankingQuery
from voc_web.run.class_thresholds import AboveThreshold
from voc_web.run.opened_run import OpenedRun

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
_SAME_TRUTH: tuple[tuple[Outcome, Outcome], ...] = (("TP", "FN"), ("FP", "TN"))
_OTHERS: dict[Others, str] = {
    "right": "only present classes above {threshold}",
    "none": "no other class above {threshold}",
}
# The form for the other filters passes these on.
_NOT_IN_FORM = {"size", "truth", "outcome", "labels", "taken_for", "others", "scale"}
_KEYS: dict[Truth | Outcome | None, str] = {None: "0", "TP": "1", "FP": "2", "FN": "3", "TN": "4"}


def make_filters(
    run: OpenedRun,
    class_index: int,
    query: ClassPageQuery,
    chosen: RankingFilter,
    above: AboveThreshold,
) -> Filters:
    """Returns the active filters of a query, and those that can be chosen.

    Args:
        run: the run.
        class_index: the class.
        query: what is requested.
        chosen: its filters.
        above: the images above the threshold.
    """
    counts = count_choices(run, class_index, chosen, above)
    is_live = follows_threshold(run, chosen)
    choices = _choices(query, counts, is_live)
    has_unlabelled = run.metrics.classes[class_index].unknown or query.truth == "not labelled"
    return Filters(
        choices=tuple(it for it in choices if has_unlabelled or it.text != "not labelled"),
        chips=_chips(query),
        clear=query.arguments(**query.no_filters(), around=None),
        kept=query.model_dump(include=_NOT_IN_FORM, exclude_none=True) | query.listed(),
        is_open=query.model_copy(update=dict.fromkeys(_NOT_IN_FORM)).is_filtered
        or query.around is not None,
        depends_on_threshold=bool(counts and not is_live) or chosen.depends_on_threshold,
        classes=_classes(run, class_index, chosen),
    )


def _classes(run: OpenedRun, class_index: int, chosen: RankingFilter) -> tuple[FilterClass, ...]:
    """Returns the classes to filter by, with counts unless there are too many images."""
    selections, names = run.selections, run.table.classes
    if len(selections.find(class_index, chosen)) > selections.most_compared:
        return tuple(FilterClass(name, None, None) for name in names)
    counts = selections.count_classes(class_index, chosen)
    columns = zip(names, counts.present.tolist(), counts.absent.tolist(), strict=True)
    return tuple(FilterClass(*column) for column in columns)


def _choices(query: RankingQuery, counts: ChoiceCounts, live: bool) -> tuple[FilterChoice, ...]:
    """Returns the truths and outcomes to choose from, each with the parameters of its link."""
    choices = []
    for value, meaning in _MEANINGS.items():
        truth = value if value in get_args(Truth) else None
        outcome = value if value in get_args(Outcome) else None
        # At another threshold, a true positive is a false negative, and so on.
        same_truth = next((both for both in _SAME_TRUTH if value in both), (value,))
        choices.append(
            FilterChoice(
                text=value or "All",
                meaning=meaning,
                arguments=query.arguments(
                    truth=truth, outcome=outcome, from_rank=None, around=None
                ),
                is_chosen=(truth, outcome) == (query.truth, query.outcome),
                key=_KEYS.get(value, ""),
                count=counts.get(value),
                most=sum(counts[one] for one in same_truth) if counts else None,
                is_live=live and outcome is not None,
            )
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
    if query.labels:
        add("no label", labels=None)
    if query.taken_for:
        add(f"taken for {query.taken_for}", taken_for=None)
    if query.others:
        text = _OTHERS[query.others].format(threshold=threshold_text(query.threshold))
        add(text, others=None)
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
