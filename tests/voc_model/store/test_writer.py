"""A table written in pieces equals the one built in memory, byte for byte."""

import signal
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from real_data import ROOT
from recorded_report import RecordedReport, Stage
from score_tables import CLASSES, make_manifest, random_table

from voc_model.progress import SILENT, Reporter
from voc_model.store.scores import ScoreTable
from voc_model.store.writer import score_writer

SCORES = st.sampled_from([-0.0, 0.0, 0.25, 0.5, 1.0, float("nan")]) | st.floats(0, 1, width=32)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A valid file that the test replaces."""
    path = tmp_path / "scores.npz"
    random_table().write(path)
    return path


def write_in_pieces(
    path: Path, table: ScoreTable, cuts: list[int], report: Reporter = SILENT
) -> None:
    """Writes the rows of a table in pieces that end at the cuts."""
    ids = table.image_ids
    with score_writer(path, table.classes, len(ids), ids.dtype.itemsize) as writer:
        for first, last in pairwise([0, *sorted(cuts), len(ids)]):
            part = slice(first, last)
            writer.append(ids[part], table.scores[part], table.labels[part])
        writer.rank(report)
        writer.finish(table.manifest)


@given(data=st.data(), images=st.integers(1, 30), classes=st.integers(1, 4))
def test_pieces_give_the_same_file_as_the_whole_table(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, images: int, classes: int
) -> None:
    shape = (images, classes)
    table = ScoreTable.build(
        [f"ä{number}" for number in range(images)],
        [f"class {index}" for index in range(classes)],
        data.draw(arrays(np.float32, shape, elements=SCORES)),
        data.draw(arrays(np.int8, shape, elements=st.sampled_from([-1, 0, 1]))),
        make_manifest(),
    )
    folder = tmp_path_factory.getbasetemp() / "pieces"
    table.write(folder / "whole.npz")
    write_in_pieces(folder / "pieces.npz", table, data.draw(st.lists(st.integers(0, images))))
    assert (folder / "pieces.npz").read_bytes() == (folder / "whole.npz").read_bytes()
    ScoreTable.open(folder / "pieces.npz").check_values()


def test_progress_is_reported_per_class(path: Path) -> None:
    report = RecordedReport()
    write_in_pieces(path, random_table(), [7], report)
    assert report.stages == [Stage("ranking", reused=0, done=3, total=3, unit="classes")]


def test_the_old_file_remains_until_the_new_one_is_complete(path: Path) -> None:
    before, table = path.read_bytes(), random_table(1)
    with score_writer(path, CLASSES, 40, 11) as writer:
        writer.append(table.image_ids, table.scores, table.labels)
        writer.rank()
        writer.finish(table.manifest)
        assert path.read_bytes() == before
    np.testing.assert_array_equal(ScoreTable.open(path).scores, table.scores)


# Refused input leaves only the old file ---------------------------------------------------------


def rows(*image_ids: str) -> tuple[NDArray[np.bytes_], NDArray[np.float32], NDArray[np.int8]]:
    """Returns rows with these ids, and zeros for two classes."""
    ids = np.array([image_id.encode() for image_id in image_ids], np.bytes_)
    return ids, np.zeros((len(ids), 2), np.float32), np.zeros((len(ids), 2), np.int8)


def refuse(path: Path, message: str, *pieces: tuple[NDArray[np.bytes_], ...]) -> None:
    before = path.read_bytes()
    with (
        pytest.raises(ValueError, match=message),
        score_writer(path, ["dog", "cat"], 3, 4) as writer,
    ):
        for piece in pieces:
            writer.append(*piece)  # type: ignore[arg-type]
        writer.rank()
        writer.finish(make_manifest())
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_rows_out_of_order_are_refused(path: Path) -> None:
    message = "not in ascending order without duplicates"
    refuse(path, message, rows("a", "c", "b"))
    refuse(path, message, rows("a", "a", "b"))
    refuse(path, message, rows("a", "b"), rows("b"))
    refuse(path, message, rows("b", "c"), rows("a"))


def test_too_few_and_too_many_rows_are_refused(path: Path) -> None:
    refuse(path, "found 2 rows, expected 3", rows("a", "b"))
    refuse(
        path,
        r"found 8 bytes .* at most 4",
        rows("a", "b"),
        rows("c", "d"),
    )


def test_an_id_that_is_too_long_is_refused(path: Path) -> None:
    refuse(path, "found image ids of 5 bytes, expected at most 4", rows("a", "b", "ccccc"))


@pytest.mark.parametrize("value", [-0.1, 1.5, np.inf])
def test_a_score_out_of_range_is_refused(path: Path, value: float) -> None:
    ids, scores, labels = rows("a", "b", "c")
    scores[2, 1] = value
    refuse(path, rf"found score {value}, expected .*\[0, 1\]", (ids, scores, labels))


def test_an_invalid_label_is_refused(path: Path) -> None:
    ids, scores, labels = rows("a", "b", "c")
    refuse(path, "found label 2, expected 1, 0, -1 or -2", (ids, scores, labels + np.int8(2)))


def test_other_shapes_and_types_are_refused(path: Path) -> None:
    ids, scores, labels = rows("a", "b", "c")
    refuse(path, r"scores has shape \(2, 2\), expected \(3, 2\)", (ids, scores[1:], labels))
    refuse(path, r"labels has shape \(3, 1\), expected \(3, 2\)", (ids, scores, labels[:, 1:]))
    refuse(path, "found float64, expected float32", (ids, scores.astype(float), labels))


@pytest.mark.parametrize(
    ("classes", "images", "message"),
    [
        (["dog", "dog"], 3, "duplicate class names: dog"),
        ([], 3, "3 images and 0 classes"),
        (["dog"], 0, "0 images and 1 classes"),
    ],
)
def test_invalid_dimensions_are_refused(
    path: Path, classes: list[str], images: int, message: str
) -> None:
    before = path.read_bytes()
    with pytest.raises(ValueError, match=message), score_writer(path, classes, images, 4):
        pass
    assert path.read_bytes() == before


def test_a_table_without_ranking_is_not_finished(path: Path) -> None:
    before, table = path.read_bytes(), random_table(1)
    with (
        pytest.raises(ValueError, match=r"ranking\.npy: 480 bytes are missing"),
        score_writer(path, CLASSES, 40, 11) as writer,
    ):
        writer.append(table.image_ids, table.scores, table.labels)
        writer.finish(table.manifest)
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


# Killed ------------------------------------------------------------------------------------------

# Writes another table up to a stage, prints a line, and waits to be killed.
KILLED_WRITER = """
import sys, time
from pathlib import Path
from score_tables import random_table
from voc_model.progress import Reporter
from voc_model.store.writer import score_writer

