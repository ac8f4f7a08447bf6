// The threshold moves over the strip, and cards and numbers follow at once; a click on the strip
// goes to that rank. All state is in the address; thresholds are also kept by class in this browser.
// Without this script the form and the links do the same, page by page.

import { count, fraction } from "./numbers.js";

const section = document.querySelector("[data-instrument]");
const data = JSON.parse(section.querySelector("[data-instrument-data]").textContent);
// Written with nine digits, which name each float32. As the server does, compare those in full.
const scores = data.score.map(Math.fround);
const band = section.querySelector("[data-strip]");
const aboveBand = section.querySelector("[data-above]");
const handle = section.querySelector("[data-threshold-handle]");
const place = section.querySelector("[data-position]");
const readout = section.querySelector("[data-band-readout]");
const field = document.querySelector("[data-threshold-field]");
const note = document.querySelector("[data-threshold-note]");
const wanted = document.querySelector("[data-target-precision]");
const live = [...document.querySelectorAll("[data-live]")];
const cards = [...document.querySelectorAll(".card[data-truth]")].map((element) => ({
  element,
  score: Math.fround(element.dataset.score),
  truth: element.dataset.truth,
  mark: element.querySelector(".mark"),
  line: element.querySelector("[data-outcome]"),
  outcome: element.querySelector("[data-outcome]").textContent,
}));
const storageKey = `thresholds of ${data.run}`;
const filtersOutcome = new URL(location.href).searchParams.get("outcome");
const rest = readout.textContent;
const pageSize = Number(place.dataset.size);
const steps = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 10, PageDown: -10 };
let threshold = Number(field.defaultValue); // Not the value, which a browser may have restored.
let settling = 0;

const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

