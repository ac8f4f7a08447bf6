"""Sofas: for two or three, boxy, with rolled arms or as a chaise, of cloth or leather."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from voc_demo.household.chairs import WOODS
from voc_demo.sketch import Drawing, Point, clear, hsl, shade
from voc_demo.solid import Solid, Spot, View, round_rectangle, upright

_LEATHERS = ("#7a4427", "#4a2c20", "#a5683a", "#2c2a2b", "#6d2524", "#c9b79c", "#3c4a3f")


@dataclass(frozen=True)
class _Sofa:
    """Sizes and stuff of a sofa; `wide` is between the arms, and z = 0 its front edge."""

    seats: int
    wide: float
    deep: float
    seat: float
    top: float
    arm: float
    arm_wide: float
    rolled: bool
    tufted: bool
    leather: bool
    pattern: str
    colour: str
    legs: float

    @property
    def cushion(self) -> float:
        return self.wide / self.seats


def draw_sofa(random: Random) -> Drawing:
    """Draws a sofa from the front or a little from the side."""
    sofa = _sofa(random)
    turn = random.choice((0.0, random.uniform(-4, 6), random.uniform(10, 34)))
    solid = Solid(View(turn, random.uniform(9, 17), 520))
    chaise = random.choice((-1, 1)) if not sofa.rolled and random.random() < 0.3 else 0
    near = -1 if turn >= 0 else 1
    _legs(solid, sofa, chaise)
    _back(solid, sofa)
    if chaise != -near:
        _arm(solid, sofa, -near)
    _base(solid, sofa)
    _seat_cushions(solid, sofa, near)
    if not sofa.tufted:
        _back_cushions(solid, sofa, near)
    if random.random() < 0.7:
        _pillows(solid, sofa, random)
    if chaise:
        _chaise(solid, sofa, chaise)
    if chaise != near:
        _arm(solid, sofa, near)
    middle = 0.0 if sofa.seats % 2 else random.choice((-1, 1)) * sofa.cushion / 2
    return solid.drawing(seat=(middle, sofa.seat + 8, -26))


def _sofa(random: Random) -> _Sofa:
    rolled = random.random() < 0.4
    leather = random.random() < 0.4
    tufted = rolled and random.random() < 0.6
    seats = random.choice((2, 2, 3, 3))
    cloth = hsl(random.uniform(0, 360), random.uniform(0.05, 0.36), random.uniform(0.32, 0.74))
    return _Sofa(
        seats=seats,
        wide=seats * random.uniform(56, 68),
        deep=random.uniform(82, 92),
        seat=random.uniform(41, 46),
        top=random.uniform(76, 92) if not tufted else random.uniform(70, 76),
        arm=random.uniform(56, 64) if not tufted else random.uniform(66, 70),
        arm_wide=random.uniform(20, 25) if rolled else random.uniform(11, 21),
        rolled=rolled,
        tufted=tufted,
        leather=leather,
        pattern="plain" if leather else random.choice(("plain", "plain", "stripes", "flowers")),
        colour=random.choice(_LEATHERS) if leather else cloth,
        legs=random.choice((4.0, 9.0, 15.0)),
    )


def _legs(solid: Solid, sofa: _Sofa, chaise: int) -> None:
    """Draws the legs; on the side of a chaise there is no arm above them."""
    for z in (-sofa.deep + 6, -5):
        for side in (1, -1):
            arm = 0 if side == chaise else sofa.arm_wide
            x = side * (sofa.wide / 2 + arm - 5)
            splay = 1.04 if sofa.legs > 12 else 1
            solid.bar([(x, sofa.legs + 2, z), (x * splay, 0, z)], [5, 3.2], WOODS[5])


def _back(solid: Solid, sofa: _Sofa) -> None:
    width = sofa.wide + (2 * sofa.arm_wide - 6 if sofa.tufted else 4)
    tall = sofa.top - sofa.legs - 8
    z = -sofa.deep + 18
    outline = upright(round_rectangle(width, tall, 7), (0, sofa.top - tall / 2, z))
    solid.prism(outline, (0, 0, -16), shade(sofa.colour, -0.06))
    if sofa.tufted:
        _tufts(solid, sofa, width - 6, z)


def _tufts(solid: Solid, sofa: _Sofa, width: float, z: float) -> None:
    """Draws rows of buttons, with creases to their neighbours and puffs between them."""
    columns = round(width / 17)
    step = width / columns
    rows = [sofa.top - 9, sofa.top - 18, sofa.top - 27]
    dark, light = shade(sofa.colour, -0.5), shade(sofa.colour, 0.22)
    for row, y in enumerate(rows):
        for column in range(columns + row % 2):
            x = -width / 2 + step * (column + 0.5 - row % 2 / 2)
            here = solid.at((x, y, z))
            for side in (-0.5, 0.5):
                if row < 2 and abs(x + side * step) <= width / 2:
                    below = solid.at((x + side * step, rows[row + 1], z))
                    solid.sketch.line([here, below], dark, 0.7, 0.5)
            solid.sketch.circle(here[0], here[1], 1.3, dark)
            shine = solid.at((x, y - 4.6, z))
            solid.sketch.ellipse(shine[0], shine[1], 3.4, 1.5, light, opacity=0.3)


def _arm(solid: Solid, sofa: _Sofa, side: int) -> None:
    """Draws an arm, square or rolled, with the panel at its front."""
    x = side * (sofa.wide / 2 + sofa.arm_wide / 2)
    low, tall, wide = sofa.legs, sofa.arm - sofa.legs, sofa.arm_wide
    if sofa.rolled:
        shape = _scroll(wide, tall)
    else:
        shape = [(a, b + tall / 2) for a, b in round_rectangle(wide, tall, wide * 0.28, 4)]
    sketch = solid.sketch
    fill = sketch.gradient(shade(sofa.colour, 0.1), shade(sofa.colour, -0.1),
                           shade(sofa.colour, -0.3))  # fmt: skip
    solid.prism(upright(shape, (x, low, 0)), (0, 0, -sofa.deep + 4), sofa.colour, fill)
    if sofa.rolled:
        px, py = solid.at((x, low + tall - wide / 2, 0))
        radius = wide * 0.38
        puff = sketch.glow(shade(sofa.colour, 0.24), sofa.colour, shade(sofa.colour, -0.25))
        sketch.circle(px, py, radius, puff, shade(sofa.colour, -0.4), 0.5)
        sketch.circle(px, py, radius * 0.14, shade(sofa.colour, -0.45))
    _shine(
        solid, sofa, [(x - wide * 0.2, sofa.arm, -3), (x - wide * 0.2, sofa.arm, -sofa.deep / 2)]
    )


def _scroll(wide: float, tall: float) -> list[Point]:
    """Returns the outline of a rolled arm's front: a disc on a narrower post."""
    radius, post = wide / 2, wide * 0.34
    angles = [math.radians(-48 + 276 * step / 14) for step in range(15)]
    disc = [(radius * math.cos(a), tall - radius + radius * math.sin(a)) for a in angles]
    return [(post, 0.0), (post, tall - 2 * radius), *disc, (-post, tall - 2 * radius), (-post, 0.0)]


