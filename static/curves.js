// The chart of the curves of all classes. Hovering over a curve shows its values and highlights its row
// in the table, and vice versa. A click on a curve or its row pins it; a click on the pinned curve
// opens the images at that point. With the keyboard, Enter on a row's button pins its curve, arrow keys
// move along it, Enter opens its images and Escape unpins it.

import { clamp, count, fraction } from "./numbers.js";

const chart = document.querySelector("[data-chart]");
const part = (name) => chart.querySelector(`[data-${name}]`);
const data = JSON.parse(part("chart-data").textContent);
const area = part("chart-area");
const marker = part("marker");
const readout = part("readout");
const hitRadius = 28; // Pixels around the pointer.
const steps = {
  ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1,
  PageUp: 10, PageDown: -10, Home: -Infinity, End: Infinity,
};

// The points of a line as fractions of the drawing. Path coordinates are relative to the last point.
function pointsOf(line, length) {
  const numbers = (line.getAttribute("d") ?? "").match(/-?\d+/g) ?? [];
  const units = part("lines").viewBox.baseVal.width;
  let [x, y] = [0, 0];
  return Array.from({ length }, (_, at) => {
    x += Number(numbers[2 * at]);
    y += Number(numbers[2 * at + 1]);
    return { x: x / units, y: y / units };
  });
}

// The values at a point of a class's curve as text, per key of the readout.
function valuesOf(index, at) {
  const [present, absent] = countsOf(index, at);
  return {
    recall: fraction(present / data.images[index]),
    precision: fraction(present / (present + absent)),
    threshold: data.threshold[index][at].toPrecision(4),
    above: count(present + absent),
    rank: count(data.rank[index][at]),
  };
}

function countsOf(index, at) {
  return ["present", "absent"].map((truth) => data[truth][index][at]);
}

const lines = [...part("lines").querySelectorAll(".class-lines path")];
const classes = lines.map((line, index) => ({
  name: data.names[index],
  note: data.notes[index],
  line,
  points: pointsOf(line, data.threshold[index].length),
  values: (at) => valuesOf(index, at),
  row: document.querySelector(`[data-curve="${index}"]`),
  go(at) {
    const url = new URL(this.row.querySelector("a").href);
    url.searchParams.set("from", Math.max(data.rank[index][at], 1));
    url.searchParams.set("threshold", data.threshold[index][at]);
    location.assign(url);
  },
}));
const meanLine = chart.querySelector(".mean-line");
const mean = {
  ...data.mean,
  line: meanLine,
  points: pointsOf(meanLine, data.mean.texts.precision.length),
  values: (at) => Object.fromEntries(Object.entries(data.mean.texts).map(([key, texts]) => [key, texts[at]])),
};

let pinned; // The curve of a class and the index of one of its points.
let pointed; // Any curve; without an index while its row is hovered over.
const marked = {}; // The rows of both.

// Drawing ---------------------------------------------------------------------------------

function highlight(group, curve) {
  group.toggleAttribute("hidden", !curve);
  if (!curve) return;
  for (const path of group.children) path.setAttribute("d", curve.line.getAttribute("d"));
}

function moveTo(element, point) {
  element.hidden = !point;
  if (!point) return;
  element.style.left = `${100 * point.x}%`;
  element.style.top = `${100 * point.y}%`;
}

function showReadout(point) {
  readout.hidden = !point;
  if (!point) return;
  const values = point.curve.values(point.at);
  part("name").textContent = point.curve.name;
  part("note").textContent = point.curve.note;
  part("hint").textContent = hintOf(point.curve);
  for (const element of readout.querySelectorAll("[data-value]")) {
    element.textContent = values[element.dataset.value];
    element.parentElement.hidden = values[element.dataset.value] === undefined;
  }
  // Beside the point, on the side where it fits.
  const { x, y } = point.curve.points[point.at];
  const beside = (at, size, room) => clamp(at + 16 + size > room ? at - 16 - size : at + 16, 0, room - size);
  readout.style.left = `${beside(x * area.clientWidth, readout.offsetWidth, area.clientWidth)}px`;
  readout.style.top = `${beside(y * area.clientHeight, readout.offsetHeight, area.clientHeight)}px`;
}

function hintOf(curve) {
  if (curve === mean) return "";
  return curve === pinned?.curve ? "Click or Enter opens these images" : "Click to pin";
}

function describeMarker({ curve, at }) {
  const values = curve.values(at);
  const texts = [...readout.querySelectorAll("dl > div")].map((pair) => {
    const value = values[pair.lastElementChild.dataset.value];
    return value && `${pair.firstElementChild.textContent} ${value}`;
  });
  marker.ariaLabel = `Points of the curve of ${curve.name}`;
  marker.ariaValueMax = curve.points.length;
  marker.ariaValueNow = at + 1;
  marker.ariaValueText = texts.filter(Boolean).join(", ");
}

