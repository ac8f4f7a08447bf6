"""Buses, from the side or with the front turned towards the viewer."""

from dataclasses import dataclass
from random import Random

from voc_demo.sketch import Drawing, Point, Sketch, mix, rounded, shade, straight
from voc_demo.vehicles.parts import (
    FROM_SIDE,
    Perspective,
    bright_paint,
    glazed,
    head_and_shoulders,
    lamp,
)


@dataclass(frozen=True)
class _Bus:
    """A bus in cm: window bands as (lower, upper edge), axles and doors as distances behind the
    front, `lean` of the front per height."""

    length: float
    height: float
    bands: tuple[tuple[float, float], ...]
    axles: tuple[float, ...]
    doors: tuple[float, ...]
    paint: str
    roof: str
    stripe: str
    lean: float = 0.03
    width: float = 255


def box_bus(random: Random) -> Drawing:
    """Draws a city bus, a coach or a double-decker."""
    bus = random.choice((_city_bus, _city_bus, _coach, _double_decker))(random)
    turn = random.choice((0, 0, random.uniform(22, 40), random.uniform(35, 55)))
    view = Perspective(turn, 1300, 170) if turn else FROM_SIDE
    sketch = Sketch()
    left = view.at(bus.length, 0, 0)[0]
    right = max(view.at(0, bus.width, 0)[0] + 3, _mirror_foot(view, bus)[0] + 19) if turn else 24
    middle, raised = (left + right) / 2, view.at(bus.axles[0], 0, 0)[1]
    with sketch.moved(-middle, -raised):
        _underneath(sketch, view, bus)
        _side(sketch, view, bus, random)
        _wheels(sketch, view, bus)
        if turn:
            _front(sketch, view, bus, random)
        else:
            _nose(sketch, bus)
    return Drawing(sketch.svg(), left - middle, -bus.height - raised, right - middle)


def _city_bus(random: Random) -> _Bus:
    paint = bright_paint(random)
    roof = random.choice((paint, "#eef0ef", "#eef0ef", shade(paint, 0.3)))
    length = random.uniform(1000, 1180)
    doors = (58, length * 0.52) if random.random() < 0.7 else (58,)
    return _Bus(length, random.uniform(295, 315), ((118, 250),), (265, length - 300), doors, paint,
                roof, _stripe(random, paint))  # fmt: skip


def _coach(random: Random) -> _Bus:
    paint = random.choice((bright_paint(random), "#eceeef", "#d5d9dc", "#c8a95a"))
    length = random.uniform(1150, 1250)
    return _Bus(length, random.uniform(345, 365), ((175, 305),), (270, length - 330, length - 205),
                (52,), paint, paint, _stripe(random, paint), 0.1)  # fmt: skip


def _stripe(random: Random, paint: str) -> str:
    """Returns a second colour that goes with the first."""
    return random.choice(("#f3f1e8", "#f3f1e8", shade(paint, -0.45), shade(paint, 0.55), "#e9b93c"))


def _double_decker(random: Random) -> _Bus:
    paint = random.choice(("#b8161c", "#b8161c", "#c41f24", bright_paint(random)))
    length = random.uniform(980, 1080)
    doors = (58, length * 0.5) if random.random() < 0.5 else (58,)
    return _Bus(length, random.uniform(425, 440), ((118, 208), (282, 368)), (265, length - 270),
                doors, paint, paint, random.choice(("#f0e8d0", "#f2f2ee", shade(paint, -0.35))),
                0.03)  # fmt: skip


def _underneath(sketch: Sketch, view: Perspective, bus: _Bus) -> None:
    sketch.path(rounded(view.side(30, 22, bus.length - 40, 80)), "#101214")
    if view.turn:
        sketch.path(rounded(view.face(12, 22, bus.width - 10, 80)), "#0c0e10")
        near, far = view.at(bus.axles[0], bus.width - 30, 0), view.at(0, bus.width, 0)
        sketch.rect((near[0] + far[0]) / 2, near[1] - 50, 22, 50, "#17191b", 8)


def _outline(view: Perspective, bus: _Bus) -> str:
    lean, high, length = bus.lean, bus.height, bus.length
    points = [(2, 34, 3), (0, 120, 20), (lean * high, high, 22 if view.turn else 38),
              (length - 6, high, 26), (length, 120, 30), (length - 4, 38, 14)]  # fmt: skip
    return rounded([(*view.at(back, 0, up), radius) for back, up, radius in points])


