"""Motorbikes from the side: sports machine, roadster and cruiser."""

import math
from random import Random

from voc_demo.sketch import Drawing, Point, Sketch, rounded, shade
from voc_demo.vehicles.parts import (
    Rim,
    bright_paint,
    lamp,
    road_wheel,
    tube,
)

_BLACK, _CHROME = "#1d1f21", "#c6cbd0"


def sports_machine(random: Random) -> Drawing:
    """Draws a motorbike in a full fairing."""
    paint = random.choice((bright_paint(random), "#1f9a3c", "#d31f26", "#e8e9ea", "#2456b8"))
    second = random.choice(("#1e2124", "#f1f2f0", shade(paint, -0.4)))
    rim = Rim(random.choice(("#2c2f32", "#c9ced2", paint)), random.choice((5, 3, 6)), 0.15)
    sketch = Sketch()
    _wheels(sketch, (-69, 71), 31.5, rim, random)
    tube(sketch, [(50, -92), (71, -31.5)], 6, "#d2a53c" if random.random() < 0.5 else _CHROME)
    tube(sketch, [(-8, -44), (-69, -31.5)], 9, "#5a5f64")
    _guard(sketch, 71, 31.5, paint, (226, 300), 5.5)
    _frame_block(sketch)
    tube(sketch, [(-12, -30), (-40, -40), (-80, -56)], 10, "#8b9196")
    tube(sketch, [(-52, -45), (-82, -57)], 12, "#33373a")
    _tail(sketch, paint)
    tank = [(-24, -84, 4), (-14, -102, 12), (18, -110, 14), (36, -98, 8), (34, -80, 6),
            (-4, -74, 8)]  # fmt: skip
    sketch.path(rounded(tank), _coat(sketch, paint))
    sketch.curve([(-10, -99), (8, -105), (24, -104)], "#ffffff", 2, 0.6)
    _fairing(sketch, paint, second)
    sketch.line([(38, -102), (27, -100)], _BLACK, 5)
    sketch.curve([(46, -108), (36, -116), (30, -117)], _BLACK, 2)
    sketch.ellipse(28, -117, 5, 4, _BLACK)
    return Drawing(sketch.svg(), -100.5, -122, 102.5, seat=(-36, -94))


def _tail(sketch: Sketch, paint: str) -> None:
    sketch.path(
        rounded([(-20, -80, 4), (-52, -88, 8), (-84, -104, 5), (-100, -106, 3), (-92, -95, 8),
                 (-58, -74, 10), (-24, -66, 5)]), _coat(sketch, paint),
    )  # fmt: skip
    saddle = [(-14, -82, 4), (-30, -87, 8), (-54, -91, 6), (-82, -106, 3), (-62, -104, 10),
              (-46, -95, 8), (-22, -90, 6)]  # fmt: skip
    sketch.path(rounded(saddle), sketch.gradient("#484c50", _BLACK))
    sketch.path(rounded([(-100, -106, 2), (-88, -103, 2), (-90, -97, 2), (-98, -101, 2)]),
                "#d4281f")  # fmt: skip
    sketch.line([(-86, -92), (-96, -74)], _BLACK, 3)


def _fairing(sketch: Sketch, paint: str, second: str) -> None:
    outline = rounded([
        (66, -101, 4), (70, -92, 5), (58, -74, 8), (46, -66, 8), (48, -44, 14), (24, -18, 10),
        (-22, -20, 8), (-18, -34, 8), (6, -48, 8), (10, -72, 8), (30, -92, 8), (44, -106, 8),
    ])  # fmt: skip
    sketch.path(outline, _coat(sketch, paint))
    with sketch.clipped(outline):
        sketch.polygon([(-30, -26), (20, -40), (60, -74), (60, -56), (30, -10), (-30, -10)],
                       second, opacity=0.9)  # fmt: skip
        sketch.polygon([(14, -70), (34, -78), (30, -52), (14, -46)], "#15181a")
        sketch.curve([(12, -72), (32, -90), (48, -102)], "#ffffff", 2.5, 0.55)
    for y in (-66, -59, -52):
        sketch.line([(18, y), (29, y - 5)], "#42474b", 2)
    screen = rounded([(66, -101, 3), (46, -122, 5), (38, -120, 5), (42, -104, 4)])
    sketch.path(screen, sketch.gradient("#b5cad6", "#3d4a54"), opacity=0.85)
    sketch.path(rounded([(69, -94, 3), (62, -99, 3), (50, -96, 3), (60, -88, 3)]),
                sketch.gradient("#ffffff", "#b9cad4"), _BLACK, 1)  # fmt: skip


