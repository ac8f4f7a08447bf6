"""Reading a VOC folder: image ids, labels and classes; errors name file and line."""

import os
from collections.abc import Callable
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

from voc_model.data.voc import (
    VOC_CLASSES,
    find_voc_dir,
    image_path,
    list_splits,
    order_classes,
    read_split,
)
from voc_model.errors import DataError

# The folder --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "form", ["VOC2012", "VOC2012/", "VOC2012/JPEGImages", "VOC2012/JPEGImages/"]
)
def test_the_folder_is_found_from_itself_or_its_images(tmp_path: Path, form: str) -> None:
    voc_dir = make_voc(tmp_path / "VOC2012")
    assert find_voc_dir(Path(f"{tmp_path}/{form}")) == voc_dir


def test_a_relative_folder_and_a_home_folder_are_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    voc_dir = make_voc(tmp_path / "VOC2012")
    monkeypatch.chdir(tmp_path)
    assert find_voc_dir(Path("VOC2012/JPEGImages/")) == voc_dir
    monkeypatch.chdir(voc_dir / "JPEGImages")
    for form in (".", "..", "../JPEGImages"):
        assert find_voc_dir(Path(form)) == voc_dir
    monkeypatch.setenv("HOME", str(tmp_path))
    assert find_voc_dir(Path("~/VOC2012")) == voc_dir


def test_if_the_images_are_a_link_the_folder_is_that_of_the_link(tmp_path: Path) -> None:
    elsewhere = make_voc(tmp_path / "elsewhere")
    voc_dir = tmp_path / "mine"
    voc_dir.mkdir()
    (voc_dir / "JPEGImages").symlink_to(elsewhere / "JPEGImages")
    assert find_voc_dir(voc_dir / "JPEGImages") == voc_dir
    photographs = tmp_path / "photographs"
    photographs.mkdir()
    (voc_dir / "JPEGImages").unlink()
    (voc_dir / "JPEGImages").symlink_to(photographs)
    assert find_voc_dir(voc_dir / "JPEGImages") == voc_dir
    assert find_voc_dir(voc_dir) == voc_dir


def test_links_to_the_folder_are_followed(tmp_path: Path) -> None:
    voc_dir = make_voc(tmp_path / "VOC2012")
    (tmp_path / "link").symlink_to(voc_dir)
    (tmp_path / "images").symlink_to(voc_dir / "JPEGImages")
    for given in ("link", "link/JPEGImages", "images"):
        assert find_voc_dir(tmp_path / given) == voc_dir


def test_a_missing_folder_is_reported(tmp_path: Path) -> None:
    for name in ("none", "none/JPEGImages"):
        with pytest.raises(DataError, match=f"{name}: no such folder. Give VOC's JPEGImages"):
            find_voc_dir(tmp_path / name)


def test_a_folder_without_images_is_reported(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"expected VOC's JPEGImages folder.*root_dir=PATH"):
        find_voc_dir(tmp_path)


@pytest.mark.parametrize(
    "suffix",
    [
        *(".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff"),
        *(".JPG", ".JPEG", ".PNG", ".BMP", ".Jpg", ".Png", ".Tiff"),
    ],
)
def test_an_image_is_found_by_its_id(tmp_path: Path, suffix: str) -> None:
    voc_dir = make_voc(tmp_path, image_ids=[])
    path = voc_dir / "JPEGImages" / f"a.b{suffix}"
    path.write_bytes(b"")
    assert image_path(voc_dir, "a.b").samefile(path)


@pytest.mark.parametrize("suffix", [".Jpg", ".webp", ".tif"])
def test_images_of_any_format_are_no_missing_ones(tmp_path: Path, suffix: str) -> None:
    voc_dir = make_voc(tmp_path, [A], {"val": A, "dog_val": f"{A} 1"})
    image_path(voc_dir, A).rename(voc_dir / "JPEGImages" / f"{A}{suffix}")
    assert read_split(voc_dir, "val").warnings == ()


def test_two_files_of_one_id_are_reported(tmp_path: Path) -> None:
    voc_dir = make_voc(tmp_path, IDS, {"val": lines(A, B), "dog_val": f"{A} 1\n{B} 1"})
    for image_id in IDS:
        (voc_dir / "JPEGImages" / f"{image_id}.png").touch()
    split = read_split(voc_dir, "val")
    assert_warned(
        split, f"{A}.jpg: {A}.png has the same image id; {A}.jpg is used; likewise for 1 more"
    )
    assert image_path(voc_dir, A).suffix == ".jpg"


