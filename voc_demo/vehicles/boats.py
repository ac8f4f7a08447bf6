"""Boats without an engine: sailing and rowing boats. The waterline is y = 0."""

from random import Random

from voc_demo.sketch import Drawing, Point, Sketch, mix, rounded, shade, smooth
from voc_demo.vehicles.parts import bright_paint

_WOOD = ("#8a5a30", "#a8733f", "#6d4424")


def sailing_boat(random: Random) -> Drawing:
    """Draws a yacht or a dinghy under main sail and jib."""
    length = random.choice((random.uniform(420, 520), random.uniform(800, 1050)))
    mast = length * random.uniform(1.2, 1.42)
    hull = random.choice(
        ("#f4f4f1", "#f4f4f1", "#1f3a63", "#7a1f24", "#2b2e31", bright_paint(random))
    )
    sail = random.choice(("#fbfaf5", "#fbfaf5", "#f0e4c8", "#b9472e", "#f6f4ee"))
    accent, billowing = bright_paint(random), random.random() < 0.25
    sketch = Sketch()
    with sketch.moved(scale=length / 1000):
        top = -1000 * mast / length
        _rigging(sketch, top)
        if billowing:
            _spinnaker(sketch, top, accent, bright_paint(random))
        else:
            _jib(sketch, top, sail if random.random() < 0.7 else accent)
        _main_sail(sketch, top, sail, accent, random)
        sketch.line([(74, -100), (66, top)], "#5d656b", 11)
        sketch.line([(72, -100), (64, top)], "#c9cfd3", 4)
        sketch.line([(70, -205), (-345, -190)], "#8b9297", 13)
        if length > 600:
            _deck_house(sketch, hull)
        _sail_hull(sketch, hull, accent)
    unit = length / 1000
    return Drawing(sketch.svg(), -480 * unit, (top - 5) * unit, (588 if billowing else 500) * unit)


def _sail_hull(sketch: Sketch, hull: str, accent: str) -> None:
    outline = rounded([(-470, -118, 10), (-200, -104, 200), (150, -110, 250), (500, -148, 6),
                       (462, -70, 40), (412, 0, 6), (-430, 0, 10), (-484, -90, 24)])  # fmt: skip
    coat = (shade(hull, 0.25), hull, shade(hull, -0.12), shade(hull, -0.4))
    sketch.path(outline, sketch.gradient(*coat))
    with sketch.clipped(outline):
        sketch.rect(-500, -19, 1000, 22, shade(accent, -0.15))
        sketch.rect(-500, -26, 1000, 6, "#f4f4f1")
        sketch.curve([(-480, -96), (-200, -83), (150, -89), (480, -126)], accent, 10)
        sketch.curve([(-480, -60), (0, -52), (440, -66)], "#ffffff", 22, 0.12)
    sketch.curve([(-470, -117), (-200, -106), (150, -111), (497, -147)], "#a8733f", 8)
    # rail and rudder head
    posts = "".join(f"M{x} {-108 - abs(x) * 0.06:.4g}v-48" for x in (-440, -330, 300, 390, 470))
    sketch.path(posts, None, "#aeb5ba", 4)
    sketch.line([(300, -176), (390, -180), (480, -186)], "#aeb5ba", 3)
    sketch.line([(-440, -182), (-330, -176)], "#aeb5ba", 3)


def _deck_house(sketch: Sketch, hull: str) -> None:
    white = mix(hull, "#ffffff", 0.85)
    house = rounded([(-210, -108, 6), (-196, -158, 12), (130, -162, 40), (214, -112, 20)])
    sketch.path(house, sketch.gradient(shade(white, 0.4), shade(white, -0.22)))
    for x in (-150, -60, 30, 105):
        sketch.rect(x, -144, 56 if x < 100 else 34, 20, sketch.gradient("#6f8796", "#1f282f"), 9)


def _rigging(sketch: Sketch, top: float) -> None:
    for foot in ((496, -150), (-472, -118), (20, -112)):
        sketch.line([(66, top + 6), foot], "#7d858b", 3.2, opacity=0.9)
    sketch.line([(38, top * 0.56), (100, top * 0.56)], "#8b9297", 5)


def _main_sail(sketch: Sketch, top: float, sail: str, accent: str, random: Random) -> None:
    outline = (
        f"M58 {top + 26:.5g}C{-60} {top * 0.72:.5g} {-262} {top * 0.4:.5g} -338 -206"
        f"Q-150 -186 62 -216Q80 {top * 0.5:.5g} 58 {top + 26:.5g}z"
    )
    sketch.path(outline, sketch.gradient(shade(sail, -0.18), sail, shade(sail, 0.3),
                                         shade(sail, -0.1), horizontal=True))  # fmt: skip
    with sketch.clipped(outline):
        for share in (0.3, 0.45, 0.6, 0.75, 0.88):
            y = top * share
            sketch.curve(
                [(-360, y + 30), (-140, y + 14), (70, y - 6)], shade(sail, -0.28), 2.4, 0.7
            )
        if random.random() < 0.5:
            sketch.circle(-30, top * 0.52, 46, accent)
            sketch.circle(-30, top * 0.52, 26, sail)
        else:
            y = top * 0.47
            sketch.polygon(
                [(-300, y), (80, y - 30), (80, y + 60), (-330, y + 90)], accent, opacity=0.9
            )
        shadow = [(-400, -330), (-150, -260), (70, -250), (70, -180), (-400, -180)]
        sketch.blob(shadow, shade(sail, -0.4), opacity=0.22)


