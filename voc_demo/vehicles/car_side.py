"""Cars seen from the side: seven body types from one set of proportions."""

from random import Random

from voc_demo.sketch import Drawing, Sketch, mix, rounded, shade, straight
from voc_demo.vehicles.car_shapes import CarShape, car_shape
from voc_demo.vehicles.parts import (
    car_paint,
    glazed,
    head_and_shoulders,
    road_rim,
    road_wheel,
)


def car_from_side(random: Random) -> Drawing:
    """Draws a car from the side."""
    shape = car_shape(random)
    paint = car_paint(random)
    trim = "#24282b" if shape.rugged else shade(paint, -0.42)
    sketch = Sketch()
    outline = _outline(shape)
    front, rear = (shape.at((share, 0))[0] for share in shape.axles)
    sketch.rect(rear, -shape.wheel * 1.1, front - rear, shape.wheel * 0.62, "#0c0d0e", 6)
    if shape.rugged:
        _roof_rails(sketch, shape)
    coat = (shade(paint, 0.45), shade(paint, 0.12), paint, shade(paint, -0.12), shade(paint, -0.4))
    sketch.path(outline, sketch.gradient(*coat))
    with sketch.clipped(outline):
        _body_shading(sketch, shape, paint, trim)
        _headlamp(sketch, shape, random.randrange(3))
        _rear_lamp(sketch, shape, random.randrange(2))
        for x in (front, rear):
            arch = shape.wheel * 1.15
            if shape.rugged:
                sketch.circle(x, -shape.wheel, arch * 1.12, trim)
            sketch.circle(x, -shape.wheel, arch * 1.02, shade(paint, -0.5))
            sketch.circle(x, -shape.wheel * 0.97, arch, "#0b0c0d")
    _windows(sketch, shape, paint, random)
    _doors(sketch, shape, paint)
    _mirror(sketch, shape, paint)
    rim, turned = road_rim(random), random.uniform(0, 72)
    for x in (rear, front):
        road_wheel(sketch, x, shape.wheel, rim, turned)
    half = shape.length / 2
    top = -shape.height * (1.018 if shape.rugged else 1)
    return Drawing(sketch.svg(), -half, top, half)


def _outline(shape: CarShape) -> str:
    low = shape.clearance / shape.height
    (cowl_x, cowl_y), (roof_x, roof_y) = shape.cowl, shape.roof_front
    (rear_x, rear_y), (deck_x, deck_y) = shape.roof_rear, shape.deck
    corners = [
        (0.035, low * 0.95, 8), (0.006, low * 1.35, 10), (-0.003, 0.36, 14),
        (0.012, shape.nose, 15), (0.075, shape.nose + 0.06, 40),
        (cowl_x, cowl_y, 26), (roof_x - 0.02, roof_y - 0.012, 48),
        ((roof_x + rear_x) / 2, 1.012, 70), (rear_x, rear_y + 0.015, 34),
        (deck_x, deck_y, 18), (shape.tail[0], shape.tail[1], 9), (1.004, 0.4, 16),
        (0.992, low * 1.4, 12), (0.965, low * 0.95, 8),
    ]  # fmt: skip
    return rounded([(*shape.at((x, y)), radius) for x, y, radius in corners])


def _body_shading(sketch: Sketch, shape: CarShape, paint: str, trim: str) -> None:
    left, right, height = -shape.length / 2, shape.length / 2, shape.height
    belt = -height * (shape.cowl[1] - 0.02)
    # light on the shoulder, and the flank turning under below the crease
    sketch.path(
        straight([(left, belt), (right, belt + 0.04 * height), (right, belt + 0.09 * height),
                  (left, belt + 0.07 * height)]), shade(paint, 0.5), opacity=0.5,
    )  # fmt: skip
    crease = belt + 0.17 * height
    sketch.curve([(left, crease), (0, crease + 3), (right, crease + 9)], shade(paint, -0.5), 1.2,
                 opacity=0.55)  # fmt: skip
    sketch.curve([(left, crease + 2), (0, crease + 5), (right, crease + 11)], shade(paint, 0.6),
                 1.4, opacity=0.5)  # fmt: skip
    # sill and bumpers
    low = -shape.clearance - 0.075 * height * (1.5 if shape.rugged else 1)
    sketch.rect(left, low, shape.length, height, sketch.gradient(trim, "#0e1011"))
    sketch.line([(left, low), (right, low)], shade(paint, 0.35), 1, opacity=0.4)


