"""Cows."""

from dataclasses import dataclass
from random import Random

from voc_demo.animals import quadrupeds as quad
from voc_demo.figure import Figure, hairs, patch, scattered, shadow_of, soft_spot
from voc_demo.sketch import Drawing, Point, limb_outline, mix, shade


@dataclass(frozen=True)
class _Breed:
    base: str
    spots: str | None
    muzzle: str
    face: str
    horns: bool
    udder: bool


def draw_cow(random: Random) -> Drawing:
    """Draws a cow, black and white or brown, standing or grazing."""
    f = Figure()
    breed = _breed(random)
    grazes = random.random() < 0.4
    stretch = random.uniform(0.94, 1.08)
    torso = [(x * stretch, y) for x, y in _TORSO]
    legs = quad.Legs(
        random.choice([quad.STANDING, quad.STROLLING, quad.STROLLING]), (52 * stretch, -88),
        (-62 * stretch, -94), (38, 24, 16, 10.5, 11), (46, 34, 16, 11, 12), 13, quad.hoof, 12,
        "#39322c",
    )  # fmt: skip
    quad.far_legs(f, legs, breed.base)
    _tail(f, random, (-83 * stretch, -128), breed)
    if breed.udder:
        _udder(f, -34 * stretch)
    neck, poll, angle = _neck(random, grazes, stretch)
    outlines = [torso, limb_outline(*neck), *quad.near_legs(f, legs)]
    with quad.coat(f, outlines, breed.base, 0.57):
        _markings(f, random, breed, stretch)
        quad.muscle(f, 52 * stretch, -98, 24, 36, breed.base)
        quad.muscle(f, -62 * stretch, -104, 28, 36, breed.base)
        dark = shadow_of(breed.base)
        f.curve([(34 * stretch, -112), (33 * stretch, -92), (42 * stretch, -72)], dark, 1.5, 0.25)
        f.curve([(-34 * stretch, -92), (-40 * stretch, -78), (-52 * stretch, -66)], dark, 2, 0.3)
        soft_spot(f, poll[0] - 6, poll[1] + 16, 20, 20, dark, 0.45)
    with f.moved(*poll, angle):
        _head(f, random, breed, angle)
    return f.drawing()


_TORSO: list[Point] = [
    (-84, -126), (-70, -135), (-42, -132), (-5, -129), (38, -135), (62, -132), (80, -112),
    (82, -88), (70, -68), (38, -60), (2, -56), (-34, -60), (-56, -70), (-80, -84), (-88, -108),
]  # fmt: skip


def _breed(random: Random) -> _Breed:
    horns, udder = random.random() < 0.4, random.random() < 0.7
    kind = random.random()
    if kind < 0.5:
        dark = random.choice(["#26211f", "#1f1c1e", "#2d2624"])
        return _Breed("#f1ece2", dark, random.choice(["#d9a79a", "#4a3f3c"]), dark, horns, udder)
    if kind < 0.7:
        brown = random.choice(["#8e4a26", "#a15a2f", "#7a3b20"])
        return _Breed("#f3eadb", brown, "#dca995", brown, horns, udder)
    coat = random.choice(["#a8703e", "#8b4a25", "#c08f5c", "#5a3826", "#d8b98a", "#33292a"])
    return _Breed(coat, None, mix(coat, "#3a2a26", 0.75), coat, horns, udder)


def _neck(
    random: Random, grazes: bool, stretch: float
) -> tuple[tuple[list[Point], list[float]], Point, float]:
    """Returns the neck's line and widths, the poll, and the head's angle."""
    start = 54 * stretch
    if grazes:
        line = [(start, -108.0), (start + 28, -92.0), (start + 46, -64.0), (start + 52, -48.0)]
        return (line, [56, 46, 36, 28]), (start + 52, -54), 66
    lift = random.uniform(-6, 8)
    line = [(start, -108.0), (start + 24, -118.0 - lift / 2), (start + 46, -132.0 - lift)]
    return (line, [58, 46, 31]), (start + 46, -138 - lift), random.uniform(26, 40)


