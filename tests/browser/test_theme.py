"""The theme switch, its persistence, the first paint, and the colours."""

import itertools
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from browser_visit import Visit, wait_until
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parents[2]
SWITCH = "[data-theme-switch]"
LIGHT, DARK = "rgb(250, 250, 248)", "rgb(18, 20, 22)"
GROUND = "getComputedStyle(document.body).backgroundColor"

# Machado, Oliveira and Fernandes (2009), severity 1, for linear RGB.
VISION = {
    "usual": np.eye(3),
    "protanopia": np.array(
        [[0.1523, 1.0526, -0.2049], [0.1145, 0.7863, 0.0992], [-0.0039, -0.0481, 1.0520]]
    ),
    "deuteranopia": np.array(
        [[0.3673, 0.8606, -0.2280], [0.2801, 0.6725, 0.0474], [-0.0118, 0.0429, 0.9689]]
    ),
    "tritanopia": np.array(
        [[1.2555, -0.0767, -0.1788], [-0.0784, 0.9308, 0.1476], [0.0047, 0.6914, 0.3039]]
    ),
}


def ground(page: Any) -> str:
    return str(page.evaluate(GROUND))


def is_dark(page: Any) -> bool:
    """Returns the theme that the switch reports, which is the one shown."""
    pressed = page.get_attribute(SWITCH, "aria-pressed") == "true"
    assert ground(page) == (DARK if pressed else LIGHT)
    return pressed


@pytest.mark.parametrize("system", ["light", "dark"])
def test_every_click_changes_the_theme(new_visit: Callable[..., Visit], system: str) -> None:
    page = new_visit(color_scheme=system).open("/")
    other = "dark" if system == "light" else "light"
    for dark in (system == "dark", system != "dark", system == "dark"):
        assert is_dark(page) == dark
        page.click(SWITCH)
    page.emulate_media(color_scheme=other)
    assert is_dark(page) == (other == "dark"), "chosen against the system, and now the same"
    page.click(SWITCH)
    page.click(SWITCH)
    page.emulate_media(color_scheme=system)
    page.wait_for_selector(f"{SWITCH}[aria-pressed={'true' if system == 'dark' else 'false'}]")
    assert is_dark(page) == (system == "dark"), "the choice of its theme follows the system"


def test_chosen_theme_is_kept(new_visit: Callable[..., Visit]) -> None:
    page = new_visit(color_scheme="light").open("/")
    page.click(SWITCH)
    page.click("tbody th a:text('dog')")
    page.wait_for_url("**/classes/dog")
    assert is_dark(page)
    page.reload()
    assert is_dark(page)
    page.click(SWITCH)
    page.reload()
    assert not is_dark(page), "the system theme again"


def test_other_tabs_follow(visit: Visit) -> None:
    first = visit.open("/")
    second = visit.page.context.new_page()
    second.goto(visit.address + "/tail-accuracy")
    first.click(SWITCH)
    wait_until(second, f"{GROUND} === '{DARK}'")
    assert is_dark(second)


def test_theme_applies_before_the_first_paint(visit: Visit) -> None:
    """The theme is applied before any module has loaded."""
    page = visit.open("/")
    page.click(SWITCH)
    held: list[Any] = []
    page.route(
        re.compile(r"/static/\w+/(?!theme\.js|app\.css)"),
        lambda route: held.append(route),  # noqa: PLW0108
    )
    page.goto(visit.address + "/classes/dog", wait_until="commit")
    page.wait_for_selector("footer")
    wait_until(page, "document.styleSheets.length === 1")
    assert ground(page) == DARK
    assert len(held) >= 3, "the others have not loaded"
    for route in held:
        route.continue_()
    page.unroute_all()
    page.wait_for_load_state("load")


