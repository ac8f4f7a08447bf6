"""Reading annotations: objects with boxes; errors name file and line."""

import math
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from voc_folders import A, B, annotation, assert_warned, box_of, labels_of, lines, make_voc

from voc_model.data.annotations import (
    AnnotatedObject,
    annotation_path,
    list_annotated,
    read_annotation,
)
from voc_model.data.voc import read_split
from voc_model.errors import DataError

# As in VOC 2012: the parts of a person have their own names and boxes.
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


def test_objects_of_2012_are_read_with_their_boxes(tmp_path: Path) -> None:
    voc_dir = make_voc(tmp_path, [A], {"val": A}, {A: annotation(OBJECT_OF_2012)})
    assert read_annotation(voc_dir, A).objects == (
        AnnotatedObject("person", 8.5, 12, 472, 243, difficult=False, truncated=True, line=4),
    )
    assert read_split(voc_dir, "val").classes == ("person",), "a part is not a class"


def test_an_image_without_annotation_has_no_objects(tmp_path: Path) -> None:
    assert read_annotation(make_voc(tmp_path), A).objects == ()


MALFORMED = {
    "truncated": ("<annotation>\n<object>\n<name>dog", 3, "malformed XML"),
    "tags crossed": ("<annotation>\n<object></annotation>", 2, "malformed XML"),
    "empty": ("", 1, "malformed XML"),
    "not XML": ("dog 1 2 3 4", 1, "malformed XML"),
    "unknown encoding": (
        '<?xml version="1.0" encoding="none"?>\n<annotation/>',
        1,
        "malformed XML",
    ),
    "no name": (annotation(box_of("dog"), box_of(" ")), 4, "<object> without <name>"),
    "another tool's root": ("<dataset>\n<image/></dataset>", 1, "found <dataset>, expected"),
    "several images": (
        f"<annotations>{annotation()}{annotation()}</annotations>",
        1,
        "found <annotations> with 2 <annotation>, expected one",
    ),
    "boxes without objects": (
        annotation("<item><name>dog</name><bndbox/></item>"),
        3,
        "found <bndbox> outside of an <object>",
    ),
}


@pytest.mark.parametrize("case", MALFORMED)
def test_a_malformed_annotation_is_reported_with_file_and_line(tmp_path: Path, case: str) -> None:
    text, line, message = MALFORMED[case]
    voc_dir = make_voc(tmp_path, [A], {"val": A}, {A: text})
    with pytest.raises(DataError) as caught:
        read_annotation(voc_dir, A)
    assert str(caught.value).startswith(f"{annotation_path(voc_dir, A)}:{line}: ")
    assert message in str(caught.value)


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo])
def test_an_annotation_that_is_no_regular_file_is_reported(
    tmp_path: Path, make: Callable[[Path], None]
) -> None:
    lists = {"val": A, "dog_val": f"{A} 1"}
    voc_dir = make_voc(tmp_path, [A], lists, annotations={})
    make(annotation_path(voc_dir, A))
    with pytest.raises(DataError, match=rf"{A}\.xml: cannot be read \(not a regular file\)"):
        read_annotation(voc_dir, A)
    split = read_split(voc_dir, "val")
    assert labels_of(split) == [[1]]
    assert_warned(split, f"{A}.xml: cannot be read", "the annotation is skipped")


def test_an_id_that_no_file_can_have_is_reported(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"\.xml: cannot be read \(File name too long\)"):
        read_annotation(make_voc(tmp_path, annotations={}), "x" * 300)


# Untrusted XML ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "declaration",
    [
        pytest.param('<!ENTITY name SYSTEM "file://{secret}">', id="file"),
        pytest.param('<!ENTITY % more SYSTEM "file://{secret}"> %more;', id="parameter entity"),
        pytest.param('<!ENTITY name SYSTEM "http://127.0.0.1:9/">', id="network"),
    ],
)
def test_external_entities_are_never_read(tmp_path: Path, declaration: str) -> None:
    secret = tmp_path / "secret.dtd"
    secret.write_text('<!ENTITY name "included">')
    doctype = f"<!DOCTYPE annotation [{declaration.format(secret=secret)}]>\n"
    text = doctype + annotation(box_of("dog"), box_of("&name;"))
    voc_dir = make_voc(tmp_path / "VOC", [A], None, {A: text})
    with pytest.raises(DataError) as caught:
        read_annotation(voc_dir, A)
    assert f"{A}.xml:" in str(caught.value)
    assert "included" not in str(caught.value)


def test_nested_entities_are_never_expanded(tmp_path: Path) -> None:
    """The "billion laughs" attack: ten levels of ten references would expand to 20 GB."""
    declared = '<!ENTITY e0 "ha">' + "".join(
        f'<!ENTITY e{level} "{f"&e{level - 1};" * 10}">' for level in range(1, 11)
    )
    text = f"<!DOCTYPE annotation [{declared}]>\n" + annotation(box_of("&e10;"))
    voc_dir = make_voc(tmp_path, [A], None, {A: text})
    with pytest.raises(DataError, match=rf"{A}\.xml:"):
        read_annotation(voc_dir, A)


