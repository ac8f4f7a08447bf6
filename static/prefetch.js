// Fetches the page that is likely to be opened next, so that it is shown at once: the link marked
// `data-prefetch` when this page is idle, and any other class or part of a ranking when a link to it
// is pointed at. The images are what takes time; browsers keep them in memory.

const delay = 60; // Milliseconds on a link that is meant, not passed.
const most = 50; // Images: as many as are visible at once, however long the grid.
const rankings = ':is(.side, .pager, tbody th) a[href*="/classes/"]:not([aria-current])';
const fetched = new Set();
const kept = []; // Referenced, or the browser could discard the images.
let pointing = 0;

function preload(image) {
  const copy = new Image();
  copy.fetchPriority = "low";
  copy.srcset = image.srcset;
  copy.src = image.src;
  kept.push(copy);
}

async function prefetch(link) {
  if (fetched.has(link.href)) return;
  fetched.add(link.href);
  try {
    const answer = await fetch(link.href, { priority: "low" });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    [...page.querySelectorAll(".grid img")].slice(0, most).forEach(preload);
  } catch {
    // Then it loads when it is opened, as without this script.
  }
}

function prefetchSoon(event) {
  clearTimeout(pointing);
  pointing = setTimeout(() => prefetch(event.target), delay);
}

if (!navigator.connection?.saveData) {
  for (const link of document.querySelectorAll(rankings)) {
    link.addEventListener("pointerenter", prefetchSoon);
    link.addEventListener("focus", prefetchSoon);
    link.addEventListener("pointerleave", () => clearTimeout(pointing));
  }
  const likely = document.querySelector("[data-prefetch]");
  const whenIdle = window.requestIdleCallback ?? setTimeout;
  if (likely) addEventListener("load", () => whenIdle(() => prefetch(likely)));
}
