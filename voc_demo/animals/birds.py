"""Birds on the ground: songbirds, parrots, ducks, hens and herons."""

from dataclasses import dataclass
from random import Random

from voc_demo.animals import bird_parts as part
from voc_demo.animals.bird_flight import fly
from voc_demo.figure import Figure, hairs, scattered, shadow_of, soft_spot
from voc_demo.sketch import Drawing, Point, limb_outline, mix, shade, smooth


def draw_bird(random: Random, flying: bool = False) -> Drawing:
    """Draws a bird: a songbird, parrot, duck, hen or heron, or one in the air."""
    f = Figure()
    if flying:
        fly(f, random)
    else:
        kinds = [_songbird, _songbird, _songbird, _parrot, _duck, _hen, _heron]
        random.choice(kinds)(f, random)
    return f.drawing()


@dataclass(frozen=True)
class _Song:
    """The colours of a songbird."""

    back: str
    breast: str
    wing: str
    cap: str | None = None
    cheek: str | None = None
    bib: str | None = None
    bar: str | None = None
    beak: str = "#4a4440"


_SONGBIRDS = (
    _Song("#8a7350", "#efe8da", "#7a6445", bib="#d9672b", cheek="#d9672b"),  # robin
    _Song(
        "#8fa04f", "#eccb3e", "#4f7fb8", cap="#3f78c0", cheek="#f3f1ea", bar="#f3f1ea"
    ),  # blue tit
    _Song("#2a2829", "#333032", "#232122", beak="#e09a2a"),  # blackbird
    _Song(
        "#a3744a",
        "#dcd2c0",
        "#7d5433",
        cap="#7b7670",
        cheek="#e9e2d4",
        bib="#2f2723",
        bar="#efe7d8",
    ),
    _Song("#8d93a0", "#c9806a", "#3a3a40", cap="#6e86a6", bar="#f1eee8"),  # chaffinch
    _Song("#4d7fc0", "#d98a4e", "#3b6cae", beak="#3c3836"),  # bluebird
    _Song("#c23a30", "#cf4b3d", "#a02c28", bib="#2b2020", beak="#e07a3a"),  # cardinal
    _Song(
        "#d9b32f", "#edcf4a", "#3a3530", cap="#2c2826", bar="#f2efe4", beak="#d98f4a"
    ),  # goldfinch
)


def _songbird(f: Figure, random: Random) -> None:
    look = random.choice(_SONGBIRDS)
    plump, tilt = random.uniform(0.94, 1.12), random.uniform(-12, 10)
    for foot, thick in ((2.2, 0.42), (0.6, 0.46)):
        part.bird_leg(f, (0.3 * foot, -4), foot, thick, "#6b5548" if foot < 1 else "#54433a", 1.7)
    with f.moved(0, -7, tilt):
        part.feather_tail(f, (-4, 1.4), (-11.5, 4.2), (1.6, 2.4), look.wing)
        outline: list[Point] = [
            (2.8, -7.6), (5.2, -6.6), (6.1, -4.6), (5.6, -2.8), (5.6 * plump, 0),
            (3.2, 3.6 * plump),
            (-1.6, 4), (-5.4, 2.4), (-4.6, -0.2), (-1.8, -3.4), (0.4, -6.4),
        ]  # fmt: skip
        part.plumage(f, random, outline, look.back, look.breast, 42)
        with f.clipped(smooth(outline)):
            _song_marks(f, look)
        part.folded_wing(
            f, (2.4, -2.2), (-8, 3), 5, look.back if look.bar else look.wing, look.wing, look.bar
        )
        part.beak(f, 5.8, -5.1, 1.7, 1.0, look.beak)
        part.bird_eye(f, 4.2, -5.5, 0.55)
    if look.beak == "#e07a3a":
        with f.moved(0, -7, tilt):
            f.blob([(4.6, -6.9), (3, -8.6), (-0.8, -10.2), (0.2, -7.4), (1, -5.6)], look.back)


def _song_marks(f: Figure, look: _Song) -> None:
    if look.bib:
        f.blob([(7, -5.6), (5, -5.2), (3.6, -3.6), (3.4, -0.8), (5, 0.6), (8, 0)], look.bib)
    if look.cheek:
        f.blob(
            [(6.4, -5.2), (4.4, -5.4), (1.6, -5.2), (1.4, -3.6), (3.6, -2.8), (6, -3.6)], look.cheek
        )
    if look.cap:
        f.blob([(7, -5.9), (4.6, -5.9), (1.6, -5), (-0.8, -6), (2.4, -9.4), (6, -8.4)], look.cap)
    part.cheek_light(f, 3, -6, 2.6)