def wait():
    print("half written", flush=True)
    time.sleep(600)

class Waiting(Reporter):
    def track(self, iterable, *args, **kwargs):
        for item in iterable:
            yield item
            wait()

table = random_table(seed=1, images=5000)
with score_writer(Path(sys.argv[1]), table.classes, 5000, 11) as writer:
    writer.append(table.image_ids, table.scores, table.labels)
    if sys.argv[2] == "ranking":
        writer.rank(Waiting())
    wait()
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no SIGKILL on this system")
@pytest.mark.parametrize("stage", ["rows", "ranking"])
def test_a_killed_writer_leaves_the_old_file_intact(path: Path, stage: str) -> None:
    before = path.read_bytes()
    with subprocess.Popen(
        [sys.executable, "-c", KILLED_WRITER, str(path), stage],
        cwd=ROOT,
        env={"PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}"},
        stdout=subprocess.PIPE,
        text=True,
    ) as writer:
        assert writer.stdout is not None
        try:
            assert writer.stdout.readline() == "half written\n"
            assert len(list(path.parent.iterdir())) == 2, "the new file has been started"
        finally:
            writer.kill()
    assert path.read_bytes() == before
    table = random_table(2)
    write_in_pieces(path, table, [20])  # The abandoned file does not interfere.
    np.testing.assert_array_equal(ScoreTable.open(path).scores, table.scores)


def test_an_interrupted_writer_leaves_no_file(path: Path) -> None:
    before, table = path.read_bytes(), random_table(1)
    with pytest.raises(KeyboardInterrupt), score_writer(path, CLASSES, 40, 11) as writer:
        writer.append(table.image_ids, table.scores, table.labels)
        raise KeyboardInterrupt
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]
