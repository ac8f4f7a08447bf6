"""Every script has --version; `make help` lists all targets, `make bench` runs all programs."""

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


needs_make = pytest.mark.skipif(shutil.which("make") is None, reason="make is missing")


def run_make(*arguments: str) -> str:
    return subprocess.run(
        ["make", "--no-print-directory", *arguments],  # noqa: S607 (the system's make)
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout


@needs_make
def test_make_lists_every_target() -> None:
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert {"gui", "test"} < set(targets)
    listed = run_make("help")
    for target in targets:
        assert re.search(rf"^  {target} +\S", listed, re.MULTILINE), target


@needs_make
def test_make_runs_the_benchmarks_that_are_programs() -> None:
    # With echo in place of Python, and without setting up the virtual environment.
    printed = run_make("--silent", "--old-file=.venv/.dev", "PY=echo", "bench").split()
    programs = [
        f"benchmarks/{path.name}"
        for path in sorted((ROOT / "benchmarks").glob("*.py"))
        if '__name__ == "__main__"' in path.read_text(encoding="utf-8")
    ]
    assert sorted(printed) == programs
    assert "benchmarks/served.py" not in printed
    assert len(printed) > 5
