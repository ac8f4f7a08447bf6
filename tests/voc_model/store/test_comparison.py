"""Saved scores of every kind are compared with a table; nothing is left out silently."""

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from real_data import DATA, MISSING, VOC2012_REFERENCE
from recorded_report import RecordedReport
from score_tables import CLASSES, make_manifest, random_table

from voc_model.data.voc import VOC_CLASSES
from voc_model.errors import DataError, ScoreStoreError
from voc_model.store.comparison import compare, differences, greatest_difference, verify_against
from voc_model.store.saved_scores import read_saved_scores
from voc_model.store.scores import ScoreTable
from voc_model.store.voc_results import write_results

Rows = dict[str, list[float]]


@pytest.fixture
def table() -> ScoreTable:
    return random_table(images=30, decimals=7)


def rows_of(table: ScoreTable) -> Rows:
    ids = table.ids_of(np.arange(len(table.image_ids)))
    return dict(zip(ids, np.asarray(table.scores).astype(float).tolist(), strict=True))


def write_csv(path: Path, classes: tuple[str, ...], rows: Rows) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["filenames", *classes])
        for image_id, values in reversed(rows.items()):  # not in the order of the table
            writer.writerow([image_id, *("" if np.isnan(it) else it for it in values)])
    return path


def save_table(table: ScoreTable, folder: Path) -> Path:
    table.write(folder / "other.npz")
    return folder / "other.npz"


def save_run(table: ScoreTable, folder: Path) -> Path:
    table.write(folder / "scores.npz")
    return folder


def save_csv(table: ScoreTable, folder: Path) -> Path:
    return write_csv(folder / "scores.csv", table.classes, rows_of(table))


def save_results(table: ScoreTable, folder: Path) -> Path:
    write_results(table, folder)
    return folder


@pytest.mark.parametrize("save", [save_table, save_run, save_csv, save_results])
def test_a_table_equals_its_saved_scores(
    table: ScoreTable, tmp_path: Path, save: Callable[[ScoreTable, Path], Path]
) -> None:
    report = RecordedReport()
    verify_against(table, save(table, tmp_path), 0.0, report)
    assert report.warnings == []
    header, _, *lines = report.notes[0].splitlines()
    readable = np.count_nonzero(~np.isnan(np.asarray(table.scores)).all(axis=1))
    images = readable if save is save_results else 30  # Unreadable images have no line there.
    assert f"{images} images and 3 classes compared" in header
    assert {line.split()[-2:][0] for line in lines} == {"0"}


