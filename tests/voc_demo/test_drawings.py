"""Every class can be drawn, the same for the same random state, and fills the extent it claims."""

import io
from collections.abc import Callable
from random import Random

import numpy as np
import pytest
import resvg_py
from PIL import Image

from voc_demo.backdrops import indoor, outdoor
from voc_demo.backdrops.backdrop import HEIGHT, WIDTH, Backdrop
from voc_demo.drawers import DRAWERS, draw_flying
from voc_demo.household.clutter import (
    draw_bench,
    draw_desk,
    draw_indoor_clutter,
    draw_outdoor_clutter,
)
from voc_demo.people.person import draw_person
from voc_demo.sketch import Drawing
from voc_model.data.voc import VOC_CLASSES

Draw = Callable[[Random], Drawing]

DRAWN: dict[str, Draw] = {
    **DRAWERS,
    "flying aeroplane": lambda random: draw_flying("aeroplane", random),
    "flying bird": lambda random: draw_flying("bird", random),
    "walking": lambda random: draw_person(random, "walking"),
    "sitting": lambda random: draw_person(random, "sitting"),
    "facing": lambda random: draw_person(random, "facing"),
    "riding": lambda random: draw_person(random, "riding"),
    "mounted": lambda random: draw_person(random, "mounted"),
    "bench": draw_bench,
    "desk": draw_desk,
    "indoor clutter": draw_indoor_clutter,
    "outdoor clutter": draw_outdoor_clutter,
}
PLACES: dict[str, Callable[[Random], Backdrop]] = {
    place.__name__: place
    for place in (
        *(indoor.dining_room, indoor.kitchen, indoor.living_room, indoor.office, indoor.tabletop),
        *(outdoor.airfield, outdoor.garden, outdoor.harbour, outdoor.meadow, outdoor.park),
        *(outdoor.road, outdoor.sea, outdoor.sky, outdoor.station, outdoor.street, outdoor.yard),
    )
}


def render(svg: str, box: tuple[float, float, float, float], zoom: float = 1) -> Image.Image:
    """Renders what lies in a box of (left, top, width, height)."""
    document = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{box[2]}" height="{box[3]}" '
        f'viewBox="{" ".join(map(str, box))}">{svg}</svg>'
    )
    png = resvg_py.svg_to_bytes(svg_string=document, zoom=zoom, skip_system_fonts=True)
    return Image.open(io.BytesIO(bytes(png))).convert("RGBA")


def test_all_twenty_classes_are_drawn() -> None:
    assert tuple(sorted(DRAWERS)) == tuple(sorted(VOC_CLASSES))


@pytest.mark.parametrize("name", DRAWN)
def test_the_same_random_state_gives_the_same_drawing(name: str) -> None:
    first, again = (DRAWN[name](Random(5)) for _ in range(2))
    assert first == again
    assert len({DRAWN[name](Random(seed)).svg for seed in range(6)}) > 1


@pytest.mark.parametrize("name", DRAWN)
def test_a_drawing_fills_the_extent_it_claims(name: str) -> None:
    """Boxes come from the pixels; the extent decides how large a thing is in its scene."""
    for seed in range(3):
        drawing = DRAWN[name](Random(seed))
        longest = max(drawing.width, drawing.height)
        margin = 0.2 * longest
        box = (drawing.left - margin, drawing.top - margin,
               drawing.width + 2 * margin, drawing.height + 2 * margin)  # fmt: skip
        zoom = 400 / longest
        seen = np.asarray(render(drawing.svg, box, zoom).getchannel("A")) > 96
        rows, columns = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
        found = np.array([columns[0], rows[0], columns[-1] + 1, rows[-1] + 1]) / zoom
        found += np.array([box[0], box[1], box[0], box[1]])
        claimed = np.array([drawing.left, drawing.top, drawing.right, 0])
        assert np.abs(found - claimed).max() < 0.04 * longest, seed


@pytest.mark.parametrize("name", PLACES)
def test_a_backdrop_covers_the_canvas(name: str) -> None:
    for seed in range(2):
        backdrop = PLACES[name](Random(seed))
        assert backdrop == PLACES[name](Random(seed))
        alpha = np.asarray(render(backdrop.svg, (0, 0, WIDTH, HEIGHT)).getchannel("A"))
        # Two shapes that share an edge in the middle of a pixel cover 1 - 0.5 * 0.5 of it.
        assert alpha.min() > 0.7 * 255
        assert backdrop.floor >= min(backdrop.horizon, HEIGHT)
