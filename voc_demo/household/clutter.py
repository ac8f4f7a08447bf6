"""What stands about without being of any class: furniture to put things on, and obstacles."""

from random import Random

from voc_demo.figure import Figure
from voc_demo.sketch import Drawing, Sketch, hsl, mix, shade

_WOODS = ("#8a5a34", "#a9774a", "#5d4030", "#c49a6c", "#6f4a2f", "#d8c3a0", "#3f3530")


def draw_bench(random: Random) -> Drawing:
    """Draws a low board for a television, or a chest of drawers."""
    sketch = Sketch()
    width, height = random.uniform(110, 190), random.uniform(38, 62)
    colour = random.choice((*_WOODS, "#e6e3dc", "#3a3d42"))
    legs = random.uniform(4, 12)
    for x in (-0.45, 0.42):
        sketch.rect(x * width, -legs, 5, legs, shade(colour, -0.45))
    body = sketch.gradient(shade(colour, -0.05), shade(colour, -0.3))
    sketch.rect(-width / 2, -height, width, height - legs, body, 1.5)
    doors = random.choice((2, 3, 4))
    for index in range(doors):
        x = -width / 2 + 3 + index * (width - 4) / doors
        front = sketch.gradient(shade(colour, 0.12), shade(colour, -0.12))
        sketch.rect(x, -height + 7, (width - 4) / doors - 2, height - legs - 10, front, 1)
        sketch.circle(x + (width - 4) / doors / 2, -height + 12, 1.2, shade(colour, -0.55))
    sketch.rect(-width / 2 - 2, -height, width + 4, 4, shade(colour, 0.22), 1)
    half = width / 2 + 2
    return Drawing(sketch.svg(), -half, -height, half, surface=(-half * 0.8, half * 0.8, -height))


def draw_desk(random: Random) -> Drawing:
    """Draws a plain desk."""
    sketch = Sketch()
    width, height = random.uniform(115, 170), random.uniform(70, 76)
    colour = random.choice((*_WOODS, "#e9e6e0"))
    leg = mix(colour, random.choice(("#2b2d30", "#c9ccd0", colour)), 0.8)
    for x in (-0.47, 0.44):
        fill = sketch.gradient(shade(leg, 0.05), shade(leg, -0.35), horizontal=True)
        sketch.rect(x * width, -height + 3, 5, height - 3, fill, 1)
    if random.random() < 0.6:  # drawers on one side
        fill = sketch.gradient(shade(colour, -0.05), shade(colour, -0.28))
        sketch.rect(0.2 * width, -height + 4, 0.26 * width, 0.62 * height, fill, 1)
        for index in range(3):
            y = -height + 6 + index * 0.2 * height
            sketch.rect(0.21 * width, y, 0.24 * width, 0.18 * height, shade(colour, 0.06), 1)
            sketch.rect(0.3 * width, y + 0.07 * height, 0.06 * width, 1.5, shade(colour, -0.5))
    sketch.rect(-width / 2, -height, width, 3.5, shade(colour, 0.2), 1)
    sketch.rect(-width / 2, -height + 3, width, 2, shade(colour, -0.35))
    half = width / 2
    return Drawing(sketch.svg(), -half, -height, half, surface=(-half * 0.7, half * 0.7, -height))


def draw_outdoor_clutter(random: Random) -> Drawing:
    """Draws one of: bush, boulder, litter bin, traffic cone, hydrant, planks, crate."""
    return random.choice((_bush, _boulder, _bin, _cone, _crate))(random)


def draw_indoor_clutter(random: Random) -> Drawing:
    """Draws one of: floor lamp, ball, cardboard box, basket, heap of books."""
    return random.choice((_floor_lamp, _ball, _crate, _basket, _books))(random)


def _bush(random: Random) -> Drawing:
    sketch = Figure()
    width, height = random.uniform(60, 150), random.uniform(45, 110)
    green = hsl(random.uniform(75, 130), random.uniform(0.2, 0.45), random.uniform(0.22, 0.36))
    for layer, lightness in enumerate((-0.35, -0.1, 0.12)):
        for _ in range(12):
            radius = random.uniform(0.1, 0.18) * height
            x = random.uniform(-0.5, 0.5) * (width - 2.2 * radius)
            room = height * (1 - (2 * x / width) ** 2) - 2.2 * radius
            y = -radius * 1.1 - max(0, room) * (random.random() * 0.5 + layer * 0.25)
            fill = sketch.glow(shade(green, lightness + 0.14), shade(green, lightness - 0.12))
            sketch.ellipse(x, y, radius * 1.1, radius, fill)
    return sketch.drawing()


def _boulder(random: Random) -> Drawing:
    sketch = Sketch()
    width, height = random.uniform(50, 110), random.uniform(30, 60)
    grey = hsl(random.uniform(20, 60), 0.08, random.uniform(0.42, 0.6))
    outline = [(-0.5, 0.0), (-0.46, -0.5), (-0.2, -0.93), (0.16, -1.0), (0.42, -0.62), (0.5, 0.0)]
    points = [(x * width, y * height * random.uniform(0.86, 1)) for x, y in outline]
    sketch.polygon(points, sketch.gradient(shade(grey, 0.25), shade(grey, -0.4)))
    sketch.polygon(
        [points[1], points[2], points[3], (0, -0.5 * height)], shade(grey, 0.3), opacity=0.5
    )
    sketch.polygon([points[3], points[4], points[5], (0.1 * width, 0)], "#000000", opacity=0.15)
    top = min(y for _, y in points)
    return Drawing(sketch.svg(), -width / 2, top, width / 2)


