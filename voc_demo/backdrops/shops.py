"""Shops on the ground floors of house fronts."""

from voc_demo.backdrops.fronts import House, Wall
from voc_demo.sketch import mix, shade


def draw_shop(wall: Wall, house: House) -> None:
    """Draws show windows below a fascia, an awning in some."""
    random, width = wall.place.random, wall.length
    top = 0.3 + house.storey
    frame = wall.faded(house.accent, shade(house.accent, -0.25))
    wall.panels([(0.25, 0, width - 0.5, top)], frame)
    door = random.choice((0.5, width / 2 - 0.6, width - 1.7))
    panes = [(0.5, door - 0.15), (door + 1.35, width - 0.5)]
    shown = [(left, 0.55, right - left, top - 1.35) for left, right in panes if right - left > 0.6]
    sky = wall.place.weather.sky
    dark = wall.place.sketch.gradient(
        mix(wall.seen("#56616a"), sky[-1], 0.3), wall.seen("#4d4943"), wall.seen("#6a6155")
    )
    wall.panels([*shown, (door + 0.12, 0.3, 0.96, top - 1.1)], dark)
    for tone in ("#c2b49a", "#8e9a94", "#a07c68"):
        goods = [
            (x + w * random.uniform(0.04, 0.85), 0.6, w * random.uniform(0.05, 0.12),
             random.uniform(0.25, 0.8)) for x, _, w, _ in shown for _ in range(3)
        ]  # fmt: skip
        wall.panels(goods, wall.seen(tone) + "90")
    gleams = [
        [
            (x + w * 0.2, 0.55),
            (x + w * 0.5, top - 0.8),
            (x + w * 0.66, top - 0.8),
            (x + w * 0.36, 0.55),
        ]
        for x, _, w, _ in shown
    ]
    for gleam in gleams:
        wall.polygon(gleam, sky[-1] + "38")
    if wall.place.weather.name in ("dusk", "golden"):
        wall.panels(shown, "#ffd58a55")
    wall.panels([(0.25, top - 0.72, width - 0.5, 0.62)], wall.seen(shade(house.accent, -0.1)))
    _lettering(wall, width, top)
    if random.random() < 0.55:
        _awning(wall, house, top)


def _lettering(wall: Wall, width: float, top: float) -> None:
    """Marks that read as a shop's name from afar."""
    random = wall.place.random
    x, marks = width * random.uniform(0.2, 0.4), []
    for _ in range(random.randint(4, 9)):
        wide = random.uniform(0.14, 0.3)
        marks.append((x, top - 0.54, wide, random.choice((0.26, 0.26, 0.2))))
        x += wide + 0.1
    wall.panels(marks, wall.seen("#e9e2cf") + "c8")


def _awning(wall: Wall, house: House, top: float) -> None:
    """A striped or plain cloth above the show windows, with a scalloped edge."""
    random, width = wall.place.random, wall.length
    cloth = random.choice((house.accent, "#8f4a42", "#4e6f5c", "#c2b08c", "#4f6582"))
    left, right, low = 0.35, width - 0.35, top - 1.55
    count = round((right - left) / 0.45)
    step = (right - left) / count
    plain = random.random() < 0.4
    for odd, tone in ((0, shade(cloth, 0.1)), (1, shade(cloth, 0.1) if plain else "#e8e2d4")):
        stripes = "".join(
            wall.outline(
                [
                    (left + step * index + 0.1, top - 0.62),
                    (left + step * index - 0.12, low),
                    (left + step * (index + 0.5) - 0.12, low - 0.22),
                    (left + step * (index + 1) - 0.12, low),
                    (left + step * (index + 1) + 0.1, top - 0.62),
                ]
            )
            for index in range(odd, count, 2)
        )
        wall.place.sketch.path(stripes, wall.faded(shade(tone, 0.06), shade(tone, -0.16)))
    wall.panels([(left, low - 0.75, right - left, 0.5)], wall.seen("#2e2c2a") + "48")
