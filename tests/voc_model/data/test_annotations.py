"""Reading annotations: objects with boxes; errors name file and line."""

from pathlib import Path

import pytest
from voc_folders import A, annotation, box_of, make_voc

from voc_model.data.annotations import AnnotatedObject, annotation_path, read_objects
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
    assert read_objects(voc_dir, A) == (
        AnnotatedObject("person", 8.5, 12, 472, 243, difficult=False, truncated=True, line=4),
    )
    assert read_split(voc_dir, "val").classes == ("person",), "a part is not a class"


def test_an_image_without_annotation_has_no_objects(tmp_path: Path) -> None:
    assert read_objects(make_voc(tmp_path), A) == ()


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
    "no box": (annotation("<object><name>dog</name></object>"), 3, "without <bndbox/xmin>"),
    "not a number": (
        annotation(box_of("dog").replace("<xmax>3", "<xmax>three")),
        3,
        "<bndbox/xmax> is 'three', not a number",
    ),
    "infinite": (
        annotation(box_of("dog").replace("<xmax>3", "<xmax>inf")),
        3,
        "<bndbox/xmax> is 'inf', not a number",
    ),
    "NaN": (
        annotation(box_of("dog").replace("<xmax>3", "<xmax>nan")),
        3,
        "<bndbox/xmax> is 'nan', not a number",
    ),
    "not a flag": (
        annotation(box_of("dog").replace("<difficult>0", "<difficult>yes")),
        3,
        "<difficult> is 'yes', not a number",
    ),
}


@pytest.mark.parametrize("case", MALFORMED)
def test_a_malformed_annotation_is_reported_with_file_and_line(tmp_path: Path, case: str) -> None:
    text, line, message = MALFORMED[case]
    voc_dir = make_voc(tmp_path, [A], {"val": A}, {A: text})
    with pytest.raises(DataError) as caught:
        read_objects(voc_dir, A)
    assert str(caught.value).startswith(f"{annotation_path(voc_dir, A)}:{line}: ")
    assert message in str(caught.value)


def test_an_annotation_that_is_a_folder_is_reported(tmp_path: Path) -> None:
    voc_dir = make_voc(tmp_path, annotations={})
    annotation_path(voc_dir, A).mkdir()
    with pytest.raises(DataError, match=rf"{A}\.xml: cannot be read"):
        read_objects(voc_dir, A)


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
        read_objects(voc_dir, A)
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
        read_objects(voc_dir, A)
