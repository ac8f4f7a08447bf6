"""Signing in and out in a browser, and the policy that it enforces."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from browser_visit import Visit
from sample_run import BOXED, Sample
from werkzeug.serving import make_server

from voc_web import create_app
from voc_web.run.opened_run import RunReader
from voc_web.serving.access import Access, Secret

TOKEN = "token-of-the-tests"


@pytest.fixture(scope="module")
def guarded(sample: Sample, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server that asks for the token."""
    cache_dir: Path = tmp_path_factory.mktemp("cache")
    app = create_app(RunReader(sample.run), cache_dir, Access(secret=Secret(TOKEN)))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    context = browser.new_context()
    faults: list[str] = []
    opened = context.new_page()
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.on(
        "console",
        lambda message: faults.append(message.text) if message.type == "error" else None,
    )
    yield opened
    context.close()
    # The browser notes the status of the sign-in page itself.
    assert [text for text in faults if "401 (UNAUTHORIZED)" not in text] == []


def test_sign_in_by_form_and_sign_out(guarded: str, page: Any) -> None:
    address = f"{guarded}/images/{BOXED}?threshold=0.7"
    page.goto(address)
    assert page.title().startswith("Sign in")
    assert page.evaluate("document.activeElement.name") == "password"
    page.keyboard.type("wrong")
    page.keyboard.press("Enter")
    page.wait_for_selector("[role=alert]")
    page.fill("input[name=password]", TOKEN)
    page.click("main button")
    page.wait_for_selector(".boxed")
    assert page.url == address
    assert page.evaluate("document.cookie") == "", "no script can read it"
    page.click("text=Sign out")
    page.wait_for_selector("input[name=password]")
    assert page.url == f"{guarded}/"


def test_sign_in_by_link(guarded: str, page: Any) -> None:
    page.goto(f"{guarded}/images/{BOXED}?token={TOKEN}")
    assert page.url == f"{guarded}/images/{BOXED}", "the token is gone from the address"
    assert page.evaluate("document.images[0].naturalWidth") == 500


def test_the_policy_is_enforced(new_visit: Callable[..., Visit]) -> None:
    visit = new_visit()
    page = visit.open("/classes/dog")
    blocked = page.evaluate(
        """() => new Promise(resolve => {
        const blocked = [];
        document.addEventListener("securitypolicyviolation", event => {
          blocked.push(event.effectiveDirective);
          if (blocked.length === 3) resolve(blocked.sort());
        });
        const script = document.createElement("script");
        script.textContent = "window.ran = true";
        document.body.append(script);
        document.body.setAttribute("style", "color: red");
        new Image().src = "http://127.0.0.1:9/image.png";
        })"""
    )
    assert blocked == ["img-src", "script-src-elem", "style-src-attr"]
    assert page.evaluate("window.ran") is None
    assert len(visit.faults) >= 3
    visit.faults.clear()
    visit.requested.clear()


def test_other_sites_cannot_embed_anything(new_visit: Callable[..., Visit]) -> None:
    """A page of another site: the same server under the name localhost is another one."""
    visit = new_visit()
    page = visit.open("/")
    image = page.evaluate("document.querySelector('.strip img').src")
    other = image.replace("127.0.0.1", "localhost")
    visit.forgiven += ["localhost", "about:blank"]
    page.goto("about:blank")
    loads = """url => new Promise(resolve => {
      const image = new Image();
      image.onload = () => resolve(true);
      image.onerror = () => resolve(false);
      image.src = url;
    })"""
    assert page.evaluate(loads, other) is False
    assert page.evaluate(loads, image) is False
    visit.faults.clear()
    visit.requested.clear()
