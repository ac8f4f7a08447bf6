"""HTML file -> PDF, printed by the system's Chromium."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from voc_model.errors import SettingsError
from voc_model.files import atomic_path

_BROWSERS = (
    *("chromium-headless-shell", "chromium", "chromium-browser"),
    *("google-chrome", "google-chrome-stable", "chrome"),
)
_TIMEOUT_S = 120


def find_browser() -> str:
    """Returns the path of a Chromium: that of the variable CHROMIUM, or one on the PATH.

    Raises:
        SettingsError: there is none.
    """
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, _BROWSERS)), None)
    if found is None:
        raise SettingsError(
            f"A PDF needs Chromium or Chrome: found none of {', '.join(_BROWSERS)}. Install one, "
            "set the variable CHROMIUM to its path, or open the HTML file in any browser and print "
            "it from there."
        )
    return found


def print_pdf(browser: str, page: Path, path: Path) -> None:
    """Prints an HTML file to a PDF, which is written whole or not at all.

    Args:
        browser: see `find_browser`.
        page: the HTML file.
        path: the PDF.

    Raises:
        SettingsError: the browser cannot be started, fails, or takes too long.
    """
    with tempfile.TemporaryDirectory() as profile, atomic_path(path) as temporary:
        command = [
            *(browser, "--headless", "--disable-gpu", "--no-pdf-header-footer"),
            # Chromium's sandbox does not work for root, as in containers.
            *(["--no-sandbox"] if getattr(os, "geteuid", lambda: 1)() == 0 else []),
            *(f"--user-data-dir={profile}", f"--print-to-pdf={temporary.resolve()}"),
            page.resolve().as_uri(),
        ]
        try:
            done = subprocess.run(  # noqa: S603 (the browser that the user has chosen)
                command, capture_output=True, check=False, timeout=_TIMEOUT_S
            )
        except subprocess.TimeoutExpired:
            raise SettingsError(
                f"{browser}: printing {page} took more than {_TIMEOUT_S} s. Print it from a "
                "browser instead."
            ) from None
        except OSError as error:
            raise SettingsError(f"{browser}: cannot be started ({error.strerror}).") from None
        if done.returncode or not temporary.read_bytes().startswith(b"%PDF"):
            lines = done.stderr.decode(errors="replace").strip().splitlines() or ["no message"]
            raise SettingsError(
                f"{browser}: could not print {page} (exit {done.returncode}): {lines[-1]}"
            )