def test_curves_follow_the_theme(new_visit: Callable[..., Visit]) -> None:
    page = new_visit(color_scheme="light").open("/average-precision")
    text = "getComputedStyle(document.querySelector('[data-chart] text')).fill"
    lines = [
        f"getComputedStyle(document.querySelector('{selector}')).stroke"
        for selector in (".class-lines path", ".mean-line", "[data-chart] .rule")
    ]
    token = "getComputedStyle(document.querySelector('.note')).color"
    before = page.evaluate(f"[{text}, {', '.join(lines)}]")
    assert before[0] == page.evaluate(token), "tokens arrive as colours"
    page.click(SWITCH)
    after = page.evaluate(f"[{text}, {', '.join(lines)}]")
    assert after[0] == page.evaluate(token)
    assert all(one != other for one, other in zip(before, after, strict=True))


def test_system_theme_without_scripts(new_visit: Callable[..., Visit]) -> None:
    page = new_visit(color_scheme="dark", java_script_enabled=False).open("/classes/dog")
    assert page.locator("body").is_visible()
    for selector in (
        SWITCH,
        "[data-shortcuts-open]",
        "[data-disclosure]",
        "[data-set-threshold='half']",
    ):
        assert not page.locator(selector).is_visible(), selector
    assert page.locator(".controls input[name=size]").is_visible()


# Colours -----------------------------------------------------------------------------------------


def token(name: str, theme: int) -> str:
    """Returns a colour of the style sheet as #rrggbb; theme 0 is light, 1 dark."""
    style = (ROOT / "static" / "app.css").read_text(encoding="utf-8")
    found = re.search(rf"--{name}: light-dark\((#\w{{6}}), (#\w{{6}})\)", style)
    assert found, name
    return found[theme + 1]


def linear(colour: str) -> NDArray[np.float64]:
    values = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)]) / 255
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def oklab(rgb: NDArray[np.float64]) -> NDArray[np.float64]:
    """Returns linear RGB in a perceptually uniform space (Ottosson 2020)."""
    to_lms = np.array([[0.4122, 0.5363, 0.0514], [0.2119, 0.6807, 0.1074], [0.0883, 0.2817, 0.63]])
    to_lab = np.array(
        [[0.2105, 0.7936, -0.0041], [1.978, -2.4286, 0.4506], [0.0259, 0.7828, -0.8087]]
    )
    return to_lab @ np.cbrt(to_lms @ rgb.clip(0, 1))  # type: ignore[no-any-return]


def luminance(colour: str) -> float:
    return float(linear(colour) @ (0.2126, 0.7152, 0.0722))


def contrast(one: str, other: str) -> float:
    dark, light = sorted([luminance(one), luminance(other)])
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("vision", VISION)
def test_colours_differ_for_all_colour_vision(vision: str, theme: int) -> None:
    """Black and white are 1 apart; blue and violet of equal lightness, which fail, 0.04."""
    labels, verdicts = ("present", "absent", "difficult"), ("correct", "incorrect", "difficult")
    for one, other in (
        *itertools.combinations(labels, 2),
        *itertools.combinations(verdicts, 2),
        ("present", "incorrect"),  # A line beside a ring.
    ):
        seen = [oklab(VISION[vision] @ linear(token(name, theme))) for name in (one, other)]
        assert np.linalg.norm(seen[0] - seen[1]) > 0.15, (one, other)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_contrast_of_marks(theme: int) -> None:
    for name in ("present", "correct", "incorrect", "difficult", "edge"):
        for behind in ("surface", "ground"):
            assert contrast(token(name, theme), token(behind, theme)) >= 3, (name, behind)
    for name in ("present", "difficult"):
        assert contrast(token(name, theme), token("absent", theme)) >= 3, name


def test_strip_textures_differ(visit: Visit) -> None:
    page = visit.open("/classes/dog")
    fills = page.evaluate(
        "Object.fromEntries([...document.querySelectorAll('.ranking-strip path')].map(path =>"
        " [path.getAttribute('class'), getComputedStyle(path).fill]))"
    )
    assert fills["mark-difficult"].startswith("url(")
    assert fills["mark-present"].startswith("rgb")
    assert page.locator("#stripes-difficult path").count() == 2
