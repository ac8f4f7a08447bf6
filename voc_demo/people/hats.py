"""Hats, in the measure of a head: it is 1 high, the crown at y = -0.5."""

from voc_demo.figure import Figure, shadow_of
from voc_demo.people.look import Hat, Look
from voc_demo.sketch import Point, shade

_STRAW = "#dfc48b"

# Each hat's parts: outline, how much lighter or darker than the hat, and whether of straw.
_Part = tuple[list[Point], float, bool]

_FRONT: dict[Hat, list[_Part]] = {
    "cap": [
        ([(-0.42, -0.22), (-0.36, -0.5), (0, -0.64), (0.36, -0.5), (0.42, -0.22), (0, -0.3)],
         0, False),
        ([(-0.36, -0.24), (0, -0.36), (0.36, -0.24), (0.3, -0.14), (0, -0.2), (-0.3, -0.14)],
         -0.3, False),
    ],
    "beanie": [
        ([(-0.42, -0.2), (-0.38, -0.52), (0, -0.7), (0.38, -0.52), (0.42, -0.2), (0, -0.24)],
         0, False),
        ([(-0.43, -0.17), (-0.43, -0.34), (0, -0.39), (0.43, -0.34), (0.43, -0.17), (0, -0.23)],
         -0.18, False),
    ],
    "sun hat": [
        ([(-0.8, -0.18), (-0.4, -0.34), (0.4, -0.34), (0.8, -0.18), (0, -0.16)], -0.06, True),
        ([(-0.37, -0.27), (-0.32, -0.56), (0, -0.64), (0.32, -0.56), (0.37, -0.27), (0, -0.24)],
         0, True),
        ([(-0.37, -0.25), (-0.36, -0.35), (0, -0.33), (0.36, -0.35), (0.37, -0.25), (0, -0.23)],
         0, False),
    ],
    "helmet": [
        ([(-0.44, -0.2), (-0.38, -0.55), (0, -0.7), (0.38, -0.55), (0.44, -0.2), (0, -0.28)],
         0, False),
    ],
}  # fmt: skip

_SIDE: dict[Hat, list[_Part]] = {
    "cap": [
        ([(0.34, -0.25), (0.5, -0.24), (0.66, -0.18), (0.6, -0.15), (0.36, -0.18)], -0.3, False),
        ([(0.36, -0.2), (0.32, -0.46), (0.06, -0.63), (-0.28, -0.56), (-0.47, -0.28),
          (-0.46, -0.12), (-0.1, -0.2)], 0, False),
    ],
    "beanie": [
        ([(0.36, -0.24), (0.28, -0.54), (-0.04, -0.69), (-0.38, -0.54), (-0.48, -0.1),
          (-0.06, -0.2)], 0, False),
        ([(0.38, -0.36), (0, -0.34), (-0.46, -0.18), (-0.46, -0.02), (0, -0.17), (0.38, -0.2)],
         -0.18, False),
    ],
    "sun hat": [
        ([(0.82, -0.16), (0.3, -0.32), (-0.36, -0.28), (-0.82, -0.06), (0, -0.16)], -0.06, True),
        ([(0.35, -0.26), (0.3, -0.56), (-0.04, -0.65), (-0.36, -0.54), (-0.44, -0.2), (0, -0.24)],
         0, True),
        ([(0.35, -0.35), (0, -0.32), (-0.43, -0.28), (-0.44, -0.19), (0, -0.22), (0.35, -0.25)],
         0, False),
    ],
    "helmet": [
        ([(0.4, -0.24), (0.3, -0.54), (-0.02, -0.68), (-0.36, -0.56), (-0.54, -0.2),
          (-0.44, -0.1), (-0.1, -0.2)], 0, False),
    ],
}  # fmt: skip


def front_hat(f: Figure, look: Look) -> None:
    """Adds what somebody wears on the head, from the front."""
    _hat(f, look, _FRONT)
    if look.hat == "helmet":
        for x in (-0.2, 0, 0.2):
            f.curve([(x, -0.36), (0.8 * x, -0.58)], shadow_of(look.hat_colour), 0.06, 0.7)


def side_hat(f: Figure, look: Look) -> None:
    """Adds what somebody wears on the head, from the side."""
    _hat(f, look, _SIDE)
    if look.hat == "helmet":
        for x in (-0.26, -0.04, 0.16):
            f.curve([(x - 0.08, -0.36), (x, -0.54)], shadow_of(look.hat_colour), 0.06, 0.7)
        f.curve([(-0.1, -0.18), (-0.02, 0.2), (0.14, 0.46)], "#2b2a2c", 0.03)


def _hat(f: Figure, look: Look, hats: dict[Hat, list[_Part]]) -> None:
    for outline, tone, straw in hats.get(look.hat, []):
        colour = shade(_STRAW if straw else look.hat_colour, tone)
        f.blob(outline, f.gradient(shade(colour, 0.2), colour, shade(colour, -0.2)))
