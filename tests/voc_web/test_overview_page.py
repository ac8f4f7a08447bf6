"""The overview: metrics of every class, sorting, caveats and warnings."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

import numpy as np
import pytest
from flask.testing import FlaskClient
from lxml import html
from sample_run import MISSING, Sample, write_run
from sklearn.metrics import average_precision_score
from web_pages import client_of, has_class, parse, text_of, texts

from voc_model.metrics.precision_recall import average_precision

DASH = "\N{EN DASH}"


def rows_of(page: html.HtmlElement) -> list[list[str]]:
    """Returns class, AP, tail accuracy, images above 0.5 and present images of every row."""
    return [
        [text_of(cell) for cell in row.xpath("./th | ./td")][:5]
        for row in page.xpath("//table/tbody/tr")
    ]


def expected_row(sample: Sample, index: int) -> list[str]:
    """Computes a row from scores and labels, with scikit-learn for the AP."""
    scores, labels = sample.scores[:, index], sample.labels[:, index]
    counted = ~np.isnan(scores) & (labels >= 0)
    scores, labels = scores[counted], labels[counted]
    above = labels[scores > 0.5]
    ap = f"{average_precision_score(labels, scores):.3f}" if labels.any() else DASH
    tail = f"{above.mean():.3f}" if len(above) else DASH
    return [sample.classes[index], ap, tail, str(len(above)), str(labels.sum())]


def metric(page: html.HtmlElement, start: str) -> str:
    """Returns the text of the metric whose name has this prefix."""
    (box,) = page.xpath(f"//dl/div[starts-with(dt, '{start}')]")
    return text_of(box)


def test_metrics_of_every_class(client: FlaskClient, sample: Sample) -> None:
    page = parse(client, "/")
    assert rows_of(page) == [expected_row(sample, index) for index in range(len(sample.classes))]


def test_the_sample_has_an_undefined_class_and_one_never_above(sample: Sample) -> None:
    assert expected_row(sample, 3)[1] == DASH


@pytest.mark.parametrize("definition", ["sklearn", "voc2010", "voc2007"])
def test_ap_in_the_requested_definition(
    client: FlaskClient, sample: Sample, definition: str
) -> None:
    page = parse(client, f"/?ap={definition}")
    expected = [
        average_precision(sample.scores[:, index], sample.labels[:, index], definition)
        for index in range(len(sample.classes))
    ]
    shown = [row[1] for row in rows_of(page)]
    assert shown == [DASH if np.isnan(value) else f"{value:.3f}" for value in expected]
    assert f"{np.nanmean(expected):.3f} mean over 3 classes" in metric(page, "mAP")
    (chosen,) = page.xpath("//nav[@class='choices']/a[@aria-current]")
    assert f"ap={definition}" in chosen.get("href") or definition == "sklearn"


@pytest.mark.parametrize(
    ("key", "column"), [("ap", 1), ("tail", 2), ("above", 3), ("present", 4), ("class", 0)]
)
@pytest.mark.parametrize("order", ["ascending", "descending"])
def test_classes_are_sorted(
    client: FlaskClient, sample: Sample, key: str, column: int, order: str
) -> None:
    page = parse(client, f"/?sort={key}&order={order}")
    values = [row[column] for row in rows_of(page)]
    defined = [value for value in values if value != DASH]
    rank = sample.classes.index if key == "class" else float
    assert defined == sorted(defined, key=rank, reverse=order == "descending")
    assert values[len(defined) :] == [DASH] * (len(values) - len(defined)), (
        "undefined values are last"
    )
    (heading,) = page.xpath("//th[@aria-sort]")
    assert heading.get("aria-sort") == order
    (link,) = heading.xpath("./a")
    other = parse(client, link.get("href"))
    assert other.xpath("//th[@aria-sort]/@aria-sort") == [
        "descending" if order == "ascending" else "ascending"
    ]


@pytest.mark.parametrize(
    ("name", "order"),
    [
        ("AP", "ascending"),
        ("Tail accuracy", "ascending"),
        ("Above 0.5", "descending"),
        ("Present", "descending"),
    ],
)
def test_the_first_click_shows_the_worst_or_the_most_frequent_classes(
    client: FlaskClient, name: str, order: str
) -> None:
    (link,) = parse(client, "/").xpath(f"//thead//a[starts-with(., '{name}')]/@href")
    assert parse(client, link).xpath("//th[@aria-sort]/@aria-sort") == [order]


def test_sorting_keeps_the_definition(client: FlaskClient) -> None:
    page = parse(client, "/?ap=voc2007")
    assert all("ap=voc2007" in link for link in page.xpath("//thead//a/@href"))


def test_five_highest_scores_are_the_top_of_the_ranking(
    client: FlaskClient, sample: Sample
) -> None:
    page = parse(client, "/")
    truth = {1: "present", 0: "absent", -1: "difficult"}
    for index, row in enumerate(page.xpath("//table/tbody/tr")):
        ranked = sample.ranked_rows(index)[:5]
        links = [unquote(urlsplit(link).path) for link in row.xpath(".//li/a/@href")]
        assert links == [f"/images/{sample.image_ids[at]}" for at in ranked]
        marks = row.xpath(".//li/@class")
        assert marks == [f"strip-{truth[int(sample.labels[at, index])]}" for at in ranked]


def test_classes_of_equal_value_keep_their_order(sample: Sample, tmp_path: Path) -> None:
    same = np.tile(sample.scores[:, :1], (1, 3))
    labels = np.tile(sample.labels[:, :1], (1, 3))
    run = write_run(
        tmp_path / "same", sample.voc_dir, sample.image_ids, ("c", "a", "b"), same, labels
    )
    client = client_of(run, tmp_path / "cache")
    for order in ("ascending", "descending"):
        page = parse(client, f"/?sort=ap&order={order}")
        assert [row[0] for row in rows_of(page)] == ["c", "a", "b"]


@pytest.mark.parametrize("url", ["/", "/classes/dog", "/average-precision", "/images/2008_000001"])
def test_caveats_are_on_every_page(sample: Sample, tmp_path: Path, url: str) -> None:
    run = write_run(
        tmp_path / "caveats",
        sample.voc_dir,
        sample.image_ids,
        sample.classes,
        sample.scores,
        sample.labels,
        selected_on_reported_split=True,
        selected_epoch=7,
        training_overlap=1234,
    )
    page = parse(client_of(run, tmp_path / "cache"), url)
    caveats = texts(page, f"//*[{has_class('caveat')}]")
    for parts in (["Epoch 7", "val"], ["1,234"], ["could not be read: 2.", MISSING]):
        assert any(all(part in caveat for part in parts) for caveat in caveats), parts
    assert len(caveats) == len(set(caveats)), "each appears once"


def test_no_caveats_without_a_reason(sample: Sample, tmp_path: Path) -> None:
    scores = np.nan_to_num(sample.scores)
    run = write_run(
        tmp_path / "sound", sample.voc_dir, sample.image_ids, sample.classes, scores, sample.labels
    )
    page = parse(client_of(run, tmp_path / "cache"), "/")
    assert page.xpath(f"//*[{has_class('caveat')}]") == []


def test_missing_image_folder_is_reported(sample: Sample, tmp_path: Path) -> None:
    client = client_of(sample, tmp_path / "cache", voc_dir=tmp_path / "gone")
    page = parse(client, "/")
    caveats = " ".join(texts(page, f"//*[{has_class('caveat')}]"))
    assert "not found in gone." in caveats
    assert str(tmp_path) not in caveats
    assert "--root-dir" in caveats
    assert parse(client, "/classes/dog") is not None


def test_warnings_of_the_data_set_are_listed(sample: Sample, tmp_path: Path) -> None:
    warnings = ["a.txt:3: x is listed twice", "<b>.xml: unknown class"]
    run = write_run(
        tmp_path / "warned",
        sample.voc_dir,
        sample.image_ids,
        sample.classes,
        sample.scores,
        sample.labels,
        warnings=warnings,
    )
    page = parse(client_of(run, tmp_path / "cache"), "/")
    assert texts(page, "//details//li") == warnings


def test_many_classes_are_paged(sample: Sample, tmp_path: Path) -> None:
    names = tuple(f"class {number}" for number in range(230))
    scores = np.random.default_rng(0).random((6, len(names))).astype(np.float32)
    labels = (scores > 0.4).astype(np.int8)
    run = write_run(tmp_path / "many", sample.voc_dir, sample.image_ids[:6], names, scores, labels)
    client = client_of(run, tmp_path / "cache")
    url, seen = "/?sort=present", []
    while url:
        page = parse(client, url)
        seen += [row[0] for row in rows_of(page)]
        url = next(iter(page.xpath("//a[@rel='next']/@href")), None)
    assert sorted(seen) == sorted(names)
    assert len(seen) == len(names)
    back = parse(client, "/?sort=present&from=101").xpath("//a[@rel='prev']/@href")
    assert [row[0] for row in rows_of(parse(client, back[0]))] == seen[:100]
    assert client.get("/?from=231").status_code == 400
