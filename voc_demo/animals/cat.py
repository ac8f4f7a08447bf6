"""Cats."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from random import Random

from voc_demo.animals import quadrupeds as quad
from voc_demo.figure import Figure, hairs, patch, scattered, shadow_of, soft_spot
from voc_demo.sketch import Drawing, Point, clear, limb_outline, mix, shade


@dataclass(frozen=True)
class _Fur:
    base: str
    stripes: str | None
    patches: str | None
    white: bool  # chest, muzzle and paws
    eyes: str
    fluffy: bool

    @property
    def paws(self) -> str:
        return "#f5f0e8" if self.white else self.base


def draw_cat(random: Random) -> Drawing:
    """Draws a cat walking with its tail up, sitting upright, or lying curled up."""
    f = Figure()
    fur = _fur(random)
    random.choice([_stand, _stand, _sit, _sit, _curl])(f, random, fur)
    return f.drawing()


def _fur(random: Random) -> _Fur:
    base, stripes = random.choice(
        [
            ("#a08a6c", "#4d3c2c"), ("#9a958c", "#4b4744"), ("#d98a43", "#a9561f"),
            ("#dd9a55", "#b4652a"), ("#2a272a", None), ("#332e2f", None), ("#7d8188", None),
            ("#efe8dc", None), ("#8a7a63", "#3f3227"),
        ]
    )  # fmt: skip
    light = base == "#efe8dc"
    patches = random.choice(["#2b2829", "#c9803f", "#7a7672"]) if light else None
    eyes = random.choice(["#9db84a", "#d6a83c", "#7fae6e", "#c9b545"])
    return _Fur(base, stripes, patches, light or random.random() < 0.4, eyes, random.random() < 0.3)


def _stand(f: Figure, random: Random, fur: _Fur) -> None:
    gait = random.choice([quad.STANDING, quad.STROLLING, quad.WALKING])
    legs = quad.Legs(
        gait, (14, -16.5), (-14, -18), (9.5, 6.6, 4.4, 3.6, 3.6), (12.5, 9, 4.6, 3.6, 3.6), 3.5,
        quad.paw, 3, fur.paws,
    )  # fmt: skip
    quad.far_legs(f, legs, fur.base)
    _raised_tail(f, random, fur)
    near = quad.near_legs(f, legs)
    lift = random.uniform(-2, 2.5)
    neck = limb_outline([(13, -21), (19, -25.5 - lift / 2), (23, -29 - lift)], [14, 11.5, 9])
    torso = [
        (-19, -23.5), (-13, -27.5), (-3, -26.5), (8, -27), (17, -27.5), (21.5, -21), (18, -14.5),
        (7, -11.5), (-6, -12), (-15, -14), (-20.5, -17),
    ]  # fmt: skip
    with quad.coat(f, [torso, neck, *near], fur.base, 0.55):
        _markings(f, random, fur, -20, -28, 18, -12)
        if fur.white:
            f.blob([(14, -12), (19, -26), (26, -26), (25, -10)], fur.paws)
            for x, y in ((legs.shoulder, gait.fore), (legs.hip, gait.hind)):
                a, b = quad.joint_points(x, y)[-1]
                f.ellipse(a, b, 3.6, 4.6, fur.paws)
        quad.muscle(f, 13, -19, 6.5, 8, fur.base)
        quad.muscle(f, -13, -20, 8, 9, fur.base)
        f.curve([(-6, -17), (-8, -13), (-11, -11)], shadow_of(fur.base), 0.7, 0.3)
        soft_spot(f, 22, -24.5 - lift, 7, 5, shadow_of(fur.base), 0.5)
    with f.moved(25, -33 - lift, random.uniform(-6, 8)):
        _face(f, random, fur)


def _raised_tail(f: Figure, random: Random, fur: _Fur) -> None:
    hook = random.uniform(-5, 6)
    line: list[Point] = [
        (-17, -23), (-23, -27), (-26, -35), (-26 - 0.3 * hook, -43), (-25 + hook, -50),
    ]  # fmt: skip
    thick = 1.6 if fur.fluffy else 1
    _tail(f, line, [5, 4.2 * thick, 4 * thick, 3.7 * thick, 2.4], fur)


def _tail(f: Figure, line: list[Point], widths: list[float], fur: _Fur) -> None:
    outline = limb_outline(line, widths)
    with quad.coat(f, [outline], fur.base, 1):
        if fur.stripes:
            for (x, y), (a, b) in pairwise(line):
                for share in (0.25, 0.75):
                    p, q = x + share * (a - x), y + share * (b - y)
                    u, v = (b - y) * 0.6, (x - a) * 0.6
                    f.line([(p - u, q - v), (p + u, q + v)], fur.stripes, 1.3, 0.75)
        if fur.patches:
            f.circle(*line[-1], 7, fur.patches)
        f.curve(line[-3:], "#fff4dc", 1, 0.08)


def _markings(
    f: Figure, random: Random, fur: _Fur, left: float, top: float, right: float, bottom: float
) -> None:
    """Adds stripes or patches over a body's box."""
    width, height = right - left, bottom - top
    if fur.stripes:
        soft_spot(f, left + width / 2, top, 0.6 * width, 0.3 * height, fur.stripes, 0.6)
        for index in range(8):
            x = left + width * (index + random.uniform(0.2, 0.8)) / 8
            sway, reach = random.uniform(-0.06, 0.02) * width, random.uniform(0.55, 0.95)
            line = [(x, top - 1), (x + sway, top + 0.4 * height), (x + 0.2, top + reach * height)]
            f.limb(line, [2.2, 1.9, 0.3], mix(fur.base, fur.stripes, 0.72))
    if fur.patches:
        for _ in range(3):
            x, y = random.uniform(left, right), top + random.uniform(0, 0.6) * height
            size = random.uniform(0.14, 0.26) * width
            f.blob(patch(random, x, y, size, 0.8 * size), fur.patches)
    roots = scattered(random, left, top, right, bottom, 70)
    f.path(hairs(random, roots, 2, 155, 30), None, shadow_of(fur.base), 0.22, 0.25)
    roots = scattered(random, left, top, right, (top + bottom) / 2, 40)
    f.path(hairs(random, roots, 2, 155, 30), None, shade(fur.base, 0.3), 0.22, 0.4)


