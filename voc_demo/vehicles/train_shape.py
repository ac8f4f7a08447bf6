"""The shape of a train, and where a point of its front is."""

from dataclasses import dataclass
from itertools import pairwise

from voc_demo.sketch import Point
from voc_demo.vehicles.parts import Perspective

BED, RAIL = 16.0, 32.0
"""Heights of the ballast and of the rails' tops above the ground, in cm."""


@dataclass(frozen=True)
class Train:
    """A train in cm.

    Attributes:
        lengths: of its vehicles, the first one leads.
        profile: the front from below to above: behind its tip, in from both sides, height.
        second: colour of stripe and doors.
        engine: whether the first vehicle is an engine without passengers.
        wires: whether it collects current from above.
    """

    height: float
    lengths: tuple[float, ...]
    profile: tuple[tuple[float, float, float], ...]
    paint: str
    second: str
    nose: str
    roof: str
    engine: bool
    wires: bool
    width: float = 285


def on_front(view: Perspective, train: Train, share: float, up: float) -> Point:
    """Returns where a point of the front is seen: a share of the width from the near side, up."""
    for (back, inset, low), (back_end, inset_end, high) in pairwise(train.profile):
        if up <= high:
            part = max(up - low, 0) / (high - low)
            inwards = inset + (inset_end - inset) * part
            across = inwards + share * (train.width - 2 * inwards)
            return view.at(back + (back_end - back) * part, across, up)
    back, inset, high = train.profile[-1]
    return view.at(back, inset + share * (train.width - 2 * inset), high)
