"""Solid things in a view: prisms, bars and curved surfaces, turned, foreshortened and shaded."""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

from voc_demo.sketch import Drawing, Point, Sketch, limb_outline, shade

Spot = tuple[float, float, float]
_LIGHT: Spot = (-0.36, 0.82, 0.45)


@dataclass(frozen=True)
class View:
    """How a solid thing is seen; a spot is (x, y, z): to the right, up, and towards the viewer.

    turn      degrees by which its front is turned to the right
    tilt      degrees by which the viewer looks down on it
    distance  of the viewer, in centimetres
    """

    turn: float
    tilt: float
    distance: float = 450

    def eye(self, spot: Spot) -> Spot:
        """Returns the spot as the viewer has it: right, up, near."""
        x, y, z = spot
        turn, tilt = math.radians(self.turn), math.radians(self.tilt)
        across = x * math.cos(turn) + z * math.sin(turn)
        near = z * math.cos(turn) - x * math.sin(turn)
        return (
            across,
            y * math.cos(tilt) - near * math.sin(tilt),
            near * math.cos(tilt) + y * math.sin(tilt),
        )

    def at(self, spot: Spot) -> Point:
        """Returns where the spot is seen."""
        x, y, near = self.eye(spot)
        scale = self.distance / (self.distance - near)
        return x * scale, -y * scale


class Solid:
    """Collects solid parts, the first one hindmost, and what they reach to."""

    def __init__(self, view: View) -> None:
        self.view = view
        self.sketch = Sketch()
        self._reach: list[Point] = []

    def at(self, spot: Spot) -> Point:
        """Returns where a spot is seen (before `drawing` puts the whole on the ground line)."""
        return self.view.at(spot)

    def points(self, spots: Sequence[Spot]) -> list[Point]:
        """Returns where spots are seen, and counts them to what the thing reaches to."""
        seen = [self.view.at(spot) for spot in spots]
        self._reach += seen
        return seen

    def reach_line(self, line: Sequence[Point], width: float) -> None:
        """Counts a line of some width to what the thing reaches to."""
        for x, y in line:
            self._reach += [(x - width / 2, y - width / 2), (x + width / 2, y + width / 2)]

    def face(self, spots: Sequence[Spot], colour: str, fill: str | None = None) -> None:
        """Adds a flat face, lit by the way it looks; `fill` is taken as it is instead."""
        lit = self._lit(_normal(spots))
        if fill is None:
            fill = self.sketch.gradient(_tone(colour, lit + 0.07), _tone(colour, lit - 0.09))
        self.sketch.polygon(self.points(spots), fill, _tone(colour, lit), 0.25)

    def prism(
        self, outline: Sequence[Spot], along: Spot, colour: str, fill: str | None = None
    ) -> None:
        """Adds an outline drawn out along a vector; `fill` is for the end that is seen."""
        normal = _normal(outline)
        if _dot(normal, along) > 0:
            outline = outline[::-1]
            normal = _normal(outline)
        far = [_plus(spot, along) for spot in outline]
        sides: list[tuple[float, list[Spot]]] = []
        for index, spot in enumerate(outline):
            after = (index + 1) % len(outline)
            look = _cross(_minus(outline[after], spot), normal)
            if self._facing(look) > -0.12:
                side = [spot, far[index], far[after], outline[after]]
                sides.append((sum(self.view.eye(corner)[2] for corner in side), side))
        for _, side in sorted(sides, key=lambda pair: pair[0]):
            self._side(side, normal, colour)
        near = outline if self._facing(normal) >= 0 else far[::-1]
        self.face(near, colour, fill)

    def block(self, middle: Spot, size: Spot, colour: str, radius: float = 0) -> None:
        """Adds a block that stands on `middle`; its upright edges are round by a radius."""
        (x, y, z), (width, height, depth) = middle, size
        outline = level(round_rectangle(width, depth, radius), (x, y + height, z))
        self.prism(outline, (0, -height, 0), colour)

    def bar(self, spots: Sequence[Spot], widths: Sequence[float], colour: str) -> None:
        """Adds a round leg, rail or tube along the spots."""
        line, thick = _finer([self.view.at(spot) for spot in spots], widths)
        outline = limb_outline(line, thick)
        self._reach += outline
        (left, right), (top, bottom) = _range(outline, 0), _range(outline, 1)
        upright = bottom - top > right - left
        light, dark = shade(colour, 0.2), shade(colour, -0.42)
        fill = self.sketch.gradient(light, colour, dark, horizontal=upright)
        self.sketch.polygon(outline, fill)

    def surface(self, rows: Sequence[Sequence[Spot]], colour: str) -> None:
        """Adds a curved surface through rows of spots (rows of the same length)."""
        quads: list[tuple[float, list[Spot]]] = []
        for row, after in itertools.pairwise(rows):
            for at in range(len(row) - 1):
                quad = [row[at], row[at + 1], after[at + 1], after[at]]
                quads.append((sum(self.view.eye(spot)[2] for spot in quad), quad))
        for _, quad in sorted(quads, key=lambda pair: pair[0]):
            normal = _normal(quad)
            if self._facing(normal) < 0:
                normal = (-normal[0], -normal[1], -normal[2])
            tone = _tone(colour, self._lit(normal))
            self.sketch.polygon(self.points(quad), tone, tone, 0.4)

    def drawing(self, seat: Spot | None = None, top: Sequence[Spot] = ()) -> Drawing:
        """Returns what was collected, standing on the ground line with its middle at x = 0.

        `seat` is the spot of the hips, `top` spots along the middle of a top that can be laid.
        """
        (left, right), (highest, lowest) = _range(self._reach, 0), _range(self._reach, 1)
        middle = (left + right) / 2
        on = [(x - middle, y - lowest) for x, y in map(self.view.at, top)]
        hips = self.view.at(seat) if seat else None
        return Drawing(
            f'<g transform="translate({-middle:.5g} {-lowest:.5g})">{self.sketch.svg()}</g>',
            left - middle,
            highest - lowest,
            right - middle,
            seat=(hips[0] - middle, hips[1] - lowest) if hips else None,
            surface=(min(on)[0], max(on)[0], sum(y for _, y in on) / len(on)) if on else None,
        )

    def _side(self, side: list[Spot], normal: Spot, colour: str) -> None:
        look = _cross(_minus(side[3], side[0]), normal)
        tone = _tone(colour, self._lit(look))
        self.sketch.polygon(self.points(side), tone, tone, 0.3)

    def _facing(self, normal: Spot) -> float:
        return self.view.eye(normal)[2] / (math.hypot(*normal) or 1)

    def _lit(self, normal: Spot) -> float:
        eye = View(self.view.turn, 0).eye(normal)
        return _dot(eye, _LIGHT) / (math.hypot(*eye) or 1)


