"""Tended green: park and garden."""

import math
from random import Random

from voc_demo.backdrops.backdrop import HEIGHT, WIDTH, Backdrop
from voc_demo.backdrops.buildings import draw_house, draw_row
from voc_demo.backdrops.fronts import House, Wall, garden_side, some_house
from voc_demo.backdrops.ground import (
    draw_grass,
    draw_paving,
    draw_specks,
    grass_colour,
)
from voc_demo.backdrops.heaven import draw_sky
from voc_demo.backdrops.land import front_grass
from voc_demo.backdrops.place import Place, View, rough
from voc_demo.backdrops.plants import draw_bush, draw_hedge, draw_tree, draw_woods
from voc_demo.backdrops.town import draw_lamp
from voc_demo.backdrops.weather import some_weather
from voc_demo.sketch import Sketch, mix, shade, smooth


def park(random: Random) -> Backdrop:
    """A lawn with a path, trees and hedges, the town behind in some."""
    place = _outside(random, 0.36, 0.54)
    view = place.view
    if random.random() < 0.4:
        draw_row(place, _terrace(random), (-75, 75), 110)
    colour = grass_colour(place)
    place.band(view.horizon, HEIGHT, place.seen(colour, 60))
    draw_woods(place, 85, random.uniform(9, 15), -20, WIDTH + 20)
    if random.random() < 0.6:
        draw_woods(place, 62, random.uniform(6, 10), *random.choice(((-20, 240), (260, 520))))
    for depth in (58, 52, 47):
        if random.random() < 0.75:
            draw_tree(place, random.uniform(-0.55, 0.55) * depth, depth, random.uniform(8, 13))
    floor = view.y(random.uniform(32, 46))
    draw_grass(place, floor, colour, random.uniform(0.05, 0.09))
    if random.random() < 0.3:
        _pond(place, random.uniform(20, 28))
    if random.random() < 0.75:
        _path(place, floor)
    if random.random() < 0.4:
        draw_hedge(place, *random.choice(((-30, -3), (2, 30), (-30, 30))), view.depth(floor), 1.2)
    _framing_trees(place)
    front = front_grass(place, colour) if random.random() < 0.15 else ""
    return place.backdrop(floor, front)


def _terrace(random: Random) -> list[House]:
    houses = [some_house(random, (3, 6)) for _ in range(18)]
    return [house for house in houses if house.top != "gable"]


def _outside(random: Random, low: float, high: float) -> Place:
    view = View(HEIGHT * random.uniform(low, high), WIDTH * random.uniform(0.3, 0.7))
    place = Place(random, some_weather(random), view, Sketch())
    draw_sky(place, view.horizon)
    return place


def _path(place: Place, floor: float) -> None:
    """A winding path of gravel or tar with soft edges, and lamps along it."""
    random, view, sketch = place.random, place.view, place.sketch
    tone = random.choice(("#c2b59b", "#a8a49c", "#b8a58a", "#8f8f90"))
    half, sway = random.uniform(0.9, 1.6), random.uniform(-4, 4)
    start, wave = random.uniform(-2.5, 2.5), random.uniform(9, 16)
    depths = [2.9, 3.6, 4.6, 6, 8, 10.5, 14, 18, 23, 30, view.depth(floor)]

    def middle(depth: float) -> float:
        return start + sway * math.sin(depth / wave)

    left = [view.spot(middle(depth) - half, depth) for depth in depths]
    right = [view.spot(middle(depth) + half, depth) for depth in depths[::-1]]
    path = smooth(left, closed=False) + "L" + smooth(right, closed=False)[1:] + "z"
    sketch.path(path, sketch.gradient(place.seen(shade(tone, 0.1), 40), place.seen(tone)))

    def lane(y: float) -> tuple[float, float]:
        depth = view.depth(y)
        return view.spot(middle(depth) - half, depth)[0], view.spot(middle(depth) + half, depth)[0]

    draw_specks(place, floor, HEIGHT, (shade(tone, 0.25), shade(tone, -0.3)), 0.016, lane)
    if random.random() < 0.6:
        side = random.choice((-1, 1))
        for depth in (30, 19):
            draw_lamp(place, middle(depth) + side * (half + 0.6), depth, 3.6)


def _pond(place: Place, depth: float) -> None:
    random, view, sketch, sky = place.random, place.view, place.sketch, place.weather.sky
    x, y = view.spot(random.uniform(-0.3, 0.3) * depth, depth)
    wide, tall = random.uniform(90, 170), random.uniform(7, 11)
    outline = [
        (x + wide * math.cos(angle) * random.uniform(0.85, 1.1), y + tall * math.sin(angle))
        for angle in (math.tau * step / 10 for step in range(10))
    ]
    sketch.blob([(px, py - 0.8) for px, py in outline], place.seen("#5a5f42"))
    dark = place.seen("#4d5a4c", 20)
    sketch.blob(outline, sketch.gradient(mix(dark, sky[-1], 0.35), mix(sky[0], sky[-1], 0.5)))
    gleam = mix(sky[-1], "#ffffff", 0.3) + "70"
    for _ in range(5):
        gx = x + random.uniform(-0.6, 0.6) * wide
        sketch.ellipse(gx, y + random.uniform(-0.5, 0.6) * tall, random.uniform(6, 22), 0.5, gleam)


