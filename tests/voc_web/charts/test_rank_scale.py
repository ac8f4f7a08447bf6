"""The linear and the logarithmic scale of the strip."""

from itertools import pairwise

import pytest

from voc_web.charts.rank_scale import RankScale, ScaleName

SIZES = (1, 2, 9, 130, 999, 1000, 1001, 20_000, 17_125, 10**6, 10**7)
every_scale = pytest.mark.parametrize("name", ["linear", "log"])


@every_scale
@pytest.mark.parametrize("images", SIZES)
def test_positions_rise_from_0_to_1_and_can_be_undone(name: ScaleName, images: int) -> None:
    scale = RankScale.of(images, name)
    some = {0, 1, 2, 3, 10, 100, 1000, images // 3, images - 1, images}
    ranks = sorted(rank for rank in some if rank <= images)
    positions = [scale.position(rank) for rank in ranks]
    assert positions == sorted(set(positions))
    assert (positions[0], positions[-1]) == (0, 1)
    assert [round(scale.ranks(position), 3) for position in positions] == ranks
    edges = scale.edges(1000)
    assert (edges[0], edges[-1], len(edges)) == (0, images, 1001)
    assert edges == sorted(edges)


def test_each_image_has_a_pixel_or_the_scale_is_logarithmic() -> None:
    assert [RankScale.of(images).name for images in (1, 1000, 1001, 10**7)] == [
        *("linear", "linear"),
        *("log", "log"),
    ]
    for images in (20_000, 10**7):
        scale = RankScale.of(images)
        # Of a strip of 1,000 pixels, whole ones for the first images, and a fifth for the top 100.
        assert 1000 * scale.position(1) > 6
        assert scale.position(100) > 0.17


@every_scale
@pytest.mark.parametrize("images", SIZES)
def test_ticks_are_few_and_apart(name: ScaleName, images: int) -> None:
    ticks = RankScale.of(images, name).ticks
    assert len(ticks) <= 8
    places = [tick.at for tick in ticks]
    assert places == sorted(set(places))
    assert ticks[0].text == "1"
    if name == "log":
        assert all(right - left > 3 for left, right in pairwise(places))


def test_ticks_name_round_ranks() -> None:
    def texts(images: int, name: ScaleName) -> list[str]:
        return [tick.text for tick in RankScale.of(images, name).ticks]

    assert texts(600, "linear") == ["1", "100", "200", "300", "400", "500", "600"]
    assert texts(20_000, "log") == ["1", "10", "100", "1,000", "20k"]
    assert texts(17_125, "linear") == ["1", "5,000", "10k", "15k", "17,125"]
    assert texts(10**7, "log") == ["1", "10", "100", "1,000", "10k", "100k", "1M", "10M"]
    assert texts(1, "log") == texts(1, "linear") == ["1"]
