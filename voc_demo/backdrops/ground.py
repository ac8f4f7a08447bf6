"""Ground with texture that grows towards the viewer: grass, asphalt, paving and water."""

from collections.abc import Callable
from random import Random

from voc_demo.backdrops.backdrop import HEIGHT, WIDTH
from voc_demo.backdrops.place import Place, quad, rough
from voc_demo.sketch import hsl, mix, shade

Lane = Callable[[float], tuple[float, float]]  # y in pixels -> left and right in pixels


TARS = ("#77787a", "#86868a", "#696b70", "#8f8b86")  # colours of asphalt
FLAGS = ("#b3ada3", "#a6a4a0", "#b8ab98", "#a19a92")  # colours of paving


def whole_width(_: float) -> tuple[float, float]:
    """The lane that is as wide as the canvas."""
    return 0, WIDTH


def grass_colour(place: Place) -> str:
    """Returns the colour of grass in this season."""
    random = place.random
    if place.weather.snow:
        return "#e4eaf0"
    if place.weather.season == "winter":
        return hsl(random.uniform(52, 78), random.uniform(0.18, 0.26), random.uniform(0.42, 0.5))
    if place.weather.season == "autumn":
        return hsl(random.uniform(58, 84), random.uniform(0.26, 0.36), random.uniform(0.4, 0.46))
    return hsl(random.uniform(72, 104), random.uniform(0.26, 0.38), random.uniform(0.36, 0.45))


def draw_grass(place: Place, top: float, colour: str, height: float = 0.1) -> None:
    """Fills the ground from `top` down with grass, its blades `height` metres."""
    random, snow = place.random, place.weather.snow
    far = place.seen(mix(colour, "#c9cf9a", 0.2), place.view.depth(top + 2))
    place.band(top, HEIGHT + 2, far, place.seen(colour), place.seen(shade(colour, -0.08)))
    other = ("#b4c3d6", "#f8fafc") if snow else (shade(colour, -0.25), mix(colour, "#d8cf8f", 0.4))
    draw_patches(place, top, HEIGHT, other)
    straw = mix(colour, "#a9a06a", 0.6) if snow else shade(colour, 0.22)
    rows = 5
    for row in range(rows):
        start, end = (top + (HEIGHT + 12 - top) * (at / rows) ** 1.5 for at in (row, row + 1))
        size = (end - place.view.horizon) * height / place.view.eye
        count = (0.25 if snow else 1) * min(170, 20 + 3600 / (size + 14))
        for tone in (shade(colour, -0.26), straw):
            fill = place.seen(tone, place.view.depth(end)) + "b0"
            place.sketch.path(_blades(random, start, end, size, round(count / 2)), fill)