def roadster(random: Random) -> Drawing:
    """Draws a classic motorbike without fairing."""
    paint, rim = bright_paint(random), Rim("#aab0b5", 18, 0.035)
    sketch = Sketch()
    _wheels(sketch, (-70, 74), 32.5, rim, random)
    tube(sketch, [(-10, -42), (-70, -32.5)], 6, "#4a4f53")
    tube(sketch, [(46, -92), (74, -32.5)], 6.5, _CHROME)
    tube(sketch, [(52, -78), (60, -60)], 8.5, "#25282b")
    _guard(sketch, 74, 32.5, paint, (215, 305), 5.5)
    _guard(sketch, -70, 32.5, paint, (190, 292), 9)
    _frame_block(sketch)
    _engine(sketch, 6, twin=False)
    tube(sketch, [(22, -50), (30, -30), (18, -20), (-30, -22), (-88, -30)], 6, _CHROME)
    tube(sketch, [(-40, -24), (-92, -31)], 9, _CHROME)
    tube(sketch, [(-68, -34), (-54, -74)], 5, "#2b2e31")
    for at in range(5):
        x, y = -65 + 2.1 * at, -42 - 6 * at
        sketch.line([(x - 5, y - 1), (x + 5, y + 1)], "#9da3a8", 1.8)
    _teardrop(sketch, paint, (-14, -78), (44, -96))
    saddle = rounded([(-12, -79, 4), (-22, -88, 7), (-72, -90, 6), (-82, -84, 6), (-74, -77, 4)])
    sketch.path(saddle, sketch.gradient("#6a4a33", "#2a1c14")
                if random.random() < 0.4 else sketch.gradient("#4a4e52", _BLACK))  # fmt: skip
    sketch.line([(-70, -80), (-84, -77)], _BLACK, 3)
    sketch.rect(-89, -81, 9, 8, "#d4281f", 3)
    lamp(sketch, 56, -92, 10)
    sketch.path(rounded([(54, -103, 5), (44, -98, 5), (44, -86, 5), (54, -82, 5)]), _BLACK)
    tube(sketch, [(46, -93), (40, -108), (28, -108)], 3, _CHROME)
    sketch.line([(33, -108), (23, -107)], _BLACK, 5)
    _mirror(sketch, (38, -108))
    return Drawing(sketch.svg(), -111, -122.5, 106.5, seat=(-36, -97))


def cruiser(random: Random) -> Drawing:
    """Draws a long, low motorbike with a raked fork and a twin engine."""
    paint = random.choice((bright_paint(random), "#26292c", "#5b1218", "#14213f"))
    rim = random.choice((Rim("#b9bec3", 20, 0.03), Rim("#c9ced2", 5, 0.13)))
    sketch = Sketch()
    _wheels(sketch, (-82, 92), 33, rim, random)
    tube(sketch, [(38, -104), (92, -33)], 7, _CHROME)
    tube(sketch, [(62, -71), (88, -37)], 9, shade(_CHROME, -0.1))
    _guard(sketch, 92, 33, paint, (205, 310), 5.5)
    _guard(sketch, -82, 33, paint, (180, 310), 9)
    _frame_block(sketch)
    _engine(sketch, -2, twin=True)
    for low in (-30, -20):
        tube(sketch, [(16, -50), (24, low), (-10, low + 4), (-108, low)], 7, _CHROME)
    _teardrop(sketch, paint, (-16, -74), (46, -98))
    saddle = rounded([(-14, -73, 5), (-28, -70, 10), (-54, -76, 10), (-66, -90, 8),
                      (-86, -86, 6), (-82, -76, 8), (-50, -62, 8), (-16, -66, 4)])  # fmt: skip
    sketch.path(saddle, sketch.gradient("#505458", "#141516"))
    sketch.line([(-106, -56), (-116, -58)], _BLACK, 3)
    sketch.rect(-121, -62, 8, 9, "#d4281f", 3)
    lamp(sketch, 56, -93, 11)
    sketch.path(rounded([(54, -105, 6), (42, -97, 5), (44, -86, 5), (54, -82, 5)]),
                sketch.gradient("#eef0f1", "#6d7377"))  # fmt: skip
    tube(sketch, [(40, -106), (34, -124), (14, -119)], 3.4, _CHROME)
    sketch.line([(22, -121), (9, -117)], _BLACK, 5.4)
    _mirror(sketch, (30, -122))
    if random.random() < 0.5:
        bag = rounded([(-98, -74, 8), (-62, -72, 6), (-60, -46, 8), (-98, -46, 8)])
        sketch.path(bag, sketch.gradient("#6b4a31", "#33211a"))
        sketch.line([(-88, -72), (-88, -54)], "#2a1a12", 3)
        sketch.line([(-72, -72), (-72, -54)], "#2a1a12", 3)
    return Drawing(sketch.svg(), -122, -136.5, 125, seat=(-36, -82))


