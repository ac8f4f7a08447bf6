"""Television sets and monitors: flat ones, computer monitors and old sets with a tube."""

import math
from random import Random

from voc_demo.household.pictures import PICTURES, Screen
from voc_demo.sketch import Drawing, mix, shade
from voc_demo.solid import Solid, Spot, View, level, ring, round_rectangle, upright

_CASES = ("#17181a", "#17181a", "#232529", "#2e3236", "#b9bec2", "#e6e6e3")
_OLD_CASES = ("#7b4f2d", "#5d3c24", "#34363a", "#1f2022", "#8d8f8c", "#c8c0ae", "#b23b33")


def draw_tvmonitor(random: Random) -> Drawing:
    """Draws a flat television, a computer monitor or an old set, on or off."""
    kind = random.choice((_television, _television, _monitor, _monitor, _tube))
    turn = random.choice((random.uniform(-3, 3), random.uniform(14, 42)))
    solid = Solid(View(turn, random.uniform(2, 9), 380))
    return kind(solid, random)


def _television(solid: Solid, random: Random) -> Drawing:
    wide = random.uniform(82, 128)
    tall = wide * 0.575
    case = random.choice(_CASES[:4])
    low = random.uniform(5, 9)
    if random.random() < 0.5:
        _foot(solid, wide * 0.24, 11, case, low + 8)
    else:
        for x in (-wide * 0.34, wide * 0.34):
            for z in (-10, 10):
                solid.bar([(x, low + 3, 0), (x + math.copysign(3, x), 0.4, z)], [2.6, 2], case)
    _flat(solid, (wide, tall), low + tall / 2, case, 1.4, random)
    return solid.drawing()


def _monitor(solid: Solid, random: Random) -> Drawing:
    wide = random.uniform(44, 66)
    tall = wide * random.choice((0.56, 0.62, 0.78))
    case = random.choice(_CASES)
    low = random.uniform(9, 14)
    _foot(solid, random.uniform(10, 14), 9, random.choice((case, "#c3c7ca")), low + 9)
    _flat(solid, (wide, tall), low + tall / 2, case, random.uniform(1.0, 2.2), random)
    return solid.drawing()


def _tube(solid: Solid, random: Random) -> Drawing:
    wide, tall = random.uniform(50, 68), random.uniform(44, 52)
    case = random.choice(_OLD_CASES)
    panel = wide * 0.22 if random.random() < 0.5 else 0
    y = tall / 2 + 2
    if random.random() < 0.35:
        for end in (-16, 15):
            solid.bar([(0, tall, -14), (end, tall + 30, -16)], [0.9, 0.6], "#c9cdd0")
    for x in (-wide * 0.36, wide * 0.36):
        solid.bar([(x, 4, -4), (x, 0, -4)], [5, 4], "#1d1d1e")
    _tube_back(solid, (wide, tall), y, case)
    shape = round_rectangle(wide, tall, 4, 3)
    fill = solid.sketch.gradient(shade(case, 0.16), case, shade(case, -0.25))
    solid.prism(upright(shape, (0, y, 0)), (0, 0, -14), case, fill)
    glass = wide - 7 - panel
    middle: Spot = (-panel / 2, y + 1, 0.2)
    frame = upright(round_rectangle(glass + 3.4, tall - 8, 6, 4), middle)
    solid.sketch.polygon([solid.at(spot) for spot in frame], shade(mix(case, "#202020", 0.6), -0.4))
    screen = Screen(solid, middle, glass, tall - 11.5, bulge=1.6)
    _show(screen, random)
    screen.shine(0.16)
    if panel:
        _panel(solid, wide / 2 - panel / 2 - 2, y, tall, case)
    return solid.drawing()


def _tube_back(solid: Solid, size: tuple[float, float], y: float, case: str) -> None:
    """Draws the housing that narrows behind the frame."""
    wide, tall = size
    rows: list[list[Spot]] = []
    for z, share, drop in (
        (-36.0, 0.55, 0.12),
        (-30, 0.64, 0.1),
        (-22, 0.84, 0.04),
        (-13, 0.95, 0),
    ):
        shape = round_rectangle(wide * share, tall * share, 4, 2)
        row = upright(shape, (0, y - tall * drop, z))
        rows.append([*row, row[0]])
    solid.surface(rows, shade(mix(case, "#2a2a2a", 0.5), -0.15))


def _panel(solid: Solid, x: float, y: float, tall: float, case: str) -> None:
    """Draws the knobs and the grille beside an old screen."""
    sketch = solid.sketch
    for up in (0.3, 0.12):
        px, py = solid.at((x, y + up * tall, 0.3))
        sketch.circle(px, py, 3, shade(case, -0.55))
        sketch.circle(px, py, 2.3, sketch.glow("#e3e0d8", "#8b8880", "#55534f"))
        sketch.line([(px, py), (px + 0.9, py - 1.6)], "#3b3a38", 0.5)
    for row in range(7):
        at = y - tall * (0.06 + 0.05 * row)
        ends = [solid.at((x - 3.6, at, 0.3)), solid.at((x + 3.6, at, 0.3))]
        sketch.line(ends, shade(case, -0.5), 0.8)


def _foot(solid: Solid, half: float, deep: float, colour: str, up: float) -> None:
    """Draws a base plate and the neck on it."""
    plate = level(ring(half, deep, 28), (0, 1.4, -1))
    solid.prism(plate, (0, -1.4, 0), colour, solid.sketch.gradient(colour, shade(colour, 0.25)))
    neck = half * 0.3
    outline = upright([(-neck, 0), (neck, 0), (neck * 0.85, up), (-neck * 0.85, up)], (0, 1, -2))
    solid.prism(outline, (0, 0, -2.5), shade(colour, -0.1))


def _flat(
    solid: Solid, size: tuple[float, float], y: float, case: str, frame: float, random: Random
) -> None:
    """Draws a flat housing with its screen."""
    wide, tall = size
    outline = upright(round_rectangle(wide, tall, 1.2, 2), (0, y, 2))
    fill = solid.sketch.gradient(shade(case, 0.1), shade(case, -0.12))
    solid.prism(outline, (0, 0, -4.5), shade(case, -0.05), fill)
    chin = frame * random.choice((0.0, 0.6, 1.6))
    screen = Screen(solid, (0, y + chin / 2, 2.1), wide - 2 * frame, tall - 2 * frame - chin)
    _show(screen, random)
    screen.shine(0.07)
    px, py = solid.at((wide * 0.44, y - tall / 2 + frame * 0.55, 2.2))
    solid.sketch.circle(px, py, 0.35, random.choice(("#6fd08a", "#e06a5a", "#8ec7f0")))


def _show(screen: Screen, random: Random) -> None:
    """Draws what is on, or the dark glass with the room in it."""
    with screen.lit():
        if random.random() < 0.13:
            screen.off(random)
        else:
            random.choice(PICTURES)(screen, random)
