"""The class page: top and bottom of the ranking, paging, verdicts and counts."""

import re
from pathlib import Path
from urllib.parse import parse_qs, parse_qsl, quote, unquote, urlsplit

import numpy as np
import pytest
from flask.testing import FlaskClient
from lxml import html
from sample_run import CORRUPT, IMAGES, MISSING, Sample, write_run
from web_pages import client_of, has_class, parse, text_of, texts

CARD = f"//li[{has_class('card')}]"
UNREADABLE = 2


def class_url(name: str, query: str = "") -> str:
    return f"/classes/{quote(name)}{query}"


def image_id_of(card: html.HtmlElement) -> str:
    (link,) = card.xpath("./a/@href")
    return unquote(urlsplit(link).path).removeprefix("/images/")


def image_ids(page: html.HtmlElement) -> list[str]:
    return [image_id_of(card) for card in page.xpath(CARD)]


def ranks(page: html.HtmlElement) -> list[int]:
    return [int(rank) for rank in texts(page, f"{CARD}//*[{has_class('rank')}]")]


def verdicts(page: html.HtmlElement) -> list[str]:
    """Returns the marks as texts for screen readers."""
    return texts(page, f"{CARD}//*[{has_class('mark')}]")


def expected_verdict(score: float, label: int, threshold: float) -> str:
    if np.isnan(score):
        return "unreadable"
    if label == -1:
        return "difficult"
    return "correct" if (float(score) > threshold) == bool(label) else "incorrect"


@pytest.mark.parametrize("index", range(4))
def test_top_and_bottom_are_in_order(client: FlaskClient, sample: Sample, index: int) -> None:
    page = parse(client, class_url(sample.classes[index]))
    ranked = sample.ranked_ids(index)
    readable = IMAGES - UNREADABLE
    assert image_ids(page) == ranked[:50] + ranked[readable - 50 : readable]
    assert ranks(page) == [*range(1, 51), *range(readable - 49, readable + 1)]
    assert [int(start) for start in page.xpath("//ol[@start]/@start")] == [1, readable - 49]
    assert texts(page, "//h1") == [sample.classes[index]]


def test_cards_show_score_and_labels(client: FlaskClient, sample: Sample) -> None:
    page = parse(client, class_url("dog", f"?size={IMAGES}"))
    cards = page.xpath(CARD)
    assert len(cards) == IMAGES
    for card, row in zip(cards, sample.ranked_rows(0), strict=True):
        (score,) = texts(card, f".//*[{has_class('score')}]")
        value = sample.scores[row, 0]
        if np.isnan(value):
            assert score == "\N{EN DASH}"
        else:
            assert float(score) == pytest.approx(value, abs=5e-5)
            assert (float(score) in (0, 1)) == (value in (0, 1)), "never rounded to 0 or 1"
        (labels,) = texts(card, f".//*[{has_class('card-labels')}]")
        (title,) = card.xpath(f".//*[{has_class('card-labels')}]/@title")
        assert title.replace(" ", "") == labels.replace(" ", ""), "in full where it is cut off"
        names = zip(sample.classes, sample.labels[row], strict=True)
        expected = [
            name if label == 1 else f"{name}, difficult"
            for label, name in sorted((-label, name) for name, label in names if label)
            for label in [-label]
        ]
        assert sorted(re.split(r" ?, (?!difficult)", labels)) == sorted(expected or ["no label"])


@pytest.mark.parametrize("threshold", ["0", "0.3", "0.5", "0.75", "1"])
def test_verdicts(client: FlaskClient, sample: Sample, threshold: str) -> None:
    page = parse(client, class_url("dog", f"?size={IMAGES}&threshold={threshold}"))
    expected = [
        expected_verdict(sample.scores[row, 0], sample.labels[row, 0], float(threshold))
        for row in sample.ranked_rows(0)
    ]
    assert verdicts(page) == expected
    assert (sample.scores[:, 0] == 0.5).sum() >= 7, "some scores equal a threshold"


@pytest.mark.parametrize("threshold", [0, 0.5, 0.75, 0.999999, 1])
def test_counts_above_the_threshold(client: FlaskClient, sample: Sample, threshold: float) -> None:
    page = parse(client, class_url("dog", f"?threshold={threshold}"))
    scores, labels = sample.scores[:, 0], sample.labels[:, 0]
    above = labels[scores.astype(float) > threshold]
    present, absent, difficult = ((above == label).sum() for label in (1, 0, -1))
    all_present = (labels[~np.isnan(scores)] == 1).sum()
    accuracy = f"{present / (present + absent):.3f}" if present + absent else "\N{EN DASH}"
    f1 = 2 * present / (present + absent + all_present)
    metrics = texts(page, "//dl[@class='metrics']/div")[2:]
    assert metrics == [
        f"Above {threshold} {present + absent} present {present} absent {absent}"
        f" difficult {difficult}",
        f"Precision {accuracy} tail accuracy",
        f"Recall {present / all_present:.3f} F1 {f1:.3f}",
    ]