def _side(sketch: Sketch, view: Perspective, bus: _Bus, random: Random) -> None:
    outline, end = _outline(view, bus), bus.length
    top = bus.bands[-1][1]
    coat = (shade(bus.paint, 0.25), bus.paint, shade(bus.paint, -0.1), shade(bus.paint, -0.38))
    sketch.path(outline, sketch.gradient(*coat))
    with sketch.clipped(outline):
        crown = sketch.gradient(shade(bus.roof, 0.5), shade(bus.roof, -0.05))
        sketch.path(rounded(view.side(-20, top + 8, end + 20, bus.height + 5)), crown)
        _livery(sketch, view, bus, random)
        sketch.path(rounded(view.side(-20, 26, end + 20, 52)), "#1a1d20", opacity=0.75)
        for back in bus.axles:
            x, y = view.at(back, 0, 50)
            flat = (view.at(back - 62, 0, 50)[0] - view.at(back + 62, 0, 50)[0]) / 124
            sketch.ellipse(x, y, 64 * flat, 62, "#0d0f10")
    for low, high in bus.bands:
        _window_band(sketch, view, bus, (low, high), random)
    for door in bus.doors:
        _door(sketch, view, bus, door)
    seam = shade(bus.paint, -0.5)
    for back in range(330, int(end) - 60, 150):
        line = [view.at(back, 0, 56), view.at(back, 0, bus.bands[0][0] - 6)]
        sketch.line(line, seam, 1.2, opacity=0.5)
    # rear and front lamps, on the edge
    sketch.path(rounded(view.side(end - 12, 90, end - 1, 132, 3)), "#c3241f")


def _livery(sketch: Sketch, view: Perspective, bus: _Bus, random: Random) -> None:
    style, end, low = random.randrange(3), bus.length, bus.bands[0][0]
    if len(bus.bands) == 2:
        # a band between the decks
        high = bus.bands[1][0] - 14
        sketch.path(rounded(view.side(-20, bus.bands[0][1] + 18, end + 20, high)), bus.stripe,
                    opacity=0.9)  # fmt: skip
    elif style == 0:
        sketch.path(rounded(view.side(-20, low - 34, end + 20, low - 14)), bus.stripe)
    elif style == 1:
        swoosh = [(end * 0.45, 20), (end * 0.62, 20), (end * 0.95, bus.height),
                  (end * 0.72, bus.height)]  # fmt: skip
        sketch.path(straight([view.at(back, 0, up) for back, up in swoosh]), bus.stripe)
        sketch.path(straight([view.at(back + 40 + end * 0.17, 0, up) for back, up in swoosh]),
                    shade(bus.stripe, 0.35))  # fmt: skip
    else:
        sketch.path(rounded(view.side(-20, 20, end + 20, low - 28)), bus.stripe)
        sketch.path(rounded(view.side(-20, low - 28, end + 20, low - 22)), "#f4f4f0")
    shine = view.side(-20, low - 10, end + 20, low - 4)
    sketch.path(rounded(shine), "#ffffff", opacity=0.4)


def _window_band(sketch: Sketch, view: Perspective, bus: _Bus, band: tuple[float, float],
                 random: Random) -> None:  # fmt: skip
    low, high = band
    first = bus.lean * high + (0 if view.turn else 4)
    corners = view.side(first, low, bus.length - 34, high, 12)
    with glazed(sketch, corners):
        back = 40.0 if low == bus.bands[0][0] else 90.0
        while back < bus.length - 80:
            if random.random() < 0.5:
                x, y = view.at(back, 40, low)
                tone = mix(random.choice(("#8a6a55", "#36506a", "#7a3a3a", "#4a4a4a")), "#20262b",
                           0.55)  # fmt: skip
                with sketch.moved(x, y, scale=0.95 - 0.1 * (view.turn > 0) - back * 0.00012):
                    head_and_shoulders(sketch, 0, 6, tone)
            back += random.uniform(75, 130)
    sketch.path(rounded(corners), None, "#15191c", 3)
    step = 146 if bus.height > 330 else 132
    for back in range(int(first) + 120, int(bus.length) - 60, step):
        post = view.side(back, low, back + 7, high)
        sketch.path(rounded(post), "#14181b")
    if len(bus.bands) == 1 and bus.lean < 0.05:
        rail = [view.at(first, 0, high - 34), view.at(bus.length - 34, 0, high - 34)]
        sketch.line(rail, "#1a1f23", 2.5, opacity=0.7)


def _door(sketch: Sketch, view: Perspective, bus: _Bus, back: float) -> None:
    high = bus.bands[0][1] + 4
    sketch.path(rounded(view.side(back - 6, 40, back + 122, high + 6, 8)), shade(bus.paint, -0.45))
    for start in (back, back + 60):
        corners = view.side(start, 46, start + 56, high, 7)
        with glazed(sketch, corners):
            sketch.line([view.at(start + 28, 0, 60), view.at(start + 28, 0, 190)], "#c9a53a", 2.5)
        sketch.path(rounded(corners), None, "#22272b", 4)


