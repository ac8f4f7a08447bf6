"""A folder in VOC layout: its images, splits, classes and labels.

Two sources say which classes an image contains: `ImageSets/Main/<class>_<split>.txt` (1 present,
0 only difficult objects, -1 absent; see `lists`) and `Annotations/<image id>.xml` (see
`annotations`). Either suffices. Where they disagree, ImageSets decides, and a warning names each
image concerned (see `labels`).

Layout and meaning: the development kits of VOC 2007 and VOC 2012.
"""

import os
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import filterfalse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from voc_model.data import lists
from voc_model.data.annotations import annotation_path, list_annotated, read_annotations
from voc_model.data.image_files import IMAGE_SUFFIXES, list_images
from voc_model.data.labels import (
    AbsentFlag,
    LabelSources,
    make_labels,
    warn_of_unlisted_classes,
)
from voc_model.data.splits import read_image_ids
from voc_model.errors import DataError, and_more
from voc_model.files import is_file, is_utf8, list_folder, path_below, show_name

# The order of the development kit, which is alphabetical.
VOC_CLASSES = (
    "aeroplane", "bicycle", "bird", "boat", "bottle",
    "bus", "car", "cat", "chair", "cow",
    "diningtable", "dog", "horse", "motorbike", "person",
    "pottedplant", "sheep", "sofa", "train", "tvmonitor",
)  # fmt: skip

_MAX_REASONS = 3
_EXAMPLE = "e.g. root_dir=PATH/VOC2012/JPEGImages/"


@dataclass(frozen=True)
class Split:
    """The images of one split and their labels.

    Attributes:
        name: e.g. `train`.
        voc_dir: the folder that holds JPEGImages.
        image_ids: N ids in the order of the list file.
        classes: C class names, in alphabetical order unless the reader chose another.
        labels: (N, C) int8; 1 present, 0 absent, -1 ignored (only difficult objects), -2 unknown
            (neither listed nor annotated).
        warnings: one sentence per problem of the data set that was worked around, those about a
            single image last.
    """

    name: str
    voc_dir: Path
    image_ids: tuple[str, ...]
    classes: tuple[str, ...]
    labels: NDArray[np.int8]
    warnings: tuple[str, ...]


def order_classes(names: Iterable[str]) -> tuple[str, ...]:
    """Returns the distinct names in alphabetical order, which is the devkit's for VOC's classes."""
    return tuple(sorted(set(names), key=lambda name: (name.casefold(), name)))


def find_voc_dir(root_dir: Path) -> Path:
    """Returns the VOC folder, given that folder or its JPEGImages folder.

    Raises:
        DataError: there is no such folder, or no JPEGImages in it.
    """
    shown = show_name(str(root_dir))
    try:
        given = root_dir.expanduser().absolute()
        # As given first: if JPEGImages is a link, the lists lie beside the link.
        found = next(filter(None, map(_voc_dir_at, (given, given.resolve()))), None)
        is_folder = given.is_dir()
    except (OSError, RuntimeError, ValueError) as error:  # A loop of links, or too long a name.
        reason = getattr(error, "strerror", None) or error
        raise DataError(f"{shown}: cannot be opened ({reason}). Give {_EXAMPLE}") from None
    if not is_folder:
        raise DataError(f"{shown}: no such folder. Give VOC's JPEGImages folder, {_EXAMPLE}")
    if found is None:
        raise DataError(
            f"{shown}: found no JPEGImages folder, expected VOC's JPEGImages folder or the folder "
            f"that holds it. Give {_EXAMPLE}"
        )
    if not is_utf8(str(found)):
        raise DataError(
            f"{show_name(str(found))}: this path is not UTF-8, in which all files about a data set "
            "are written. Rename the folder."
        )
    return found


def _voc_dir_at(root: Path) -> Path | None:
    if root.name == "JPEGImages" and root.is_dir():
        return root.parent.resolve()
    return root.resolve() if (root / "JPEGImages").is_dir() else None


def image_path(voc_dir: Path, image_id: str) -> Path:
    """Returns the path of an image's file; if there is none, the path VOC would give it.

    Raises:
        DataError: the id leads out of JPEGImages.
    """
    usual = path_below(voc_dir / "JPEGImages", f"{image_id}.jpg")
    if is_file(usual):
        return usual
    # As text: a page may have a hundred images without a file, each with dozens of candidates.
    stem = str(usual).removesuffix(".jpg")
    candidates = (stem + suffix for suffix in IMAGE_SUFFIXES)
    found = next(filter(os.path.isfile, candidates), None)
    return Path(found) if found else usual


def list_splits(voc_dir: Path) -> list[str]:
    """Returns the names of the splits in ImageSets/Main; `<class>_<split>.txt` is not a split."""
    return lists.list_splits(voc_dir, set(list_images(voc_dir / "JPEGImages")))


