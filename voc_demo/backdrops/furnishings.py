"""What stands before a wall: cases, cabinets, lamps, a fireplace; in centimetres like fittings."""

from random import Random

from voc_demo.sketch import Sketch, hsl, mix, shade

BOOKS = ("#7b3f35", "#39536b", "#5d6b4a", "#b08d57", "#d8d0bf", "#4a4650", "#8f6f5a", "#a8b0a4")


WOODS = ("#8a6242", "#a98058", "#6b4a33", "#c2a27a", "#d9cdb8", "#e4e1da", "#55606a")


def bookcase(sketch: Sketch, x: float, random: Random) -> None:
    """Draws a case full of books and boxes."""
    wide, shelves = random.uniform(70, 120), random.randint(4, 6)
    wood = random.choice(WOODS)
    tall = shelves * 36 + 10
    left = x - wide / 2
    standing(sketch, left, wide)
    sketch.rect(left, -tall, wide, tall, sketch.gradient(shade(wood, 0.08), shade(wood, -0.12)))
    for shelf in range(shelves):
        floor = -6 - 36.0 * shelf
        sketch.rect(
            left + 3,
            floor - 33,
            wide - 6,
            33,
            sketch.gradient(shade(wood, -0.55), shade(wood, -0.35)),
        )
        books(sketch, left + 4, left + wide - 4, floor, random)


def books(sketch: Sketch, left: float, right: float, floor: float, random: Random) -> None:
    """Fills a shelf."""
    at = left + random.uniform(0, 4)
    while at < right - 6:
        if random.random() < 0.1 and at < right - 26:
            box = random.choice(("#b59a74", "#9aa39c", "#c9beac"))
            sketch.rect(
                at, floor - 19, 22, 19, sketch.gradient(shade(box, 0.08), shade(box, -0.2)), 1
            )
            sketch.rect(at + 7, floor - 13, 8, 3, shade(box, -0.4), 1.4)
            at += 25
            continue
        if random.random() < 0.08:
            at += random.uniform(6, 16)
            continue
        thick, high = random.uniform(2.6, 6), random.uniform(19, 29)
        colour = mix(random.choice(BOOKS), "#8d8377", random.uniform(0, 0.35))
        sketch.rect(at, floor - high, thick, high, colour)
        sketch.rect(at, floor - high * 0.78, thick, 2, shade(colour, 0.2))
        at += thick + 0.3


def standing(sketch: Sketch, left: float, wide: float) -> None:
    """Draws the shadow of furniture on the wall behind it and on the floor before it."""
    sketch.rect(left - 9, -60, wide + 18, 60, sketch.gradient("#1a110a00", "#1a110a33"), 5)
    sketch.ellipse(
        left + wide / 2,
        1,
        wide * 0.56,
        7,
        sketch.glow("#1a110a88", "#1a110a00", x=0.5, y=0.5, radius=0.5),
    )


def cabinet(sketch: Sketch, x: float, random: Random) -> float:
    """Draws a low cabinet with doors or drawers; returns its height."""
    wide, tall = random.uniform(110, 170), random.uniform(56, 74)
    wood = random.choice(WOODS)
    left = x - wide / 2
    standing(sketch, left, wide)
    legs = random.choice((5.0, 16.0))
    for foot in (left + 9, left + wide - 13):
        sketch.rect(foot, -legs - 2, 4, legs + 2, shade(wood, -0.45))
    sketch.rect(
        left, -tall, wide, tall - legs, sketch.gradient(shade(wood, 0.04), shade(wood, -0.16)), 1
    )
    sketch.rect(left - 2, -tall - 3, wide + 4, 4, shade(wood, 0.22), 1)
    doors = random.randint(2, 4)
    for index in range(doors):
        at, size = left + 4 + (wide - 8) * index / doors, (wide - 8) / doors - 2
        sketch.rect(
            at, -tall + 4, size, tall - legs - 8, shade(wood, 0.06), 1, shade(wood, -0.4), 0.7
        )
        if index % 2 and random.random() < 0.7:
            for share in (0.33, 0.66):
                sketch.rect(at, -tall + 4 + share * (tall - legs - 8), size, 0.8, shade(wood, -0.4))
        sketch.circle(
            at + (size - 5 if index % 2 == 0 else 5), -tall / 2 - legs / 2, 1.4, "#d8c9a3"
        )
    return tall + 3


def floor_lamp(sketch: Sketch, x: float, random: Random, glowing: bool) -> None:
    """Draws a lamp on a pole, with its light if it glows."""
    tall = random.uniform(140, 165)
    metal = random.choice(("#3a3a3c", "#a58a57", "#7d8083"))
    sketch.ellipse(x, 0, 15, 3, shade(metal, -0.2))
    sketch.rect(x - 1.2, -tall, 2.4, tall, metal)
    lampshade(sketch, x, -tall, random, glowing)


def table_lamp(sketch: Sketch, x: float, y: float, random: Random, glowing: bool) -> None:
    """Draws a lamp that stands at a height on something."""
    body = hsl(random.uniform(0, 360), 0.18, random.uniform(0.4, 0.75))
    sketch.ellipse(x, -y - 11, 9, 11, sketch.glow(shade(body, 0.3), body, shade(body, -0.35)))
    sketch.rect(x - 1.2, -y - 27, 2.4, 8, "#8d7a55")
    lampshade(sketch, x, -y - 24, random, glowing, 0.75)


