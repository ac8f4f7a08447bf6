"""The drawn data set: VOC's layout, difficult objects, planted errors, and what a kill leaves."""

import csv
import hashlib
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from scripts.make_demo_data import main
from voc_demo.annotating import annotate
from voc_demo.painting import Sight
from voc_model.data.annotations import read_objects
from voc_model.data.voc import VOC_CLASSES, list_splits, read_split

ROOT = Path(__file__).parents[2]
IMAGES = 70


def draw(out: Path, *options: object) -> str:
    """Runs the script and returns all that it said."""
    result = CliRunner().invoke(main, ["--out", str(out), *map(str, options)])
    assert result.exit_code == 0, result.output
    return result.output


def digests(folder: Path) -> dict[str, str]:
    """Returns a hash of every file by its name."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data set that no test may change."""
    out = tmp_path_factory.mktemp("demo")
    draw(out, "--images", IMAGES, "--workers", 2)
    return out


def test_both_sources_of_labels_agree(drawn: Path) -> None:
    voc_dir = drawn / "DemoScenes"
    assert list_splits(voc_dir) == ["train", "trainval", "val"]
    train, val = (read_split(voc_dir, name) for name in ("train", "val"))
    assert train.classes == VOC_CLASSES
    assert (len(train.image_ids), len(val.image_ids)) == (49, 21)
    assert not set(train.image_ids) & set(val.image_ids)
    assert train.warnings == val.warnings == ()
    assert (np.concatenate([train.labels, val.labels]) == 1).sum() >= IMAGES - 2


def test_boxes_lie_in_their_images(drawn: Path) -> None:
    for path in (drawn / "DemoScenes" / "Annotations").iterdir():
        for item in read_objects(drawn / "DemoScenes", path.stem):
            assert 1 <= item.xmin <= item.xmax <= 500
            assert 1 <= item.ymin <= item.ymax <= 375


def test_one_worker_draws_the_same_files(drawn: Path, tmp_path: Path) -> None:
    draw(tmp_path, "--images", IMAGES, "--workers", 1)
    assert digests(tmp_path) == digests(drawn)


def test_another_seed_draws_other_images(drawn: Path, tmp_path: Path) -> None:
    draw(tmp_path, "--images", 10, "--seed", 1)
    first = Path("DemoScenes/JPEGImages/demo_000001.jpg")
    assert (tmp_path / first).read_bytes() != (drawn / first).read_bytes()


def test_what_is_complete_is_left_alone_and_other_wishes_replace_it(tmp_path: Path) -> None:
    draw(tmp_path, "--images", 12)
    before = digests(tmp_path)
    assert "drawn already, reused" in draw(tmp_path, "--images", 12)
    draw(tmp_path, "--images", 10)
    after = digests(tmp_path)
    assert "DemoScenes/JPEGImages/demo_000012.jpg" in before.keys() - after.keys()
    assert len((tmp_path / "DemoScenes/ImageSets/Main/trainval.txt").read_text().split()) == 10


def test_a_folder_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "DemoScenes").mkdir()
    (tmp_path / "DemoScenes" / "mine.txt").write_text("mine")
    result = CliRunner().invoke(main, ["--out", str(tmp_path), "--images", "10"])
    assert result.exit_code == 1
    assert "was not drawn by this script" in result.output
    assert "Traceback" not in result.output
    assert (tmp_path / "DemoScenes" / "mine.txt").read_text() == "mine"


def test_planted_errors_are_in_the_labels_and_nowhere_else(drawn: Path) -> None:
    """About 3 % of the images, each told beside the data set, not in it."""
    path = drawn / "planted_label_errors.csv"
    errors = list(csv.DictReader(path.open(encoding="utf-8")))
    assert len({error["image_id"] for error in errors}) == round(0.03 * IMAGES)
    splits = {name: read_split(drawn / "DemoScenes", name) for name in ("train", "val")}
    for error in errors:
        split = splits[error["split"]]
        row = split.image_ids.index(error["image_id"])
        written = split.labels[row, split.classes.index(error["class"])]
        assert (written == 1) == (error["written"] == "present")
        assert error["written"] != error["true"]


def test_no_training_code_knows_of_the_planted_errors() -> None:
    for folder in ("voc_model", "voc_web"):
        for path in (ROOT / folder).rglob("*.py"):
            assert "planted" not in path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("visible", "xmax", "difficult"),
    [(1.0, 100, "0"), (0.31, 100, "0"), (0.29, 100, "1"), (1.0, 10, "1")],
)
def test_what_is_tiny_or_mostly_hidden_is_difficult(
    visible: float, xmax: int, difficult: str
) -> None:
    sight = Sight("dog", 1, 1, xmax, 100, visible, truncated=False, occluded=False)
    assert (
        f"<difficult>{difficult}</difficult>"
        in annotate("DemoScenes", "demo_000001", [sight]).decode()
    )


@pytest.mark.parametrize("kill", [signal.SIGKILL, signal.SIGINT])
def test_a_killed_drawing_goes_on_where_it_stood(
    drawn: Path, tmp_path: Path, kill: signal.Signals
) -> None:
    command = [sys.executable, str(ROOT / "scripts" / "make_demo_data.py"), "--out", str(tmp_path)]
    process = subprocess.Popen(
        [*command, "--images", str(IMAGES), "--workers", "1"],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    annotations = tmp_path / "DemoScenes" / "Annotations"
    while not (annotations.is_dir() and len(list(annotations.glob("*.xml"))) > 3):
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)
    process.send_signal(kill)
    _, said = process.communicate()
    assert "Traceback" not in said
    finished = len(list(annotations.glob("*.xml")))
    assert finished < IMAGES, "the kill came too late to show anything"
    told = draw(tmp_path, "--images", IMAGES)
    assert "reused" in told
    assert digests(tmp_path) == digests(drawn)
