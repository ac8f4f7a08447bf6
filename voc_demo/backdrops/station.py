"""Backdrop of a railway station."""

from random import Random

from voc_demo.backdrops.backdrop import HEIGHT, WIDTH, Backdrop
from voc_demo.backdrops.buildings import draw_row
from voc_demo.backdrops.fronts import some_house
from voc_demo.backdrops.ground import (
    draw_paving,
    draw_specks,
    grass_colour,
)
from voc_demo.backdrops.heaven import draw_sky
from voc_demo.backdrops.land import draw_far_land
from voc_demo.backdrops.place import Place, View
from voc_demo.backdrops.plants import draw_tree, draw_woods
from voc_demo.backdrops.weather import some_weather
from voc_demo.sketch import Sketch, mix, shade

RAILS = 0.78 * HEIGHT  # y of the rails in a station
_PLATFORM = 0.8  # metres above the rails


def station(random: Random) -> Backdrop:
    """A track across, between a near platform and what lies behind it."""
    view = View(HEIGHT * random.uniform(0.5, 0.56), WIDTH * random.uniform(0.35, 0.65), 2.4)
    place = Place(random, some_weather(random), view, Sketch())
    draw_sky(place, view.horizon)
    place.band(view.horizon, HEIGHT, place.seen(grass_colour(place), 30))
    track = view.depth(RAILS)
    behind = track + 3.2
    if random.random() < 0.6:
        _town_behind(place, behind + 16)
    else:
        draw_far_land(place)
    draw_woods(place, behind + 14, random.uniform(4, 7), -20, random.choice((WIDTH + 20, 300)))
    wires = random.random() < 0.75
    floor = view.y(behind)
    if random.random() < 0.7:
        _far_platform(place, behind)
    else:
        place.band(view.y(behind + 12), floor + 1, place.seen(grass_colour(place), 20))
        _railing(place, behind + 2)
    if wires:
        _masts(place, behind - 0.6)
    _track(place, floor, track)
    if random.random() < 0.85:
        _near_platform(place, HEIGHT * random.uniform(0.87, 0.93))
    return place.backdrop(floor)


def _town_behind(place: Place, depth: float) -> None:
    random, half = place.random, depth * 0.85
    draw_woods(place, depth + 40, 15, -20, WIDTH + 20)
    x = -half
    while x < half:
        houses = [some_house(random, (2, 4)) for _ in range(random.randint(1, 3))]
        wide = sum(house.width for house in houses)
        draw_row(place, houses, (x, x + wide - 0.1), depth)
        draw_tree(place, x + wide + 3, depth - 1, random.uniform(6, 9))
        x += wide + random.choice((0.5, 6, 9))
    place.band(place.view.y(depth), HEIGHT, place.seen(grass_colour(place), depth))


def _track(place: Place, top: float, depth: float) -> None:
    """Ballast, sleepers and two rails across."""
    random, view, sketch = place.random, place.view, place.sketch
    stone = random.choice(("#8d857b", "#9a948c", "#857a6e"))
    place.band(top, HEIGHT + 2, place.seen(shade(stone, -0.05)), place.seen(shade(stone, -0.2)))
    draw_specks(
        place, top, HEIGHT, (shade(stone, 0.3), shade(stone, -0.4), shade(stone, 0.12)), 0.032
    )
    wood = random.choice(("#6a5b4e", "#a09c95", "#776a5c"))
    sleepers, sides = [], []
    for index in range(-22, 23):
        x = index * 0.62
        far, near = depth + 1.25, depth - 1.25
        corners = (
            view.spot(x, far),
            view.spot(x + 0.26, far),
            view.spot(x + 0.26, near),
            view.spot(x, near),
        )
        sleepers.append("M" + "L".join(f"{a:.5g} {b:.5g}" for a, b in corners) + "z")
        (left, y), right = view.spot(x, near), view.spot(x + 0.26, near)[0]
        sides.append(f"M{left:.5g} {y:.5g}H{right:.5g}v3.5H{left:.5g}z")
    sketch.path("".join(sides), place.seen(shade(wood, -0.5)))
    sketch.path("".join(sleepers), place.seen(wood))
    for rail in (depth + 0.72, depth - 0.72):
        y = view.y(rail)
        place.band(y - 0.5, y + 3, place.seen("#5d4e44"))
        place.band(y - 2.6, y - 0.5, place.seen("#c5c8ca"), place.seen("#8f9294"))
        place.band(y + 3, y + 6, place.seen("#2b2622") + "50")


def _near_platform(place: Place, top: float) -> None:
    """The platform on which the viewer stands: edge, safety line and paving."""
    random, view = place.random, place.view
    standing = View(view.horizon, view.centre, view.eye - _PLATFORM)
    here = Place(random, place.weather, standing, place.sketch)
    tone = random.choice(("#aaa59c", "#9b9a98", "#b3a692"))
    draw_paving(here, top, HEIGHT + 2, tone, 0.5)
    place.band(top - 2, top + 4, place.seen(shade(tone, 0.3)))
    line = standing.y(standing.depth(top) - 0.35)
    place.band(line, line + 5, place.seen(random.choice(("#e9e6da", "#d9b95c"))) + "e0")


