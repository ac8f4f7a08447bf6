"""People sitting, from the front."""

from random import Random

from voc_demo.figure import Figure, shadow_of, soft_spot
from voc_demo.people import parts as part
from voc_demo.people import upper
from voc_demo.people.front import shoe
from voc_demo.people.look import Look
from voc_demo.sketch import Point, clear, limb_outline


def seated_person(f: Figure, random: Random, look: Look) -> Point:
    """Adds somebody sitting and looking at us; returns where the hips are."""
    hips = -0.295 * look.height
    drop = look.hip + hips
    waving = random.random() < 0.15
    with f.moved(0, drop):
        upper.hair_behind(f, look)
    _legs(f, random, look, hips)
    with f.moved(0, drop):
        upper.torso(f, random, look)
        for side in (-1, 1):
            upper.arm(f, look, side, "waving" if waving and side > 0 else "lap")
        upper.neck_and_head(f, random, look)
    return 0, hips


def _legs(f: Figure, random: Random, look: Look, hips: float) -> None:
    h, half = look.height, upper.hip_half(look)
    apart, spread = random.uniform(0.062, 0.095) * h, random.uniform(0.05, 0.085) * h
    if look.bottom in ("skirt", "dress"):
        apart, spread = 0.05 * h, 0.045 * h
    knee_y = hips + 0.05 * h
    for side in (-1, 1):
        knee, ankle = (side * apart, knee_y), (side * spread, -0.03 * h)
        calf = (side * (0.5 * apart + 0.5 * spread + 0.006 * h), 0.62 * knee_y)
        long = look.bottom == "trousers"
        widths = [0.09, 0.078, 0.062] if long else [0.064, 0.064, 0.036]
        shin = limb_outline([knee, calf, ankle], [width * h for width in widths])
        if not long:
            f.limb([ankle, (ankle[0], -0.01 * h)], [0.038 * h, 0.04 * h], "#f2eee6")
        shoe(f, look, ankle[0], side)
        with part.rounded(f, [shin], look.bottom_colour if long else look.skin):
            soft_spot(f, knee[0], knee_y + 0.05 * h, 0.05 * h, 0.04 * h,
                      shadow_of(look.bottom_colour if long else look.skin), 0.5)  # fmt: skip
    if look.bottom in ("skirt", "dress"):
        _lap_of_skirt(f, look, half, hips, apart)
        return
    f.blob([(-half, hips - 0.05 * h), (half, hips - 0.05 * h), (0.8 * half, hips + 0.03 * h),
            (-0.8 * half, hips + 0.03 * h)], part.in_shade(look.bottom_colour))  # fmt: skip
    for side in (-1, 1):
        _thigh(f, look, (side * 0.5 * half, hips - 0.012 * h), (side * apart, knee_y))


def _thigh(f: Figure, look: Look, hip: Point, knee: Point) -> None:
    """Adds a thigh that points at us, so that it is short and the knee is round."""
    h, colour = look.height, look.bottom_colour
    side = 1 if hip[0] > 0 else -1
    outline = [
        (hip[0] - side * 0.05 * h, hip[1] - 0.02 * h),
        (hip[0] + side * 0.045 * h, hip[1] - 0.02 * h),
        (hip[0] + side * 0.062 * h, hip[1] + 0.02 * h), (knee[0] + side * 0.05 * h, knee[1]),
        (knee[0] + side * 0.038 * h, knee[1] + 0.034 * h), (knee[0], knee[1] + 0.044 * h),
        (knee[0] - side * 0.038 * h, knee[1] + 0.034 * h), (knee[0] - side * 0.048 * h, knee[1]),
    ]  # fmt: skip
    with part.rounded(f, [outline], colour):
        dark = shadow_of(colour)
        under = f.gradient(clear(dark, 0.4), clear(dark, 0))
        f.rect(hip[0] - 0.1 * h, hip[1] - 0.03 * h, 0.2 * h, 0.05 * h, under)
        soft_spot(f, knee[0] - 0.008 * h, knee[1] + 0.002 * h, 0.038 * h, 0.034 * h, "#fff6e0", 0.2)


def _lap_of_skirt(f: Figure, look: Look, half: float, hips: float, apart: float) -> None:
    h = look.height
    colour = look.top_colour if look.bottom == "dress" else look.bottom_colour
    hem = hips + 0.1 * h
    side: list[Point] = [
        (0.84 * half, hips - 0.1 * h), (1.12 * half, hips), (apart + 0.062 * h, hem - 0.03 * h),
        (apart + 0.05 * h, hem),
    ]  # fmt: skip
    outline = [*side, (0, hem + 0.012 * h), *((-x, y) for x, y in reversed(side))]
    with part.rounded(f, [outline], colour):
        dark = shadow_of(colour)
        f.curve([(0, hips), (0, hem)], dark, 0.014 * h, 0.25)
        for x in (-apart, apart):
            soft_spot(f, x, hips + 0.045 * h, 0.04 * h, 0.03 * h, "#fff6e0", 0.2)
