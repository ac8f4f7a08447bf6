"""The overview: metrics of every class, sorting, caveats and warnings."""

import csv
from pathlib import Path
from urllib.parse import unquote, urlsplit

import numpy as np
import pytest
from flask.testing import FlaskClient
from lxml import html
from sample_run import MISSING, Sample, write_run
from sklearn.metrics import average_precision_score, f1_score, recall_score
from web_pages import client_of, has_class, parse, text_of, texts

from voc_model.metrics.precision_recall import average_precision
from voc_web.formats import fraction_text, score_text

DASH = "\N{EN DASH}"


def rows_of(page: html.HtmlElement) -> list[list[str]]:
    """Returns class, AP, tail accuracy, recall, F1 and present images of every row."""
    return [
        [text_of(cell) for cell in row.xpath("./th/a | ./td")][:6]
        for row in page.xpath("//table/tbody/tr")
    ]


def expected_row(sample: Sample, index: int) -> list[str]:
    """Computes a row from scores and labels, with scikit-learn for the AP."""
    scores, labels = sample.scores[:, index], sample.labels[:, index]
    counted = ~np.isnan(scores) & (labels >= 0)
    scores, labels = scores[counted], labels[counted]
    above = labels[scores > 0.5]
    tail = f"{above.mean():.3f}" if len(above) else DASH
    values = [DASH] * 3
    if labels.any():
        found = [metric(labels, scores > 0.5) for metric in (recall_score, f1_score)]
        values = [f"{value:.3f}" for value in (average_precision_score(labels, scores), *found)]
    return [sample.classes[index], values[0], tail, *values[1:], str(labels.sum())]


def metric(page: html.HtmlElement, start: str) -> str:
    """Returns the text of the metric whose name has this prefix."""
    (box,) = page.xpath(f"//dl/div[starts-with(dt, '{start}')]")
    return text_of(box)


def tiles_of(row: html.HtmlElement) -> list[tuple[str, str]]:
    """Returns the image id and the mark of every image of a row."""
    return [
        (unquote(urlsplit(tile.xpath("./a/@href")[0]).path).removeprefix("/images/"), mark)
        for tile in row.xpath(".//li")
        for mark in [tile.get("class", "").removeprefix("strip-")]
    ]


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
    (chosen,) = page.xpath("//nav[@aria-label='Definition of average precision']/a[@aria-current]")
    assert f"ap={definition}" in chosen.get("href") or definition == "sklearn"


