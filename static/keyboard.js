// Keyboard shortcuts of all pages, which the dialog opened by `?` lists. A link with data-key is followed
// by any of these keys. Shortcuts have no modifiers, except for the search, and are off while the user is
// typing. The large view has its own.

import { hasModifier } from "./keys.js";

const dialog = document.querySelector("[data-shortcuts]");
const paletteButton = document.querySelector("[data-palette-open]"); // Missing where nothing may be seen.
const findCards = () => [...document.querySelectorAll(".card > a")];
const typing = "input:not([type=range], [type=checkbox], [type=radio], [type=button]), textarea, select, [contenteditable]";
const steps = { ArrowRight: 1, j: 1, ArrowLeft: -1, k: -1 };
const ends = { t: 0, b: -1 };
const places = {
  "/": "main input[type=search]",
  g: "main input[name=around]",
  c: ".side [aria-current]",
};

function isPlain(event) {
  // Some layouts need AltGr for brackets, which some systems report as Control and Alt.
  const altGr = event.getModifierState("AltGraph");
  if (!altGr && hasModifier(event)) return false;
  return !(event.shiftKey && event.key.startsWith("Arrow"));
}

function focusCard(card) {
  if (!card) return;
  card.focus({ preventScroll: true });
  card.scrollIntoView({ block: "nearest" }); // With scroll-margin, which leaves part of the next row visible.
}

// The card in the nearest row above or below, and in the nearest column of that row.
function acrossRows(card, down) {
  const from = card.getBoundingClientRect();
  let best;
  for (const other of findCards()) {
    const box = other.getBoundingClientRect();
    const rows = down ? box.top - from.top : from.top - box.top;
    if (rows < 1) continue;
    const columns = Math.abs(box.left - from.left);
    if (!best || rows < best.rows - 1 || (rows < best.rows + 1 && columns < best.columns)) {
      best = { card: other, rows, columns };
    }
  }
  return best?.card;
}

function firstInView(cards) {
  // The top of the window may be covered.
  const top = parseFloat(getComputedStyle(document.documentElement).scrollPaddingTop) || 0;
  const boxes = cards.map((card) => card.getBoundingClientRect());
  const whole = boxes.findIndex((box) => box.top >= top && box.bottom <= innerHeight);
  const below = boxes.findIndex((box) => box.top >= top);
  return cards[whole >= 0 ? whole : Math.max(below, 0)];
}

// Arrow keys move between cards only if a card or nothing has the focus; otherwise they scroll or move
// sliders as usual.
function move(event) {
  const cards = findCards();
  const index = cards.indexOf(document.activeElement);
  const arrow = event.key.startsWith("Arrow");
  if (!cards.length || (arrow && index < 0 && document.activeElement !== document.body)) return;
  event.preventDefault();
  if (index < 0) focusCard(firstInView(cards));
  else if (event.key in steps) focusCard(cards[index + steps[event.key]]);
  else focusCard(acrossRows(cards[index], event.key === "ArrowDown"));
}

function focusPlace(event) {
  const place = document.querySelector(places[event.key]);
  if (!place) return;
  event.preventDefault(); // Do not type the key.
  const details = place.closest("details");
  if (details) details.open = true;
  place.focus();
  place.select?.();
}

// The palette is loaded when it is first opened, so that pages stay light.
async function openPalette() {
  (await import("./palette.js")).open();
}

document.addEventListener("keydown", (event) => {
  if (event.key === "k" && (event.ctrlKey || event.metaKey) && !event.altKey && paletteButton) {
    event.preventDefault(); // Some browsers have a search of their own.
    if (!document.querySelector("dialog[open]:not([data-palette])")) openPalette();
    return;
  }
  if (event.defaultPrevented || !isPlain(event) || event.target.closest(typing)) return;
  const { key } = event;
  if (key === "?" && !dialog.open) {
    event.preventDefault();
    dialog.showModal();
    return;
  }
  if (document.querySelector("dialog[open]")) return;
  const link = document.querySelector(`[data-key~="${CSS.escape(key)}"]`);
  if (link) link.click();
  else if (key in ends) focusCard(findCards().at(ends[key]));
  else if (key in steps || key === "ArrowUp" || key === "ArrowDown") move(event);
  else if (key in places) focusPlace(event);
});

paletteButton?.addEventListener("click", openPalette);
document.querySelector("[data-shortcuts-open]").addEventListener("click", () => dialog.showModal());
// Every dialog closes by its button, and by a click on the backdrop.
document.addEventListener("click", ({ target }) => {
  if (target.matches("dialog, dialog .close")) target.closest("dialog").close();
});
