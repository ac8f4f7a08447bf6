"""The top of a table from close, before a room that is out of focus."""

from random import Random

from voc_demo.backdrops.backdrop import HEIGHT, WIDTH, Backdrop
from voc_demo.backdrops.walls import wall_colour
from voc_demo.sketch import Point, Sketch, clear, hsl, mix, shade

_WOODS = ("#a9774a", "#8a5a36", "#c79c6b", "#5d3d29", "#d9bd95", "#9c8468")
_STONES = ("#e6e3dd", "#3f4143", "#b9b4ab", "#d7cfc2")


def close_up(random: Random) -> Backdrop:
    """Draws the surface below and the blurred room above it."""
    sketch = Sketch()
    horizon = random.uniform(70, 115)
    edge = random.uniform(218, 262)
    evening = random.random() < 0.35
    wall = wall_colour(random)
    wall = mix(wall, "#4a3020", 0.4) if evening else wall
    _room(sketch, edge, wall, evening, random)
    random.choice((_boards, _boards, _stone, _cloth))(sketch, edge, horizon, random)
    lit = random.choice((-1, 1))
    _light(sketch, edge, lit, evening)
    light = "#ffd9a8" if evening else "#fff4e4"
    return Backdrop(sketch.svg(), horizon, edge, light)


def _room(sketch: Sketch, edge: float, wall: str, evening: bool, random: Random) -> None:
    """Draws what stands behind, as if through a lens that is focused nearer."""
    lit = random.choice((-1, 1))
    tones = [shade(wall, 0.14), wall, shade(wall, -0.25)][::lit]
    sketch.rect(0, 0, WIDTH, edge, sketch.gradient(*tones, horizontal=True))
    kinds = [_window, _shelves, _frame, _curtain, _tall_door, _lamp]
    places = random.sample(range(4), 3)
    for place, kind in zip(places, random.sample(kinds, 3), strict=True):
        kind(sketch, -20 + place * 135 + random.uniform(-20, 20), edge, evening, random)
    if evening or random.random() < 0.3:
        for _ in range(random.randint(3, 8)):
            colour = random.choice(("#ffd690", "#ffe9c4", "#ffb870", "#fff6e6"))
            x, y = random.uniform(0, WIDTH), random.uniform(10, edge - 50)
            sketch.circle(x, y, random.uniform(7, 19), clear(colour, random.uniform(0.15, 0.35)))
    sketch.rect(0, edge - 46, WIDTH, 46, sketch.gradient("#1a100800", "#1a100866"))


def _soft(
    sketch: Sketch, x: float, y: float, wide: float, tall: float, colour: str, blur: float = 11
) -> None:
    """Adds a rectangle out of focus: thin see-through layers, each smaller than the last."""
    layers = 7
    for layer in range(layers):
        out = blur * (1 - 2 * layer / (layers - 1)) * 0.5
        out = max(out, -min(wide, tall) / 2 + 0.5)
        fill = clear(colour, 1 / (layers - layer + 0.2))
        sketch.rect(x - out, y - out, wide + 2 * out, tall + 2 * out, fill, out + blur * 0.6)


def _window(sketch: Sketch, x: float, edge: float, evening: bool, random: Random) -> None:
    """Adds a window; in the evening it is dark."""
    wide = random.uniform(90, 150)
    frame = "#7a6a58" if evening else "#e3dfd5"
    sky = (
        random.choice(("#2b3a58", "#4a4a66")) if evening else random.choice(("#eef4f8", "#f8f7ef"))
    )
    low = edge - 62
    _soft(sketch, x, -40, wide, low + 40, frame)
    half = wide / 2 - 11
    green = mix(hsl(random.uniform(75, 130), 0.35, 0.5), sky, 0.45)
    for left in (x + 8, x + wide / 2 + 3):
        _soft(sketch, left, -40, half, low + 30, sky)
        _soft(
            sketch, left + 3, low - random.uniform(42, 70), half - 6, 34, mix(green, sky, 0.2), 16
        )
    if not evening:
        glow = sketch.glow("#ffffff77", "#ffffff00", x=0.5, y=0.5, radius=0.5)
        sketch.ellipse(x + wide / 2, low / 2, wide * 0.9, low * 0.6, glow)


