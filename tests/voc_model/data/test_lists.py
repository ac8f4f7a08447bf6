"""The lists of ImageSets/Main as people write them: ids of any kind, and what is a class list."""

from pathlib import Path

import pytest
from voc_folders import (
    IDS,
    A,
    B,
    C,
    annotation,
    assert_warned,
    box_of,
    labels_of,
    lines,
    list_path,
    make_voc,
)

from voc_model.data.voc import Split, list_splits, read_split
from voc_model.errors import DataError

# Ids --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "ids",
    [
        pytest.param(("beach", "beach 2", "beach 10"), id="copies"),
        pytest.param(("a  b", "a b", "a\tb"), id="white space inside"),
        pytest.param((" a", "a", "a "), id="white space around"),
        pytest.param(("photo 1", "photo 0", "photo -1"), id="ends like a flag"),
        pytest.param(("a.jpg", "a", "b.c.png"), id="points"),
        pytest.param(("a\u2028b", "a\x85b", "a\x0bb"), id="separators that are no line breaks"),
        pytest.param(("#1", "-1", '"quoted"'), id="punctuation"),
        pytest.param(("犬", "a\\b", "ü"), id="other characters"),
    ],
)
def test_an_id_is_the_whole_line_or_all_but_its_last_column(
    tmp_path: Path, ids: tuple[str, ...]
) -> None:
    flags = ("1", "0", "-1")
    lists = {
        "val": lines(*ids),
        "dog_val": lines(*(f"{item} {flag}" for item, flag in zip(ids, flags, strict=True))),
        "cat_val": lines(*(f"{item} -1" for item in ids)),
    }
    split = read_split(make_voc(tmp_path, ids, lists), "val")
    assert split.image_ids == ids
    assert labels_of(split) == [[0, 1], [0, -1], [0, 0]]
    assert split.warnings == ()


@pytest.mark.parametrize("extension", [".jpg", ".JPG", ".jpeg", ".png", ".bmp"])
def test_an_id_with_an_extension_is_read_without_it(tmp_path: Path, extension: str) -> None:
    lists = {
        "val": lines(f"{A}{extension}", f"{B}{extension}"),
        "dog_val": lines(f"{A}{extension} 1", f"{B}{extension} -1"),
    }
    voc_dir = make_voc(tmp_path, [A, B], lists)
    split = read_split(voc_dir, "val")
    assert (split.image_ids, labels_of(split)) == ((A, B), [[1], [0]])
    place = f"{list_path(voc_dir, 'val')}:1: '{A}{extension}' is read as the id '{A}'"
    assert_warned(split, place, "(and 1 more)")


def test_a_list_of_ids_with_flags_is_read_without_them(tmp_path: Path) -> None:
    lists = {"val": lines(f"{A} 1", f"{B} -1"), "dog_val": lines(f"{A} 1", f"{B} -1")}
    voc_dir = make_voc(tmp_path, [A, B], lists)
    split = read_split(voc_dir, "val")
    assert (split.image_ids, labels_of(split)) == ((A, B), [[1], [0]])
    assert_warned(split, f"{list_path(voc_dir, 'val')}:1: '{A} 1' is read as the id '{A}'")


def test_an_id_twice_with_and_without_extension_counts_once(tmp_path: Path) -> None:
    lists = {"val": lines(A, f"{A}.jpg"), "dog_val": lines(f"{A} 1")}
    split = read_split(make_voc(tmp_path, [A], lists), "val")
    assert split.image_ids == (A,)
    assert any("val.txt:2: " + A + " is listed twice" in text for text in split.warnings)


def test_a_missing_image_is_named_as_it_is_listed(tmp_path: Path) -> None:
    lists = {"val": lines(A, "beach 2"), "dog_val": lines(f"{A} 1", "beach 2 -1")}
    split = read_split(make_voc(tmp_path, [A], lists), "val")
    assert (split.image_ids, labels_of(split)) == ((A, "beach 2"), [[1], [0]])
    assert_warned(split, "beach 2.jpg: image not found")


