"""A real server and a real Chromium. Without a browser, all tests are skipped.

A `Visit` is a browser tab that records errors, which fail the test at its end.
"""

import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from browser_visit import Visit, find_chromium
from sample_run import Sample, make_sample

ROOT = Path(__file__).resolve().parents[2]
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    return make_sample(tmp_path_factory.mktemp("sample"))


@pytest.fixture(scope="session")
def address(sample: Sample, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where `python app.py` serves the sample run."""
    command = [sys.executable, str(ROOT / "app.py"), "--run", str(sample.run.path)]
    command += ["--cache-dir", str(tmp_path_factory.mktemp("cache")), "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    line = process.stdout.readline()
    found = re.search(r"http://\S+", line)
    assert found, line
    yield found.group().replace("localhost", "127.0.0.1")
    process.send_signal(signal.SIGINT)
    process.wait()
    process.stdout.close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    playwright_api = pytest.importorskip("playwright.sync_api", reason="playwright is missing")
    path = find_chromium()
    if not path:
        pytest.skip(
            "no browser: install chromium-headless-shell or chromium, or name one in CHROMIUM"
        )
    with playwright_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield chromium
        chromium.close()


@pytest.fixture
def new_visit(browser: Any, address: str) -> Iterator[Callable[..., Visit]]:
    """Opens tabs with the given context options; errors in any of them fail the test."""
    visits: list[Visit] = []

    def make(width: int = 1280, height: int = 900, **options: Any) -> Visit:
        context = browser.new_context(viewport={"width": width, "height": height}, **options)
        page = context.new_page()
        visit = Visit(page, address)
        visits.append(visit)
        page.on("request", lambda request: _note_request(visit, request))
        page.on("requestfinished", lambda request: visit.pending.discard(request))  # noqa: PLW0108
        page.on("pageerror", lambda error: visit.faults.append(f"page error: {error}"))
        page.on("console", lambda message: _note_console(visit, message))
        page.on("requestfailed", lambda request: _note_failure(visit, request))
        page.on("response", lambda response: _note_status(visit, response))
        return visit

    yield make
    for visit in visits:
        visit.page.context.close()
        hosts = {urlsplit(url).netloc for url in visit.requested if not url.startswith("data:")}
        assert hosts <= {urlsplit(address).netloc}, "no requests to other hosts"
        assert visit.faults == []


@pytest.fixture
def visit(new_visit: Callable[..., Visit]) -> Visit:
    return new_visit()


def _note_request(visit: Visit, request: Any) -> None:
    visit.requested.append(request.url)
    if not request.url.startswith("data:"):
        visit.pending.add(request)


def _note_console(visit: Visit, message: Any) -> None:
    if message.type not in ("error", "warning"):
        return
    if not any(part in message.location["url"] for part in visit.forgiven):
        visit.faults.append(f"console: {message.text} ({message.location['url']})")


def _note_failure(visit: Visit, request: Any) -> None:
    visit.pending.discard(request)
    # Leaving a page cancels its pending requests.
    if request.failure != "net::ERR_ABORTED":
        visit.faults.append(f"failed: {request.url} ({request.failure})")


def _note_status(visit: Visit, response: Any) -> None:
    if response.status >= 400 and not any(part in response.url for part in visit.forgiven):
        visit.faults.append(f"{response.status}: {response.url}")
