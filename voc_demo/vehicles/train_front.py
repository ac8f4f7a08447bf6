"""The front of a train that is turned towards the viewer, or what the side shows of it."""

from itertools import pairwise

from voc_demo.sketch import Sketch, rounded, shade
from voc_demo.vehicles.parts import (
    FROM_SIDE,
    Corners,
    Perspective,
    glazed,
    head_and_shoulders,
    lamp,
)
from voc_demo.vehicles.train_shape import RAIL, Train, on_front


def train_front(sketch: Sketch, view: Perspective, train: Train) -> None:
    """Adds the front: nose, wind screen, lamps, coupling."""
    if view.turn:
        _nose(sketch, view, train)
        _screen(sketch, view, train)
        _lamps(sketch, view, train)
        _coupling(sketch, view, train)
    else:
        _side_of_front(sketch, train)


def _panel(view: Perspective, train: Train, left: float, low: float, right: float, high: float,
           radius: float) -> Corners:  # fmt: skip
    ends = ((left, low), (right, low), (right, high), (left, high))
    return [(*on_front(view, train, share, up), radius) for share, up in ends]


def _nose(sketch: Sketch, view: Perspective, train: Train) -> None:
    edge = [(*on_front(view, train, 0, up), 20.0) for _, _, up in train.profile]
    edge += [(*on_front(view, train, 1, up), 28.0) for _, _, up in reversed(train.profile)]
    edge[0] = edge[-1] = (0, 0, 0)
    edge[0] = (*on_front(view, train, 0, train.profile[0][2]), 5.0)
    edge[-1] = (*on_front(view, train, 1, train.profile[0][2]), 14.0)
    outline = rounded(edge)
    sketch.path(outline, sketch.gradient(shade(train.nose, 0.35), train.nose,
                                         shade(train.nose, -0.3)))  # fmt: skip
    with sketch.clipped(outline):
        for (back, _, low), (back_end, _, high) in pairwise(train.profile):
            slope = (back_end - back) / (high - low)
            tone = "#ffffff" if slope > 0.3 else "#000000"
            strip = _panel(view, train, -0.1, low, 1.1, high, 0)
            sketch.path(rounded(strip), tone, opacity=min(abs(slope - 0.3) * 0.12, 0.3))
        for share in (0.88, 0.94):
            shadow = _panel(view, train, share, 0, 1.2, train.height, 0)
            sketch.path(rounded(shadow), "#10151a", opacity=0.12)
        low, high = (150, 186) if not train.engine else (128, 165)
        if train.nose == train.paint:
            sketch.path(rounded(_panel(view, train, -0.1, low, 1.1, high, 0)), train.second)
        skirt = _panel(view, train, -0.1, 0, 1.1, 108, 0)
        sketch.path(rounded(skirt), "#1b1e21", opacity=0.7)
    near = [on_front(view, train, 0.01, up) for _, _, up in train.profile[1:]]
    sketch.line(near, shade(train.nose, 0.6), 2.5, opacity=0.5)


def _screen(sketch: Sketch, view: Perspective, train: Train) -> None:
    sleek = len(train.profile) > 6
    low, high = (258, 348) if sleek else (262, train.height - 48)
    frame = _panel(view, train, 0.05, low - 12, 0.95, high + 10, 24)
    sketch.path(rounded(frame), "#14181b")
    panes = ((0.1, 0.9),) if sleek or not train.engine else ((0.08, 0.48), (0.52, 0.92))
    for left, right in panes:
        corners = _panel(view, train, left, low, right, high, 16 if sleek else 9)
        with glazed(sketch, corners):
            if right > 0.8:
                x, y = on_front(view, train, 0.7, low)
                with sketch.moved(x, y, scale=0.9):
                    head_and_shoulders(sketch, 0, 6, "#33302e")
        foot = on_front(view, train, (left + right) / 2, low)
        tip = on_front(view, train, left + 0.75 * (right - left), low + 0.6 * (high - low))
        sketch.line([foot, tip], "#0b0d0e", 3)
    if not sleek:
        sign = _panel(view, train, 0.3, high + 14, 0.7, high + 34, 4)
        sketch.path(rounded(sign), "#14171a")
        ends = [on_front(view, train, share, high + 24) for share in (0.36, 0.6)]
        sketch.line(ends, "#f5a623", 9)


def _lamps(sketch: Sketch, view: Perspective, train: Train) -> None:
    up = 196.0 if len(train.profile) <= 6 else 168.0
    for share in (0.14, 0.86):
        x, y = on_front(view, train, share, up)
        sketch.path(rounded(_panel(view, train, share - 0.1, up - 17, share + 0.1, up + 17, 12)),
                    "#1a1d20")  # fmt: skip
        lamp(sketch, x - 7, y, 12)
        sketch.circle(x + 14, y + (2 if share < 0.5 else -2), 6, "#d3322a")
    if train.engine:
        lamp(sketch, *on_front(view, train, 0.5, train.height - 26), 11)


def _coupling(sketch: Sketch, view: Perspective, train: Train) -> None:
    for share in (0.2, 0.8) if train.engine else ():
        x, y = on_front(view, train, share, 122)
        sketch.circle(x + 6, y + 4, 21, "#17191b")
        sketch.circle(x + 10, y + 5, 20, sketch.glow("#8d9499", "#4a4f54", "#25282b"))
    x, y = on_front(view, train, 0.5, 112)
    sketch.rect(x - 13, y - 12, 30, 30, sketch.gradient("#4d5257", "#1a1c1e"), 6)
    # snow plough between bogies and rails
    back = train.profile[0][0] + 30
    plough = [view.at(back, across, up) for across, up in (
        (40, 108), (train.width - 40, 108), (train.width - 62, RAIL + 22), (62, RAIL + 22),
    )]  # fmt: skip
    sketch.polygon(plough, sketch.gradient("#33383c", "#15171a"))


def _side_of_front(sketch: Sketch, train: Train) -> None:
    sleek = len(train.profile) > 6
    low, high = (262, 340) if sleek else (262, train.height - 52)
    (x1, y1), (x2, y2) = (on_front(FROM_SIDE, train, 0, up) for up in (low, high))
    deep = 60 if sleek else 22
    corners = [(x1 - 8, y1, 8.0), (x2 - 8, y2, 10.0), (x2 - deep - 20, y2, 10.0),
               (x1 - deep - 50, y1, 16.0)]  # fmt: skip
    with glazed(sketch, corners):
        pass
    tip = -train.profile[1][0]
    sketch.path(rounded([(tip - 4, -200, 4), (tip - 36, -196, 6), (tip - 30, -176, 6),
                         (tip - 2, -176, 4)]) if not sleek else
                rounded([(tip - 24, -170, 5), (tip - 100, -196, 8), (tip - 96, -178, 8),
                         (tip - 12, -154, 5)]), sketch.gradient("#ffffff", "#b8c4cc"))  # fmt: skip
    if train.engine:
        sketch.rect(tip, -142, 16, 12, "#2a2d30", 2)
        sketch.rect(tip + 14, -154, 7, 36, sketch.gradient("#8d9499", "#33373b"), 3)
