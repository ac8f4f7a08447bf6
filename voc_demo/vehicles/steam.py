"""Steam trains from the side: engine, tender and a carriage."""

import math
from random import Random

from voc_demo.sketch import Drawing, Point, Sketch, mix, rounded, shade
from voc_demo.vehicles.parts import glazed, lamp, tube
from voc_demo.vehicles.train_shape import RAIL

_IRON, _BRASS, _STEEL = "#2a2d30", "#cda349", "#c3c9cd"


def steam_train(random: Random) -> Drawing:
    """Draws a steam engine with its tender and a carriage."""
    paint = random.choice(("#1f5a36", "#1f5a36", "#7a1f24", "#22252a", "#22252a", "#1d4a86"))
    lining = random.choice((_BRASS, "#e2d7b8", "#c8402f"))
    drivers = random.choice((2, 3, 3))
    coach = random.choice(("#6f1d22", "#6f1d22", "#2f5a3c", "#704a2a", "#25406b"))
    sketch = Sketch()
    _track(sketch, -1100, 985)
    _coach(sketch, -1090, -440, coach, lining)
    _tender(sketch, paint, lining)
    _boiler(sketch, paint, lining)
    tall = random.uniform(0, 30)
    _fittings(sketch, tall)
    _cab(sketch, paint, lining)
    _running_gear(sketch, drivers, random.uniform(0, 360), paint)
    return Drawing(sketch.svg(), -1100, -max(420, 410 + tall), 985)


def _track(sketch: Sketch, left: float, right: float) -> None:
    sketch.polygon([(left, 0), (left + 10, -16), (right - 10, -16), (right, 0)],
                   sketch.gradient("#8b837a", "#6b645d"))  # fmt: skip
    ties = "".join(f"M{x} -7h24" for x in range(int(left) + 30, int(right) - 40, 70))
    sketch.path(ties, None, "#4b4038", 9)
    sketch.rect(left, -RAIL, right - left, 16, "#5a3f31")
    sketch.line([(left, -RAIL + 1.5), (right, -RAIL + 1.5)], "#cfd4d8", 3)


def _spoked(sketch: Sketch, x: float, radius: float, paint: str, spokes: int) -> None:
    """Adds an iron wheel on the rail."""
    y = -RAIL - radius
    sketch.circle(x, y, radius - 5, None, _IRON, 10)
    sketch.circle(x, y, radius - 2, None, "#9aa1a6", 3)
    star = "".join(
        f"M{x:.5g} {y:.5g}L{x + (radius - 8) * math.cos(math.tau * at / spokes):.5g} "
        f"{y + (radius - 8) * math.sin(math.tau * at / spokes):.5g}"
        for at in range(spokes)
    )
    sketch.path(star, None, shade(paint, 0.1), radius * 0.07)
    sketch.circle(x, y, radius * 0.2, sketch.gradient("#8b9196", _IRON))


def _coach(sketch: Sketch, left: float, right: float, paint: str, lining: str) -> None:
    sketch.rect(left + 60, -118, right - left - 120, 40, "#17191b", 8)
    for x in (left + 90, left + 190, right - 190, right - 90):
        _spoked(sketch, x, 44, "#4a4f53", 10)
    body = rounded([(left, -112, 6), (left, -372, 10), (right, -372, 10), (right, -112, 6)])
    sketch.path(body, sketch.gradient(shade(paint, 0.15), paint, shade(paint, -0.35)))
    roof = rounded([(left - 8, -370, 4), (left + 20, -418, 30), (right - 20, -418, 30),
                    (right + 8, -370, 4)])  # fmt: skip
    sketch.path(roof, sketch.gradient("#c9c6be", "#77746d"))
    cream = mix(paint, "#efe3c4", 0.92)
    sketch.rect(left, -352, right - left, 106, sketch.gradient(shade(cream, 0.2), cream))
    panes = 6
    step = (right - left - 30) / panes
    for at in range(panes):
        x = left + 24 + at * step
        with glazed(sketch, [(x, -258.0, 6.0), (x, -338.0, 8.0), (x + step - 24, -338.0, 8.0),
                             (x + step - 24, -258.0, 6.0)]):  # fmt: skip
            pass
    for y in (-246, -128):
        sketch.line([(left + 4, y), (right - 4, y)], lining, 3)
    for x in (left + 20 + step, left + 20 + 4 * step):
        sketch.rect(x - 8, -352, step - 8, 230, None, 6, shade(paint, -0.5), 2)
        sketch.line([(x, -230), (x, -200)], _BRASS, 4)
    sketch.rect(right, -150, 60, 30, _IRON)


