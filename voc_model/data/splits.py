"""Which images a split holds: those of its list, else of its class lists, else a share of all."""

import hashlib
from collections.abc import Collection, Container, Mapping
from pathlib import Path

from voc_model.data.annotations import list_annotated
from voc_model.data.lists import TextList, list_names, list_path, list_splits, read_list
from voc_model.errors import DataError


def read_image_ids(
    voc_dir: Path,
    name: str,
    known: Collection[str],
    class_lists: Mapping[str, TextList],
    chosen_by: str,
    warnings: list[str],
) -> list[str]:
    """Returns the ids of a split, each once, in the order of its list.

    Args:
        voc_dir: the folder that holds JPEGImages.
        name: the split, e.g. `train`.
        known: the ids of existing images.
        class_lists: the split's lists of flags, which define it if it has no list of ids.
        chosen_by: how the user chooses another split, for the error message.
        warnings: gets one sentence per problem that was worked around.

    Raises:
        DataError: the split does not exist or is empty, or a line is malformed.
    """
    path, names = list_path(voc_dir, name), list_names(voc_dir)
    if name in names:
        image_ids = _read_list(read_list(path), known, warnings)
        if not image_ids:
            raise DataError(f"{path}: the split is empty. Expected one image id per line.")
        return image_ids
    if class_lists:
        flags = [line for text_list in class_lists.values() for line in text_list.flags(known)]
        return list(dict.fromkeys(image_id for _, image_id, _ in flags))
    if names:
        found = ", ".join(list_splits(voc_dir, known))
        raise DataError(
            f"{path}: no such split. Found: {found}. Choose one of these with {chosen_by}."
        )
    return _derive_split(voc_dir, name, known, warnings)


def _read_list(text_list: TextList, known: Container[str], warnings: list[str]) -> list[str]:
    image_ids: dict[str, None] = {}
    for number, image_id in text_list.image_ids(known, warnings):
        if image_id in image_ids:
            warnings.append(f"{text_list.path}:{number}: {image_id} is listed twice; counted once")
        image_ids[image_id] = None
    return list(image_ids)


def _derive_split(
    voc_dir: Path, name: str, known: Collection[str], warnings: list[str]
) -> list[str]:
    """Divides the annotated images of a data set without lists into train and val."""
    image_ids = list_annotated(voc_dir)
    if not image_ids:
        raise DataError(
            f"{voc_dir}: ImageSets/Main and Annotations are both empty or missing. "
            "Expected at least one of them; restore the VOC folder."
        )
    if name not in ("train", "val", "trainval"):
        raise DataError(
            f"{voc_dir}: no list in ImageSets/Main, so only train, val and trainval can be derived "
            f"from Annotations, not {name!r}."
        )
    if name != "trainval" and len(image_ids) < 2:
        raise DataError(
            f"{voc_dir}: no list in ImageSets/Main, and only one image has an annotation: too few "
            "to divide into train and val. Annotate more images, or choose trainval."
        )
    warnings.append(
        f"{voc_dir}: no list in ImageSets/Main; the split {name!r} is derived from Annotations: "
        "half of the images in train and half in val, by a hash of the image id"
    )
    others = sorted(set(known).difference(image_ids))
    if others:
        warnings.append(
            f"{voc_dir}: {len(others):,} of {len(known):,} images have no annotation and are in no "
            f"split, e.g. {others[0]!r}"
        )
    if name == "trainval":
        return image_ids
    # The order of a hash is as good as a random one, but the same on every machine, and a new image
    # moves at most one other from one part to the other.
    shuffled = sorted(image_ids, key=lambda item: hashlib.sha256(item.encode()).digest())
    middle = (len(shuffled) + 1) // 2
    return sorted(shuffled[:middle] if name == "train" else shuffled[middle:])
