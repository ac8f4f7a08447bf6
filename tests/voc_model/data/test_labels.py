"""Labels come from class lists and annotations; a warning names every image where they differ."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from voc_folders import IDS, A, B, C, annotation, assert_warned, box_of, labels_of, lines, make_voc

from voc_model.data.annotations import annotation_path
from voc_model.data.voc import read_split
from voc_model.errors import DataError

# Annotations alone -------------------------------------------------------------------------------


def test_labels_from_annotations_alone(tmp_path: Path) -> None:
    voc_dir = make_voc(
        tmp_path,
        lists={"val": lines(A, B, C)},
        annotations={
            A: annotation(box_of("dog"), box_of("person")),
            B: annotation(box_of("person", difficult=1)),
            C: annotation(),
        },
    )
    split = read_split(voc_dir, "val")
    assert split.classes == ("dog", "person")
    assert labels_of(split) == [[1, 1], [0, -1], [0, 0]]
    assert split.warnings == ()


@pytest.mark.parametrize(
    ("objects", "label"),
    [
        ([("dog", 1)], -1),
        ([("dog", 1), ("dog", 1)], -1),
        ([("dog", 1), ("dog", 0)], 1),
        ([("dog", 0), ("dog", 1)], 1),
        ([("dog", None)], 1),
        ([("bus", 0)], 0),
    ],
)
def test_only_difficult_objects_make_an_image_difficult(
    tmp_path: Path, objects: Sequence[tuple[str, int | None]], label: int
) -> None:
    text = annotation(*(box_of(name, difficult) for name, difficult in objects))
    voc_dir = make_voc(tmp_path, [A], {"val": A}, {A: text})
    assert labels_of(read_split(voc_dir, "val", classes=["dog", "bus"]))[0][0] == label


def test_an_image_without_annotation_is_unknown(tmp_path: Path) -> None:
    voc_dir = make_voc(tmp_path, [A, B], {"val": lines(A, B)}, {A: annotation(box_of("dog"))})
    assert labels_of(read_split(voc_dir, "val")) == [[1], [-1]]


def test_without_lists_train_and_val_are_derived_from_the_annotations(tmp_path: Path) -> None:
    ids = [f"2007_{number:06d}" for number in range(40)]
    voc_dir = make_voc(tmp_path, ids, None, {item: annotation(box_of("dog")) for item in ids})
    train, val, both = (read_split(voc_dir, name) for name in ("train", "val", "trainval"))
    assert sorted(train.image_ids + val.image_ids) == list(both.image_ids) == ids
    assert 10 < len(train.image_ids) < 30
    assert_warned(train, "no ImageSets/Main", "'train'", "hash")
    with pytest.raises(DataError, match=r"only train, val and trainval.*not 'test'"):
        read_split(voc_dir, "test")
    # A new image moves none of the others from one split to the other.
    annotation_path(voc_dir, "2006_000001").write_text(annotation(box_of("dog")))
    assert set(train.image_ids) <= set(read_split(voc_dir, "train").image_ids)


def test_a_folder_of_images_alone_is_reported(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="neither ImageSets/Main nor Annotations holds anything"):
        read_split(make_voc(tmp_path), "train")


def test_the_layout_of_voc_2007_is_read(tmp_path: Path) -> None:
    """Ids without a year, flags right-aligned, a test split with labels."""
    voc_dir = make_voc(
        tmp_path / "VOC2007",
        ["000001", "000012"],
        {
            "test": lines("000001", "000012"),
            "dog_test": lines("000001  1", "000012  0"),
            "trainval": lines("000005"),
            "dog_trainval": lines("000005 -1"),
        },
        {"000001": annotation(box_of("dog")), "000012": annotation(box_of("dog", difficult=1))},
    )
    split = read_split(voc_dir, "test")
    assert split.image_ids == ("000001", "000012")
    assert labels_of(split) == [[1], [-1]]
    assert split.warnings == ()


# Both sources ------------------------------------------------------------------------------------


def test_no_warning_if_both_sources_agree(tmp_path: Path) -> None:
    voc_dir = make_voc(
        tmp_path,
        lists={"val": lines(*IDS), "dog_val": lines(f"{A} 1", f"{B} 0", f"{C} -1")},
        annotations={
            A: annotation(box_of("dog")),
            B: annotation(box_of("dog", difficult=1)),
            C: annotation(),
        },
    )
    split = read_split(voc_dir, "val")
    assert (labels_of(split), split.warnings) == ([[1], [-1], [0]], ())


@pytest.mark.parametrize(
    ("flag", "objects", "label", "message"),
    [
        ("1", [], 1, "dog is present in dog_val.txt:2 but absent in its annotation"),
        ("1", [("dog", 1)], 1, "dog is present in dog_val.txt:2 but difficult in its annotation"),
        ("-1", [("dog", 0)], 0, "dog is absent in dog_val.txt:2 but present in its annotation"),
        ("0", [("dog", 0)], -1, "dog is difficult in dog_val.txt:2 but present in its annotation"),
    ],
)
def test_on_disagreement_the_list_is_used_and_the_image_named(
    tmp_path: Path, flag: str, objects: Sequence[tuple[str, int]], label: int, message: str
) -> None:
    voc_dir = make_voc(
        tmp_path,
        [A, B],
        {"val": lines(A, B), "dog_val": lines(f"{A} 1", f"{B} {flag}")},
        {A: annotation(box_of("dog")), B: annotation(*(box_of(*item) for item in objects))},
    )
    split = read_split(voc_dir, "val")
    assert labels_of(split) == [[1], [label]]
    assert_warned(split, f"{B}: {message}", "the list is used")


def test_each_disagreement_is_reported(tmp_path: Path) -> None:
    voc_dir = make_voc(
        tmp_path,
        lists={"val": lines(*IDS), "dog_val": lines(*(f"{item} 1" for item in IDS))},
        annotations=dict.fromkeys(IDS, annotation()),
    )
    split = read_split(voc_dir, "val")
    assert [warning.partition(":")[0] for warning in split.warnings] == list(IDS)


def test_an_image_missing_from_a_list_uses_its_annotation(tmp_path: Path) -> None:
    voc_dir = make_voc(
        tmp_path,
        [A, B],
        {"val": lines(A, B), "dog_val": lines(f"{A} -1")},
        {A: annotation(), B: annotation(box_of("dog"))},
    )
    split = read_split(voc_dir, "val")
    assert labels_of(split) == [[0], [1]]
    assert_warned(split, "dog_val.txt", B, "taken from its annotation")


def test_an_object_of_an_unknown_class_is_reported_with_file_and_line(tmp_path: Path) -> None:
    voc_dir = make_voc(
        tmp_path,
        [A],
        {"val": A, "dog_val": f"{A} 1"},
        {A: annotation(box_of("dog"), box_of("dgo"))},
    )
    split = read_split(voc_dir, "val")
    assert (split.classes, labels_of(split)) == (("dog",), [[1]])
    assert_warned(split, f"{annotation_path(voc_dir, A)}:4", "unknown class 'dgo'", "skipped")


# Malformed annotations ---------------------------------------------------------------------------


def test_a_malformed_annotation_is_skipped_and_the_rest_is_read(tmp_path: Path) -> None:
    voc_dir = make_voc(
        tmp_path,
        [A, B],
        {"val": lines(A, B)},
        {A: "<annotation>\n<object>\n<name>dog", B: annotation(box_of("dog"))},
    )
    split = read_split(voc_dir, "val")
    assert labels_of(split) == [[-1], [1]]
    assert_warned(split, f"{annotation_path(voc_dir, A)}:3", "malformed", "skipped")


def test_with_lists_a_malformed_annotation_loses_no_label(tmp_path: Path) -> None:
    lists = {"val": A, "dog_val": f"{A} 1"}
    voc_dir = make_voc(tmp_path, [A], lists, {A: "<annotation>\n<object></annotation>"})
    split = read_split(voc_dir, "val")
    assert labels_of(split) == [[1]]
    assert_warned(split, f"{A}.xml:2", "malformed")
