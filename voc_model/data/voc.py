"""A folder in VOC layout: its images, splits, classes and labels.

Two sources say which classes an image contains: `ImageSets/Main/<class>_<split>.txt` (1 present,
0 only difficult objects, -1 absent) and `Annotations/<image id>.xml` (see `annotations`). Either
suffices. Where they disagree, ImageSets decides, and a warning names each image concerned.

Layout and meaning: the development kits of VOC 2007 and VOC 2012.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from voc_model.data.annotations import AnnotatedObject, annotation_path, read_annotations
from voc_model.errors import DataError

# The order of the development kit, which is alphabetical.
VOC_CLASSES = (
    "aeroplane", "bicycle", "bird", "boat", "bottle",
    "bus", "car", "cat", "chair", "cow",
    "diningtable", "dog", "horse", "motorbike", "person",
    "pottedplant", "sheep", "sofa", "train", "tvmonitor",
)  # fmt: skip

PRESENT, ABSENT, IGNORED = 1, 0, -1

_LABEL_WORDS = {PRESENT: "present", ABSENT: "absent", IGNORED: "difficult"}
# ImageSets write +1 / 0 / -1 for present / difficult / absent; ours are PRESENT / IGNORED / ABSENT.
_LABEL_OF_IMAGE_SET_FLAG = {"1": PRESENT, "+1": PRESENT, "0": IGNORED, "-1": ABSENT}

_CLASS_POSITIONS = {name: position for position, name in enumerate(VOC_CLASSES)}
_IMAGE_SUFFIXES = (".jpg", ".jpeg", ".png", ".JPG", ".JPEG", ".PNG")


@dataclass(frozen=True)
class Split:
    """The images of one split and their labels.

    Attributes:
        name: e.g. `train`.
        voc_dir: the folder that holds JPEGImages.
        image_ids: N ids in the order of the list file.
        classes: C class names, VOC's in the devkit's order, others alphabetically.
        labels: (N, C) int8; 1 present, 0 absent, -1 ignored (only difficult objects, or unknown).
        warnings: one sentence per problem of the data set that was worked around.
    """

    name: str
    voc_dir: Path
    image_ids: tuple[str, ...]
    classes: tuple[str, ...]
    labels: NDArray[np.int8]
    warnings: tuple[str, ...]


def order_classes(names: Iterable[str]) -> tuple[str, ...]:
    """Returns the distinct names, VOC's own first in the devkit's order, others alphabetically."""
    return tuple(
        sorted(set(names), key=lambda name: (_CLASS_POSITIONS.get(name, len(VOC_CLASSES)), name))
    )


def find_voc_dir(root_dir: Path) -> Path:
    """Returns the VOC folder, given that folder or its JPEGImages folder.

    Raises:
        DataError: there is no such folder, or no JPEGImages in it.
    """
    given = root_dir.expanduser().absolute()
    # As given first: if JPEGImages is a link, the lists lie beside the link.
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
        f"{root_dir}: found no JPEGImages folder, expected VOC's JPEGImages folder or the folder "
        "that holds it. Give e.g. root_dir=PATH/VOC2012/JPEGImages/"
    )


def image_path(voc_dir: Path, image_id: str) -> Path:
    """Returns the path of an image's file; if there is none, the path VOC would give it."""
    folder = voc_dir / "JPEGImages"
    for suffix in _IMAGE_SUFFIXES:
        path = folder / f"{image_id}{suffix}"
        if path.is_file():
            return path
    return folder / f"{image_id}.jpg"


def list_splits(voc_dir: Path) -> list[str]:
    """Returns the names of the splits in ImageSets/Main; `<class>_<split>.txt` is not a split."""
    names = {path.stem for path in (voc_dir / "ImageSets" / "Main").glob("*.txt")}
    return sorted(name for name in names if name.rpartition("_")[2] not in names - {name})


def read_split(voc_dir: Path, name: str, classes: Sequence[str] | None = None) -> Split:
    """Reads the images of a split and their labels.

    Args:
        voc_dir: the folder that holds JPEGImages.
        name: the split, e.g. `train`, `val`, `trainval`, `test`.
        classes: the classes to label, in this order (a checkpoint's); by default the data set's.

    Raises:
        DataError: the split does not exist, is empty or has a malformed line, or there are neither
            class lists nor annotations. The message names the file and the line.
    """
    warnings: list[str] = []
    image_ids = _read_image_ids(voc_dir, name, warnings)
    missing = sorted(set(image_ids) - _stems_of_images(voc_dir))
    warnings += [f"{image_path(voc_dir, image_id)}: image not found" for image_id in missing]

    class_lists = _class_lists(voc_dir, name)
    objects = read_annotations(voc_dir, image_ids, warnings)
    if not class_lists and not objects:
        raise DataError(
            f"{voc_dir}: found no labels for split {name!r}, expected "
            f"ImageSets/Main/<class>_{name}.txt or Annotations/<image id>.xml. Restore either."
        )
    annotated = {item.class_name for found in objects.values() for item in found}
    names = tuple(classes) if classes is not None else order_classes(class_lists or annotated)
    if classes is not None:
        for unknown in sorted(set(class_lists) - set(names)):
            warnings.append(f"{class_lists[unknown]}: class {unknown!r} is not one of the model's")
    _warn_of_unknown_objects(voc_dir, objects, names, warnings)
    labels = _make_labels(image_ids, names, class_lists, objects, warnings)
    return Split(name, voc_dir, tuple(image_ids), names, labels, tuple(warnings))


