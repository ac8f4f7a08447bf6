"""Backdrops at the water: open sea and harbour."""

import math
from dataclasses import replace
from random import Random

from voc_demo.backdrops.backdrop import HEIGHT, WIDTH, Backdrop
from voc_demo.backdrops.buildings import draw_row
from voc_demo.backdrops.fronts import some_house
from voc_demo.backdrops.ground import draw_specks, draw_water
from voc_demo.backdrops.heaven import draw_sky
from voc_demo.backdrops.land import draw_far_land, ridge_line
from voc_demo.backdrops.place import Place, View, oval
from voc_demo.backdrops.plants import draw_woods
from voc_demo.backdrops.weather import some_weather
from voc_demo.sketch import Sketch, hsl, limb_outline, mix, shade, smooth


def sea(random: Random) -> Backdrop:
    """Open water, with a coast, islands, waves or a beach in some."""
    place = _waterside(random, HEIGHT * random.uniform(0.35, 0.58), 2.2)
    view = place.view
    kind = random.random()
    if kind < 0.25:
        _coast(place, 2600, random.uniform(14, 40))
    elif kind < 0.4:
        _islands(place)
    draw_water(place, view.horizon, HEIGHT + 2, _water_colour(random), random.uniform(0.3, 0.9))
    _glitter(place)
    if 0.4 < kind < 0.62:
        _cliffs(place, random.choice((-1, 1)))
    if random.random() < 0.45:
        _breakers(place)
    if random.random() < 0.3:
        _beach(place)
    return place.backdrop(view.horizon + 9)


def harbour(random: Random) -> Backdrop:
    """Sheltered water before a quay with sheds, cranes or houses."""
    place = _waterside(random, HEIGHT * random.uniform(0.38, 0.5), 3.5)
    depth = random.uniform(62, 105)
    draw_far_land(place)
    quay = random.uniform(1.4, 2.2)
    raised = replace(place.view, eye=place.view.eye - quay)
    _quayside(replace(place, view=raised), depth)
    floor = place.view.y(depth)
    draw_water(place, floor, HEIGHT + 2, _water_colour(random), random.uniform(0.12, 0.4))
    _quay(place, depth, quay)
    _reflections(place, floor)
    _glitter(place)
    return place.backdrop(floor)


def _waterside(random: Random, horizon: float, eye: float) -> Place:
    view = View(horizon, WIDTH * random.uniform(0.35, 0.65), eye)
    place = Place(random, some_weather(random), view, Sketch())
    draw_sky(place, horizon)
    return place


def _water_colour(random: Random) -> str:
    return hsl(random.uniform(178, 212), random.uniform(0.18, 0.38), random.uniform(0.26, 0.38))


def _glitter(place: Place) -> None:
    """Sparks of light in a path towards the viewer."""
    random, horizon = place.random, place.view.horizon
    if place.weather.name in ("overcast", "mist", "showers"):
        return
    x, parts = random.uniform(80, WIDTH - 80), []
    for _ in range(80):
        at = random.random() ** 1.6
        y, wide = horizon + 2 + at * (HEIGHT - horizon), (2 + 9 * at) * random.uniform(0.5, 1.3)
        sx = x + random.gauss(0, 18 + 55 * at)
        parts.append(f"M{sx:.1f} {y:.1f}q{wide / 2:.1f} {-0.4 - at:.2f} {wide:.1f} 0"
                     f"q{-wide / 2:.1f} {0.4 + at:.2f} {-wide:.1f} 0z")  # fmt: skip
    place.sketch.path("".join(parts), mix(place.weather.sky[-1], "#ffffff", 0.5) + "90")


def _coast(place: Place, depth: float, height: float) -> None:
    """A low far coast that ends somewhere."""
    random, sketch, base = place.random, place.sketch, place.view.horizon + 1
    left = random.choice((-10.0, random.uniform(60, 260)))
    line = [(left + x * 0.6, y) for x, y in ridge_line(random, base, height, 9)]
    points = [(left - 30, base), *line, (line[-1][0] + 40, base)]
    far, near = place.seen("#5d6b58", depth), place.seen("#8a8a72", depth * 0.7)
    sketch.path(smooth(points, closed=False) + "z", sketch.gradient(far, near))