def _jib(sketch: Sketch, top: float, sail: str) -> None:
    outline = (
        f"M{80} {top * 0.88:.5g}Q{230} {top * 0.5:.5g} 478 -170"
        f"Q260 -146 34 -192Q150 {top * 0.5:.5g} 80 {top * 0.88:.5g}z"
    )
    sketch.path(outline, sketch.gradient(shade(sail, -0.22), shade(sail, -0.04), shade(sail, 0.2),
                                         horizontal=True))  # fmt: skip
    with sketch.clipped(outline):
        for share in (0.3, 0.5, 0.68):
            y = top * share
            sketch.curve([(20, y), (220, y + 20), (420, y + 60)], shade(sail, -0.3), 2.2, 0.6)


def _spinnaker(sketch: Sketch, top: float, first: str, second: str) -> None:
    """Adds a balloon-shaped sail before the mast."""
    outline = (
        f"M84 {top * 0.92:.5g}C330 {top * 0.92:.5g} 640 {top * 0.52:.5g} 560 -250"
        f"Q330 -330 120 -205Q290 {top * 0.5:.5g} 84 {top * 0.92:.5g}z"
    )
    sketch.path(outline, sketch.gradient(shade(first, -0.15), shade(first, 0.15),
                                         shade(first, -0.2), horizontal=True))  # fmt: skip
    with sketch.clipped(outline):
        for high, low, tone in ((0.94, 0.74, second), (0.52, 0.36, "#f6f4ee")):
            band = (
                f"M40 {top * high:.5g}Q400 {top * (high - 0.05):.5g} 700 {top * (high - 0.2):.5g}"
                f"L700 {top * (low - 0.2):.5g}Q400 {top * (low - 0.05):.5g} 40 {top * low:.5g}z"
            )
            sketch.path(band, tone, opacity=0.9)
        glare = [(250, top * 0.8), (380, top * 0.7), (470, top * 0.45), (440, top * 0.3),
                 (380, top * 0.5), (300, top * 0.66)]  # fmt: skip
        sketch.blob(glare, "#ffffff", opacity=0.18)
    sketch.line([(560, -252), (490, -150)], "#7d858b", 3)


def rowing_boat(random: Random) -> Drawing:
    """Draws a wooden rowing boat, seen a little from above."""
    paint = random.choice((bright_paint(random), "#f2efe6", "#2f6f6a", *_WOOD))
    length = random.uniform(400, 480)
    inside = random.choice(_WOOD)
    sketch = Sketch()
    with sketch.moved(scale=length / 460):
        inner: list[Point] = [(-214, -62), (-120, -72), (20, -74), (140, -78), (226, -92),
                              (160, -58), (20, -42), (-120, -42), (-200, -50)]  # fmt: skip
        sketch.path(smooth(inner), sketch.gradient(shade(inside, -0.5), shade(inside, -0.1)))
        for x in (-140, -20, 90):
            sketch.polygon([(x, -71), (x + 34, -72), (x + 42, -42), (x + 4, -41)],
                           sketch.gradient(shade(inside, 0.1), shade(inside, 0.4)))  # fmt: skip
        _oar(sketch, (34, -70), (-150, -88), (-214, -96))
        _row_hull(sketch, paint, inside)
        _oar(sketch, (40, -74), (62, -46), (128, -5))
    unit = length / 460
    return Drawing(sketch.svg(), -232 * unit, -110 * unit, 240 * unit)


def _row_hull(sketch: Sketch, paint: str, inside: str) -> None:
    outline = (
        "M-228 -66C-150 -40 100 -28 238 -106C226 -50 196 -14 168 0"
        "L-186 0C-214 -16 -226 -44 -228 -66z"
    )
    sketch.path(outline, sketch.gradient(shade(paint, 0.3), paint, shade(paint, -0.5)))
    with sketch.clipped(outline):
        for drop in (14, 28, 42):
            plank = [(-230, -66 + drop), (-60, -44 + drop), (90, -50 + drop), (240, -106 + drop)]
            sketch.curve(plank, shade(paint, -0.5), 2, 0.6)
            sketch.curve([(x, y + 2) for x, y in plank], shade(paint, 0.4), 1.4, 0.5)
        sketch.rect(-240, -12, 480, 14, shade(paint, -0.6), opacity=0.5)
    rim = "M-228 -66C-150 -40 100 -28 238 -106"
    sketch.path(rim, None, shade(inside, -0.3), 8)
    sketch.path(rim, None, shade(inside, 0.35), 4)
    far = "M-226 -68C-150 -80 100 -74 236 -106"
    sketch.path(far, None, shade(inside, 0.2), 4)


def _oar(sketch: Sketch, grip: Point, neck: Point, tip: Point) -> None:
    sketch.line([grip, neck, tip], "#7a522c", 5)
    sketch.line(
        [(neck[0] * 0.35 + tip[0] * 0.65, neck[1] * 0.35 + tip[1] * 0.65), tip], "#b98a52", 10
    )
    sketch.line([grip, neck], "#c99b62", 2.4)
