"""Tests with real photographs and pretrained weights, if available.

The weights are a stand-in for ImageNet's, with real batch statistics in all but one layer.
"""

from pathlib import Path

import pytest
import torch
from real_data import MISSING, ROOT, SCENES, WEIGHTS
from tiny_voc import OptionsMaker

from voc_model.metrics.run_metrics import RunMetrics
from voc_model.model.classifier import Classifier, load_backbone, read_pretrained
from voc_model.model.settings_files import read_settings
from voc_model.model.weight_standardization import standardized
from voc_model.pipeline import ScoringOptions, score_run

pytestmark = pytest.mark.skipif(not (SCENES.is_dir() and WEIGHTS.is_file()), reason=MISSING)


@torch.no_grad()
def test_scale_is_exact_with_real_batch_statistics() -> None:
    plain = Classifier(5)
    load_backbone(plain, read_pretrained(str(WEIGHTS)), str(WEIGHTS))
    plain = plain.double().eval()
    made = standardized(plain, "scale").eval()
    images = torch.randn(2, 3, 96, 96, dtype=torch.float64)
    features = plain.backbone(images)
    assert features.max() > 0.5
    torch.testing.assert_close(made.backbone(images), features, rtol=0, atol=1e-12)


@pytest.mark.parametrize("config", ["adam_model.json", "ws_model.json"])
def test_the_reference_recipe_learns_from_few_photographs(
    tmp_path: Path, options_for: OptionsMaker, config: str
) -> None:
    """Trained on a twentieth of the images; with all of them mAP is 0.916."""
    settings = read_settings(ROOT / "configs" / config)
    settings = settings.model_copy(update={"weights": str(WEIGHTS)})
    voc_dir = take_every(20, tmp_path / "scenes")
    options = options_for(settings, voc_dir=voc_dir)
    score_run(options, ScoringOptions())
    metrics = RunMetrics.read(options.run.metrics_path)
    assert (metrics.images, metrics.classes_defined) == (51, 5)
    assert metrics.mean_average_precision["sklearn"] > 0.75


def take_every(step: int, voc_dir: Path) -> Path:
    """Writes a VOC folder with every step-th image of the scenes; returns it."""
    lists = voc_dir / "ImageSets" / "Main"
    lists.mkdir(parents=True)
    (voc_dir / "JPEGImages").symlink_to(SCENES / "JPEGImages")
    for path in (SCENES / "ImageSets" / "Main").glob("*.txt"):
        (lists / path.name).write_text("\n".join(path.read_text().splitlines()[::step]))
    return voc_dir
