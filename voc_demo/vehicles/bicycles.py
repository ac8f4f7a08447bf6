"""Bicycles from the side: city, road, mountain and single-speed."""

import math
from dataclasses import dataclass
from random import Random

from voc_demo.sketch import Drawing, Point, Sketch, rounded, shade
from voc_demo.vehicles.parts import bright_paint, lamp, tube

_STEEL = "#b9bec3"
_RUBBER = "#1c1e20"


@dataclass(frozen=True)
class _Frame:
    """Where a frame's joints are, in cm; `bars` is one of upright, drop, flat."""

    paint: str
    rear: Point
    front: Point
    crank: Point
    seat_top: Point
    head_low: Point
    head_top: Point
    saddle: Point
    grip: Point
    wheel: float
    tyre: float
    bars: str
    step_through: bool = False


def bicycle(random: Random) -> Drawing:
    """Draws a bicycle of one of the types."""
    bars = random.choice(("upright", "upright", "drop", "flat", "flat"))
    frame = _frame(random, bars)
    dressed = bars == "upright"
    sketch = Sketch()
    rim = random.choice((_STEEL, _STEEL, "#3a3d40", frame.paint))
    wall = random.choice((_RUBBER, _RUBBER, "#8a6a45", "#e4dcc8")) if bars != "flat" else _RUBBER
    for hub in (frame.rear, frame.front):
        spoked_wheel(sketch, hub, frame.wheel, frame.tyre, rim, wall)
    if dressed:
        _mudguards(sketch, frame, random.choice((frame.paint, "#23272a", "#a9aeb2")))
    rack = dressed and random.random() < 0.7
    if rack:
        _rack(sketch, frame)
    _crank_arm(sketch, frame.crank, random.uniform(20, 80), far=True)
    _tubes(sketch, frame)
    _drive(sketch, frame, cased=dressed and random.random() < 0.6)
    _fork(sketch, frame)
    _saddle(sketch, frame, random.choice(("#22201f", "#6b4327", "#22201f")))
    _bars(sketch, frame)
    basket = dressed and random.random() < 0.5
    if basket:
        _basket(sketch, frame, random)
    left = frame.rear[0] - frame.wheel - (3.9 if dressed else 0)
    right = frame.front[0] + frame.wheel
    x, y = frame.saddle
    return Drawing(sketch.svg(), left, min(y, frame.grip[1]) - 2.2, right, seat=(x, y - 8))


def _frame(random: Random, bars: str) -> _Frame:
    """Returns a frame with the usual angles, its size a little random."""
    wheel = random.uniform(33, 35)
    tyre = {"upright": 4.0, "drop": 2.6, "flat": random.choice((3.4, 6.0))}[bars]
    size = random.uniform(49, 57) - (5 if bars == "flat" else 0)
    slack = math.radians({"upright": 69, "drop": 73.5, "flat": 71}[bars])
    rear, front = (-52.0, -wheel), ({"upright": 57.0, "drop": 49.0, "flat": 56.0}[bars], -wheel)
    crank = (rear[0] + 43, -28.5)
    seat_angle = slack + 0.01

    def up_seat(length: float) -> Point:
        return (crank[0] - length * math.cos(seat_angle),
                crank[1] - length * math.sin(seat_angle))  # fmt: skip

    def up_head(length: float) -> Point:
        return (front[0] - 4.5 - length * math.cos(slack),
                front[1] - length * math.sin(slack))  # fmt: skip

    low = wheel + tyre + (8 if bars == "flat" else 3)
    high = up_head(low + 13 + (6 if bars == "upright" else 0))
    rise = {"upright": 15, "drop": 5, "flat": 6}[bars]
    stem = up_head(low + 19 + rise)
    reach = {"upright": -11, "drop": 17, "flat": 6}[bars]
    return _Frame(
        bright_paint(random) if random.random() < 0.8 else random.choice(("#2a2d30", "#d9dcd8")),
        rear, front, crank, up_seat(size), up_head(low), high,
        up_seat(70 if bars != "upright" else 66), (stem[0] + reach, stem[1]), wheel, tyre, bars,
        bars == "upright" and random.random() < 0.55,
    )  # fmt: skip


def spoked_wheel(sketch: Sketch, hub: Point, radius: float, tyre: float, rim: str,
                 wall: str = _RUBBER) -> None:  # fmt: skip
    """Adds a wheel with wire spokes around a hub; `wall` is the colour of the tyre's side."""
    x, y = hub
    inner = radius - tyre * 0.9
    spokes = []
    for at in range(28):
        angle = math.tau * at / 28
        lead = angle + (0.9 if at % 2 else -0.9)
        spokes.append(
            f"M{x + 2.2 * math.cos(lead):.5g} {y + 2.2 * math.sin(lead):.5g}"
            f"L{x + inner * math.cos(angle):.5g} {y + inner * math.sin(angle):.5g}"
        )
    sketch.path("".join(spokes), None, "#8f969b", 0.32)
    sketch.circle(x, y, radius - tyre / 2, None, _RUBBER, tyre)
    if wall != _RUBBER:
        sketch.circle(x, y, radius - tyre * 0.72, None, wall, tyre * 0.5)
    metal = sketch.gradient(shade(rim, 0.5), rim, shade(rim, -0.35))
    sketch.circle(x, y, inner - 0.9, None, metal, 1.9)
    sketch.circle(x, y, 2.8, sketch.gradient("#eceef0", "#6a7075"))


