// Prefetches pages that are likely to be opened next and their images, which take most of the time:
// the link marked `data-prefetch` when this page is idle, and other links to rankings on hover.

import { fetchPage } from "./fetch-page.js";

const delay = 60; // Milliseconds of hovering, so that links merely passed over do not count.
const maxWait = 2000; // Milliseconds after which a page that is never idle counts as idle.
const maxImages = 50; // About as many as are visible at once.
const rankings = ':is(.side, .pager, tbody th) a[href*="/classes/"]:not([aria-current])';
const fetched = new Set();
const kept = []; // References, without which the browser might discard the images.
let hoverTimer = 0;

function preload(image) {
  const copy = new Image();
  copy.fetchPriority = "low";
  // As wide as those shown, whose size can be set.
  copy.sizes = document.querySelector(".grid img")?.sizes || image.sizes;
  copy.srcset = image.srcset;
  copy.src = image.src;
  kept.push(copy);
}

async function prefetch(link) {
  if (fetched.has(link.href)) return;
  fetched.add(link.href);
  try {
    const { page } = await fetchPage(link.href, { priority: "low" });
    [...page.querySelectorAll(".grid img")].slice(0, maxImages).forEach(preload);
  } catch {
    // It will load when it is opened.
  }
}

function prefetchSoon(event) {
  const link = event.target.closest?.(rankings);
  clearTimeout(hoverTimer);
  if (link) hoverTimer = setTimeout(() => prefetch(link), delay);
}

function prefetchLikely() {
  const likely = document.querySelector("[data-prefetch]");
  const whenIdle = window.requestIdleCallback ?? setTimeout;
  if (likely) whenIdle(() => prefetch(likely), { timeout: maxWait });
}

if (!navigator.connection?.saveData) {
  document.addEventListener("pointerover", prefetchSoon);
  document.addEventListener("focusin", prefetchSoon);
  addEventListener("load", prefetchLikely);
  document.addEventListener("partshown", prefetchLikely);
}
