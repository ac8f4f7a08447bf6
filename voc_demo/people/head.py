"""Heads of people, from the front and from the side, with hair and hats.

In a head's own measure it is 1 high: the crown is at y = -0.5, the chin at 0.5.
"""

from random import Random

from voc_demo.figure import Figure, lobes, shadow_of, soft_spot
from voc_demo.people.hats import front_hat, side_hat
from voc_demo.people.look import Look
from voc_demo.sketch import Point, mix, shade, smooth

_LIP = "#a8483f"


def front_hair_behind(f: Figure, look: Look) -> None:
    """Adds what of the hair is seen behind neck and shoulders from the front."""
    dark = mix(look.hair_colour, shadow_of(look.hair_colour), 0.35)
    reach = {"long": 0.95, "bob": 0.42}.get(look.hair)
    if reach:
        half: list[Point] = [(0.34, -0.44), (0.47, -0.1), (0.48, 0.7 * reach), (0.36, reach)]
        f.blob(_both([(0, -0.56)], half, [(0, reach - 0.06)]), dark)
    if look.hair == "bun":
        f.circle(0, -0.6, 0.17, dark)


def front_head(f: Figure, random: Random, look: Look) -> None:
    """Adds a head from the front."""
    skin, dark = look.skin, shadow_of(look.skin)
    for side in (-1, 1):
        f.ellipse(side * 0.37, 0.03, 0.06, 0.11, mix(skin, dark, 0.18))
    half: list[Point] = [(0.24, -0.46), (0.36, -0.22), (0.365, 0.06), (0.315, 0.28), (0.18, 0.45)]
    outline = _both([(0, -0.51)], half, [(0, 0.5)])
    f.blob(outline, f.glow(shade(skin, 0.16), skin, mix(skin, dark, 0.3), y=0.35, radius=0.72))
    with f.clipped(smooth(outline)):
        for side in (-1, 1):
            soft_spot(f, side * 0.2, 0.15, 0.12, 0.09, "#d9604f", 0.22)
        soft_spot(f, 0.05, 0.5, 0.3, 0.12, dark, 0.3)
        if look.beard:
            _front_beard(f, look)
    _front_features(f, random, look)
    _front_hair(f, random, look)
    front_hat(f, look)


def _front_features(f: Figure, random: Random, look: Look) -> None:
    dark = shadow_of(look.skin)
    brow = mix(look.hair_colour, "#2a1c16", 0.4)
    iris = random.choice(("#4a2f1c", "#4a2f1c", "#55708a", "#5d7350"))
    for side in (-1, 1):
        x = side * 0.155
        f.ellipse(x, -0.01, 0.062, 0.036, "#fbf6ef")
        f.circle(x, -0.012, 0.034, iris)
        f.circle(x, -0.012, 0.018, "#120d0b")
        f.circle(x + 0.012, -0.024, 0.009, "#ffffff")
        lid = [(x - 0.07, -0.004), (x, -0.052), (x + 0.07, -0.004)]
        f.curve(lid, mix(dark, "#1a100c", 0.6), 0.018)
        arch = [(x - side * 0.08, -0.105), (x + side * 0.01, -0.125), (x + side * 0.085, -0.095)]
        f.curve(arch, brow, 0.028, 0.85)
        if look.glasses:
            f.ellipse(x, 0, 0.1, 0.085, None, "#2a2725", 0.02)
    if look.glasses:
        f.curve([(-0.055, -0.01), (0, -0.025), (0.055, -0.01)], "#2a2725", 0.02)
    f.curve([(0.02, 0.0), (0.05, 0.12), (0.02, 0.155), (-0.03, 0.15)], dark, 0.022, 0.4)
    smile = random.uniform(0.02, 0.05)
    lip = mix(_LIP, look.skin, 0.25)
    f.blob([(-0.1, 0.262), (0, 0.25), (0.1, 0.262), (0, 0.262 + 1.6 * smile)], lip)
    f.curve([(-0.115, 0.255), (0, 0.258 + smile), (0.115, 0.255)], mix(dark, _LIP, 0.3), 0.02, 0.9)


