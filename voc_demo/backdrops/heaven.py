"""The sky of a backdrop: its colours, sun and clouds."""

from collections.abc import Sequence
from random import Random

from voc_demo.backdrops.backdrop import WIDTH
from voc_demo.backdrops.place import Oval, Place, oval


def draw_sky(place: Place, bottom: float) -> None:
    """Fills the canvas from its top down to `bottom` with the sky of the weather."""
    place.band(-2, bottom + 2, *place.weather.sky)
    name, random = place.weather.name, place.random
    if name in ("golden", "dusk", "morning") and random.random() < 0.6:
        _sun(place, bottom)
    if name in ("overcast", "showers"):
        _ceiling(place, bottom)
    elif name in ("golden", "dusk"):
        _streaks(place, bottom, random.randint(5, 11))
    elif name != "mist":
        kinds = (_heaps, _bank, _feathers, _flock, _few_streaks, _clear)
        random.choices(kinds, (5, 3, 1.5, 1.5, 1, 0.7))[0](place, bottom)


def _clear(_: Place, __: float) -> None:
    """No clouds at all."""


def _sun(place: Place, bottom: float) -> None:
    """A low sun as a glow with a bright middle."""
    random, x = place.random, place.random.uniform(40, WIDTH - 40)
    y, glow = bottom - random.uniform(5, 60), random.uniform(60, 100)
    place.sketch.ellipse(x, y, glow * 1.3, glow * 0.7, place.soft("#fff0cc", 0.75))
    place.sketch.circle(x, y, 9, place.soft("#fffbe8", 1))


def soft(place: Place, shapes: Sequence[Oval], colour: str, strength: float) -> None:
    """Draws ovals merged into one shape whose rim fades out."""
    steps = 7 if strength > 0.6 else 4
    opacity = 1 - (1 - strength) ** (1 / steps)
    fill = colour + f"{round(255 * opacity):02x}"
    for step in range(steps):
        size = 1.2 - 0.65 * step / (steps - 1)
        path = "".join(oval(x, y, rx * size, ry * size) for x, y, rx, ry in shapes)
        place.sketch.path(path, fill)


def _heaps(place: Place, bottom: float) -> None:
    """Single heaps of cloud, smaller towards the horizon."""
    random = place.random
    count = random.randint(2, 5)
    for index in range(count):
        nearness = (index + random.random()) / count
        width = (50 + 150 * nearness) * random.uniform(0.8, 1.2)
        x = WIDTH * (index * 0.618 + random.uniform(0, 0.5)) % WIDTH
        _heap(place, x, bottom * (0.88 - 0.6 * nearness), width, random.uniform(0.22, 0.42))


def _bank(place: Place, bottom: float) -> None:
    """Heaps that stand close together above the horizon."""
    random, x = place.random, -40.0
    left, right = random.choice(((-40, WIDTH), (-40, 260), (240, WIDTH)))
    x = float(left)
    while x < right + 40:
        width = random.uniform(70, 150)
        _heap(place, x, bottom * random.uniform(0.8, 0.96), width, random.uniform(0.3, 0.55))
        x += width * random.uniform(0.5, 0.9)
    if random.random() < 0.5:
        _few_streaks(place, bottom * 0.6)


def _heap(place: Place, x: float, y: float, width: float, steep: float) -> None:
    """A heap of cloud, its flat base at y: lit from above, grey below."""
    random = place.random
    lit, middle, shaded = place.weather.cloud
    height = width * steep
    towers = [(random.uniform(-0.32, 0.32), random.uniform(0.45, 1)) for _ in range(3)]
    puffs: list[Oval] = []
    for index in range(24):
        across = (index + random.random()) / 12 - 1
        rise = max(top * (1 - abs(across / 2 - at) * 2.4) for at, top in towers)
        lift = max(rise, 0.08) * height * (random.uniform(0.5, 1) if index % 2 else 0.12)
        size = width * random.uniform(0.055, 0.11) * (1 - 0.35 * abs(across))
        puffs.append((x + across * width * 0.46, y - lift, size * 1.3, size))
    soft(place, puffs, middle, 0.93)
    low = [(px + rx * 0.3, min(py + ry * 0.7, y), rx * 1.2, ry * 0.6) for px, py, rx, ry in puffs]
    soft(place, low[::2], shaded, 0.42)
    high = [(px - rx * 0.25, py - ry * 0.35, rx * 0.75, ry * 0.6) for px, py, rx, ry in puffs]
    high.sort(key=lambda puff: puff[1])
    soft(place, high[:15], lit, 0.8)


