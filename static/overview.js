// The overview: the list of classes follows the search text, and thresholds can be stored for all of them.

import { readThresholds, writeThresholds } from "./stored-thresholds.js";

const delay = 150; // Milliseconds after the last key.
const search = document.querySelector("[data-class-search]");
let timer = 0;
let latest = 0;

async function showFound() {
  const url = new URL(location.href);
  if (search.value.trim()) url.searchParams.set("name", search.value);
  else url.searchParams.delete("name");
  url.searchParams.delete("from");
  const request = (latest += 1);
  const response = await fetch(url);
  if (!response.ok) throw new Error(response.statusText);
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  if (request !== latest) return; // The text has changed in the meantime.
  // Links and hidden fields hold the text, too; the search field keeps the focus.
  for (const name of ["[data-classes]", "[data-choices]"]) {
    document.querySelector(name).replaceWith(page.querySelector(name));
  }
  history.replaceState(history.state, "", url);
}

search.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(() => showFound().catch(() => search.form.submit()), delay);
});

async function storeThresholds() {
  const response = await fetch(document.querySelector("[data-thresholds-url]").href);
  const { classes } = await response.json();
  const chosen = classes.map((item) => [item.class, item.threshold]);
  writeThresholds(new Map([...readThresholds(), ...chosen]));
  return "Stored";
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-store-thresholds]");
  if (button) button.textContent = await storeThresholds().catch(() => "Not stored");
});