def _blades(random: Random, top: float, bottom: float, size: float, count: int) -> str:
    """Returns tapering blades of grass that stand between two heights, in small clumps."""
    parts = []
    for _ in range(count // 3 + 1):
        cx, cy = random.uniform(-5, WIDTH + 5), random.uniform(top, bottom)
        for _ in range(3):
            x, y = cx + random.gauss(0, size * 0.6 + 1), cy + random.gauss(0, size * 0.12)
            tall, lean = size * random.uniform(0.5, 1.2), size * random.gauss(0, 0.35)
            wide = max(0.8, size * 0.09)
            if size < 8:
                parts.append(
                    f"M{x:.1f} {y:.1f}l{lean:.1f} {-tall:.1f} {wide - lean:.1f} {tall:.1f}z"
                )
                continue
            parts.append(
                f"M{x:.1f} {y:.1f}q{lean * 0.2:.1f} {-tall * 0.6:.1f} {lean:.1f} {-tall:.1f}"
                f"q{wide - lean * 0.6:.1f} {tall * 0.5:.1f} {wide - lean:.1f} {tall:.1f}z"
            )
    return "".join(parts)


def draw_patches(
    place: Place, top: float, bottom: float, colours: tuple[str, ...], strength: float = 0.3
) -> None:
    """Soft flat spots of other tones on the ground between two heights."""
    random, view = place.random, place.view
    for colour in colours:
        fill = place.soft(place.seen(colour), strength)
        for _ in range(3):
            near = random.random() ** 1.2
            reach = (random.uniform(60, 120) * near + 8) * (bottom - top) / (HEIGHT - view.horizon)
            y = top + reach * 0.16 + (bottom - top - reach * 0.32) * near
            place.sketch.ellipse(random.uniform(0, WIDTH), y, reach, reach * 0.16, fill)


def draw_specks(
    place: Place, top: float, bottom: float, colours: tuple[str, ...], size: float,
    lane: Lane = whole_width,
) -> None:  # fmt: skip
    """Stones, leaves or crumbs of `size` metres strewn between two heights, within a lane."""
    random, view = place.random, place.view
    for colour in colours:
        parts = []
        for _ in range(60):
            y = top + 2 + (bottom - top - 3) * random.random() ** 0.7
            radius = size * random.uniform(0.5, 1.3) * (y - view.horizon) / view.eye
            x = random.uniform(*lane(y))
            if radius > 0.3 and 0 < x < WIDTH:
                parts.append(rough(random, x, y, radius, 5))
        if parts:
            place.sketch.path("".join(parts), place.seen(colour) + "90")


def draw_asphalt(place: Place, top: float, bottom: float, colour: str) -> None:
    """A road surface all across, with stains, crumbs and cracks."""
    far = place.seen(shade(colour, 0.14), place.view.depth(top + 1))
    place.band(top, bottom, far, place.seen(colour), place.seen(shade(colour, -0.1)))
    end = min(bottom, HEIGHT)
    draw_patches(place, top, end, (shade(colour, -0.3), shade(colour, 0.25)), 0.28)
    draw_specks(place, top, end, (shade(colour, 0.3), shade(colour, -0.3)), 0.013)
    if place.random.random() < 0.5:
        _crack(place, top, end, place.seen(shade(colour, -0.35)))


def _crack(place: Place, top: float, bottom: float, colour: str) -> None:
    random = place.random
    x, y = random.uniform(0, WIDTH), random.uniform(top + 12, bottom - 12)
    points = [(x, y)]
    for _ in range(9):
        x, y = x + random.uniform(4, 26), min(max(y + random.uniform(-4, 4), top + 2), bottom - 2)
        points.append((x, y))
    place.sketch.line(points, colour + "98", 0.9)


def draw_paving(
    place: Place, top: float, bottom: float, colour: str, stone: float, joints: float = 0.5
) -> None:
    """Slabs of `stone` metres that run together at the horizon."""
    random, view, sketch = place.random, place.view, place.sketch
    far = place.seen(shade(colour, 0.1), view.depth(top + 1))
    place.band(top, bottom, far, place.seen(colour), place.seen(shade(colour, -0.06)))
    near, distance = view.depth(min(bottom, HEIGHT + 2)), view.depth(top)
    rows = max(1, min(round((distance - near) / stone), 40))
    depths = [near + (distance - near) * row / rows for row in range(rows + 1)]
    for tone in (shade(colour, -0.12), shade(colour, 0.14), mix(colour, "#a08c78", 0.25)):
        slabs = "".join(_slab(place, random, depths, stone) for _ in range(22))
        sketch.path(slabs, place.seen(tone) + "80")
    lines = [f"M-2 {view.y(depth):.5g}H{WIDTH + 2}" for depth in depths[1:-1]]
    lines += [
        line
        for index in range(round(view.left(distance) / stone), round(view.right(distance) / stone))
        if (line := joint(place, index * stone, near, distance))
    ]
    dark = place.seen(shade(colour, -0.3)) + f"{round(255 * joints):02x}"
    sketch.path("".join(lines), None, dark, 0.7)
    draw_patches(place, top, min(bottom, HEIGHT), (shade(colour, -0.35),), 0.22)


def joint(place: Place, x: float, near: float, far: float) -> str:
    """Returns the line straight away from the viewer at x metres, where it can be seen."""
    view = place.view
    side = view.right(1) if x > 0 else view.left(1)
    start = max(near, x / side)
    if start >= far:
        return ""
    (ax, ay), (bx, by) = view.spot(x, start), view.spot(x, far)
    return f"M{ax:.5g} {ay:.5g}L{bx:.5g} {by:.5g}"


def _slab(place: Place, random: Random, depths: list[float], stone: float) -> str:
    row = int((len(depths) - 1) * random.random() ** 2)
    near, far = depths[row], depths[row + 1]
    columns = (round(edge(near) / stone) for edge in (place.view.left, place.view.right))
    left, right = columns
    x = stone * random.randint(left - 1, right)
    return quad(place.view, x, x + stone, near, far)


def draw_water(place: Place, top: float, bottom: float, colour: str, swell: float = 0.3) -> None:
    """Open water that mirrors the sky far away and shows its colour near by."""
    random, sketch, weather = place.random, place.sketch, place.weather
    mirror = mix(place.seen(colour), weather.sky[-1], 0.55)
    body = mix(place.seen(colour), weather.sky[0], 0.25)
    place.band(top, bottom, mirror, mix(mirror, body, 0.6), body, shade(body, -0.12))
    rows = 9
    for row in range(rows):
        start, end = (top + (bottom - top) * (at / rows) ** 1.4 for at in (row, row + 1))
        near = (end - place.view.horizon) / (HEIGHT - place.view.horizon)
        wide, thick = 6 + 46 * near, (0.35 + 5 * near) * swell + 0.3
        for tone, count in ((shade(body, -0.22), 24), (mix(body, weather.sky[-1], 0.65), 22)):
            fill = tone + f"{round(128 - 26 * near):02x}"
            sketch.path(_ripples(random, start, end, wide, thick, count), fill)


def _ripples(
    random: Random, top: float, bottom: float, wide: float, thick: float, count: int
) -> str:  # fmt: skip
    """Returns flat lenses between two heights."""
    parts = []
    for _ in range(count):
        x, y = random.uniform(-wide, WIDTH), random.uniform(top, bottom)
        w, h = wide * random.uniform(0.4, 1.3), thick * random.uniform(0.5, 1.2)
        bend = random.uniform(-0.4, 0.4) * h
        parts.append(
            f"M{x:.1f} {y:.1f}q{w / 2:.1f} {bend - h:.2f} {w:.1f} 0q{-w / 2:.1f} {bend + h:.2f} "
            f"{-w:.1f} 0z"
        )
    return "".join(parts)
