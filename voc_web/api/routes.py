"""The JSON and CSV endpoints of the API: /api/v1/..."""

import json
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for

from voc_web.api import curves, images
from voc_web.api.document import make_document
from voc_web.api.endpoints import Endpoints, address_of
from voc_web.api.guide import make_guide
from voc_web.api.queries import ClassFilterQuery, ClassRankingQuery, ClassThresholdQuery
from voc_web.api.responses import (
    ClassAtThreshold,
    ClassList,
    ClassSummary,
    OneClass,
    PublicManifest,
    RankedImage,
    RankingSlice,
    Run,
    ThresholdOfClass,
    Thresholds,
)
from voc_web.csv_files import csv_response
from voc_web.query import FilterQuery, PageQuery, ThresholdsQuery
from voc_web.run.cards import cards_of_ranks
from voc_web.run.class_rows import ClassRow, make_class_rows
from voc_web.run.class_thresholds import chosen_thresholds, count_above
from voc_web.run.local_paths import settings_without_folders, without_folders
from voc_web.run.models import AveragePrecision
from voc_web.run.opened_run import OpenedRun, current_run
from voc_web.run.ranking_parts import RankingPart, RankSpan, find_part, find_selection
from voc_web.serving.site import describe_run

_RANKING_COLUMNS = (
    "rank", "image_id", "score", "truth", "verdict", "labels", "difficult_labels"
)  # fmt: skip
_STREAMED_ROWS = 1000

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")
endpoints = Endpoints(blueprint)


@blueprint.get("/")
def index() -> str:
    """The guide to the API: every endpoint with examples."""
    document = make_document(endpoints.listed(), _base())
    return render_template("api.html", page=make_guide(document, current_run(), request.host_url))


@blueprint.get("/openapi.json")
def openapi() -> Response:
    """The OpenAPI document."""
    document = make_document(endpoints.listed(), _base())
    return Response(json.dumps(document, ensure_ascii=False), mimetype="application/json")


@endpoints.add("/run")
def run(run: OpenedRun, query: PageQuery) -> Run:
    """The run being served and its metrics over all classes."""
    site, tail = describe_run(run), run.metrics.mean_tail["threshold"]
    manifest = PublicManifest.model_validate(run.table.manifest)
    return Run(
        name=site.run_name,
        dataset=site.dataset,
        split=site.split,
        images=site.images,
        classes=list(run.table.classes),
        difficult=site.difficult,
        caveats=list(site.caveats),
        warnings=list(map(without_folders, run.table.manifest.warnings)),
        mean_average_precision=AveragePrecision.model_validate(run.metrics.mean_average_precision),
        classes_defined=run.metrics.classes_defined,
        mean_tail_accuracy=tail.accuracy[0],
        tail_classes_defined=tail.classes_defined[0],
        mean_accuracy=run.metrics.mean_accuracy,
        mean_baseline_accuracy=run.metrics.mean_baseline_accuracy,
        accuracy_classes_defined=run.metrics.accuracy_classes_defined,
        manifest=manifest.model_copy(
            update={
                "settings": settings_without_folders(manifest.settings),
                "unreadable": list(map(without_folders, manifest.unreadable)),
            }
        ),
    )


@endpoints.add("/classes")
def classes(run: OpenedRun, query: PageQuery) -> ClassList:
    """All classes with their counts and metrics."""
    rows = make_class_rows(run, "sklearn")
    return ClassList(classes=[ClassSummary(**_summary_fields(row)) for row in rows])


@endpoints.add("/thresholds")
def thresholds(run: OpenedRun, query: ThresholdsQuery) -> Thresholds:
    """A threshold of every class, chosen by one rule, and the F1 that results.

    A precision in steps of 0.01 is met exactly; others are met by the nearest operating point of
    those that are stored, see /operating-points.
    """
    chosen = chosen_thresholds(run, query)
    return Thresholds(
        run=run.folder.name,
        macro_f1=chosen.macro_f1,
        micro_f1=chosen.micro_f1,
        classes_defined=chosen.classes_defined,
        classes=[
            ThresholdOfClass(
                class_name=name,
                threshold=at.threshold,
                count=at.count,
                true_positives=at.true_positives,
                precision=at.precision,
                recall=at.recall,
                f1=at.f1,
            )
            for name, at in zip(run.table.classes, chosen.classes, strict=True)
        ],
    )


@endpoints.add("/class")
def one_class(run: OpenedRun, query: ClassThresholdQuery) -> OneClass:
    """One class: its metrics, overall and at a threshold."""
    index = run.table.class_index(query.class_name)
    above = count_above(run, index, query.threshold)
    return OneClass(
        **_summary_fields(make_class_rows(run, "sklearn")[index], **query.carried()),
        at_threshold=ClassAtThreshold(
            threshold=query.threshold,
            present=above.counts.present,
            absent=above.counts.absent,
            difficult=above.counts.ignored,
            not_labelled=above.counts.unknown,
            tail_accuracy=above.counts.accuracy,
            recall=above.recall,
            f1=above.f1,
        ),
    )


@endpoints.add("/ranking")
def ranking(run: OpenedRun, query: ClassRankingQuery) -> RankingSlice:
    """The ranking of a class by descending score, optionally filtered, one page at a time.

    Follow `next` until it is null to read all following ranks, or `previous` for all preceding
    ones; no rank is repeated.
    """
    index = run.table.class_index(query.class_name)
    part = find_part(run, index, query)
    ranks = part.ranks
    previous, following = _neighbours("api.ranking", query, part)
    return RankingSlice(
        class_name=query.class_name,
        threshold=query.threshold,
        total=len(run.table.image_ids),
        matches=len(part.selection),
        first_rank=ranks[0] if ranks else None,
        last_rank=ranks[-1] if ranks else None,
        previous=previous,
        next=following,
        images=RankedImage.of_all(cards_of_ranks(run, index, ranks, query.threshold)),
    )


