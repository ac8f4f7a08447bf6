"""Annotations/<image id>.xml: the objects of an image and their bounding boxes.

Format: the development kits of VOC 2007 and VOC 2012.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from lxml import etree

from voc_model.errors import DataError


@dataclass(frozen=True)
class AnnotatedObject:
    """One `<object>` of an annotation.

    Attributes:
        class_name: as written in the file.
        xmin, ymin, xmax, ymax: the box in pixels, counted from 1 at the upper left; both ends
            belong to the box.
        difficult: whether it is marked as difficult to recognise.
        truncated: whether the box holds only part of the object.
        line: where the object starts in the file, counted from 1.
    """

    class_name: str
    xmin: float
    ymin: float
    xmax: float
    ymax: float
    difficult: bool
    truncated: bool
    line: int


def annotation_path(voc_dir: Path, image_id: str) -> Path:
    """Returns the path of an image's annotation, which may not exist."""
    return voc_dir / "Annotations" / f"{image_id}.xml"


def read_objects(voc_dir: Path, image_id: str) -> tuple[AnnotatedObject, ...]:
    """Returns the objects of one image, none if it has no annotation.

    Raises:
        DataError: the XML is malformed; the message names the file and the line.
    """
    path = annotation_path(voc_dir, image_id)
    try:
        # Entities stay unresolved: an annotation is data, and must not read other files.
        parser = etree.XMLParser(resolve_entities=False, no_network=True)
        root = etree.fromstring(path.read_bytes(), parser)
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise DataError(
            f"{path}: cannot be read ({error.strerror}). Repair or remove it."
        ) from error
    except etree.XMLSyntaxError as error:
        raise DataError(f"{path}:{error.lineno}: malformed XML ({error.msg})") from error
    return tuple(_parse_object(path, element) for element in root.iterchildren("object"))


def read_annotations(
    voc_dir: Path, image_ids: Iterable[str], warnings: list[str]
) -> dict[str, tuple[AnnotatedObject, ...]]:
    """Returns the objects of every image that has a valid annotation.

    Args:
        voc_dir: the folder that holds Annotations, if there is one.
        image_ids: the images to look for.
        warnings: gets one sentence per malformed annotation, which is skipped.
    """
    if not (voc_dir / "Annotations").is_dir():
        return {}
    objects = {}
    for image_id in image_ids:
        try:
            if annotation_path(voc_dir, image_id).is_file():
                objects[image_id] = read_objects(voc_dir, image_id)
        except DataError as error:
            warnings.append(f"{error}; the annotation is skipped")
    return objects


def _parse_object(path: Path, element: etree._Element) -> AnnotatedObject:
    def text(tag: str, default: str | None = None) -> str:
        found: str | None = element.findtext(tag, default)
        if found is None or not found.strip():
            raise DataError(f"{path}:{element.sourceline}: <object> without <{tag}>")
        return found.strip()

    def number(tag: str, default: str | None = None) -> float:
        value = text(tag, default)
        try:
            found = float(value)
            if not math.isfinite(found):
                raise ValueError
            return found
        except ValueError:
            raise DataError(
                f"{path}:{element.sourceline}: <{tag}> is {value!r}, not a number"
            ) from None

    return AnnotatedObject(
        class_name=text("name"),
        xmin=number("bndbox/xmin"),
        ymin=number("bndbox/ymin"),
        xmax=number("bndbox/xmax"),
        ymax=number("bndbox/ymax"),
        difficult=number("difficult", "0") != 0,
        truncated=number("truncated", "0") != 0,
        line=element.sourceline or 0,
    )
