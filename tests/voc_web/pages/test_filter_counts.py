"""Every count beside a filter is the number of images that the filter selects."""

import operator
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import numpy as np
import pytest
from api_client import get_json_at
from flask.testing import FlaskClient
from lxml import html
from sample_run import Sample, make_sample, write_run
from web_pages import client_of, has_class, parse, text_of, texts

from voc_model.metrics.precision_recall import DifficultConvention
from voc_model.store import selections
from voc_web.formats import short_score_text
from voc_web.pages import filter_counts

SUMMARY = f"//nav[{has_class('summary')}]"
QUERIES = (
    "",
    "threshold=0.31&id=2008_0000",
    "threshold=0.6&outcome=FN",
    "threshold=0.6&outcome=FN&taken_for=person",
    "threshold=0.2&outcome=FP&with=person",
    "threshold=0.45&outcome=FN&others=right&score_from=0.2",
    "outcome=FP&labels=none&threshold=0.1",
    "truth=difficult&others=none",
    "truth=absent&without=zebra&score_to=0.4",
)


@pytest.fixture(scope="module", params=["ignore", "positive", "negative"])
def client(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    """The sample with unlabelled images, and with images in which no class is present."""
    convention: DifficultConvention = request.param
    folder = tmp_path_factory.mktemp(convention)
    made = make_sample(folder, convention)
    labels = made.labels.copy()
    labels[10:20], labels[30:36, 1], labels[40:60] = -2, -2, np.minimum(labels[40:60], 0)
    run = write_run(
        folder / "run", made.voc_dir, made.image_ids, made.classes, made.scores, labels, convention
    )
    return client_of(run, folder / "cache")


def count_in(element: html.HtmlElement) -> int:
    (count,) = texts(element, f".//*[{has_class('count')}]")
    return int(count)


def links(page: html.HtmlElement) -> Iterator[tuple[str, int]]:
    """Yields every link with a count."""
    for link in page.xpath(f"//nav[{has_class('choices')}]/a | {SUMMARY}//a"):
        yield link.get("href"), count_in(link)


def choices_of_form(page: html.HtmlElement, query: str) -> Iterator[tuple[str, int]]:
    """Yields what further classes of the form lead to."""
    for name in ("with", "without"):
        *_, further = page.xpath(f"//select[@name='{name}']")
        for option in further.xpath("./option[@value != '']"):
            value = option.get("value")
            count = int(text_of(option).removeprefix(f"{value} (").removesuffix(")"))
            assert ("disabled" in option.attrib) == (count == 0)
            yield f"/classes/dog?{query}&{urlencode({name: value})}", count


def test_false_positives_without_a_label_are_those_of_the_overview(client: FlaskClient) -> None:
    # Where difficult counts as absent, the overview has difficult images, too; filters do not.
    agree = (
        operator.lt if client.get("/api/v1/run").json["difficult"] == "negative" else operator.eq
    )
    for name in ("dog", "person"):
        mistakes = client.get(f"/api/v1/class?class={name}").json["mistakes"]
        page = parse(client, f"/classes/{name}?outcome=FP")
        (count,) = [count for address, count in links(page) if "labels=none" in address]
        assert count > 0
        assert agree(count, mistakes["without_label"])


@pytest.mark.parametrize("query", QUERIES)
def test_each_count_is_that_of_the_images_behind_it(client: FlaskClient, query: str) -> None:
    page = parse(client, f"/classes/dog?{query}")
    found = [*links(page), *choices_of_form(page, query)]
    assert len(found) > 8
    for address, count in found:
        parameters = parse_qs(urlsplit(address).query) | {"class": ["dog"], "size": ["1"]}
        body = get_json_at(client, f"/api/v1/ranking?{urlencode(parameters, doseq=True)}")
        assert body["matches"] == count, address


def test_false_negatives_are_summarized(convention: tuple[FlaskClient, Sample]) -> None:
    """Each image counts once, and the class chosen is marked; the numbers are checked elsewhere."""
    client, _ = convention
    page = parse(client, "/classes/dog?outcome=FN&threshold=0.6")
    total = int(text_of(page.xpath("//section//h2")[0]).split()[0])
    counts = [count_in(link) for link in page.xpath(f"{SUMMARY}//a")]
    assert sum(counts) == total > 0
    (summary,) = texts(page, SUMMARY)
    assert summary.startswith("Taken for person ")
    assert "only present classes" in summary
    assert "no other class above 0.6" in summary
    assert "threshold of this page" in summary
    first = page.xpath(f"{SUMMARY}//a/@href")[0]
    there = parse(client, first)
    assert texts(there, f"{SUMMARY}//a[@aria-current]") == [f"person {counts[0]}"]
    assert texts(there, f"//ul[{has_class('chips')}]/li/a")[0].startswith("taken for person ")
    assert not there.xpath("//details[@open]"), "the form does not have it"
    image_page = parse(client, there.xpath(f"//li[{has_class('card')}]/a/@href")[0])
    back = image_page.xpath("//nav[@aria-label='Ranking of dog']/a[not(@rel)]/@href")[0]
    assert parse_qs(urlsplit(back).query)["taken_for"] == ["person"]


def test_only_wrong_predictions_are_summarized(client: FlaskClient) -> None:
    for query in ("", "outcome=TP", "outcome=TN", "truth=present", "outcome=FP&threshold=1"):
        assert parse(client, f"/classes/dog?{query}").xpath(SUMMARY) == []


def test_many_classes_are_folded(sample: Sample, tmp_path: Path) -> None:
    names = tuple(f"class {number}" for number in range(14))
    scores = np.eye(14, dtype=np.float32)
    labels = np.zeros(scores.shape, np.int8)
    labels[1:, 0] = 1
    made = write_run(tmp_path / "run", sample.voc_dir, sample.image_ids[:14], names, scores, labels)
    page = parse(client_of(made, tmp_path / "cache"), "/classes/class 0?outcome=FN")
    assert len(page.xpath(f"{SUMMARY}/a")) == 8
    (more,) = page.xpath(f"{SUMMARY}/details")
    assert text_of(more).startswith("5 more")
    assert len(more.xpath(".//a")) == 5


def test_the_link_to_a_class_is_not_filtered_by_what_is_taken_for_it(client: FlaskClient) -> None:
    page = parse(client, "/classes/dog?threshold=0.6&outcome=FN&taken_for=person")
    links = page.xpath(f"//nav[{has_class('side')}]//li/a/@href")
    kept = {urlsplit(link).path: "taken_for=person" in link for link in links}
    assert not kept.pop("/classes/person")
    assert kept and all(kept.values())


def test_large_selections_are_not_counted(
    sample: Sample, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selections, "MAX_VALUES", 40)
    monkeypatch.setattr(filter_counts, "_MAX_COUNTED", 40)
    client = client_of(sample, tmp_path)
    page = parse(client, "/classes/dog?outcome=FN&threshold=1&score_from=0")
    assert page.xpath(f"{SUMMARY}//a") == []
    assert "up to 10 images" in texts(page, SUMMARY)[0]
    assert page.xpath(f"//nav[{has_class('choices')}]//*[{has_class('count')}]") == []
    assert page.xpath("//option[@disabled]") == []
    whole = parse(client, "/classes/dog")
    assert len(whole.xpath(f"//nav[{has_class('choices')}]//*[{has_class('count')}]")) == 8
    response = client.get("/classes/dog?taken_for=person")
    assert response.status_code == 400
    assert "up to 10 images; the other filters select 128" in response.get_data(as_text=True)


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("taken_for=unicorn", "taken_for must be the name of a class. There is no class"),
        ("others=wrong", "others must be 'right' or 'none', not 'wrong'."),
        ("labels=some", "labels must be 'none', not 'some'."),
    ],
)
def test_invalid_values(client: FlaskClient, query: str, message: str) -> None:
    assert client.get(f"/classes/dog?{query}").status_code == 400
    problem = client.get(f"/api/v1/ranking?class=dog&{query}")
    assert problem.status_code == 400
    assert message in problem.get_json()["detail"]


# Cards -------------------------------------------------------------------------------------------


def test_cards_show_the_two_highest_other_scores(client: FlaskClient) -> None:
    name = "grüner Baum & Strauch"
    page = parse(client, f"/classes/{quote(name)}?size=130")
    for card in page.xpath(f"//li[{has_class('card')} and @data-truth]"):
        image = get_json_at(
            client, f"/api/v1/image?{urlencode({'image': card.xpath('.//img/@alt')[0]})}"
        )
        others = [row for row in image["scores"] if row["class"] != name][:2]
        (line,) = texts(card, f".//*[{has_class('card-others')}]")
        parts = [
            f"{row['class']} {short_score_text(row['score'])}"
            + (f" , {row['truth']}" if row["truth"] != "absent" else "")
            for row in others
        ]
        assert line == f"highest other scores: {' '.join(parts)}"
