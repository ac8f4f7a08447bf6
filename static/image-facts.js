// The large view's scores and labels of all classes, and the boxes over the image, which `x` toggles.
// They are read from the image page, once per image.

import { fetchPage } from "./fetch-page.js";
import { hasModifier } from "./keys.js";

const dialog = document.querySelector("[data-large-view]");
const frame = dialog.querySelector("[data-frame]");
const image = frame.querySelector("img");
const list = dialog.querySelector("[data-scores]");
const note = dialog.querySelector("[data-facts-note]");
const toggle = dialog.querySelector("[data-boxes]");
const known = new Map(); // Promises by URL.
const mostKnown = 30;
let shown = "";
let isDrawn = false;

// A row of the image page without links and rank, which the caption has.
function plainRow(row) {
  row.lastElementChild.remove();
  row.firstElementChild.textContent = row.firstElementChild.textContent;
  return row;
}

async function fetchFacts(url) {
  const { page, isOk } = await fetchPage(url);
  if (!isOk) throw new Error(page.querySelector("[data-message]")?.textContent ?? "");
  const boxes = page.querySelector("[data-boxes-drawn]");
  return {
    ratio: page.querySelector("[data-boxed]")?.dataset.boxed,
    boxes: boxes?.childElementCount ? boxes : undefined,
    rows: [...page.querySelectorAll("[data-score-rows] > tr")].map(plainRow),
    note: page.querySelector(boxes?.childElementCount ? "[data-boxes-note]" : "[data-annotation]")?.textContent ?? "",
  };
}

async function read(url) {
  if (!known.has(url)) known.set(url, fetchFacts(url));
  if (known.size > mostKnown) known.delete(known.keys().next().value); // The oldest.
  try {
    return await known.get(url);
  } catch (error) {
    known.delete(url); // The next time it may succeed.
    throw error;
  }
}

function clear() {
  isDrawn = false;
  frame.querySelector("[data-boxes-drawn]")?.remove();
}

function draw(facts) {
  clear();
  isDrawn = true;
  if (facts.ratio) frame.style.setProperty("--ratio", facts.ratio);
  if (facts.boxes) frame.append(facts.boxes);
  list.replaceChildren(...facts.rows);
  note.textContent = facts.note;
  toggle.disabled = !facts.boxes;
  const current = list.querySelector(".current");
  const panel = list.closest("[data-facts]");
  panel.scrollTop = current ? current.offsetTop - panel.clientHeight / 2 : 0;
}

// Shows the facts of the image that a card links to, and loads those of the cards near it.
export async function showFacts(link, near) {
  const url = link.href; // Has the current threshold.
  shown = url;
  clear();
  try {
    const facts = await read(url);
    if (shown !== url) return;
    draw(facts);
    for (const { href } of near) read(href).catch(() => {}); // Reported when it is shown.
  } catch (error) {
    if (shown !== url) return;
    list.replaceChildren();
    note.textContent = `Could not load the scores. ${error.message}`;
  }
}

// The thumbnail's aspect ratio, until the exact one is known.
image.addEventListener("load", () => {
  if (!isDrawn) frame.style.setProperty("--ratio", image.naturalWidth / image.naturalHeight);
});

function toggleBoxes() {
  const visible = frame.classList.toggle("without-boxes") === false;
  toggle.setAttribute("aria-pressed", String(visible));
}

toggle.addEventListener("click", toggleBoxes);
dialog.addEventListener("keydown", (event) => {
  if (event.key === "x" && !hasModifier(event)) toggleBoxes();
});
