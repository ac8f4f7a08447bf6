"""Every script has --version, and `make help` lists every target."""

import re
import shutil
import subprocess
import tomllib
from importlib import import_module
from importlib.metadata import version

import click
import pytest
from click.testing import CliRunner
from real_data import ROOT

COMMANDS = [
    "app",
    *sorted(
        f"scripts.{path.stem}"
        for path in (ROOT / "scripts").glob("*.py")
        if "@click.command" in path.read_text(encoding="utf-8")
    ),
]


def declared_version() -> str:
    with (ROOT / "pyproject.toml").open("rb") as file:
        return str(tomllib.load(file)["project"]["version"])


def test_the_version_is_declared_once() -> None:
    assert version("ranking-browser") == declared_version()
    assert len(COMMANDS) > 4


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_a_version_option(command: str) -> None:
    main = import_module(command).main
    assert isinstance(main, click.Command)
    result = CliRunner().invoke(main, ["--version"])
    assert result.exit_code == 0, result.output
    assert result.output.rstrip().endswith(f"version {declared_version()}")


@pytest.mark.skipif(shutil.which("make") is None, reason="make is missing")
def test_make_lists_every_target() -> None:
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert {"gui", "test"} < set(targets)
    listed = subprocess.run(
        ["make", "--no-print-directory", "help"],  # noqa: S607 (the system's make)
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    for target in targets:
        assert re.search(rf"^  {target} +\S", listed, re.MULTILINE), target
