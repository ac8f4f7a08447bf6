// The page that is likely asked for next comes ahead, so that it is shown at once: the one that
// `data-ahead` names when this one is at rest, and any other class or part of a ranking as soon as one
// points at it. It is the images that take time; browsers keep them in memory.

const pause = 60; // Milliseconds on a link that is meant, not passed.
const most = 50; // Images: what may be seen at once, however long the grid.
const rankings = ':is(.side, .pager, tbody th) a[href*="/classes/"]:not([aria-current])';
const asked = new Set();
const kept = []; // Images that nothing refers to would be let go of.
let pointing = 0;

function keepAhead(image) {
  const copy = new Image();
  copy.fetchPriority = "low";
  copy.srcset = image.srcset;
  copy.src = image.src;
  kept.push(copy);
}

async function fetchAhead(link) {
  if (asked.has(link.href)) return;
  asked.add(link.href);
  try {
    const answer = await fetch(link.href, { priority: "low" });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    [...page.querySelectorAll(".grid img")].slice(0, most).forEach(keepAhead);
  } catch {
    // Then it comes when it is asked for, as without this script.
  }
}

function fetchSoon(event) {
  clearTimeout(pointing);
  pointing = setTimeout(() => fetchAhead(event.target), pause);
}

if (!navigator.connection?.saveData) {
  for (const link of document.querySelectorAll(rankings)) {
    link.addEventListener("pointerenter", fetchSoon);
    link.addEventListener("focus", fetchSoon);
    link.addEventListener("pointerleave", () => clearTimeout(pointing));
  }
  const likely = document.querySelector("[data-ahead]");
  const atRest = window.requestIdleCallback ?? setTimeout;
  if (likely) addEventListener("load", () => atRest(() => fetchAhead(likely)));
}
