// The chart of the curves of all classes. Hovering shows the values of the lines there and highlights
// the row of the nearest one, and vice versa. A click on a curve or its row pins it, up to four; a click
// on a pinned curve opens the images at that point. With the keyboard, Enter on a row's link pins its
// curve, arrow keys move along it, Enter opens its images and Escape unpins it. Pins are part of the URL.

import { distanceTo, heightAt, readCurves } from "./curve-data.js";
import { hideReadout, showReadout } from "./curve-readout.js";
import { hasModifier, pointSteps } from "./keys.js";
import { clamp, indexOfLeast } from "./numbers.js";
import { labelLines, linkPins } from "./pins.js";

const hitRadius = 28; // Pixels around the pointer.

let chart;
let area;
let mean;
let classes;
let markers;
let pins; // In each slot a curve and the index of one of its points, or undefined.
let pointed; // Any curve; without an index while its row is hovered over. Without a curve, a place.

const part = (name) => chart.querySelector(`[data-${name}]`);
const rowOf = (curve) => document.querySelector(`tr[data-curve="${curve?.index}"]`);
const slotOf = (curve) => pins.findIndex((pin) => pin?.curve === curve);
const placeOf = ({ curve, at }) => curve.points[at];

// The point nearest to the threshold of the page; the marker of a curve starts there.
function usualPoint({ points, threshold }) {
  return indexOfLeast(points.map((_, at) => Math.abs(threshold(at) - Number(chart.dataset.threshold))));
}

// Drawing ---------------------------------------------------------------------------------

function drawOver(group, curve) {
  group.toggleAttribute("hidden", !curve);
  if (!curve) return;
  for (const path of group.children) path.setAttribute("d", curve.line.getAttribute("d"));
}

function moveTo(element, place) {
  element.hidden = !place;
  if (!place) return;
  element.style.left = `${100 * place.x}%`;
  element.style.top = `${100 * place.y}%`;
}

function describe(marker, { curve, at }) {
  const values = curve.values(at);
  const texts = [...chart.querySelectorAll("[data-readout] dl > div")].map((pair) => {
    const value = values[pair.lastElementChild.dataset.value];
    return value && `${pair.firstElementChild.textContent} ${value}`;
  });
  marker.ariaLabel = `Points of the curve of ${curve.name}`;
  marker.ariaValueMax = curve.points.length;
  marker.ariaValueNow = at + 1;
  marker.ariaValueText = texts.filter(Boolean).join(", ");
}

function drawPins() {
  pins.forEach((pin, slot) => {
    drawOver(chart.querySelectorAll("[data-pinned]")[slot], pin?.curve);
    moveTo(markers[slot], pin && placeOf(pin));
    if (pin) describe(markers[slot], pin);
  });
}

function drawPointed() {
  const { curve, at } = pointed ?? {};
  document.querySelector("tr.pointed")?.classList.remove("pointed");
  rowOf(curve)?.classList.add("pointed");
  drawOver(part("pointed"), curve && slotOf(curve) < 0 && curve !== mean ? curve : undefined);
  moveTo(part("point"), at === undefined ? undefined : placeOf(pointed));
}

// The values at what is pointed at, or else at the focused marker.
function drawReadout() {
  const focused = pins[markers.indexOf(document.activeElement)];
  const spot = pointed && !(pointed.curve && pointed.at === undefined) ? pointed : focused;
  const place = spot && (spot.place ?? placeOf(spot));
  part("guide").toggleAttribute("hidden", !place);
  if (!place) {
    hideReadout(chart);
    return;
  }
  for (const side of ["x1", "x2"]) part("guide").setAttribute(side, `${100 * place.x}%`);
  const others = [{ curve: mean }, ...pins.map((pin, slot) => ({ curve: pin?.curve, slot: slot + 1 }))]
    .filter(({ curve }) => curve && curve !== spot.curve)
    .map(({ curve, slot }) => ({ slot, name: curve.name, value: heightAt(curve, place.x) }));
  const isPinned = slotOf(spot.curve) >= 0;
  const hint = !spot.curve || spot.curve === mean ? "" : isPinned ? "Click or Enter opens these images" : "Click to pin";
  showReadout(chart, { ...spot, place, others, hint });
}

function update() {
  drawPins();
  drawPointed();
  drawReadout();
}

// Pinning -----------------------------------------------------------------------------------

function pinsChanged() {
  part("status").textContent = "";
  const pinned = pins.map((pin) => pin?.curve);
  labelLines(part("labels"), classes, pinned);
  linkPins(pinned);
  update();
}