# Annotations as tools write them ----------------------------------------------------------------

DOG = box_of("dog")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f'<annotation xmlns="http://host/voc">{DOG}</annotation>', id="namespace"),
        pytest.param(f'<v:annotation xmlns:v="voc">{DOG}</v:annotation>', id="prefix"),
        pytest.param(f"<annotations>{annotation(DOG)}</annotations>", id="annotations"),
        pytest.param(annotation(f"<objects>{DOG}</objects>"), id="objects"),
        pytest.param(annotation(DOG.replace("object>", "Object>")), id="Object"),
        pytest.param(annotation(DOG).upper().replace("DOG", "dog"), id="capitals"),
        pytest.param(annotation(f"<!-- {DOG} -->{DOG}"), id="comment"),
        pytest.param(annotation(f"<group><group>{DOG}</group></group>"), id="groups"),
    ],
)
def test_objects_are_found_however_they_are_wrapped(tmp_path: Path, text: str) -> None:
    voc_dir = make_voc(tmp_path, [A], {"val": A}, {A: text})
    (found,) = read_annotation(voc_dir, A).objects
    assert (found.class_name, found.xmin, found.ymax, found.difficult) == ("dog", 1, 4, False)
    assert read_split(voc_dir, "val").warnings == ()


def test_an_object_inside_an_object_is_a_part_of_it(tmp_path: Path) -> None:
    inner = "<object><name>head</name></object>"
    text = annotation(DOG.replace("</object>", f"{inner}</object>"))
    voc_dir = make_voc(tmp_path, [A], {"val": A}, {A: text})
    assert [item.class_name for item in read_annotation(voc_dir, A).objects] == ["dog"]


@pytest.mark.parametrize(
    ("old", "new", "difficult", "warning"),
    [
        ("<difficult>0</difficult>", "<difficult/>", False, "<difficult> is '', taken as 0"),
        ("0</difficult>", "Unspecified</difficult>", False, "'Unspecified', taken as 0"),
        ("0</difficult>", "False</difficult>", False, "<difficult> is 'False', taken as 0"),
        ("0</difficult>", "True</difficult>", True, "<difficult> is 'True', taken as 1"),
        ("0</difficult>", "nan</difficult>", False, "<difficult> is 'nan', taken as 0"),
        ("<bndbox>", "<truncated/><bndbox>", False, "<truncated> is '', taken as 0"),
    ],
)
def test_an_odd_flag_loses_no_label(
    tmp_path: Path, old: str, new: str, difficult: bool, warning: str
) -> None:
    voc_dir = make_voc(tmp_path, [A], {"val": A}, {A: annotation(DOG.replace(old, new))})
    (found,) = read_annotation(voc_dir, A).objects
    assert (found.class_name, found.difficult, found.truncated) == ("dog", difficult, False)
    split = read_split(voc_dir, "val")
    assert labels_of(split) == [[-1 if difficult else 1]]
    assert_warned(split, f"{annotation_path(voc_dir, A)}:3: ", warning)


@pytest.mark.parametrize(
    ("old", "new", "warning"),
    [
        (DOG, "<object><name>dog</name></object>", "<object> without <bndbox>"),
        ("<xmax>3</xmax>", "", "<bndbox> without a number for each"),
        ("<xmax>3", "<xmax>three", "<bndbox> without a number for each"),
        ("<xmax>3", "<xmax>inf", "<bndbox> without a number for each"),
    ],
)
def test_an_object_without_a_valid_box_keeps_its_label(
    tmp_path: Path, old: str, new: str, warning: str
) -> None:
    text = annotation(box_of("dog").replace(old, new))
    voc_dir = make_voc(tmp_path, [A], {"val": A}, {A: text})
    (found,) = read_annotation(voc_dir, A).objects
    assert all(map(math.isnan, (found.xmin, found.ymin, found.xmax, found.ymax)))
    split = read_split(voc_dir, "val")
    assert labels_of(split) == [[1]]
    assert_warned(split, f"{annotation_path(voc_dir, A)}:3: ", warning, "its label is used")


def test_odd_fields_are_reported_once_per_kind_with_their_number(tmp_path: Path) -> None:
    odd = DOG.replace("<difficult>0</difficult>", "<difficult/>")
    voc_dir = make_voc(
        tmp_path, [A, B], {"val": lines(A, B)}, {A: annotation(odd, odd), B: annotation(odd)}
    )
    split = read_split(voc_dir, "val")
    assert labels_of(split) == [[1], [1]]
    assert_warned(split, f"{annotation_path(voc_dir, A)}:3: <difficult> is ''", "(and 2 more)")


