"""Dogs."""

from dataclasses import dataclass, replace
from random import Random

from voc_demo.animals import quadrupeds as quad
from voc_demo.animals.dog_head import Ears, Head, dog_head
from voc_demo.figure import Figure, hairs, patch, scattered, shadow_of, soft_spot
from voc_demo.sketch import Drawing, Point, limb_outline, mix


@dataclass(frozen=True)
class _Breed:
    """A kind of dog, in centimetres."""

    height: float  # at the withers
    length: float
    chest: float  # depth
    head: float  # length
    muzzle: float  # longer or shorter than usual
    ears: Ears
    tail: str  # "up", "curled", "hanging", "docked"
    shaggy: bool
    colours: tuple[tuple[str, str], ...]  # coat and markings
    marks: str  # "none", "saddle", "patches", "points"


_BREEDS = (
    _Breed(57, 62, 27, 26, 1, "drop", "hanging", False,
           (("#d9b779", "#e9d3a5"), ("#2a2727", "#3a3433"), ("#6b4128", "#7d5236")), "none"),
    _Breed(63, 70, 28, 28, 1.12, "prick", "hanging", True,
           (("#b98148", "#2c2624"), ("#a8764a", "#241f1e")), "saddle"),
    _Breed(36, 38, 17, 20, 0.95, "fold", "up", False,
           (("#f2ece0", "#b0713a"), ("#f2ece0", "#2e2929"), ("#f2ece0", "#8a5730")), "patches"),
    _Breed(24, 50, 15, 20, 1.1, "drop", "up", False,
           (("#8a4a24", "#a4602f"), ("#2b2423", "#b0703a")), "points"),
    _Breed(43, 48, 22, 22, 0.92, "long", "docked", True,
           (("#f1eadf", "#7a4426"), ("#b5793e", "#b07238"), ("#f1eadf", "#272324")), "patches"),
    _Breed(50, 54, 23, 24, 0.85, "prick", "curled", True,
           (("#e9e4da", "#5b5d63"), ("#f0e3cc", "#c98a4b")), "saddle"),
    _Breed(40, 43, 19, 22, 0.95, "drop", "up", False,
           (("#f3eee4", "#8e5429"), ("#f3eee4", "#3a2b24")), "beagle"),
)  # fmt: skip


def draw_dog(random: Random) -> Drawing:
    """Draws a dog of one of several breeds, standing, walking, running or sitting."""
    f = Figure()
    breed = random.choice(_BREEDS)
    breed = replace(breed, length=breed.length * random.uniform(0.95, 1.06))
    base, marks = random.choice(breed.colours)
    sits = breed.height > 30 and random.random() < 0.35
    (_sit if sits else _stand)(f, random, breed, base, marks)
    return f.drawing()


def _stand(f: Figure, random: Random, breed: _Breed, base: str, marks: str) -> None:
    h, half, chest = breed.height, breed.length / 2, breed.chest
    gait = random.choice([quad.STANDING, quad.STROLLING, quad.WALKING, quad.TROTTING, quad.RUNNING])
    thick = 0.5 * (h * 0.16 + chest * 0.3)
    legs = quad.Legs(
        gait, (0.66 * half, -h + 0.5 * chest), (-0.7 * half, -h + 0.42 * chest),
        [thick * w for w in (1.7, 1.2, 0.8, 0.62, 0.62)],
        [thick * w for w in (2.3, 1.7, 0.8, 0.6, 0.62)],
        0.14 * half, quad.paw, 0.55 * thick, _paw_colour(breed, base, marks),
    )  # fmt: skip
    quad.far_legs(f, legs, base)
    _tail(f, random, breed, (-half, -0.94 * h), base)
    box = (-half, -h, half, -h + chest)
    if breed.shaggy:
        _fringe(f, random, box, base, breed)
    near = quad.near_legs(f, legs)
    torso: list[Point] = [
        (-half, -0.92 * h), (-0.72 * half, -0.99 * h), (-0.1 * half, -0.97 * h),
        (0.5 * half, -1.0 * h), (0.86 * half, -0.97 * h), (1.06 * half, -0.78 * h),
        (0.96 * half, -h + 0.86 * chest), (0.6 * half, -h + chest), (0.1 * half, -h + 0.96 * chest),
        (-0.42 * half, -h + 0.74 * chest), (-0.8 * half, -h + 0.72 * chest),
        (-1.03 * half, -h + 0.5 * chest),
    ]  # fmt: skip
    lift = random.uniform(-0.1, 0.12) - (0.18 if gait is quad.RUNNING else 0)
    size = breed.head
    poll = (half + 0.42 * size, -h - (0.46 + lift) * size)
    neck = limb_outline(
        [(0.36 * half, -h + 0.56 * chest), (0.96 * half, -h + 0.04 * size), poll],
        [0.7 * chest, 0.7 * chest, 0.4 * chest + 0.1 * size],
    )
    with quad.coat(f, [torso, neck, *near], base, 0.58):
        _markings(f, random, breed, marks, box)
        quad.muscle(f, 0.66 * half, -h + 0.5 * chest, 0.55 * chest, 0.7 * chest, base)
        quad.muscle(f, -0.68 * half, -h + 0.45 * chest, 0.6 * chest, 0.75 * chest, base)
        dark = shadow_of(base)
        soft_spot(f, poll[0], poll[1] + 0.34 * size, 0.5 * size, 0.3 * size, dark, 0.5)
    with f.moved(*poll, random.uniform(-8, 14)):
        dog_head(f, random, _head_of(breed, base, marks, random))