def _few_streaks(place: Place, bottom: float) -> None:
    _streaks(place, bottom, 5)


def _streaks(place: Place, bottom: float, count: int) -> None:
    """Long flat bands of cloud, denser and thinner towards the horizon."""
    random = place.random
    lit, middle, shaded = place.weather.cloud
    dark: list[Oval] = []
    body: list[Oval] = []
    bright: list[Oval] = []
    for index in range(count):
        height = 0.12 + 0.78 * (index + random.random()) / count
        y, thick = bottom * height, (1.15 - height) * random.uniform(5, 12)
        x, width = random.uniform(0, WIDTH), random.uniform(50, 130)
        for _ in range(5):
            sx, sy = x + random.uniform(-0.8, 0.8) * width, y + random.uniform(-1, 1) * thick
            reach = width * random.uniform(0.3, 0.7)
            dark.append((sx, sy - thick * 0.3, reach, thick * 0.5))
            body.append((sx, sy + thick * 0.2, reach * 0.9, thick * 0.36))
        bright.append((x, y + thick * 0.5, width * 0.6, thick * 0.26))
    soft(place, dark, shaded, 0.5)
    soft(place, body, middle, 0.6)
    soft(place, bright, lit, 0.7)


def _feathers(place: Place, bottom: float) -> None:
    """Thin high cloud: slanting feathers."""
    random, slant = place.random, place.random.uniform(-16, 10)
    for _ in range(random.randint(4, 7)):
        x, y = random.uniform(0, WIDTH), bottom * random.uniform(0.05, 0.7)
        plumes = [
            (random.uniform(-30, 30), random.uniform(-14, 14), random.uniform(25, 70), 5.5)
            for _ in range(6)
        ]
        with place.sketch.moved(x, y, slant + random.uniform(-6, 6)):
            soft(place, plumes, place.weather.cloud[0], 0.33)


def _flock(place: Place, bottom: float) -> None:
    """A field of small clouds, smaller and closer towards the horizon."""
    random = place.random
    lit, middle, shaded = place.weather.cloud
    flakes: list[Oval] = []
    centre, spread = random.uniform(50, WIDTH - 50), random.uniform(130, 260)
    for _ in range(70):
        height = random.random() ** 0.8
        size = 13 * (1.15 - height) * random.uniform(0.6, 1.3)
        x = centre + random.gauss(0, spread) * (0.6 + 0.5 * height)
        flakes.append(
            (x, bottom * (0.04 + 0.84 * height), size * random.uniform(1.2, 2), size * 0.5)
        )
    soft(place, [(x + 2, y + ry * 0.5, rx, ry * 0.8) for x, y, rx, ry in flakes], shaded, 0.3)
    soft(place, flakes, middle, 0.62)
    soft(
        place,
        [(x - rx * 0.2, y - ry * 0.3, rx * 0.6, ry * 0.5) for x, y, rx, ry in flakes],
        lit,
        0.6,
    )


def _ceiling(place: Place, bottom: float) -> None:
    """A closed cover: wide soft rolls, darker below, thinner towards the horizon."""
    random = place.random
    lit, middle, shaded = place.weather.cloud
    rolls: list[Oval] = []
    for row in range(6):
        height = row / 6
        thick = 22 * (1.1 - height)
        for _ in range(random.randint(2, 5)):
            x, y = random.uniform(-30, WIDTH + 30), bottom * (height + random.uniform(-0.05, 0.05))
            rolls += _roll(random, x, y, random.uniform(50, 110), thick)
    soft(place, rolls, shaded, 0.55)
    body = [(x + 6, y - ry * 0.9, rx * 0.85, ry * 0.6) for x, y, rx, ry in rolls]
    soft(place, body[::2], middle, 0.5)
    soft(place, body[1::3], lit, 0.5)


def _roll(random: Random, x: float, y: float, wide: float, thick: float) -> list[Oval]:
    """Returns three ovals in an uneven row."""
    return [
        (x + wide * at, y + random.uniform(-0.3, 0.3) * thick,
         wide * random.uniform(0.4, 0.7), thick * random.uniform(0.35, 0.75))
        for at in (-0.5, 0, 0.5)
    ]  # fmt: skip
