"""Scooters: small wheels, a leg shield and a flat floor."""

from random import Random

from voc_demo.sketch import Drawing, Sketch, hsl, rounded, shade
from voc_demo.vehicles.parts import Rim, lamp, road_wheel, tube


def scooter(random: Random) -> Drawing:
    """Draws a scooter from the side."""
    paint = random.choice((
        hsl(random.choice((165, 200, 45, 10, 345)), 0.45, 0.62), "#c3262b", "#f0ead8", "#2f6f8f",
    ))  # fmt: skip
    sketch = Sketch()
    rim = Rim("#d5d9dc", 5, 0.2)
    for x in (-56, 64):
        road_wheel(sketch, x, 23.5, rim, random.uniform(0, 72))
    tube(sketch, [(48, -84), (64, -23.5)], 5, "#70767b")
    tube(sketch, [(-40, -24), (-86, -30)], 8, "#8f959a")
    _body(sketch, paint)
    _shield(sketch, paint)
    saddle = rounded([(-6, -80, 6), (-30, -86, 10), (-72, -86, 8), (-80, -76, 5), (-40, -72, 10),
                      (-8, -70, 5)])  # fmt: skip
    leather = random.choice(("#2a2725", "#7a4a2c", "#c9ab7f"))
    sketch.path(saddle, sketch.gradient(shade(leather, 0.35), leather, shade(leather, -0.4)))
    top = -106.0
    if random.random() < 0.5:
        box = rounded([(-104, -114, 10), (-66, -114, 10), (-68, -86, 6), (-102, -86, 6)])
        sketch.path(box, sketch.gradient(shade(paint, 0.35), paint, shade(paint, -0.4)))
        sketch.line([(-102, -100), (-68, -100)], shade(paint, -0.4), 1.5)
        sketch.line([(-98, -85), (-72, -85), (-66, -80)], "#70767b", 3)
        sketch.line([(-86, -85), (-84, -74)], "#70767b", 3)
        top = -114
    _handlebar(sketch, paint)
    left = -103.2 if top < -110 else -92.5
    return Drawing(sketch.svg(), left, min(top, -121), 89, seat=(-38, -94))


def _body(sketch: Sketch, paint: str) -> None:
    coat = sketch.gradient(shade(paint, 0.45), paint, shade(paint, -0.1), shade(paint, -0.4))
    body = rounded([(-4, -72, 10), (-74, -80, 16), (-92, -58, 16), (-88, -36, 10), (-70, -44, 12),
                    (-40, -40, 10), (-24, -17, 8), (36, -16, 8), (40, -24, 8), (8, -26, 16),
                    (2, -46, 10)])  # fmt: skip
    sketch.path(body, coat)
    # bulging cover of the engine
    cover = [(-18, -56), (-40, -66), (-70, -64), (-84, -50), (-72, -34), (-44, -28), (-22, -38)]
    sketch.blob(cover, sketch.glow(shade(paint, 0.5), paint, shade(paint, -0.3), y=0.2))
    for at in range(4):
        x = -62 + 8 * at
        sketch.line([(x, -50), (x - 4, -40)], shade(paint, -0.55), 2)
    sketch.path(rounded([(-93, -66, 3), (-84, -72, 3), (-82, -60, 3), (-91, -56, 3)]), "#d4281f")
    sketch.line([(-22, -17), (34, -16)], "#c9ced2", 2.5)
    sketch.rect(-18, -27, 48, 4, "#2a2d30", 2)


def _shield(sketch: Sketch, paint: str) -> None:
    shield = rounded([(28, -18, 8), (42, -50, 14), (38, -98, 8), (48, -104, 6), (58, -92, 8),
                      (56, -52, 16), (46, -18, 8)])  # fmt: skip
    dark, light = shade(paint, -0.35), shade(paint, 0.45)
    sketch.path(shield, sketch.gradient(dark, paint, light, horizontal=True))
    sketch.curve([(40, -98), (44, -52), (31, -20)], "#dfe2e4", 1.6)
    guard = [(40, -34), (46, -48), (62, -54), (80, -46), (88.5, -30), (78, -32), (64, -38),
             (50, -32)]  # fmt: skip
    sketch.blob(guard, sketch.gradient(light, paint, dark))
    sketch.circle(59, -74, 3.2, "#f0a23a")


def _handlebar(sketch: Sketch, paint: str) -> None:
    head = rounded([(34, -110, 6), (54, -114, 8), (62, -104, 8), (56, -92, 6), (40, -94, 6)])
    sketch.path(head, sketch.gradient(shade(paint, 0.4), paint, shade(paint, -0.35)))
    lamp(sketch, 58, -104, 7.5)
    tube(sketch, [(44, -106), (26, -107)], 3.5, "#9aa0a5")
    sketch.line([(31, -107), (20, -106)], "#1d1f21", 5.2)
    sketch.line([(40, -108), (34, -117)], "#9aa0a5", 1.5)
    sketch.circle(33, -116, 5, sketch.gradient("#d9dde0", "#555b60"))
