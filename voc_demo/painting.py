"""A composed scene -> pixels, and what of each thing can be seen in them.

Every thing is rendered on a layer of its own, so that boxes and occlusion are exact: they are read
off the pixels, not guessed from the drawing.
"""

import io
import math
from dataclasses import dataclass, replace
from random import Random

import numpy as np
import resvg_py
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from voc_demo.backdrops.backdrop import HEIGHT, WIDTH, Backdrop
from voc_demo.sketch import Drawing

Box = tuple[int, int, int, int]  # left, top, right, bottom; the last two outside

_WHOLE: Box = (0, 0, WIDTH, HEIGHT)
_VISIBLE_ALPHA = 96  # of 255: fainter pixels are a soft edge
_GRAIN = 0.25  # of a film's grain: what is left costs little in a compressed archive


@dataclass(frozen=True)
class Thing:
    """A drawing at its place in a scene.

    Attributes:
        class_name: a VOC class, or None for clutter that nobody annotates.
        x, y: where the drawing's origin stands, in pixels.
        scale: pixels a centimetre.
        mirrored: faces left.
        haze: share in [0, 1] of the light that the air between adds.
        shadow: it stands on ground and darkens it.
        reflected: it stands in water.
    """

    class_name: str | None
    drawing: Drawing
    x: float
    y: float
    scale: float
    mirrored: bool = False
    haze: float = 0.0
    shadow: bool = True
    reflected: bool = False

    @property
    def left(self) -> float:
        return self.x - self.scale * (self.drawing.right if self.mirrored else -self.drawing.left)

    @property
    def right(self) -> float:
        return self.left + self.scale * self.drawing.width

    @property
    def top(self) -> float:
        return self.y + self.scale * self.drawing.top

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Returns the pixel of a point of the drawing."""
        return self.x + self.scale * (-x if self.mirrored else x), self.y + self.scale * y


@dataclass(frozen=True)
class Scene:
    """What is photographed, the farthest thing first."""

    backdrop: Backdrop
    things: tuple[Thing, ...]
    backdrop_blur: float = 0.0  # pixels


@dataclass(frozen=True)
class Sight:
    """What can be seen of a thing: its box in pixels, both ends inside and counted from 1 as VOC's.

    Attributes:
        visible: the share of the whole thing that is inside the image and not hidden.
        truncated: part of it is outside the image.
        occluded: part of it is hidden by another thing.
    """

    class_name: str
    xmin: int
    ymin: int
    xmax: int
    ymax: int
    visible: float
    truncated: bool
    occluded: bool

    @property
    def area_share(self) -> float:
        """The box's share of the image."""
        box = (self.xmax - self.xmin + 1) * (self.ymax - self.ymin + 1)
        return box / (WIDTH * HEIGHT)


def paint(scene: Scene, random: Random) -> tuple[Image.Image, list[Sight]]:
    """Returns the photograph, and a sight of every thing with a class that can be seen in it."""
    canvas = _render_backdrop(scene)
    shown: list[tuple[Thing, NDArray[np.bool_]]] = []
    for thing in scene.things:
        box = _box_inside(thing)
        layer = _render_thing(thing, box)
        if thing.shadow:
            _darken_ground(canvas, thing)
        if thing.reflected:
            _reflect(canvas, layer, box)
        alpha = layer.getchannel("A")
        colours = layer.convert("RGB")
        if thing.haze:
            air = Image.new("RGB", layer.size, scene.backdrop.light)
            colours = Image.blend(colours, air, thing.haze)
        canvas.paste(colours, box, alpha)
        mask = np.zeros((HEIGHT, WIDTH), bool)
        mask[box[1] : box[3], box[0] : box[2]] = np.asarray(alpha) >= _VISIBLE_ALPHA
        shown.append((thing, mask))
    if scene.backdrop.front:
        front = _render(scene.backdrop.front)
        canvas.paste(front.convert("RGB"), (0, 0), front.getchannel("A"))
    return _develop(canvas, scene.backdrop.light, random), _find_sights(shown)


def _render(svg: str, box: Box = _WHOLE, zoom: float = 1.0) -> Image.Image:
    """Returns what a drawing in pixels shows inside a box; transparent where it shows nothing."""
    width, height = box[2] - box[0], box[3] - box[1]
    document = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="{box[0]} {box[1]} {width} {height}">{svg}</svg>'
    )
    png = resvg_py.svg_to_bytes(svg_string=document, zoom=zoom, skip_system_fonts=True)
    return Image.open(io.BytesIO(bytes(png))).convert("RGBA")


def _render_backdrop(scene: Scene) -> Image.Image:
    # Half the resolution costs half the time, and out of focus nobody sees it.
    zoom = 0.5 if scene.backdrop_blur >= 0.7 else 1.0
    image = _render(scene.backdrop.svg, zoom=zoom).convert("RGB")
    if scene.backdrop_blur:
        image = image.filter(ImageFilter.GaussianBlur(zoom * scene.backdrop_blur))
    return image.resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC)


def _render_thing(thing: Thing, box: Box) -> Image.Image:
    flip = -1 if thing.mirrored else 1
    place = f"translate({thing.x:.2f} {thing.y:.2f}) scale({flip * thing.scale:.4f} "
    return _render(f'<g transform="{place}{thing.scale:.4f})">{thing.drawing.svg}</g>', box)


