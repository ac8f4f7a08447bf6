"""People from the side: standing, walking, sitting and riding."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from voc_demo.figure import Figure, shadow_of
from voc_demo.people import parts as part
from voc_demo.people.head import side_head
from voc_demo.people.look import Look
from voc_demo.sketch import Point, limb_outline, mix, shade

# Degrees; of limbs from straight down, forward is positive.
Angles = tuple[float, float]


@dataclass(frozen=True)
class Posture:
    """How somebody holds the body: lean, and thigh and shin, upper arm and forearm of each side."""

    lean: float
    leg: Angles
    far_leg: Angles | None
    arm: Angles
    far_arm: Angles
    toes: float = 0  # how much the near toes point down
    far_toes: float = 0


def standing(random: Random) -> Posture:
    """Returns somebody at ease."""
    bend = random.uniform(8, 40) if random.random() < 0.6 else random.uniform(70, 100)
    swing = random.uniform(-4, 10)
    return Posture(random.uniform(-1, 3), (3, -1), (-5, -8), (swing - 4, swing + bend - 8),
                   (swing + 6, swing + 20))  # fmt: skip


def walking(random: Random) -> Posture:
    """Returns somebody in the middle of a step."""
    stride, swing = random.uniform(0.8, 1.25), random.uniform(0.7, 1.3)
    ahead, behind = (25 * stride, 12 * stride), (-14 * stride, -38 * stride)
    front, back = (24 * swing, 50 * swing), (-28 * swing, -8 * swing)
    lean = random.uniform(2, 6)
    if random.random() < 0.5:
        return Posture(lean, ahead, behind, back, front, -14, 34)
    return Posture(lean, behind, ahead, front, back, 34, -14)


def sitting(random: Random) -> Posture:
    """Returns somebody on a chair, with the hands in the lap or before the chest."""
    rest = random.choice([(14, 74), (10, 80), (24, 96)])
    knee = random.uniform(86, 90)
    return Posture(random.uniform(-9, 3), (knee, random.uniform(-8, 8)),
                   (knee - 3, random.uniform(4, 16)), rest,
                   (rest[0] + 6, rest[1] + 6))  # fmt: skip


def riding(random: Random, both_legs: bool) -> Posture:
    """Returns somebody leaning forward, hands ahead; arms are bent to reach later."""
    lean = random.uniform(14, 22)
    if both_legs:
        return Posture(lean, (38, -8), (68, -6), (0, 0), (0, 0), 8, 6)
    return Posture(lean, (52, -6), None, (0, 0), (0, 0), 4)


def side_person(
    f: Figure, random: Random, look: Look, posture: Posture, hands: Point | None = None
) -> None:
    """Adds somebody looking right, the hips at (0, 0); `hands` is where they reach to."""
    h = look.height
    rise = look.shoulder - look.hip
    shoulder = _polar((0, 0), 0.94 * rise, 180 - posture.lean)
    neck = _polar((0, 0), 1.08 * rise, 180 - posture.lean - 1)
    upright = 0.55 * posture.lean
    head = _polar(neck, 0.63 * look.head, 180 - upright)
    _arm(f, look, shoulder, posture.far_arm, hands and (hands[0] + 2, hands[1] - 1), shady=True)
    if posture.far_leg:
        _leg(f, look, posture.far_leg, posture.far_toes, shady=True)
    sits = posture.leg[0] > 60
    if not sits:
        _leg(f, look, posture.leg, posture.toes, seat=True)
    f.limb([neck, (neck[0] + 0.008 * h, part.between(neck, head, 0.7)[1])], [0.06 * h, 0.052 * h],
           mix(look.skin, "#4a2018", 0.25))  # fmt: skip
    _torso(f, look, posture)
    if sits:
        _leg(f, look, posture.leg, posture.toes, seat=True)
    if look.bottom in ("skirt", "dress"):
        _skirt(f, look, posture)
    with f.moved(
        head[0] + 0.1 * look.head, head[1], 0.4 * upright + random.uniform(-4, 3), look.head
    ):
        side_head(f, random, look)
    _arm(f, look, shoulder, posture.arm, hands)


def _polar(start: Point, length: float, angle: float) -> Point:
    a = math.radians(angle)
    return start[0] + length * math.sin(a), start[1] + length * math.cos(a)


def _knee_and_ankle(look: Look, angles: Angles) -> tuple[Point, Point]:
    length = look.hip - 0.045 * look.height
    knee = _polar((0, 0), 0.5 * length, angles[0])
    return knee, _polar(knee, 0.5 * length, angles[1])


def _leg(
    f: Figure, look: Look, angles: Angles, toes: float, shady: bool = False, seat: bool = False
) -> None:
    """Adds a leg from the hips at (0, 0), in trousers also the `seat` if wanted."""
    h = look.height
    knee, ankle = _knee_and_ankle(look, angles)
    thigh, calf = part.between((0, 0), knee, 0.5), part.between(knee, ankle, 0.4)
    line = [(0.0, 0.0), thigh, knee, calf, ankle]
    if look.bottom != "trousers":
        skin = part.in_shade(look.skin) if shady else look.skin
        bare = limb_outline(line, [0.1 * h, 0.09 * h, 0.062 * h, 0.066 * h, 0.034 * h])
        with part.rounded(f, [bare], skin):
            pass
        sock = [part.between(knee, ankle, 0.85), ankle, _polar(ankle, 0.03 * h, angles[1])]
        f.limb(sock, [0.044 * h, 0.042 * h, 0.04 * h], "#f2eee6")
    part.side_shoe(f, look, ankle, toes, shady)
    if look.bottom == "shorts":
        line = [line[0], thigh, part.between((0, 0), knee, 0.92)]
    if look.bottom in ("trousers", "shorts"):
        colour = part.in_shade(look.bottom_colour) if shady else look.bottom_colour
        _trouser_leg(f, look, line, colour, [_seat(look, angles[0])] if seat else [])


def _trouser_leg(
    f: Figure, look: Look, line: list[Point], colour: str, seat: list[list[Point]]
) -> None:
    """Adds one leg of trousers or shorts along a line, with their seat if there is one."""
    h, stout = look.height, 0.6 + 0.4 * look.stout
    widths = [0.118 * h * stout, 0.1 * h * stout, 0.078 * h, 0.074 * h, 0.06 * h]
    if look.bottom == "shorts":
        widths[2:] = [0.09 * h]
    with part.rounded(f, [limb_outline(line, widths), *seat], colour):
        if look.bottom == "trousers":
            x, y = line[2]
            crease = [(x - 0.03 * h, y), (x, y + 0.008 * h), (x + 0.03 * h, y)]
            part.fold(f, crease, colour, 0.006 * h)
        part.fold(f, [(0, 0.04 * h), (0.03 * h, 0.03 * h), (0.05 * h, 0.0)], colour, 0.006 * h)


def _seat(look: Look, thigh: float) -> list[Point]:
    """Returns the outline of what trousers cover above the legs."""
    h, wide = look.height, 0.057 * look.height * (0.6 + 0.4 * look.stout)
    if thigh > 60:
        return [(-1.1 * wide, -0.02 * h), (-0.9 * wide, 0.75 * wide), (0, wide),
                (0.06 * h, 0.8 * wide), (0.06 * h, -0.8 * wide),
                (-0.2 * wide, -1.05 * wide)]  # fmt: skip
    up = 0.06 * h
    return [(-wide, -up), (-1.1 * wide, -0.1 * up), (-0.8 * wide, 0.6 * up), (0, 0.8 * up),
            (0.9 * wide, 0.3 * up), (wide, -up), (0, -1.1 * up)]  # fmt: skip


def _spine(look: Look, lean: float) -> list[Point]:
    """Returns the middle of the trunk, from below the hips to the neck."""
    shape = (
        (-0.12, -0.004),
        (0.06, -0.004),
        (0.36, 0.008),
        (0.68, 0.012),
        (0.94, -0.002),
        (1.06, 0),
    )
    points = []
    for share, forward in shape:
        x, y = _polar((0, 0), share * (look.shoulder - look.hip), 180 - lean)
        points.append((x + forward * look.height, y))
    return points


def _torso(f: Figure, look: Look, posture: Posture) -> None:
    h, stout, colour = look.height, 0.45 + 0.55 * look.stout, look.top_colour
    line = _spine(look, posture.lean)
    bust = 0.008 if look.broad < 0.3 and look.grown else 0
    widths = [w * h * stout for w in (0.108, 0.114, 0.108, 0.13 + bust, 0.1, 0.05)]
    start = 1 if posture.leg[0] < 60 else 0
    outline = limb_outline(line[start:], widths[start:])
    with part.rounded(f, [outline], colour):
        if look.top == "striped":
            for index in range(14):
                share = 0.06 + index * 0.08
                x, y = _polar((0, 0), share * (look.shoulder - look.hip), 180 - posture.lean)
                u, v = _polar((0, 0), 0.2 * h, 90 - posture.lean)
                f.line([(x - u, y - v), (x + u, y + v)], look.accent, 0.012 * h)
        for share in (0.16, 0.3):
            x, y = _polar((0, 0), share * (look.shoulder - look.hip), 180 - posture.lean)
            crease = [(x - 0.05 * h, y - 0.01 * h), (x, y + 0.006 * h), (x + 0.03 * h, y)]
            part.fold(f, crease, colour, 0.006 * h)
        if look.top in ("shirt", "jacket", "hoodie"):
            _front_edge(f, look, line)
    if look.top in ("shirt", "jacket", "hoodie"):
        x, y = line[-1]
        collar = [(x - 0.03 * h, y - 0.008 * h), (x + 0.03 * h, y + 0.012 * h)]
        f.limb(collar, [0.04 * h, 0.032 * h], shade(colour, 0.14))


def _front_edge(f: Figure, look: Look, line: Sequence[Point]) -> None:
    edge = [(x + 0.045 * look.height, y) for x, y in line[1:]]
    f.curve(edge, shadow_of(look.top_colour), 0.005 * look.height, 0.45)


def _skirt(f: Figure, look: Look, posture: Posture) -> None:
    h = look.height
    colour = look.top_colour if look.bottom == "dress" else look.bottom_colour
    waist = 0.3 * (look.shoulder - look.hip)
    knee, _ = _knee_and_ankle(look, posture.leg)
    far_knee, _ = _knee_and_ankle(look, posture.far_leg or posture.leg)
    if posture.leg[0] > 60:  # sitting: over the thighs
        outline: list[Point] = [
            (-0.05 * h, -waist), (0.05 * h, -waist), (0.07 * h, -0.05 * h),
            (knee[0] + 0.02 * h, knee[1] - 0.036 * h), (knee[0] + 0.05 * h, knee[1] + 0.03 * h),
            (knee[0] - 0.02 * h, knee[1] + 0.07 * h), (0, 0.062 * h), (-0.065 * h, 0.02 * h),
        ]  # fmt: skip
        creases = [[(0.02 * h, -0.04 * h), (0.5 * knee[0], 0.0), (knee[0], knee[1] + 0.02 * h)]]
    else:
        ahead, behind = max(knee[0], far_knee[0]), min(knee[0], far_knee[0])
        hem = max(knee[1], far_knee[1]) + 0.02 * h
        outline = [
            (-0.048 * h, -waist), (0.052 * h, -waist), (0.07 * h, 0), (ahead + 0.055 * h, hem),
            (0.5 * (ahead + behind), hem + 0.014 * h), (behind - 0.055 * h, hem), (-0.075 * h, 0),
        ]  # fmt: skip
        creases = [
            [(s * 0.02 * h, -0.4 * waist), (s * 0.03 * h, 0.1 * h), (s * 0.05 * h, hem)]
            for s in (-1, 0.4)
        ]
    with part.rounded(f, [outline], colour):
        for crease in creases:
            part.fold(f, crease, colour, 0.009 * h)


def _arm(
    f: Figure, look: Look, shoulder: Point, angles: Angles, hand: Point | None, shady: bool = False
) -> None:
    h = look.height
    upper, fore = 0.172 * h, 0.15 * h
    if hand is None:
        elbow = _polar(shoulder, upper, angles[0])
        wrist = _polar(elbow, fore, angles[1])
    else:
        elbow, wrist = _reach(shoulder, hand, upper, fore, 0.05 * h)
    part.arm(f, look, [shoulder, elbow, wrist], shady)


def _reach(
    shoulder: Point, hand: Point, upper: float, fore: float, palm: float
) -> tuple[Point, Point]:
    """Returns elbow and wrist of an arm that holds something at `hand`, its elbow down."""
    a, b = hand[0] - shoulder[0], hand[1] - shoulder[1]
    far = math.hypot(a, b)
    length = min(max(far - palm, abs(upper - fore) + 1), 0.99 * (upper + fore))
    wrist = (shoulder[0] + a / far * length, shoulder[1] + b / far * length)
    bend = math.acos((upper**2 + length**2 - fore**2) / (2 * upper * length))
    turn = math.atan2(b, a) + bend
    return (shoulder[0] + upper * math.cos(turn), shoulder[1] + upper * math.sin(turn)), wrist
