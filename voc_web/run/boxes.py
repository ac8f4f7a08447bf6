"""Boxes of annotated objects, placed on the image as browsers show it.

Annotation tools differ in whether they turn a photograph upright before boxes are drawn, and images
are scaled after they were annotated. `<size>` of the annotation says which image its boxes are for.
"""

import itertools
import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

from voc_model.data.annotations import AnnotatedObject, Annotation
from voc_model.data.image_files import ImageHeader, turn_box


@dataclass(frozen=True)
class Box:
    """The part of an object's box that lies in the image, in percent of its width and height."""

    object: AnnotatedObject
    left: float
    top: float
    width: float
    height: float
    # the corner of its label
    at_right: bool = False
    at_bottom: bool = False

    @property
    def label(self) -> str:
        """The object's class, and why it may look unlike it."""
        item = self.object
        remarks = {"difficult": item.difficult, "truncated": item.truncated}
        return ", ".join([item.class_name, *(name for name, holds in remarks.items() if holds)])


# In pixels, of labels on the narrowest image; on a wider one, labels take a smaller part of it.
_CHARACTER, _PADDING, _LINE = 7.5, 16, 21
_NARROWEST = 320
_MAX_PLACED = 100  # With more boxes, labels overlap wherever they are.
_SAME_SHAPE = 0.02  # Of the ratio of edges, which scaling to whole pixels changes.

_Rectangle = tuple[float, float, float, float]  # left, top, right, bottom


def fit_objects(
    annotation: Annotation, header: ImageHeader | None
) -> tuple[tuple[AnnotatedObject, ...], str]:
    """Returns the objects with boxes in pixels of the upright image, and what was done to them.

    Args:
        annotation: of the image.
        header: of its file, None if it cannot be read.

    Returns:
        The objects, and a sentence if their boxes were turned or scaled, or may be misplaced.
    """
    objects, size = annotation.objects, annotation.size
    if header is None or all(math.isnan(item.xmin) for item in objects):
        return objects, ""
    turned = f"The image is stored rotated (EXIF orientation {header.orientation})"
    if size is None:
        unknown = f"{turned}, and nothing says whether its boxes are: they may be misplaced."
        return objects, unknown if header.orientation != 1 else ""
    stored = (header.height, header.width) if header.is_sideways else (header.width, header.height)
    is_turned = _difference(size, stored) < _difference(size, (header.width, header.height))
    target = stored if is_turned else (header.width, header.height)
    notes = []
    if is_turned:
        notes.append(f"{turned}, and its boxes are rotated with it.")
    elif header.orientation != 1 and not (header.is_sideways and size[0] != size[1]):
        notes.append(f"{turned}, and nothing says whether its boxes are: they may be misplaced.")
    if size != target:
        notes.append(
            f"The annotation is for {size[0]:g} x {size[1]:g} pixels; its boxes are scaled."
        )
    if _difference(size, target) > _SAME_SHAPE:
        notes.append("The image has another shape, so they may be misplaced.")
    orientation = header.orientation if is_turned else 1
    return tuple(_fit(item, size, target, orientation) for item in objects), " ".join(notes)


def clip_boxes(objects: tuple[AnnotatedObject, ...], header: ImageHeader | None) -> tuple[Box, ...]:
    """Returns the parts of boxes that lie in the image, in percent of it."""
    boxes = []
    for item in objects:
        if header is None or math.isnan(item.xmin):
            continue
        edges = _edges(item)
        left, right = (min(max(x, 0.0), header.width) for x in edges[::2])
        top, bottom = (min(max(y, 0.0), header.height) for y in edges[1::2])
        if left < right and top < bottom:
            x, y = 100 / header.width, 100 / header.height
            boxes.append(Box(item, left * x, top * y, (right - left) * x, (bottom - top) * y))
    return tuple(boxes)


def place_labels(boxes: tuple[Box, ...], header: ImageHeader | None) -> tuple[Box, ...]:
    """Chooses a corner of each box for its label, so that labels do not cover each other."""
    if header is None:
        return boxes
    placed: list[Box] = []
    taken: list[_Rectangle] = []
    for box in boxes[:_MAX_PLACED]:
        outer = box.left + box.width / 2 > 50
        corners = itertools.product((outer, not outer), (False, True))
        choices = [replace(box, at_right=right, at_bottom=bottom) for right, bottom in corners]
        areas = [_label_area(choice, header.height / header.width) for choice in choices]
        best = min(range(4), key=lambda at: _outside(areas[at]) + _covered(areas[at], taken))
        placed.append(choices[best])
        taken.append(areas[best])
    return (*placed, *boxes[_MAX_PLACED:])


def _label_area(box: Box, shape: float) -> _Rectangle:
    """Returns the area of a box's label, in percent of the narrowest image of this shape."""
    width = (_CHARACTER * len(box.label) + _PADDING) * 100 / _NARROWEST
    height = _LINE * 100 / (_NARROWEST * shape)
    left = box.left + box.width - width if box.at_right else box.left
    top = box.top + box.height - height if box.at_bottom else box.top
    return left, top, left + width, top + height


def _outside(area: _Rectangle) -> float:
    """Returns how much of a label is beyond the edges of the image."""
    left, top, right, bottom = area
    return (right - left) * (bottom - top) - _covered(area, [(0, 0, 100, 100)])


def _covered(area: _Rectangle, others: Iterable[_Rectangle]) -> float:
    """Returns how much of an area others cover, counting it for each."""
    left, top, right, bottom = area
    return sum(
        max(min(right, other[2]) - max(left, other[0]), 0)
        * max(min(bottom, other[3]) - max(top, other[1]), 0)
        for other in others
    )


def _fit(
    item: AnnotatedObject, size: tuple[float, float], target: tuple[int, int], orientation: int
) -> AnnotatedObject:
    """Scales a box from one size of the stored image to another, and turns it upright."""
    across, down = target[0] / size[0], target[1] / size[1]
    left, top, right, bottom = _edges(item)
    scaled = (left * across, top * down, right * across, bottom * down)
    left, top, right, bottom = turn_box(scaled, target, orientation)
    return replace(item, xmin=left + 1, ymin=top + 1, xmax=right, ymax=bottom)


def _edges(item: AnnotatedObject) -> tuple[float, float, float, float]:
    """Returns left, top, right and bottom: VOC counts from 1, and both ends are inside the box."""
    return item.xmin - 1, item.ymin - 1, item.xmax, item.ymax


def _difference(size: tuple[float, float], other: tuple[float, float]) -> float:
    """Returns how much the ratios of two images' edges differ, 0 if not at all."""
    return abs(math.log(size[0] * other[1] / size[1] / other[0]))
