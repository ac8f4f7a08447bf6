"""The check reports what holds, and fails where a claim does not."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from tiny_voc import narrow_resnet, use_narrow_network, write_weights

from scripts.check_weight_standardization import main
from voc_model.training import conversion_check


@pytest.fixture
def weights_path(quick_training: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Weights of a narrow network, which this process trains."""
    use_narrow_network(monkeypatch.setattr)
    return write_weights(tmp_path / "narrow.pth", narrow_resnet)


@pytest.fixture(autouse=True)
def without_last_claim(monkeypatch: pytest.MonkeyPatch) -> None:
    """Least squares has too few images here, and no pretrained network to reproduce."""
    shares = [(conversion, 100.0) for conversion, _ in conversion_check._FULL]
    monkeypatch.setattr(conversion_check, "_FULL", shares)


def check(*arguments: object) -> Result:
    return CliRunner().invoke(main, [*map(str, arguments), "--device", "cpu"])


def test_every_claim_is_checked(shared_voc_dir: Path, weights_path: Path, tmp_path: Path) -> None:
    path = tmp_path / "check.json"
    result = check(
        "--root-dir", shared_voc_dir, "--weights", weights_path, "--images", 6, "--json", path
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    assert "on 6 images" in result.output
    content = json.loads(path.read_text())
    rows = {(row["conversion"], row["mode"], row["dtype"]): row for row in content["rows"]}
    assert len(rows) == len(content["rows"]) == 10
    assert all(row["holds"] for row in rows.values())
    for conversion in ("running_statistics", "scale_and_shift"):
        deviation = rows[conversion, "evaluation", "float64"]["deviation"]
        assert 0 < deviation["mean_logit"] <= deviation["greatest_logit"] < 1e-10
        assert rows[conversion, "evaluation", "float32"]["deviation"]["greatest_logit"] < 1e-3
    trained = [
        rows[conversion, "training", "float64"]["deviation"]["features"]
        for conversion in ("running_statistics", "scale_and_shift")
    ]
    assert trained[0] < 0.02
    assert trained[1] > 0.1
    assert set(content["least_squares"]["r_squared"]) > {"conv1", "layer4.0.conv2"}
    for name in content["least_squares"]["r_squared"]:
        assert name in result.output


def test_a_claim_that_does_not_hold_is_a_failure(
    shared_voc_dir: Path, weights_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = conversion_check._exact("none", "float32")
    monkeypatch.setattr(conversion_check, "_CASES", (*conversion_check._CASES[:1], wrong))
    monkeypatch.setattr(conversion_check, "_FULL", conversion_check._FULL[:1])
    result = check("--root-dir", shared_voc_dir, "--weights", weights_path, "--images", 4)
    assert result.exit_code == 1
    assert "FAILS: greatest logit <= 0.001" in result.output
    assert "1 of 3 claims do not hold" in result.output


def test_invalid_input_is_reported(shared_voc_dir: Path, tmp_path: Path) -> None:
    result = check("--root-dir", shared_voc_dir, "--weights", tmp_path / "none.pth")
    assert result.exit_code == 1
    assert "none.pth: not found" in result.output
    for option, value, message in (
        ("--weights", "none", "a random frozen backbone learns nothing"),
        ("--seed", -1, "--seed: Input should be greater than or equal to 0"),
    ):
        result = check("--root-dir", shared_voc_dir, option, value)
        assert result.exit_code == 1
        assert message in result.output
    result = check("--root-dir", tmp_path, "--weights", tmp_path / "none.pth")
    assert result.exit_code == 1
    assert "Traceback" not in result.output
