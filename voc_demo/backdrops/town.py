"""Streets in town, seen straight on and along."""

from random import Random

from voc_demo.backdrops.backdrop import HEIGHT, WIDTH, Backdrop
from voc_demo.backdrops.buildings import draw_house, draw_row
from voc_demo.backdrops.fronts import House, Wall, some_house
from voc_demo.backdrops.ground import FLAGS, TARS, draw_asphalt, draw_paving, draw_specks
from voc_demo.backdrops.heaven import draw_sky
from voc_demo.backdrops.place import Place, View, quad
from voc_demo.backdrops.plants import draw_woods, grow, street_tree
from voc_demo.backdrops.weather import some_weather
from voc_demo.sketch import Sketch, shade


def street(random: Random) -> Backdrop:
    """Houses along a street, seen from across it or along it."""
    return _street_front(random) if random.random() < 0.6 else _street_along(random)


def _street_front(random: Random) -> Backdrop:
    view = View(HEIGHT * random.uniform(0.4, 0.54), WIDTH * random.uniform(0.35, 0.65))
    place = Place(random, some_weather(random), view, Sketch())
    depth = random.uniform(19, 28)
    draw_sky(place, view.horizon)
    if random.random() < 0.5:
        draw_woods(place, depth + 60, 22, -20, WIDTH + 20)
    half = depth * 0.95
    houses = [some_house(random, (1, 5) if random.random() < 0.4 else (2, 3)) for _ in range(9)]
    draw_row(place, houses, (-half - random.uniform(0, 6), half), depth)
    kerb = depth - random.uniform(2.8, 4)
    floor = view.y(depth)
    draw_paving(place, floor, view.y(kerb) + 1, random.choice(FLAGS), 0.6)
    _street_trees(place, kerb)
    _kerb_across(place, kerb)
    tar = random.choice(TARS)
    near = random.choice((0.0, random.uniform(4.3, 5.2)))
    draw_asphalt(place, view.y(kerb) + 2, HEIGHT + 2, tar)
    _lane_marks(place, kerb, near)
    if near:
        _near_pavement(place, near)
    return place.backdrop(floor)


def _kerb_across(place: Place, depth: float) -> None:
    top, foot = place.view.y(depth), place.view.y(depth, -0.13)
    place.band(top, top + 1.2, place.seen("#c6c2b9"))
    place.band(top + 1.2, foot, place.seen("#8a877f"))
    place.band(foot, foot + 2.5, place.seen("#55555a"))


def _near_pavement(place: Place, depth: float) -> None:
    top = place.view.y(depth)
    place.band(top - 4, top, place.seen("#5c5c60") + "90")
    place.band(top, top + 7, place.seen("#c1bdb4"), place.seen("#a9a59c"))
    draw_paving(place, top + 7, HEIGHT + 2, place.random.choice(FLAGS), 0.5)


def _lane_marks(place: Place, kerb: float, near: float) -> None:
    """White lines that run across the picture."""
    random, view, white = place.random, place.view, place.seen("#e4e2da") + "c0"
    middle = (kerb + max(near, 4)) / 2 * 0.85
    dashes, dash = [], random.uniform(1.8, 3)
    for index in range(-8, 9):
        x = index * dash * 2 + random.uniform(-0.05, 0.05)
        dashes.append(quad(view, x, x + dash, middle, middle + 0.22))
    place.sketch.path("".join(dashes), white)
    if random.random() < 0.35:
        place.strip(kerb - 0.5, kerb - 0.62, place.seen("#d8b75a") + "b0")
    if random.random() < 0.35:
        x = random.uniform(-0.4, 0.4) * middle
        stripes = [
            quad(view, x, x + 3.2, depth, depth + 0.5)
            for depth in (max(near, 3.5) + 0.5 + 1.05 * step for step in range(14))
            if depth + 0.5 < kerb - 0.5
        ]
        place.sketch.path("".join(stripes), white)


def _street_trees(place: Place, kerb: float) -> None:
    """Trees or lamps at regular distances along the kerb."""
    random = place.random
    kind = random.choice(("trees", "lamps", "both", "none"))
    gap = random.uniform(6, 10)
    start, species = random.uniform(-gap, 0) - kerb * 0.55, street_tree(random)
    for index in range(7):
        x = start + gap * index
        if kind in ("trees", "both"):
            grow(place, species, x, kerb + 0.5, random.uniform(5, 7.5))
        if kind in ("lamps", "both"):
            draw_lamp(place, x + gap / 2, kerb + 0.4, 5.5)


