"""Parts of plants: stems, leaves and blossoms."""

import math
from collections.abc import Sequence
from random import Random

from voc_demo.sketch import Drawing, Point, Sketch, hsl, limb_outline, shade, smooth


class Plant:
    """Collects the parts of a plant, and what they reach to."""

    def __init__(self) -> None:
        self.sketch = Sketch()
        self._reach: list[Point] = []

    def blob(self, points: Sequence[Point], fill: str) -> None:
        """Adds a smooth outline."""
        self.reach(points)
        self.sketch.blob(points, fill)

    def stem(self, points: Sequence[Point], widths: Sequence[float], colour: str) -> None:
        """Adds a stem or stalk."""
        outline = limb_outline(points, widths)
        self.reach(outline)
        fill = self.sketch.gradient(shade(colour, 0.15), shade(colour, -0.3), horizontal=True)
        self.sketch.blob(outline, fill)

    def leaf(
        self, base: Point, angle: float, length: float, width: float, colour: str,
        droop: float = 0, widest: float = 0.42,
    ) -> None:  # fmt: skip
        """Adds a pointed leaf; `angle` is from upright to the right, `droop` bends its tip down."""
        line = bent(base, angle, length, droop)
        shares = (0.06, 0.55 if widest > 0.5 else 0.8, 1, 0.75, 0.04)
        outline = limb_outline(line, [width * share for share in shares])
        self.reach(outline)
        fill = self.sketch.gradient(shade(colour, 0.18), colour, shade(colour, -0.28))
        self.sketch.blob(outline, fill)
        half = smooth([*line, *outline[5:]])
        self.sketch.path(half, shade(colour, -0.35), opacity=0.28)
        self.sketch.curve(line[:-1], shade(colour, 0.32), max(width * 0.05, 0.15), 0.7)

    def reach(self, points: Sequence[Point]) -> None:
        """Counts points to what the plant reaches to."""
        self._reach += points

    def drawing(self) -> Drawing:
        """Returns what was collected."""
        across = [x for x, _ in self._reach]
        top = min(y for _, y in self._reach)
        return Drawing(self.sketch.svg(), min(across), top, max(across))


def bent(base: Point, angle: float, length: float, droop: float) -> list[Point]:
    """Returns five points of a line that starts at an angle and bends down by `droop` degrees."""
    points = [base]
    x, y = base
    for step in range(4):
        turn = math.radians(angle + math.copysign(droop * (step + 0.5) / 4, angle))
        x, y = x + length / 4 * math.sin(turn), y - length / 4 * math.cos(turn)
        points.append((x, y))
    return points


def spread(count: int, random: Random) -> list[float]:
    """Returns ways to lean, from left (-1) to right (1), the outermost and hindmost first."""
    ways = [2 * (index + random.random()) / count - 1 for index in range(count)]
    return sorted(ways, key=abs, reverse=True)


def green(random: Random, light: float = 0) -> str:
    lightness = random.uniform(0.24, 0.4) + light
    return hsl(random.uniform(88, 140), random.uniform(0.3, 0.5), lightness)


def along(line: Sequence[Point], share: float) -> tuple[Point, float]:
    """Returns the point at a share of a line, and the direction there (from upright)."""
    at = share * (len(line) - 1)
    index = min(int(at), len(line) - 2)
    (x, y), (to_x, to_y) = line[index], line[index + 1]
    rest = at - index
    point = (x + (to_x - x) * rest, y + (to_y - y) * rest)
    return point, math.atan2(to_x - x, y - to_y)
