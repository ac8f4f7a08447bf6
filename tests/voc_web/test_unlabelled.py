"""Images that nobody has labelled: shown, counted in no metric, never called difficult."""

from pathlib import Path

import numpy as np
import pytest
from api_client import get_json
from flask.testing import FlaskClient
from lxml import html
from sample_run import Sample, write_run
from web_pages import client_of, has_class, instrument_data, parse, text_of, texts

from voc_model.metrics.precision_recall import DifficultConvention

CARD = f"//li[{has_class('card')}]"
# By descending score: labels of dog and cat.
LABELS = [[1, 0], [-2, -2], [-1, 0], [0, -2], [-2, -2], [1, 1]]
SCORES = [0.9, 0.8, 0.7, 0.6, 0.3, 0.2]


@pytest.fixture(params=["ignore", "positive", "negative"])
def client(request: pytest.FixtureRequest, sample: Sample, tmp_path: Path) -> FlaskClient:
    convention: DifficultConvention = request.param
    scores = np.array([SCORES, SCORES], np.float32).T
    run = write_run(
        tmp_path / "unlabelled",
        sample.voc_dir,
        sample.image_ids[: len(SCORES)],
        ("dog", "cat"),
        scores,
        np.array(LABELS, np.int8),
        convention,
    )
    return client_of(run, tmp_path / "cache")


def cards(client: FlaskClient, url: str) -> list[html.HtmlElement]:
    found: list[html.HtmlElement] = parse(client, url).xpath(CARD)
    return found


def test_they_are_counted_apart_under_every_convention(client: FlaskClient) -> None:
    dog = get_json(client, "/class", class_="dog", threshold=0.5)
    assert dog["not_labelled"] == 2
    assert dog["present"] + dog["absent"] + dog["difficult"] == 4
    above = dog["at_threshold"]
    assert above["not_labelled"] == 1
    assert above["present"] + above["absent"] + above["difficult"] == 3


def test_cards_say_that_an_image_is_not_labelled(client: FlaskClient) -> None:
    found = cards(client, "/classes/dog?threshold=0.5")
    second, third, fifth = found[1], found[2], found[4]
    for card in (second, fifth):
        assert card.get("data-truth") == "not labelled"
        assert card.xpath(f"boolean(.//*[{has_class('mark-not-labelled')}])")
        assert "not labelled" in text_of(card)
        assert "difficult" not in text_of(card)
        assert "no label" not in text_of(card)
        assert texts(card, ".//*[@data-outcome]") == [""]
    assert "dog, difficult" in text_of(third)
    # Of the class alone: what else the image shows is known.
    fourth = cards(client, "/classes/cat")[3]
    assert "cat, not labelled" in text_of(fourth)


def test_the_filter_selects_them(client: FlaskClient) -> None:
    page = parse(client, "/classes/dog")
    (link,) = page.xpath("//nav[@aria-label='Label and outcome']/a[. = 'not labelled 2']/@href")
    filtered = parse(client, link)
    assert texts(filtered, f"{CARD}//*[{has_class('rank')}]") == ["2", "5"]
    body = get_json(client, "/ranking", class_="dog", truth="not labelled")
    assert [item["rank"] for item in body["images"]] == [2, 5]
    assert {item["truth"] for item in body["images"]} == {"not labelled"}
    assert {item["verdict"] for item in body["images"]} == {"not labelled"}
    assert [item["difficult_labels"] for item in body["images"]] == [[], []]
    for outcome in ("TP", "FP", "FN", "TN"):
        images = get_json(client, "/ranking", class_="dog", outcome=outcome)["images"]
        assert {2, 5}.isdisjoint(item["rank"] for item in images)


def test_neither_shows_nor_does_not_show_selects_them(client: FlaskClient) -> None:
    for filters in ({"with": "dog"}, {"without": "dog"}):
        images = get_json(client, "/ranking", class_="cat", **filters)["images"]
        assert {2, 5}.isdisjoint(item["rank"] for item in images)


def test_the_page_and_its_script_know_their_number(client: FlaskClient) -> None:
    page = parse(client, "/classes/dog?threshold=0.5")
    assert any("2 not labelled" in text for text in texts(page, "//dl[@class='metrics']//dd"))
    assert texts(page, "//*[@data-live='notLabelled']") == ["1"]
    (handle,) = page.xpath("//input[@data-threshold-handle]")
    assert handle.get("value") == "4", "the rank of the threshold counts every image above it"
    data = instrument_data(page)
    ranks = np.add(np.add(data["count"], data["ignored"]), data["unknown"])
    assert ranks[-1] == 6
    assert data["complete"]
    marks = page.xpath(f"//*[local-name()='path'][{has_class('mark-not-labelled')}]/@d")
    assert [mark.count("M") for mark in marks] == [2, 2], "in the strip and in the histogram"


def test_the_strip_and_the_histogram_count_them(client: FlaskClient) -> None:
    bins = get_json(client, "/strip", class_="dog")["bins"]
    assert [item["not_labelled"] for item in bins] == [0, 1, 0, 0, 1, 0]
    assert sum(item["unreadable"] for item in bins) == 0
    histogram = get_json(client, "/curves/histogram", class_="dog")["bins"]
    assert sum(item["not_labelled"] for item in histogram) == 2
    points = get_json(client, "/operating-points", class_="dog")["points"]
    assert points[-1]["not_labelled_above"] == 2


def test_an_image_page_names_the_classes_without_a_label(client: FlaskClient) -> None:
    image = get_json(client, "/ranking", class_="dog")["images"][3]["image_id"]
    facts = get_json(client, "/image", image=image)
    assert {item["class"]: item["truth"] for item in facts["scores"]} == {
        "dog": "absent",
        "cat": "not labelled",
    }
    page = parse(client, f"/images/{image}")
    rows = texts(page, "//tbody[@data-score-rows]/tr")
    assert any("cat" in row and "not labelled" in row for row in rows)
    assert texts(page, "//*[@data-annotation]") == ["No annotated objects."]


def test_the_page_of_an_image_without_any_label_says_so(client: FlaskClient) -> None:
    image = get_json(client, "/ranking", class_="dog")["images"][1]["image_id"]
    assert texts(parse(client, f"/images/{image}"), "//*[@data-annotation]") == ["Not labelled."]


def test_a_run_without_such_images_does_not_mention_them(sample: Sample, tmp_path: Path) -> None:
    page = parse(client_of(sample, tmp_path / "cache"), "/classes/dog")
    assert "not labelled" not in text_of(page)
