// The overview: the thresholds that it shows can be stored for all classes.

import { readThresholds, writeThresholds } from "./stored-thresholds.js";

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
