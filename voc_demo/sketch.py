"""Vector drawing: shapes, shading and organic outlines, collected as SVG.

A thing is drawn in centimetres of its real size, facing right, x to the right and y downwards,
standing on the ground line y = 0 (so that its own y are negative) with its middle near x = 0.
"""

import colorsys
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

Point = tuple[float, float]


@dataclass(frozen=True)
class Drawing:
    """One thing, in centimetres.

    Attributes:
        svg: the elements.
        left, top, right: what it reaches to; the bottom is the ground line, y = 0.
        seat: where the hips of somebody are who rides it, sits on it, or is drawn so.
        surface: (left, right, y) of a top that smaller things can stand on.
    """

    svg: str
    left: float
    top: float
    right: float
    seat: Point | None = None
    surface: tuple[float, float, float] | None = None

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return -self.top


class Sketch:
    """Collects shapes, the first one lowest.

    A `fill` or `stroke` is a colour (`#rrggbb`), what `gradient` or `glow` returned, or None.
    """

    def __init__(self) -> None:
        self._definitions: list[str] = []
        self._shapes: list[str] = []

    def svg(self) -> str:
        """Returns all elements, definitions first."""
        definitions = f"<defs>{''.join(self._definitions)}</defs>" if self._definitions else ""
        return definitions + "".join(self._shapes)

    def path(
        self,
        d: str,
        fill: str | None,
        stroke: str | None = None,
        width: float = 0,
        opacity: float = 1,
    ) -> None:
        """Adds an SVG path; `width` is the stroke's, round at ends and corners."""
        line = f' stroke="{stroke}" stroke-width="{width:.5g}"' if stroke else ""
        shown = ""
        if opacity < 1:
            # Opacity of a whole element is rendered on a layer of its own, which is slow.
            kind = "opacity" if fill and stroke else "fill-opacity" if fill else "stroke-opacity"
            shown = f' {kind}="{opacity:.3g}"'
        self._shapes.append(
            f'<path d="{d}" fill="{fill or "none"}"{line} stroke-linecap="round" '
            f'stroke-linejoin="round"{shown}/>'
        )

    def polygon(
        self, points: Sequence[Point], fill: str | None, stroke: str | None = None,
        width: float = 0, opacity: float = 1,
    ) -> None:  # fmt: skip
        """Adds straight edges through the points, closed."""
        self.path(straight(points), fill, stroke, width, opacity)

    def blob(
        self, points: Sequence[Point], fill: str | None, stroke: str | None = None,
        width: float = 0, opacity: float = 1,
    ) -> None:  # fmt: skip
        """Adds a smooth closed outline through the points."""
        self.path(smooth(points), fill, stroke, width, opacity)

    def line(self, points: Sequence[Point], stroke: str, width: float, opacity: float = 1) -> None:
        """Adds an open line with straight pieces."""
        self.path(straight(points, closed=False), None, stroke, width, opacity)

    def curve(self, points: Sequence[Point], stroke: str, width: float, opacity: float = 1) -> None:
        """Adds an open smooth line."""
        self.path(smooth(points, closed=False), None, stroke, width, opacity)

    def limb(self, points: Sequence[Point], widths: Sequence[float], fill: str) -> None:
        """Adds a leg, arm, tail or branch: smooth along the points, as thick as `widths` says."""
        self.blob(limb_outline(points, widths), fill)

    def rect(
        self, x: float, y: float, width: float, height: float, fill: str | None,
        radius: float = 0, stroke: str | None = None, line: float = 0, opacity: float = 1,
    ) -> None:  # fmt: skip
        """Adds a rectangle with rounded corners; (x, y) is its upper left, `line` the stroke."""
        r = min(radius, width / 2, height / 2)
        d = (
            f"M{_n(x + r)} {_n(y)}h{_n(width - 2 * r)}a{_n(r)} {_n(r)} 0 0 1 {_n(r)} {_n(r)}"
            f"v{_n(height - 2 * r)}a{_n(r)} {_n(r)} 0 0 1 {_n(-r)} {_n(r)}h{_n(2 * r - width)}"
            f"a{_n(r)} {_n(r)} 0 0 1 {_n(-r)} {_n(-r)}v{_n(2 * r - height)}"
            f"a{_n(r)} {_n(r)} 0 0 1 {_n(r)} {_n(-r)}z"
        )
        self.path(d, fill, stroke, line, opacity)

    def ellipse(
        self, x: float, y: float, radius_x: float, radius_y: float, fill: str | None,
        stroke: str | None = None, width: float = 0, opacity: float = 1,
    ) -> None:  # fmt: skip
        """Adds an ellipse around (x, y)."""
        rx, ry = _n(radius_x), _n(radius_y)
        d = f"M{_n(x - radius_x)} {_n(y)}a{rx} {ry} 0 1 1 {_n(2 * radius_x)} 0"
        self.path(f"{d}a{rx} {ry} 0 1 1 {_n(-2 * radius_x)} 0z", fill, stroke, width, opacity)

    def circle(
        self, x: float, y: float, radius: float, fill: str | None, stroke: str | None = None,
        width: float = 0, opacity: float = 1,
    ) -> None:  # fmt: skip
        """Adds a circle around (x, y)."""
        self.ellipse(x, y, radius, radius, fill, stroke, width, opacity)

    def gradient(self, *colours: str, horizontal: bool = False) -> str:
        """Returns a fill that goes evenly from the first colour (top, left) to the last."""
        end = 'x2="1" y2="0"' if horizontal else 'x2="0" y2="1"'
        return self._define("linearGradient", f'x1="0" y1="0" {end}', colours)

    def glow(self, *colours: str, x: float = 0.4, y: float = 0.3, radius: float = 0.8) -> str:
        """Returns a fill from the first colour at a point to the last around it, as on a ball.

        Point and radius are fractions of the shape's box.
        """
        return self._define("radialGradient", f'cx="{x}" cy="{y}" r="{radius}"', colours)

    @contextmanager
    def moved(
        self, x: float = 0, y: float = 0, angle: float = 0, scale: float = 1, opacity: float = 1
    ) -> Iterator[None]:
        """Moves, turns (degrees, clockwise) and scales what is added inside the block."""
        place = f"translate({_n(x)} {_n(y)}) rotate({_n(angle)}) scale({_n(scale)})"
        self._shapes.append(f'<g transform="{place}" opacity="{opacity:.3g}">')
        yield
        self._shapes.append("</g>")

    @contextmanager
    def clipped(self, d: str) -> Iterator[None]:
        """Shows what is added inside the block only within an outline (an SVG path)."""
        name = f"c{len(self._definitions)}"
        self._definitions.append(f'<clipPath id="{name}"><path d="{d}"/></clipPath>')
        self._shapes.append(f'<g clip-path="url(#{name})">')
        yield
        self._shapes.append("</g>")

    @contextmanager
    def blurred(self, radius: float) -> Iterator[None]:
        """Blurs what is added inside the block: soft shadows and highlights. Slow; use rarely."""
        name = f"b{len(self._definitions)}"
        self._definitions.append(
            f'<filter id="{name}" x="-50%" y="-50%" width="200%" height="200%">'
            f'<feGaussianBlur stdDeviation="{radius:.4g}"/></filter>'
        )
        self._shapes.append(f'<g filter="url(#{name})">')
        yield
        self._shapes.append("</g>")

    def _define(self, kind: str, place: str, colours: Sequence[str]) -> str:
        name = f"p{len(self._definitions)}"
        last = max(len(colours) - 1, 1)
        stops = "".join(
            f'<stop offset="{index / last:.4g}" stop-color="{colour}"/>'
            for index, colour in enumerate(colours)
        )
        self._definitions.append(f'<{kind} id="{name}" {place}>{stops}</{kind}>')
        return f"url(#{name})"


