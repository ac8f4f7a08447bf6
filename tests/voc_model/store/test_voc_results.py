"""The development kit's result files: exact, never half written, never over somebody else's."""

from pathlib import Path

import numpy as np
import pytest
from real_data import DATA, MISSING
from recorded_report import RecordedReport
from score_tables import make_manifest

from voc_model.data.voc import VOC_CLASSES
from voc_model.errors import DataError, SettingsError
from voc_model.store.scores import ScoreTable
from voc_model.store.voc_results import read_results, write_results

CLASSES = ("dog", "dining table", "grüner Baum")
DEVKIT = DATA / "data" / "voc2012_devkit_results"


def make_table(
    classes: tuple[str, ...] = CLASSES,
    ids: list[str] | None = None,
    images: int = 40,
    split: str = "val",
) -> ScoreTable:
    """Returns a table of all kinds of floats: huge and tiny exponents, neighbours, 0 and 1."""
    rng = np.random.default_rng(3)
    ids = ids or [f"2008_{number:06}" for number in range(images)]
    scores = rng.random((len(ids), len(classes))).astype(np.float32)
    scores *= np.float32(10) ** rng.integers(-30, 1, scores.shape).astype(np.float32)
    edges = np.array([0, 1, np.nextafter(1, 0, dtype=np.float32), 1.4e-45, 0.1], np.float32)
    scores[: len(edges), 0] = edges[: len(ids)]
    labels = np.zeros(scores.shape, np.int8)
    manifest = make_manifest().model_copy(update={"split": split})
    return ScoreTable.build(ids, classes, scores, labels, manifest)


def with_scores(table: ScoreTable, scores: np.ndarray) -> ScoreTable:
    ids = table.ids_of(np.arange(len(table.image_ids)))
    return ScoreTable.build(ids, table.classes, scores, np.array(table.labels), table.manifest)


def test_every_score_survives_bit_for_bit(tmp_path: Path) -> None:
    table = make_table()
    paths = write_results(table, tmp_path / "Main")
    assert [path.name for path in paths] == [f"comp1_cls_val_{name}.txt" for name in CLASSES]
    for index, path in enumerate(paths):
        # Parsed by NumPy, not by this project.
        rows = np.loadtxt(path, dtype=[("id", "U20"), ("score", "f4")], encoding="utf-8")
        assert rows["id"].tolist() == table.ids_of(np.arange(40))
        np.testing.assert_array_equal(
            rows["score"].view(np.uint32), np.asarray(table.scores)[:, index].view(np.uint32)
        )
    scores = read_results(tmp_path / "Main", "val")
    assert list(scores) == sorted(CLASSES)
    for index, name in enumerate(CLASSES):
        assert list(scores[name]) == table.ids_of(np.arange(40))
        found = np.array(list(scores[name].values()), np.float32)
        np.testing.assert_array_equal(found, np.asarray(table.scores)[:, index])


def test_a_line_is_an_id_a_space_and_the_score(tmp_path: Path) -> None:
    table = with_scores(make_table(("dog",), ["b", "a"]), np.array([[0.25], [0.1]], np.float32))
    (path,) = write_results(table, tmp_path, "comp2")
    assert path.name == "comp2_cls_val_dog.txt"
    assert path.read_bytes() == b"a 0.25\nb 0.100000001\n"


def test_images_without_a_score_have_no_line_and_are_reported(tmp_path: Path) -> None:
    table = make_table()
    scores = np.array(table.scores)
    scores[[3, 7]] = np.nan
    report = RecordedReport()
    write_results(with_scores(table, scores), tmp_path, report=report)
    assert "2 images have no score and are left out of the files, e.g. 2008_000003" in report.text
    for found in read_results(tmp_path, "val").values():
        assert len(found) == 38
        assert not {"2008_000003", "2008_000007"} & found.keys()


def test_files_with_other_contents_are_kept_unless_overwritten(tmp_path: Path) -> None:
    table = make_table()
    last = tmp_path / f"comp1_cls_val_{CLASSES[-1]}.txt"
    last.write_text("somebody's\n")
    with pytest.raises(SettingsError, match=r"exists with other contents.*--overwrite"):
        write_results(table, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [last.name], "nothing was written"
    assert last.read_text() == "somebody's\n"
    write_results(table, tmp_path, overwrite=True)
    assert last.read_text().startswith("2008_000000 ")


def test_files_with_the_same_contents_are_left_as_they_are(tmp_path: Path) -> None:
    paths = write_results(make_table(), tmp_path)
    stamps = [path.stat().st_mtime_ns for path in paths]
    inodes = [path.stat().st_ino for path in paths]
    write_results(make_table(), tmp_path)
    write_results(make_table(), tmp_path, overwrite=True)
    assert [path.stat().st_mtime_ns for path in paths] == stamps
    assert [path.stat().st_ino for path in paths] == inodes


@pytest.mark.parametrize("name", ["a/b", "..\\b", "a\nb", "a\0b", "x" * 300])
def test_names_that_no_file_can_have_are_errors(tmp_path: Path, name: str) -> None:
    # NUL at the end of a name would be lost in a table, but not within one.
    with pytest.raises(DataError, match="class"):
        write_results(make_table(("dog", name)), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_split_that_no_file_can_name_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="name of the split 'a/val'"):
        write_results(make_table(split="a/val"), tmp_path)


@pytest.mark.parametrize("image_id", ["a b", "a\u00a0b", "a\tb"])
def test_ids_with_spaces_are_errors(tmp_path: Path, image_id: str) -> None:
    with pytest.raises(DataError, match="contains a space"):
        write_results(make_table(ids=["x", image_id]), tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a 0.5\nb\n", r"dog.txt:2: found 'b', expected an image id and a score"),
        (b"a 0.5 1\n", r"dog.txt:1: found 'a 0.5 1'"),
        (b"a half\n", r"dog.txt:1: found 'a half'"),
        (b"a 0.5\nb 1\na 0.5\n", r"dog.txt:3: a second line of image 'a'"),
        (b"\xff 0.5\n", r"dog.txt: expected UTF-8"),
    ],
)
def test_damaged_files_are_reported_with_their_line(
    tmp_path: Path, content: bytes, message: str
) -> None:
    (tmp_path / "comp1_cls_val_dog.txt").write_bytes(content)
    with pytest.raises(DataError, match=message):
        read_results(tmp_path, "val")


def test_only_files_of_the_split_are_read(tmp_path: Path) -> None:
    for split in ("val", "val_small"):
        (tmp_path / f"comp1_cls_{split}_dog.txt").write_text(f"{split} 0.5\n")
    assert read_results(tmp_path, "val_small") == {"dog": {"val_small": 0.5}}
    with pytest.raises(DataError, match=r"found no comp1_cls_test_<class>\.txt"):
        read_results(tmp_path, "test")


def test_two_files_of_a_class_are_an_error(tmp_path: Path) -> None:
    for competition in ("comp1", "comp2"):
        (tmp_path / f"{competition}_cls_val_dog.txt").write_text("a 0.5\n")
    with pytest.raises(DataError, match="a second file of class 'dog'"):
        read_results(tmp_path, "val")


@pytest.mark.skipif(not DEVKIT.is_dir(), reason=MISSING)
def test_results_of_another_program_are_read() -> None:
    scores = read_results(DEVKIT, "val")
    assert tuple(scores) == tuple(sorted(VOC_CLASSES))
    assert {len(found) for found in scores.values()} == {5823}
    lowest = min(min(found.values()) for found in scores.values())
    assert f"{lowest:.1f}" == "-17.6"