def round_rectangle(width: float, height: float, radius: float, steps: int = 3) -> list[Point]:
    """Returns a rectangle around (0, 0) with round corners, as points."""
    radius = min(radius, width / 2, height / 2)
    if radius <= 0:
        steps = 0
    corners = [(1, 1), (-1, 1), (-1, -1), (1, -1)]
    points = []
    for quarter, (right, up) in enumerate(corners):
        for step in range(steps + 1):
            angle = math.radians(90 * (quarter + (step / steps if steps else 0.5)))
            x = right * (width / 2 - radius) + radius * math.cos(angle)
            points.append((x, up * (height / 2 - radius) + radius * math.sin(angle)))
    return points


def ring(radius_x: float, radius_y: float, count: int = 24) -> list[Point]:
    """Returns an ellipse around (0, 0), as points."""
    angles = [2 * math.pi * index / count for index in range(count)]
    return [(radius_x * math.cos(angle), radius_y * math.sin(angle)) for angle in angles]


def bezier(controls: Sequence[Point], share: float) -> Point:
    """Returns the point at a share of the way along the Bézier curve of the control points."""
    points = list(controls)
    while len(points) > 1:
        points = [
            (x + (to_x - x) * share, y + (to_y - y) * share)
            for (x, y), (to_x, to_y) in itertools.pairwise(points)
        ]
    return points[0]


def level(points: Sequence[Point], middle: Spot) -> list[Spot]:
    """Returns the points laid flat around a spot."""
    return [(middle[0] + x, middle[1], middle[2] + y) for x, y in points]


def upright(points: Sequence[Point], middle: Spot) -> list[Spot]:
    """Returns the points put up around a spot, facing the front."""
    return [(middle[0] + x, middle[1] + y, middle[2]) for x, y in points]


def sideways(points: Sequence[Point], middle: Spot) -> list[Spot]:
    """Returns the points put up around a spot, facing the side; their x is towards the front."""
    return [(middle[0], middle[1] + y, middle[2] + x) for x, y in points]


def _finer(line: Sequence[Point], widths: Sequence[float]) -> tuple[list[Point], list[float]]:
    """Returns a line of three or more points, and its widths, with smooth bends."""
    if len(line) < 3:
        return list(line), list(widths)
    points, thick = [], []
    for index in range(4 * (len(line) - 1) + 1):
        at, share = min(index // 4, len(line) - 2), index / 4
        share -= at
        spline = [line[min(max(at + step, 0), len(line) - 1)] for step in (-1, 0, 1, 2)]
        points.append(
            (_between([x for x, _ in spline], share), _between([y for _, y in spline], share))
        )
        thick.append(widths[at] + (widths[at + 1] - widths[at]) * share)
    return points, thick


def _between(values: Sequence[float], share: float) -> float:
    """Returns the value between the middle two of four, on a Catmull-Rom spline."""
    before, start, end, after = values
    slope, bend = (end - before) / 2, 2 * before - 5 * start + 4 * end - after
    twist = 3 * (start - end) + after - before
    return start + share * (slope + share * (bend + share * twist) / 2)


def _tone(colour: str, lit: float) -> str:
    return shade(colour, min(max(-0.34 + 0.5 * lit, -0.55), 0.3))


def _range(points: Sequence[Point], axis: int) -> tuple[float, float]:
    values = [point[axis] for point in points]
    return min(values), max(values)


def _plus(first: Spot, second: Spot) -> Spot:
    return first[0] + second[0], first[1] + second[1], first[2] + second[2]


def _minus(first: Spot, second: Spot) -> Spot:
    return first[0] - second[0], first[1] - second[1], first[2] - second[2]


def _dot(first: Spot, second: Spot) -> float:
    return sum(a * b for a, b in zip(first, second, strict=True))


def _cross(first: Spot, second: Spot) -> Spot:
    (a, b, c), (d, e, f) = first, second
    return b * f - c * e, c * d - a * f, a * e - b * d


def _normal(spots: Sequence[Spot]) -> Spot:
    total: Spot = (0, 0, 0)
    for index, spot in enumerate(spots):
        total = _plus(total, _cross(spot, spots[(index + 1) % len(spots)]))
    return total
