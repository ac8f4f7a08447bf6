"""The report says how the scores came about, and how to get them again."""

import base64
import json
from pathlib import Path

import pytest
from lxml import html
from report_pages import SETTINGS, interval_of, report_of, section
from sample_run import Sample, make_sample
from web_pages import has_class, text_of, texts

from voc_model.metrics.bootstrap import average_precision_intervals
from voc_model.store.scores import ScoreTable


def test_training_settings_and_seed_are_shown(page: html.HtmlElement) -> None:
    training = section(page, "training")
    text = text_of(training)
    assert (
        "3 epochs. The scores are those of epoch 2, which had the highest mAP on the val split"
        in text
    )
    assert "come from the seed 43." in text
    assert "0.750 in epoch 2" in text
    assert "dashed: training with smoothed labels" in text
    settings = dict(zip(texts(training, ".//dt"), texts(training, ".//dd"), strict=True))
    assert settings == {
        "weights": "standin.pth",
        "seed": "43",
        "label_smoothing": "0.1",
        "val_split": "test",
        "difficult": "positive",
    }


def test_it_says_how_to_reproduce_the_scores(trained: Sample, page: html.HtmlElement) -> None:
    how = section(page, "reproduction")
    score = f"python scripts/precompute_scores.py --root-dir {trained.voc_dir.name}/JPEGImages"
    assert texts(how, ".//pre/code") == [
        f"{score} --run 'my run' --config settings.json --weights standin.pth --split val "
        "--difficult ignore",
        f"{score} --run 'my run' --verify-against scores.npz",
        "python scripts/write_report.py --run 'my run' --out report.html",
    ]
    (link,) = how.xpath(".//a[@download='settings.json']/@href")
    content = base64.b64decode(link.removeprefix("data:application/json;base64,"))
    assert json.loads(content) == SETTINGS | {"weights": "standin.pth"}
    text = text_of(how)
    table = ScoreTable.open(trained.run.scores_path)
    for part in (
        table.digest,
        "c" * 64,
        "f" * 64,
        "bfloat16 on a CPU",
        "torch 2.11.0",
        "a.xml: odd",
    ):
        assert part in text


def test_scores_from_elsewhere_say_that_they_record_nothing(sample: Sample, tmp_path: Path) -> None:
    page = report_of(sample, tmp_path, "dog")
    assert "The run has no history" in text_of(section(page, "training"))
    how = section(page, "reproduction")
    assert texts(how, ".//pre/code") == [
        "python scripts/write_report.py --run sample --out report.html"
    ]
    assert text_of(how).count("not recorded") == 3
    assert "do not say on which images the epoch was chosen" in text_of(section(page, "meaning"))


@pytest.mark.parametrize("difficult", ["positive", "negative"])
def test_the_convention_is_the_runs(tmp_path: Path, difficult: str) -> None:
    made = make_sample(tmp_path / "sample", difficult)  # type: ignore[arg-type]
    page = report_of(made, tmp_path, "dog")
    counted = {"positive": "present", "negative": "absent"}[difficult]
    assert f"With difficult objects only it counts as {counted}." in text_of(page)
    table = ScoreTable.open(made.run.scores_path)
    interval = average_precision_intervals(table, difficult).mean  # type: ignore[arg-type]
    assert interval_of(interval) in texts(page, f"//header//dl[{has_class('metrics')}]/div")[0]
