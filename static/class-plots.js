// The plots of a class. Each shows the threshold, and the values of the point under the pointer or
// reached with arrow keys; a click or Enter opens the ranking there, for touch the second tap. Without
// this script, the plot's table has the values. Whether the plots are open is part of the URL and of the
// links to other classes.

import { hasModifier, pointSteps } from "./keys.js";
import { clamp, count, indexOfLeast } from "./numbers.js";
import { countsAt, data, pointAbove } from "./operating-points.js";
import { openRank } from "./strip.js";

const curves = document.querySelector("[data-curves]");

const openRanking = ({ threshold, rank }) => openRank(Math.max(rank, 1), threshold);

function withCurves(url) {
  if (curves.open) url.searchParams.set("curves", "open");
  else url.searchParams.delete("curves");
  return url;
}

curves.addEventListener("toggle", () => {
  history.replaceState(history.state, "", withCurves(new URL(location.href)));
  for (const link of document.querySelectorAll('main a[href*="/classes/"]')) {
    link.href = withCurves(new URL(link.href));
  }
  for (const input of document.querySelectorAll("input[name=curves]")) input.disabled = !curves.open;
});

// The mark of the threshold ---------------------------------------------------------------

// The place of a threshold as on the server: on the precision-recall curve, or at the top of the axis.
function placeOf(threshold, { low, high, left, right, top, bottom }) {
  const between = (from, to, share) => Number(from) + share * (to - from);
  if (low !== undefined) {
    return threshold >= low ? [between(left, right, (threshold - low) / (high - low)), top] : undefined;
  }
  const { present, absent } = countsAt(pointAbove(threshold));
  if (!(present + absent)) return undefined;
  return [between(left, right, present / data.present), between(bottom, top, present / (present + absent))];
}

document.addEventListener("thresholdchange", ({ detail: threshold }) => {
  for (const mark of curves.querySelectorAll("[data-plot-threshold]")) {
    const place = placeOf(threshold, mark.dataset);
    mark.toggleAttribute("hidden", !place);
    if (place) mark.setAttribute("transform", `translate(${place.join(" ")})`);
  }
});

// The points ------------------------------------------------------------------------------

function nearest(points, drawing, event) {
  const box = drawing.getBoundingClientRect();
  const scale = drawing.viewBox.baseVal.width / box.width;
  const [x, y] = [(event.clientX - box.left) * scale, (event.clientY - box.top) * scale];
  return indexOfLeast(points.map((point) => Math.hypot(point.x - x, (point.y - y) / 4)));
}

function listenTo(figure) {
  const points = data.plots[figure.dataset.plot].map(([x, y, threshold, rank, text]) => ({ x, y, threshold, rank, text }));
  const drawing = figure.querySelector("svg");
  const here = figure.querySelector("[data-here]");
  const readout = figure.querySelector("[data-readout]");
  const note = readout.textContent;
  let at; // The point whose values are shown, which is the one that a click opens.
  let isTouched = false;

  function show(index) {
    at = index;
    here.toggleAttribute("hidden", at === undefined);
    readout.textContent = note;
    if (at === undefined) return;
    const { x, y, threshold, rank, text } = points[at];
    here.setAttribute("transform", `translate(${x} 0)`);
    here.querySelector("circle").setAttribute("cy", y);
    readout.textContent = `${text}\nrank ${count(rank)}, threshold ${threshold}`;
    drawing.setAttribute("aria-valuenow", at + 1);
    drawing.setAttribute("aria-valuetext", readout.textContent);
  }

  drawing.setAttribute("role", "slider");
  drawing.setAttribute("tabindex", 0);
  drawing.setAttribute("aria-label", `Points: ${drawing.getAttribute("aria-label")}`);
  drawing.setAttribute("aria-description", "Arrow keys move along the points, Enter opens the ranking there");
  for (const [name, value] of [["min", 1], ["max", points.length], ["now", 1]]) drawing.setAttribute(`aria-value${name}`, value);

  drawing.addEventListener("pointerdown", (event) => {
    isTouched = event.pointerType !== "mouse";
  });
  drawing.addEventListener("pointermove", (event) => {
    if (event.pointerType === "mouse") show(nearest(points, drawing, event));
  });
  drawing.addEventListener("pointerleave", (event) => {
    if (event.pointerType === "mouse") show(undefined);
  });
  drawing.addEventListener("click", (event) => {
    const index = nearest(points, drawing, event);
    if (isTouched && at !== index) show(index);
    else openRanking(points[index]);
  });
  drawing.addEventListener("focus", () => {
    if (drawing.matches(":focus-visible")) show(at ?? 0);
  });
  drawing.addEventListener("blur", () => show(undefined));
  drawing.addEventListener("keydown", (event) => {
    if (hasModifier(event)) return;
    if (event.key === "Enter" && at !== undefined) openRanking(points[at]);
    if (!(event.key in pointSteps)) return;
    event.preventDefault();
    show(clamp((at ?? 0) + pointSteps[event.key], 0, points.length - 1));
  });
}

curves.querySelectorAll("[data-plot]").forEach(listenTo);
