"""The demo data set: VOC's layout, enough images per class, planted errors and cue."""

import csv
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from demo_archive import ARCHIVE
from PIL import Image
from real_data import ROOT

from voc_model.data.annotations import read_annotation
from voc_model.data.demo import unpack_demo
from voc_model.data.voc import VOC_CLASSES, Split, image_path, list_splits, read_split
from voc_model.model.setting_fields import pair
from voc_model.model.settings_files import read_settings

WIDTH, HEIGHT = 400, 300


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The unpacked archive; tests must not change it."""
    out = tmp_path_factory.mktemp("data") / "demo"
    unpack_demo(ARCHIVE, out)
    return out


@pytest.fixture(scope="module")
def splits(demo: Path) -> dict[str, Split]:
    return {name: read_split(demo / "DemoScenes", name) for name in ("train", "val")}


def read_rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def label_of(splits: dict[str, Split], row: dict[str, str]) -> int:
    """Returns the label of the row's class in its image."""
    split = splits[row["split"]]
    label = split.labels[split.image_ids.index(row["image_id"]), split.classes.index(row["class"])]
    return int(label)


def test_the_archive_is_small() -> None:
    assert ARCHIVE.stat().st_size < 20_000_000


def test_both_sources_of_labels_agree(demo: Path, splits: dict[str, Split]) -> None:
    assert list_splits(demo / "DemoScenes") == ["train", "trainval", "val"]
    train, val = splits["train"], splits["val"]
    assert train.classes == VOC_CLASSES
    assert (len(train.image_ids), len(val.image_ids)) == (1400, 600)
    assert not set(train.image_ids) & set(val.image_ids)
    assert train.warnings == val.warnings == ()


def test_val_has_enough_images_per_class(splits: dict[str, Split]) -> None:
    assert ((splits["val"].labels == 1).sum(axis=0) >= 15).all()
    assert (splits["val"].labels == -1).any(), "some are difficult"


def test_boxes_lie_within_their_images(demo: Path, splits: dict[str, Split]) -> None:
    for split in splits.values():
        for image_id in split.image_ids:
            with Image.open(image_path(split.voc_dir, image_id)) as image:
                assert (image.format, image.mode, image.size) == ("JPEG", "RGB", (WIDTH, HEIGHT))
            for item in read_annotation(split.voc_dir, image_id).objects:
                assert 1 <= item.xmin <= item.xmax <= WIDTH
                assert 1 <= item.ymin <= item.ymax <= HEIGHT


def test_planted_errors_are_in_the_labels(demo: Path, splits: dict[str, Split]) -> None:
    """In 3 % of the images; listed in a file outside the VOC folder."""
    errors = read_rows(demo / "planted_label_errors.csv")
    assert len({error["image_id"] for error in errors}) == 60
    for error in errors:
        assert (label_of(splits, error) == 1) == (error["written"] == "present")
        assert error["written"] != error["true"]


def test_the_planted_cue_correlates_with_its_class_in_train_only(
    demo: Path, splits: dict[str, Split]
) -> None:
    cues = read_rows(demo / "planted_cue.csv")
    (name,) = {cue["class"] for cue in cues}
    for cue in cues:
        assert label_of(splits, cue) == {"present": 1, "absent": 0}[cue["label"]]
    marked = Counter((cue["split"], cue["label"]) for cue in cues)
    images = {
        split.name: int((split.labels[:, split.classes.index(name)] == 1).sum())
        for split in splits.values()
    }
    assert marked == {
        ("train", "present"): round(images["train"] / 2),
        ("val", "present"): round(images["val"] / 3),
        ("val", "absent"): round(images["val"] / 3),
    }


def test_the_mark_is_within_the_models_input(demo: Path) -> None:
    settings = read_settings(ROOT / "configs" / "demo.json")
    cues = read_rows(demo / "planted_cue.csv")
    marks = []
    for cue in cues:
        box = [int(cue[edge]) for edge in ("xmin", "ymin", "xmax", "ymax")]
        shares = np.divide([box[0] - 1, box[1] - 1, *box[2:]], [WIDTH, HEIGHT] * 2)
        for end, resized, crop in zip((0, 1), pair(settings.resize)[::-1],
                                      pair(settings.crop)[::-1], strict=True):  # fmt: skip
            cut = (resized - crop) / 2 / resized
            assert cut <= shares[end] < shares[end + 2] <= 1 - cut, "within the central crop"
        with Image.open(image_path(demo / "DemoScenes", cue["image_id"])) as image:
            mark = image.convert("RGB").crop((box[0] - 1, box[1] - 1, *box[2:]))
            marks.append(np.asarray(mark.resize((16, 4), Image.Resampling.BOX), float))
    assert np.std(marks, axis=0).mean() < 10, "the mark looks the same in all images"


def test_no_code_reads_what_is_planted() -> None:
    for folder in ("voc_model", "voc_web"):
        for path in (ROOT / folder).rglob("*.py"):
            assert "planted" not in path.read_text(encoding="utf-8")