def _sit(f: Figure, random: Random, fur: _Fur) -> None:
    """Sits upright, seen from the front."""
    side, lean = random.choice([-1, 1]), random.uniform(-2, 2)
    tail: list[Point] = [(8, -3), (15, -3), (17, -2.2), (9, -1.6), (0, -1.5)]
    swing = random.random()
    if swing < 0.5:
        tail = [(8, -3), (16, -4), (20, -9), (19, -15 - 8 * swing), (22, -22 - 8 * swing)]
    thick = 1.5 if fur.fluffy else 1
    curled = [(side * x, y) for x, y in tail]
    if swing < 0.5:
        _tail(f, curled, [5, 4.4 * thick, 4.2 * thick, 3.8 * thick, 2.2], fur)
    body: list[Point] = [
        (lean, -31), (-6, -27), (-8.4, -19), (-11.5, -10), (-12.5, -3.5), (-9, 0), (0, -0.6),
        (9, 0),
        (12.5, -3.5), (11.5, -10), (8.4, -19), (6, -27),
    ]  # fmt: skip
    with quad.coat(f, [body], fur.base, 0.95):
        _markings(f, random, fur, -13, -28, 13, -2)
        if fur.white or fur.patches:
            f.blob([(-4, -30), (-4.5, -18), (0, -11), (4.5, -18), (4, -30)], "#f5f0e8")
        _front_legs(f, fur)
        for x in (-8.5, 8.5):
            soft_spot(f, x, -6.5, 4.5, 7.5, "#fff4dc", 0.2)
        soft_spot(f, lean, -27, 9, 5.5, shadow_of(fur.base), 0.55)
    for x in (-1, 1):
        f.blob(
            [(x * 11.5, 0), (x * 11, -2.4), (x * 8, -2.9), (x * 5.8, -1.6), (x * 6, 0)], fur.paws
        )
    for x in (-3.2, 3.2):
        f.blob(
            [(x - 2.7, -0.1), (x - 2.4, -2.6), (x, -3.4), (x + 2.4, -2.6), (x + 2.7, -0.1)],
            fur.paws,
        )
        for toe in (-0.8, 0.8):
            f.line([(x + toe, -1.6), (x + toe, -0.4)], shadow_of(fur.base), 0.28, 0.6)
    if swing >= 0.5:
        _tail(f, curled, [5, 4 * thick, 3.8 * thick, 3.6 * thick, 2.4], fur)
    with f.moved(lean, -34, random.uniform(-8, 8), 1.12):
        _face(f, random, fur)


def _front_legs(f: Figure, fur: _Fur) -> None:
    """Adds the forelegs of a cat that sits, as light and shadow on its body."""
    dark = shadow_of(fur.base)
    if fur.white:
        for x in (-3.3, 3.3):
            f.blob([(x - 2.4, 1), (x - 2, -6), (x, -8), (x + 2, -6), (x + 2.4, 1)], fur.paws)
    for x in (-1, 1):
        f.limb([(x * 6.6, -17), (x * 6, -9), (x * 6, 0)], [0.4, 1.4, 1.8], clear(dark, 0.4))
        soft_spot(f, x * 3.6, -10, 2.4, 11, "#fff4dc", 0.2)
    f.limb([(0, -17), (0, -8), (0, 0)], [0.2, 1.1, 1.5], clear(dark, 0.5))


