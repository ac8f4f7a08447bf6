"""Where ranks are on the strip: at equal distances, or logarithmic, which shows the top of many.

static/rank-scale.js computes the same.
"""

import math
from dataclasses import dataclass
from typing import Literal

from voc_web.charts.drawings import PlotTick
from voc_web.formats import count_text

ScaleName = Literal["linear", "log"]
_MAX_LINEAR = 1000  # images, each of which then has a pixel
_UNIT = 10  # ranks; the first few are spread about evenly on a logarithmic scale, too
_MAX_TICKS = 6
_MIN_GAP = 0.1  # between the last two ticks


@dataclass(frozen=True)
class RankScale:
    """The scale of a ranking of `images` images, from 0, before the first, to 1, after the last."""

    name: ScaleName
    images: int

    @classmethod
    def of(cls, images: int, name: ScaleName | None = None) -> "RankScale":
        """Returns the requested scale, or the one that suits so many images."""
        return cls(name or ("linear" if images <= _MAX_LINEAR else "log"), images)

    def position(self, ranks: float) -> float:
        """Returns the position after so many ranks, in [0, 1]."""
        if self.name == "linear":
            return ranks / self.images
        return math.log1p(ranks / _UNIT) / math.log1p(self.images / _UNIT)

    def ranks(self, position: float) -> float:
        """Returns how many ranks lie before a position, in [0, images]; inverse of `position`."""
        if self.name == "linear":
            return position * self.images
        return _UNIT * math.expm1(position * math.log1p(self.images / _UNIT))

    def edges(self, bins: int) -> list[float]:
        """Returns (bins + 1,): how many ranks lie before equal parts of the scale; last, all."""
        return [*(self.ranks(part / bins) for part in range(bins)), self.images]

    @property
    def ticks(self) -> tuple[PlotTick, ...]:
        """A few ranks to label, from the first to the last, at positions in percent."""
        steps = _powers(self.images) if self.name == "log" else _multiples(self.images)
        limit = 1 - _MIN_GAP
        ranks = [1, *(rank for rank in steps if self.position(rank) < limit), self.images]
        return tuple(
            PlotTick(round(100 * self.position(rank - 0.5), 2), _tick_text(rank))
            for rank in dict.fromkeys(ranks)
        )


def _powers(images: int) -> list[int]:
    """Returns the powers of ten above 1, up to a rank."""
    return [10**power for power in range(1, len(str(images)))]


def _multiples(images: int) -> range:
    """Returns the multiples of a round number, up to a rank."""
    power = 10 ** max(len(str(images)) - 2, 0)
    steps = (power * factor for factor in (1, 2, 5, 10, 20, 50))
    step = next(step for step in steps if images <= _MAX_TICKS * step)
    return range(step, images + 1, step)


def _tick_text(rank: int) -> str:
    """Returns a rank as text, short if it is round: 1,000, 20k, 10M."""
    for unit, letter in ((10**6, "M"), (10**3, "k")):
        if rank >= 10_000 and rank % unit == 0:
            return f"{count_text(rank // unit)}{letter}"
    return count_text(rank)
