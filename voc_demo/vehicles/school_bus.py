"""School buses: yellow, with a bonnet, from the side."""

from random import Random

from voc_demo.sketch import Drawing, Sketch, mix, rounded, shade
from voc_demo.vehicles.parts import glazed, head_and_shoulders

_RAIL = "#1d1e1f"


def school_bus(random: Random) -> Drawing:
    """Draws a yellow school bus from the side."""
    rows = random.randint(6, 9)
    paint = mix("#f2a90f", "#e98a0b", random.random())
    sketch = Sketch()
    rear, nose = -rows * 41.0 - 60, rows * 41.0 + 110
    cab = nose - 165
    sketch.rect(rear + 20, -75, nose - rear - 60, 50, "#101214", 5)
    _bonnet(sketch, cab, nose, paint)
    _cabin(sketch, rear, cab, paint)
    _windows(sketch, rear, cab, paint, rows, random)
    _doorway(sketch, cab)
    axles = (rear + 190, nose - 88)
    for x in axles:
        _wheel(sketch, x, paint)
    return Drawing(sketch.svg(), rear - 8, -312, nose + 3)


def _bonnet(sketch: Sketch, cab: float, nose: float, paint: str) -> None:
    outline = rounded([(cab - 20, -60, 2), (nose - 4, -58, 10), (nose, -140, 22),
                       (nose - 14, -168, 30), (cab, -186, 20), (cab - 20, -190, 2)])  # fmt: skip
    sketch.path(outline, sketch.gradient(shade(paint, 0.35), paint, shade(paint, -0.3)))
    with sketch.clipped(outline):
        sketch.rect(nose - 18, -150, 30, 66, "#2a2c2e", 4)
        sketch.circle(nose - 88, -58, 66, shade(paint, -0.4))
        sketch.circle(nose - 88, -52, 62, "#0d0f10")
    sketch.circle(nose - 24, -122, 11, sketch.glow("#ffffff", "#f2ead0", "#8d969c"))
    sketch.rect(nose - 34, -80, 37, 24, sketch.gradient("#33363a", "#121415"), 5)
    sketch.line([(cab + 12, -176), (nose - 30, -158)], shade(paint, 0.6), 3, opacity=0.7)
    # mirrors on their arms
    sketch.curve([(nose - 40, -160), (nose - 30, -196), (nose - 18, -204)], "#26292b", 4)
    sketch.ellipse(nose - 15, -206, 12, 16, sketch.gradient("#5a6064", "#1b1d1f"))


def _cabin(sketch: Sketch, rear: float, cab: float, paint: str) -> None:
    outline = rounded([(rear - 4, -66, 12), (rear, -308, 44), (cab - 28, -312, 40),
                       (cab + 14, -188, 10), (cab + 8, -50, 6), (rear, -50, 8)])  # fmt: skip
    sketch.path(outline, sketch.gradient(shade(paint, 0.5), paint, paint, shade(paint, -0.35)))
    with sketch.clipped(outline):
        sketch.rect(rear - 9, -320, cab - rear + 40, 40, sketch.gradient("#fff3cf", paint),
                    opacity=0.7)  # fmt: skip
        for y, thick in ((-184, 7), (-142, 8), (-96, 7)):
            sketch.rect(rear - 10, y, cab - rear + 40, thick, _RAIL)
        sketch.circle(rear + 190, -52, 66, shade(paint, -0.4))
        sketch.circle(rear + 190, -48, 62, "#0d0f10")
    sketch.path(rounded([(rear - 8, -74, 3), (rear + 26, -74, 3), (rear + 26, -46, 3),
                         (rear - 8, -46, 3)]), sketch.gradient("#3a3d40", "#141617"))  # fmt: skip
    # lamps on the roof and at the back
    sketch.rect(rear - 2, -150, 8, 22, "#c3241f", 3)
    for x, colour in ((rear + 22, "#d8301f"), (cab - 52, "#f08c1e")):
        sketch.circle(x, -288, 7, _RAIL)
        sketch.circle(x, -288, 5, colour)


def _windows(
    sketch: Sketch, rear: float, cab: float, paint: str, rows: int, random: Random
) -> None:
    left, right = rear + 30, cab - 121
    step = (right - left + 9) / rows
    band = [(left, -194.0, 5.0), (left, -268.0, 7.0), (right, -268.0, 7.0), (right, -194.0, 5.0)]
    with glazed(sketch, band):
        for row in range(rows):
            if random.random() < 0.5:
                with sketch.moved(left + step * (row + 0.5), -188, scale=0.85):
                    head_and_shoulders(sketch, 0, 0, random.choice(("#4a3a34", "#2d3f52")))
    sketch.path(rounded(band), None, _RAIL, 3)
    sketch.line([(left, -232), (right, -232)], _RAIL, 3)
    for row in range(1, rows):
        x = left + row * step - 9
        sketch.rect(x - 2, -271, 13, 80, _RAIL)
        sketch.rect(x + 1, -272, 7, 82, sketch.gradient(shade(paint, 0.25), paint))


def _doorway(sketch: Sketch, cab: float) -> None:
    """Adds the folding door and the driver's window."""
    for left in (cab - 110.0, cab - 70.0):
        right = left + 38
        door = [(left, -62.0, 4.0), (left, -266.0, 6.0), (right, -266.0, 6.0), (right, -62.0, 4.0)]
        with glazed(sketch, door):
            sketch.rect(left, -140, 50, 10, _RAIL)
        sketch.path(rounded(door), None, _RAIL, 4)
    screen = [(cab - 24, -192.0, 4.0), (cab - 24, -266.0, 6.0), (cab - 20, -266.0, 8.0),
              (cab + 6, -192.0, 5.0)]  # fmt: skip
    with glazed(sketch, screen):
        pass
    sketch.path(rounded(screen), None, _RAIL, 3)


def _wheel(sketch: Sketch, x: float, paint: str) -> None:
    sketch.circle(x, -49, 49, sketch.glow("#404346", "#1b1d1f", "#101112", x=0.5, y=0.1))
    sketch.circle(x, -49, 29, sketch.gradient(shade(paint, 0.1), shade(paint, -0.5)))
    sketch.circle(x, -49, 21, "#26292b")
    sketch.circle(x, -49, 11, sketch.gradient("#d9dcde", "#6b7074"))
