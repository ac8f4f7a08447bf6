"""What the overview says about a class, in words."""

import pytest

from voc_model.metrics.mistakes import Mistakes, ShownClass
from voc_model.metrics.run_metrics import ClassMetrics
from voc_web.pages.class_list import describe_missed, describe_selected
from voc_web.run.class_rows import ClassRow
from voc_web.run.class_thresholds import AtThreshold


def make_row(
    count: int, found: int, present: int, shown: dict[str, int], without: int = 0, at: float = 0.5
) -> ClassRow:
    """Returns a class of which `count` images are above the threshold, `found` of them present."""
    mistakes = Mistakes(
        false_positives=count - found,
        false_negatives=present - found,
        most_shown=[ShownClass(name=name, count=number) for name, number in shown.items()],
        without_label=without,
        highest_absent=[],
        lowest_present=[],
    )
    metrics = ClassMetrics.model_construct(present=present, mistakes=mistakes)
    return ClassRow(0, metrics, 0.5, AtThreshold(at, count, found, present))


@pytest.mark.parametrize(
    ("row", "selected", "missed"),
    [
        (
            make_row(31, 17, 40, {"diningtable": 6, "chair": 2}, 3),
            "31 above 0.5, 14 wrong: 6 labelled diningtable, 2 chair, 3 without a label",
            "23 of 40 missed",
        ),
        (make_row(1, 0, 1, {"cat": 1}), "1 above 0.5, 1 wrong: 1 labelled cat", "1 of 1 missed"),
        (make_row(4, 0, 3, {}, 4), "4 above 0.5, all wrong: 4 without a label", "All 3 missed"),
        (make_row(3, 2, 2, {}), "3 above 0.5, 1 wrong", "None of 2 missed"),
        (make_row(1234, 1234, 5000, {}), "1,234 above 0.5, none wrong", "3,766 of 5,000 missed"),
        (make_row(0, 0, 3, {}), "None above 0.5", "All 3 missed"),
        (
            make_row(2, 0, 0, {"cat": 2}),
            "2 above 0.5, all wrong: 2 labelled cat",
            "No image shows the class",
        ),
    ],
)
def test_counts_in_words(row: ClassRow, selected: str, missed: str) -> None:
    assert describe_selected(row, is_at_half=True) == selected
    assert describe_missed(row) == missed


def test_what_wrong_images_show_is_only_known_at_a_half() -> None:
    row = make_row(31, 17, 40, {"cat": 6}, 3, at=0.25)
    assert describe_selected(row, is_at_half=False) == "31 above 0.2500, 14 wrong"
