"""Labels of images by class, from class lists and annotations; a warning where they differ."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from voc_model.data.annotations import AnnotatedObject, annotation_path
from voc_model.data.lists import TextList
from voc_model.errors import DataError, and_more

# IGNORED: all objects of the class are difficult. UNKNOWN: nobody has labelled the image.
PRESENT, ABSENT, IGNORED, UNKNOWN = 1, 0, -1, -2

# The flag that says "absent" in the lists of a class.
AbsentFlag = Literal[-1, 0]

_LABEL_WORDS = {PRESENT: "present", ABSENT: "absent", IGNORED: "difficult", UNKNOWN: "unknown"}
# VOC's lists have 1, 0 and -1; those of other data sets only 1 and 0.
_LABEL_OF_FLAG: dict[AbsentFlag, dict[str, int]] = {
    -1: {"1": PRESENT, "+1": PRESENT, "0": IGNORED, "-1": ABSENT},
    0: {"1": PRESENT, "+1": PRESENT, "0": ABSENT},
}

_Objects = Mapping[str, Sequence[AnnotatedObject]]


@dataclass(frozen=True)
class LabelSources:
    """What is known about the classes of a split's images.

    Attributes:
        voc_dir: the folder that holds Annotations.
        split: the split's name.
        known: the ids of existing images.
        class_lists: lists of flags by class name.
        objects: by id, of the images that have a valid annotation.
    """

    voc_dir: Path
    split: str
    known: Collection[str]
    class_lists: Mapping[str, TextList]
    objects: _Objects

    def annotated_classes(self) -> set[str]:
        """Returns the classes of all annotated objects."""
        return {item.class_name for found in self.objects.values() for item in found}


def make_labels(
    image_ids: Sequence[str],
    classes: Sequence[str],
    sources: LabelSources,
    absent_flag: AbsentFlag,
    warnings: list[str],
    details: list[str],
) -> NDArray[np.int8]:
    """Returns (N, C) labels by the class lists, by the annotations where a list is silent.

    Args:
        image_ids: N ids.
        classes: C names.
        sources: the lists and annotations.
        absent_flag: which flag means "absent" in the lists; with -1, 0 means "difficult".
        warnings: gets one sentence for the images and per class without a label, and those about
            the lists.
        details: gets one sentence per image on which two sources disagree.

    Raises:
        DataError: a line of a class list is malformed.
    """
    labels = _labels_of_objects(image_ids, classes, sources.objects)
    rows = {image_id: row for row, image_id in enumerate(image_ids)}
    without_absent = []
    for column, name in enumerate(classes):
        if name in sources.class_lists:
            text_list = sources.class_lists[name]
            flags = _parse_flags(text_list, sources.known, absent_flag)
            stated = _state(flags, name, text_list.path, rows, sources, warnings)
            _apply(stated, name, text_list.path, labels[:, column], rows, sources, details)
            found = {label for _, _, label in flags}
            if IGNORED in found and ABSENT not in found:
                without_absent.append(text_list.path)
    if without_absent:
        warnings.append(
            f"{without_absent[0]}{and_more(without_absent)}: there are flags 0 but none of -1, so "
            "the class is never absent: in VOC's lists, -1 means absent and 0 difficult. If 0 "
            "means absent here, use --absent-flag 0 (absent_flag in the settings file)"
        )
    _warn_of_unknown(image_ids, classes, labels, sources, warnings)
    return labels


def warn_of_unlisted_classes(
    classes: Sequence[str], sources: LabelSources, model_classes: bool, warnings: list[str]
) -> None:
    """Adds one sentence per class that a source holds but the others do not.

    Args:
        classes: the classes to label.
        sources: the lists and annotations.
        model_classes: whether they are those of a model. Else they are all that the sources hold,
            and a class without a list beside lists of other classes may be a misspelling.
        warnings: gets the sentences, which say how many images show the class.
    """
    images: dict[str, set[str]] = {}
    places: dict[str, str] = {}
    expected = set(classes if model_classes else sources.class_lists)
    if not expected:
        return
    for name in sorted(set(sources.class_lists) - expected):
        for number, image_id, flag in sources.class_lists[name].flags(sources.known):
            if flag in ("1", "+1"):
                images.setdefault(name, set()).add(image_id)
                places.setdefault(name, f"{sources.class_lists[name].path}:{number}")
    for image_id, found in sources.objects.items():
        for item in found:
            if item.class_name not in expected:
                images.setdefault(item.class_name, set()).add(image_id)
                path = annotation_path(sources.voc_dir, image_id)
                places.setdefault(item.class_name, f"{path}:{item.line}")
    for name in sorted(images):
        shown = f"{places[name]}: {_count(images[name], 'image')} of split {sources.split!r} "
        if model_classes:
            meaning = f"with class {name!r}, which is not one of the model's; it has no score"
        else:
            meaning = (
                f"with class {name!r}, which has no list {name}_{sources.split}.txt although "
                "other classes have one; its labels are taken from the annotations"
            )
        warnings.append(shown + meaning)


def _labels_of_objects(
    image_ids: Sequence[str], classes: Sequence[str], objects: _Objects
) -> NDArray[np.int8]:
    """Returns (N, C) labels by the annotations; all of an image without one are UNKNOWN."""
    columns = {name: column for column, name in enumerate(classes)}
    labels = np.full((len(image_ids), len(classes)), UNKNOWN, np.int8)
    for row, image_id in enumerate(image_ids):
        if image_id not in objects:
            continue
        labels[row] = ABSENT
        # Difficult ones first: an object that is not difficult overrides them.
        for item in sorted(objects[image_id], key=lambda item: not item.difficult):
            if item.class_name in columns:
                labels[row, columns[item.class_name]] = IGNORED if item.difficult else PRESENT
    return labels


_Flags = Sequence[tuple[int, str, int]]  # line number, image id, label


def _parse_flags(
    text_list: TextList, known: Collection[str], absent_flag: AbsentFlag
) -> list[tuple[int, str, int]]:
    label_of_flag = _LABEL_OF_FLAG[absent_flag]
    parsed = []
    for number, image_id, flag in text_list.flags(known):
        if flag not in label_of_flag:
            raise DataError(
                f"{text_list.path}:{number}: found flag {flag}; expected 1 or 0, since absent_flag "
                "is 0. If -1 means absent here, use --absent-flag -1."
            )
        parsed.append((number, image_id, label_of_flag[flag]))
    return parsed


_Stated = Mapping[str, tuple[int, int]]  # line number and label by image id


def _state(
    flags: _Flags,
    class_name: str,
    path: Path,
    rows: Mapping[str, int],
    sources: LabelSources,
    warnings: list[str],
) -> _Stated:
    """Returns what a class list says of the split's images, without what it contradicts itself."""
    stated: dict[str, tuple[int, int]] = {}
    contradicted: set[str] = set()
    strangers = []
    for number, image_id, label in flags:
        if image_id not in rows:
            strangers.append(f"{path}:{number}: {image_id} is not in the split")
            continue
        first_number, first_label = stated.setdefault(image_id, (number, label))
        if label != first_label:
            contradicted.add(image_id)
            outcome = (
                "its annotation is used" if image_id in sources.objects else "its label is unknown"
            )
            warnings.append(
                f"{path}:{number}: {image_id} is {_LABEL_WORDS[label]} here but "
                f"{_LABEL_WORDS[first_label]} in line {first_number}; {outcome}"
            )
    if strangers:
        warnings.append(strangers[0] + and_more(strangers))
    silent = [item for item in rows if item in sources.objects and item not in stated]
    if silent:
        warnings.append(
            f"{path}: {_count(silent, 'image')} of the split not listed, e.g. {silent[0]}; "
            f"{class_name} is taken from the annotations"
        )
    return {image_id: found for image_id, found in stated.items() if image_id not in contradicted}


