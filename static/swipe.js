// A swipe to the left or right with one finger. Vertical ones scroll, and two fingers zoom, as usual.

const shortest = 48; // Pixels.

// Calls step(1) after a swipe to the left, as if to pull the next one in, and step(-1) to the right.
export function onSwipe(element, step) {
  let start;
  element.addEventListener("touchstart", ({ touches }) => {
    const zoomed = visualViewport.scale > 1.01; // Then a finger moves the page.
    start = touches.length === 1 && !zoomed ? touches[0] : undefined;
  }, { passive: true });
  element.addEventListener("touchend", ({ changedTouches: [end] }) => {
    if (!start) return;
    const across = end.clientX - start.clientX;
    const down = end.clientY - start.clientY;
    start = undefined;
    if (Math.abs(across) > Math.max(shortest, 2 * Math.abs(down))) step(across < 0 ? 1 : -1);
  });
}
