"""Finding the run to show, and the message if there is none."""

import os
from pathlib import Path

import pytest
from sample_run import write_run
from score_tables import random_table

from voc_model.errors import NotFoundError
from voc_model.store.runs import RunFolder, find_run, list_runs


@pytest.fixture
def runs_dir(tmp_path: Path) -> Path:
    return tmp_path / "runs"


def make_run(folder: Path, age_s: int, voc_dir: str = "/data/VOC2012") -> Path:
    """Writes a run whose scores are `age_s` seconds old."""
    table = random_table(images=5)
    ids = [table.image_id(row) for row in range(5)]
    write_run(folder, Path(voc_dir), ids, table.classes, table.scores, table.labels)
    os.utime(folder / "scores.npz", (1_600_000_000 - age_s,) * 2)
    return folder


def test_the_names_of_a_runs_files() -> None:
    run = RunFolder(Path("runs/adam"))
    assert run.name == "adam"
    names = {
        "settings": "settings.json",
        "checkpoint": "checkpoint.pt",
        "history": "history.csv",
        "scores": "scores.npz",
        "metrics": "metrics.json",
    }
    for name, file in names.items():
        assert getattr(run, f"{name}_path") == Path("runs/adam") / file
    assert run.figures_dir == Path("runs/adam/figures")


def test_runs_with_scores_are_listed_newest_first(runs_dir: Path) -> None:
    for name, age_s in (("old", 300), ("new", 100), ("b", 200), ("a", 200)):
        make_run(runs_dir / name, age_s)
    (runs_dir / "in training").mkdir()
    (runs_dir / "notes.txt").write_text("")
    assert [run.name for run in list_runs(runs_dir)] == ["new", "a", "b", "old"]


def test_without_a_runs_folder_the_list_is_empty(runs_dir: Path) -> None:
    assert list_runs(runs_dir) == []


def test_the_newest_run_is_shown_unless_one_is_named(runs_dir: Path) -> None:
    make_run(runs_dir / "old", 200)
    make_run(runs_dir / "new", 100)
    assert find_run(runs_dir, None, None).name == "new"
    assert find_run(runs_dir, "old", None).path == runs_dir / "old"


def test_a_run_is_found_by_its_path(
    runs_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = make_run(tmp_path / "elsewhere" / "other", 0)
    assert find_run(runs_dir, str(elsewhere), None).path == elsewhere
    monkeypatch.chdir(tmp_path)
    assert find_run(runs_dir, "elsewhere/other", None).name == "other"


def test_a_named_run_is_shown_with_any_data_set_and_without_scores(runs_dir: Path) -> None:
    make_run(runs_dir / "a", 0, voc_dir="/data/VOC2007")
    (runs_dir / "unscored").mkdir()
    assert find_run(runs_dir, "a", Path("/data/VOC2012")).name == "a"
    assert find_run(runs_dir, "unscored", Path("/data/VOC2012")).name == "unscored"


def test_the_newest_run_of_a_data_set_is_shown(runs_dir: Path) -> None:
    make_run(runs_dir / "older", 300, voc_dir="/data/VOC2012")
    make_run(runs_dir / "newer", 200, voc_dir="/data/VOC2012")
    make_run(runs_dir / "newest", 100, voc_dir="/data/VOC2007")
    assert find_run(runs_dir, None, Path("/data/VOC2012")).name == "newer"
    assert find_run(runs_dir, None, Path("/data/VOC2007")).name == "newest"


def test_a_damaged_run_does_not_hide_a_valid_one(runs_dir: Path) -> None:
    make_run(runs_dir / "valid", 200)
    damaged = make_run(runs_dir / "damaged", 100)
    (damaged / "scores.npz").write_bytes(b"damaged")
    assert find_run(runs_dir, None, Path("/data/VOC2012")).name == "valid"
    assert find_run(runs_dir, None, None).name == "valid"
    assert find_run(runs_dir, "damaged", Path("/data/VOC2012")).name == "damaged"


def test_a_single_damaged_run_is_shown_because_its_pages_explain(runs_dir: Path) -> None:
    make_run(runs_dir / "damaged", 100)
    (runs_dir / "damaged" / "scores.npz").write_bytes(b"damaged")
    assert find_run(runs_dir, None, None).name == "damaged"
    with pytest.raises(NotFoundError, match="no scores of"):
        find_run(runs_dir, None, Path("/data/VOC2012"))


def test_an_unknown_name_is_reported_with_the_existing_runs(runs_dir: Path) -> None:
    with pytest.raises(NotFoundError, match=r"runs/adam: no such run\. Existing runs: none\."):
        find_run(runs_dir, "adam", None)
    make_run(runs_dir / "b", 200)
    make_run(runs_dir / "a", 100)
    with pytest.raises(NotFoundError, match=r"runs/adam: no such run\. Existing runs: a, b\."):
        find_run(runs_dir, "adam", None)


def test_without_scores_of_the_data_set_a_remedy_is_reported(runs_dir: Path) -> None:
    make_run(runs_dir / "a", 0, voc_dir="/data/VOC2007")
    with pytest.raises(NotFoundError) as caught:
        find_run(runs_dir, None, Path("/data/VOC2012"))
    assert f"{runs_dir}: no scores of /data/VOC2012 yet" in str(caught.value)
    remedy = "scripts/precompute_scores.py --root-dir /data/VOC2012/JPEGImages"
    assert remedy in str(caught.value)
    assert "make gui root_dir=/data/VOC2012/JPEGImages" in str(caught.value)


def test_without_any_run_a_remedy_is_reported(runs_dir: Path) -> None:
    with pytest.raises(NotFoundError, match=r"no scores yet.*precompute_scores\.py.*make gui"):
        find_run(runs_dir, None, None)
