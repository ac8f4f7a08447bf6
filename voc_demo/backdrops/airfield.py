"""Backdrop of an airfield."""

from random import Random

from voc_demo.backdrops.backdrop import HEIGHT, WIDTH, Backdrop
from voc_demo.backdrops.ground import (
    draw_asphalt,
    draw_grass,
    grass_colour,
    joint,
)
from voc_demo.backdrops.heaven import draw_sky
from voc_demo.backdrops.land import draw_far_land
from voc_demo.backdrops.place import Place, View
from voc_demo.backdrops.weather import some_weather
from voc_demo.sketch import Sketch, mix, shade


def airfield(random: Random) -> Backdrop:
    """Grass, apron and runway before hangars and a tower."""
    view = View(HEIGHT * random.uniform(0.4, 0.58), WIDTH * random.uniform(0.3, 0.7), 2.2)
    place = Place(random, some_weather(random), view, Sketch())
    draw_sky(place, view.horizon)
    draw_far_land(place)
    _airport(place)
    floor = view.y(random.uniform(70, 110))
    colour = grass_colour(place)
    draw_grass(place, floor, colour, 0.08)
    tar = random.choice(("#8b8c8d", "#a5a39e", "#77797c", "#b0aca4"))
    far, near = random.uniform(26, 40), random.choice((2.0, random.uniform(6.5, 8)))
    if random.random() < 0.35:
        far = 68
    draw_asphalt(place, view.y(far), min(view.y(near), HEIGHT) + 2, tar)
    _apron_lines(place, far, near, tar)
    if random.random() < 0.5:
        _windsock(place, random.uniform(-0.45, 0.45) * 60, 60)
    return place.backdrop(floor)


def _airport(place: Place) -> None:
    """Hangars, a terminal or a tower in a row far behind."""
    random = place.random
    depth = random.uniform(150, 260)
    half = depth * 0.55
    x = random.uniform(-1.2, -0.3) * half
    for _ in range(random.randint(1, 4)):
        length = random.uniform(22, 44)
        if random.random() < 0.65:
            _hangar(place, x, length, depth)
        else:
            _terminal(place, x, length * 1.4, depth)
            length *= 1.4
        x += length + random.uniform(3, 18)
    if random.random() < 0.7:
        _tower(place, random.uniform(-0.9, 0.9) * half, depth - 12)


def _hangar(place: Place, x: float, length: float, depth: float) -> None:
    """A wide hall with an arched or a flat roof and tall sliding doors."""
    random, sketch = place.random, place.sketch
    metal = random.choice(("#aeb6ba", "#8d9a9c", "#c2bfb6", "#7f8f84", "#9fa9b5"))
    light, dim = place.seen(shade(metal, 0.2), depth), place.seen(shade(metal, -0.1), depth)
    dark, tall = place.seen(shade(metal, -0.35), depth), random.uniform(7, 9)
    with place.standing(x, depth):
        if random.random() < 0.6:
            side, crown = -tall * 0.75, -tall * 1.8
            arch = f"M0 0V{side:.4g}Q{length / 2:.4g} {crown:.4g} {length:.4g} {side:.4g}V0z"
            sketch.path(arch, sketch.gradient(light, dim))
        else:
            sketch.rect(0, -tall - 1.4, length, tall + 1.4, sketch.gradient(light, dim))
            sketch.rect(0, -tall - 1.4, length, 0.7, dark)
        sketch.rect(length * 0.1, -tall * 0.72, length * 0.8, tall * 0.72, dark)
        leaves = 6
        for leaf in range(leaves):
            if random.random() < 0.75:
                left = length * (0.1 + 0.8 * leaf / leaves)
                sketch.rect(left, -tall * 0.72, length * 0.8 / leaves - 0.15, tall * 0.72, dim)