def _apply(
    stated: _Stated,
    class_name: str,
    path: Path,
    labels: NDArray[np.int8],
    rows: Mapping[str, int],
    sources: LabelSources,
    details: list[str],
) -> None:
    """Overwrites a class's (N,) labels, so far those of the annotations, with those of its list."""
    for image_id, (number, label) in stated.items():
        row = rows[image_id]
        if image_id in sources.objects and label != labels[row]:
            details.append(
                f"{image_id}: {class_name} is {_LABEL_WORDS[label]} in {path.name}:{number} but "
                f"{_LABEL_WORDS[int(labels[row])]} in its annotation; the list is used"
            )
        labels[row] = label


def _warn_of_unknown(
    image_ids: Sequence[str],
    classes: Sequence[str],
    labels: NDArray[np.int8],
    sources: LabelSources,
    warnings: list[str],
) -> None:
    unlabelled = np.flatnonzero((labels == UNKNOWN).all(axis=1))
    if len(unlabelled):
        first = image_ids[unlabelled[0]]
        warnings.append(
            f"{annotation_path(sources.voc_dir, first)}: no valid annotation and in no class list: "
            f"{_count(unlabelled, 'image')} of split {sources.split!r} not labelled, e.g. {first}; "
            "counted in no metric"
        )
    labelled = np.ones(len(image_ids), np.bool_)
    labelled[unlabelled] = False
    for column, name in enumerate(classes):
        rows = np.flatnonzero((labels[:, column] == UNKNOWN) & labelled)
        if len(rows):
            text_list = sources.class_lists.get(name)
            place = text_list.path if text_list else f"no list {name}_{sources.split}.txt"
            warnings.append(
                f"{place}: {_count(rows, 'image')} of split {sources.split!r} not labelled for "
                f"class {name!r}, e.g. {image_ids[rows[0]]}; counted in none of its metrics"
            )


def _count(items: Collection[object] | NDArray[np.int64], noun: str) -> str:
    return f"{len(items):,} {noun}" + ("s" if len(items) > 1 else "")
