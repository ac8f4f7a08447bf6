// Moves the threshold over the strip: cards and metrics follow at once. A click on the strip opens the
// ranking there. The threshold is part of the URL. What is set here is also stored in this browser, per
// class, and offered where a URL has another one, so that a link shows the same to everybody. Without
// this script, the form and the links do the same with a request per change.

import { clamp, count, fraction } from "./numbers.js";
import {
  countsAt, data, pointAbove, pointAtRank, pointOfPrecision, pointOfRank, scores, thresholdOf,
} from "./operating-points.js";
import { readThresholds, writeThresholds } from "./stored-thresholds.js";

const section = document.querySelector("[data-instrument]");
const strip = section.querySelector("[data-strip]");
const aboveRect = section.querySelector("[data-above]");
const handle = section.querySelector("[data-threshold-handle]");
const position = section.querySelector("[data-position]");
const readout = section.querySelector("[data-strip-readout]");
const field = document.querySelector("[data-threshold-field]");
const note = document.querySelector("[data-threshold-note]");
const stored = document.querySelector("[data-set-threshold=stored]");
const targetPrecision = document.querySelector("[data-target-precision]");
const dependsOnThreshold = Boolean(document.querySelector("[data-depends-on-threshold]"));
const defaultReadout = readout.textContent;
const pageSize = Number(position.dataset.size);
// In points down the ranking: up, as left on the strip, is a higher threshold.
const steps = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1, PageDown: 10, PageUp: -10 };
let threshold = Number(field.defaultValue); // Not the value, which the browser may have restored.
let cards = findCards();
let commitTimer = 0;
let openTimer = 0;

// What follows the threshold ------------------------------------------------------------------------

function findCards() {
  return [...document.querySelectorAll(".card[data-truth]")].map((element) => ({
    element,
    score: Math.fround(element.dataset.score),
    truth: element.dataset.truth,
    mark: element.querySelector(".mark"),
    label: element.querySelector("[data-outcome]"),
    outcome: element.querySelector("[data-outcome]").textContent,
  }));
}

function outcomeOf(card) {
  if (card.truth !== "present" && card.truth !== "absent") return "";
  const present = card.truth === "present";
  return card.score > threshold ? (present ? "TP" : "FP") : present ? "FN" : "TN";
}

function updateCard(card) {
  const outcome = outcomeOf(card);
  if (outcome === card.outcome) return;
  const verdict = outcome[0] === "T" ? "correct" : "incorrect";
  card.outcome = outcome;
  card.label.textContent = outcome;
  card.element.classList.toggle("card-correct", verdict === "correct");
  card.element.classList.toggle("card-incorrect", verdict === "incorrect");
  card.mark.className = `mark mark-${verdict}`;
  card.mark.querySelector(".visually-hidden").textContent = verdict;
}

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
  aboveRect.setAttribute("width", (1000 * rank) / data.images);
  handle.value = rank;
  handle.setAttribute("aria-valuetext", `${threshold}, ${count(rank)} images above it`);
}

function setThreshold(value) {
  threshold = value;
  note.textContent = "";
  showCounts(countsAt(pointAbove(threshold)));
  cards.forEach(updateCard);
  if (document.activeElement !== field) field.value = threshold; // Not while the user is typing.
}

// Shows the button for the stored threshold of this class, if it is another one.
function offerStored() {
  const value = readThresholds().get(data.class) ?? threshold;
  stored.dataset.value = value;
  stored.textContent = `Yours: ${Number(value.toFixed(4))}`; // At most as wide as its space.
  stored.classList.toggle("offered", value !== threshold);
}

// Updates URL, links and storage once the threshold no longer moves.
function commit() {
  clearTimeout(commitTimer);
  commitTimer = 0;
  const url = new URL(location.href);
  const moved = url.searchParams.get("threshold") !== String(threshold);
  url.searchParams.set("threshold", threshold);
  writeThresholds(allThresholds());
  carryThreshold();
  offerStored();
  // With a filter on TP, FP, FN or TN, for example, the server has to select the images again.
  if (moved && dependsOnThreshold) {
    if (document.activeElement === handle) sessionStorage.setItem("focus", "handle");
    location.replace(url);
    return;
  }
  history.replaceState(history.state, "", url);
  // Only the server has the exact counts between two points.
  if (!data.complete) fetchCounts();
}

// Waits for further keys or digits, since browsers limit the rate of URL changes.
function commitSoon() {
  clearTimeout(commitTimer);
  commitTimer = setTimeout(commit, dependsOnThreshold ? 900 : 150);
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

// The handle, the position slider and the strip -----------------------------------------------------

function openRank(rank) {
  commitIfPending();
  const url = new URL(location.href);
  url.searchParams.set("from", rank);
  url.searchParams.delete("around");
  location.assign(url);
}

// Keys move by points or pages; the slider's own steps would get stuck where scores are equal.
function onArrowKeys(slider, move) {
  slider.addEventListener("keydown", (event) => {
    const ends = { Home: -Infinity, End: Infinity };
    const step = steps[event.key] ?? ends[event.key];
    if (step === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    move(step);
  });
}

handle.addEventListener("input", () => setThreshold(thresholdOf(pointAtRank(Number(handle.value)))));
handle.addEventListener("change", commit);
onArrowKeys(handle, (step) => {
  setThreshold(thresholdOf(clamp(pointAbove(threshold) + step, -1, scores.length - 1)));
  commitSoon();
});

function showPosition() {
  readout.textContent = `from rank ${count(Number(position.value))}`;
}

position.addEventListener("input", showPosition);
position.addEventListener("change", () => openRank(Number(position.value)));
onArrowKeys(position, (step) => {
  const last = Math.max(data.images - pageSize + 1, 1);
  position.value = clamp(Number(position.value) + step * pageSize, 1, last);
  showPosition();
  clearTimeout(openTimer);
  openTimer = setTimeout(() => {
    sessionStorage.setItem("focus", "position"); // So that keys continue to work on the next page.
    openRank(Number(position.value));
  }, 400);
});

const rankUnder = (event) => {
  const box = strip.getBoundingClientRect();
  const share = (event.clientX - box.left) / box.width;
  return clamp(Math.ceil(share * data.images), 1, data.images);
};

strip.addEventListener("pointermove", (event) => {
  const rank = rankUnder(event);
  const score = scores[Math.min(pointOfRank(rank), scores.length - 1)];
  const about = data.complete ? "" : "about ";
  const text = rank > data.readable ? "unreadable" : `score ${about}${score?.toPrecision(4) ?? "–"}`;
  readout.textContent = `rank ${count(rank)}, ${text}`;
});
strip.addEventListener("pointerleave", () => {
  readout.textContent = defaultReadout;
});
strip.addEventListener("click", (event) => openRank(rankUnder(event)));

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

// The part shown may be that of an earlier threshold.
document.addEventListener("partshown", () => {
  position.value = document.querySelector("[data-first-rank]").dataset.firstRank;
  cards = findCards();
  cards.forEach(updateCard);
  carryThreshold();
});

// On load -------------------------------------------------------------------------------------------

offerStored();
const focused = { position, handle }[sessionStorage.getItem("focus")];
sessionStorage.removeItem("focus");
focused?.focus({ preventScroll: true });