def _base(solid: Solid, sofa: _Sofa) -> None:
    tall = sofa.seat - 15 - sofa.legs
    outline = upright(round_rectangle(sofa.wide, tall, 1), (0, sofa.legs + tall / 2, -2.5))
    solid.prism(outline, (0, 0, -sofa.deep + 12), shade(sofa.colour, -0.16))
    _print(solid, sofa, (0, sofa.legs + tall / 2, -2.5), sofa.wide, tall)


def _seat_cushions(solid: Solid, sofa: _Sofa, near: int) -> None:
    for x in _middles(sofa, near):
        _cushion(solid, sofa, (x, sofa.seat - 7.5, 0.5), (sofa.cushion - 0.6, 16), -sofa.deep + 22)


def _back_cushions(solid: Solid, sofa: _Sofa, near: int) -> None:
    tall = sofa.top - sofa.seat + 1
    for x in _middles(sofa, near):
        middle = (x, sofa.seat + tall / 2 + 1, -sofa.deep + 33)
        _cushion(solid, sofa, middle, (sofa.cushion - 1, tall), -15, 9)


def _middles(sofa: _Sofa, near: int) -> list[float]:
    """Returns where the cushions' middles are, the farthest first."""
    places = [(index - (sofa.seats - 1) / 2) * sofa.cushion for index in range(sofa.seats)]
    return sorted(places, key=lambda x: near * x)