def shade(colour: str, amount: float) -> str:
    """Returns a colour lighter (amount > 0, 1 is white) or darker (amount < 0, -1 is black)."""
    return mix(colour, "#ffffff" if amount > 0 else "#000000", abs(amount))


def mix(first: str, second: str, share: float) -> str:
    """Returns the colour between two, `share` of the way to the second."""
    pairs = [(int(first[at : at + 2], 16), int(second[at : at + 2], 16)) for at in (1, 3, 5)]
    return "#" + "".join(f"{round(a + (b - a) * min(max(share, 0), 1)):02x}" for a, b in pairs)


def clear(colour: str, opacity: float) -> str:
    """Returns a see-through colour; much faster to render than a large shape's `opacity`."""
    return f"{colour}{round(255 * min(max(opacity, 0), 1)):02x}"


def hsl(hue: float, saturation: float, lightness: float) -> str:
    """Returns a colour; hue in degrees, the others in [0, 1]."""
    parts = colorsys.hls_to_rgb(hue % 360 / 360, lightness, saturation)
    return "#" + "".join(f"{round(255 * part):02x}" for part in parts)


def straight(points: Sequence[Point], closed: bool = True) -> str:
    """Returns an SVG path with straight pieces."""
    return "M" + "L".join(f"{_n(x)} {_n(y)}" for x, y in points) + ("z" if closed else "")


