"""Class names. A data set brings its own; VOC's twenty are only the default order."""

from collections.abc import Iterable

# The order of the VOC development kit, which is alphabetical.
VOC_CLASSES = (
    "aeroplane", "bicycle", "bird", "boat", "bottle",
    "bus", "car", "cat", "chair", "cow",
    "diningtable", "dog", "horse", "motorbike", "person",
    "pottedplant", "sheep", "sofa", "train", "tvmonitor",
)  # fmt: skip

_VOC_POSITION = {name: position for position, name in enumerate(VOC_CLASSES)}


def order_classes(names: Iterable[str]) -> tuple[str, ...]:
    """Returns the distinct names, VOC's own first in the devkit's order, others by alphabet."""
    return tuple(
        sorted(set(names), key=lambda name: (_VOC_POSITION.get(name, len(VOC_CLASSES)), name))
    )
