"""What a person looks like: build, skin, hair and clothes."""

from dataclasses import dataclass
from random import Random
from typing import Literal

from voc_demo.sketch import hsl

Hair = Literal["crop", "short", "curly", "bob", "long", "bun", "ponytail", "bald"]
Hat = Literal["none", "cap", "beanie", "sun hat", "helmet"]
Top = Literal["plain", "striped", "shirt", "jacket", "hoodie"]
Bottom = Literal["trousers", "shorts", "skirt", "dress"]

_SKINS = ("#f3cfb3", "#eabf9d", "#dba77f", "#c68b60", "#a66e46", "#83532f", "#5f3b25", "#f6d8c2")
_HAIRS = ("#2a1e18", "#3d2a1e", "#5d3f28", "#8a5d34", "#c79d5b", "#9c4a26", "#1d1a1b", "#9a9793")
_DENIM = ("#3c5375", "#2e3f5c", "#5d789c", "#2b2d33", "#8b7a5e", "#4f4a42", "#6b7280", "#3f4a3c")
_SHOES = ("#2f2a28", "#f0ece4", "#6b4327", "#8f2f2f", "#40516b", "#d8d2c6")


@dataclass(frozen=True)
class Look:
    """One person; lengths in centimetres, `broad` is 1 for wide shoulders and 0 for wide hips."""

    height: float
    broad: float
    stout: float
    skin: str
    hair: Hair
    hair_colour: str
    hat: Hat
    hat_colour: str
    top: Top
    top_colour: str
    accent: str
    long_sleeves: bool
    bottom: Bottom
    bottom_colour: str
    shoes: str
    beard: bool
    glasses: bool

    @property
    def head(self) -> float:
        """The height of the head: of an adult's body about 1 in 7.5, of a child's more."""
        return self.height / (5.5 + 0.028 * min(self.height - 105, 72))

    @property
    def hip(self) -> float:
        """How high the hip joints are above the ground."""
        return self.height * (0.465 + 0.0008 * min(self.height - 105, 72))

    @property
    def shoulder(self) -> float:
        """How high the shoulders are above the ground."""
        return self.height - 1.3 * self.head

    @property
    def grown(self) -> bool:
        return self.height > 150


def person_look(random: Random, grown: bool, rides: bool) -> Look:
    """Returns somebody; who rides wears no skirt, and sometimes a helmet."""
    woman = random.random() < 0.5
    height = random.gauss(167 if woman else 178, 6) if grown else random.uniform(110, 148)
    hairs: tuple[Hair, ...] = ("crop", "short", "short", "curly", "bald")
    if woman:
        hairs = ("bob", "long", "long", "bun", "ponytail", "curly", "short")
    hair = random.choice(hairs if grown else [style for style in hairs if style != "bald"])
    hats: tuple[Hat, ...] = ("none",) * 5 + ("cap", "beanie", "sun hat")
    if rides:
        hats = ("none", "helmet", "helmet", "cap")
    tops: tuple[Top, ...] = ("plain", "plain", "striped", "shirt", "jacket", "hoodie")
    bottoms: tuple[Bottom, ...] = ("trousers", "trousers", "trousers", "shorts")
    if woman and not rides:
        bottoms = ("trousers", "trousers", "shorts", "skirt", "dress")
    top = random.choice(tops)
    skin = random.choice(_SKINS)
    dark = _SKINS.index(skin) in (3, 4, 5, 6)
    return Look(
        height=min(max(height, 110), 190), broad=(0.15 if woman else 0.9) if grown else 0.5,
        stout=random.uniform(0.92, 1.16), skin=skin, hair=hair,
        hair_colour=random.choice(("#1d1a1b", "#2a1e18", "#3d2a1e") if dark else _HAIRS),
        hat=random.choice(hats), hat_colour=_cloth(random), top=top, top_colour=_cloth(random),
        accent=random.choice(("#f3efe6", "#2c2c34", "#d9b24c", "#f3efe6")),
        long_sleeves=top in ("jacket", "hoodie") or random.random() < 0.4,
        bottom=random.choice(bottoms), bottom_colour=random.choice(_DENIM),
        shoes=random.choice(_SHOES), beard=not woman and grown and random.random() < 0.35,
        glasses=random.random() < 0.16,
    )  # fmt: skip


def _cloth(random: Random) -> str:
    if random.random() < 0.25:
        return random.choice(("#f0ece3", "#35373d", "#8f949b", "#1f2c44"))
    return hsl(random.choice((2, 12, 28, 45, 95, 150, 185, 208, 222, 260, 340)),
               random.uniform(0.3, 0.55), random.uniform(0.36, 0.58))  # fmt: skip