@pytest.mark.parametrize("size", [1, 7, 64, 65, 500])
def test_size_of_the_grids(client: FlaskClient, sample: Sample, size: int) -> None:
    page = parse(client, class_url("dog", f"?size={size}"))
    ranked, readable = sample.ranked_ids(0), IMAGES - UNREADABLE
    if 2 * size < readable:
        assert image_ids(page) == ranked[:size] + ranked[readable - size : readable]
    else:
        assert image_ids(page)[:readable] == ranked[:readable]


@pytest.mark.parametrize("size", [20, 50, 130])
@pytest.mark.parametrize("threshold", ["0.5", "0.8"])
def test_paging_reaches_every_rank_forward_and_back(
    client: FlaskClient, sample: Sample, size: int, threshold: str
) -> None:
    url: str | None = class_url("dog", f"?from=1&size={size}&threshold={threshold}")
    seen, places, last = [], [], ""
    while url:
        page = parse(client, url)
        seen += image_ids(page)
        places += ranks(page)
        last, url = url, next(iter(page.xpath("//a[@rel='next']/@href")), None)
        assert page.xpath("//input[@data-threshold-field]/@value") == [threshold]
    assert seen == sample.ranked_ids(0), "every rank once, to the unreadable at the very end"
    assert places == [*range(1, IMAGES + 1)]
    back: list[int] = []
    url = last
    while url:
        page = parse(client, url)
        back = ranks(page) + back
        url = next(iter(page.xpath("//a[@rel='prev']/@href")), None)
    assert back == places


@pytest.mark.parametrize("size", [20, 50, 64, 65])
def test_paging_from_both_ends_towards_the_middle(
    client: FlaskClient, sample: Sample, size: int
) -> None:
    page = parse(client, class_url("dog", f"?size={size}"))
    shown = ranks(page)
    seen = set(shown)
    for direction in ("next", "prev"):
        for url in page.xpath(f"//a[@rel='{direction}']/@href"):
            seen |= set(ranks(parse(client, url)))
    if size < 64:
        assert page.xpath("//a[@rel='next']")
        assert page.xpath("//a[@rel='prev']")
    readable = {*range(1, IMAGES - UNREADABLE + 1)}
    if size >= 50:  # Three pages of this size show all images.
        assert seen >= readable
    else:
        assert not seen >= readable


def test_first_and_last_links(client: FlaskClient) -> None:
    page = parse(client, class_url("dog", "?from=40&size=30"))
    links = {text_of(link): link.get("href") for link in page.xpath("//nav//a")}
    assert ranks(parse(client, links["First"])) == [*range(1, 31)]
    assert ranks(parse(client, links["Last"])) == [*range(IMAGES - 29, IMAGES + 1)]


def test_unreadable_images_are_last_and_have_no_thumbnail(client: FlaskClient) -> None:
    page = parse(client, class_url("dog", f"?from={IMAGES - 2}"))
    assert image_ids(page)[1:] == [MISSING, CORRUPT]
    cards = page.xpath(CARD)
    assert [len(card.xpath(".//img")) for card in cards] == [1, 0, 0]
    assert verdicts(page)[1:] == ["unreadable", "unreadable"]
    notes = [f"{MISSING} not found", f"{CORRUPT} could not be read"]
    assert texts(page, f"//*[{has_class('no-image')}]") == notes


def test_a_missing_folder_leaves_cards_without_images(sample: Sample, tmp_path: Path) -> None:
    client = client_of(sample, tmp_path / "cache", voc_dir=tmp_path / "gone")
    page = parse(client, class_url("dog", "?from=1&size=5"))
    shown = sample.ranked_ids(0)[:5]
    assert texts(page, f"//*[{has_class('no-image')}]") == [f"{it} not found" for it in shown]
    assert page.xpath(f"{CARD}//img | {CARD}//*[@data-image]") == []
    assert {"unreadable"}.isdisjoint(verdicts(page)), "they have scores"


@pytest.mark.parametrize("readable", [0, 1, 60, 99, 100, 101])
def test_page_size_if_most_images_are_unreadable(
    sample: Sample, tmp_path: Path, readable: int
) -> None:
    ids = [f"{number:04d}" for number in range(400)]
    scores = np.full((400, 1), np.nan, np.float32)
    scores[:readable, 0] = np.linspace(0.9, 0.1, readable)
    labels = np.zeros((400, 1), np.int8)
    run = write_run(tmp_path / "broken", sample.voc_dir, ids, ("dog",), scores, labels)
    client = client_of(run, tmp_path / "cache")
    page = parse(client, "/classes/dog")
    assert ranks(page)[:readable] == [*range(1, readable + 1)][:50] + (
        [*range(51, readable + 1)] if readable <= 100 else [*range(readable - 49, readable + 1)]
    )
    assert len(page.xpath(CARD)) <= 100
    url, seen = "/classes/dog?from=1", 0
    while url:
        page = parse(client, url)
        seen += len(page.xpath(CARD))
        url = next(iter(page.xpath("//a[@rel='next']/@href")), "")
    assert seen == 400
    if readable < 100:
        assert parse(client, "/classes/dog").xpath("//a[@rel='next']"), "paging goes on"


