"""Cloth, sleeves, hands and shoes."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from random import Random

from voc_demo.figure import Figure, Outline, shadow_of, union
from voc_demo.people.look import Look
from voc_demo.sketch import Point, clear, limb_outline, mix, shade


@contextmanager
def rounded(f: Figure, outlines: Sequence[Outline], colour: str) -> Iterator[None]:
    """Adds parts as one; patterns and folds come inside the block, light and shadow last."""
    d = union(outlines)
    f.path(d, colour)
    xs, ys = ([point[axis] for outline in outlines for point in outline] for axis in (0, 1))
    edge = 0.02 * (max(ys) - min(ys))
    left, top = min(xs) - edge, min(ys) - edge
    width, height = max(xs) + edge - left, max(ys) + edge - top
    dark = shadow_of(colour)
    with f.clipped(d):
        yield
        sides = f.gradient(
            clear(dark, 0.34), clear(dark, 0), clear("#fff6e0", 0.12), clear(dark, 0.08),
            clear(dark, 0.42), horizontal=True,
        )  # fmt: skip
        f.rect(left, top, width, height, sides)
        light = f.gradient(clear("#fff6e0", 0.2), clear("#fff6e0", 0))
        f.rect(left, top, width, 0.35 * height, light)
        under = f.gradient(clear(dark, 0), clear(dark, 0.26))
        f.rect(left, top + 0.5 * height, width, 0.5 * height, under)


def fold(f: Figure, points: Sequence[Point], colour: str, width: float) -> None:
    """Adds a crease in cloth: shadow with light beside it."""
    f.curve(points, shadow_of(colour), width, 0.2)
    f.curve([(x + 0.9 * width, y - 0.3 * width) for x, y in points], "#ffffff", 0.6 * width, 0.08)


def in_shade(colour: str) -> str:
    """Returns the colour of something on the side away from us."""
    return mix(colour, shadow_of(colour), 0.36)


def arm(f: Figure, look: Look, joints: Sequence[Point], shady: bool = False) -> None:
    """Adds an arm (shoulder, elbow, wrist) with hand, in a long or short sleeve."""
    shoulder, elbow, wrist = joints
    h = look.height
    skin = in_shade(look.skin) if shady else look.skin
    top = in_shade(look.top_colour) if shady else look.top_colour
    width = (0.066 if look.top in ("jacket", "hoodie") else 0.06) * h * (0.6 + 0.4 * look.stout)
    upper, fore = between(shoulder, elbow, 0.5), between(elbow, wrist, 0.45)
    cap = between(shoulder, elbow, -0.11)
    _hand(f, look, elbow, wrist, skin)
    if look.long_sleeves:
        line = [cap, shoulder, upper, elbow, fore, wrist]
        widths = [0.5 * width, width, 0.92 * width, 0.76 * width, 0.72 * width, 0.54 * width]
    else:
        bare = [upper, elbow, fore, wrist]
        with rounded(f, [limb_outline(bare, [0.044 * h, 0.038 * h, 0.037 * h, 0.025 * h])], skin):
            pass
        line = [cap, shoulder, upper, between(shoulder, elbow, 0.7)]
        widths = [0.5 * width, width, 0.98 * width, 0.94 * width]
    with rounded(f, [limb_outline(line, widths)], top):
        if look.long_sleeves:
            (x, y), turn = elbow, 0.3 * width
            fold(f, [(x - turn, y - turn), (x, y), (x + turn, y - 0.4 * turn)], top, 0.006 * h)
        if look.top == "striped":
            _sleeve_stripes(f, look, line[1:])


def _sleeve_stripes(f: Figure, look: Look, line: Sequence[Point]) -> None:
    for start, end in pairwise(line):
        for share in (0.2, 0.7):
            x, y = between(start, end, share)
            u, v = 0.5 * (end[1] - start[1]), 0.5 * (start[0] - end[0])
            f.line([(x - u, y - v), (x + u, y + v)], look.accent, 0.012 * look.height)


def _hand(f: Figure, look: Look, elbow: Point, wrist: Point, skin: str) -> None:
    h = look.height
    length = ((wrist[0] - elbow[0]) ** 2 + (wrist[1] - elbow[1]) ** 2) ** 0.5
    a, b = (wrist[0] - elbow[0]) / length, (wrist[1] - elbow[1]) / length
    shape = [
        (-0.012, -0.013), (0.025, -0.022), (0.06, -0.016), (0.072, 0), (0.055, 0.016), (0.02, 0.02),
        (-0.012, 0.013),
    ]  # fmt: skip
    thumb = [(0.01, 0.012), (0.03, 0.024), (0.044, 0.02)]

    def place(points: Sequence[Point]) -> list[Point]:
        return [(wrist[0] + h * (p * a - q * b), wrist[1] + h * (p * b + q * a)) for p, q in points]

    f.blob(place(shape), f.gradient(shade(skin, 0.08), mix(skin, shadow_of(skin), 0.12)))
    f.curve(place([(0.04, 0.004), (0.066, 0.004)]), shadow_of(skin), 0.003 * h, 0.35)
    f.limb(place(thumb), [0.014 * h, 0.014 * h, 0.008 * h], skin)


def side_shoe(f: Figure, look: Look, ankle: Point, angle: float, shady: bool = False) -> None:
    """Adds a shoe from the side, below an ankle; `angle` turns its toe down."""
    colour = in_shade(look.shoes) if shady else look.shoes
    h = look.height
    with f.moved(*ankle, angle, h):
        f.blob([(-0.032, -0.02), (0.024, -0.02), (0.04, 0.004), (0.09, 0.016), (0.106, 0.036),
                (-0.036, 0.036), (-0.04, 0.01)], f.gradient(shade(colour, 0.2),
                                                            colour))  # fmt: skip
        sole = "#e9e5dc" if look.shoes != "#f0ece4" else "#b9b3a8"
        f.rect(-0.038, 0.032, 0.146, 0.011, in_shade(sole) if shady else sole, 0.005)
        f.curve([(0.026, -0.006), (0.05, 0.008)], shade(colour, 0.45), 0.005, 0.7)


def between(start: Point, end: Point, share: float) -> Point:
    """Returns the point `share` of the way from start to end."""
    return start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1])


def chest_pattern(
    f: Figure, random: Random, look: Look, left: float, top: float, right: float, bottom: float
) -> None:
    """Adds stripes, buttons or a zip to what somebody wears above, seen from the front."""
    h, middle = look.height, (left + right) / 2
    if look.top == "striped":
        for index in range(1, 12):
            y = top + index * 0.028 * h
            f.line([(left - 0.1 * h, y), (middle, y + 0.004 * h),
                    (right + 0.1 * h, y)], look.accent, 0.012 * h)  # fmt: skip
    dark = shadow_of(look.top_colour)
    if look.top in ("shirt", "jacket", "hoodie"):
        f.line([(middle, top), (middle, bottom)], dark, 0.004 * h, 0.5)
    if look.top == "shirt":
        for index in range(6):
            f.circle(
                middle, top + (0.03 + 0.042 * index) * h, 0.004 * h, shade(look.top_colour, 0.6)
            )
    if look.top == "plain" and random.random() < 0.3:
        f.circle(middle, top + 0.1 * h, 0.03 * h, look.accent, opacity=0.9)
