"""Horses."""

import math
from dataclasses import dataclass
from random import Random

from voc_demo.animals import quadrupeds as quad
from voc_demo.figure import Figure, hairs, patch, scattered, shadow_of, soft_spot
from voc_demo.sketch import Drawing, Point, clear, limb_outline, mix, shade


@dataclass(frozen=True)
class _Breed:
    base: str
    mane: str
    points: str | None  # dark lower legs
    socks: bool
    blaze: bool
    dapple: bool


def draw_horse(random: Random, ridden: bool = False) -> Drawing:
    """Draws a horse standing, grazing or trotting; `ridden` with a saddle and no grazing."""
    f = Figure()
    breed = _breed(random)
    grazes = not ridden and random.random() < 0.35
    gaits = [quad.STANDING, quad.STROLLING, quad.WALKING, quad.TROTTING, quad.TROTTING]
    gait = random.choice(gaits[:2] if grazes else gaits)
    moving = gait in (quad.WALKING, quad.TROTTING)
    legs = quad.Legs(
        gait, (53, -104), (-58, -122), (40, 25, 13.5, 9, 9.5), (54, 38, 14, 9.5, 10), 10,
        quad.hoof, 11, "#3d352d",
    )  # fmt: skip
    quad.far_legs(f, legs, breed.points or breed.base)
    _tail(f, random, breed, moving)
    neck, poll, angle = _neck(random, grazes)
    outlines = [_TORSO, limb_outline(*neck), *quad.near_legs(f, legs)]
    with quad.coat(f, outlines, breed.base, 0.5):
        _markings(f, random, breed, legs)
        quad.muscle(f, 52, -122, 26, 40, breed.base)
        quad.muscle(f, -56, -130, 30, 40, breed.base)
        dark = shadow_of(breed.base)
        f.curve([(36, -132), (34, -112), (42, -90)], dark, 1.6, 0.22)
        f.curve([(-28, -118), (-32, -104), (-44, -90)], dark, 2, 0.3)
        soft_spot(f, poll[0] - 4, poll[1] + 20, 18, 20, dark, 0.4)
    if ridden or (not grazes and random.random() < 0.25):
        _saddle(f, random)
    _mane(f, random, neck, breed.mane)
    with f.moved(*poll, angle):
        _head(f, random, breed, ridden)
    if ridden:
        _reins(f, poll, angle)
    return f.drawing(seat=(4, -157))


_TORSO: list[Point] = [
    (-80, -146), (-62, -157), (-34, -154), (0, -147), (34, -156), (52, -158), (72, -140),
    (82, -116), (72, -96), (44, -86), (4, -83), (-30, -90), (-52, -102), (-78, -108), (-86, -126),
]  # fmt: skip


def _breed(random: Random) -> _Breed:
    base, mane, points = random.choice(
        [
            ("#7c4424", "#1d1614", "#241916"), ("#8f5530", "#221815", "#2a1c16"),
            ("#a0522d", "#8a4526", None), ("#b5713f", "#e6cf9f", None),
            ("#cfa25c", "#f1e6cc", None), ("#c9c8c8", "#eceae6", None),
            ("#8d8f96", "#d9d9da", "#55565c"), ("#2b2626", "#171415", None),
            ("#5b3a2a", "#2a1c18", None), ("#ece6da", "#f6f2ea", None),
        ]
    )  # fmt: skip
    dapple = base in ("#c9c8c8", "#8d8f96")
    return _Breed(base, mane, points, random.random() < 0.5, random.random() < 0.6, dapple)


def _neck(random: Random, grazes: bool) -> tuple[tuple[list[Point], list[float]], Point, float]:
    """Returns the neck's line and widths, the poll, and the head's angle."""
    if grazes:
        line: list[Point] = [(44, -128), (72, -118), (100, -94), (116, -62)]
        return (line, [58, 52, 38, 26]), (119, -68), 64
    lift = random.uniform(-8, 6)
    line = [(44, -126), (70, -146), (92, -172 - lift), (104, -196 - lift)]
    return (line, [64, 52, 36, 25]), (107, -202 - lift), random.uniform(42, 56)


