"""A folder in VOC layout -> image ids, labels and boxes.

Two sources say which class an image holds: `ImageSets/Main/<class>_<split>.txt` (+1 present,
0 only difficult objects, -1 absent) and `Annotations/<image id>.xml` (one box an object, with its
difficult flag). Either suffices. Where both speak and disagree, ImageSets decides and every
disagreement becomes a warning that names the image.

Layout and meaning: the development kits of VOC 2007 and VOC 2012.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

import numpy as np
from lxml import etree
from numpy.typing import NDArray

from voc_model.data.classes import order_classes
from voc_model.errors import DataError

PRESENT, ABSENT, IGNORED = 1, 0, -1

# ImageSets write +1 / 0 / -1 for present / difficult / absent; ours are PRESENT / IGNORED / ABSENT.
_LABEL_OF_IMAGE_SET_FLAG = {"1": PRESENT, "+1": PRESENT, "0": IGNORED, "-1": ABSENT}

_IMAGE_SUFFIXES = (".jpg", ".jpeg", ".png", ".JPG", ".JPEG", ".PNG")


@dataclass(frozen=True)
class Split:
    """The images of one split and what they show.

    Attributes:
        name: e.g. `train`.
        voc_dir: the folder that holds JPEGImages.
        image_ids: N ids in the order of the list file.
        classes: C class names, VOC's in the devkit's order, others by alphabet.
        labels: (N, C) int8; 1 present, 0 absent, -1 ignored (only difficult objects, or unknown).
        warnings: what is wrong with the data set and was worked around, one sentence each.
    """

    name: str
    voc_dir: Path
    image_ids: tuple[str, ...]
    classes: tuple[str, ...]
    labels: NDArray[np.int8]
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class AnnotatedObject:
    """One `<object>` of an annotation; the box in pixels from the upper left, both ends inside."""

    class_name: str
    xmin: float
    ymin: float
    xmax: float
    ymax: float
    difficult: bool
    truncated: bool
    line: int


def find_voc_dir(root_dir: Path) -> Path:
    """Returns the VOC folder, given it or its JPEGImages folder (a trailing slash is no matter).

    Raises:
        DataError: there is no such folder, or no JPEGImages in it.
    """
    given = root_dir.expanduser().absolute()
    # As it was given first: where JPEGImages is a link, the lists lie beside the link.
    for root in (given, given.resolve()):
        if root.name == "JPEGImages" and root.is_dir():
            return root.parent.resolve()
        if (root / "JPEGImages").is_dir():
            return root.resolve()
    if not given.is_dir():
        raise DataError(
            f"{root_dir}: no such folder. Give VOC's JPEGImages folder, "
            "e.g. root_dir=PATH/VOC2012/JPEGImages/"
        )
    raise DataError(
        f"{root_dir}: expected VOC's JPEGImages folder or the folder that holds it; "
        f"found neither there. Give e.g. root_dir=PATH/VOC2012/JPEGImages/"
    )


def image_path(voc_dir: Path, image_id: str) -> Path:
    """Returns the path of an image's file; when there is none, the path VOC would give it."""
    folder = voc_dir / "JPEGImages"
    for suffix in _IMAGE_SUFFIXES:
        path = folder / f"{image_id}{suffix}"
        if path.is_file():
            return path
    return folder / f"{image_id}.jpg"


def annotation_path(voc_dir: Path, image_id: str) -> Path:
    """Returns the path of an image's annotation, which may not exist."""
    return voc_dir / "Annotations" / f"{image_id}.xml"


def list_splits(voc_dir: Path) -> list[str]:
    """Returns the names of the splits in ImageSets/Main (`<class>_<split>.txt` name no split)."""
    names = {path.stem for path in (voc_dir / "ImageSets" / "Main").glob("*.txt")}
    return sorted(name for name in names if name.rpartition("_")[2] not in names - {name})