def _tubes(sketch: Sketch, frame: _Frame) -> None:
    paint, rear, crank = frame.paint, frame.rear, frame.crank
    stays = (frame.seat_top[0] + 1.2, frame.seat_top[1] + 4.5)
    tube(sketch, [rear, stays], 1.7, shade(paint, -0.1))
    tube(sketch, [rear, crank], 2.0, shade(paint, -0.1))
    post = [frame.seat_top, frame.saddle]
    tube(sketch, post, 2.5, _STEEL)
    tube(sketch, [crank, frame.seat_top], 3.2, paint)
    (top_x, top_y), (low_x, low_y) = frame.head_top, frame.head_low
    low = (low_x * 0.75 + top_x * 0.25, low_y * 0.75 + top_y * 0.25)
    wide = 4.4 if frame.bars == "flat" else 3.4
    if frame.step_through:
        share = 0.42
        foot = (crank[0] + (frame.seat_top[0] - crank[0]) * share,
                crank[1] + (frame.seat_top[1] - crank[1]) * share)  # fmt: skip
        sag = ((foot[0] + frame.head_top[0]) / 2 + 3, (foot[1] + frame.head_top[1]) / 2 + 10)
        curve = [frame.head_top, (frame.head_top[0] - 6, frame.head_top[1] + 12), sag, foot]
        sketch.curve(curve, shade(paint, -0.25), 3)
        sketch.curve(curve, paint, 2.2)
    else:
        tube(sketch, [(frame.seat_top[0] + 0.5, frame.seat_top[1] + 3.5),
                      (frame.head_top[0] - 0.5, frame.head_top[1] + 3.5)], 2.9, paint)  # fmt: skip
    tube(sketch, [crank, low], wide, paint)
    tube(sketch, [frame.head_top, frame.head_low], 4.2, paint)


def _fork(sketch: Sketch, frame: _Frame) -> None:
    (x, y), (low_x, low_y) = frame.front, frame.head_low
    if frame.bars == "flat":
        middle = (low_x + (x - low_x) * 0.5, low_y + (y - low_y) * 0.5)
        tube(sketch, [frame.head_low, middle], 2.6, "#c3c8cc")
        tube(sketch, [middle, frame.front], 4.2, "#2c3034")
        sketch.line([(low_x - 2.5, low_y), (low_x + 3, low_y + 1)], "#2c3034", 5)
        return
    bend = [frame.head_low, (low_x + (x - low_x) * 0.55, low_y + (y - low_y) * 0.62), frame.front]
    sketch.curve(bend, shade(frame.paint, -0.3), 2.5)
    sketch.curve(bend, frame.paint, 1.8)
    sketch.curve([(a - 0.3, b) for a, b in bend], shade(frame.paint, 0.5), 0.5, 0.8)


def _drive(sketch: Sketch, frame: _Frame, cased: bool) -> None:
    (x, y), (rear_x, rear_y) = frame.crank, frame.rear
    big = 9.5
    if cased:
        case = rounded([(rear_x - 5, rear_y - 5, 5), (x, y - big - 1.5, 9), (x + big + 2, y - 3, 9),
                        (x + 4, y + big + 1.5, 9), (rear_x - 4, rear_y + 5, 5)])  # fmt: skip
        sketch.path(case, sketch.gradient(shade(frame.paint, 0.1), shade(frame.paint, -0.4)))
    else:
        for side in (-1, 1):
            sketch.line([(rear_x, rear_y + side * 3.8), (x, y + side * big)], "#2b2d2f", 1.1)
        sketch.circle(x, y, big - 1, None, "#5f656a", 2.2)
        for at in range(5):
            angle = math.tau * at / 5 + 0.4
            tip = (x + (big - 1) * math.cos(angle), y + (big - 1) * math.sin(angle))
            sketch.line([(x, y), tip], "#868c91", 1.4)
        sketch.circle(rear_x, rear_y, 4.2, "#5f656a")
    _crank_arm(sketch, frame.crank, 35, far=False)


