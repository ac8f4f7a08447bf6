"""What birds share: folded wings, feathers, beaks, eyes and legs."""

from collections.abc import Sequence
from random import Random

from voc_demo.figure import Figure, hairs, scattered, shadow_of, soft_spot
from voc_demo.sketch import Point, clear, mix, shade, smooth


def plumage(
    f: Figure, random: Random, outline: Sequence[Point], back: str, breast: str, breast_angle: float
) -> None:
    """Adds a body: back above, breast below, the border turned by an angle, soft feathers on it."""
    xs, ys = zip(*outline, strict=True)
    left, top, right, bottom = min(xs), min(ys), max(xs), max(ys)
    width, height = right - left, bottom - top
    d = smooth(outline)
    f.path(d, breast)
    dark = shadow_of(breast)
    with f.clipped(d):
        with f.moved((left + right) / 2, (top + bottom) / 2, breast_angle):
            reach = width + height
            f.rect(-reach, -reach, 2 * reach, reach - 0.02 * height, back)
            edge = f.gradient(back, clear(back, 0))
            f.rect(-reach, -0.03 * height, 2 * reach, 0.2 * height, edge)
        spots = scattered(random, left, top, right, bottom, 60)
        d = hairs(random, spots, 0.07 * width, 150, 25)
        f.path(d, None, dark, 0.008 * width, 0.25)
        f.path(
            hairs(random, spots[:30], 0.06 * width, 150, 25), None, "#ffffff", 0.008 * width, 0.2
        )
        light = f.gradient(clear("#fff6e0", 0.3), clear("#fff6e0", 0))
        f.rect(left, top, width, 0.5 * height, light)
        under = f.gradient(clear(dark, 0), clear(dark, 0.5))
        f.rect(left, bottom - 0.45 * height, width, 0.46 * height, under)


def folded_wing(
    f: Figure, shoulder: Point, tip: Point, depth: float, colour: str, quills: str,
    bar: str | None = None,
) -> None:  # fmt: skip
    """Adds a wing at rest, from shoulder to tip, with coverts and long feathers below them."""
    (x, y), (a, b) = shoulder, tip

    def at(along: float, across: float) -> Point:
        return x + along * (a - x) - across * depth * 0.3, y + along * (b - y) + across * depth

    feathers = [at(-0.04, 0), at(0.15, -0.32), at(0.55, -0.26), at(1, 0), at(0.7, 0.34),
                at(0.35, 0.62), at(0.06, 0.5)]  # fmt: skip
    f.blob(feathers, f.gradient(shade(quills, 0.12), shade(quills, -0.2)))
    with f.clipped(smooth(feathers)):
        for lane in (0.06, 0.2, 0.34, 0.48):
            f.curve([at(0.3, lane), at(0.65, lane * 0.7), at(1, 0.02)], shadow_of(quills),
                    0.035 * depth, 0.55)  # fmt: skip
            f.curve([at(0.3, lane + 0.04), at(0.65, lane * 0.7 + 0.04), at(1, 0.06)],
                    shade(quills, 0.4), 0.025 * depth, 0.4)  # fmt: skip
        if bar:
            f.curve([at(0.42, -0.3), at(0.36, 0.1), at(0.3, 0.66)], bar, 0.1 * depth)
    coverts = [at(-0.04, 0), at(0.13, -0.31), at(0.36, -0.28), at(0.42, 0.02), at(0.3, 0.4),
               at(0.06, 0.46)]  # fmt: skip
    f.blob(coverts, f.gradient(shade(colour, 0.22), colour, shade(colour, -0.18)))


def feather_tail(
    f: Figure, root: Point, tip: Point, widths: tuple[float, float], colour: str, count: int = 3
) -> None:
    """Adds a straight tail of a few long feathers, narrower at its root."""
    (x, y), (a, b) = root, tip
    length = ((a - x) ** 2 + (b - y) ** 2) ** 0.5
    across = (-(b - y) / length, (a - x) / length)
    for index in range(count):
        share = (index / max(count - 1, 1) - 0.5) * 2
        near, far = share * widths[0] / 2, share * widths[1] / 2
        start = (x + across[0] * near, y + across[1] * near)
        end = (a + across[0] * far, b + across[1] * far)
        f.limb([start, ((x + a) / 2 + across[0] * far * 0.7, (y + b) / 2 + across[1] * far * 0.7),
                end],
               [widths[0] * 0.6, widths[1] * 0.6, widths[1] * 0.3],
               mix(colour, shadow_of(colour), 0.12 + 0.18 * index / count))  # fmt: skip


def bird_leg(f: Figure, hip: Point, foot_x: float, thick: float, colour: str, toes: float) -> None:
    """Adds a thin leg with toes on the ground."""
    x, y = hip
    ankle = ((x + foot_x) / 2 - 0.08 * -y, 0.45 * y)
    f.line([hip, ankle, (foot_x, -0.5 * thick)], colour, thick)
    for reach in (1, 0.62, -0.5):
        f.curve([(foot_x, -0.9 * thick), (foot_x + 0.5 * reach * toes, -0.7 * thick),
                 (foot_x + reach * toes, -0.4 * thick)], colour, 0.8 * thick)  # fmt: skip


def bird_eye(f: Figure, x: float, y: float, size: float, iris: str | None = None) -> None:
    """Adds a round eye; `iris` is the colour around a pupil."""
    f.circle(x, y, size * 1.2, iris or "#1c1512")
    f.circle(x, y, size * (0.72 if iris else 0.95), "#0c0909")
    f.circle(x + 0.3 * size, y - 0.35 * size, 0.34 * size, "#ffffff", opacity=0.95)


def beak(
    f: Figure, x: float, y: float, length: float, depth: float, colour: str, hook: float = 0
) -> None:
    """Adds a pointed beak from its root (x, y) to the right; `hook` bends its tip down."""
    upper = [(x - 0.1 * length, y - 0.55 * depth), (x + 0.5 * length, y - 0.42 * depth),
             (x + length, y + hook * depth), (x + 0.5 * length, y + 0.1 * depth),
             (x - 0.1 * length, y + 0.1 * depth)]  # fmt: skip
    lower = [(x - 0.1 * length, y), (x + 0.5 * length, y + 0.08 * depth),
             (x + (0.85 - 0.3 * hook) * length, y + 0.12 * depth),
             (x + 0.3 * length, y + 0.46 * depth),
             (x - 0.1 * length, y + 0.5 * depth)]  # fmt: skip
    f.blob(lower, shade(colour, -0.3))
    f.blob(upper, f.gradient(shade(colour, 0.2), shade(colour, -0.1)))
    f.curve(
        [(x, y - 0.3 * depth), (x + 0.4 * length, y - 0.24 * depth)], "#ffffff", 0.08 * depth, 0.35
    )


def cheek_light(f: Figure, x: float, y: float, radius: float) -> None:
    """Adds soft light on the side of a head."""
    soft_spot(f, x, y, radius, 0.8 * radius, "#fff6e0", 0.28)