def _cushion(
    solid: Solid, sofa: _Sofa, middle: Spot, size: tuple[float, float], along: float,
    radius: float = 5,
) -> None:  # fmt: skip
    """Draws a stuffed cushion: round corners, a lighter belly and a seam."""
    colour = sofa.colour
    x, y, z = middle
    shape = round_rectangle(*size, radius, 4)
    lean = 0.12 if radius > 5 else 0
    front = [(x + a, y + b, z - b * lean) for a, b in shape]
    fill = solid.sketch.glow(shade(colour, 0.17), shade(colour, 0.03), shade(colour, -0.26),
                             x=0.46, y=0.34, radius=0.72)  # fmt: skip
    solid.prism(front, (0, 0, along), shade(colour, 0.05), fill)
    _print(solid, sofa, (x, y, z), size[0] - 3, size[1] - 3, lean)
    edge = [solid.at((x + a * 0.975, y + b * (1 - 0.05), z - b * lean)) for a, b in shape]
    solid.sketch.polygon(edge, None, shade(colour, -0.32), 0.5, 0.55)
    _shine(solid, sofa, [(x - size[0] * 0.32, y + size[1] * 0.36, z),
                         (x + size[0] * 0.2, y + size[1] * 0.36, z)])  # fmt: skip


def _print(
    solid: Solid, sofa: _Sofa, middle: Spot, width: float, tall: float, lean: float = 0
) -> None:
    """Prints the pattern of the cloth on a front."""
    x, y, z = middle
    light, dark = shade(sofa.colour, 0.45), shade(sofa.colour, -0.35)
    if sofa.pattern == "stripes":
        for index in range(round(width / 9)):
            at = x - width / 2 + (index + 0.5) * width / round(width / 9)
            ends: Sequence[Spot] = [
                (at, y + b * tall / 2, z - b * lean * tall / 2) for b in (-1, 1)
            ]
            solid.sketch.line([solid.at(end) for end in ends], light, 2.2, 0.5)
    if sofa.pattern == "flowers":
        count = round(width / 13)
        for row in range(max(round(tall / 13), 1)):
            for index in range(count):
                across = x - width / 2 + width * (index + 0.3 + 0.4 * (row % 2)) / count
                up = -tall / 2 + 13 * (row + 0.5)
                px, py = solid.at((across, y + up, z - up * lean))
                solid.sketch.circle(px, py, 2.3, clear(light, 0.7))
                solid.sketch.circle(px + 2.6, py + 1.7, 1.5, clear(dark, 0.5))
                solid.sketch.circle(px, py, 0.8, clear(dark, 0.7))


def _shine(solid: Solid, sofa: _Sofa, spots: Sequence[Spot]) -> None:
    """Draws the streak of light on leather."""
    if sofa.leather:
        line = [solid.at(spot) for spot in spots]
        solid.sketch.line(line, shade(sofa.colour, 0.6), 2.4, 0.16)
        solid.sketch.line(line, shade(sofa.colour, 0.7), 0.9, 0.3)


def _chaise(solid: Solid, sofa: _Sofa, side: int) -> None:
    """Draws the long seat at one end, for the legs."""
    x = side * (sofa.wide / 2 - sofa.cushion / 2)
    wide, out = sofa.cushion, 58.0
    tall = sofa.seat - 15 - sofa.legs
    outline = upright(round_rectangle(wide, tall, 1), (x, sofa.legs + tall / 2, out - 2))
    for foot in (x - wide / 2 + 5, x + wide / 2 - 5):
        solid.bar([(foot, sofa.legs + 2, out - 6), (foot, 0, out - 6)], [5, 3.2], WOODS[5])
    solid.prism(outline, (0, 0, -out), shade(sofa.colour, -0.16))
    _cushion(solid, sofa, (x, sofa.seat - 7.5, out), (wide - 0.6, 16), -out - 30)


def _pillows(solid: Solid, sofa: _Sofa, random: Random) -> None:
    """Puts one or two pillows on the seat, leaning at the back."""
    for side in random.choice(((-1,), (1,), (-1, 1))):
        size = random.uniform(17, 21)
        x = side * (sofa.wide / 2 - size - random.uniform(1, 6))
        colour = hsl(random.uniform(0, 360), random.uniform(0.15, 0.48), random.uniform(0.35, 0.82))
        turn = math.radians(random.uniform(-12, 12))
        spots: list[Spot] = []
        for step in range(16):
            angle = 2 * math.pi * step / 16 + turn
            reach = size * (1.24 if step % 4 == 2 else 0.97 if step % 4 else 0.92)
            up = size * 0.98 + reach * math.sin(angle)
            spots.append((x + reach * math.cos(angle), sofa.seat + max(up, 0), -38 - up * 0.25))
        points = solid.points(spots)
        fill = solid.sketch.glow(shade(colour, 0.25), colour, shade(colour, -0.3))
        solid.sketch.blob(points, fill, shade(colour, -0.3), 0.4)
        if random.random() < 0.5:
            for at in (3, 4, 5):
                ends = [points[at], points[(17 - at - 1 - 4) % 16]]
                solid.sketch.line(ends, shade(colour, 0.5), 1.6, 0.55)
