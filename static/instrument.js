// The threshold moves over the strip, and cards, numbers and curves follow at once. A click on the
// strip or on a curve goes to that rank. All state is in the address; thresholds are also kept by
// class in this browser. Without this script the form and the links do the same, page by page.

const section = document.querySelector("[data-instrument]");
const data = JSON.parse(section.querySelector("[data-instrument-data]").textContent);
const band = section.querySelector("[data-strip]");
const aboveBand = section.querySelector("[data-above]");
const handle = section.querySelector("[data-threshold-handle]");
const place = section.querySelector("[data-place]");
const readout = section.querySelector("[data-band-readout]");
const field = document.querySelector("[data-threshold-field]");
const cards = [...document.querySelectorAll(".card[data-truth]")].map((element) => ({
  element,
  score: Number(element.dataset.score),
  truth: element.dataset.truth,
  mark: element.querySelector(".mark"),
  outcome: element.querySelector("[data-outcome]"),
}));
const storageKey = `thresholds of ${data.run}`;
const rest = readout.textContent;
let threshold = Number(field.value);
let exact = 0; // The last request for exact numbers; answers to older ones are dropped.

const count = (value) => Math.round(value).toLocaleString("en");
const fraction = (value) => (Number.isFinite(value) ? value.toFixed(3) : "–");

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

const pointAbove = (value) => bisect(data.score.length, (at) => data.score[at] > value) - 1;
const rankAt = (point) => (point < 0 ? 0 : data.count[point] + data.ignored[point]);
const pointAtRank = (rank) => bisect(data.score.length, (at) => rankAt(at) <= rank) - 1;

// The shortest decimal that parts a point from the next one below it.
function thresholdOf(point) {
  if (point < 0) return 1;
  const high = data.score[point];
  const low = point + 1 < data.score.length ? data.score[point + 1] : 0;
  for (let digits = 2; digits < 17; digits += 1) {
    const value = Number((Math.ceil(high * 10 ** digits - 1) / 10 ** digits).toFixed(digits));
    if (value >= low && value < high) return value;
  }
  return low;
}

// The point of highest recall that is at least so precise; -1 if there is none.
function pointOfPrecision(wanted) {
  for (let at = data.score.length - 1; at >= 0; at -= 1) {
    if (data.truePositives[at] >= wanted * data.count[at]) return at;
  }
  return -1;
}

function outcomeOf(card) {
  if (card.truth === "difficult" || Number.isNaN(card.score)) return "";
  const present = card.truth === "present";
  return card.score > threshold ? (present ? "TP" : "FP") : present ? "FN" : "TN";
}

function relabel(card) {
  const outcome = outcomeOf(card);
  if (!outcome || outcome === card.outcome.textContent) return;
  const right = outcome[0] === "T";
  card.outcome.textContent = outcome;
  card.element.classList.toggle("card-right", right);
  card.element.classList.toggle("card-wrong", !right);
  card.mark.className = `mark mark-${right ? "right" : "wrong"}`;
  card.mark.querySelector("use").setAttribute("href", `#mark-${right ? "right" : "wrong"}`);
  card.mark.querySelector(".sr").textContent = right ? "right" : "wrong";
}

function show(numbers) {
  const selected = numbers.present + numbers.absent;
  const texts = {
    threshold,
    above: count(selected),
    present: count(numbers.present),
    absent: count(numbers.absent),
    ignored: count(numbers.ignored),
    precision: fraction(numbers.present / selected),
    recall: fraction(numbers.present / data.present),
    f1: fraction((2 * numbers.present) / (selected + data.present)),
  };
  for (const element of document.querySelectorAll("[data-live]")) {
    element.textContent = texts[element.dataset.live];
  }
}

// Moves the threshold; `settled` once it stays there, so that the address and links follow.
function setThreshold(value, settled = true) {
  threshold = value;
  const point = pointAbove(threshold);
  const present = point < 0 ? 0 : data.truePositives[point];
  const ignored = point < 0 ? 0 : data.ignored[point];
  show({ present, absent: (point < 0 ? 0 : data.count[point]) - present, ignored });
  cards.forEach(relabel);
  aboveBand.setAttribute("width", (1000 * rankAt(point)) / data.images);
  handle.value = rankAt(point);
  handle.setAttribute("aria-valuetext", `${threshold}, ${count(rankAt(point))} images above it`);
  if (document.activeElement !== field) field.value = threshold;
  if (settled) settle();
}

function settle() {
  const address = new URL(location.href);
  address.searchParams.set("threshold", threshold);
  history.replaceState(null, "", address);
  const kept = readKept();
  kept[data.class] = threshold;
  localStorage.setItem(storageKey, JSON.stringify(kept));
  for (const link of document.querySelectorAll("[data-carries] a[href], a[data-carries][href]")) {
    const target = new URL(link.href);
    target.searchParams.set("threshold", threshold);
    link.href = target;
  }
  // Between two of the points that are here, or with difficult images about, only the server knows.
  if (!data.complete || data.ignored.at(-1)) askExactly();
}

