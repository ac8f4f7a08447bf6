"""Upright walls in perspective, and what a house front is like."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random

from voc_demo.backdrops.place import Place
from voc_demo.sketch import Point, shade, straight

Panel = tuple[float, float, float, float]  # left, bottom, width, height in metres on a wall


@dataclass(frozen=True)
class Wall:
    """An upright plane from one spot of the ground to another, each (x, depth) in metres."""

    place: Place
    start: Point
    end: Point

    @property
    def length(self) -> float:
        (x, depth), (other_x, other_depth) = self.start, self.end
        return float(((other_x - x) ** 2 + (other_depth - depth) ** 2) ** 0.5)

    @property
    def depth(self) -> float:
        return (self.start[1] + self.end[1]) / 2

    def at(self, along: float, height: float) -> Point:
        """Returns the pixel of a point `along` the wall, at a height above the ground."""
        share = along / self.length
        (x, depth), (other_x, other_depth) = self.start, self.end
        ahead = depth + (other_depth - depth) * share
        return self.place.view.spot(x + (other_x - x) * share, ahead, height)

    def outline(self, corners: Sequence[Point]) -> str:
        return straight([self.at(along, height) for along, height in corners])

    def panels(self, panels: Sequence[Panel], fill: str) -> None:
        """Adds rectangles of the wall, all in one fill."""
        path = "".join(
            self.outline([(x, y), (x, y + high), (x + wide, y + high), (x + wide, y)])
            for x, y, wide, high in panels
        )
        if path:
            self.place.sketch.path(path, fill)

    def polygon(self, corners: Sequence[Point], fill: str) -> None:
        self.place.sketch.path(self.outline(corners), fill)

    def seen(self, colour: str) -> str:
        return self.place.seen(colour, self.depth)

    def faded(self, top: str, bottom: str) -> str:
        return self.place.sketch.gradient(self.seen(top), self.seen(bottom))


@dataclass(frozen=True)
class House:
    """How a house front looks; lengths in metres."""

    width: float
    storeys: int
    storey: float
    bay: float
    wall: str
    trim: str
    roof: str
    style: str  # "plaster", "brick", "stone" or "modern"
    top: str  # "eaves", "gable", "mansard" or "flat"
    shop: bool
    shutters: bool
    accent: str  # colour of doors, shutters and awnings

    @property
    def eaves(self) -> float:
        return 0.5 + self.storeys * self.storey


_PLASTER = ("#e3d6bf", "#d9c3a0", "#cfd3d0", "#e0c7b4", "#c9cdb8", "#d8b79c", "#bfc9d1", "#e6e2d8")
_BRICK = ("#a2604c", "#8f5546", "#b07a5e", "#94694f")
_STONE = ("#d5ccb8", "#cac3b4", "#c2b9a6")
_MODERN = ("#b9bdbf", "#9aa3a8", "#d3d4d1", "#8d8a86")
_ACCENT = ("#4f6f62", "#7c3f3a", "#47607c", "#8a7448", "#5d5a58", "#6b8480", "#9b5b42")


def some_house(random: Random, storeys: tuple[int, int] = (2, 4)) -> House:
    """Returns a random house front."""
    style = random.choices(("plaster", "brick", "stone", "modern"), (5, 3, 2, 1.2))[0]
    walls = {"plaster": _PLASTER, "brick": _BRICK, "stone": _STONE, "modern": _MODERN}[style]
    tops = {"stone": ("mansard", "eaves"), "modern": ("flat",)}.get(
        style, ("eaves", "eaves", "gable")
    )
    bay = random.uniform(2.1, 2.9)
    return House(
        width=bay * random.randint(3, 4) + random.uniform(0.4, 1.2),
        storeys=random.randint(*storeys),
        storey=random.uniform(2.9, 3.4),
        bay=bay,
        wall=shade(random.choice(walls), random.uniform(-0.1, 0.06)),
        trim=random.choice(("#efece4", "#e4ddcf", "#f3f2ee")) if style != "modern" else "#5c6266",
        roof=random.choice(("#94594a", "#7d5650", "#686b70", "#585c63", "#a0705a")),
        style=style,
        top=random.choice(tops),
        shop=random.random() < 0.55,
        shutters=style == "plaster" and random.random() < 0.4,
        accent=random.choice(_ACCENT),
    )


def garden_side(house: House) -> House:
    """Returns the house as it looks from behind: without a shop."""
    return replace(house, shop=False)
