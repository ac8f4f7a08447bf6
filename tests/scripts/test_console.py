"""What the scripts share: the reporter and error handling."""

import errno
import warnings
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from scripts import download_voc, make_synthetic_scores
from scripts.console import ConsoleReporter, plain_failures
from voc_model.errors import DataError, DiskFullError, VocError


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


@click.command()
@click.argument("module")
def command(module: str) -> None:
    with plain_failures():
        warnings.warn_explicit("a long\n  story", UserWarning, "library.py", 12, module)
        raise DataError("a.txt:3: found nothing")


def test_warnings_of_libraries_are_single_lines_without_their_source() -> None:
    result = CliRunner().invoke(command, ["torch.nn"])
    assert result.output == "Warning: a long story\nError: a.txt:3: found nothing\n"
    assert result.exit_code == 1


def test_warnings_of_pillow_about_files_that_it_has_read_are_not_shown() -> None:
    result = CliRunner().invoke(command, ["PIL.Image"])
    assert result.output == "Error: a.txt:3: found nothing\n"


def test_the_handler_of_warnings_is_restored() -> None:
    before = warnings.showwarning
    with plain_failures():
        assert warnings.showwarning is not before
    assert warnings.showwarning is before


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (VocError("runs/a: is damaged. Remove it."), "runs/a: is damaged. Remove it."),
        (DiskFullError("runs/a: cannot be written."), "runs/a: cannot be written."),
        (OSError(errno.EACCES, "Permission denied", "runs/a"), "runs/a: Permission denied."),
        (OSError(errno.EROFS, "Read-only file system", "runs"), "runs: Read-only file system."),
    ],
)
def test_failures_of_files_are_messages(error: Exception, message: str) -> None:
    with pytest.raises(click.ClickException) as caught, plain_failures():
        raise error
    assert caught.value.message == message


@pytest.mark.parametrize("error", [TypeError("a bug"), OSError("without a file")])
def test_bugs_are_not_hidden(error: Exception) -> None:
    with pytest.raises(type(error)) as caught, plain_failures():
        raise error
    assert caught.value is error