def _shelves(sketch: Sketch, x: float, edge: float, _: bool, random: Random) -> None:
    """Adds a case of books."""
    wood = random.choice(_WOODS)
    wide = random.uniform(100, 150)
    _soft(sketch, x, -40, wide, edge + 60, shade(wood, -0.25))
    for row in range(4):
        floor = 26.0 + row * 58
        if floor > edge:
            break
        _soft(sketch, x + 5, floor - 46, wide - 10, 44, shade(wood, -0.5), 8)
        at = x + 8
        while at < x + wide - 18:
            thick = random.uniform(8, 15)
            tone = mix(hsl(random.uniform(0, 360), 0.3, 0.5), "#b5a48c", 0.45)
            tall = random.uniform(26, 40)
            _soft(sketch, at, floor - tall, thick, tall, tone, 7)
            at += thick + random.choice((1, 1, 1, 14))


def _frame(sketch: Sketch, x: float, edge: float, _: bool, random: Random) -> None:
    """Adds a picture on the wall."""
    wide, tall = random.uniform(60, 100), random.uniform(60, 95)
    hue = random.uniform(0, 360)
    y = random.uniform(10, edge - tall - 70)
    _soft(sketch, x, y, wide, tall, random.choice(("#3a332d", "#b3925f", "#e5dfd2")))
    _soft(sketch, x + 8, y + 8, wide - 16, tall - 16, hsl(hue, 0.14, 0.72))
    _soft(sketch, x + 12, y + tall * 0.5, wide - 24, tall * 0.34, hsl(hue + 40, 0.18, 0.52), 14)


def _curtain(sketch: Sketch, x: float, edge: float, _: bool, random: Random) -> None:
    """Adds a curtain in folds."""
    colour = hsl(random.uniform(0, 360), random.uniform(0.04, 0.17), random.uniform(0.45, 0.75))
    dark, light = shade(colour, -0.16), shade(colour, 0.1)
    ends = (clear(dark, 0), dark), (dark, clear(dark, 0))
    folds = [*ends[0], light, dark, light, dark, light, dark, light, *ends[1]]
    fill = sketch.gradient(*folds, horizontal=True)
    sketch.rect(x, 0, random.uniform(80, 125), edge, fill)


def _tall_door(sketch: Sketch, x: float, edge: float, _: bool, random: Random) -> None:
    """Adds a door."""
    tone = random.choice(("#d9d3c6", "#7d6a55", "#8c989a"))
    _soft(sketch, x, -40, 110, edge + 70, tone)
    _soft(sketch, x + 18, 10, 74, edge - 100, shade(tone, -0.12))


def _lamp(sketch: Sketch, x: float, edge: float, evening: bool, random: Random) -> None:
    """Adds a lamp with its glow."""
    x, y = x + 40, random.uniform(60, 110)
    warm = "#ffd892" if evening else "#fff0cc"
    glow = sketch.glow(
        clear(warm, 0.75), clear(warm, 0.25), clear(warm, 0), x=0.5, y=0.5, radius=0.5
    )
    sketch.circle(x, y, 88, glow)
    _soft(sketch, x - 2, y + 10, 4, edge - y, "#6a5a48", 5)
    _soft(sketch, x - 24, y - 20, 48, 38, mix(warm, "#fff6df", 0.5))


def _far(x: float, y: float, horizon: float) -> float:
    """Returns the x at the lower edge of a line from the vanishing point through (x, y)."""
    return WIDTH / 2 + (x - WIDTH / 2) * (HEIGHT - horizon) / (y - horizon)


def _boards(sketch: Sketch, edge: float, horizon: float, random: Random) -> None:
    """Draws a table of planks, along or across."""
    wood = random.choice(_WOODS)
    random.choice((_planks_across, _planks_along))(sketch, edge, horizon, wood, random)
    sketch.rect(0, edge - 1.5, WIDTH, 3, clear(shade(wood, 0.25), 0.55))


def _planks_across(
    sketch: Sketch, edge: float, horizon: float, wood: str, random: Random
) -> None:  # fmt: skip
    y = edge
    while y < HEIGHT:
        tall = (y - horizon) * 0.17
        sketch.rect(0, y, WIDTH, tall, shade(wood, random.uniform(-0.1, 0.1)))
        for _ in range(5):
            at, x = y + random.uniform(0.1, 0.9) * tall, random.uniform(-100, WIDTH)
            points = [(x, at), (x + 90, at + random.uniform(-2, 2)), (x + 200, at)]
            sketch.curve(points, clear(shade(wood, -0.28), 0.35), 0.8)
        sketch.rect(0, y, WIDTH, 1.4, shade(wood, -0.32))
        y += tall


