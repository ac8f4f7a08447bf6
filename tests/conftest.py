"""For all tests."""

import os
import shutil
import signal

from real_data import DATA

# A shell starts what runs in the background with Ctrl-C ignored, and processes inherit that: the
# servers that tests start would never end by it.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_report_header() -> list[str]:
    """Says which of the tests that need something of the machine will run."""
    browser = os.environ.get("CHROMIUM") or shutil.which("chromium")
    return [
        f"tests in a browser: {browser or 'skipped, since there is no chromium (see CHROMIUM)'}",
        f"tests of real data: {DATA if DATA.is_dir() else f'skipped, since there is no {DATA}'}",
    ]