def _headlamp(sketch: Sketch, shape: CarShape, style: int) -> None:
    nose = shape.length / 2
    high = -shape.height * (shape.nose - 0.005)
    if style == 2:
        sketch.ellipse(nose - 13, high + 6, 13, 12, sketch.gradient("#f4f5f6", "#7d8489"))
        sketch.ellipse(nose - 10, high + 6, 10, 10, sketch.glow("#ffffff", "#e9e6d4", "#8d979e"))
    else:
        back = 42 if style == 0 else 27
        sketch.path(
            rounded([(nose - 1, high + 1, 4), (nose + 3, high + 14, 4), (nose - 18, high + 15, 5),
                     (nose - back, high - 1, 5), (nose - back + 8, high - 4, 4)]),
            sketch.gradient("#ffffff", "#cfdbe2", "#8a979f"), "#2c3237", 1.4,
        )  # fmt: skip
        sketch.circle(nose - 14, high + 7, 5, sketch.glow("#ffffff", "#f4e9c4", "#9aa6ad"))
    sketch.rect(nose - 12, high + 20, 14, 7, "#15181a", 2)
    sketch.circle(nose - 16, -shape.height * 0.27, 4.5, sketch.glow("#ffffff", "#c9d2d7"))


def _rear_lamp(sketch: Sketch, shape: CarShape, style: int) -> None:
    rear, high = -shape.length / 2, -shape.height * (shape.tail[1] - 0.02)
    red = sketch.gradient("#ff6a52", "#d11c1c", "#7c0f12")
    if shape.deck[0] > 0.94 and style:
        top = -shape.height * (shape.deck[1] - 0.03)
        sketch.path(rounded([(rear - 3, top, 4), (rear + 26, top + 1, 5), (rear + 15, high + 12, 6),
                             (rear - 6, high + 15, 3)]), red)  # fmt: skip
    else:
        lamp = [(rear - 3, high - 5, 3), (rear + 24, high - 3, 6), (rear + 20, high + 10, 5),
                (rear - 3, high + 17, 3)]  # fmt: skip
        sketch.path(rounded(lamp), red)
    sketch.line([(rear, high + 3), (rear + 15, high + 3)], "#ffc2b5", 1.4, opacity=0.7)


def _windows(sketch: Sketch, shape: CarShape, paint: str, random: Random) -> None:
    cowl, deck = shape.at(shape.cowl), shape.at(shape.deck)
    front, rear = shape.at(shape.roof_front), shape.at(shape.roof_rear)
    top = -shape.height * 0.925
    belt, behind_belt = cowl[1] + 2.5, min(cowl[1], deck[1] + 3) - 3
    # the wind screen's edge
    sketch.polygon([(cowl[0] - 6, cowl[1] - 1), (front[0] - 1, front[1] + 5),
                    (front[0] - 9, front[1] + 5), (cowl[0] - 24, cowl[1])], "#2a343b")  # fmt: skip
    hatch = shape.deck[0] > 0.94
    behind = (deck[0] + 17, rear[0] + 10) if hatch else (deck[0] + 38, rear[0] + 8)
    ends = (behind[0], cowl[0] - 20, front[0] - 10, behind[1])
    corners = [(ends[0], behind_belt, 7.0), (ends[1], belt, 5.0), (ends[2], top, 14.0),
               (ends[3], top + 1.5, 16.0)]  # fmt: skip
    with glazed(sketch, corners):
        seat = _pillar(shape) + 18
        for x in (seat, seat - 88 if shape.doors == 2 else seat - 70):
            sketch.rect(x - 14, top + 10, 13, 60, "#15191c", 6)
        if random.random() < 0.55:
            head_and_shoulders(sketch, seat + 8, belt + 4, mix("#8a6a55", "#20262b", 0.45))
    sketch.path(rounded(corners), None, "#14171a" if random.random() < 0.6 else "#d3d8db", 1.8)
    # pillars
    post = _pillar(shape)
    posts = [(post, 0)] + ([(post - 92, -7)] if shape.doors == 2 and shape.length > 400 else [])
    for x, lean in posts:
        if x + lean > ends[3] + 8:
            sketch.polygon([(x - 4, belt), (x + 5, belt), (x + 4 + lean, top), (x - 3 + lean, top)],
                           "#15181b")  # fmt: skip
    sketch.line([(front[0] - 12, top - 3), (rear[0] + 12, top - 2)], shade(paint, 0.7), 2, 0.6)