def _planks_along(
    sketch: Sketch, edge: float, horizon: float, wood: str, random: Random
) -> None:  # fmt: skip
    wide = random.uniform(38, 64)
    for index in range(-8, 9):
        left, right = WIDTH / 2 + index * wide, WIDTH / 2 + (index + 1) * wide
        tone = shade(wood, random.uniform(-0.1, 0.1))
        sketch.polygon(_lane(left, right, edge, horizon), tone, shade(wood, -0.3), 0.8)
        for _ in range(4):
            x = random.uniform(left, right)
            ends = [(x, edge), (_far(x, edge, horizon), HEIGHT)]
            sketch.line(ends, clear(shade(wood, -0.3), 0.3), 0.8)


def _lane(left: float, right: float, edge: float, horizon: float) -> list[Point]:
    """Returns a strip of the surface that runs to the vanishing point."""
    far = (_far(right, edge, horizon), HEIGHT), (_far(left, edge, horizon), HEIGHT)
    return [(left, edge), (right, edge), *far]


def _stone(sketch: Sketch, edge: float, _: float, random: Random) -> None:
    """Draws a worktop of polished stone with veins or flecks."""
    stone = random.choice(_STONES)
    sketch.rect(0, edge, WIDTH, HEIGHT - edge, stone)
    for _ in range(random.randint(5, 9)):
        x, y = random.uniform(-60, WIDTH), random.uniform(edge, HEIGHT)
        points = [(x + 45 * step, y + random.uniform(-9, 9) + step * 5) for step in range(5)]
        vein = clear(shade(stone, random.choice((-0.22, 0.3))), 0.35)
        sketch.curve(points, vein, random.uniform(0.6, 2.2))
    for _ in range(40):
        at = (random.uniform(0, WIDTH), edge + (HEIGHT - edge) * random.random() ** 0.8)
        sketch.ellipse(*at, 1.5, 0.7, clear(shade(stone, random.choice((-0.3, 0.3))), 0.5))
    sketch.rect(0, edge - 1.5, WIDTH, 3, clear(shade(stone, 0.3), 0.55))


def _cloth(sketch: Sketch, edge: float, horizon: float, random: Random) -> None:
    """Draws a table with a cloth, plain or in checks."""
    cloth = hsl(random.uniform(0, 360), random.uniform(0.05, 0.3), random.uniform(0.6, 0.86))
    other = hsl(random.uniform(0, 360), 0.35, 0.5)
    tint = clear(random.choice((shade(cloth, -0.3), shade(cloth, 0.5), other)), 0.3)
    sketch.rect(0, edge, WIDTH, HEIGHT - edge, cloth)
    if random.random() < 0.7:
        wide = random.uniform(22, 40)
        for index in range(-12, 13):
            left = WIDTH / 2 + index * wide
            sketch.polygon(_lane(left, left + wide / 2, edge, horizon), tint)
        y = edge
        while y < HEIGHT:
            tall = (y - horizon) * wide / 500
            sketch.rect(0, y, WIDTH, tall, tint)
            y += 2 * tall
    sketch.rect(0, edge - 1.5, WIDTH, 3, clear(shade(cloth, 0.3), 0.55))


def _light(sketch: Sketch, edge: float, lit: int, evening: bool) -> None:
    """Lays the light of a window, the dark far edge and the dim corners over the surface."""
    tall = HEIGHT - edge
    sketch.rect(0, edge, WIDTH, tall * 0.3, sketch.gradient("#140a0444", "#140a0400"))
    warm = "#ffe0aa" if evening else "#fffaf0"
    glow = sketch.glow(
        clear(warm, 0.45), clear(warm, 0.18), clear(warm, 0), x=0.5, y=0.5, radius=0.5
    )
    sketch.ellipse(WIDTH / 2 + lit * 120, edge + tall * 0.42, 190, tall * 0.5, glow)
    shadow = ["#120a0600", "#120a0650"][::lit]
    sketch.rect(0 if lit < 0 else WIDTH * 0.6, edge, WIDTH * 0.4, tall,
                sketch.gradient(*shadow, horizontal=True))  # fmt: skip
    sketch.rect(0, HEIGHT - 36, WIDTH, 36, sketch.gradient("#120a0600", "#120a0638"))
