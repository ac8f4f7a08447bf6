"""Diesel, electric and high-speed trains, from the side or with the front turned to the viewer."""

from random import Random

from voc_demo.sketch import Drawing, Point, Sketch, rounded, shade, straight
from voc_demo.vehicles.parts import FROM_SIDE, Corners, Perspective, bright_paint, glazed
from voc_demo.vehicles.train_front import train_front
from voc_demo.vehicles.train_shape import BED, RAIL, Train


def box_train(random: Random) -> Drawing:
    """Draws a train: an engine with carriages, or a multiple unit."""
    turn = random.choice((0, random.uniform(44, 54), random.uniform(54, 68)))
    lengths = (1250.0, 1050.0) if turn == 0 else (1500.0, 1700.0, 1700.0)[: random.randint(2, 3)]
    train = random.choice((_locomotive, _multiple_unit, _high_speed))(random, lengths)
    view = Perspective(turn, 1700, 190) if turn else FROM_SIDE
    end = sum(train.lengths)
    left, _ = view.at(end, -50, 0)
    right, sunk = view.at(-70, train.width + 50, 0)[0], view.at(-70, -50, 0)[1]
    middle = (left + right) / 2
    sketch = Sketch()
    with sketch.moved(-middle, -sunk):
        _track(sketch, view, train, end)
        start = end
        for at in reversed(range(len(lengths))):
            start -= lengths[at]
            _vehicle(sketch, view, train, start, at)
        top = min(y for _, y in _roof(view, train))
        if train.wires:
            top = min(top, _pantograph(sketch, view, train))
        train_front(sketch, view, train)
    return Drawing(sketch.svg(), left - middle, top - sunk, right - middle)


def _roof(view: Perspective, train: Train) -> list[Point]:
    """Returns the upper end of the front, about where its rounded edge is highest."""
    back, inset, high = train.profile[-1]
    if not view.turn:
        return [(-back, -high - (6 if train.engine else 0))]
    return [view.at(back + 40, across, high - 2) for across in (inset, train.width / 2)]


def _locomotive(random: Random, lengths: tuple[float, ...]) -> Train:
    paint = bright_paint(random)
    wires = random.random() < 0.5
    lean = random.uniform(30, 75)
    profile = ((0.0, 14.0, 125.0), (0.0, 8.0, 250.0), (lean, 8.0, 395.0), (lean + 25, 22.0, 425.0))
    stripe = random.choice(("#f3f0e6", "#e9b93c", "#2a2e33"))
    nose = random.choice((paint, "#f0b91f", shade(paint, -0.2)))
    return Train(425, lengths, profile, paint, stripe, nose, "#6d7378", True, wires)


def _multiple_unit(random: Random, lengths: tuple[float, ...]) -> Train:
    second = bright_paint(random)
    paint = random.choice(("#e8eaeb", "#cfd4d8", second))
    if paint == second:
        second = random.choice(("#f3f0e6", "#e9b93c", shade(paint, -0.45)))
    lean = random.uniform(18, 60)
    profile = ((6.0, 26.0, 85.0), (0.0, 18.0, 150.0), (6.0, 12.0, 235.0), (lean, 12.0, 385.0),
               (lean + 32, 34.0, 420.0))  # fmt: skip
    return Train(420, lengths, profile, paint, second,
                 random.choice((paint, "#f0b91f", "#23272b")), "#8b9196", False,
                 random.random() < 0.4)  # fmt: skip


def _high_speed(random: Random, lengths: tuple[float, ...]) -> Train:
    paint = random.choice(("#eef0f1", "#dfe3e6", "#b9c1c8", "#cf2a23", "#f3f3ee"))
    second = random.choice(("#c8242b", "#1f4fa3", "#e07a1c", "#2c3a66", "#18806d"))
    reach = random.uniform(0.75, 1.1)
    profile = tuple(
        (back * reach, inset, up)
        for back, inset, up in (
            (45, 70, 72), (0, 76, 125), (30, 66, 172), (120, 48, 222), (240, 34, 278),
            (370, 26, 345), (470, 30, 392), (560, 42, 412),
        )
    )  # fmt: skip
    return Train(412, lengths, profile, paint, second if paint != "#cf2a23" else "#f1efe8", paint,
                 shade(paint, -0.12), False, random.random() < 0.5)  # fmt: skip