def _markings(f: Figure, random: Random, breed: _Breed, legs: quad.Legs) -> None:
    if breed.points:
        f.rect(-150, -78, 300, 78, f.gradient(clear(breed.points, 0), breed.points, breed.points))
    for root, joints in ((legs.shoulder, legs.gait.fore), (legs.hip, legs.gait.hind)):
        x, y = quad.joint_points(root, joints)[-1]
        if breed.socks and random.random() < 0.8:
            f.blob(patch(random, x - 1, y - 4, 11, 17), "#efe9df")
    if breed.dapple:
        for x, y in scattered(random, -82, -150, 70, -96, 46):
            f.ellipse(x, y, random.uniform(2, 4), random.uniform(2, 3.4), "#f4f3f0", opacity=0.28)
    soft_spot(f, -6, -86, 60, 14, shade(breed.base, 0.35), 0.25)
    roots = scattered(random, -84, -156, 80, -92, 70)
    f.path(hairs(random, roots, 5, 165, 20), None, shadow_of(breed.base), 0.5, 0.12)


def _tail(f: Figure, random: Random, breed: _Breed, moving: bool) -> None:
    back = random.uniform(16, 30) if moving else random.uniform(0, 8)
    length = random.uniform(80, 100) - back
    for share, colour in ((1, shade(breed.mane, -0.3)), (0.7, breed.mane)):
        line = [
            (-76, -148), (-88 - 0.4 * back, -140), (-94 - 0.8 * back, -140 + 0.5 * length),
            (-90 - back, -142 + length),
        ]  # fmt: skip
        f.limb(line, [9 * share, 14 * share, 19 * share, 3], colour)
    for lane in (-4, 0, 4):
        middle = (-94 - 0.8 * back + lane, -140 + 0.5 * length)
        strand = [
            (-78, -148), (-89 - 0.4 * back + lane, -138), middle, (-90 - back, -144 + length),
        ]  # fmt: skip
        f.curve(strand, shade(breed.mane, 0.25), 0.7, 0.4)


def _mane(f: Figure, random: Random, neck: tuple[list[Point], list[float]], colour: str) -> None:
    """Adds the mane: locks along the crest that fall onto the near side of the neck."""
    line, widths = neck
    edge = limb_outline(line, widths)
    crest = edge[: len(line) - 1 : -1]
    locks, tips = 15, []
    for index in range(locks + 1):
        (x, y), (a, b) = _along(crest, index / locks), _along(line, index / locks)
        fall = random.uniform(0.5, 0.8) if index % 2 else random.uniform(0.35, 0.45)
        tips.append((x + fall * (a - x), y + fall * (b - y) + random.uniform(2, 8)))
    top = [(x - 2.5, y - 2) for x, y in crest]
    f.blob([*top, *reversed(tips)], f.gradient(shade(colour, 0.15), colour))
    for index, (a, b) in enumerate(tips):
        x, y = _along(top, index / locks)
        lock = [(x, y + 1), (0.7 * x + 0.3 * a - 3, 0.6 * y + 0.4 * b), (a, b)]
        f.curve(lock, shade(colour, 0.3 if index % 2 else -0.35), 0.9, 0.35)


def _along(points: list[Point], share: float) -> Point:
    at = share * (len(points) - 1)
    index = min(int(at), len(points) - 2)
    (x, y), (a, b), part = points[index], points[index + 1], at - index
    return x + part * (a - x), y + part * (b - y)