def _bin(random: Random) -> Drawing:
    sketch = Sketch()
    height, half = random.uniform(80, 105), random.uniform(24, 30)
    colour = random.choice(("#2f5d3a", "#3d4348", "#2b4a75", "#6b3030"))
    fill = sketch.gradient(shade(colour, 0.2), shade(colour, -0.05), shade(colour, -0.4),
                           horizontal=True)  # fmt: skip
    sketch.polygon([(-half, -height + 8), (half, -height + 8), (half * 0.82, 0), (-half * 0.82, 0)],
                   fill)  # fmt: skip
    for x in (-0.6, -0.2, 0.2, 0.6):
        sketch.line([(x * half, -height + 12), (x * half * 0.85, -4)], shade(colour, -0.35), 1.5)
    sketch.rect(-half - 2, -height, 2 * half + 4, 9, shade(colour, 0.15), 3)
    return Drawing(sketch.svg(), -half - 2, -height, half + 2)


def _cone(random: Random) -> Drawing:
    sketch = Sketch()
    height = random.uniform(45, 75)
    half = height * 0.26
    fill = sketch.gradient("#ff8a4a", "#e2571b", "#a83c0e", horizontal=True)
    sketch.polygon([(-4, -height), (4, -height), (half, -3), (-half, -3)], fill)
    for low, high in ((0.3, 0.48), (0.62, 0.76)):
        wide = [4 + (half - 4) * (1 - at) for at in (low, high)]
        sketch.polygon(
            [(-wide[0], -low * height), (wide[0], -low * height), (wide[1], -high * height),
             (-wide[1], -high * height)],
            "#f4f1ea",
        )  # fmt: skip
    sketch.rect(-half * 1.25, -4, half * 2.5, 4, "#8d3210", 1)
    return Drawing(sketch.svg(), -half * 1.25, -height, half * 1.25)


def _crate(random: Random) -> Drawing:
    sketch = Sketch()
    width, height = random.uniform(40, 75), random.uniform(30, 55)
    colour = random.choice((*_WOODS[:4], "#c2a071", "#b98f60"))
    sketch.rect(-width / 2, -height, width, height, shade(colour, -0.35))
    slats = random.choice((1, 3, 4))
    for index in range(slats):
        y = -height + index * height / slats
        fill = sketch.gradient(shade(colour, 0.2), shade(colour, -0.1))
        sketch.rect(-width / 2, y + 0.6, width, height / slats - 1.2, fill)
    sketch.polygon(
        [(-width / 2, -height), (width / 2, -height), (width * 0.44, -height - 6),
         (-width * 0.44, -height - 6)],
        shade(colour, 0.35),
    )  # fmt: skip
    return Drawing(sketch.svg(), -width / 2, -height - 6, width / 2)


def _floor_lamp(random: Random) -> Drawing:
    sketch = Sketch()
    height = random.uniform(130, 170)
    metal = random.choice(("#2e2f33", "#b8a070", "#c9ccd0"))
    sketch.ellipse(0, -2, 16, 2, metal)
    sketch.rect(-1.2, -height + 20, 2.4, height - 21, metal)
    lamp = random.choice(("#f3e3c0", "#e8d2b0", "#d9e0dc", "#c8745a"))
    fill = sketch.gradient(shade(lamp, 0.4), lamp, shade(lamp, -0.2))
    sketch.polygon([(-13, -height), (13, -height), (22, -height + 34), (-22, -height + 34)], fill)
    return Drawing(sketch.svg(), -22, -height, 22)


def _ball(random: Random) -> Drawing:
    sketch = Sketch()
    radius = random.uniform(9, 24)
    colour = hsl(random.uniform(0, 360), 0.6, 0.5)
    sketch.circle(0, -radius, radius, sketch.glow(shade(colour, 0.5), colour, shade(colour, -0.5)))
    seam = [(-0.9, -0.7), (0.0, -1.2), (0.9, -0.8)]
    points = [(radius * x, radius * y) for x, y in seam]
    sketch.curve(points, shade(colour, 0.6), radius * 0.12)
    return Drawing(sketch.svg(), -radius, -2 * radius, radius)


def _basket(random: Random) -> Drawing:
    sketch = Sketch()
    half, height = random.uniform(18, 30), random.uniform(25, 42)
    colour = random.choice(("#b58a56", "#8f6a42", "#d0ae7c"))
    fill = sketch.gradient(shade(colour, -0.2), shade(colour, 0.2), shade(colour, -0.35),
                           horizontal=True)  # fmt: skip
    sketch.polygon([(-half, -height), (half, -height), (half * 0.85, 0), (-half * 0.85, 0)], fill)
    for row in range(1, 7):
        y = -height * row / 7
        reach = half * (0.83 + 0.15 * row / 7)
        sketch.line([(-reach, y), (reach, y)], shade(colour, -0.45), 1, opacity=0.6)
    sketch.ellipse(0, -height, half, 4, shade(colour, -0.5))
    return Drawing(sketch.svg(), -half, -height - 4, half)


def _books(random: Random) -> Drawing:
    sketch = Sketch()
    y, half = 0.0, 0.0
    for _ in range(random.randint(3, 7)):
        thick, width = random.uniform(2.5, 5), random.uniform(22, 32)
        x = random.uniform(-3, 3) - width / 2
        colour = hsl(random.uniform(0, 360), random.uniform(0.2, 0.55), random.uniform(0.3, 0.55))
        sketch.rect(x, y - thick, width, thick, colour, 0.5)
        sketch.rect(x + width - 3, y - thick + 0.6, 3, thick - 1.2, "#efe8d8")
        y, half = y - thick, max(half, -x, x + width)
    return Drawing(sketch.svg(), -half, y, half)
