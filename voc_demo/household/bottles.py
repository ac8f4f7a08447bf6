"""Bottles: wine, beer, water, soda, milk and spirits, of glass or plastic."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from voc_demo.sketch import Drawing, Point, Sketch, mix, shade, smooth, straight

_LABELS = ("#f1e9d6", "#f6f4ee", "#e6d9b8", "#23262b", "#8d2f2b", "#2f4a3c", "#28456b", "#d8a63a")
_DARK_INKS = ("#7a2a26", "#2b2f33", "#2f5a3f", "#27476b")
_LIGHT_INKS = ("#f4efe2", "#e3c67a", "#dfe7ea")


@dataclass(frozen=True)
class _Form:
    """The outline of a bottle: (half width, height) from its bottom edge up to its mouth."""

    profile: Sequence[Point]
    angular: bool = False

    @property
    def tall(self) -> float:
        return self.profile[-1][1]

    def half(self, y: float) -> float:
        """Returns half the width at a height."""
        for (wide, low), (next_wide, high) in itertools.pairwise(self.profile):
            if low <= y <= high:
                share = (y - low) / ((high - low) or 1)
                bend = share if self.angular else share * share * (3 - 2 * share)
                return wide + (next_wide - wide) * bend
        return self.profile[-1][0]

    def outline(self, low: float = 0, high: float | None = None, inset: float = 0) -> str:
        """Returns the path around the piece between two heights."""
        high = self.tall if high is None else high
        steps = [low + (high - low) * index / 30 for index in range(31)]
        right = [(max(self.half(y) - inset, 0.2), -y) for y in steps]
        left = [(-x, y) for x, y in reversed(right)]
        return straight([*right, *left])


@dataclass(frozen=True)
class _Stuff:
    """What a bottle is made of and filled with; `glass` is drawn `dense` (1: opaque)."""

    glass: str
    dense: float
    liquid: str | None
    level: float
    cap: str


def draw_bottle(random: Random) -> Drawing:
    """Draws a bottle that stands upright."""
    kind = random.choice((_wine, _wine, _beer, _beer, _water, _soda, _milk, _spirits))
    return kind(random)


def _wine(random: Random) -> Drawing:
    body, tall = random.uniform(3.6, 4.1), random.uniform(29, 32.5)
    if random.random() < 0.55:
        shoulder = [(body, 18.5), (body * 0.93, 20.3), (1.75, 23.2), (1.5, 24.5)]
    else:
        shoulder = [(body * 1.07, 13), (body, 16.5), (2.3, 21.5), (1.6, 24.5)]
    form = _Form([(body * 0.94, 0), (body, 0.7), (body, 12), *shoulder, (1.45, tall - 1.5),
                  (1.62, tall - 1.3), (1.62, tall - 0.5), (1.4, tall)])  # fmt: skip
    stuff = random.choice((
        _Stuff("#1f3a26", 0.96, None, 0, ""), _Stuff("#2c3217", 0.96, None, 0, ""),
        _Stuff("#5b6b2c", 0.8, "#8a8a34", 0.74, ""), _Stuff("#dfe8dc", 0.5, "#e3cf7a", 0.76, ""),
        _Stuff("#eadfdd", 0.5, "#dd8a86", 0.76, ""), _Stuff("#20140f", 0.97, None, 0, ""),
    ))  # fmt: skip
    sketch = Sketch()
    _glass(sketch, form, stuff)
    foil = random.choice(("#6d1f26", "#22252a", "#b08a3e", "#3d5a43", "#8f9296"))
    _sleeve(sketch, form, tall - random.uniform(5, 7.5), tall, foil)
    low = random.uniform(3.5, 5.5)
    _label(sketch, form, low, low + random.uniform(6.5, 9), random.choice(_LABELS), random)
    return _drawing(sketch, form)


def _beer(random: Random) -> Drawing:
    body, tall = random.uniform(2.9, 3.3), random.uniform(22, 25)
    form = _Form([(body * 0.93, 0), (body, 0.6), (body, 11), (body * 0.96, 13), (1.9, 17.2),
                  (1.35, 20), (1.25, tall - 1.6), (1.42, tall - 1.4), (1.3, tall)])  # fmt: skip
    stuff = random.choice((
        _Stuff("#6b3310", 0.9, "#4a200a", 0.72, ""), _Stuff("#7c4012", 0.9, "#552809", 0.74, ""),
        _Stuff("#2c7038", 0.86, "#1d5128", 0.74, ""), _Stuff("#e4e4d4", 0.5, "#e2a732", 0.76, ""),
    ))  # fmt: skip
    sketch = Sketch()
    _glass(sketch, form, stuff)
    colour = random.choice((*_LABELS, "#c23a2e", "#2d7a4f"))
    _label(sketch, form, 3, random.uniform(8, 10), colour, random)
    if random.random() < 0.6:
        _sleeve(sketch, form, 15.4, random.uniform(17.5, 19.5), colour)
    cap = random.choice(("#c9a23c", "#b6382f", "#d9dcde", "#27496d"))
    _crown(sketch, tall, cap)
    return _drawing(sketch, form, 0.4)


def _water(random: Random) -> Drawing:
    body, tall = random.uniform(3.2, 4.2), random.uniform(23, 33)
    waist = random.uniform(0.84, 0.95)
    top = tall - 2
    form = _Form([(body * 0.86, 0), (body, 0.9), (body, tall * 0.3), (body * waist, tall * 0.38),
                  (body, tall * 0.46), (body, tall * 0.66), (body * 0.72, tall * 0.79),
                  (1.5, tall * 0.88), (1.35, top)])  # fmt: skip
    tint = random.choice(("#b9dcea", "#cfe6ee", "#a9d2e6", "#c6e6d4", "#e6f0f2"))
    stuff = _Stuff(tint, 0.55, shade(tint, -0.06), random.uniform(0.6, 0.84), "")
    sketch = Sketch()
    _glass(sketch, form, stuff)
    for share in (0.08, 0.13, 0.18, 0.23, 0.28):
        _ring(sketch, form, tall * share, mix(tint, "#4d7f96", 0.5), 0.55)
    colour = random.choice(("#2d6fb0", "#3f9bc4", "#35857a", "#c9433c", "#7a4f9a", "#e9eef0"))
    _label(sketch, form, tall * 0.44, tall * 0.64, colour, random)
    _screw(sketch, top, 1.75, 2.4, random.choice((colour, "#f2f4f5", "#2d6fb0")))
    return _drawing(sketch, form, 2.4)


def _soda(random: Random) -> Drawing:
    body, tall = random.uniform(3.3, 4.3), random.uniform(23, 32)
    drink = random.choice(("#2d140c", "#2d140c", "#e07a1f", "#dcd84a", "#8fc23c", "#b52f3c"))
    sketch = Sketch()
    if random.random() < 0.4:
        form = _Form([(2.5, 0), (2.9, 1.4), (2.75, 4.5), (2.35, 7.2), (2.95, 11.5), (2.8, 13.6),
                      (1.7, 17.2), (1.25, 20), (1.2, 22.4), (1.4, 22.6), (1.3, 24)])  # fmt: skip
        _glass(sketch, form, _Stuff("#cfe0d8", 0.5, drink, 0.78, ""))
        for x in (-1.7, -0.6, 0.6, 1.7):
            line = [(x * form.half(y) / 2.9, -y) for y in (1.5, 4.5, 7.2)]
            sketch.curve(line, shade(drink, 0.5), 0.25, 0.4)
        _label(sketch, form, 8.6, 13, random.choice(("#c8262c", "#f3f0e8", "#1f5fa8")), random)
        _crown(sketch, form.tall, "#c8262c")
        return _drawing(sketch, form, 0.4)
    top = tall - 2
    form = _Form([(body * 0.8, 0), (body, 1.4), (body, tall * 0.28), (body * 0.9, tall * 0.36),
                  (body, tall * 0.46), (body, tall * 0.6), (body * 0.85, tall * 0.72),
                  (1.5, tall * 0.86), (1.35, top)])  # fmt: skip
    _glass(sketch, form, _Stuff("#d5e2e2", 0.5, drink, random.uniform(0.7, 0.84), ""))
    colour = random.choice(("#c8262c", "#1f5fa8", "#2d8a48", "#ef8f1f", "#f0d13a"))
    _label(sketch, form, tall * 0.37, tall * 0.58, colour, random)
    _screw(sketch, top, 1.75, 2.2, colour)
    return _drawing(sketch, form, 2.2)


def _milk(random: Random) -> Drawing:
    body, tall = random.uniform(4, 4.6), random.uniform(20, 24)
    form = _Form([(body * 0.93, 0), (body, 0.9), (body, tall * 0.52), (body * 0.95, tall * 0.6),
                  (2.5, tall * 0.8), (2.3, tall * 0.9), (2.75, tall * 0.94),
                  (2.7, tall)])  # fmt: skip
    sketch = Sketch()
    level = random.uniform(0.55, 0.82)
    _glass(sketch, form, _Stuff("#dfe9ea", 0.55, "#f6f3ea", level, ""))
    if random.random() < 0.6:
        colour = random.choice(("#2f6db0", "#b8433a", "#3d7d4e"))
        _label(sketch, form, tall * 0.16, tall * 0.42, colour, random)
    _screw(sketch, tall - 0.5, 2.95, 1.5, random.choice(("#c9ced2", "#2f6db0", "#b8433a")))
    return _drawing(sketch, form, 1)


def _spirits(random: Random) -> Drawing:
    body, tall = random.uniform(3.9, 5.2), random.uniform(23, 30)
    shoulder = tall * random.uniform(0.6, 0.7)
    form = _Form([(body * 0.94, 0), (body, 0.8), (body, shoulder), (body * 0.9, shoulder + 1.3),
                  (1.7, shoulder + 2.8), (1.5, tall - 3), (1.75, tall - 2.8), (1.7, tall - 2.2)],
                 angular=True)  # fmt: skip
    drink = random.choice(("#b5651d", "#8f3f10", "#d8963a", "#cfe3e6", "#7db6c9", "#c9cf63"))
    level = random.uniform(0.3, 0.62)
    sketch = Sketch()
    _glass(sketch, form, _Stuff("#e3e8e4", 0.5, drink, level, ""))
    low = random.uniform(2.5, 4)
    _label(sketch, form, low, shoulder * random.uniform(0.62, 0.8), random.choice(_LABELS), random)
    cap = random.choice(("#1f2124", "#b08a3e", "#6b4526", "#d5d8da"))
    _screw(sketch, form.tall - 0.2, 2.05, 3, cap)
    return _drawing(sketch, form, 2.8)


def _glass(sketch: Sketch, form: _Form, stuff: _Stuff) -> None:
    """Draws the liquid, the glass around it, and the light on both."""
    glass, tall = stuff.glass, form.tall
    dark, light = shade(glass, -0.5), shade(glass, 0.25)
    fill = sketch.gradient(dark, glass, light, glass, shade(glass, -0.25), dark, horizontal=True)
    sketch.path(form.outline(), fill, opacity=stuff.dense)
    if stuff.liquid:
        liquid, high = stuff.liquid, tall * stuff.level
        edge = shade(liquid, -0.45)
        body = sketch.gradient(edge, liquid, shade(liquid, 0.22), liquid, edge, horizontal=True)
        sketch.path(form.outline(0.5, high, 0.32), body, opacity=0.93)
        wide = form.half(high) - 0.32
        sketch.ellipse(0, -high, wide, wide * 0.16, shade(liquid, 0.25))
    base = form.half(0.5)
    sketch.ellipse(0, -0.9, base * 0.86, 0.5, shade(glass, -0.45), opacity=0.4)
    _gleam(sketch, form, -0.66, 0.16, 0.62)
    _gleam(sketch, form, 0.74, 0.09, 0.4)
    sketch.path(form.outline(), None, shade(glass, -0.55), 0.16, 0.6)


def _gleam(sketch: Sketch, form: _Form, at: float, wide: float, opacity: float) -> None:
    """Draws an upright streak of light that follows the outline."""
    steps = [form.tall * (0.05 + 0.88 * index / 16) for index in range(17)]
    left = [(form.half(y) * (at - wide / 2), -y) for y in steps]
    right = [(form.half(y) * (at + wide / 2), -y) for y in reversed(steps)]
    sketch.path(smooth([*left, *right]), sketch.gradient("#ffffff", "#ffffff55"), opacity=opacity)


def _sleeve(sketch: Sketch, form: _Form, low: float, high: float, colour: str) -> None:
    """Draws foil or paper that fits around the neck."""
    dark = shade(colour, -0.5)
    fill = sketch.gradient(dark, shade(colour, 0.3), colour, colour, dark, horizontal=True)
    sketch.path(form.outline(low, high, -0.06), fill)
    _ring(sketch, form, low + 0.25, shade(colour, 0.35), 0.7)


def _label(
    sketch: Sketch, form: _Form, low: float, high: float, colour: str, random: Random
) -> None:
    """Draws a label around the body with bands, an emblem and lines like text."""
    bend = form.half(low) * 0.09
    edges = [(y, form.half(y) + 0.04) for y in (low, (low + high) / 2, high)]
    wide = max(half for _, half in edges)
    d = (
        f"M{-edges[0][1]:.3f} {-low:.3f}Q0 {-low + 2 * bend:.3f} {edges[0][1]:.3f} {-low:.3f}"
        f"L{edges[1][1]:.3f} {-edges[1][0]:.3f}L{edges[2][1]:.3f} {-high:.3f}"
        f"Q0 {-high + 2 * bend:.3f} {-edges[2][1]:.3f} {-high:.3f}"
        f"L{-edges[1][1]:.3f} {-edges[1][0]:.3f}z"
    )
    dark = shade(colour, -0.42)
    fill = sketch.gradient(dark, colour, shade(colour, 0.12), colour, shade(colour, -0.2), dark,
                           horizontal=True)  # fmt: skip
    sketch.path(d, fill)
    bright = sum(int(colour[at : at + 2], 16) for at in (1, 3, 5)) > 390
    ink = random.choice(_DARK_INKS if bright else _LIGHT_INKS)
    tall = high - low
    with sketch.clipped(d):
        if random.random() < 0.5:
            for y in (low + tall * 0.1, high - tall * 0.1):
                _ring(sketch, form, y, ink, 0.85, tall * 0.07)
        _emblem(sketch, (0, bend - low - tall * 0.64), min(tall * 0.2, wide * 0.5), ink, random)
        for index, share in enumerate((0.34, 0.24, 0.17)):
            half = wide * (0.55, 0.4, 0.3)[index]
            y = bend - low - tall * share
            sketch.curve([(-half, y - 0.06), (0, y), (half, y - 0.06)], ink,
                         tall * (0.06, 0.03, 0.03)[index], 0.8)  # fmt: skip


def _emblem(sketch: Sketch, middle: Point, size: float, ink: str, random: Random) -> None:
    x, y = middle
    kind = random.choice(("disc", "shield", "hills", "band"))
    if kind == "disc":
        sketch.circle(x, y, size, ink)
        sketch.circle(x, y, size * 0.55, shade(ink, 0.45))
    elif kind == "shield":
        sketch.blob([(x - size, y - size), (x, y - size * 0.8), (x + size, y - size),
                     (x + size * 0.8, y + size * 0.4), (x, y + size * 1.2),
                     (x - size * 0.8, y + size * 0.4)], ink)  # fmt: skip
    elif kind == "hills":
        for shift, rise in ((-0.7, 0.9), (0.6, 1.2)):
            at = x + shift * size
            sketch.polygon([(at - size, y + size * 0.7), (at, y - rise * size),
                            (at + size, y + size * 0.7)], ink)  # fmt: skip
    else:
        sketch.ellipse(x, y, size * 2.2, size * 0.85, ink)
        sketch.line([(x - size * 1.3, y), (x + size * 1.3, y)], shade(ink, 0.6), size * 0.35)


def _ring(
    sketch: Sketch, form: _Form, y: float, colour: str, opacity: float, width: float = 0.28
) -> None:
    half = form.half(y)
    bend = half * 0.16
    sketch.curve([(-half * 0.98, -y), (0, -y + bend), (half * 0.98, -y)], colour, width, opacity)


def _screw(sketch: Sketch, y: float, half: float, tall: float, colour: str) -> None:
    """Draws a screw cap with its ribs; `y` is the height of its lower edge."""
    dark = shade(colour, -0.45)
    fill = sketch.gradient(dark, shade(colour, 0.25), colour, colour, dark, horizontal=True)
    sketch.rect(-half, -y - tall, 2 * half, tall, fill, 0.35)
    for index in range(-3, 4):
        x = half * index / 4
        sketch.line([(x, -y - tall + 0.5), (x, -y - 0.35)], dark, 0.12, 0.5)
    sketch.ellipse(0, -y - tall + 0.25, half * 0.86, 0.2, shade(colour, 0.4), opacity=0.7)


def _crown(sketch: Sketch, tall: float, colour: str) -> None:
    """Draws a crown cap over the mouth at a height."""
    dark = shade(colour, -0.45)
    fill = sketch.gradient(dark, shade(colour, 0.35), colour, dark, horizontal=True)
    points = [(-1.65, -tall + 0.75), (-1.4, -tall - 0.2), (-0.7, -tall - 0.4), (0.7, -tall - 0.4),
              (1.4, -tall - 0.2), (1.65, -tall + 0.75)]  # fmt: skip
    sketch.polygon(points, fill, dark, 0.12)
    for index in range(-3, 4):
        sketch.line([(index * 0.46, -tall + 0.15), (index * 0.5, -tall + 0.75)], dark, 0.14, 0.6)


def _drawing(sketch: Sketch, form: _Form, above: float = 0) -> Drawing:
    half = max(form.half(form.tall * index / 60) for index in range(61)) + 0.08
    return Drawing(sketch.svg(), -half, -form.tall - above - 0.05, half)
