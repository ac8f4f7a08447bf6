// A small curve says what is under the pointer: a threshold, and the rank down to which it selects.
// A click goes there. Its table tells the same without this script.

const section = document.querySelector("[data-instrument]");
const data = JSON.parse(section.querySelector("[data-instrument-data]").textContent);
// Where not every score is known here, a rank is that of the nearest one above.
const about = data.complete ? "" : "about ";

function goTo(threshold, rank) {
  const address = new URL(location.href);
  address.searchParams.set("from", Math.max(rank, 1));
  address.searchParams.delete("around");
  address.searchParams.set("threshold", threshold);
  location.assign(address);
}

for (const figure of section.querySelectorAll("[data-plot]")) {
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

  drawing.addEventListener("pointermove", (event) => {
    const [x, y, threshold, rank] = nearest(event);
    here.removeAttribute("hidden");
    here.setAttribute("transform", `translate(${x} 0)`);
    here.querySelector("circle").setAttribute("cy", y);
    said.textContent = `threshold ${threshold}, rank ${about}${rank.toLocaleString("en")}; click to go there`;
  });
  drawing.addEventListener("pointerleave", () => {
    here.setAttribute("hidden", "");
    said.textContent = "\u00a0";
  });
  drawing.addEventListener("click", (event) => {
    const [, , threshold, rank] = nearest(event);
    goTo(threshold, rank);
  });
}
