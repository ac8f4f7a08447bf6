"""Filters of a ranking: selection, chips, paging, and links that keep them."""

from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urljoin, urlsplit

import numpy as np
import pytest
from api_client import get_json, get_json_at
from flask.testing import FlaskClient
from lxml import html
from sample_run import CLASSES, IMAGES, Sample, write_run
from web_pages import client_of, has_class, parse, text_of, texts

CARD = f"//li[{has_class('card')}]"
CHIP = f"//ul[{has_class('chips')}]/li/a"
LABEL = {"present": 1, "absent": 0, "difficult": -1}
Query = dict[str, Any]

QUERIES: list[Query] = [
    {"truth": "present"},
    {"truth": "absent", "size": 13},
    {"truth": "difficult"},
    *({"outcome": outcome, "threshold": 0.6} for outcome in ("TP", "FP", "FN", "TN")),
    {"with": "person", "size": 9},
    {"with": ["person", CLASSES[2]]},
    {"without": CLASSES[2], "with": "person", "size": 7},
    {"id": "2008_00001"},
    {"id": "LEERZEICHEN"},
    {"score_from": 0.3, "score_to": 0.7, "size": 11},
    {"score_to": 0.31},
    {"truth": "absent", "outcome": "FP", "with": "person", "score_from": 0.55, "id": "08_00"},
    {"truth": "absent", "outcome": "TP"},
]


def url(query: Query, name: str = "dog") -> str:
    return f"/classes/{name}?{urlencode(query, doseq=True)}"


def ranks(page: html.HtmlElement) -> list[int]:
    return [int(rank) for rank in texts(page, f"{CARD}//*[{has_class('rank')}]")]


def image_ids(page: html.HtmlElement) -> list[str]:
    links = page.xpath(f"{CARD}/a/@href")
    return [unquote(urlsplit(link).path).removeprefix("/images/") for link in links]


def listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def kept_ranks(sample: Sample, query: Query, index: int = 0) -> list[int]:
    """Returns the ranks that match, by checking each image."""
    kept = []
    for rank, row in enumerate(sample.ranked_rows(index), 1):
        score, labels = sample.scores[row, index], sample.labels[row]
        above = float(score) > query.get("threshold", 0.5)
        outcome = {(1, 1): "TP", (1, 0): "FP", (0, 1): "FN", (0, 0): "TN"}.get(
            (above, int(labels[index])), ""
        )
        if (
            ("truth" not in query or LABEL[query["truth"]] == labels[index])
            and ("outcome" not in query or (outcome == query["outcome"] and not np.isnan(score)))
            and all(labels[CLASSES.index(n)] == 1 for n in listed(query.get("with", [])))
            and all(labels[CLASSES.index(n)] == 0 for n in listed(query.get("without", [])))
            and query.get("id", "").lower() in sample.image_ids[row].lower()
            and ("score_from" not in query or score >= np.float32(query["score_from"]))
            and ("score_to" not in query or score <= np.float32(query["score_to"]))
        ):
            kept.append(rank)
    return kept


@pytest.mark.parametrize("query", QUERIES)
def test_matches_are_paged_to_the_end_and_back(
    client: FlaskClient, sample: Sample, query: Query
) -> None:
    expected = kept_ranks(sample, query)
    address, forward, last = url(query), list[int](), ""
    while address:
        page = parse(client, address)
        assert len(page.xpath(f"//ol[{has_class('grid')}]")) == 1, "one grid"
        heading = text_of(page.xpath("//section/div/h2")[0])
        assert heading == f"{len(expected)} of {IMAGES} images"
        ranked = sample.ranked_ids(0)
        assert image_ids(page) == [ranked[rank - 1] for rank in ranks(page)]
        forward += ranks(page)
        last, address = address, next(iter(page.xpath("//a[@rel='next']/@href")), "")
    assert forward == expected
    backward: list[int] = []
    address = last
    while address:
        page = parse(client, address)
        # Going back may repeat some at the top of the ranking.
        backward = [rank for rank in ranks(page) if not backward or rank < backward[0]] + backward
        address = next(iter(page.xpath("//a[@rel='prev']/@href")), "")
    assert backward == expected
    parameters = urlencode({**query, "class": "dog", "size": 500}, doseq=True)
    body = get_json_at(client, f"/api/v1/ranking?{parameters}")
    assert [image["rank"] for image in body["images"]] == expected
    assert (body["matches"], body["total"]) == (len(expected), IMAGES)