def _wheels(sketch: Sketch, view: Perspective, bus: _Bus) -> None:
    for back in bus.axles:
        x, ground = view.at(back, 0, 0)
        size = -(view.at(back, 0, 48)[1] - ground) / 48
        flat = (view.at(back - 48, 0, 0)[0] - view.at(back + 48, 0, 0)[0]) / 96
        y = ground - 48 * size
        tyre = sketch.glow("#404346", "#1b1d1f", "#101112", x=0.5, y=0.1)
        sketch.ellipse(x, y, 48 * flat, 48 * size, tyre)
        metal = sketch.gradient("#e6e8ea", "#9aa0a5", "#5c6166")
        sketch.ellipse(x, y, 30 * flat, 30 * size, metal)
        sketch.ellipse(x, y, 22 * flat, 22 * size, sketch.gradient("#4d5257", "#a3a9ae"))
        sketch.ellipse(x, y, 11 * flat, 11 * size, metal)


def _nose(sketch: Sketch, bus: _Bus) -> None:
    """Adds what the side shows of the front: the edge of the wind screen, lamp and mirror."""
    low, high = bus.bands[0]
    lean = bus.lean
    sketch.polygon([(-lean * low - 0.5, -low + 8), (-16 - lean * low, -low + 2),
                    (-14 - lean * high, -high), (-1 - lean * high, -high)], "#232b31")  # fmt: skip
    sketch.path(rounded([(-1, -104, 5), (-24, -100, 5), (-20, -78, 5), (-1, -80, 4)]),
                sketch.gradient("#ffffff", "#c4ced5", "#8a949b"), "#30363b", 1.5)  # fmt: skip
    y = -bus.bands[-1][1] + 2 if len(bus.bands) == 1 else -bus.bands[0][1] - 16
    sketch.curve([(-lean * high - 10, y - 16), (10, y - 18), (17, y - 4)], "#1c2023", 5)
    sketch.rect(9, y - 8, 15, 50, sketch.gradient("#4a5055", "#181b1d"), 6)


def _front(sketch: Sketch, view: Perspective, bus: _Bus, random: Random) -> None:
    lean, width, high = bus.lean, bus.width, bus.height
    paint = shade(bus.paint, 0.08)
    points = [(0, 34, 3), (-1, 120, 20), (0, high, 26), (width, high, 40), (width + 1, 120, 20),
              (width - 2, 34, 16)]  # fmt: skip
    outline = rounded([(*view.at(lean * up, x, up), radius) for x, up, radius in points])
    sketch.path(outline, sketch.gradient(shade(bus.roof, 0.4), paint, paint, shade(paint, -0.35)))
    with sketch.clipped(outline):
        sketch.path(rounded(view.face(-10, 20, width + 10, 60, 0, lean)), "#1b1e21", opacity=0.8)
        for share in (0.86, 0.93):
            sketch.path(rounded(view.face(width * share, 0, width + 10, high, 0, lean)),
                        shade(paint, -0.45), opacity=0.14)  # fmt: skip
    sketch.line([view.at(lean * 60, 0, 60), view.at(lean * high, 0, high - 22)],
                shade(bus.paint, 0.5), 2.5, opacity=0.6)  # fmt: skip
    for at, (low, top) in enumerate(bus.bands):
        corners = view.face(12, low - 6, width - 12, top - (24 if at == 0 else 0), 16, lean)
        with glazed(sketch, corners):
            if at == 0:
                x, y = view.at(0, width * 0.72, low)
                head_and_shoulders(sketch, x, y + 4, mix("#8a6a55", "#20262b", 0.4))
        sketch.path(rounded(corners), None, "#15191c", 4)
    low, top = bus.bands[0]
    # destination
    sketch.path(rounded(view.face(30, top - 20, width - 30, top + 12, 6, lean)), "#16181a")
    dots = [view.at(lean * top, x, top - 4) for x in (58, width - random.uniform(60, 120))]
    sketch.line(dots, "#f5a623", 13)
    for share in (0.36, 0.62):
        foot, tip = view.at(0, width * share, low - 4), view.at(0, width * (share + 0.22), low + 50)
        sketch.line([foot, tip], "#0f1113", 2.5)
    _front_details(sketch, view, bus)


def _front_details(sketch: Sketch, view: Perspective, bus: _Bus) -> None:
    width = bus.width
    sketch.path(rounded(view.face(70, 66, width - 70, 88, 5)), "#1f2428")
    sketch.path(rounded(view.face(width / 2 - 28, 42, width / 2 + 28, 56, 2)), "#e9e6d8")
    for across in (34.0, width - 34):
        lamp(sketch, *view.at(0, across, 78), 14)
        sketch.circle(*view.at(0, across + (26 if across < 100 else -26), 74), 7, "#f0a23a")
    for across, side in ((2.0, -1), (width, 1)):
        x, y = _mirror_foot(view, bus, across)
        sketch.curve([(x, y - 14), (x + 8 * side, y - 16), (x + 9 * side, y)], "#1c2023", 4)
        sketch.rect(x + (9 if side > 0 else -21) - 4 * (side > 0), y - 6, 14, 46, "#24292d", 5)


def _mirror_foot(view: Perspective, bus: _Bus, across: float = 255) -> Point:
    low, high = bus.bands[0]
    up = high + (6 if low > 150 else -10)
    return view.at(bus.lean * up, across, up)
