"""Chairs: kitchen, upholstered, shell, office, folding, wicker, and the bar stool with a back."""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from voc_demo.sketch import Drawing, hsl, shade
from voc_demo.solid import Solid, Spot, View, bezier, level, ring, round_rectangle

WOODS = ("#a8703f", "#8a5530", "#c99a63", "#6b4026", "#d8b383", "#4d3023", "#b5834c")
_PAINTS = ("#e9e4d8", "#39444d", "#9fb3a1", "#b9413a", "#2f5d7c", "#d9a13b", "#23262a", "#6f8f9c")


@dataclass(frozen=True)
class _Frame:
    """Sizes of a chair: its seat's, how high that is, the top of its back and how it leans."""

    width: float
    depth: float
    seat: float
    top: float
    lean: float

    def back(self, share: float, up: float) -> Spot:
        """Returns a spot of the back: `share` from left (-1) to right (1), `up` from seat (0)."""
        y = self.seat + up * (self.top - self.seat)
        return share * self.width / 2, y, -self.depth / 2 - self.lean * max(up, 0) ** 1.4


def draw_chair(random: Random) -> Drawing:
    """Draws a chair for one, from the front, half from the side or from the side."""
    kind = random.choice((_kitchen, _kitchen, _padded, _shell, _office, _folding, _wicker, _stool))
    turn = random.choice((random.uniform(-12, 14), random.uniform(24, 58), random.uniform(70, 88)))
    if kind is _shell:
        turn = random.uniform(26, 84)  # from the front its seat and back would be one
    solid = Solid(View(turn, random.uniform(8, 17)))
    return kind(solid, random)


def _kitchen(solid: Solid, random: Random) -> Drawing:
    frame = _frame(random, top=random.uniform(84, 104))
    wood = random.choice(WOODS + _PAINTS)
    _legs(solid, frame, wood, splay=random.uniform(0, 3), rails=random.random() < 0.7)
    _wooden_back(solid, frame, wood, random)
    cushion = random.random() < 0.4
    _wooden_seat(solid, frame, wood, random.choice((1.5, 5, 12)))
    if cushion:
        _pad(solid, frame, frame.seat, 4, hsl(random.uniform(0, 360), 0.4, 0.55))
    return solid.drawing(seat=(0, frame.seat + 6, -2))


def _padded(solid: Solid, random: Random) -> Drawing:
    frame = _frame(random, top=random.uniform(88, 108))
    cloth = hsl(random.uniform(0, 360), random.uniform(0.08, 0.5), random.uniform(0.3, 0.72))
    _legs(solid, frame, random.choice(WOODS[2:6]), splay=random.uniform(0, 4), rails=False)
    _padded_back(solid, frame, cloth, low=random.choice((0.02, 0.3)))
    _pad(solid, frame, frame.seat - 7, 10, cloth)
    return solid.drawing(seat=(0, frame.seat + 8, -2))


def _shell(solid: Solid, random: Random) -> Drawing:
    frame = _Frame(46, 42, random.uniform(43, 46), random.uniform(78, 85), 10)
    colour = random.choice((*_PAINTS, "#e2dfd8", "#e2dfd8", "#e0703a"))
    legs = random.choice((WOODS[2], WOODS[4], "#3a3d40"))
    _legs(solid, frame, legs, splay=6, inset=9, width=3 if legs in WOODS else 1.8, rails=False)
    solid.block((0, frame.seat - 4.5, -3), (frame.width - 24, 2.5, frame.depth - 20), "#55504c", 4)
    profile = [(27.0, -6.0), (17, 6), (-2, -6), (-24, -6), (-17, 16), (-30, frame.top - frame.seat)]
    rows: list[list[Spot]] = []
    for index in range(15):
        share = 1 - (1 - index / 14) ** 1.6
        z, y = bezier(profile, share)
        wide = frame.width / 2 * (1.02 - 0.1 * share)
        narrow = (1 - (max(0.14 - share, share - 0.66, 0) / 0.345) ** 3) ** 0.6
        wide *= narrow
        curl = 5 * math.sin(math.pi * min(share * 1.15, 1)) * (1 - share)
        forward = 11 * min(max(share - 0.3, 0), 0.35) * narrow**2
        columns = (-1, -0.9, -0.7, -0.4, 0, 0.4, 0.7, 0.9, 1)
        rows.append(
            [(s * wide, frame.seat + y + curl * s**4, z + forward * s * s) for s in columns]
        )
    solid.surface(rows, colour)
    solid.sketch.curve([solid.at(spot) for spot in rows[5][1:-1]], shade(colour, -0.5), 4, 0.1)
    edge = [solid.at(spot) for spot in (*(row[-1] for row in rows), *reversed(rows[-1]))]
    solid.sketch.curve(edge, shade(colour, 0.3), 0.8, 0.8)
    return solid.drawing(seat=(0, frame.seat + 6, -3))


