<<<<<<< HEAD
"""A browser tab that records errors and requests."""
=======
"""A browser tab that records errors."""
>>>>>>> words

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from sample_run import LINKED


@dataclass
class Visit:
<<<<<<< HEAD
    """A browser tab, the server's address, and the errors recorded in the tab."""
=======
    """A browser tab, the URL of the server, and the errors so far."""
>>>>>>> words

    page: Any
    address: str
    faults: list[str] = field(default_factory=list)
    requested: list[str] = field(default_factory=list)
<<<<<<< HEAD
    # URLs that are allowed to fail; initially the image that must not be served.
=======
    # URLs that may fail; initially the image that must not be served.
>>>>>>> words
    forgiven: list[str] = field(default_factory=lambda: [LINKED])

    def open(self, path: str) -> Any:
        self.page.goto(self.address + path, wait_until="load")
        return self.page

    def path(self) -> str:
        parts = urlsplit(self.page.url)
        return parts.path + (f"?{parts.query}" if parts.query else "")