def _terminal(place: Place, x: float, length: float, depth: float) -> None:
    """A low building with bands of glass and a flat overhanging roof."""
    random, sketch, sky = place.random, place.sketch, place.weather.sky
    wall = place.seen(random.choice(("#d5d3cc", "#b9bcbc", "#c9bba6")), depth)
    glass = sketch.gradient(
        mix(place.seen("#66747e", depth), sky[0], 0.4), place.seen("#56626b", depth)
    )
    with place.standing(x, depth):
        sketch.rect(0, -8, length, 8, wall)
        for low in (-7, -3.4):
            sketch.rect(0.8, low, length - 1.6, 2.2, glass)
        ribs = "".join(
            f"M{0.8 + 1.6 * rib:.4g} -7v2.2m0 1.4v2.2" for rib in range(int((length - 1) / 1.6))
        )
        sketch.path(ribs, None, wall, 0.18)
        sketch.rect(-1, -8.6, length + 2, 0.8, place.seen("#8d9194", depth))


def _tower(place: Place, x: float, depth: float) -> None:
    """A control tower: shaft, glazed cab leaning outwards, aerials."""
    random, sketch = place.random, place.sketch
    wall = random.choice(("#cfcdc6", "#b7b2a8", "#a66f5c"))
    body = sketch.gradient(
        place.seen(shade(wall, 0.1), depth), place.seen(shade(wall, -0.2), depth), horizontal=True
    )
    tall = random.uniform(14, 24)
    with place.standing(x, depth):
        sketch.polygon([(-2, 0), (-1.7, -tall), (1.7, -tall), (2, 0)], body)
        sketch.polygon([(-2, -tall), (-2.8, -tall - 0.8), (2.8, -tall - 0.8), (2, -tall)], body)
        cab = [(-2.7, -tall - 0.8), (-3.3, -tall - 3.2), (3.3, -tall - 3.2), (2.7, -tall - 0.8)]
        sketch.polygon(cab, mix(place.seen("#56707c", depth), place.weather.sky[0], 0.35))
        for rib in (-0.6, 0, 0.6):
            sketch.line(
                [(2.7 * rib, -tall - 0.8), (3.3 * rib, -tall - 3.2)],
                place.seen("#d9d8d3", depth),
                0.14,
            )
        sketch.rect(-3.6, -tall - 3.7, 7.2, 0.6, place.seen("#e2e0da", depth))
        sketch.line([(0.8, -tall - 3.7), (0.8, -tall - 7)], place.seen("#70757a", depth), 0.14)


def _apron_lines(place: Place, far: float, near: float, tar: str) -> None:
    """Painted lines and the joints of the slabs."""
    random, view, sketch = place.random, place.view, place.sketch
    paint = place.seen(random.choice(("#e3e1da", "#d8b964"))) + "c0"
    depth = max(near, 4.0)
    joints = [joint(place, index * 4, depth, far) for index in range(-14, 15)]
    while depth < far:
        joints.append(f"M-2 {view.y(depth):.5g}H{WIDTH + 2}")
        depth *= 1.4
    sketch.path("".join(joints), None, place.seen(shade(tar, -0.3)) + "50", 0.8)
    place.strip(far * 0.97, far * 0.985, paint)
    if random.random() < 0.6:
        x, middle, start = random.uniform(-8, 8), far * random.uniform(0.4, 0.6), max(near, 4.0)
        place.strip(middle, middle + 0.35, paint)
        turn = random.uniform(-4, 4)
        course = ((0, middle), (0.05, middle * 0.8), (0.3, middle * 0.6), (1, start))
        left = [view.spot(x + turn * bend, depth) for bend, depth in course]
        right = [view.spot(x + turn * bend + 0.22, depth) for bend, depth in course[::-1]]
        sketch.polygon([*left, *right], paint)


def _windsock(place: Place, x: float, depth: float) -> None:
    sketch, side = place.sketch, place.random.choice((-1, 1))
    with place.standing(x, depth):
        sketch.rect(-0.08, -6.5, 0.16, 6.5, place.seen("#d8d6d0", depth))
        for ring in range(5):
            left, right = 0.62 * ring, 0.62 * (ring + 1)
            top, low = 0.55 - 0.06 * ring, 0.55 - 0.06 * (ring + 1)
            droop = 0.09 * ring * ring
            tone = place.seen("#d9693f" if ring % 2 == 0 else "#c9b9ae", depth)
            sketch.polygon(
                [(side * left, -6.4 + droop - top), (side * right, -6.4 + droop + 0.1 - low),
                 (side * right, -6.3 + droop + low), (side * left, -6.4 + droop + top)], tone,
            )  # fmt: skip