def test_queries_are_neither_empty_nor_trivial(sample: Sample) -> None:
    counts = [len(kept_ranks(sample, query)) for query in QUERIES]
    assert all(0 < count < IMAGES for count in counts[:-1]), counts
    assert counts[-1] == 0


@pytest.mark.parametrize("size", [1, 4, 9])
def test_api_paging_repeats_no_match(client: FlaskClient, sample: Sample, size: int) -> None:
    query = {"truth": "present", "outcome": "TP"}
    expected = kept_ranks(sample, query)
    body = get_json(client, "/ranking", class_="dog", size=size, **query)
    address, seen = "/api/v1/ranking", [image["rank"] for image in body["images"]]
    while body["next"]:
        address = urljoin(address, body["next"])
        body = get_json_at(client, address)
        seen += [image["rank"] for image in body["images"]]
    assert seen == expected
    seen = [image["rank"] for image in body["images"]]
    while body["previous"]:
        body = get_json_at(client, urljoin(address, body["previous"]))
        seen = [image["rank"] for image in body["images"]] + seen
    assert seen == expected


def test_api_without_matches(client: FlaskClient) -> None:
    body = get_json(client, "/ranking", class_="dog", id="nowhere")
    assert (body["images"], body["matches"], body["total"]) == ([], 0, IMAGES)
    assert (body["first_rank"], body["last_rank"]) == (None, None)
    assert (body["previous"], body["next"]) == (None, None)
    response = client.get("/api/v1/ranking.csv?class=dog&id=nowhere")
    assert len(response.get_data(as_text=True).splitlines()) == 1, "only the header"


def test_csv_is_filtered_alike(client: FlaskClient, sample: Sample) -> None:
    response = client.get("/api/v1/ranking.csv?class=dog&outcome=FN&size=500")
    lines = response.get_data(as_text=True).splitlines()[1:]
    assert [int(line.split(",")[0]) for line in lines] == kept_ranks(sample, {"outcome": "FN"})


# The first rank ----------------------------------------------------------------------------------


def test_from_is_a_rank_with_any_filter(client: FlaskClient, sample: Sample) -> None:
    for query in QUERIES[:3]:
        page = parse(client, url({**query, "from": 60, "size": 5}))
        assert ranks(page) == [rank for rank in kept_ranks(sample, query) if rank >= 60][:5]
    far = parse(client, url({"outcome": "TP", "from": IMAGES, "size": 5}))
    expected = kept_ranks(sample, {"outcome": "TP"})
    assert expected[-1] < IMAGES
    assert ranks(far) == expected[-5:], "beyond the last match, the last ones are shown"
    body = get_json(client, "/ranking", class_="dog", outcome="TP", from_=IMAGES)
    assert body["images"] == [], "the API returns what was requested"
    assert body["previous"]


@pytest.mark.parametrize(
    ("rank", "size", "expected"),
    [
        (60, 10, [*range(55, 65)]),
        (60, 1, [60]),
        (1, 10, [*range(1, 11)]),
        (3, 10, [*range(1, 11)]),
        (IMAGES, 10, [*range(IMAGES - 9, IMAGES + 1)]),
        (9, 500, [*range(1, IMAGES + 1)]),
    ],
)
def test_around_a_rank(client: FlaskClient, rank: int, size: int, expected: list[int]) -> None:
    page = parse(client, url({"around": rank, "size": size}))
    assert ranks(page) == expected
    (marked,) = page.xpath("//li[@aria-current='true']")
    assert f" {rank} " in f" {text_of(marked)} "
    body = get_json(client, "/ranking", class_="dog", around=rank, size=size)
    assert [image["rank"] for image in body["images"]] == expected
    for link in page.xpath("//a[@rel='next' or @rel='prev']/@href"):
        assert "around" not in link
        assert ranks(parse(client, link)) != expected


