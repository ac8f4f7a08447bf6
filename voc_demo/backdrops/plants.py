"""Trees, bushes and hedges, drawn in metres on the ground of a place."""

import math
from collections.abc import Callable, Sequence
from random import Random

from voc_demo.backdrops.place import Oval, Place, oval, rough
from voc_demo.sketch import hsl, limb_outline, mix, shade, smooth

Species = Callable[[Place, float, float], None]  # draws with depth and height in metres


def leaf_colour(random: Random, season: str) -> str:
    """Returns a colour of broad leaves in a season."""
    if season == "spring":
        return hsl(random.uniform(76, 100), random.uniform(0.3, 0.42), random.uniform(0.42, 0.5))
    if season == "autumn":
        return hsl(random.uniform(22, 62), random.uniform(0.42, 0.58), random.uniform(0.38, 0.48))
    return hsl(random.uniform(82, 122), random.uniform(0.22, 0.36), random.uniform(0.28, 0.37))


def needle_colour(random: Random) -> str:
    return hsl(random.uniform(110, 165), random.uniform(0.16, 0.28), random.uniform(0.2, 0.28))


def draw_tree(place: Place, x: float, depth: float, height: float | None = None) -> None:
    """Draws a tree of some species, `height` metres tall."""
    tall = height or place.random.uniform(6, 12)
    species = place.random.choices((_round, _tall, _spruce, _pine, _birch), (5, 2, 2, 1, 2))[0]
    grow(place, species, x, depth, tall)


def street_tree(random: Random) -> Species:
    """Returns a species that is planted along streets."""
    return random.choices((_round, _tall, _birch), (5, 1, 1))[0]


def grow(place: Place, species: Species, x: float, depth: float, height: float) -> None:
    """Draws one tree of a species."""
    with place.standing(x, depth):
        species(place, depth, height)


def _round(place: Place, depth: float, height: float) -> None:
    """A broad crown on a short trunk: lime, oak, maple."""
    random = place.random
    spread = height * random.uniform(0.32, 0.44)
    if place.weather.season == "winter":
        _bare(place, depth, height, spread)
        return
    _trunk(place, depth, height * 0.6, height * random.uniform(0.035, 0.05), "#6d5e4e")
    crown = [(0.0, -height * 0.62, spread * 0.85, height * 0.33)]
    for _ in range(6):
        angle = random.uniform(0, math.tau)
        crown.append((
            spread * 0.6 * math.cos(angle), -height * (0.61 + 0.2 * math.sin(angle)),
            spread * random.uniform(0.4, 0.55), height * random.uniform(0.14, 0.2),
        ))  # fmt: skip
    _foliage(place, depth, crown, leaf_colour(random, place.weather.season), height * 0.045)


def _tall(place: Place, depth: float, height: float) -> None:
    """A slender crown nearly down to the ground: poplar, hornbeam, cypress."""
    random = place.random
    if place.weather.season == "winter":
        _bare(place, depth, height, height * 0.16)
        return
    wide = height * random.uniform(0.1, 0.17)
    _trunk(place, depth, height * 0.4, height * 0.03, "#62564a")
    crown = [
        (random.uniform(-0.2, 0.2) * wide, -height * at, wide * size, height * 0.17)
        for at, size in ((0.26, 0.8), (0.42, 1), (0.6, 0.95), (0.76, 0.7), (0.86, 0.4))
    ]
    _foliage(place, depth, crown, leaf_colour(random, place.weather.season), height * 0.03)


def _birch(place: Place, depth: float, height: float) -> None:
    """A light airy crown on a pale leaning trunk."""
    random = place.random
    _trunk(place, depth, height * 0.75, height * 0.022, "#cfcabf")
    if place.weather.season == "winter":
        _bare(place, depth, height, height * 0.2, "#b9b3aa")
        return
    wide = height * random.uniform(0.18, 0.26)
    crown = [
        (random.uniform(-0.5, 0.5) * wide, -height * at, wide * random.uniform(0.5, 0.8),
         height * random.uniform(0.09, 0.13))
        for at in (0.42, 0.5, 0.6, 0.68, 0.78, 0.88)
    ]  # fmt: skip
    colour = mix(leaf_colour(random, place.weather.season), "#c5cf8a", 0.25)
    _foliage(place, depth, crown, colour, height * 0.03)