def _curl(f: Figure, random: Random, fur: _Fur) -> None:
    """Sleeps curled up."""
    body: list[Point] = [
        (-23, -6), (-21, -13), (-12, -18.5), (0, -19.5), (12, -17), (21, -11), (23.5, -5),
        (20, -0.5), (0, 0), (-19, -0.4),
    ]  # fmt: skip
    with quad.coat(f, [body], fur.base, 0.95):
        _markings(f, random, fur, -22, -20, 22, -3)
        quad.muscle(f, -11, -11, 12, 10, fur.base)
        soft_spot(f, 12, -3, 14, 8, shadow_of(fur.base), 0.4)
    _tail(
        f, [(-20, -5), (-14, -2.6), (-4, -2.2), (6, -2.4), (11, -3.4)], [5, 5, 4.6, 4.2, 2.4], fur
    )
    f.blob([(9, -0.1), (9, -2.8), (13, -3.6), (19, -3), (20, -0.1)], fur.paws)
    with f.moved(15, -8.2, random.uniform(6, 16)):
        _face(f, random, fur, asleep=True)


def _face(f: Figure, random: Random, fur: _Fur, asleep: bool = False) -> None:
    """Adds a cat's head from the front, around (0, 0)."""
    dark = mix(shadow_of(fur.base), "#000000", 0.35)
    for side in (-1, 1):
        _ear(f, side, fur.patches or fur.base)
    half: list[Point] = [(3, -5.3), (5.8, -3.2), (7, 0.4), (6.3, 3.2), (3.6, 5.4)]
    outline = [(0, -5.7), *half, (0, 6.2), *((-x, y) for x, y in reversed(half))]
    with quad.coat(f, [outline], fur.base, 1):
        _face_markings(f, random, fur)
    for x in (-2.9, 2.9):
        if asleep:
            f.curve([(x - 1.6, -0.2), (x, 0.7), (x + 1.6, -0.2)], dark, 0.4)
        else:
            _eye(f, x, -0.4, fur.eyes)
    f.blob([(-1, 1.7), (1, 1.7), (0.25, 2.8), (-0.25, 2.8)], "#c77f7c")
    f.curve([(-2, 3.9), (-0.9, 4.4), (0, 3.1), (0.9, 4.4), (2, 3.9)], dark, 0.32, 0.8)
    for side in (-1, 1):
        for start, end in ((2.9, 1.2), (3.6, 3.8), (4.2, 6)):
            whisker = [(2.2, start), (6, (start + end) / 2 - 0.4), (9.4, end)]
            f.curve(_mirrored(whisker, side), "#ffffff", 0.16, 0.75)


def _ear(f: Figure, side: float, colour: str) -> None:
    outside: list[Point] = [(1.6, -4.6), (3.8, -7.4), (6.3, -10), (7.1, -6.4), (6.8, -1.5)]
    inside: list[Point] = [(3.2, -5), (4.6, -7), (5.9, -8.6), (6.3, -6), (5.8, -3.6)]
    f.blob(_mirrored(outside, side), colour)
    f.blob(_mirrored(inside, side), mix(colour, "#d99a90", 0.6))


def _face_markings(f: Figure, random: Random, fur: _Fur) -> None:
    if fur.patches:
        f.blob(patch(random, random.choice([-4, 4]), -4.5, 4.5, 5), fur.patches)
    stripes: list[list[Point]] = [
        [(0.7, -6), (0.9, -2.6)], [(2.4, -6), (2.7, -3.2)], [(7.4, 0), (4.6, 0.8)],
        [(7, 2.4), (4.4, 2.5)],
    ]  # fmt: skip
    if fur.stripes:
        for stripe in stripes:
            for side in (-1, 1):
                f.line(_mirrored(stripe, side), fur.stripes, 0.8, 0.7)
    for x in (-1.4, 1.4):
        f.ellipse(x, 3.5, 2.2, 1.8, "#f5f0e8" if fur.white else shade(fur.base, 0.45), opacity=0.9)
    if fur.white:
        f.blob([(-0.8, -4), (0.8, -4), (1.8, 2), (-1.8, 2)], "#f5f0e8")


def _eye(f: Figure, x: float, y: float, iris: str) -> None:
    f.blob([(x - 1.85, y + 0.2), (x, y - 1.55), (x + 1.85, y + 0.2), (x, y + 1.45)], "#231a16")
    f.blob([(x - 1.45, y + 0.15), (x, y - 1.25), (x + 1.45, y + 0.15), (x, y + 1.15)],
           f.glow(shade(iris, 0.3), iris, shade(iris, -0.3)))  # fmt: skip
    f.ellipse(x, y, 0.5, 1.15, "#0d0b0a")
    f.circle(x + 0.4, y - 0.5, 0.32, "#ffffff", opacity=0.95)


def _mirrored(points: Sequence[Point], side: float) -> list[Point]:
    return [(side * x, y) for x, y in points]
