"""Fittings of kitchens and offices, drawn in centimetres: x along the wall, y up from 0 to -y."""

from random import Random

from voc_demo.backdrops.furnishings import crockery
from voc_demo.sketch import Sketch, hsl, mix, shade

_FRONTS = ("#e9e6de", "#dcd8cc", "#8fa097", "#5f7482", "#a97f57", "#6d7a6a", "#c9b79a", "#3f4a52")
_WORKTOPS = ("#a9794e", "#d8d4cc", "#4b4a4a", "#c7a57a", "#8d8a86")


def splashback(sketch: Sketch, left: float, right: float, random: Random) -> None:
    """Draws tiles between worktop and wall cupboards."""
    colour = random.choice(("#ece9e1", "#dfe5e2", "#bfcfd0", "#d9cbb4", "#9fb3ad"))
    sketch.rect(left, -152, right - left, 62, sketch.gradient(shade(colour, -0.12), colour))
    wide, tall = random.choice(((15, 15), (20, 10), (10, 10)))
    lines = [
        f"M{left:.4g} {-90 - tall * row}h{right - left:.4g}" for row in range(1, 62 // tall + 1)
    ]
    for row in range(62 // tall):
        shift = wide / 2 * (row % 2) if wide > tall else 0
        for column in range(int(left / wide) + 1, int(right / wide)):
            lines.append(f"M{column * wide + shift:.4g} {-90 - tall * row}v{-tall}")
    sketch.path("".join(lines), None, shade(colour, -0.16), 0.7)


def cupboards(
    sketch: Sketch, left: float, right: float, free: float | None, random: Random
) -> None:  # fmt: skip
    """Draws a row of units with a worktop, an oven and a tap, and cupboards above.

    Nothing hangs around `free`, where a window is.
    """
    front, top = random.choice(_FRONTS), random.choice(_WORKTOPS)
    count = max(round((right - left) / 58), 1)
    wide = (right - left) / count
    oven, sink = random.randrange(count), random.randrange(count)
    hangs = random.random() < 0.75
    for index in range(count):
        x = left + index * wide
        hanging = hangs and (free is None or abs(x + wide / 2 - free) > 115 + wide / 2)
        if index == oven:
            _oven(sketch, x, wide, front)
        else:
            _unit(sketch, x, wide, front, random)
        if index == oven and hanging:
            _hood(sketch, x, wide, random)
        elif hanging and random.random() < 0.8:
            _wall_cupboard(sketch, x, wide, front)
    sketch.rect(left, -88, right - left, 8, sketch.gradient("#00000044", "#00000000"))
    sketch.rect(
        left - 1, -92, right - left + 2, 5, sketch.gradient(shade(top, 0.22), shade(top, -0.2))
    )
    sketch.rect(left, -8, right - left, 8, sketch.gradient("#241a14", "#120c08"))
    for index in range(count):
        x = left + index * wide
        if index == sink != oven:
            _tap(sketch, x + wide / 2)
        elif index != oven and random.random() < 0.55:
            crockery(sketch, x, x + wide * random.uniform(0.7, 1), -92, random)


def _unit(sketch: Sketch, x: float, wide: float, front: str, random: Random) -> None:
    sketch.rect(x, -88, wide, 80, shade(front, -0.35))
    fill = sketch.gradient(shade(front, 0.05), shade(front, -0.13))
    if random.random() < 0.35:
        for y, tall in ((-86, 20), (-65, 27), (-37, 28)):
            sketch.rect(x + 1, y, wide - 2, tall, fill, 0.8)
            sketch.rect(x + wide / 2 - 8, y + 4, 16, 1.8, "#b9b6ae", 0.9)
    else:
        sketch.rect(x + 1, -86, wide - 2, 77, fill, 0.8)
        sketch.rect(x + 6, -80, wide - 12, 65, None, 0.8, shade(front, -0.2), 0.9)
        sketch.rect(x + wide - 6, -78, 1.8, 14, "#b9b6ae", 0.9)


def _wall_cupboard(sketch: Sketch, x: float, wide: float, front: str) -> None:
    sketch.rect(x, -150, wide, 9, sketch.gradient("#1a110a44", "#1a110a00"))
    sketch.rect(x, -224, wide, 74, shade(front, -0.3))
    fill = sketch.gradient(shade(front, 0.1), shade(front, -0.05))
    sketch.rect(x + 1, -224, wide - 2, 73, fill, 0.8)
    sketch.rect(x + 6, -218, wide - 12, 61, None, 0.8, shade(front, -0.18), 0.9)
    sketch.rect(x + 4, -172, 1.8, 13, "#b9b6ae", 0.9)


def _oven(sketch: Sketch, x: float, wide: float, front: str) -> None:
    steel = mix("#c3c5c5", front, 0.15)
    sketch.rect(x, -88, wide, 80, sketch.gradient(shade(steel, 0.15), shade(steel, -0.25)))
    sketch.rect(x + 4, -66, wide - 8, 48, sketch.gradient("#2b2d30", "#151719"), 2)
    sketch.polygon([(x + 10, -64), (x + 26, -64), (x + 14, -20), (x + 6, -20)], "#ffffff15")
    sketch.rect(x + 5, -71, wide - 10, 2.2, "#eceded", 1)
    for index in range(4):
        sketch.circle(x + wide * (0.2 + 0.2 * index), -79, 2.6, "#4a4d50")
    sketch.rect(x + 3, -94, wide - 6, 2.4, "#26282a", 1)
    sketch.rect(
        x + wide * 0.52,
        -107,
        wide * 0.36,
        13,
        sketch.gradient("#8b9094", "#d5d8d9", "#6f7478", horizontal=True),
        2,
    )
    sketch.rect(x + wide * 0.86, -104, wide * 0.22, 2, "#2b2d2f", 1)


def _hood(sketch: Sketch, x: float, wide: float, random: Random) -> None:
    steel = random.choice(("#b9bdbf", "#8f9497", "#d5d2ca"))
    middle = x + wide / 2
    fill = sketch.gradient(
        shade(steel, -0.2), shade(steel, 0.25), shade(steel, -0.25), horizontal=True
    )
    sketch.rect(middle - 12, -300, 24, 130, fill)
    sketch.polygon(
        [(middle - 12, -178), (middle + 12, -178), (x + wide - 1, -158), (x + 1, -158)], fill
    )
    sketch.rect(x + 1, -158, wide - 2, 5, shade(steel, -0.15))


def _tap(sketch: Sketch, x: float) -> None:
    sketch.curve([(x, -92), (x, -116), (x + 8, -122), (x + 15, -116), (x + 15, -110)], "#8d9296", 3)
    sketch.curve([(x - 0.6, -92), (x - 0.6, -116), (x + 8, -122.8)], "#e3e6e8", 1)


def fridge(sketch: Sketch, x: float, random: Random) -> None:
    """Draws a tall fridge with a freezer below."""
    colour = random.choice(("#e9eaea", "#c1c5c7", "#b7cfc6", "#cf9a8a", "#3d4347"))
    fill = sketch.gradient(shade(colour, 0.12), colour, shade(colour, -0.22), horizontal=True)
    sketch.rect(x - 34, -4, 68, 5, "#120c08")
    sketch.rect(x - 32, -186, 64, 183, fill, 4)
    sketch.rect(x - 32, -70, 64, 1.4, shade(colour, -0.4))
    for y, tall in ((-112, 34), (-64, 26)):
        sketch.rect(
            x - 27, y, 2.6, tall, sketch.gradient("#f2f3f3", "#8a8f92", horizontal=True), 1.2
        )
    for _ in range(random.randint(0, 4)):
        note = hsl(random.uniform(0, 360), 0.4, 0.72)
        sketch.rect(x + random.uniform(-15, 18), -random.uniform(115, 170), 9, 9, note)


def filing_cabinets(sketch: Sketch, x: float, count: int, random: Random) -> None:
    """Draws steel cabinets with drawers side by side."""
    colour = random.choice(("#a9aeb0", "#d3d2cc", "#6c777e", "#8b968d", "#4a5157"))
    drawers = random.choice((3, 4))
    for index in range(count):
        left = x + 46 * (index - count / 2)
        tall = drawers * 33 + 4
        fill = sketch.gradient(shade(colour, 0.1), colour, shade(colour, -0.16), horizontal=True)
        sketch.rect(left, -tall, 45, tall, fill, 1, shade(colour, -0.4), 0.6)
        for row in range(drawers):
            y = -tall + 3 + 33 * row
            sketch.rect(left + 2, y, 41, 31, shade(colour, 0.05), 1, shade(colour, -0.3), 0.7)
            sketch.rect(left + 16, y + 7, 13, 3, shade(colour, -0.5), 1.4)
            sketch.rect(left + 17, y + 14, 11, 6, "#efece3")


def whiteboard(sketch: Sketch, x: float, random: Random) -> None:
    """Draws a white board with notes and a diagram on it."""
    wide, tall = random.uniform(110, 165), random.uniform(76, 96)
    left, top = x - wide / 2, -196.0
    sketch.rect(left + 2, top + 4, wide, tall, "#1a110a33")
    sketch.rect(left, top, wide, tall, "#b9bdbf", 2)
    sketch.rect(left + 2.5, top + 2.5, wide - 5, tall - 5, sketch.gradient("#f8f9f8", "#e3e6e6"))
    inks = ("#3b6ea5", "#b8493f", "#3f7d55", "#44484c")
    for row in range(random.randint(3, 6)):
        y = top + 12 + row * 9
        end = left + 10 + random.uniform(18, 42)
        sketch.curve(
            [(left + 10, y), ((left + 10 + end) / 2, y - 1.5), (end, y + 0.5)],
            random.choice(inks),
            1.4,
        )
    at = (left + wide * 0.66, top + tall * 0.5)
    if random.random() < 0.5:
        points = [(at[0] - 22 + 9 * step, at[1] + random.uniform(-16, 16)) for step in range(6)]
        sketch.line(
            [(at[0] - 26, at[1] - 22), (at[0] - 26, at[1] + 22), (at[0] + 30, at[1] + 22)],
            "#44484c",
            1.4,
        )
        sketch.line(points, random.choice(inks), 1.8)
    else:
        for dx, dy in ((-16, -12), (14, -14), (0, 12)):
            sketch.line([at, (at[0] + dx, at[1] + dy)], "#44484c", 1.2)
            sketch.rect(
                at[0] + dx - 8, at[1] + dy - 5, 16, 10, "#f8f9f8", 2, random.choice(inks), 1.4
            )
    sketch.rect(left + wide * 0.2, top + tall, wide * 0.6, 3, "#9a9ea1", 1)


def pinboard(sketch: Sketch, x: float, random: Random) -> None:
    """Draws a cork board with notes."""
    left, top = x - 52, -190.0
    sketch.rect(left + 2, top + 4, 104, 72, "#1a110a33")
    sketch.rect(left, top, 104, 72, "#8a6a48")
    sketch.rect(left + 3, top + 3, 98, 66, sketch.gradient("#c99f6c", "#b78b58"))
    for _ in range(11):
        at = (left + random.uniform(10, 88), top + random.uniform(10, 56))
        with sketch.moved(*at, random.uniform(-8, 8)):
            paper = random.choice(("#f4f1e8", "#f4f1e8", "#f3e19a", "#bcd8e0", "#e8b8b0"))
            sketch.rect(-7, -6, random.uniform(11, 17), random.uniform(11, 19), paper)
            sketch.circle(0, -4, 1.2, random.choice(("#b8493f", "#3b6ea5", "#3f7d55")))


def blinds(sketch: Sketch, x: float, wide: float, evening: bool) -> None:
    """Draws a broad window with slatted blinds."""
    left, top, tall = x - wide / 2, -225.0, 132.0
    halo = sketch.glow("#fffaf066", "#fffaf000", x=0.5, y=0.5, radius=0.5)
    sketch.ellipse(x, top + tall / 2, wide * 0.8, tall * 0.85, halo)
    sky = ("#33435f", "#5b5470", "#4c5a74") if evening else ("#d3e3ee", "#eef4f6", "#e6ece6")
    sketch.rect(left - 5, top - 5, wide + 10, tall + 10, "#c9ccca")
    sketch.rect(left, top, wide, tall, sketch.gradient(*sky))
    slat = "#c9c4b8" if evening else "#f1eee6"
    for row in range(17):
        y = top + 1 + row * 7.7
        sketch.rect(left, y, wide, 4.6, sketch.gradient(slat, shade(slat, -0.18)))
    for share in (0.15, 0.85):
        sketch.rect(left + wide * share, top, 0.9, tall, "#a9a598")
    sketch.rect(left - 10, top + tall + 4, wide + 20, 5, sketch.gradient("#f4f2ec", "#b3b0a8"))


def ceiling_light(sketch: Sketch, x: float, y: float) -> None:
    """Draws a long bright lamp that hangs level."""
    sketch.ellipse(
        x, y + 10, 110, 60, sketch.glow("#ffffff77", "#ffffff00", x=0.5, y=0.4, radius=0.5)
    )
    for shift in (-40, 40):
        sketch.rect(x + shift, y - 120, 0.9, 120, "#8d8f90")
    sketch.rect(x - 60, y, 120, 7, sketch.gradient("#dfe1e1", "#ffffff"), 2)
