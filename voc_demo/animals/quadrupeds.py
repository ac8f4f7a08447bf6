"""What four-legged animals share: legs that bend at their joints, and a coat with soft light."""

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from voc_demo.figure import Figure, Outline, shadow_of, soft_spot, union
from voc_demo.sketch import Point, clear, limb_outline, mix, shade

# Joints of a leg below its root: (forward, down) as shares of the root's height.
Joints = Sequence[Point]

FORELEG: Joints = ((0, 0), (-0.01, 0.27), (0.02, 0.6), (0.0, 0.88), (0.04, 0.98))
FORELEG_BACK: Joints = ((0, 0), (-0.05, 0.27), (-0.1, 0.6), (-0.2, 0.87), (-0.17, 0.98))
FORELEG_AHEAD: Joints = ((0, 0), (0.07, 0.27), (0.17, 0.58), (0.24, 0.88), (0.3, 0.98))
FORELEG_LIFTED: Joints = ((0, 0), (0.12, 0.24), (0.3, 0.42), (0.22, 0.68), (0.16, 0.76))
FORELEG_STRETCHED: Joints = ((0, 0), (0.16, 0.2), (0.46, 0.42), (0.72, 0.62), (0.8, 0.66))
HINDLEG: Joints = ((0, 0), (0.06, 0.26), (-0.12, 0.6), (-0.07, 0.88), (-0.03, 0.98))
HINDLEG_BACK: Joints = ((0, 0), (0.0, 0.27), (-0.22, 0.6), (-0.29, 0.87), (-0.25, 0.98))
HINDLEG_AHEAD: Joints = ((0, 0), (0.14, 0.25), (0.05, 0.6), (0.16, 0.88), (0.21, 0.98))
HINDLEG_LIFTED: Joints = ((0, 0), (0.08, 0.27), (-0.13, 0.54), (-0.25, 0.78), (-0.27, 0.87))
HINDLEG_STRETCHED: Joints = ((0, 0), (-0.08, 0.26), (-0.42, 0.5), (-0.66, 0.78), (-0.74, 0.86))


@dataclass(frozen=True)
class Gait:
    """How the legs stand: near and far foreleg, near and far hind leg."""

    fore: Joints
    far_fore: Joints
    hind: Joints
    far_hind: Joints


STANDING = Gait(FORELEG, FORELEG, HINDLEG, HINDLEG)
STROLLING = Gait(FORELEG, FORELEG_AHEAD, HINDLEG_BACK, HINDLEG)
WALKING = Gait(FORELEG_AHEAD, FORELEG_BACK, HINDLEG_BACK, HINDLEG_AHEAD)
TROTTING = Gait(FORELEG_LIFTED, FORELEG_BACK, HINDLEG_LIFTED, HINDLEG_AHEAD)
RUNNING = Gait(FORELEG_STRETCHED, FORELEG_LIFTED, HINDLEG_STRETCHED, HINDLEG_BACK)


@dataclass(frozen=True)
class Legs:
    """The four legs: where they start, how thick they are at their joints, and their feet."""

    gait: Gait
    shoulder: Point
    hip: Point
    fore_widths: Sequence[float]
    hind_widths: Sequence[float]
    depth: float  # how far ahead of the near legs those of the other side are drawn
    foot: Callable[[Figure, Point, Joints, float, str], None]
    foot_size: float
    foot_colour: str


def far_legs(f: Figure, legs: Legs, colour: str) -> None:
    """Adds the legs of the side away from us, in shade."""
    shady = mix(colour, shadow_of(colour), 0.42)
    for (x, y), joints, widths in (
        (legs.shoulder, legs.gait.far_fore, legs.fore_widths),
        (legs.hip, legs.gait.far_hind, legs.hind_widths),
    ):
        root = (x + legs.depth, y * 0.96)
        feet = mix(legs.foot_colour, shadow_of(legs.foot_colour), 0.42)
        legs.foot(f, root, joints, 0.95 * legs.foot_size, feet)
        f.blob(leg(root, joints, widths), shady)