def test_differences_are_those_of_a_loop(table: ScoreTable, tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    rows = rows_of(table)
    changed = {key: [it + rng.normal(0, 0.01) for it in row] for key, row in rows.items()}
    saved = read_saved_scores(write_csv(tmp_path / "a.csv", CLASSES, changed), "val")
    found = compare(table, saved)
    assert (found.images, found.classes, found.is_complete) == (30, CLASSES, True)
    for column in range(3):
        expected = [
            abs(rows[key][column] - float(np.float32(changed[key][column])))
            for key in rows
            if not np.isnan(rows[key][column])
        ]
        assert found.greatest[column] == pytest.approx(max(expected), abs=1e-12)
        assert found.mean[column] == pytest.approx(sum(expected) / len(expected), abs=1e-12)
    report = RecordedReport()
    with pytest.raises(ScoreStoreError, match=r"not reproduced: the greatest difference is 0\.0"):
        verify_against(table, tmp_path / "a.csv", 1e-3, report)
    assert f"{found.greatest[0]:.3g}" in report.text
    verify_against(table, tmp_path / "a.csv", float(found.greatest.max()))


def test_one_different_score_names_its_class(table: ScoreTable, tmp_path: Path) -> None:
    rows = rows_of(table)
    next(row for row in rows.values() if not np.isnan(row[1]))[1] += 0.25
    path = write_csv(tmp_path / "a.csv", CLASSES, rows)
    with pytest.raises(ScoreStoreError, match=r"is 0\.25 in class 'grüner Baum & Strauch', above"):
        verify_against(table, path, 0.01)


def test_images_and_classes_of_only_one_side_are_named_and_fail(
    table: ScoreTable, tmp_path: Path
) -> None:
    rows = {key: row[:2] for key, row in rows_of(table).items()}
    scored = [key for key, row in rows_of(table).items() if not np.isnan(row).any()]
    for key in scored[:7]:
        del rows[key]
    rows["other"] = [0.5, 0.5]
    path = write_csv(tmp_path / "a.csv", ("dog", "cat"), rows)
    report = RecordedReport()
    with pytest.raises(ScoreStoreError, match="do not have the same images and classes"):
        verify_against(table, path, 1.0, report)
    assert report.warnings == [
        f"7 images are only in the run: {', '.join(scored[:5])}, …",
        "2 classes are only in the run: grüner Baum & Strauch, zebra",
        f"1 images are only in {path}: other",
        f"1 classes are only in {path}: cat",
    ]


def test_nothing_in_common_is_an_error(table: ScoreTable, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", ("cat",), {"x": [0.5]})
    report = RecordedReport()
    with pytest.raises(ScoreStoreError, match="do not have the same"):
        verify_against(table, path, 1.0, report)
    assert len(report.warnings) == 4


def test_a_score_on_one_side_only_differs_infinitely(table: ScoreTable, tmp_path: Path) -> None:
    rows = rows_of(table)
    next(row for row in rows.values() if not np.isnan(row[0]))[0] = float("nan")
    path = write_csv(tmp_path / "a.csv", CLASSES, rows)
    with pytest.raises(ScoreStoreError, match="greatest difference is inf in class 'dog'"):
        verify_against(table, path, 1.0)


def test_nan_and_a_number_differ_infinitely() -> None:
    left = np.array([[0.25, np.nan]], np.float32)
    assert greatest_difference(left, left) == 0
    assert greatest_difference(left, left + np.float32(0.5)) == 0.5
    assert greatest_difference(left, np.nan_to_num(left)) == float("inf")
    expected: NDArray[np.float64] = np.array([[0.5, np.nan]])
    np.testing.assert_array_equal(differences(left, left + np.float32(0.5)), expected)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", r"a\.csv:1: found no classes"),
        ("id\nx\n", r"a\.csv:1: found no classes"),
        ("id,dog,dog\n", r"a\.csv:1: found no classes, or one of them twice"),
        ("id,dog\nx,0.5\ny\n", r"a\.csv:3: found 0 scores, expected 1"),
        ("id,dog\nx,0.5,1\n", r"a\.csv:2: found 2 scores, expected 1"),
        ("id,dog\nx,half\n", r"a\.csv:2: could not convert string to float: 'half'"),
        ("id,dog\nx,0.5\nx,0.5\n", r"a\.csv:3: a second line of image 'x'"),
        ('id,dog\n"x,0.5\n', r"a\.csv: unexpected end of data"),
    ],
)
def test_a_damaged_csv_is_reported_with_its_line(
    tmp_path: Path, content: str, message: str
) -> None:
    path = tmp_path / "a.csv"
    path.write_text(content)
    with pytest.raises(DataError, match=message):
        read_saved_scores(path, "val")


def test_a_csv_of_spreadsheets_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("\ufeffid,dog\r\nä,0.5\r\n\r\n".encode())
    saved = read_saved_scores(path, "val")
    assert saved.image_ids.tolist() == ["ä".encode()]
    assert (saved.classes, saved.scores.tolist()) == (("dog",), [[0.5]])


def test_what_holds_no_scores_is_reported(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"found no scores in this folder, expected a scores\.npz"):
        read_saved_scores(tmp_path, "val")
    with pytest.raises(DataError, match=r"none\.csv: not found, expected"):
        read_saved_scores(tmp_path / "none.csv", "val")
    (tmp_path / "a.npz").write_bytes(b"nothing")
    with pytest.raises(ScoreStoreError, match=r"a\.npz"):
        read_saved_scores(tmp_path / "a.npz", "val")


@pytest.mark.skipif(not VOC2012_REFERENCE.is_dir(), reason=MISSING)
def test_a_real_csv_reproduces_itself_and_logits_are_told(tmp_path: Path) -> None:
    path = VOC2012_REFERENCE / "scores.csv"
    saved = read_saved_scores(path, "val")
    ids = [image_id.decode() for image_id in saved.image_ids.tolist()]
    scores = saved.scores.astype(np.float32)
    table = ScoreTable.build(
        ids, VOC_CLASSES, scores, np.zeros(scores.shape, np.int8), make_manifest()
    )
    report = RecordedReport()
    verify_against(table, path, 0.0, report)
    assert "5,823 images and 20 classes compared" in report.text
    with pytest.raises(ScoreStoreError, match=r"from -17\.6 to 20\.4, perhaps logits"):
        verify_against(table, DATA / "data" / "voc2012_devkit_results", 0.01)
