"""scores.npz: tables round-trip, and invalid files are refused with a remedy."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from real_data import ROOT
from score_tables import CLASSES, make_manifest, random_table

from voc_model.errors import NotFoundError, ScoreStoreError
from voc_model.store import archive, ranking
from voc_model.store import scores as score_store
from voc_model.store.archive import read_npz
from voc_model.store.file_array import FileArray
from voc_model.store.manifest import FORMAT_VERSION, Manifest
from voc_model.store.npz import write_npz
from voc_model.store.scores import ScoreTable

ARRAYS = ("image_ids", "scores", "labels", "ranking")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A valid file."""
    path = tmp_path / "runs" / "sample" / "scores.npz"
    random_table().write(path)
    return path


def assert_refused(path: Path, *parts: str) -> None:
    """Checks that the message names the file, the error and the command to run."""
    with pytest.raises(ScoreStoreError) as caught:
        ScoreTable.open(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert message.endswith("scripts/precompute_scores.py --root-dir DIR.")
    for part in parts:
        assert part in message


# A valid table ---------------------------------------------------------------------------------


def test_a_table_is_opened_as_written(path: Path) -> None:
    table, opened = random_table(), ScoreTable.open(path)
    assert opened.classes == CLASSES
    for name in ARRAYS:
        np.testing.assert_array_equal(getattr(opened, name), getattr(table, name))
        assert getattr(opened, name).dtype == getattr(table, name).dtype
    opened.check_values()


def test_a_manifest_round_trips(tmp_path: Path) -> None:
    manifest = make_manifest(
        run="grüner Lauf",
        settings={"epochs": 3, "resize": [256, 256]},
        checkpoint_sha256="ab" * 32,
        unreadable_count=1,
        unreadable=["2008_000001: cannot be read"],
        selected_on="the val split",
        warnings=["ä"],
    )
    table = random_table()
    values = (table.scores, table.labels)
    ids = [table.image_id(row) for row in range(len(table.image_ids))]
    ScoreTable.build(ids, CLASSES, *values, manifest).write(tmp_path / "scores.npz")
    assert ScoreTable.open(tmp_path / "scores.npz").manifest == manifest


def test_large_arrays_stay_in_the_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Opening takes the same time for any number of images, and every method gives the same."""
    expected = ScoreTable.open(path)
    monkeypatch.setattr(archive, "_IN_MEMORY_BYTES", 0)
    opened = ScoreTable.open(path)
    for name in ARRAYS:
        assert isinstance(getattr(opened, name), FileArray), name
    opened.verify()
    assert opened.digest == expected.digest
    for row in range(40):
        assert opened.image_id(row) == expected.image_id(row)
        assert opened.row_of(opened.image_id(row)) == row
    for index in range(len(CLASSES)):
        left, right = opened.class_ranking(index), expected.class_ranking(index)
        assert [left.rank_of(row) for row in range(40)] == [right.rank_of(row) for row in range(40)]
        assert left.slice(3, 20).tolist() == right.slice(3, 20).tolist()
        assert left.rows_of(np.array([7, 2])).tolist() == right.rows_of(np.array([7, 2])).tolist()
        assert left.count_above(0.5) == right.count_above(0.5)
        assert left.count_readable() == right.count_readable()


@pytest.mark.parametrize(
    "look_up",
    [
        lambda table: table.row_of("2008_000007"),
        lambda table: table.image_id(7),
        lambda table: table.class_ranking(1).rank_of(7),
        lambda table: table.class_ranking(1).rank_of(7, range(1, 41)),
        lambda table: table.class_ranking(1).count_above(0.5),
        lambda table: table.class_ranking(1).count_readable(),
        lambda table: table.class_ranking(1).slice(1, 3),
    ],
)
@pytest.mark.parametrize("few", [0, 1 << 13])
def test_nothing_is_found_in_a_file_that_was_overwritten(
    path: Path, monkeypatch: pytest.MonkeyPatch, look_up: Callable[[ScoreTable], object], few: int
) -> None:
    monkeypatch.setattr(archive, "_IN_MEMORY_BYTES", 0)
    monkeypatch.setattr(ranking, "_FEW", few)
    table = ScoreTable.open(path)
    look_up(table)
    status = path.stat()
    with path.open("r+b") as file:
        file.write(path.read_bytes())  # Even with the same.
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns + 10**9))
    with pytest.raises(ScoreStoreError, match="was changed while it was read"):
        look_up(table)


def test_the_digest_is_that_of_the_contents(path: Path) -> None:
    table = random_table()
    assert ScoreTable.open(path).digest == table.digest
    scores = np.array(table.scores)
    scores[3, 1] = 0.123
    same_second = ScoreTable.build(
        [table.image_id(row) for row in range(40)],
        CLASSES,
        scores,
        np.asarray(table.labels),
        table.manifest,
    )
    assert same_second.digest != table.digest


def test_files_of_version_1_are_still_read(tmp_path: Path) -> None:
    table = random_table()
    labels = np.where(table.labels == -2, np.int8(-1), table.labels)  # Version 1 had no -2.
    older = replace(table, labels=labels, manifest=make_manifest(format_version=1))
    older.write(tmp_path / "scores.npz")
    opened = ScoreTable.open(tmp_path / "scores.npz")
    opened.check_values()
    np.testing.assert_array_equal(opened.labels, labels)


def test_unknown_labels_are_stored_apart_from_difficult_ones(tmp_path: Path) -> None:
    table = random_table()
    assert {-2, -1, 0, 1} == set(np.unique(table.labels))
    table.write(tmp_path / "scores.npz")
    opened = ScoreTable.open(tmp_path / "scores.npz")
    opened.check_values()
    np.testing.assert_array_equal(opened.labels, table.labels)


def test_the_file_can_be_read_with_numpy_alone(path: Path) -> None:
    """The documented format, for programs that do not use this project."""
    images, classes = 40, len(CLASSES)
    with np.load(path, allow_pickle=False) as members:
        found = {name: (members[name].dtype, members[name].shape) for name in members.files}
        manifest = json.loads(members["manifest"].item())
        names = [name.decode() for name in members["classes"]]
    assert found.pop("manifest")[1] == ()
    assert found.pop("classes")[1] == (classes,)
    assert found == {
        "image_ids": (np.dtype("S11"), (images,)),
        "scores": (np.dtype("<f4"), (images, classes)),
        "labels": (np.dtype("i1"), (images, classes)),
        "ranking": (np.dtype("<i4"), (classes, images)),
    }
    assert names == list(CLASSES)
    assert manifest["format_version"] == FORMAT_VERSION == 2


def test_images_are_sorted_by_id() -> None:
    scores = np.array([[0.1], [0.2], [0.3], [0.4]], np.float32)
    labels = np.array([[1], [0], [-1], [1]], np.int8)
    ids = ["b", "ä", "B", "a 1"]
    table = ScoreTable.build(ids, ["dog"], scores, labels, make_manifest())
    assert [table.image_id(row) for row in range(4)] == ["B", "a 1", "b", "ä"]  # as UTF-8 bytes
    for image_id, score, label in zip(ids, scores, labels, strict=True):
        row = table.row_of(image_id)
        assert (table.scores[row], table.labels[row]) == (score, label)


def test_ranks_are_by_score_then_id_with_unreadable_images_last() -> None:
    ids = ["d", "c", "b", "a", "e"]
    scores = np.array([[0.5], [np.nan], [0.5], [0.2], [0.9]], np.float32)
    labels = np.zeros((5, 1), np.int8)
    table = ScoreTable.build(ids, ["dog"], scores, labels, make_manifest())
    ranking = table.class_ranking(0)
    assert [table.image_id(row) for row in ranking.slice(1, 5)] == ["e", "b", "d", "a", "c"]


def test_a_class_and_an_image_are_found_by_name() -> None:
    table = random_table()
    assert [table.class_index(name) for name in CLASSES] == [0, 1, 2]
    assert all(table.row_of(table.image_id(row)) == row for row in range(40))


@pytest.mark.parametrize(
    "image_id",
    ["", "2007_000001", "2008_000040", "2009", "2008_0000010", "2008_000001\0", "ä", "2008" * 99],
)
def test_an_unknown_image_is_not_found(image_id: str) -> None:
    with pytest.raises(NotFoundError, match=re.escape(f"no image {image_id!r}")):
        random_table().row_of(image_id)


def test_an_unknown_class_is_reported_with_the_existing_classes() -> None:
    with pytest.raises(NotFoundError, match=r"no class 'cat'.* It has: dog, grüner Baum & Str"):
        random_table().class_index("cat")


@pytest.mark.parametrize("column_bytes", [1, 2 * 40 * 5, 1 << 20])
@pytest.mark.parametrize("chunk_values", [1, 50, 1 << 20])
def test_columns_equal_the_tables_for_any_chunk_size(
    path: Path, monkeypatch: pytest.MonkeyPatch, column_bytes: int, chunk_values: int
) -> None:
    monkeypatch.setattr(score_store, "_COLUMN_BYTES", column_bytes)
    monkeypatch.setattr(score_store, "_CHUNK_VALUES", chunk_values)
    expected = random_table()
    for table in (expected, ScoreTable.open(path)):
        columns = list(table.columns())
        assert len(columns) == len(CLASSES)
        for index, (scores, labels) in enumerate(columns):
            np.testing.assert_array_equal(scores, expected.scores[:, index])
            np.testing.assert_array_equal(labels, expected.labels[:, index])
            assert scores.flags.c_contiguous
            assert labels.flags.c_contiguous


# Invalid tables ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"image_ids": ["a", "b", "a"]}, "not in ascending order without duplicates"),
        ({"classes": ["dog", "dog"]}, "duplicate class names: dog"),
        ({"scores": np.full((3, 2), 1.5)}, r"found score .*, expected .*\[0, 1\]"),
        ({"scores": np.full((3, 2), -0.1)}, r"found score .*, expected .*\[0, 1\]"),
        (
            {"scores": np.full((3, 2), np.inf)},
            r"found score .*, expected .*\[0, 1\]",
        ),
        ({"labels": np.full((3, 2), 2, np.int8)}, "found label .*, expected 1, 0, -1 or -2"),
        ({"labels": np.full((3, 2), -3, np.int8)}, "found label .*, expected 1, 0, -1 or -2"),
        ({"scores": np.zeros((2, 2))}, r"scores has shape \(2, 2\), expected \(3, 2\)"),
        ({"scores": np.zeros((4, 2))}, r"scores has shape \(4, 2\), expected \(3, 2\)"),
        ({"scores": np.zeros(3)}, r"scores has shape \(3,\)"),
        ({"labels": np.zeros((4, 2))}, r"labels has shape \(4, 2\), expected \(3, 2\)"),
        ({"labels": np.zeros((3, 1))}, r"labels has shape \(3, 1\), expected \(3, 2\)"),
        (
            {"image_ids": [], "scores": np.zeros((0, 2)), "labels": np.zeros((0, 2))},
            "0 images and 2 classes",
        ),
    ],
)
def test_an_invalid_table_is_refused(changes: dict[str, Any], message: str) -> None:
    fields: dict[str, Any] = {
        "image_ids": ["a", "b", "c"],
        "classes": ["dog", "cat"],
        "scores": np.zeros((3, 2)),
        "labels": np.zeros((3, 2), np.int8),
        "manifest": make_manifest(),
    }
    ScoreTable.build(**fields)
    with pytest.raises(ValueError, match=message):
        ScoreTable.build(**(fields | changes))


# Damaged files -----------------------------------------------------------------------------------

Members = dict[str, NDArray[Any]]
DAMAGES: dict[str, tuple[Callable[[Members], object], str]] = {
    **{
        f"no {name}": (lambda members, name=name: members.pop(name), f"'{name}' is missing")
        for name in (*ARRAYS, "classes", "manifest")
    },
    "scores of another type": (
        lambda members: members.update(scores=members["scores"].astype(np.float64)),
        "scores is float64 (40, 3), expected float32 (40, 3)",
    ),
    "scores of the other byte order": (
        lambda members: members.update(scores=members["scores"].astype(">f4")),
        "expected float32 (40, 3)",
    ),
    "labels of another type": (
        lambda members: members.update(labels=members["labels"].astype(np.int32)),
        "labels is int32 (40, 3), expected int8 (40, 3)",
    ),
    "ids as str": (
        lambda members: members.update(image_ids=members["image_ids"].astype(np.str_)),
        "image_ids is <U11 (40,), expected bytes (40,)",
    ),
    "one id without a shape": (
        lambda members: members.update(image_ids=np.array(b"2008_000001")),
        "image_ids is |S11 (), expected bytes (1,)",
    ),
    "a missing row": (
        lambda members: members.update(scores=members["scores"][1:]),
        "scores is float32 (39, 3), expected float32 (40, 3)",
    ),
    "a missing class": (
        lambda members: members.update(classes=members["classes"][1:]),
        "scores is float32 (40, 3), expected float32 (40, 2)",
    ),
    "a transposed ranking": (
        lambda members: members.update(ranking=members["ranking"].T.copy()),
        "ranking is int32 (40, 3), expected int32 (3, 40)",
    ),
    "no images": (
        lambda members: members.update(
            image_ids=members["image_ids"][:0], scores=members["scores"][:0],
            labels=members["labels"][:0], ranking=members["ranking"][:, :0],
        ),
        "found 0 images and 3 classes, expected at least one of each",
    ),
    "a duplicate class": (
        lambda members: members.update(classes=np.array([b"dog", b"cat", b"dog"])),
        "duplicate class names: dog",
    ),
    "classes as numbers": (
        lambda members: members.update(classes=np.arange(3)),
        "damaged or not a score table",
    ),
    "a class without a name": (
        lambda members: members.update(classes=np.array([b"dog", b"", b"cat"])),
        "found a class without a name",
    ),
    "more names than scores": (
        lambda members: members.update(classes=np.zeros(5000, "S1")),
        "scores is float32 (40, 3), expected float32 (40, 5000)",
    ),
    "many names, but no images": (
        lambda members: members.update(
            image_ids=members["image_ids"][:0], classes=np.zeros(5000, "S1"),
            scores=np.zeros((0, 5000), np.float32), labels=np.zeros((0, 5000), np.int8),
            ranking=np.zeros((5000, 0), np.int32),
        ),
        "found 0 images and 5000 classes, expected at least one of each",
    ),
    "a manifest nested too deeply": (
        lambda members: members.update(manifest=np.array(b"[" * 100_000)),
        "the manifest is damaged",
    ),
    "classes that are not UTF-8": (
        lambda members: members.update(classes=np.array([b"a", b"b", b"\xff"])),
        "damaged or not a score table",
    ),
    "another version": (
        lambda members: members.update(manifest=manifest_with(format_version=3)),
        "found format_version 3, expected 1 or 2",
    ),
    "a manifest that is not JSON": (
        lambda members: members.update(manifest=np.array(b"{cut sho")),
        "the manifest is damaged (Invalid JSON",
    ),
    "a manifest that is a list": (
        lambda members: members.update(manifest=np.array(b"[]")),
        "the manifest is damaged",
    ),
    "a manifest without a field": (
        lambda members: members.update(manifest=np.array(b'{"run": "a", "split": "val"}')),
        "the manifest is damaged (voc_dir: Field required)",
    ),
    "a folder that cannot exist": (
        lambda members: members.update(manifest=manifest_with(voc_dir="/data\0")),
        "the manifest is damaged (voc_dir: ",
    ),
    "a manifest of a wrong type": (
        lambda members: members.update(manifest=manifest_with(unreadable_count="many")),
        "the manifest is damaged (unreadable_count: ",
    ),
    "a manifest of numbers": (
        lambda members: members.update(manifest=np.array(3)),
        "damaged or not a score table",
    ),
    "several manifests": (
        lambda members: members.update(manifest=np.array([b"{}", b"{}"])),
        "damaged or not a score table",
    ),
}  # fmt: skip


def members_of(path: Path) -> Members:
    """Returns copies, which can be changed."""
    return {name: np.array(array) for name, array in read_npz(path).items()}


def manifest_with(**changes: object) -> NDArray[Any]:
    return np.array(json.dumps(make_manifest().model_dump() | changes).encode())


@pytest.mark.parametrize("damage", DAMAGES)
def test_an_invalid_file_is_refused(path: Path, damage: str) -> None:
    alter, message = DAMAGES[damage]
    members = members_of(path)
    alter(members)
    write_npz(path, members)
    assert_refused(path, message)


def test_a_missing_file_is_reported(tmp_path: Path) -> None:
    assert_refused(tmp_path / "scores.npz", "not found")
    assert_refused(tmp_path, "not found")


@pytest.mark.parametrize("contents", [b"", b"no archive", b"PK\x03\x04", b"\x93NUMPY\x01\x00"])
def test_a_file_of_another_kind_is_reported(tmp_path: Path, contents: bytes) -> None:
    path = tmp_path / "scores.npz"
    path.write_bytes(contents)
    assert_refused(path, "damaged or not a score table")


def test_a_compressed_file_is_reported(path: Path) -> None:
    np.savez_compressed(path, **members_of(path))  # type: ignore[arg-type]
    assert_refused(path, "compressed")


def test_python_objects_are_never_unpickled(path: Path) -> None:
    members = members_of(path) | {"classes": np.array([*CLASSES], object)}
    np.savez(path, **members)  # type: ignore[arg-type]
    assert_refused(path, "Python objects")


@pytest.mark.parametrize("part", [0.02, 0.5, 0.9, 0.999])
def test_a_truncated_file_is_reported(path: Path, part: float) -> None:
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * part)])
    assert_refused(path, "damaged or not a score table")


@pytest.mark.parametrize(
    ("alter", "message"),
    [
        (
            lambda members: members["scores"].__setitem__((3, 1), 1.5),
            "found score 1.5, expected",
        ),
        (
            lambda members: members["labels"].__setitem__((3, 1), 7),
            "found label 7, expected",
        ),
        (
            lambda members: members["ranking"].__setitem__((0, 3), 0),
            "ranking of 'dog' does not match",
        ),
        (
            lambda members: members["scores"].__setitem__((3, 1), -3),
            "found score -3, expected",
        ),
        (
            lambda members: members["scores"].__setitem__((3, 1), np.inf),
            "found score inf, expected",
        ),
        (
            lambda members: members["labels"].__setitem__((3, 1), -128),
            "found label -128, expected",
        ),
        (
            lambda members: members["ranking"].__setitem__((0, 3), -1),
            "ranking of 'dog' does not match",
        ),
        (
            lambda members: members["ranking"].__setitem__((2, 3), 40),
            "ranking of 'zebra' does not match",
        ),
        (lambda members: members["image_ids"].__setitem__(3, b"2007"), "not in ascending order"),
        (
            lambda members: members["image_ids"].__setitem__(3, members["image_ids"][2]),
            "not in ascending order without duplicates",
        ),
        (lambda members: members["image_ids"].__setitem__(0, b""), "an image without an id"),
        (
            lambda members: members["image_ids"].__setitem__(39, b"\xff\xfe"),
            "found image id b'\\xff\\xfe', expected UTF-8",
        ),
        (lambda members: members["image_ids"].__setitem__(39, b"3\n"), "expected no line breaks"),
        (
            lambda members: members["image_ids"].__setitem__(39, b"3\0a"),
            "no line breaks and no NUL",
        ),
        (
            lambda members: members["image_ids"].__setitem__(0, b"../x"),
            "expected a path below the folder of the images",
        ),
        (
            lambda members: members["image_ids"].__setitem__(39, b"3/.."),
            "expected a path below the folder of the images",
        ),
        (
            lambda members: members["image_ids"].__setitem__(0, b"/etc/x"),
            "expected a path below the folder of the images",
        ),
    ],
)
@pytest.mark.parametrize("in_memory_bytes", [0, 1 << 20])
@pytest.mark.parametrize("chunk", [1, 7, 1 << 20])
def test_verify_finds_an_invalid_value(
    path: Path,
    monkeypatch: pytest.MonkeyPatch,
    alter: Callable[[Members], object],
    message: str,
    in_memory_bytes: int,
    chunk: int,
) -> None:
    monkeypatch.setattr(archive, "_IN_MEMORY_BYTES", in_memory_bytes)
    monkeypatch.setattr(score_store, "_CHUNK_VALUES", chunk)
    monkeypatch.setattr(ranking, "_CHUNK", chunk)
    members = members_of(path)
    table = ScoreTable.open(path)
    table.verify()
    alter(members)
    write_npz(path, members)
    with pytest.raises(ScoreStoreError, match=re.escape(f"{path}: ") + f".*{re.escape(message)}"):
        ScoreTable.open(path).verify()


def test_ids_of_any_text_but_line_breaks_are_accepted() -> None:
    ids = ["a..b", "a/.../b", " beach 2 ", "ä/ö", "-x", "=1", "日本", "a\\b", "..."]
    zeros = np.zeros((len(ids), 1))
    table = ScoreTable.build(ids, ["dog"], zeros, zeros, make_manifest())
    assert {table.image_id(row) for row in range(len(ids))} == set(ids)


def test_fields_of_a_later_version_are_accepted() -> None:
    text = json.dumps(make_manifest().model_dump() | {"new_field": 1})
    assert Manifest.model_validate_json(text).run == "sample"


# Atomic writing ----------------------------------------------------------------------------------

# Writes half of another table, prints a line, and waits to be killed.
KILLED_WRITER = """
import sys, time
from pathlib import Path
from score_tables import random_table
from voc_model.store import npz as mapped_npz

add = mapped_npz.NpzWriter.add

def add_half(writer, name, array):
    add(writer, name, array)
    if name == "scores":
        writer._file.flush()
        print("half written", flush=True)
        time.sleep(600)

mapped_npz.NpzWriter.add = add_half
random_table(seed=1, images=5000).write(Path(sys.argv[1]))
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no SIGKILL on this system")
def test_a_killed_writer_leaves_the_old_file_intact(path: Path) -> None:
    before = path.read_bytes()
    writer = subprocess.Popen(
        [sys.executable, "-c", KILLED_WRITER, str(path)],
        cwd=ROOT,
        env={"PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}"},
        stdout=subprocess.PIPE,
        text=True,
    )
    with writer:
        assert writer.stdout is not None
        try:
            assert writer.stdout.readline() == "half written\n"
            left = [item.stat().st_size for item in path.parent.iterdir() if item != path]
            assert left[0] > 50_000, "half of the new scores are written"
        finally:
            writer.kill()
    assert writer.returncode == -signal.SIGKILL
    assert path.read_bytes() == before
    np.testing.assert_array_equal(ScoreTable.open(path).scores, random_table().scores)
    random_table(seed=2).write(path)  # the abandoned file does not interfere
    np.testing.assert_array_equal(ScoreTable.open(path).scores, random_table(seed=2).scores)


def test_an_opened_table_is_unchanged_when_scores_are_recomputed(path: Path) -> None:
    opened = ScoreTable.open(path)
    random_table(seed=1, images=10).write(path)
    np.testing.assert_array_equal(opened.scores, random_table().scores)
    assert len(ScoreTable.open(path).image_ids) == 10
