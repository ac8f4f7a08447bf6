"""The report says how a weight-standardised network was made of the pretrained one."""

from pathlib import Path

import pytest
from report_pages import report_of, section
from sample_run import CLASSES, Sample, write_run
from web_pages import text_of, texts

from voc_model.metrics.conversion import ConversionReport, Deviation


@pytest.fixture
def standardized(sample: Sample, tmp_path: Path) -> Sample:
    return write_run(
        tmp_path / "runs" / "ws", sample.voc_dir, sample.image_ids, CLASSES, sample.scores,
        sample.labels,
    )  # fmt: skip


def make_conversion(**changes: object) -> ConversionReport:
    deviation = Deviation(images=32, greatest_logit=0.271, mean_logit=0.083, features=0.146)
    fields = {
        "kind": "full", "conversion": "least_squares", "images": 480,
        "r_squared": {"conv1": 0.6225, "layer1.0.conv1": float("nan")}, "deviation": deviation,
    }  # fmt: skip
    return ConversionReport.model_validate(fields | changes)


@pytest.mark.parametrize("is_folded", [False, True])
def test_least_squares(standardized: Sample, tmp_path: Path, is_folded: bool) -> None:
    run = standardized.run.fold(1) if is_folded else standardized.run
    make_conversion().write(run.conversion_path)
    training = section(report_of(standardized, tmp_path / "report"), "training")
    text = " ".join(text_of(training).split())
    assert "full, least squares, on 480 training images." in text
    assert "features deviate from the pretrained network's by 15 % of their size" in text
    assert "by 0.083 on average and 0.27 at most" in text
    rows = training.xpath(".//dl[@class='settings'][1]/div")
    assert [texts(row, "./*") for row in rows] == [
        ["conv1", "0.623"],
        ["layer1.0.conv1", "\u2013"],
    ]


def test_a_conversion_without_images(standardized: Sample, tmp_path: Path) -> None:
    unknown = Deviation(
        images=0, greatest_logit=float("nan"), mean_logit=float("nan"), features=float("nan")
    )
    made = make_conversion(
        kind="scale", conversion="running_statistics", images=0, r_squared={}, deviation=unknown
    )
    made.write(standardized.run.conversion_path)
    training = section(report_of(standardized, tmp_path / "report"), "training")
    text = " ".join(text_of(training).split())
    assert "scale, running statistics." in text
    assert "nan" not in text
    assert "R\u00b2" not in text


def test_other_networks_have_none(standardized: Sample, tmp_path: Path) -> None:
    report = report_of(standardized, tmp_path / "report")
    assert "Weight standardisation" not in text_of(report)
