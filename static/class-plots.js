// The plots of a class: each tells the threshold, rank and score under the pointer, and a click
// opens the ranking there. Without this script, the table of a plot tells the same. Whether the plots
// are shown is part of the address, and so of the links to other classes.

import { count } from "./numbers.js";

const curves = document.querySelector("[data-curves]");
const data = JSON.parse(document.querySelector("[data-instrument-data]").textContent);
// Where not every score is known here, a rank is that of the nearest one above.
const about = data.complete ? "" : "about ";

// The score of the image at a rank, of those that are here.
function scoreOf(rank) {
  const at = data.count.findIndex((above, index) => above + data.ignored[index] >= rank);
  return rank && at >= 0 ? data.score[at].toPrecision(4) : "–";
}

function goTo(threshold, rank) {
  const address = new URL(location.href);
  address.searchParams.set("from", Math.max(rank, 1));
  address.searchParams.delete("around");
  address.searchParams.set("threshold", threshold);
  location.assign(address);
}

function showOpenness(address) {
  if (curves.open) address.searchParams.set("curves", "open");
  else address.searchParams.delete("curves");
  return address;
}

curves.addEventListener("toggle", () => {
  history.replaceState(history.state, "", showOpenness(new URL(location.href)));
  for (const link of document.querySelectorAll('main a[href*="/classes/"]')) {
    link.href = showOpenness(new URL(link.href));
  }
  for (const input of document.querySelectorAll("input[name=curves]")) input.disabled = !curves.open;
});

for (const figure of curves.querySelectorAll("[data-plot]")) {
  const points = data.plots[figure.dataset.plot]; // [x, y, threshold, rank]
  const drawing = figure.querySelector("svg");
  const here = figure.querySelector("[data-here]");
  const said = figure.querySelector("[data-readout]");

  const nearest = (event) => {
    const box = drawing.getBoundingClientRect();
    const scale = drawing.viewBox.baseVal.width / box.width;
    const [x, y] = [(event.clientX - box.left) * scale, (event.clientY - box.top) * scale];
    const distance = (point) => Math.hypot(point[0] - x, (point[1] - y) / 4);
    return points.reduce((best, point) => (distance(point) < distance(best) ? point : best));
  };

  let told; // The point that is being told of: a click goes to that one, wherever it is rounded to.

  drawing.addEventListener("pointermove", (event) => {
    told = nearest(event);
    const [x, y, threshold, rank] = told;
    here.removeAttribute("hidden");
    here.setAttribute("transform", `translate(${x} 0)`);
    here.querySelector("circle").setAttribute("cy", y);
    said.textContent =
      `rank ${about}${count(rank)}, score ${about}${scoreOf(rank)}, ` +
      `threshold ${threshold}; click to go there`;
  });
  drawing.addEventListener("pointerleave", () => {
    told = undefined;
    here.setAttribute("hidden", "");
    said.textContent = "\u00a0";
  });
  drawing.addEventListener("click", (event) => {
    const [, , threshold, rank] = told ?? nearest(event);
    goTo(threshold, rank);
  });
}
