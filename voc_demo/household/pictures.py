"""What is on a screen: landscapes, films, news, test bars, a desktop, a chart, or nothing."""

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from random import Random

from voc_demo.sketch import Point, hsl, mix, shade, smooth
from voc_demo.solid import Solid, Spot, round_rectangle


class Screen:
    """A screen in a view; a place on it is (across, down), from 0 to 1."""

    def __init__(
        self, solid: Solid, middle: Spot, wide: float, tall: float, bulge: float = 0
    ) -> None:
        self._solid = solid
        self._middle = middle
        self.wide, self.tall = wide, tall
        corner = 5.0 if bulge else 0.3
        outline = [
            self.at(x / wide + 0.5, 0.5 - y / tall)
            for x, y in round_rectangle(wide + bulge, tall + bulge, corner, 4)
        ]
        self._outline = "M" + "L".join(f"{x:.4g} {y:.4g}" for x, y in outline) + "z"

    def at(self, across: float, down: float) -> Point:
        """Returns where a place is seen."""
        x, y, z = self._middle
        return self._solid.at((x + (across - 0.5) * self.wide, y + (0.5 - down) * self.tall, z))

    @contextmanager
    def lit(self) -> Iterator[None]:
        """Shows what is drawn inside the block only within the screen."""
        with self._solid.sketch.clipped(self._outline):
            yield

    def fill(self, *colours: str) -> None:
        """Fills the whole screen from top to bottom."""
        self._solid.sketch.path(self._outline, self._solid.sketch.gradient(*colours))

    def box(
        self, left: float, top: float, right: float, bottom: float, *colours: str,
        opacity: float = 1,
    ) -> None:  # fmt: skip
        """Adds a rectangle."""
        corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
        fill = self._solid.sketch.gradient(*colours)
        self._solid.sketch.polygon([self.at(*corner) for corner in corners], fill, opacity=opacity)

    def blob(self, places: Sequence[Point], *colours: str, opacity: float = 1) -> None:
        """Adds a smooth outline."""
        fill = self._solid.sketch.gradient(*colours)
        self._solid.sketch.blob([self.at(*place) for place in places], fill, opacity=opacity)

    def polygon(self, places: Sequence[Point], *colours: str, opacity: float = 1) -> None:
        """Adds an outline with straight edges."""
        fill = self._solid.sketch.gradient(*colours)
        points = [self.at(*place) for place in places]
        self._solid.sketch.polygon(points, fill, opacity=opacity)

    def disc(self, across: float, down: float, radius: float, *colours: str) -> None:
        """Adds a circle; the radius is a share of the screen's height."""
        angles = [math.radians(30 * step) for step in range(12)]
        places = [
            (across + radius * math.cos(a) * self.tall / self.wide, down + radius * math.sin(a))
            for a in angles
        ]
        fill = self._solid.sketch.glow(*colours, x=0.4, y=0.35)
        self._solid.sketch.path(smooth([self.at(*place) for place in places]), fill)

    def curve(self, places: Sequence[Point], colour: str, width: float) -> None:
        """Adds a line; the width is a share of the screen's height."""
        points = [self.at(*place) for place in places]
        self._solid.sketch.curve(points, colour, width * self.tall)

    def shine(self, strength: float) -> None:
        """Lays the reflection of a window over the glass."""
        with self.lit():
            self.polygon([(0.62, 0), (1, 0), (1, 0.55), (0.36, 1), (0.16, 1)],
                         "#ffffff", "#ffffff22", opacity=strength)  # fmt: skip

    def off(self, random: Random) -> None:
        """Fills the screen with dark glass that mirrors a room."""
        dark = random.choice(("#15181b", "#1b2226", "#22282b"))
        self.fill(shade(dark, 0.16), dark, shade(dark, -0.3))
        left, wide, low = (
            random.uniform(0.08, 0.5),
            random.uniform(0.05, 0.15),
            random.uniform(0.4, 0.6),
        )
        for column in range(random.choice((1, 2, 2, 3))):
            x = left + column * wide * 1.15
            self.box(x, 0.16, x + wide, low, "#9fb4c0", "#6d808b", opacity=random.uniform(0.2, 0.5))
        self.polygon([(0, 0.86), (1, 0.78), (1, 1), (0, 1)], "#5b5148", "#3a332e", opacity=0.5)
        self.polygon([(0.5, 0), (0.8, 0), (0.3, 1), (0, 1)], "#ffffff", opacity=0.06)


