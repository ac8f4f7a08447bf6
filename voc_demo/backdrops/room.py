"""The shell of a room: walls, floor and ceiling in perspective, with the fall of the light."""

import itertools
import math
from dataclasses import dataclass, field
from random import Random

from voc_demo.backdrops.backdrop import HEIGHT, WIDTH, Backdrop
from voc_demo.sketch import Point, Sketch, clear, hsl, mix, shade

EYE = 150.0  # height of the viewer's eyes, in centimetres
_FOCUS = 520.0  # how far the picture is from the eyes, in pixels


@dataclass
class Room:
    """A room seen straight on.

    horizon, floor  y of the eye level and of the foot of the back wall, in pixels
    middle          x of the vanishing point
    corners         x of the left and the right corner; outside the canvas if they are not seen
    wall            colour of the walls
    lit             side the light comes from: -1 left, 1 right
    """

    horizon: float
    floor: float
    middle: float
    corners: tuple[float, float]
    wall: str
    lit: int
    evening: bool
    sketch: Sketch = field(default_factory=Sketch)

    @property
    def scale(self) -> float:
        """Pixels a centimetre at the back wall."""
        return (self.floor - self.horizon) / EYE

    @property
    def light(self) -> str:
        """The colour of the light."""
        return "#ffdfb4" if self.evening else "#fff6e8"

    def span(self) -> tuple[float, float]:
        """Returns the left and right end of what is seen of the back wall, in centimetres."""
        left, right = max(self.corners[0], 0), min(self.corners[1], WIDTH)
        return (left - self.middle) / self.scale, (right - self.middle) / self.scale

    def ground(self, x: float, near: float) -> Point:
        """Returns the pixel of a place on the floor, `near` centimetres before the back wall."""
        far = _FOCUS / self.scale
        grown = far / max(far - near, far * 0.04)
        return self.middle + x * self.scale * grown, self.horizon + EYE * self.scale * grown

    def side(self, right: bool, near: float, up: float) -> Point:
        """Returns the pixel of a place on a side wall."""
        corner = (self.corners[right] - self.middle) / self.scale
        x, y = self.ground(corner, near)
        return x, y - up * (y - self.horizon) / EYE

    def backdrop(self, front: str = "") -> Backdrop:
        """Returns what was drawn, dimmed at its sides."""
        soft = ("#1a10082c", "#1a100800")
        for x, tones in ((0, soft), (WIDTH - 44, soft[::-1])):
            fill = self.sketch.gradient(*tones, horizontal=True)
            self.sketch.rect(x, 0, 44, HEIGHT, fill)
        return Backdrop(self.sketch.svg(), self.horizon, self.floor, self.light, front)


def empty_room(random: Random, wall: str) -> Room:
    """Returns a room with bare walls and a ceiling, but no floor yet."""
    horizon = random.uniform(84, 128)
    floor = horizon + random.uniform(118, 158)
    middle = random.uniform(170, 330)
    left = random.uniform(20, 110) if random.random() < 0.4 else -400
    right = random.uniform(390, 480) if left < 0 and random.random() < 0.5 else 900
    evening = random.random() < 0.35
    wall = mix(wall, "#6b4a2c", 0.25) if evening else wall
    room = Room(horizon, floor, middle, (left, right), wall, random.choice((-1, 1)), evening)
    _walls(room)
    return room


def _walls(room: Room) -> None:
    """Draws the back wall, lighter towards the light, and the ceiling above it."""
    sketch, wall = room.sketch, room.wall
    top = room.floor - 262 * room.scale
    if top > 0:
        sketch.rect(0, 0, WIDTH, top, mix(wall, "#e6e2da", 0.7))
    high = max(top, 0)
    tones = [shade(wall, 0.1), wall, shade(wall, -0.16)][:: -room.lit]
    sketch.rect(0, high, WIDTH, room.floor - high, sketch.gradient(*tones, horizontal=True))
    sketch.rect(0, high, WIDTH, 56, sketch.gradient("#2a1c1030", "#2a1c1000"))
    if top > 0:
        sketch.rect(0, top - 2, WIDTH, 4, shade(wall, 0.35))


def side_walls(room: Room, skirting: str | None = None) -> None:
    """Draws those side walls that are seen, over the ends of the back wall and the floor."""
    for right in (False, True):
        if 0 < room.corners[right] < WIDTH:
            _side_wall(room, right)
            if skirting:
                points = [
                    room.side(right, *spot) for spot in ((0, 0), (0, 11), (430, 11), (430, 0))
                ]
                room.sketch.polygon(points, shade(skirting, -0.12))


def _side_wall(room: Room, right: bool) -> None:
    sketch = room.sketch
    tone = shade(room.wall, 0.06 if right == (room.lit < 0) else -0.2)
    corner = room.corners[right]
    fall = [shade(tone, -0.14), tone][:: 1 if right else -1]
    points = [room.side(right, *spot) for spot in ((0, 0), (0, 262), (430, 262), (430, 0))]
    sketch.polygon(points, sketch.gradient(*fall, horizontal=True))
    soft = 26.0
    shadow = ("#1e140c34", "#1e140c00")[:: -1 if right else 1]
    sketch.rect(corner - soft if right else corner, 0, soft, room.floor,
                sketch.gradient(*shadow, horizontal=True))  # fmt: skip


