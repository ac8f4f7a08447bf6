// The strip: the pointer reads ranks and scores, a click or the lower slider opens the ranking there.
// Once the page is scrolled past it, it becomes a low bar that stays in view.

import { clamp, count } from "./numbers.js";
import { data, pointOfRank, scores } from "./operating-points.js";
import { ranksAt, sliderRanks, sliderValue } from "./rank-scale.js";
import { followFinger, onArrowKeys } from "./sliders.js";

const section = document.querySelector("[data-instrument]");
const strip = section.querySelector("[data-strip]");
const position = section.querySelector("[data-position]");
const readout = section.querySelector("[data-strip-readout]");
const pageSize = Number(position.dataset.size);
let openTimer = 0;

// Opens the ranking from a rank on, at another threshold if there is one.
export function openRank(rank, threshold) {
  const url = new URL(location.href);
  url.searchParams.set("from", rank);
  url.searchParams.delete("around");
  if (threshold !== undefined) url.searchParams.set("threshold", threshold);
  location.assign(url);
}

// The first rank shown ------------------------------------------------------------------------------

const firstRank = () => Math.min(sliderRanks(position) + 1, data.images);

function showPosition() {
  const rank = count(firstRank());
  readout.textContent = `from rank ${rank}`;
  position.setAttribute("aria-valuetext", rank);
}

followFinger(position, () => (readout.textContent = ""));
position.addEventListener("input", showPosition);
position.addEventListener("change", () => openRank(firstRank()));
onArrowKeys(position, (step) => {
  const last = Math.max(data.images - pageSize + 1, 1);
  position.value = sliderValue(clamp(firstRank() + step * pageSize, 1, last) - 1);
  showPosition();
  clearTimeout(openTimer);
  openTimer = setTimeout(() => {
    sessionStorage.setItem("focus", "position"); // So that keys continue to work on the next page.
    openRank(firstRank());
  }, 400);
});

document.addEventListener("partshown", () => {
  const { firstRank: rank } = document.querySelector("[data-first-rank]").dataset;
  position.value = sliderValue(rank - 1);
  position.setAttribute("aria-valuetext", count(Number(rank)));
});

if (sessionStorage.getItem("focus") === "position") position.focus({ preventScroll: true });
sessionStorage.removeItem("focus");

// The rank under the pointer ------------------------------------------------------------------------

function rankUnder(event) {
  const box = strip.getBoundingClientRect();
  return clamp(Math.ceil(ranksAt((event.clientX - box.left) / box.width)), 1, data.images);
}

strip.addEventListener("pointermove", (event) => {
  const rank = rankUnder(event);
  const score = scores[Math.min(pointOfRank(rank), scores.length - 1)];
  const about = data.complete ? "" : "about ";
  const text = rank > data.readable ? "unreadable" : `score ${about}${score?.toPrecision(4) ?? "–"}`;
  readout.textContent = `rank ${count(rank)}, ${text}`;
});
strip.addEventListener("pointerleave", () => (readout.textContent = ""));
strip.addEventListener("click", (event) => {
  if (event.pointerType !== "touch") openRank(rankUnder(event)); // A finger there scrolls the page.
});

// In view -------------------------------------------------------------------------------------------

// Below the window counts as in view: what is scrolled past it at once never intersects the window.
const options = { rootMargin: "0px 0px 1000000px" };
new IntersectionObserver((entries) => {
  section.classList.toggle("stuck", !entries.at(-1).isIntersecting);
}, options).observe(document.querySelector("[data-instrument-top]"));
