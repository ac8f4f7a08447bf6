"""Failures that a person can fix end a script with a message, bugs with a traceback."""

import errno

import click
import pytest

from scripts.console import plain_failures
from voc_model.errors import DiskFullError, VocError


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
