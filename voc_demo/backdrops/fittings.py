"""What rooms have on their walls, in centimetres: x along the wall, y up from 0 to -y."""

import math
from random import Random

from voc_demo.sketch import Sketch, clear, hsl, mix, shade


def window(sketch: Sketch, x: float, random: Random, evening: bool, low: float = 88) -> None:
    """Draws a window with its sill and light, and perhaps curtains."""
    wide, tall = random.uniform(105, 175), random.uniform(115, 140)
    left, top = x - wide / 2, -low - tall
    halo = sketch.glow(
        "#fff4da18" if evening else "#fffaf07a", "#fffaf000", x=0.5, y=0.5, radius=0.5
    )
    sketch.ellipse(x, top + tall / 2, wide * 0.95, tall * 0.95, halo)
    frame = random.choice(("#f1eee8", "#e6e1d6", "#cfd2d2", "#8b7258"))
    sketch.rect(left - 7, top - 7, wide + 14, tall + 14, shade(frame, -0.12))
    _view(sketch, (left, top, wide, tall), random, evening)
    panes = random.choice((2, 2, 3))
    for index in range(panes + 1):
        bar = left + wide * index / panes
        sketch.rect(
            bar - 3,
            top - 3,
            6,
            tall + 6,
            sketch.gradient(frame, shade(frame, -0.2), horizontal=True),
        )
    for y in (top - 4, top + tall - 2, *((top + tall * 0.35,) if random.random() < 0.5 else ())):
        sketch.rect(
            left - 4, y, wide + 8, 5, sketch.gradient(shade(frame, 0.1), shade(frame, -0.15))
        )
    sketch.rect(
        left - 13,
        top + tall + 5,
        wide + 26,
        5,
        sketch.gradient(shade(frame, 0.3), shade(frame, -0.25)),
    )
    sketch.rect(left - 9, top + tall + 10, wide + 18, 9, sketch.gradient("#1c120a44", "#1c120a00"))
    if random.random() < 0.65:
        _curtains(sketch, (left, top, wide, tall), low, random)


def _view(
    sketch: Sketch, box: tuple[float, float, float, float], random: Random, evening: bool
) -> None:
    """Draws what is outside, out of focus."""
    left, top, wide, tall = box
    skies = (("#26344f", "#5b5470", "#a9745e"), ("#1d2a42", "#33435f", "#4c5a74"))
    days = (("#c9def0", "#eef5f8", "#f6f6ee"), ("#dfe8ec", "#f2f4f2", "#f8f6ee"))
    sky = random.choice(skies if evening else days)
    sketch.rect(left, top, wide, tall, sketch.gradient(*sky))
    green = mix(hsl(random.uniform(70, 130), 0.3, 0.5), sky[1], 0.55 if evening else 0.4)
    d = f"M{left:.4g} {top:.4g}h{wide:.4g}v{tall:.4g}h{-wide:.4g}z"
    with sketch.clipped(d):
        for _ in range(6):
            at = left + random.uniform(0, wide)
            size = random.uniform(18, 36)
            tones = (green, clear(green, 0.7), clear(green, 0))
            soft = sketch.glow(*tones, x=0.5, y=0.45, radius=0.55)
            sketch.ellipse(at, top + tall - random.uniform(0, 22), size * 1.5, size * 1.2, soft)
        for _ in range(7 if evening else 0):
            x, y = left + random.uniform(0, wide), top + tall * random.uniform(0.55, 0.95)
            sketch.circle(x, y, random.uniform(1.5, 3.5), "#ffd79ab0")
        sketch.polygon([(left, top), (left + wide * 0.4, top), (left, top + tall * 0.7)],
                       "#ffffff20")  # fmt: skip


def _curtains(
    sketch: Sketch, box: tuple[float, float, float, float], low: float, random: Random
) -> None:
    """Draws a curtain on either side, in folds, and their rod."""
    left, top, wide, _tall = box
    colour = hsl(random.uniform(0, 360), random.uniform(0.03, 0.15), random.uniform(0.5, 0.82))
    bottom = random.choice((-4.0, -4.0, -low + 14))
    sketch.rect(left - 40, top - 17, wide + 80, 3.4, "#6f6252", 1.5)
    folds = [
        shade(colour, amount) for amount in (-0.22, 0.1, -0.1, 0.16, -0.26, 0.06, -0.14, 0.12, -0.3)
    ]
    for side in (-1, 1):
        inner, outer = left - 34, left + 22
        if side > 0:
            inner, outer = left + wide - 22, left + wide + 34
        fill = sketch.gradient(*folds[::side], horizontal=True)
        flare = 7 * side
        sketch.polygon([(inner, top - 14), (outer, top - 14), (outer + max(flare, 0), bottom),
                        (inner + min(flare, 0), bottom)], fill)  # fmt: skip
    sketch.rect(left - 44, bottom, wide + 88, 4, "#1a110a20")