def _markings(f: Figure, random: Random, breed: _Breed, stretch: float) -> None:
    if breed.spots:
        for x, y, radius in ((-58, -112, 28), (-8, -108, 26), (48, -112, 30), (88, -122, 24)):
            if random.random() < 0.85:
                at = (x + random.uniform(-12, 12)) * stretch
                wide = radius * random.uniform(0.7, 1.2)
                f.blob(patch(random, at, y + random.uniform(-8, 14), wide, radius), breed.spots)
        for x in (-62, 52):
            if random.random() < 0.35:
                f.blob(patch(random, x * stretch, -64, 13, 16), breed.spots)
    else:
        soft_spot(f, -10, -62, 70, 16, shade(breed.base, 0.5), 0.35)
        soft_spot(f, 76, -100, 30, 34, shadow_of(breed.base), 0.35)
    roots = scattered(random, -86, -134, 80, -66, 90)
    f.path(hairs(random, roots, 5, 160, 25), None, shadow_of(breed.base), 0.5, 0.14)


def _udder(f: Figure, x: float) -> None:
    pink = f.gradient("#e3b5a2", "#d29c8b", "#b67c70")
    for teat in (-7, 5):
        f.limb([(x + teat, -52), (x + teat + 0.5, -42)], [5, 3.4], "#b97f73")
    f.blob([(x - 20, -68), (x - 17, -54), (x - 4, -47), (x + 10, -51), (x + 22, -64)], pink)


def _tail(f: Figure, random: Random, root: Point, breed: _Breed) -> None:
    x, y = root
    swing = random.uniform(-6, 8)
    line = [(x + 4, y), (x - 6, y + 8), (x - 9, y + 40), (x - 8 - swing, y + 66)]
    f.limb(line, [8, 6, 3.6, 3], mix(breed.base, shadow_of(breed.base), 0.25))
    tuft = [(0, -2), (4, 10), (3, 24), (-1, 32), (-5, 22), (-4, 8)]
    colour = breed.spots or mix(breed.base, "#201612", 0.6)
    f.blob([(x - 8 - swing + a, y + 66 + b) for a, b in tuft], colour)


def _head(f: Figure, random: Random, breed: _Breed, angle: float) -> None:
    """Adds the head; the poll is (0, 0), the nose points right."""
    blaze = breed.spots is not None and random.random() < 0.7
    if breed.horns:
        _horn(f, -1, -8, 0.8)
    flap = random.uniform(170, 195) - angle
    _ear(f, -3, -8, flap + 35, mix(breed.face, shadow_of(breed.face), 0.4), 0.8)
    outline = [
        (-6, -6), (2, -13), (14, -13), (30, -9.5), (44, -8.5), (53, -7), (57, 0), (55, 9), (46, 13),
        (32, 10.5), (20, 15), (8, 17), (-4, 12),
    ]  # fmt: skip
    with quad.coat(f, [outline], breed.face, 0.9):
        if blaze:
            white = [(-6, -20), (12, -6), (30, -3), (48, -2), (60, -14), (30, -16)]
            f.blob(white, "#f1ece2")
        muzzle = [(44, -12), (42, -2), (43, 8), (40, 16), (60, 18), (64, -4), (56, -14)]
        f.blob(muzzle, breed.muzzle)
        soft_spot(f, 24, 13, 22, 9, shadow_of(breed.face), 0.4)
        soft_spot(f, 52, -5, 9, 5, "#ffffff", 0.3)
    f.blob([(50.5, -3), (54, -3.5), (54, -0.5), (51, 0.5)], shadow_of(breed.muzzle))
    f.curve([(56, 6), (50, 7.5), (44, 6.5)], shadow_of(breed.muzzle), 0.9, 0.7)
    quad.eye(f, 15, -5, 2.5)
    if breed.horns:
        _horn(f, 3, -11, 1)
    _ear(f, 1, -7, flap, breed.face, 1)


def _ear(f: Figure, x: float, y: float, angle: float, colour: str, scale: float) -> None:
    with f.moved(x, y, angle, scale):
        f.blob([(0, -4), (10, -7.5), (22, -3), (25, 3), (14, 6), (2, 4)], colour)
        f.blob([(4, -1.5), (12, -3.5), (21, 0), (13, 3)], mix(colour, "#c98f82", 0.55))


def _horn(f: Figure, x: float, y: float, scale: float) -> None:
    with f.moved(x, y, 0, scale):
        bend = [(0, 2), (1, -7), (7, -15), (15, -18)]
        f.limb(bend, [6.5, 5.5, 3.6, 1], f.gradient("#6b5b4b", "#e6dcc4", "#cdbf9f"))