def smooth(points: Sequence[Point], closed: bool = True) -> str:
    """Returns an SVG path smoothly through the points (Catmull-Rom as Bézier pieces)."""
    count = len(points)

    def at(index: int) -> Point:
        return points[index % count] if closed else points[min(max(index, 0), count - 1)]

    parts = [f"M{_n(points[0][0])} {_n(points[0][1])}"]
    for index in range(count if closed else count - 1):
        before, start, end, after = (at(index + step) for step in (-1, 0, 1, 2))
        first = (start[0] + (end[0] - before[0]) / 6, start[1] + (end[1] - before[1]) / 6)
        second = (end[0] - (after[0] - start[0]) / 6, end[1] - (after[1] - start[1]) / 6)
        parts.append("C" + " ".join(f"{_n(x)} {_n(y)}" for x, y in (first, second, end)))
    return "".join(parts) + ("z" if closed else "")


def rounded(corners: Sequence[tuple[float, float, float]]) -> str:
    """Returns a closed SVG path with straight pieces and corners (x, y, radius) rounded off."""
    count = len(corners)
    parts = []
    for index, (x, y, radius) in enumerate(corners):
        ends = []
        for near_x, near_y, _ in (corners[index - 1], corners[(index + 1) % count]):
            length = math.hypot(near_x - x, near_y - y) or 1
            share = min(radius / length, 0.5)
            ends.append((x + (near_x - x) * share, y + (near_y - y) * share))
        (x1, y1), (x2, y2) = ends
        parts.append(f"{_n(x1)} {_n(y1)}Q{_n(x)} {_n(y)} {_n(x2)} {_n(y2)}")
    return "M" + "L".join(parts) + "z"


def limb_outline(points: Sequence[Point], widths: Sequence[float]) -> list[Point]:
    """Returns the outline around a line, half of each width to either side."""
    left, right = [], []
    for index, ((x, y), width) in enumerate(zip(points, widths, strict=True)):
        start, end = points[max(index - 1, 0)], points[min(index + 1, len(points) - 1)]
        length = math.hypot(end[0] - start[0], end[1] - start[1]) or 1
        across = (-(end[1] - start[1]) / length, (end[0] - start[0]) / length)
        left.append((x + across[0] * width / 2, y + across[1] * width / 2))
        right.append((x - across[0] * width / 2, y - across[1] * width / 2))
    return left + right[::-1]


def _n(value: float) -> str:
    return f"{value:.5g}"
