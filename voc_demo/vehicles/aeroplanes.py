"""Airliners and how an aeroplane is posed, in the air or on its wheels.

All aeroplanes are drawn about 360 units long, the nose at x = 180, around y = 0, then scaled.
"""

import math
from collections.abc import Callable
from random import Random

from voc_demo.sketch import Drawing, Point, Sketch, mix, rounded, shade, straight
from voc_demo.vehicles.parts import bright_paint

Part = Callable[[Sketch], None]


def posed(part: Part, hull: list[Point], pitch: float, scale: float) -> Drawing:
    """Draws a part turned by `pitch` and scaled, its lowest point on y = 0.

    `hull` holds the outermost points, before that.
    """
    sine, cosine = math.sin(math.radians(pitch)), math.cos(math.radians(pitch))
    turned = [
        (scale * (x * cosine - y * sine), scale * (x * sine + y * cosine)) for x, y in hull
    ]  # fmt: skip
    left, right = min(x for x, _ in turned), max(x for x, _ in turned)
    top, low = min(y for _, y in turned), max(y for _, y in turned)
    middle = (left + right) / 2
    sketch = Sketch()
    with sketch.moved(-middle, -low, pitch, scale):
        part(sketch)
    return Drawing(sketch.svg(), left - middle, top - low, right - middle)


def airliner(random: Random, flying: bool) -> Drawing:
    """Draws a jet with a row of windows, swept wings and engines below them."""
    body = random.choice(("#f4f5f6", "#f4f5f6", "#f4f5f6", "#dde2e6", bright_paint(random)))
    coloured = body not in ("#f4f5f6", "#dde2e6")
    tail = shade(body, random.choice((-0.4, 0.5))) if coloured else bright_paint(random)
    long = random.uniform(0, 24)
    droop = random.uniform(44, 66) if flying else random.uniform(16, 22)
    engines = random.choice((1, 1, 2))
    fin = random.uniform(-84, -72)
    style = random.randrange(3)

    def part(sketch: Sketch) -> None:
        _far_wing(sketch, droop)
        _fin(sketch, tail, fin, long)
        if not flying:
            _gear(sketch)
        _fuselage(sketch, body, tail, long, style)
        _near_tailplane(sketch, body, long)
        for at in range(engines):
            _engine(sketch, 12 - 34 * at, 27 + droop * (0.05 + 0.16 * at), tail)
        _near_wing(sketch, droop)

    hull = [(180.5, 2.0), (-193 - long, -14.0), (-196 - long, fin), (-176 - long, fin - 0.5),
            (-94.0, droop + 9.5), (-80.0, droop + 8), (0.0, 38.0 + droop * 0.05),
            (-48.0, -42 - droop * 0.4), (141.0, -20.2), (166.0, -12.8)]  # fmt: skip
    if not flying:
        hull.append((0, 47))
    pitch = -random.uniform(3, 13) if flying else 0
    return posed(part, hull, pitch, random.uniform(8.5, 10.5))


def _fuselage(sketch: Sketch, body: str, tail: str, long: float, style: int) -> None:
    end = -190 - long
    outline = rounded([
        (182, -0.5, 9), (166, -13, 14), (138, -20.5, 26), (-100 - long, -20.5, 60), (end, -15, 4),
        (end - 2, -9, 4), (-128 - long, 14, 60), (-60 - long, 20.5, 60), (130, 20.5, 40),
        (170, 14, 16),
    ])  # fmt: skip
    coat = (shade(body, 0.6), body, shade(body, -0.06), shade(body, -0.22), shade(body, -0.45))
    sketch.path(outline, sketch.gradient(*coat))
    with sketch.clipped(outline):
        if style == 0:
            sketch.rect(end - 5, 1.5, 400 + long, 3.4, tail)
            sketch.rect(end - 5, 6, 400 + long, 1.2, shade(tail, 0.3))
        elif style == 1:
            sweep = [(end - 10, -30), (-96 - long, -30), (-150 - long, 30), (end - 10, 30)]
            sketch.polygon(sweep, tail, opacity=0.92)
        else:
            sketch.rect(end - 5, 6, 400 + long, 30, sketch.gradient(tail, shade(tail, -0.4)))
        sketch.rect(end - 5, -18, 400 + long, 4, "#ffffff", opacity=0.5)
    windows = "".join(f"M{x:.5g} -4.6v3.4" for x in range(int(-128 - long), 132, 7))
    sketch.path(windows, None, "#33424f", 3)
    for x in (136, 16, -142 - long):
        sketch.rect(x, -9, 7, 15, None, 1.5, mix(body, "#5d6a74", 0.7), 0.8)
    sketch.path(rounded([(165, -12.5, 2), (158, -15.5, 3), (148, -14.5, 2), (150, -8.5, 2),
                         (167, -7.5, 2)]), sketch.gradient("#7d99ab", "#1d262d"))  # fmt: skip
    sketch.line([(159, -15), (159, -8)], body, 0.9)