def test_names_that_are_not_utf_8_are_reported(tmp_path: Path) -> None:
    voc_dir = make_voc(tmp_path, [A, B], {}, {A: annotation(box_of("dog"))})
    (voc_dir / "Annotations" / f"{B}.xml").write_text(annotation(box_of("dog")))
    odd = os.fsdecode(b"b\xe4r")
    for name in (
        f"JPEGImages/{odd}.jpg",
        f"Annotations/{odd}.xml",
        f"ImageSets/Main/{odd}_val.txt",
    ):
        (voc_dir / name).write_text(annotation(box_of("cat")))
    splits = [read_split(voc_dir, name) for name in ("train", "val")]
    assert sorted(item for split in splits for item in split.image_ids) == [A, B]
    for split in splits:
        odd_ones = [text for text in split.warnings if "is not UTF-8" in text]
        assert [Path(text.partition(":")[0]).name for text in odd_ones] == [
            *("b\\xe4r.jpg", "b\\xe4r.xml", "b\\xe4r_val.txt"),
        ]
        for text in split.warnings:
            text.encode()  # Can be printed and written.


def test_a_folder_whose_path_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    voc_dir = make_voc(tmp_path / os.fsdecode(b"b\xe4r"))
    with pytest.raises(DataError, match=r"b\\xe4r: this path is not UTF-8.* Rename") as caught:
        find_voc_dir(voc_dir)
    str(caught.value).encode()


@pytest.mark.parametrize("name", ["x" * 300, "loop", "a\0b"])
def test_a_folder_that_cannot_be_opened_is_reported(tmp_path: Path, name: str) -> None:
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    for path in (tmp_path / name, tmp_path / name / "JPEGImages", Path("~nobody-of-this-name/VOC")):
        with pytest.raises(DataError, match=r"(cannot be opened|no such folder).* Give "):
            find_voc_dir(path)


def test_a_list_that_is_no_regular_file_is_reported(tmp_path: Path) -> None:
    voc_dir = make_voc(tmp_path, [A], {"dog_val": f"{A} 1"})
    os.mkfifo(list_path(voc_dir, "val"))
    with pytest.raises(DataError, match=r"val\.txt: cannot be read .*not a regular file"):
        read_split(voc_dir, "val")


@pytest.mark.parametrize("image_id", ["../secret", "/etc/secret", "a/../../secret"])
def test_no_id_leads_out_of_the_images(tmp_path: Path, image_id: str) -> None:
    with pytest.raises(DataError, match="not the name of a file in JPEGImages"):
        image_path(make_voc(tmp_path), image_id)


def test_an_id_of_any_length_has_a_path(tmp_path: Path) -> None:
    assert image_path(make_voc(tmp_path), "x" * 5000).name == "x" * 5000 + ".jpg"


def test_a_missing_image_gets_the_usual_path(tmp_path: Path) -> None:
    assert image_path(tmp_path, A) == tmp_path / "JPEGImages" / f"{A}.jpg"


# ImageSets ---------------------------------------------------------------------------------------


def test_flags_are_converted_to_labels(tmp_path: Path) -> None:
    """The devkit's 1 (also written +1), 0 and -1: present, difficult, absent."""
    voc_dir = make_voc(
        tmp_path,
        lists={
            "val": lines(C, A, B),
            "person_val": lines(f"{A} +1", f"{B}  0", f"{C} -1"),
            "dog_val": lines(f"{A} -1", f"{B} -1", f"{C} 1"),
        },
    )
    split = read_split(voc_dir, "val")
    assert split.image_ids == (C, A, B)
    assert split.classes == ("dog", "person")
    assert labels_of(split) == [[1, 0], [0, 1], [0, -1]]
    assert (split.name, split.voc_dir, split.warnings) == ("val", voc_dir, ())


