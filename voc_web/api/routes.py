"""What the pages show, as JSON and CSV: /api/v1/..."""

import json
from collections.abc import Iterable, Mapping
from pathlib import PurePath
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for

from voc_web.api.answers import (
    AveragePrecision,
    ClassAtThreshold,
    ClassList,
    ClassNumbers,
    ImageFiles,
    ImageObject,
    ImagePlace,
    ImageScore,
    MeanPrecisionRecallCurve,
    MeanPrecisionRecallPoint,
    MeanTailCurve,
    MeanTailPoint,
    OneClass,
    OneImage,
    PrecisionRecallCurve,
    PrecisionRecallPoint,
    PublicManifest,
    RankedImage,
    RankingSlice,
    Run,
    TailCurve,
    TailPoint,
)
from voc_web.api.document import make_document
from voc_web.api.endpoints import Endpoints
from voc_web.api.guide import make_guide
from voc_web.cards import count_above, make_cards, make_class_rows
from voc_web.contexts import ClassRow
from voc_web.csv_files import csv_response
from voc_web.curve_points import (
    mean_precision_recall_points,
    mean_tail_points,
    precision_recall_points,
    tail_points,
)
from voc_web.image_facts import describe_image
from voc_web.opened_run import OpenedRun, current_run
from voc_web.query import (
    ClassQuery,
    ClassRankingQuery,
    ClassThresholdQuery,
    OneImageQuery,
    PageQuery,
    span,
)
from voc_web.site import describe_run

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")
endpoints = Endpoints(blueprint)


@blueprint.get("/")
def index() -> str:
    """The API for people: every endpoint with examples."""
    document = make_document(endpoints.listed(), _base())
    return render_template("api.html", page=make_guide(document, current_run(), request.host_url))


@blueprint.get("/openapi.json")
def openapi() -> Response:
    """The API for programs."""
    document = make_document(endpoints.listed(), _base())
    return Response(json.dumps(document, ensure_ascii=False), mimetype="application/json")


@endpoints.add("/run")
def run(run: OpenedRun, query: PageQuery) -> Run:
    """The run that is shown, and its figures over all classes."""
    site, tail = describe_run(run), run.metrics.mean_tail
    manifest = PublicManifest.model_validate(run.table.manifest)
    return Run(
        name=site.run_name,
        dataset=site.dataset,
        split=site.split,
        images=site.images,
        classes=list(run.table.classes),
        difficult=site.difficult,
        cautions=list(site.cautions),
        warnings=run.table.manifest.warnings,
        mean_average_precision=AveragePrecision.model_validate(run.metrics.mean_average_precision),
        classes_defined=run.metrics.classes_defined,
        mean_tail_accuracy=tail.accuracy[0],
        tail_classes_defined=tail.classes_defined[0],
        manifest=manifest.model_copy(update={"settings": _without_folders(manifest.settings)}),
    )


@endpoints.add("/classes")
def classes(run: OpenedRun, query: PageQuery) -> ClassList:
    """Every class with its counts, average precision and tail accuracy."""
    rows = make_class_rows(run, "sklearn")
    return ClassList(classes=[ClassNumbers(**_numbers(row)) for row in rows])


@endpoints.add("/class")
def one_class(run: OpenedRun, query: ClassThresholdQuery) -> OneClass:
    """One class: its figures, and those at a threshold."""
    index = run.table.class_index(query.class_name)
    above = count_above(run, index, query.threshold)
    return OneClass(
        **_numbers(make_class_rows(run, "sklearn")[index]),
        at_threshold=ClassAtThreshold(
            threshold=query.threshold,
            present=above.truth.present,
            absent=above.truth.absent,
            difficult=above.truth.ignored,
            tail_accuracy=above.truth.accuracy,
            recall=above.recall,
        ),
        page=_link("rankings.class_ranking", query.carried(), name=query.class_name),
    )


@endpoints.add("/ranking")
def ranking(run: OpenedRun, query: ClassRankingQuery) -> RankingSlice:
    """Consecutive ranks of a class, from the highest score down.

    The answer's next leads to the ranks below and its previous to those above, no rank twice, until
    either is null.
    """
    index, images = run.table.class_index(query.class_name), len(run.table.image_ids)
    first, last = span(query.from_rank, query.size, images)
    previous, following = _neighbours("api.ranking", query, images)
    return RankingSlice(
        class_name=query.class_name,
        threshold=query.threshold,
        total=images,
        first_rank=first,
        last_rank=last,
        previous=previous,
        next=following,
        images=RankedImage.of_all(make_cards(run, index, first, last, query.threshold)),
    )


