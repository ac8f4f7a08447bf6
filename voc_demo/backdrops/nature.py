"""Backdrops in open country: sky, meadow and country road."""

from random import Random

from voc_demo.backdrops.backdrop import HEIGHT, WIDTH, Backdrop
from voc_demo.backdrops.ground import (
    draw_asphalt,
    draw_grass,
    draw_specks,
    grass_colour,
)
from voc_demo.backdrops.heaven import draw_sky
from voc_demo.backdrops.land import (
    draw_far_land,
    draw_farm,
    draw_fence,
    draw_flowers,
    draw_poles,
    front_grass,
)
from voc_demo.backdrops.place import Place, View
from voc_demo.backdrops.plants import draw_bush, draw_tree, grow, street_tree
from voc_demo.backdrops.weather import some_weather
from voc_demo.sketch import Point, Sketch, mix, shade, smooth


def sky(random: Random) -> Backdrop:
    """Nothing but sky, over a low strip of land in some."""
    horizon = HEIGHT * random.choice((0.9, 0.94, 1.1, 1.2))
    place = Place(random, some_weather(random), View(horizon), Sketch())
    draw_sky(place, max(horizon, HEIGHT))
    if horizon < HEIGHT:
        draw_far_land(place)
        place.band(place.view.y(60), HEIGHT + 2, place.seen(grass_colour(place), 50))
    return place.backdrop(HEIGHT)


def meadow(random: Random) -> Backdrop:
    """A pasture with trees, fence, flowers and farms far away."""
    place = _country(random)
    view = place.view
    draw_far_land(place)
    if random.random() < 0.5:
        draw_farm(place, random.uniform(-50, 50), random.uniform(110, 190))
    for _ in range(random.randint(0, 4)):
        depth = random.uniform(55, 110)
        draw_tree(place, random.uniform(-0.5, 0.5) * depth, depth)
    floor = view.y(random.uniform(32, 58))
    colour = grass_colour(place)
    _rise(place, floor, colour)
    draw_grass(place, floor, colour, random.uniform(0.08, 0.2))
    if random.random() < 0.6:
        draw_fence(place, view.depth(floor) * random.uniform(0.8, 1))
    draw_flowers(place, floor + 12)
    _side_trees(place, 0.6)
    front = front_grass(place, colour) if random.random() < 0.3 else ""
    return place.backdrop(floor, front)


def road(random: Random) -> Backdrop:
    """A country road, running away from the eye or across."""
    place = _country(random)
    draw_far_land(place)
    if random.random() < 0.4:
        draw_farm(place, random.choice((-1, 1)) * random.uniform(30, 60), random.uniform(110, 190))
    return _road_away(place) if random.random() < 0.5 else _road_across(place)


def _rise(place: Place, floor: float, colour: str) -> None:
    """The gently waving upper edge of the pasture."""
    random = place.random
    edge = [(x, floor + 1 - abs(random.gauss(0, 4))) for x in range(-90, WIDTH + 180, 90)]
    path = smooth([(float(x), y) for x, y in edge], closed=False)
    far = place.seen(mix(colour, "#c9cf9a", 0.2), place.view.depth(floor + 2))
    place.sketch.path(f"{path}V{floor + 3:.5g}H-90z", far)


def _country(random: Random) -> Place:
    horizon = HEIGHT * random.uniform(0.36, 0.56)
    view = View(horizon, WIDTH * random.uniform(0.3, 0.7))
    place = Place(random, some_weather(random), view, Sketch())
    draw_sky(place, horizon)
    return place


def _side_trees(place: Place, chance: float) -> None:
    """A near tree or bush at the edges of the picture, to frame it."""
    random = place.random
    for side in (0, WIDTH):
        if random.random() > chance:
            continue
        depth = random.uniform(22, 45)
        x = (side + random.uniform(-45, 45) - place.view.centre) * depth / 450
        draw_tree(place, x, depth, random.uniform(7, 13))
        draw_bush(place, x + random.uniform(-3, 3), depth - 2, random.uniform(0.9, 1.8))


