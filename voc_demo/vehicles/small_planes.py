"""Light aeroplanes with a propeller, and jet fighters."""

from random import Random

from voc_demo.sketch import Drawing, Point, Sketch, rounded, shade
from voc_demo.vehicles.aeroplanes import posed
from voc_demo.vehicles.parts import bright_paint, glazed


def propeller_plane(random: Random, flying: bool) -> Drawing:
    """Draws a light aeroplane with its wing above or below the cabin."""
    second = bright_paint(random)
    body = random.choice(("#f3f3ef", "#f3f3ef", "#f2d24a", second))
    if body == second:
        second = "#f3f3ef"
    high = random.random() < 0.5
    turned, droop = random.uniform(-60, 60), 90 if flying else 58

    def part(sketch: Sketch) -> None:
        if high:
            _far_high_wing(sketch, body)
        else:
            _far_low_wing(sketch, body)
        _light_fuselage(sketch, body, second)
        _cabin(sketch, body, high, random)
        if not flying:
            _light_gear(sketch, body)
        _propeller(sketch, flying, turned)
        if high:
            _high_wing(sketch, body, second)
        else:
            _low_wing(sketch, body, second, droop)

    hull: list[Point] = [(191.0, 0.0), (-191.0, -88.0), (-170.0, -92.0), (-192.0, -12.0),
                         (60.0, 37.0), (-38.0, 31.0), (188.0, -54.0), (188.0, 54.0)]  # fmt: skip
    if high:
        hull += [(18.0, -121.0), (-47.0, -120.0)]
    else:
        hull += [(-30.0, 90.0), (-88.0, 89.0)] if flying else []
    if not flying:
        hull = [(x, y) for x, y in hull if y < 50] + [(60.0, 76.0)]
    pitch = -random.uniform(3, 12) if flying else 0
    return posed(part, hull, pitch, random.uniform(2.1, 2.5))


def _light_fuselage(sketch: Sketch, body: str, second: str) -> None:
    fin = rounded([(-112, -22, 10), (-160, -91, 8), (-190, -89, 6), (-184, -8, 4)])
    sketch.path(fin, sketch.gradient(second, shade(second, -0.3)))
    sketch.line([(-172, -86), (-166, -16)], shade(second, -0.4), 1.5)
    outline = rounded([
        (178, -14, 6), (166, -25, 14), (100, -33, 20), (-60, -30, 50), (-184, -22, 6),
        (-192, -12, 6), (-180, -6, 10), (-40, 34, 60), (110, 37, 30), (172, 27, 16), (178, 12, 6),
    ])  # fmt: skip
    coat = (shade(body, 0.45), body, shade(body, -0.08), shade(body, -0.4))
    sketch.path(outline, sketch.gradient(*coat))
    with sketch.clipped(outline):
        swoosh = [(190, -6), (60, 2), (-80, -12), (-200, -22), (-200, -14), (-80, 2), (60, 18),
                  (190, 12)]  # fmt: skip
        sketch.blob(swoosh, second, opacity=0.95)
        sketch.path(rounded([(150, 14, 3), (176, 10, 3), (174, 20, 3), (152, 24, 3)]), "#2b3136")
        sketch.line([(140, -40), (138, 40)], shade(body, -0.3), 1.2)
    tailplane = rounded([(-128, -18, 4), (-182, -6, 5), (-196, -7, 4), (-186, -20, 4)])
    sketch.path(tailplane, sketch.gradient(shade(body, -0.05), shade(body, -0.4)))


def _cabin(sketch: Sketch, body: str, high: bool, random: Random) -> None:
    roof = rounded([(104, -30, 6), (64, -68, 14), (-8, -70, 16), (-66, -28, 20)])
    if high:
        sketch.path(roof, sketch.gradient(shade(body, 0.3), body))
    panes = (
        [(97, -31, 3), (66, -61, 6), (54, -61, 3), (62, -30, 3)],
        [(56, -30, 4), (49, -61, 4), (10, -61, 5), (4, -30, 4)],
        [(-3, -30, 4), (4, -61, 5), (-12, -61, 8), (-44, -30, 6)],
    )
    if not high:
        sketch.path(roof, "#1d242a")
    pilot = random.random() < 0.8
    for at, pane in enumerate(panes):
        with glazed(sketch, [(float(x), float(y), float(r)) for x, y, r in pane]):
            if at == 1 and pilot:
                sketch.circle(32, -42, 9, "#3a332f")
                sketch.ellipse(30, -24, 15, 13, "#22282d")
    if not high:
        sketch.curve([(98, -31), (66, -64), (10, -68), (-40, -42)], body, 3.4)


def _far_high_wing(sketch: Sketch, body: str) -> None:
    sketch.path(rounded([(60, -68, 3), (84, -96, 4), (36, -96, 4), (-10, -66, 3)]),
                sketch.gradient(shade(body, -0.35), shade(body, -0.15)))  # fmt: skip


