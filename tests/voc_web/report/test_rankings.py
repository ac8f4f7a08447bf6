"""The report's images are the ends of the rankings."""

import base64
import math
from pathlib import Path

import numpy as np
import pytest
from lxml import html
from report_pages import report_of
from sample_run import CLASSES, TINY, Sample, write_run
from web_pages import has_class, opened, text_of, texts

from voc_model.errors import NotFoundError
from voc_model.metrics.run_metrics import RunMetrics
from voc_web.formats import score_text


def test_the_worst_median_and_best_class_are_shown(trained: Sample, page: html.HtmlElement) -> None:
    metrics = RunMetrics.read(trained.run.metrics_path)
    found = {
        item.average_precision["sklearn"]: item.name
        for item in metrics.classes
        if not math.isnan(item.average_precision["sklearn"])
    }
    ordered = [found[value] for value in sorted(found)]
    reasons = ("lowest AP", "median AP", "highest AP")
    assert texts(page, "//section[@id='rankings']//h3") == [
        f"{name} {why}" for name, why in zip(ordered, reasons, strict=True)
    ]


@pytest.mark.parametrize("name", CLASSES)
def test_cards_are_the_ends_of_the_ranking(trained: Sample, tmp_path: Path, name: str) -> None:
    page = report_of(trained, tmp_path, name)
    column = CLASSES.index(name)
    rows = [row for row in trained.ranked_rows(column) if not np.isnan(trained.scores[row, column])]
    grids = page.xpath(f"//ol[{has_class('grid')}]")
    for grid, start, expected in zip(
        grids, (0, len(rows) - 10), (rows[:10], rows[-10:]), strict=True
    ):
        cards = grid.xpath("./li")
        assert grid.get("start") == str(start + 1)
        assert [text_of(card.xpath(".//span[contains(@class, 'rank')]")[0]) for card in cards] == [
            str(start + position) for position in range(1, 11)
        ]
        for card, row in zip(cards, expected, strict=True):
            score, label = float(trained.scores[row, column]), trained.labels[row, column]
            assert (
                text_of(card.xpath(f".//*[{has_class('image-name')}]")[0]) == trained.image_ids[row]
            )
            assert text_of(card.xpath(f".//*[{has_class('score')}]")[0]) == score_text(score)
            verdict = {-1: "difficult"}.get(
                label, "correct" if (score > 0.5) == label else "incorrect"
            )
            assert text_of(card.xpath(f".//*[{has_class('mark')}]")[0]) == verdict
            source = card.xpath("./img/@src")[0]
            image = opened(base64.b64decode(source.removeprefix("data:image/webp;base64,")))
            assert max(image.size) <= 240


def test_missing_and_damaged_images_are_told_on_their_cards(
    own_images: Sample, tmp_path: Path
) -> None:
    top = own_images.ranked_ids(0)[0]
    assert top != TINY
    (own_images.voc_dir / "JPEGImages" / f"{top}.jpg").write_bytes(b"\xff\xd8 not an image")
    page = report_of(own_images, tmp_path, "dog")
    problems = texts(page, f"//*[{has_class('card')}]//*[{has_class('no-image')}]")
    assert problems[0] == f"{top} could not be read"
    assert len(problems) >= 18
    assert all(text.endswith("not found") for text in problems[1:])


def test_an_unknown_class_is_reported_with_similar_ones(sample: Sample, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match=r"no class 'dgo' in this run.*Did you mean 'dog'\?"):
        report_of(sample, tmp_path, "dgo")
    assert not (tmp_path / "report.html").exists()


def test_few_images_are_in_one_list_only(tmp_path: Path, sample: Sample) -> None:
    rows = [row for row in range(30) if not np.isnan(sample.scores[row, 0])][:13]
    small = write_run(
        tmp_path / "runs" / "small",
        sample.voc_dir,
        [sample.image_ids[row] for row in rows],
        CLASSES,
        sample.scores[rows],
        sample.labels[rows],
    )
    page = report_of(small, tmp_path, "dog")
    shown = [str(name) for name in page.xpath(f"//*[{has_class('image-name')}]/@title")]
    assert shown == small.ranked_ids(0)