def test_an_annotation_with_fields_of_another_layout_is_reported(tmp_path: Path) -> None:
    other = annotation("<labels><label>dog</label></labels>")
    voc_dir = make_voc(tmp_path, [A, B], {"val": lines(A, B)}, {A: annotation(DOG), B: other})
    split = read_split(voc_dir, "val")
    assert labels_of(split) == [[1], [0]]
    assert_warned(split, f"{annotation_path(voc_dir, B)}:3", "<labels> is not read")


def test_only_regular_files_are_read(tmp_path: Path) -> None:
    voc_dir = make_voc(tmp_path, [A, B], {"val": lines(A, B)}, {})
    os.mkfifo(annotation_path(voc_dir, A))
    annotation_path(voc_dir, B).symlink_to("/dev/zero")
    for image_id in (A, B):
        with pytest.raises(DataError, match=rf"{image_id}\.xml: cannot be read \(not a regular f"):
            read_annotation(voc_dir, image_id)
    with pytest.raises(DataError, match="no labels") as caught:
        read_split(voc_dir, "val")
    assert "not a regular file" in str(caught.value)


def test_files_and_objects_are_bounded(tmp_path: Path) -> None:
    most = annotation(*[box_of("dog")] * 10_000)
    voc_dir = make_voc(tmp_path, [A, B], {"val": A}, {A: most, B: annotation(DOG)})
    assert len(read_annotation(voc_dir, A).objects) == 10_000
    annotation_path(voc_dir, A).write_text(annotation(*[box_of("dog")] * 10_001))
    with pytest.raises(DataError, match=rf"{A}\.xml:10003: found more than 10,000 objects"):
        read_annotation(voc_dir, A)
    annotation_path(voc_dir, B).write_text(annotation("<a/>" * 400_000))
    with pytest.raises(DataError, match=r"found 400,004 tags, expected at most 400,000"):
        read_annotation(voc_dir, B)
    os.truncate(annotation_path(voc_dir, B), 20 * 2**30)
    with pytest.raises(DataError, match=r"found 21,474,836,480 bytes, expected at most 8,388,608"):
        read_annotation(voc_dir, B)


@pytest.mark.parametrize("image_id", ["../secret", "/etc/secret", "a/../../secret"])
def test_no_id_leads_out_of_the_folder(tmp_path: Path, image_id: str) -> None:
    voc_dir = make_voc(tmp_path / "VOC", [A], None, {A: annotation(DOG)})
    (voc_dir / "secret.xml").write_text(annotation(DOG))
    with pytest.raises(DataError, match="not the name of a file in Annotations"):
        read_annotation(voc_dir, image_id)


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("<size><width>500</width><height>375</height><depth>3</depth></size>", (500, 375)),
        ("<Size><Height>37.5</Height><Width>50</Width></Size>", (50, 37.5)),
        ("<size><width>0</width><height>0</height></size>", None),
        ("<size><width>500</width></size>", None),
        ("<size><width>nan</width><height>-3</height></size>", None),
        ("<size/>", None),
        ("", None),
    ],
)
def test_the_size_that_boxes_refer_to(
    tmp_path: Path, text: str, size: tuple[float, float] | None
) -> None:
    voc_dir = make_voc(tmp_path, [A], None, {A: annotation(text, DOG)})
    assert read_annotation(voc_dir, A).size == size


@pytest.mark.parametrize("suffix", [".XML", ".Xml", ".xml.xml"])
def test_annotations_are_found_whatever_the_case_of_their_suffix(
    tmp_path: Path, suffix: str
) -> None:
    voc_dir = make_voc(tmp_path, [A, B], {"train": A, "val": B}, {A: annotation(DOG)})
    annotation_path(voc_dir, A).rename(voc_dir / "Annotations" / f"{A}{suffix}")
    assert labels_of(read_split(voc_dir, "train")) == [[1]]
    assert [item.class_name for item in read_annotation(voc_dir, A).objects] == ["dog"]
    assert list_annotated(voc_dir) == [A]


def test_annotations_that_belong_to_no_image_are_reported_if_some_seem_to_lack_one(
    tmp_path: Path,
) -> None:
    lists = {"val": lines(A, B)}
    voc_dir = make_voc(tmp_path, [A, B], lists, {A: annotation(DOG), f"{B}.jpg": annotation(DOG)})
    stray, unknown = read_split(voc_dir, "val").warnings
    assert stray.startswith(f"{voc_dir / 'Annotations' / B}.jpg.xml: belongs to no image")
    assert "1 image of split 'val' not labelled" in unknown


def test_an_id_that_is_too_long_for_a_suffix_has_no_annotation(tmp_path: Path) -> None:
    image_id = "x" * 250
    voc_dir = make_voc(tmp_path, [image_id], {"val": image_id, "dog_val": f"{image_id} 1"}, {})
    assert labels_of(read_split(voc_dir, "val")) == [[1]]
