"""The image page: boxes, scores, ranks, neighbours, and messages about broken files."""

import os
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

import numpy as np
import pytest
from flask.testing import FlaskClient
from lxml import html
from PIL import Image
from sample_run import (
    BOXED,
    BOXES,
    CORRUPT,
    CROSSING,
    IMAGES,
    MALFORMED,
    MISSING,
    SPACED,
    Sample,
    size_of,
    write_run,
)
from web_pages import client_of, has_class, parse, text_of, texts

from voc_model.data import images


def image_url(image_id: str, query: str = "") -> str:
    return f"/images/{quote(image_id)}{query}"


BOX = f"//div[{has_class('box')}]"


def percentages(box: html.HtmlElement) -> dict[str, float]:
    place = box.getparent()
    names = {"x": "left", "y": "top", "width": "width", "height": "height"}
    return {name: float(place.get(key).removesuffix("%")) for key, name in names.items()}


def test_boxes_match_the_annotation(client: FlaskClient) -> None:
    page = parse(client, image_url(BOXED))
    boxes = page.xpath(f"//div[{has_class('box')}]")
    assert len(boxes) == len(BOXES)
    for box, (name, xmin, ymin, xmax, ymax, difficult, truncated) in zip(boxes, BOXES, strict=True):
        assert percentages(box) == pytest.approx(
            {
                "left": (xmin - 1) / 500 * 100,
                "top": (ymin - 1) / 375 * 100,
                "width": (xmax - xmin + 1) / 500 * 100,
                "height": (ymax - ymin + 1) / 375 * 100,
            },
            abs=0.01,
        )
        text = text_of(box)
        assert text.startswith(name)
        assert ("difficult" in text) == bool(difficult)
        assert ("truncated" in text) == bool(truncated)


def test_boxes_are_clipped_to_the_image(client: FlaskClient) -> None:
    page = parse(client, image_url(CROSSING))
    assert "3 annotated objects" in text_of(page.xpath("//figcaption")[0])
    first, second = page.xpath(f"//div[{has_class('box')}]")  # the third is outside
    assert percentages(first) == pytest.approx(
        {"left": 0, "top": 100 * 100 / 375, "width": 50, "height": 100 * 275 / 375}, abs=0.01
    )
    assert percentages(second) == pytest.approx(
        {"left": 80, "top": 0, "width": 20, "height": 40}, abs=0.01
    )


@pytest.mark.parametrize("row", range(0, IMAGES, 13))
def test_all_scores_are_sorted_with_their_ranks(
    client: FlaskClient, sample: Sample, row: int
) -> None:
    page = parse(client, image_url(sample.image_ids[row], "?threshold=0.4"))
    rows = [texts(line, "./th | ./td") for line in page.xpath("//table/tbody/tr")]
    scores = sample.scores[row]
    order = sorted(range(len(scores)), key=lambda index: -scores[index])
    assert [line[0] for line in rows] == [sample.classes[index] for index in order]
    truth = {1: "present", 0: "absent", -1: "difficult"}
    for line, index in zip(rows, order, strict=True):
        label = int(sample.labels[row, index])
        assert float(line[1]) == pytest.approx(scores[index], abs=5e-5)
        word = (
            "difficult"
            if label < 0
            else ("correct" if (float(scores[index]) > 0.4) == bool(label) else "incorrect")
        )
        assert line[2] == f"{word} {truth[label]}"
        assert int(line[3]) == sample.ranked_rows(index).index(row) + 1


@pytest.mark.parametrize("position", [0, 1, 60, IMAGES - 3, IMAGES - 2, IMAGES - 1])
def test_neighbours_in_the_ranking(client: FlaskClient, sample: Sample, position: int) -> None:
    ranked = sample.ranked_ids(2)
    query = f"?class={quote(sample.classes[2])}&threshold=0.7"
    page = parse(client, image_url(ranked[position], query))
    for relation, neighbour in (("prev", position - 1), ("next", position + 1)):
        links = page.xpath(f"//a[@rel='{relation}']/@href")
        if not 0 <= neighbour < IMAGES:
            assert links == []
            continue
        assert [unquote(urlsplit(link).path) for link in links] == [f"/images/{ranked[neighbour]}"]
        following = parse(client, links[0])
        assert "score > 0.7" in text_of(following.xpath("//caption")[0])
    assert f"rank {position + 1} of {sample.classes[2]}" in " ".join(texts(page, "//nav//a"))


