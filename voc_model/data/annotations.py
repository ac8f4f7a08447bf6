"""Annotations/<image id>.xml: the objects of an image and their bounding boxes.

Format: the development kits of VOC 2007 and VOC 2012. Annotation tools write it in variants: tags
in a namespace or with capitals, objects in a group of their own, optional fields empty or in words.
A label needs no more than the name of an object, so all of these are read.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from lxml import etree

from voc_model.errors import DataError, and_more
from voc_model.files import is_file, is_utf8, list_folder, path_below, read_regular

_SUFFIXES = (".xml", ".XML", ".Xml", ".xml.xml")
_CORNERS = ("xmin", "ymin", "xmax", "ymax")
_NO_BOX = (math.nan, math.nan, math.nan, math.nan)
# VOC's are 1 KB, with at most 56 objects of 20 tags each.
_MAX_BYTES, _MAX_OBJECTS, _MAX_TAGS = 8 << 20, 10_000, 400_000
# What an annotation holds besides its objects.
_HEADER = {"folder", "filename", "path", "source", "owner", "size", "segmented"}


@dataclass(frozen=True)
class AnnotatedObject:
    """One `<object>` of an annotation.

    Attributes:
        class_name: as written in the file.
        xmin, ymin, xmax, ymax: the box in pixels, counted from 1 at the upper left; both ends
            belong to the box. All are finite, or NaN if the object has no valid box.
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


@dataclass(frozen=True)
class Annotation:
    """What is annotated in one image.

    Attributes:
        objects: in the order of the file.
        size: (width, height) in pixels of the image that the boxes refer to; None if not stated.
    """

    objects: tuple[AnnotatedObject, ...] = ()
    size: tuple[float, float] | None = None


@dataclass(frozen=True)
class _Oddity:
    """Something unusual that changes no label, in words, and its line."""

    text: str
    line: int


def annotation_path(voc_dir: Path, image_id: str) -> Path:
    """Returns the path of an image's annotation; if there is none, the path VOC would give it.

    Raises:
        DataError: the id leads out of Annotations.
    """
    folder = voc_dir / "Annotations"
    paths = (path_below(folder, f"{image_id}{suffix}") for suffix in _SUFFIXES)
    return next(filter(is_file, paths), folder / f"{image_id}{_SUFFIXES[0]}")


def list_annotated(voc_dir: Path) -> list[str]:
    """Returns the ids of the images that have an annotation, in ascending order.

    Names that are not UTF-8 are left out.
    """
    names = filter(is_utf8, list_folder(voc_dir / "Annotations"))
    return sorted({_image_id(name) for name in names if name.lower().endswith(".xml")})


def read_annotation(voc_dir: Path, image_id: str) -> Annotation:
    """Returns the annotation of one image; one without objects if there is none.

    Raises:
        DataError: the file is not a VOC annotation; the message names it and the line.
    """
    path = annotation_path(voc_dir, image_id)
    try:
        return _read(path, [])
    except FileNotFoundError:
        return Annotation()


def read_annotations(
    voc_dir: Path, image_ids: Iterable[str], warnings: list[str]
) -> dict[str, tuple[AnnotatedObject, ...]]:
    """Returns the objects of every image that has a valid annotation.

    Args:
        voc_dir: the folder that holds Annotations, if there is one.
        image_ids: the images to look for.
        warnings: gets one sentence per invalid annotation, which is skipped, and one per kind of
            odd field, with the number of its occurrences.
    """
    objects: dict[str, tuple[AnnotatedObject, ...]] = {}
    places: dict[str, list[str]] = {}
    if not (voc_dir / "Annotations").is_dir():
        return objects
    for image_id in image_ids:
        path = annotation_path(voc_dir, image_id)
        oddities: list[_Oddity] = []
        try:
            objects[image_id] = _read(path, oddities).objects
        except FileNotFoundError:
            continue
        except DataError as error:
            warnings.append(f"{error}; the annotation is skipped")
        for oddity in oddities:
            places.setdefault(oddity.text, []).append(f"{path}:{oddity.line}")
    for text, found in places.items():
        warnings.append(f"{found[0]}: {text}{and_more(found)}")
    return objects


def _read(path: Path, oddities: list[_Oddity]) -> Annotation:
    """Returns what a file says, and adds what is odd about it to `oddities`.

    Raises:
        FileNotFoundError: there is no such file.
        DataError: it is not a VOC annotation.
    """
    try:
        if path.exists() and not path.is_file():
            raise DataError(f"{path}: cannot be read (not a regular file). Repair or remove it.")
        # Entities stay unresolved: an annotation is data, and must not read other files.
        parser = etree.XMLParser(resolve_entities=False, no_network=True)
        content = read_regular(path, _MAX_BYTES)
        if (tags := content.count(b"<")) > _MAX_TAGS:  # Each takes 100 times its size in memory.
            raise DataError(
                f"{path}: found {tags:,} tags, expected at most {_MAX_TAGS:,}. Repair or remove it."
            )
        root = etree.fromstring(content, parser)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise DataError(
            f"{path}: cannot be read ({error.strerror}). Repair or remove it."
        ) from error
    except etree.XMLSyntaxError as error:
        raise DataError(f"{path}:{error.lineno}: malformed XML ({error.msg})") from error
    annotation = _find_annotation(path, root)
    elements = list(islice(_find_objects(annotation), _MAX_OBJECTS + 1))
    if len(elements) > _MAX_OBJECTS:
        raise DataError(
            f"{path}:{elements[-1].sourceline}: found more than {_MAX_OBJECTS:,} objects, more "
            "than an image shows. Repair or remove it."
        )
    if not elements:
        _check_empty(path, annotation, oddities)
    objects = tuple(_parse_object(path, element, oddities) for element in elements)
    return Annotation(objects, _size(annotation))


