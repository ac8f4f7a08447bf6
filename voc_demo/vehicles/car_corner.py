"""Cars seen from a corner: the front is turned towards the viewer."""

import math
from dataclasses import dataclass
from random import Random

from voc_demo.sketch import Drawing, Point, Sketch, mix, rounded, shade, straight
from voc_demo.vehicles.car_shapes import CarShape, car_shape
from voc_demo.vehicles.parts import (
    Corners,
    Perspective,
    Rim,
    car_paint,
    glazed,
    head_and_shoulders,
    road_rim,
)

_Ellipse = tuple[float, float, float, float]
_SHARES = (0, 0.06, 0.16, 0.32, 0.5, 0.68, 0.84, 0.94, 1)


@dataclass(frozen=True)
class _Car:
    shape: CarShape
    view: Perspective
    width: float

    def spot(self, back: float, share: float, up: float) -> Point:
        """Returns where a point of the body is seen.

        It lies a share of the length behind the nose, of the width from the near side, and of the
        height up. The sides lean in above the waist; the front is rounded.
        """
        waist = self.shape.cowl[1]
        inset = 5 + 24 * (up - waist) / (1 - waist) if up > waist else 5 * abs(up - 0.4) / 0.3
        behind = self.shape.length * back
        behind += 22 * abs(2 * share - 1) ** 3 * max(1 - back / 0.55, 0)
        across = inset + share * (self.width - 2 * inset)
        return self.view.at(behind, across, up * self.shape.height)

    def side(self, points: list[tuple[float, float, float]]) -> Corners:
        """Returns corners (back, up, radius) on the near side."""
        return [(*self.spot(back, 0, up), radius) for back, up, radius in points]

    def band(self, first: Point, last: Point, start: float = 0, end: float = 1) -> list[Point]:
        """Returns a strip across the car between two (back, up)."""
        shares = [start + (end - start) * share for share in _SHARES]
        edge = [self.spot(first[0], share, first[1]) for share in shares]
        return edge + [self.spot(last[0], share, last[1]) for share in reversed(shares)]


def car_from_corner(random: Random) -> Drawing:
    """Draws a car whose side and front are both in sight."""
    shape = car_shape(random)
    view = Perspective(random.uniform(38, 58), 900, shape.height * random.uniform(0.95, 1.15))
    car = _Car(shape, view, 176 + 10 * shape.rugged)
    paint, rim = car_paint(random), road_rim(random)
    sketch = Sketch()
    low = shape.clearance / shape.height
    left, right = car.spot(1, 0, 0.42)[0], max(car.spot(0, at, 0.36)[0] for at in _SHARES)
    middle = (left + right) / 2
    sunk = view.at(shape.axles[0] * shape.length, 4, 0)[1]
    with sketch.moved(-middle, -sunk):
        _underneath(sketch, car)
        _cabin(sketch, car, paint, random)
        _flank(sketch, car, paint, low)
        _front(sketch, car, paint, low, random)
        for axle in shape.axles:
            _wheel(sketch, car, axle, rim)
        _mirrors(sketch, car, paint)
    top = min(car.spot(back, 0.1, 0.995)[1] for back in (shape.roof_front[0] + 0.06, 0.55))
    return Drawing(sketch.svg(), left - middle, top - sunk, right - middle)


def _underneath(sketch: Sketch, car: _Car) -> None:
    shape, low = car.shape, car.shape.clearance / car.shape.height
    dark = [car.spot(0.97, 0, low * 1.6), car.spot(0.1, 0, low * 1.6), car.spot(0.06, 1, low * 1.6),
            car.spot(0.06, 1, low * 0.7), car.spot(0.12, 0.2, low * 0.5),
            car.spot(0.95, 0.1, low * 0.6)]  # fmt: skip
    sketch.polygon(dark, "#0c0d0e")
    x, y = car.view.at(shape.axles[0] * shape.length, car.width - 14, 0)
    sketch.rect(x - 15, y - 44, 24, 44, "#17191b", 8)