// The first place whose entry fails the test; entries pass it up to there.
function bisect(length, passes) {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (passes(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}

// Points are the places where the threshold can stand, by how much is above it; -1 is nothing.
const pointAbove = (value) => bisect(scores.length, (at) => scores[at] > value) - 1;
const rankAt = (point) => (point < 0 ? 0 : data.count[point] + data.ignored[point]);
const pointAtRank = (rank) => bisect(scores.length, (at) => rankAt(at) <= rank) - 1;
const pointOfRank = (rank) => bisect(scores.length, (at) => rankAt(at) < rank);

const bits = new DataView(new ArrayBuffer(4));

// The next float32 below a positive one: there is no score between the two.
function float32Below(value) {
  bits.setFloat32(0, value);
  bits.setUint32(0, bits.getUint32(0) - 1);
  return bits.getFloat32(0);
}

// The shortest decimal in [low, high).
function shortest(low, high) {
  for (let digits = 0; digits < 16; digits += 1) {
    const value = (Math.ceil(high * 10 ** digits) - 1) / 10 ** digits;
    if (value >= low && value < high) return value;
  }
  return low;
}

// The shortest threshold with this point above it, and no other image that is not.
function thresholdOf(point) {
  if (point < 0) return 1;
  if (scores[point] === 0) return 0; // As low as a threshold goes.
  const low = data.complete ? (scores[point + 1] ?? 0) : float32Below(scores[point]);
  return shortest(low, scores[point]);
}

// The point of highest recall that is at least so precise, the most precise of those; -1 if none.
function pointOfPrecision(least) {
  let point = scores.length - 1;
  while (point >= 0 && data.truePositives[point] / data.count[point] < least) point -= 1;
  while (point > 0 && data.truePositives[point - 1] === data.truePositives[point]) point -= 1;
  return point;
}

function outcomeOf(card) {
  if (card.truth === "difficult") return "";
  const present = card.truth === "present";
  return card.score > threshold ? (present ? "TP" : "FP") : present ? "FN" : "TN";
}

function relabel(card) {
  const outcome = outcomeOf(card);
  if (outcome === card.outcome) return;
  const verdict = outcome[0] === "T" ? "correct" : "incorrect";
  card.outcome = outcome;
  card.line.textContent = outcome;
  card.element.classList.toggle("card-correct", verdict === "correct");
  card.element.classList.toggle("card-incorrect", verdict === "incorrect");
  card.mark.className = `mark mark-${verdict}`;
  card.mark.querySelector(".visually-hidden").textContent = verdict;
}

// Writes what is above the threshold: images present, absent, and difficult.
function show(present, absent, difficult) {
  const selected = present + absent;
  const rank = selected + difficult;
  const texts = {
    threshold: String(threshold),
    above: count(selected),
    present: count(present),
    absent: count(absent),
    difficult: count(difficult),
    precision: fraction(present / selected),
    recall: fraction(present / data.present),
    f1: fraction(data.present ? (2 * present) / (selected + data.present) : NaN),
  };
  for (const element of live) {
    if (element.textContent !== texts[element.dataset.live]) {
      element.textContent = texts[element.dataset.live];
    }
  }
  aboveBand.setAttribute("width", (1000 * rank) / data.images);
  handle.value = rank;
  handle.setAttribute("aria-valuetext", `${threshold}, ${count(rank)} images above it`);
}

function setThreshold(value) {
  threshold = value;
  note.textContent = "";
  const point = pointAbove(threshold);
  const present = point < 0 ? 0 : data.truePositives[point];
  show(present, (point < 0 ? 0 : data.count[point]) - present, point < 0 ? 0 : data.ignored[point]);
  cards.forEach(relabel);
  if (document.activeElement !== field) field.value = threshold; // Else it is being typed.
}

// Once the threshold stays where it is, address, links and memory follow.
function settle() {
  clearTimeout(settling);
  settling = 0;
  const address = new URL(location.href);
  const moved = address.searchParams.get("threshold") !== String(threshold);
  address.searchParams.set("threshold", threshold);
  remember();
  // Which images are FP, say, is another matter now: the server has to choose the cards anew.
  if (moved && filtersOutcome) {
    if (document.activeElement === handle) sessionStorage.setItem("focus", "handle");
    location.replace(address);
    return;
  }
  history.replaceState(history.state, "", address);
  // Between two of the points that are here only the server knows what is above.
  if (!data.complete) askExactly();
}

// One key or digit may follow the other; browsers allow only so many changes of the address.
function settleSoon() {
  clearTimeout(settling);
  settling = setTimeout(settle, filtersOutcome ? 900 : 150);
}

function settleIfPending() {
  if (settling) settle();
}

function remember() {
  try {
    localStorage.setItem(storageKey, JSON.stringify(Object.fromEntries(keptThresholds())));
  } catch {
    // A browser that keeps nothing: the address still holds this one.
  }
  for (const link of document.querySelectorAll("[data-carries-threshold] a[href]")) {
    const target = new URL(link.href);
    target.searchParams.set("threshold", threshold);
    link.href = target;
  }
  for (const input of document.querySelectorAll("[data-follows-threshold]")) input.value = threshold;
}

// The thresholds of all classes that were set in this browser; of this class as it is now.
function keptThresholds() {
  return new Map([...storedThresholds(), [data.class, threshold]]);
}

function storedThresholds() {
  try {
    const stored = Object.entries(JSON.parse(localStorage.getItem(storageKey)) ?? {});
    return new Map(stored.filter(([, value]) => value >= 0 && value <= 1));
  } catch {
    return new Map();
  }
}

async function askExactly() {
  const address = new URL(section.dataset.numbers, location.href);
  address.searchParams.set("threshold", threshold);
  try {
    const answer = await fetch(address);
    const found = answer.ok && (await answer.json()).at_threshold;
    // The threshold may have moved on meanwhile.
    if (found && found.threshold === threshold) show(found.present, found.absent, found.difficult);
  } catch {
    // Out of reach: the numbers of the nearest point stand.
  }
}

function goToRank(rank) {
  settleIfPending();
  const address = new URL(location.href);
  address.searchParams.set("from", rank);
  address.searchParams.delete("around");
  location.assign(address);
}

// Keys step by what there is to step to: a slider's own would stand still where scores are equal.
function onKeys(slider, move) {
  slider.addEventListener("keydown", (event) => {
    const ends = { Home: -Infinity, End: Infinity };
    const step = steps[event.key] ?? ends[event.key];
    if (step === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    move(step);
  });
}

handle.addEventListener("input", () => setThreshold(thresholdOf(pointAtRank(Number(handle.value)))));
handle.addEventListener("change", settle);
onKeys(handle, (step) => {
  setThreshold(thresholdOf(clamp(pointAbove(threshold) + step, -1, scores.length - 1)));
  settleSoon();
});

let going = 0;

function announcePlace() {
  readout.textContent = `from rank ${count(Number(place.value))}`;
}

place.addEventListener("input", announcePlace);
place.addEventListener("change", () => goToRank(Number(place.value)));
onKeys(place, (step) => {
  place.value = clamp(Number(place.value) + step * pageSize, 1, Math.max(data.images - pageSize + 1, 1));
  announcePlace();
  clearTimeout(going);
  going = setTimeout(() => {
    sessionStorage.setItem("focus", "place"); // So that keys go on from there on the next page.
    goToRank(Number(place.value));
  }, 400);
});

const rankUnder = (event) => {
  const box = band.getBoundingClientRect();
  const share = (event.clientX - box.left) / box.width;
  return clamp(Math.ceil(share * data.images), 1, data.images);
};

band.addEventListener("pointermove", (event) => {
  const rank = rankUnder(event);
  const score = scores[Math.min(pointOfRank(rank), scores.length - 1)];
  const about = data.complete ? "" : "about ";
  const what = rank > data.readable ? "unreadable" : `score ${about}${score?.toPrecision(4) ?? "–"}`;
  readout.textContent = `rank ${count(rank)}, ${what}`;
});
band.addEventListener("pointerleave", () => {
  readout.textContent = rest;
});
band.addEventListener("click", (event) => goToRank(rankUnder(event)));

field.addEventListener("input", () => {
  if (field.value === "" || !field.validity.valid) return;
  setThreshold(Number(field.value));
  settleSoon();
});

function setPrecision() {
  if (wanted.value === "" || !wanted.reportValidity()) return;
  const point = pointOfPrecision(Number(wanted.value));
  if (point < 0) {
    note.textContent = `No threshold has a precision of ${wanted.value} or more.`;
    return;
  }
  setThreshold(thresholdOf(point));
  settle();
}

const buttons = {
  half: () => setThreshold(0.5),
  "best-f1": () => setThreshold(thresholdOf(data.count.indexOf(data.bestF1))),
};
for (const button of document.querySelectorAll("[data-set-threshold]")) {
  button.addEventListener("click", () => {
    const move = buttons[button.dataset.setThreshold];
    if (!move) return setPrecision();
    move();
    return settle();
  });
}
wanted.addEventListener("keydown", (event) => {
  if (event.key !== "Enter") return;
  event.preventDefault(); // Or the form would be sent.
  setPrecision();
});

document.querySelector("[data-export-thresholds]").addEventListener("click", () => {
  const thresholds = Object.fromEntries(keptThresholds());
  const text = JSON.stringify({ run: data.run, thresholds }, null, 2);
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  link.download = `${data.run}_thresholds.json`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
});

// A link that is followed at once must bear the threshold as it is.
document.addEventListener("pointerdown", settleIfPending, true);
document.addEventListener("click", settleIfPending, true);

// The threshold of the address becomes the class's own; without one, that which was set last holds.
if (new URL(location.href).searchParams.get("threshold")) {
  remember();
} else if (storedThresholds().has(data.class)) {
  setThreshold(storedThresholds().get(data.class));
  settle();
}
const focused = { place, handle }[sessionStorage.getItem("focus")];
sessionStorage.removeItem("focus");
focused?.focus({ preventScroll: true });