def _office(solid: Solid, random: Random) -> Drawing:
    frame = _frame(random, top=random.uniform(96, 122), seat=random.uniform(46, 52), lean=7)
    cloth = random.choice(("#2b2e33", "#3b4047", "#26405c", "#7a2d2d", "#5a626b", "#d8d6d0"))
    metal = random.choice(("#2a2c2f", "#9ea4a8"))
    _star(solid, random.uniform(0, 72), metal, frame.seat - 10)
    arms = random.random() < 0.7
    sides = sorted((-1, 1), key=lambda side: solid.view.eye((side, 0, 0))[2])
    if arms:
        _office_arm(solid, frame, sides[0])
    low = random.choice((0.04, 0.22))
    solid.bar([(0, frame.seat - 4, -12), (0, frame.seat - 3, -frame.depth / 2 - 5),
               frame.back(0, 0.3)], [6, 6, 5], "#2a2c2f")  # fmt: skip
    _padded_back(solid, frame, cloth, low)
    _pad(solid, frame, frame.seat - 6, 9, cloth)
    if arms:
        _office_arm(solid, frame, sides[1])
    return solid.drawing(seat=(0, frame.seat + 8, -2))


def _folding(solid: Solid, random: Random) -> Drawing:
    frame = _frame(random, top=random.uniform(76, 84), depth=38)
    colour = random.choice(WOODS[2:5] + _PAINTS)
    rail = random.choice((shade(colour, -0.25), "#8d9498", colour))
    sides = sorted((-1, 1), key=lambda side: solid.view.eye((side, 0, 0))[2])
    half, deep = frame.width / 2, frame.depth / 2
    for side in sides:
        x = side * half
        solid.bar([(x * 0.94, 0, -deep - 3), (x * 0.94, frame.seat, deep - 4)], [2.6, 2.6], rail)
        solid.bar([(x, 0, deep + 4), (x, frame.top, -deep - 7)], [2.8, 2.8], rail)
    for y, z in ((9.0, 1 - deep), (9.0, deep + 1)):
        solid.bar([(-half * 0.94, y, z), (half * 0.94, y, z)], [2, 2], rail)
    for at, tall in ((0.62, 7.0), (0.86, 7.0)) if random.random() < 0.6 else ((0.74, 17.0),):
        y = frame.seat + at * (frame.top - frame.seat)
        z = deep + 4 - (frame.depth + 11) * y / frame.top
        solid.prism([(-half, y - tall / 2, z + 1), (half, y - tall / 2, z + 1),
                     (half, y + tall / 2, z - 1), (-half, y + tall / 2, z - 1)],
                    (0, 0, 1.4), colour)  # fmt: skip
    slats = random.choice((1, 4, 5))
    for index in range(slats):
        size = frame.depth / slats
        z = -deep + (index + 0.5) * size
        solid.block((0, frame.seat, z), (frame.width - 1, 2.2, size - (1.6 if slats > 1 else 0)),
                    colour, 1)  # fmt: skip
    return solid.drawing(seat=(0, frame.seat + 7, -1))


def _wicker(solid: Solid, random: Random) -> Drawing:
    frame = _Frame(56, 50, 41, random.uniform(80, 92), 11)
    cane = random.choice(("#b98a55", "#8d5f38", "#d3b07a", "#5f4632", "#c9c0b0"))
    _legs(solid, frame, shade(cane, -0.15), splay=4, inset=9, width=4.5, rails=False)
    ribs: list[list[Spot]] = []
    for degrees in range(-210, 31, 15):
        x, z = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
        rise = 6 + (frame.top - frame.seat) * (0.36 + 0.64 * max(-z, 0) ** 1.3)
        ribs.append([(x * (28 + 3 * up), frame.seat - 6 + up * rise, z * (25 + 2 * up) - 5 * up)
                     for up in (0, 0.17, 0.34, 0.5, 0.67, 0.84, 1)])  # fmt: skip
    _woven(solid, ribs, cane, near=False)
    solid.prism(level(ring(frame.width / 2, frame.depth / 2), (0, frame.seat, 0)), (0, -7, 0), cane)
    cushion = random.choice(("#eee6d6", "#7f9a8c", "#c46a4a", "#45566b"))
    _pad(solid, frame, frame.seat, 7, cushion, 0.84)
    _woven(solid, ribs, cane, near=True)
    rim = [solid.at(rib[-1]) for rib in ribs]
    solid.reach_line(rim, 4)
    solid.sketch.curve(rim, shade(cane, -0.4), 4)
    solid.sketch.curve([(x, y - 0.5) for x, y in rim], shade(cane, 0.12), 2.4)
    return solid.drawing(seat=(0, frame.seat + 12, 0))


