"""Sheep."""

import math
from random import Random

from voc_demo.animals import quadrupeds as quad
from voc_demo.figure import Figure, lobes, scattered, shadow_of, soft_spot, union
from voc_demo.sketch import Drawing, Point, clear, limb_outline, mix, shade


def draw_sheep(random: Random) -> Drawing:
    """Draws a sheep with a dark or white face, standing or grazing."""
    f = Figure()
    wool = random.choice(["#efe6d4", "#e9e0cc", "#f4eee1", "#ddd0b8", "#e6d9c6", "#8a7562"])
    skin = random.choice(["#2d2827", "#3a322f", "#efe4d3", "#e2d2bd", "#292526"])
    grazes = random.random() < 0.4
    stretch, fat = random.uniform(0.92, 1.08), random.uniform(0.94, 1.1)
    legs = quad.Legs(
        random.choice([quad.STANDING, quad.STROLLING, quad.WALKING]), (27 * stretch, -42),
        (-32 * stretch, -44), (13, 9, 6, 4.6, 5), (17, 12, 6.4, 4.8, 5.2), 7, quad.hoof, 5.4,
        "#2a2523",
    )  # fmt: skip
    quad.far_legs(f, legs, skin)
    near = quad.near_legs(f, legs)
    f.path(union(near), f.gradient(mix(skin, shadow_of(skin), 0.5), skin))
    body = [(x * stretch, -54 + (y + 54) * fat) for x, y in _FLEECE]
    poll, angle = _neck(random, body, grazes, stretch)
    _tail(f, random, body[0], wool)
    _fleece(f, random, body, wool)
    if grazes:
        throat = limb_outline([(30 * stretch, -62), (46 * stretch, -50), poll], [30, 27, 17])
        _fleece(f, random, throat, wool, 0.6)
    with f.moved(*poll, angle):
        _head(f, random, skin, wool, angle)
    return f.drawing()


_FLEECE: list[Point] = [
    (-50, -58), (-42, -72), (-18, -77), (10, -76), (32, -78), (44, -70), (45, -56), (36, -40),
    (14, -31), (-18, -30), (-40, -35), (-51, -45),
]  # fmt: skip


def _neck(random: Random, body: list[Point], grazes: bool, stretch: float) -> tuple[Point, float]:
    """Returns the poll and the head's angle; a raised neck is added to the fleece's outline."""
    if grazes:
        return (54 * stretch, -34), random.uniform(58, 72)
    lift = random.uniform(0, 8)
    body[4:6] = [
        (28 * stretch, -79), (40 * stretch, -86 - lift), (51 * stretch, -84 - lift),
        (52 * stretch, -70 - lift),
    ]  # fmt: skip
    return (48 * stretch, -82 - lift), random.uniform(22, 38)


def _fleece(f: Figure, random: Random, outline: list[Point], wool: str, shadow: float = 1) -> None:
    """Adds wool: a curly outline with lighter tufts towards the light and curls all over."""
    d = lobes(random, outline, 5.6)
    dark, glint = shadow_of(wool), 0.15 if wool < "#a" else 0.5
    f.path(d, wool)
    xs, ys = zip(*outline, strict=True)
    left, top, right, bottom = min(xs) - 4, min(ys) - 4, max(xs) + 4, max(ys) + 9
    with f.clipped(d):
        for share, colour, opacity in (
            (0.86, shade(wool, 0.3), glint),
            (0.6, shade(wool, 0.5), glint),
        ):
            middle = ((left + right) / 2 + 3, (top + bottom) / 2 - 4)
            inner = [
                (middle[0] + share * (x - middle[0]), middle[1] - 2 + share * (y - middle[1]))
                for x, y in outline
            ]
            f.path(lobes(random, inner, 5), colour, opacity=opacity)
        spots = scattered(random, left, top, right, bottom, int((right - left) * 1.1))
        f.path(_curls(random, spots), None, dark, 0.55, 0.3)
        spots = scattered(random, left, top, right, (top + bottom) / 2, int((right - left) * 0.5))
        f.path(_curls(random, spots), None, "#ffffff", 0.6, glint)
        under = f.gradient(clear(dark, 0), clear(dark, 0.03), clear(dark, 0.42 * shadow))
        f.rect(left, top, right - left, bottom - top, under)
        soft_spot(f, left, (top + bottom) / 2, 0.2 * (right - left), bottom - top, dark, 0.25)


def _curls(random: Random, spots: list[Point]) -> str:
    """Returns the path of small open arcs."""
    parts = []
    for x, y in spots:
        size, turn = random.uniform(1.2, 2.4), random.uniform(0, 2 * math.pi)
        a, b = size * math.cos(turn), size * math.sin(turn)
        parts.append(
            f"M{x - a:.5g} {y - b:.5g}C{x - a - 1.3 * b:.5g} {y - b + 1.3 * a:.5g} "
            f"{x + a - 1.3 * b:.5g} {y + b + 1.3 * a:.5g} {x + a:.5g} {y + b:.5g}"
        )
    return "".join(parts)


def _tail(f: Figure, random: Random, root: Point, wool: str) -> None:
    x, y = root
    line = limb_outline([(x + 4, y - 4), (x - 3, y + 4), (x - 3, y + 18)], [8, 9, 6])
    f.path(lobes(random, line, 3.6), mix(wool, shadow_of(wool), 0.25))


def _head(f: Figure, random: Random, skin: str, wool: str, angle: float) -> None:
    """Adds the head; the poll is (0, 0), the nose points right."""
    flap = random.uniform(160, 178) - angle
    _ear(f, 0, -4, flap + 20, mix(skin, shadow_of(skin), 0.4), 0.85)
    outline = [
        (-4, -5), (3, -9), (10, -8.4), (17, -6.4), (23, -4.5), (26.5, 0), (24.5, 5), (18, 7.5),
        (10, 8.6), (2, 10), (-4, 6),
    ]  # fmt: skip
    with quad.coat(f, [outline], skin, 0.95):
        soft_spot(f, 11, -3, 9, 5, "#fff4dc", 0.2)
        soft_spot(f, 24, 2, 6, 6, mix(skin, "#5a3c38", 0.6), 0.5)
    dark = mix(shadow_of(skin), "#000000", 0.3)
    f.curve([(25.6, -1.5), (23.5, -0.6), (24.4, 0.8)], dark, 0.8, 0.9)
    f.curve([(24.6, 4.2), (21, 4.6), (18, 3.6)], dark, 0.7, 0.8)
    quad.eye(f, 9.5, -3.2, 1.6, "#c79a4a" if skin < "#50" else "#3a2a1a")
    _ear(f, 1.5, -4, flap, skin, 1)
    if random.random() < 0.75:
        tuft = [(-7, -3), (-5, -11), (3, -13), (8, -10), (5, -6.5), (0, -4), (-3, 2)]
        f.path(lobes(random, tuft, 3.4), shade(wool, 0.12))


def _ear(f: Figure, x: float, y: float, angle: float, colour: str, scale: float) -> None:
    with f.moved(x, y, angle, scale):
        f.blob([(0, -2), (6, -3.4), (13, -0.5), (11, 2.4), (4, 2.6)], colour)
        f.blob([(2, -0.6), (7, -1.8), (12, 0), (6, 1.6)], mix(colour, "#c08a80", 0.45))
