"""Potted plants: ferns, monsteras, cacti, palms and others, in pots of clay, glaze or wicker."""

import math
from collections.abc import Callable
from random import Random

from voc_demo.household.plant_parts import Plant, along, bent, green, spread
from voc_demo.household.plant_pots import far_rim, pot
from voc_demo.sketch import Drawing, Point, hsl, limb_outline, mix, shade


def draw_pottedplant(random: Random) -> Drawing:
    """Draws a plant in its pot, from a small cactus to a tall palm."""
    kind, tall, pot_wide = random.choice(_KINDS)
    plant = Plant()
    size = random.uniform(0.8, 1.2)
    wide = pot_wide * size * random.uniform(0.9, 1.1)
    high = wide * random.uniform(0.75, 1.05)
    rim = far_rim(plant, wide, high)
    kind(plant, (0, -high + rim), tall * size, random)
    pot(plant, wide, high, random)
    _overhang(plant, kind, wide, high, tall * size, random)
    return plant.drawing()


def _overhang(
    plant: Plant, kind: Callable[..., None], wide: float, high: float, tall: float, random: Random
) -> None:
    """Draws some leaves that hang over the rim."""
    if kind in (_fern, _bush, _lily):
        for _ in range(7):
            x = random.uniform(-0.42, 0.42) * wide
            angle = x / wide * 150 + random.uniform(-15, 15)
            plant.leaf((x, -high + wide * 0.05), angle, tall * 0.26, tall * 0.07,
                       green(random, 0.05), 60)  # fmt: skip


def _fern(plant: Plant, base: Point, tall: float, random: Random) -> None:
    """Draws arching fronds with many small leaflets."""
    colour = green(random, 0.04)
    for index, way in enumerate(spread(13, random)):
        tone = mix(shade(colour, -0.4), shade(colour, 0.1), index / 12)
        line = bent(base, way * 62, tall * random.uniform(0.85, 1.1), 62 * abs(way) + 20)
        for side in (-1, 1):
            outline: list[Point] = [line[0]]
            for step in range(1, 30):
                (x, y), turn = along(line, step / 30)
                reach = tall * 0.13 * math.sin(math.pi * min(step / 30 + 0.1, 1)) ** 0.6
                reach *= 1 if step % 2 else 0.3
                away = turn + side * math.radians(62)
                outline.append((x + reach * math.sin(away), y - reach * math.cos(away)))
            outline.append(line[-1])
            plant.reach(outline)
            plant.sketch.polygon([*outline, *reversed(line)], shade(tone, 0.08 * side))
        plant.sketch.curve(line, shade(tone, -0.25), tall * 0.008)


def _monstera(plant: Plant, base: Point, tall: float, random: Random) -> None:
    """Draws long stalks with big leaves that are cut into fingers."""
    colour = green(random)
    for index, way in enumerate(spread(11, random)):
        length = tall * random.uniform(0.4, 0.8) * (1 - 0.25 * abs(way))
        line = bent(base, way * 58, length, 25)
        plant.stem(line, [tall * 0.016] * 5, shade(colour, -0.1))
        tone = mix(shade(colour, -0.3), shade(colour, 0.1), index / 10)
        _cut_leaf(plant, line[-1], way * 100 + random.uniform(-20, 20), tall * 0.17, tone)


def _cut_leaf(plant: Plant, at: Point, angle: float, size: float, colour: str) -> None:
    x, y = at
    outline: list[Point] = []
    for step in range(33):
        around = math.radians(step * 360 / 33)
        heart = 0.55 + 0.62 * abs(math.sin(around / 2)) ** 0.7
        notch = 0.5 if step % 4 == 2 and 5 < step < 28 else 1
        reach = size * heart * notch
        turn = around + math.radians(angle) + math.pi
        shift = size * 0.5
        outline.append((
            x + shift * math.sin(math.radians(angle)) + reach * math.sin(turn) * 0.9,
            y - shift * math.cos(math.radians(angle)) - reach * math.cos(turn),
        ))  # fmt: skip
    fill = plant.sketch.glow(shade(colour, 0.22), colour, shade(colour, -0.25))
    plant.blob(outline, fill)
    tip = outline[16]
    plant.sketch.line([at, tip], shade(colour, 0.35), size * 0.04, 0.7)


