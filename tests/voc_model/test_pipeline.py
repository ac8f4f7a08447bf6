"""The offline job does what is missing, reuses the rest, and records how scores were computed."""

import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
import torch
from recorded_report import RecordedReport
from tiny_voc import CLASSES, OptionsMaker, all_layers_settings, head_settings

from voc_model.errors import ScoreStoreError, SettingsError
from voc_model.metrics.run_metrics import RunMetrics
from voc_model.model.checkpoint import load_checkpoint, save_checkpoint
from voc_model.model.preprocessing import View, crop_pixels, load_pixels, normalize
from voc_model.model.settings import TrainSettings
from voc_model.pipeline import ScoringOptions, redraw_figures, score_run
from voc_model.store.archive import read_npz
from voc_model.store.history import read_history
from voc_model.store.npz import write_npz
from voc_model.store.runs import RunFolder
from voc_model.store.scores import ScoreTable
from voc_model.training.options import RunOptions

pytestmark = pytest.mark.usefixtures("small_network", "without_rendering")


def run_job(options: RunOptions, **scoring: object) -> tuple[str, int]:
    """Runs the job; returns its notes and warnings as text, and how many epochs were trained."""
    report = RecordedReport()
    score_run(options, ScoringOptions(**scoring), report)  # type: ignore[arg-type]
    return report.text, sum(note.startswith("epoch ") for note in report.notes)


def write_abandoned_table(run: RunFolder) -> Path:
    """Writes a temporary file as an old killed run leaves it; returns its path."""
    run.path.mkdir(parents=True, exist_ok=True)
    path = run.path / ".scores.npz.x.tmp"
    path.write_text("half")
    os.utime(path, (0, 0))
    return path


@pytest.fixture
def weights_path(small_weights_path: Path) -> Path:
    return small_weights_path


@pytest.fixture(scope="module")
def finished_runs(tmp_path_factory: pytest.TempPathFactory) -> Callable[[TrainSettings], Path]:
    """Returns a function from settings to a folder for their finished run."""
    folder = tmp_path_factory.mktemp("finished")
    return lambda settings: folder / sha256(settings.model_dump_json().encode()).hexdigest()


@pytest.fixture
def finished_run(
    finished_runs: Callable[[TrainSettings], Path], options_for: OptionsMaker
) -> OptionsMaker:
    """Returns a function that copies the finished run of the settings, made only once."""

    def make(settings: TrainSettings) -> RunOptions:
        options, finished = options_for(settings), finished_runs(settings)
        folder = options.run.path.parents[1]  # of runs and cache
        if finished.is_dir():
            shutil.copytree(finished, folder, dirs_exist_ok=True)
        else:
            run_job(options)
            shutil.copytree(folder, finished)
        return options

    return make


@pytest.fixture(params=["head", "all", "all, averaged"])
def settings(request: pytest.FixtureRequest, weights_path: Path) -> TrainSettings:
    if request.param == "head":
        return head_settings(weights_path, difficult="positive")
    if request.param == "all":
        return all_layers_settings(epochs=1)
    return all_layers_settings(epochs=2, ema_decay=0.8)


def test_scores_are_the_predictions_of_the_checkpoint(
    finished_run: OptionsMaker, settings: TrainSettings
) -> None:
    options = finished_run(settings)
    table = ScoreTable.open(options.run.scores_path)
    checkpoint = load_checkpoint(options.run.checkpoint_path)
    assert table.classes == CLASSES
    assert len(table.image_ids) == 12
    model = checkpoint.build_model()
    for row in (0, 5, 11):
        path = options.voc_dir / "JPEGImages" / f"{table.image_id(row)}.jpg"
        pixels = load_pixels(path, checkpoint.preprocessing)
        cropped = crop_pixels(pixels, checkpoint.preprocessing, View(0))
        with torch.no_grad():
            expected = model.predict(normalize(cropped[None], checkpoint.preprocessing))[0]
        np.testing.assert_allclose(table.scores[row], expected.numpy(), atol=1e-5)
    assert not options.run.parts_dir.exists()


def test_the_reported_map_is_that_of_the_selected_epoch(
    finished_run: OptionsMaker, settings: TrainSettings
) -> None:
    options = finished_run(settings)
    metrics = RunMetrics.read(options.run.metrics_path)
    best = max(record.map for record in read_history(options.run.history_path))
    assert metrics.difficult == settings.difficult
    assert metrics.mean_average_precision["sklearn"] == pytest.approx(best, abs=1e-9)


