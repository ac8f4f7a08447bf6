// Beside the large view: the image's scores and labels in all classes; over it: its boxes, which
// `x` hides and shows. They come from the API, once per image.

import { scoreText } from "./numbers.js";

const dialog = document.querySelector("[data-large-view]");
const frame = dialog.querySelector("[data-frame]");
const image = frame.querySelector("img");
const list = dialog.querySelector("[data-scores]");
const note = dialog.querySelector("[data-facts-note]");
const toggle = dialog.querySelector("[data-boxes]");
const row = dialog.querySelector("[data-score-row]").content;
const known = new Map(); // By address; stepping back asks nothing.
let shown = "";

function scoreRow(entry, current) {
  const element = row.cloneNode(true).firstElementChild;
  const part = (name) => element.querySelector(`[data-${name}]`);
  element.classList.toggle("current", entry.class === current);
  part("name").textContent = entry.class;
  part("bar").style.setProperty("--share", entry.score ?? 0);
  part("score").textContent = scoreText(entry.score);
  part("mark").classList.add(`mark-${entry.verdict}`);
  part("mark").querySelector(".sr").textContent = entry.verdict;
  part("truth").textContent = entry.truth;
  return element;
}

// VOC counts pixels from 1, and both ends belong to the box.
function boxOver(object, width, height) {
  const element = document.createElement("div");
  const left = (100 * (object.xmin - 1)) / width;
  const right = (100 * object.xmax) / width;
  element.className = "box";
  element.classList.toggle("box-difficult", object.difficult);
  element.classList.toggle("box-right", left + right > 100);
  element.style.left = `${left}%`;
  element.style.width = `${right - left}%`;
  element.style.top = `${(100 * (object.ymin - 1)) / height}%`;
  element.style.height = `${(100 * (object.ymax - object.ymin + 1)) / height}%`;
  const label = document.createElement("span");
  const traits = ["difficult", "truncated"].filter((trait) => object[trait]);
  label.textContent = [object.class, ...traits].join(", ");
  element.append(label);
  return element;
}

function clear() {
  for (const box of frame.querySelectorAll(".box")) box.remove();
}

function draw(facts) {
  clear();
  if (facts.width) {
    frame.style.setProperty("--ratio", facts.width / facts.height);
    frame.append(...facts.objects.map((object) => boxOver(object, facts.width, facts.height)));
  }
  list.replaceChildren(...facts.scores.map((entry) => scoreRow(entry, facts.place?.class)));
  note.textContent = facts.annotation_problem ?? (facts.objects.length ? "" : "No boxes are annotated.");
  toggle.disabled = !facts.objects.length;
  const current = list.querySelector(".current");
  const panel = list.closest("[data-facts]");
  panel.scrollTop = current ? current.offsetTop - panel.clientHeight / 2 : 0;
}

async function read(address) {
  if (!known.has(address)) {
    const answer = await fetch(address);
    const facts = await answer.json();
    if (!answer.ok) throw new Error(facts.detail);
    known.set(address, facts);
  }
  return known.get(address);
}

dialog.addEventListener("imageshown", async ({ detail: link }) => {
  const carried = new URL(link.href).searchParams;
  const query = new URLSearchParams({ image: link.dataset.image, class: carried.get("class") });
  if (carried.has("threshold")) query.set("threshold", carried.get("threshold"));
  const address = `${dialog.dataset.api}?${query}`;
  shown = address;
  clear();
  try {
    const facts = await read(address);
    if (shown === address) draw(facts);
  } catch (error) {
    if (shown !== address) return;
    list.replaceChildren();
    note.textContent = `The scores could not be read. ${error.message}`;
  }
});

// Until its exact size has come, the frame takes the shape of the thumbnail.
image.addEventListener("load", () => {
  if (!known.has(shown)) frame.style.setProperty("--ratio", image.naturalWidth / image.naturalHeight);
});

function toggleBoxes() {
  const visible = frame.classList.toggle("without-boxes") === false;
  toggle.setAttribute("aria-pressed", String(visible));
}

toggle.addEventListener("click", toggleBoxes);
dialog.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "x") toggleBoxes();
});
