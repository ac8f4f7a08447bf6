"""What is annotated is what can be seen in the pixels."""

from random import Random

import numpy as np
import pytest

from voc_demo.backdrops.backdrop import HEIGHT, WIDTH, Backdrop
from voc_demo.painting import Scene, Sight, Thing, paint
from voc_demo.scenes import compose
from voc_demo.sketch import Drawing, Sketch

PLAIN = Backdrop(f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#808890"/>', 150, 200, "#ffffff")


def block(width: float, height: float) -> Drawing:
    """A filled block, which fills its box."""
    sketch = Sketch()
    sketch.rect(-width / 2, -height, width, height, "#d02020")
    return Drawing(sketch.svg(), -width / 2, -height, width / 2)


def thing(name: str | None, x: float, y: float, width: float, height: float) -> Thing:
    return Thing(name, block(width, height), x, y, scale=1)


def see(*things: Thing) -> list[Sight]:
    return paint(Scene(PLAIN, things), Random(0))[1]


def box(sight: Sight) -> tuple[int, int, int, int]:
    return sight.xmin, sight.ymin, sight.xmax, sight.ymax


def test_a_box_holds_the_first_and_the_last_pixel_counted_from_1() -> None:
    (sight,) = see(thing("dog", 200, 300, 100, 80))
    assert box(sight) == (151, 221, 250, 300)
    assert sight.visible == pytest.approx(1)
    assert not sight.truncated
    assert not sight.occluded
    assert sight.area_share == pytest.approx(100 * 80 / (WIDTH * HEIGHT))


def test_what_the_edge_cuts_off_is_truncated() -> None:
    (sight,) = see(thing("dog", 10, 300, 100, 80))
    assert box(sight) == (1, 221, 60, 300)
    assert sight.truncated
    assert sight.visible == pytest.approx(0.6, abs=0.02)
    assert not sight.occluded


def test_what_stands_behind_is_occluded_by_what_stands_before() -> None:
    far, near = see(thing("car", 200, 300, 200, 80), thing("dog", 250, 320, 100, 120))
    assert near.visible == pytest.approx(1)
    assert not near.occluded
    assert far.occluded
    assert far.visible == pytest.approx(0.5, abs=0.01)
    assert box(far) == (101, 221, 200, 300)


def test_clutter_hides_but_is_not_annotated() -> None:
    (far,) = see(thing("car", 200, 300, 200, 80), thing(None, 250, 320, 100, 120))
    assert far.class_name == "car"
    assert far.occluded


def test_what_cannot_be_seen_is_not_annotated() -> None:
    (near,) = see(thing("cat", 250, 300, 20, 20), thing("dog", 250, 320, 100, 120))
    assert near.class_name == "dog"
    assert see(thing("cat", -300, 300, 20, 20)) == []


def test_a_mirrored_thing_has_its_box_mirrored() -> None:
    sketch = Sketch()
    sketch.rect(-10, -40, 60, 40, "#d02020")
    drawing = Drawing(sketch.svg(), -10, -40, 50)
    for mirrored, ends in ((False, (191, 250)), (True, (151, 210))):
        (sight,) = see(Thing("dog", drawing, 200, 300, 1, mirrored))
        assert (sight.xmin, sight.xmax) == ends


def test_a_photograph_is_exposed_and_has_grain() -> None:
    image, _ = paint(Scene(PLAIN, ()), Random(0))
    pixels = np.asarray(image, float)
    assert image.size == (WIDTH, HEIGHT)
    assert 70 < pixels.mean() < 180
    assert pixels[150:200, 200:300].std() > 0.5


def test_scenes_are_the_same_for_the_same_random_state() -> None:
    first, again = (paint(compose(Random(7)), Random(8)) for _ in range(2))
    assert first[0].tobytes() == again[0].tobytes()
    assert first[1] == again[1]


def test_company_fits_the_place() -> None:
    """Over many scenes: what a car stands beside, no sofa does."""
    outdoors, indoors = {"car", "bus", "bicycle", "train"}, {"sofa", "tvmonitor", "diningtable"}
    seen = set()
    for seed in range(150):
        names = {item.class_name for item in compose(Random(seed)).things}
        seen |= names
        assert not (names & outdoors and names & indoors), seed
    assert len(seen - {None}) == 20
