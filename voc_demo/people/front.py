"""People standing, from the front."""

from random import Random

from voc_demo.figure import Figure, shadow_of, soft_spot
from voc_demo.people import parts as part
from voc_demo.people import upper
from voc_demo.people.look import Look
from voc_demo.sketch import Point, limb_outline, shade

_ARMS: tuple[upper.Arms, ...] = ("hanging", "hanging", "hanging", "waving", "akimbo", "pockets")


def front_person(f: Figure, random: Random, look: Look) -> None:
    """Adds somebody standing and looking at us."""
    sway = random.uniform(-0.008, 0.008) * look.height
    arms = [(side, random.choice(_ARMS)) for side in (-1, 1)]
    upper.hair_behind(f, look, sway)
    _legs(f, random, look)
    for side, how in arms:
        if how == "pockets":
            upper.arm(f, look, side, how)
    upper.torso(f, random, look, sway)
    for side, how in arms:
        if how != "pockets":
            upper.arm(f, look, side, how)
    upper.neck_and_head(f, random, look, sway)


def _legs(f: Figure, random: Random, look: Look) -> None:
    h, half, stance = look.height, upper.hip_half(look), random.uniform(0.045, 0.075)
    hip, knee = -look.hip, -0.275 * h
    lines: list[list[Point]] = [
        [(s * 0.52 * half, hip), (s * 0.55 * half, 0.5 * (hip + knee)),
         (s * (0.4 * half + 0.3 * stance * h), knee),
         (s * (0.2 * half + 0.7 * stance * h), 0.6 * knee), (s * stance * h, -0.04 * h)]
        for s in (-1, 1)
    ]  # fmt: skip
    for s, line in zip((-1, 1), lines, strict=True):
        if look.bottom != "trousers":
            bare = limb_outline(line, [0.1 * h, 0.088 * h, 0.058 * h, 0.062 * h, 0.034 * h])
            with part.rounded(f, [bare], look.skin):
                soft_spot(f, line[2][0], knee, 0.024 * h, 0.02 * h, shadow_of(look.skin), 0.2)
            f.limb([line[4], (line[4][0], -0.01 * h)], [0.036 * h, 0.04 * h], "#f2eee6")
        shoe(f, look, s * stance * h, s)
    if look.bottom in ("trousers", "shorts"):
        _trousers(f, look, lines, half)
    else:
        _skirt(f, look, half)


def _trousers(f: Figure, look: Look, lines: list[list[Point]], half: float) -> None:
    h, wide, colour = look.height, 0.7 + 0.3 * look.stout, look.bottom_colour
    waist, crotch = -look.hip - 0.1 * h, -look.hip + 0.05 * h
    outlines: list[list[Point]] = [[
        (-0.84 * half, waist), (0.84 * half, waist), (1.02 * half, -look.hip),
        (0.96 * half, crotch),
        (0, crotch + 0.006 * h), (-0.96 * half, crotch), (-1.02 * half, -look.hip),
    ]]  # fmt: skip
    for line in lines:
        if look.bottom == "shorts":
            cut = [line[0], line[1], part.between(line[1], line[2], 0.85)]
            outlines.append(limb_outline(cut, [0.1 * h * wide, 0.096 * h * wide, 0.09 * h]))
        else:
            cut = [*line[:4], (line[4][0], -0.026 * h)]
            widths = [0.1 * h * wide, 0.092 * h * wide, 0.072 * h, 0.066 * h, 0.058 * h]
            outlines.append(limb_outline(cut, widths))
    dark = shadow_of(colour)
    with part.rounded(f, outlines, colour):
        for s, line in zip((-1, 1), lines, strict=True):
            inner = [
                (x - s * (0.046 - 0.02 * index / 4) * h, y) for index, (x, y) in enumerate(line)
            ]
            f.curve([(0, crotch - 0.01 * h), *inner[1:]], dark, 0.022 * h, 0.28)
            (x, y), (a, b) = line[2], line[4]
            part.fold(f, [(x - 0.03 * h, y - 0.01 * h), (x, y + 0.006 * h),
                          (x + 0.02 * h, y)], colour, 0.006 * h)  # fmt: skip
            part.fold(
                f, [(a - 0.03 * h, b - 0.03 * h), (a + 0.02 * h, b - 0.02 * h)], colour, 0.006 * h
            )
            f.curve([(s * 0.5 * half, waist + 0.02 * h), (s * 0.7 * half, waist + 0.06 * h),
                     (s * half, waist + 0.066 * h)], dark, 0.004 * h, 0.5)  # fmt: skip
        f.line([(0, waist), (0, crotch)], dark, 0.005 * h, 0.45)


def _skirt(f: Figure, look: Look, half: float) -> None:
    h = look.height
    colour = look.top_colour if look.bottom == "dress" else look.bottom_colour
    waist, hem = -look.hip - 0.1 * h, -0.27 * h
    outline: list[Point] = [
        (-0.8 * half, waist), (0.8 * half, waist), (1.08 * half, -look.hip), (1.4 * half, hem),
        (0.7 * half, hem + 0.014 * h), (0, hem + 0.008 * h), (-0.7 * half, hem + 0.014 * h),
        (-1.4 * half, hem), (-1.08 * half, -look.hip),
    ]  # fmt: skip
    with part.rounded(f, [outline], colour):
        for x in (-0.8, -0.35, 0.15, 0.6):
            part.fold(f, [(0.5 * x * half, waist + 0.05 * h), (0.85 * x * half,
                                                               -look.hip + 0.05 * h),
                          (1.15 * x * half, hem)], colour, 0.009 * h)  # fmt: skip


def shoe(f: Figure, look: Look, x: float, side: float) -> None:
    """Adds a shoe that points at us, its toe a little to a side."""
    h, colour = look.height, look.shoes
    with f.moved(x, 0, scale=h):
        f.blob([(-0.024, -0.05), (0.024, -0.05), (0.034 + 0.014 * side, -0.018),
                (0.036 + 0.018 * side, -0.002),
                (-0.036 + 0.018 * side, -0.002), (-0.034 + 0.014 * side, -0.018)],
               f.gradient(shade(colour, 0.15), colour, shade(colour, -0.2)))  # fmt: skip
        sole = "#e9e5dc" if colour != "#f0ece4" else "#b9b3a8"
        f.rect(-0.037 + 0.017 * side, -0.009, 0.074, 0.009, sole, 0.004)
        for y in (-0.034, -0.026):
            f.line([(-0.01 + 0.006 * side, y), (0.01 + 0.006 * side, y)], shade(colour, 0.5), 0.004)