def _woven(solid: Solid, ribs: Sequence[Sequence[Spot]], cane: str, near: bool) -> None:
    """Weaves those parts of a round back that are farther, or nearer, than the seat."""
    for rib, after in itertools.pairwise(ribs):
        middle = solid.view.eye((rib[0][0] + after[0][0], 0, rib[0][2] + after[0][2]))
        if (middle[2] > 0) != near:
            continue
        solid.surface([rib, after], cane)
        for pair in zip(rib[1:-1], after[1:-1], strict=True):
            solid.sketch.line(solid.points(pair), shade(cane, -0.45), 0.8, 0.6)
        solid.sketch.line(solid.points(rib), shade(cane, -0.4), 0.9, 0.6)


def _stool(solid: Solid, random: Random) -> Drawing:
    frame = _Frame(38, 36, random.uniform(64, 74), random.uniform(94, 106), 5)
    wood = random.choice((*WOODS, "#2b2d30", "#e9e4d8"))
    _legs(solid, frame, wood, splay=4, inset=2, width=3.4, rails=True)
    if random.random() < 0.5:
        _padded_back(solid, frame, hsl(random.uniform(0, 360), 0.35, 0.4), 0.25)
    else:
        _wooden_back(solid, frame, wood, random)
    _pad(solid, frame, frame.seat - 4, 7, random.choice((wood, "#6d3f2c", "#2e3438", "#d5c8b0")))
    return solid.drawing(seat=(0, frame.seat + 7, -2))


def _frame(
    random: Random, top: float, seat: float | None = None, depth: float = 0, lean: float = 0
) -> _Frame:
    return _Frame(
        random.uniform(40, 47),
        depth or random.uniform(39, 45),
        seat or random.uniform(44, 47),
        top,
        lean or random.uniform(5, 12),
    )


def _legs(
    solid: Solid, frame: _Frame, colour: str, splay: float = 0, inset: float = 3,
    width: float = 4, rails: bool = True,
) -> None:  # fmt: skip
    """Draws four legs and the rails between them, the farthest first."""
    x, z = frame.width / 2 - inset, frame.depth / 2 - inset
    wider, deeper = 1 + splay / x, 1 + splay / z
    corners = [(-x, -z), (x, -z), (x, z), (-x, z)]
    bars: list[tuple[Spot, Spot, float, float]] = []
    for (cx, cz), (nx, nz) in zip(corners, [*corners[1:], corners[0]], strict=True):
        bars.append(((cx, frame.seat - 2, cz), (cx * wider, 0, cz * deeper), width, width * 0.7))
        if rails:
            out, up, thin = 1 + splay / x * 0.62, frame.seat * 0.36, width * 0.55
            bars.append(((cx * out, up, cz * out), (nx * out, up, nz * out), thin, thin))
    bars.sort(key=lambda bar: solid.view.eye((bar[0][0] + bar[1][0], 0, bar[0][2] + bar[1][2]))[2])
    for start, end, thick, thin in bars:
        solid.bar([start, end], [thick, thin], colour)


def _wooden_seat(solid: Solid, frame: _Frame, colour: str, radius: float) -> None:
    plan = level(round_rectangle(frame.width + 1, frame.depth + 1, radius), (0, frame.seat, 0))
    rail = level(round_rectangle(frame.width - 5, frame.depth - 5, 1), (0, frame.seat - 2, 0))
    solid.prism(rail, (0, -5, 0), shade(colour, -0.18))
    solid.prism(plan, (0, -2.6, 0), colour)


def _pad(
    solid: Solid, frame: _Frame, y: float, tall: float, colour: str, size: float = 1
) -> None:  # fmt: skip
    """Draws a soft seat: a belly, and a smaller top that is lighter in its middle."""
    sketch = solid.sketch
    width, depth = frame.width * size, frame.depth * size
    belly = level(round_rectangle(width, depth, 9, 4), (0, y + tall * 0.7, 0))
    solid.prism(belly, (0, -tall * 0.7, 0), shade(colour, -0.04))
    top = level(round_rectangle(width - 2, depth - 2, 9, 4), (0, y + tall, 0))
    fill = sketch.glow(shade(colour, 0.22), shade(colour, 0.06), shade(colour, -0.12), y=0.45)
    solid.prism(top, (0, -tall * 0.3, 0), shade(colour, 0.1), fill)
    sketch.curve([solid.at(spot) for spot in belly[9:]], shade(colour, -0.4), 0.4, 0.5)


