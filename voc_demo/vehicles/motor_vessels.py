"""Boats with an engine: motor boat, fishing boat and ferry. The waterline is y = 0."""

from random import Random

from voc_demo.sketch import Drawing, Sketch, rounded, shade
from voc_demo.vehicles.parts import bright_paint, glazed


def motor_boat(random: Random) -> Drawing:
    """Draws a sports boat with an outboard engine, open or with a cabin."""
    paint = random.choice(("#f5f5f2", "#f5f5f2", bright_paint(random), "#7a4a26"))
    accent = bright_paint(random)
    cabin = random.random() < 0.5
    sketch = Sketch()
    if cabin:
        _cabin(sketch)
    else:
        for x in (-110, -20):
            seat = rounded([(x - 22, -90, 6), (x - 26, -138, 8), (x - 8, -138, 8), (x, -90, 6)])
            sketch.path(seat, sketch.gradient("#f0ece2", "#a89f8f"))
        with glazed(sketch, [(96, -98, 4), (30, -142, 6), (18, -140, 4), (36, -98, 4)]):
            pass
        sketch.line([(96, -99), (30, -142)], "#e8ecee", 4)
    _outboard(sketch)
    hull = rounded([(-262, -92, 8), (-100, -96, 60), (120, -104, 80), (312, -122, 10),
                    (268, -60, 40), (200, 0, 20), (-256, 0, 4)])  # fmt: skip
    sketch.path(hull, sketch.gradient(shade(paint, 0.35), paint, shade(paint, -0.45)))
    with sketch.clipped(hull):
        sketch.polygon([(-270, -66), (120, -66), (330, -104), (300, -74), (120, -44), (-270, -50)],
                       accent)  # fmt: skip
        sketch.polygon([(-270, -44), (110, -36), (260, -60), (110, -30), (-270, -38)],
                       shade(accent, 0.4))  # fmt: skip
        sketch.rect(-280, -14, 600, 16, shade(paint, -0.55), opacity=0.6)
    sketch.curve([(-262, -91), (-100, -97), (120, -105), (308, -122)], "#3a4046", 6)
    sketch.curve([(110, -106), (150, -136), (290, -148), (302, -124)], "#c9cfd3", 3.5)
    sketch.line([(210, -143), (212, -112)], "#c9cfd3", 3)
    top = -223 if cabin else -150
    return Drawing(sketch.svg(), -303, top, 311)


def _cabin(sketch: Sketch) -> None:
    house = rounded([(-130, -90, 4), (-118, -196, 16), (40, -200, 20), (86, -140, 14),
                     (190, -112, 30)])  # fmt: skip
    sketch.path(house, sketch.gradient("#ffffff", "#e6e8e8", "#aab0b4"))
    for pane in (
        [(-104, -136, 6), (-98, -182, 8), (-30, -184, 6), (-30, -136, 6)],
        [(-20, -136, 6), (-20, -184, 6), (34, -186, 8), (66, -140, 6)],
    ):
        with glazed(sketch, [(float(x), float(y), float(r)) for x, y, r in pane]):
            pass
    for x in (70, 110):
        sketch.ellipse(x, -117, 13, 6, "#27323a")
    sketch.line([(-150, -202), (52, -206)], "#dfe3e5", 9)
    sketch.line([(-148, -200), (-140, -92)], "#c9cfd3", 4)
    sketch.line([(-60, -206), (-66, -222)], "#8b9297", 4)


def _outboard(sketch: Sketch) -> None:
    sketch.polygon([(-284, -60), (-262, -60), (-266, 0), (-280, 0)], "#3a3f44")
    hood = rounded([(-300, -70, 6), (-304, -112, 12), (-280, -130, 12), (-260, -122, 8),
                    (-262, -72, 6)])  # fmt: skip
    sketch.path(hood, sketch.gradient("#5a6066", "#2c3034", "#141618"))
    sketch.line([(-300, -92), (-264, -94)], "#d9dde0", 4)


