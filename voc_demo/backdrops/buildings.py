"""House fronts, seen straight on or slanting away along a street."""

from collections.abc import Sequence

from voc_demo.backdrops.fronts import House, Panel, Wall
from voc_demo.backdrops.place import Place
from voc_demo.backdrops.shops import draw_shop
from voc_demo.sketch import mix, shade

_FAR = 48.0  # metres, beyond which fronts need no details


def draw_row(
    place: Place, houses: Sequence[House], span: tuple[float, float], depth: float
) -> None:
    """Draws houses side by side, straight on, from x = span[0] to span[1]."""
    x, end = span
    for house in houses:
        if x > end:
            return
        draw_house(Wall(place, (x, depth), (x + house.width, depth)), house)
        x += house.width


def draw_house(wall: Wall, house: House) -> None:
    """Draws one house front with its roof onto a wall."""
    width, eaves = wall.length, house.eaves
    _roof(wall, house)
    wall.panels(
        [(0, 0, width, eaves)], wall.faded(shade(house.wall, 0.06), shade(house.wall, -0.12))
    )
    count = max(1, int((width - 0.3) / house.bay))
    edge = (width - count * house.bay) / 2
    bays = [edge + house.bay * (index + 0.5) for index in range(count)]
    if wall.depth > _FAR:
        _far_windows(wall, house, bays)
        return
    if house.style == "brick":
        _courses(wall, house)
    if house.style == "modern":
        _ribbon_windows(wall, house)
    else:
        _windows(wall, house, bays)
    _mouldings(wall, house)
    if house.shop:
        draw_shop(wall, house)
    else:
        _ground_floor(wall, house, bays)


def _far_windows(wall: Wall, house: House, bays: Sequence[float]) -> None:
    """Windows, shop and cornice of a front far away."""
    wide, high = house.bay * 0.42, house.storey * 0.55
    first = 1 if house.shop else 0
    frames = [
        (x - wide / 2, 0.5 + house.storey * (floor + 0.25), wide, high)
        for floor in range(first, house.storeys)
        for x in bays
    ]
    wall.panels([(x - 0.1, y - 0.14, w + 0.2, h + 0.24) for x, y, w, h in frames],
                wall.seen(house.trim))  # fmt: skip
    wall.panels(frames, mix(wall.seen("#4a5560"), wall.place.weather.sky[0], 0.3))
    _lit(wall, frames)
    if house.shop:
        wall.panels([(0.25, 0, wall.length - 0.5, house.storey)], wall.seen(house.accent))
        wall.panels([(0.5, 0.5, wall.length - 1, house.storey * 0.6)], wall.seen("#4d5358"))
    wall.panels([(-0.1, house.eaves - 0.3, wall.length + 0.2, 0.3)], wall.seen(house.trim))


def _roof(wall: Wall, house: House) -> None:
    random, width, eaves = wall.place.random, wall.length, house.eaves
    tiles = wall.faded(shade(house.roof, 0.1), shade(house.roof, -0.14))
    chimney = wall.seen(mix(house.roof, "#8a7a70", 0.5))
    rise = random.uniform(2.2, 3.2)
    if house.top in ("eaves", "mansard"):
        at = random.uniform(0.15, 0.75) * width
        wall.panels([(at, eaves, 0.9, rise + random.uniform(0.5, 1.1))], chimney)
    if house.top == "eaves":
        wall.polygon(
            [(-0.15, eaves - 0.1), (0.1, eaves + rise), (width - 0.1, eaves + rise),
             (width + 0.15, eaves - 0.1)], tiles,
        )  # fmt: skip
    elif house.top == "gable":
        wall.polygon([(-0.3, eaves - 0.2), (width / 2, eaves + width * 0.52),
                      (width + 0.3, eaves - 0.2)], wall.seen(shade(house.roof, -0.15)))  # fmt: skip
        wall.polygon(
            [(0, eaves - 0.1), (width / 2, eaves + width * 0.46), (width, eaves - 0.1)],
            wall.seen(shade(house.wall, 0.06)),
        )
        _panes(wall, house, [(width / 2 - 0.5, eaves + 0.7, 1.0, 1.3)])
    elif house.top == "mansard":
        wall.polygon(
            [(0, eaves), (0.5, eaves + 2.9), (width - 0.5, eaves + 2.9), (width, eaves)], tiles
        )
        count = max(2, int(width / house.bay))
        dormers = [
            (width * (index + 0.5) / count - 0.55, eaves + 0.5, 1.1, 1.5) for index in range(count)
        ]
        wall.panels([(x - 0.2, y - 0.1, w + 0.4, h + 0.35) for x, y, w, h in dormers],
                    wall.seen(house.wall))  # fmt: skip
        _panes(wall, house, dormers)
    else:
        wall.panels([(-0.05, eaves, width + 0.1, 0.45)], wall.seen(shade(house.wall, -0.2)))