@pytest.mark.parametrize(
    ("key", "column"),
    [("ap", 1), ("tail", 2), ("recall", 3), ("f1", 4), ("present", 5), ("class", 0)],
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
        ("F1", "ascending"),
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


TRUTH = {1: "present", 0: "absent", -1: "difficult", -2: "not labelled"}


def test_the_highest_scores_are_the_top_of_the_ranking(client: FlaskClient, sample: Sample) -> None:
    for index, row in enumerate(parse(client, "/").xpath("//table/tbody/tr")):
        ranked = sample.ranked_rows(index)[:5]
        marks = [TRUTH[int(sample.labels[at, index])] for at in ranked]
        assert tiles_of(row) == [
            (sample.image_ids[at], "" if mark == "present" else mark)
            for at, mark in zip(ranked, marks, strict=True)
        ]
        for rank, tile in enumerate(row.xpath(".//li/a/@title"), 1):
            score = sample.scores[ranked[rank - 1], index]
            assert tile == f"rank {rank}, score {score_text(score)}, {marks[rank - 1]}"


def test_mistakes_and_misses_are_the_worst_images_of_the_class(
    convention: tuple[FlaskClient, Sample],
) -> None:
    """The highest-scoring absent images and the lowest-scoring present ones."""
    client, sample = convention
    for show, label, step in (("mistakes", 0, 1), ("misses", 1, -1)):
        page = parse(client, f"/?show={show}")
        for index, row in enumerate(page.xpath("//table/tbody/tr")):
            scores, labels = sample.scores[:, index], sample.labels[:, index]
            readable = [at for at in sample.ranked_rows(index) if not np.isnan(scores[at])]
            worst = [at for at in readable if labels[at] == label][::step][:5]
            assert [tile for tile, _ in tiles_of(row)] == [sample.image_ids[at] for at in worst]
            if not worst:
                assert text_of(row.xpath("./td")[-1]) == "none"
            if show == "mistakes":
                assert all(mark in ("absent", "difficult") for _, mark in tiles_of(row))
            for at, (_, mark) in zip(worst, tiles_of(row), strict=True):
                if show == "misses" and mark != "difficult":
                    assert (mark == "incorrect") == (scores[at] <= 0.5)


def test_a_row_leads_to_the_page_that_continues_its_images(client: FlaskClient) -> None:
    card = f"//li[{has_class('card')}]"
    for row in parse(client, "/?show=mistakes").xpath("//table/tbody/tr"):
        cards = parse(client, row.xpath("./th/a/@href")[0]).xpath(f"{card}/a/@data-image")
        shown = [tile for tile, _ in tiles_of(row)]
        assert cards[: len(shown)] == shown[: len(cards)]
    for row in parse(client, "/?show=misses").xpath("//table/tbody/tr[.//li]"):
        page = parse(client, row.xpath("./th/a/@href")[0])
        cards = page.xpath(f"{card}/a/@data-image")[::-1]
        shown = [tile for tile, mark in tiles_of(row) if mark == "incorrect"]
        assert cards[: len(shown)] == shown
        assert page.xpath(f"{card}[@aria-current]/a/@data-image") == shown[:1]


def test_a_row_says_what_is_wrong(client: FlaskClient, sample: Sample) -> None:
    texts_of_dog = texts(parse(client, "/"), f"//tbody/tr[1]//*[{has_class('sentence')}]")
    counted = ~np.isnan(sample.scores[:, 0]) & (sample.labels[:, 0] >= 0)
    scores, labels = sample.scores[counted, 0], sample.labels[counted, 0]
    wrong, missed = ((scores > 0.5) & (labels == 0)).sum(), (labels[scores <= 0.5] == 1).sum()
    assert texts_of_dog[0].startswith(f"{(scores > 0.5).sum()} above 0.5, {wrong} wrong: ")
    assert texts_of_dog[1] == f"{missed} of {labels.sum()} missed"


def test_classes_are_found_by_a_part_of_their_name(client: FlaskClient) -> None:
    page = parse(client, "/?name=%20BAUM%20&sort=ap&show=misses")
    assert [row[0] for row in rows_of(page)] == ["grüner Baum & Strauch"]
    (form,) = page.xpath("//form[@role='search']")
    fields = {item.get("name"): item.get("value") for item in form.xpath(".//input")}
    assert fields == {"sort": "ap", "show": "misses", "name": "BAUM"}
    links = page.xpath(f"//thead//a/@href | //nav[{has_class('choices')}]//a/@href")
    assert all("name=BAUM" in link for link in links)
    nothing = parse(client, "/?name=x%26%3Cy&thresholds=best-f1")
    assert "x&<y" in text_of(nothing.xpath(f"//p[{has_class('empty-state')}]")[0])
    assert len(rows_of(parse(client, nothing.xpath("//p/a[text()='All classes']/@href")[0]))) == 4


def test_the_table_is_a_csv_file(client: FlaskClient) -> None:
    page = parse(client, "/?sort=f1&order=descending&name=r&thresholds=precision&precision=0.8")
    (link,) = page.xpath("//a[text()='CSV']/@href")
    rows = list(csv.DictReader(client.get(link).get_data(as_text=True).splitlines()))
    assert [row["class"] for row in rows] == [row[0] for row in rows_of(page)]
    for row, shown in zip(rows, rows_of(page), strict=True):
        fields = ("average_precision", "threshold", "precision", "recall", "f1")
        values = [float(row[field] or "nan") for field in fields]
        assert [fraction_text(value) for value in np.delete(values, 1)] == list(
            np.delete(shown[1:], 1)
        )
        assert score_text(values[1]) == shown[2]
        found = int(row["images_above"]) - int(row["false_positives"])
        assert found + int(row["false_negatives"]) == int(row["present"])


def test_a_rule_that_has_no_such_column_is_sorted_by_class(client: FlaskClient) -> None:
    page = parse(client, "/?sort=present&order=descending&show=misses")
    rules = page.xpath("//nav[@aria-label='Thresholds of all classes']/a")
    assert [rule.get("href") for rule in rules] == [
        "/?sort=present&order=descending&show=misses",
        "/?thresholds=best-f1&show=misses",
    ]


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


def test_scores_of_several_models_say_so(sample: Sample, tmp_path: Path) -> None:
    run = write_run(
        tmp_path / "folds",
        sample.voc_dir,
        sample.image_ids,
        sample.classes,
        sample.scores,
        sample.labels,
        models=5,
        selected_on="its own fold of the train split",
    )
    page = parse(client_of(run, tmp_path / "cache"), "/")
    first, *others = texts(page, f"//*[{has_class('caveat')}]")
    assert first == (
        "Each score is the mean of 5 models, each trained without one fold of the training images; "
        "the epoch of each was chosen on its own fold of the train split."
    )
    assert not any("optimistic" in text for text in others)


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