function showLabel(curve) {
  const end = curve?.points.at(-1);
  moveTo(part("label"), end);
  if (!end) return;
  part("label").textContent = curve.name;
  part("label").classList.toggle("leftwards", end.x > 0.7);
  part("label").classList.toggle("downwards", end.y < 0.1);
}

function markRow(name, row) {
  if (marked[name] === row) return;
  for (const [element, holds] of [[marked[name], false], [row, true]]) {
    element?.classList.toggle(name, holds);
    if (name === "pinned") element?.querySelector("[data-pin]").setAttribute("aria-pressed", holds);
  }
  marked[name] = row;
}

function update() {
  markRow("pinned", pinned?.curve.row);
  markRow("pointed", pointed?.curve.row);
  highlight(part("pinned"), pinned?.curve);
  highlight(part("pointed"), pointed?.curve === pinned?.curve ? undefined : pointed?.curve);
  showLabel(pinned?.curve);
  moveTo(marker, pinned && pinned.curve.points[pinned.at]);
  moveTo(part("point"), pointed?.curve.points[pointed.at]);
  if (pinned) describeMarker(pinned);
  if (pointed?.at !== undefined) showReadout(pointed);
  else showReadout(document.activeElement === marker ? pinned : undefined);
}

function pin(curve, at) {
  pinned = { curve, at };
  update();
  marker.focus(); // On a phone, this also scrolls from the table to the chart.
}

function unpin() {
  const { row } = pinned.curve;
  const focused = document.activeElement === marker;
  pinned = undefined;
  update();
  if (focused) row.querySelector("[data-pin]").focus();
}

// Hovering and clicking -----------------------------------------------------------------------

// The distance in pixels from (x, y) to the line through points in a box of this size.
function distanceTo(points, x, y, width, height) {
  let nearest = Infinity;
  for (let at = 0; at < points.length; at += 1) {
    const from = points[Math.max(at - 1, 0)];
    const [left, top] = [from.x * width, from.y * height];
    const [across, down] = [points[at].x * width - left, points[at].y * height - top];
    const share = ((x - left) * across + (y - top) * down) / (across ** 2 + down ** 2 || 1);
    const along = clamp(share, 0, 1);
    nearest = Math.min(nearest, Math.hypot(x - left - along * across, y - top - along * down));
  }
  return nearest;
}

function hitBy(event) {
  const { left, top, width, height } = area.getBoundingClientRect();
  const [x, y] = [event.clientX - left, event.clientY - top];
  let best = { distance: hitRadius };
  for (const curve of [...classes, mean]) {
    let distance = distanceTo(curve.points, x, y, width, height);
    if (curve === pinned?.curve) distance -= 4; // Preferred where curves overlap.
    if (distance < best.distance) best = { distance, curve };
  }
  if (!best.curve) return undefined;
  const away = best.curve.points.map((point) => Math.hypot(point.x * width - x, point.y * height - y));
  return { curve: best.curve, at: away.indexOf(Math.min(...away)) };
}

chart.addEventListener("pointermove", (event) => {
  pointed = hitBy(event);
  update();
});
chart.addEventListener("pointerleave", () => {
  pointed = undefined;
  update();
});
chart.addEventListener("click", (event) => {
  const hit = hitBy(event);
  if (hit && hit.curve === pinned?.curve) hit.curve.go(hit.at);
  else if (hit && hit.curve !== mean) pin(hit.curve, hit.at);
  else if (pinned) unpin();
});
addEventListener("resize", update);

// Rows and keys ------------------------------------------------------------------------

for (const curve of classes) {
  const { row, points } = curve;
  if (!row || !points.length) continue;
  const point = (at) => () => {
    pointed = at;
    update();
  };
  for (const type of ["pointerenter", "focusin"]) row.addEventListener(type, point({ curve }));
  for (const type of ["pointerleave", "focusout"]) row.addEventListener(type, point(undefined));
  row.addEventListener("click", (event) => {
    if (event.target.closest("a") || getSelection().type === "Range") return;
    if (pinned?.curve === curve) unpin();
    else pin(curve, points.length >> 1);
  });
}

marker.addEventListener("focus", update);
marker.addEventListener("blur", update);
marker.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return; // Alt and an arrow key go back.
  if (event.key === "Enter") pinned.curve.go(pinned.at);
  if (!(event.key in steps)) return;
  event.preventDefault();
  pinned.at = clamp(pinned.at + steps[event.key], 0, pinned.curve.points.length - 1);
  update();
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && pinned && !document.querySelector("dialog[open]")) unpin();
});