def _far_platform(place: Place, depth: float) -> None:
    """The platform opposite with its canopy, or a fence behind."""
    random, view, sketch = place.random, place.view, place.sketch
    tone = random.choice(("#a8a297", "#9a9996", "#b0a38f"))
    back, top = depth + random.uniform(4, 6), view.y(depth, _PLATFORM)
    place.band(
        view.y(back, _PLATFORM), top, place.seen(tone, depth), place.seen(shade(tone, 0.1), depth)
    )
    place.band(top, top + 2, place.seen(shade(tone, 0.35), depth))
    face = (place.seen(shade(tone, -0.25), depth), place.seen(shade(tone, -0.5), depth))
    place.band(top + 2, view.y(depth) + 1, *face)
    line = view.y(depth + 0.7, _PLATFORM)
    place.band(line - 1, line + 0.6, place.seen("#e9e6da", depth))
    if random.random() < 0.35:
        _railing(place, back)
        return
    wall = random.choice(("#9c6350", "#cfc5b2", "#b5b9b8", "#8e9a92"))
    half = back * 0.75
    with place.standing(0, back):
        if random.random() < 0.6:
            _station_house(place, half, back, wall)
        else:
            sketch.rect(-half, -2.6, 2 * half, 2.6, place.seen(shade(wall, -0.1), back))
            sketch.rect(-half, -2.6, 2 * half, 0.2, place.seen(shade(wall, 0.2), back))
    _canopy(place, depth + 2.2)


def _station_house(place: Place, half: float, depth: float, wall: str) -> None:
    """A long building with doors and tall windows behind the platform, in metres."""
    random, sketch = place.random, place.sketch
    tall = random.uniform(5, 7)
    lit, dim = place.seen(wall, depth), place.seen(shade(wall, -0.2), depth)
    sketch.rect(-half, -tall, 2 * half, tall, sketch.gradient(lit, dim))
    frames, panes, step = [], [], random.uniform(2.2, 3)
    for index in range(round(2 * half / step)):
        x = -half + step * (index + 0.3)
        low = 0.8 if index % 3 == 1 else 1.8
        frames.append(f"M{x - 0.12:.4g} {-low:.4g}V-4.1h{step * 0.5 + 0.24:.4g}V{-low:.4g}z")
        panes.append(f"M{x:.4g} {-low - 0.1:.4g}V-4h{step * 0.22:.4g}V{-low - 0.1:.4g}z"
                     f"M{x + step * 0.28:.4g} {-low - 0.1:.4g}V-4h{step * 0.22:.4g}"
                     f"V{-low - 0.1:.4g}z")  # fmt: skip
    sketch.path("".join(frames), place.seen("#e2ddd0", depth))
    sketch.path("".join(panes), mix(place.seen("#4f5a63", depth), place.weather.sky[0], 0.25))


def _canopy(place: Place, depth: float) -> None:
    """A long roof on posts."""
    random, sketch, half = place.random, place.sketch, depth * 0.7
    iron = random.choice(("#5d6a66", "#6e6a66", "#8a5a4c", "#55626f"))
    post, light = place.seen(iron, depth), place.seen(shade(iron, 0.35), depth)
    left = random.choice((-half, -half * random.uniform(0.1, 0.6)))
    high, right = random.uniform(4.3, 4.9), random.choice((half, half * random.uniform(0.3, 0.8)))
    with place.standing(0, depth):
        gap = random.uniform(3.4, 5)
        x = left + gap / 2
        while x < right:
            sketch.rect(x - 0.09, -high, 0.18, high - _PLATFORM, post)
            sketch.line([(x - 0.8, -high), (x, -high + 0.9), (x + 0.8, -high)], post, 0.1)
            x += gap
        sketch.rect(
            left, -high - 0.05, right - left, 0.75, place.seen(shade(iron, -0.4), depth) + "90"
        )
        roof = sketch.gradient(light, place.seen(shade(iron, 0.1), depth))
        sketch.polygon(
            [(left, -high), (left + 0.3, -high - 0.6), (right - 0.3, -high - 0.6), (right, -high)],
            roof,
        )
        sketch.rect(left, -high - 0.02, right - left, 0.3, post)
        if random.random() < 0.6:
            for at in (0.25, 0.7):
                x = left + (right - left) * at
                sketch.rect(x, -high + 0.45, 1.8, 0.45, place.seen("#3c5573", depth), 0.04)
                sketch.rect(x + 0.2, -high + 0.6, 1.1, 0.14, place.seen("#dfe4e6", depth))


def _railing(place: Place, depth: float) -> None:
    sketch, half = place.sketch, depth * 0.7
    iron = place.seen(place.random.choice(("#6b7377", "#7d8a80", "#5c5f63")), depth)
    bars = "".join(
        f"M{-half + 0.28 * bar:.4g} {-_PLATFORM:.4g}v-1.2" for bar in range(round(2 * half / 0.28))
    )
    with place.standing(0, depth):
        sketch.path(bars, None, iron, 0.04)
        sketch.line([(-half, -_PLATFORM - 1.2), (half, -_PLATFORM - 1.2)], iron, 0.08)
        sketch.line([(-half, -_PLATFORM - 0.15), (half, -_PLATFORM - 0.15)], iron, 0.06)


def _masts(place: Place, depth: float) -> None:
    """Masts with brackets, and the wires above the track."""
    random, sketch, view = place.random, place.sketch, place.view
    steel = place.seen(random.choice(("#7f878b", "#6b7570", "#8d8b86")), depth)
    half, gap = depth * 0.6, random.uniform(7, 11)
    start = -half + random.uniform(0, gap)
    with place.standing(0, depth):
        while start < half:
            sketch.rect(start - 0.1, -7.4, 0.2, 7.4, steel)
            sketch.line([(start, -6.6), (start + 0.2, -6.9), (start + 0.5, -6.2)], steel, 0.07)
            sketch.rect(start - 0.16, -0.5, 0.32, 0.5, steel)
            start += gap
        sketch.line([(-half - 3, -6.9), (half + 3, -6.9)], steel, 0.025)
    wire = view.y(depth - 2.4, 5.6)
    place.band(wire, wire + 0.9, place.seen("#4a4d50", depth))