@endpoints.add("/ranking.csv")
def ranking_csv(run: OpenedRun, query: ClassRankingQuery) -> Response:
    """The ranking of a class as CSV, one page at a time.

    One row per image: rank, image_id, score (empty if it could not be read), truth, verdict,
    labels and difficult_labels. The last two are JSON lists, since names may contain any
    characters. The Link header has the following (rel="next") and preceding (rel="prev") page.

    In every CSV, a text that a spreadsheet would take for a formula is prefixed with an apostrophe,
    and so is one that already starts with apostrophes followed by such a text.
    """
    index = run.table.class_index(query.class_name)
    part = find_part(run, index, query)
    ranks = part.ranks
    ends = f"{ranks[0]}_{ranks[-1]}" if ranks else "none"
    filename = f"{run.folder.name}_ranking_{query.class_name}_{ends}.csv"
    response = csv_response(filename, _RANKING_COLUMNS, _ranking_rows(run, index, ranks, query))
    previous, following = _neighbours("api.ranking_csv", query, part)
    for relation, link in (("prev", previous), ("next", following)):
        if link:
            response.headers.add("Link", f'<{link}>; rel="{relation}"')
    return response


@endpoints.add("/ranking/all.csv")
def whole_ranking_csv(run: OpenedRun, query: ClassFilterQuery) -> Response:
    """The whole ranking of a class as CSV, or all images that the filters select.

    The columns are those of /ranking.csv. The file is sent while it is read: if the run's files
    change meanwhile, the connection ends before the file does.
    """
    index = run.table.class_index(query.class_name)
    selection = find_selection(run, index, query)
    rows = chain.from_iterable(
        _ranking_rows(run, index, selection.slice(start, _STREAMED_ROWS), query)
        for start in range(0, len(selection), _STREAMED_ROWS)
    )
    filename = f"{run.folder.name}_ranking_{query.class_name}.csv"
    return csv_response(filename, _RANKING_COLUMNS, rows, streamed=True)


endpoints.add("/strip")(curves.strip)
endpoints.add("/strip.csv")(curves.strip_csv)
endpoints.add("/operating-points")(curves.operating_points)
endpoints.add("/operating-points.csv")(curves.operating_points_csv)
endpoints.add("/curves/precision-recall")(curves.precision_recall)
endpoints.add("/curves/precision-recall.csv")(curves.precision_recall_csv)
endpoints.add("/curves/precision-recall/mean")(curves.mean_precision_recall)
endpoints.add("/curves/tail-accuracy")(curves.tail_accuracy)
endpoints.add("/curves/tail-accuracy.csv")(curves.tail_accuracy_csv)
endpoints.add("/curves/tail-accuracy/mean")(curves.mean_tail_accuracy)
endpoints.add("/curves/calibration")(curves.calibration)
endpoints.add("/curves/calibration.csv")(curves.calibration_csv)
endpoints.add("/curves/histogram")(curves.histogram)
endpoints.add("/curves/histogram.csv")(curves.histogram_csv)


endpoints.add("/images")(images.find_images)
endpoints.add("/image")(images.image)
endpoints.add("/image.csv")(images.image_csv)


def _base() -> str:
    return url_for("api.index").rstrip("/")


def _json_list(names: Iterable[str]) -> str:
    return json.dumps(list(names), ensure_ascii=False)


def _summary_fields(row: ClassRow, **carried: object) -> dict[str, Any]:
    """Returns the fields of ClassSummary; the page's URL has the parameters `carried`."""
    return {
        "class_name": row.metrics.name,
        "present": row.metrics.present,
        "absent": row.metrics.absent,
        "difficult": row.metrics.ignored,
        "not_labelled": row.metrics.unknown,
        "unreadable": row.metrics.unreadable,
        "highest_score": row.metrics.highest_score,
        "average_precision": AveragePrecision.model_validate(row.metrics.average_precision),
        "accuracy": row.metrics.accuracy,
        "baseline_accuracy": row.metrics.baseline_accuracy,
        "tail_accuracy": row.at_half.precision,
        "images_above": row.at_half.count,
        "expected_calibration_error": row.metrics.expected_calibration_error,
        "best_f1": row.metrics.best_f1,
        "page": address_of("rankings.class_ranking", carried, name=row.metrics.name),
        "mistakes": row.metrics.mistakes,
    }


def _ranking_rows(
    run: OpenedRun, class_index: int, ranks: Sequence[int], query: FilterQuery
) -> list[tuple[object, ...]]:
    """Returns the values of _RANKING_COLUMNS at the given ranks of a class."""
    return [
        (
            *(card.rank, card.image_id, card.score, card.truth, card.verdict),
            *map(_json_list, (card.labels, card.difficult_labels)),
        )
        for card in cards_of_ranks(run, class_index, ranks, query.threshold)
    ]


def _neighbours(
    endpoint: str, query: ClassRankingQuery, part: RankingPart
) -> tuple[str | None, str | None]:
    """Returns the URLs of the preceding and following page of a ranking."""

    def link(span: RankSpan | None, size: int) -> str | None:
        if span is None:
            return None
        return address_of(endpoint, query.arguments(from_rank=span.first, around=None, size=size))

    return link(part.previous, min(query.size, part.offset)), link(part.next, query.size)