def _read_lines(path: Path) -> list[tuple[int, list[str]]]:
    """Returns number and words of every line that is not blank."""
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
                    f"{file}:{number}: {words[0]!r} is not an image id. Expected the name of a "
                    "file in JPEGImages, without folder and extension."
                )
            if words[0] in image_ids and len(files) == 1:
                warnings.append(f"{file}:{number}: {words[0]} is listed twice; counted once")
            image_ids[words[0]] = None
    if not image_ids:
        raise DataError(f"{files[0]}: the split is empty. Expected one image id per line.")
    return list(image_ids)


def _split_of_annotations(voc_dir: Path, name: str, warnings: list[str]) -> list[str]:
    """Divides a data set without lists into train and val, by a hash of the image id."""
    image_ids = sorted(path.stem for path in (voc_dir / "Annotations").glob("*.xml"))
    if not image_ids:
        raise DataError(
            f"{voc_dir}: neither ImageSets/Main nor Annotations holds anything. "
            "Expected at least one of them; restore the VOC folder."
        )
    part_of_split = {"train": (0,), "val": (1,), "trainval": (0, 1)}
    if name not in part_of_split:
        raise DataError(
            f"{voc_dir}: no ImageSets, so only train, val and trainval can be derived from "
            f"Annotations, not {name!r}."
        )
    warnings.append(
        f"{voc_dir}: no ImageSets/Main; the split {name!r} is derived from Annotations: "
        "half of the images in train and half in val, by a hash of the image id"
    )
    return [item for item in image_ids if crc32(item.encode()) % 2 in part_of_split[name]]


def _stems_of_images(voc_dir: Path) -> set[str]:
    folder = voc_dir / "JPEGImages"
    return {path.stem for path in folder.iterdir() if path.suffix in _IMAGE_SUFFIXES}


def _class_lists(voc_dir: Path, split: str) -> dict[str, Path]:
    """Returns the class lists of a split by class name."""
    suffix = f"_{split}"
    files = (voc_dir / "ImageSets" / "Main").glob(f"*{suffix}.txt")
    return {path.stem.removesuffix(suffix): path for path in files}


def _warn_of_unknown_objects(
    voc_dir: Path,
    objects: Mapping[str, Sequence[AnnotatedObject]],
    classes: Sequence[str],
    warnings: list[str],
) -> None:
    for image_id, found in objects.items():
        for item in found:
            if item.class_name not in classes:
                path = annotation_path(voc_dir, image_id)
                warnings.append(
                    f"{path}:{item.line}: unknown class {item.class_name!r}; the object is skipped"
                )


def _make_labels(
    image_ids: Sequence[str],
    classes: Sequence[str],
    class_lists: Mapping[str, Path],
    objects: Mapping[str, Sequence[AnnotatedObject]],
    warnings: list[str],
) -> NDArray[np.int8]:
    """Returns (N, C) labels by the class lists, by the annotations where a list is silent."""
    labels = _labels_of_objects(image_ids, classes, objects)
    rows = {image_id: row for row, image_id in enumerate(image_ids)}
    annotated = [image_id in objects for image_id in image_ids]
    for column, name in enumerate(classes):
        if name in class_lists:
            _apply_class_list(class_lists[name], name, labels[:, column], rows, annotated, warnings)
    return labels


def _labels_of_objects(
    image_ids: Sequence[str],
    classes: Sequence[str],
    objects: Mapping[str, Sequence[AnnotatedObject]],
) -> NDArray[np.int8]:
    """Returns (N, C) labels by the annotations; all of an image without one are IGNORED."""
    columns = {name: column for column, name in enumerate(classes)}
    labels = np.full((len(image_ids), len(classes)), IGNORED, np.int8)
    for row, image_id in enumerate(image_ids):
        if image_id not in objects:
            continue
        labels[row] = ABSENT
        # Difficult ones first: an object that is not difficult overrides them.
        for item in sorted(objects[image_id], key=lambda item: not item.difficult):
            if item.class_name in columns:
                labels[row, columns[item.class_name]] = IGNORED if item.difficult else PRESENT
    return labels


def _apply_class_list(
    path: Path,
    class_name: str,
    labels: NDArray[np.int8],
    rows: Mapping[str, int],
    annotated: Sequence[bool],
    warnings: list[str],
) -> None:
    """Overwrites a class's (N,) labels, so far those of the annotations, with those of its list."""
    from_annotations = labels.copy()
    listed = set()
    for number, words in _read_lines(path):
        if len(words) != 2 or words[1] not in _LABEL_OF_IMAGE_SET_FLAG:
            raise DataError(
                f"{path}:{number}: found {' '.join(words)!r}; expected an image id and 1, 0 or -1"
            )
        image_id, label = words[0], _LABEL_OF_IMAGE_SET_FLAG[words[1]]
        row = rows.get(image_id)
        if row is None:
            warnings.append(f"{path}:{number}: {image_id} is not in the split")
            continue
        listed.add(image_id)
        labels[row] = label
        if annotated[row] and label != from_annotations[row]:
            warnings.append(
                f"{image_id}: {class_name} is {_LABEL_WORDS[label]} in {path.name}:{number} but "
                f"{_LABEL_WORDS[int(from_annotations[row])]} in its annotation; the list is used"
            )
    for image_id, row in rows.items():
        if image_id not in listed:
            source = "its annotation" if annotated[row] else "nothing: unknown"
            warnings.append(f"{path}: {image_id} is not listed; taken from {source}")