def _box_inside(thing: Thing) -> Box:
    """Returns the part of the image that a thing reaches into, at least a pixel of it."""
    left = min(max(math.floor(thing.left) - 2, 0), WIDTH - 1)
    top = min(max(math.floor(thing.top) - 2, 0), HEIGHT - 1)
    right = max(min(math.ceil(thing.right) + 2, WIDTH), left + 1)
    return left, top, right, max(min(math.ceil(thing.y) + 2, HEIGHT), top + 1)


def _darken_ground(canvas: Image.Image, thing: Thing) -> None:
    """Puts a soft contact shadow under a thing."""
    half = (thing.right - thing.left) / 2
    depth = max(2.0, 0.13 * half)
    blur = max(1.0, 0.5 * depth)
    margin = math.ceil(3 * blur)
    mask = Image.new("L", (math.ceil(2 * half) + 2 * margin, math.ceil(2 * depth) + 2 * margin))
    ends = (margin, margin, mask.width - margin, mask.height - margin)
    ImageDraw.Draw(mask).ellipse(ends, fill=120)
    mask = mask.filter(ImageFilter.GaussianBlur(blur))
    corner = (round(thing.left) - margin, round(thing.y - depth) - margin)
    canvas.paste(Image.new("RGB", mask.size, (14, 16, 22)), corner, mask)


def _reflect(canvas: Image.Image, layer: Image.Image, box: Box) -> None:
    """Mirrors a thing in the water it stands in, faint and blurred."""
    below = layer.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    faint = below.getchannel("A").point(lambda value: value * 0.35)
    colours = below.convert("RGB").filter(ImageFilter.GaussianBlur(2.5))
    canvas.paste(colours, (box[0], box[3] - 4), faint.filter(ImageFilter.GaussianBlur(1.5)))


def _develop(canvas: Image.Image, light: str, random: Random) -> Image.Image:
    """Makes a drawing look like a photograph: light, exposure, vignette, focus and grain."""
    focus = random.choice((0.0, 0.0, 0.35, 0.6))
    if focus:
        canvas = canvas.filter(ImageFilter.GaussianBlur(focus))
    pixels = np.asarray(canvas, np.float32) / 255
    tint = np.array([int(light[at : at + 2], 16) / 255 for at in (1, 3, 5)], np.float32)
    pixels *= 1 + random.uniform(0.3, 0.9) * (tint / tint.mean() - 1)
    # Exposed as a camera does it: towards a medium grey, though not all the way.
    pixels *= min(max((random.uniform(0.43, 0.58) / float(pixels.mean())) ** 0.7, 0.85), 1.6)
    y, x = np.ogrid[-1 : 1 : HEIGHT * 1j, -1 : 1 : WIDTH * 1j]
    pixels *= (1 - random.uniform(0.04, 0.2) * (x**2 + y**2) / 2)[..., None].astype(np.float32)
    # The grain needs far more numbers than random.Random gives quickly.
    noise = np.random.default_rng(random.getrandbits(64))
    grain = noise.standard_normal((HEIGHT, WIDTH, 1), np.float32)
    colour_grain = noise.standard_normal((HEIGHT, WIDTH, 3), np.float32)
    pixels += _GRAIN * random.uniform(0.004, 0.022) * (0.8 * grain + 0.4 * colour_grain)
    return Image.fromarray((pixels.clip(0, 1) * 255).round().astype(np.uint8))


def _find_sights(shown: list[tuple[Thing, NDArray[np.bool_]]]) -> list[Sight]:
    """Goes from the nearest thing to the farthest; what is covered so far is hidden."""
    covered = np.zeros((HEIGHT, WIDTH), bool)
    sights = []
    for thing, mask in reversed(shown):
        seen = mask & ~covered
        covered |= mask
        if thing.class_name is None or not seen.any():
            continue
        rows, columns = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
        inside = int(mask.sum())
        whole = max(inside, _whole_area(thing, mask))
        sights.append(
            Sight(
                class_name=thing.class_name,
                xmin=int(columns[0]) + 1,
                ymin=int(rows[0]) + 1,
                xmax=int(columns[-1]) + 1,
                ymax=int(rows[-1]) + 1,
                visible=int(seen.sum()) / whole,
                truncated=inside < 0.97 * whole,
                occluded=int(seen.sum()) < 0.95 * inside,
            )
        )
    return sights[::-1]


def _whole_area(thing: Thing, mask: NDArray[np.bool_]) -> int:
    """Returns how many pixels the thing would have if the image did not end."""
    if thing.left >= 0 and thing.right <= WIDTH and thing.top >= 0 and thing.y <= HEIGHT:
        return int(mask.sum())
    # Drawn small enough to fit; areas grow with the square of the scale.
    shrink = 0.98 * min(WIDTH / (thing.right - thing.left), HEIGHT / (thing.y - thing.top), 1.0)
    small = replace(thing, scale=thing.scale * shrink, y=HEIGHT - 1.0, x=0.0)
    small = replace(small, x=1.0 - small.left)
    alpha = np.asarray(_render_thing(small, _WHOLE).getchannel("A"))
    return math.ceil(int((alpha >= _VISIBLE_ALPHA).sum()) / shrink**2)