def _cactus(plant: Plant, base: Point, tall: float, random: Random) -> None:
    """Draws a ribbed column with arms, or a ball, with spines and perhaps a flower."""
    colour = hsl(random.uniform(95, 150), random.uniform(0.25, 0.4), random.uniform(0.3, 0.42))
    x, y = base
    if random.random() < 0.4:
        _ribbed(plant, (x, y + tall * 0.05), tall * 0.62, tall * 0.62, colour)
        head = (x, y - tall * 0.57)
    else:
        for side in random.choice(((-1, 1), (1,), (-1,))):
            joint = y - tall * random.uniform(0.3, 0.5)
            up = joint - tall * random.uniform(0.25, 0.35)
            line = [(x, joint), (x + side * tall * 0.15, joint - tall * 0.01),
                    (x + side * tall * 0.21, joint - tall * 0.09),
                    (x + side * tall * 0.21, up)]  # fmt: skip
            plant.stem(line, [tall * 0.11, tall * 0.12, tall * 0.12, tall * 0.1], colour)
            plant.sketch.curve(line[1:], shade(colour, 0.3), tall * 0.012, 0.7)
        _ribbed(plant, (x, y + tall * 0.03), tall * 0.22, tall, colour)
        head = (x, y - tall * 0.95)
    if random.random() < 0.55:
        _blossom(
            plant, head, tall * 0.09, random.choice(("#e0568a", "#f0b73c", "#e8e2ee", "#d8432f"))
        )


def _ribbed(plant: Plant, foot: Point, wide: float, tall: float, colour: str) -> None:
    x, y = foot
    half = wide / 2
    outline = [(x - half * 0.8, y), (x - half, y - tall * 0.4), (x - half * 0.86, y - tall * 0.8),
               (x, y - tall), (x + half * 0.86, y - tall * 0.8), (x + half, y - tall * 0.4),
               (x + half * 0.8, y)]  # fmt: skip
    sketch = plant.sketch
    fill = sketch.gradient(shade(colour, -0.1), shade(colour, 0.2), colour, shade(colour, -0.45),
                           horizontal=True)  # fmt: skip
    plant.blob(outline, fill)
    for index in range(-3, 4):
        at = x + half * math.sin(index * 0.42) * 0.92
        line = [
            (x + (at - x) * 0.8, y),
            (at, y - tall * 0.45),
            (x + (at - x) * 0.45, y - tall * 0.95),
        ]
        sketch.curve(line, shade(colour, -0.42), wide * 0.03, 0.6)
        for step in range(1, 7):
            py = y - tall * step / 7.5
            px = at + (x - at) * max(step / 7.5 - 0.5, 0)
            left, right, up = px - wide * 0.035, px + wide * 0.035, py - wide * 0.05
            sketch.line([(left, up), (px, py), (right, up)], "#f1ead2", wide * 0.014)


def _blossom(plant: Plant, at: Point, size: float, colour: str) -> None:
    x, y = at
    plant.reach([(x - size, y - size), (x + size, y + size)])
    for step in range(6):
        with plant.sketch.moved(x, y, step * 60 + 14):
            fill = plant.sketch.gradient(shade(colour, 0.3), colour)
            plant.sketch.ellipse(0, -size * 0.58, size * 0.34, size * 0.42, fill)
    plant.sketch.circle(x, y, size * 0.26, mix("#f2c63c", colour, 0.15))


def _bush(plant: Plant, base: Point, tall: float, random: Random) -> None:
    """Draws a round bush of leaves with blossoms."""
    colour = green(random)
    petal = random.choice(("#e0457b", "#f3efe6", "#e8a12f", "#c93a36", "#9a6bc2", "#f0c8d4"))
    spots = [(random.random() ** 0.5, random.uniform(-110, 110)) for _ in range(46)]
    x, y = base
    mass = [(x + tall * 0.36 * math.sin(turn), y - tall * 0.38 - tall * 0.34 * math.cos(turn))
            for turn in (math.radians(30 * step) for step in range(12))]  # fmt: skip
    plant.blob(mass, plant.sketch.glow(shade(colour, -0.3), shade(colour, -0.65)))
    for index, (reach, angle) in enumerate(sorted(spots, reverse=True)):
        turn = math.radians(angle)
        at = (
            x + reach * tall * 0.36 * math.sin(turn),
            y - tall * 0.3 - (reach - 0.3) * tall * 0.38 * math.cos(turn),
        )
        tone = mix(shade(colour, -0.4), shade(colour, 0.14), index / 45)
        plant.leaf(at, angle + random.uniform(-30, 30), tall * 0.24, tall * 0.1, tone, 30)
    for reach, angle in random.sample(spots, 15):
        turn = math.radians(angle)
        at = (
            x + reach * tall * 0.5 * math.sin(turn),
            y - tall * 0.42 - reach * tall * 0.42 * math.cos(turn),
        )
        _blossom(plant, at, tall * random.uniform(0.055, 0.075), petal)