def test_more_columns_than_two_belong_to_the_id(tmp_path: Path) -> None:
    lists = {"val": lines(A, B), "dog_val": lines(f"{A} 1", f"{B} 1 1")}
    split = read_split(make_voc(tmp_path, [A, B], lists), "val")
    assert labels_of(split) == [[1], [-2]]
    assert any(f"dog_val.txt:2: {B} 1 is not in the split" in text for text in split.warnings)


def test_an_id_that_is_too_long_for_a_file_name_is_refused(tmp_path: Path) -> None:
    longest, longer = "x" * 251, "x" * 252
    lists = {"val": lines(longest, longer), "dog_val": lines(f"{longest} 1")}
    voc_dir = make_voc(tmp_path, [longest], lists)
    with pytest.raises(DataError) as caught:
        read_split(voc_dir, "val")
    assert str(caught.value).startswith(
        f"{list_path(voc_dir, 'val')}:2: found an image id of 252 bytes, expected at most 251"
    )
    list_path(voc_dir, "val").write_text(longest)
    assert labels_of(read_split(voc_dir, "val")) == [[1]]


# Flags ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("annotated", [False, True])
def test_contradictory_lines_for_an_image_are_reported_and_none_is_used(
    tmp_path: Path, annotated: bool
) -> None:
    voc_dir = make_voc(
        tmp_path,
        [A, B],
        {"val": lines(A, B), "dog_val": lines(f"{A} 1", f"{B} 1", f"{B} -1", f"{A} 1")},
        {B: annotation(box_of("dog", difficult=1))} if annotated else None,
    )
    split = read_split(voc_dir, "val")
    assert labels_of(split) == [[1], [-1 if annotated else -2]]
    assert split.warnings[0].startswith(
        f"{list_path(voc_dir, 'dog_val')}:3: {B} is absent here but present in line 2"
    )


ZEROS = {
    "val": lines(*IDS),
    "dog_val": lines(f"{A} 1", f"{B} 0", f"{C} 0"),
    "cat_val": lines(f"{A} 0", f"{B} 1", f"{C} 1"),
}


def test_lists_of_zeros_and_ones_are_reported_with_the_option_to_use(tmp_path: Path) -> None:
    voc_dir = make_voc(tmp_path, lists=ZEROS)
    split = read_split(voc_dir, "val")
    assert labels_of(split) == [[-1, 1], [1, -1], [1, -1]], "as in VOC"
    assert_warned(
        split,
        f"{list_path(voc_dir, 'cat_val')} (and 1 more): there are flags 0 but none of -1",
        "--absent-flag 0",
    )


def test_with_absent_flag_0_zeros_are_absent(tmp_path: Path) -> None:
    split = read_split(make_voc(tmp_path, lists=ZEROS), "val", absent_flag=0)
    assert labels_of(split) == [[0, 1], [1, 0], [1, 0]]
    assert split.warnings == ()


def test_with_absent_flag_0_a_flag_of_minus_1_is_refused(tmp_path: Path) -> None:
    lists = {"val": lines(A, B), "dog_val": lines(f"{A} 1", f"{B} -1")}
    voc_dir = make_voc(tmp_path, [A, B], lists)
    with pytest.raises(DataError) as caught:
        read_split(voc_dir, "val", absent_flag=0)
    assert f"{list_path(voc_dir, 'dog_val')}:2: found flag -1; expected 1 or 0" in str(caught.value)


def test_a_list_of_ones_alone_is_not_suspicious(tmp_path: Path) -> None:
    lists = {"val": lines(A, B), "dog_val": lines(f"{A} 1", f"{B} 1")}
    assert read_split(make_voc(tmp_path, [A, B], lists), "val").warnings == ()


# What is a class list ---------------------------------------------------------------------------

DOGS = {"train": lines(A, B), "dog_train": lines(f"{A} 1", f"{B} -1")}


