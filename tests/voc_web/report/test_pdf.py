"""The PDF is printed by the system's Chromium; where that is not possible, the message says why."""

from pathlib import Path

import pytest
from browser_visit import find_chromium
from sample_run import Sample

from voc_model.errors import SettingsError
from voc_web.report import pdf
from voc_web.report.pdf import find_browser, print_pdf
from voc_web.report.writing import write_report

needs_browser = pytest.mark.skipif(find_chromium() is None, reason="no Chromium (see CHROMIUM)")


def script(path: Path, content: str) -> str:
    path.write_text(f"#!/bin/sh\n{content}\n")
    path.chmod(0o755)
    return str(path)


@needs_browser
def test_a_report_is_printed(sample: Sample, tmp_path: Path) -> None:
    page, path = tmp_path / "my report.html", tmp_path / "out" / "report.pdf"
    write_report(sample.run, page, tmp_path / "cache", sample.voc_dir, ["dog"])
    print_pdf(find_browser(), page, path)
    content = path.read_bytes()
    assert content.startswith(b"%PDF")
    assert content.rstrip().endswith(b"%%EOF")
    assert content.count(b"/Subtype /Image") >= 20
    assert [item.name for item in path.parent.iterdir()] == ["report.pdf"]


def test_without_a_browser_the_message_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SettingsError, match=r"none of chromium-headless-shell, .*CHROMIUM"):
        find_browser()
    script(tmp_path / "google-chrome", "")
    assert find_browser() == str(tmp_path / "google-chrome")
    monkeypatch.setenv("CHROMIUM", "/opt/mine")
    assert find_browser() == "/opt/mine"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            "echo first >&2; echo 'no display' >&2; exit 3",
            r"could not print .*exit 3\): no display",
        ),
        ("exit 0", r"could not print .*exit 0\): no message"),
    ],
)
def test_a_browser_that_fails_leaves_nothing(tmp_path: Path, content: str, message: str) -> None:
    browser, path = script(tmp_path / "browser", content), tmp_path / "out" / "report.pdf"
    with pytest.raises(SettingsError, match=message):
        print_pdf(browser, tmp_path / "report.html", path)
    assert list(path.parent.iterdir()) == []


def test_a_browser_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(pdf, "_TIMEOUT_S", 0.2)
    browser = script(tmp_path / "browser", "exec sleep 60")
    with pytest.raises(SettingsError, match=r"took more than 0\.2 s"):
        print_pdf(browser, tmp_path / "report.html", tmp_path / "report.pdf")


def test_a_browser_that_does_not_exist_is_reported(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="none: cannot be started"):
        print_pdf(str(tmp_path / "none"), tmp_path / "report.html", tmp_path / "report.pdf")


@pytest.mark.parametrize(("user", "expected"), [(0, True), (1000, False)])
def test_only_root_has_no_sandbox(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, user: int, expected: bool
) -> None:
    monkeypatch.setattr(pdf.os, "geteuid", lambda: user)
    browser = script(tmp_path / "browser", f'echo "$@" > {tmp_path}/arguments; exit 1')
    with pytest.raises(SettingsError):
        print_pdf(browser, tmp_path / "report.html", tmp_path / "report.pdf")
    assert ("--no-sandbox" in (tmp_path / "arguments").read_text().split()) == expected
