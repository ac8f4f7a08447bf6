"""Small VOC folders for tests of reading data sets."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from voc_model.data.annotations import annotation_path
from voc_model.data.voc import Split

A, B, C = "2008_000001", "2008_000002", "2008_000003"
IDS = (A, B, C)


def make_voc(
    folder: Path,
    image_ids: Iterable[str] = IDS,
    lists: Mapping[str, str] | None = None,
    annotations: Mapping[str, str] | None = None,
) -> Path:
    """Writes a VOC folder; `lists` by file name without suffix, `annotations` by image id."""
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


def assert_warned(split: Split, *parts: str) -> None:
    """Checks that there is exactly one warning and that it contains every part."""
    assert len(split.warnings) == 1, split.warnings
    for part in parts:
        assert part in split.warnings[0]