def read_split(
    voc_dir: Path,
    name: str,
    classes: Sequence[str] | None = None,
    absent_flag: AbsentFlag = -1,
    chosen_by: str = "--split NAME",
) -> Split:
    """Reads the images of a split and their labels.

    Args:
        voc_dir: the folder that holds JPEGImages.
        name: the split, e.g. `train`, `val`, `trainval`, `test`.
        classes: the classes to label, in this order (a checkpoint's); by default the data set's.
        absent_flag: which flag means "absent" in the class lists.
        chosen_by: how the user chooses another split, for error messages.

    Raises:
        DataError: the split does not exist, is empty or has a malformed line, or there are no class
            lists, annotations or classes. The message names the file and the line, and the first
            problems on the way.
    """
    warnings: list[str] = []
    details: list[str] = []  # about a single image, of which there may be thousands
    files = list_images(voc_dir / "JPEGImages")
    known = set(files)
    _warn_of_names(voc_dir, warnings)
    class_lists = lists.read_class_lists(voc_dir, name, known, warnings)
    image_ids = read_image_ids(voc_dir, name, known, class_lists, chosen_by, warnings)
    objects = read_annotations(voc_dir, image_ids, details)
    if len(objects) < len(image_ids):
        _warn_of_stray_annotations(voc_dir, known, warnings)
    missing = sorted(set(image_ids) - known)
    details += [f"{image_path(voc_dir, image_id)}: image not found" for image_id in missing]
    _warn_of_rivals(
        voc_dir, {image_id: files.get(image_id, []) for image_id in image_ids}, warnings
    )
    if not class_lists and not objects:
        reasons = [*warnings, *details, _describe_annotations(voc_dir, image_ids[0])]
        raise DataError(
            f"{voc_dir}: found no labels for split {name!r}, expected "
            f"ImageSets/Main/<class>_{name}.txt or Annotations/<image id>.xml. "
            f"{list_reasons(reasons)}"
        )
    sources = LabelSources(voc_dir, name, known, class_lists, objects)
    names = tuple(classes or order_classes({*class_lists, *sources.annotated_classes()}))
    if not names:
        raise DataError(
            f"{voc_dir}: none of the {len(objects):,} annotations of split {name!r} has an object, "
            f"so there is no class. {list_reasons([*warnings, *details])}"
        )
    warn_of_unlisted_classes(names, sources, classes is not None, warnings)
    labels = make_labels(image_ids, names, sources, absent_flag, warnings, details)
    return Split(name, voc_dir, tuple(image_ids), names, labels, (*warnings, *details))


def list_reasons(warnings: Sequence[str]) -> str:
    """Returns the first few warnings of a split, for the end of an error message."""
    return "\n".join(["What was found:", *warnings[:_MAX_REASONS]]) if warnings else ""


def _warn_of_stray_annotations(voc_dir: Path, known: Container[str], warnings: list[str]) -> None:
    """Warns of annotations without an image: perhaps those of images that seem to have none."""
    annotated = list_annotated(voc_dir)
    strays = [image_id for image_id in annotated if image_id not in known]
    if strays:
        warnings.append(
            f"{annotation_path(voc_dir, strays[0])}: belongs to no image in JPEGImages"
            f"{and_more(strays)}; an annotation must have the name of its image"
        )


def _describe_annotations(voc_dir: Path, image_id: str) -> str:
    """Says what Annotations holds, if no annotation belongs to the images of a split."""
    found, expected = list_annotated(voc_dir), annotation_path(voc_dir, image_id)
    if not expected.parent.is_dir():
        return f"{expected.parent}: no such folder."
    names = f"{len(found):,} annotations, e.g. of {found[0]!r}" if found else "no .xml file"
    return f"{expected}: not found or not valid; the folder holds {names}."


def _warn_of_rivals(voc_dir: Path, files: Mapping[str, Sequence[str]], warnings: list[str]) -> None:
    """Warns of images of a split that have several files, given the names of each image's files."""
    rivals = {image_id: names for image_id, names in files.items() if len(names) > 1}
    if rivals:
        image_id, names = next(iter(rivals.items()))
        used = image_path(voc_dir, image_id)
        others = ", ".join(name for name in names if name != used.name)
        more = f"; likewise for {len(rivals) - 1:,} more" if len(rivals) > 1 else ""
        warnings.append(f"{used}: {others} has the same image id; {used.name} is used{more}")


def _warn_of_names(voc_dir: Path, warnings: list[str]) -> None:
    """Warns of files that belong to no image, since their names are not UTF-8, as ids are."""
    for folder in ("JPEGImages", "Annotations", "ImageSets/Main"):
        names = sorted(map(show_name, filterfalse(is_utf8, list_folder(voc_dir / folder))))
        if names:
            more = f"; likewise for {len(names) - 1:,} more" if len(names) > 1 else ""
            warnings.append(
                f"{voc_dir / folder / names[0]}: not used, since its name is not UTF-8{more}. "
                "Rename it."
            )
