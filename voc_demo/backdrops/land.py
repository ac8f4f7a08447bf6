"""Far and middle distance in the country: mountains, hills, fields, farms, fences and posts."""

import math
from itertools import pairwise
from random import Random

from voc_demo.backdrops.backdrop import HEIGHT, WIDTH
from voc_demo.backdrops.ground import grass_colour
from voc_demo.backdrops.place import Place, rough
from voc_demo.backdrops.plants import draw_tree, draw_woods
from voc_demo.sketch import Point, Sketch, hsl, mix, shade, smooth


def draw_far_land(place: Place) -> None:
    """Draws what rises at the horizon: mountains, hills or a plain with woods, and fields."""
    random = place.random
    kind = random.random()
    if kind < 0.3 and place.weather.name != "mist":
        _mountains(place, random.uniform(35, 85))
    if kind < 0.8:
        count = random.randint(2, 4)
        for index in range(count):
            share = (index + 1) / count
            _ridge(place, 4200 * (1 - share) + 500, random.uniform(18, 62) * (1.25 - share))
    _plain(place)


def ridge_line(random: Random, base: float, height: float, steps: int) -> list[Point]:
    phases = [random.uniform(0, math.tau) for _ in range(3)]
    waves = (random.uniform(0.6, 1.1), random.uniform(1.5, 2.5), random.uniform(3, 5))
    points = []
    for index in range(steps + 1):
        at = index / steps
        rise = sum(
            math.sin(math.tau * wave * at + phase) / (1 + 1.2 * order)
            for order, (wave, phase) in enumerate(zip(waves, phases, strict=True))
        )
        points.append((at * (WIDTH + 20) - 10, base - height * (0.55 + 0.3 * rise)))
    return points


def _mountains(place: Place, height: float) -> None:
    """A jagged blue range, its upper parts with snow."""
    random, sketch, base = place.random, place.sketch, place.view.horizon + 2
    line = ridge_line(random, base, height, 16)
    peaks = [(x, min(y + random.uniform(-0.24, 0.2) * height, base - 4)) for x, y in line]
    rock = place.seen(hsl(random.uniform(205, 235), 0.14, 0.42), place.weather.sight * 0.9)
    foot = place.weather.haze
    outline = [(-10.0, base), *peaks, (WIDTH + 10.0, base)]
    sketch.polygon(outline, sketch.gradient(rock, mix(rock, foot, 0.8)))
    faces, top = [], min(y for _, y in peaks)
    for (x, y), (_, after) in pairwise(peaks):
        if y < after:  # the shaded side of a summit
            drop = (base - y) * 0.7
            faces.append(f"M{x:.4g} {y:.4g}l{drop * 0.7:.4g} {drop:.4g}l{-drop * 0.55:.4g} 0z")
    sketch.path("".join(faces), shade(rock, -0.2) + "38")
    if random.random() < 0.7:
        _snow_fields(place, peaks, top, base)


def _snow_fields(place: Place, peaks: list[Point], top: float, base: float) -> None:
    limit = top + (base - top) * place.random.uniform(0.4, 0.6)
    lower = []
    for x, y in peaks:
        depth = max(limit - y, 0)
        lower.append((x, y + depth * place.random.uniform(0.35, 0.9)))
    white = place.seen("#f4f6f9", place.weather.sight * 0.35)
    place.sketch.polygon([*peaks, *lower[::-1]], white + "c0")


def _ridge(place: Place, depth: float, height: float) -> None:
    """One line of hills, wooded or with fields."""
    random, sketch, base = place.random, place.sketch, place.view.horizon + 3
    line = ridge_line(random, base, height, 9)
    green = grass_colour(place) if random.random() < 0.5 else "#52654a"
    top, foot = place.seen(shade(green, -0.05), depth), place.seen(green, depth * 1.5)
    outline = smooth(line, closed=False) + f"L{WIDTH + 10} {base}L-10 {base}z"
    sketch.path(outline, sketch.gradient(top, foot))
    for _ in range(4):
        _field(place, line, base, depth)
    _specks_of_woods(place, line, base, depth)


def _field(place: Place, line: list[Point], base: float, depth: float) -> None:
    """A field on the slope below two neighbouring points of a ridge."""
    random = place.random
    index, high = random.randrange(len(line) - 1), random.uniform(0.35, 0.8)
    low = high * random.uniform(0.2, 0.6)
    (x, y), (end, end_y) = line[index], line[index + 1]
    lean = random.uniform(-12, 12)
    corners = [
        (x, base + (y - base) * high), (end, base + (end_y - base) * high),
        (end + lean, base + (end_y - base) * low), (x + lean, base + (y - base) * low),
    ]  # fmt: skip
    place.sketch.polygon(corners, place.seen(_crop(place), depth) + "b0")


