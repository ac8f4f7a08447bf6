"""Cars seen from the front or from behind."""

from dataclasses import dataclass
from random import Random

from voc_demo.sketch import Drawing, Point, Sketch, mix, rounded, shade
from voc_demo.vehicles.parts import (
    Corners,
    car_paint,
    glazed,
    head_and_shoulders,
)


@dataclass(frozen=True)
class _End:
    """Half width, height, height of the window's foot and clearance, in cm; colours."""

    half: float
    height: float
    belt: float
    clearance: float
    paint: str
    trim: str


def car_from_end(random: Random) -> Drawing:
    """Draws a car from the front or from behind."""
    height = random.choice((128, 144, 148, 152, 170, 178)) * random.uniform(0.98, 1.02)
    paint = car_paint(random)
    rugged = height > 165
    car = _End(
        random.uniform(85, 90) + (4 if rugged else 0),
        height,
        height * random.uniform(0.64, 0.67),
        27 if rugged else 17,
        paint,
        "#26292c" if rugged or random.random() < 0.3 else shade(paint, -0.3),
    )
    sketch = Sketch()
    for side in (-1, 1):
        x = side * (car.half - 17)
        sketch.rect(x - 13, -42, 26, 42, sketch.gradient("#0c0d0e", "#2b2e30", "#141516"), 7)
    sketch.rect(-car.half + 20, -44, 2 * car.half - 40, 30, "#0c0d0e", 6)
    behind = random.random() < 0.45
    _cabin(sketch, car, behind, random)
    _body(sketch, car)
    if behind:
        _tail(sketch, car, random)
    else:
        _face(sketch, car, random)
    if not behind or random.random() < 0.7:
        _mirrors(sketch, car)
        reach = car.half + 13.5
    else:
        reach = car.half
    return Drawing(sketch.svg(), -reach, -car.height, reach)


def _even(points: list[tuple[float, float, float]]) -> Corners:
    """Returns the corners and their mirror images; the points go down the right-hand side."""
    return points + [(-x, y, radius) for x, y, radius in reversed(points)]


def _cabin(sketch: Sketch, car: _End, behind: bool, random: Random) -> None:
    top, belt, half = -car.height, -car.belt, car.half
    paint = car.paint
    roof = _even([(half * 0.6, top, 16), (half * 0.68, top + 7, 14), (half * 0.92, belt + 2, 8)])
    sketch.path(rounded(roof), sketch.gradient(shade(paint, 0.5), paint, shade(paint, -0.35)))
    foot = belt + (2 if behind else 5)
    pane = _even([(half * 0.6, top + 11, 12), (half * 0.79, foot, 12)])
    with glazed(sketch, pane):
        for x in (-half * 0.38, half * 0.38):
            sketch.rect(x - 17, foot - 24, 34, 40, "#171c20", 9)
            sketch.rect(x - 9, foot - 37, 18, 13, "#171c20", 5)
        if random.random() < 0.6 and not behind:
            with sketch.moved(-half * 0.38, foot + 4, scale=0.85):
                head_and_shoulders(sketch, 0, 0, mix("#8a6a55", "#20262b", 0.4))
        sketch.rect(-9, top + 13, 18, 6, "#14181b", 2)
    sketch.path(rounded(pane), None, "#15181b", 2)
    if behind:
        sketch.line([(0, foot - 2), (-half * 0.42, foot - 15)], "#101214", 2)
    else:
        for x in (-half * 0.55, half * 0.08):
            sketch.line([(x, foot - 1), (x + half * 0.5, foot - 4)], "#101214", 1.8)


def _body(sketch: Sketch, car: _End) -> None:
    half, belt, paint, low = car.half, -car.belt, car.paint, -car.clearance
    outline = rounded(_even([
        (half * 0.84, belt - 1, 14), (half - 3, belt + 22, 20), (half, belt * 0.55, 16),
        (half - 1, low - 16, 8), (half - 8, low, 9),
    ]))  # fmt: skip
    coat = (shade(paint, 0.4), shade(paint, 0.12), paint, shade(paint, -0.15), shade(paint, -0.4))
    sketch.path(outline, sketch.gradient(*coat))
    with sketch.clipped(outline):
        for side in (-1, 1):
            edge: list[Point] = [(side * half * 0.8, belt - 6), (side * (half + 3), belt - 4),
                                 (side * (half + 3), low), (side * half * 0.9, low)]  # fmt: skip
            sketch.polygon(edge, shade(paint, -0.55), opacity=0.25)
        sketch.rect(-half, low - 17, 2 * half, 30, sketch.gradient(car.trim, "#0f1112"))