def _front_beard(f: Figure, look: Look) -> None:
    half: list[Point] = [(0.42, 0.02), (0.44, 0.5), (0.2, 0.6)]
    inner: list[Point] = [(0.3, 0.08), (0.24, 0.2), (0.1, 0.2)]
    outline = [*half, *((-x, y) for x, y in half[::-1]), *((-x, y) for x, y in inner), *inner[::-1]]
    f.blob(outline, look.hair_colour, opacity=0.92)


def _front_hair(f: Figure, random: Random, look: Look) -> None:
    colour = look.hair_colour
    fill = f.gradient(shade(colour, 0.2), colour, mix(colour, shadow_of(colour), 0.3))
    part = random.choice((-1, 1)) * random.uniform(0.04, 0.16)
    if look.hair == "bald":
        soft_spot(f, -0.1, -0.4, 0.16, 0.08, "#ffffff", 0.35)
        return
    if look.hair == "curly":
        ring: list[Point] = [(0.38, 0.1), (0.48, -0.15), (0.4, -0.48), (0.2, -0.62)]
        outline = [(0.0, -0.66), *((-x, y) for x, y in ring[::-1]), (-0.33, -0.1), (-0.26, -0.27),
                   (0, -0.31), (0.26, -0.27), (0.33, -0.1), *ring]  # fmt: skip
        f.path(lobes(random, outline, 0.1), fill)
        return
    low = {"crop": -0.12, "short": -0.02, "bun": -0.06, "ponytail": -0.06}.get(look.hair, 0.34)
    rise = 0.54 if look.hair == "crop" else 0.58
    out = 0.385 if low < 0 else 0.43
    outline = [
        (-out, low), (-0.41, -0.26), (-0.28, -0.5), (0, -rise), (0.28, -0.5), (0.41, -0.26),
        (out, low), (0.335, low - 0.05), (0.325, -0.18), (0.22, -0.28), (part, -0.37),
        (-0.22, -0.28), (-0.325, -0.18), (-0.335, low - 0.05),
    ]  # fmt: skip
    f.blob(outline, fill)
    for x in (-0.2, 0.2):
        f.curve([(part, -0.5), (x, -0.46), (1.7 * x, -0.24)], shade(colour, 0.35), 0.02, 0.4)


def side_head(f: Figure, random: Random, look: Look) -> None:
    """Adds a head from the side, looking right."""
    skin, dark = look.skin, shadow_of(look.skin)
    if look.hair == "ponytail":
        f.limb([(-0.36, -0.2), (-0.56, -0.1), (-0.58, 0.2),
                (-0.52, 0.5)], [0.14, 0.2, 0.2, 0.04], look.hair_colour)  # fmt: skip
    if look.hair == "bun":
        f.circle(-0.46, -0.2, 0.17, mix(look.hair_colour, dark, 0.2))
    outline: list[Point] = [
        (-0.04, -0.5), (0.2, -0.44), (0.33, -0.26), (0.35, -0.12), (0.335, -0.05), (0.4, 0.05),
        (0.445, 0.115), (0.37, 0.155), (0.375, 0.215), (0.35, 0.25), (0.365, 0.29), (0.335, 0.345),
        (0.345, 0.42), (0.27, 0.495), (0.08, 0.42), (-0.08, 0.32), (-0.28, 0.3), (-0.42, 0),
        (-0.38, -0.3), (-0.22, -0.46),
    ]  # fmt: skip
    f.blob(
        outline, f.glow(shade(skin, 0.16), skin, mix(skin, dark, 0.3), x=0.75, y=0.35, radius=0.8)
    )
    with f.clipped(smooth(outline)):
        soft_spot(f, 0.2, 0.16, 0.12, 0.09, "#d9604f", 0.22)
        soft_spot(f, 0.05, 0.44, 0.26, 0.12, dark, 0.35)
        if look.beard:
            f.blob([(0.04, 0.02), (0.1, 0.2), (0.26, 0.2), (0.42, 0.17), (0.4, 0.26), (0.3, 0.27),
                    (0.45, 0.36), (0.4, 0.56), (0.0, 0.5), (-0.1, 0.2)],
                    look.hair_colour)  # fmt: skip
    _side_features(f, look)
    _side_hair(f, random, look)
    f.ellipse(-0.035, 0.06, 0.065, 0.105, mix(skin, dark, 0.14))
    f.curve([(-0.02, 0), (-0.065, 0.03), (-0.04, 0.11)], dark, 0.02, 0.4)
    side_hat(f, look)