def _crop(place: Place) -> str:
    if place.weather.snow:
        return place.random.choice(("#dfe5ec", "#cfd7de"))
    return place.random.choice(("#c9b778", "#9db06a", "#b5a06c", "#7f9a56", "#d2c98a", "#8d7a5c"))


def _specks_of_woods(place: Place, line: list[Point], base: float, depth: float) -> None:
    random = place.random
    parts = []
    for x, y in line:
        for _ in range(random.randint(0, 9)):
            cx, cy = x + random.gauss(0, 16), y + random.uniform(0, 0.8) * (base - y)
            parts.append(rough(random, cx, cy, 800 / depth + 0.8, 6))
    if parts:
        place.sketch.path("".join(parts), place.seen("#46583f", depth))


def _plain(place: Place) -> None:
    """Flat fields from the horizon to the viewer, in strips with woods and hedges between."""
    random, view = place.random, place.view
    grass = grass_colour(place)
    depths = (2000, 900, 420, 230, 140, 90, 60)
    edges = [view.horizon - 0.5, *(view.y(depth) for depth in depths), view.y(20)]
    for top, bottom, depth in zip(edges, edges[1:], (9000, *depths), strict=False):
        colour = grass if random.random() < 0.4 else _crop(place)
        place.band(top, bottom + 0.6, place.seen(colour, depth * 0.7))
        if random.random() < 0.55 and depth < 3000:
            height = random.uniform(9, 17) if depth > 200 else random.uniform(1.5, 4)
            left = random.uniform(-150, WIDTH - 100)
            draw_woods(place, depth, height, left, left + random.uniform(150, 480))


def draw_farm(place: Place, x: float, depth: float) -> None:
    """Draws a farmhouse, a barn and sometimes a silo around x metres."""
    random = place.random
    wall = random.choice(("#e6ded0", "#d9cdb8", "#c9b9a4", "#b98f78"))
    roof = random.choice(("#9a5c48", "#7d5148", "#6c6a6c", "#84695a"))
    if random.random() < 0.4:
        _silo(place, x + 13, depth)
    _barn(place, x, depth, (10, 4.5, 4.5), (wall, roof))
    dark = random.choice(("#8c4f42", "#7c6a58", "#5f5a52"))
    _barn(place, x + random.choice((-13, 12)), depth - 3, (14, 4, 4), (dark, shade(roof, -0.1)))
    draw_tree(place, x - 8, depth - 5, 9)
    draw_tree(place, x + 7, depth - 6, 7)


def _barn(
    place: Place, x: float, depth: float, size: tuple[float, float, float], colours: tuple[str, str]
) -> None:
    """A building seen a little from the side: gable end and long side with its roof."""
    sketch, random = place.sketch, place.random
    (length, wall, rise), (front, roof) = size, colours
    lit, dim = place.seen(front, depth), place.seen(shade(front, -0.18), depth)
    tiles, eaves = place.seen(shade(roof, 0.08), depth), place.seen(shade(roof, -0.15), depth)
    gable = length * 0.42
    with place.standing(x, depth):
        left, right = -length / 2, length / 2
        sketch.rect(left, -wall, length - gable, wall, dim)
        sketch.polygon(
            [(right - gable, 0), (right - gable, -wall), (right - gable / 2, -wall - rise),
             (right, -wall), (right, 0)], lit,
        )  # fmt: skip
        sketch.polygon(
            [(left - 0.4, -wall + 0.3), (left + gable / 2, -wall - rise - 0.1),
             (right - gable / 2, -wall - rise - 0.1), (right - gable - 0.3, -wall + 0.3)],
            sketch.gradient(tiles, eaves),
        )  # fmt: skip
        sketch.line(
            [(right - gable / 2, -wall - rise), (right + 0.3, -wall + 0.3)], eaves, 0.35,
        )  # fmt: skip
        glass = place.seen("#4d5660", depth)
        for step in range(random.randint(2, 4)):
            sketch.rect(left + 1 + step * 1.7, -wall * 0.7, 0.8, 1.1, glass)
        sketch.rect(right - gable * 0.68, -wall * 0.62, gable * 0.36, wall * 0.62, glass)


def _silo(place: Place, x: float, depth: float) -> None:
    sketch = place.sketch
    body = [place.seen(tone, depth) for tone in ("#9da4a8", "#cdd2d4", "#858c92")]
    with place.standing(x, depth):
        sketch.ellipse(0, -11, 1.9, 1.6, body[1])
        sketch.rect(-1.9, -11, 3.8, 11, sketch.gradient(*body, horizontal=True))