def _tender(sketch: Sketch, paint: str, lining: str) -> None:
    coal: list[Point] = [(-380, -300), (-340, -352), (-280, -376), (-210, -366), (-140, -352),
                         (-96, -300)]  # fmt: skip
    sketch.blob(coal, sketch.glow("#4a4d50", "#232527", "#0d0e0f", y=0.1))
    for x in (-350, -215, -85):
        _spoked(sketch, x, 55, shade(paint, 0.1), 12)
    body = rounded([(-410, -140, 6), (-416, -312, 8), (-50, -312, 8), (-54, -140, 6)])
    sketch.path(body, sketch.gradient(shade(paint, 0.35), paint, shade(paint, -0.4)))
    sketch.rect(-392, -292, 322, 124, None, 12, lining, 4)
    sketch.rect(-416, -316, 370, 10, shade(paint, 0.3), 4)
    sketch.rect(-420, -150, 480, 26, "#1c1e20", 4)


def _boiler(sketch: Sketch, paint: str, lining: str) -> None:
    # frame, running board and buffer beam
    sketch.rect(60, -170, 870, 50, "#151719")
    barrel = (shade(paint, 0.1), shade(paint, 0.55), paint, shade(paint, -0.3), shade(paint, -0.6))
    sketch.polygon([(180, -322), (700, -316), (700, -172), (180, -166)],
                   sketch.gradient(*barrel))  # fmt: skip
    for x in (210, 330, 450, 570, 690):
        sketch.line([(x, -321), (x, -170)], lining, 5)
    box = rounded(
        [(700, -324, 6), (842, -324, 18), (852, -250, 30), (842, -166, 18), (700, -166, 6)]
    )
    sketch.path(box, sketch.gradient("#3a3d40", "#7b8186", "#2e3134", "#151719"))
    sketch.path(rounded([(846, -306, 10), (868, -272, 14), (868, -220, 14), (846, -186, 10)]),
                sketch.gradient("#5a5f63", "#1c1e20"))  # fmt: skip
    sketch.rect(862, -254, 14, 14, _STEEL, 5)
    sketch.path(rounded([(40, -176, 4), (600, -176, 20), (650, -196, 20), (930, -196, 4),
                         (930, -184, 4), (660, -184, 20), (610, -162, 20), (40, -162, 4)]),
                sketch.gradient("#54595d", "#1b1d1f"))  # fmt: skip
    sketch.rect(910, -186, 26, 86, sketch.gradient("#d4362c", "#8e1a16"), 3)
    sketch.rect(934, -152, 30, 14, _IRON)
    sketch.rect(960, -168, 14, 46, sketch.gradient("#8d9499", "#2c3033"), 5)
    sketch.polygon([(900, -102), (940, -102), (972, -48), (930, -44)], "#23262a")
    lamp(sketch, 890, -214, 17)


