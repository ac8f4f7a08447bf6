"""Moving the threshold of a class page: script time a frame, frames a second, layout shift.

Baseline: the same page, loaded anew at each threshold, as without scripts. Both go through the same
thresholds. Needs Chromium, found on the path or named in the variable CHROMIUM.
"""

import os
import shutil
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import click
from playwright.sync_api import Page, sync_playwright
from served import make_run, serve

LATEST_PAINT_MS = 1000
LONGEST_FRAME_MS = 1000 / 60

# In each frame: set the handle, let the page's own listener work, and take the time of that.
_MOVE = """
async steps => {
  const handle = document.querySelector("[data-threshold-handle]");
  const frame = () => new Promise(requestAnimationFrame);
  const [spent, began] = [[], []];
  await frame();
  for (let step = 0; step < steps; step += 1) {
    began.push(await frame());
    const started = performance.now();
    handle.value = Math.round((handle.max * (step + 1)) / steps);
    handle.dispatchEvent(new Event("input"));
    spent.push(performance.now() - started);
  }
  began.push(await frame());
  handle.dispatchEvent(new Event("change"));
  return { spent, milliseconds: began.at(-1) - began[0] };
}
"""
# Before anything of the page is there.
_OBSERVE = """
window.shift = 0;
window.painted = 0;
const watch = (type, note) => new PerformanceObserver(list => list.getEntries().forEach(note))
  .observe({ type, buffered: true });
watch("layout-shift", entry => { window.shift += entry.value; });
watch("largest-contentful-paint", entry => { window.painted = entry.startTime; });
"""


def percentile(values: list[float], share: float) -> float:
    """Returns the smallest value that so many are not above."""
    return sorted(values)[max(0, round(share * len(values)) - 1)]


def load(page: Page, address: str) -> tuple[float, float]:
    """Opens a page; returns cumulative layout shift, and milliseconds to the largest paint."""
    page.goto(address, wait_until="networkidle")
    found: dict[str, Any] = page.evaluate("({ shift, painted })")
    return found["shift"], found["painted"]


def reload_times(page: Page, address: str, steps: int) -> list[float]:
    """Returns the milliseconds that each of the same thresholds takes by loading the page anew."""
    times = []
    for step in range(steps):
        threshold = 1 - (step + 1) / steps
        started = time.perf_counter()
        page.goto(f"{address}&threshold={threshold:.4f}", wait_until="domcontentloaded")
        times.append(1e3 * (time.perf_counter() - started))
    return times


@click.command()
@click.option("--images", default=5823, show_default=True, help="Images of the run.")
@click.option("--size", default=100, show_default=True, help="Cards of each of the two grids.")
@click.option("--steps", default=120, show_default=True, help="Places of the threshold.")
@click.option("--reloads", default=20, show_default=True, help="Of those by loading anew.")
def main(images: int, size: int, steps: int, reloads: int) -> None:
    """Move the threshold over a class page with twice SIZE cards."""
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if not chromium:
        raise click.ClickException("no browser: install chromium, or name one in CHROMIUM")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        run = make_run(Path(folder), images, photographs=images if images < 1000 else 2 * size)
        flags = ["--no-sandbox", "--disable-gpu"]
        browser = playwright.chromium.launch(executable_path=chromium, args=flags)
        with serve(run) as base:
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            page.add_init_script(_OBSERVE)
            load(page, f"{base}/")  # The first visit makes thumbnails and fills caches.
            address = f"{base}/classes/aeroplane?size={size}"
            load(page, address)
            for name, path in (("overview", f"{base}/"), ("class page", address)):
                shift, painted = load(page, path)
                print(f"{name}: layout shift {shift:.4f}, largest paint after {painted:.0f} ms")
                if shift or painted > LATEST_PAINT_MS:
                    raise click.ClickException(f"{name}: it moved, or was painted too late")
            cards = page.locator(".card").count()
            moved = page.evaluate(_MOVE, steps)
            spent = moved["spent"]
            print(
                f"\n{cards} cards, {steps} thresholds: script time a frame "
                f"{statistics.median(spent):.2f} ms (median), "
                f"{percentile(spent, 0.95):.2f} ms (95th percentile), "
                f"{1e3 * steps / moved['milliseconds']:.0f} frames a second"
            )
            if percentile(spent, 0.95) > LONGEST_FRAME_MS:
                raise click.ClickException("a frame takes too long for 60 a second")
            shift = page.evaluate("shift")
            print(f"layout shift with all that: {shift:.4f}")
            if shift:
                raise click.ClickException("something moved that should stand still")
            anew = statistics.median(reload_times(page, address, reloads))
        browser.close()
    print(
        f"baseline, the page loaded anew at each threshold: {anew:.0f} ms a step (median), "
        f"{anew / statistics.median(spent):.0f} times as long"
    )


if __name__ == "__main__":
    main()
