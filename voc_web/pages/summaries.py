"""What the images of one outcome are taken for or show, each count with a link to these images."""

from dataclasses import replace

import numpy as np

from voc_model.errors import QueryError
from voc_model.store.other_classes import CODE_OF_OTHERS
from voc_model.store.selection import RankingFilter
from voc_web.formats import count_text, threshold_text
from voc_web.pages.contexts import Summary, SummaryLink
from voc_web.query import RankingQuery
from voc_web.run.opened_run import OpenedRun

_SHOWN = 8  # classes; further ones are folded


def make_summary(
    run: OpenedRun, class_index: int, query: RankingQuery, chosen: RankingFilter
) -> Summary | None:
    """Returns what false negatives are taken for, or false positives show; None without either.

    Args:
        run: the run.
        class_index: the class.
        query: what is requested.
        chosen: its filters.
    """
    if query.outcome == "FN":
        return _taken_for(run, class_index, query, chosen)
    if query.outcome == "FP":
        return _shown(run, class_index, query, chosen)
    return None


def _taken_for(
    run: OpenedRun, class_index: int, query: RankingQuery, chosen: RankingFilter
) -> Summary | None:
    threshold = threshold_text(query.threshold)
    heading = "Taken for"
    try:
        _, codes = run.selections.find_taken_for(class_index, chosen)
    except QueryError:
        return _omitted(run, heading)
    names, numbers = np.unique(codes, return_counts=True)
    counts: dict[int, int] = dict(zip(names.tolist(), numbers.tolist(), strict=True))

    def link(text: str, meaning: str, code: int, **filters: object) -> SummaryLink:
        arguments = _arguments(query, **{"taken_for": None, "others": None, **filters})
        is_chosen = all(getattr(query, name) == value for name, value in filters.items())
        return SummaryLink(text, meaning, counts.get(code, 0), arguments, is_chosen)

    taken_for = [
        link(name, f"taken for {name}", code, taken_for=name)
        for code, name in enumerate(run.table.classes)
        if code in counts
    ]
    right = f"other classes are above {threshold}, none of them absent"
    none = f"no other class is above {threshold}"
    others = (
        link("only present classes", right, CODE_OF_OTHERS["right"], others="right"),
        link(f"no other class above {threshold}", none, CODE_OF_OTHERS["none"], others="none"),
    )
    note = (
        f"The absent class with the highest score above {threshold}, the threshold of this page. "
        "Each image counts once."
    )
    return _summary(heading, note, taken_for, others)


def _shown(
    run: OpenedRun, class_index: int, query: RankingQuery, chosen: RankingFilter
) -> Summary | None:
    heading = "Shows"
    base = replace(chosen, without_label=False)
    if len(run.selections.find(class_index, base)) > run.selections.most_compared:
        return _omitted(run, heading)
    counts = run.selections.count_classes(class_index, base)

    def link(name: str, count: int) -> SummaryLink:
        arguments = _arguments(query, with_classes=(*query.with_classes, name), labels=None)
        return SummaryLink(name, f"also show {name}", count, arguments, is_chosen=False)

    shown = [
        link(name, count)
        for name, count in zip(run.table.classes, counts.present.tolist(), strict=True)
        if count and name not in query.with_classes
    ]
    arguments = _arguments(query, labels="none")
    meaning = "labelled, but no class is present or difficult"
    none = SummaryLink("no label", meaning, counts.without, arguments, query.labels == "none")
    note = "The classes that are present. An image that shows several counts for each."
    return _summary(heading, note, shown, (none,))


def _summary(
    heading: str, note: str, classes: list[SummaryLink], others: tuple[SummaryLink, ...]
) -> Summary | None:
    """Returns the links with any images, by descending count; None if there are none."""
    classes.sort(key=lambda link: -link.count)
    # A single one takes no more space than the link to it.
    shown = _SHOWN if len(classes) > _SHOWN + 1 else len(classes)
    others = tuple(link for link in others if link.count or link.is_chosen)
    if not classes and not others:
        return None
    return Summary(heading, note, tuple(classes[:shown]), tuple(classes[shown:]), others)


def _omitted(run: OpenedRun, heading: str) -> Summary:
    most = count_text(run.selections.most_compared)
    return Summary(heading, f"Counted for up to {most} images. Add a filter.")


def _arguments(query: RankingQuery, **changes: object) -> dict[str, object]:
    """Returns the parameters of a link to the top of other images."""
    return query.arguments(from_rank=None, around=None, **changes)
