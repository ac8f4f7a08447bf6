"""Birds in the air: gulls, eagles, pigeons, swallows and parrots."""

from dataclasses import dataclass
from random import Random

from voc_demo.animals import bird_parts as part
from voc_demo.figure import Figure, shadow_of, soft_spot
from voc_demo.sketch import Point, clear, mix, shade, smooth


@dataclass(frozen=True)
class _Flyer:
    """A bird of a length; `chord` is how broad its wings are, `fingers` how spread their tips."""

    length: float
    span: float  # of one wing, in lengths
    chord: float
    fingers: float
    back: str
    belly: str
    head: str
    tips: str
    tail: str
    beak: str
    hook: float
    fork: float  # how far the tail's sides stand apart


_FLYERS = (
    _Flyer(56, 1.15, 0.85, 0.1, "#b4bcc6", "#f5f3ee", "#f6f4ef", "#35353a", "#f5f3ee", "#e2b33c",
           0.15, 0.7),  # gull
    _Flyer(80, 1.2, 1.02, 1, "#4f3826", "#46321f", "#f3efe6", "#33251a", "#f3efe6", "#e5b03a",
           0.5, 1),  # bald eagle
    _Flyer(78, 1.2, 1.05, 1, "#6b4a2c", "#5b4027", "#a87e48", "#3a2a1d", "#5a4129", "#4b443d",
           0.5, 1),  # golden eagle
    _Flyer(33, 0.95, 1.05, 0.35, "#8d97a6", "#9aa3ae", "#566074", "#4c5260", "#6c7686", "#55504c",
           0.1, 0.9),  # pigeon
    _Flyer(19, 1.05, 0.6, 0.05, "#26355c", "#f0e4d4", "#26355c", "#1e2946", "#26355c", "#2c2a2c",
           0.1, 2),  # swallow
    _Flyer(60, 0.95, 1.05, 0.5, "#c8322c", "#d2413a", "#c8322c", "#2f62b0", "#c8322c", "#efe6d2",
           0.6, 0.5),  # macaw
)  # fmt: skip


def fly(f: Figure, random: Random) -> None:
    """Adds a bird in flight, from the side or from above."""
    look = random.choice(_FLYERS)
    with f.moved(scale=look.length):
        if random.random() < 0.6:
            _from_side(f, random, look)
        else:
            _from_above(f, random, look)


def _from_side(f: Figure, random: Random, look: _Flyer) -> None:
    with f.moved(angle=random.uniform(-18, 6)):
        up = random.random() < 0.7
        near = random.uniform(-30, -4) if up else random.uniform(150, 176)
        far = random.uniform(6, 24) if up else random.uniform(20, 40)
        with f.moved(0.16, -0.06, far, look.span * 0.92):
            _wing(f, look, mix(look.back, shadow_of(look.back), 0.3), 1)
        _tail(f, look)
        _body(f, random, look)
        with f.moved(0.1, -0.04, near, look.span):
            _wing(f, look, look.back, 1 if up else -1)


def _from_above(f: Figure, random: Random, look: _Flyer) -> None:
    with f.moved(angle=random.uniform(-50, -5)):
        sweep = random.uniform(-6, 14)
        for side in (1, -1):
            angle = -sweep if side > 0 else 180 + sweep
            with f.moved(0.1, -0.03 * side, angle, look.span * (0.9 if side > 0 else 1)):
                _wing(f, look, look.back, side)
        _tail(f, look)
        _body(f, random, look)


def _wing(f: Figure, look: _Flyer, colour: str, side: float) -> None:
    """Adds a spread wing from (0, 0) upwards; its front edge is right, or left if side is -1."""
    c = look.chord

    def at(x: float, y: float) -> Point:
        return side * x * c, y

    dark = mix(look.tips, shadow_of(look.tips), 0.0 if colour == look.back else 0.3)
    tips = 7
    for index in range(tips):  # the long feathers at the tip
        share = index / (tips - 1)
        spread = 0.22 * look.fingers
        end = at(-0.16 - 0.2 * share - spread * (share - 0.3), -1.04 + 0.36 * share)
        f.limb([at(0.12 - 0.14 * share, -0.46), at(0.02 - 0.22 * share, -0.75), end],
               [0.08 * c, 0.1 * c, 0.03 * c], shade(dark, 0.1 * (index % 2)))  # fmt: skip
    for index in range(8):  # the feathers along the arm
        share = index / 7
        start, end = at(0.1, -0.08 - 0.42 * share), at(-0.26 - 0.05 * share, -0.04 - 0.58 * share)
        f.limb([start, end], [0.14 * c, 0.11 * c], mix(colour, dark, 0.2 + 0.1 * (index % 2)))
    arm = [at(0.14, 0.04), at(0.2, -0.2), at(0.2, -0.42), at(0.12, -0.62), at(-0.02, -0.84),
           at(-0.06, -0.62), at(-0.1, -0.4), at(-0.12, -0.16), at(-0.12, 0.04)]  # fmt: skip
    f.blob(arm, f.gradient(mix(colour, dark, 0.35), shade(colour, 0.14), colour))
    with f.clipped(smooth(arm)):
        for row in range(3):
            x = 0.08 - 0.07 * row
            line = [at(x, 0), at(x + 0.03, -0.4), at(x - 0.04, -0.8)]
            f.curve(line, shadow_of(colour), 0.012, 0.3)
        soft_spot(f, *at(0.16, -0.3), 0.1, 0.34, "#fff8ea", 0.35)


def _body(f: Figure, random: Random, look: _Flyer) -> None:
    outline: list[Point] = [
        (0.46, -0.05), (0.4, -0.12), (0.3, -0.13), (0.1, -0.14), (-0.14, -0.09), (-0.34, -0.03),
        (-0.34, 0.02), (-0.12, 0.09), (0.12, 0.12), (0.3, 0.08), (0.42, 0.02),
    ]  # fmt: skip
    f.blob(outline, look.belly)
    dark = shadow_of(look.belly)
    with f.clipped(smooth(outline)):
        f.blob(
            [(-0.5, -0.3), (0.5, -0.3), (0.46, -0.06), (0.2, -0.04), (-0.2, -0.02), (-0.5, 0)],
            look.back,
        )
        f.blob([(0.28, -0.3), (0.25, -0.02), (0.3, 0.3), (0.6, 0.2), (0.6, -0.3)], look.head)
        f.rect(-0.4, -0.15, 0.9, 0.12, f.gradient(clear("#fff8ea", 0.4), clear("#fff8ea", 0)))
        f.rect(-0.4, 0, 0.9, 0.13, f.gradient(clear(dark, 0), clear(dark, 0.5)))
    part.beak(f, 0.45, -0.035, 0.12, 0.07, look.beak, look.hook)
    part.bird_eye(f, 0.4, -0.06, 0.017, "#e8c75a" if look.hook > 0.4 else None)


def _tail(f: Figure, look: _Flyer) -> None:
    for index in range(5):
        share = (index - 2) / 2
        reach = 0.56 + (0.22 * abs(share) if look.fork > 1.5 else 0.02 * (2 - abs(index - 2)))
        end = (-reach, 0.09 * share * look.fork - 0.01)
        f.limb([(-0.24, 0.02 * share), end], [0.06, 0.085 if look.fork < 1.5 else 0.04],
               mix(look.tail, shadow_of(look.tail), 0.1 + 0.12 * (index % 2)))  # fmt: skip
