"""Lists of classes: what they are sorted by, and a few words about each."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from voc_web.formats import count_text, fraction_text, score_text
from voc_web.pages.contexts import SideClass, SideList
from voc_web.pages.queries import ClassListQuery, ClassPageQuery, SortKey
from voc_web.pages.tables import CLASSES_PER_PAGE, Value, sort_rows
from voc_web.query import ThresholdRule
from voc_web.run.class_rows import ClassRow, make_class_rows
from voc_web.run.class_thresholds import chosen_thresholds
from voc_web.run.opened_run import OpenedRun


@dataclass(frozen=True)
class Column:
    """A metric of the classes.

    Attributes:
        heading: on pages.
        field: in CSV files.
        value: of a class.
        text: formats a value.
    """

    heading: str
    field: str
    value: Value
    text: Callable[[float], str]

    def cell(self, row: ClassRow) -> str:
        """Returns the formatted value of a class."""
        return self.text(self.value(row))


COLUMNS: dict[SortKey, Column] = {
    "ap": Column("AP", "average_precision", lambda row: row.average_precision, fraction_text),
    "tail": Column(
        "Tail accuracy", "tail_accuracy", lambda row: row.at_half.precision, fraction_text
    ),
    "above": Column("Above", "images_above", lambda row: row.at.count, count_text),
    "threshold": Column("Threshold", "threshold", lambda row: row.at.threshold, score_text),
    "precision": Column("Precision", "precision", lambda row: row.at.precision, fraction_text),
    "recall": Column("Recall", "recall", lambda row: row.at.recall, fraction_text),
    "f1": Column("F1", "f1", lambda row: row.at.f1, fraction_text),
    "present": Column("Present", "present", lambda row: row.metrics.present, count_text),
}
_AT_HALF: tuple[SortKey, ...] = ("ap", "tail", "recall", "f1", "present")
_AT_OTHERS: tuple[SortKey, ...] = ("ap", "threshold", "precision", "recall", "f1")


def columns_of(rule: ThresholdRule) -> tuple[SortKey, ...]:
    """Returns the columns of the overview."""
    return _AT_HALF if rule == "half" else _AT_OTHERS


def sorted_classes(run: OpenedRun, query: ClassListQuery) -> Sequence[ClassRow]:
    """Returns all classes in the requested order; undefined values come last in either one."""
    rows = make_class_rows(run, query.ap, chosen_thresholds(run, query).classes)
    value = None if query.sort == "class" else COLUMNS[query.sort].value
    return sort_rows(rows, value, query.order)


def make_side_list(run: OpenedRun, index: int, query: ClassPageQuery) -> SideList:
    """Returns the classes around one in the requested order."""
    column = COLUMNS["ap" if query.sort == "class" else query.sort]
    rows = sorted_classes(run, query)

    def link(row: ClassRow) -> SideClass:
        name = row.metrics.name
        # An image of a class is never taken for that class.
        taken_for = None if name == query.taken_for else query.taken_for
        arguments = query.arguments(
            from_rank=None, around=None, threshold=row.at.threshold, taken_for=taken_for
        )
        return SideClass(name, column.cell(row), arguments)

    place = next(at for at, row in enumerate(rows) if row.index == index)
    start = max(min(place - CLASSES_PER_PAGE // 2, len(rows) - CLASSES_PER_PAGE), 0)
    page = place // CLASSES_PER_PAGE * CLASSES_PER_PAGE + 1
    arrow = "\N{DOWNWARDS ARROW}" if query.order == "descending" else "\N{UPWARDS ARROW}"
    return SideList(
        heading=column.heading,
        arrow="" if query.sort == "class" else arrow,
        classes=tuple(map(link, rows[start : start + CLASSES_PER_PAGE])),
        first=start + 1,
        total=len(rows),
        overview={**query.listed(), **({"from": page} if page > 1 else {})},
        previous=link(rows[place - 1]) if place else None,
        next=link(rows[place + 1]) if place + 1 < len(rows) else None,
    )


def describe_selected(row: ClassRow, is_at_half: bool) -> str:
    """Returns a text such as "31 above 0.5, 14 wrong: 6 labelled cat, 3 without a label".

    Args:
        row: the class.
        is_at_half: whether its threshold is 0.5, for which it is known what the wrong images show.
    """
    at, mistakes = row.at, row.metrics.mistakes
    threshold = "0.5" if is_at_half else score_text(at.threshold)
    if not at.count:
        return f"None above {threshold}"
    wrong = _part(at.count - at.true_positives, at.count)
    selected = f"{count_text(at.count)} above {threshold}, {wrong} wrong"
    shown = [
        f"{count_text(item.count)} {'' if place else 'labelled '}{item.name}"
        for place, item in enumerate(mistakes.most_shown)
    ]
    if mistakes.without_label:
        shown.append(f"{count_text(mistakes.without_label)} without a label")
    return f"{selected}: {', '.join(shown)}" if is_at_half and shown else selected


def describe_missed(row: ClassRow) -> str:
    """Returns a text such as "9 of 40 missed"."""
    present, missed = row.at.present, row.at.present - row.at.true_positives
    if not present:
        return "No image shows the class"
    of = "" if missed == present > 1 else "of "
    return f"{_part(missed, present).capitalize()} {of}{count_text(present)} missed"


def _part(count: int, total: int) -> str:
    """Returns "none", a count, or "all"; one of one is "1"."""
    if not count:
        return "none"
    return "all" if count == total > 1 else count_text(count)