def read_split(voc_dir: Path, name: str, classes: Sequence[str] | None = None) -> Split:
    """Reads the images of a split and their labels.

    Args:
        voc_dir: the folder that holds JPEGImages.
        name: the split, e.g. `train`, `val`, `trainval`, `test`.
        classes: the classes to label, in this order (a checkpoint's); by default the data set's.

    Raises:
        DataError: the split does not exist, is empty, or has a malformed line; or no source says
            what any image shows. The message names the file and the line.
    """
    warnings: list[str] = []
    image_ids = _read_image_ids(voc_dir, name, warnings)
    missing = sorted(set(image_ids) - _stems_of_images(voc_dir))
    warnings += [f"{image_path(voc_dir, image_id)}: image not found" for image_id in missing]

    listed = _class_lists(voc_dir, name)
    objects = _read_annotations(voc_dir, image_ids, warnings)
    if not listed and not objects:
        raise DataError(
            f"{voc_dir}: no labels for split {name!r}. Expected ImageSets/Main/<class>_{name}.txt "
            "or Annotations/<image id>.xml; restore either."
        )
    annotated = {item.class_name for found in objects.values() for item in found}
    names = tuple(classes) if classes is not None else order_classes(listed or annotated)
    if classes is not None:
        for unknown in sorted(set(listed) - set(names)):
            warnings.append(f"{listed[unknown]}: class {unknown!r} is not one of the model's")
    _warn_of_unknown_objects(voc_dir, objects, names, warnings)

    from_annotations = _labels_of_objects(image_ids, objects, names)
    annotated_rows = np.array([image_id in objects for image_id in image_ids])
    labels = _labels_of_lists(image_ids, listed, names, from_annotations, annotated_rows, warnings)
    return Split(name, voc_dir, tuple(image_ids), names, labels, tuple(warnings))


def read_objects(voc_dir: Path, image_id: str) -> tuple[AnnotatedObject, ...]:
    """Returns the objects of one image, none where it has no annotation.

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
        raise DataError(f"{path}: cannot be read ({error.strerror}). Mend or remove it.") from error
    except etree.XMLSyntaxError as error:
        raise DataError(f"{path}:{error.lineno}: malformed XML ({error.msg})") from error
    return tuple(_parse_object(path, element) for element in root.iterchildren("object"))


def _parse_object(path: Path, element: etree._Element) -> AnnotatedObject:
    def text(tag: str, default: str | None = None) -> str:
        found: str | None = element.findtext(tag, default)
        if found is None or not found.strip():
            raise DataError(f"{path}:{element.sourceline}: <object> without <{tag}>")
        return found.strip()

    def number(tag: str, default: str | None = None) -> float:
        value = text(tag, default)
        try:
            return float(value)
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


def _read_lines(path: Path) -> list[tuple[int, list[str]]]:
    """Returns the numbered lines that are not blank, split at white space of any kind."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: cannot be read as a text list ({error})") from error
    lines = ((number, line.split()) for number, line in enumerate(text.splitlines(), start=1))
    return [(number, words) for number, words in lines if words]


def _read_image_ids(voc_dir: Path, name: str, warnings: list[str]) -> list[str]:
    path = voc_dir / "ImageSets" / "Main" / f"{name}.txt"
    files = [path] if path.is_file() else sorted(_class_lists(voc_dir, name).values())
    if not files:
        if (voc_dir / "ImageSets" / "Main").is_dir():
            found = ", ".join(list_splits(voc_dir)) or "no list at all"
            raise DataError(f"{path}: no such split. Found: {found}. Give one of these.")
        return _split_of_annotations(voc_dir, name, warnings)

    image_ids: dict[str, None] = {}
    for file in files:
        for number, words in _read_lines(file):
            if "/" in words[0] or "\\" in words[0] or words[0] in (".", ".."):
                raise DataError(
                    f"{file}:{number}: {words[0]!r} is no image id. Expected a file name of "
                    "JPEGImages without folder and ending."
                )
            if words[0] in image_ids and len(files) == 1:
                warnings.append(f"{file}:{number}: {words[0]} is listed twice; counted once")
            image_ids[words[0]] = None
    if not image_ids:
        raise DataError(f"{files[0]}: the split is empty. Expected one image id a line.")
    return list(image_ids)


def _split_of_annotations(voc_dir: Path, name: str, warnings: list[str]) -> list[str]:
    """Makes train and val by a hash of the id where a data set has annotations and no lists."""
    image_ids = sorted(path.stem for path in (voc_dir / "Annotations").glob("*.xml"))
    if not image_ids:
        raise DataError(
            f"{voc_dir}: neither ImageSets/Main nor Annotations holds anything. "
            "Expected at least one of them; restore the VOC folder."
        )
    part_of_split = {"train": (0,), "val": (1,), "trainval": (0, 1)}
    if name not in part_of_split:
        raise DataError(
            f"{voc_dir}: no ImageSets, so only train, val and trainval can be made from "
            f"Annotations, not {name!r}."
        )
    warnings.append(
        f"{voc_dir}: no ImageSets/Main; the split {name!r} is made from Annotations, "
        "half of the images in train and half in val by a hash of the image id"
    )
    return [item for item in image_ids if crc32(item.encode()) % 2 in part_of_split[name]]