def _islands(place: Place) -> None:
    random, sketch, base = place.random, place.sketch, place.view.horizon + 1
    for depth in (3600, 2200, 1300)[: random.randint(1, 3)]:
        x, wide = random.uniform(0, WIDTH), random.uniform(30, 95)
        tall = wide * random.uniform(0.12, 0.4)
        points = [(x - wide, base), (x - wide * 0.7, base - tall * 0.3)]
        points += [
            (x + wide * (at - 0.5), base - tall * random.uniform(0.55, 1))
            for at in (0.2, 0.45, 0.7)
        ]
        points += [(x + wide * 0.75, base - tall * 0.25), (x + wide, base)]
        rock, foot = place.seen("#5f6a58", depth), place.seen("#8f8b7c", depth)
        sketch.path(smooth(points, closed=False) + "z", sketch.gradient(rock, rock, foot))


def _cliffs(place: Place, side: int) -> None:
    """A headland of rock with grass on top, reaching in from one side."""
    random, sketch, view = place.random, place.sketch, place.view
    chalk = random.choice(("#cfc8b8", "#a0907c", "#8d8478", "#b59a7e"))
    edge = WIDTH if side > 0 else 0
    for depth, reach in ((700, random.uniform(150, 230)), (330, random.uniform(70, 140))):
        base, top = view.y(depth), view.y(depth, random.uniform(22, 34) * depth / 420)
        tip = edge - side * reach
        lip = [
            (tip + side * reach * at, top + (1 - at) * random.uniform(0, 0.3) * (base - top))
            for at in (0.08, 0.3, 0.55, 0.8, 1.1)
        ]
        face = [(tip - side * 8, base), *lip, (edge + side * 20, base)]
        light, dark = place.seen(shade(chalk, 0.1), depth), place.seen(shade(chalk, -0.3), depth)
        sketch.polygon(face, sketch.gradient(light, dark))
        cracks = []
        for _ in range(26):
            x, y = tip + side * reach * random.random(), top + (base - top) * random.uniform(0.4, 1)
            cracks.append(f"M{x:.4g} {y:.4g}l{random.uniform(-3, 3):.3g} {(base - y) * 0.5:.3g}")
        sketch.path("".join(cracks), None, dark + "90", 1.6)
        turf = [(x, y + random.uniform(2, 7)) for x, y in lip[::-1]]
        sketch.polygon([*lip, *turf], place.seen("#76854f", depth))
        sketch.ellipse(
            tip + side * reach / 2, base, reach * 0.62, 1.6, place.seen("#eceeec") + "b0"
        )


def _breakers(place: Place) -> None:
    """Crests of foam, longer towards the viewer."""
    random, view = place.random, place.view
    foam, shadow, parts, hollows = place.seen("#f1f3f2"), place.seen("#3e5a66"), [], []
    for _ in range(random.randint(10, 24)):
        near = random.random() ** 1.3
        y = view.horizon + 8 + near * (HEIGHT - view.horizon - 20)
        x, wide, thick = random.uniform(-40, WIDTH), 8 + 80 * near, 0.8 + 2.6 * near
        line = [(x + wide * at, y - thick * random.uniform(0, 1)) for at in (0.25, 0.5, 0.75)]
        sizes = [0.2, *(thick * random.uniform(0.4, 1.2) for _ in line), 0.2]
        parts.append(smooth(limb_outline([(x, y), *line, (x + wide, y)], sizes)))
        hollows.append(smooth([(x + 3, y), (x + wide / 2, y + thick * 2.4), (x + wide, y)]))
        for _ in range(4):
            fleck = thick * random.uniform(0.3, 0.8)
            fx, fy = x + wide * random.random(), y + thick * random.uniform(0.8, 2.4)
            parts.append(oval(fx, fy, fleck * 2.2, fleck * 0.4))
    place.sketch.path("".join(hollows), shadow + "40")
    place.sketch.path("".join(parts), foam + "b8")