def _landscape(screen: Screen, random: Random) -> None:
    """Mountains, hills and a low sun."""
    sky = random.choice((("#3f86c6", "#cfe6f2"), ("#40366e", "#f0935a"), ("#6fa9d0", "#f3e3c4")))
    screen.fill(*sky)
    screen.disc(random.uniform(0.2, 0.8), random.uniform(0.2, 0.4), 0.09, "#fffbe6", "#ffe9a8")
    base = random.uniform(190, 260)
    for layer in range(4):
        down = 0.42 + 0.14 * layer
        rough = 0.2 - 0.045 * layer
        ridge = [(x / 9, down + random.uniform(-rough, rough) / 1.4) for x in range(-1, 11)]
        tone = mix(hsl(base - 45 * layer, 0.3, 0.52 - 0.09 * layer), sky[1], 0.4 - 0.13 * layer)
        screen.blob([(-0.3, 1.3), *ridge, (1.3, 1.3)], shade(tone, 0.15), shade(tone, -0.2))


def _seaside(screen: Screen, random: Random) -> None:
    """Sea, beach and a band of cloud."""
    screen.fill("#3d93cf", "#bfe3f0", "#8cc6d8")
    for _ in range(4):
        x, y = random.random(), random.uniform(0.1, 0.32)
        cloud = [(x - 0.14, y), (x - 0.06, y - 0.06), (x + 0.05, y - 0.07), (x + 0.15, y),
                 (x, y + 0.02)]  # fmt: skip
        screen.blob(cloud, "#ffffff", "#e2eef3", opacity=0.9)
    screen.box(0, 0.5, 1, 0.85, "#1d6d97", "#46b3bd")
    screen.blob([(-0.2, 0.82), (0.3, 0.74), (0.7, 0.8), (1.2, 0.7), (1.2, 1.2), (-0.2, 1.2)],
                "#f1dfb3", "#d6b981")  # fmt: skip
    screen.curve([(-0.1, 0.82), (0.3, 0.745), (0.7, 0.8), (1.1, 0.71)], "#f4fbfb", 0.025)


def _film(screen: Screen, random: Random) -> None:
    """A wide picture between black bars: a planet, or a city by night."""
    hue = random.uniform(180, 330)
    screen.fill(hsl(hue, 0.6, 0.1), hsl(hue + 40, 0.5, 0.3), hsl(hue + 70, 0.6, 0.5))
    if random.random() < 0.5:
        x, y = random.uniform(0.2, 0.8), random.uniform(0.4, 0.6)
        screen.disc(x, y, 0.3, hsl(hue + 160, 0.5, 0.75), hsl(hue + 150, 0.5, 0.4), "#101018")
        for _ in range(14):
            screen.disc(random.random(), random.random(), 0.008, "#ffffff", "#dfe6ff")
    else:
        for index in range(11):
            left, top = index / 11, random.uniform(0.3, 0.65)
            screen.box(left, top, left + 0.085, 1, hsl(hue, 0.4, 0.14), hsl(hue, 0.4, 0.06))
            for row in range(3):
                y = top + 0.05 + 0.08 * row
                screen.box(left + 0.02, y, left + 0.06, y + 0.03, "#ffd98a")
    for top in (0.0, 0.87):
        screen.box(0, top, 1, top + 0.13, "#050506")


def _news(screen: Screen, random: Random) -> None:
    """A studio with a map, a banner and a line of text."""
    hue = random.choice((215, 205, 355, 230))
    screen.fill(hsl(hue, 0.6, 0.2), hsl(hue, 0.55, 0.42))
    for index in range(5):
        x = index * 0.26 - 0.1
        screen.polygon([(x, 0), (x + 0.1, 0), (x - 0.1, 1), (x - 0.2, 1)], hsl(hue, 0.6, 0.6),
                       opacity=0.2)  # fmt: skip
    screen.box(0.1, 0.12, 0.6, 0.62, "#dff0f7", "#9cc8de")
    for x, y, size in ((0.22, 0.32, 0.07), (0.36, 0.42, 0.1), (0.5, 0.28, 0.06)):
        land = [(x + size * math.cos(a) * random.uniform(0.6, 1.2),
                 y + size * 1.6 * math.sin(a) * random.uniform(0.6, 1.2))
                for a in (math.radians(45 * step) for step in range(8))]  # fmt: skip
        screen.blob(land, "#7fae62", "#5d8f4c")
    for row in range(4):
        y = 0.16 + 0.12 * row
        screen.box(0.66, y, 0.66 + random.uniform(0.12, 0.27), y + 0.05, "#ffffff", opacity=0.85)
    screen.box(0, 0.74, 1, 0.88, "#c8242c", "#96141c")
    screen.box(0.04, 0.785, 0.62, 0.835, "#ffffff")
    screen.box(0, 0.88, 1, 1, "#f1f2f3", "#cfd3d6")
    screen.box(0.04, 0.92, 0.86, 0.955, "#33383e")