def _parrot(f: Figure, random: Random) -> None:
    body, wing, tail, face, bill = random.choice(
        [
            ("#c8322c", "#2f62b0", "#c8322c", "#f2ece2", "#e9dfc8"),
            ("#3f9a48", "#2f7f40", "#2f7f40", "#e7c53f", "#54504a"),
            ("#2d6fb5", "#2a62a6", "#2a62a6", "#f2efe6", "#2d2a2a"),
            ("#8d8f94", "#7b7d83", "#c23a33", "#d6d6d6", "#2d2a2a"),
        ]
    )  # fmt: skip
    breast = {"#2d6fb5": "#eeb52f"}.get(body, shade(body, 0.08))
    long = 1 if tail != "#c23a33" else 0.5
    tilt = random.uniform(-4, 10)
    for foot in (5.5, 1.5):
        part.bird_leg(f, (foot - 1, -9), foot, 1.5 if foot < 3 else 1.3, "#5d5751", 3.6)
    with f.moved(0, -20, tilt):
        part.feather_tail(f, (-8, 10), (-14 - 20 * long, 14 + 4 * long), (5, 5.5), tail)
        outline: list[Point] = [
            (7, -22), (12, -20), (14, -15), (12.5, -10), (12, -2), (9, 7), (2, 12), (-7, 13),
            (-9, 8),
            (-4, -2), (1, -12), (2.6, -18),
        ]  # fmt: skip
        part.plumage(f, random, outline, body, breast, 52)
        with f.clipped(smooth(outline)):
            f.ellipse(11.5, -15.5, 4.4, 4, face)
            soft_spot(f, 6, -18, 6, 6, "#fff4dc", 0.3)
        part.folded_wing(f, (5, -7), (-14, 14), 12, body if wing == "#2f62b0" else wing, wing,
                         "#e7b93a" if wing == "#2f62b0" else None)  # fmt: skip
        _hooked_bill(f, bill)
        part.bird_eye(f, 9.6, -17, 1, "#e9d27a")


def _hooked_bill(f: Figure, colour: str) -> None:
    f.blob([(12, -14), (15, -13), (15.4, -10.4), (13, -10.6)], "#35302e")
    f.blob([(12, -19), (16.4, -18), (18.4, -14), (17, -9.6), (15.8, -13), (12.6, -13.6)],
           f.gradient(shade(colour, 0.3), shade(colour, -0.15)))  # fmt: skip


def _duck(f: Figure, random: Random) -> None:
    drake = random.random() < 0.6
    white = random.random() < 0.25
    base, breast, head = (
        ("#b9b4ab", "#6b3d28", "#1f6a4c") if drake else ("#94744f", "#a3835c", "#8a6b4a")
    )
    if white:
        base, breast, head = "#f3efe6", "#f3efe6", "#f3efe6"
    for foot in (5, -1):
        part.bird_leg(f, (foot - 1, -8), foot, 1.5, "#d9822b" if foot < 3 else "#b86a22", 4.4)
        f.polygon([(foot, -1.4), (foot + 5.4, 0), (foot - 1.5, 0)], "#d9822b")
    stretch = random.uniform(-1.5, 3)
    neck = limb_outline([(12, -17), (17, -24 - stretch / 2), (18.5, -31 - stretch)], [12, 7.4, 7])
    skull: list[Point] = [
        (14, -33), (17, -37.4), (21, -37), (23.6, -33.4), (22, -30), (18, -28.6), (14.6, -30),
    ]  # fmt: skip
    part.feather_tail(f, (-19, -15), (-29, -20), (6, 4), shade(base, 0.25) if not white else base)
    f.blob(neck, f.gradient(head, head, shade(head, -0.2)) if not drake else head)
    body: list[Point] = [
        (-24, -17), (-14, -22), (0, -24), (10, -24), (17, -21), (19.5, -15), (15, -9), (4, -6),
        (-10, -6.6), (-20, -10),
    ]  # fmt: skip
    part.plumage(f, random, body, base, base, 0)
    with f.clipped(smooth(body)):
        f.blob([(6, -30), (9, -18), (7, -4), (24, -4), (24, -28)], breast)
        if not drake:
            spots = scattered(random, -24, -24, 20, -6, 90)
            f.path(hairs(random, spots, 2.2, 170, 30), None, "#5a4029", 0.9, 0.55)
        soft_spot(f, 8, -7, 18, 5, shadow_of(breast), 0.4)
    part.folded_wing(f, (8, -18), (-23, -15), 11, shade(base, -0.06), mix(base, "#4d4038", 0.35),
                     None if white else "#3b62b0")  # fmt: skip
    with f.moved(0, -stretch):
        f.blob(skull, f.gradient(shade(head, 0.25), head, shade(head, -0.2)))
        if drake and not white:
            f.curve([(14.6, -25.6), (18, -24.6), (21, -26)], "#f3efe6", 1.4)
        bill = "#dfae2f" if drake or white else "#c07a3a"
        f.blob([(22, -34), (25, -33.2), (30, -31.6), (30.4, -30), (26, -29.6), (22, -30)],
               f.gradient(shade(bill, 0.2), shade(bill, -0.2)))  # fmt: skip
        part.cheek_light(f, 18, -34.6, 3)
        part.bird_eye(f, 20, -34, 0.85)