def _beach(place: Place) -> None:
    """Wet and dry sand along the lower edge, with the last foam of a wave."""
    random, sketch = place.random, place.sketch
    top = HEIGHT * random.uniform(0.9, 0.95)
    phase = random.uniform(0, math.tau)
    line = [
        (x, top + 4 * math.sin(x / 90 + phase) + random.uniform(-2, 2)) for x in range(-20, 540, 40)
    ]
    sand = random.choice(("#d2bf98", "#c9b48e", "#dccfae"))
    for drop, colour in ((-4, "#f2f3f0"), (-1, shade(sand, -0.25)), (9, sand)):
        edge = smooth([(x, y + drop) for x, y in line], closed=False)
        sketch.path(f"{edge}V{HEIGHT + 4}H-20z", place.seen(colour))
    draw_specks(place, top + 12, HEIGHT, ("#a08a66", "#efe6d0"), 0.012)


def _quayside(place: Place, depth: float) -> None:
    """What stands along the quay: town houses, or sheds with cranes."""
    random = place.random
    if random.random() < 0.4:
        half = place.view.right(depth) * 1.2
        houses = [some_house(random, storeys=(2, 4)) for _ in range(24)]
        draw_row(place, houses, (place.view.left(depth) * 1.1, half), depth + 8)
        return
    if random.random() < 0.5:
        draw_woods(place, depth + 60, 12, -20, WIDTH + 20)
    for _ in range(random.randint(0, 2)):
        _crane(place, random.uniform(-0.5, 0.5) * depth, depth + 6)
    x = -depth * 0.62
    while x < depth * 0.6:
        length = random.uniform(14, 34)
        if random.random() < 0.72:
            _shed(place, x, length, depth + random.uniform(9, 14))
        else:
            _containers(place, x, depth + 7)
        x += length + random.uniform(1, 9)


def _shed(place: Place, x: float, length: float, depth: float) -> None:
    """A warehouse of bricks or sheet metal, gates to the quay."""
    random, sketch = place.random, place.sketch
    wall = random.choice(("#9d5f4c", "#b8bcbd", "#7f93a3", "#c7b9a0", "#8c9a88", "#a9563f"))
    tall, rise = random.uniform(5, 8), random.uniform(1, 3)
    lit, dim = place.seen(shade(wall, 0.08), depth), place.seen(shade(wall, -0.15), depth)
    roof, dark = place.seen("#77797c", depth), place.seen(shade(wall, -0.5), depth)
    with place.standing(0, depth):
        if random.random() < 0.5:
            top = [(x, -tall), (x + length / 2, -tall - rise), (x + length, -tall)]
            sketch.polygon([(x, 0), *top, (x + length, 0)], sketch.gradient(lit, dim))
            sketch.line(top, roof, 0.5)
        else:
            sketch.rect(x, -tall, length, tall, sketch.gradient(lit, dim))
            edge = [(x - 0.4, -tall), (x + 1.5, -tall - rise), (x + length - 1.5, -tall - rise),
                    (x + length + 0.4, -tall)]  # fmt: skip
            sketch.polygon(edge, roof)
        bays = max(2, round(length / 6))
        gates, panes = [], []
        for bay in range(bays):
            left = x + length * (bay + 0.25) / bays
            gates.append(f"M{left:.4g} 0v-3.6h{length / bays * 0.5:.4g}v3.6z")
            panes.append(f"M{left:.4g} {-tall * 0.82:.4g}v-.8h{length / bays * 0.5:.4g}v.8z")
        sketch.path("".join(gates), dark)
        sketch.path("".join(panes), place.seen("#5d6b76", depth))