def _courses(wall: Wall, house: House) -> None:
    """Hints of single bricks and their courses."""
    random, width = wall.place.random, wall.length
    for tone in (shade(house.wall, -0.14), shade(house.wall, 0.12)):
        wall.panels(
            [(random.uniform(0, width - 0.5), random.uniform(0.4, house.eaves - 0.3),
              random.uniform(0.22, 0.6), 0.1) for _ in range(55)],
            wall.seen(tone) + "b0",
        )  # fmt: skip


def _windows(wall: Wall, house: House, bays: Sequence[float]) -> None:
    """Rows of upright windows on the upper floors."""
    wide, high = house.bay * 0.42, house.storey * 0.55
    frames = [
        (x - wide / 2, 0.5 + house.storey * floor + house.storey * 0.25, wide, high)
        for floor in range(1, house.storeys)
        for x in bays
    ]
    if not frames:
        return
    if house.style == "stone":
        wall.panels([(x - 0.22, y - 0.1, w + 0.44, h + 0.4) for x, y, w, h in frames],
                    wall.seen(shade(house.wall, 0.12)))  # fmt: skip
    if house.style == "brick":
        wall.panels(
            [(x - 0.1, y + h, w + 0.2, 0.25) for x, y, w, h in frames], wall.seen(house.trim)
        )
    if house.shutters:
        leaf = wide * 0.48
        wall.panels(
            [
                (x + side, y - 0.03, leaf, h + 0.06)
                for x, y, w, h in frames
                for side in (-leaf - 0.06, w + 0.06)
            ],
            wall.faded(shade(house.accent, 0.12), house.accent),
        )
    _panes(wall, house, frames)


def _panes(wall: Wall, house: House, frames: Sequence[Panel]) -> None:
    """Windows: reveal, frame, glass that mirrors the sky, curtains and sill."""
    random = wall.place.random
    sill = [(x - 0.12, y - 0.16, w + 0.24, 0.13) for x, y, w, h in frames]
    wall.panels([(x - 0.1, y - 0.42, w + 0.2, 0.28) for x, y, w, h in frames],
                wall.seen(shade(house.wall, -0.22)) + "90")  # fmt: skip
    wall.panels([(x - 0.07, y - 0.04, w + 0.14, h + 0.12) for x, y, w, h in frames],
                wall.seen(shade(house.wall, -0.35)))  # fmt: skip
    wall.panels(frames, wall.seen(house.trim))
    glass = []
    for x, y, w, h in frames:
        half = w / 2 - 0.09
        for left in (x + 0.07, x + w / 2 + 0.03):
            glass += [(left, y + 0.07, half, h * 0.66), (left, y + h * 0.76, half, h * 0.2)]
    sky = wall.place.weather.sky
    wall.panels(glass, wall.place.sketch.gradient(
        mix(wall.seen("#4a5560"), sky[0], 0.3), wall.seen("#434c55")))  # fmt: skip
    mirrors = [panel for panel in glass if random.random() < 0.3]
    wall.panels(mirrors, mix(sky[0], sky[-1], 0.5) + "60")
    curtains = []
    for x, y, w, h in frames:
        if random.random() < 0.45:
            curtains += [
                (x + 0.08, y + 0.08, w * 0.2, h * 0.62),
                (x + w * 0.72, y + 0.08, w * 0.2, h * 0.62),
            ]
    wall.panels(curtains, wall.seen("#d9d2c4") + "b0")
    wall.panels(sill, wall.seen(shade(house.trim, -0.05)))
    _lit(wall, frames)