function pin(curve, at) {
  const slot = pins.indexOf(undefined);
  if (slot < 0) {
    part("status").textContent = "Four curves are pinned. Unpin one first.";
    return;
  }
  pins[slot] = { curve, at };
  pinsChanged();
  markers[slot].focus(); // On a phone, this also scrolls from the table to the chart.
}

function unpin(slot) {
  const row = rowOf(pins[slot].curve);
  const wasFocused = document.activeElement === markers[slot];
  pins[slot] = undefined;
  pinsChanged();
  if (wasFocused) row?.querySelector("[data-pin]").focus();
}

function toggle(curve) {
  const slot = slotOf(curve);
  if (slot < 0) pin(curve, usualPoint(curve));
  else unpin(slot);
}

function openImages({ curve, at }) {
  const url = new URL(curve.line.dataset.href, location.href);
  url.searchParams.set("from", Math.max(curve.rank(at), 1));
  url.searchParams.set("threshold", curve.threshold(at));
  location.assign(url);
}

// Hovering and clicking -----------------------------------------------------------------------

// The nearest visible curve and its nearest point, or only the place.
function hitBy(event) {
  const { left, top, width, height } = area.getBoundingClientRect();
  const [x, y] = [event.clientX - left, event.clientY - top];
  let best = { distance: hitRadius };
  for (const curve of [...classes, mean]) {
    const isPinned = slotOf(curve) >= 0;
    if (curve.line.hasAttribute("hidden") && !isPinned) continue;
    let distance = distanceTo(curve.points, x, y, width, height);
    if (isPinned) distance -= 4; // Preferred where curves overlap.
    if (distance < best.distance) best = { distance, curve };
  }
  const place = { x: clamp(x / width, 0, 1), y: clamp(y / height, 0, 1) };
  if (!best.curve) return { place };
  const away = best.curve.points.map((point) => Math.hypot(point.x * width - x, point.y * height - y));
  return { curve: best.curve, at: indexOfLeast(away) };
}

function click(event) {
  const hit = hitBy(event);
  const slot = slotOf(hit.curve);
  if (hit.curve && slot >= 0) openImages(hit);
  else if (hit.curve && hit.curve !== mean) pin(hit.curve, hit.at);
  else point(hit); // For touch, which does not hover.
}

function point(spot) {
  pointed = spot;
  drawPointed();
  drawReadout();
}

function onMarkerKey(event, slot) {
  if (hasModifier(event)) return;
  const { curve, at } = pins[slot];
  if (event.key === "Enter") openImages(pins[slot]);
  if (!(event.key in pointSteps)) return;
  event.preventDefault();
  pins[slot].at = clamp(at + pointSteps[event.key], 0, curve.points.length - 1);
  update();
}

function listenToRow(row) {
  const curve = classes.find(({ index }) => String(index) === row.dataset.curve);
  for (const type of ["pointerenter", "focusin"]) row.addEventListener(type, () => point({ curve }));
  for (const type of ["pointerleave", "focusout"]) row.addEventListener(type, () => point(undefined));
  row.addEventListener("click", (event) => {
    const link = event.target.closest("a");
    if (link ? !("pin" in link.dataset) || event.ctrlKey || event.metaKey : getSelection().type === "Range") return;
    event.preventDefault();
    toggle(curve);
  });
}

// Reads the chart and the table, which are replaced when the form changes.
function start() {
  chart = document.querySelector("[data-chart]");
  area = part("chart-area");
  markers = [...chart.querySelectorAll("[data-marker]")];
  ({ mean, classes } = readCurves(chart));
  pointed = undefined;
  pins = [...chart.querySelectorAll("[data-pinned]")].map((group) => {
    const curve = classes.find(({ index }) => String(index) === group.dataset.pinned);
    return curve && { curve, at: usualPoint(curve) };
  });
  chart.addEventListener("pointermove", (event) => point(hitBy(event)));
  chart.addEventListener("pointerleave", (event) => event.pointerType === "mouse" && point(undefined));
  chart.addEventListener("click", click);
  markers.forEach((marker, slot) => {
    marker.addEventListener("focus", drawReadout);
    marker.addEventListener("blur", drawReadout);
    marker.addEventListener("keydown", (event) => onMarkerKey(event, slot));
  });
  document.querySelectorAll("tr[data-curve]").forEach(listenToRow);
  update();
}

start();
document.addEventListener("partshown", start);
addEventListener("resize", () => update());
document.addEventListener("pointerdown", (event) => {
  if (event.pointerType !== "mouse" && !chart.contains(event.target)) point(undefined);
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || document.querySelector("dialog[open]")) return;
  const focused = markers.indexOf(document.activeElement);
  const slot = focused >= 0 ? focused : pins.findLastIndex(Boolean);
  if (slot >= 0) unpin(slot);
});