@pytest.mark.parametrize(("count", "classes"), [(1, 1), (3, 2)], ids=["one image", "three images"])
@pytest.mark.parametrize("label", [1, 0, -1])
@pytest.mark.parametrize("score", [0.9, np.nan])
def test_smallest_runs(
    sample: Sample, tmp_path: Path, count: int, classes: int, label: int, score: float
) -> None:
    names = ("dog", "cat")[:classes]
    scores = np.full((count, classes), score, np.float32)
    labels = np.full((count, classes), label, np.int8)
    ids = sample.image_ids[:count]
    run = write_run(tmp_path / "small", sample.voc_dir, ids, names, scores, labels)
    client = client_of(run, tmp_path / "cache")
    for url in ("/", "/classes/dog", "/average-precision", "/tail-accuracy", f"/images/{ids[0]}"):
        assert parse(client, url).xpath("//h1")
    assert client.get("/average-precision.csv").status_code == 200
    assert client.get("/tail-accuracy.csv").status_code == 200
    assert "unreadable" not in " ".join(texts(parse(client, "/tail-accuracy"), "//table"))


def test_form_keeps_the_view_without_scripts(client: FlaskClient) -> None:
    page = parse(client, class_url("dog", "?from=21&size=10&threshold=0.7"))
    (form,) = page.xpath("//form[@class='controls']")
    assert form.get("action") == "/classes/dog"
    assert dict(form.form_values()) == {"from": "21", "size": "10", "threshold": "0.7"}
    assert form.method == "GET"


def test_forms_have_the_defaults(client: FlaskClient) -> None:
    page = parse(client, class_url("dog"))
    assert dict(page.forms[0].form_values()) == {"size": "50", "threshold": "0.5"}


def test_other_classes_keep_the_size_but_not_rank_and_threshold(
    client: FlaskClient, sample: Sample
) -> None:
    page = parse(client, class_url("dog", "?from=21&size=10&threshold=0.7"))
    links = page.xpath("//nav[@aria-label='Classes']//li/a/@href")
    assert [unquote(urlsplit(link).path) for link in links] == [
        f"/classes/{name}" for name in sample.classes
    ]
    # Each class has its own threshold.
    assert {urlsplit(link).query for link in links} == {"size=10"}
    for link in page.xpath("//nav[@aria-label='Neighbouring classes']//a/@href"):
        assert urlsplit(link).query == "size=10"
    assert page.xpath("//nav[@aria-label='Classes']//a[@aria-current]/@href") == [links[0]]
    assert {text_of(link)[-5:] for link in page.xpath("//nav[@aria-label='Classes']//li/a")} >= {
        text_of(page.xpath("//dl/div/dd")[0])
    }


@pytest.mark.parametrize(
    "order", ["sort=f1&order=descending", "thresholds=best-f1&sort=recall", "ap=voc2007&sort=ap"]
)
def test_the_list_of_classes_is_in_the_order_of_the_overview(
    client: FlaskClient, order: str
) -> None:
    """So are the neighbours, and every link between classes keeps the order."""
    overview = parse(client, f"/?{order}")
    names = texts(overview, "//tbody/tr/th/a")
    values = dict(zip(names, texts(overview, "//tbody/tr/td[1]"), strict=True))
    link, seen = overview.xpath("//tbody/tr/th/a/@href")[0], []
    while link:
        assert order in link
        page = parse(client, link)
        seen.append(page.xpath("//h1")[0].text_content())
        assert texts(page, f"//nav[@aria-label='Classes']//*[{has_class('side-name')}]") == names
        if "sort=ap" in order:
            shown = texts(page, f"//nav[@aria-label='Classes']//li//*[{has_class('side-value')}]")
            assert shown == [values[name] for name in names]
        (back,) = page.xpath("//nav[@aria-label='Classes']/p/a/@href")
        assert texts(parse(client, back), "//tbody/tr/th/a") == names
        for form in page.xpath("//form[contains(@action, '/classes/')]"):
            kept = dict(parse_qsl(order)).items()
            assert kept <= {
                (item.get("name"), item.get("value")) for item in form.xpath(".//input")
            }
        image = parse(client, page.xpath(f"{CARD}/a/@href")[0])
        (ranking,) = image.xpath("//nav[starts-with(@aria-label, 'Ranking of')]/a[1]/@href")
        assert order in ranking
        (csv,) = page.xpath("//a[text()='Download CSV']/@href")
        assert "sort=" not in csv
        link = next(iter(page.xpath("//a[@data-key=']']/@href")), None)
    assert seen == names


