"""Places indoors: living room, dining room, kitchen, office, and close to a table's top."""

from random import Random

from voc_demo.backdrops import fittings, furnishings, workplaces
from voc_demo.backdrops.backdrop import Backdrop
from voc_demo.backdrops.closeup import close_up
from voc_demo.backdrops.room import (
    Room,
    carpet,
    empty_room,
    rug,
    side_walls,
    skirting_board,
    tiled_floor,
    wooden_floor,
)  # fmt: skip
from voc_demo.backdrops.walls import decorate, wall_colour
from voc_demo.sketch import hsl, shade

_FLOORS = ("#9a7350", "#b48d63", "#7a5840", "#c6a882", "#8b7a68", "#a9937a")


def living_room(random: Random) -> Backdrop:
    """Draws a living room: window, books, pictures, a lamp, perhaps a fireplace."""
    room = empty_room(random, wall_colour(random))
    decorate(room, random)
    _floor(room, random)
    board = random.choice(("#e9e5dc", shade(room.wall, 0.2)))
    skirting_board(room, board)
    glowing = room.evening or random.random() < 0.3
    left, right = room.span()
    places = _places(left, right, 150, random)
    with room.sketch.moved(room.middle, room.floor, scale=room.scale):
        kinds = ["window", *random.sample(["books", "cabinet", "fire", "pictures", "shelves"], 3)]
        random.shuffle(kinds)
        for x, kind in zip(places, kinds, strict=False):
            _furnish(room, kind, x, random, glowing)
        furnishings.floor_lamp(room.sketch, random.uniform(left + 25, right - 25), random, glowing)
    side_walls(room, board)
    if random.random() < 0.6:
        rug(room, random)
    return room.backdrop()


def dining_room(random: Random) -> Backdrop:
    """Draws a dining room: a low cabinet, pictures, a window, lamps from the ceiling."""
    room = empty_room(random, wall_colour(random))
    decorate(room, random)
    _floor(room, random)
    board = random.choice(("#e9e5dc", shade(room.wall, 0.2)))
    skirting_board(room, board)
    glowing = room.evening or random.random() < 0.4
    left, right = room.span()
    with room.sketch.moved(room.middle, room.floor, scale=room.scale):
        kinds = [
            "window",
            "cabinet",
            random.choice(("door", "pictures", "window", "mirror")),
            "pictures",
        ]
        random.shuffle(kinds)
        for x, kind in zip(_places(left, right, 165, random), kinds, strict=False):
            _furnish(room, kind, x, random, glowing)
        middle = random.uniform(-50, 50)
        for shift in random.choice(((0,), (-45, 45), (-70, 0, 70))):
            state = random.getstate()
            furnishings.pendant(room.sketch, middle + shift, 172, random, glowing)
            random.setstate(state)
    side_walls(room, board)
    if random.random() < 0.4:
        rug(room, random)
    return room.backdrop()


def kitchen(random: Random) -> Backdrop:
    """Draws a kitchen: units along the wall, tiles, a window or hood, a fridge."""
    room = empty_room(random, wall_colour(random))
    if random.random() < 0.6:
        pale = hsl(random.choice((30, 40, 200, 20)), 0.1, random.uniform(0.7, 0.86))
        tiled_floor(room, pale, shade(pale, random.choice((-0.05, -0.28, -0.5))), random)
    else:
        wooden_floor(room, random.choice(_FLOORS), random)
    glowing = room.evening or random.random() < 0.3
    left, right = room.span()
    sketch = room.sketch
    with sketch.moved(room.middle, room.floor, scale=room.scale):
        start, end = left + random.uniform(-30, 60), right - random.uniform(-30, 60)
        workplaces.splashback(sketch, max(start, left), min(end, right), random)
        free = random.uniform(left + 110, right - 110) if random.random() < 0.6 else None
        if free is not None:
            fittings.window(sketch, free, random, room.evening, 112)
        tall = random.choice((-1, 0, 1))
        if tall:
            workplaces.fridge(sketch, (start if tall < 0 else end) - tall * 36, random)
            start, end = (start + 70, end) if tall < 0 else (start, end - 70)
        workplaces.cupboards(sketch, start, end, free, random)
        for shift in random.choice(((), (0,), (-50, 50))):
            furnishings.pendant(sketch, shift + random.uniform(-8, 8), 178, random, glowing)
    side_walls(room)
    return room.backdrop()


