"""What every script prints in the same way."""

import warnings

import click
from click.testing import CliRunner

from scripts.console import plain_failures
from voc_model.errors import DataError


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
