"""The endpoints of images; see routes."""

from flask import Response, url_for

from voc_model.store.selection import find_ids
from voc_web.api.endpoints import address_of
from voc_web.api.queries import FindImagesQuery, OneImageQuery
from voc_web.api.responses import (
    FoundImage,
    FoundImages,
    ImageFiles,
    ImageInClass,
    ImageObject,
    ImageScore,
    OneImage,
)
from voc_web.csv_files import csv_response
from voc_web.run.image_facts import describe_image
from voc_web.run.opened_run import OpenedRun


def find_images(run: OpenedRun, query: FindImagesQuery) -> FoundImages:
    """The images whose ids contain a text.

    Stops at `limit` images; only a text that few ids contain takes a pass over all of them.
    """
    ids = find_ids(run.table, query.contains, query.limit + 1)
    found = [FoundImage(image_id=it, page=url_for("images.image", image_id=it)) for it in ids]
    return FoundImages(images=found[: query.limit], has_more=len(found) > query.limit)


def image(run: OpenedRun, query: OneImageQuery) -> OneImage:
    """One image: size, objects, and score and rank in every class."""
    facts = describe_image(run, query.image_id, query)
    in_class = None
    if query.class_name is not None and facts.rank is not None:
        in_class = ImageInClass(
            class_name=query.class_name,
            rank=facts.rank,
            previous=facts.previous,
            next=facts.next,
        )
    names = {"data_key": run.data_key, "image_id": facts.image_id, "v": facts.version}
    return OneImage(
        image_id=facts.image_id,
        width=facts.width or None,
        height=facts.height or None,
        problem=facts.problem or None,
        annotation_problem=facts.annotation_problem or None,
        boxes_note=facts.boxes_note or None,
        files=ImageFiles(
            original=address_of("images.original", names),
            thumbnail_240=address_of("images.thumbnail", names, width=240),
            thumbnail_480=address_of("images.thumbnail", names, width=480),
        ),
        page=address_of("images.image", query.carried(), image_id=facts.image_id),
        threshold=query.threshold,
        in_class=in_class,
        objects=ImageObject.of_all(facts.objects),
        scores=ImageScore.of_all(facts.scores),
    )


def image_csv(run: OpenedRun, query: OneImageQuery) -> Response:
    """The score, rank and label of an image in every class as CSV."""
    rows = ImageScore.of_all(describe_image(run, query.image_id, query).scores)
    filename = f"{run.folder.name}_image_{query.image_id}.csv"
    columns = [field.alias or name for name, field in ImageScore.model_fields.items()]
    return csv_response(filename, columns, (vars(row).values() for row in rows))