def _sit(f: Figure, random: Random, breed: _Breed, base: str, marks: str) -> None:
    h, chest, wide = 1.1 * breed.height, breed.chest, 1.25 * breed.chest
    paws, dark = _paw_colour(breed, base, marks), shadow_of(base)
    thick = 0.5 * (h * 0.15 + chest * 0.3)
    _sitting_behind(f, breed, base, paws)
    poll = (0.62 * wide, -1.02 * h)
    torso: list[Point] = [
        (0.12 * wide, -0.86 * h), (-0.24 * wide, -0.68 * h), (-0.6 * wide, -0.42 * h),
        (-0.9 * wide, -0.16 * h), (-0.8 * wide, -0.02 * h), (-0.3 * wide, -0.01 * h),
        (0.1 * wide, -0.12 * h), (0.4 * wide, -0.3 * h), (0.78 * wide, -0.52 * h),
        (0.82 * wide, -0.7 * h), (0.7 * wide, -0.92 * h),
    ]  # fmt: skip
    neck = limb_outline([(0.24 * wide, -0.66 * h), (0.5 * wide, -0.92 * h), poll],
                        [0.8 * chest, 0.66 * chest, 0.5 * chest])  # fmt: skip
    fore = limb_outline(
        [(0.42 * wide, -0.62 * h), (0.52 * wide, -0.32 * h), (0.56 * wide, -0.05 * h),
         (0.6 * wide, -0.015 * h)], [1.7 * thick, thick, 0.72 * thick, 0.7 * thick],
    )  # fmt: skip
    quad.paw(f, (0.56 * wide, 0), _FOOT, 0.66 * thick, paws)
    with quad.coat(f, [torso, neck, fore], base, 0.95):
        _markings(f, random, breed, marks, (-0.9 * wide, -0.95 * h, 0.6 * wide, -0.2 * h))
        quad.muscle(f, -0.42 * wide, -0.2 * h, 0.5 * wide, 0.24 * h, base)
        quad.muscle(f, 0.42 * wide, -0.6 * h, 0.34 * wide, 0.2 * h, base)
        thigh = [(-0.5 * wide, -0.36 * h), (-0.08 * wide, -0.3 * h), (0.02 * wide, -0.1 * h)]
        f.curve(thigh, dark, 0.02 * h, 0.3)
        elbow = [(0.26 * wide, -0.48 * h), (0.4 * wide, -0.3 * h), (0.44 * wide, -0.05 * h)]
        f.curve(elbow, dark, 0.02 * h, 0.3)
        soft_spot(f, *poll, 0.45 * breed.head, 0.34 * breed.head, dark, 0.45)
    quad.paw(f, (-0.12 * wide, 0), _FOOT, 0.75 * thick, paws)
    with f.moved(poll[0], poll[1] - 0.1 * breed.head, random.uniform(-8, 8)):
        dog_head(f, random, _head_of(breed, base, marks, random))


_FOOT: quad.Joints = ((0, 0), (0, 0))


def _sitting_behind(f: Figure, breed: _Breed, base: str, paws: str) -> None:
    """Adds the tail and the far foreleg of a dog that sits."""
    h, chest, wide = 1.1 * breed.height, breed.chest, 1.25 * breed.chest
    thick, dark = 0.5 * (h * 0.15 + chest * 0.3), shadow_of(base)
    tail = [(-0.8 * wide, -0.1 * h), (-1.1 * wide, -0.05 * h), (-1.55 * wide, -0.08 * h)]
    f.limb(tail, [0.3 * chest, 0.24 * chest, 0.1 * chest], mix(base, dark, 0.3))
    quad.paw(f, (0.76 * wide, 0), _FOOT, 0.6 * thick, mix(paws, dark, 0.42))
    leg = [(0.62 * wide, -0.5 * h), (0.7 * wide, -0.25 * h), (0.76 * wide, -0.02 * h)]
    f.limb(leg, [thick, 0.8 * thick, 0.7 * thick], mix(base, dark, 0.42))


