"""Labels come from class lists and annotations; a warning names every image where they differ."""

from collections.abc import Sequence
from pathlib import Path
from zlib import crc32

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
    split = read_split(voc_dir, "val")
    assert labels_of(split) == [[1], [-2]]
    assert_warned(
        split, f"{annotation_path(voc_dir, B)}: no valid annotation", "1 image", "no metric"
    )


def test_without_lists_train_and_val_are_derived_from_the_annotations(tmp_path: Path) -> None:
    ids = [f"2007_{number:06d}" for number in range(40)]
    voc_dir = make_voc(tmp_path, ids, None, {item: annotation(box_of("dog")) for item in ids})
    train, val, both = (read_split(voc_dir, name) for name in ("train", "val", "trainval"))
    assert sorted(train.image_ids + val.image_ids) == list(both.image_ids) == ids
    assert len(train.image_ids) == len(val.image_ids) == 20
    assert_warned(train, "no list in ImageSets/Main", "'train'", "hash")
    with pytest.raises(DataError, match=r"only train, val and trainval.*not 'test'"):
        read_split(voc_dir, "test")


@pytest.mark.parametrize("images", [2, 3, 4, 5, 9])
def test_each_part_of_a_small_set_without_lists_has_an_image(tmp_path: Path, images: int) -> None:
    # The CRC-32 of these ids is even, so a split by its last bit puts all of them into one part.
    ids = [
        item for item in (f"{number:06}" for number in range(99)) if not crc32(item.encode()) % 2
    ]
    ids = ids[:images]
    voc_dir = make_voc(tmp_path, ids, None, {item: annotation(box_of("dog")) for item in ids})
    train, val = (read_split(voc_dir, name).image_ids for name in ("train", "val"))
    assert sorted((*train, *val)) == ids
    assert len(train) - len(val) in (0, 1)


def test_a_new_image_moves_at_most_one_other_from_part_to_part(tmp_path: Path) -> None:
    ids = [f"2007_{number:06d}" for number in range(20)]
    voc_dir = make_voc(tmp_path, ids, None, {item: annotation(box_of("dog")) for item in ids})
    for number in range(10):
        before = set(read_split(voc_dir, "train").image_ids)
        annotation_path(voc_dir, f"2006_{number:06d}").write_text(annotation(box_of("dog")))
        after = set(read_split(voc_dir, "train").image_ids)
        assert len((before ^ after) & set(ids)) <= 1


def test_a_single_image_without_lists_is_reported(tmp_path: Path) -> None:
    voc_dir = make_voc(tmp_path, [A], None, {A: annotation(box_of("dog"))})
    for name in ("train", "val"):
        with pytest.raises(DataError, match="only one image has an annotation"):
            read_split(voc_dir, name)
    assert read_split(voc_dir, "trainval").image_ids == (A,)


def test_images_without_annotation_are_in_no_derived_split(tmp_path: Path) -> None:
    voc_dir = make_voc(tmp_path, IDS, None, {item: annotation(box_of("dog")) for item in (A, B)})
    split = read_split(voc_dir, "trainval")
    assert split.image_ids == (A, B)
    assert (
        "1 of 3 images have no annotation and are in no split, e.g. " + repr(C) in split.warnings[1]
    )


def test_names_that_are_not_utf8_are_reported_and_left_out(tmp_path: Path) -> None:
    voc_dir = make_voc(tmp_path, IDS, None, {item: annotation(box_of("dog")) for item in IDS})
    for folder, suffix in (("Annotations", ".xml"), ("JPEGImages", ".jpg")):
        (voc_dir / folder / f"caf\udce9{suffix}").write_bytes(b"")
    split = read_split(voc_dir, "trainval")
    assert split.image_ids == IDS
    assert r"caf\xe9.jpg: not used, since its name is not UTF-8. Rename it." in split.warnings[0]
    "".join(split.warnings).encode()  # They can be printed.


def test_a_folder_of_lists_without_any_list_counts_as_none(tmp_path: Path) -> None:
    voc_dir = make_voc(tmp_path, IDS, {}, {item: annotation(box_of("dog")) for item in IDS})
    assert sorted(
        read_split(voc_dir, "train").image_ids + read_split(voc_dir, "val").image_ids
    ) == (list(IDS))


def test_a_folder_of_images_alone_is_reported(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="ImageSets/Main and Annotations are both empty or missing"):
        read_split(make_voc(tmp_path), "train")


def test_the_layout_of_voc_2007_is_read(tmp_path: Path) -> None:
    """Ids without a year, flags right-aligned, a test split with labels."""
    voc_dir = make_voc(
        tmp_path / "VOC2007",
        ["000001", "000012", "000013"],
        {
            "test": lines("000001", "000012", "000013"),
            "dog_test": lines("000001  1", "000012  0", "000013 -1"),
            "trainval": lines("000005"),
            "dog_trainval": lines("000005 -1"),
        },
        {
            "000001": annotation(box_of("dog")),
            "000012": annotation(box_of("dog", difficult=1)),
            "000013": annotation(),
        },
    )
    split = read_split(voc_dir, "test")
    assert split.image_ids == ("000001", "000012", "000013")
    assert labels_of(split) == [[1], [-1], [0]]
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
        IDS,
        {"val": lines(*IDS), "dog_val": lines(f"{A} 1", f"{B} {flag}", f"{C} -1")},
        {
            A: annotation(box_of("dog")),
            B: annotation(*(box_of(*item) for item in objects)),
            C: annotation(),
        },
    )
    split = read_split(voc_dir, "val", classes=["dog"])
    assert labels_of(split)[:2] == [[1], [label]]
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
    assert_warned(split, "dog_val.txt: 1 image", B, "dog is taken from the annotations")


def test_a_class_that_lacks_a_list_beside_others_is_labelled_by_annotations(tmp_path: Path) -> None:
    """It is no reason to lose labels, and may be a misspelling."""
    voc_dir = make_voc(
        tmp_path,
        [A],
        {"val": A, "dog_val": f"{A} 1"},
        {A: annotation(box_of("dog"), box_of("dgo"))},
    )
    split = read_split(voc_dir, "val")
    assert (split.classes, labels_of(split)) == (("dgo", "dog"), [[1, 1]])
    assert_warned(
        split, f"{annotation_path(voc_dir, A)}:4: 1 image", "class 'dgo'", "no list dgo_val.txt"
    )


# Malformed annotations ---------------------------------------------------------------------------


def test_a_malformed_annotation_is_skipped_and_the_rest_is_read(tmp_path: Path) -> None:
    voc_dir = make_voc(
        tmp_path,
        [A, B],
        {"val": lines(A, B)},
        {A: "<annotation>\n<object>\n<name>dog", B: annotation(box_of("dog"))},
    )
    split = read_split(voc_dir, "val")
    assert labels_of(split) == [[-2], [1]]
    unknown, malformed = split.warnings
    assert malformed.startswith(f"{annotation_path(voc_dir, A)}:3: malformed XML")
    assert "the annotation is skipped" in malformed
    assert "1 image of split 'val' not labelled" in unknown


def test_with_lists_a_malformed_annotation_loses_no_label(tmp_path: Path) -> None:
    lists = {"val": A, "dog_val": f"{A} 1"}
    voc_dir = make_voc(tmp_path, [A], lists, {A: "<annotation>\n<object></annotation>"})
    split = read_split(voc_dir, "val")
    assert labels_of(split) == [[1]]
    assert_warned(split, f"{A}.xml:2", "malformed")