def _spruce(place: Place, depth: float, height: float) -> None:
    """Tiers of drooping boughs, narrowing to a tip."""
    random, sketch = place.random, place.sketch
    colour = needle_colour(random)
    wide = height * random.uniform(0.2, 0.27)
    _trunk(place, depth, height * 0.2, height * 0.03, "#574a3f")
    tiers = 9
    for index in range(tiers):
        share = 1 - index / tiers
        low, high = -height * (0.06 + 0.9 * (1 - share)), -height * (0.3 + 0.9 * (1 - share))
        reach = wide * share**0.85
        edge = [
            (reach * (step / 4 - 1), low + height * 0.05 * (abs(step / 4 - 1) - 0.5 * (step % 2)))
            for step in range(9)
        ]
        tone = shade(colour, 0.02 * index - 0.1)
        points = [(0, max(high, -height)), *edge[::-1]]
        light, dark = place.seen(shade(tone, 0.14), depth), place.seen(shade(tone, -0.25), depth)
        sketch.polygon(points, sketch.gradient(light, dark))
        if place.weather.snow:
            side = [(x * 0.92, y - height * 0.035) for x, y in edge[1:5]]
            sketch.polygon(
                [points[0], *side, (0, low - height * 0.1)], place.seen("#eef2f5", depth)
            )


def _pine(place: Place, depth: float, height: float) -> None:
    """Flat clouds of needles high up on a bare reddish trunk."""
    random = place.random
    _trunk(place, depth, height * 0.85, height * 0.035, "#8a6a52")
    wide = height * random.uniform(0.2, 0.3)
    crown = [
        (random.uniform(-0.6, 0.6) * wide, -height * at, wide * random.uniform(0.5, 0.85),
         height * random.uniform(0.055, 0.085))
        for at in (0.62, 0.7, 0.78, 0.84, 0.91)
    ]  # fmt: skip
    _foliage(place, depth, crown, needle_colour(random), height * 0.028)


def _trunk(place: Place, depth: float, height: float, width: float, colour: str) -> None:
    lean = place.random.uniform(-0.04, 0.04) * height
    points = [(0.0, 0.1), (lean * 0.3, -height * 0.45), (lean, -height)]
    fill = place.sketch.gradient(
        place.seen(shade(colour, 0.12), depth), place.seen(shade(colour, -0.35), depth),
        horizontal=True,
    )  # fmt: skip
    place.sketch.limb(points, (width * 1.35, width, width * 0.5), fill)


def _bare(
    place: Place, depth: float, height: float, spread: float, colour: str = "#75695f"
) -> None:
    """Branches without leaves, and a thin mist of twigs around them."""
    random, sketch = place.random, place.sketch
    bark = place.seen(colour, depth)
    twigs = place.seen(mix(colour, "#a08f83", 0.5), depth)
    haze = place.soft(twigs, 0.42)
    sketch.ellipse(0, -height * 0.64, spread * 1.05, height * 0.38, haze)
    _trunk(place, depth, height * 0.55, height * 0.04, colour)
    thin = []
    for index in range(13):
        angle = math.pi * (0.12 + 0.76 * (index + random.random()) / 13)
        start = -height * random.uniform(0.25, 0.5)
        end = (spread * math.cos(angle), start - height * 0.48 * math.sin(angle))
        middle = (end[0] * 0.4, start + (end[1] - start) * random.uniform(0.5, 0.65))
        limb = limb_outline([(0.0, start), middle, end], [height * 0.02, height * 0.011, 0.01])
        sketch.path(smooth(limb), bark)
        for _ in range(7):
            at = random.uniform(0.3, 1)
            tx, ty = end[0] * at, start + (end[1] - start) * at
            reach = height * random.uniform(0.05, 0.13)
            turn = angle + random.uniform(-0.9, 0.9)
            thin.append(
                f"M{tx:.4g} {ty:.4g}l{reach * math.cos(turn):.3g} {-reach * math.sin(turn):.3g}"
            )
    sketch.path("".join(thin), None, bark, max(height * 0.004, 0.02))


def _foliage(place: Place, depth: float, crown: Sequence[Oval], colour: str, tuft: float) -> None:
    """Tufts of leaves over the ellipses of a crown: shaded below, lit above."""
    random, sketch = place.random, place.sketch
    dark, body = place.seen(shade(colour, -0.42), depth), place.seen(colour, depth)
    light = place.seen(shade(mix(colour, "#e8dc8a", 0.2), 0.16), depth)
    fine = min(1.0, 45 / depth)  # fewer tufts far away
    solid = "".join(oval(x, y, rx * 0.92, ry * 0.92) for x, y, rx, ry in crown)
    rim = _tufts(random, crown, tuft, round(16 * fine) + 6, 0, 0.75)
    sketch.path(solid + rim, sketch.gradient(body, mix(body, dark, 0.6), dark))
    sketch.path(_tufts(random, crown, tuft, round(9 * fine) + 3, 0.25, 0.1), dark + "70")
    sketch.path(_tufts(random, crown, tuft * 0.9, round(14 * fine) + 3, -0.3, 0.2), body)
    sketch.path(_tufts(random, crown, tuft * 0.75, round(11 * fine) + 3, -0.5, 0.15), light + "b0")


