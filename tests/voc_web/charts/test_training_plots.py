"""The plots of a training show each epoch where its values are."""

import math
import re

import pytest
from score_tables import make_manifest

from voc_model.store.history import EpochRecord
from voc_web.charts.drawings import Plot
from voc_web.charts.training_plots import FRAME, training_plots


def record(epoch: int, train: float, val: float, mean: float) -> EpochRecord:
    return EpochRecord(epoch, train, val, mean, 1e-3, 1.0, {})


def points_of(plot: Plot, kind: str) -> list[tuple[float, float]]:
    """Returns the points of a line, in pixels."""
    (path,) = (mark.path for mark in plot.marks if mark.kind == kind and mark.path)
    return [(float(x), float(y)) for x, y in re.findall(r"([\d.-]+) ([\d.-]+)", path)]


def height_of(plot: Plot, value: float) -> float:
    """Returns where a value lies, by the plot's own labels."""
    (low, low_at), *_, (high, high_at) = ((float(it.text), it.at) for it in plot.y_ticks)
    return low_at + (value - low) / (high - low) * (high_at - low_at)


@pytest.mark.parametrize("scale", [1, 0.003, 40])
def test_lines_go_through_the_values(scale: float) -> None:
    records = [record(1, 0.9, 0.7, 0.2), record(2, 0.5, 0.6, 0.6), record(3, 0.3, 0.65, 0.5)]
    records = [
        record(it.epoch, scale * it.train_loss, scale * it.val_loss, it.map) for it in records
    ]
    loss, means = training_plots(records, make_manifest(selected_epoch=2, selected_on="a, b"))
    for plot, kind, values in (
        (loss, "train", [it.train_loss for it in records]),
        (loss, "line", [it.val_loss for it in records]),
        (means, "line", [it.map for it in records]),
    ):
        points = points_of(plot, kind)
        assert [y for _, y in points] == pytest.approx(
            [height_of(plot, value) for value in values], abs=0.06
        )
        assert [x for x, _ in points] == pytest.approx([FRAME.x(0), FRAME.x(0.5), FRAME.x(1)])
        assert 3 <= len(plot.y_ticks) <= 9
        assert all(FRAME.top - 0.1 <= y <= FRAME.bottom for _, y in points)
    assert [tick.text for tick in loss.x_ticks] == ["1", "2", "3"]
    assert "solid: a, b" in loss.note
    assert "the dot is epoch 2" in loss.note
    assert means.title == "mAP per epoch: 0.600 in epoch 2"
    assert sum(mark.kind == "dots" for mark in loss.marks) == 1


def test_one_epoch_is_a_dot() -> None:
    for plot in training_plots([record(1, 0.5, 0.4, 0.3)], make_manifest()):
        assert [mark.kind for mark in plot.marks if mark.path] == ["dots"]
        assert "the dot is" not in plot.note


def test_undefined_values_are_left_out() -> None:
    records = [record(1, 0.5, math.nan, math.nan), record(2, 0.4, 0.3, 0.5), record(3, 0.4, 0.3, 1)]
    loss, means = training_plots(records, make_manifest(selected_epoch=1))
    assert len(points_of(loss, "train")) == 3
    assert len(points_of(loss, "line")) == len(points_of(means, "line")) == 2
    assert "nan" not in "".join(mark.path for mark in (*loss.marks, *means.marks))


def test_many_epochs_have_few_labels() -> None:
    records = [record(epoch, 0.5, 0.4, 0.3) for epoch in range(1, 401)]
    loss, _ = training_plots(records, make_manifest())
    assert 4 <= len(loss.x_ticks) <= 8
    assert loss.x_ticks[0].text == "1"


def test_a_loss_of_zero_has_an_axis() -> None:
    loss, _ = training_plots([record(1, 0, 0, 0), record(2, 0, 0, 0)], make_manifest())
    assert [y for _, y in points_of(loss, "line")] == [FRAME.bottom, FRAME.bottom]