def _face(sketch: Sketch, car: _End, random: Random) -> None:
    half, belt, paint, low = car.half, -car.belt, car.paint, -car.clearance
    lamps = belt + (car.belt - car.clearance) * 0.42
    # bonnet: creases and the light on it
    sketch.path(rounded(_even([(half * 0.7, belt + 5, 8), (half * 0.8, lamps - 11, 10)])),
                sketch.gradient(shade(paint, 0.15), shade(paint, 0.55)), opacity=0.45)  # fmt: skip
    for side in (-1, 1):
        sketch.curve([(side * half * 0.5, belt + 6), (side * half * 0.46, lamps - 22),
                      (side * half * 0.38, lamps - 10)], shade(paint, -0.45), 1.2, 0.6)  # fmt: skip
    sketch.curve([(-half * 0.82, lamps - 10), (0, lamps - 12.5), (half * 0.82, lamps - 10)],
                 shade(paint, -0.55), 1.3, 0.8)  # fmt: skip
    _grille(sketch, car, lamps, random.randrange(3))
    round_lamps = random.random() < 0.3
    for side in (-1, 1):
        x = side * half * 0.74
        if round_lamps:
            sketch.circle(x, lamps, 14, sketch.gradient("#f4f5f6", "#83898e"))
            sketch.circle(x, lamps, 11.5, sketch.glow("#ffffff", "#e9e6d4", "#8d979e"))
        else:
            shape = [(x + side * 17, lamps - 13, 6), (x - side * 18, lamps - 6, 4),
                     (x - side * 13, lamps + 8, 6), (x + side * 18, lamps + 5, 8)]  # fmt: skip
            sketch.path(rounded(shape), sketch.gradient("#eef3f6", "#98a5ad"), "#2a2f33", 1.6)
            sketch.circle(
                x + side * 5, lamps - 2, 6.5, sketch.glow("#ffffff", "#f3ecd0", "#8d979e")
            )
        sketch.circle(x, low - 13, 5.5, sketch.gradient("#f5f5ef", "#868d92"))
    intake = _even([(half * 0.5, low - 21, 4), (half * 0.44, low - 6, 4)])
    sketch.path(rounded(intake), "#0d0f10")
    _plate(sketch, low - 19, random)


def _grille(sketch: Sketch, car: _End, y: float, style: int) -> None:
    wide = car.half * (0.46, 0.4, 0.26)[style]
    deep = (9, 15, 13)[style]
    shape = rounded(_even([(wide, y - 8, 5), (wide * 0.86, y + deep, 6)]))
    sketch.path(shape, sketch.gradient("#0e1011", "#2b2f32"), "#b9bfc4", 1.8)
    with sketch.clipped(shape):
        if style == 2:
            bars = "".join(f"M{x:.4g} {y - 10:.4g}v40" for x in range(-30, 31, 5))
        else:
            bars = "".join(f"M-60 {y - 4 + 5 * at:.4g}h120" for at in range(6))
        sketch.path(bars, None, "#7b8288", 1.2)
    sketch.circle(0, y - 3 if style else y - 14, 5, sketch.gradient("#f4f5f6", "#7d8489"))


def _plate(sketch: Sketch, y: float, random: Random) -> None:
    colour = random.choice(("#f4f3ec", "#f4f3ec", "#f0cf4a"))
    sketch.rect(-26, y - 6, 52, 12, colour, 1.5, "#2a2d30", 0.8)
    for x in (-20, -14, -8, 2, 8, 14):
        sketch.rect(x, y - 3, 3.6, 6, "#25282b", 0.8)


def _tail(sketch: Sketch, car: _End, random: Random) -> None:
    half, belt, paint, low = car.half, -car.belt, car.paint, -car.clearance
    lamps = belt + 24
    lid = rounded(_even([(half * 0.7, belt + 3, 6), (half * 0.74, belt + 44, 10)]))
    coat = sketch.gradient(shade(paint, 0.35), shade(paint, -0.1))
    sketch.path(lid, coat, shade(paint, -0.55), 1.2)
    wide = random.random() < 0.5
    for side in (-1, 1):
        outer, inner = side * (half - 3), side * half * (0.5 if wide else 0.74)
        high, deep = (lamps - 9, lamps + 10) if wide else (lamps - 16, lamps + 24)
        shape = rounded([(outer, high, 6), (inner, high + 2, 4), (inner + side * 2, deep, 4),
                         (outer + side, deep, 7)])  # fmt: skip
        sketch.path(shape, sketch.gradient("#ff6a52", "#d3201e", "#7f0f12"))
        middle = (outer + inner) / 2
        sketch.rect(middle - 7, (high + deep) / 2 - 3, 14, 6, "#ffd9cf", 3, opacity=0.8)
        if random.random() < 0.5:
            sketch.circle(side * half * 0.55, low - 4, 5, sketch.gradient("#dfe2e4", "#4a4f53"))
            sketch.circle(side * half * 0.55, low - 4, 3.2, "#121415")
    bumper = low - 34
    sketch.line([(-half + 3, bumper), (half - 3, bumper)], shade(paint, -0.55), 1.4, 0.8)
    sketch.line([(-half + 3, bumper + 2), (half - 3, bumper + 2)], shade(paint, 0.5), 1.4, 0.5)
    sketch.circle(0, belt + 14, 5, sketch.gradient("#f4f5f6", "#7d8489"))
    _plate(sketch, belt + 32, random)
    sketch.rect(-half * 0.8, low - 14, 12, 5, "#c3241f", 2)
    sketch.rect(half * 0.8 - 12, low - 14, 12, 5, "#c3241f", 2)


def _mirrors(sketch: Sketch, car: _End) -> None:
    for side in (-1, 1):
        x, y = side * (car.half + 3), -car.belt - 3
        sketch.line([(side * car.half * 0.86, y + 6), (x, y + 3)], "#1b1e20", 4)
        shape = rounded([(x - 11, y - 8, 5), (x + 11, y - 8, 5), (x + 10, y + 8, 6),
                         (x - 10, y + 8, 6)])  # fmt: skip
        sketch.path(shape, sketch.gradient(shade(car.paint, 0.4), shade(car.paint, -0.4)))