@pytest.mark.parametrize("name", ["small_train", "all_train", "bus_train"])
def test_a_list_of_ids_is_no_class_list_whatever_its_name(tmp_path: Path, name: str) -> None:
    voc_dir = make_voc(tmp_path, lists=DOGS | {name: lines(A, C)})
    split = read_split(voc_dir, "train")
    assert (split.classes, labels_of(split)) == (("dog",), [[1], [0]])
    place = f"{list_path(voc_dir, name)}:1: found '{A}', not an image id and 1, 0 or -1"
    assert_warned(split, place, "not the list of a class")
    assert list_splits(voc_dir) == sorted(["train", name])
    assert read_annotated_split(voc_dir, name).image_ids == (A, C)


def read_annotated_split(voc_dir: Path, name: str) -> Split:
    """Returns a split that has annotations for labels."""
    make_voc(voc_dir / "more", [], None, {item: annotation(box_of("dog")) for item in IDS})
    (voc_dir / "more" / "Annotations").rename(voc_dir / "Annotations")
    return read_split(voc_dir, name)


def test_a_list_of_ids_that_end_in_numbers_is_no_class_list(tmp_path: Path) -> None:
    ids = ("photo 0", "photo 1")
    lists = {"train": lines(*ids), "dog_train": lines("photo 0 1", "photo 1 -1")}
    split = read_split(make_voc(tmp_path, ids, lists | {"small_train": lines(*ids)}), "train")
    assert (split.classes, labels_of(split)) == (("dog",), [[1], [0]])


def test_train_val_may_be_the_list_of_vocs_class_train(tmp_path: Path) -> None:
    lists = {"train": A, "val": lines(B, C), "train_val": lines(f"{B} 1", f"{C} -1")}
    voc_dir = make_voc(tmp_path, lists=lists)
    split = read_split(voc_dir, "val")
    assert (split.classes, labels_of(split), split.warnings) == (("train",), [[1], [0]], ())
    assert list_splits(voc_dir) == ["train", "val"]


def test_train_val_may_be_a_list_of_ids(tmp_path: Path) -> None:
    lists = {"val": lines(B), "dog_val": lines(f"{B} 1"), "train_val": lines(*IDS)}
    voc_dir = make_voc(tmp_path, lists=lists)
    split = read_split(voc_dir, "val")
    assert (split.classes, labels_of(split)) == (("dog",), [[1]])
    assert_warned(split, "train_val.txt:1", "not the list of a class 'train'")


def test_the_lists_of_a_split_with_a_longer_name_are_not_those_of_the_shorter(
    tmp_path: Path,
) -> None:
    lists = {
        "val": lines(A, B),
        "dog_val": lines(f"{A} 1", f"{B} -1"),
        "my_val": lines(B),
        "dog_my_val": lines(f"{B} 1"),
    }
    voc_dir = make_voc(tmp_path, [A, B], lists)
    assert read_split(voc_dir, "val").classes == ("dog",)
    split = read_split(voc_dir, "my_val")
    assert (split.classes, labels_of(split)) == (("dog",), [[1]])


def test_lists_of_some_classes_only_lose_no_other_class(tmp_path: Path) -> None:
    voc_dir = make_voc(
        tmp_path,
        [A, B],
        DOGS,
        {A: annotation(box_of("dog"), box_of("cat")), B: annotation(box_of("person", 1))},
    )
    split = read_split(voc_dir, "train")
    assert split.classes == ("cat", "dog", "person")
    assert labels_of(split) == [[1, 1, 0], [0, 0, -1]]
    cat, person = split.warnings
    assert "1 image of split 'train' with class 'cat', which has no list cat_train.txt" in cat
    assert "1 image of split 'train' with class 'person', which has no list" in person


# Splits that do not exist -----------------------------------------------------------------------


def test_a_missing_split_is_reported_with_the_option_that_chooses_another(tmp_path: Path) -> None:
    lists = {name: lines(*IDS) for name in ("trainval", "test")}
    lists |= {f"dog_{name}": lines(*(f"{item} 1" for item in IDS)) for name in tuple(lists)}
    voc_dir = make_voc(tmp_path, lists=lists)
    with pytest.raises(DataError) as caught:
        read_split(voc_dir, "train", chosen_by="--train-split NAME")
    assert str(caught.value) == (
        f"{list_path(voc_dir, 'train')}: no such split. Found: test, trainval. "
        "Choose one of these with --train-split NAME."
    )