async function askExactly() {
  exact += 1;
  const request = exact;
  const parameters = new URLSearchParams({ class: data.class, threshold });
  const answer = await fetch(`/api/v1/class?${parameters}`);
  if (!answer.ok || request !== exact) return;
  const { at_threshold: found } = await answer.json();
  show({ present: found.present, absent: found.absent, ignored: found.difficult });
}

function readKept() {
  try {
    return JSON.parse(localStorage.getItem(storageKey)) ?? {};
  } catch {
    return {};
  }
}

function goToRank(rank, changes = {}) {
  const address = new URL(location.href);
  address.searchParams.set("from", Math.min(Math.max(Math.round(rank), 1), data.images));
  for (const [name, value] of Object.entries(changes)) address.searchParams.set(name, value);
  location.assign(address);
}

const rankUnder = (event) => {
  const box = band.getBoundingClientRect();
  const share = (event.clientX - box.left) / box.width;
  return Math.min(Math.max(Math.ceil(share * data.images), 1), data.images);
};

handle.hidden = false;
handle.addEventListener("input", () => setThreshold(thresholdOf(pointAtRank(Number(handle.value))), false));
handle.addEventListener("change", settle);

place.hidden = false;
place.addEventListener("input", () => {
  readout.textContent = `from rank ${count(place.value)}`;
});
place.addEventListener("change", () => goToRank(Number(place.value)));

band.addEventListener("pointermove", (event) => {
  const rank = rankUnder(event);
  const point = Math.max(pointAtRank(rank), 0);
  readout.textContent = `rank ${count(rank)}, score about ${data.score[point]?.toPrecision(4)}`;
});
band.addEventListener("pointerleave", () => {
  readout.textContent = rest;
});
band.addEventListener("click", (event) => goToRank(rankUnder(event)));

field.addEventListener("input", () => {
  if (field.value !== "" && field.validity.valid) setThreshold(Number(field.value));
});
for (const button of document.querySelectorAll("[data-set-threshold]")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    const kind = button.dataset.setThreshold;
    if (kind === "half") return setThreshold(0.5);
    if (kind === "best-f1") {
      const point = data.count.indexOf(data.bestF1);
      if (point >= 0) setThreshold(thresholdOf(point));
      return undefined;
    }
    const wanted = document.querySelector("[data-wanted-precision]");
    const point = pointOfPrecision(Number(wanted.value));
    wanted.setCustomValidity(point < 0 ? "No threshold is as precise." : "");
    if (point < 0) wanted.reportValidity();
    else setThreshold(thresholdOf(point));
    return undefined;
  });
}
for (const element of document.querySelectorAll("[data-needs-script]")) element.hidden = false;

document.querySelector("[data-export-thresholds]")?.addEventListener("click", () => {
  const kept = { ...readKept(), [data.class]: threshold };
  const text = JSON.stringify({ run: data.run, thresholds: kept }, null, 2);
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  link.download = `${data.run}_thresholds.json`;
  link.click();
  URL.revokeObjectURL(link.href);
});

for (const figure of section.querySelectorAll("[data-plot]")) {
  const points = data.plots[figure.dataset.plot];
  const drawing = figure.querySelector("svg");
  const here = figure.querySelector("[data-here]");
  const said = figure.querySelector("[data-readout]");
  let nearest = null;
  drawing.addEventListener("pointermove", (event) => {
    const box = drawing.getBoundingClientRect();
    const scale = drawing.viewBox.baseVal.width / box.width;
    const [x, y] = [(event.clientX - box.left) * scale, (event.clientY - box.top) * scale];
    const distance = (point) => Math.hypot(point[0] - x, (point[1] - y) / 4);
    nearest = points.reduce((best, point) => (distance(point) < distance(best) ? point : best));
    here.removeAttribute("hidden");
    here.setAttribute("transform", `translate(${nearest[0]} 0)`);
    here.querySelector("circle").setAttribute("cy", nearest[1]);
    const rank = rankAt(pointAbove(nearest[2]));
    said.textContent = `threshold ${nearest[2].toPrecision(4)}, rank ${count(rank)}; click to go there`;
  });
  drawing.addEventListener("pointerleave", () => {
    here.setAttribute("hidden", "");
    said.textContent = "\u00a0";
  });
  drawing.addEventListener("click", () => {
    if (!nearest) return;
    const rank = Math.max(rankAt(pointAbove(nearest[2])), 1);
    goToRank(rank, { threshold: Math.max(nearest[2], 0) });
  });
}

// A threshold that was set for this class before holds, unless the address names one.
const kept = readKept()[data.class];
if (!new URL(location.href).searchParams.has("threshold") && kept !== undefined) setThreshold(kept);