def _hen(f: Figure, random: Random) -> None:
    base, tail = random.choice([
        ("#a3552c", "#2c2a2a"), ("#f1ece2", "#f1ece2"), ("#3a3432", "#232122"),
        ("#c98a4b", "#4a3426"),
    ])  # fmt: skip
    cock = random.random() < 0.4
    for foot in (5, 0):
        part.bird_leg(f, (foot - 1, -11), foot, 1.5 if foot < 3 else 1.3, "#d9a038", 4.4)
    sickles = 6 if cock else 4
    for index in range(sickles):
        rise = 13 + 2.4 * index if cock else 8 + 2 * index
        line: list[Point] = [
            (-12, -21), (-18 - 0.6 * index, -26 - rise * 0.7), (-25 + index * 0.4, -25 - rise),
            (-29 - 0.6 * index, -18 - rise * (0.4 if cock else 0.95)),
        ]  # fmt: skip
        f.limb(line, [6, 6, 4, 1.2], mix(tail, shadow_of(tail), 0.3 * (index % 2)))
    body: list[Point] = [
        (15, -41), (18.6, -38), (18, -32), (19, -25), (17, -17), (9, -10.4), (-3, -9.4), (-12, -14),
        (-19, -24), (-17, -30), (-9, -27), (-1, -26), (6, -29), (10, -36),
    ]  # fmt: skip
    part.plumage(f, random, body, base, mix(base, "#fff0d8", 0.1), 12)
    spots = scattered(random, -14, -26, 14, -12, 40)
    with f.clipped(smooth(body)):
        f.path(hairs(random, spots, 2.4, 150, 20), None, shadow_of(base), 0.4, 0.2)
        f.blob(
            [(9, -38), (7, -28), (12, -24), (20, -26), (20, -38)],
            mix(base, "#e0a34e", 0.45 if cock else 0.12),
        )
    part.folded_wing(f, (8, -25), (-14, -20), 13, base, mix(base, shadow_of(base), 0.15))
    _comb(f, "#c92f2b")
    part.beak(f, 18, -38, 3.6, 2.8, "#e0b04a", 0.3)
    part.bird_eye(f, 16.4, -38, 0.75, "#e6a83a")


def _comb(f: Figure, red: str) -> None:
    """Adds comb, wattle and face of a hen."""
    comb: list[Point] = [
        (11, -39), (10, -43), (12, -42.4), (13, -46), (15, -43), (17, -45.6), (18, -42.4),
        (20, -42), (18.6, -39),
    ]  # fmt: skip
    f.blob(comb, red)
    f.blob([(17, -36), (19.4, -34), (19, -30.5), (17, -32)], f.gradient(red, shade(red, -0.2)))
    f.ellipse(16.4, -37.2, 2.2, 2, red)


def _heron(f: Figure, random: Random) -> None:
    base, white = "#8c96a3", random.random() < 0.3
    if white:
        base = "#f2f0ea"
    legs = "#3a3733" if white else "#a08a52"
    for foot in (6, -2):
        part.bird_leg(f, (foot * 0.5 - 3, -42), foot, 1.7 if foot < 3 else 1.5, legs, 7)
    part.feather_tail(f, (-18, -40), (-32, -33), (8, 6), shade(base, -0.1))
    bend = random.uniform(-3, 4)
    throat = limb_outline(
        [(8, -50), (17, -60), (13 - bend, -74), (16 - bend, -87), (21, -93)], [15, 8, 6, 5, 6]
    )
    f.blob(throat, f.gradient(*(["#f2f0ea"] * 2 + [shade(base, 0.3)]), horizontal=True))
    f.curve([(13, -55), (19, -61), (15.6 - bend, -73)], shadow_of(base), 1, 0.35)
    body: list[Point] = [
        (-24, -38), (-14, -50), (0, -57), (10, -58), (15, -52), (12, -45), (2, -40), (-12, -37),
    ]  # fmt: skip
    part.plumage(f, random, body, base, shade(base, 0.35), -8)
    part.folded_wing(f, (9, -54), (-28, -37), 14, base, "#dfdcd4" if white else "#4d545f")
    f.blob([(16, -92), (18, -97), (23, -98), (27, -95), (25, -91.6), (20, -90.4)], "#f2f0ea")
    f.limb(
        [(24, -96.6), (17, -97.4), (6, -94 + bend)], [1.6, 2.6, 0.5], base if white else "#2a2a30"
    )
    part.beak(f, 26, -94.4, 14, 3.4, "#d9a23a")
    part.bird_eye(f, 23.6, -95, 0.9, "#e7cd4a")