@pytest.mark.parametrize("name", ["*", "[a-z]rain", "", "../Main/train"])
def test_a_name_of_a_split_is_no_pattern_and_no_path(tmp_path: Path, name: str) -> None:
    with pytest.raises(DataError, match=r"no such split\. Found: train\."):
        read_split(make_voc(tmp_path, lists=DOGS), name)


def test_splits_with_class_lists_only_are_listed(tmp_path: Path) -> None:
    lists = {"potted_plant_train": f"{A} 1", "dog_val": f"{B} 1"}
    voc_dir = make_voc(tmp_path, [A, B], lists)
    assert list_splits(voc_dir) == ["train", "val"]


# No labels: the error names the reasons ---------------------------------------------------------


def no_labels(voc_dir: Path) -> str:
    with pytest.raises(DataError, match="found no labels for split 'val'") as caught:
        read_split(voc_dir, "val")
    return str(caught.value)


def test_without_annotations_the_missing_folder_is_named(tmp_path: Path) -> None:
    voc_dir = make_voc(tmp_path, lists={"val": lines(*IDS)})
    assert f"What was found:\n{voc_dir / 'Annotations'}: no such folder" in no_labels(voc_dir)


def test_without_matching_annotations_an_existing_one_is_named(tmp_path: Path) -> None:
    voc_dir = make_voc(tmp_path, [A], {"val": A}, {"IMG_7": annotation(box_of("dog"))})
    assert "not found or not valid; the folder holds 1 annotations, e.g. of 'IMG_7'" in (
        no_labels(voc_dir)
    )


def test_invalid_annotations_are_named_up_to_three(tmp_path: Path) -> None:
    ids = [f"{number:06}" for number in range(9)]
    text = "<dataset/>"
    voc_dir = make_voc(tmp_path, ids, {"val": lines(*ids)}, dict.fromkeys(ids, text))
    message = no_labels(voc_dir)
    for image_id in ids:
        assert (f"{image_id}.xml:1: found <dataset>, expected" in message) == (image_id < "000003")


def test_lists_without_flags_are_named(tmp_path: Path) -> None:
    lists = {"val": lines(A, B), "dog_val": lines(f"{A},1", f"{B},-1")}
    message = no_labels(make_voc(tmp_path, [A, B], lists))
    assert f"dog_val.txt:1: found '{A},1', not an image id and 1, 0 or -1" in message


def test_annotations_without_any_object_are_reported(tmp_path: Path) -> None:
    voc_dir = make_voc(tmp_path, IDS, {"val": lines(*IDS)}, dict.fromkeys(IDS, annotation()))
    with pytest.raises(DataError, match="none of the 3 annotations of split 'val' has an object"):
        read_split(voc_dir, "val")
    # A model's classes need no object to be known.
    assert labels_of(read_split(voc_dir, "val", classes=["dog"])) == [[0], [0], [0]]


# Classes that only the scored split has ---------------------------------------------------------


def test_classes_unknown_to_the_model_are_reported_once_each(tmp_path: Path) -> None:
    annotations = {
        A: annotation(box_of("dog"), box_of("toad"), box_of("toad")),
        B: annotation(box_of("toad"), box_of("newt")),
        C: annotation(),
    }
    voc_dir = make_voc(tmp_path, IDS, {"val": lines(*IDS)}, annotations)
    split = read_split(voc_dir, "val", classes=["dog"])
    assert labels_of(split) == [[1], [0], [0]]
    newt, toad = split.warnings
    assert f"{B}.xml:4: 1 image of split 'val' with class 'newt', which is not one of" in newt
    assert f"{A}.xml:4: 2 images of split 'val' with class 'toad', which is not one of" in toad


def test_line_breaks_of_any_system_end_a_line(tmp_path: Path) -> None:
    lists = {"val": f"{A}\r\n{B}\r{C}\n", "dog_val": f"{A} 1\r\n{B} -1\r{C} 1\r"}
    split = read_split(make_voc(tmp_path, lists=lists), "val")
    assert (split.image_ids, labels_of(split)) == (IDS, [[1], [0], [1]])
