// Keys of all pages; the dialog that `?` opens lists them. A link with data-key is followed by that
// key. Keys act without modifiers only, and never while one types. Large views have their own.

const keys = document.querySelector("[data-shortcuts]");
const cards = [...document.querySelectorAll(".card > a")];
const typing = "input:not([type=range], [type=checkbox], [type=radio], [type=button]), textarea, select, [contenteditable]";
const steps = { ArrowRight: 1, j: 1, ArrowLeft: -1, k: -1 };
const ends = { t: 0, b: -1 };

function isPlain(event) {
  // A bracket may need AltGr, which some systems report as Control and Alt.
  const written = event.getModifierState("AltGraph");
  if (!written && (event.ctrlKey || event.metaKey || event.altKey)) return false;
  return !(event.shiftKey && event.key.startsWith("Arrow"));
}

function focusCard(card) {
  if (!card) return;
  card.focus({ preventScroll: true });
  card.scrollIntoView({ block: "nearest" }); // As far as scroll-margin says, so the next row peeps in.
}

// The card in the nearest row above or below, as the grids are laid out, and nearest across.
function acrossRows(card, down) {
  const from = card.getBoundingClientRect();
  let best;
  for (const other of cards) {
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

function firstInView() {
  const boxes = cards.map((card) => card.getBoundingClientRect());
  const whole = boxes.findIndex((box) => box.top >= 0 && box.bottom <= innerHeight);
  const below = boxes.findIndex((box) => box.top >= 0);
  return cards[whole >= 0 ? whole : Math.max(below, 0)];
}

// Arrows scroll the page and move sliders unless a card, or nothing, has the focus.
function move(event) {
  const place = cards.indexOf(document.activeElement);
  const arrow = event.key.startsWith("Arrow");
  if (!cards.length || (arrow && place < 0 && document.activeElement !== document.body)) return;
  event.preventDefault();
  if (place < 0) focusCard(firstInView());
  else if (event.key in steps) focusCard(cards[place + steps[event.key]]);
  else focusCard(acrossRows(cards[place], event.key === "ArrowDown"));
}

function focusSearch(event) {
  const field = document.querySelector("main input[name=id]");
  if (!field) return;
  event.preventDefault(); // The stroke itself is not to be typed.
  const fold = field.closest("details");
  if (fold) fold.open = true;
  field.focus();
  field.select();
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || !isPlain(event) || event.target.closest(typing)) return;
  const { key } = event;
  if (key === "?" && !keys.open) {
    event.preventDefault();
    keys.showModal();
    return;
  }
  if (document.querySelector("dialog[open]")) return;
  const link = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
  if (link) link.click();
  else if (key in ends) focusCard(cards.at(ends[key]));
  else if (key in steps || key === "ArrowUp" || key === "ArrowDown") move(event);
  else if (key === "/") focusSearch(event);
});

document.querySelector("[data-shortcuts-open]").addEventListener("click", () => keys.showModal());
keys.querySelector("[data-shortcuts-close]").addEventListener("click", () => keys.close());
keys.addEventListener("click", (event) => {
  if (event.target === keys) keys.close(); // Beside it.
});