def _tufts(
    random: Random, crown: Sequence[Oval], size: float, count: int, lift: float, inner: float
) -> str:  # fmt: skip
    """Returns tufts within each ellipse, moved up (lift < 0) or down, none in its inner part."""
    parts = []
    for x, y, rx, ry in crown:
        for _ in range(count):
            angle, out = random.uniform(0, math.tau), math.sqrt(random.uniform(inner**2, 1))
            reach = out * (1 - abs(lift))
            parts.append(
                rough(random, x + rx * reach * math.cos(angle) + lift * rx * 0.3,
                      y + ry * (reach * math.sin(angle) + lift), size * random.uniform(0.6, 1.2))
            )  # fmt: skip
    return "".join(parts)


def draw_bush(place: Place, x: float, depth: float, height: float) -> None:
    """Draws a shrub, wider than tall."""
    random = place.random
    wide = height * random.uniform(0.7, 1.1)
    crown = [
        (random.uniform(-0.6, 0.6) * wide, -height * random.uniform(0.35, 0.6),
         wide * random.uniform(0.4, 0.55), height * random.uniform(0.32, 0.42))
        for _ in range(4)
    ]  # fmt: skip
    with place.standing(x, depth):
        _foliage(place, depth, crown, _shrub_colour(place), height * 0.09)


def draw_hedge(place: Place, left: float, right: float, depth: float, height: float) -> None:
    """Draws a clipped hedge from x = left to right (metres)."""
    random, sketch = place.random, place.sketch
    colour = _shrub_colour(place)
    dark, body = place.seen(shade(colour, -0.4), depth), place.seen(colour, depth)
    light = place.seen(shade(colour, 0.15), depth)
    with place.standing(0, depth):
        fill = sketch.gradient(light, body, dark)
        sketch.rect(left, -height, right - left, height, fill, height * 0.06)
        count = round((right - left) / height * 14)
        for tone, low, high in (
            (body, -1.04, -0.9),
            (dark, -0.6, -0.05),
            (light + "a0", -1, -0.55),
        ):
            sketch.path(
                "".join(
                    rough(random, random.uniform(left, right), height * random.uniform(low, high),
                          height * random.uniform(0.03, 0.065), 6)
                    for _ in range(count)
                ),
                tone,
            )  # fmt: skip


def _shrub_colour(place: Place) -> str:
    random = place.random
    if place.weather.season == "winter":
        return random.choice(("#6f6a52", "#55614a", "#7a6c58"))
    return mix(leaf_colour(random, place.weather.season), "#3f5a3a", random.uniform(0, 0.5))


def draw_woods(place: Place, depth: float, height: float, left: float, right: float) -> None:
    """Draws the edge of a wood between two x in pixels, lower towards its ends."""
    random, sketch, view = place.random, place.sketch, place.view
    colour, base, tall = _wood_colour(place), view.y(depth), 450 * height / depth
    solid: list[str] = []
    rim: list[str] = []
    lights: list[str] = []
    shadows: list[str] = []
    x = left
    while x < right:
        fade = min(1.0, 0.3 + min(x - left, right - x) / (1.6 * tall))
        size = tall * random.uniform(0.2, 0.34) * fade
        top = base - (tall * random.uniform(0.62, 0.9) - size) * fade
        solid.append(oval(x, top, size, min(size * 1.2, base - top)))
        solid.append(f"M{x - size:.4g} {top:.4g}h{2 * size:.4g}V{base:.4g}h{-2 * size:.4g}z")
        for parts, lift, reach, count in (
            (rim, 0.1, 1, 6), (lights, 0.45, 0.55, 3), (shadows, -0.7, 0.8, 2)
        ):  # fmt: skip
            for _ in range(count if size > 6 else round(count * size / 12)):
                angle = random.uniform(0.1, math.pi - 0.1)
                tx = x + reach * size * math.cos(angle)
                ty = top - size * (reach * 1.1 * math.sin(angle) + lift - 0.15)
                parts.append(rough(random, tx, min(ty, base), size * random.uniform(0.14, 0.28), 6))
        x += size * random.uniform(0.7, 1.2)
    light, dark = place.seen(shade(colour, 0.02), depth), place.seen(shade(colour, -0.4), depth)
    sketch.path("".join(solid + rim), sketch.gradient(light, mix(light, dark, 0.6), dark))
    sketch.path("".join(shadows), dark + "90")
    sketch.path("".join(lights), place.seen(shade(colour, 0.18), depth) + "90")


def _wood_colour(place: Place) -> str:
    if place.weather.season == "winter":
        return place.random.choice(("#6e665e", "#4d5648"))
    if place.random.random() < 0.25:
        return needle_colour(place.random)
    return leaf_colour(place.random, place.weather.season)
