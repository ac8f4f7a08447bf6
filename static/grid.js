// Shows another part of the ranking without leaving the page: everything marked `data-part` is replaced
// by that of the page at another URL. The event "partshown" says that the document has new cards
// and links. The history is the caller's.

import { fetchPage } from "./fetch-page.js";

let latest = new AbortController();

const partOf = (page, name) => page.querySelector(`[data-part="${name}"]`);
const focusable = (part) => [...part.querySelectorAll("a[href], button, input, select, summary")];
const keyOf = (element) => element.dataset.image ?? element.dataset.key ?? element.getAttribute("rel");

async function fetchParts(url, signal) {
  const { page } = await fetchPage(url, { signal });
  const parts = [...document.querySelectorAll("[data-part]")].map((old) => [old, partOf(page, old.dataset.part)]);
  // Such as a failure, or the page that asks for a password.
  if (!parts.every(([, next]) => next)) throw new Error(`not a part of a ranking: ${url}`);
  return parts;
}

// The counterpart of a focused element: that of the same image or key, otherwise the one in its place.
function counterpart(old, next) {
  const active = document.activeElement;
  if (!old.contains(active)) return null;
  const alike = (part) => focusable(part).filter((element) => keyOf(element) === keyOf(active));
  return alike(next)[alike(old).indexOf(active)] ?? alike(next).at(-1) ?? focusable(next)[0];
}

function replace(old, next) {
  const focused = counterpart(old, next);
  const images = new Map([...old.querySelectorAll("img")].map((image) => [image.getAttribute("src"), image]));
  for (const image of next.querySelectorAll("img")) {
    const shown = images.get(image.getAttribute("src"));
    if (shown) image.replaceWith(shown); // It is decoded, and would flash otherwise.
  }
  old.replaceWith(next);
  focused?.focus({ preventScroll: true });
}

// Returns whether the part is shown: a later call wins, and what cannot be fetched is opened as a page.
export async function showPart(url) {
  latest.abort();
  const { signal } = (latest = new AbortController());
  let parts;
  try {
    parts = await fetchParts(url, signal);
  } catch {
    if (!signal.aborted) location.assign(url);
    return false;
  }
  const top = scrollY;
  for (const [old, next] of parts) replace(old, next);
  scrollTo({ top, behavior: "instant" });
  document.dispatchEvent(new CustomEvent("partshown"));
  return true;
}