def _fittings(sketch: Sketch, tall: float) -> None:
    rim = -410 - tall
    chimney = rounded([(742, -318, 8), (752, -340, 10), (748, rim + 22, 4), (738, rim + 12, 3),
                       (738, rim, 5), (812, rim, 5), (812, rim + 12, 3), (802, rim + 22, 4),
                       (798, -340, 10), (808, -318, 8)])  # fmt: skip
    sketch.path(chimney, sketch.gradient("#2a2d30", "#7b8186", "#1c1e20", horizontal=True))
    sketch.rect(737, rim, 76, 9, sketch.gradient("#f0d48a", "#8f6a22"), 4)
    for x, wide, high, colour in ((545, 46, 72, _BRASS), (380, 34, 46, _IRON)):
        top = -316 - high
        dome = rounded([(x - wide, -316, 8), (x - wide * 0.8, -330, 8), (x - wide * 0.7, top, 28),
                        (x + wide * 0.7, top, 28), (x + wide * 0.8, -330, 8),
                        (x + wide, -316, 8)])  # fmt: skip
        sketch.path(dome, sketch.gradient(shade(colour, -0.35), shade(colour, 0.6), colour,
                                          shade(colour, -0.5), horizontal=True))  # fmt: skip
    tube(sketch, [(250, -320), (250, -362)], 12, _BRASS)
    sketch.line([(180, -282), (840, -282)], "#d9dde0", 4)


def _cab(sketch: Sketch, paint: str, lining: str) -> None:
    sketch.path(rounded([(4, -140, 4), (4, -240, 30), (30, -262, 10), (30, -390, 6),
                         (196, -390, 6), (196, -140, 4)]),
                sketch.gradient(shade(paint, 0.3), paint, shade(paint, -0.4)))  # fmt: skip
    sketch.path(rounded([(-14, -388, 4), (10, -420, 40), (180, -424, 40), (222, -388, 4)]),
                sketch.gradient("#55595d", "#1b1d1f"))  # fmt: skip
    for left, right in ((54, 112), (124, 178)):
        with glazed(sketch, [(left, -290.0, 6.0), (left, -362.0, 10.0), (right, -362.0, 10.0),
                             (right, -290.0, 6.0)]):  # fmt: skip
            sketch.circle((left + right) / 2, -318, 13, "#4a3c34")
        sketch.path(rounded([(left, -290, 6), (left, -362, 10), (right, -362, 10),
                             (right, -290, 6)]), None, lining, 4)  # fmt: skip
    sketch.rect(44, -262, 138, 76, None, 10, lining, 3)
    sketch.rect(86, -240, 60, 28, "#b3272a", 4)
    sketch.rect(92, -234, 48, 16, _BRASS, 2)
    sketch.line([(22, -300), (22, -150)], _BRASS, 5)


def _running_gear(sketch: Sketch, drivers: int, turned: float, paint: str) -> None:
    radius = 78.0 if drivers == 3 else 96.0
    step = 2 * radius + 12
    first = 245.0 if drivers == 3 else 250.0
    axles = [first + at * step for at in range(drivers)]
    wheel = shade(paint, 0.12) if paint != "#22252a" else "#a8271f"
    for x in axles:
        _spoked(sketch, x, radius, wheel, 16)
    for x in (90.0,) if drivers == 2 else ():
        _spoked(sketch, x, 55, wheel, 12)
    for x in (730.0, 850.0):
        _spoked(sketch, x, 44, wheel, 10)
    cylinder = rounded([(690, -168, 10), (820, -168, 10), (826, -104, 10), (684, -104, 10)])
    sketch.path(cylinder, sketch.gradient(shade(paint, 0.1), "#8d9499", "#24272a"))
    # connecting rods, all cranks at the same angle
    turn = math.radians(turned)
    crank_x, crank_y = radius * 0.42 * math.cos(turn), radius * 0.42 * math.sin(turn)
    pins = [(x + crank_x, -RAIL - radius + crank_y) for x in axles]
    tube(sketch, [pins[-2], (640, -134)], 15, _STEEL)
    tube(sketch, [(620, -134), (700, -134)], 11, _STEEL)
    tube(sketch, [pins[0], pins[-1]], 17, _STEEL)
    for pin in pins:
        sketch.circle(*pin, 12, sketch.gradient("#f1f3f4", "#7d8489"))