def _coat(sketch: Sketch, paint: str) -> str:
    return sketch.gradient(shade(paint, 0.4), paint, shade(paint, -0.1), shade(paint, -0.45))


def _wheels(sketch: Sketch, axles: tuple[float, float], radius: float, rim: Rim,
            random: Random) -> None:  # fmt: skip
    for x in axles:
        road_wheel(sketch, x, radius, rim, random.uniform(0, 72))
        sketch.circle(x, -radius, radius * 0.42, None, "#8d9398", 2.4, opacity=0.9)


def _guard(
    sketch: Sketch, x: float, radius: float, paint: str, angles: tuple[int, int], width: float
) -> None:
    """Adds a mudguard around a wheel from one angle to another, in degrees; 270 is the top."""
    reach = radius + 1 + width * 0.25
    arc = [
        (x + reach * math.cos(math.radians(at)), reach * math.sin(math.radians(at)) - radius)
        for at in range(angles[0], angles[1] + 1, 10)
    ]
    sketch.curve(arc, shade(paint, -0.4), width)
    sketch.curve(arc, paint, width * 0.7)
    shine = [(point_x, y - width * 0.14) for point_x, y in arc]
    sketch.curve(shine, shade(paint, 0.5), width * 0.17, 0.7)


def _frame_block(sketch: Sketch) -> None:
    block = rounded([(-44, -76, 8), (40, -88, 8), (34, -60, 8), (22, -26, 8), (-20, -24, 10),
                     (-26, -48, 8)])  # fmt: skip
    sketch.path(block, sketch.gradient("#33373a", "#141617"))
    tube(sketch, [(44, -84), (26, -30), (-18, -27)], 4, "#3b3f43")


def _engine(sketch: Sketch, x: float, twin: bool) -> None:
    """Adds crank case and one or two cylinders with cooling fins."""
    for angle, at in ((-22, x - 10), (22, x + 10)) if twin else ((8, x + 4),):
        with sketch.moved(at, -44, angle):
            wide = 22 if twin else 28
            sketch.rect(-wide / 2, -26, wide, 30, sketch.gradient("#8f959a", "#595f64"), 3)
            fins = "".join(f"M{-wide / 2 - 1.5:.4g} {y}h{wide + 3:.4g}" for y in range(-22, 0, 4))
            sketch.path(fins, None, "#d5d9dc", 1.5)
            sketch.rect(-wide / 2 - 1, -32, wide + 2, 9, sketch.gradient("#f0f2f3", "#8c9297"), 4)
    case = rounded([(x - 30, -46, 8), (x + 24, -48, 10), (x + 26, -24, 8), (x - 26, -22, 8)])
    sketch.path(case, sketch.gradient("#d7dbde", "#8b9196", "#4b5054"))
    sketch.circle(x + 10, -35, 9, sketch.gradient("#f4f5f6", "#7d8388"))
    sketch.circle(x + 10, -35, 6, sketch.gradient("#8b9196", "#d9dcdf"))
    sketch.circle(x - 15, -35, 7, sketch.gradient("#eceef0", "#70767b"))


def _teardrop(sketch: Sketch, paint: str, rear: Point, front: Point) -> None:
    (left, low), (right, high) = rear, front
    tank = [(left, low, 4), (left + 6, low - 12, 10), (right - 18, high - 8, 16),
            (right, high + 2, 8), (right - 2, high + 16, 6), (left + 24, low + 4, 10)]  # fmt: skip
    sketch.path(rounded(tank), _coat(sketch, paint))
    sketch.curve([(left + 10, low - 10), (right - 22, high - 3), (right - 8, high)], "#ffffff", 2,
                 0.6)  # fmt: skip
    sketch.ellipse((left + right) / 2 + 4, (low + high) / 2 + 2, 9, 3.4, shade(paint, 0.7),
                   opacity=0.85)  # fmt: skip


def _mirror(sketch: Sketch, foot: Point) -> None:
    x, y = foot
    sketch.line([foot, (x - 3, y - 10)], "#5d6368", 1.7)
    sketch.ellipse(x - 4, y - 11, 6, 3.6, sketch.gradient("#6a6f74", _BLACK))
