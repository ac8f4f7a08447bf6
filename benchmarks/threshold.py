"""Moving the threshold of a class page: script time per frame, frame rate, layout shift.

Baseline: reloading the page at the same thresholds, as would be needed without JavaScript. Needs
Chromium, see served.find_chromium.
"""

import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import click
from playwright.sync_api import Page, sync_playwright
from served import find_chromium, make_run, serve

MAX_PAINT_MS = 1000
MAX_FRAME_MS = 1000 / 60

# In each frame: move the handle and measure how long the page's listener takes.
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
# Runs before the page loads.
_OBSERVE = """
window.shift = 0;
window.painted = 0;
const watch = (type, note) => new PerformanceObserver(list => list.getEntries().forEach(note))
  .observe({ type, buffered: true });
watch("layout-shift", entry => { window.shift += entry.value; });
watch("largest-contentful-paint", entry => { window.painted = entry.startTime; });
"""


def percentile(values: list[float], share: float) -> float:
    """Returns the smallest value that is at least as large as this share of the values."""
    return sorted(values)[max(0, round(share * len(values)) - 1)]


def load(page: Page, address: str) -> tuple[float, float]:
    """Opens a page; returns cumulative layout shift and milliseconds to the largest paint."""
    page.goto(address, wait_until="networkidle")
    found: dict[str, Any] = page.evaluate("({ shift, painted })")
    return found["shift"], found["painted"]


def reload_times(page: Page, address: str, steps: int) -> list[float]:
    """Returns the milliseconds that reloading the page takes at each threshold."""
    times = []
    for step in range(steps):
        threshold = 1 - (step + 1) / steps
        started = time.perf_counter()
        page.goto(f"{address}&threshold={threshold:.4f}", wait_until="domcontentloaded")
        times.append(1e3 * (time.perf_counter() - started))
    return times


@click.command()
@click.option("--images", default=5823, show_default=True, help="Images in the run.")
@click.option("--size", default=100, show_default=True, help="Cards per grid.")
@click.option("--steps", default=120, show_default=True, help="Positions of the threshold.")
@click.option("--reloads", default=20, show_default=True, help="Reloads for the baseline.")
def main(images: int, size: int, steps: int, reloads: int) -> None:
    """Move the threshold of a class page with two grids."""
    chromium = find_chromium()
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
                if shift or painted > MAX_PAINT_MS:
                    raise click.ClickException(f"{name}: layout shift, or a late largest paint")
            cards = page.locator(".card").count()
            moved = page.evaluate(_MOVE, steps)
            spent = moved["spent"]
            print(
                f"\n{cards} cards, {steps} thresholds: script time per frame "
                f"{statistics.median(spent):.2f} ms (median), "
                f"{percentile(spent, 0.95):.2f} ms (95th percentile), "
                f"{1e3 * steps / moved['milliseconds']:.0f} frames/s"
            )
            if percentile(spent, 0.95) > MAX_FRAME_MS:
                raise click.ClickException("frames take too long for 60 per second")
            shift = page.evaluate("shift")
            print(f"layout shift while moving: {shift:.4f}")
            if shift:
                raise click.ClickException("the layout shifted")
            reload_ms = statistics.median(reload_times(page, address, reloads))
        browser.close()
    print(
        f"baseline, reloading the page at each threshold: {reload_ms:.0f} ms (median), "
        f"{reload_ms / statistics.median(spent):.0f} times as long"
    )


if __name__ == "__main__":
    main()