def fishing_boat(random: Random) -> Drawing:
    """Draws a fishing boat with a high bow, a wheelhouse, a mast and nets."""
    paint = random.choice(("#1f5a9a", "#2c7a57", "#b5352b", "#2a4a6a", "#d88a2c", "#3f8fa8"))
    trim = random.choice(("#f4f1e6", "#e2b53a", "#c8402f"))
    aft = random.random() < 0.5
    house = -330 if aft else -40
    mast = house + 250 if aft else -170
    high = random.uniform(640, 760)
    sketch = Sketch()
    _gear(sketch, mast, high, aft)
    _wheelhouse(sketch, house, trim)
    if aft:
        net = [(30, -165), (60, -220), (120, -232), (180, -216), (215, -165)]
    else:
        net = [(-440, -150), (-410, -196), (-350, -206), (-300, -190), (-270, -150)]
    colour = random.choice(("#2f7f6a", "#c9782f", "#4a6fa0"))
    sketch.blob(net, sketch.glow(shade(colour, 0.2), colour, shade(colour, -0.5)))
    for x, y in net[1:4]:
        sketch.circle(x, y + 16, 13, sketch.glow("#ff9a4a", "#e05a1c", "#8f3410"))
    hull = rounded([(-500, -150, 10), (-300, -138, 150), (150, -160, 250), (545, -290, 10),
                    (500, -140, 60), (440, 0, 10), (-455, 0, 20), (-510, -100, 20)])  # fmt: skip
    sketch.path(hull, sketch.gradient(shade(paint, 0.3), paint, shade(paint, -0.15),
                                      shade(paint, -0.5)))  # fmt: skip
    with sketch.clipped(hull):
        sketch.rect(-520, -30, 1070, 34, "#7c2a22")
        sketch.rect(-520, -36, 1070, 7, "#f1ede0")
        for drop, thick in ((16.0, 16.0), (60.0, 5.0)):
            sketch.curve([(-520, -146 + drop), (-280, -140 + drop), (150, -158 + drop),
                          (550, -284 + drop)], trim, thick)  # fmt: skip
        for x in (-380, 60, 250):
            sketch.line([(x, -100), (x - 4, -40)], "#7a4a2c", 9, 0.25)
        sketch.rect(400, -215, 70, 16, "#f4f1e6", 3)
    for x in (-330, -190, -40, 110):
        sketch.circle(x, -84, 25, None, "#1b1d1f", 13)
        sketch.line([(x, -108), (x, -140)], "#d9d2bd", 4)
    return Drawing(sketch.svg(), -508, -high - 10, 541)


def _gear(sketch: Sketch, mast: float, high: float, aft: bool) -> None:
    reach = 250.0 if aft else -250.0
    sketch.line([(mast, -130), (mast, -high)], "#6b4a2c", 17)
    sketch.line([(mast - 4, -130), (mast - 4, -high)], "#b98a55", 6)
    sketch.line([(mast, -260), (mast + reach, -high * 0.82)], "#8b6238", 12)
    for foot in ((535, -286), (-490, -148)):
        sketch.line([(mast, -high + 10), foot], "#4a5056", 4)
    sketch.line([(mast, -high + 30), (mast + reach, -high * 0.82), (mast + reach, -210)],
                "#4a5056", 4)  # fmt: skip
    flag = [(mast, -high), (mast - 44, -high + 8), (mast - 80, -high + 2), (mast - 78, -high + 46),
            (mast - 40, -high + 52), (mast, -high + 48)]  # fmt: skip
    sketch.blob(flag, "#d8372c")


def _wheelhouse(sketch: Sketch, x: float, trim: str) -> None:
    sketch.path(rounded([(x - 40, -130, 4), (x - 36, -230, 6), (x + 240, -240, 8),
                         (x + 250, -130, 4)]), sketch.gradient("#f2f0e8", "#b9b6aa"))  # fmt: skip
    sketch.path(rounded([(x, -225, 4), (x + 4, -390, 10), (x + 205, -396, 10), (x + 190, -225, 4)]),
                sketch.gradient("#ffffff", "#eceae2", "#c2c0b6"))  # fmt: skip
    sketch.path(rounded([(x - 22, -386, 6), (x - 16, -410, 8), (x + 222, -416, 8),
                         (x + 226, -390, 6)]), sketch.gradient(shade(trim, 0.3), trim))  # fmt: skip
    for left in (18, 78, 138):
        pane = [(x + left, -305.0, 5.0), (x + left, -366.0, 6.0), (x + left + 48, -368.0, 6.0),
                (x + left + 45, -305.0, 5.0)]  # fmt: skip
        with glazed(sketch, pane):
            pass
    for left in (10, 80, 150):
        sketch.circle(x + left + 10, -186, 17, "#b98a3c")
        sketch.circle(x + left + 10, -186, 12, "#26333d")
    sketch.rect(x + 20, -290, 150, 9, trim)
    sketch.circle(x + 150, -256, 20, None, "#e2622c", 9)
    sketch.line([(x + 60, -412), (x + 60, -470)], "#8b9297", 5)
    sketch.rect(x + 30, -474, 60, 9, "#f2f2ee", 4)