def _bars(screen: Screen, random: Random) -> None:
    """The bars of a test picture."""
    hues = ["#d8d8d8", "#d6d233", "#34cfd0", "#35cb3a", "#cf3bcf", "#cf3030", "#2f36cc"]
    for index, colour in enumerate(hues):
        screen.box(index / 7 - 0.02, -0.05, (index + 1) / 7 + 0.02, 1.05, colour)
    low = random.uniform(0.68, 0.76)
    screen.box(-0.05, low, 1.05, 1.05, "#1b1b1e")
    screen.box(0.2, low, 0.42, 1.05, "#f2f2f2")


def _desktop(screen: Screen, random: Random) -> None:
    """Windows and icons before a wallpaper."""
    hue = random.uniform(0, 360)
    screen.fill(hsl(hue, 0.5, 0.32), hsl(hue + 40, 0.55, 0.55))
    screen.blob([(-0.2, 0.9), (0.3, 0.55), (0.7, 0.8), (1.2, 0.4), (1.2, 1.2), (-0.2, 1.2)],
                hsl(hue + 60, 0.5, 0.6), hsl(hue + 20, 0.5, 0.4), opacity=0.7)  # fmt: skip
    for row in range(4):
        screen.box(0.03, 0.07 + 0.17 * row, 0.075, 0.15 + 0.17 * row, hsl(hue + 90 * row, 0.6, 0.6))
    for _ in range(2):
        left, top = random.uniform(0.13, 0.42), random.uniform(0.06, 0.3)
        _window(screen, (left, top), random)
    screen.box(0, 0.93, 1, 1, "#1d232b", "#2b333d")
    for index in range(6):
        screen.box(
            0.03 + 0.05 * index, 0.945, 0.06 + 0.05 * index, 0.985, hsl(60 * index, 0.55, 0.6)
        )


def _window(screen: Screen, corner: Point, random: Random) -> None:
    left, top = corner
    right, bottom = left + random.uniform(0.4, 0.52), top + random.uniform(0.42, 0.56)
    screen.box(left + 0.01, top + 0.02, right + 0.01, bottom + 0.03, "#000000", opacity=0.3)
    dark = random.random() < 0.4
    screen.box(left, top, right, bottom, "#20262d" if dark else "#f7f8f9")
    screen.box(left, top, right, top + 0.055, "#3d4752" if dark else "#d5dade")
    for row in range(6):
        y = top + 0.1 + 0.06 * row
        indent = left + 0.03 + random.choice((0, 0.03, 0.06)) * dark
        ink = random.choice(("#7fb7e8", "#e8a86a", "#9fd08a", "#c9ced4")) if dark else "#8f979f"
        end = min(indent + random.uniform(0.12, 0.34), right - 0.03)
        if y + 0.02 < bottom:
            screen.box(indent, y, end, y + 0.022, ink)


def _sheet(screen: Screen, random: Random) -> None:
    """A page with a chart of columns and a curve."""
    accent = hsl(random.uniform(0, 360), 0.55, 0.5)
    screen.fill("#fbfcfd", "#eef1f3")
    screen.box(0, 0, 1, 0.1, accent)
    screen.box(0, 0.1, 0.2, 1, "#dde3e7")
    for row in range(6):
        screen.box(0.03, 0.18 + 0.1 * row, random.uniform(0.1, 0.17), 0.215 + 0.1 * row, "#8b98a3")
    curve = []
    for index in range(8):
        x, high = 0.28 + 0.085 * index, random.uniform(0.1, 0.5)
        screen.box(x, 0.86 - high, x + 0.05, 0.86, shade(accent, 0.2), accent)
        curve.append((x + 0.025, 0.72 - high))
    screen.curve(curve, "#3d4650", 0.016)
    screen.box(0.26, 0.86, 0.95, 0.87, "#5d6770")


PICTURES = (
    _landscape,
    _landscape,
    _seaside,
    _film,
    _film,
    _news,
    _bars,
    _desktop,
    _desktop,
    _sheet,
)