def test_without_a_class_there_are_no_neighbours(client: FlaskClient) -> None:
    page = parse(client, image_url(BOXED))
    assert page.xpath("//a[@rel]") == []


def test_ranks_link_to_the_image_in_its_ranking(client: FlaskClient, sample: Sample) -> None:
    page = parse(client, image_url(BOXED, "?threshold=0.7"))
    for link in page.xpath("//table/tbody/tr/td[last()]/a/@href"):
        ranking = parse(client, link)
        hrefs = ranking.xpath(f"//li[{has_class('card')}]/a/@href")
        assert any(urlsplit(href).path == f"/images/{BOXED}" for href in hrefs)
        assert set(ranking.xpath("//input[@name='threshold']/@value")) == {"0.7"}


def test_size_matches_the_file(client: FlaskClient, sample: Sample) -> None:
    for image_id in (BOXED, SPACED, "2008_000001", "2008_000002"):
        page = parse(client, image_url(image_id))
        width, height = size_of(image_id, sample.image_ids)
        if image_id == SPACED:
            width, height = size_of(image_id, [*sample.image_ids[:-1], SPACED])
        (image,) = page.xpath("//figure//img")
        assert (image.get("width"), image.get("height")) == (str(width), str(height))
        assert f"{width} × {height} pixels" in text_of(page.xpath("//figcaption")[0])  # noqa: RUF001
        assert client.get(image.get("src")).status_code == 200


@pytest.mark.parametrize(
    ("image_id", "reason"),
    [
        (MISSING, "not found"),
        (CORRUPT, "cannot be read"),
    ],
)
def test_unreadable_image_has_a_reason(client: FlaskClient, image_id: str, reason: str) -> None:
    page = parse(client, image_url(image_id, "?class=dog"))
    assert page.xpath("//figure//img") == []
    (problem,) = texts(page, "//figure//p")
    assert reason in problem
    assert image_id in problem
    assert len(page.xpath("//table/tbody/tr")) == 4, "its scores are shown nevertheless"


def test_malformed_annotation_is_reported(client: FlaskClient) -> None:
    page = parse(client, image_url(MALFORMED))
    caption = text_of(page.xpath("//figcaption")[0])
    assert f"{MALFORMED}.xml:2" in caption
    assert "malformed XML" in caption
    assert len(page.xpath("//figure//img")) == 1


@pytest.mark.parametrize(
    "box",
    [
        (-50, -50, 900, 900),
        (450, 300, 501, 376),
        (600, 500, 700, 600),
        (300, 200, 100, 100),
    ],
    ids=["around", "one too far", "beyond", "reversed"],
)
def test_boxes_stay_within_the_image(
    sample: Sample, tmp_path: Path, box: tuple[int, int, int, int]
) -> None:
    voc_dir = tmp_path / "VOC"
    (voc_dir / "Annotations").mkdir(parents=True)
    (voc_dir / "JPEGImages").symlink_to(sample.voc_dir / "JPEGImages")
    corners = zip(("xmin", "ymin", "xmax", "ymax"), box, strict=True)
    (voc_dir / "Annotations" / f"{BOXED}.xml").write_text(
        "<annotation><object><name>dog</name><bndbox>"
        + "".join(f"<{tag}>{value}</{tag}>" for tag, value in corners)
        + "</bndbox></object></annotation>"
    )
    page = parse(client_of(sample, tmp_path / "cache", voc_dir), image_url(BOXED))
    for drawn in page.xpath(f"//div[{has_class('box')}]"):
        position = percentages(drawn)
        assert min(position.values()) >= 0
        assert position["left"] + position["width"] <= 100.01
        assert position["top"] + position["height"] <= 100.01


