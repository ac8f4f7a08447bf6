"""A run that was trained here, and its report."""

import pytest
from lxml import html
from report_pages import SETTINGS, report_of
from sample_run import CLASSES, Sample, write_run

from voc_model.store.history import EpochRecord, write_history


def record(epoch: int, mean: float) -> EpochRecord:
    return EpochRecord(epoch, 0.5 / epoch, 0.6 / epoch, mean, 1e-3, 2.0, dict.fromkeys("ab", mean))


@pytest.fixture(scope="session")
def trained(sample: Sample, tmp_path_factory: pytest.TempPathFactory) -> Sample:
    """A run with a history and a full manifest, in a folder that has to be quoted."""
    folder = tmp_path_factory.mktemp("trained")
    made = write_run(
        folder / "runs" / "my run",
        sample.voc_dir,
        sample.image_ids,
        CLASSES,
        sample.scores,
        sample.labels,
        settings=SETTINGS,
        checkpoint_sha256="c" * 64,
        images_fingerprint="f" * 64,
        selected_epoch=2,
        selected_on="the val split",
        selected_on_reported_split=True,
        training_overlap=1234,
        precision="bfloat16",
        device="cpu",
        preprocessing={"resize": 256},
        versions={"torch": "2.11.0"},
        warnings=[f"{sample.voc_dir}/Annotations/a.xml: odd"],
    )
    write_history(made.run.history_path, [record(1, 0.25), record(2, 0.75), record(3, 0.5)])
    return made


@pytest.fixture(scope="session")
def page(trained: Sample, tmp_path_factory: pytest.TempPathFactory) -> html.HtmlElement:
    return report_of(trained, tmp_path_factory.mktemp("report"))
