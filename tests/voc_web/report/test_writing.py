"""The report is one file that loads nothing; a broken run has none."""

import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from demo_archive import ARCHIVE
from lxml import html
from report_pages import report_of
from sample_run import Sample, write_run
from web_pages import texts

from voc_model.errors import ScoreStoreError
from voc_model.store.runs import RunFolder
from voc_web.report.writing import write_report

REFERENCE = ("src", "href", "srcset", "action", "data", "poster", "background", "formaction")


def references(page: html.HtmlElement) -> list[str]:
    """Returns all that a document could load: addresses in attributes and in styles."""
    found = [
        str(value)
        for element in page.iter()
        for name, value in element.attrib.items()
        if name.rpartition("}")[2].rpartition(":")[2] in REFERENCE
    ]
    styles = [*page.xpath("//style/text()"), *page.xpath("//@style"), *page.xpath("//@fill")]
    for style in styles:
        found += re.findall(r"url\(\s*['\"]?([^'\")]*)", style)
        assert "@import" not in style
        assert "image-set" not in style
    return found


def test_nothing_is_loaded_from_elsewhere(page: html.HtmlElement) -> None:
    found = references(page)
    assert len(found) > 60
    assert [text for text in found if not re.match(r"#|data:", text)] == []
    assert page.xpath("//script | //link | //iframe | //object | //embed | //base") == []
    assert [
        name for element in page.iter() for name in element.attrib if name.startswith("on")
    ] == []
    ids = {str(name) for name in page.xpath("//@id")}
    assert {text[1:] for text in found if text.startswith("#")} <= ids


def test_references_are_found() -> None:
    text = "<p style='background: url( \"x.png\")'><img src=a.png><svg><use xlink:href='b'/></svg>"
    assert sorted(references(html.document_fromstring(text))) == ["a.png", "b", "x.png"]


def test_no_local_folder_is_named(trained: Sample, page: html.HtmlElement) -> None:
    text = html.tostring(page, encoding="unicode")
    assert "somebody" not in text
    for folder in (trained.voc_dir, trained.run.path.parent, Path.home()):
        assert str(folder) not in text


def test_the_same_run_gives_the_same_file(trained: Sample, tmp_path: Path) -> None:
    contents = []
    for name in ("a", "b"):
        path = tmp_path / f"{name}.html"
        write_report(trained.run, path, tmp_path / f"cache {name}", trained.voc_dir)
        contents.append(path.read_bytes())
    assert contents[0] == contents[1]


def test_names_are_text(tmp_path: Path) -> None:
    name = '<img src=x> & "co" {{ 7 }} </style>'
    run = write_run(
        tmp_path / "runs" / "odd", tmp_path, ["<b>a", "b"], [name],
        np.array([[0.9], [0.1]], np.float32), np.array([[1], [0]], np.int8),
    )  # fmt: skip
    page = report_of(run, tmp_path)
    assert page.xpath("//b[not(ancestor::section[@id='meaning'])] | //img") == []
    assert f"{name} lowest AP" in " ".join(texts(page, "//h3")) or name in " ".join(
        texts(page, "//h3")
    )


def test_a_report_of_the_demo_is_below_3_mb(tmp_path: Path) -> None:
    """With drawn scenes, whose thumbnails take about as much as those of photographs."""
    with zipfile.ZipFile(ARCHIVE) as archive:
        images = sorted(name for name in archive.namelist() if name.endswith(".jpg"))[:200]
        for name in images:
            path = tmp_path / "VOC" / "JPEGImages" / Path(name).name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(archive.read(name))
    rng = np.random.default_rng(0)
    ids = [Path(name).stem for name in images]
    labels = (rng.random((200, 20)) < 0.1).astype(np.int8)
    scores = rng.random((200, 20)).astype(np.float32)
    run = write_run(
        tmp_path / "runs" / "demo",
        tmp_path / "VOC",
        ids,
        [f"c{k}" for k in range(20)],
        scores,
        labels,
    )
    page = report_of(run, tmp_path)
    assert len(page.xpath("//img")) == 60
    assert 100_000 < (tmp_path / "report.html").stat().st_size < 3_000_000


def damage_history(run: RunFolder) -> None:
    run.history_path.write_text("epoch,train_loss\n1,0.5\n")


def remove_scores(run: RunFolder) -> None:
    run.scores_path.unlink()


def damage_scores(run: RunFolder) -> None:
    content = bytearray(run.scores_path.read_bytes())
    content[content.index(b"2008_")] = ord("9")
    run.scores_path.write_bytes(content)


@pytest.mark.parametrize(
    ("break_run", "message"),
    [
        (remove_scores, r"scores\.npz: not found"),
        (damage_scores, r"scores\.npz"),
        (damage_history, r"history\.csv:2: damaged"),
    ],
)
def test_a_broken_run_is_reported_and_nothing_is_written(
    own_run: Sample, tmp_path: Path, break_run: Callable[[RunFolder], None], message: str
) -> None:
    break_run(own_run.run)
    with pytest.raises(ScoreStoreError, match=message):
        report_of(own_run, tmp_path)
    assert not (tmp_path / "report.html").exists()


def test_the_run_is_only_read(own_run: Sample, tmp_path: Path) -> None:
    own_run.run.metrics_path.unlink()
    before = sorted(own_run.run.path.rglob("*"))
    stamps = [path.stat().st_mtime_ns for path in before]
    report_of(replace(own_run), tmp_path, "dog")
    assert sorted(own_run.run.path.rglob("*")) == before
    assert [path.stat().st_mtime_ns for path in before] == stamps