def _lit(wall: Wall, frames: Sequence[Panel]) -> None:
    """Lamps behind some windows when day ends."""
    if wall.place.weather.name not in ("dusk", "golden", "showers"):
        return
    chance = 0.4 if wall.place.weather.name == "dusk" else 0.12
    warm = [frame for frame in frames if wall.place.random.random() < chance]
    wall.panels([(x + 0.08, y + 0.08, w - 0.16, h - 0.16) for x, y, w, h in warm], "#ffd58a8c")


def _ribbon_windows(wall: Wall, house: House) -> None:
    """Long bands of glass between slabs."""
    width, sky = wall.length, wall.place.weather.sky
    bands = [
        (0.4, 0.5 + house.storey * floor + 0.9, width - 0.8, house.storey - 1.1)
        for floor in range(1, house.storeys)
    ]
    if not bands:
        return
    wall.panels(
        bands,
        wall.place.sketch.gradient(
            mix(wall.seen("#5a6872"), sky[0], 0.45), mix(wall.seen("#47525c"), sky[-1], 0.2)
        ),
    )
    posts = [
        (0.4 + (width - 0.8) * index / 8 - 0.04, y, 0.08, h)
        for x, y, w, h in bands for index in range(9)
    ]  # fmt: skip
    wall.panels(posts, wall.seen(house.trim))
    wall.panels(
        [(0, y - 0.14, width, 0.12) for _, y, _, _ in bands], wall.seen(shade(house.wall, 0.15))
    )
    _lit(wall, [(x + w * at, y, w * 0.12, h) for x, y, w, h in bands for at in (0.01, 0.26, 0.63)])


def _mouldings(wall: Wall, house: House) -> None:
    """Cornice, string course, plinth and the shadow between neighbours."""
    width, eaves = wall.length, house.eaves
    light, dark = wall.seen(shade(house.trim, -0.04)), wall.seen(shade(house.wall, -0.4))
    if house.style != "modern":
        wall.panels([(-0.1, eaves - 0.28, width + 0.2, 0.28)], light)
        wall.panels([(0, eaves - 0.5, width, 0.22)], dark + "60")
        first = 0.5 + house.storey
        wall.panels([(0, first - 0.08, width, 0.16)], light)
        wall.panels([(0, first - 0.2, width, 0.12)], dark + "50")
    wall.panels([(0, 0, width, 0.55)], wall.seen(shade(house.wall, -0.3)))
    wall.panels([(0, 0, 0.07, eaves)], dark + "90")


def _ground_floor(wall: Wall, house: House, bays: Sequence[float]) -> None:
    """A door and windows."""
    random = wall.place.random
    door = random.choice(list(bays))
    high = house.storey * 0.55
    frames = [(x - house.bay * 0.21, 1.2, house.bay * 0.42, high) for x in bays if x != door]
    if frames:
        _panes(wall, house, frames)
    wall.panels([(door - 0.68, 0, 1.36, 2.75)], wall.seen(house.trim))
    wall.panels([(door - 0.52, 0.12, 1.04, 2.1)],
                wall.faded(shade(house.accent, 0.08), shade(house.accent, -0.2)))  # fmt: skip
    wall.panels([(door - 0.52, 2.28, 1.04, 0.36)], wall.seen("#4c5862"))
    wall.panels(
        [(door + x, y, 0.34, h) for x in (-0.42, 0.08) for y, h in ((0.3, 0.7), (1.15, 0.9))],
        wall.seen(shade(house.accent, -0.3)) + "a0",
    )
    wall.panels([(door - 0.8, 0, 1.6, 0.14)], wall.seen("#b5b0a6"))