@endpoints.add("/ranking.csv")
def ranking_csv(run: OpenedRun, query: ClassRankingQuery) -> Response:
    """The same ranks as CSV.

    One line an image: rank, image_id, score (empty if it could not be read), truth, verdict,
    labels and difficult_labels, those two as JSON lists, since names may hold any characters.
    The Link header leads to the ranks below (rel="next") and above (rel="prev").
    """
    index, images = run.table.class_index(query.class_name), len(run.table.image_ids)
    first, last = span(query.from_rank, query.size, images)
    cards = make_cards(run, index, first, last, query.threshold)
    rows = (
        (
            *(card.rank, card.image_id, card.score, card.truth, card.verdict),
            *map(_json_list, (card.labels, card.difficult_labels)),
        )
        for card in cards
    )
    header = ("rank", "image_id", "score", "truth", "verdict", "labels", "difficult_labels")
    filename = f"{run.folder.name}_ranking_{query.class_name}_{first}_{last}.csv"
    response = csv_response(filename, header, rows)
    previous, following = _neighbours("api.ranking_csv", query, images)
    for relation, link in (("prev", previous), ("next", following)):
        if link:
            response.headers.add("Link", f'<{link}>; rel="{relation}"')
    return response


@endpoints.add("/curves/precision-recall")
def precision_recall(run: OpenedRun, query: ClassQuery) -> PrecisionRecallCurve:
    """The precision-recall curve of a class."""
    index = run.table.class_index(query.class_name)
    return PrecisionRecallCurve(
        class_name=query.class_name,
        average_precision=AveragePrecision.model_validate(
            run.metrics.classes[index].average_precision
        ),
        points=PrecisionRecallPoint.of_all(precision_recall_points(run, index)),
    )


@endpoints.add("/curves/precision-recall/mean")
def mean_precision_recall(run: OpenedRun, query: PageQuery) -> MeanPrecisionRecallCurve:
    """The precision-recall curve averaged over the classes."""
    return MeanPrecisionRecallCurve(
        classes_defined=run.metrics.classes_defined,
        mean_average_precision=AveragePrecision.model_validate(run.metrics.mean_average_precision),
        points=MeanPrecisionRecallPoint.of_all(mean_precision_recall_points(run)),
    )


@endpoints.add("/curves/tail-accuracy")
def tail_accuracy(run: OpenedRun, query: ClassQuery) -> TailCurve:
    """The tail accuracy of a class over the threshold."""
    index = run.table.class_index(query.class_name)
    return TailCurve(class_name=query.class_name, points=TailPoint.of_all(tail_points(run, index)))


@endpoints.add("/curves/tail-accuracy/mean")
def mean_tail_accuracy(run: OpenedRun, query: PageQuery) -> MeanTailCurve:
    """The tail accuracy averaged over the classes, over the threshold."""
    return MeanTailCurve(points=MeanTailPoint.of_all(mean_tail_points(run)))


@endpoints.add("/image")
def image(run: OpenedRun, query: OneImageQuery) -> OneImage:
    """One image: its size and objects, its score and rank in every class."""
    facts = describe_image(run, query.image_id, query)
    place = None
    if query.class_name is not None and facts.rank is not None:
        place = ImagePlace(
            class_name=query.class_name,
            rank=facts.rank,
            previous=facts.previous,
            next=facts.next,
        )
    names = {"data_key": run.data_key, "image_id": facts.image_id}
    return OneImage(
        image_id=facts.image_id,
        width=facts.width or None,
        height=facts.height or None,
        problem=facts.problem or None,
        annotation_problem=facts.annotation_problem or None,
        files=ImageFiles(
            original=_link("images.original", names),
            thumbnail_240=_link("images.thumbnail", names, width=240),
            thumbnail_480=_link("images.thumbnail", names, width=480),
        ),
        page=_link("images.image", query.carried(), image_id=facts.image_id),
        threshold=query.threshold,
        place=place,
        objects=ImageObject.of_all(facts.objects),
        scores=ImageScore.of_all(facts.scores),
    )


def _base() -> str:
    return url_for("api.index").rstrip("/")


def _link(endpoint: str, arguments: Mapping[str, Any], **more: object) -> str:
    return url_for(endpoint, **{**arguments, **more})


def _json_list(names: Iterable[str]) -> str:
    return json.dumps(list(names), ensure_ascii=False)


def _numbers(row: ClassRow) -> dict[str, Any]:
    """Returns the fields of ClassNumbers."""
    return {
        "class_name": row.metrics.name,
        "present": row.metrics.present,
        "absent": row.metrics.absent,
        "difficult": row.metrics.ignored,
        "unreadable": row.metrics.unreadable,
        "highest_score": row.metrics.highest_score,
        "average_precision": AveragePrecision.model_validate(row.metrics.average_precision),
        "tail_accuracy": row.tail_accuracy,
        "images_above": row.images_above,
    }


def _neighbours(
    endpoint: str, query: ClassRankingQuery, images: int
) -> tuple[str | None, str | None]:
    """Returns the addresses of the slices above and below the one asked for."""
    first, last = span(query.from_rank, query.size, images)
    above = {"from_rank": max(first - query.size, 1), "size": min(query.size, first - 1)}
    previous = _link(endpoint, query.arguments(**above)) if first > 1 else None
    following = _link(endpoint, query.arguments(from_rank=last + 1)) if last < images else None
    return previous, following


def _without_folders(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Returns settings with files by name: where they lay concerns nobody elsewhere."""
    return {
        key: PurePath(value).name
        if isinstance(value, str) and PurePath(value).is_absolute()
        else value
        for key, value in settings.items()
    }