def test_labels_of_boxes_do_not_cover_each_other(sample: Sample, tmp_path: Path) -> None:
    """Four boxes that end at the same places have their labels at different corners."""
    xml = box_xml(51, 76, 450, 300) * 4 + box_xml(1, 1, 20, 375)
    client = serve_turned(sample, tmp_path, 1, AS_SHOWN, xml)
    corners = [box.get("class") for box in parse(client, image_url(BOXED)).xpath(BOX)]
    assert len({tuple(text.split()) for text in corners[:4]}) == 4
    assert corners[4] == "box", "the outer corner at the top, where nothing else is"


def serve_turned(
    sample: Sample, folder: Path, orientation: int, stored: tuple[int, int], xml: str
) -> FlaskClient:
    """Serves an image that is stored rotated, and its annotation; `stored` is (width, height)."""
    voc_dir = folder / "VOC"
    (voc_dir / "Annotations").mkdir(parents=True)
    (voc_dir / "JPEGImages").mkdir()
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.new("RGB", stored).save(voc_dir / "JPEGImages" / f"{BOXED}.jpg", exif=exif)
    (voc_dir / "Annotations" / f"{BOXED}.xml").write_text(f"<annotation>{xml}</annotation>")
    return client_of(sample, folder / "cache", voc_dir)


def box_xml(*corners: float) -> str:
    tags = zip(("xmin", "ymin", "xmax", "ymax"), corners, strict=True)
    fields = "".join(f"<{tag}>{value}</{tag}>" for tag, value in tags)
    return f"<object><name>dog</name><bndbox>{fields}</bndbox></object>"


def size_xml(width: int, height: int) -> str:
    return f"<size><width>{width}</width><height>{height}</height></size>"


# Upright, the image is 500 x 375 pixels, and the box covers columns 51 to 300 and rows 76 to 225.
UPRIGHT_BOX = box_xml(51, 76, 300, 225)
SIDEWAYS, AS_SHOWN = (375, 500), (500, 375)
PLACE = {"left": 10, "top": 20, "width": 50, "height": 40}


@pytest.mark.parametrize(
    ("orientation", "stored", "xml", "note"),
    [
        # Orientation 6: the first row is stored as the right-hand column.
        (6, SIDEWAYS, size_xml(375, 500) + box_xml(76, 201, 225, 450), "rotated with it"),
        (8, SIDEWAYS, size_xml(375, 500) + box_xml(151, 51, 300, 300), "rotated with it"),
        (5, SIDEWAYS, size_xml(375, 500) + box_xml(76, 51, 225, 300), "rotated with it"),
        (6, SIDEWAYS, size_xml(500, 375) + UPRIGHT_BOX, ""),
        (6, SIDEWAYS, UPRIGHT_BOX, "nothing says whether its boxes are"),
        (3, AS_SHOWN, size_xml(500, 375) + UPRIGHT_BOX, "nothing says whether its boxes are"),
        (1, AS_SHOWN, size_xml(500, 375) + UPRIGHT_BOX, ""),
        (1, AS_SHOWN, size_xml(0, 0) + UPRIGHT_BOX, ""),
        (1, AS_SHOWN, UPRIGHT_BOX, ""),
        (1, AS_SHOWN, size_xml(1000, 750) + box_xml(101, 151, 600, 450), "for 1000 x 750 pixels"),
        (1, AS_SHOWN, size_xml(100, 75) + box_xml(11, 16, 60, 45), "its boxes are scaled"),
        (1, AS_SHOWN, size_xml(100, 100) + box_xml(11, 21, 60, 60), "they may be misplaced"),
        (6, SIDEWAYS, size_xml(750, 1000) + box_xml(151, 401, 450, 900), "scaled"),
        (1, AS_SHOWN, "<object><name>dog</name></object>", ""),
    ],
)
def test_boxes_fit_the_image_as_it_is_shown(
    sample: Sample,
    tmp_path: Path,
    orientation: int,
    stored: tuple[int, int],
    xml: str,
    note: str,
) -> None:
    client = serve_turned(sample, tmp_path, orientation, stored, xml)
    page = parse(client, image_url(BOXED))
    boxes = page.xpath(f"//div[{has_class('box')}]")
    assert len(boxes) == xml.count("<bndbox>")
    for box in boxes:
        assert percentages(box) == pytest.approx(PLACE, abs=0.01)
    notes = texts(page, "//figcaption/span[@data-boxes-note]")
    assert len(notes) == bool(note)
    assert note in "".join(notes)
    facts = client.get("/api/v1/image", query_string={"image": BOXED}).json
    assert (facts["width"], facts["height"]) == (500, 375)
    assert (facts["boxes_note"] or "") == "".join(notes)
    (item,) = facts["objects"]
    if "<bndbox>" in xml:
        corners = [item[key] for key in ("xmin", "ymin", "xmax", "ymax")]
        assert corners == pytest.approx([51, 76, 300, 225], abs=0.01)