def _flank(sketch: Sketch, car: _Car, paint: str, low: float) -> None:
    shape = car.shape
    (cowl_x, cowl_y), (deck_x, deck_y) = shape.cowl, shape.deck
    outline = rounded(car.side([
        (0.03, low, 0), (-0.004, 0.36, 10), (0.012, shape.nose, 4),
        (0.075, shape.nose + 0.06, 16), (cowl_x, cowl_y, 12),
        ((cowl_x + deck_x) / 2, max(cowl_y, deck_y) + 0.005, 40), (deck_x, deck_y, 10),
        (*shape.tail, 8), (1.003, 0.42, 14), (0.99, low * 1.5, 10), (0.96, low, 8),
    ]))  # fmt: skip
    coat = (shade(paint, 0.3), paint, shade(paint, -0.1), shade(paint, -0.28), shade(paint, -0.5))
    sketch.path(outline, sketch.gradient(*coat))
    with sketch.clipped(outline):
        crease = [car.spot(back, 0, 0.53) for back in (0, 0.3, 0.6, 1)]
        sketch.curve(crease, shade(paint, -0.5), 1.2, 0.6)
        sketch.curve([(x, y + 2) for x, y in crease], shade(paint, 0.6), 1.4, 0.45)
        trim = "#24282b" if shape.rugged else shade(paint, -0.5)
        sill = car.side([(-0.1, low + 0.08, 0), (1.1, low + 0.08, 0), (1.1, 0, 0), (-0.1, 0, 0)])
        sketch.path(rounded(sill), trim)
        for axle in shape.axles:
            _arch(sketch, car, axle)
    seam = shade(paint, -0.6)
    for back in (cowl_x + 0.055, cowl_x + 0.27, min(cowl_x + 0.48, shape.axles[1] - 0.04)):
        sketch.line([car.spot(back, 0, cowl_y - 0.03), car.spot(back - 0.005, 0, low + 0.1)], seam,
                    1, 0.7)  # fmt: skip
    for back in (cowl_x + 0.22, cowl_x + 0.43)[: shape.doors]:
        (x1, y1), (x2, y2) = car.spot(back, 0, 0.6), car.spot(back + 0.045, 0, 0.6)
        sketch.line([(x1, y1), (x2, y2)], shade(paint, -0.5), 3.6)
        sketch.line([(x1, y1 - 0.8), (x2, y2 - 0.8)], shade(paint, 0.5), 1.8)


def _round(car: _Car, axle: float, radius: float, across: float = 0) -> _Ellipse:
    """Returns centre and radii of a circle around an axle, as seen."""
    back, size = axle * car.shape.length, car.shape.wheel
    x, y = car.view.at(back, across, size)
    left, _ = car.view.at(back + radius, across, size)
    right, _ = car.view.at(back - radius, across, size)
    _, top = car.view.at(back, across, size + radius)
    return x, y, (right - left) / 2, y - top


def _arch(sketch: Sketch, car: _Car, axle: float) -> None:
    if car.shape.rugged:
        sketch.ellipse(*_round(car, axle, car.shape.wheel * 1.3), "#24282b")
    sketch.ellipse(*_round(car, axle, car.shape.wheel * 1.15), "#0b0c0d")


def _wheel(sketch: Sketch, car: _Car, axle: float, rim: Rim) -> None:
    size = car.shape.wheel
    sketch.ellipse(*_round(car, axle, size, across=12), "#0e0f10")
    x, y, wide, tall = _round(car, axle, size, across=4)
    sketch.ellipse(x, y, wide, tall, sketch.glow("#3d4043", "#1d1f21", "#121314", x=0.5, y=0.1))
    sketch.ellipse(x, y, wide * 0.68, tall * 0.68, sketch.gradient("#1a1c1e", "#34383b"))
    turns = [math.tau * (at + 0.3) / rim.spokes for at in range(rim.spokes)]
    star = "".join(
        f"M{x:.5g} {y:.5g}L{x + 0.66 * wide * math.sin(turn):.5g} "
        f"{y - 0.66 * tall * math.cos(turn):.5g}"
        for turn in turns
    )
    sketch.path(star, None, shade(rim.colour, -0.4), size * (rim.spoke_width + 0.05))
    sketch.path(star, None, rim.colour, size * rim.spoke_width)
    metal = sketch.gradient(shade(rim.colour, 0.5), rim.colour, shade(rim.colour, -0.35))
    sketch.ellipse(x, y, wide * 0.66, tall * 0.66, None, metal, size * 0.07)
    sketch.ellipse(x, y, wide * 0.15, tall * 0.15, metal)


def _cabin(sketch: Sketch, car: _Car, paint: str, random: Random) -> None:
    shape = car.shape
    (cowl_x, cowl_y), (front_x, _) = shape.cowl, shape.roof_front
    (rear_x, rear_y), (deck_x, deck_y) = shape.roof_rear, shape.deck
    # roof and wind screen
    roof = car.band((front_x, 0.965), ((front_x + rear_x) / 2, 1.0))
    sketch.polygon(roof, sketch.gradient(shade(paint, 0.55), shade(paint, 0.2)))
    screen = car.band((cowl_x, cowl_y - 0.01), (front_x, 0.97))
    sketch.polygon(screen, shade(paint, 0.1), shade(paint, 0.1), 2)
    pane = car.band((cowl_x + 0.004, cowl_y), (front_x - 0.004, 0.955), 0.05, 0.95)
    with glazed(sketch, [(x, y, 3.0) for x, y in pane]):
        if random.random() < 0.6:
            x, y = car.spot(cowl_x, 0.72, cowl_y)
            with sketch.moved(x, y, scale=0.75):
                head_and_shoulders(sketch, 0, 0, mix("#8a6a55", "#20262b", 0.4))
    # near side
    house = rounded(car.side([
        (cowl_x, cowl_y - 0.04, 4), (front_x, 0.97, 12), ((front_x + rear_x) / 2, 1.005, 40),
        (rear_x, rear_y + 0.01, 16), (deck_x, deck_y - 0.03, 8),
    ]))  # fmt: skip
    sketch.path(house, sketch.gradient(shade(paint, 0.4), shade(paint, -0.1)))
    end = deck_x - (0.035 if deck_x > 0.94 else 0.085)
    windows = car.side([
        (cowl_x + 0.04, cowl_y + 0.01, 4), (front_x + 0.02, 0.925, 8),
        (rear_x - 0.02, 0.92, 10), (end, max(cowl_y, deck_y) + 0.015, 5),
    ])  # fmt: skip
    with glazed(sketch, windows):
        for back in (cowl_x + 0.29, cowl_x + 0.48):
            x, y = car.spot(back, 0.1, 0.9)
            sketch.rect(x - 8, y, 13, 60, "#15191c", 5)
    sketch.path(rounded(windows), None, "#15181b", 1.8)
    for back in (cowl_x + 0.26, cowl_x + 0.47)[: shape.doors]:
        if back < rear_x - 0.06:
            post = [car.spot(back, 0, cowl_y), car.spot(back + 0.018, 0, cowl_y),
                    car.spot(back + 0.028, 0, 0.925), car.spot(back + 0.012, 0, 0.925)]  # fmt: skip
            sketch.polygon(post, "#15181b")


