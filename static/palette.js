// Search for classes, images, pages and the actions of the page. Loaded when it is first opened, by its
// button or by Ctrl+K. The field keeps the focus; arrow keys select in the list, Enter opens.

import { count, fraction } from "./numbers.js";

const dialog = document.querySelector("[data-palette]");
const part = (name) => dialog.querySelector(`[data-palette-${name}]`);
const [field, list, note] = ["field", "list", "note"].map(part);
const pages = ".site-header nav a, .site-footer a";
const actions = "[data-action], [data-key]";
const keyNames = { ArrowLeft: "←", ArrowRight: "→" };
const [mostClasses, mostAtFirst] = [50, 8];
const delay = 120; // Milliseconds without typing after which images are searched for.

let found = { Classes: [], Images: [], Pages: [], Actions: [] };
let hasMoreImages = false; // Than the API returned.
let options = [];
let selected = 0;
let search = new AbortController();
let timer = 0;

// What can be found -----------------------------------------------------------------------------------

// An item is a link or an element to click, with a label and further text in which words are found, too.
const pageItem = (link) => ({ label: link.textContent.trim(), detail: "", url: link.href });

function actionItem(element) {
  const { action, key } = element.dataset;
  const label = action ?? element.textContent.trim();
  return { label, detail: element.title, key: key?.split(" ")[0], element };
}

function classItem({ class: label, average_precision: precision, page: url }) {
  return { label, detail: `AP\u00a0${fraction(precision.sklearn ?? NaN)}`, url };
}

// Each once: the pagers above and below the images have the same.
function findActions() {
  const items = [...document.querySelectorAll(actions)].filter((it) => !it.disabled).map(actionItem);
  return items.filter(({ label }, at) => items.findIndex((it) => it.label === label) === at);
}

async function read(url, signal) {
  const response = await fetch(url, { signal });
  if (!response.ok) throw new Error((await response.json()).detail);
  return response.json();
}

async function loadClasses() {
  if (found.Classes.length) return;
  try {
    found.Classes = (await read(dialog.dataset.classes)).classes.map(classItem);
    show();
  } catch {
    note.textContent = "Could not load the classes.";
  }
}

async function findImages(text) {
  search.abort();
  search = new AbortController();
  try {
    const url = `${dialog.dataset.images}?contains=${encodeURIComponent(text)}`;
    const { images, has_more: more } = text ? await read(url, search.signal) : { images: [] };
    hasMoreImages = Boolean(more);
    found.Images = images.map((image) => ({ label: image.image_id, detail: "", url: image.page }));
    show(selected);
  } catch {
    // A later text is searched for, or there is no connection: the other items remain.
  }
}

// Which of it matches ---------------------------------------------------------------------------------

// How well a text matches, from 0, the best; undefined if it does not.
function distance({ label, detail }, text, words) {
  const [name, all] = [label.toLowerCase(), `${label} ${detail}`.toLowerCase()];
  if (name.startsWith(text)) return name === text ? 0 : 1;
  const starts = all.split(/[^\p{L}\p{N}]+/u);
  if (words.every((word) => starts.some((start) => start.startsWith(word)))) return 2;
  return name.includes(text) ? 3 : undefined;
}

function matches(items, text) {
  const words = text.split(/\s+/);
  return items
    .map((item) => [distance(item, text, words), item])
    .filter(([far]) => far !== undefined)
    .sort(([one], [other]) => one - other)
    .map(([, item]) => item);
}

// The list --------------------------------------------------------------------------------------------

function element(tag, className, text, attributes = {}) {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

function optionOf(item) {
  const option = element(item.url ? "a" : "button", "", "", { role: "option", tabindex: -1 });
  option.id = `palette-option-${options.length}`;
  if (item.url) option.href = item.url;
  else option.addEventListener("click", () => run(item.element));
  option.append(element("span", "", item.label), element("span", "note", item.detail));
  if (item.key) option.append(element("kbd", "", keyNames[item.key] ?? item.key));
  options.push(option);
  return option;
}

function groupOf(name, items, most) {
  const shown = items.slice(0, most);
  let heading = name;
  if (shown.length < items.length) heading += `, ${shown.length} of ${count(items.length)}`;
  if (name === "Images" && hasMoreImages) heading += `, the first ${items.length}`;
  const group = element("div", "", "", { role: "group", "aria-label": heading });
  group.append(element("p", "note", heading, { "aria-hidden": true }), ...shown.map(optionOf));
  return group;
}

function select(index) {
  options[selected]?.removeAttribute("aria-selected");
  selected = options.length ? (index + options.length) % options.length : 0;
  options[selected]?.setAttribute("aria-selected", "true");
  options[selected]?.scrollIntoView({ block: "nearest" });
  field.setAttribute("aria-activedescendant", options[selected]?.id ?? "");
}

function show(index = 0) {
  const text = field.value.trim().toLowerCase();
  options = [];
  const groups = Object.entries(found).map(([name, items]) => [name, matches(items, text)]);
  const most = { Classes: text ? mostClasses : mostAtFirst };
  list.replaceChildren(
    ...groups.filter(([, items]) => items.length).map(([name, items]) => groupOf(name, items, most[name])),
  );
  note.textContent = options.length ? `${options.length} results` : "Nothing found.";
  select(Math.min(index, options.length - 1));
}

// Opening and choosing --------------------------------------------------------------------------------

function run(target) {
  dialog.close();
  target.click();
}

export function open() {
  if (dialog.open) {
    dialog.close();
    return;
  }
  field.value = "";
  found = {
    ...found,
    Images: [],
    Pages: [...document.querySelectorAll(pages)].map(pageItem),
    Actions: findActions(),
  };
  dialog.showModal();
  show();
  loadClasses();
}

field.addEventListener("input", () => {
  show();
  clearTimeout(timer);
  timer = setTimeout(findImages, delay, field.value.trim());
});

field.addEventListener("keydown", (event) => {
  if (event.isComposing) return;
  if (event.key === "ArrowDown") select(selected + 1);
  else if (event.key === "ArrowUp") select(selected - 1);
  else if (event.key === "Enter") {
    const { ctrlKey, metaKey, shiftKey } = event; // Open a link in a new tab, as with a click.
    options[selected]?.dispatchEvent(new MouseEvent("click", { cancelable: true, ctrlKey, metaKey, shiftKey }));
  } else return;
  event.preventDefault();
});

list.addEventListener("mousedown", (event) => event.preventDefault()); // The field keeps the focus.
