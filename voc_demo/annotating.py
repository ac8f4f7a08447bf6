"""Sights -> an annotation as VOC's annotators would write it, with their mistakes where wanted."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random

from lxml import etree

from voc_demo.backdrops.backdrop import HEIGHT, WIDTH
from voc_demo.painting import Sight

# Below these a thing is difficult, as VOC's annotators would say: mostly hidden, or tiny.
_DIFFICULT_VISIBLE, _DIFFICULT_AREA_SHARE = 0.3, 0.01
# And below these nobody would see it at all.
_LEAST_VISIBLE, _LEAST_AREA_SHARE = 0.04, 0.0006

# What an annotator in a hurry takes for what.
_MISTAKEN_FOR = {
    "aeroplane": "bird", "bicycle": "motorbike", "bird": "aeroplane", "boat": "train",
    "bottle": "pottedplant", "bus": "train", "car": "bus", "cat": "dog", "chair": "sofa",
    "cow": "horse", "diningtable": "chair", "dog": "cat", "horse": "cow", "motorbike": "bicycle",
    "person": "dog", "pottedplant": "bottle", "sheep": "cow", "sofa": "chair", "train": "bus",
    "tvmonitor": "sofa",
}  # fmt: skip


@dataclass(frozen=True)
class LabelError:
    """One wrong label: what the data set says of a class in an image, and what is true."""

    image_id: str
    class_name: str
    written: str  # present or absent
    true: str


def is_noticed(sight: Sight) -> bool:
    """Tells whether anybody would see the thing at all."""
    return sight.visible >= _LEAST_VISIBLE and sight.area_share >= _LEAST_AREA_SHARE


def plant_error(
    image_id: str, sights: list[Sight], random: Random
) -> tuple[list[Sight], list[LabelError]]:
    """Forgets a class or takes it for another one, in every object of it."""
    classes = sorted({item.class_name for item in sights if not is_difficult(item)})
    if not classes:
        return sights, []
    name = random.choice(classes)
    other = _MISTAKEN_FOR[name]
    errors = [LabelError(image_id, name, "absent", "present")]
    if random.random() < 0.5 or any(item.class_name == other for item in sights):
        return [item for item in sights if item.class_name != name], errors
    errors.append(LabelError(image_id, other, "present", "absent"))
    return [
        replace(item, class_name=other) if item.class_name == name else item for item in sights
    ], errors


def is_difficult(sight: Sight) -> bool:
    """Tells whether a thing is mostly hidden or tiny: what VOC leaves out of every figure."""
    return sight.visible < _DIFFICULT_VISIBLE or sight.area_share < _DIFFICULT_AREA_SHARE


def annotate(folder: str, image_id: str, sights: Sequence[Sight]) -> bytes:
    """Returns an annotation as VOC 2012 writes it."""
    root = etree.Element("annotation")

    def add(parent: etree._Element, tag: str, value: object) -> None:
        etree.SubElement(parent, tag).text = str(value)

    add(root, "folder", folder)
    add(root, "filename", f"{image_id}.jpg")
    size = etree.SubElement(root, "size")
    for tag, value in (("width", WIDTH), ("height", HEIGHT), ("depth", 3)):
        add(size, tag, value)
    add(root, "segmented", 0)
    for sight in sights:
        item = etree.SubElement(root, "object")
        add(item, "name", sight.class_name)
        add(item, "pose", "Unspecified")
        add(item, "truncated", int(sight.truncated))
        add(item, "occluded", int(sight.occluded))
        add(item, "difficult", int(is_difficult(sight)))
        box = etree.SubElement(item, "bndbox")
        for tag in ("xmin", "ymin", "xmax", "ymax"):
            add(box, tag, getattr(sight, tag))
    return bytes(etree.tostring(root, pretty_print=True))