@pytest.mark.parametrize("kind", ["pipe", "device", "large", "many", "tags"])
def test_annotations_are_bounded(sample: Sample, tmp_path: Path, kind: str) -> None:
    voc_dir = tmp_path / "VOC"
    (voc_dir / "Annotations").mkdir(parents=True)
    (voc_dir / "JPEGImages").symlink_to(sample.voc_dir / "JPEGImages")
    path = voc_dir / "Annotations" / f"{BOXED}.xml"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "device":
        path.symlink_to("/dev/zero")
    else:
        count = {"large": 10, "many": 20_000, "tags": 120_000}[kind]
        path.write_text(f"<annotation>{'<object><name>dog</name></object>' * count}</annotation>")
    if kind == "large":
        os.truncate(path, 20 * 2**30)
    page = parse(client_of(sample, tmp_path / "cache", voc_dir), image_url(BOXED))
    caption = text_of(page.xpath("//figcaption")[0])
    assert f"{BOXED}.xml:" in caption
    reasons = {
        "large": "21,474,836,480 bytes",
        "many": "more than 10,000 objects",
        "tags": "found 480,002 tags",
    }
    assert reasons.get(kind, "not a regular file") in caption
    assert len(page.xpath("//figure//img")) == 1


def test_the_pixels_of_a_page_are_not_decoded(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise AssertionError("decoded")

    monkeypatch.setattr(images, "_decode", fail)
    monkeypatch.setattr(Image.Image, "load", fail)
    for image_id in (BOXED, CROSSING, SPACED):
        assert len(parse(client, image_url(image_id)).xpath("//figure//img")) == 1


def test_unreadable_image_has_ranks_but_no_scores(client: FlaskClient) -> None:
    page = parse(client, image_url(MISSING))
    assert texts(page, f"//table//td[{has_class('score-cell')}]") == ["\N{EN DASH}"] * 4
    assert texts(page, "//table//tr/td[last()]") == [str(IMAGES - 1)] * 4


@pytest.mark.parametrize("name", ["nothing", "", "2008_00003", "2008_0000300", "%00"])
def test_unknown_image(client: FlaskClient, name: str) -> None:
    assert client.get(f"/images/{name}").status_code == 404


def test_null_byte_in_a_name(client: FlaskClient) -> None:
    assert client.get(f"/images/{BOXED}%00").status_code == 404


def test_special_characters_in_ids(sample: Sample, tmp_path: Path) -> None:
    ids = ['<b>&"', "a+b %41", "ünï", "q?x=1#y", "semi;colon", "..dots"]
    scores = np.linspace(0.9, 0.1, len(ids), dtype=np.float32)[:, np.newaxis]
    labels = np.ones((len(ids), 1), np.int8)
    run = write_run(tmp_path / "special", sample.voc_dir, ids, ("dog",), scores, labels)
    client = client_of(run, tmp_path / "cache")
    page = parse(client, "/classes/dog")
    for link in page.xpath(f"//li[{has_class('card')}]/a/@href"):
        image_page = parse(client, link)
        ids.remove(texts(image_page, "//h1")[0])
        assert image_page.xpath("//b") == []
    assert ids == []
