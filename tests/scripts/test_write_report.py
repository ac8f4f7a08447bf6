"""scripts/write_report.py: the command line; tests/voc_web/report has the content."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sample_run import Sample, make_sample

from scripts.write_report import main


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    return make_sample(tmp_path_factory.mktemp("sample"))


def write(sample: Sample, folder: Path, *arguments: str) -> Result:
    line = ["--runs-dir", str(sample.run.path.parent), "--cache-dir", str(folder / "cache")]
    return CliRunner().invoke(main, [*line, "--out", str(folder / "report.html"), *arguments])


def test_a_run_is_reported_by_name(sample: Sample, tmp_path: Path) -> None:
    result = write(sample, tmp_path, "--run", "sample", "--root-dir", str(sample.voc_dir))
    assert result.exit_code == 0, result.output
    assert "report.html: 0." in result.output
    assert "bootstrap: 1,000 resamples" in result.output
    assert "<h1>sample</h1>" in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_classes_are_separated_by_commas(sample: Sample, tmp_path: Path) -> None:
    names = ' person, "grüner Baum & Strauch",'
    result = write(sample, tmp_path, "--classes", names)
    assert result.exit_code == 0, result.output
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert [part.partition("<")[0] for part in text.split("<h3>")[2:]] == [
        "person",
        "grüner Baum &amp; Strauch",
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--run", "none"], "none: no such run. Existing runs: sample."),
        (["--classes", "dgo"], "Did you mean 'dog'?"),
        (["--root-dir", "/nowhere"], "/nowhere: no such folder"),
    ],
)
def test_mistakes_are_messages(
    sample: Sample, tmp_path: Path, arguments: list[str], message: str
) -> None:
    result = write(sample, tmp_path, *arguments)
    assert result.exit_code == 1
    assert message in result.output
    assert "Traceback" not in result.output
    assert not (tmp_path / "report.html").exists()


def test_a_pdf_without_a_browser_is_reported_before_the_work(
    sample: Sample, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    result = write(sample, tmp_path, "--pdf", str(tmp_path / "report.pdf"))
    assert result.exit_code == 1
    assert "A PDF needs Chromium or Chrome" in result.output
    assert not (tmp_path / "report.html").exists()
