// The plots of a class. Each shows the threshold, rank and score under the pointer, and a click opens
// the ranking there. Without this script, the plot's table has the values. Whether the plots are open
// is part of the URL and of the links to other classes.

import { count } from "./numbers.js";
import { data, pointOfRank } from "./operating-points.js";

const curves = document.querySelector("[data-curves]");
// If the page has only a subset of the scores, the score is that of the nearest point above.
const about = data.complete ? "" : "about ";

// The score at a rank, as text.
function scoreOf(rank) {
  const score = data.score[pointOfRank(rank)];
  return rank && score !== undefined ? score.toPrecision(4) : "–";
}

function openRanking(threshold, rank) {
  const url = new URL(location.href);
  url.searchParams.set("from", Math.max(rank, 1));
  url.searchParams.delete("around");
  url.searchParams.set("threshold", threshold);
  location.assign(url);
}

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

for (const figure of curves.querySelectorAll("[data-plot]")) {
  const points = data.plots[figure.dataset.plot]; // [x, y, threshold, rank]
  const drawing = figure.querySelector("svg");
  const here = figure.querySelector("[data-here]");
  const readout = figure.querySelector("[data-readout]");

  const nearest = (event) => {
    const box = drawing.getBoundingClientRect();
    const scale = drawing.viewBox.baseVal.width / box.width;
    const [x, y] = [(event.clientX - box.left) * scale, (event.clientY - box.top) * scale];
    const distance = (point) => Math.hypot(point[0] - x, (point[1] - y) / 4);
    return points.reduce((best, point) => (distance(point) < distance(best) ? point : best));
  };

  let shown; // The point whose values are shown, which is the one that a click opens.

  drawing.addEventListener("pointermove", (event) => {
    shown = nearest(event);
    const [x, y, threshold, rank] = shown;
    here.removeAttribute("hidden");
    here.setAttribute("transform", `translate(${x} 0)`);
    here.querySelector("circle").setAttribute("cy", y);
    readout.textContent =
      `rank ${count(rank)}, score ${about}${scoreOf(rank)}, ` +
      `threshold ${threshold}; click to open`;
  });
  drawing.addEventListener("pointerleave", () => {
    shown = undefined;
    here.setAttribute("hidden", "");
    readout.textContent = "\u00a0";
  });
  drawing.addEventListener("click", (event) => {
    const [, , threshold, rank] = shown ?? nearest(event);
    openRanking(threshold, rank);
  });
}
