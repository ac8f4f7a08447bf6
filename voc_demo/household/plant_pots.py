"""Pots for plants: of clay, glazed, bowl-shaped, or a basket."""

from random import Random

from voc_demo.household.plant_parts import Plant
from voc_demo.sketch import Sketch, mix, shade

_CLAY = ("#b5603a", "#c4744a", "#a3522f")


_GLAZES = ("#eceae4", "#2f3437", "#3f6f78", "#c9a34a", "#8f9f8b", "#24476b", "#d58f86", "#b9b3a6")


def far_rim(plant: Plant, wide: float, high: float) -> float:
    """Draws the far rim and the soil; returns how deep the soil lies below the rim."""
    sketch = plant.sketch
    sketch.ellipse(0, -high, wide / 2, wide * 0.1, "#4a3428")
    sketch.ellipse(0, -high + wide * 0.03, wide * 0.46, wide * 0.075, "#35251c")
    return wide * 0.03


def pot(plant: Plant, wide: float, high: float, random: Random) -> None:
    """Draws the pot in front of the soil: clay with a collar, glazed, bowl-shaped or a basket."""
    sketch = plant.sketch
    kind = random.choice(("clay", "clay", "glazed", "glazed", "round", "basket"))
    colour = {"clay": random.choice(_CLAY), "basket": random.choice(("#c49a62", "#a97d4d"))}.get(
        kind, random.choice(_GLAZES)
    )
    foot = wide * {"clay": 0.32, "glazed": random.choice((0.34, 0.46)), "round": 0.28}.get(
        kind, 0.42
    )
    belly = foot + (wide / 2 - foot) * 0.55 + wide * {"round": 0.1, "basket": 0.06}.get(kind, 0)
    dip = wide * 0.1
    body = (
        f"M{-wide / 2:.4g} {-high:.4g}Q{-belly:.4g} {-high * 0.5:.4g} {-foot:.4g} {-dip * 0.5:.4g}"
        f"Q0 {dip * 0.5:.4g} {foot:.4g} {-dip * 0.5:.4g}"
        f"Q{belly:.4g} {-high * 0.5:.4g} {wide / 2:.4g} {-high:.4g}"
        f"A{wide / 2:.4g} {dip:.4g} 0 0 1 {-wide / 2:.4g} {-high:.4g}z"
    )
    bulge = max(wide / 2, (wide / 2 + 2 * belly + foot) / 4)
    plant.reach([(-bulge, -high), (bulge, 0)])
    fill = sketch.gradient(shade(colour, -0.25), shade(colour, 0.22), colour, shade(colour, -0.25),
                           shade(colour, -0.5), horizontal=True)  # fmt: skip
    sketch.path(body, fill)
    with sketch.clipped(body):
        _pot_pattern(sketch, kind, colour, (wide, high), random)
        sketch.path(body, sketch.gradient("#00000000", "#00000000", "#00000055"))
    if kind == "clay":
        _collar(plant, wide, high, colour)
    if kind in ("glazed", "round"):
        sketch.ellipse(-wide * 0.24, -high * 0.6, wide * 0.035, high * 0.2, "#ffffff", opacity=0.4)
    arc = f"M{-wide / 2:.4g} {-high:.4g}A{wide / 2:.4g} {dip:.4g} 0 0 0 {wide / 2:.4g} {-high:.4g}"
    if kind != "clay":
        sketch.path(arc, None, shade(colour, 0.3), wide * 0.035)


def _pot_pattern(
    sketch: Sketch, kind: str, colour: str, size: tuple[float, float], random: Random
) -> None:
    wide, high = size
    if kind == "basket":
        for row in range(9):
            y = -high * (row + 0.3) / 9
            for column in range(-5, 6):
                x = (column + row % 2 / 2) * wide / 9
                sketch.curve([(x - wide / 20, y + wide * 0.06), (x, y + wide * 0.085 - high * 0.02),
                              (x + wide / 20, y + wide * 0.06)], shade(colour, -0.4), wide * 0.02,
                             0.75)  # fmt: skip
    elif kind != "clay" and random.random() < 0.5:
        tint = mix(colour, random.choice(_GLAZES), 0.75)
        for share in random.choice(((0.3,), (0.25, 0.4), (0.68,), (0.2, 0.5, 0.8))):
            y = -high * share
            sketch.curve([(-wide * 0.55, y - wide * 0.03), (0, y + wide * 0.07),
                          (wide * 0.55, y - wide * 0.03)], tint, high * 0.07, 0.8)  # fmt: skip


def _collar(plant: Plant, wide: float, high: float, colour: str) -> None:
    """Draws the thick upper band of a clay pot."""
    half, dip, tall = wide * 0.54, wide * 0.1, high * 0.2
    plant.reach([(-half, -high), (half, -high)])
    d = (
        f"M{-half:.4g} {-high:.4g}A{half:.4g} {dip:.4g} 0 0 0 {half:.4g} {-high:.4g}"
        f"l{-wide * 0.025:.4g} {tall:.4g}"
        f"A{half:.4g} {dip:.4g} 0 0 1 {-half + wide * 0.025:.4g} {-high + tall:.4g}z"
    )
    sketch = plant.sketch
    with sketch.moved(0, tall * 0.16):
        sketch.path(d, shade(colour, -0.6), opacity=0.45)
    fill = sketch.gradient(shade(colour, -0.15), shade(colour, 0.28), colour, shade(colour, -0.4),
                           horizontal=True)  # fmt: skip
    sketch.path(d, fill)