def _high_wing(sketch: Sketch, body: str, second: str) -> None:
    sketch.line([(30, 20), (6, -90)], shade(body, -0.35), 4)
    sketch.line([(29, 20), (5, -90)], shade(body, 0.1), 1.8)
    wing = rounded([(72, -68, 8), (22, -122, 6), (-50, -120, 6), (-22, -62, 6)])
    sketch.path(wing, sketch.gradient(shade(body, 0.35), shade(body, -0.18), shade(body, -0.38)))
    with sketch.clipped(wing):
        sketch.polygon([(40, -140), (-80, -140), (-60, -108), (46, -108)], second)
        sketch.line([(-52, -120), (-22, -60)], shade(body, -0.5), 14, 0.35)
    sketch.line([(71, -68), (24, -120)], shade(body, 0.7), 2.5, 0.8)


def _far_low_wing(sketch: Sketch, body: str) -> None:
    sketch.path(rounded([(64, 0, 3), (150, -50, 5), (96, -52, 5), (-20, 0, 3)]),
                sketch.gradient(shade(body, -0.05), shade(body, -0.3)))  # fmt: skip


def _low_wing(sketch: Sketch, body: str, second: str, droop: float) -> None:
    wing = rounded([(78, 20, 8), (-34, droop + 2, 9), (-98, droop - 1, 8), (-24, 22, 4)])
    sketch.path(wing, sketch.gradient(shade(body, 0.3), shade(body, -0.05), shade(body, -0.3)))
    with sketch.clipped(wing):
        end = droop * 0.8
        sketch.polygon([(24, end), (-120, end), (-120, 96), (0, 96)], second, opacity=0.95)
        sketch.line([(-96, droop), (-22, 22)], shade(body, -0.5), 18, 0.35)
    sketch.line([(75, 22), (-27, droop - 2)], shade(body, 0.8), 3, 0.9)


def _light_gear(sketch: Sketch, body: str) -> None:
    for x, far in ((14.0, True), (40.0, False), (142.0, False)):
        foot = (x - 6, 62.0)
        sketch.line([(x, 30), foot], shade(body, -0.5 if far else -0.2), 4.5)
        sketch.circle(*foot, 14, "#1b1d1f")
        sketch.circle(*foot, 6, "#b9bfc4")
        if not far:
            spat = rounded([(foot[0] + 20, 60, 8), (foot[0] + 4, 45, 10), (foot[0] - 22, 60, 5),
                            (foot[0] - 14, 66, 5), (foot[0] + 16, 66, 5)])  # fmt: skip
            sketch.path(spat, sketch.gradient(shade(body, 0.3), shade(body, -0.3)))


def _propeller(sketch: Sketch, flying: bool, turned: float) -> None:
    if flying:
        sketch.ellipse(184, 0, 5, 54, "#dfe6ea", opacity=0.4)
        sketch.ellipse(184, 0, 5, 54, None, "#5d666d", 1.2, opacity=0.5)
    else:
        blade = 54 if abs(turned) < 15 else 50
        sketch.limb([(184, -blade), (183, -20), (184, 0), (185, 20), (184, blade)],
                    [3, 8, 4, 8, 3], "#2c3135")  # fmt: skip
        sketch.line([(184, -blade + 1), (184, -blade + 7)], "#e9c23a", 3)
    spinner = rounded([(192, 0, 6), (178, -12, 5), (176, 12, 5)])
    sketch.path(spinner, sketch.gradient("#f0f2f4", "#8f979d", "#4d545a"))


def jet_fighter(random: Random, flying: bool) -> Drawing:
    """Draws a jet fighter with a pointed nose and a delta wing."""
    body, patch = random.choice((
        ("#8d98a1", "#707c86"), ("#8d98a1", "#8d98a1"), ("#6e7a5c", "#4c5841"),
        ("#b3a079", "#84714e"), ("#b5262a", "#b5262a"), ("#2c5488", "#2c5488"),
    ))  # fmt: skip
    spots = [(random.uniform(-150, 120), random.uniform(-20, 16), random.uniform(14, 34))
             for _ in range(7)]  # fmt: skip
    droop = random.uniform(30, 48) if flying else 14
    two_fins, burning = random.random() < 0.5, flying and random.random() < 0.4

    def part(sketch: Sketch) -> None:
        if burning:
            sketch.path(rounded([(-176, -12, 4), (-236, -2, 2), (-176, 8, 4)]),
                        sketch.gradient("#ffb347", "#fff3c4", "#ff8a3c"), opacity=0.85)  # fmt: skip
        sketch.path(rounded([(10, -6, 2), (-86, -40, 2), (-108, -40, 2), (-96, -6, 2)]),
                    shade(body, -0.25))  # fmt: skip
        if two_fins:
            _fighter_fin(sketch, shade(body, -0.25), 12)
        if not flying:
            _fighter_gear(sketch)
        _fighter_body(sketch, body, patch, spots)
        _fighter_fin(sketch, body, 0)
        _delta(sketch, body, droop)

    hull: list[Point] = [(214.0, 4.0), (-183.0, 0.0), (-172.0, -79.0), (-150.0, -79.0),
                         (-98.0, droop + 2), (-122.0, droop + 4.5), (40.0, 26.0),
                         (-190.0, 20.0), (84.0, -37.0), (97.0, -35.5)]  # fmt: skip
    if burning:
        hull.append((-233.0, -2.0))
    if not flying:
        hull.append((0.0, 54.0))
    pitch = -random.uniform(4, 18) if flying else 0
    return posed(part, hull, pitch, random.uniform(3.8, 4.4))