def _ficus(plant: Plant, base: Point, tall: float, random: Random) -> None:
    """Draws a little tree: a trunk and a crown of leaves."""
    colour, bark = green(random), random.choice(("#7a5a3e", "#6b4b34", "#8d7355"))
    x, y = base
    lean = random.uniform(-0.05, 0.05) * tall
    trunk = [
        (x, y + tall * 0.02),
        (x + lean, y - tall * 0.2),
        (x + lean * 0.3, y - tall * 0.45),
        (x, y - tall * 0.7),
    ]
    plant.stem(trunk, [tall * 0.045, tall * 0.035, tall * 0.03, tall * 0.012], bark)
    spots = [(random.random() ** 0.6, random.uniform(-180, 180)) for _ in range(78)]
    for index, (reach, angle) in enumerate(sorted(spots, reverse=True)):
        turn = math.radians(angle)
        at = (
            x + (reach - 0.15) * tall * 0.27 * math.sin(turn),
            y - tall * 0.66 - (reach - 0.15) * tall * 0.3 * math.cos(turn),
        )
        light = 0.7 * index / 77 + random.uniform(0, 0.3)
        tone = mix(shade(colour, -0.45), shade(colour, 0.16), light)
        plant.leaf(at, angle * 0.8 + random.uniform(-25, 25), tall * 0.13, tall * 0.058, tone, 50)


def _snake(plant: Plant, base: Point, tall: float, random: Random) -> None:
    """Draws upright blades with yellow edges and bands across."""
    colour = hsl(random.uniform(105, 150), 0.3, random.uniform(0.26, 0.36))
    edge = random.choice(("#d9c96a", "#c8cf7a", shade(colour, 0.25)))
    for index in range(9):
        way = random.uniform(-1, 1) * (1 - index / 14)
        length = tall * random.uniform(0.65, 1) * (1 - abs(way) * 0.2)
        line = bent((base[0] + way * tall * 0.1, base[1]), way * 17, length, 6)
        wide = tall * random.uniform(0.09, 0.12)
        shares = (0.55, 0.9, 1, 0.8, 0.05)
        outer = limb_outline(line, [wide * share for share in shares])
        plant.blob(outer, edge)
        tone = mix(shade(colour, -0.25), shade(colour, 0.1), index / 8)
        inner = limb_outline(line, [wide * share * 0.68 for share in shares])
        fill = plant.sketch.gradient(
            shade(tone, -0.3), shade(tone, 0.12), shade(tone, -0.25), horizontal=True
        )
        plant.sketch.blob(inner, fill)
        for step in range(1, 8):
            (px, py), _ = along(line, step / 9)
            half = wide * 0.26
            band = [(px - half, py), (px, py + half * 0.5), (px + half, py - half * 0.3)]
            plant.sketch.curve(band, shade(tone, 0.4), wide * 0.07, 0.45)


def _palm(plant: Plant, base: Point, tall: float, random: Random) -> None:
    """Draws stems with feathered fronds that arch outwards."""
    colour = green(random, 0.03)
    for index, way in enumerate(spread(10, random)):
        tone = mix(shade(colour, -0.35), shade(colour, 0.12), index / 9)
        line = bent((base[0] + way * tall * 0.05, base[1]), way * 28 or 1,
                    tall * random.uniform(0.85, 1.08), 75 * abs(way) + 18)  # fmt: skip
        plant.stem(
            line, [tall * 0.017, tall * 0.014, tall * 0.01, tall * 0.007, tall * 0.004], tone
        )
        for step in range(7, 20):
            at, turn = along(line, step / 20)
            size = tall * 0.24 * math.sin(math.pi * (step / 20) ** 1.4 * 0.9 + 0.25)
            for side in (-1, 1):
                angle = math.degrees(turn) + side * 48
                blade = bent(at, angle, size, 28)
                outline = limb_outline(
                    blade, [tall * w for w in (0.006, 0.016, 0.018, 0.012, 0.002)]
                )
                plant.blob(outline, shade(tone, 0.1 if side > 0 else -0.1))


def _lily(plant: Plant, base: Point, tall: float, random: Random) -> None:
    """Draws broad shining leaves on short stalks: a peace lily, with or without white spathes."""
    colour = green(random)
    for index, way in enumerate(spread(20, random)):
        tone = mix(shade(colour, -0.4), shade(colour, 0.12), index / 19)
        reach = tall * random.uniform(0.3, 0.5)
        line = bent((base[0] + way * tall * 0.06, base[1]), way * 48, reach, 10)
        plant.stem(line, [tall * 0.012] * 5, shade(tone, 0.1))
        plant.leaf(line[-1], way * 66, tall * 0.4, tall * 0.13, tone, 70 * abs(way) + 15)
    for _ in range(random.choice((0, 3, 4))):
        way = random.uniform(-0.6, 0.6)
        line = bent(base, way * 30, tall * random.uniform(0.8, 0.95), 8)
        plant.stem(line, [tall * 0.012] * 5, shade(colour, 0.15))
        plant.leaf(line[-1], way * 40 + 14, tall * 0.17, tall * 0.09, "#e9ecdf", 20)


_KINDS: tuple[tuple[Callable[[Plant, Point, float, Random], None], float, float], ...] = (
    (_fern, 34, 21),
    (_monstera, 78, 32),
    (_cactus, 26, 16),
    (_bush, 34, 22),
    (_ficus, 105, 32),
    (_snake, 58, 24),
    (_palm, 105, 33),
    (_lily, 52, 23),
)
