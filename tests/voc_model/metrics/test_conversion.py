"""conversion.json is read as written; undefined values are null."""

import json
import math
from pathlib import Path

import pytest

from voc_model.errors import ScoreStoreError
from voc_model.metrics.conversion import ConversionReport, Deviation


def make_report() -> ConversionReport:
    return ConversionReport(
        kind="full",
        conversion="least_squares",
        images=480,
        r_squared={"conv1": 0.6, "layer1.0.conv1": math.nan},
        deviation=Deviation(images=32, greatest_logit=0.5, mean_logit=0.1, features=0.15),
    )


def test_a_report_is_read_as_written(tmp_path: Path) -> None:
    path = tmp_path / "conversion.json"
    make_report().write(path)
    assert json.loads(path.read_text())["r_squared"] == {"conv1": 0.6, "layer1.0.conv1": None}
    found = ConversionReport.read(path)
    assert math.isnan(found.r_squared.pop("layer1.0.conv1"))
    assert found.r_squared == {"conv1": 0.6}
    assert found.deviation == make_report().deviation


def test_a_missing_or_damaged_file_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "conversion.json"
    with pytest.raises(ScoreStoreError, match=r"conversion\.json: not found"):
        ConversionReport.read(path)
    make_report().write(path)
    path.write_text(path.read_text()[:-20])
    with pytest.raises(ScoreStoreError, match=r"conversion\.json: damaged.*Train again"):
        ConversionReport.read(path)