def near_legs(f: Figure, legs: Legs) -> list[Outline]:
    """Adds the feet of the near side, and returns the outlines of their legs."""
    outlines: list[Outline] = []
    for root, joints, widths in (
        (legs.shoulder, legs.gait.fore, legs.fore_widths),
        (legs.hip, legs.gait.hind, legs.hind_widths),
    ):
        legs.foot(f, root, joints, legs.foot_size, legs.foot_colour)
        outlines.append(leg(root, joints, widths))
    return outlines


def leg(root: Point, joints: Joints, widths: Sequence[float]) -> list[Point]:
    """Returns the outline of a leg; joints that end at 1 stand on the ground."""
    return limb_outline(joint_points(root, joints), widths)


def joint_points(root: Point, joints: Joints) -> list[Point]:
    """Returns where the joints of a leg are."""
    height = -root[1]
    return [(root[0] + x * height, root[1] + y * height) for x, y in joints]


def hoof(f: Figure, root: Point, joints: Joints, size: float, colour: str) -> None:
    """Adds the hoof at the end of a leg."""
    (a, b), (x, y) = joint_points(root, joints)[-2:]
    with f.moved(x, y, math.degrees(math.atan2(y - b, x - a)) - 72):
        block = [(-0.42, -0.3), (0.38, -0.36), (0.8, 0.5), (-0.5, 0.5)]
        f.polygon([(size * p, size * q) for p, q in block], f.gradient(shade(colour, 0.2), colour))


def paw(f: Figure, root: Point, joints: Joints, size: float, colour: str) -> None:
    """Adds the paw at the end of a leg."""
    x, y = joint_points(root, joints)[-1]
    bottom = y + 0.02 * -root[1]
    outline = [(-0.5, -0.75), (0.3, -0.8), (0.95, -0.45), (1, 0), (-0.55, 0)]
    f.blob([(x + size * a, bottom + size * b) for a, b in outline], colour)
    for toe in (0.35, 0.68):
        line = [(x + size * toe, bottom - 0.36 * size), (x + size * (toe + 0.08), bottom - 0.06)]
        f.curve(line, shadow_of(colour), 0.09 * size, 0.5)


@contextmanager
def coat(f: Figure, outlines: Sequence[Outline], colour: str, belly: float = 0.55) -> Iterator[str]:
    """Adds parts in one colour as one body; markings come inside the block, light and shadow last.

    `belly` is how far down of the whole it is darkest.
    """
    d = union(outlines)
    f.path(d, colour)
    xs, ys = ([point[axis] for outline in outlines for point in outline] for axis in (0, 1))
    left, top, width, height = min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys)
    dark = shadow_of(colour)
    with f.clipped(d):
        yield d
        light = f.gradient(clear("#fff6e0", 0.32), clear("#fff6e0", 0.1), clear("#fff6e0", 0))
        f.rect(left, top, width, belly * height * 0.7, light)
        under = f.gradient(clear(dark, 0), clear(dark, 0.1), clear(dark, 0.45))
        f.rect(left, top + 0.4 * belly * height, width, 0.6 * belly * height, under)
        lower = f.gradient(clear(dark, 0.45), clear(dark, 0.16), clear(dark, 0.1))
        f.rect(left, top + belly * height, width, (1 - belly) * height, lower)


def muscle(f: Figure, x: float, y: float, radius_x: float, radius_y: float, colour: str) -> None:
    """Adds a rounded shoulder or thigh: light above, shadow behind and below."""
    dark = shadow_of(colour)
    soft_spot(f, x - 0.25 * radius_x, y + 0.45 * radius_y, radius_x, radius_y, dark, 0.25)
    soft_spot(f, x + 0.1 * radius_x, y - 0.15 * radius_y, radius_x, radius_y, "#fff4dc", 0.16)


def eye(f: Figure, x: float, y: float, size: float, iris: str = "#2a1a12") -> None:
    """Adds an animal's eye seen from the side."""
    almond = [(-1.15, 0.15), (-0.3, -0.75), (0.9, -0.35), (1.1, 0.35), (0.1, 0.7)]
    f.blob([(x + size * 1.25 * a, y + size * 1.2 * b) for a, b in almond], "#1a120e")
    f.circle(x, y, 0.72 * size, iris)
    f.circle(x, y, 0.42 * size, "#0c0908")
    f.circle(x + 0.25 * size, y - 0.28 * size, 0.24 * size, "#ffffff", opacity=0.9)