def ferry(random: Random) -> Drawing:
    """Draws a passenger ferry with decks, a funnel and life boats."""
    hull_paint = random.choice(("#17365f", "#f2f3f1", "#8f1f24", "#1f5f4f", "#23282c"))
    accent = random.choice(("#d8392e", "#e3a52c", "#2470b8", "#1f8a6b"))
    sketch = Sketch()
    funnel = random.uniform(-420, -150)
    _funnel(sketch, funnel, accent)
    for level, (left, right) in enumerate(((-980, 760), (-880, 640), (-700, 470))):
        y = -270 - 150 * level
        outline = rounded([(left, y, 4), (left + 20, y - 156, 16), (right - 60, y - 156, 60),
                           (right, y, 8)])  # fmt: skip
        sketch.path(outline, sketch.gradient("#ffffff", "#f0f2f2", "#ccd2d5"))
        sketch.rect(left - 30, y - 166, right - left - 10, 16, "#fdfdfb", 6)
        sketch.rect(left - 24, y - 150, right - left - 40, 8, "#8d979e", opacity=0.55)
        if level < 2:
            pane = "".join(f"M{x} {y - 92}h44" for x in range(left + 70, right - 130, 78))
            sketch.path(pane, None, "#2b3d4b", 48)
            sketch.path(pane, None, "#7d97a8", 16)
    bridge = [(200.0, -630.0, 10.0), (206.0, -694.0, 14.0), (400.0, -694.0, 30.0),
              (430.0, -630.0, 14.0)]  # fmt: skip
    with glazed(sketch, bridge):
        pass
    for x in (-620, -380):
        boat = rounded([(x - 90, -520, 20), (x + 90, -520, 20), (x + 62, -474, 24),
                        (x - 62, -474, 24)])  # fmt: skip
        sketch.path(boat, sketch.gradient("#ff9a4a", "#e0601c", "#9a3c10"))
        sketch.line([(x - 66, -560), (x - 66, -516)], "#6f7a82", 8)
        sketch.line([(x + 66, -560), (x + 66, -516)], "#6f7a82", 8)
    _ferry_hull(sketch, hull_paint, accent)
    sketch.line([(330, -730), (318, -900)], "#e6e9ea", 16)
    sketch.line([(270, -850), (370, -850)], "#c9cfd3", 9)
    sketch.circle(320, -902, 14, "#f4f5f5")
    return Drawing(sketch.svg(), -1150, -916, 1185)


def _ferry_hull(sketch: Sketch, paint: str, accent: str) -> None:
    hull = rounded([(-1140, -290, 20), (300, -290, 300), (800, -310, 200),
                    (1190, -372, 12), (1090, -150, 120), (1040, 0, 20),
                    (-1090, 0, 60), (-1160, -160, 60)])  # fmt: skip
    sketch.path(hull, sketch.gradient(shade(paint, 0.25), paint, shade(paint, -0.4)))
    with sketch.clipped(hull):
        sketch.rect(-1200, -40, 2400, 44, "#8a2a26")
        sketch.rect(-1200, -50, 2400, 10, "#f4f4f0")
        stripe = [(-1160, -225), (300, -225), (800, -240), (1190, -300)]
        sketch.curve(stripe, accent, 28)
        sketch.curve([(x, y - 54) for x, y in stripe], "#ffffff", 8, 0.6)
        ports = "".join(f"M{x} -140v.1" for x in range(-900, 860, 96))
        sketch.path(ports, None, "#dfe4e6", 44)
        sketch.path(ports, None, "#1d2a33", 32)
    sketch.line([(960, -200), (960, -150)], "#15191c", 20)


def _funnel(sketch: Sketch, x: float, accent: str) -> None:
    outline = rounded(
        [(x - 110, -700, 4), (x - 140, -905, 16), (x + 60, -905, 30), (x + 110, -700, 4)]
    )
    sketch.path(outline, sketch.gradient(shade(accent, -0.25), shade(accent, 0.2),
                                         shade(accent, -0.35), horizontal=True))  # fmt: skip
    with sketch.clipped(outline):
        sketch.rect(x - 160, -920, 300, 56, "#1c2023")
        sketch.rect(x - 160, -820, 300, 40, "#f6f6f2")