def _track(sketch: Sketch, view: Perspective, train: Train, end: float) -> None:
    """Adds ballast, sleepers and rails."""
    far = train.width + 50
    bed = [view.at(-70, -50, 0), view.at(-70, far, 0), view.at(-60, far, BED),
           view.at(end, far, BED), view.at(end, -50, 0)]  # fmt: skip
    sketch.polygon(bed, sketch.gradient("#8b837a", "#6b645d"))
    sleepers = []
    for back in range(-40, int(end) - 10, 75):
        ends = ((back, 30, 4), (back + 26, 30, 4), (back + 26, far - 80, BED),
                (back, far - 80, BED))  # fmt: skip
        sleepers.append(straight([view.at(*corner) for corner in ends]))
    sketch.path("".join(sleepers), "#4b4038")
    for across in (train.width - 70, 70):
        rail = [view.at(-70, across, BED), view.at(end, across, BED),
                view.at(end, across, RAIL), view.at(-70, across, RAIL)]  # fmt: skip
        sketch.polygon(rail, "#5a3f31")
        sketch.line(rail[2:], "#cfd4d8", 3)


def _vehicle(sketch: Sketch, view: Perspective, train: Train, start: float, at: int) -> None:
    end = start + train.lengths[at] - 45
    if at + 1 < len(train.lengths):
        sketch.path(rounded(view.side(end - 10, 130, end + 60, train.height - 30)), "#1e2124")
    sketch.path(rounded(view.side(start + 90, RAIL + 40, end - 60, 125)), "#17191b")
    _bogies(sketch, view, start, end, first=at == 0)
    if at == 0:
        wall = [(*view.at(*point), 24.0) for point in train.profile]
        wall[0] = (*wall[0][:2], 5.0)
    else:
        wall = [(*view.at(start, 0, 105), 8.0), (*view.at(start, 0, train.height), 30.0)]
    wall += [(*view.at(end, 0, train.height), 30.0), (*view.at(end, 0, 105), 8.0)]
    _wall(sketch, view, train, wall, (start, end))
    if at == 0 and train.engine:
        _engine_side(sketch, view, train, end)
    else:
        _carriage_side(sketch, view, train, start, end, at)


def _wall(sketch: Sketch, view: Perspective, train: Train, wall: Corners,
          ends: tuple[float, float]) -> None:  # fmt: skip
    """Adds the painted side of a vehicle between two distances behind the front."""
    (start, end), paint, high = ends, train.paint, train.height
    outline = rounded(wall)
    sketch.path(outline, sketch.gradient(shade(paint, 0.2), paint, paint, shade(paint, -0.35)))
    with sketch.clipped(outline):
        roof = sketch.gradient(shade(train.roof, 0.35), shade(train.roof, -0.25))
        sketch.path(rounded(view.side(start - 80, high - 42, end + 50, high + 30)), roof)
        stripe = (128, 165) if train.engine else (150, 186)
        sketch.path(rounded(view.side(start - 80, stripe[0], end + 50, stripe[1])), train.second)
        sketch.path(rounded(view.side(start - 80, 60, end + 50, 112)), "#22262a", opacity=0.65)
        shine = view.side(start - 80, high - 58, end + 50, high - 48)
        sketch.path(rounded(shine), "#ffffff", opacity=0.35)


