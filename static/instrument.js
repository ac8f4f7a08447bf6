// Moves the threshold: cards and metrics follow at once. It is part of the URL. What is set here is also
// stored in this browser, per class, and offered where a URL has another one, so that a link shows the
// same to everybody. Without this script, the form and the links do the same with a request per change.

import { showPart } from "./grid.js";
import { clamp, count, fraction } from "./numbers.js";
import {
  countsAt, data, pointAbove, pointAtRank, pointOfPrecision, scores, thresholdOf,
} from "./operating-points.js";
import { positionOf, sliderRanks, sliderValue } from "./rank-scale.js";
import { followFinger, onArrowKeys } from "./sliders.js";
import { readThresholds, writeThresholds } from "./stored-thresholds.js";
import { findCards, showInCards, showInLinks } from "./threshold-cards.js";

const section = document.querySelector("[data-instrument]");
const aboveRect = section.querySelector("[data-above]");
const handle = section.querySelector("[data-threshold-handle]");
const field = document.querySelector("[data-threshold-field]");
const note = document.querySelector("[data-threshold-note]");
const stored = document.querySelector("[data-set-threshold=stored]");
const targetPrecision = document.querySelector("[data-target-precision]");
let threshold = Number(field.defaultValue); // Not the value, which the browser may have restored.
let selectedAt = threshold; // The threshold of the cards shown, if they are filtered by outcome.
let commitTimer = 0;
let selectTimer = 0;

// What follows the threshold ------------------------------------------------------------------------

// Shows the counts of images above the threshold, and the metrics that follow from them.
function showCounts({ present, absent, difficult, not_labelled: notLabelled }) {
  const selected = present + absent;
  const rank = selected + difficult + notLabelled;
  const texts = {
    threshold: String(threshold),
    above: count(selected),
    present: count(present),
    absent: count(absent),
    difficult: count(difficult),
    notLabelled: count(notLabelled),
    precision: fraction(present / selected),
    recall: fraction(present / data.present),
    TP: count(present),
    FP: count(absent),
    FN: count(data.present - present),
    TN: count(data.absent - absent),
    f1: fraction(data.present ? (2 * present) / (selected + data.present) : NaN),
  };
  for (const element of document.querySelectorAll("[data-live]")) {
    if (element.textContent !== texts[element.dataset.live]) {
      element.textContent = texts[element.dataset.live];
    }
  }
  aboveRect.setAttribute("width", 1000 * positionOf(rank));
  handle.value = sliderValue(rank);
  handle.setAttribute("aria-valuetext", `${threshold}, ${count(rank)} images above it`);
  showInLinks(rank);
}

function setThreshold(value) {
  threshold = value;
  note.textContent = "";
  showCounts(countsAt(pointAbove(threshold)));
  showInCards(threshold);
  document.dispatchEvent(new CustomEvent("thresholdchange", { detail: threshold }));
  if (document.activeElement !== field) field.value = threshold; // Not while the user is typing.
}

// Shows the button for the stored threshold of this class, if it is another one.
function offerStored() {
  const value = readThresholds().get(data.class) ?? threshold;
  stored.dataset.value = value;
  stored.textContent = `Your threshold: ${Number(value.toFixed(4))}`; // At most as wide as its space.
  stored.classList.toggle("offered", value !== threshold);
}

// With a filter on TP, FP, FN or TN, for example, the server has to select the images again.
function select() {
  clearTimeout(selectTimer);
  if (!document.querySelector("[data-depends-on-threshold]") || selectedAt === threshold) return;
  selectedAt = threshold;
  const url = new URL(location.href);
  url.searchParams.set("threshold", threshold);
  showPart(url);
}

// Waits until the handle pauses.
function selectSoon() {
  clearTimeout(selectTimer);
  selectTimer = setTimeout(select, 200);
}

