// A form whose result appears while the user types. Without this script, it is submitted.

import { showPart } from "./grid.js";

const form = document.querySelector("[data-live-form]");
const waitMs = 200;
let timer = 0;

async function refresh() {
  clearTimeout(timer);
  const url = new URL(form.action);
  for (const [name, value] of new FormData(form)) if (value !== "") url.searchParams.set(name, value);
  if (await showPart(url)) history.replaceState(history.state, "", url);
}

form.addEventListener("input", () => {
  clearTimeout(timer);
  if (form.checkValidity()) timer = setTimeout(refresh, waitMs);
});
form.addEventListener("submit", (event) => {
  event.preventDefault();
  refresh();
});
