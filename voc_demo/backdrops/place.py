"""What all parts of an outdoor backdrop share: camera, canvas, light and chance."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random

from voc_demo.backdrops.backdrop import HEIGHT, WIDTH, Backdrop
from voc_demo.backdrops.weather import Weather
from voc_demo.sketch import Point, Sketch, mix, straight

Oval = tuple[float, float, float, float]  # an ellipse: x, y, radius_x, radius_y

FOCUS = 450.0  # of the camera, in pixels: some 58 degrees of view across the canvas


@dataclass(frozen=True)
class View:
    """Where points of the world (metres) are on the canvas (pixels).

    Attributes:
        horizon: y of the eye level.
        centre: x of the point in which lines going straight away meet.
        eye: metres from the ground to the eye.
    """

    horizon: float
    centre: float = WIDTH / 2
    eye: float = 1.6

    def spot(self, x: float, depth: float, height: float = 0) -> Point:
        """Returns where a point is, `x` right of the eye and `depth` ahead of it."""
        return self.centre + FOCUS * x / depth, self.y(depth, height)

    def y(self, depth: float, height: float = 0) -> float:
        return self.horizon + FOCUS * (self.eye - height) / depth

    def depth(self, y: float) -> float:
        """Returns how far away the ground is that is seen at y, below the horizon."""
        return FOCUS * self.eye / max(y - self.horizon, 0.1)

    def left(self, depth: float) -> float:
        """Returns how far left (metres, negative) the canvas reaches at a depth."""
        return -self.centre * depth / FOCUS

    def right(self, depth: float) -> float:
        return (WIDTH - self.centre) * depth / FOCUS


@dataclass(frozen=True)
class Place:
    """A backdrop being drawn."""

    random: Random
    weather: Weather
    view: View
    sketch: Sketch

    def seen(self, colour: str, depth: float = 0) -> str:
        """Returns a colour in the light of the day and through `depth` metres of its air."""
        return self.weather.seen(colour, depth)

    def soft(self, colour: str, strength: float) -> str:
        """Returns a fill for ellipses that fades out towards the edge."""
        middle, half = (_hex(strength * share) for share in (1, 0.55))
        stops = (colour + middle, colour + half, colour + "00")
        return self.sketch.glow(*stops, x=0.5, y=0.5, radius=0.5)

    def veil(self, colour: str, *strengths: float) -> str:
        """Returns a fill that goes through these opacities from top to bottom."""
        return self.sketch.gradient(*(colour + _hex(strength) for strength in strengths))

    @contextmanager
    def standing(self, x: float, depth: float) -> Iterator[None]:
        """Draws in metres around a point of the ground, upwards negative."""
        left, base = self.view.spot(x, depth)
        with self.sketch.moved(left, base, scale=FOCUS / depth):
            yield

    def band(self, top: float, bottom: float, *colours: str) -> None:
        """Fills the canvas between two heights, from the first colour to the last."""
        bottom = min(bottom, HEIGHT + 2)
        if len(colours) == 1 or bottom - top < 40:
            fill = self.sketch.gradient(*colours) if len(colours) > 1 else colours[0]
            self.sketch.rect(-2, top, WIDTH + 4, bottom - top, fill)
            return
        # In flat strips that overlap: large gradients take several times as long to render.
        steps = [top, *range(math.ceil(top) + 2, math.floor(bottom), 3)]
        for y in steps:
            share = (y - top) / (bottom - top) * (len(colours) - 1)
            index = min(int(share), len(colours) - 2)
            tone = mix(colours[index], colours[index + 1], share - index)
            self.sketch.rect(-2, y, WIDTH + 4, min(4.0, bottom - y), tone)

    def strip(self, near: float, far: float, *colours: str) -> None:
        """Fills the ground between two depths, all across."""
        self.band(self.view.y(far), min(self.view.y(near), HEIGHT + 2), *colours)

    def backdrop(self, floor: float, front: str = "") -> Backdrop:
        """Returns what has been drawn."""
        weather = self.weather
        return Backdrop(self.sketch.svg(), self.view.horizon, floor, weather.light, front)


def quad(view: View, left: float, right: float, near: float, far: float) -> str:
    """Returns the path of a rectangle on the ground, in metres."""
    corners = ((left, near), (right, near), (right, far), (left, far))
    return straight([view.spot(x, depth) for x, depth in corners])


def rough(random: Random, x: float, y: float, size: float, points: int = 7) -> str:
    """Returns the path of a small ragged patch: a tuft of leaves, a stone, a clod."""
    turn = random.uniform(0, math.tau)
    parts = []
    for index in range(points):
        radius = size * random.uniform(0.55, 1.15)
        angle = turn + math.tau * index / points
        parts.append(f"{x + radius * math.cos(angle):.4g} {y + radius * math.sin(angle):.4g}")
    return "M" + "L".join(parts) + "z"


def oval(x: float, y: float, rx: float, ry: float) -> str:
    """Returns the path of an ellipse."""
    return (
        f"M{x - rx:.4g} {y:.4g}a{rx:.4g} {ry:.4g} 0 1 1 {2 * rx:.4g} 0"
        f"a{rx:.4g} {ry:.4g} 0 1 1 {-2 * rx:.4g} 0z"
    )


def _hex(share: float) -> str:
    return f"{round(255 * min(max(share, 0), 1)):02x}"