def _pillar(shape: CarShape) -> float:
    """Returns where the pillar between front and rear windows stands."""
    behind = 0.19 if shape.doors == 2 else 0.27
    return shape.at((shape.cowl[0] + 0.06 + behind, 0))[0]


def _doors(sketch: Sketch, shape: CarShape, paint: str) -> None:
    seam, post = shade(paint, -0.6), _pillar(shape)
    belt = -shape.height * (shape.cowl[1] - 0.035)
    low = -shape.clearance - 0.1 * shape.height
    hinge = shape.at((shape.cowl[0] + 0.055, 0))[0]
    arch = shape.at((shape.axles[1], 0))[0] + shape.wheel * 1.25
    sketch.curve([(hinge, belt), (hinge + 3, (belt + low) / 2), (hinge - 4, low)], seam, 1, 0.8)
    sketch.curve([(post, belt), (post + 1, (belt + low) / 2), (post - 1, low)], seam, 1, 0.8)
    sketch.line([(hinge - 4, low), (post - 1, low)], seam, 1, 0.7)
    handles = [post + 20]
    if shape.doors == 2:
        end = max(arch - 12, post - 96)
        if end < arch + 12:
            sketch.curve([(end - 10, belt), (end - 4, belt + 30), (arch, -shape.wheel * 1.6),
                          (arch + 5, low)], seam, 1, 0.8)  # fmt: skip
        else:
            sketch.curve([(end - 6, belt), (end - 2, belt + 30), (end - 4, low)], seam, 1, 0.8)
            arch = end - 8
        sketch.line([(post - 1, low), (arch + 5, low)], seam, 1, 0.7)
        handles.append(end + 14)
    for x in handles:
        sketch.rect(x - 9, belt + 11, 18, 4, shade(paint, -0.45), 2)
        sketch.rect(x - 8, belt + 10.4, 17, 2.2, shade(paint, 0.5), 1)
    # seam of the bonnet
    nose, cowl = shape.at((0.09, shape.nose + 0.015)), shape.at(shape.cowl)
    sketch.curve([nose, ((nose[0] + cowl[0]) / 2, (nose[1] + cowl[1]) / 2 + 3),
                  (cowl[0] - 8, cowl[1] + 9)], seam, 0.9, 0.6)  # fmt: skip


def _mirror(sketch: Sketch, shape: CarShape, paint: str) -> None:
    x, y = shape.at(shape.cowl)
    x, y = x - 30, y - 3
    sketch.path(
        rounded([(x - 8, y - 12, 4), (x + 9, y - 9, 6), (x + 7, y + 1, 4), (x - 8, y + 2, 3)]),
        sketch.gradient(shade(paint, 0.4), shade(paint, -0.3)), shade(paint, -0.55), 0.7,
    )  # fmt: skip


def _roof_rails(sketch: Sketch, shape: CarShape) -> None:
    front, rear = shape.at(shape.roof_front), shape.at(shape.roof_rear)
    y = -shape.height * 1.008
    sketch.curve([(rear[0] + 14, y + 5), (rear[0] + 24, y), (front[0] - 34, y),
                  (front[0] - 20, y + 6)], "#3a3f43", 4)  # fmt: skip