def _paw_colour(breed: _Breed, base: str, marks: str) -> str:
    return marks if breed.marks == "points" else base


def _head_of(breed: _Breed, base: str, marks: str, random: Random) -> Head:
    """Returns the head that goes with a breed's coat."""
    face = {"patches": marks, "beagle": marks, "none": base}.get(breed.marks, base)
    mask = {"patches": base, "beagle": base, "saddle": marks, "points": marks}.get(breed.marks)
    if breed.tail == "curled":
        face, mask = marks, base
    ears = marks if breed.marks in ("patches", "beagle", "saddle") else mix(base, "#1d1512", 0.18)
    tongue, blaze = random.random() < 0.55, breed.marks in ("patches", "beagle")
    return Head(breed.head, breed.muzzle, breed.ears, face, mask, ears, tongue, blaze)


def _markings(
    f: Figure, random: Random, breed: _Breed, marks: str, box: tuple[float, float, float, float]
) -> None:
    left, top, right, bottom = box
    width, height = right - left, bottom - top
    if breed.marks in ("saddle", "beagle"):
        f.blob([(left - 4, top - 3), (right - 0.1 * width, top - 6),
                (right - 0.2 * width, top + 0.45 * height),
                (left + 0.45 * width, top + 0.42 * height), (left + 0.1 * width,
                                                             top + 0.5 * height)],
               marks)  # fmt: skip
    if breed.marks == "patches":
        for share in (0.08, 0.55):
            if random.random() < 0.8:
                x = left + (share + random.uniform(-0.08, 0.14)) * width
                f.blob(patch(random, x, top + 0.2 * height, 0.17 * width, 0.5 * height), marks)
    if breed.marks == "points":
        f.ellipse(right + 0.04 * width, bottom - 0.2 * height, 0.1 * width, 0.3 * height, marks)
        f.rect(left - 20, bottom + 0.15 * height, width + 40, 60, marks)
    roots = scattered(random, left, top, right, bottom, 110)
    length = (0.18 if breed.shaggy else 0.1) * breed.chest
    f.path(hairs(random, roots, length, 160, 25), None, "#2a1c14", 0.01 * breed.chest, 0.14)
    roots = scattered(random, left, top, right, top + 0.5 * height, 50)
    f.path(hairs(random, roots, length, 160, 25), None, "#fff4dc", 0.01 * breed.chest, 0.14)


def _fringe(
    f: Figure, random: Random, box: tuple[float, float, float, float], colour: str, breed: _Breed
) -> None:
    """Adds long hair along the chest and belly."""
    left, _, right, bottom = box
    width = right - left
    tips: list[Point] = []
    for index in range(25):
        share = index / 24
        x = left + (0.3 + 0.62 * share) * width
        y = bottom - 0.26 * (1 - share) * breed.chest
        drop = (0.13 if index % 2 else 0.05) * breed.chest * random.uniform(0.8, 1.2)
        tips.append((x - 1.2 * drop, y + drop))
    top = [(x, y - 0.2 * breed.chest) for x, y in tips]
    f.blob([*top, *reversed(tips)], mix(colour, shadow_of(colour), 0.36))


def _tail(f: Figure, random: Random, breed: _Breed, root: Point, colour: str) -> None:
    (x, y), size = root, breed.height
    wag = random.uniform(-0.06, 0.06)
    shapes: dict[str, list[Point]] = {
        "up": [(0.06, 0.02), (-0.12, -0.1), (-0.2 + wag, -0.3), (-0.14 + 2 * wag, -0.5)],
        "hanging": [(0.06, 0), (-0.16, 0.02), (-0.3 + wag, 0.16), (-0.42 + wag, 0.3 + wag)],
        "curled": [(0.06, 0.02), (-0.1, -0.1), (-0.08, -0.28), (0.08, -0.34), (0.18, -0.26)],
        "docked": [(0.06, 0.02), (-0.06, -0.04), (-0.18, -0.1 + wag)],
    }
    line = [(x + a * size, y + b * size) for a, b in shapes[breed.tail]]
    full = 0.2 * breed.chest * (1.9 if breed.shaggy else 1)
    widths = [full, *[full * (1.15 if breed.shaggy else 0.8)] * (len(line) - 2), 0.3 * full]
    with quad.coat(f, [limb_outline(line, widths)], mix(colour, shadow_of(colour), 0.12), 0.9):
        pass