def _road_away(place: Place) -> Backdrop:
    """The road runs to the horizon in a bend."""
    random, view, sketch = place.random, place.view, place.sketch
    floor = view.y(random.uniform(45, 60))
    draw_grass(place, floor, grass_colour(place), random.uniform(0.1, 0.2))
    half, bend = random.uniform(2.7, 3.6), random.uniform(-0.0035, 0.0035)
    shift = random.uniform(-1.5, 1.5)
    depths = [3, 3.6, 4.5, 6, 8, 11, 15, 21, 30, 45, 70, 110, 180]

    def line(offset: float) -> list[Point]:
        return [view.spot(shift + offset + bend * depth**2 * 0.5, depth) for depth in depths]

    tar = random.choice(("#7b7c7e", "#8b8a88", "#6c6e72", "#94908a"))
    verge = sketch.gradient(place.seen(mix(tar, "#b3a888", 0.6), 100), place.seen("#a29a7e"))
    sketch.polygon(line(-half - 0.6) + line(half + 0.6)[::-1], verge)
    outline = line(-half) + line(half)[::-1]
    sketch.polygon(outline, sketch.gradient(place.seen(shade(tar, 0.15), 150), place.seen(tar)))
    for track in (-0.5, 0.5):
        worn = line(half * (track - 0.18)) + line(half * (track + 0.18))[::-1]
        sketch.polygon(worn, place.veil(place.seen(shade(tar, -0.4)), 0, 0.22))

    def lane(y: float) -> tuple[float, float]:
        depth = view.depth(y)
        middle = shift + bend * depth**2 * 0.5
        return view.spot(middle - half, depth)[0], view.spot(middle + half, depth)[0]

    draw_specks(place, floor, HEIGHT, (shade(tar, 0.3), shade(tar, -0.3)), 0.012, lane)
    _markings_away(place, (shift, bend, half))
    side = random.choice((-1, 1))
    if random.random() < 0.5:
        draw_poles(place, side * (half + 3), (90, 62, 38, 20))
    _avenue(place, half, bend)
    return place.backdrop(floor)


def _markings_away(place: Place, course: tuple[float, float, float]) -> None:
    """A dashed line in the middle and solid ones at the edges."""
    shift, bend, half = course
    white = place.seen("#e6e4dc") + "d0"
    quads = []
    for start in [3.2 + 4.5 * index for index in range(14)]:
        end = start + 2.2
        quads.append([
            place.view.spot(shift + across + bend * depth**2 * 0.5, depth)
            for across, depth in ((-0.07, start), (0.07, start), (0.07, end), (-0.07, end))
        ])  # fmt: skip
    if place.random.random() < 0.7:
        for side in (-1, 1):
            for start, end in zip(range(3, 60, 3), range(6, 63, 3), strict=True):
                quads.append([
                    place.view.spot(shift + side * (half - across) + bend * depth**2 * 0.5, depth)
                    for across, depth in ((0.22, start), (0.34, start), (0.34, end), (0.22, end))
                ])  # fmt: skip
    path = "".join(
        "M" + "L".join(f"{x:.5g} {y:.5g}" for x, y in quad) + "z" for quad in quads
    )  # fmt: skip
    place.sketch.path(path, white)


def _avenue(place: Place, half: float, bend: float) -> None:
    """Trees along one or both sides of a road, the farthest drawn first."""
    random = place.random
    sides = random.choice(((-1,), (1,), (-1, 1), ()))
    alike = street_tree(random) if random.random() < 0.5 else None
    for depth in (85, 62, 45, 32, 22):
        for side in sides:
            x = side * (half + random.uniform(2.5, 5)) + bend * depth**2 * 0.5
            if alike:
                grow(place, alike, x, depth, random.uniform(7, 10))
            else:
                draw_tree(place, x, depth, random.uniform(7, 10))


def _road_across(place: Place) -> Backdrop:
    """The road crosses the picture between two verges."""
    random, view = place.random, place.view
    floor = view.y(random.uniform(26, 36))
    colour = grass_colour(place)
    for _ in range(random.randint(0, 3)):
        depth = random.uniform(35, 80)
        draw_tree(place, random.uniform(-0.55, 0.55) * depth, depth)
    draw_grass(place, floor, colour, random.uniform(0.12, 0.25))
    if random.random() < 0.5:
        draw_fence(place, view.depth(floor) * 0.95)
    far, near = random.uniform(13, 17), random.uniform(4.4, 5.2)
    tar = random.choice(("#7b7c7e", "#8b8a88", "#6c6e72", "#94908a"))
    top, bottom = view.y(far), view.y(near)
    place.band(top - 3, bottom + 6, place.seen("#a39b80"))
    draw_asphalt(place, top, bottom, tar)
    white = place.seen("#e6e4dc") + "c8"
    place.strip(far - 0.5, far - 0.75, white)
    place.strip(near + 0.2, near + 0.3, white)
    _dashes_across(place, (far + near) / 2 * 0.87, white)
    _side_trees(place, 0.4)
    front = front_grass(place, colour) if random.random() < 0.5 else ""
    return place.backdrop(floor, front)


def _dashes_across(place: Place, depth: float, colour: str) -> None:
    view, parts = place.view, []
    for index in range(-6, 7):
        x = index * 4.5 + place.random.uniform(-0.1, 0.1)
        corners = (
            view.spot(x, depth), view.spot(x + 2.4, depth),
            view.spot(x + 2.4, depth + 0.25), view.spot(x, depth + 0.25),
        )  # fmt: skip
        parts.append("M" + "L".join(f"{a:.5g} {b:.5g}" for a, b in corners) + "z")
    place.sketch.path("".join(parts), colour)
