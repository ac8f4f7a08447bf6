"""What a run refuses before any training, and the options that choose other splits and flags."""

from pathlib import Path

import pytest
from recorded_report import RecordedReport
from tiny_voc import OptionsMaker, all_layers_settings, head_settings
from voc_folders import annotation, box_of, lines, list_path, make_voc

from voc_model.errors import DataError
from voc_model.model.checkpoint import load_checkpoint
from voc_model.model.settings import TrainSettings
from voc_model.pipeline import ScoringOptions, score_run
from voc_model.store.scores import ScoreTable
from voc_model.training.options import make_options
from voc_model.training.run import train_run

IDS = tuple(f"{number:06}" for number in range(6))
DOGS = {name: lines(*IDS) for name in ("train", "val")}


def fail(options_for: OptionsMaker, voc_dir: Path, **settings: object) -> str:
    """Returns the message of a run that is refused; nothing may have been written."""
    options = options_for(all_layers_settings(**settings), voc_dir=voc_dir)
    with pytest.raises(DataError) as caught:
        train_run(options)
    assert not options.run.path.exists()
    return str(caught.value)


def flags(*items: str) -> str:
    return lines(*(f"{image_id} {flag}" for image_id, flag in zip(IDS, items, strict=True)))


def test_a_class_list_without_any_present_image_is_refused(
    options_for: OptionsMaker, tmp_path: Path
) -> None:
    lists = DOGS | {f"dog_{name}": flags(*["-1"] * 5, "0") for name in ("train", "val")}
    voc_dir = make_voc(tmp_path / "VOC", IDS, lists)
    message = fail(options_for, voc_dir)
    assert "no image of split 'train' shows any of the 1 classes (dog)" in message
    assert "--train-split NAME, or train_split in the settings file" in message


def test_a_val_split_without_any_of_the_classes_is_refused(
    options_for: OptionsMaker, tmp_path: Path
) -> None:
    annotations = {item: annotation(box_of("dog" if item < "000003" else "Dog")) for item in IDS}
    lists = {"train": lines(*IDS[:3]), "val": lines(*IDS[3:])}
    message = fail(options_for, make_voc(tmp_path / "VOC", IDS, lists, annotations))
    assert "no image of split 'val' shows any of the 1 classes (dog)" in message
    assert "3 images of split 'val' with class 'Dog', which is not one of the model's" in message
    assert "--val-split NAME, or val_split in the settings file" in message


def test_annotations_that_are_all_of_another_layout_are_refused_with_the_reason(
    options_for: OptionsMaker, tmp_path: Path
) -> None:
    text = "<dataset><image/></dataset>"
    message = fail(options_for, make_voc(tmp_path / "VOC", IDS, DOGS, dict.fromkeys(IDS, text)))
    assert "found no labels for split 'train'" in message
    assert "000000.xml:1: found <dataset>, expected one <annotation>" in message


def test_annotations_without_objects_are_refused(options_for: OptionsMaker, tmp_path: Path) -> None:
    voc_dir = make_voc(tmp_path / "VOC", IDS, DOGS, dict.fromkeys(IDS, annotation()))
    assert "none of the 6 annotations of split 'train' has an object" in (
        fail(options_for, voc_dir)
    )


def test_a_missing_split_names_its_setting_and_option(
    options_for: OptionsMaker, tmp_path: Path
) -> None:
    lists = {"trainval": lines(*IDS), "dog_trainval": flags(*"111111")}
    voc_dir = make_voc(tmp_path / "VOC", IDS, lists)
    message = fail(options_for, voc_dir)
    assert message.startswith(f"{list_path(voc_dir, 'train')}: no such split. Found: trainval.")
    assert "with --train-split NAME, or train_split in the settings file" in message
    message = fail(options_for, voc_dir, train_split="trainval")
    assert message.startswith(f"{list_path(voc_dir, 'val')}: no such split. Found: trainval.")
    assert "with --val-split NAME, or val_split in the settings file" in message


def test_options_replace_settings(shared_voc_dir: Path, tmp_path: Path) -> None:
    folders = {"root_dir": shared_voc_dir, "runs_dir": tmp_path, "cache_dir": tmp_path}
    plain = make_options(**folders).settings
    assert (plain.train_split, plain.val_split, plain.absent_flag) == ("train", "val", -1)
    changes = {"train_split": "trainval", "val_split": "test", "absent_flag": 0}
    changed = make_options(**folders, **changes).settings  # type: ignore[arg-type]
    assert changed == plain.model_copy(update=changes)
    assert TrainSettings.parse(changed.model_dump_json()) == changed


def test_flags_and_splits_of_the_settings_are_those_of_training_and_scoring(
    options_for: OptionsMaker, own_voc_dir: Path, weights_path: Path
) -> None:
    """The sample's lists with 0 for absent."""
    for path in (own_voc_dir / "ImageSets" / "Main").glob("*_*.txt"):
        text = path.read_text().replace(" 0\n", " -1\n").replace(" -1\n", " 0\n")
        path.write_text(text)
    settings = head_settings(
        weights_path, epochs=1, train_split="val", val_split="train", absent_flag=0
    )
    options = options_for(settings, voc_dir=own_voc_dir)
    report = RecordedReport()
    score_run(options, ScoringOptions(), report)
    assert report.warnings == []
    table = ScoreTable.open(options.run.scores_path)
    assert (table.manifest.split, len(table.image_ids)) == ("train", 20)
    assert set(table.labels.ravel().tolist()) == {0, 1}
    assert len(load_checkpoint(options.run.checkpoint_path).train_ids) == 12
