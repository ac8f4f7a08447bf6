"""A VOC folder becomes ids, labels and boxes; what is wrong with it is told by file and line."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import pytest

from voc_model.data.classes import VOC_CLASSES
from voc_model.data.voc import (
    AnnotatedObject,
    Split,
    annotation_path,
    find_voc_dir,
    image_path,
    list_splits,
    read_objects,
    read_split,
)
from voc_model.errors import DataError

A, B, C = "2008_000001", "2008_000002", "2008_000003"
IDS = (A, B, C)

# What VOC 2012 writes: parts of a person have names and boxes of their own.
OBJECT_OF_2012 = """
    <object>
        <name>person</name>
        <actions><jumping>0</jumping></actions>
        <bndbox><xmax>472</xmax><xmin>8.5</xmin><ymax>243</ymax><ymin>12</ymin></bndbox>
        <difficult>0</difficult>
        <part>
            <name>head</name>
            <bndbox><xmin>50</xmin><ymin>20</ymin><xmax>90</xmax><ymax>60</ymax></bndbox>
        </part>
        <pose>Unspecified</pose>
        <truncated>1</truncated>
    </object>"""


def make_voc(
    folder: Path,
    image_ids: Iterable[str] = IDS,
    lists: Mapping[str, str] | None = None,
    annotations: Mapping[str, str] | None = None,
) -> Path:
    """Writes a VOC folder; `lists` by file name without ending, `annotations` by image id."""
    (folder / "JPEGImages").mkdir(parents=True)
    for image_id in image_ids:
        (folder / "JPEGImages" / f"{image_id}.jpg").write_bytes(b"")
    if lists is not None:
        (folder / "ImageSets" / "Main").mkdir(parents=True)
        for name, text in lists.items():
            list_path(folder, name).write_bytes(text.encode())
    if annotations is not None:
        (folder / "Annotations").mkdir()
        for image_id, text in annotations.items():
            annotation_path(folder, image_id).write_text(text)
    return folder


def list_path(voc_dir: Path, name: str) -> Path:
    return voc_dir / "ImageSets" / "Main" / f"{name}.txt"


def lines(*items: str) -> str:
    return "".join(f"{item}\n" for item in items)


def box_of(name: str, difficult: int | None = 0) -> str:
    flag = "" if difficult is None else f"<difficult>{difficult}</difficult>"
    box = "<bndbox><xmin>1</xmin><ymin>2</ymin><xmax>3</xmax><ymax>4</ymax></bndbox>"
    return f"<object><name>{name}</name>{flag}{box}</object>\n"


def annotation(*objects: str) -> str:
    return f"<annotation>\n<filename>x.jpg</filename>\n{''.join(objects)}</annotation>\n"


def labels_of(split: Split) -> list[list[int]]:
    assert split.labels.dtype == "int8"
    labels: list[list[int]] = split.labels.tolist()
    return labels


def assert_told(split: Split, *parts: str) -> None:
    """Just one warning, which holds every part."""
    assert len(split.warnings) == 1, split.warnings
    for part in parts:
        assert part in split.warnings[0]


# The folder --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "form", ["VOC2012", "VOC2012/", "VOC2012/JPEGImages", "VOC2012/JPEGImages/"]
)
def test_the_folder_is_found_by_its_images_or_itself(tmp_path: Path, form: str) -> None:
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


def test_where_the_images_are_a_link_the_lists_lie_beside_it(tmp_path: Path) -> None:
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


def test_a_link_to_the_folder_leads_to_it(tmp_path: Path) -> None:
    voc_dir = make_voc(tmp_path / "VOC2012")
    (tmp_path / "link").symlink_to(voc_dir)
    (tmp_path / "images").symlink_to(voc_dir / "JPEGImages")
    for given in ("link", "link/JPEGImages", "images"):
        assert find_voc_dir(tmp_path / given) == voc_dir


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    for name in ("none", "none/JPEGImages"):
        with pytest.raises(DataError, match=f"{name}: no such folder. Give VOC's JPEGImages"):
            find_voc_dir(tmp_path / name)


def test_a_folder_without_images_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"expected VOC's JPEGImages folder.*root_dir=PATH"):
        find_voc_dir(tmp_path)


@pytest.mark.parametrize("suffix", [".jpg", ".jpeg", ".png", ".JPG", ".JPEG", ".PNG"])
def test_an_image_is_found_by_its_id(tmp_path: Path, suffix: str) -> None:
    voc_dir = make_voc(tmp_path, image_ids=[])
    path = voc_dir / "JPEGImages" / f"a.b{suffix}"
    path.write_bytes(b"")
    assert image_path(voc_dir, "a.b").samefile(path)


def test_an_image_that_is_not_there_has_the_path_voc_would_give_it(tmp_path: Path) -> None:
    assert image_path(tmp_path, A) == tmp_path / "JPEGImages" / f"{A}.jpg"


# ImageSets ---------------------------------------------------------------------------------------


def test_flags_become_labels(tmp_path: Path) -> None:
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
def test_white_space_of_any_kind_parts_ids_and_flags(
    tmp_path: Path, spell: Callable[[str], str]
) -> None:
    plain = {"val": lines(A, B), "dog_val": lines(f"{A} 1", f"{B} -1")}
    lists = {name: spell(text) for name, text in plain.items()}
    split = read_split(make_voc(tmp_path, [A, B], lists), "val")
    assert (split.image_ids, labels_of(split), split.warnings) == ((A, B), [[1], [0]], ())


@pytest.mark.parametrize(
    "line", [f"{B} 2", f"{B} +0", f"{B} yes", B, f"{B} 1 1", "-1", f"{B},1", f"{B} -1.0"]
)
def test_a_malformed_line_is_told_by_file_and_number(tmp_path: Path, line: str) -> None:
    lists = {"val": lines(A, B), "dog_val": lines(f"{A} 1", "", line)}
    voc_dir = make_voc(tmp_path, lists=lists)
    with pytest.raises(DataError) as caught:
        read_split(voc_dir, "val")
    assert str(caught.value) == (
        f"{list_path(voc_dir, 'dog_val')}:3: found {line!r}; expected an image id and 1, 0 or -1"
    )


@pytest.mark.parametrize("name", ["../secret", "a/b", "..", ".", "a\\b"])
def test_an_id_that_leads_elsewhere_is_refused(tmp_path: Path, name: str) -> None:
    voc_dir = make_voc(tmp_path, lists={"val": lines(A, name)})
    with pytest.raises(DataError) as caught:
        read_split(voc_dir, "val")
    assert f"{list_path(voc_dir, 'val')}:2: {name!r} is no image id" in str(caught.value)


@pytest.mark.parametrize("text", ["", "\n  \n"])
def test_an_empty_split_is_told(tmp_path: Path, text: str) -> None:
    voc_dir = make_voc(tmp_path, lists={"val": text})
    with pytest.raises(DataError, match=r"val\.txt: the split is empty"):
        read_split(voc_dir, "val")


def test_an_unknown_split_is_told_with_those_there_are(tmp_path: Path) -> None:
    lists = {"val": A, "train": B, "dog_val": f"{A} 1", "dog_train": f"{B} 1"}
    voc_dir = make_voc(tmp_path, lists=lists)
    assert list_splits(voc_dir) == ["train", "val"]
    with pytest.raises(DataError, match=r"test\.txt: no such split\. Found: train, val\."):
        read_split(voc_dir, "test")


def test_a_list_that_is_no_text_is_told(tmp_path: Path) -> None:
    voc_dir = make_voc(tmp_path, lists={"val": A, "dog_val": f"{A} 1"})
    list_path(voc_dir, "dog_val").write_bytes(b"\xff\xfe2\x000\x00")
    with pytest.raises(DataError, match=r"dog_val\.txt: cannot be read as a text list"):
        read_split(voc_dir, "val")


def test_without_labels_of_any_kind_both_sources_are_named(tmp_path: Path) -> None:
    voc_dir = make_voc(tmp_path, lists={"val": A})
    with pytest.raises(DataError, match=r"no labels.*ImageSets/Main/<class>_val\.txt.*Annotations"):
        read_split(voc_dir, "val")


def test_an_id_listed_twice_counts_once(tmp_path: Path) -> None:
    lists = {"val": lines(A, B, A), "dog_val": lines(f"{A} 1", f"{B} -1")}
    split = read_split(make_voc(tmp_path, [A, B], lists), "val")
    assert split.image_ids == (A, B)
    assert_told(split, "val.txt:3", A, "counted once")


def test_without_a_list_of_the_split_those_of_the_classes_make_it(tmp_path: Path) -> None:
    lists = {
        "bus_val": lines(f"{A} 1", f"{B} -1"),
        "dog_val": lines(f"{B} 1", f"{A} -1"),
        "dog_train": lines(f"{C} 1"),
    }
    split = read_split(make_voc(tmp_path, lists=lists), "val")
    assert split.image_ids == (A, B)
    assert labels_of(split) == [[1, 0], [0, 1]]


def test_a_class_list_that_leaves_an_image_out_is_told(tmp_path: Path) -> None:
    lists = {"val": lines(A, B), "dog_val": lines(f"{A} 1")}
    split = read_split(make_voc(tmp_path, [A, B], lists), "val")
    assert labels_of(split) == [[1], [-1]]
    assert_told(split, "dog_val.txt", B, "not listed", "unknown")


def test_a_class_list_that_names_another_image_is_told(tmp_path: Path) -> None:
    lists = {"val": lines(A), "dog_val": lines(f"{A} 1", f"{B} 1")}
    split = read_split(make_voc(tmp_path, [A], lists), "val")
    assert labels_of(split) == [[1]]
    assert_told(split, "dog_val.txt:2", B, "not in the split")


def test_missing_images_are_told_and_kept(tmp_path: Path) -> None:
    lists = {"val": lines(*IDS), "dog_val": lines(*(f"{item} 1" for item in IDS))}
    split = read_split(make_voc(tmp_path, [A, C], lists), "val")
    assert split.image_ids == IDS
    assert_told(split, f"{B}.jpg", "image not found")


def test_five_classes_that_are_not_vocs(tmp_path: Path) -> None:
    names = ("sunset", "desert", "trees", "sea", "mountains")
    lists = {f"{name}_train": lines(f"{A} 1", f"{B} -1") for name in names}
    split = read_split(make_voc(tmp_path, [A, B], {"train": lines(A, B)} | lists), "train")
    assert split.classes == ("desert", "mountains", "sea", "sunset", "trees")
    assert split.labels.shape == (2, 5)
    assert labels_of(split) == [[1] * 5, [0] * 5]


def test_a_class_name_may_hold_an_underscore_and_a_split_a_class_name(tmp_path: Path) -> None:
    lists = {"val": A, "potted_plant_val": f"{A} 1", "train": B, "potted_plant_train": f"{B} -1"}
    split = read_split(make_voc(tmp_path, [A, B], lists), "val")
    assert (split.classes, labels_of(split)) == (("potted_plant",), [[1]])


# The order of classes ----------------------------------------------------------------------------


def test_the_twenty_classes_come_in_the_devkits_order(tmp_path: Path) -> None:
    lists = {"val": A} | {f"{name}_val": f"{A} -1" for name in reversed(VOC_CLASSES)}
    assert read_split(make_voc(tmp_path, [A], lists), "val").classes == VOC_CLASSES


def test_a_models_classes_come_in_its_own_order(tmp_path: Path) -> None:
    lists = {"val": lines(A), "dog_val": f"{A} 1", "bus_val": f"{A} -1", "cat_val": f"{A} 0"}
    voc_dir = make_voc(tmp_path, [A], lists)
    split = read_split(voc_dir, "val", classes=["dog", "zebra", "bus", "cat"])
    assert split.classes == ("dog", "zebra", "bus", "cat")
    assert labels_of(split) == [[1, -1, 0, -1]], "of the zebra nothing is known"
    assert split.warnings == ()


def test_a_class_that_the_model_does_not_know_is_told(tmp_path: Path) -> None:
    lists = {"val": lines(A), "dog_val": f"{A} 1", "bus_val": f"{A} 1"}
    split = read_split(make_voc(tmp_path, [A], lists), "val", classes=["bus"])
    assert labels_of(split) == [[1]]
    assert_told(split, "dog_val.txt", "'dog' is not one of the model's")


# Annotations -------------------------------------------------------------------------------------


def test_annotations_alone_make_labels(tmp_path: Path) -> None:
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


def test_without_lists_train_and_val_are_made_of_the_annotations(tmp_path: Path) -> None:
    ids = [f"2007_{number:06d}" for number in range(40)]
    voc_dir = make_voc(tmp_path, ids, None, {item: annotation(box_of("dog")) for item in ids})
    train, val, both = (read_split(voc_dir, name) for name in ("train", "val", "trainval"))
    assert sorted(train.image_ids + val.image_ids) == list(both.image_ids) == ids
    assert 10 < len(train.image_ids) < 30
    assert_told(train, "no ImageSets/Main", "'train'", "hash")
    with pytest.raises(DataError, match=r"only train, val and trainval.*not 'test'"):
        read_split(voc_dir, "test")
    # A new image moves none of the others from one split to the other.
    annotation_path(voc_dir, "2006_000001").write_text(annotation(box_of("dog")))
    assert set(train.image_ids) <= set(read_split(voc_dir, "train").image_ids)


def test_a_folder_of_images_alone_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="neither ImageSets/Main nor Annotations holds anything"):
        read_split(make_voc(tmp_path), "train")


def test_objects_of_2012_are_read_with_their_boxes(tmp_path: Path) -> None:
    voc_dir = make_voc(tmp_path, [A], {"val": A}, {A: annotation(OBJECT_OF_2012)})
    assert read_objects(voc_dir, A) == (
        AnnotatedObject("person", 8.5, 12, 472, 243, difficult=False, truncated=True, line=4),
    )
    assert read_split(voc_dir, "val").classes == ("person",), "a part is no class"


def test_an_image_without_annotation_has_no_objects(tmp_path: Path) -> None:
    assert read_objects(make_voc(tmp_path), A) == ()


def test_the_layout_of_2007_is_read(tmp_path: Path) -> None:
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


def test_where_both_agree_nothing_is_told(tmp_path: Path) -> None:
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
    ("flag", "objects", "label", "told"),
    [
        ("1", [], 1, "dog is present by dog_val.txt:2 but absent by its annotation"),
        ("1", [("dog", 1)], 1, "dog is present by dog_val.txt:2 but difficult by its annotation"),
        ("-1", [("dog", 0)], 0, "dog is absent by dog_val.txt:2 but present by its annotation"),
        ("0", [("dog", 0)], -1, "dog is difficult by dog_val.txt:2 but present by its annotation"),
    ],
)
def test_where_they_disagree_the_list_is_followed_and_the_image_named(
    tmp_path: Path, flag: str, objects: Sequence[tuple[str, int]], label: int, told: str
) -> None:
    voc_dir = make_voc(
        tmp_path,
        [A, B],
        {"val": lines(A, B), "dog_val": lines(f"{A} 1", f"{B} {flag}")},
        {A: annotation(box_of("dog")), B: annotation(*(box_of(*item) for item in objects))},
    )
    split = read_split(voc_dir, "val")
    assert labels_of(split) == [[1], [label]]
    assert_told(split, f"{B}: {told}", "the list is followed")


def test_each_disagreement_is_told(tmp_path: Path) -> None:
    voc_dir = make_voc(
        tmp_path,
        lists={"val": lines(*IDS), "dog_val": lines(*(f"{item} 1" for item in IDS))},
        annotations=dict.fromkeys(IDS, annotation()),
    )
    split = read_split(voc_dir, "val")
    assert [warning.partition(":")[0] for warning in split.warnings] == list(IDS)


def test_an_image_that_a_list_leaves_out_is_taken_from_its_annotation(tmp_path: Path) -> None:
    voc_dir = make_voc(
        tmp_path,
        [A, B],
        {"val": lines(A, B), "dog_val": lines(f"{A} -1")},
        {A: annotation(), B: annotation(box_of("dog"))},
    )
    split = read_split(voc_dir, "val")
    assert labels_of(split) == [[0], [1]]
    assert_told(split, "dog_val.txt", B, "taken from its annotation")


def test_an_object_of_an_unknown_class_is_told_by_file_and_line(tmp_path: Path) -> None:
    voc_dir = make_voc(
        tmp_path,
        [A],
        {"val": A, "dog_val": f"{A} 1"},
        {A: annotation(box_of("dog"), box_of("dgo"))},
    )
    split = read_split(voc_dir, "val")
    assert (split.classes, labels_of(split)) == (("dog",), [[1]])
    assert_told(split, f"{annotation_path(voc_dir, A)}:4", "unknown class 'dgo'", "left out")


# Faults of annotations ---------------------------------------------------------------------------

FAULTS = {
    "cut short": ("<annotation>\n<object>\n<name>dog", 3, "malformed XML"),
    "tags crossed": ("<annotation>\n<object></annotation>", 2, "malformed XML"),
    "empty": ("", 1, "malformed XML"),
    "no XML": ("dog 1 2 3 4", 1, "malformed XML"),
    "unknown encoding": (
        '<?xml version="1.0" encoding="none"?>\n<annotation/>',
        1,
        "malformed XML",
    ),
    "no name": (annotation(box_of("dog"), box_of(" ")), 4, "<object> without <name>"),
    "no box": (annotation("<object><name>dog</name></object>"), 3, "without <bndbox/xmin>"),
    "no number": (
        annotation(box_of("dog").replace("<xmax>3", "<xmax>three")),
        3,
        "<bndbox/xmax> is 'three', not a number",
    ),
    "no flag": (
        annotation(box_of("dog").replace("<difficult>0", "<difficult>yes")),
        3,
        "<difficult> is 'yes', not a number",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_malformed_annotation_is_told_by_file_and_line(tmp_path: Path, fault: str) -> None:
    text, line, told = FAULTS[fault]
    voc_dir = make_voc(tmp_path, [A], {"val": A}, {A: text})
    with pytest.raises(DataError) as caught:
        read_objects(voc_dir, A)
    assert str(caught.value).startswith(f"{annotation_path(voc_dir, A)}:{line}: ")
    assert told in str(caught.value)


def test_a_malformed_annotation_is_left_out_and_the_rest_is_read(tmp_path: Path) -> None:
    voc_dir = make_voc(
        tmp_path,
        [A, B],
        {"val": lines(A, B)},
        {A: FAULTS["cut short"][0], B: annotation(box_of("dog"))},
    )
    split = read_split(voc_dir, "val")
    assert labels_of(split) == [[-1], [1]]
    assert_told(split, f"{annotation_path(voc_dir, A)}:3", "malformed", "left out")


def test_with_lists_a_malformed_annotation_costs_no_label(tmp_path: Path) -> None:
    lists = {"val": A, "dog_val": f"{A} 1"}
    voc_dir = make_voc(tmp_path, [A], lists, {A: FAULTS["tags crossed"][0]})
    split = read_split(voc_dir, "val")
    assert labels_of(split) == [[1]]
    assert_told(split, f"{A}.xml:2", "malformed")


def test_an_annotation_that_is_a_folder_is_told(tmp_path: Path) -> None:
    voc_dir = make_voc(tmp_path, annotations={})
    annotation_path(voc_dir, A).mkdir()
    with pytest.raises(DataError, match=rf"{A}\.xml: cannot be read"):
        read_objects(voc_dir, A)


# An annotation is data ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "declaration",
    [
        pytest.param('<!ENTITY name SYSTEM "file://{secret}">', id="of a file"),
        pytest.param('<!ENTITY % more SYSTEM "file://{secret}"> %more;', id="by a parameter"),
        pytest.param('<!ENTITY name SYSTEM "http://127.0.0.1:9/">', id="of the network"),
    ],
)
def test_entities_never_bring_in_anything_from_outside(tmp_path: Path, declaration: str) -> None:
    secret = tmp_path / "secret.dtd"
    secret.write_text('<!ENTITY name "brought in">')
    doctype = f"<!DOCTYPE annotation [{declaration.format(secret=secret)}]>\n"
    text = doctype + annotation(box_of("dog"), box_of("&name;"))
    voc_dir = make_voc(tmp_path / "VOC", [A], None, {A: text})
    with pytest.raises(DataError) as caught:
        read_objects(voc_dir, A)
    assert f"{A}.xml:" in str(caught.value)
    assert "brought in" not in str(caught.value)


def test_entities_are_never_multiplied(tmp_path: Path) -> None:
    """The "billion laughs": ten levels of ten would be 10 GB of names."""
    declared = '<!ENTITY e0 "ha">' + "".join(
        f'<!ENTITY e{level} "{f"&e{level - 1};" * 10}">' for level in range(1, 11)
    )
    text = f"<!DOCTYPE annotation [{declared}]>\n" + annotation(box_of("&e10;"))
    voc_dir = make_voc(tmp_path, [A], None, {A: text})
    with pytest.raises(DataError, match=rf"{A}\.xml:"):
        read_objects(voc_dir, A)
