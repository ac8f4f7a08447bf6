"""How many images each label and outcome of a class would select, beside the other filters."""

from collections import Counter
from dataclasses import replace

from voc_model.data.labels import ABSENT, PRESENT
from voc_model.errors import QueryError
from voc_model.store.other_classes import find_labels
from voc_model.store.selection import LABEL_OF_TRUTH, Outcome, RankingFilter, Truth
from voc_web.run.class_thresholds import AboveThreshold
from voc_web.run.opened_run import OpenedRun

ChoiceCounts = dict[Truth | Outcome | None, int]

# Labels of more images are not counted, and more images are not searched only for a count.
_MAX_COUNTED, _MAX_SEARCHED = 100_000, 1_000_000


def count_choices(
    run: OpenedRun, class_index: int, chosen: RankingFilter, above: AboveThreshold
) -> ChoiceCounts:
    """Returns the number of images per choice, None being all; empty if counting takes too long.

    Args:
        run: the run.
        class_index: the class.
        chosen: the filters, of which the label and the outcome are replaced.
        above: the images above the threshold.
    """
    others = replace(chosen, truth=None, outcome=None)
    if follows_threshold(run, chosen):
        return _count_all(run, class_index, above)
    if len(run.table.image_ids) > _MAX_SEARCHED and others != chosen:
        return {}
    try:
        selection = run.selections.find(class_index, others)
    except QueryError:  # Too many to compare their classes.
        return {}
    if len(selection) > _MAX_COUNTED:
        return {}
    labels = run.selections.find_labels(class_index, others)
    readable = run.table.class_ranking(class_index).count_readable()
    end = selection.position_of(readable + 1)
    split = min(selection.position_of(above.rank + 1), end)
    positives, negatives = (Counter(part.tolist()) for part in (labels[:split], labels[split:end]))
    truths = Counter(labels.tolist())
    return {
        None: len(selection),
        **{truth: truths[label] for truth, label in LABEL_OF_TRUTH.items()},
        **{"TP": positives[PRESENT], "FP": positives[ABSENT]},
        **{"FN": negatives[PRESENT], "TN": negatives[ABSENT]},
    }


def follows_threshold(run: OpenedRun, chosen: RankingFilter) -> bool:
    """Returns whether outcomes are counted among all images, as the page's other counts are.

    Filters take no notice of the convention for difficult objects, but the counts of curves do.
    """
    others = replace(chosen, truth=None, outcome=None, threshold=0.5)
    return others == RankingFilter() and run.metrics.difficult == "ignore"


def _count_all(run: OpenedRun, class_index: int, above: AboveThreshold) -> ChoiceCounts:
    metrics, counts = run.metrics.classes[class_index], above.counts
    if metrics.unreadable > _MAX_COUNTED:
        return {}
    # Those that cannot be read are in no metric, but have labels.
    unreadable = run.cached(_unreadable_labels, class_index)
    readable = (metrics.present, metrics.absent, metrics.ignored, metrics.unknown)
    truths = zip(LABEL_OF_TRUTH.items(), readable, strict=True)
    return {
        None: len(run.table.image_ids),
        **{truth: number + unreadable[label] for (truth, label), number in truths},
        **{"TP": counts.present, "FP": counts.absent},
        **{"FN": metrics.present - counts.present, "TN": metrics.absent - counts.absent},
    }


def _unreadable_labels(run: OpenedRun, class_index: int) -> Counter[int]:
    """Returns how many unreadable images have each label of a class."""
    images = len(run.table.image_ids)
    first = images - run.metrics.classes[class_index].unreadable + 1
    return Counter(find_labels(run.table, class_index, range(first, images + 1)).tolist())