@pytest.mark.usefixtures("pytorch_only")
def test_a_second_run_reuses_everything(options_for: OptionsMaker, settings: TrainSettings) -> None:
    options = options_for(settings)
    abandoned = write_abandoned_table(options.run)
    assert run_job(options)[1] == settings.epochs
    assert not abandoned.exists()
    stamps = {path: path.stat().st_mtime_ns for path in options.run.path.rglob("*")}
    notes, epochs = run_job(options)
    assert epochs == 0
    for name in ("checkpoint.pt: already trained", "scores.npz: up to date",
                 "metrics.json: up to date", "figures: up to date"):  # fmt: skip
        assert name in notes
    assert stamps == {path: path.stat().st_mtime_ns for path in options.run.path.rglob("*")}


def test_another_convention_only_recomputes_the_metrics(
    finished_run: OptionsMaker, weights_path: Path
) -> None:
    options = finished_run(head_settings(weights_path))
    scored_at = options.run.scores_path.stat().st_mtime_ns
    birds = {}
    for convention in ("ignore", "positive", "negative"):
        run_job(options, difficult=convention)
        metrics = RunMetrics.read(options.run.metrics_path)
        assert metrics.difficult == convention
        birds[convention] = metrics.classes[0]
    assert options.run.scores_path.stat().st_mtime_ns == scored_at
    assert (birds["ignore"].ignored, birds["positive"].ignored) == (1, 0)
    assert birds["positive"].present == birds["ignore"].present + 1
    assert birds["negative"].absent == birds["ignore"].absent + 1


def test_metrics_of_an_older_version_are_recomputed(
    options_for: OptionsMaker, weights_path: Path
) -> None:
    options = options_for(head_settings(weights_path))
    run_job(options, difficult="positive")
    run = options.run
    members = {name: np.array(array) for name, array in read_npz(run.curves_path).items()}
    older = {name: array for name, array in members.items() if name != "edge_score"}
    write_npz(run.curves_path, older)
    notes, epochs = run_job(options, difficult="positive")
    assert (epochs, "scores.npz: up to date" in notes) == (0, True)
    assert "recomputing metrics: " in notes
    assert "edge_score is missing" in notes
    assert "metrics.json: written, difficult images counted as 'positive'" in notes
    assert read_npz(run.curves_path).keys() == members.keys()
    write_npz(run.curves_path, older)
    report = RecordedReport()
    redraw_figures(run, report)
    # The run was trained with "ignore"; its metrics keep their own convention.
    assert "counted as 'positive'" in report.text
    assert read_npz(run.curves_path).keys() == members.keys()


def test_rescores_if_inputs_changed(
    options_for: OptionsMaker, weights_path: Path, own_voc_dir: Path
) -> None:
    options = options_for(head_settings(weights_path), voc_dir=own_voc_dir)
    run_job(options)
    checkpoint = options.run.checkpoint_path
    by_checkpoint = {"checkpoint": checkpoint}
    assert "scores.npz: up to date" in run_job(options, **by_checkpoint)[0]
    labels = own_voc_dir / "ImageSets" / "Main" / "boat_val.txt"
    labels.write_text(labels.read_text().replace(" -1", " 0", 1))
    assert "labels changed" in run_job(options, **by_checkpoint)[0]
    image = own_voc_dir / "JPEGImages" / "2008_000025.jpg"
    os.utime(image, ns=(0, options.run.scores_path.stat().st_mtime_ns + 10**9))
    assert "image files changed" in run_job(options, **by_checkpoint)[0]
    os.utime(image, (1, 1))
    assert "image files changed" in run_job(options, **by_checkpoint)[0]
    assert "the scores are of split 'val'" in run_job(options, split="train", **by_checkpoint)[0]
    options.run.scores_path.write_bytes(b"damaged")
    assert "the file cannot be read" in run_job(options, **by_checkpoint)[0]
    assert "scores.npz: up to date" in run_job(options, **by_checkpoint)[0]


