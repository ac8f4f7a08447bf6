// How the sliders over and below the strip are moved by keys and by fingers.

import { hasModifier } from "./keys.js";

// Down the ranking: up, as left on the strip, is a higher threshold.
const steps = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1, PageDown: 10, PageUp: -10 };
const ends = { Home: -Infinity, End: Infinity };

// Keys move by points or pages; the slider's own steps would get stuck where scores are equal.
export function onArrowKeys(slider, move) {
  slider.addEventListener("keydown", (event) => {
    const step = steps[event.key] ?? ends[event.key];
    if (step === undefined || hasModifier(event)) return;
    event.preventDefault();
    move(step);
  });
}

// A finger moves the thumb by as much as it moves itself; the browser alone would first centre the thumb
// under it. If the finger turns out to scroll the page, `restore` is called and nothing has changed. To
// be called before other listeners are added.
export function followFinger(slider, restore) {
  let start = null; // Where the finger touched the thumb, and the value there.
  let x = 0;
  const hold = (event) => {
    if (start && x === start.x) event.stopImmediatePropagation();
  };
  slider.addEventListener("pointerdown", (event) => {
    x = event.clientX;
    start = event.pointerType === "touch" ? { x, value: Number(slider.value) } : null;
  });
  slider.addEventListener("pointermove", (event) => {
    x = event.clientX;
  });
  slider.addEventListener("input", (event) => {
    if (!start) return;
    slider.value = start.value + ((x - start.x) * slider.max) / slider.parentElement.clientWidth;
    hold(event);
  });
  slider.addEventListener("pointercancel", () => {
    if (!start) return;
    if (x !== start.x) restore();
    x = start.x;
    slider.value = start.value;
  });
  slider.addEventListener("change", hold);
  for (const type of ["pointerup", "pointercancel"]) {
    slider.addEventListener(type, () => setTimeout(() => (start = null)));
  }
}
