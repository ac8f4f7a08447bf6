"""Configuration of all tests."""

import os
import shutil
import signal

from real_data import DATA

# Shells start background jobs with SIGINT ignored, and child processes inherit that: servers
# started by tests would never stop on Ctrl-C.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_report_header() -> list[str]:
    """Reports which of the optional tests will run."""
    browser = os.environ.get("CHROMIUM") or shutil.which("chromium")
    return [
        f"tests in a browser: {browser or 'skipped, no chromium found (see CHROMIUM)'}",
        f"tests with real data: {DATA if DATA.is_dir() else f'skipped, {DATA} not found'}",
    ]