@pytest.mark.parametrize(
    "spell",
    [
        pytest.param(lambda text: text.replace("\n", "\r\n"), id="CRLF"),
        pytest.param(lambda text: "\ufeff" + text, id="byte order mark"),
        pytest.param(lambda text: text.replace(" ", "\t \t"), id="tabs"),
        pytest.param(lambda text: text.replace(" ", "\u00a0"), id="no-break spaces"),
        pytest.param(lambda text: text.replace("\n", "   \n\n \t\n"), id="blank lines"),
        pytest.param(lambda text: "\n" + text.rstrip("\n"), id="no end of line"),
    ],
)
def test_white_space_of_any_kind_separates_ids_and_flags(
    tmp_path: Path, spell: Callable[[str], str]
) -> None:
    plain = {"val": lines(A, B), "dog_val": lines(f"{A} 1", f"{B} -1")}
    lists = {name: spell(text) for name, text in plain.items()}
    split = read_split(make_voc(tmp_path, [A, B], lists), "val")
    assert (split.image_ids, labels_of(split), split.warnings) == ((A, B), [[1], [0]], ())


@pytest.mark.parametrize("line", [f"{B} 2", f"{B} +0", f"{B} yes", B, "-1", f"{B},1", f"{B} -1.0"])
def test_a_malformed_line_is_reported_with_file_and_number(tmp_path: Path, line: str) -> None:
    lists = {"val": lines(A, B), "dog_val": lines(f"{A} 1", "", line)}
    voc_dir = make_voc(tmp_path, lists=lists)
    with pytest.raises(DataError) as caught:
        read_split(voc_dir, "val")
    assert str(caught.value) == (
        f"{list_path(voc_dir, 'dog_val')}:3: found {line!r}; expected an image id and 1, 0 or -1"
    )


@pytest.mark.parametrize("name", ["../secret", "a/b", "..", ".", "a\0b"])
def test_an_id_with_a_path_is_refused(tmp_path: Path, name: str) -> None:
    voc_dir = make_voc(tmp_path, lists={"val": lines(A, name)})
    with pytest.raises(DataError) as caught:
        read_split(voc_dir, "val")
    assert f"{list_path(voc_dir, 'val')}:2: {name!r} is not an image id" in str(caught.value)


@pytest.mark.parametrize("text", ["", "\n  \n"])
def test_an_empty_split_is_reported(tmp_path: Path, text: str) -> None:
    voc_dir = make_voc(tmp_path, lists={"val": text})
    with pytest.raises(DataError, match=r"val\.txt: the split is empty"):
        read_split(voc_dir, "val")


def test_an_unknown_split_is_reported_with_the_existing_ones(tmp_path: Path) -> None:
    lists = {"val": A, "train": B, "dog_val": f"{A} 1", "dog_train": f"{B} 1"}
    voc_dir = make_voc(tmp_path, lists=lists)
    assert list_splits(voc_dir) == ["train", "val"]
    with pytest.raises(DataError, match=r"test\.txt: no such split\. Found: train, val\."):
        read_split(voc_dir, "test")


def test_a_list_that_is_not_text_is_reported(tmp_path: Path) -> None:
    voc_dir = make_voc(tmp_path, lists={"val": A, "dog_val": f"{A} 1"})
    list_path(voc_dir, "dog_val").write_bytes(b"\xff\xfe2\x000\x00")
    with pytest.raises(DataError, match=r"dog_val\.txt: cannot be read as a text list"):
        read_split(voc_dir, "val")


def test_without_any_labels_both_sources_are_named(tmp_path: Path) -> None:
    voc_dir = make_voc(tmp_path, lists={"val": A})
    with pytest.raises(DataError, match=r"no labels.*ImageSets/Main/<class>_val\.txt.*Annotations"):
        read_split(voc_dir, "val")


def test_an_id_listed_twice_counts_once(tmp_path: Path) -> None:
    lists = {"val": lines(A, B, A), "dog_val": lines(f"{A} 1", f"{B} -1")}
    split = read_split(make_voc(tmp_path, [A, B], lists), "val")
    assert split.image_ids == (A, B)
    assert_warned(split, "val.txt:3", A, "counted once")


def test_without_a_split_list_the_class_lists_define_the_split(tmp_path: Path) -> None:
    lists = {
        "bus_val": lines(f"{A} 1", f"{B} -1"),
        "dog_val": lines(f"{B} 1", f"{A} -1"),
        "dog_train": lines(f"{C} 1"),
    }
    split = read_split(make_voc(tmp_path, lists=lists), "val")
    assert split.image_ids == (A, B)
    assert labels_of(split) == [[1, 0], [0, 1]]


def test_a_class_list_that_lacks_an_image_is_reported(tmp_path: Path) -> None:
    lists = {"val": lines(A, B), "dog_val": lines(f"{A} 1")}
    split = read_split(make_voc(tmp_path, [A, B], lists), "val")
    assert labels_of(split) == [[1], [-2]]
    assert_warned(split, f"{B}.xml", "in no class list: 1 image of split 'val' not labelled")


