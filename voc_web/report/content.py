"""Run -> what its report says."""

import base64
import math
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path

from voc_model.data.voc import image_path
from voc_model.errors import DataError, NotFoundError
from voc_model.files import is_file
from voc_model.metrics.bootstrap import RESAMPLES, average_precision_intervals
from voc_model.metrics.conversion import ConversionReport
from voc_model.progress import SILENT, Reporter
from voc_model.store.history import read_history
from voc_model.store.thumbnails import WIDTHS, ensure_thumbnail, thumbnail_folder
from voc_web.charts.curve_chart import choose_lines, precision_recall_chart, tail_accuracy_chart
from voc_web.charts.drawings import CurveChart
from voc_web.charts.line_labels import place_labels
from voc_web.charts.plots import class_plots
from voc_web.charts.training_plots import training_plots
from voc_web.report.contexts import (
    Curves,
    ReportClass,
    ReportContext,
    ReportImage,
    ReportRow,
    Training,
)
from voc_web.report.reproduction import describe_reproduction
from voc_web.run.cards import Card, cards_of_ranks
from voc_web.run.caveats import find_caveats
from voc_web.run.class_rows import ClassRow, make_class_rows
from voc_web.run.local_paths import shorten_folders
from voc_web.run.opened_run import OpenedRun

_IMAGES = 10  # at each end of a ranking
_MAX_PINS = 4  # colours of highlighted lines


def make_report(
    run: OpenedRun, cache_dir: Path, names: Sequence[str] = (), report: Reporter = SILENT
) -> ReportContext:
    """Returns the content of a run's report, the same for the same run and images.

    Args:
        run: the run.
        cache_dir: where thumbnails are stored.
        names: the classes whose images are shown; by default those with the lowest, the median and
            the highest average precision.
        report: receives the progress.

    Raises:
        NotFoundError: there is no such class; the message names similar ones.
        ScoreStoreError: the history is damaged.
        OSError: the cache cannot be written.
    """
    chosen = _choose_classes(run, names)
    intervals = average_precision_intervals(run.table, run.metrics.difficult, report=report)
    anchors = {index: f"class-{position}" for position, index in enumerate(chosen, start=1)}
    rows = [
        ReportRow(row, interval, anchors.get(row.index, ""))
        for row, interval in zip(make_class_rows(run, "sklearn"), intervals.classes, strict=True)
    ]
    worst_first = [item.row for item in sorted(rows, key=lambda item: _sort_key(item.row))]
    lines = choose_lines(worst_first, chosen, len(rows))
    return ReportContext(
        run_name=run.folder.name,
        dataset=run.voc_dir.name,
        manifest=run.table.manifest.model_copy(
            update={"warnings": [_shorten(run, text) for text in run.table.manifest.warnings]}
        ),
        scores_digest=run.table.digest,
        metrics=run.metrics,
        mean_interval=intervals.mean,
        resamples=RESAMPLES,
        caveats=tuple(_shorten(run, text) for text in find_caveats(run)),
        training=_describe_training(run),
        conversion=_read_conversion(run),
        rows=tuple(rows[row.index] for row in _best_first(worst_first)),
        precision_recall=_highlight(precision_recall_chart(run, "sklearn", lines), list(chosen)),
        tail_by_threshold=_highlight(tail_accuracy_chart(run, "threshold", lines), list(chosen)),
        tail_by_percentage=_highlight(tail_accuracy_chart(run, "percentile", lines), list(chosen)),
        classes=tuple(
            _describe_class(run, cache_dir, rows[index], why)
            for index, why in report.track(chosen.items(), "images", len(chosen), unit="classes")
        ),
        reproduction=describe_reproduction(run),
    )


def _read_conversion(run: OpenedRun) -> ConversionReport | None:
    """Returns how the standardised network was made; of several models, the first one's."""
    for folder in (run.folder, run.folder.fold(1)):
        if is_file(folder.conversion_path):
            return ConversionReport.read(folder.conversion_path)
    return None


def _choose_classes(run: OpenedRun, names: Sequence[str]) -> dict[int, str]:
    """Returns the indices of the classes with a section, and why each has one."""
    if names:
        return {_find_class(run, name): "" for name in names}
    rows = sorted(make_class_rows(run, "sklearn"), key=_sort_key)
    defined = [row.index for row in rows if not math.isnan(row.average_precision)]
    if not defined:
        return {0: ""}
    reasons = {"lowest AP": 0, "median AP": (len(defined) - 1) // 2, "highest AP": -1}
    return {defined[position]: why for why, position in reasons.items()}


def _find_class(run: OpenedRun, name: str) -> int:
    try:
        return run.table.class_index(name)
    except NotFoundError as error:
        similar = get_close_matches(name, run.table.classes)
        meant = f" Did you mean {' or '.join(map(repr, similar))}?" if similar else ""
        raise NotFoundError(f"{error}{meant}") from None


def _sort_key(row: ClassRow) -> tuple[bool, float]:
    """Sorts the lowest AP first and undefined ones last."""
    undefined = math.isnan(row.average_precision)
    return undefined, 0.0 if undefined else row.average_precision


def _best_first(worst_first: Sequence[ClassRow]) -> list[ClassRow]:
    """Returns rows by descending AP, undefined ones still last."""
    return sorted(worst_first, key=lambda row: (_sort_key(row)[0], -_sort_key(row)[1]))


def _highlight(chart: CurveChart, chosen: Sequence[int]) -> Curves:
    lines = {line.index: line for line in chart.lines}
    slots = enumerate(chosen[:_MAX_PINS], start=1)  # A class has the same colour in every chart.
    pins = tuple((slot, lines[index]) for slot, index in slots if index in lines)
    return Curves(chart, pins, place_labels(pins))


def _describe_training(run: OpenedRun) -> Training | None:
    if not run.folder.history_path.is_file():
        return None
    records = tuple(read_history(run.folder.history_path))
    if not records:
        return None
    return Training(records, training_plots(records, run.table.manifest))


def _describe_class(run: OpenedRun, cache_dir: Path, shown: ReportRow, why: str) -> ReportClass:
    index, readable = shown.row.index, len(run.table.image_ids) - shown.row.metrics.unreadable
    top = range(1, min(_IMAGES, readable) + 1)
    bottom = range(max(readable - _IMAGES, len(top)) + 1, readable + 1)

    def images_at(ranks: Sequence[int]) -> tuple[ReportImage, ...]:
        cards = cards_of_ranks(run, index, ranks, shown.row.at.threshold)
        return tuple(_embed_image(run, cache_dir, card) for card in cards)

    return ReportClass(shown, why, class_plots(run, index), images_at(top), images_at(bottom))


def _embed_image(run: OpenedRun, cache_dir: Path, card: Card) -> ReportImage:
    source = image_path(run.voc_dir, card.image_id)
    if not is_file(source):
        return ReportImage(card, "", "not found")
    folder = thumbnail_folder(cache_dir, run.voc_dir, card.image_id)
    try:
        content = ensure_thumbnail(source, folder, WIDTHS[0]).read_bytes()
    except DataError:
        return ReportImage(card, "", "could not be read")
    return ReportImage(card, f"data:image/webp;base64,{base64.b64encode(content).decode()}", "")


def _shorten(run: OpenedRun, text: str) -> str:
    folders = (run.folder.path, run.voc_dir, Path(run.table.manifest.voc_dir))
    return shorten_folders(text, folders)