def _containers(place: Place, x: float, depth: float) -> None:
    random, sketch = place.random, place.sketch
    with place.standing(0, depth):
        for column in range(random.randint(2, 4)):
            for level in range(random.randint(2, 4)):
                colour = random.choice(("#9c4f42", "#4f6d87", "#8a8f73", "#b08a4e", "#6f7f80"))
                lit, dim = place.seen(colour, depth), place.seen(shade(colour, -0.2), depth)
                at, low = x + column * 6.3, -2.6 * level
                sketch.rect(at, low - 2.6, 6.1, 2.55, sketch.gradient(lit, dim))
                ribs = "".join(f"M{at + 0.5 * rib:.4g} {low - 2.4:.4g}v2.2" for rib in range(1, 12))
                sketch.path(ribs, None, dim, 0.12)


def _crane(place: Place, x: float, depth: float) -> None:
    """A harbour crane: portal, cab and a lattice jib."""
    random, sketch = place.random, place.sketch
    colour = random.choice(("#8a9aa6", "#b09a5a", "#9a6a58", "#6f8796"))
    steel, dark = place.seen(colour, depth), place.seen(shade(colour, -0.3), depth)
    side, reach, top = random.choice((-1, 1)), random.uniform(11, 19), random.uniform(20, 27)
    with place.standing(x, depth):
        sketch.line([(-3, 0), (-2, -9), (2, -9), (3, 0)], dark, 0.6)
        sketch.rect(-2.4, -13, 4.8, 4, steel, 0.4)
        sketch.line([(-1, -13), (0, -18), (1.5, -13)], steel, 0.5)
        tip = (side * reach, -top)
        sketch.line([(side * 1.5, -11), tip], steel, 0.45)
        sketch.line([(side * 0.5, -14), tip, (0, -18)], steel, 0.25)
        sketch.line([tip, (side * reach, -top + random.uniform(6, 14))], dark, 0.14)


def _quay(place: Place, depth: float, height: float) -> None:
    """The wall along the water, with fenders, ladders and bollards."""
    random, sketch, view = place.random, place.sketch, place.view
    stone = random.choice(("#9a948a", "#8d8f90", "#a79c88"))
    top, floor = view.y(depth, height), view.y(depth)
    edge, wet = place.seen(shade(stone, 0.25), depth), place.seen(shade(stone, -0.5), depth)
    place.band(top - 1.5, floor + 0.5, place.seen(stone, depth), place.seen(stone, depth), wet)
    place.band(top - 3, top, edge)
    scale = (floor - top) / height
    marks = "".join(
        f"M{random.uniform(0, WIDTH):.5g} {top:.5g}v{floor - top:.4g}h{scale * 0.4:.3g}V{top:.5g}z"
        for _ in range(14)
    )
    sketch.path(marks, wet + "90")
    bollards = "".join(
        f"M{x:.5g} {top - 2.5:.5g}v-3.4h-.8v-1.4h4v1.4h-.8v3.4z"
        for x in range(random.randint(5, 50), WIDTH, random.randint(45, 70))
    )
    sketch.path(bollards, place.seen("#4b4d50", depth))


def _reflections(place: Place, floor: float) -> None:
    """The dim shapes of wall and buildings upside down in the water."""
    random, sketch = place.random, place.sketch
    dark = place.seen("#39444a", 60)
    place.band(floor, floor + 26, place.veil(dark, 0.55, 0))
    for _ in range(9):
        wide, tall = random.uniform(14, 50), random.uniform(16, 44)
        tone = place.seen(random.choice(("#8d6a58", "#5c6870", "#a59a88", "#4a5048")), 60)
        x = random.uniform(-10, WIDTH)
        points = []
        for step in range(6):
            points.append((x + random.uniform(-3, 3), floor + tall * step / 5))
        other = [(px + wide * random.uniform(0.9, 1.1), py) for px, py in points[::-1]]
        sketch.blob([*points, *other], place.veil(tone, 0.32, 0))