def _crank_arm(sketch: Sketch, crank: Point, angle: float, far: bool) -> None:
    turn = math.radians(angle + (180 if far else 0))
    x, y = crank[0] + 17 * math.cos(turn), crank[1] + 17 * math.sin(turn)
    sketch.line([crank, (x, y)], "#565b5f" if far else "#c5cacd", 2.3)
    sketch.rect(x - 4.5, y - 1.3, 9, 2.8, "#1f2123", 1)
    if not far:
        sketch.circle(*crank, 2.6, sketch.gradient("#eceef0", "#6a7075"))


def _mudguards(sketch: Sketch, frame: _Frame, colour: str) -> None:
    reach = frame.wheel + 1.6
    for (x, y), start, end in ((frame.rear, 165, 318), (frame.front, 188, 312)):
        points = [
            (x + reach * math.cos(math.radians(angle)), y + reach * math.sin(math.radians(angle)))
            for angle in range(start, end, 12)
        ]
        sketch.curve(points, shade(colour, -0.35), 2.6)
        sketch.curve(points, colour, 1.7)
        sketch.line([(x, y), points[1]], "#6d7276", 0.7)
    sketch.rect(frame.rear[0] - reach - 2.2, frame.rear[1] - 6, 3, 5, "#d02a22", 1)


def _rack(sketch: Sketch, frame: _Frame) -> None:
    x, y = frame.rear
    top = y - frame.wheel - 6
    sketch.line([(x - 24, top), (frame.seat_top[0] + 3, top)], "#2a2d2f", 1.8)
    for foot in (x - 16, x - 4):
        sketch.line([(foot, top), (x, y)], "#2a2d2f", 1.1)
    sketch.rect(x - 26, top - 1, 3, 5, "#d02a22", 1)


def _saddle(sketch: Sketch, frame: _Frame, colour: str) -> None:
    x, y = frame.saddle
    outline = rounded([(x - 13, y - 2.2, 4), (x - 4, y - 1, 6), (x + 14, y - 1.8, 2),
                       (x + 14, y + 1, 2), (x - 1, y + 3, 4), (x - 10, y + 6, 4)])  # fmt: skip
    sketch.path(outline, sketch.gradient(shade(colour, 0.35), colour, shade(colour, -0.4)))
    sketch.line([(x - 8, y + 5), (x + 6, y + 3)], _STEEL, 0.9)


def _bars(sketch: Sketch, frame: _Frame) -> None:
    (x, y), (top_x, top_y) = frame.grip, frame.head_top
    if frame.bars == "upright":
        clamp = (x + 11, y + 4)
        tube(sketch, [frame.head_top, clamp], 2.4, _STEEL)
        sketch.curve(
            [clamp, (clamp[0] + 8, y + 1), (clamp[0] + 4, y - 0.8), (x + 4, y)], "#80878c", 2.2
        )
        sketch.line([(x + 6, y - 0.2), (x - 7, y + 1.6)], "#3b2a20", 3)
        sketch.line([frame.head_top, (top_x + 6, top_y - 2)], "#6a7075", 1.5)
        lamp(sketch, top_x + 7, top_y - 2, 4.2)
    elif frame.bars == "drop":
        tube(sketch, [frame.head_top, (top_x - 2, y + 1), (x - 6, y)], 2.5, "#2a2d30")
        bend = [(x - 6, y), (x + 4, y + 0.6), (x + 6, y + 7), (x + 2, y + 12), (x - 7, y + 12.5)]
        sketch.curve(bend, "#2b2624", 2.7)
        sketch.curve([(x + 2, y), (x + 7, y - 2), (x + 9, y + 8)], "#22262a", 2)
    else:
        tube(sketch, [frame.head_top, (x - 8, y + 3), (x, y)], 2.6, "#2a2d30")
        sketch.line([(x - 5, y - 0.4), (x + 2.5, y)], "#202224", 3.6)
        sketch.curve([(x, y + 1), (top_x + 11, top_y + 4), frame.head_low], "#17191b", 0.6)


def _basket(sketch: Sketch, frame: _Frame, random: Random) -> None:
    x, y = frame.head_top[0] + 5, frame.head_top[1] - 7
    colour = random.choice(("#9a6b3c", "#b58a52", "#3a3d3f"))
    outline = rounded([(x, y, 2), (x + 30, y, 2), (x + 26, y + 24, 4), (x + 2, y + 24, 4)])
    sketch.path(outline, sketch.gradient(shade(colour, 0.15), shade(colour, -0.35)), opacity=0.92)
    with sketch.clipped(outline):
        weave = "".join(f"M{x + 3 * at:.4g} {y:.4g}v26" for at in range(11))
        sketch.path(weave, None, shade(colour, -0.45), 0.7)
        rows = "".join(f"M{x:.4g} {y + 4 * at:.4g}h32" for at in range(1, 7))
        sketch.path(rows, None, shade(colour, 0.3), 0.8)
    sketch.line([(x, y), (x + 30, y)], shade(colour, 0.2), 2.2)
