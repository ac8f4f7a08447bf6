"""Dogs' heads, seen from the side."""

from dataclasses import dataclass
from random import Random
from typing import Literal

from voc_demo.animals import quadrupeds as quad
from voc_demo.figure import Figure, shadow_of, soft_spot
from voc_demo.sketch import Point, mix, shade

Ears = Literal["prick", "fold", "drop", "long"]


@dataclass(frozen=True)
class Head:
    """What a dog's head is like; `mask` is the muzzle's colour."""

    size: float
    muzzle: float
    ears: Ears
    face: str
    mask: str | None
    ear_colour: str
    tongue: bool
    blaze: bool


def dog_head(f: Figure, random: Random, head: Head) -> None:
    """Adds a head; the back of the skull is near (0, 0), the nose points right."""
    with f.moved(scale=head.size):
        m = 0.45 + 0.55 * head.muzzle  # where the nose ends
        dark = shadow_of(head.face)
        if head.ears in ("prick", "fold"):
            _prick_ear(f, 0.2, mix(head.ear_colour, shadow_of(head.ear_colour), 0.4), head.ears)
        if head.tongue:
            _tongue(f, m)
        outline: list[Point] = [
            (-0.12, -0.02), (-0.02, -0.22), (0.16, -0.32), (0.34, -0.29), (0.46, -0.18),
            (0.62, -0.13), (m - 0.06, -0.12), (m, -0.04), (m - 0.03, 0.08), (m - 0.16, 0.17),
            (0.5, 0.2), (0.3, 0.28), (0.1, 0.32), (-0.1, 0.2),
        ]  # fmt: skip
        with quad.coat(f, [outline], head.face, 0.95):
            if head.mask:
                f.blob([(0.56, -0.2), (0.5, 0), (0.44, 0.12), (0.4, 0.34), (1.2, 0.34),
                        (1.2, -0.2)], head.mask)  # fmt: skip
            if head.blaze:
                f.blob([(0.2, -0.4), (0.34, -0.25), (0.56, -0.06), (0.7, -0.2), (0.4, -0.42)],
                       head.mask or head.face)  # fmt: skip
            soft_spot(f, 0.3, -0.16, 0.22, 0.14, "#fff4dc", 0.25)
            soft_spot(f, 0.34, 0.24, 0.36, 0.12, dark, 0.4)
            soft_spot(f, 0.46, -0.1, 0.12, 0.1, dark, 0.4)
        _mouth(f, m, mix(dark, "#000000", 0.3))
        quad.eye(f, 0.4, -0.11, 0.048, "#5a361c")
        _ear(f, random, head)


def _mouth(f: Figure, m: float, dark: str) -> None:
    f.curve([(m - 0.05, 0.08), (m - 0.2, 0.13), (0.54, 0.1), (0.48, 0.06)], dark, 0.022, 0.75)
    f.blob([(m - 0.11, -0.11), (m - 0.03, -0.15), (m + 0.035, -0.08), (m + 0.01, -0.01),
            (m - 0.05, 0.01)], "#1b1716")  # fmt: skip
    f.ellipse(m - 0.03, -0.11, 0.03, 0.014, "#ffffff", opacity=0.5)


def _tongue(f: Figure, m: float) -> None:
    jaw = [(m - 0.36, 0.14), (m - 0.1, 0.18), (m - 0.13, 0.25), (0.5, 0.28)]
    f.blob(jaw, "#43221f")
    f.blob([(m - 0.3, 0.14), (m - 0.13, 0.15), (m - 0.1, 0.28), (m - 0.13, 0.36),
            (m - 0.2, 0.34), (m - 0.24, 0.24)], f.gradient("#c65b62", "#e58c90"))  # fmt: skip


def _ear(f: Figure, random: Random, head: Head) -> None:
    colour = head.ear_colour
    if head.ears in ("prick", "fold"):
        _prick_ear(f, 0.08, colour, head.ears)
        return
    drop = random.uniform(0.9, 1.1) * (0.52 if head.ears == "long" else 0.32)
    back = random.uniform(-0.05, 0.03)
    flap: list[Point] = [
        (0.12, -0.27), (0.0, -0.22), (-0.08 + back, 0.1), (-0.04 + back, drop - 0.02),
        (0.1, drop + 0.02), (0.2, 0.12), (0.22, -0.18),
    ]  # fmt: skip
    f.blob(flap, f.gradient(shade(colour, 0.14), colour, mix(colour, shadow_of(colour), 0.4)))
    f.curve([(0.21, -0.16), (0.19, 0.1), (0.1, drop)], shadow_of(colour), 0.02, 0.4)
    if head.ears == "long":
        for x in (0.0, 0.05, 0.1):
            wave = [(x + 0.02, 0), (x - 0.01, 0.16), (x + 0.02, 0.3), (x - 0.01, drop - 0.04)]
            f.curve(wave, shadow_of(colour), 0.015, 0.4)


def _prick_ear(f: Figure, x: float, colour: str, kind: Ears) -> None:
    if kind == "fold":  # the tip hangs forward
        f.blob([(x - 0.1, -0.2), (x - 0.06, -0.44), (x + 0.06, -0.46), (x + 0.14, -0.26)], colour)
        tip = [(x - 0.06, -0.44), (x + 0.06, -0.47), (x + 0.18, -0.34), (x + 0.2, -0.2),
               (x + 0.04, -0.3)]  # fmt: skip
        f.blob(tip, shade(colour, 0.12))
        return
    f.blob([(x - 0.12, -0.18), (x - 0.1, -0.42), (x - 0.02, -0.64), (x + 0.08, -0.46),
            (x + 0.14, -0.22)], colour)  # fmt: skip
    f.blob([(x - 0.04, -0.24), (x - 0.04, -0.42), (x, -0.55), (x + 0.05, -0.4), (x + 0.08, -0.24)],
           mix(colour, "#b5837a", 0.4))  # fmt: skip
