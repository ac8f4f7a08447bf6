"""One tab of a browser that keeps account of what went wrong in it."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from sample_run import LINKED


@dataclass
class Visit:
    """One tab, the server's address, and what went wrong."""

    page: Any
    address: str
    faults: list[str] = field(default_factory=list)
    requested: list[str] = field(default_factory=list)
    # Addresses that may fail: at first the image that is not to be served.
    forgiven: list[str] = field(default_factory=lambda: [LINKED])

    def open(self, path: str) -> Any:
        self.page.goto(self.address + path, wait_until="load")
        return self.page

    def path(self) -> str:
        parts = urlsplit(self.page.url)
        return parts.path + (f"?{parts.query}" if parts.query else "")