def _find_annotation(path: Path, root: etree._Element) -> etree._Element:
    """Returns the `<annotation>` of a file: its root, or the only one in `<annotations>`."""
    if _tag(root) == "annotation":
        return root
    found = [child for child in root if _tag(child) == "annotation"]
    if _tag(root) == "annotations" and len(found) == 1:
        return found[0]
    held = f" with {len(found)} <annotation>" if found else ""
    raise DataError(
        f"{path}:{root.sourceline}: found <{_tag(root)}>{held}, expected one <annotation>"
    )


def _find_objects(annotation: etree._Element) -> Iterator[etree._Element]:
    """Yields every `<object>` in file order, whatever groups they are in; not those of objects."""
    for element in annotation.iter("{*}object", "{*}Object", "{*}OBJECT"):
        if not any(_tag(outer) == "object" for outer in element.iterancestors()):
            yield element


def _check_empty(path: Path, annotation: etree._Element, oddities: list[_Oddity]) -> None:
    """Makes sure that an annotation without `<object>` says that the image shows none.

    Raises:
        DataError: it has boxes, so that its objects are written in another way.
    """
    for element in annotation.iter():
        if _tag(element) in ("bndbox", "xmin"):
            raise DataError(
                f"{path}:{element.sourceline}: found <{_tag(element)}> outside of an <object>; "
                "expected <object> elements with <name> and <bndbox>, as in VOC"
            )
    for child in annotation:
        if _tag(child) and _tag(child) not in _HEADER:
            text = f"no <object>, and <{_tag(child)}> is not read; treated as having no objects"
            oddities.append(_Oddity(text, child.sourceline or 0))


def _parse_object(path: Path, element: etree._Element, oddities: list[_Oddity]) -> AnnotatedObject:
    line = element.sourceline or 0
    # Reversed, so that the first of several fields of a name is kept.
    fields = {_tag(child): child for child in reversed(element)}
    name = _text(fields.get("name"))
    if not name:
        raise DataError(f"{path}:{line}: <object> without <name>")

    def flag(tag: str) -> bool:
        text = _text(fields.get(tag)) if tag in fields else "0"
        number = _number(text)
        if not math.isnan(number):
            return number != 0
        value = text.lower() in ("true", "yes")
        oddities.append(_Oddity(f"<{tag}> is {text!r}, taken as {int(value)}", line))
        return value

    return AnnotatedObject(
        name,
        *_box(fields.get("bndbox"), line, oddities),
        difficult=flag("difficult"),
        truncated=flag("truncated"),
        line=line,
    )


def _box(
    element: etree._Element | None, line: int, oddities: list[_Oddity]
) -> tuple[float, float, float, float]:
    """Returns (xmin, ymin, xmax, ymax) of a `<bndbox>`; NaN if one of them is not valid."""
    if element is None:
        oddities.append(_Oddity("<object> without <bndbox>; its label is used", line))
        return _NO_BOX
    fields = {_tag(child): _text(child) for child in reversed(element)}
    xmin, ymin, xmax, ymax = (_number(fields.get(tag, "")) for tag in _CORNERS)
    if math.isnan(xmin + ymin + xmax + ymax):
        text = f"<bndbox> without a number for each of {', '.join(_CORNERS)}; its label is used"
        oddities.append(_Oddity(text, line))
        return _NO_BOX
    return xmin, ymin, xmax, ymax


def _size(annotation: etree._Element) -> tuple[float, float] | None:
    """Returns (width, height) by the `<size>` of an annotation, None if it has no valid one."""
    for element in annotation:
        if _tag(element) == "size":
            fields = {_tag(child): _number(_text(child)) for child in element}
            width, height = fields.get("width", 0.0), fields.get("height", 0.0)
            return (width, height) if width > 0 and height > 0 else None
    return None


def _tag(element: etree._Element) -> str:
    """Returns an element's name in lower case without its namespace; empty for a comment."""
    tag = element.tag
    return tag.rpartition("}")[2].lower() if isinstance(tag, str) else ""


def _text(element: etree._Element | None) -> str:
    return (element.text or "").strip() if element is not None else ""


def _number(text: str) -> float:
    """Returns a finite number; NaN for anything else."""
    try:
        number = float(text)
    except ValueError:
        return math.nan
    return number if math.isfinite(number) else math.nan


def _image_id(name: str) -> str:
    """Returns the image that the annotation of this file name belongs to."""
    return name[:-4].removesuffix(".xml")
