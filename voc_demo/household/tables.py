"""Dining tables: rectangular and round, bare or with a cloth, and what they are laid with."""

import itertools
import math
from dataclasses import dataclass
from random import Random

from voc_demo.household.chairs import WOODS
from voc_demo.sketch import Drawing, Point, mix, shade
from voc_demo.solid import Solid, Spot, View, level, ring, round_rectangle

_CLOTHS = ("#f4f1ea", "#efe6d2", "#c9d6dc", "#a63d3a", "#5d7f86", "#d9b65f", "#7d8f6a")


@dataclass(frozen=True)
class _Top:
    """The top of a table: half its width and depth, its height, and whether it is round."""

    wide: float
    deep: float
    height: float
    round: bool

    def outline(self, more: float = 0) -> list[Point]:
        """Returns its edge from above, `more` centimetres farther out."""
        if self.round:
            return ring(self.wide + more, self.deep + more, 40)
        return round_rectangle(2 * (self.wide + more), 2 * (self.deep + more), 3 + more, 2)

    def spot(self, across: float, near: float) -> Spot:
        """Returns a spot on it; both run from -1 to 1."""
        return across * self.wide, self.height, near * self.deep


def draw_diningtable(random: Random) -> Drawing:
    """Draws a dining table seen from a little above, sometimes with a cloth or laid."""
    top = _top(random)
    turn = 0.0 if top.round else random.choice((0.0, random.uniform(-4, 4), random.uniform(8, 32)))
    solid = Solid(View(turn, random.uniform(15, 27), 420))
    wood = random.choice((*WOODS, "#e8e4dc", "#3b3f42"))
    random.choice((_four_legs, _pedestal) if top.round else (_four_legs, _four_legs, _trestle))(
        solid, top, wood, random
    )
    if random.random() < 0.45:
        _cloth(solid, top, random)
    else:
        _bare(solid, top, wood, random)
    if random.random() < 0.75:
        _laid(solid, top, random)
    return solid.drawing(top=[top.spot(-0.8, -0.1), top.spot(0.8, -0.1)])


def _top(random: Random) -> _Top:
    height = random.uniform(73, 77)
    if random.random() < 0.4:
        radius = random.uniform(48, 68)
        return _Top(radius, radius, height, True)
    return _Top(random.uniform(62, 95), random.uniform(39, 48), height, False)


def _bare(solid: Solid, top: _Top, wood: str, random: Random) -> None:
    """Draws the board with its grain and the sheen of the light."""
    sketch = solid.sketch
    outline = level(top.outline(), (0, top.height, 0))
    fill = sketch.gradient(shade(wood, 0.3), shade(wood, 0.12), shade(wood, 0.02))
    solid.prism(outline, (0, -random.uniform(2.5, 4.5), 0), wood, fill)
    planks = random.randint(4, 6)
    for index in range(planks * 3):
        near = -0.94 + 1.88 * (index + random.uniform(-0.3, 0.3)) / (planks * 3 - 1)
        half = math.sqrt(max(1 - near**2, 0)) * 0.98 if top.round else 0.985
        left, right = sorted((random.uniform(-half, half), random.uniform(-half, half)))
        if index % 3 == 0:
            left, right = -half, half
        line = [solid.at(top.spot(left, near)), solid.at(top.spot(right, near))]
        sketch.line(line, shade(wood, -0.3), 0.5 if index % 3 else 0.7, 0.35)
    sheen = [solid.at(top.spot(x * 0.5 - 0.25, z * 0.4 - 0.35)) for x, z in ring(1, 1, 20)]
    sketch.blob(sheen, sketch.glow("#ffffff66", "#ffffff00", x=0.5, y=0.5, radius=0.5))


