"""What the scripts share: the reporter and error handling."""

from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from scripts import download_voc, make_synthetic_scores
from scripts.console import ConsoleReporter


def test_the_default_total_includes_what_was_done_before(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert list(ConsoleReporter().track("ab", "features of val", done=3)) == ["a", "b"]
    printed = capsys.readouterr().out
    assert printed.startswith("features of val: 2 images in ")
    assert printed.endswith(", 3 reused\n")


@pytest.mark.parametrize(
    ("module", "function", "main"),
    [
        (download_voc, "_download", download_voc.main),
        (make_synthetic_scores, "write_synthetic_run", make_synthetic_scores.main),
    ],
)
def test_ctrl_c_ends_with_a_message(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    module: object,
    function: str,
    main: click.Command,
) -> None:
    def stop(*_arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(module, function, stop)
    result = CliRunner().invoke(main, ["--out", str(tmp_path / "run")])
    assert result.exit_code == 130
    assert "Finished work is kept" in result.output
