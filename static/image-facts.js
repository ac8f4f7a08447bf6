// Beside the large view: the image's scores and labels in all classes; over it: its boxes, which
// `x` hides and shows. They are taken from the image's own page, once per image.

const dialog = document.querySelector("[data-large-view]");
const frame = dialog.querySelector("[data-frame]");
const image = frame.querySelector("img");
const list = dialog.querySelector("[data-scores]");
const note = dialog.querySelector("[data-facts-note]");
const toggle = dialog.querySelector("[data-boxes]");
const known = new Map(); // By address; stepping back asks nothing.
let shown = "";

// A row of the page without its links and without the rank, which the large view tells elsewhere.
function plainRow(row) {
  row.lastElementChild.remove();
  row.firstElementChild.textContent = row.firstElementChild.textContent;
  return row;
}

async function read(address) {
  if (known.has(address)) return known.get(address);
  const answer = await fetch(address);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (!answer.ok) throw new Error(page.querySelector("[data-message]")?.textContent ?? "");
  const boxed = page.querySelector("[data-boxed]");
  const boxes = [...page.querySelectorAll("[data-boxed] > .box")];
  known.set(address, {
    ratio: boxed?.style.getPropertyValue("--ratio"),
    boxes,
    rows: [...page.querySelectorAll("[data-score-rows] > tr")].map(plainRow),
    note: boxes.length ? "" : (page.querySelector("[data-annotation]")?.textContent ?? ""),
  });
  return known.get(address);
}

function clear() {
  for (const box of frame.querySelectorAll(".box")) box.remove();
}

function draw(facts) {
  clear();
  if (facts.ratio) frame.style.setProperty("--ratio", facts.ratio);
  frame.append(...facts.boxes);
  list.replaceChildren(...facts.rows);
  note.textContent = facts.note;
  toggle.disabled = !facts.boxes.length;
  const current = list.querySelector(".current");
  const panel = list.closest("[data-facts]");
  panel.scrollTop = current ? current.offsetTop - panel.clientHeight / 2 : 0;
}

dialog.addEventListener("imageshown", async ({ detail: link }) => {
  const address = link.href; // With the threshold as it is now.
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

// Until its exact size is known, the frame takes the shape of the thumbnail.
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