def lampshade(
    sketch: Sketch, x: float, y: float, random: Random, glowing: bool, size: float = 1
) -> None:
    """Draws a cloth shade whose lower edge is at y."""
    cloth = random.choice(("#efe4cc", "#e6dccb", "#d8c3a0", "#c9cdc9"))
    low, high, tall = 23 * size, random.uniform(12, 19) * size, 27 * size
    if glowing:
        reach = 92 * size
        sketch.circle(x, y - tall / 2, reach, sketch.glow("#ffd890aa", "#ffcf8040", "#ffc87000",
                                                          x=0.5, y=0.5, radius=0.5))  # fmt: skip
        cloth = mix(cloth, "#ffe2a4", 0.6)
    tones = [shade(cloth, amount) for amount in (-0.2, 0.25, 0.1, -0.25)]
    fill = sketch.gradient(*tones, horizontal=True)
    sketch.polygon([(x - high, y - tall), (x + high, y - tall), (x + low, y), (x - low, y)], fill)


def pendant(sketch: Sketch, x: float, y: float, random: Random, glowing: bool) -> None:
    """Draws a lamp that hangs from the ceiling, its lower edge at a height."""
    metal = random.choice(("#2f3336", "#b28b4a", "#d8d6d0", "#70807a", "#9a4f3a"))
    sketch.rect(x - 0.6, -y - 300, 1.2, 282, "#38332e")
    if glowing:
        sketch.circle(
            x, -y, 74, sketch.glow("#ffdf9cbb", "#ffd08040", "#ffc87000", x=0.5, y=0.5, radius=0.5)
        )
    wide = random.uniform(17, 25)
    curve = f"M{-wide:.4g} 0C{-wide:.4g} -16 -6 -18 -3 -22h6C6 -18 {wide:.4g} -16 {wide:.4g} 0z"
    tones = [shade(metal, amount) for amount in (-0.25, 0.3, 0, -0.4)]
    with sketch.moved(x, -y):
        sketch.path(curve, sketch.gradient(*tones, horizontal=True))
    sketch.ellipse(x, -y, wide, 2.6, "#fff0c4" if glowing else shade(metal, -0.5))


def fireplace(sketch: Sketch, x: float, random: Random, burning: bool) -> None:
    """Draws a mantelpiece around a hearth."""
    stone = random.choice(("#e6e1d6", "#cfc8bb", "#8f8a84", "#7b5b48"))
    standing(sketch, x - 76, 152)
    sketch.rect(x - 76, -112, 152, 112, sketch.gradient(shade(stone, 0.08), shade(stone, -0.12)))
    sketch.rect(x - 84, -121, 168, 10, sketch.gradient(shade(stone, 0.3), shade(stone, -0.2)), 1)
    for left in (-70, 52):
        sketch.rect(x + left, -104, 18, 104, shade(stone, -0.08), 0, shade(stone, -0.25), 0.8)
    hearth = f"M{x - 44:.4g} 0v-66q44 -30 88 0v66z"
    sketch.path(hearth, sketch.gradient("#15110f", "#2b211b"))
    if burning:
        sketch.ellipse(
            x, -14, 60, 52, sketch.glow("#ff9a3c99", "#ff7a2000", x=0.5, y=0.6, radius=0.5)
        )
        for shift, tall in ((-16, 26), (-4, 40), (9, 31), (19, 20)):
            side = f"{tall * 0.5:.4g} 8 {tall}"
            d = f"M{x + shift - 8:.4g} -4q0 -{tall * 0.5:.4g} 8 -{tall}q8 {side}z"
            sketch.path(d, sketch.gradient("#f8b24a", "#ffe49a"), opacity=0.85)
    for angle in (-8, 9):
        with sketch.moved(x, -6, angle):
            sketch.rect(-28, -3, 56, 7, sketch.gradient("#5b402c", "#33231a"), 3)


def shelf(sketch: Sketch, x: float, y: float, wide: float, random: Random) -> None:
    """Draws a board on the wall with books or crockery on it."""
    wood = random.choice(WOODS)
    left = x - wide / 2
    sketch.rect(left + 2, -y + 3, wide, 9, sketch.gradient("#1a110a44", "#1a110a00"))
    if random.random() < 0.5:
        books(sketch, left + 3, left + wide * random.uniform(0.55, 0.95), -y, random)
    else:
        crockery(sketch, left + 4, left + wide - 4, -y, random)
    sketch.rect(left, -y, wide, 3.4, sketch.gradient(shade(wood, 0.2), shade(wood, -0.2)))


def crockery(sketch: Sketch, left: float, right: float, y: float, random: Random) -> None:
    """Draws bowls, cups, jars and stacked plates in a row, standing at y."""
    at = left + 5
    while at < right - 14:
        tone = random.choice(("#e6e0d4", "#a9b6b3", "#c2a385", "#7f8f96", "#d5c3a3", "#b9776a"))
        fill = sketch.gradient(
            shade(tone, -0.15), shade(tone, 0.2), shade(tone, -0.25), horizontal=True
        )
        kind = random.choice(("bowl", "cup", "jar", "plates"))
        if kind == "bowl":
            sketch.path(f"M{at:.4g} {y - 9:.4g}h20q-2 9 -7 9h-6q-5 0 -7 -9z", fill)
            at += 24
        elif kind == "cup":
            sketch.rect(at, y - 9, 9, 9, fill, 2)
            sketch.circle(at + 10, y - 5, 2.6, None, tone, 1.2)
            at += 15
        elif kind == "jar":
            sketch.rect(at, y - 17, 13, 17, fill, 2.5)
            sketch.rect(at + 0.5, y - 20, 12, 4, "#8a6a48", 1)
            at += 17
        else:
            for row in range(5):
                sketch.rect(at, y - 2 - row * 2, 22, 1.8, shade(tone, 0.2 - 0.06 * (row % 2)), 0.9)
            at += 26
