"""A browser, and a tab of it that records errors."""

import os
import shutil
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
from sample_run import LINKED

_LOOK_MS = 20
_MAX_LOOKS = 1500
_QUIET_LOOKS = 15


def find_chromium() -> str | None:
    """Returns the browser to use: CHROMIUM, or one on the PATH.

    The shell without windows is Chromium's own, and takes less than half the time.
    """
    names = ("chromium-headless-shell", "chromium")
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)


def wait_until(page: Any, condition: str, argument: object = None) -> None:
    """Waits until a JavaScript expression, or a function of the argument, is true.

    Unlike Playwright's wait_for_function, it needs no eval(), which the pages' policy forbids.
    """
    for _ in range(_MAX_LOOKS):
        if page.evaluate(condition, argument):
            return
        page.wait_for_timeout(_LOOK_MS)
    raise AssertionError(f"still not true: {condition}")


def violations(page: Any) -> list[str]:
    """Returns the violations found by axe, each with the first element concerned."""
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="axe-playwright-python is missing"
    )
    found = axe.Axe().run(page).response["violations"]
    return [f"{rule['id']}: {len(rule['nodes'])} x {rule['nodes'][0]['html']}" for rule in found]


@dataclass
class Visit:
    """A browser tab, the URL of the server, the requests and the errors so far."""

    page: Any
    address: str
    faults: list[str] = field(default_factory=list)
    requested: list[str] = field(default_factory=list)
    pending: set[Any] = field(default_factory=set)
    # URLs that may fail; initially the image that must not be served.
    forgiven: list[str] = field(default_factory=lambda: [LINKED])

    def open(self, path: str) -> Any:
        self.page.goto(self.address + path, wait_until="load")
        return self.page

    def wait_until_idle(self) -> None:
        """Waits until no request has been pending for 0.3 s.

        On a busy machine Playwright's `networkidle` is not reported for every page.
        """
        quiet = 0
        for _ in range(_MAX_LOOKS):
            quiet = 0 if self.pending else quiet + 1
            if quiet > _QUIET_LOOKS:
                return
            self.page.wait_for_timeout(_LOOK_MS)
        raise AssertionError(f"still pending: {[request.url for request in self.pending]}")

    def path(self) -> str:
        parts = urlsplit(self.page.url)
        return parts.path + (f"?{parts.query}" if parts.query else "")