def picture(sketch: Sketch, x: float, y: float, random: Random) -> None:
    """Draws a framed picture of shapes around (x, -y)."""
    wide, tall = random.choice(((46, 34), (34, 46), (62, 44), (28, 36)))
    left, top = x - wide / 2, -y - tall / 2
    sketch.rect(left + 1.5, top + 3, wide + 2, tall + 2, "#1a110a40")
    frame = random.choice(("#2f2c2a", "#8a6a45", "#e9e5dc", "#b99a5f"))
    sketch.rect(left, top, wide, tall, sketch.gradient(shade(frame, 0.12), shade(frame, -0.15)))
    sketch.rect(left + 2, top + 2, wide - 4, tall - 4, "#ece7dc")
    _art(sketch, (left + 6, top + 6, wide - 12, tall - 12), random)


def _art(sketch: Sketch, box: tuple[float, float, float, float], random: Random) -> None:
    """Draws hills, or discs."""
    left, top, wide, tall = box
    hue = random.uniform(0, 360)
    sketch.rect(*box, sketch.gradient(hsl(hue, 0.16, 0.76), hsl(hue + 40, 0.18, 0.62)))
    hills = random.random() < 0.5
    with sketch.clipped(f"M{left:.4g} {top:.4g}h{wide:.4g}v{tall:.4g}h{-wide:.4g}z"):
        for layer in range(3 if hills else 4):
            if hills:
                low = top + tall * (0.45 + 0.2 * layer)
                shares = (-0.1, 0.25, 0.5, 0.75, 1.1)
                ridge = [(left + wide * share, low + random.uniform(-5, 5)) for share in shares]
                far = [(left + wide * 1.4, top + tall + 30), (left - 20, top + tall + 30)]
                sketch.blob([*ridge, *far], hsl(hue + 25 * layer, 0.2, 0.55 - 0.1 * layer))
            else:
                x, y = left + random.random() * wide, top + random.random() * tall
                tone = hsl(hue + random.uniform(0, 150), 0.22, random.uniform(0.35, 0.7))
                sketch.circle(x, y, random.uniform(3, 10), tone)


def door(sketch: Sketch, x: float, random: Random) -> None:
    """Draws a panelled door in its frame."""
    wood = random.choice(("#e9e5dc", "#d8d2c4", "#8a6242", "#6f7f84", "#a9b3a6"))
    sketch.rect(x - 51, -212, 102, 212, sketch.gradient(shade(wood, 0.16), shade(wood, -0.05)))
    sketch.rect(
        x - 43, -204, 86, 204, sketch.gradient(wood, shade(wood, -0.12)), 0, shade(wood, -0.4), 0.8
    )
    for top, tall in ((-192, 84), (-98, 82)):
        for left in (-35, 4):
            sketch.rect(x + left, top, 31, tall, shade(wood, -0.05), 0, shade(wood, -0.22), 1)
            sketch.rect(x + left + 4, top + 4, 23, tall - 8, shade(wood, 0.06))
    sketch.rect(x + 33, -103, 3, 12, "#b9a36c", 1)
    sketch.rect(x + 24, -101, 12, 2.6, "#d2bd84", 1)


def radiator(sketch: Sketch, x: float, wide: float = 95) -> None:
    """Draws a white radiator."""
    sketch.rect(x - wide / 2 + 3, -68, wide, 60, "#1a110a28", 3)
    count = round(wide / 8)
    for index in range(count):
        left = x - wide / 2 + index * wide / count
        fill = sketch.gradient("#d8d5ce", "#f4f2ed", "#bfbbb3", horizontal=True)
        sketch.rect(left, -71, wide / count - 1, 60, fill, 3)


def clock(sketch: Sketch, x: float, y: float) -> None:
    """Draws a round wall clock."""
    sketch.circle(x + 1, -y + 2, 15, "#1a110a40")
    sketch.circle(x, -y, 15, "#3b3936")
    sketch.circle(x, -y, 13, "#f1eee6")
    for step in range(12):
        angle = math.radians(30 * step)
        sketch.circle(x + 10.6 * math.sin(angle), -y - 10.6 * math.cos(angle), 0.7, "#55514b")
    sketch.line([(x - 4, -y - 5), (x, -y), (x + 7.5, -y - 4.5)], "#2b2927", 1.1)


def mirror(sketch: Sketch, x: float, random: Random) -> None:
    """Draws a round or oval mirror."""
    wide, tall = random.choice(((34, 34), (28, 40), (30, 44)))
    frame = random.choice(("#b08d57", "#3a3735", "#d8d2c6", "#8a6242"))
    sketch.ellipse(x + 1.5, -157, wide + 1, tall + 1, "#1a110a40")
    sketch.ellipse(x, -160, wide, tall, sketch.gradient(shade(frame, 0.3), shade(frame, -0.25)))
    sketch.ellipse(x, -160, wide - 4, tall - 4, sketch.gradient("#e3e8ea", "#b3bcc0", "#d3d8d8"))
    shine = [(x - 8, -0.7), (x + 6, -0.75), (x - 6, 0.6), (x - 18, 0.4)]
    sketch.polygon([(at, -160 + up * tall) for at, up in shine], "#ffffff40")