def _fighter_body(sketch: Sketch, body: str, patch: str,
                  spots: list[tuple[float, float, float]]) -> None:  # fmt: skip
    sketch.path(rounded([(-168, -16, 4), (-184, -11, 3), (-184, 9, 3), (-168, 14, 4)]),
                sketch.gradient("#6b7176", "#202427"))  # fmt: skip
    _canopy(sketch)
    outline = rounded([
        (210, 4, 3), (150, -10, 30), (112, -16, 20), (20, -22, 60), (-110, -22, 40),
        (-172, -16, 6), (-172, 13, 6), (-100, 20, 40), (20, 25, 20), (58, 22, 8), (66, 12, 8),
        (150, 13, 40),
    ])  # fmt: skip
    coat = (shade(body, 0.35), body, shade(body, -0.15), shade(body, -0.45))
    sketch.path(outline, sketch.gradient(*coat))
    with sketch.clipped(outline):
        for x, y, size in spots:
            sketch.blob([(x - size, y + 4), (x - size * 0.3, y - 12), (x + size, y - 6),
                         (x + size * 0.7, y + 9), (x - size * 0.4, y + 12)], patch,
                        opacity=0.75)  # fmt: skip
        sketch.rect(-180, 12, 420, 20, shade(body, -0.6), opacity=0.35)
        sketch.polygon([(172, -20), (172, 20), (215, 20), (215, -20)], shade(body, -0.3))
        sketch.path(rounded([(66, 8, 4), (46, 8, 3), (40, 24, 3), (62, 24, 4)]), "#15181b")
    sketch.line([(208, 3.8), (213, 4)], "#3a4046", 1.6)
    sketch.line([(130, -12), (-120, -19)], shade(body, 0.6), 2, 0.5)


def _canopy(sketch: Sketch) -> None:
    with glazed(sketch, [(134, -11, 8), (104, -36, 22), (70, -38, 22), (30, -18, 12)]):
        sketch.circle(92, -27, 6.5, "#e4e0d4")
        sketch.ellipse(88, -17, 12, 9, "#39422f")
    sketch.curve([(130, -14), (104, -33), (72, -36), (42, -25)], "#f4f8fa", 1.4, 0.6)


def _fighter_fin(sketch: Sketch, body: str, ahead: float) -> None:
    fin = rounded([(-86 + ahead, -19, 6), (-142 + ahead, -78, 4), (-172 + ahead, -79, 3),
                   (-160 + ahead, -15, 4)])  # fmt: skip
    sketch.path(fin, sketch.gradient(shade(body, 0.15), shade(body, -0.25)))
    sketch.circle(-142 + ahead, -44, 9, "#f2f2ee")
    sketch.circle(-142 + ahead, -44, 6, "#b8262a" if ahead == 0 else "#2a4f8f")


def _delta(sketch: Sketch, body: str, droop: float) -> None:
    wing = [(46, 4), (-98, droop + 2), (-122, droop + 2), (-116, 10), (-104, 6)]
    sketch.path(rounded([(-122, 0, 3), (-176, 20, 3), (-192, 20, 3), (-168, 0, 3)]),
                sketch.gradient(shade(body, 0.1), shade(body, -0.45)))  # fmt: skip
    # missile below the wing, and on its tip
    for x, y in ((-30.0, droop * 0.5 + 10), (-88.0, droop)):
        sketch.line([(x - 26, y), (x + 22, y)], "#d9dcd8", 4)
        sketch.line([(x + 18, y), (x + 25, y)], "#2f3438", 3.6)
    sketch.polygon(wing, sketch.gradient(shade(body, 0.3), shade(body, -0.05), shade(body, -0.3)))
    sketch.line(wing[:2], shade(body, 0.6), 1.6, 0.9)
    sketch.line([wing[3], wing[2]], shade(body, -0.5), 5, 0.6)


def _fighter_gear(sketch: Sketch) -> None:
    for x, size in ((-64.0, 10.0), (-44.0, 10.0), (104.0, 8.0)):
        sketch.line([(x, 14), (x + 3, 54 - size)], "#a9b0b5", 4)
        sketch.circle(x + 3, 54 - size, size, "#1b1d1f")
        sketch.circle(x + 3, 54 - size, size * 0.45, "#c9ced2")
