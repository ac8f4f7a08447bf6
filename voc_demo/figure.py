"""A sketch for living things: it measures itself, and has soft shading, fur and odd outlines."""

import cmath
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from random import Random

from voc_demo.sketch import Drawing, Point, Sketch, clear, mix, smooth

Outline = Sequence[Point]


class Figure(Sketch):
    """A sketch that knows how far its shapes reach, wherever they were moved to."""

    def __init__(self) -> None:
        super().__init__()
        self._placements: list[tuple[complex, complex]] = [(0j, 1 + 0j)]
        self._clips = 0
        self._reached: list[complex] = []

    def drawing(self, seat: Point | None = None) -> Drawing:
        """Returns the thing, its lowest point on y = 0 and its middle at x = 0."""
        left, right = (reach(z.real for z in self._reached) for reach in (min, max))
        top, bottom = (reach(z.imag for z in self._reached) for reach in (min, max))
        middle = (left + right) / 2
        svg = f'<g transform="translate({-middle:.5g} {-bottom:.5g})">{self.svg()}</g>'
        moved_seat = None if seat is None else (seat[0] - middle, seat[1] - bottom)
        return Drawing(svg, left - middle, top - bottom, right - middle, moved_seat)

    def path(
        self, d: str, fill: str | None, stroke: str | None = None, width: float = 0,
        opacity: float = 1,
    ) -> None:  # fmt: skip
        """Adds an SVG path."""
        self._reach(_traced(d), width / 2 if stroke else 0)
        super().path(d, fill, stroke, width, opacity)

    def ellipse(
        self, x: float, y: float, radius_x: float, radius_y: float, fill: str | None,
        stroke: str | None = None, width: float = 0, opacity: float = 1,
    ) -> None:  # fmt: skip
        """Adds an ellipse around (x, y)."""
        self._reach(ring(x, y, radius_x, radius_y, 24), width / 2 if stroke else 0)
        super().ellipse(x, y, radius_x, radius_y, fill, stroke, width, opacity)

    @contextmanager
    def moved(
        self, x: float = 0, y: float = 0, angle: float = 0, scale: float = 1, opacity: float = 1
    ) -> Iterator[None]:
        """Moves, turns (degrees, clockwise) and scales what is added inside the block."""
        shift, turn = self._placements[-1]
        own = cmath.rect(scale, math.radians(angle))
        self._placements.append((shift + turn * complex(x, y), turn * own))
        with super().moved(x, y, angle, scale, opacity):
            yield
        self._placements.pop()

    @contextmanager
    def clipped(self, d: str) -> Iterator[None]:
        """Shows what is added inside the block only within an outline (an SVG path)."""
        self._clips += 1
        with super().clipped(d):
            yield
        self._clips -= 1

    def _reach(self, points: Iterable[Point], margin: float) -> None:
        if self._clips:
            return
        shift, turn = self._placements[-1]
        for x, y in points:
            at = shift + turn * complex(x, y)
            edge = abs(turn) * margin
            self._reached += [at - complex(edge, edge), at + complex(edge, edge)]


def shadow_of(colour: str) -> str:
    """Returns the colour of the shadows on something of a colour: dark, a little cool."""
    return mix(colour, "#140c20", 0.82)


def soft_spot(
    f: Sketch, x: float, y: float, radius_x: float, radius_y: float, colour: str, opacity: float
) -> None:
    """Adds light or shadow that fades out to all sides."""
    fade = f.glow(
        clear(colour, opacity), clear(colour, opacity / 2), clear(colour, 0), x=0.5, y=0.5,
        radius=0.5,
    )  # fmt: skip
    f.ellipse(x, y, radius_x, radius_y, fade)


def ring(x: float, y: float, radius_x: float, radius_y: float, count: int) -> list[Point]:
    """Returns points on an ellipse, clockwise from the right."""
    turns = [2 * math.pi * index / count for index in range(count)]
    return [(x + radius_x * math.cos(t), y + radius_y * math.sin(t)) for t in turns]


def patch(random: Random, x: float, y: float, radius_x: float, radius_y: float) -> list[Point]:
    """Returns an irregular outline, as of a spot on a coat."""
    sizes = [random.uniform(0.65, 1.2) for _ in range(9)]
    points = ring(0, 0, radius_x, radius_y, 9)
    return [(x + a * size, y + b * size) for (a, b), size in zip(points, sizes, strict=True)]


def lobes(random: Random, outline: Outline, size: float) -> str:
    """Returns the path of an outline made of small round bulges, as of wool or a curly head."""
    around = list(outline)
    if _area(around) < 0:
        around.reverse()
    dense = _traced(smooth(around))
    corners = [dense[0]]
    for point in dense:
        if math.dist(point, corners[-1]) > size * random.uniform(0.8, 1.2):
            corners.append(point)
    parts = [f"M{corners[0][0]:.5g} {corners[0][1]:.5g}"]
    for start, end in pairwise([*corners, corners[0]]):
        out = (0.62 * (end[1] - start[1]), -0.62 * (end[0] - start[0]))
        via = [(x + out[0], y + out[1]) for x, y in (start, end)]
        parts.append("C" + " ".join(f"{x:.5g} {y:.5g}" for x, y in (*via, end)))
    return "".join(parts) + "z"


def hairs(
    random: Random, roots: Iterable[Point], length: float, angle: float, spread: float
) -> str:
    """Returns the path of many short hairs; they lie at `angle` (0 right, 90 down)."""
    parts = []
    for x, y in roots:
        along = math.radians(angle + random.uniform(-spread, spread))
        reach = length * random.uniform(0.6, 1.2)
        a, b = reach * math.cos(along), reach * math.sin(along)
        parts.append(
            f"M{x:.5g} {y:.5g}C{x + 0.5 * a:.5g} {y + 0.3 * b:.5g} {x + 0.8 * a:.5g} "
            f"{y + 0.7 * b:.5g} {x + a:.5g} {y + b:.5g}"
        )
    return "".join(parts)


def scattered(
    random: Random, left: float, top: float, right: float, bottom: float, count: int
) -> list[Point]:
    """Returns random points in a box."""
    return [(random.uniform(left, right), random.uniform(top, bottom)) for _ in range(count)]


def union(outlines: Iterable[Outline]) -> str:
    """Returns one path that covers several smooth outlines."""
    return "".join(smooth(outline if _area(outline) > 0 else outline[::-1]) for outline in outlines)


def _area(outline: Outline) -> float:
    pairs = zip(outline, [*outline[1:], outline[0]], strict=True)
    return sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairs) / 2


def _traced(d: str) -> list[Point]:
    """Returns points along a path; of arcs only their ends."""
    points: list[Point] = [(0, 0)]
    for letter, text in re.findall(r"([MLCahv])([-+.\de ]+)", d):
        values = [float(value) for value in text.replace("-", " -").replace("e -", "e-").split()]
        x, y = points[-1]
        if letter == "C":
            via = list(zip(values[::2], values[1::2], strict=True))
            points += [_on_bezier([(x, y), *via], step / 6) for step in range(1, 7)]
        elif letter in "hv":
            points.append((x + values[0], y) if letter == "h" else (x, y + values[0]))
        elif letter == "a":
            points.append((x + values[5], y + values[6]))
        else:
            points.append((values[0], values[1]))
    return points[1:]


def _on_bezier(points: Sequence[Point], t: float) -> Point:
    shares = ((1 - t) ** 3, 3 * (1 - t) ** 2 * t, 3 * (1 - t) * t * t, t**3)
    x, y = (
        sum(share * point[axis] for share, point in zip(shares, points, strict=True))
        for axis in (0, 1)
    )
    return x, y
