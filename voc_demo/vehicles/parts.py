"""What vehicles share: paint, window glass, wheels, lamps, and a perspective for box-like ones."""

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random

from voc_demo.sketch import Point, Sketch, hsl, rounded, shade, straight

Corners = list[tuple[float, float, float]]
"""A closed outline: x, y and radius of each corner."""


def car_paint(random: Random) -> str:
    """Returns a colour that cars are painted in: often grey, white or black, else any hue."""
    if random.random() < 0.4:
        return random.choice(("#dfe2e4", "#b4b9bd", "#70767b", "#3a3f44", "#2a2d31", "#eeece6"))
    hue = random.choice((0, 4, 12, 28, 44, 95, 150, 188, 208, 218, 228, 345))
    return _pigment(random, hue, 0.32, 0.5)


def bright_paint(random: Random) -> str:
    """Returns a colour of a livery: clear and saturated."""
    hue = random.choice((0, 5, 18, 40, 140, 175, 205, 215, 225, 280, 340))
    return _pigment(random, hue, 0.34, 0.46)


def _pigment(random: Random, hue: float, dark: float, light: float) -> str:
    lightness = random.uniform(dark, light) + (0.08 if 25 < hue < 70 else 0)
    return hsl(hue + random.uniform(-5, 5), random.uniform(0.55, 0.78), lightness)


@contextmanager
def glazed(sketch: Sketch, corners: Corners) -> Iterator[None]:
    """Draws window glass with rounded corners; what the block adds is seen dimly behind it."""
    left, right = min(x for x, _, _ in corners), max(x for x, _, _ in corners)
    top, bottom = min(y for _, y, _ in corners), max(y for _, y, _ in corners)
    width, height = right - left, bottom - top
    outline = rounded(corners)
    sketch.path(outline, sketch.gradient("#4c5963", "#2b343b"))
    with sketch.clipped(outline):
        yield
        sky = sketch.gradient("#dcebf4", "#8fa8b8", "#3c4a54", "#222a30")
        sketch.rect(left, top, width, height, sky, opacity=0.62)
        # slanting reflections
        streaks = ""
        for start, share in ((0.1, 0.16), (0.34, 0.05), (0.68, 0.11)):
            x, wide = left + width * start, width * share
            foot = x - 0.45 * height
            streaks += straight([(x, top), (x + wide, top), (foot + wide, bottom), (foot, bottom)])
        sketch.path(streaks, "#ffffff", opacity=0.16)


def head_and_shoulders(sketch: Sketch, x: float, y: float, colour: str = "#1c2126") -> None:
    """Adds somebody seen through a window, life-size; y is where the window cuts the chest."""
    sketch.blob(
        [(x - 24, y + 8), (x - 21, y - 14), (x - 7, y - 22), (x + 7, y - 22), (x + 20, y - 13),
         (x + 23, y + 8)], colour,
    )  # fmt: skip
    sketch.ellipse(x + 2, y - 34, 9.5, 12, shade(colour, 0.12))


@dataclass(frozen=True)
class Rim:
    """How the wheels of one vehicle look."""

    colour: str
    spokes: int
    spoke_width: float


def road_rim(random: Random) -> Rim:
    """Returns a rim of a car: alloy with five to ten spokes, bright or dark."""
    spokes = random.choice((5, 5, 6, 7, 10))
    colour = random.choice(("#c9ced2", "#b2b8bd", "#dde0e2", "#5c6166"))
    return Rim(colour, spokes, random.uniform(0.1, 0.16) * 5 / (spokes + 1.5))


def road_wheel(sketch: Sketch, x: float, radius: float, rim: Rim, turned: float = 0) -> None:
    """Adds a wheel with a tyre that stands on the ground at x, turned by some degrees."""
    y = -radius
    sketch.circle(x, y, radius, sketch.glow("#3d4043", "#1d1f21", "#121314", x=0.5, y=0.1))
    sketch.circle(x, y, radius * 0.86, None, "#4a4e52", radius * 0.025, opacity=0.8)
    inner = radius * 0.68
    sketch.circle(x, y, inner, sketch.gradient("#1a1c1e", "#34383b"))
    sketch.circle(x, y, radius * 0.38, "#6d7276", opacity=0.7)
    turn = [math.radians(turned + 360 * at / rim.spokes) for at in range(rim.spokes)]
    star = "".join(
        f"M{x:.5g} {y:.5g}L{x + inner * math.sin(at):.5g} {y - inner * math.cos(at):.5g}"
        for at in turn
    )
    sketch.path(star, None, shade(rim.colour, -0.35), radius * (rim.spoke_width + 0.06))
    sketch.path(star, None, rim.colour, radius * rim.spoke_width)
    metal = sketch.gradient(shade(rim.colour, 0.5), rim.colour, shade(rim.colour, -0.35))
    sketch.circle(x, y, radius * 0.66, None, metal, radius * 0.07)
    sketch.circle(x, y, radius * 0.15, metal)
    sketch.circle(x, y, radius * 0.06, shade(rim.colour, -0.5))


def lamp(sketch: Sketch, x: float, y: float, radius: float, colour: str = "#f6efd8") -> None:
    """Adds a round lamp in a bright ring."""
    sketch.circle(x, y, radius, sketch.gradient("#f5f6f7", "#83898e"))
    sketch.circle(x, y, radius * 0.8, sketch.glow("#ffffff", colour, shade(colour, -0.35)))


def tube(sketch: Sketch, points: Sequence[Point], width: float, colour: str) -> None:
    """Adds a round bar along the points, light from above."""
    lift = width * 0.14
    sketch.line(points, shade(colour, -0.4), width)
    sketch.line([(x, y - lift) for x, y in points], colour, width * 0.68)
    sketch.line([(x, y - 1.6 * lift) for x, y in points], shade(colour, 0.55), width * 0.2, 0.8)


@dataclass(frozen=True)
class Perspective:
    """Looks at a box whose front is turned towards the viewer, its near lower corner at (0, 0).

    Attributes:
        turn: degrees that the front is turned: 0 shows the side alone, 90 the front alone.
        distance: from the viewer to the near corner.
        eye: height of the viewer's eyes.
    """

    turn: float
    distance: float
    eye: float

    def at(self, back: float, across: float, up: float) -> Point:
        """Returns where a point is seen: behind the front, across from the near side, above 0."""
        sine, cosine = math.sin(math.radians(self.turn)), math.cos(math.radians(self.turn))
        scale = self.distance / (self.distance + back * sine + across * cosine)
        x = (across * sine - back * cosine) * scale
        return x, -(self.eye + (up - self.eye) * scale)

    def side(self, back: float, up: float, back_end: float, up_end: float,
             radius: float = 0) -> Corners:  # fmt: skip
        """Returns the corners of an upright rectangle on the near side."""
        ends = ((back, up), (back_end, up), (back_end, up_end), (back, up_end))
        return [(*self.at(x, 0, y), radius) for x, y in ends]

    def face(self, across: float, up: float, across_end: float, up_end: float,
             radius: float = 0, lean: float = 0) -> Corners:  # fmt: skip
        """Returns the corners of a rectangle on the front, which leans back `lean` per height."""
        ends = ((across, up), (across_end, up), (across_end, up_end), (across, up_end))
        return [(*self.at(lean * y, x, y), radius) for x, y in ends]


FROM_SIDE = Perspective(0, 1e9, 0)
