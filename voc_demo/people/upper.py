"""Trunk, arms and head of people, from the front."""

from random import Random
from typing import Literal

from voc_demo.figure import Figure, shadow_of, soft_spot
from voc_demo.people import parts as part
from voc_demo.people.head import front_hair_behind, front_head
from voc_demo.people.look import Look
from voc_demo.sketch import Point, mix, shade

Arms = Literal["hanging", "waving", "akimbo", "pockets", "lap"]


def shoulder_half(look: Look) -> float:
    """Returns half the width of the shoulders."""
    return look.height * (0.103 + 0.019 * look.broad) * (0.75 + 0.25 * look.stout)


def hip_half(look: Look) -> float:
    """Returns half the width of the hips."""
    return look.height * (0.104 - 0.008 * look.broad) * (0.6 + 0.4 * look.stout)


def hair_behind(f: Figure, look: Look, sway: float = 0) -> None:
    """Adds what of the hair is behind neck and shoulders."""
    with f.moved(sway, -look.height + look.head / 2, scale=look.head):
        front_hair_behind(f, look)


def torso(f: Figure, random: Random, look: Look, sway: float = 0) -> None:
    """Adds what somebody wears above the waist; `sway` is how far the head is to one side."""
    h, wide, hips = look.height, shoulder_half(look), hip_half(look)
    waist = (0.078 + 0.01 * look.broad) * h * (0.5 + 0.5 * look.stout)
    top, colour = -look.shoulder, look.top_colour
    loose = 1.07 if look.top in ("jacket", "hoodie") else 1
    length = 0.082 if look.bottom == "dress" else 0.045 if look.top == "shirt" else 0.03
    low = -look.hip - length * h
    half: list[Point] = [
        (0.035 * h + sway, top - 0.022 * h), (0.7 * wide + sway, top - 0.006 * h),
        (0.95 * wide, top + 0.012 * h), (0.9 * wide * loose, top + 0.075 * h),
        (0.8 * wide * loose, top + 0.13 * h), (waist * loose, 0.55 * low + 0.45 * top),
        (1.06 * hips * loose, low),
    ]  # fmt: skip
    outline = [*half, (0, low + 0.008 * h), *((-x, y) for x, y in reversed(half))]
    with part.rounded(f, [outline], colour):
        part.chest_pattern(f, random, look, -wide, top, wide, low)
        for s in (-1, 1):
            crease = [
                (s * waist, 0.4 * top + 0.6 * low),
                (s * 0.5 * waist, 0.35 * top + 0.65 * low),
            ]
            part.fold(f, crease, colour, 0.006 * h)
            if look.top == "hoodie":
                f.line([(s * 0.02 * h, top), (s * 0.022 * h, top + 0.07 * h)], "#f0ece4", 0.005 * h)
        if look.broad < 0.3 and look.grown:
            soft_spot(f, 0, top + 0.125 * h, 0.6 * wide, 0.022 * h, shadow_of(colour), 0.15)
    if look.top == "jacket":
        _open_jacket(f, look, top, low)


def _open_jacket(f: Figure, look: Look, top: float, low: float) -> None:
    h, dark = look.height, shadow_of(look.top_colour)
    f.polygon([(-0.04 * h, top - 0.02 * h), (0.04 * h, top - 0.02 * h), (0.03 * h, low),
               (-0.03 * h, low)],
              f.gradient(look.accent, shade(look.accent, -0.2)))  # fmt: skip
    for s in (-1, 1):
        f.polygon([(s * 0.035 * h, top - 0.024 * h), (s * 0.066 * h, top + 0.02 * h),
                   (s * 0.05 * h, top + 0.045 * h),
                   (s * 0.034 * h, top + 0.1 * h)], shade(look.top_colour, 0.12))  # fmt: skip
        f.line([(s * 0.036 * h, top + 0.06 * h), (s * 0.031 * h, low)], dark, 0.005 * h, 0.6)


def arm(f: Figure, look: Look, side: float, how: Arms) -> None:
    """Adds an arm; `side` is 1 for the one at our right."""
    h, wide = look.height, shoulder_half(look)
    shoulder: Point = (side * (wide - 0.026 * h), -look.shoulder + 0.03 * h)
    elbow, wrist = {
        "hanging": ((1.13 * wide, 0.18), (1.16 * wide, 0.32)),
        "waving": ((1.5 * wide, 0.13), (1.62 * wide, -0.02)),
        "akimbo": ((1.75 * wide, 0.17), (1.12 * wide, 0.255)),
        "pockets": ((1.34 * wide, 0.175), (0.98 * wide, 0.305)),
        "lap": ((1.26 * wide, 0.18), (0.78 * wide, 0.286)),
    }[how]
    reach = -look.shoulder + 0.02 * h
    joints: list[Point] = [shoulder, (side * elbow[0], reach + elbow[1] * h),
                           (side * wrist[0], reach + wrist[1] * h)]  # fmt: skip
    part.arm(f, look, joints)


def neck_and_head(f: Figure, random: Random, look: Look, sway: float = 0) -> None:
    """Adds neck and head; `sway` is how far the head is to one side."""
    _neck(f, look, sway)
    with f.moved(sway, -look.height + look.head / 2, random.uniform(-4, 4), look.head):
        front_head(f, random, look)


def _neck(f: Figure, look: Look, sway: float) -> None:
    h, skin = look.height, look.skin
    thick = (0.056 + 0.012 * look.broad) * h
    top = -h + 0.8 * look.head
    outline: list[Point] = [
        (sway - 0.5 * thick, top), (sway + 0.5 * thick, top), (0.54 * thick,
                                                               -look.shoulder - 0.03 * h),
        (0.72 * thick, -look.shoulder - 0.012 * h), (0, -look.shoulder + 0.026 * h),
        (-0.72 * thick, -look.shoulder - 0.012 * h), (-0.54 * thick, -look.shoulder - 0.03 * h),
    ]  # fmt: skip
    f.blob(outline, f.gradient(mix(skin, "#4a2018", 0.34), skin))
    if look.top in ("shirt", "hoodie"):
        collar = shade(look.top_colour, 0.14)
        for s in (-1, 1):
            f.polygon([(s * 0.7 * thick, -look.shoulder - 0.034 * h),
                       (s * 0.86 * thick, -look.shoulder - 0.004 * h),
                       (s * 0.3 * thick, -look.shoulder + 0.036 * h),
                       (0, -look.shoulder + 0.022 * h)], collar)  # fmt: skip