def _fin(sketch: Sketch, tail: str, top: float, long: float) -> None:
    fin = rounded([(-112 - long, -18, 12), (-134 - long, -27, 10), (-175 - long, top, 4),
                   (-196.5 - long, top, 4), (-180 - long, -12, 4)])  # fmt: skip
    sketch.path(fin, sketch.gradient(shade(tail, 0.15), tail, shade(tail, -0.25)))
    with sketch.clipped(fin):
        sketch.circle(-178 - long, top + 26, 13, shade(tail, 0.75), opacity=0.9)
        sketch.circle(-175 - long, top + 23, 11, shade(tail, 0.25))
        sketch.line([(-196 - long, top), (-172 - long, -10)], shade(tail, -0.3), 14, 0.4)


def _near_tailplane(sketch: Sketch, body: str, long: float) -> None:
    sketch.path(rounded([(-142 - long, -9, 3), (-184 - long, 8, 3), (-196 - long, 8, 3),
                         (-180 - long, -8, 3)]),
                sketch.gradient(shade(body, -0.1), shade(body, -0.5)))  # fmt: skip


def _far_wing(sketch: Sketch, droop: float) -> None:
    tip = -42 - droop * 0.4
    sketch.path(rounded([(40, -10, 3), (-46, tip, 3), (-64, tip - 2, 3), (-30, -8, 3)]),
                sketch.gradient("#9aa3aa", "#c4cbd0"))  # fmt: skip


def _near_wing(sketch: Sketch, droop: float) -> None:
    wing = [(48, 10), (10, 13 + droop * 0.22), (-76, droop + 8), (-95, droop + 9),
            (-60, 16 + droop * 0.34), (-52, 12)]  # fmt: skip
    sketch.polygon(wing, sketch.gradient("#dfe4e8", "#aeb6bd", "#89929a"))
    sketch.line([wing[0], wing[1], wing[2]], "#f6f8f9", 1.8)
    flap = straight([(-52, 12), (-60, 16 + droop * 0.34), (-95, droop + 9), (-88, droop + 7),
                     (-48, 15 + droop * 0.32), (-40, 12)])  # fmt: skip
    sketch.path(flap, "#6f7981", opacity=0.75)
    # upturned tip
    winglet = [(-80, droop + 8.5, 1), (-93, droop - 7, 2), (-98, droop - 7, 2),
               (-95, droop + 9.5, 1)]  # fmt: skip
    sketch.path(rounded(winglet), sketch.gradient("#e9ecee", "#9aa3aa"))


def _engine(sketch: Sketch, x: float, y: float, paint: str) -> None:
    sketch.polygon([(x - 8, y - 12), (x + 12, y - 14), (x + 6, y), (x - 12, y)], "#8b949b")
    nacelle = rounded([(x + 24, y - 10, 4), (x + 25, y + 10, 4), (x, y + 11, 14),
                       (x - 22, y + 6, 4), (x - 22, y - 6, 4), (x, y - 11, 14)])  # fmt: skip
    sketch.path(rounded([(x - 18, y - 5, 2), (x - 32, y - 2.5, 2), (x - 32, y + 2.5, 2),
                         (x - 18, y + 5, 2)]), "#4a5157")  # fmt: skip
    sketch.path(nacelle, sketch.gradient(shade(paint, 0.5), paint, shade(paint, -0.45)))
    sketch.ellipse(x + 24, y, 3.4, 10, sketch.gradient("#eef1f3", "#8b949b"))
    sketch.ellipse(x + 24.6, y, 2.2, 7.6, "#1b2126")


def _gear(sketch: Sketch) -> None:
    for x, far in ((-18.0, True), (-4.0, False), (128.0, False)):
        tone = "#5a6167" if far else "#9aa2a9"
        sketch.line([(x, 14), (x, 38)], tone, 3.4)
        for wheel in (x - 6, x + 6) if x < 100 else (x,):
            sketch.circle(wheel, 40, 7, "#1b1d1f")
            sketch.circle(wheel, 40, 3, tone)
