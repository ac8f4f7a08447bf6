"""Body types of cars: their proportions."""

from dataclasses import dataclass, replace
from random import Random

from voc_demo.sketch import Point


@dataclass(frozen=True)
class CarShape:
    """Proportions: `length`, `height`, `wheel` radius and `clearance` in cm, all else in shares.

    Points are (share of the length behind the nose, share of the height); axles are shares of the
    length. `deck` is the foot of the rear window, `doors` how many a side has.
    """

    length: float
    height: float
    wheel: float
    clearance: float
    axles: tuple[float, float]
    nose: float
    cowl: Point
    roof_front: Point
    roof_rear: Point
    deck: Point
    tail: Point
    doors: int
    rugged: bool = False

    def at(self, point: Point) -> Point:
        return self.length * (0.5 - point[0]), -self.height * point[1]


_SHAPES = (
    # hatchback, saloon, estate, off-roader, small city car, people carrier, sports car
    CarShape(415, 150, 32, 17, (0.2, 0.815), 0.55, (0.235, 0.66), (0.42, 0.97), (0.85, 0.96),
           (0.965, 0.66), (0.995, 0.5), 2),
    CarShape(470, 146, 33, 16, (0.185, 0.8), 0.54, (0.28, 0.66), (0.43, 0.97), (0.7, 0.97),
           (0.85, 0.715), (0.99, 0.7), 2),
    CarShape(475, 148, 33, 16, (0.18, 0.79), 0.54, (0.27, 0.66), (0.42, 0.97), (0.9, 0.96),
           (0.975, 0.67), (0.997, 0.5), 2),
    CarShape(460, 174, 39, 26, (0.19, 0.805), 0.6, (0.25, 0.67), (0.39, 0.97), (0.88, 0.97),
           (0.965, 0.68), (0.99, 0.52), 2, True),
    CarShape(362, 148, 30, 17, (0.185, 0.83), 0.54, (0.2, 0.65), (0.41, 0.97), (0.8, 0.96),
           (0.965, 0.63), (0.995, 0.48), 1),
    CarShape(452, 180, 33, 18, (0.2, 0.82), 0.52, (0.15, 0.6), (0.37, 0.965), (0.93, 0.98),
           (0.985, 0.62), (0.998, 0.46), 2),
    CarShape(446, 127, 34, 12, (0.2, 0.785), 0.55, (0.33, 0.68), (0.5, 0.97), (0.62, 0.985),
           (0.87, 0.76), (0.985, 0.73), 1),
)  # fmt: skip


def car_shape(random: Random) -> CarShape:
    """Returns one of the body types, its proportions a little random."""
    shape = random.choice(_SHAPES)
    return replace(
        shape,
        length=shape.length * random.uniform(0.97, 1.04),
        height=shape.height * random.uniform(0.97, 1.03),
        wheel=shape.wheel * random.uniform(0.97, 1.05),
        nose=shape.nose + random.uniform(-0.02, 0.03),
    )