def _stems_of_images(voc_dir: Path) -> set[str]:
    folder = voc_dir / "JPEGImages"
    return {path.stem for path in folder.iterdir() if path.suffix in _IMAGE_SUFFIXES}


def _class_lists(voc_dir: Path, name: str) -> dict[str, Path]:
    """Returns the class lists of a split by class name."""
    suffix = f"_{name}"
    files = (voc_dir / "ImageSets" / "Main").glob(f"*{suffix}.txt")
    return {path.stem.removesuffix(suffix): path for path in files}


def _read_annotations(
    voc_dir: Path, image_ids: Iterable[str], warnings: list[str]
) -> dict[str, tuple[AnnotatedObject, ...]]:
    """Reads the annotations there are; a malformed one is listed and counts as missing."""
    if not (voc_dir / "Annotations").is_dir():
        return {}
    objects = {}
    for image_id in image_ids:
        try:
            if annotation_path(voc_dir, image_id).is_file():
                objects[image_id] = read_objects(voc_dir, image_id)
        except DataError as error:
            warnings.append(f"{error}; the annotation is left out")
    return objects


def _warn_of_unknown_objects(
    voc_dir: Path,
    objects: dict[str, tuple[AnnotatedObject, ...]],
    classes: Sequence[str],
    warnings: list[str],
) -> None:
    for image_id, found in objects.items():
        for item in found:
            if item.class_name not in classes:
                path = annotation_path(voc_dir, image_id)
                warnings.append(
                    f"{path}:{item.line}: unknown class {item.class_name!r}; the object is left out"
                )


def _labels_of_objects(
    image_ids: Sequence[str],
    objects: dict[str, tuple[AnnotatedObject, ...]],
    classes: Sequence[str],
) -> NDArray[np.int8]:
    """Returns (N, C) labels by the annotations; all of an image without one are IGNORED."""
    column = {name: index for index, name in enumerate(classes)}
    labels = np.full((len(image_ids), len(classes)), IGNORED, np.int8)
    for row, image_id in enumerate(image_ids):
        if image_id not in objects:
            continue
        labels[row] = ABSENT
        # Difficult ones first, so that a plain object of the same class has the last word.
        for item in sorted(objects[image_id], key=lambda item: not item.difficult):
            if item.class_name in column:
                labels[row, column[item.class_name]] = IGNORED if item.difficult else PRESENT
    return labels


def _labels_of_lists(
    image_ids: Sequence[str],
    listed: dict[str, Path],
    classes: Sequence[str],
    from_annotations: NDArray[np.int8],
    annotated: NDArray[np.bool_],
    warnings: list[str],
) -> NDArray[np.int8]:
    """Returns (N, C) labels by the class lists, by the annotations where a list is silent."""
    labels = from_annotations.copy()
    row_of = {image_id: row for row, image_id in enumerate(image_ids)}
    word = {PRESENT: "present", ABSENT: "absent", IGNORED: "difficult"}
    for column, name in enumerate(classes):
        if name not in listed:
            continue
        seen = set()
        for number, words in _read_lines(listed[name]):
            if len(words) != 2 or words[1] not in _LABEL_OF_IMAGE_SET_FLAG:
                raise DataError(
                    f"{listed[name]}:{number}: found {' '.join(words)!r}; expected an image id "
                    "and 1, 0 or -1"
                )
            if words[0] not in row_of:
                warnings.append(f"{listed[name]}:{number}: {words[0]} is not in the split")
                continue
            row = row_of[words[0]]
            seen.add(words[0])
            labels[row, column] = _LABEL_OF_IMAGE_SET_FLAG[words[1]]
            if annotated[row] and labels[row, column] != from_annotations[row, column]:
                warnings.append(
                    f"{words[0]}: {name} is {word[int(labels[row, column])]} by "
                    f"{listed[name].name}:{number} but {word[int(from_annotations[row, column])]} "
                    "by its annotation; the list is followed"
                )
        for image_id in image_ids:
            if image_id not in seen:
                source = "its annotation" if annotated[row_of[image_id]] else "nothing: unknown"
                warnings.append(f"{listed[name]}: {image_id} is not listed; taken from {source}")
    return labels
