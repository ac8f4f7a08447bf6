"""Backdrop of a paved yard with garages."""

from random import Random

from voc_demo.backdrops.backdrop import HEIGHT, WIDTH, Backdrop
from voc_demo.backdrops.fronts import Wall
from voc_demo.backdrops.ground import FLAGS, TARS, draw_asphalt, draw_paving
from voc_demo.backdrops.heaven import draw_sky
from voc_demo.backdrops.place import Place, View
from voc_demo.backdrops.plants import draw_woods
from voc_demo.backdrops.weather import some_weather
from voc_demo.sketch import Sketch, mix, shade


def yard(random: Random) -> Backdrop:
    """A paved yard before the wall of a house, with a garage door in most."""
    view = View(HEIGHT * random.uniform(0.38, 0.5), WIDTH * random.uniform(0.3, 0.7))
    place = Place(random, some_weather(random), view, Sketch())
    depth = random.uniform(8, 12)
    floor = view.y(depth)
    draw_sky(place, view.horizon)
    draw_woods(place, depth + 40, 13, -20, WIDTH + 20)
    wall = Wall(place, (-depth, depth), (depth * 1.2, depth))
    tone = random.choice(("#d8cbb4", "#a3614d", "#c9c6bf", "#b98a6c", "#bcc3c4", "#e0d8c8"))
    high = random.choice((random.uniform(2.6, 3.4), random.uniform(5, 6.5)))
    _yard_wall(wall, tone, high)
    _yard_openings(place, wall, tone, high)
    if random.random() < 0.35:
        draw_asphalt(place, floor, HEIGHT + 2, random.choice(TARS))
    else:
        draw_paving(place, floor, HEIGHT + 2, random.choice(FLAGS), random.choice((0.3, 0.5, 0.8)))
    place.band(floor, floor + 7, place.veil("#26282c", 0.4, 0))
    return place.backdrop(floor)


def _yard_wall(wall: Wall, tone: str, high: float) -> None:
    """Masonry: bricks with courses, or plaster with stains."""
    random, length = wall.place.random, wall.length
    wall.panels([(0, 0, length, high)], wall.faded(shade(tone, 0.05), shade(tone, -0.14)))
    joints = wall.seen(shade(tone, -0.25)) + "70"
    if random.random() < 0.55:
        rows = round(high / 0.16)
        wall.panels([(0, 0.16 * row, length, 0.025) for row in range(rows)], joints)
        for change in (-0.16, 0.14):
            wall.panels(
                [
                    (random.uniform(0, length), 0.16 * random.randint(0, rows - 1), 0.3, 0.14)
                    for _ in range(70)
                ],
                wall.seen(shade(tone, change)) + "b0",
            )
    else:
        for _ in range(5):
            x, y = wall.at(random.uniform(0, length), random.uniform(0, high))
            stain = wall.place.soft(wall.seen(shade(tone, random.choice((-0.3, 0.2)))), 0.22)
            wall.place.sketch.ellipse(x, y, random.uniform(30, 80), random.uniform(15, 40), stain)
    cap = wall.seen(mix(tone, "#8f8a82", 0.6))
    wall.panels([(0, high, length, 0.12)], cap)
    wall.panels(
        [(0, high - 0.14, length, 0.14), (0, 0, length, 0.3)], wall.seen(shade(tone, -0.3)) + "80"
    )


def _yard_openings(place: Place, wall: Wall, tone: str, high: float) -> None:
    """Garage doors, windows, a lamp and a rain pipe."""
    random, x = place.random, wall.length * 0.2
    colour = random.choice(("#e4e2dc", "#6f7f76", "#8c5f4a", "#7d8790", "#a58b6c", "#5c6670"))
    while x < wall.length * 0.85:
        kind = random.random()
        if kind < 0.5:
            _garage(wall, x, colour)
            x += 3.2
        elif kind < 0.75:
            _yard_window(wall, x, tone)
            x += 1.5
        else:
            wall.panels([(x, 0, 0.12, high)], wall.faded(shade("#7d8083", 0.2), "#6a6d70"))
            wall.panels([(x - 0.03, y, 0.18, 0.06) for y in (0.7, 2)], wall.seen("#55585b"))
        x += random.uniform(0.7, 1.6)


def _garage(wall: Wall, x: float, colour: str) -> None:
    """An up-and-over door with panels, or a pair of boarded leaves."""
    random, wide, high = wall.place.random, 2.6, 2.2
    frame, dark = wall.seen(mix(colour, "#e8e4da", 0.5)), wall.seen(shade(colour, -0.3))
    wall.panels([(x - 0.12, 0, wide + 0.24, high + 0.14)], frame)
    wall.panels([(x, 0, wide, high)], wall.faded(shade(colour, 0.02), shade(colour, -0.16)))
    kind = random.choice(("panels", "boards", "ribs"))
    if kind == "panels":
        cells = [
            (x + 0.1 + 0.63 * column, 0.1 + 0.52 * row, 0.5, 0.4)
            for column in range(4)
            for row in range(4)
        ]
        wall.panels(cells, dark + "70")
        wall.panels([(a + 0.03, b + 0.02, c - 0.05, d - 0.06) for a, b, c, d in cells],
                    wall.seen(shade(colour, 0.04)))  # fmt: skip
    elif kind == "boards":
        wall.panels([(x + 0.2 * board, 0, 0.025, high) for board in range(1, 13)], dark + "90")
        wall.panels([(x + wide / 2 - 0.03, 0, 0.06, high)], dark)
    else:
        wall.panels([(x, 0.13 * rib, wide, 0.04) for rib in range(1, 17)], dark + "80")
    wall.panels([(x + wide / 2 - 0.1, 0.95, 0.2, 0.05)], wall.seen("#3c3e40"))
    wall.panels([(x, high - 0.1, wide, 0.1)], wall.seen("#2c2c2c") + "70")


def _yard_window(wall: Wall, x: float, tone: str) -> None:
    trim, sky = wall.seen("#e6e2d8"), wall.place.weather.sky
    wall.panels([(x - 0.08, 1.02, 1.16, 1.2)], wall.seen(shade(tone, -0.35)))
    wall.panels([(x, 1.1, 1, 1.1)], trim)
    glass = [(x + 0.07, 1.17, 0.4, 0.96), (x + 0.53, 1.17, 0.4, 0.96)]
    wall.panels(glass, wall.place.sketch.gradient(mix("#56636d", sky[0], 0.4), "#48525a"))
    wall.panels([(x - 0.1, 0.98, 1.2, 0.09)], trim)