def _wooden_back(solid: Solid, frame: _Frame, colour: str, random: Random) -> None:
    """Draws posts with slats, spindles or a board between them."""
    for share in (-0.9, 0.9):
        solid.bar([frame.back(share, up) for up in (-0.05, 0.4, 1)], [3.8, 3.6, 3.2], colour)
    pattern = random.choice(("slats", "spindles", "spindles", "board", "cross"))
    if pattern == "slats":
        for up in (0.36, 0.63, 0.9):
            _slat(solid, frame, up, 0.13, colour)
        return
    if pattern == "spindles":
        count = random.randint(4, 6)
        for index in range(1, count + 1):
            share = -0.9 + 1.8 * index / (count + 1)
            solid.bar([frame.back(share, 0), frame.back(share, 0.9)], [1.8, 1.6], colour)
    elif pattern == "cross":
        for side in (-0.85, 0.85):
            solid.bar([frame.back(side, 0.2), frame.back(-side, 0.85)], [2.4, 2.4], colour)
        _slat(solid, frame, 0.2, 0.1, colour)
    else:
        solid.face([frame.back(-0.28, 0), frame.back(0.28, 0), frame.back(0.34, 0.9),
                    frame.back(-0.34, 0.9)], colour)  # fmt: skip
    _slat(solid, frame, 0.91, 0.2, colour)


def _slat(solid: Solid, frame: _Frame, up: float, tall: float, colour: str) -> None:
    """Draws a board across the back, bent a little backwards in its middle."""
    rows: list[list[Spot]] = []
    for at in (up - tall / 2, up + tall / 2):
        row = [frame.back(share, at) for share in (-1, -0.5, 0, 0.5, 1)]
        bends = (0, 1.6, 2.2, 1.6, 0)
        rows.append([(x, y, z - bend) for (x, y, z), bend in zip(row, bends, strict=True)])
    solid.surface(rows, colour)
    solid.sketch.line(solid.points(rows[1]), shade(colour, 0.25), 1.1)


def _padded_back(solid: Solid, frame: _Frame, colour: str, low: float) -> None:
    """Draws an upholstered back with round corners, thick and a little hollow."""
    shape = round_rectangle(2, 1, 0.24, 4)
    front = [frame.back(x * (0.94 + 0.05 * y), low + (y + 0.5) * (1 - low)) for x, y in shape]
    for share in (-0.5, 0.5) if low > 0.1 else ():
        solid.bar([frame.back(share, -0.08), frame.back(share, low + 0.1)], [3, 3], "#3a3432")
    fill = solid.sketch.glow(shade(colour, 0.14), colour, shade(colour, -0.2), y=0.35, radius=0.75)
    solid.prism(front, (0, 0, -6), shade(colour, -0.06), fill)
    seam = [frame.back(x * 0.86, low + (y * 0.86 + 0.5) * (1 - low)) for x, y in shape]
    solid.sketch.polygon(solid.points(seam), None, shade(colour, -0.3), 0.5, 0.6)


def _star(solid: Solid, angle: float, colour: str, top: float) -> None:
    """Draws the foot of an office chair: five arms with castors, and the column."""
    arms = []
    for index in range(5):
        turn = math.radians(angle + 72 * index)
        arms.append((27 * math.sin(turn), 27 * math.cos(turn)))
    for x, z in sorted(arms, key=lambda arm: solid.view.eye((arm[0], 0, arm[1]))[2]):
        for shift in (-1.6, 1.6):
            wheel = [(x + shift, 2.8 + b, z + a) for a, b in ring(2.8, 2.8, 12)]
            solid.sketch.polygon(solid.points(wheel), "#1b1c1e", "#1b1c1e", 1.6)
        solid.bar([(0, 11, 0), (x, 6.2, z)], [5, 3.2], colour)
    solid.bar([(0, top - 8, 0), (0, 9, 0)], [7, 7], "#2a2c2f")
    solid.bar([(0, top + 6, 0), (0, top - 9, 0)], [4, 4], "#b8bdc0")


def _office_arm(solid: Solid, frame: _Frame, side: int) -> None:
    x = side * (frame.width / 2 + 3)
    up = frame.seat + 21
    solid.bar([(x * 0.8, frame.seat - 4, -2), (x, frame.seat, -3), (x, up, -5)],
              [4, 4, 3.4], "#2a2c2f")  # fmt: skip
    solid.block((x, up, -2), (6, 3, 26), "#33363a", 2)