def skirting_board(room: Room, colour: str, tall: float = 11) -> None:
    """Draws the board along the foot of the back wall."""
    left, right = room.span()
    with room.sketch.moved(room.middle, room.floor, scale=room.scale):
        fill = room.sketch.gradient(shade(colour, 0.1), colour, shade(colour, -0.3))
        room.sketch.rect(left, -tall, right - left, tall, fill)


def wooden_floor(room: Room, wood: str, random: Random) -> None:
    """Draws boards that run towards the vanishing point."""
    sketch = room.sketch
    sketch.rect(0, room.floor, WIDTH, HEIGHT - room.floor, wood)
    wide = random.uniform(13, 21)
    for index in range(-24, 24):
        tone = shade(wood, random.uniform(-0.12, 0.08))
        quad = [room.ground((index + a) * wide, near)
                for a, near in ((0, 0), (1, 0), (1, 420), (0, 420))]  # fmt: skip
        if max(x for x, _ in quad) > 0 and min(x for x, _ in quad) < WIDTH:
            sketch.polygon(quad, tone, shade(wood, -0.34), 0.5)
        for near in (random.uniform(0, 150), random.uniform(150, 330)):
            ends = [room.ground((index + a) * wide, near) for a in (0, 1)]
            sketch.line(ends, shade(wood, -0.32), 0.8)
    _floor_light(room)


def tiled_floor(room: Room, first: str, second: str, random: Random) -> None:
    """Draws square tiles in two colours."""
    sketch = room.sketch
    sketch.rect(0, room.floor, WIDTH, HEIGHT - room.floor, first)
    size = random.uniform(30, 44)
    rows = next(row for row in range(1, 99) if room.ground(0, row * size)[1] > HEIGHT)
    for row, column in itertools.product(range(rows), range(-16, 16)):
        if (row + column) % 2:
            corners = [(column, row), (column + 1, row), (column + 1, row + 1), (column, row + 1)]
            quad = [room.ground(x * size, z * size) for x, z in corners]
            if max(x for x, _ in quad) > 0 and min(x for x, _ in quad) < WIDTH:
                sketch.polygon(quad, second, shade(first, -0.25), 0.5)
    _floor_light(room)


def carpet(room: Room, colour: str) -> None:
    """Draws a fitted carpet."""
    fill = room.sketch.gradient(shade(colour, -0.12), colour, shade(colour, 0.06))
    room.sketch.rect(0, room.floor, WIDTH, HEIGHT - room.floor, fill)
    _floor_light(room, 0.16)


def _floor_light(room: Room, gloss: float = 0.35) -> None:
    """Shades a floor: dark along the wall and away from the light, bright where it falls."""
    sketch = room.sketch
    sketch.rect(0, room.floor, WIDTH, 26, sketch.gradient("#1a0f0866", "#1a0f0800"))
    glow = sketch.glow(
        *(clear("#fff3dc", gloss * share) for share in (1, 0.42, 0)), x=0.5, y=0.5, radius=0.5
    )
    sketch.ellipse(WIDTH / 2 + room.lit * 130, room.floor + 58, 160, 54, glow)
    tones = ["#120a0600", "#120a0644"][:: -room.lit]
    sketch.rect(0 if room.lit > 0 else WIDTH / 2, room.floor, WIDTH / 2, HEIGHT - room.floor,
                sketch.gradient(*tones, horizontal=True))  # fmt: skip


def rug(room: Room, random: Random) -> None:
    """Draws a rug with borders, square or round."""
    hue = random.choice((8, 22, 35, 200, 215, 150))
    colour = hsl(hue, random.uniform(0.1, 0.35), random.uniform(0.4, 0.72))
    x, near = random.uniform(-60, 60), random.uniform(150, 200)
    wide, deep = random.uniform(105, 160), random.uniform(65, 95)
    circular = random.random() < 0.3
    bands = [(1.0, -0.05), (0.94, 0.18), (0.9, -0.18), (0.78, 0.1), (0.74, 0.0)]

    def outline(share: float) -> list[Point]:
        if circular:
            angles = [math.radians(12 * step) for step in range(30)]
            places = [(share * math.cos(angle), share * math.sin(angle)) for angle in angles]
        else:
            inner = share * 1.1 - 0.1
            places = [(-share, -inner), (share, -inner), (share, inner), (-share, inner)]
        return [room.ground(x + a * wide, near + b * deep) for a, b in places]

    sketch = room.sketch
    sketch.polygon([(px, py + 2) for px, py in outline(1.01)], "#00000040")
    for share, tone in bands[: random.choice((1, 3, 5))]:
        sketch.polygon(outline(share), shade(colour, tone))
    if not circular and random.random() < 0.5:
        for index in range(-3, 4):
            at = x + index * wide * 0.2
            diamond = [room.ground(at + a * wide * 0.08, near + b * deep * 0.4)
                       for a, b in ((0, -1), (1, 0), (0, 1), (-1, 0))]  # fmt: skip
            sketch.polygon(diamond, shade(colour, -0.2))
