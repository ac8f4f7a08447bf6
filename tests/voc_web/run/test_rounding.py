"""Rounded thresholds select the same images as exact ones."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sample_run import Sample, write_run

from voc_model.metrics.curves import MAX_OPERATING_POINTS
from voc_model.metrics.operating_points import operating_points
from voc_web.run.opened_run import RunReader
from voc_web.run.rounding import point_thresholds, rounded_thresholds, shortest_thresholds


@given(st.lists(st.floats(-1e-40, 1) | st.floats(0, 1, width=32), max_size=8))
def test_the_shortest_threshold_selects_the_same_scores(thresholds: list[float]) -> None:
    for threshold, short in zip(thresholds, shortest_thresholds(thresholds), strict=True):
        assert 0 <= short <= 1
        near = np.float32(max(threshold, 0))
        for score in (near, *(np.nextafter(near, np.float32(way)) for way in (-1, 2))):
            if score >= 0:
                assert (float(score) > short) == (float(score) > max(threshold, 0))
        places = len(f"{short:.20f}".rstrip("0").partition(".")[2])
        if 1e-4 < threshold < 1:
            assert len(repr(short)) <= len("0.") + 12, places


def test_no_shorter_decimal_exists() -> None:
    assert shortest_thresholds([0.5, 0.7, 0.0, 1.0, float(np.float32(0.1))]) == [
        0.5,
        0.7,
        0.0,
        1.0,
        0.100000008,
    ]


@pytest.mark.parametrize("images", [1, 2, 60, 3 * MAX_OPERATING_POINTS])
@pytest.mark.parametrize("decimals", [2, 7])
def test_a_rounded_threshold_selects_the_same_images(
    sample: Sample, tmp_path: Path, images: int, decimals: int
) -> None:
    random = np.random.default_rng(images)
    scores = random.random(images).round(decimals).astype(np.float32)
    labels = random.integers(-1, 2, images).astype(np.int8)
    ids = [f"{number:05d}" for number in range(images)]
    run = write_run(
        tmp_path / "run", sample.voc_dir, ids, ("dog",), scores[:, None], labels[:, None]
    )
    points = operating_points(RunReader(run.run).current().curves, 0)
    assert len(points.score) < images or images < MAX_OPERATING_POINTS
    wide = scores.astype(float)  # Otherwise the threshold would be rounded to float32, too.
    below = np.nextafter(scores, np.float32(-1)).astype(float)
    thresholds = [*random.random(200), *below, *wide, 0.0, 1.0]
    rounded = rounded_thresholds(points, thresholds)
    for exact, short in zip(thresholds, rounded, strict=True):
        assert 0 <= short <= 1
        assert abs(short - max(exact, 0)) <= 0.5e-4
        if exact >= 0:
            assert (wide > short).sum() == (wide > exact).sum()
    digits = [len(repr(short)) - 2 for short in rounded]
    assert min(digits) <= 4
    if decimals == 2:
        assert np.median(digits) <= 8
    if images == 60 and decimals == 7:
        assert np.mean([count <= 4 for count in digits]) > 0.3, "few scores leave wide gaps"


@pytest.mark.parametrize("images", [1, 60, 3 * MAX_OPERATING_POINTS])
def test_thresholds_of_points_are_as_short_as_their_neighbours_allow(
    sample: Sample, tmp_path: Path, images: int
) -> None:
    """Also in a large class, and beside difficult images."""
    random = np.random.default_rng(images)
    scores = random.random((images, 1)).astype(np.float32)
    labels = random.integers(-1, 2, (images, 1)).astype(np.int8)
    ids = [f"{number:05d}" for number in range(images)]
    run = write_run(tmp_path / "run", sample.voc_dir, ids, ("dog",), scores, labels)
    points = operating_points(RunReader(run.run).current().curves, 0)
    thresholds = point_thresholds(points)
    for threshold, score in zip(thresholds, points.score, strict=True):
        assert (scores.astype(float) > threshold).sum() == (scores >= score).sum()
    digits = [len(repr(threshold)) - 2 for threshold in thresholds]
    # Between most neighbours of n random scores lies a number of log10(n) + 2 digits.
    assert np.mean([count <= np.log10(images) + 2 for count in digits]) > 0.9


def test_thresholds_of_a_class_without_points(sample: Sample, tmp_path: Path) -> None:
    unreadable = np.array([[np.nan]], np.float32), np.array([[1]], np.int8)
    run = write_run(tmp_path / "run", sample.voc_dir, ("one",), ("dog",), *unreadable)
    points = operating_points(RunReader(run.run).current().curves, 0)
    assert rounded_thresholds(points, [0.5, 0.123456789]) == pytest.approx([0.5, 0.12345679])