def office(random: Random) -> Backdrop:
    """Draws an office: blinds, boards with notes, steel cabinets, shelves of files."""
    wall = hsl(
        random.choice((40, 200, 210, 150, 30)),
        random.uniform(0.03, 0.15),
        random.uniform(0.66, 0.86),
    )
    room = empty_room(random, wall)
    if random.random() < 0.65:
        carpet(
            room,
            hsl(
                random.choice((210, 220, 30, 150)),
                random.uniform(0.05, 0.2),
                random.uniform(0.36, 0.6),
            ),
        )
    else:
        wooden_floor(room, random.choice(_FLOORS), random)
    skirting_board(room, shade(wall, -0.25), 7)
    left, right = room.span()
    sketch = room.sketch
    with sketch.moved(room.middle, room.floor, scale=room.scale):
        kinds = ["blinds", "whiteboard", random.choice(("pinboard", "books", "door")), "cabinets"]
        random.shuffle(kinds)
        for x, kind in zip(_places(left, right, 160, random), kinds, strict=False):
            _equip(room, kind, x, random)
        if random.random() < 0.6:
            for shift in (-90, 110):
                workplaces.ceiling_light(sketch, shift, -250)
    side_walls(room, shade(wall, -0.25))
    return room.backdrop()


def tabletop(random: Random) -> Backdrop:
    """Draws the top of a table or worktop from close, and the room behind it out of focus."""
    return close_up(random)


def _floor(room: Room, random: Random) -> None:
    if random.random() < 0.7:
        wooden_floor(room, random.choice(_FLOORS), random)
    else:
        carpet(
            room,
            hsl(random.uniform(15, 230), random.uniform(0.05, 0.2), random.uniform(0.42, 0.72)),
        )


def _places(left: float, right: float, step: float, random: Random) -> list[float]:
    """Returns where along the wall things go, evenly but for a little chance."""
    count = max(int((right - left) / step), 2)
    size = (right - left) / count
    return [
        left + (index + 0.5) * size + random.uniform(-0.1, 0.1) * size for index in range(count)
    ]


def _equip(room: Room, kind: str, x: float, random: Random) -> None:
    """Puts one kind of an office's fittings at a place along the wall."""
    sketch = room.sketch
    if kind == "blinds":
        workplaces.blinds(sketch, x, random.uniform(110, 150), room.evening)
        fittings.radiator(sketch, x)
    elif kind == "whiteboard":
        workplaces.whiteboard(sketch, x, random)
    elif kind == "pinboard":
        workplaces.pinboard(sketch, x, random)
    elif kind == "cabinets":
        workplaces.filing_cabinets(sketch, x, random.randint(1, 3), random)
        fittings.clock(sketch, x, 196)
    else:
        _furnish(room, kind, x, random, False)


def _furnish(room: Room, kind: str, x: float, random: Random, glowing: bool) -> None:
    """Puts one kind of fitting at a place along the wall."""
    sketch = room.sketch
    if kind == "window":
        if random.random() < 0.6:
            fittings.radiator(sketch, x)
        fittings.window(sketch, x, random, room.evening)
    elif kind == "books":
        furnishings.bookcase(sketch, x, random)
    elif kind == "cabinet":
        high = furnishings.cabinet(sketch, x, random)
        fittings.picture(sketch, x + random.uniform(-25, 25), random.uniform(150, 170), random)
        if random.random() < 0.7:
            furnishings.table_lamp(sketch, x + random.uniform(-40, 40), high, random, glowing)
    elif kind == "fire":
        furnishings.fireplace(sketch, x, random, glowing)
        fittings.picture(sketch, x, 165, random)
    elif kind == "pictures":
        for shift in random.choice(((0,), (-33, 33), (-62, 0, 62))):
            fittings.picture(sketch, x + shift, random.uniform(148, 172), random)
    elif kind == "shelves":
        for y in (125, 165)[: random.randint(1, 2)]:
            furnishings.shelf(sketch, x, y, random.uniform(80, 115), random)
    elif kind == "mirror":
        fittings.mirror(sketch, x, random)
    else:
        fittings.door(sketch, x, random)