def test_each_class_of_the_list_has_the_threshold_chosen_for_it(client: FlaskClient) -> None:
    rule = "thresholds=precision&precision=0.8"
    links = parse(client, f"/?{rule}").xpath("//tbody/tr/th/a/@href")
    page = parse(client, links[1])
    assert page.xpath("//nav[@aria-label='Classes']//li/a/@href") == links
    assert parse(client, links[1]).xpath("//nav[@aria-label='Classes']//li/a/@href") == links


def test_of_many_classes_the_nearest_are_listed(sample: Sample, tmp_path: Path) -> None:
    names = tuple(f"class {number}" for number in range(230))
    scores = np.random.default_rng(0).random((6, len(names))).astype(np.float32)
    labels = (scores > 0.4).astype(np.int8)
    run = write_run(tmp_path / "many", sample.voc_dir, sample.image_ids[:6], names, scores, labels)
    client = client_of(run, tmp_path / "cache")
    page = parse(client, "/classes/class 120?sort=class&order=descending")
    listed = texts(page, f"//nav[@aria-label='Classes']//*[{has_class('side-name')}]")
    assert listed == [*names[::-1]][59:159]
    (head,) = page.xpath("//nav[@aria-label='Classes']/p")
    assert text_of(head) == "Classes 60\N{EN DASH}159 of 230 AP"
    overview = parse(client, head.xpath("./a/@href")[0])
    assert "class 120" in texts(overview, "//tbody/tr/th/a")


def test_card_links_to_its_image_with_class_and_threshold(client: FlaskClient) -> None:
    page = parse(client, class_url("grüner Baum & Strauch", "?from=1&size=3&threshold=0.7"))
    for card in page.xpath(CARD):
        (link,) = card.xpath("./a/@href")
        image_page = parse(client, link)
        assert "score > 0.7" in text_of(image_page.xpath("//caption")[0])
        assert "of grüner Baum & Strauch" in text_of(image_page.xpath("//nav")[1])


def test_thousands_separators(sample: Sample, tmp_path: Path) -> None:
    count = 12_345
    ids = [f"{number:06d}" for number in range(count)]
    scores = np.random.default_rng(0).random((count, 1)).astype(np.float32)
    labels = np.random.default_rng(1).integers(-1, 2, (count, 1)).astype(np.int8)
    run = write_run(tmp_path / "long", sample.voc_dir, ids, ("dog",), scores, labels)
    page = parse(client_of(run, tmp_path / "cache"), "/classes/dog")
    assert "12,295" in " ".join(texts(page, "//a[@rel='prev']"))
    # Counts are stored in blocks; they must be exact far down the ranking, too.
    for threshold in (0.01, 0.31):
        page = parse(client_of(run, tmp_path / "cache"), f"/classes/dog?threshold={threshold}")
        above = labels[scores.astype(float) > threshold]
        expected = f"present {(above == 1).sum():,} absent {(above == 0).sum():,}"
        assert expected in " ".join(texts(page, "//dl"))


# The large view in the address --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("size=10&view=47", "size=10&from=41&view=47"),
        ("size=10&around=20&view=3", "size=10&from=1&view=3"),
        ("size=10&from=5&view=130", "size=10&from=121&view=130"),
        ("size=10&view=7", None),  # It is there already.
        ("size=10&view=125", None),
        ("size=10&around=50&view=46", None),
    ],
)
def test_the_part_with_the_large_view_is_shown(
    client: FlaskClient, query: str, shown: str | None
) -> None:
    url = "/classes/dog?"
    response = client.get(url + query)
    if shown:
        assert parse_qs(urlsplit(response.location).query) == parse_qs(shown)
        url, query = response.location, ""
    page = parse(client, url + query)
    current = page.xpath("//li[@aria-current and @data-rank]/@data-rank")
    assert parse_qs(query or shown)["view"][0] in current
    assert not [link for link in page.xpath("//main//a/@href") if "view=" in link]
    assert page.xpath("//input[@name='view']") == []


def test_a_large_view_that_the_filters_exclude_is_left_out(client: FlaskClient) -> None:
    absent = texts(parse(client, "/classes/dog?truth=absent"), "//li//span[@class='rank']")
    excluded = next(rank for rank in range(1, 99) if str(rank) not in absent)
    response = client.get(f"/classes/dog?truth=absent&view={excluded}")
    assert "view" not in parse_qs(urlsplit(response.location).query)
    assert parse(client, response.location).xpath("//li[@aria-current and @data-rank]") == []
