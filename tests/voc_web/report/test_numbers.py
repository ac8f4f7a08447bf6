"""The report's numbers are those of the run's metrics."""

import pytest
from lxml import html
from report_pages import DASH, interval_of, section
from sample_run import Sample
from web_pages import has_class, text_of, texts

from voc_model.metrics.bootstrap import average_precision_intervals
from voc_model.metrics.run_metrics import RunMetrics
from voc_model.store.scores import ScoreTable
from voc_web.formats import fraction_text


def test_every_class_has_its_average_precision_and_interval(
    trained: Sample, page: html.HtmlElement
) -> None:
    metrics = RunMetrics.read(trained.run.metrics_path)
    intervals = average_precision_intervals(ScoreTable.open(trained.run.scores_path))
    rows = [
        [text_of(cell) for cell in row.xpath("./th | ./td[not(contains(@class, 'whisker'))]")]
        for row in section(page, "average-precision").xpath(".//tbody/tr")
    ]
    expected = [
        [
            item.name,
            fraction_text(item.average_precision["sklearn"]),
            interval_of(interval),
            fraction_text(item.average_precision["voc2010"]),
            fraction_text(item.average_precision["voc2007"]),
            fraction_text(item.accuracy),
            fraction_text(item.baseline_accuracy),
            f"{item.present:,}",
        ]
        for item, interval in zip(metrics.classes, intervals.classes, strict=True)
    ]
    assert sorted(rows) == sorted(expected)
    values = [row[1] for row in rows]
    assert values == [*sorted(values[:-1], reverse=True), DASH], "the highest first, undefined last"
    assert rows[-1][:3] == ["zebra", DASH, DASH]


def test_whiskers_are_drawn_where_the_numbers_are(page: html.HtmlElement) -> None:
    drawn = 0
    for row in section(page, "average-precision").xpath(".//tbody/tr"):
        value, interval = (text_of(cell) for cell in row.xpath("./td")[:2])
        circles, lines = row.xpath(".//circle"), row.xpath(".//line[not(@class)]")
        if value == DASH:
            assert circles == lines == []
            continue
        low, high = interval.split(DASH)
        for text, place in (
            (value, circles[0].get("cx")), (low, lines[0].get("x1")), (high, lines[0].get("x2")),
        ):  # fmt: skip
            assert float(place.rstrip("%")) == pytest.approx(100 * float(text), abs=0.06)
        drawn += 1
    assert drawn == 3


def test_the_head_has_the_means_and_says_over_how_many_classes(
    trained: Sample, page: html.HtmlElement
) -> None:
    metrics = RunMetrics.read(trained.run.metrics_path)
    interval = average_precision_intervals(ScoreTable.open(trained.run.scores_path)).mean
    head = texts(page, f"//header//dl[{has_class('metrics')}]/div")
    means = metrics.mean_average_precision
    tail, top = (metrics.mean_tail[grid] for grid in ("threshold", "percentile"))
    assert head == [
        f"mAP, scikit-learn's AP {fraction_text(means['sklearn'])} "
        f"95 % interval {interval_of(interval)} mean over 3 classes",
        f"mAP, VOC 2010 {fraction_text(means['voc2010'])} over 3 classes",
        f"mAP, VOC 2007 {fraction_text(means['voc2007'])} 11 points, over 3 classes",
        f"Tail accuracy at 0.5 {fraction_text(tail.accuracy[0])} mean over "
        f"{tail.classes_defined[0]} classes with an image above 0.5",
    ]
    text = text_of(section(page, "tail-accuracy"))
    assert f"at {tail.at[-1]} it is {fraction_text(tail.accuracy[-1])} over" in text
    assert f"the mean is {fraction_text(top.accuracy[0])} of the top 0.1 %" in text
    assert f"{fraction_text(top.accuracy[-1])} of the top 50 %" in text
    accuracy = text_of(section(page, "average-precision"))
    assert f"it is {fraction_text(metrics.mean_accuracy)} on average over 4 classes" in accuracy
    assert f"reaches {fraction_text(metrics.mean_baseline_accuracy)}." in accuracy


def test_caveats_are_beside_the_numbers(page: html.HtmlElement) -> None:
    caveats = texts(page, f"//header/p[{has_class('caveat')}]")
    for part in ("1,234 of these images", "Epoch 2 was chosen on this same split", "read: 2."):
        assert sum(part in caveat for caveat in caveats) == 1
    meaning = text_of(section(page, "meaning"))
    assert "chosen on the images that are reported" in meaning
    assert "1,234 of the images were also trained on" in meaning


def test_panels_have_the_tail_accuracy_of_every_class(
    trained: Sample, page: html.HtmlElement
) -> None:
    panels = page.xpath(f"//ul[{has_class('panels-of-classes')}]/li")
    metrics = RunMetrics.read(trained.run.metrics_path)
    for panel, item, column in zip(panels, metrics.classes, range(4), strict=True):
        above = trained.scores[:, column] > 0.5
        labels = trained.labels[above, column]
        counted = labels[labels >= 0]
        assert texts(panel, "./p[1]") == [item.name]
        expected = f"{(counted == 1).mean():.3f} of {len(counted)}"
        assert texts(panel, "./p[last()]") == [expected]
        assert len(panel.xpath(".//path[@class='own']")) == 1