// Updates URL, links and storage once the threshold no longer moves.
function commit() {
  clearTimeout(commitTimer);
  commitTimer = 0;
  const url = new URL(location.href);
  url.searchParams.set("threshold", threshold);
  history.replaceState(history.state, "", url);
  writeThresholds(allThresholds());
  carryThreshold();
  offerStored();
  select();
  // Only the server has the exact counts between two points.
  if (!data.complete) fetchCounts();
}

// Waits for further keys or digits, since browsers limit the rate of URL changes.
function commitSoon() {
  clearTimeout(commitTimer);
  commitTimer = setTimeout(commit, 150);
}

function commitIfPending() {
  if (commitTimer) commit();
}

// All thresholds set in this browser, with the current one of this class.
const allThresholds = () => new Map([...readThresholds(), [data.class, threshold]]);

function carryThreshold() {
  for (const link of document.querySelectorAll("[data-carries-threshold] a[href]")) {
    const url = new URL(link.href);
    url.searchParams.set("threshold", threshold);
    link.href = url;
  }
  for (const input of document.querySelectorAll("[data-follows-threshold]")) input.value = threshold;
}

async function fetchCounts() {
  const url = new URL(section.dataset.countsUrl, location.href);
  url.searchParams.set("threshold", threshold);
  try {
    const response = await fetch(url);
    const counts = response.ok && (await response.json()).at_threshold;
    // The threshold may have moved in the meantime.
    if (counts && counts.threshold === threshold) showCounts(counts);
  } catch {
    // Offline: the counts of the nearest point stay.
  }
}

// The handle ----------------------------------------------------------------------------------------

let held = threshold;
handle.addEventListener("pointerdown", () => (held = threshold));
followFinger(handle, () => setThreshold(held));
handle.addEventListener("input", () => {
  setThreshold(thresholdOf(pointAtRank(sliderRanks(handle))));
  selectSoon();
});
handle.addEventListener("change", commit);
onArrowKeys(handle, (step) => {
  setThreshold(thresholdOf(clamp(pointAbove(threshold) + step, -1, scores.length - 1)));
  commitSoon();
});

// The form ------------------------------------------------------------------------------------------

field.addEventListener("input", () => {
  if (field.value === "" || !field.validity.valid) return;
  setThreshold(Number(field.value));
  commitSoon();
});

function reachPrecision() {
  if (targetPrecision.value === "" || !targetPrecision.reportValidity()) return;
  const point = pointOfPrecision(Number(targetPrecision.value));
  if (point < 0) {
    note.textContent = `No threshold has a precision of ${targetPrecision.value} or more.`;
    return;
  }
  setThreshold(thresholdOf(point));
  commit();
}

function onSet(name, listener) {
  document.querySelector(`[data-set-threshold="${name}"]`)?.addEventListener("click", listener);
}

onSet("half", () => {
  setThreshold(0.5);
  commit();
});
onSet("best-f1", () => {
  setThreshold(thresholdOf(data.count.indexOf(data.bestF1)));
  commit();
});
onSet("stored", () => {
  setThreshold(Number(stored.dataset.value));
  commit();
});
onSet("precision", reachPrecision);
targetPrecision.addEventListener("keydown", (event) => {
  if (event.key !== "Enter") return;
  event.preventDefault(); // Do not submit the form.
  reachPrecision();
});

document.querySelector("[data-export-thresholds]").addEventListener("click", () => {
  const thresholds = Object.fromEntries(allThresholds());
  const text = JSON.stringify({ run: data.run, thresholds }, null, 2);
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  link.download = `${data.run}_thresholds.json`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
});

// A link that is clicked right away must have the current threshold.
document.addEventListener("pointerdown", commitIfPending, true);
document.addEventListener("click", commitIfPending, true);

// The cards and links of another part may be those of an earlier threshold.
document.addEventListener("partshown", () => {
  findCards();
  showInCards(threshold);
  carryThreshold();
});

offerStored();
showInCards(threshold);