def draw_fence(place: Place, depth: float, left: float = -40, right: float = 40) -> None:
    """Draws a pasture fence across, of wooden rails or of wire."""
    random, sketch = place.random, place.sketch
    wood = random.choice(("#8b7c69", "#a09484", "#6f6254", "#d8d5cd"))
    light, dark = place.seen(shade(wood, 0.15), depth), place.seen(shade(wood, -0.25), depth)
    wires = random.random() < 0.45
    posts, gap = [], random.uniform(1.8, 2.8)
    half = WIDTH / 900 * depth + abs(place.view.centre - WIDTH / 2) * depth / 450 + 3
    left, right = max(left, -half), min(right, half)
    with place.standing(0, depth):
        heights = (-0.45, -0.8, -1.1) if wires else (-0.5, -0.95)
        for height in heights:
            line = [(left, height), (right, height + random.uniform(-0.05, 0.05))]
            sketch.line(line, light if not wires else dark, 0.03 if wires else 0.13)
        for index in range(int((right - left) / gap) + 1):
            x, tall = left + index * gap + random.uniform(-0.1, 0.1), random.uniform(1.15, 1.35)
            posts.append(
                f"M{x:.4g} 0.1l{random.uniform(-0.04, 0.04):.3g} {-tall:.3g}h.15v{tall:.3g}z"
            )
        sketch.path("".join(posts), sketch.gradient(light, dark))


def draw_poles(place: Place, x: float, depths: tuple[float, ...]) -> None:
    """Draws a line of wooden poles with wires that follows a road away from the eye."""
    sketch, view = place.sketch, place.view
    tops = []
    for depth in depths:
        wood = place.seen("#6e6257", depth)
        with place.standing(x, depth):
            sketch.polygon([(-0.13, 0), (-0.09, -8), (0.09, -8), (0.13, 0)], wood)
            sketch.line([(-0.9, -7.4), (0.9, -7.4)], wood, 0.16)
        tops.append((view.spot(x - 0.85, depth, 7.5), view.spot(x + 0.85, depth, 7.5), depth))
    for far, near in pairwise(tops):
        for side in (0, 1):
            (x0, y0), (x1, y1) = (end[side] for end in ((far[0], far[1]), (near[0], near[1])))
            sag = FALL * abs(y1 - y0) + 2
            points = [(x0, y0), ((x0 + x1) / 2, (y0 + y1) / 2 + sag), (x1, y1)]
            sketch.curve(points, place.seen("#4a4a4c", far[2]), 0.7)


FALL = 0.06  # of a wire between two poles


def draw_flowers(place: Place, top: float) -> None:
    """Strews meadow flowers over the grass from `top` down."""
    random, view = place.random, place.view
    if place.weather.season not in ("spring", "summer"):
        return
    for colour in random.sample(("#f0ead8", "#e6cf5c", "#c9736a", "#a58fc4", "#e3b5c4"), 2):
        parts = []
        for _ in range(random.randint(20, 80)):
            y = top + (HEIGHT - top) * random.random()
            size = 0.028 * (y - view.horizon) / view.eye * random.uniform(0.6, 1.2)
            x = random.uniform(0, WIDTH)
            parts += [rough(random, x + random.gauss(0, size * 3), y, max(size, 0.5), 6)
                      for _ in range(2)]  # fmt: skip
        place.sketch.path("".join(parts), place.seen(colour, 5))


def front_grass(place: Place, colour: str) -> str:
    """Returns tall grass along the lower edge, in front of the things."""
    random, sketch = place.random, Sketch()
    clumps = [random.uniform(0, WIDTH) for _ in range(random.randint(5, 9))]
    for tone in (shade(colour, -0.35), shade(colour, -0.15), shade(colour, 0.12)):
        parts = []
        for _ in range(46):
            x, tall = random.choice(clumps) + random.gauss(0, 22), random.uniform(10, 34)
            lean, wide = random.gauss(0, 0.3) * tall, random.uniform(1.2, 2.4)
            parts.append(
                f"M{x:.1f} {HEIGHT + 3}q{lean * 0.15:.1f} {-tall * 0.6:.1f} {lean:.1f} {-tall:.1f}"
                f"q{wide - lean * 0.6:.1f} {tall * 0.45:.1f} {wide - lean:.1f} {tall:.1f}z"
            )
        sketch.path("".join(parts), place.seen(tone))
    return sketch.svg()