def _side_features(f: Figure, look: Look) -> None:
    dark = shadow_of(look.skin)
    f.blob([(0.2, -0.015), (0.25, -0.05), (0.305, -0.02), (0.3, 0.015), (0.25, 0.02)], "#fbf6ef")
    f.ellipse(0.277, -0.012, 0.022, 0.032, "#2a1a12")
    f.curve([(0.185, -0.015), (0.245, -0.058), (0.315, -0.025)], mix(dark, "#1a100c", 0.6), 0.018)
    brow = mix(look.hair_colour, "#2a1c16", 0.4)
    f.curve([(0.17, -0.1), (0.25, -0.135), (0.325, -0.105)], brow, 0.028, 0.85)
    f.curve([(0.36, 0.145), (0.33, 0.13), (0.335, 0.1)], dark, 0.018, 0.45)
    f.curve([(0.36, 0.25), (0.3, 0.252), (0.235, 0.232)], mix(dark, _LIP, 0.4), 0.022, 0.9)
    if look.glasses:
        f.ellipse(0.27, 0, 0.075, 0.085, None, "#2a2725", 0.02)
        f.line([(0.195, -0.01), (-0.02, 0)], "#2a2725", 0.02)


def _side_hair(f: Figure, random: Random, look: Look) -> None:
    colour = look.hair_colour
    fill = f.gradient(shade(colour, 0.2), colour, mix(colour, shadow_of(colour), 0.3))
    if look.hair == "bald":
        soft_spot(f, 0, -0.4, 0.16, 0.08, "#ffffff", 0.35)
        return
    front: list[Point] = [(0.27, -0.44), (0.315, -0.3), (0.16, -0.22), (0.1, -0.06), (0.04, 0)]
    if look.hair in ("long", "bob"):
        low = 0.9 if look.hair == "long" else 0.42
        back = [(0.05, 0.2), (-0.02, 0.7 * low), (-0.14, low), (-0.42, low - 0.04),
                (-0.5, 0.3 * low)]  # fmt: skip
    else:
        back = [(-0.1, 0.02), (-0.13, 0.16), (-0.28, 0.32), (-0.4, 0.22)]
    crown: list[Point] = [(-0.47, -0.05), (-0.43, -0.34), (-0.22, -0.54), (0.06, -0.57)]
    if look.hair == "curly":
        wide = [(1.1 * x - 0.02, 1.1 * y) for x, y in crown]
        f.path(lobes(random, [*front, *back, *wide], 0.1), fill)
        return
    f.blob([*front, *back, *crown], fill)
    for y in (-0.38, -0.26, -0.12):
        f.curve([(0.18, y - 0.06), (-0.12, y - 0.04),
                 (-0.34, y + 0.22)], shade(colour, 0.35), 0.02, 0.35)  # fmt: skip


def _both(top: list[Point], half: list[Point], bottom: list[Point]) -> list[Point]:
    """Returns an outline from its middle and right half."""
    return [*top, *half, *bottom, *((-x, y) for x, y in reversed(half))]
