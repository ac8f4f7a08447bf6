// The box with the values of the lines at the place that is pointed at.

import { clamp, fraction } from "./numbers.js";

const gap = 16; // Pixels between the place and the box.

export function hideReadout(chart) {
  chart.querySelector("[data-readout]").hidden = true;
}

function nearestValues(readout, curve, at) {
  readout.querySelector("[data-nearest]").hidden = !curve;
  if (!curve) return;
  const values = curve.values(at);
  readout.querySelector("[data-name]").textContent = curve.name;
  readout.querySelector("[data-note]").textContent = curve.note;
  for (const element of readout.querySelectorAll("[data-value]")) {
    element.textContent = values[element.dataset.value];
    element.parentElement.hidden = values[element.dataset.value] === undefined;
  }
}

function otherLine({ slot, name, value }) {
  const item = document.createElement("li");
  const sample = document.querySelector(".line-sample").cloneNode(true);
  sample.setAttribute("class", `line-sample ${slot ? `pin-${slot}` : "mean"}`);
  const [label, number] = [document.createElement("span"), document.createElement("b")];
  label.textContent = name;
  number.textContent = fraction(value);
  item.append(sample, label, number);
  return item;
}

// Shows the values of a curve's point, if there is one, and those of other lines at the same place.
export function showReadout(chart, { curve, at, place, others, hint }) {
  const readout = chart.querySelector("[data-readout]");
  const area = readout.parentElement;
  const { xLabel, yLabel, xLow, xHigh, xLog } = chart.dataset;
  const x = xLog === undefined
    ? (Number(xLow) + place.x * (xHigh - xLow)).toFixed(3)
    : (xLow * (xHigh / xLow) ** place.x).toPrecision(3);
  readout.hidden = false;
  nearestValues(readout, curve, at);
  readout.querySelector("[data-at]").textContent = `${yLabel} at ${xLabel} ${x}`;
  readout.querySelector("[data-at]").hidden = !others.length;
  readout.querySelector("[data-others]").replaceChildren(...others.map(otherLine));
  readout.querySelector("[data-hint]").textContent = hint;
  // Beside the place, on the side where it fits.
  const beside = (from, size, room) => clamp(from + gap + size > room ? from - gap - size : from + gap, 0, Math.max(room - size, 0));
  readout.style.left = `${beside(place.x * area.clientWidth, readout.offsetWidth, area.clientWidth)}px`;
  readout.style.top = `${beside(place.y * area.clientHeight, readout.offsetHeight, area.clientHeight)}px`;
}