def _framing_trees(place: Place) -> None:
    """Near trees to one or both sides with their shadows on the lawn."""
    random, view = place.random, place.view
    for side in random.choice(((-1,), (1,), (-1, 1), ())):
        depth = random.uniform(13, 26)
        edge = (WIDTH * (side + 1) / 2 - view.centre) * depth / 450
        x = edge - side * random.uniform(-1.5, 2.5)
        px, py = view.spot(x, depth)
        shadow = place.soft(place.seen("#28321f"), 0.5)
        place.sketch.ellipse(px + 8, py + 2, 1500 / depth, 140 / depth, shadow)
        draw_tree(place, x, depth, random.uniform(7, 12))


def garden(random: Random) -> Backdrop:
    """A lawn or terrace before a house, a fence or a hedge, with beds of shrubs."""
    place = _outside(random, 0.38, 0.52)
    depth = random.uniform(10, 15)
    view = place.view
    place.band(view.horizon, HEIGHT, place.seen(grass_colour(place), 20))
    draw_woods(place, depth + 45, random.uniform(10, 14), -20, WIDTH + 20)
    kind = random.choice(("house", "fence", "hedge", "house"))
    half = depth * 0.75 + abs(view.centre - WIDTH / 2) * depth / 450
    if kind == "house":
        _house_behind(place, half, depth)
    else:
        for _ in range(random.randint(1, 3)):
            at = depth + random.uniform(4, 14)
            draw_tree(place, random.uniform(-0.5, 0.5) * at, at, random.uniform(4, 8))
        if kind == "fence":
            _boards(place, half, depth)
        else:
            draw_hedge(place, -half, half, depth, random.uniform(1.6, 2.3))
    floor = view.y(depth)
    lawn = random.random() < 0.6
    if lawn:
        draw_grass(place, floor, grass_colour(place), 0.05)
    else:
        draw_paving(
            place, floor, HEIGHT + 2, random.choice(("#b5a893", "#a9a6a0", "#bb9f85")), 0.55
        )
    _bed(place, depth - 0.4)
    if lawn and random.random() < 0.6:
        near = view.y(random.uniform(4.2, 5.4))
        draw_paving(place, near, HEIGHT + 2, random.choice(("#b5a893", "#a9a6a0")), 0.5)
        place.band(near - 1, near + 3, place.seen("#c9c0b0"))
    return place.backdrop(floor)


def _house_behind(place: Place, half: float, depth: float) -> None:
    """The back of a house, or of two with a gap and a hedge between."""
    random = place.random
    x = -half - random.uniform(0, 4)
    draw_hedge(place, -half, half, depth + 3, 1.9)
    while x < half:
        house = some_house(random, (1, 2))
        width = min(house.width * 1.15, 13)
        draw_house(Wall(place, (x, depth), (x + width, depth)), garden_side(house))
        x += width + random.choice((0.0, 3.5, 6))


def _boards(place: Place, half: float, depth: float) -> None:
    """A fence of upright boards."""
    random, sketch = place.random, place.sketch
    wood = random.choice(("#8e7459", "#a58f75", "#77695c", "#b9b4a8", "#6f7f74"))
    high, step = random.uniform(1.5, 2), random.uniform(0.16, 0.26)
    tones: list[list[str]] = [[], [], []]
    pointed = random.random() < 0.5
    for index in range(round(2 * half / step)):
        x = -half + step * index
        top = f"l{step * 0.46:.3g} -.1l{step * 0.46:.3g} .1" if pointed else f"h{step * 0.92:.3g}"
        tones[random.randrange(3)].append(
            f"M{x:.4g} 0v{-high + random.uniform(-0.02, 0.02):.4g}{top}V0z"
        )
    with place.standing(0, depth):
        sketch.rect(
            -half, -high + 0.12, 2 * half, high - 0.12, place.seen(shade(wood, -0.5), depth)
        )
        for change, parts in zip((-0.08, 0.02, 0.1), tones, strict=True):
            light, dark = (
                place.seen(shade(wood, change), depth),
                place.seen(shade(wood, change - 0.18), depth),
            )
            sketch.path("".join(parts), sketch.gradient(light, dark))
        for at in (0.3, 0.82):
            sketch.rect(
                -half, -high * at - 0.04, 2 * half, 0.09, place.seen(shade(wood, -0.25), depth)
            )


def _bed(place: Place, depth: float) -> None:
    """Soil with shrubs and flowers along the foot of the wall, with gaps."""
    random, view = place.random, place.view
    half = depth * 0.7 + abs(view.centre - WIDTH / 2) * depth / 450
    top, foot = view.y(depth + 0.3), view.y(depth - 0.5)
    if random.random() < 0.7:
        place.band(top, foot, place.seen("#6b5a48"), place.seen("#5a4b3d"))
    x = -half
    while x < half:
        if random.random() < 0.72:
            draw_bush(place, x, depth, random.uniform(0.5, 1.3))
            if place.weather.season in ("spring", "summer") and random.random() < 0.6:
                _blossoms(place, x, depth)
        x += random.uniform(0.7, 2.2)


def _blossoms(place: Place, x: float, depth: float) -> None:
    random = place.random
    colour = random.choice(("#d98a9a", "#e9d36c", "#f0ece2", "#b08cc4", "#cf5f56", "#e0a15c"))
    spots = [
        rough(random, random.gauss(0, 0.35), -random.uniform(0.25, 0.85), 0.055, 6)
        for _ in range(16)
    ]
    with place.standing(x, depth - 0.1):
        place.sketch.path("".join(spots), place.seen(colour, depth))