def _cloth(solid: Solid, top: _Top, random: Random) -> None:
    """Draws a cloth that hangs over the edge in folds."""
    sketch = solid.sketch
    colour = random.choice(_CLOTHS)
    drop = random.uniform(16, 34) if random.random() < 0.75 else random.uniform(50, 66)
    outline = _dense(top.outline(0.6), 5.0)
    fold, phase = random.uniform(24, 36), random.uniform(0, 6)
    rows: list[list[Spot]] = [[], [], []]
    way = 0.0
    for index, (x, z) in enumerate([*outline, outline[0]]):
        before_x, before_z = outline[index - 1]
        way += math.hypot(x - before_x, z - before_z)
        wave = math.sin(2 * math.pi * way / fold + phase)
        for row, share in zip(rows, (0.0, 0.45, 1.0), strict=True):
            out = 1 + share * (2.4 + 2.2 * wave) * (0.5 + drop / 50) / math.hypot(x, z)
            sag = drop * share + 0.9 * wave * share
            row.append((x * out, top.height + 0.5 - sag, z * out))
    solid.surface(rows, colour)
    sketch.curve(solid.points(rows[2])[: len(rows[2]) // 2], shade(colour, -0.25), 0.6, 0.6)
    fill = sketch.gradient(shade(colour, 0.3), shade(colour, 0.12), shade(colour, 0.06))
    sketch.polygon(solid.points(rows[0]), fill)
    _cloth_pattern(solid, top, colour, random)


def _cloth_pattern(solid: Solid, top: _Top, colour: str, random: Random) -> None:
    tint = random.choice((shade(colour, -0.3), "#ffffff", mix(colour, "#b0413e", 0.7)))
    pattern = random.choice(("plain", "plain", "checks", "border"))
    if pattern == "border":
        line = [solid.at(spot) for spot in level(top.outline(-6), (0, top.height + 0.5, 0))]
        solid.sketch.polygon(line, None, tint, 1.4, 0.55)
    if pattern == "checks":
        for index in range(-7, 8):
            at = index / 7.5
            half = math.sqrt(1 - at * at) if top.round else 1
            for ends in (((at, -half), (at, half)), ((-half, at), (half, at))):
                line = [solid.at(top.spot(*end)) for end in ends]
                solid.sketch.line(line, tint, 2.6, 0.22)


def _dense(points: list[Point], step: float) -> list[Point]:
    """Returns the closed line with more points, about `step` centimetres from each other."""
    dense: list[Point] = []
    for (x, y), (to_x, to_y) in itertools.pairwise([*points, points[0]]):
        cuts = max(round(math.hypot(to_x - x, to_y - y) / step), 1)
        dense += [(x + (to_x - x) * i / cuts, y + (to_y - y) * i / cuts) for i in range(cuts)]
    return dense


def _four_legs(solid: Solid, top: _Top, wood: str, random: Random) -> None:
    """Draws the frame and four legs, the farthest first."""
    share = 0.62 if top.round else 0.9
    x, z = top.wide * share, top.deep * (share if top.round else 0.84)
    thick = random.uniform(5, 8)
    taper = random.choice((0.55, 0.75, 1.0))
    splay = random.choice((1.0, 1.0, 1.07))
    legs = [(-x, -z), (x, -z), (-x, z), (x, z)]
    legs.sort(key=lambda leg: solid.view.eye((leg[0], 0, leg[1]))[2])
    for index, (lx, lz) in enumerate(legs):
        head: Spot = (lx, top.height - 2, lz)
        if index == 2:
            _apron(solid, x, z, top.height - 3, wood)
        solid.bar([head, (lx * splay, 0, lz * splay)], [thick, thick * taper], shade(wood, -0.08))


def _apron(solid: Solid, x: float, z: float, y: float, wood: str) -> None:
    outline = level([(-x, -z), (x, -z), (x, z), (-x, z)], (0, y, 0))
    solid.prism(outline, (0, -8, 0), shade(wood, -0.22))


def _trestle(solid: Solid, top: _Top, wood: str, _: Random) -> None:
    """Draws two crossed supports and the beam between them."""
    x, z = top.wide * 0.72, top.deep * 0.7
    solid.bar([(-x, 30, 0), (x, 30, 0)], [7, 7], shade(wood, -0.25))
    for side in sorted((-x, x), key=lambda at: solid.view.eye((at, 0, 0))[2]):
        for way in (-1, 1):
            solid.bar([(side, top.height - 2, -way * z), (side, 0, way * z)], [7, 7],
                      shade(wood, -0.12))  # fmt: skip


def _pedestal(solid: Solid, top: _Top, wood: str, _: Random) -> None:
    """Draws a turned column on four curved feet."""
    for x, z in ((0, -30), (-30, 0), (30, 0), (0, 30)):
        solid.bar([(0, 20, 0), (x * 0.5, 13, z * 0.5), (x, 2.2, z)], [9, 7, 4.4],
                  shade(wood, -0.1))  # fmt: skip
    column = [(0.0, top.height - 3, 0.0), (0, 56, 0), (0, 42, 0), (0, 28, 0), (0, 14, 0)]
    solid.bar(column, [13, 8, 13, 15, 9], wood)


def _laid(solid: Solid, top: _Top, random: Random) -> None:
    """Lays plates for some, and something in the middle."""
    china = random.choice(("#f7f5f0", "#f7f5f0", "#dfe8ea", "#c98f6a", "#54707f"))
    places: list[Point]
    if top.round:
        places = [(0.0, -0.68), (-0.66, -0.1), (0.66, -0.1), (0.0, 0.66)]
    else:
        places = [(-0.5, -0.62), (0.5, -0.62), (-0.84, 0), (0.84, 0), (-0.5, 0.62), (0.5, 0.62)]
    middle = random.choice((_fruit, _fruit, _candles, _bread, None))
    laid = random.random() < 0.75 or middle is None
    for across, near in places:
        if near > 0 and middle:
            middle(solid, top.spot(0, 0), random)
            middle = None
        if laid and random.random() < 0.9:
            _place(solid, top.spot(across, near), china, random)
    if middle:
        middle(solid, top.spot(0, 0), random)


def _place(solid: Solid, spot: Spot, china: str, random: Random) -> None:
    """Draws a plate, perhaps with food, and a glass beside it."""
    sketch = solid.sketch
    x, y, z = spot
    _disc(solid, (x + 1.5, y, z + 1), 14, "#000000", 0.16)
    _disc(solid, (x, y + 0.6, z), 13.5, shade(china, -0.12))
    _disc(solid, (x, y + 1.3, z), 13.2, china)
    _disc(solid, (x, y + 1.1, z), 8.6, shade(china, -0.08))
    if random.random() < 0.5:
        food = random.choice(("#c7823a", "#7f9a45", "#b8503a", "#e3c27a"))
        for _ in range(3):
            at = (x + random.uniform(-4, 4), y + 1.6, z + random.uniform(-3, 3))
            _disc(solid, at, random.uniform(2.5, 4), shade(food, random.uniform(-0.2, 0.25)))
    for shift in (-16.5, 16.5):
        sketch.line([solid.at((x + shift, y + 0.3, z - 8)), solid.at((x + shift, y + 0.3, z + 8))],
                    "#c9ced0", 1.1)  # fmt: skip
    glass = (x + 14.0, y, z - 13.0)
    solid.bar([(glass[0], y + 10, glass[2]), glass], [6.4, 5], "#dfe9ec")
    _disc(solid, (glass[0], y + 10, glass[2]), 3.2, "#f4f9fa")


def _fruit(solid: Solid, spot: Spot, random: Random) -> None:
    """Draws a bowl heaped with fruit."""
    x, y, z = spot
    bowl = random.choice(("#e8e2d4", "#4f7280", "#b9794a", "#8a9a7b"))
    _disc(solid, (x + 2, y, z + 2), 15, "#000000", 0.18)
    _disc(solid, (x, y + 9, z), 17, shade(bowl, -0.35))
    for index in range(7):
        angle = 2 * math.pi * index / 6
        reach = 9 if index < 6 else 0
        at = (
            x + reach * math.cos(angle),
            y + (11 if index < 6 else 15),
            z + reach * math.sin(angle),
        )
        colour = random.choice(("#c8372d", "#e0862c", "#d9c244", "#86a63f"))
        px, py = solid.at(at)
        radius = random.uniform(4, 4.8)
        solid.reach_line([(px, py)], 2 * radius)
        fill = solid.sketch.glow(shade(colour, 0.35), colour, shade(colour, -0.35))
        solid.sketch.circle(px, py, radius, fill)
    rows: list[list[Spot]] = []
    for radius, up in ((17.0, 9.0), (14.5, 4.5), (8, 0)):
        row = [(x + radius * math.cos(a), y + up, z + radius * math.sin(a))
               for a in (math.pi * step / 12 for step in range(13))]  # fmt: skip
        rows.append(row)
    solid.surface(rows, bowl)


def _candles(solid: Solid, spot: Spot, random: Random) -> None:
    """Draws a few candles in holders."""
    x, y, z = spot
    wax = random.choice(("#f3ead6", "#b23a34", "#e9e5df"))
    for shift, tall in ((-13, 20), (0, 27), (13, 22)):
        _disc(solid, (x + shift, y + 1, z), 4.6, "#9a7b3c")
        solid.bar([(x + shift, y + tall, z), (x + shift, y + 1, z)], [2.4, 2.4], wax)
        px, py = solid.at((x + shift, y + tall + 2.4, z))
        solid.reach_line([(px, py)], 5)
        solid.sketch.ellipse(px, py, 1.2, 2.4, solid.sketch.gradient("#fff6c8", "#ffb43c"))


def _bread(solid: Solid, spot: Spot, random: Random) -> None:
    """Draws a loaf on a board."""
    x, y, z = spot
    board = level(round_rectangle(44, 24, 6), (x, y + 2, z))
    solid.prism(board, (0, -2, 0), random.choice(WOODS[2:5]))
    for index in range(6):
        at = (x - 12 + 4.6 * index, y + 6.5, z)
        px, py = solid.at(at)
        fill = solid.sketch.glow("#e2ae68", "#b9762f", "#7d4519")
        solid.sketch.ellipse(px, py, 4.6, 5.4, fill)


def _disc(solid: Solid, middle: Spot, radius: float, colour: str, opacity: float = 1) -> None:
    outline = [solid.at(spot) for spot in level(ring(radius, radius, 16), middle)]
    fill = colour if opacity < 1 else solid.sketch.gradient(shade(colour, 0.14), colour)
    solid.sketch.blob(outline, fill, opacity=opacity)