def _front(sketch: Sketch, car: _Car, paint: str, low: float, random: Random) -> None:
    shape, nose = car.shape, car.shape.nose
    bonnet = car.band((0.012, nose), shape.cowl)
    sketch.polygon(bonnet, sketch.gradient(shade(paint, 0.25), shade(paint, 0.5), paint))
    for share in (0.24, 0.76):
        sketch.line([car.spot(0.05, share, nose + 0.02), car.spot(shape.cowl[0] - 0.03, share * 0.9
                     + 0.05, shape.cowl[1] - 0.01)], shade(paint, -0.35), 1.2, 0.5)  # fmt: skip
    face = car.band((0.02, low), (0.012, nose))
    face[len(_SHARES) : len(_SHARES)] = [car.spot(-0.004, 1, 0.36)]
    face.append(car.spot(-0.004, 0, 0.36))
    coat = (shade(paint, 0.35), shade(paint, 0.1), paint, shade(paint, -0.35))
    sketch.polygon(face, sketch.gradient(*coat), shade(paint, -0.05), 1.2)
    sketch.polygon(car.band((0.02, low), (0.008, low + 0.09)),
                   "#1b1e20" if shape.rugged else shade(paint, -0.5))  # fmt: skip
    sketch.polygon(car.band((0, low + 0.03), (0, low + 0.14), 0.25, 0.75), "#0e1011")
    sketch.polygon(car.band((0.004, nose - 0.17), (0.01, nose - 0.055), 0.3, 0.7), "#15181a",
                   "#b9bfc4", 1.6)  # fmt: skip
    for up in (nose - 0.14, nose - 0.115, nose - 0.09):
        sketch.curve([car.spot(0.006, share, up) for share in (0.31, 0.5, 0.69)], "#7b8288", 1.2)
    sketch.circle(*car.spot(0.008, 0.5, nose - 0.11), 4.5, sketch.gradient("#f4f5f6", "#7d8489"))
    plate = car.band((0, low + 0.075), (0, low + 0.155), 0.37, 0.63)
    sketch.polygon(plate, random.choice(("#f4f3ec", "#f4f3ec", "#f0cf4a")), "#2a2d30", 0.8)
    with sketch.clipped(straight(face)):
        _headlamp(sketch, car, 1, 0.78, 0.02)
    _headlamp(sketch, car, 0, 0.22, 0.07)


def _headlamp(sketch: Sketch, car: _Car, start: float, end: float, wrap: float) -> None:
    """Adds a headlamp from the corner inwards; `wrap` is how far it reaches round the corner."""
    high = car.shape.nose
    spots = [(0.012, end, high - 0.06), (0.012, end, high - 0.11), (0.005, start, high - 0.13),
             (wrap, start, high - 0.06), (wrap / 2, start, high - 0.015)]  # fmt: skip
    lens = rounded([(*car.spot(*spot), 4.0) for spot in spots])
    sketch.path(lens, sketch.gradient("#f4f8fa", "#98a5ad"), "#2a2f33", 1.4)
    x, y = car.spot(0.012, (start + end) / 2, high - 0.085)
    sketch.circle(x, y, 5.5, sketch.glow("#ffffff", "#f3ecd0", "#8d979e"))


def _mirrors(sketch: Sketch, car: _Car, paint: str) -> None:
    cowl_x, cowl_y = car.shape.cowl
    for share, lift in ((-0.05, 0.035), (1.04, 0.045)):
        x, y = car.spot(cowl_x + 0.05, share, cowl_y + lift)
        shape = [(x - 7, y - 8, 4), (x + 8, y - 8, 4), (x + 8, y + 7, 5), (x - 6, y + 7, 5)]
        coat = sketch.gradient(shade(paint, 0.4), shade(paint, -0.4))
        sketch.path(rounded(shape), coat, shade(paint, -0.5), 0.7)