def test_a_class_list_with_an_image_of_another_split_is_reported(tmp_path: Path) -> None:
    lists = {"val": lines(A), "dog_val": lines(f"{A} 1", f"{B} 1")}
    split = read_split(make_voc(tmp_path, [A], lists), "val")
    assert labels_of(split) == [[1]]
    assert_warned(split, "dog_val.txt:2", B, "not in the split")


def test_missing_images_are_reported_and_kept(tmp_path: Path) -> None:
    lists = {"val": lines(*IDS), "dog_val": lines(*(f"{item} 1" for item in IDS))}
    split = read_split(make_voc(tmp_path, [A, C], lists), "val")
    assert split.image_ids == IDS
    assert_warned(split, f"{B}.jpg", "image not found")


def test_five_classes_that_are_not_vocs(tmp_path: Path) -> None:
    names = ("sunset", "desert", "trees", "sea", "mountains")
    lists = {f"{name}_train": lines(f"{A} 1", f"{B} -1") for name in names}
    split = read_split(make_voc(tmp_path, [A, B], {"train": lines(A, B)} | lists), "train")
    assert split.classes == ("desert", "mountains", "sea", "sunset", "trees")
    assert split.labels.shape == (2, 5)
    assert labels_of(split) == [[1] * 5, [0] * 5]


def test_class_names_may_contain_underscores(tmp_path: Path) -> None:
    lists = {"val": A, "potted_plant_val": f"{A} 1", "train": B, "potted_plant_train": f"{B} -1"}
    split = read_split(make_voc(tmp_path, [A, B], lists), "val")
    assert (split.classes, labels_of(split)) == (("potted_plant",), [[1]])


# The order of classes ----------------------------------------------------------------------------


def test_vocs_classes_are_in_the_devkits_order(tmp_path: Path) -> None:
    lists = {"val": A} | {f"{name}_val": f"{A} -1" for name in reversed(VOC_CLASSES)}
    assert read_split(make_voc(tmp_path, [A], lists), "val").classes == VOC_CLASSES


def test_a_models_classes_keep_its_order(tmp_path: Path) -> None:
    lists = {"val": lines(A, B), "dog_val": lines(f"{A} 1", f"{B} 1")}
    lists |= {"bus_val": lines(f"{A} -1", f"{B} 1"), "cat_val": lines(f"{A} 0", f"{B} -1")}
    voc_dir = make_voc(tmp_path, [A, B], lists)
    split = read_split(voc_dir, "val", classes=["dog", "zebra", "bus", "cat"])
    assert split.classes == ("dog", "zebra", "bus", "cat")
    assert labels_of(split) == [[1, -2, 0, -1], [1, -2, 1, 0]], "the labels of zebra are unknown"
    assert_warned(split, "no list zebra_val.txt", "2 images", "not labelled for class 'zebra'", A)


def test_a_class_that_the_model_does_not_know_is_reported(tmp_path: Path) -> None:
    lists = {"val": lines(A), "dog_val": f"{A} 1", "bus_val": f"{A} 1"}
    split = read_split(make_voc(tmp_path, [A], lists), "val", classes=["bus"])
    assert labels_of(split) == [[1]]
    assert_warned(split, "dog_val.txt:1", "1 image", "'dog', which is not one of the model's")


def test_voc_classes_are_the_devkits() -> None:
    assert len(set(VOC_CLASSES)) == 20
    assert list(VOC_CLASSES) == sorted(VOC_CLASSES)
    assert VOC_CLASSES[0] == "aeroplane"
    assert VOC_CLASSES[14] == "person"
    assert VOC_CLASSES[19] == "tvmonitor"


def test_names_are_unique_and_ordered() -> None:
    assert order_classes(reversed(VOC_CLASSES)) == VOC_CLASSES
    assert order_classes(["person", "cat", "person", "bird"]) == ("bird", "cat", "person")


def test_other_classes_stand_among_those_of_voc() -> None:
    names = ["zebra", "train", "ant", "bus", "Sea", "sea", "grün"]
    assert order_classes(names) == ("ant", "bus", "grün", "Sea", "sea", "train", "zebra")


def test_a_data_set_without_vocs_classes() -> None:
    assert order_classes(iter(["sea", "desert"])) == ("desert", "sea")
    assert order_classes([]) == ()