def _head(f: Figure, random: Random, breed: _Breed, bridled: bool) -> None:
    """Adds the head; the poll is (0, 0), the nose points right."""
    far = mix(breed.base, shadow_of(breed.base), 0.4)
    f.blob([(-6, -6), (-9, -17), (-2, -20), (3, -8)], far)
    outline = [
        (-8, -4), (0, -9), (14, -9), (32, -6.5), (48, -6), (57, -3), (60, 4), (57, 11), (48, 12),
        (36, 10), (24, 16), (12, 19), (0, 16), (-9, 8),
    ]  # fmt: skip
    with quad.coat(f, [outline], breed.base, 0.95):
        if breed.blaze:
            f.blob([(6, -14), (16, -6.5), (34, -4), (52, -2), (54, -12), (30, -14)], "#f0eae0")
        soft_spot(f, 56, 6, 16, 13, mix(breed.base, "#1d1718", 0.8), 0.75)
        soft_spot(f, 20, 16, 16, 8, shadow_of(breed.base), 0.4)
        soft_spot(f, 14, 3, 13, 9, "#fff4dc", 0.18)
        f.curve([(10, 17), (20, 12), (25, 4)], shadow_of(breed.base), 1.1, 0.3)
    f.blob([(52, 0), (55.5, -0.5), (57, 2.5), (54, 4)], "#17100f")
    f.curve([(57, 8.5), (52, 9.2), (47, 8)], "#17100f", 0.8, 0.6)
    quad.eye(f, 15, -3, 2.3)
    f.blob([(-5, -4), (-7, -14), (-2, -21), (3, -13), (4, -5)], breed.base)
    f.blob([(-3, -6), (-4, -13), (-1.5, -18), (1.5, -12), (1.5, -6)], far)
    for _ in range(4):  # forelock
        tip = (random.uniform(9, 15), random.uniform(-8, -2))
        f.limb([(-3, -9), (5, -10), tip], [4, 4, 0.8], shade(breed.mane, random.uniform(-0.2, 0.2)))
    if bridled:
        _bridle(f)


def _bridle(f: Figure) -> None:
    leather = "#33221a"
    f.curve([(38, -7), (39.5, 2), (38, 10.5)], leather, 2.2)
    f.curve([(2, -9), (6, 4), (3, 16)], leather, 1.8)
    f.curve([(4, 2), (22, 6), (48, 9)], leather, 1.8)
    f.circle(48, 9, 2.4, None, "#cfcbc2", 0.9)


def _saddle(f: Figure, random: Random) -> None:
    cloth = random.choice(["#f1eee6", "#27466e", "#7d2a2c", "#2f5a41", "#2a2a2e"])
    leather = random.choice(["#5a3420", "#38231a", "#7b4a28"])
    f.blob([(-24, -150), (2, -148), (30, -155), (30, -122), (2, -114), (-26, -122)], cloth)
    flap = f.gradient(shade(leather, 0.2), shade(leather, -0.25))
    f.blob([(-2, -150), (18, -152), (26, -140), (22, -116), (8, -112), (0, -126)], flap)
    f.blob([(-23, -158), (-12, -154), (6, -153), (20, -160), (26, -155), (18, -147), (-4, -145),
            (-22, -149)], f.gradient(shade(leather, 0.35), leather))  # fmt: skip
    f.curve([(12, -142), (20, -120), (31, -94)], "#2b1d16", 1.8)
    f.path("M26 -86a5.5 9 0 0 1 10 0l1 3h-12z", None, "#c9c9c6", 1.6)


def _reins(f: Figure, poll: Point, angle: float) -> None:
    """Adds the reins, from the bit to where a rider's hands are."""
    turn = math.radians(angle)
    bit = (poll[0] + 48 * math.cos(turn) - 9 * math.sin(turn),
           poll[1] + 48 * math.sin(turn) + 9 * math.cos(turn))  # fmt: skip
    middle = ((bit[0] + 54) / 2, (bit[1] - 177) / 2 + 9)
    f.curve([bit, middle, (54, -177)], "#33221a", 1.5)
