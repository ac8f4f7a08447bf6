"""Time of day, season and air: the palette of an outdoor backdrop, and its clouds."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random

from voc_demo.sketch import mix

SEASONS = ("spring", "summer", "summer", "autumn", "winter")


@dataclass(frozen=True)
class Weather:
    """What the air and the light do to colours.

    Attributes:
        name: of the time of day or the weather.
        sky: its colours from the zenith to the horizon.
        haze: what far things fade into.
        light: the colour of the light.
        sight: after how many metres two thirds of a colour are lost in the haze.
        cloud: (lit, middle, shaded) colours of clouds.
        season: one of SEASONS.
        snow: whether the land is white.
    """

    name: str
    sky: tuple[str, ...]
    haze: str
    light: str
    sight: float
    cloud: tuple[str, str, str]
    season: str = "summer"
    snow: bool = False

    def seen(self, colour: str, depth: float = 0) -> str:
        """Returns a colour in this light and through `depth` metres of this air."""
        return mix(_filtered(colour, self.light), self.haze, 1 - math.exp(-depth / self.sight))


NOON = Weather(
    "noon", ("#4685c6", "#7fb0dd", "#c5dcea"), "#c3d6e3", "#fffaf0", 2200,
    ("#fbfcfc", "#e9eef2", "#b4c2d0"),
)  # fmt: skip
MORNING = Weather(
    "morning", ("#7fabd6", "#b3cde2", "#efe7da"), "#dcdfdd", "#fff3e0", 1300,
    ("#fdf6ec", "#e8e6e6", "#bcc5d2"),
)  # fmt: skip
FAIR = Weather(
    "fair", ("#6f9fce", "#a5c4de", "#d9e3e6"), "#cdd9df", "#fdf9f1", 1700,
    ("#f6f7f7", "#dfe5ea", "#aab7c5"),
)  # fmt: skip
OVERCAST = Weather(
    "overcast", ("#a7b1bb", "#c0c8ce", "#dadedf"), "#c9d0d4", "#eceff2", 1100,
    ("#dfe3e6", "#c5ccd2", "#a3adb7"),
)  # fmt: skip
MIST = Weather(
    "mist", ("#c3ccd3", "#d4dadd", "#e3e5e3"), "#d9dedf", "#eff0ef", 260,
    ("#e4e7e8", "#d5dadd", "#c2c9ce"),
)  # fmt: skip
SHOWERS = Weather(
    "showers", ("#5d6c7c", "#8896a3", "#c6ced1"), "#aeb9bf", "#e0e4e8", 900,
    ("#c9d0d5", "#8f9ba7", "#5f6c79"),
)  # fmt: skip
GOLDEN = Weather(
    "golden", ("#6088ba", "#b0b9c6", "#efc998", "#fadcaa"), "#ecd0a8", "#ffe2b8", 1000,
    ("#fde3b8", "#dcb9a4", "#8f8ea4"),
)  # fmt: skip
DUSK = Weather(
    "dusk", ("#3a4a76", "#72719f", "#c08f9d", "#f0b891"), "#a994aa", "#c6bad2", 900,
    ("#f0b39a", "#9c839f", "#5d5f86"),
)  # fmt: skip

_KINDS = (NOON, FAIR, MORNING, OVERCAST, MIST, SHOWERS, GOLDEN, DUSK)
_WEIGHTS = (5, 4, 3, 3, 1, 1.2, 2, 1.2)


def some_weather(random: Random) -> Weather:
    """Returns weather of a random day, its colours slightly its own."""
    kind = random.choices(_KINDS, _WEIGHTS)[0]
    season = random.choice(SEASONS)
    tint = random.choice(("#8fb7dc", "#b8a9c9", "#d8c9a8", "#9cc5c9"))
    nuance = _towards(tint, random.uniform(0, 0.16))
    return replace(
        kind,
        sky=tuple(nuance(colour) for colour in kind.sky),
        haze=nuance(kind.haze),
        sight=kind.sight * random.uniform(0.7, 1.4),
        season=season,
        snow=season == "winter" and random.random() < 0.55,
    )


def _towards(tint: str, share: float) -> Callable[[str], str]:
    return lambda colour: mix(colour, tint, share)


def _filtered(colour: str, light: str) -> str:
    pairs = [(int(colour[at : at + 2], 16), int(light[at : at + 2], 16)) for at in (1, 3, 5)]
    return "#" + "".join(f"{a * b // 255:02x}" for a, b in pairs)