def draw_lamp(place: Place, x: float, depth: float, height: float, side: int = 1) -> None:
    """Draws a street lamp: a post with an arm to one side, or with a lantern on top."""
    sketch = place.sketch
    iron, light = place.seen("#50555a", depth), place.seen("#f2ead0", depth)
    with place.standing(x, depth):
        sketch.polygon([(-0.09, 0), (-0.05, -height), (0.05, -height), (0.09, 0)], iron)
        sketch.rect(-0.13, -0.9, 0.26, 0.9, iron)
        if int(height * 10) % 2:
            sketch.curve(
                [(0, -height), (side * 0.3, -height - 0.4), (side * 1.3, -height - 0.5)], iron, 0.09
            )
            sketch.rect(side * 1.35 - 0.35, -height - 0.55, 0.7, 0.16, iron, 0.06)
            sketch.rect(side * 1.35 - 0.3, -height - 0.4, 0.6, 0.06, light)
            return
        sketch.polygon(
            [(-0.16, -height), (-0.24, -height - 0.5), (0.24, -height - 0.5), (0.16, -height)],
            light,
        )
        sketch.polygon([(-0.3, -height - 0.5), (0, -height - 0.75), (0.3, -height - 0.5)], iron)
        if place.weather.name == "dusk":
            sketch.circle(0, -height - 0.25, 1.3, place.soft("#ffdf9a", 0.7))


def _street_along(random: Random) -> Backdrop:
    view = View(HEIGHT * random.uniform(0.42, 0.56), WIDTH * random.uniform(0.36, 0.64))
    place = Place(random, some_weather(random), view, Sketch())
    draw_sky(place, view.horizon)
    end = random.uniform(65, 100)
    draw_woods(place, end + 40, 14, -20, WIDTH + 20)
    if random.random() < 0.5:
        draw_row(place, [some_house(random) for _ in range(7)], (-30, 30), end)
    half, pavement = random.uniform(3.2, 4.6), random.uniform(2.2, 3.4)
    tar, flags = random.choice(TARS), random.choice(FLAGS)
    floor = view.y(end * 0.7)
    draw_paving(place, view.y(end) - 1, HEIGHT + 2, flags, 0.8, 0.35)
    _carriageway(place, half, end, tar)
    sides = [(-1, -half - pavement), (1, half + pavement)]
    random.shuffle(sides)
    for side, x in sides:
        _row_along(place, x, end)
        _trees_along(place, side * (half + 0.6), end)
    return place.backdrop(floor)


def _carriageway(place: Place, half: float, end: float, tar: str) -> None:
    random, view, sketch = place.random, place.view, place.sketch
    near = 3.0
    for reach, tone in ((half + 0.18, "#c3bfb6"), (half, shade(tar, -0.25)), (half - 0.12, tar)):
        fill = sketch.gradient(
            place.seen(shade(tone, 0.12), end), place.seen(tone), place.seen(tone)
        )
        sketch.path(quad(view, -reach, reach, near, end), fill)
    for side in (-1, 1):
        sketch.path(quad(view, side * half * 0.3, side * half * 0.7, near, end),
                    place.veil(place.seen(shade(tar, -0.4)), 0, 0.2))  # fmt: skip
    draw_specks(
        place,
        view.y(end),
        HEIGHT,
        (shade(tar, 0.3), shade(tar, -0.3)),
        0.012,
        lambda y: (view.spot(-half, view.depth(y))[0], view.spot(half, view.depth(y))[0]),
    )
    white = place.seen("#e4e2da") + "c0"
    dashes = [quad(view, -0.07, 0.07, 3.2 + 5 * at, 5.7 + 5 * at) for at in range(15)]
    sketch.path("".join(dashes), white)
    if random.random() < 0.4:
        start = random.uniform(9, 15)
        stripes = [
            quad(view, x, x + 0.5, start, start + 3)
            for x in (-half + 0.4 + 1.0 * step for step in range(int(2 * half - 0.4)))
        ]
        sketch.path("".join(stripes), white)


def _row_along(place: Place, x: float, end: float) -> None:
    """Houses along one side of the street, the farthest first."""
    random, houses, depth = place.random, [], 2.6
    while depth < end:
        house = some_house(random, (2, 4))
        houses.append((depth, house))
        depth += house.width
    for start, house in reversed(houses):
        _flank(place, x, start, house)
        draw_house(Wall(place, (x, start), (x, start + house.width)), house)


def _flank(place: Place, x: float, depth: float, house: House) -> None:
    """The blank side wall of a house that looks out above a lower neighbour."""
    out = x + (9 if x > 0 else -9)
    wall = Wall(place, (x, depth), (out, depth))
    wall.panels([(0, 0, 9, house.eaves)], wall.seen(shade(house.wall, -0.22)))


def _trees_along(place: Place, x: float, end: float) -> None:
    random = place.random
    kind, species = random.choice(("trees", "lamps", "none")), street_tree(random)
    depth = random.uniform(9, 13)
    depths: list[float] = []
    while depth < end * 0.8:
        depths.append(depth)
        depth += random.uniform(9, 12)
    for at in reversed(depths):
        if kind == "trees":
            grow(place, species, x, at, random.uniform(5, 7))
        elif kind == "lamps":
            draw_lamp(place, x, at, 5.5, side=-1 if x > 0 else 1)