class Replacer(RecordedReport):
    """Replaces a file while images are being scored."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path

    def track(self, iterable, stage, *arguments, **options):  # type: ignore[no-untyped-def]
        yield from super().track(iterable, stage, *arguments, **options)
        if stage == "scores of val":
            os.utime(self._path, (1, 1))


@pytest.mark.usefixtures("pytorch_only")
def test_rescores_if_an_image_was_replaced_while_scoring(
    options_for: OptionsMaker, settings: TrainSettings, own_voc_dir: Path
) -> None:
    options = options_for(settings, voc_dir=own_voc_dir)
    image = own_voc_dir / "JPEGImages" / "2008_000025.jpg"
    score_run(options, ScoringOptions(), Replacer(image))
    assert "image files changed" in run_job(options)[0]
    assert "scores.npz: up to date" in run_job(options)[0]


@pytest.mark.usefixtures("pytorch_only")
def test_unreadable_images_have_no_scores_and_are_listed(
    options_for: OptionsMaker, settings: TrainSettings, own_voc_dir: Path
) -> None:
    images = own_voc_dir / "JPEGImages"
    (images / "2008_000022.jpg").write_bytes(b"no image")
    (images / "2008_000029.jpg").unlink()
    options = options_for(settings, voc_dir=own_voc_dir)
    notes, _ = run_job(options)
    assert "2 images could not be read" in notes
    table = ScoreTable.open(options.run.scores_path)
    missing = [table.row_of("2008_000022"), table.row_of("2008_000029")]
    assert np.isnan(table.scores[missing]).all()
    assert not np.isnan(np.delete(table.scores, missing, axis=0)).any()
    assert table.manifest.unreadable_count == 2
    assert table.manifest.unreadable[0].startswith("2008_000022: ")
    assert "2008_000029.jpg" in table.manifest.unreadable[1]
    run_job(options, verify=True)  # NaN in both counts as equal


def test_verify_detects_scores_of_another_model(
    finished_run: OptionsMaker, settings: TrainSettings
) -> None:
    options = finished_run(settings)
    assert "predicted again, greatest difference" in run_job(options, verify=True)[0]
    table = ScoreTable.open(options.run.scores_path)
    scores = np.array(table.scores)
    scores[4, 1] = (scores[4, 1] + 0.25) % 1
    image_ids = [table.image_id(row) for row in range(12)]
    altered = ScoreTable.build(image_ids, CLASSES, scores, np.array(table.labels), table.manifest)
    altered.write(options.run.scores_path)
    with pytest.raises(ScoreStoreError, match=r"greatest difference 0\.[27]"):
        run_job(options, verify=True)
    assert not (options.run.path / "verify.parts").exists()


def test_saturated_scores_are_ranked_by_their_logits_and_reported(
    finished_run: OptionsMaker, weights_path: Path
) -> None:
    """A sigmoid of 17 is exactly 1 in float32, and so is one of 2,000."""
    options = finished_run(head_settings(weights_path))
    checkpoint = load_checkpoint(options.run.checkpoint_path)
    checkpoint.model_state["head.weight"].mul_(1e5)
    saturated = options.run.path / "saturated.pt"
    save_checkpoint(saturated, checkpoint)
    other = replace(options, run=RunFolder(options.run.path.parent / "saturated"))
    notes, _ = run_job(other, checkpoint=saturated)
    table = ScoreTable.open(other.run.scores_path)
    scores = np.asarray(table.scores)
    assert set(scores[:, 0].tolist()) <= {0.0, 1.0}
    assert "images have the same score, " in notes
    # Without the factor, the same order is in the scores.
    original = np.asarray(ScoreTable.open(options.run.scores_path).scores)[:, 0].astype(float)
    bias = float(checkpoint.model_state["head.bias"][0])
    logits = np.log(original / (1 - original)) - bias
    expected = sorted(range(12), key=lambda row: (-scores[row, 0], -logits[row]))
    assert np.asarray(table.ranking)[0].tolist() == expected


def test_the_precision_of_scores_is_recorded_and_named_by_verification(
    finished_run: OptionsMaker, weights_path: Path
) -> None:
    options = finished_run(head_settings(weights_path))
    table = ScoreTable.open(options.run.scores_path)
    assert (table.manifest.precision, table.manifest.device) == ("float32", "cpu")
    elsewhere = table.manifest.model_copy(update={"precision": "bfloat16", "device": "cuda"})
    image_ids = [table.image_id(row) for row in range(12)]
    scores, labels = np.array(table.scores) * 0.99, np.array(table.labels)
    ScoreTable.build(image_ids, CLASSES, scores, labels, elsewhere).write(options.run.scores_path)
    with pytest.raises(
        ScoreStoreError, match="computed in bfloat16 on cuda, and now in float32 on"
    ):
        run_job(options, verify=True)


def test_verify_rounds_features_like_the_cached_ones(
    options_for: OptionsMaker, weights_path: Path
) -> None:
    options = options_for(head_settings(weights_path, features="float16"))
    run_job(options)
    run_job(options, verify=True, tolerance=1e-6)


def test_the_manifest_records_training_and_selection(
    finished_run: OptionsMaker, weights_path: Path
) -> None:
    options = finished_run(head_settings(weights_path))
    manifest = ScoreTable.open(options.run.scores_path).manifest
    assert manifest.selected_on == "the val split"
    assert manifest.selected_on_reported_split
    assert manifest.training_overlap == 0
    assert manifest.settings["learning_rate"] == 1e-3
    assert manifest.preprocessing["crop"] == 32
    assert manifest.versions["torch"] == torch.__version__.partition("+")[0]
    assert manifest.selected_epoch == load_checkpoint(options.run.checkpoint_path).epoch

    notes, _ = run_job(options, split="train", checkpoint=options.run.checkpoint_path)
    manifest = ScoreTable.open(options.run.scores_path).manifest
    assert manifest.training_overlap == 20
    assert not manifest.selected_on_reported_split
    assert "20 of the 20 scored images were also used for training" in notes


def test_with_a_holdout_the_reported_split_does_not_select_the_epoch(
    options_for: OptionsMaker, weights_path: Path
) -> None:
    options = options_for(head_settings(weights_path, holdout_fraction=0.25))
    run_job(options)
    manifest = ScoreTable.open(options.run.scores_path).manifest
    assert manifest.selected_on == "5 images held out of the train split"
    assert not manifest.selected_on_reported_split


def test_a_run_with_its_own_checkpoint_refuses_another(
    options_for: OptionsMaker, weights_path: Path
) -> None:
    first, second = (
        options_for(head_settings(weights_path, seed=seed), f"run {seed}") for seed in (1, 2)
    )
    run_job(first)
    run_job(second)
    with pytest.raises(SettingsError, match="has a checkpoint of its own"):
        run_job(second, checkpoint=first.run.checkpoint_path)
    third = options_for(first.settings, "third")
    abandoned = write_abandoned_table(third.run)
    assert run_job(third, checkpoint=first.run.checkpoint_path)[1] == 0
    assert not abandoned.exists()
    tables = [ScoreTable.open(item.run.scores_path) for item in (first, third)]
    np.testing.assert_array_equal(tables[0].scores, tables[1].scores)
    assert tables[0].manifest.checkpoint_sha256 == tables[1].manifest.checkpoint_sha256


def test_label_disagreements_are_saved_and_the_first_ones_reported(
    options_for: OptionsMaker, weights_path: Path, own_voc_dir: Path
) -> None:
    """Empty annotations contradict every list entry that says present."""
    folder = own_voc_dir / "Annotations"
    folder.mkdir()
    image_ids = (own_voc_dir / "ImageSets" / "Main" / "val.txt").read_text().split()
    for image_id in image_ids:
        (folder / f"{image_id}.xml").write_text("<annotation/>")
    options = options_for(head_settings(weights_path), voc_dir=own_voc_dir)
    notes, _ = run_job(options)
    table = ScoreTable.open(options.run.scores_path)
    saved = options.run.warnings_path("val").read_text().splitlines()
    # The lists take precedence: present and difficult entries contradict the annotations.
    contradicted = [
        (table.image_id(int(row)), table.classes[column])
        for row, column in zip(*np.nonzero(table.labels != 0), strict=True)
    ]
    assert len(saved) == len(contradicted) > 5
    for image_id, name in contradicted:
        assert sum(line.startswith(f"{image_id}: {name} is ") for line in saved) == 1
    assert f"and {len(saved) - 5} more: see {options.run.warnings_path('val')}" in notes
    for path in folder.iterdir():
        path.unlink()
    run_job(options)
    assert not options.run.warnings_path("val").exists()