def _bogies(
    sketch: Sketch, view: Perspective, start: float, end: float, first: bool
) -> None:  # fmt: skip
    size = 47.0
    lead = 300.0 if first else 210.0
    for middle in (end - 210, start + lead):
        frame = view.side(middle - 150, RAIL + 40, middle + 150, RAIL + 78, 10)
        tyres = []
        for back in (middle + 95, middle - 95):
            x, y = view.at(back, 0, RAIL + size)
            tall = (view.at(back, 0, RAIL)[1] - y) / size
            flat = (view.at(back - size, 0, 0)[0] - view.at(back + size, 0, 0)[0]) / 2 / size
            tyres.append((x, y, size * flat, size * tall))
        for x, y, wide, tall in tyres:
            sketch.ellipse(x, y, wide, tall, sketch.gradient("#6a6f73", "#2a2d30"))
            sketch.ellipse(x, y, wide * 0.78, tall * 0.78, "#33373a")
        sketch.path(rounded(frame), sketch.gradient("#3d4246", "#1c1f21"))
        for x, y, wide, tall in tyres:
            sketch.ellipse(x, y, wide * 0.36, tall * 0.36, sketch.gradient("#9aa0a5", "#4a4f53"))


def _engine_side(sketch: Sketch, view: Perspective, train: Train, end: float) -> None:
    dark = shade(train.paint, -0.5)
    lean = train.profile[-2][0]
    for back in (lean + 60, end - 120):
        corners = view.side(back, 255, back + 75, 335, 8)
        with glazed(sketch, corners):
            pass
        door = view.side(back + 92, 122, back + 165, 345, 8)
        sketch.path(rounded(door), None, dark, 2)
        rail = [view.at(back + 86, 0, 135), view.at(back + 86, 0, 300)]
        sketch.line(rail, "#dadddf", 4)
    # louvres of the engine room
    room = (lean + 260, end - 170)
    count = 4
    step = (room[1] - room[0]) / count
    for at in range(count):
        left = room[0] + at * step
        sketch.path(rounded(view.side(left, 215, left + step - 30, 335, 8)), dark)
        slats = "".join(
            straight([view.at(left + 8, 0, up), view.at(left + step - 38, 0, up)], closed=False)
            for up in range(228, 332, 17)
        )
        sketch.path(slats, None, shade(train.paint, -0.1), 4)
    for back in (room[0] + 90, room[1] - 120):
        hump = view.side(back, train.height - 3, back + 140, train.height + 6, 4)
        sketch.path(rounded(hump), shade(train.roof, -0.3))


def _carriage_side(sketch: Sketch, view: Perspective, train: Train, start: float, end: float,
                   at: int) -> None:  # fmt: skip
    nose = train.profile[-1][0] if at == 0 else 0
    doors = [start + nose + 60, end - 150] if at == 0 else [start + 50, end - 150]
    corners = view.side(doors[0] + 130, 225, doors[1] - 35, 325, 14)
    with glazed(sketch, corners):
        sketch.path(rounded(view.side(doors[0], 262, doors[1], 268)), "#d8c9a0", opacity=0.4)
    back = doors[0] + 130.0
    count = max(round((doors[1] - doors[0] - 165) / 170), 2)
    step = (doors[1] - doors[0] - 165) / count
    for _ in range(1, count):
        back += step
        post = view.side(back - 8, 222, back + 8, 328)
        sketch.path(rounded(post), train.paint if train.engine else "#15191c")
    for back in doors:
        door = rounded(view.side(back, 112, back + 100, 345, 10))
        sketch.path(door, shade(train.second, 0.05), shade(train.paint, -0.5), 2.5)
        for left in (back + 12, back + 55):
            with glazed(sketch, view.side(left, 205, left + 34, 325, 6)):
                pass


def _pantograph(sketch: Sketch, view: Perspective, train: Train) -> float:
    """Adds the current collector on the roof; returns how high it reaches."""
    back, high = train.profile[-1][0] + 190, train.height
    middle = train.width / 2
    knee, head = view.at(back + 130, middle, high + 55), view.at(back + 20, middle, high + 115)
    foot = view.at(back, middle, high - 12)
    sketch.line([foot, knee, head], "#33373b", 7)
    sketch.line([view.at(back + 40, middle, high - 12), knee], "#565c61", 4)
    sketch.line([view.at(back - 25, middle, high + 115), view.at(back + 65, middle, high + 115)],
                "#2a2d30", 8)  # fmt: skip
    return min(head[1], view.at(back - 25, middle, high + 115)[1]) - 4