def test_around_a_rank_among_the_matches(client: FlaskClient, sample: Sample) -> None:
    expected = kept_ranks(sample, {"truth": "absent"})
    middle = expected[len(expected) // 2]
    page = parse(client, url({"truth": "absent", "around": middle, "size": 5}))
    position = len(expected) // 2
    assert ranks(page) == expected[position - 2 : position + 3]
    assert texts(page, CHIP)[0].startswith(f"around rank {middle}")


# The form and the chips --------------------------------------------------------------------------


FULL: Query = {
    "threshold": ["0.4"],
    "size": ["20"],
    "truth": ["absent"],
    "outcome": ["FP"],
    "with": ["person", CLASSES[2]],
    "without": ["zebra"],
    "id": ["2008"],
    "score_from": ["0.1"],
    "score_to": ["0.9"],
}


def values_of(form: html.FormElement) -> Query:
    found: Query = {}
    for name, value in form.form_values():
        if value:
            found.setdefault(name, []).append(value)
    return found


def forms(page: html.HtmlElement) -> tuple[html.FormElement, html.FormElement]:
    threshold, filters = page.xpath("//main//form")
    return threshold, filters


def test_each_form_keeps_the_values_of_the_other(client: FlaskClient) -> None:
    page = parse(client, url({**FULL, "from": 30}))
    threshold, filters = forms(page)
    assert values_of(threshold) == {**FULL, "from": ["30"]}
    assert values_of(filters) == FULL, "a new filter starts at the top"
    assert threshold.method == filters.method == "GET"
    around = parse(client, url({**FULL, "around": 30}))
    assert [values_of(form).get("around") for form in forms(around)] == [["30"], ["30"]]


def test_submitting_the_unchanged_form_keeps_the_view(client: FlaskClient) -> None:
    page = parse(client, url(FULL))
    again = parse(client, url(dict(values_of(forms(page)[1]))))
    assert ranks(again) == ranks(page)
    assert texts(again, CHIP) == texts(page, CHIP)


def test_each_chip_removes_one_filter(client: FlaskClient) -> None:
    page = parse(client, url({**FULL, "around": 30}))
    *chips, clear = page.xpath(CHIP)
    assert [text_of(chip) for chip in chips] == [
        f"{text} \N{MULTIPLICATION SIGN}"
        for text in (
            *("also shows person", f"also shows {CLASSES[2]}", "does not show zebra"),
            *("id contains 2008", "score at least 0.1 and at most 0.9", "around rank 30"),
        )
    ]
    whole = {**FULL, "around": ["30"]}
    removed = []
    for chip in chips:
        left = parse_qs(urlsplit(chip.get("href")).query)
        removed.append({(n, v) for n in whole for v in whole[n] if v not in left.get(n, [])})
        assert {*left} <= {*whole}
        assert chip.get("aria-label") == f"Remove filter: {text_of(chip)[:-2]}"
    assert removed == [
        *({(name, value)} for name in ("with", "without", "id")
          for value in FULL[name]),
        {("score_from", "0.1"), ("score_to", "0.9")},
        {("around", "30")},
    ]  # fmt: skip
    assert parse_qs(urlsplit(clear.get("href")).query) == {"threshold": ["0.4"], "size": ["20"]}
    assert len(parse(client, clear.get("href")).xpath("//section/div/h2")) == 2, "both ends again"


CHOICES = ("All", "present", "absent", "difficult", "TP", "FP", "FN", "TN")


@pytest.mark.parametrize("chosen", CHOICES)
def test_truth_and_outcome_links(client: FlaskClient, chosen: str) -> None:
    kept = {"threshold": ["0.4"], "size": ["20"], "id": ["2008"]}
    choices = parse(client, url({**kept, "from": 30})).xpath(f"//nav[{has_class('choices')}]/a")
    assert [choice.text.strip() for choice in choices] == [*CHOICES]
    assert [choice.text.strip() for choice in choices if choice.get("aria-current")] == ["All"]
    link = choices[CHOICES.index(chosen)].get("href")
    name = "outcome" if chosen.isupper() else "truth"
    assert parse_qs(urlsplit(link).query) == kept | ({name: [chosen]} if chosen != "All" else {})
    there = parse(client, link).xpath(f"//nav[{has_class('choices')}]/a[@aria-current]")
    assert [choice.text.strip() for choice in there] == [chosen]


@pytest.mark.parametrize(
    ("query", "is_open"), [({}, False), ({"truth": "absent"}, False), ({"id": "1"}, True)]
)
def test_form_is_open_if_a_filter_is_active(
    client: FlaskClient, query: Query, is_open: bool
) -> None:
    page = parse(client, url(query))
    (details,) = page.xpath(f"//details[{has_class('filters')}]")
    assert ("open" in details.attrib) == is_open
    assert bool(page.xpath(CHIP)) == is_open


def test_no_matches(client: FlaskClient) -> None:
    page = parse(client, url({"id": "nowhere", "threshold": 0.7}))
    assert page.xpath(CARD) == []
    (body,) = page.xpath(f"//p[{has_class('empty-state')}]")
    assert "No images match" in text_of(body)
    (clear,) = body.xpath("./a/@href")
    assert clear == "/classes/dog?threshold=0.7"
    assert page.xpath("//a[@rel='next' or @rel='prev']") == []
    assert parse(client, url({"truth": "present"})).xpath(f"//p[{has_class('empty-state')}]") == []


@pytest.mark.parametrize(
    ("address", "clean"),
    [
        ("/classes/dog?with=&without=&score_to=&around=", "/classes/dog"),
        ("/classes/dog?&id", "/classes/dog"),
        (
            "/classes/gr%C3%BCner%20Baum%20&%20Strauch?with=dog&with=&id=a%26b+c%3D&size=7&with=zebra",
            "/classes/gr%C3%BCner%20Baum%20&%20Strauch?with=dog&id=a%26b+c%3D&size=7&with=zebra",
        ),
        ("/?sort=", "/"),
        ("/tail-accuracy?ap=", "/tail-accuracy"),
        ("/images/2008_000030?class=dog&with=", "/images/2008_000030?class=dog"),
    ],
)
def test_empty_fields_leave_the_address(client: FlaskClient, address: str, clean: str) -> None:
    response = client.get(address)
    assert (response.status_code, response.location) == (302, clean)
    assert client.get(clean).status_code == 200


def test_empty_parameter_is_none(client: FlaskClient) -> None:
    """The API takes it, too, and so do addresses that a redirect could not hold."""
    body = get_json_at(client, "/api/v1/ranking?class=dog&with=&id=&score_to=")
    assert body["matches"] == IMAGES
    assert client.get("/classes/dog?id=&" + 2000 * "with=person&").status_code == 200
    spaces = parse(client, url({"id": "  "}))
    assert spaces.xpath(CHIP) == []


# Links -------------------------------------------------------------------------------------------


def test_links_keep_the_filters(client: FlaskClient) -> None:
    page = parse(client, url(FULL))
    filters = {name: value for name, value in FULL.items() if name not in ("threshold", "size")}
    for link in page.xpath("//nav[@aria-label='Classes']//li/a/@href"):
        assert parse_qs(urlsplit(link).query) == {**filters, "size": ["20"]}
    image_page = parse(client, page.xpath(f"{CARD}/a/@href")[0])
    back = image_page.xpath("//nav[@aria-label='Ranking of dog']/a[not(@rel)]/@href")[0]
    kept = parse_qs(urlsplit(back).query)
    assert kept.pop("around")
    assert kept == {**filters, "threshold": ["0.4"]}
    assert image_page.xpath("//h1")[0].text_content() in image_ids(parse(client, back))
    others = image_page.xpath("//td[@class='number']/a/@href")
    assert len(others) == len(CLASSES)
    for link in others:  # The filters apply to this class only.
        assert ("outcome" in link) == (urlsplit(link).path == "/classes/dog")
    following = image_page.xpath("//a[@rel='next']/@href")[0]
    assert parse_qs(urlsplit(following).query) == {
        **filters, "threshold": ["0.4"], "class": ["dog"]
    }  # fmt: skip


@pytest.mark.parametrize(
    ("query", "message"),
    [
        (
            "truth=maybe",
            "truth must be 'present', 'absent', 'difficult' or 'not labelled', not 'maybe'.",
        ),
        ("outcome=fp", "outcome must be 'TP', 'FP', 'FN' or 'TN', not 'fp'."),
        ("with=unicorn", "with must be the name of a class. There is no class 'unicorn'"),
        (
            "without=person&without=unicorn",
            "without must be the name of a class. There is no class 'unicorn'",
        ),
        ("score_from=-0.1", "score_from must be a number from 0 to 1, not '-0.1'."),
        ("score_from=nan", "score_from must be a number from 0 to 1, not 'nan'."),
        ("score_to=1.1", "score_to must be a number from 0 to 1, not '1.1'."),
        ("score_to=high", "score_to must be a number from 0 to 1, not 'high'."),
        ("around=0", "around must be a whole number of at least 1, not '0'."),
        ("around=x", "around must be a whole number of at least 1, not 'x'."),
        (f"around={IMAGES + 1}", f"around must be a rank from 1 to {IMAGES}"),
        (f"truth=present&from={IMAGES + 1}", f"from must be a rank from 1 to {IMAGES}"),
    ],
)
def test_invalid_values(client: FlaskClient, query: str, message: str) -> None:
    response = client.get(f"/classes/dog?{query}")
    assert response.status_code == 400
    text = text_of(html.document_fromstring(response.get_data(as_text=True)).xpath("//main")[0])
    assert message in text
    problem = client.get(f"/api/v1/ranking?class=dog&{query}")
    assert problem.status_code == 400
    assert message in problem.get_json()["detail"]


NASTY = ('<b>&"', "</select><script>alert(1)</script>", "a/b?c=d#e", "ünï 模型 + ;", "two  spaces")


@pytest.fixture(scope="module")
def nasty(sample: Sample, tmp_path_factory: pytest.TempPathFactory) -> tuple[FlaskClient, Sample]:
    folder: Path = tmp_path_factory.mktemp("nasty")
    random = np.random.default_rng(3)
    ids = [f"{name.replace('/', '')} {number}" for number, name in enumerate(NASTY * 8)]
    scores = random.random((len(ids), len(NASTY))).astype(np.float32)
    labels = random.integers(-1, 2, scores.shape).astype(np.int8)
    run = write_run(folder / "run", sample.voc_dir, ids, NASTY, scores, labels)
    return client_of(run, folder / "cache"), run


@pytest.mark.parametrize(("name", "field"), [*product(NASTY, ("with", "without"))])
def test_special_characters_in_class_names(
    nasty: tuple[FlaskClient, Sample], name: str, field: str
) -> None:
    client, sample = nasty
    page = parse(client, f"/classes/{NASTY[2]}".replace("?", "%3F").replace("#", "%23"))
    select = forms(page)[1].xpath(f".//select[@name='{field}']")[0]
    assert select.value_options == ["", *NASTY]
    assert page.xpath("//main//script[not(@type)]") == []
    select.value = name
    query = urlencode(values_of(forms(page)[1]), doseq=True)
    chosen = parse(client, f"{forms(page)[1].get('action')}?{query}")
    wanted = 1 if field == "with" else 0
    column = sample.labels[:, NASTY.index(name)]
    assert text_of(chosen.xpath("//h2")[0]) == f"{(column == wanted).sum()} of {len(column)} images"
    chips = chosen.xpath(CHIP)
    verb = "also shows" if field == "with" else "does not show"
    assert chips[0].text_content().startswith(f"{verb} {name} ")
    (first, more) = forms(chosen)[1].xpath(f".//select[@name='{field}']")
    assert (first.value, more.value) == (name, "")
    assert len(chosen.xpath("//h1")) == 1


def test_repeated_parameters_count_once(client: FlaskClient) -> None:
    """However often they are repeated, a page stays as small as with one of them."""
    for parameter in ("with", "without"):
        once = client.get(f"/classes/dog?{parameter}=person")
        often = client.get("/classes/dog?" + 2000 * f"{parameter}=person&")
        assert often.status_code == 200
        assert often.data == once.data
        link = f"/api/v1/ranking.csv?class=dog&size=3&{parameter}=person"
        once = client.get(link)
        often = client.get(link + 2000 * f"&{parameter}=person")
        assert often.headers["Link"] == once.headers["Link"]
    many = client.get("/classes/dog?" + 2000 * "threshold=0.7&size=5&id=2008&")
    assert many.data == client.get("/classes/dog?threshold=0.7&size=5&id=2008").data


def test_classes_to_filter_by_are_few(sample: Sample, tmp_path: Path) -> None:
    names = tuple(f"c{number:03d}" for number in range(120))
    scores = np.full((2, len(names)), 0.5, np.float32)
    labels = np.ones(scores.shape, np.int8)
    made = write_run(tmp_path / "run", sample.voc_dir, ("a", "b"), names, scores, labels)
    client = client_of(made, tmp_path / "cache")

    def query(number: int) -> str:
        return "&".join(f"with={name}" for name in names[:number])

    page = client.get(f"/classes/c000?{query(50)}")
    assert page.status_code == 200
    assert len(page.data) < 500_000
    for url in (f"/classes/c000?{query(51)}", f"/api/v1/ranking?class=c000&{query(51)}"):
        response = client.get(url)
        assert response.status_code == 400
        assert "with can be given at most 50 times, not 51" in response.get_data(as_text=True)


def test_parameters_are_short(client: FlaskClient) -> None:
    """Links repeat them, on the page and in headers."""
    for text, status in (("x" * 7000, 200), ("x" * 8000, 400), ("\u6a21" * 3000, 400)):
        query = urlencode({"class": "dog", "id": text})
        for url in (f"/classes/dog?{query}", f"/api/v1/ranking.csv?{query}"):
            response = client.get(url)
            assert response.status_code == status
            assert all(len(value) < 20_000 for _, value in response.headers)
    unknown = client.get(f"/api/v1/ranking.csv?class=dog&size=3&other={'x' * 60_000}")
    assert unknown.status_code == 200
    assert len(unknown.headers["Link"]) < 200, "unknown ones are not repeated"
