"""Perspective: things of real sizes, put on the ground of a backdrop so that they agree."""

from collections.abc import Sequence
from dataclasses import replace
from random import Random

from voc_demo.backdrops.backdrop import HEIGHT, WIDTH, Backdrop
from voc_demo.painting import Scene, Thing
from voc_demo.sketch import Drawing

_MOST_HAZE = 0.35
_MOST_FILL = 0.95  # of the image's width or height, by company


class Stage:
    """A backdrop and the things on it so far.

    The first thing decides where the photographer stands: its size in the image and the place of
    its feet give the height of the eye, and with it the scale of everything else.
    """

    def __init__(self, backdrop: Backdrop, random: Random) -> None:
        self._backdrop = backdrop
        self._random = random
        self._things: list[Thing] = []
        self._depths: list[float] = []  # y of the ground line that each stands on, or is upon
        # Pixels a centimetre of a thing whose feet are one pixel below the horizon.
        self._scale_per_pixel = 0.0

    def scene(self, backdrop_blur: float) -> Scene:
        """Returns the scene, sorted from the farthest to the nearest thing."""
        # Stable: a rider, added after the horse and of the same depth, stays before it.
        order = sorted(range(len(self._things)), key=lambda index: self._depths[index])
        return Scene(self._backdrop, tuple(self._things[index] for index in order), backdrop_blur)

    def put_first(
        self, class_name: str | None, drawing: Drawing, fill: float, feet: float,
        reflected: bool = False,
    ) -> Thing:  # fmt: skip
        """Puts the thing that the scene is about.

        Args:
            fill: its share of the image's width or height, whichever it fills more.
            feet: y of its ground line, as a share of the image's height.
        """
        scale = fill * min(WIDTH / drawing.width, HEIGHT / drawing.height)
        y = max(feet * HEIGHT, self._backdrop.floor + 2, self._backdrop.horizon + 12)
        self._scale_per_pixel = scale / (y - self._backdrop.horizon)
        free = max(0.0, WIDTH - scale * drawing.width)
        left = (
            self._random.uniform(0.1, 0.9) * free if free else (WIDTH - scale * drawing.width) / 2
        )
        return self._add(class_name, drawing, left, y, scale, reflected=reflected)

    def put(
        self, class_name: str | None, drawing: Drawing, nearness: float, reflected: bool = False
    ) -> Thing:
        """Puts a thing where it hides little of the others.

        Args:
            nearness: its scale relative to the first thing's; less where it would not fit into the
                image, since a bird is photographed from where only the feet of people are seen.
        """
        first = self._things[0]
        horizon, floor = self._backdrop.horizon, self._backdrop.floor
        most = min(_MOST_FILL * WIDTH / drawing.width, _MOST_FILL * HEIGHT / drawing.height)
        nearness = min(nearness, most / first.scale)
        y = max(horizon + nearness * (first.y - horizon), floor + 2)
        scale = self._scale_per_pixel * (y - horizon)
        width = scale * drawing.width
        tries = [self._random.uniform(-0.15 * width, WIDTH - 0.85 * width) for _ in range(8)]
        top = y + scale * drawing.top
        left = min(tries, key=lambda x: self._overlap((x, top, x + width, y)))
        return self._add(class_name, drawing, left, y, scale, reflected=reflected)

    def put_behind(self, class_name: str, drawing: Drawing, other: Thing) -> Thing:
        """Puts a thing close behind another one, so that most of it is hidden."""
        y = other.y - 0.06 * (other.y - self._backdrop.horizon)
        scale = self._scale_per_pixel * (y - self._backdrop.horizon)
        width = scale * drawing.width
        left = self._random.uniform(other.left - 0.3 * width, other.right - 0.7 * width)
        return self._add(class_name, drawing, left, y, scale)

    def seat(self, class_name: str, drawing: Drawing, other: Thing) -> Thing | None:
        """Puts somebody onto another thing's seat, facing the same way; None if it has none."""
        if other.drawing.seat is None or drawing.seat is None:
            return None
        x, y = other.at(*other.drawing.seat)
        thing = replace(other, class_name=class_name, drawing=drawing, x=0.0, y=0.0, shadow=False)
        hips_x, hips_y = thing.at(*drawing.seat)
        return self._keep(replace(thing, x=x - hips_x, y=y - hips_y), self._depth_of(other))

    def put_upon(self, class_name: str, drawing: Drawing, other: Thing, place: float) -> Thing:
        """Puts a small thing onto another one's surface; `place` in [0, 1] from left to right."""
        surface = other.drawing.surface
        if surface is None:
            raise ValueError(f"{other.class_name} has no surface")
        left, right, top = surface
        x, y = other.at(left + place * (right - left), top)
        left_edge = x - other.scale * drawing.width / 2
        depth = self._depth_of(other)
        return self._add(class_name, drawing, left_edge, y, other.scale, shadow=False, depth=depth)

    def float_in_air(self, class_name: str, drawing: Drawing, fill: float) -> Thing:
        """Puts a flying thing anywhere above the ground."""
        scale = fill * min(WIDTH / drawing.width, HEIGHT / drawing.height)
        width, height = scale * drawing.width, scale * drawing.height
        lowest = max(height + 4, min(self._backdrop.floor - 10, HEIGHT - 6.0))
        y = self._random.uniform(min(height + 4, lowest), lowest)
        tries = [self._random.uniform(-0.05 * width, WIDTH - 0.95 * width) for _ in range(5)]
        left = min(tries, key=lambda x: self._overlap((x, y - height, x + width, y)))
        # Behind all that stands on the ground.
        return self._add(class_name, drawing, left, y, scale, shadow=False, depth=0.0)

    def _add(
        self, class_name: str | None, drawing: Drawing, left: float, y: float, scale: float,
        shadow: bool = True, reflected: bool = False, depth: float | None = None,
    ) -> Thing:  # fmt: skip
        mirrored = self._random.random() < 0.5
        x = left + scale * (drawing.right if mirrored else -drawing.left)
        nearest = max([scale, *(thing.scale for thing in self._things)])
        haze = min(_MOST_HAZE, 0.12 * max(0.0, 1 - scale / nearest) ** 2 * 3)
        thing = Thing(class_name, drawing, x, y, scale, mirrored, haze, shadow and not reflected,
                      reflected)  # fmt: skip
        return self._keep(thing, y if depth is None else depth)

    def _keep(self, thing: Thing, depth: float) -> Thing:
        self._things.append(thing)
        self._depths.append(depth)
        return thing

    def _depth_of(self, thing: Thing) -> float:
        return self._depths[self._things.index(thing)]

    def _overlap(self, box: tuple[float, float, float, float]) -> float:
        """Returns the share of the smaller box that two things share, summed over all things."""
        return sum(
            _shared_area(box, (thing.left, thing.top, thing.right, thing.y))
            for thing in self._things
        )


def _shared_area(first: Sequence[float], second: Sequence[float]) -> float:
    width = min(first[2], second[2]) - max(first[0], second[0])
    height = min(first[3], second[3]) - max(first[1], second[1])
    if width <= 0 or height <= 0:
        return 0.0
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (first, second)]
    return width * height / min(areas)
