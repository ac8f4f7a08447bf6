"""Figures are valid PNG files for any number of classes and epochs."""

import os
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from matplotlib.axes import Axes
from PIL import Image

from voc_model.metrics import figure_style
from voc_model.metrics.evaluation import evaluate
from voc_model.metrics.figures import are_current, draw_figures, list_figures
from voc_model.store.history import EpochRecord, write_history
from voc_model.store.manifest import Manifest
from voc_model.store.runs import RunFolder
from voc_model.store.scores import ScoreTable


def make_table(class_count: int, **settings: object) -> ScoreTable:
    rng = np.random.default_rng(4)
    labels = (rng.random((60, class_count)) < 0.4).astype(np.int8)
    scores = np.clip(0.5 * labels + 0.6 * rng.random(labels.shape), 0, 1).astype(np.float32)
    scores[:, -1] = 0.1  # never above 0.5: no tail accuracy
    labels[:, -1] = 0  # and no AP
    scores[7] = np.nan
    manifest = Manifest(
        run="r", voc_dir="/voc", split="val", selected_epoch=2, selected_on="the val split",
        settings=settings,
    )  # fmt: skip
    image_ids = [f"{row:03}" for row in range(60)]
    classes = [f"class {index}" for index in range(class_count)]
    return ScoreTable.build(image_ids, classes, scores, labels, manifest)


@pytest.mark.parametrize(("class_count", "epochs"), [(20, 11), (6, 2), (2, 1), (1, 0)])
def test_every_figure_is_drawn(tmp_path: Path, class_count: int, epochs: int) -> None:
    run = RunFolder(tmp_path / "runs" / "r")
    records = [
        EpochRecord(epoch, 1 / epoch, 1.2 / epoch, 1 - 0.5 / epoch, 1e-3, 1.0, {"bird": 0.5})
        for epoch in range(1, epochs + 1)
    ]
    if records:
        write_history(run.history_path, records)
    table = make_table(class_count)
    draw_figures(run, table, *evaluate(table))
    names = {
        *("average_precision.png", "mean_tail_accuracy.png"),
        *("tail_accuracy.png", "tail_accuracy_by_percentage.png"),
    }
    names |= {"loss.png", "map.png"} if records else set()
    assert {path.name for path in run.figures_dir.iterdir()} == names
    assert {path.name for path in list_figures(run)} == names
    for path in list_figures(run):
        with Image.open(path) as image:
            image.load()
            assert image.format == "PNG"
            assert min(image.size) > 300
            assert np.asarray(image.convert("L")).std() > 5  # not blank


def test_a_class_name_is_no_formula(tmp_path: Path) -> None:
    run = RunFolder(tmp_path / "runs" / "r")
    table = replace(make_table(2), classes=(r"$\frac{$", "a$b"))
    draw_figures(run, table, *evaluate(table))
    assert (run.figures_dir / "tail_accuracy.png").is_file()


@pytest.mark.parametrize(
    ("settings", "label"),
    [
        ({}, "training"),
        ({"loss": "bce", "pos_weight": "none", "label_smoothing": 0.0}, "training"),
        ({"label_smoothing": 0.1}, "training, label smoothing 0.1"),
        ({"loss": "asymmetric"}, "training, asymmetric loss"),
        (
            {"pos_weight": "balanced", "label_smoothing": 0.1},
            "training, present labels weighted, label smoothing 0.1",
        ),
    ],
)
def test_a_training_loss_unlike_the_validations_is_labelled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: dict[str, object], label: str
) -> None:
    run = RunFolder(tmp_path / "runs" / "r")
    write_history(run.history_path, [EpochRecord(1, 0.5, 0.4, 0.5, 1e-3, 1.0, {"bird": 0.5})])
    labels: list[str] = []
    monkeypatch.setattr(Axes, "annotate", lambda _axes, text, *_, **__: labels.append(text))
    table = make_table(2, **settings)
    draw_figures(run, table, *evaluate(table))
    assert label in labels
    assert "validation" in labels


@pytest.mark.parametrize(
    ("trained", "marked"),
    [(["head"] * 2 + ["all"], [2.5, 2.5]), (["head"] * 3, []), (["all"] * 3, []), ([""], [])],
)
def test_the_end_of_a_linear_probe_is_marked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trained: list[str], marked: list[float]
) -> None:
    run = RunFolder(tmp_path / "runs" / "r")
    records = [
        EpochRecord(epoch, 0.5, 0.4, 0.5, 1e-3, 1.0, {"bird": 0.5}, trainable)
        for epoch, trainable in enumerate(trained, start=1)
    ]
    write_history(run.history_path, records)
    lines: list[float] = []
    monkeypatch.setattr(Axes, "axvline", lambda _axes, epoch, **_: lines.append(epoch))
    table = make_table(2)
    draw_figures(run, table, *evaluate(table))
    assert lines == marked, "in both plots of training"


def test_characters_without_a_font_are_drawn_as_their_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rather than as empty boxes, with a warning of Matplotlib for each."""
    monkeypatch.setattr(figure_style, "installed_fonts", lambda: ("DejaVu Sans",))
    assert figure_style.drawable("grüner Baum, 犬") == "grüner Baum, U+72AC"
    run = RunFolder(tmp_path / "runs" / "狗")
    table = replace(make_table(2), classes=("犬", "고양이"))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        draw_figures(run, table, *evaluate(table))
    assert all(path.is_file() for path in list_figures(run))


def test_fonts_of_the_system_are_used() -> None:
    fonts = figure_style.installed_fonts()
    assert fonts[0] == "DejaVu Sans", "which Matplotlib brings along"
    assert set(fonts) <= set(figure_style._FONTS)


def test_figures_are_current_as_long_as_they_show_these_metrics(tmp_path: Path) -> None:
    run, table = RunFolder(tmp_path / "r"), make_table(2)
    record = EpochRecord(1, 1.0, 1.2, 0.5, 1e-3, 1.0, {"bird": 0.5})
    write_history(run.history_path, [record])
    metrics, curves = evaluate(table)
    assert not are_current(run, metrics)
    draw_figures(run, table, metrics, curves)
    assert are_current(run, metrics)
    for path in list_figures(run):
        os.utime(path, (1e9, 1e9))
    assert are_current(run, metrics), "a copy may have any time"
    assert not are_current(run, evaluate(table, "positive")[0])
    path = list_figures(run)[0]
    whole = path.read_bytes()
    for damaged in (whole[: len(whole) // 2], whole[:-2000] + b"?" + whole[-1999:], b""):
        path.write_bytes(damaged)
        assert not are_current(run, metrics)
    path.write_bytes(whole)
    assert are_current(run, metrics)
    write_history(run.history_path, [record, record])
    assert not are_current(run, metrics)
